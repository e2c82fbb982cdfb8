//! What an author counts: reached on entering a step, once a visit, never undone.

use super::phone::Phone;
use crate::engine::Outcome;

const FLOW: &str = r#"
    give_up = "hangup"

    [milestones]
    ended  = ["left", "bye"]
    booked = "send"
    asked  = "size"

    [steps.kind]
    menu   = "Which kind?"
    keys.1 = "size"
    keys.2 = "send"

    [steps.size]
    ask     = "Which size?"
    into    = "size"
    integer = [1, 9]
    next    = "send"

    [steps.send]
    submit = "pickups"
    next   = "more"

    [steps.more]
    menu   = "Again?"
    keys.1 = "kind"
    keys.2 = "bye"
    keys.3 = "send"

    [steps.bye]
    say  = "Goodbye."
    next = "hangup"

    [steps.left]
    submit = "desk"
    next   = "hangup"

    [on]
    hangup = "left"

    [anywhere]
    "*" = "back"
"#;

/// The milestones in the last delivery.
fn sent(phone: &Phone) -> Vec<String> {
    let last = phone.deliveries.last().expect("something was submitted");
    let body: serde_json::Value = serde_json::from_str(&last.body).expect("it is JSON");
    serde_json::from_value(body["data"]["call"]["milestones"].clone()).expect("they are names")
}

#[test]
fn a_submission_carries_what_was_reached_until_the_end_of_its_turn_and_its_own() {
    let mut phone = Phone::call(FLOW);
    phone.press("2");
    assert_eq!(sent(&phone), ["booked"]);
    phone.press("1").press("1").press("5#");
    assert_eq!(
        sent(&phone),
        ["booked", "asked"],
        "in the order of the call"
    );
    phone.hang_up();
    assert_eq!(sent(&phone), ["booked", "asked", "ended"]);
}

#[test]
fn a_milestone_is_reached_once_a_visit_and_back_does_not_undo_it() {
    let mut phone = Phone::call(FLOW);
    let reached = |phone: &Phone| phone.turn.reached.clone();
    assert_eq!(reached(&phone), [0; 0]);
    phone.press("1");
    assert_eq!(reached(&phone), [2]);
    phone.press("*").hears("Which kind?").press("2");
    assert_eq!(reached(&phone), [1]);
    assert_eq!(sent(&phone), ["asked", "booked"]);
    phone.press("3");
    assert_eq!(reached(&phone), [0; 0], "it was reached before");
    phone.press("2").ends(Outcome::Completed);
    assert_eq!(reached(&phone), [0]);
    let again = phone.turn.call.revisit(&phone.flow);
    assert_eq!(again.reached, [0; 0]);
}
