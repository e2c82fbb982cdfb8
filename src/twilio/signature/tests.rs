//! Published vectors, and a reference implementation to compare with.

mod corpus;

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;

const TOKEN: &str = "12345";
const FORM: &[u8] = b"application/x-www-form-urlencoded; charset=UTF-8";
const JSON: &[u8] = b"application/json";

/// A request to be changed and checked.
struct Case {
    url: &'static str,
    post: bool,
    target: String,
    content_type: Option<&'static [u8]>,
    body: Vec<u8>,
    signature: String,
    tokens: Tokens,
}

impl Case {
    /// A POST of a form, rightly signed over the public address and the target.
    fn form(url: &'static str, target: &str, fields: &[(&str, &str)]) -> Self {
        let fields = owned(fields);
        Self {
            url,
            post: true,
            target: target.to_owned(),
            content_type: Some(FORM),
            body: encode(&fields),
            signature: sign(TOKEN, &format!("{url}{target}"), &fields),
            tokens: Tokens::new(Some(TOKEN), None, []),
        }
    }

    fn verify(&self) -> Result<Verified, Refusal> {
        self.verify_as(|_| {})
    }

    fn verify_as<'a>(
        &'a self,
        change: impl FnOnce(&mut SignedRequest<'a>),
    ) -> Result<Verified, Refusal> {
        let mut request = SignedRequest {
            post: self.post,
            target: self.target.as_bytes(),
            content_type: self.content_type,
            body: &self.body,
            signature: Some(self.signature.as_bytes()),
            settings: None,
        };
        change(&mut request);
        let form = request.form().unwrap();
        verify(
            &request,
            &form,
            &SignedText::of(&request, &form),
            &self.tokens,
            &PublicUrl::parse(self.url).unwrap(),
        )
    }
}

fn owned(fields: &[(&str, &str)]) -> Vec<(String, String)> {
    fields
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

fn encode(fields: &[(String, String)]) -> Vec<u8> {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish()
        .into_bytes()
}

/// The documented algorithm, as slowly and plainly as it is told.
fn reference(token: &str, url: &str, fields: &[(String, String)]) -> String {
    use hmac::KeyInit;
    let mut values: BTreeMap<&[u8], BTreeSet<&[u8]>> = BTreeMap::new();
    for (name, value) in fields {
        values
            .entry(name.as_bytes())
            .or_default()
            .insert(value.as_bytes());
    }
    let mut signed = url.as_bytes().to_vec();
    for (name, values) in values {
        for value in values {
            signed.extend_from_slice(name);
            signed.extend_from_slice(value);
        }
    }
    let mac = hmac::Hmac::<sha1::Sha1>::new_from_slice(token.as_bytes())
        .unwrap()
        .chain_update(signed);
    STANDARD.encode(mac.finalize().into_bytes())
}

fn verified(spelling: Spelling) -> Result<Verified, Refusal> {
    Ok(Verified {
        whose: Whose::Main,
        spelling,
    })
}

#[test]
fn the_published_vectors_come_out() {
    let vectors = [
        (
            "https://example.com",
            "+14158675310",
            "L/OH5YylLD5NRKLltdqwSvS0BnU=",
        ),
        (
            "https://mycompany.com",
            "+14158675310",
            "GvWf1cFY/Q7PnoempGyD5oXAezc=",
        ),
        (
            "https://mycompany.com",
            "+12349013030",
            "0/KCTR6DLpKmkAf8muzZqo1nDgQ=",
        ),
    ];
    for (url, number, signature) in vectors {
        let fields = [
            ("CallSid", "CA1234567890ABCDE"),
            ("Digits", "1234"),
            ("To", "+18005551212"),
            ("From", number),
            ("Caller", number),
        ];
        let case = Case::form(url, "/myapp.php?foo=1&bar=2", &fields);
        assert_eq!(case.signature, signature);
        assert_eq!(case.verify(), verified(Spelling::AsGiven));
    }
}

#[test]
fn anything_changed_is_refused() {
    let right = || {
        Case::form(
            "https://h",
            "/voice/main?a=1",
            &[("CallSid", "CA1"), ("Digits", "1")],
        )
    };
    assert_eq!(right().verify(), verified(Spelling::AsGiven));
    let wrong = [
        Case {
            target: "/voice/other?a=1".into(),
            ..right()
        },
        Case {
            target: "/voice/main?a=2".into(),
            ..right()
        },
        Case {
            target: "/voice/main".into(),
            ..right()
        },
        Case {
            body: b"CallSid=CA1&Digits=2".to_vec(),
            ..right()
        },
        Case {
            body: b"CallSid=CA1&Digits=1&X=".to_vec(),
            ..right()
        },
        Case {
            body: Vec::new(),
            ..right()
        },
        Case {
            post: false,
            ..right()
        },
        Case {
            url: "http://h",
            ..right()
        },
        Case {
            url: "https://h/",
            target: "/voice/main/?a=1".into(),
            ..right()
        },
        Case {
            tokens: Tokens::new(Some("12346"), None, []),
            ..right()
        },
    ];
    for case in wrong {
        assert_eq!(case.verify(), Err(Refusal::Mismatch));
    }
}

#[test]
fn what_is_no_signature_is_told_apart() {
    let case = Case::form("https://h", "/", &[("A", "1")]);
    assert_eq!(
        case.verify_as(|request| request.signature = None),
        Err(Refusal::Missing)
    );
    for text in [
        "",
        "x",
        "NOTRSOYDt4T1cUTdK1PDd93/VVr8B8=",
        "L/OH5YylLD5NRKLltdqwSvS0BnU",
        "L_OH5YylLD5NRKLltdqwSvS0BnU=",
    ] {
        let refused = case.verify_as(|request| request.signature = Some(text.as_bytes()));
        assert_eq!(refused, Err(Refusal::Malformed), "{text}");
    }
}

#[test]
fn a_shared_key_signs_by_the_name_that_comes_along() {
    use hmac::KeyInit;
    let right = || Case::form("https://h", "/v?a=1", &[("B", "2"), ("A", "1")]);
    let mut case = right();
    let mut mac = hmac::Hmac::<Sha256>::new_from_slice(b"its secret").unwrap();
    let mut fields: Vec<_> = form_urlencoded::parse(&case.body).into_owned().collect();
    fields.sort();
    mac.update(format!("{}{}", case.url, case.target).as_bytes());
    for (name, value) in &fields {
        mac.update(format!("{name}{value}").as_bytes());
    }
    case.signature = STANDARD.encode(mac.finalize().into_bytes());
    case.tokens = Tokens::new(Some(TOKEN), None, [])
        .sharing([("webhooks_key_1", "its secret"), ("blank", " ")]);
    let with =
        |settings: &'static [u8]| case.verify_as(|request| request.settings = Some(settings));
    let fits = with(b"key=webhooks_key_1,algorithm=HMAC_SHA256").map(|verified| verified.whose);
    assert_eq!(fits, Ok(Whose::Shared));
    assert_eq!(
        with(b" Algorithm=hmac_sha256 , KEY=WEBHOOKS_KEY_1 ").map(|verified| verified.whose),
        Ok(Whose::Shared)
    );
    for unknown in [
        &b"key=other,algorithm=HMAC_SHA256"[..],
        b"algorithm=HMAC_SHA256",
        b"key=blank,algorithm=HMAC_SHA256",
    ] {
        assert_eq!(with(unknown), Err(Refusal::Key), "{unknown:?}");
    }
    assert_eq!(
        with(b"key=webhooks_key_1,algorithm=HMAC_SHA1"),
        Err(Refusal::Malformed),
        "of the length of another"
    );
    case.signature = right().signature;
    let with =
        |settings: &'static [u8]| case.verify_as(|request| request.settings = Some(settings));
    assert_eq!(
        with(b"key=webhooks_key_1,algorithm=HMAC_SHA256"),
        Err(Refusal::Malformed)
    );
    assert_eq!(
        with(b"algorithm=HMAC_SHA1").map(|verified| verified.whose),
        Ok(Whose::Main)
    );
    case.tokens = Tokens::new(None, None, []).sharing([("webhooks_key_1", "another secret")]);
    assert!(!case.tokens.is_empty(), "everything is signed");
}

#[test]
fn another_algorithm_is_refused_and_settings_without_one_mean_the_classic_way() {
    let case = Case::form("https://h", "/", &[]);
    let with =
        |settings: &'static [u8]| case.verify_as(|request| request.settings = Some(settings));
    assert_eq!(with(b"key=1,algorithm=HMAC_SHA256"), Err(Refusal::Key));
    assert_eq!(with(b"key=1, Algorithm=none"), Err(Refusal::Algorithm));
    assert_eq!(with(b"key=1"), verified(Spelling::AsGiven));
}

#[test]
fn the_port_may_be_signed_or_not() {
    let signed_over = |signed: &str, url: &'static str| {
        let signature = sign(TOKEN, &format!("{signed}/v"), &[]);
        Case {
            signature,
            ..Case::form(url, "/v", &[])
        }
        .verify()
    };
    assert_eq!(
        signed_over("https://h", "https://h"),
        verified(Spelling::AsGiven)
    );
    assert_eq!(
        signed_over("https://h:443", "https://h"),
        verified(Spelling::PortAdded)
    );
    assert_eq!(
        signed_over("http://h:80", "http://h"),
        verified(Spelling::PortAdded)
    );
    assert_eq!(
        signed_over("https://h", "https://h:8443"),
        verified(Spelling::PortRemoved)
    );
    assert_eq!(
        signed_over("https://h:8443", "https://h:8443"),
        verified(Spelling::AsGiven)
    );
    assert_eq!(
        signed_over("https://u:p@h", "https://u:p@h"),
        verified(Spelling::WithUser)
    );
    for signed in ["https://h:80", "https://h:443", "http://h:8443"] {
        assert_eq!(
            signed_over(signed, "https://h:8443"),
            Err(Refusal::Mismatch),
            "{signed}"
        );
    }
}

#[test]
fn a_path_of_the_public_address_is_signed_before_the_one_that_we_see() {
    let mut case = Case::form("https://h/ivr", "/voice/main", &[("A", "1")]);
    assert_eq!(case.verify(), verified(Spelling::AsGiven));
    case.url = "https://h/ivr/";
    assert_eq!(case.verify(), verified(Spelling::AsGiven));
    case.url = "https://h";
    assert_eq!(case.verify(), Err(Refusal::Mismatch));
}

#[test]
fn the_query_is_taken_byte_for_byte() {
    for target in [
        "/v?b=2&a=1",
        "/v?q=O'Neil+x%20y",
        "/v?q=O%27Neil",
        "/v?",
        "/v?a&&b==",
        "/%7Ev/~1?@:%40",
    ] {
        assert_eq!(
            Case::form("https://h", target, &[]).verify(),
            verified(Spelling::AsGiven),
            "{target}"
        );
    }
}

#[test]
fn a_get_signs_its_url_alone() {
    let target = "/voice/main?x=1&CallSid=CA1&From=%2B1555";
    let mut case = Case::form("https://h", target, &[]);
    (case.post, case.content_type) = (false, None);
    assert_eq!(case.verify(), verified(Spelling::AsGiven));
    case.body = b"Digits=1".to_vec();
    case.content_type = Some(FORM);
    assert_eq!(case.verify(), verified(Spelling::AsGiven));
    let form = case.verify_as(|request| assert!(request.form().unwrap().get("Digits").is_none()));
    assert!(form.is_ok());
}

#[test]
fn names_are_sorted_and_not_what_they_make_with_their_values() {
    let case = Case::form(
        "https://h",
        "/",
        &[("ReasonConferenceEnded", "test"), ("Reason", "Participant")],
    );
    let by_hand = sign(
        TOKEN,
        "https://h/ReasonParticipantReasonConferenceEndedtest",
        &[],
    );
    assert_eq!(case.signature, by_hand);
    assert_eq!(case.verify(), verified(Spelling::AsGiven));
}

#[test]
fn repeated_values_are_sorted_and_told_once() {
    let fields = [
        ("Sid", "CA123"),
        ("SidAccount", "AC123"),
        ("Digits", "5678"),
        ("Digits", "1234"),
        ("Digits", "1234"),
    ];
    let case = Case::form("https://mycompany.com", "/myapp.php?foo=1&bar=2", &fields);
    assert_eq!(case.signature, "IK+Dwps556ElfBT0I3Rgjkr1wJU=");
    assert_eq!(case.verify(), verified(Spelling::AsGiven));
}

#[test]
fn empty_fields_and_white_space_count() {
    let case = Case::form(
        "https://h",
        "/",
        &[("FromCity", ""), ("Name", " a  b "), ("Über", "ü+&=%")],
    );
    assert_eq!(case.verify(), verified(Spelling::AsGiven));
    assert_eq!(
        case.signature,
        reference(
            TOKEN,
            "https://h/",
            &owned(&[("FromCity", ""), ("Name", " a  b "), ("Über", "ü+&=%")])
        )
    );
}

#[test]
fn a_body_that_is_no_form_needs_its_hash_in_the_url() {
    let body = br#"{"property": "value", "boolean": true}"#;
    let target = format!("/myapp.php?foo=1&bar=2&bodySHA256={}", body_sha256(body));
    let mut case = Case::form("https://mycompany.com", &target, &[]);
    (case.content_type, case.body) = (Some(JSON), body.to_vec());
    assert_eq!(case.signature, "a9nBmqA0ju/hNViExpshrM61xv4=");
    assert_eq!(case.verify(), verified(Spelling::AsGiven));
    case.body.push(b'\n');
    assert_eq!(case.verify(), Err(Refusal::BodyDiffers));
    let mut bare = Case::form("https://h", "/", &[]);
    for kind in [
        Some(JSON),
        Some(b"text/plain".as_slice()),
        Some(b"multipart/form-data; boundary=x"),
    ] {
        bare.content_type = kind;
        assert_eq!(bare.verify(), Err(Refusal::BodyUnsigned));
    }
    bare.content_type = None;
    assert_eq!(bare.verify(), verified(Spelling::AsGiven));
    bare.body = b"Digits=1".to_vec();
    assert_eq!(bare.verify(), Err(Refusal::BodyUnsigned));
}

#[test]
fn the_old_token_is_taken_while_it_is_being_changed() {
    let mut case = Case::form("https://h", "/", &[("A", "1")]);
    case.tokens = Tokens::new(Some("new"), Some(TOKEN), []);
    assert_eq!(
        case.verify(),
        Ok(Verified {
            whose: Whose::Old,
            spelling: Spelling::AsGiven
        })
    );
    case.tokens = Tokens::new(None, None, []);
    assert_eq!(case.verify(), Err(Refusal::NoToken));
}

#[test]
fn a_subaccount_signs_with_its_own_token_and_no_other() {
    let mut case = Case::form("https://h", "/", &[("AccountSid", "ACabc")]);
    case.tokens = Tokens::new(Some("main"), Some("old"), [("acABC", TOKEN)]);
    assert_eq!(
        case.verify(),
        Ok(Verified {
            whose: Whose::Subaccount,
            spelling: Spelling::AsGiven
        })
    );
    case.tokens = Tokens::new(Some(TOKEN), Some(TOKEN), [("ACabc", "its own")]);
    assert_eq!(case.verify(), Err(Refusal::Mismatch));
    case.tokens = Tokens::new(Some("main"), None, [("ACother", TOKEN)]);
    assert_eq!(case.verify(), Err(Refusal::Mismatch));
    case.tokens = Tokens::new(None, None, [("ACother", TOKEN)]);
    assert_eq!(case.verify(), Err(Refusal::NoToken));
}

proptest! {
    #[test]
    fn any_form_is_signed_as_the_reference_signs_it(
        fields in proptest::collection::vec(("[A-C]{0,2}|\\PC{0,6}", "[0-1]{0,2}|\\PC{0,8}"), 0..30),
        token in "\\PC{1,80}",
        target in "/[a-z~%+'&=?]{0,20}",
    ) {
        let signature = reference(&token, &format!("https://h{target}"), &fields);
        prop_assert_eq!(&sign(&token, &format!("https://h{target}"), &fields), &signature);
        let blank = token.trim().is_empty();
        let case = Case {
            url: "https://h",
            post: true,
            target,
            content_type: Some(FORM),
            body: encode(&fields),
            signature,
            tokens: Tokens::new(Some(&token), None, []),
        };
        let expected = if blank { Err(Refusal::NoToken) } else { verified(Spelling::AsGiven) };
        prop_assert_eq!(case.verify(), expected);
    }
}
