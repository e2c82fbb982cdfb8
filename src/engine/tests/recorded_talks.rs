//! Talks that a dial records: what comes back, how long it is kept, and that nothing sensitive can be in one.

use std::time::Duration;

use super::phone::{Phone, bundle, dialled, faults, flow};
use crate::engine::{Came, Input, Value};

const DESK: &str = r#"
    [steps.desk]
    dial          = "+442079460000"
    recorded      = "both"
    keep          = "30d"
    on.unanswered = "sorry"
    next          = "talked"
    [steps.talked]
    say  = "Kept as {{ steps.desk.sid }}."
    next = "hangup"
    [steps.sorry]
    say  = "Nobody: {{ steps.desk.outcome }}, {{ steps.desk.url }}."
    next = "hangup"
"#;

/// They have talked, and this was recorded.
fn recorded(outcome: &str) -> Input {
    let text = |text: &str| Value::Text(text.to_owned());
    let facts = [
        ("seconds", Value::Integer(60)),
        ("sid", text("RE1")),
        ("url", text("https://api.example.com/RE1")),
    ];
    Input::Came(Came::new(outcome, facts))
}

#[test]
fn a_recorded_talk_is_known_by_its_name_and_kept_as_long_as_the_step_says() {
    let mut phone = Phone::call(DESK);
    let waits = phone.flow.step(0).action.away().and_then(|away| away.keeps);
    assert_eq!(waits, Some(Duration::from_hours(30 * 24)));
    phone.input(&recorded("answered")).hears("Kept as RE1.");
    let known = &phone.turn.call.recordings;
    let noted = known
        .iter()
        .map(|one| (&*one.recording.sid, one.answer, one.is_heard()));
    assert_eq!(noted.collect::<Vec<_>>(), [("RE1", None, true)]);
}

#[test]
fn where_nobody_talked_nothing_is_noted() {
    let mut phone = Phone::call(DESK);
    phone
        .input(&recorded("no_answer"))
        .hears("Nobody: no_answer, .");
    assert!(phone.turn.call.recordings.is_empty());
    let mut untold = Phone::call(DESK);
    untold.input(&dialled("answered")).hears("Kept as .");
    assert!(untold.turn.call.recordings.is_empty());
}

#[test]
fn a_dial_that_records_nothing_has_no_such_facts_and_takes_no_harm_from_a_carrier_that_tells_more()
{
    let plain = DESK
        .replace("recorded      = \"both\"\n", "")
        .replace("keep          = \"30d\"\n", "");
    let told = faults(&plain);
    let unknown = told.iter().filter(|fault| fault.contains("name-unknown"));
    assert_eq!(unknown.count(), 2, "{told:?}");
    let plain = plain
        .replace("{{ steps.desk.sid }}", "it")
        .replace("{{ steps.desk.url }}", "it");
    let mut phone = Phone::call(&plain);
    assert!(
        flow(&bundle(&plain))
            .step(0)
            .action
            .away()
            .is_some_and(|away| away.keeps.is_none())
    );
    phone.input(&recorded("answered")).hears("Kept as it.");
    assert!(phone.turn.call.recordings.is_empty());
}

#[test]
fn a_recording_has_a_time_and_whom_it_is_of() {
    let faulty = |from: &str, to: &str| faults(&DESK.replace(from, to)).join("; ");
    let keep = "keep          = \"30d\"\n";
    for (from, to, code) in [
        (keep, "", "recording-not-kept"),
        ("\"30d\"", "\"4000d\"", "value-out-of-range"),
        ("\"both\"", "\"all\"", "value-wrong-type"),
        (
            "\"+442079460000\"",
            "{ conference = \"standup\" }",
            "recording-misused",
        ),
    ] {
        let told = faulty(from, to);
        assert!(told.contains(code), "{to}: {told}");
    }
    let idle = "recorded      = \"both\"\n";
    let told = faults(
        &DESK
            .replace(idle, "")
            .replace("{{ steps.desk.sid }}", "it")
            .replace(", {{ steps.desk.url }}", ""),
    );
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("dial-key-idle"), "{told:?}");
}

#[test]
fn no_words_and_no_keys_of_a_dial_can_be_sensitive_so_no_recording_of_one_has_any() {
    let with = |line: &str| {
        format!(
            r#"
            give_up = "hangup"
            [answers]
            pin = {{ digits = 4, sensitive = true }}
            [steps.pin]
            ask  = "Your PIN?"
            into = "pin"
            next = "desk"
            [steps.desk]
            {line}
            recorded = "both"
            keep     = "30d"
            next     = "send"
            [steps.send]
            submit = "pins"
            next   = "hangup"
            "#
        )
    };
    let fine = faults(&with(
        "dial = \"+442079460000\"\nwhisper = \"A call. To take it press 1.\"\naccept = \"1\"",
    ));
    assert!(
        !fine.iter().any(|fault| fault.contains("sensitive")),
        "{fine:?}"
    );
    for line in [
        "dial = \"+442079460000\"\nwhisper = \"The PIN is {{ pin }}. To take it press 1.\"\naccept = \"1\"",
        "dial = \"+44{{ pin }}\"",
        "dial = { sip = \"sip:{{ pin }}@pbx.example.com\" }",
        "dial = { client = \"{{ pin }}\" }",
        "dial = { queue = \"{{ pin }}\" }",
    ] {
        let told = faults(&with(line));
        assert!(
            told.iter().any(|fault| fault.contains("sensitive")),
            "{line}: {told:?}"
        );
    }
}
