//! Where a call is handed over for a time: queues, connections, payments, transfers.

use super::*;
use crate::phone::{DialAnswer, DialAnswers, Presses, VerbOutcome, queue};

fn world(verb: &str, to: &str, seconds: u64, fields: &[(&str, &str)]) -> World {
    let fields = fields
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    let answer = VerbOutcome {
        after: Duration::from_secs(seconds),
        fields,
    };
    World {
        others: [((verb.to_owned(), to.to_owned()), answer)].into(),
        ..World::default()
    }
}

fn go(world: &World, documents: &[(&str, &str)]) -> Called {
    call_with(&plan(), world, Keys::default(), serve(documents))
}

#[test]
fn a_queue_s_document_is_heard_again_until_the_caller_is_fetched() {
    let world = world("Enqueue", "sales", 7, &[("QueueResult", "bridged")]);
    let first = "<Enqueue waitUrl=\"/wait\" action=\"/after\">sales</Enqueue>";
    let called = go(
        &world,
        &[
            ("/voice", first),
            ("/wait", "<Say>One two three.</Say><Dial>1</Dial>"),
            ("/after", ""),
        ],
    );
    assert_eq!(
        called.paths(),
        ["/voice", "/wait", "/wait", "/wait", "/after"]
    );
    assert_eq!(called.field("/after", "QueueResult"), Some("bridged"));
    assert_eq!(
        (called.field("/after", "QueueTime"), called.seconds()),
        (Some("7"), 7.0)
    );
    assert_eq!(called.field("/wait", "QueueTime"), Some("6"));
}

/// What becomes of a caller who waits, in the words of flows.
fn in_queue(answer: DialAnswer) -> World {
    World {
        dial: [(queue("sales"), DialAnswers::from(answer))].into(),
        ..World::default()
    }
}

const KEYED: &str =
    "<Gather numDigits=\"1\" timeout=\"1\" action=\"/key\"><Say>One two three.</Say></Gather>";

#[test]
fn those_in_front_are_fetched_one_after_the_other_and_then_they_talk() {
    let world = in_queue(DialAnswer {
        outcome: "talked".to_owned(),
        after: Duration::from_secs(9),
        talks: Duration::from_secs(30),
        position: 3,
        ..DialAnswer::default()
    });
    let first = "<Enqueue waitUrl=\"/wait\" action=\"/after\">sales</Enqueue>";
    let called = go(
        &world,
        &[
            ("/voice", first),
            ("/wait", "<Say>One two three.</Say>"),
            ("/after", ""),
        ],
    );
    let positions: Vec<_> = called.fields("/wait", "QueuePosition");
    assert_eq!(positions, ["3", "3", "2", "1"]);
    assert_eq!(
        (
            called.field("/after", "QueueResult"),
            called.field("/after", "QueueTime")
        ),
        (Some("bridged"), Some("9"))
    );
    assert_eq!(called.seconds(), 39.0);
}

#[test]
fn a_key_is_pressed_once_somebody_listens_and_a_redirect_says_nothing_of_the_queue() {
    let world = in_queue(DialAnswer {
        outcome: "left".to_owned(),
        after: Duration::from_secs(5),
        presses: Presses::Keys("7".to_owned()),
        ..DialAnswer::default()
    });
    let first = "<Enqueue waitUrl=\"/wait\" action=\"/after\">sales</Enqueue>";
    let wait = "<Pause length=\"4\"/><Redirect>/more</Redirect>";
    let called = go(
        &world,
        &[
            ("/voice", first),
            ("/wait", wait),
            ("/more", KEYED),
            ("/key", "<Leave/>"),
            ("/after", ""),
        ],
    );
    assert_eq!(
        called.paths(),
        ["/voice", "/wait", "/more", "/key", "/after"]
    );
    assert_eq!(called.field("/more", "QueuePosition"), None);
    assert_eq!(
        (
            called.field("/key", "Digits"),
            called.field("/after", "QueueResult")
        ),
        (Some("7"), Some("leave"))
    );
    assert_eq!(called.field("/after", "QueueTime"), Some("5"));
}

#[test]
fn a_full_queue_lets_nobody_in_and_a_silent_one_keeps_the_caller() {
    let first = "<Enqueue waitUrl=\"/wait\" action=\"/after\">sales</Enqueue>";
    let answer = |outcome: &str| DialAnswer {
        outcome: outcome.to_owned(),
        after: Duration::from_secs(3),
        ..DialAnswer::default()
    };
    let documents = [
        ("/voice", first),
        ("/wait", "<Say>One.</Say>"),
        ("/after", ""),
    ];
    let full = go(&in_queue(answer("full")), &documents);
    assert_eq!(full.paths(), ["/voice", "/after"]);
    assert_eq!(
        (
            full.field("/after", "QueueResult"),
            full.field("/after", "QueueSid")
        ),
        (Some("queue-full"), None)
    );
    let trouble = go(&in_queue(answer("error")), &documents);
    assert_eq!(trouble.field("/after", "QueueResult"), Some("error"));
}

#[test]
fn leave_goes_on_behind_the_queue() {
    let world = world("Enqueue", "sales", 60, &[]);
    let first = "<Enqueue waitUrl=\"/wait\">sales</Enqueue><Say>Back.</Say>";
    let called = go(
        &world,
        &[("/voice", first), ("/wait", "<Say>One.</Say><Leave/>")],
    );
    assert_eq!(
        (called.words(), called.seconds()),
        (vec!["One.", "Back."], 2.0)
    );
}

#[test]
fn a_queue_whose_document_takes_no_time_is_no_endless_loop() {
    let world = world("Enqueue", "sales", 60, &[]);
    let called = go(
        &world,
        &[
            ("/voice", "<Enqueue waitUrl=\"/wait\">sales</Enqueue>"),
            ("/wait", "<Redirect/>"),
        ],
    );
    assert!(
        matches!(&called.ended.by, EndedBy::Fault(notice) if notice.message.contains("circles")),
        "{:?}",
        called.ended
    );
}

#[test]
fn what_a_connection_came_to_is_told_to_its_action() {
    let world = world(
        "Connect",
        "ConversationRelay",
        30,
        &[("SessionStatus", "ended")],
    );
    let first = "<Connect action=\"/after\"><ConversationRelay url=\"wss://x.test\"/></Connect>";
    let called = go(&world, &[("/voice", first), ("/after", "<Hangup/>")]);
    assert_eq!(
        (called.field("/after", "SessionStatus"), called.seconds()),
        (Some("ended"), 30.0)
    );
}

#[test]
fn a_payment_is_told_to_its_action() {
    let world = world("Pay", "Default", 40, &[("Result", "success")]);
    let called = go(
        &world,
        &[
            ("/voice", "<Pay action=\"/after\"/>"),
            ("/after", "<Hangup/>"),
        ],
    );
    assert_eq!(called.field("/after", "Result"), Some("success"));
}

#[test]
fn only_a_sip_call_is_referred() {
    let verbs = "<Refer action=\"/after\"><Sip>sip:a@b.test</Sip></Refer>";
    let world = world(
        "Refer",
        "sip:a@b.test",
        1,
        &[("ReferCallStatus", "in-progress")],
    );
    assert_eq!(go(&world, &[("/voice", verbs)]).codes(), [13_801]);
    let plan = Plan {
        from: "sip:me@b.test".to_owned(),
        ..plan()
    };
    let called = call_with(
        &plan,
        &world,
        Keys::default(),
        serve(&[("/voice", verbs), ("/after", "<Hangup/>")]),
    );
    assert_eq!(
        called.field("/after", "ReferCallStatus"),
        Some("in-progress")
    );
}

#[test]
fn a_text_message_is_told_and_the_call_goes_on() {
    let called = go(
        &World::default(),
        &[("/voice", "<Sms to=\"+1\">Hello.</Sms><Say>Sent.</Say>")],
    );
    let texts = |(_, event): &(Duration, CallEvent)| matches!(event, CallEvent::Texts { to, body } if to == "+1" && body == "Hello.");
    assert!(called.heard.iter().any(texts));
    assert_eq!(called.words(), ["Sent."]);
}

#[test]
fn what_is_no_verb_is_skipped_with_a_word() {
    let called = go(
        &World::default(),
        &[(
            "/voice",
            "<Start><Stream url=\"wss://x\"/></Start><Speak>A</Speak><Say>B</Say>",
        )],
    );
    assert_eq!(called.words(), ["B"]);
    let messages: Vec<_> = called
        .notices()
        .map(|notice| notice.message.as_str())
        .collect();
    assert!(
        messages.iter().any(|message| message.contains("<Speak>")),
        "{messages:?}"
    );
}
