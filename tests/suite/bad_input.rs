//! What no carrier sends: each gets its status or calm words, none moves the call, and the node lives.

use serde_json::json;

use super::backend::Backend;
use super::caller::{Caller, FORM, Reply, encode, read, words};
use super::figures::{Figures, get};
use super::flows::{DESK, ORDER};
use super::folder::Folder;
use super::server::{Plan, Server};
use super::wire;

/// The start of every apology in English.
const CALM: &str = "We are sorry";
/// What the caller enters; longer than any number that a log line has of its own.
const PIN: &str = "8341834183#";
/// What bad input would enter.
const SPOILED: &str = "7777777777";

/// A call under way that bad input is thrown at.
struct Target {
    backend: Backend,
    server: Server,
    caller: Caller,
    _folder: Folder,
}

impl Target {
    /// A call that is asked for its PIN.
    async fn new() -> Self {
        let folder = Folder::of(&[("order.toml", ORDER), ("desk.toml", DESK)]);
        let backend = Backend::start().await;
        let plan = Plan::default()
            .flows(folder.path())
            .set("LOG__LEVEL", "debug");
        let plan = plan.pickups(&backend);
        let server = plan.start();
        let mut caller = Caller::new(&server);
        caller.call("/voice/order").await;
        assert!(words(&caller.press("1").await).contains("PIN"));
        Self {
            backend,
            server,
            caller,
            _folder: folder,
        }
    }

    /// Sends a signed form to a path.
    async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Reply {
        self.caller
            .post_to(&self.server.url(""), path, fields)
            .await
            .expect("the node answers")
    }

    /// Sends a form with exactly these fields, signed.
    async fn post_only(&self, path: &str, fields: &[(&str, &str)]) -> Reply {
        let form: Vec<_> = fields
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let signature = self.caller.sign(path, &form);
        self.caller
            .send(&self.server.url(""), path, &form, Some(&signature))
            .await
            .expect("the node answers")
    }

    /// Sends a body as it stands, signed over these fields.
    async fn post_body(&self, path: &str, body: Vec<u8>, fields: &[(&str, &str)]) -> Reply {
        let form: Vec<_> = fields
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let signature = self.caller.sign(path, &form);
        let sent = self
            .caller
            .raw(path, FORM, body)
            .header("x-twilio-signature", signature)
            .send()
            .await;
        read(sent.expect("the node answers"))
            .await
            .expect("it answers whole")
    }

    /// The URL of the turn that the call waits for.
    fn turn(&self) -> String {
        self.caller
            .action
            .split('#')
            .next()
            .expect("there is a first part")
            .to_owned()
    }

    /// The call goes on as if nothing had happened, to its one full submission.
    async fn goes_on(mut self) {
        assert_eq!(get(&self.server, "/healthz").await.status(), 200);
        assert!(
            words(&self.caller.press(PIN).await).contains("To send it"),
            "{}",
            self.caller.last
        );
        assert!(words(&self.caller.press("1").await).contains("Goodbye"));
        let received = self.backend.wait_for(1).await;
        assert_eq!(received.len(), 1);
        assert_eq!(
            received[0].body["data"]["answers"],
            json!({ "size": "small", "pin": PIN.trim_end_matches('#') })
        );
        let log = self.server.log();
        assert!(!log.contains("panicked"), "{log}");
        assert!(
            !log.contains("83418341") && !log.contains(SPOILED),
            "a secret stands in the log: {log}"
        );
    }
}

#[tokio::test]
async fn a_body_that_is_no_form_is_refused() {
    let target = Target::new().await;
    let sid = target.caller.sid.clone();
    let body = json!({ "CallSid": sid, "Digits": SPOILED }).to_string();
    let json = "application/json";
    let signature = target.caller.sign(&target.turn(), &[]);
    let request = target.caller.raw(&target.turn(), json, body.clone());
    let reply = read(
        request
            .header("x-twilio-signature", signature)
            .send()
            .await
            .expect("it answers"),
    )
    .await;
    assert_eq!(reply.expect("it answers whole").status, 403);
    let hashed = format!(
        "{}?bodySHA256={}",
        target.turn(),
        hookswitch::twilio::signature::body_sha256(body.as_bytes())
    );
    let signature = target.caller.sign(&hashed, &[]);
    let request = target.caller.raw(&hashed, json, body);
    let reply = read(
        request
            .header("x-twilio-signature", signature)
            .send()
            .await
            .expect("it answers"),
    )
    .await;
    assert_eq!(
        reply.expect("it answers whole").status,
        400,
        "signed, and it names no call"
    );
    target.goes_on().await;
}

#[tokio::test]
async fn a_body_over_64_kb_is_too_large() {
    let target = Target::new().await;
    let fits = target
        .post(
            &target.turn().replace("order", "desk"),
            &[("Padding", &"x".repeat(60_000))],
        )
        .await;
    assert_eq!(fits.status, 200);
    let reply = target
        .post(
            &target.turn(),
            &[("Digits", SPOILED), ("Padding", &"x".repeat(64 * 1024))],
        )
        .await;
    assert_eq!(reply.status, 413);
    target.goes_on().await;
}

#[tokio::test]
async fn a_wrong_signature_is_refused_and_so_is_none() {
    let target = Target::new().await;
    let form = target.caller.form(&[("Digits", SPOILED)]);
    let right = target.caller.sign(&target.turn(), &form);
    let other_path = target.caller.sign("/voice/order/~9", &form);
    let other_fields = target.caller.sign(&target.turn(), &form[1..]);
    for signature in [
        None,
        Some(""),
        Some("AAAA"),
        Some("ä"),
        Some(&*other_path),
        Some(&*other_fields),
    ] {
        for path in [
            target.turn(),
            "/status".into(),
            "/fallback".into(),
            "/voice".into(),
        ] {
            let reply = target
                .caller
                .send(&target.server.url(""), &path, &form, signature)
                .await;
            assert_eq!(
                reply.expect("it answers").status,
                403,
                "{path} {signature:?}"
            );
        }
    }
    let figures = Figures::of(&target.server).await;
    assert_eq!(figures.get("refused_total{reason=\"missing\"}"), 4);
    assert_eq!(figures.get("refused_total{reason=\"malformed\"}"), 12);
    assert_eq!(figures.get("refused_total{reason=\"mismatch\"}"), 8);
    let reply = target
        .caller
        .send(&target.server.url(""), &target.turn(), &form, Some(&right))
        .await;
    assert!(
        words(&reply.expect("it answers").body).contains("To send it"),
        "the right one is served"
    );
}

#[tokio::test]
async fn a_request_without_a_call_is_refused() {
    let target = Target::new().await;
    for fields in [
        &[][..],
        &[("CallSid", "")],
        &[("callsid", "CA1")],
        &[("Digits", "1")],
    ] {
        for path in ["/voice/order/~2", "/voice/order", "/status", "/fallback"] {
            assert_eq!(
                target.post_only(path, fields).await.status,
                400,
                "{path} {fields:?}"
            );
        }
    }
    target.goes_on().await;
}

#[tokio::test]
async fn a_call_s_name_that_cannot_be_is_refused() {
    let target = Target::new().await;
    let long = "C".repeat(60_000);
    for sid in [
        &*long,
        "CA 1",
        "CA/1",
        "CA1\n",
        "CA1\0",
        "é",
        "{{1}}",
        &"C".repeat(65),
    ] {
        assert_eq!(
            target
                .post_only("/voice/order/~2", &[("CallSid", sid)])
                .await
                .status,
            400,
            "{}",
            sid.len()
        );
    }
    assert_eq!(
        target
            .post_only("/voice/order/~2", &[("CallSid", &"C".repeat(1 << 20))])
            .await
            .status,
        413
    );
    target.goes_on().await;
}

#[tokio::test]
async fn an_unknown_flow_is_answered_with_calm_words() {
    let target = Target::new().await;
    let stranger = Caller::new(&target.server);
    for path in [
        "/voice/nowhere",
        "/voice/nowhere/~3",
        "/voice/order%00",
        "/voice/ORDER",
        "/voice/a/b/c",
    ] {
        let reply = stranger
            .post_to(&target.server.url(""), path, &[("CallStatus", "ringing")])
            .await;
        let reply = reply.expect("it answers");
        assert_eq!(reply.status, 200, "{path}");
        assert!(
            words(&reply.body).starts_with(CALM) && reply.body.contains("<Hangup"),
            "{path}: {}",
            reply.body
        );
    }
    target.goes_on().await;
}

#[tokio::test]
async fn a_number_that_no_flow_serves_is_answered_with_calm_words() {
    let target = Target::new().await;
    let mut stranger = Caller::new(&target.server);
    stranger.to = "+15005550000".to_owned();
    assert!(words(&stranger.call("/voice").await).starts_with(CALM));
    target.server.wait_for_log("No flow serves this number");
    target.goes_on().await;
}

#[tokio::test]
async fn a_turn_of_another_call_moves_neither() {
    let target = Target::new().await;
    let mut other = Caller::new(&target.server);
    let now = other.call("/voice/order").await;
    let reply = other
        .post_to(
            &target.server.url(""),
            &target.turn(),
            &[("Digits", SPOILED)],
        )
        .await;
    assert_eq!(reply.expect("it answers").body, now);
    assert!(words(&other.press("2").await).contains("PIN"));
    target.goes_on().await;
}

#[tokio::test]
async fn a_turn_that_is_no_number_or_from_the_future_gets_the_reply_of_now() {
    let target = Target::new().await;
    for turn in [
        "abc",
        "",
        "-1",
        "0",
        "1e3",
        "%D9%A2",
        "4294967295",
        "4294967296",
        "99999999999999999999",
        "2x",
    ] {
        let reply = target
            .post(&format!("/voice/order/~{turn}"), &[("Digits", SPOILED)])
            .await;
        assert_eq!(
            (reply.status, &reply.body),
            (200, &target.caller.last),
            "~{turn}"
        );
    }
    target.goes_on().await;
}

#[tokio::test]
async fn a_key_that_the_menu_lacks_is_a_wrong_entry() {
    let target = Target::new().await;
    let mut other = Caller::new(&target.server);
    other.call("/voice/order").await;
    assert!(words(&other.press("7").await).contains("Small, press 1."));
    assert!(words(&other.press("ABCD").await).contains("Small, press 1."));
    assert!(words(&other.press("2").await).contains("PIN"));
    target.goes_on().await;
}

#[tokio::test]
async fn ten_thousand_digits_are_a_wrong_entry() {
    let mut target = Target::new().await;
    let action = target.caller.action.clone();
    let heard = target
        .caller
        .go_to(&action, &[("Digits", &"7".repeat(10_000))])
        .await;
    assert!(words(&heard).contains("Your PIN, please."), "{heard}");
    target.goes_on().await;
}

#[tokio::test]
async fn characters_that_no_keypad_has_are_a_wrong_entry() {
    let mut target = Target::new().await;
    let action = target.caller.action.clone();
    let heard = target
        .caller
        .go_to(&action, &[("Digits", "7<Say>\0]]>&{{ pin }}\u{1F4A9}")])
        .await;
    assert_eq!(words(&heard), "Your PIN, please.");
    target.goes_on().await;
}

#[tokio::test]
async fn nul_bytes_and_markup_in_any_field_harm_nothing() {
    let target = Target::new().await;
    let mut other = Caller::new(&target.server);
    other.from = "\0<Hangup/>]]>\u{FFFE}".to_owned();
    assert!(words(&other.call("/voice/order").await).contains("Small"));
    let action = other.action.clone();
    let fields = [
        ("SpeechResult", "\0\u{1}"),
        ("DialCallStatus", ""),
        ("Confidence", "NaN"),
        ("CallStatus", "no-word"),
    ];
    assert!(words(&other.go_to(&action, &fields).await).contains("Small"));
    target.goes_on().await;
}

#[tokio::test]
async fn two_hundred_and_one_fields_are_too_many() {
    let target = Target::new().await;
    let names: Vec<String> = (0..201).map(|number| format!("Field{number}")).collect();
    let fields: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "1")).collect();
    let all = target.post(&target.turn(), &fields[..193]).await;
    assert_eq!(
        all.status, 200,
        "seven fields that every webhook has, and these"
    );
    let mut target = Target::new().await;
    assert_eq!(
        target.post(&target.turn(), &fields[..194]).await.status,
        400
    );
    assert_eq!(target.post_only(&target.turn(), &fields).await.status, 400);
    target.caller.to.clear();
    target.goes_on().await;
}

/// The fields that a webhook must have, of another call, written as a body.
const OTHER: &str = "CallSid=CA0123456789abcdef0123456789abcdef&CallStatus=in-progress";
/// The same, decoded.
const OTHER_FIELDS: [(&str, &str); 2] = [
    ("CallSid", "CA0123456789abcdef0123456789abcdef"),
    ("CallStatus", "in-progress"),
];

#[tokio::test]
async fn bytes_that_are_no_text_harm_nothing() {
    let target = Target::new().await;
    let odd = [("From", "\u{FFFD}\u{FFFD}"), ("Digits", "7\u{FFFD}")];
    let body = [OTHER.as_bytes(), b"&From=%FF%FE&Digits=7%C3"].concat();
    let reply = target
        .post_body("/voice/order", body, &[&OTHER_FIELDS[..], &odd].concat())
        .await;
    assert!(words(&reply.body).contains("Small"), "{}", reply.body);
    let reply = target
        .post_body(
            "/voice/order",
            b"CallSid=CA%FF".to_vec(),
            &[("CallSid", "CA\u{FFFD}")],
        )
        .await;
    assert_eq!(reply.status, 400);
    target.goes_on().await;
}

#[tokio::test]
async fn a_form_whose_escapes_are_broken_harms_nothing() {
    let target = Target::new().await;
    let body = format!("&&{OTHER}&Digits=%&a%zz=%4&From=%2");
    let odd = [("Digits", "%"), ("a%zz", "%4"), ("From", "%2")];
    let fields = [&OTHER_FIELDS[..], &odd].concat();
    let reply = target
        .post_body("/voice/order", body.into_bytes(), &fields)
        .await;
    assert!(words(&reply.body).contains("Small"), "{}", reply.body);
    target.goes_on().await;
}

#[tokio::test]
async fn a_signed_request_whose_fields_are_cut_elsewhere_moves_nothing() {
    let target = Target::new().await;
    let turn = target.turn();
    let form = target.caller.form(&[("Digits", SPOILED)]);
    let signature = target.caller.sign(&turn, &form);
    let (path, rest) = turn.split_at("/voice/order".len());
    let cut = |from: &str, name: &str, value: &str| -> Vec<(String, String)> {
        let other = |(known, kept): &(String, String)| {
            if known == from {
                (name.to_owned(), value.to_owned())
            } else {
                (known.clone(), kept.clone())
            }
        };
        form.iter().map(other).collect()
    };
    let account = form
        .iter()
        .find(|(name, _)| name == "AccountSid")
        .expect("there is one")
        .1
        .clone();
    for (path, fields) in [
        (
            path,
            cut("AccountSid", &format!("{rest}AccountSid"), &account),
        ),
        (
            turn.as_str(),
            cut("CallStatus", "CallStatusin-progress", ""),
        ),
        (
            turn.as_str(),
            cut("CallStatus", "CallStatusin", "-progress"),
        ),
        (turn.as_str(), cut("Digits", "Digits7", &SPOILED[1..])),
        (
            turn.as_str(),
            cut("CallSid", &format!("CallSid{}", target.caller.sid), ""),
        ),
    ] {
        let reply = target
            .caller
            .send(&target.server.url(""), path, &fields, Some(&signature))
            .await;
        let status = reply.expect("it answers").status;
        assert!(
            status == 403 || status == 400,
            "{path} {fields:?}: {status}"
        );
    }
    assert_eq!(
        Figures::of(&target.server)
            .await
            .get("refused_total{reason=\"mismatch\"}"),
        0,
        "each one is signed"
    );
    target.goes_on().await;
}

#[tokio::test]
async fn a_webhook_may_come_as_a_get_with_its_fields_in_the_query() {
    let target = Target::new().await;
    let mut stranger = Caller::new(&target.server);
    let reply = stranger
        .get("/voice/order?note=a%20b", &[("CallStatus", "ringing")])
        .await
        .expect("it answers");
    assert!(words(&reply.body).contains("Small"), "{}", reply.body);
    stranger.follow(&reply.body);
    let turn = stranger
        .action
        .split('#')
        .next()
        .expect("there is a first part")
        .to_owned();
    let reply = stranger
        .get(&turn, &[("Digits", "2")])
        .await
        .expect("it answers");
    assert!(words(&reply.body).contains("PIN"), "{}", reply.body);
    let reply = stranger
        .get(&turn, &[("Digits", "1")])
        .await
        .expect("it answers");
    assert!(words(&reply.body).contains("PIN"), "a repeat");
    target.goes_on().await;
}

#[tokio::test]
async fn the_body_of_a_get_is_not_looked_at() {
    let target = Target::new().await;
    let target_url = format!("/voice/order/~2?{}", encode(&target.caller.form(&[])));
    let signature = target.caller.sign(&target_url, &[]);
    let body = format!("CallSid={}&Digits=7777777777", target.caller.sid);
    let headers = [
        ("host", "ivr.example.test"),
        ("content-type", FORM),
        ("x-twilio-signature", &*signature),
    ];
    let (status, heard) = wire::request(
        &target.server,
        &format!("GET {target_url}"),
        &headers,
        body.as_bytes(),
    )
    .await;
    assert_eq!(status, 200);
    assert!(
        words(&heard).contains("Your PIN, please."),
        "silence, and not the keys of the body: {heard}"
    );
    let mut target = target;
    target.caller.follow(&heard);
    target.goes_on().await;
}

#[tokio::test]
async fn a_hold_that_was_made_up_moves_nothing() {
    let target = Target::new().await;
    let foreign =
        hookswitch::store::Seal::from_tokens(&["another token"]).expect("a token is enough");
    let sid = hookswitch::engine::CallSid::parse(&target.caller.sid).expect("it is legal");
    let held = hookswitch::web::held::Held {
        since: 0,
        fields: vec![("Digits".into(), SPOILED.into())],
        opening: None,
    };
    let sealed = held.url("", &target.turn(), &sid, &foreign);
    let sealed = sealed
        .split('#')
        .next()
        .expect("there is a first part")
        .to_owned();
    let made_up = [
        "?held=",
        "?held=AAAA",
        "?held=%00",
        "?a=b&held=zzz",
        "?held=7777777777&held=1",
    ];
    let urls = made_up
        .iter()
        .map(|query| format!("{}{query}", target.turn()))
        .chain([sealed]);
    for url in urls {
        let reply = target.post(&url, &[("Digits", SPOILED)]).await;
        assert_eq!(
            (reply.status, &reply.body),
            (200, &target.caller.last),
            "{url}"
        );
    }
    let stranger = Caller::new(&target.server);
    let reply = stranger
        .post_to(&target.server.url(""), "/voice/order?held=AAAA", &[])
        .await
        .expect("it answers");
    assert!(
        words(&reply.body).starts_with(CALM),
        "there is nothing to look at: {}",
        reply.body
    );
    target.goes_on().await;
}

#[tokio::test]
async fn other_methods_and_paths_are_not_there() {
    let target = Target::new().await;
    for line in [
        "PUT /voice/order",
        "DELETE /voice",
        "PATCH /status",
        "POST /metrics",
        "POST /nowhere",
        "GET /.git",
    ] {
        let (status, _) =
            wire::request(&target.server, line, &[("host", "ivr.example.test")], b"").await;
        assert!(status == 404 || status == 405, "{line}: {status}");
    }
    target.goes_on().await;
}

#[tokio::test]
async fn what_is_no_http_is_refused_and_half_a_request_ignored() {
    let target = Target::new().await;
    for bytes in [
        &b"\x16\x03\x01\0\xff\r\n\r\n"[..],
        b"POST\r\n\r\n",
        b"GET /voice HTTP/9.9\r\n\r\n",
    ] {
        let answer = wire::exchange(&target.server, bytes).await;
        assert!(
            answer.is_empty() || answer.contains(" 400 ") || answer.contains(" 505 "),
            "{answer}"
        );
    }
    let address = target.server.url("").replace("http://", "");
    let mut half = std::net::TcpStream::connect(address).expect("the node listens");
    std::io::Write::write_all(
        &mut half,
        b"POST /voice/order HTTP/1.1\r\ncontent-length: 500\r\n\r\nCallSid=CA1",
    )
    .expect("the node reads");
    drop(half);
    target.goes_on().await;
}
