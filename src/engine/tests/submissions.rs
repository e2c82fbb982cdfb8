//! What reaches a backend, how often, and in which words.

use super::phone::{Phone, SID, at, bundle, flow, stored};
use crate::engine::{Ending, Fault, Input, Outcome, advance};

const FLOW: &str = r#"
    title   = "Parcels"
    give_up = "left"

    [answers]
    kind   = { one_of = ["letter", "parcel"] }
    weight = { integer = [1, 30], optional = true }
    pin    = { digits = 4, sensitive = true, optional = true }

    [steps.kind]
    menu   = "Which kind?"
    into   = "kind"
    keys.1 = { value = "letter", next = "send" }
    keys.2 = { value = "parcel", next = "weight", set = { note = "not an answer" } }
    keys.3 = "send"
    keys.4 = "half"

    [steps.weight]
    ask  = "How heavy?"
    into = "weight"
    next = "pin"

    [steps.pin]
    ask  = "Your PIN?"
    into = "pin"
    next = "send"

    [steps.send]
    submit = "pickups"
    next   = "more"

    [steps.more]
    menu   = "Thank you. Again?"
    keys.1 = "send"
    keys.2 = "half"
    keys.3 = { next = "ring", set = { weight = 5 } }
    keys.4 = "other"

    [steps.half]
    submit = { to = "pickups", partial = true }
    next   = "more"

    [steps.other]
    submit = { to = "notices", partial = true }
    next   = "more"

    [steps.ring]
    dial = "+442079460000"
    next = "hangup"

    [steps.left]
    submit = { to = "pickups", partial = true }
    next   = "hangup"

    [steps.sorry]
    say  = "Sorry."
    next = "more"

    [on]
    hangup = "left"
    error  = "sorry"
"#;

#[test]
fn the_body_is_what_backends_are_promised() {
    let mut phone = Phone::call(FLOW);
    phone.press("2").press("7#").press("0042");
    let body: serde_json::Value =
        serde_json::from_str(&phone.deliveries[0].body).expect("it is JSON");
    let version = phone.flow.fingerprint.to_string();
    assert_eq!(
        body,
        serde_json::json!({
            "type": "submission.complete",
            "timestamp": "2026-11-23T10:15:03.000Z",
            "data": {
                "call": {
                    "sid": SID,
                    "from": "+442079460001",
                    "to": "+442079460123",
                    "direction": "inbound",
                    "flow": "test",
                    "version": version,
                    "language": "en-US",
                    "started_at": "2026-11-23T10:15:00.000Z",
                    "ended_at": null,
                    "outcome": "in_progress",
                    "last_step": "more",
                    "milestones": [],
                },
                "submission": { "step": "send", "number": 1 },
                "answers": { "kind": "parcel", "weight": 7, "pin": "0042" },
            },
        })
    );
    assert_eq!(phone.deliveries[0].sensitive, ["pin"]);
    let keys = |value: &serde_json::Value| -> Vec<String> {
        value
            .as_object()
            .expect("it is a table")
            .keys()
            .cloned()
            .collect()
    };
    assert_eq!(keys(&body), ["type", "timestamp", "data"]);
    assert_eq!(
        keys(&body["data"]["answers"]),
        ["kind", "weight", "pin"],
        "in the order of the promises"
    );
}

#[test]
fn a_call_that_is_over_says_how_and_when() {
    let mut phone = Phone::call(FLOW);
    phone.press("2").hang_up();
    let body: serde_json::Value =
        serde_json::from_str(&phone.deliveries[0].body).expect("it is JSON");
    assert_eq!(body["type"], "submission.partial");
    assert_eq!(body["data"]["call"]["outcome"], "hung_up");
    assert_eq!(body["data"]["call"]["ended_at"], "2026-11-23T10:15:02.000Z");
    assert_eq!(
        body["data"]["call"]["last_step"], "weight",
        "where the caller left, not what was done afterwards"
    );
    assert_eq!(
        body["data"]["submission"],
        serde_json::json!({ "step": "left", "number": 1 })
    );
    assert_eq!(
        body["data"]["answers"],
        serde_json::json!({ "kind": "parcel" })
    );
}

#[test]
fn what_is_not_set_is_absent_and_variables_are_never_sent() {
    let mut phone = Phone::call(FLOW);
    phone.press("1");
    assert_eq!(phone.sent(), serde_json::json!({ "kind": "letter" }));
}

#[test]
fn a_partial_one_is_sent_wherever_the_flow_leads_there() {
    let mut phone = Phone::call(FLOW);
    phone.press("1").press("2").hears("Thank you.").press("4");
    let backends: Vec<_> = phone
        .deliveries
        .iter()
        .map(|delivery| (delivery.number, delivery.backend.as_str()))
        .collect();
    assert_eq!(backends, [(1, "pickups"), (2, "pickups"), (3, "notices")]);
}

/// A caller may change each answer, submit to two backends, and hang up at any time.
const LEAVER: &str = r#"
    give_up = "hangup"

    [answers]
    kind = { one_of = ["letter", "parcel"], optional = true }
    pin  = { digits = 4, sensitive = true, optional = true }

    [steps.kind]
    menu   = "Which kind?"
    into   = "kind"
    keys.1 = { value = "letter", next = "more" }
    keys.2 = { value = "parcel", next = "more" }

    [steps.pin]
    ask  = "Your PIN?"
    into = "pin"
    next = "more"

    [steps.more]
    menu   = "What now?"
    keys.1 = "kind"
    keys.2 = "pin"
    keys.3 = "all"
    keys.4 = "only_kind"
    keys.5 = "other"
    keys.6 = { next = "more", forget = ["kind", "pin"] }

    [steps.all]
    submit = { to = "pickups", partial = true }
    next   = "more"

    [steps.only_kind]
    submit = { to = "pickups", answers = ["kind"] }
    next   = "more"

    [steps.other]
    submit = "notices"
    next   = "more"

    [steps.left]
    submit = { to = "pickups", partial = true }
    next   = "hangup"

    [on]
    hangup = "left"
"#;

/// Whether a caller who presses these keys and hangs up leaves something behind.
fn leaves_something(keys: &[&str]) -> bool {
    let mut phone = Phone::call(LEAVER);
    for keys in keys {
        phone.press(keys);
    }
    let before = phone.deliveries.len();
    phone.hang_up();
    phone.deliveries.len() > before
}

#[test]
fn who_hangs_up_leaves_only_what_their_backend_does_not_have() {
    for (keys, why) in [
        (&[][..], "nothing was answered or sent"),
        (&["1"], "the kind is new"),
        (&["1", "5"], "another backend has it"),
        (&["1", "4", "2", "0042"], "the PIN is new"),
        (&["1", "3", "1", "2"], "the kind is another one"),
        (&["1", "3", "2", "0042", "5"], "another backend has the PIN"),
        (
            &["1", "3", "1", "2", "3", "1", "1"],
            "the kind is an earlier one, but the backend has the later one",
        ),
    ] {
        assert!(leaves_something(keys), "{keys:?}: {why}");
    }
    for (keys, why) in [
        (&["1", "3"][..], "a partial one had it"),
        (&["1", "4"], "a complete one had it"),
        (&["1", "4", "2", "0042", "3"], "the two had it together"),
        (&["1", "3", "1", "2", "1", "1"], "it is as it was again"),
        (
            &["1", "2", "0042", "3", "6"],
            "what is forgotten says nothing",
        ),
    ] {
        assert!(!leaves_something(keys), "{keys:?}: {why}");
    }
}

#[test]
fn what_is_sent_is_chosen_and_complete_with_that() {
    let source = r#"
        [answers]
        kind  = { one_of = ["letter", "parcel"] }
        phone = { digits = [6, 15] }
        [steps.send]
        submit = { to = "callbacks", answers = ["phone"] }
        next   = "hangup"
        [steps.phone]
        ask  = "Your number?"
        into = "phone"
        next = "send"
    "#;
    let ask_first = format!("start = \"phone\"\n{source}");
    let mut phone = Phone::call(&ask_first);
    phone.press("5550100#").ends(Outcome::Completed);
    let body: serde_json::Value =
        serde_json::from_str(&phone.deliveries[0].body).expect("it is JSON");
    assert_eq!(body["type"], "submission.complete");
    assert_eq!(phone.sent(), serde_json::json!({ "phone": "5550100" }));
    let phone = Phone::call(source);
    let faults = phone.turn.faults.iter().map(|(_, fault)| fault.clone());
    assert_eq!(
        faults.collect::<Vec<_>>(),
        [Fault::Unset("phone".to_owned())]
    );
}

#[test]
fn partial_ones_before_a_full_one_are_all_sent() {
    let mut phone = Phone::call(FLOW);
    phone.press("4").press("2").press("2");
    assert_eq!(phone.deliveries.len(), 3);
}

#[test]
fn a_full_one_may_be_made_again() {
    let mut phone = Phone::call(FLOW);
    phone.press("1").press("1");
    let numbers: Vec<_> = phone
        .deliveries
        .iter()
        .map(|delivery| delivery.number)
        .collect();
    assert_eq!(numbers, [1, 2]);
}

#[test]
fn a_promised_answer_that_is_not_set_takes_the_way_of_errors_once() {
    let mut phone = Phone::call(FLOW);
    phone.press("3").hears_only("Sorry. Thank you. Again?");
    assert_eq!(phone.deliveries, []);
    assert_eq!(
        phone
            .turn
            .faults
            .iter()
            .map(|(_, fault)| fault.clone())
            .collect::<Vec<_>>(),
        [Fault::Unset("kind".to_owned())]
    );
    phone.press("1").hears("We are sorry").ends(Outcome::Failed);
}

#[test]
fn deliveries_of_one_turn_are_in_order_and_their_call_is_as_the_turn_leaves_it() {
    let source = r#"
        [steps.a]
        submit = { to = "pickups", partial = true }
        next   = "b"
        [steps.b]
        submit = { to = "notices", partial = true }
        next   = "hangup"
    "#;
    let phone = Phone::call(source);
    for (number, delivery) in (1..).zip(&phone.deliveries) {
        let body: serde_json::Value = serde_json::from_str(&delivery.body).expect("it is JSON");
        assert_eq!(
            (delivery.number, &body["data"]["submission"]["number"]),
            (number, &serde_json::json!(number))
        );
        assert_eq!(body["data"]["call"]["outcome"], "completed");
        assert_eq!(body["data"]["call"]["ended_at"], "2026-11-23T10:15:00.000Z");
    }
    assert_eq!(phone.deliveries.len(), 2);
}

#[test]
fn a_caller_who_hangs_up_while_somebody_is_dialled_is_told_of_as_well() {
    let mut phone = Phone::call(FLOW);
    phone.press("4").press("3").hears("[dial").hang_up();
    assert_eq!(phone.deliveries.len(), 2);
    let mut phone = Phone::call(FLOW);
    phone
        .press("4")
        .press("3")
        .dialled("answered")
        .ends(Outcome::Completed)
        .hang_up();
    assert_eq!(phone.deliveries.len(), 1, "the flow had ended by itself");
}

#[test]
fn a_visit_begins_empty_and_its_turns_and_deliveries_go_on() {
    let mut phone = Phone::call(FLOW);
    phone.press("1").hang_up();
    let before = stored(&phone.turn.call);
    let flow = flow(&bundle(FLOW));
    let again = before.revisit(&flow);
    assert_eq!(
        (again.visit, again.turn, again.deliveries),
        (2, before.turn, before.deliveries)
    );
    assert!(
        again.values.is_empty()
            && again.submitted.is_empty()
            && again.trail.is_empty()
            && !again.is_over()
    );
    let turn = advance(&flow, again, &Input::Begin, at(60));
    let turn = advance(
        &flow,
        stored(&turn.call),
        &Input::HungUp(Ending::HungUp),
        at(61),
    );
    assert_eq!(turn.call.turn, before.turn + 2);
    assert_eq!(
        turn.deliveries
            .iter()
            .map(|delivery| delivery.number)
            .collect::<Vec<_>>(),
        [2],
        "a partial one again"
    );
}

#[test]
fn a_circle_tells_the_backend_once() {
    let phone = Phone::call(
        r#"
        [steps.send]
        submit = "pickups"
        next   = "again"
        [steps.again]
        say  = "Again."
        next = "send"
        "#,
    );
    assert_eq!(phone.deliveries.len(), 1);
}
