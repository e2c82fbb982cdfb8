//! What goes wrong, the carrier's code for it, and where the call goes then.

use super::*;
use crate::phone::Severity;

fn with(wire: impl Fn(&Request) -> Result<Response, WireError>) -> Called {
    call_with(&plan(), &World::default(), Keys::default(), wire)
}

#[test]
fn an_answer_that_is_no_document_has_its_code() {
    let large = format!("<Response><!--{}--></Response>", "x".repeat(66_000));
    for (response, code) in [
        (answer(500, "text/xml", b"<Response/>"), 11_200),
        (answer(404, "text/xml", b""), 11_200),
        (answer(200, "text/xml", large.as_bytes()), 11_750),
        (answer(200, "text/xml", b"<Response><Say>"), 12_100),
        (answer(200, "text/xml", b"so what"), 12_100),
        (answer(200, "text/xml", b""), 12_100),
        (answer(200, "text/xml", b"<Answer/>"), 12_102),
        (answer(200, "application/json", b"{}"), 12_300),
        (
            Response {
                status: 200,
                ..Response::default()
            },
            12_300,
        ),
        (
            Response {
                status: 204,
                ..Response::default()
            },
            12_300,
        ),
    ] {
        let called = with(|_| Ok(response.clone()));
        assert_eq!(called.codes(), [code], "{response:?}");
        assert!(
            matches!(&called.ended.by, EndedBy::Fault(notice) if notice.severity == Severity::Error)
        );
        assert_eq!(
            called.words(),
            ["We are sorry. An application error has occurred. Goodbye."]
        );
    }
}

#[test]
fn a_request_without_an_answer_has_its_code() {
    for (broken, code, requests) in [
        (WireError::Refused, 11_202, 2),
        (WireError::ConnectTimeout, 11_201, 2),
        (WireError::Host(String::new()), 11_210, 2),
        (WireError::Tls(String::new()), 11_220, 2),
        (WireError::ReadTimeout, 11_205, 1),
        (WireError::Protocol(String::new()), 11_206, 1),
    ] {
        let called = with(|_| Err(broken.clone()));
        assert_eq!(
            (called.codes(), called.asked.len()),
            (vec![code], requests),
            "{broken:?}"
        );
    }
}

#[test]
fn the_fallback_is_asked_with_what_went_wrong() {
    let fallback = Callback {
        url: "http://app.test/fallback".to_owned(),
        method: Method::Post,
    };
    let plan = Plan {
        fallback: Some(fallback),
        ..plan()
    };
    let documents = [
        ("/voice", "<Play>/gone.wav</Play>"),
        ("/fallback", "<Say>Calm.</Say>"),
    ];
    let called = call_with(&plan, &World::default(), Keys::default(), serve(&documents));
    assert_eq!(
        (called.words(), called.ended.by.clone()),
        (vec!["Calm."], EndedBy::Application)
    );
    assert_eq!(called.field("/fallback", "ErrorCode"), Some("11200"));
    assert_eq!(
        called.field("/fallback", "ErrorUrl"),
        Some("http://app.test/gone.wav")
    );
    let called = call_with(&plan, &World::default(), Keys::default(), serve(&[]));
    assert_eq!(called.paths(), ["/voice", "/fallback"]);
    assert!(matches!(called.ended.by, EndedBy::Fault(_)));
}

#[test]
fn going_in_circles_ends() {
    let called = with(|_| Ok(twiml("<Redirect/>")));
    assert_eq!(called.asked.len(), 1_000);
    assert!(
        matches!(&called.ended.by, EndedBy::Fault(notice) if notice.message.contains("circles"))
    );
}

#[test]
fn a_url_that_can_be_none_is_a_fault_at_its_line() {
    let called = with(|_| Ok(twiml("\n<Redirect>mailto:a@b</Redirect>")));
    // The document is warned of, and then the call comes to the place.
    assert_eq!(
        called
            .notices()
            .map(|notice| (notice.code, notice.line))
            .collect::<Vec<_>>(),
        [(11_100, 2); 2]
    );
}

#[test]
fn a_caller_who_presses_for_ever_does_not_hold_up_the_call() {
    let press = Does(|_: &Situation| {
        Some(TimedAct {
            after: Duration::ZERO,
            act: PhoneAct::Press('1'),
        })
    });
    let documents = [
        (
            "/voice",
            "<Say>One.</Say><Gather finishOnKey=\"\" action=\"/in\"/>",
        ),
        ("/in", "<Pause/>"),
    ];
    let called = call_with(&plan(), &World::default(), press, serve(&documents));
    assert_eq!(called.field("/in", "Digits").map(str::len), Some(1_000));
    assert_eq!(called.ended.by, EndedBy::Application);
}

#[test]
fn reject_is_busy_or_no_answer_unless_the_call_is_answered() {
    let status = |verbs| call("", &[("/voice", verbs)]).ended.status;
    assert_eq!(status("<Reject reason=\"busy\"/>"), "busy");
    assert_eq!(status("<Pause/><Reject/>"), "no-answer");
    assert_eq!(status("<Say>Hi.</Say><Reject/>"), "completed");
}

#[test]
fn the_status_callback_tells_the_end() {
    let status = Callback {
        url: "http://app.test/status".to_owned(),
        method: Method::Post,
    };
    let plan = Plan {
        status: Some(status),
        ..plan()
    };
    let called = call_with(
        &plan,
        &World::default(),
        Keys::default(),
        serve(&[("/voice", "<Pause/><Say>A b c.</Say>"), ("/status", "")]),
    );
    let field = |name| called.field("/status", name).unwrap_or_default();
    assert_eq!(
        (
            field("CallStatus"),
            field("SequenceNumber"),
            field("CallDuration")
        ),
        ("completed", "0", "3")
    );
    assert_eq!(
        (field("CallbackSource"), field("Duration")),
        ("call-progress-events", "1")
    );
    assert_eq!(field("Timestamp"), "Mon, 23 Nov 2026 10:15:04 +0000");
    assert_eq!(called.codes(), [0; 0]);
    let called = call_with(
        &plan,
        &World::default(),
        Keys::default(),
        serve(&[("/voice", "<Say>A</Say>")]),
    );
    assert_eq!(
        called
            .notices()
            .map(|notice| (notice.code, notice.severity))
            .collect::<Vec<_>>(),
        [(15_003, Severity::Warning)]
    );
    assert_eq!(called.ended.by, EndedBy::Application);
}
