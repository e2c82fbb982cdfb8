use serde_json::{Value, json};

use super::{Imported, Log, read};
use crate::study::Draft;
use crate::written::CallerAct;

fn log(text: &str) -> Log {
    read(text.as_bytes()).expect("it is a log")
}

/// The log of a call: its requests, with the path and the fields of each.
fn lines(requests: &[(&str, Value)]) -> String {
    let line = |(path, fields): &(&str, Value)| {
        let mut form = json!({ "CallSid": "CA1", "CallStatus": "in-progress" });
        form.as_object_mut()
            .expect("it is one")
            .append(&mut fields.as_object().expect("it is one").clone());
        json!({ "path": path, "form": form }).to_string() + "\n"
    };
    requests.iter().map(line).collect()
}

/// The one call of a log.
#[track_caller]
fn one(text: &str) -> Imported {
    let mut log = log(text);
    assert_eq!(
        (log.calls.len(), log.unread.len()),
        (1, 0),
        "{:?}",
        log.unread
    );
    log.calls.remove(0)
}

fn press(keys: &str) -> CallerAct {
    CallerAct::Press(keys.to_owned())
}

fn ringing() -> (&'static str, Value) {
    ("/voice/a", json!({ "CallStatus": "ringing" }))
}

const LOG: &str = r##"
{"CallSid": "CA1", "From": "+4915", "To": "+4930", "CallStatus": "ringing"}
{"path": "/voice/billing/pay", "at": "2026-11-23T10:15:00Z", "form": {"CallSid": "CA2", "To": "+4930", "CallStatus": "ringing"}}
{"CallSid": "CA1", "CallStatus": "in-progress", "Digits": "12", "FinishedOnKey": "#"}
{"path": "/voice/billing/pay/~1", "body": "CallSid=CA2&CallStatus=in-progress&SpeechResult=a+box"}
{"path": "/voice/billing/pay/~1", "body": "CallSid=CA2&CallStatus=in-progress&SpeechResult=a+box"}
{"CallSid": "CA1", "CallStatus": "in-progress"}
{"CallSid": "CA1", "CallStatus": "in-progress", "DialCallStatus": "no-answer"}
{"CallSid": "CA1", "CallStatus": "completed", "CallDuration": "20", "SequenceNumber": "0"}
not JSON
{"Digits": "1"}
"##;

/// What came of handing a call on, and the seconds of talk.
fn outcomes(draft: &Draft) -> Vec<(&str, u32)> {
    let came = draft.came.iter();
    came.map(|came| (came.outcome.as_str(), came.seconds()))
        .collect()
}

#[test]
fn a_log_is_read_as_calls_and_what_cannot_be_read_is_told() {
    let Log { calls, unread, .. } = log(LOG);
    let sids: Vec<_> = calls.iter().map(|call| call.sid.as_str()).collect();
    assert_eq!(sids, ["CA1", "CA2"]);
    assert_eq!(calls[0].draft.acts, [press("12#"), CallerAct::Silent]);
    assert_eq!(outcomes(&calls[0].draft), [("no_answer", 0)]);
    assert_eq!(calls[0].numbers, ["+4930"]);
    assert_eq!(calls[1].draft.acts, [CallerAct::Says("a box".into())]);
    assert_eq!(calls[1].draft.flow, "billing/pay");
    assert_eq!(calls[1].draft.at.to_string(), "2026-11-23T10:15:00Z");
    let places: Vec<_> = unread
        .iter()
        .map(|unread| unread.place.to_string())
        .collect();
    assert_eq!(places, ["10", "11"], "{unread:?}");
}

#[test]
fn nobody_s_number_is_in_a_draft() {
    assert!(
        log(LOG)
            .calls
            .iter()
            .all(|call| !format!("{:?}", call.draft).contains("+49"))
    );
}

#[test]
fn what_only_tells_is_no_act() {
    let tells = |name: &str| ("/status", json!({ name: "1", "CallStatus": "in-progress" }));
    let mut requests = vec![
        ("/status", json!({ "CallStatus": "initiated" })),
        (
            "/status",
            json!({ "CallStatus": "ringing", "SequenceNumber": "1", "From": "+4930", "Direction": "outbound-api" }),
        ),
        ("/voice/a", json!({})),
        tells("CallbackSource"),
        ("/voice/a/~1", json!({ "Digits": "1" })),
        (
            "/leg",
            json!({ "Direction": "outbound-dial", "CallStatus": "ringing" }),
        ),
        ("/hangup", json!({ "CallStatus": "completed" })),
    ];
    let names = [
        "RecordingStatus",
        "UnstableSpeechResult",
        "StreamEvent",
        "QueuePosition",
        "TranscriptionEvent",
    ];
    requests.extend(names.map(tells));
    let call = one(&lines(&requests));
    assert_eq!(call.draft.acts, [press("1")]);
    assert!(call.warnings.is_empty(), "{:?}", call.warnings);
}

#[test]
fn a_number_of_ours_is_the_one_that_a_placed_call_comes_from() {
    let fields = json!({ "Direction": "outbound-api", "From": "+4930", "To": "+4915", "CallStatus": "in-progress" });
    assert_eq!(one(&lines(&[("/ivr", fields)])).numbers, ["+4930", "+4915"]);
}

#[test]
fn a_call_in_which_nothing_was_asked_is_none() {
    let text = lines(&[
        ("/status", json!({ "CallStatus": "initiated" })),
        ("/status", json!({ "CallStatus": "busy" })),
    ]);
    let log = log(&text);
    assert!(log.calls.is_empty() && log.unread.is_empty());
    assert_eq!(log.idle, Some((1, "CA1".to_owned())));
}

#[test]
fn older_turns_and_repeats_count_once() {
    let turn = |path, keys: &str| (path, json!({ "Digits": keys }));
    let call = one(&lines(&[
        ringing(),
        ringing(),
        turn("/voice/a/~1", "1"),
        turn("/voice/a/~2", "2"),
        turn("/voice/a/~1", "1"),
        ("/voice/a", json!({ "CallStatus": "ringing" })),
        turn("/voice/a/~2?held=x", "2"),
        turn("/voice/a/~3", "3"),
    ]));
    assert_eq!(call.draft.acts, [press("1"), press("2"), press("3")]);
    assert!(call.warnings.is_empty() && call.notes.is_empty());
}

#[test]
fn a_token_tells_a_repeat_from_the_same_key_pressed_again() {
    let pressed = |token: &str, at: &str| {
        let form = json!({ "CallSid": "CA1", "CallStatus": "in-progress", "Digits": "1" });
        json!({ "url": "/ivr", "at": at, "headers": { "I-Twilio-Idempotency-Token": token }, "form": form }).to_string()
    };
    let start =
        json!({ "at": "2026-11-23T10:15:00Z", "form": { "CallSid": "CA1", "CallStatus": "ringing" } }).to_string();
    let (one_second, two, three) = (
        "2026-11-23T10:15:01Z",
        "2026-11-23T10:15:02Z",
        "2026-11-23T10:15:03Z",
    );
    let all = [
        start,
        pressed("a", one_second),
        pressed("b", two),
        pressed("a", three),
    ]
    .join("\n");
    assert_eq!(one(&all).draft.acts, [press("1"), press("1")]);
}

#[test]
fn without_tokens_the_same_form_soon_after_is_a_repeat_and_told() {
    let pressed = |at: &str| {
        format!(r#"{{"url": "/ivr", "at": "{at}", "form": {{"CallSid": "CA1", "Digits": "1"}}}}"#)
    };
    let start =
        r#"{"at": "2026-11-23T10:15:00Z", "form": {"CallSid": "CA1", "CallStatus": "ringing"}}"#
            .to_owned();
    let times = [
        "2026-11-23T10:15:01Z",
        "2026-11-23T10:15:03Z",
        "2026-11-23T10:15:40Z",
    ];
    let call = one(&[
        start,
        pressed(times[0]),
        pressed(times[1]),
        pressed(times[2]),
    ]
    .join("\n"));
    assert_eq!(call.draft.acts, [press("1"), press("1")]);
    assert_eq!(call.notes.len(), 1);
    assert_eq!(
        (
            call.notes[0].place.to_string().as_str(),
            call.notes[0].why.contains("line 2")
        ),
        ("3", true)
    );
}

#[test]
fn a_log_that_begins_in_the_middle_is_told_and_makes_no_call() {
    for (path, fields, said) in [
        ("/voice/a/~3", json!({ "Digits": "1" }), "turn 3"),
        ("/ivr", json!({ "Digits": "1" }), "answers a question"),
        (
            "/ivr",
            json!({ "DialCallStatus": "busy" }),
            "became of a dial",
        ),
        ("/fallback", json!({ "ErrorCode": "11200" }), "error 11200"),
    ] {
        let log = log(&lines(&[
            (path, fields),
            ("/voice/a/~4", json!({ "Digits": "2" })),
        ]));
        assert!(log.calls.is_empty());
        assert_eq!(log.unread.len(), 1);
        let why = &log.unread[0].why;
        assert!(
            why.starts_with("the log begins in the middle of CA1: ") && why.contains(said),
            "{why}"
        );
    }
    let call = one(&lines(&[
        ("/ivr", json!({ "Direction": "inbound" })),
        ("/ivr", json!({ "Digits": "1" })),
    ]));
    assert!(
        call.warnings[0]
            .why
            .contains("may begin before the log does"),
        "{:?}",
        call.warnings
    );
}

#[test]
fn what_cannot_be_told_ends_the_call_and_is_told() {
    for (path, fields, said) in [
        ("/voice/a/~3-a", json!({ "Digits": "3" }), "no turn 2"),
        ("/fallback", json!({ "ErrorCode": "11200" }), "error 11200"),
        ("/voice/b", json!({}), "moved"),
        ("/voice/a/~2-b", json!({ "Digits": "3" }), "moved"),
    ] {
        let requests = [
            ringing(),
            ("/voice/a/~1-a", json!({ "Digits": "1" })),
            (path, fields),
            ("/voice/a/~4", json!({})),
        ];
        let call = one(&lines(&requests));
        assert_eq!(call.draft.acts, [press("1")]);
        assert_eq!(call.warnings.len(), 1, "{:?}", call.warnings);
        assert!(
            call.warnings[0].why.contains(said) && call.warnings[0].place.to_string() == "3",
            "{:?}",
            call.warnings
        );
    }
}

#[test]
fn who_leaves_during_a_dial_brings_no_outcome_of_it() {
    let dialled = |path, status: &str, call: &str| {
        (
            path,
            json!({ "DialCallStatus": status, "CallStatus": call }),
        )
    };
    let call = one(&lines(&[
        ringing(),
        ("/voice/a/~1", json!({ "Digits": "1" })),
        dialled("/voice/a/~2", "busy", "in-progress"),
        dialled("/voice/a/~3", "canceled", "completed"),
    ]));
    assert_eq!(outcomes(&call.draft), [("busy", 0)]);
}

#[test]
fn a_log_that_begins_with_the_last_request_is_read_backwards() {
    let entry = |url: &str, second: u32, fields: Value| {
        let mut parameters = json!({ "call_sid": "CA1", "call_status": "in-progress" });
        parameters
            .as_object_mut()
            .expect("it is one")
            .append(&mut fields.as_object().expect("it is one").clone());
        let created = format!("Mon, 23 Nov 2026 10:00:{second:02} +0000");
        json!({ "request": { "url": url, "parameters": parameters }, "response": { "date_created": created } })
    };
    let events = [
        entry("/ivr", 7, json!({ "digits": "2" })),
        entry("/ivr", 7, json!({ "digits": "1" })),
        entry("/ivr", 3, json!({ "call_status": "ringing" })),
        json!({ "request": { "url": "https://api.twilio.com/", "parameters": { "to": "+4930" } } }),
    ];
    let log = log(&json!({ "page": 0, "events": events }).to_string());
    assert_eq!(log.calls[0].draft.acts, [press("1"), press("2")]);
    assert_eq!(
        log.others.map(|(count, place)| (count, place.to_string())),
        Some((1, " entry 4".to_owned()))
    );
}

#[test]
fn of_very_many_lines_that_are_none_the_first_are_told() {
    let log = log(&"nothing\n".repeat(250));
    assert_eq!((log.unread.len(), log.more_unread), (100, 150));
}
