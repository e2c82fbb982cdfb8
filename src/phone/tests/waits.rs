//! Where a call is handed over for a time: queues, connections, payments, transfers.

use super::*;
use crate::phone::VerbOutcome;

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
fn what_runs_beside_a_call_and_what_is_no_verb_are_skipped_with_a_word() {
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
        messages.iter().any(|message| message.contains("<Start>")),
        "{messages:?}"
    );
    assert!(
        messages.iter().any(|message| message.contains("<Speak>")),
        "{messages:?}"
    );
}
