//! What one signature fits, cut in every way: what is served says of the call what was signed.

#![expect(
    clippy::too_many_lines,
    reason = "a scenario or a table is read from top to bottom"
)]

use super::{Recut, check};
use crate::twilio::signature::{SignedRequest, sign, verify};
use crate::twilio::{Form, PublicUrl, SignedText, Tokens};

const TOKEN: &str = "12345";
const PUBLIC: &str = "https://ivr.example.test";
const SID: &str = "CA0123456789abcdef0123456789abcdef";
const LEG: &str = "CAfedcba9876543210fedcba9876543210";
const ACCOUNT: &str = "AC0123456789abcdef0123456789abcdef";

/// A turn as Twilio asks for it after a leg was dialled, in the order in which it is signed.
const TURN: (&str, &[(&str, &str)]) = (
    "/voice/order/~12",
    &[
        ("AccountSid", ACCOUNT),
        ("ApiVersion", "2010-04-01"),
        ("CallSid", SID),
        ("CallStatus", "in-progress"),
        ("Called", "+442079460123"),
        ("CalledCity", ""),
        ("Caller", "+442079460001"),
        ("DialCallDuration", "7"),
        ("DialCallSid", LEG),
        ("DialCallStatus", "no-answer"),
        ("Digits", "12"),
        ("Direction", "inbound"),
        ("From", "+442079460001"),
        ("FromCity", "LONDON"),
        ("SpeechResult", "yes please"),
        ("To", "+442079460123"),
    ],
);

/// Names and values.
type Fields<'a> = Vec<(&'a str, &'a str)>;

/// A request is checked as it would be at a route; `None` where its signature does not fit.
fn ask(
    post: bool,
    target: &str,
    fields: &[(&str, &str)],
    signature: &str,
) -> Option<Result<(), Recut>> {
    let body = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish();
    let request = SignedRequest {
        post,
        target: target.as_bytes(),
        content_type: Some(b"application/x-www-form-urlencoded"),
        body: body.as_bytes(),
        signature: Some(signature.as_bytes()),
        settings: None,
    };
    let form = request.form().expect("there are few fields");
    let public = PublicUrl::parse(PUBLIC).expect("it is one");
    let signed = SignedText::of(&request, &form);
    verify(
        &request,
        &form,
        &signed,
        &Tokens::new(Some(TOKEN), None, []),
        &public,
    )
    .ok()?;
    Some(check(&form, &signed))
}

fn signature(target: &str, fields: &[(&str, &str)]) -> String {
    let fields: Vec<_> = fields
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    sign(TOKEN, &format!("{PUBLIC}{target}"), &fields)
}

/// What is asked by who has one signed request, is signed, and is answered.
fn answer(target: &str, fields: &[(&str, &str)]) -> Result<(), Recut> {
    ask(true, target, fields, &signature(TURN.0, TURN.1))
        .unwrap_or_else(|| panic!("not signed: {target} {fields:?}"))
}

/// The fields of the turn, those of some names replaced by others.
fn with<'a>(replaced: &[&str], others: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let kept = TURN.1.iter().filter(|(name, _)| !replaced.contains(name));
    kept.chain(others).copied().collect()
}

#[test]
fn a_request_as_it_was_signed_is_served() {
    assert_eq!(answer(TURN.0, TURN.1), Ok(()));
    let mut turned = TURN.1.to_vec();
    turned.reverse();
    assert_eq!(answer(TURN.0, &turned), Ok(()));
}

#[test]
fn a_request_that_was_cut_elsewhere_is_refused() {
    let leg = format!(
        "in-progressCalled+442079460123CalledCityCaller+442079460001DialCallDuration7DialCallSid{LEG}Dial"
    );
    let longer = format!("{SID}CallStatusin-progress");
    let swallowed = format!("tus{leg}");
    let account = format!("AccountSid{ACCOUNT}ApiVersion");
    let version = format!(
        "2010-04-01CallSid{SID}CallStatusin-progressCalled+442079460123CalledCityCaller+4420794600\
                           01DialCallDuration7Dial"
    );
    let table: [(&str, Fields<'_>, Recut); 12] = [
        // The status is gone, so that nobody sees that the call had been answered.
        (
            TURN.0,
            with(&["CallStatus"], &[("CallStatusin-progress", "")]),
            Recut::Name,
        ),
        (
            TURN.0,
            with(&["CallStatus"], &[("CallStatu", "sin-progress")]),
            Recut::Moved("CallStatus"),
        ),
        (
            TURN.0,
            with(&["CallSid", "CallStatus"], &[("CallSid", &longer)]),
            Recut::Field("CallSid"),
        ),
        // A turn as a call that comes in, and as another turn.
        (
            "/voice/order",
            with(&["AccountSid"], &[("/~12AccountSid", ACCOUNT)]),
            Recut::Name,
        ),
        (
            "/voice/order/~1",
            with(&["AccountSid"], &[("2AccountSid", ACCOUNT)]),
            Recut::Name,
        ),
        // A turn of another flow, or of none.
        (
            &format!("{}AccountSid{ACCOUNT}", TURN.0),
            with(&["AccountSid"], &[]),
            Recut::Moved("AccountSid"),
        ),
        // The account is gone, and with it the choice of the tokens.
        (
            TURN.0,
            with(&["AccountSid", "ApiVersion"], &[(&account, "2010-04-01")]),
            Recut::Name,
        ),
        // The end of the leg as the end of the call.
        (
            TURN.0,
            with(
                &[
                    "CallStatus",
                    "Called",
                    "CalledCity",
                    "Caller",
                    "DialCallDuration",
                    "DialCallSid",
                    "DialCallStatus",
                ],
                &[("CallSta", &swallowed), ("CallStatus", "no-answer")],
            ),
            Recut::Moved("CallSid"),
        ),
        (
            TURN.0,
            with(
                &[
                    "CallStatus",
                    "Called",
                    "CalledCity",
                    "Caller",
                    "DialCallDuration",
                    "DialCallSid",
                    "DialCallStatus",
                ],
                &[("CallStatus", &leg), ("CallStatus", "no-answer")],
            ),
            Recut::Twice("CallStatus"),
        ),
        // The leg as the call.
        (
            TURN.0,
            with(
                &[
                    "ApiVersion",
                    "CallSid",
                    "CallStatus",
                    "Called",
                    "CalledCity",
                    "Caller",
                    "DialCallDuration",
                    "DialCallSid",
                ],
                &[("ApiVersion", &version), ("CallSid", LEG)],
            ),
            Recut::Moved("CallSid"),
        ),
        // Keys that were not pressed, and words that were not said.
        (TURN.0, with(&["Digits"], &[("Digits1", "2")]), Recut::Name),
        (
            TURN.0,
            with(&["SpeechResult"], &[("SpeechResultyes please", "")]),
            Recut::Name,
        ),
    ];
    for (target, fields, refusal) in table {
        assert_eq!(answer(target, &fields), Err(refusal), "{target} {fields:?}");
    }
}

/// Every way to move one end of a field, of the target or of a name, by any number of letters, and every way to make two
/// fields one.
#[test]
fn whatever_is_cut_elsewhere_and_served_means_the_same_call_and_turn() {
    let signature = signature(TURN.0, TURN.1);
    let parts: Vec<&str> = std::iter::once(TURN.0)
        .chain(TURN.1.iter().flat_map(|(name, value)| [*name, *value]))
        .collect();
    let text = parts.concat();
    let ends: Vec<usize> = parts
        .iter()
        .scan(0, |at, part| {
            *at += part.len();
            Some(*at)
        })
        .collect();
    let mut cuts = Vec::new();
    for at in 0..ends.len() - 1 {
        for end in 0..text.len() {
            let mut moved = ends.clone();
            moved[at] = end;
            if moved.is_sorted() && text.is_char_boundary(end) {
                cuts.push(moved);
            }
        }
    }
    for from in 0..ends.len() - 2 {
        for count in [2, 4, 6, 8, 10] {
            cuts.push([&ends[..from], ends.get(from + count..).unwrap_or_default()].concat());
        }
    }
    let mut served = 0;
    for cut in cuts
        .iter()
        .filter(|cut| cut.len() % 2 == 1 && cut.len() > 2)
    {
        let parts: Vec<&str> = std::iter::once(0)
            .chain(cut.iter().copied())
            .zip(cut)
            .map(|(from, to)| &text[from..*to])
            .collect();
        let (target, fields) = (
            parts[0],
            parts[1..]
                .chunks(2)
                .map(|pair| (pair[0], pair[1]))
                .collect::<Vec<_>>(),
        );
        if !matches!(ask(true, target, &fields, &signature), Some(Ok(()))) {
            continue;
        }
        served += 1;
        let form = Form::from_pairs(fields.iter().copied()).expect("there are few");
        assert_eq!(target, TURN.0, "{fields:?}");
        for (name, value) in TURN.1 {
            if [
                "AccountSid",
                "CallSid",
                "CallStatus",
                "DialCallSid",
                "DialCallStatus",
            ]
            .contains(name)
            {
                assert_eq!(form.get(name), Some(*value), "{fields:?}");
            }
        }
    }
    assert!(served > 10, "some cuts matter to nobody: {served}");
}

#[test]
fn a_form_is_no_query() {
    // Whoever calls may have a name that is written like a query.
    let from = format!("sip:x@example.test?CallSid={LEG}&CallStatus=completed");
    let fields = [
        ("AccountSid", ACCOUNT),
        ("CallSid", SID),
        ("CallStatus", "in-progress"),
        ("From", &from),
    ];
    let text: String = fields
        .iter()
        .map(|(name, value)| format!("{name}{value}"))
        .collect();
    let target = format!("/voice/order/~1{text}");
    let answer = ask(false, &target, &[], &signature("/voice/order/~1", &fields));
    assert_eq!(answer, Some(Err(Recut::Moved("CallSid"))));
}

#[test]
fn what_twilio_sends_besides_is_served() {
    let further = [
        (
            "AddOns",
            "{\"status\":\"successful\",\"message\":null,\"results\":{}}",
        ),
        (
            "CallToken",
            "%7B%22parentCallInfoToken%22%3A%22eyJhbGciOiJFUzI1NiJ9%22%7D",
        ),
        (
            "ErrorUrl",
            "https://ivr.example.test/voice/order?CallSid=CA0123456789abcdef0123456789abcdef&CallStatus=ringing",
        ),
        ("ParentCallSid", LEG),
        ("SipHeader_X-Account-Number", "CallStatus"),
        ("StirVerstat", "TN-Validation-Passed-A"),
        ("first name", "Zoë"),
        ("_private", ""),
    ];
    for more in further {
        let fields: Vec<_> = TURN.1.iter().chain([&more]).copied().collect();
        let answer = ask(true, TURN.0, &fields, &signature(TURN.0, &fields));
        assert_eq!(answer, Some(Ok(())), "{more:?}");
    }
    let query =
        format!("/voice/order?CallSid={SID}&AccountSid={ACCOUNT}&CallStatus=ringing&Digits=");
    assert_eq!(
        ask(false, &query, &[], &signature(&query, &[])),
        Some(Ok(()))
    );
}

#[test]
fn a_webhook_says_which_call_of_which_account_and_how_it_does() {
    let said =
        |fields: &[(&str, &str)]| ask(true, "/status", fields, &signature("/status", fields));
    let all = [
        ("AccountSid", ACCOUNT),
        ("CallSid", SID),
        ("CallStatus", "ringing"),
    ];
    assert_eq!(said(&all), Some(Ok(())));
    assert_eq!(
        said(&all[1..]),
        Some(Ok(())),
        "a compatible carrier names no account"
    );
    let wrong: [(usize, &str, &str); 6] = [
        (0, "AC1", "AccountSid"),
        (0, "", "AccountSid"),
        (1, "CA1", "CallSid"),
        (1, "CA0123456789abcdef0123456789abcdeg", "CallSid"),
        (2, "", "CallStatus"),
        (2, "In Progress", "CallStatus"),
    ];
    for (at, value, name) in wrong {
        let mut fields = all;
        fields[at].1 = value;
        assert_eq!(said(&fields), Some(Err(Recut::Field(name))), "{value}");
    }
    assert_eq!(
        said(&all[..2]),
        Some(Ok(())),
        "what is reported of a recording has no status of the call"
    );
    assert_eq!(said(&[all[0], all[2]]), Some(Err(Recut::Field("CallSid"))));
}
