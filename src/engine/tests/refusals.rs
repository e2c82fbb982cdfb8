//! Entries that their type allows and the question refuses.

use super::phone::{Phone, faults};
use crate::engine::Outcome;

const FLOW: &str = r#"
    give_up = "hangup"
    [anywhere]
    9 = "back"

    [answers]
    kind   = { one_of = ["letter", "parcel"] }
    weight = { integer = [1, 30] }
    pin    = { digits = 4, sensitive = true, optional = true }

    [steps.kind]
    menu   = "Which?"
    into   = "kind"
    refuse = [{ when = "kind == 'letter' and weight is defined and weight > 2", say = "Not with {{ weight }} kilograms." }]
    keys.1 = { value = "letter", next = "weight" }
    keys.2 = { value = "parcel", next = "weight" }

    [steps.weight]
    ask    = "How heavy? So far {{ weight? }}."
    into   = "weight"
    refuse = [
      { when = "weight == 13", say = "Not {{ weight }}." },
      { when = "weight > 20 + 1 // (weight - 7)", say = "Too heavy." },
    ]
    no_match = "From 1 to 30."
    next   = "pin"

    [steps.pin]
    ask    = "PIN?"
    into   = "pin"
    refuse = [{ when = "pin == '0000'", say = "Another one." }]
    next   = "kind"

    [on]
    error = "sorry"
    [steps.sorry]
    say  = "Sorry."
    next = "hangup"
"#;

#[test]
fn a_refused_entry_is_a_miss_and_leaves_the_earlier_value() {
    let mut phone = Phone::call(FLOW);
    phone.press("2").hears_only("How heavy? So far .");
    phone.press("13#").hears_only("Not 13. How heavy? So far .");
    assert_eq!(phone.value("weight"), None);
    assert_eq!(phone.turn.refused, Some(0));
    phone.press("2#").press("1234").press("2");
    assert_eq!(phone.value("weight").as_deref(), Some("2"));
    phone
        .press("30#")
        .hears_only("Too heavy. How heavy? So far 2.");
    assert_eq!(phone.value("weight").as_deref(), Some("2"));
    assert_eq!(phone.turn.refused, Some(1));
    phone.press("0#").hears("From 1 to 30.");
    assert_eq!(phone.turn.refused, None, "its type does not allow it");
    phone
        .press("13#")
        .hears_only("[hangup]")
        .ends(Outcome::GaveUp);
    assert_eq!(phone.turn.refused, Some(0));
    assert_eq!(phone.retraced_otherwise(), None);
}

#[test]
fn the_first_condition_that_holds_refuses_and_a_menu_judges_what_its_key_stores() {
    let mut phone = Phone::call(FLOW);
    phone.press("2").press("3#").press("1234");
    phone.press("1").hears_only("Not with 3 kilograms. Which?");
    assert_eq!(phone.value("kind").as_deref(), Some("parcel"));
    phone.press("2").hears("How heavy? So far 3.");
}

#[test]
fn what_cannot_be_judged_is_a_fault_of_the_step_and_changes_nothing() {
    let mut phone = Phone::call(FLOW);
    phone.press("2").press("7#").hears_only("Sorry. [hangup]");
    assert_eq!(phone.value("weight"), None);
}

#[test]
fn a_sensitive_answer_may_be_judged_and_not_spoken() {
    let mut phone = Phone::call(FLOW);
    phone.press("2").press("3#").press("0000");
    phone.hears_only("Another one. PIN?");
    let spoken = FLOW.replace("Another one.", "Not {{ pin }}.");
    let told = faults(&spoken);
    assert!(
        told.iter().any(|told| told.contains("sensitive-told")),
        "{told:?}"
    );
}
