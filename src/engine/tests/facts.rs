//! What comes back to steps that wait, by the step's name.

use super::phone::{Phone, faults};
use crate::engine::Outcome;

const HUNT: &str = r#"
give_up = "hangup"
[steps.desk]
dial = "+442079460000"
next = "mobile"
[steps.mobile]
dial = "+442079460001"
next = "again"
[steps.again]
menu   = "Desk {{ steps.desk.outcome }} {{ steps.desk.seconds }}, mobile {{ steps.mobile.outcome? }}."
keys.1 = "desk"
keys.2 = "decide"
keys.3 = "again"
[steps.decide]
branch = [
  { when = "steps.desk.outcome == 'busy' and steps.mobile.outcome != 'busy'", next = "again" },
  { next = "hangup" },
]
"#;

#[test]
fn each_step_keeps_what_came_back_to_it() {
    let mut phone = Phone::call(HUNT);
    phone.dialled("busy").dialled("no_answer");
    phone.hears("Desk busy 0, mobile no_answer.");
    phone.press("2").hears("Desk busy 0, mobile no_answer.");
}

#[test]
fn entering_a_step_unsets_what_came_back_to_it_and_nothing_else() {
    let mut phone = Phone::call(HUNT);
    phone.dialled("busy").dialled("no_answer").press("3");
    phone.hears("Desk busy 0, mobile no_answer.");
    phone.press("1").hears("[dial +442079460000]");
    let step = |phone: &Phone, name: &str| {
        let steps = phone.flow.steps.iter();
        let place = steps
            .map(|step| step.name.as_str())
            .position(|known| known == name);
        phone
            .turn
            .call
            .came_to(place.expect("it is a step") as u16)
            .cloned()
    };
    assert_eq!(step(&phone, "desk"), None, "nobody knows yet");
    let mobile = step(&phone, "mobile").expect("it has not been entered again");
    assert_eq!(mobile.outcome, "no_answer");
}

#[test]
fn a_fact_that_is_not_set_is_empty_and_noted_by_its_name() {
    let source = r#"
        [steps.told]
        say  = "<{{ steps.desk.outcome }}><{{ steps.desk.seconds | default('none') }}>"
        next = "desk"
        [steps.desk]
        dial = "+442079460000"
        next = "hangup"
    "#;
    let mut phone = Phone::call(source);
    phone.hears("<><none>").ends(Outcome::InProgress);
    let [(step, slot)] = phone.turn.unset[..] else {
        panic!("{:?}", phone.turn.unset);
    };
    assert_eq!(phone.flow.step(step).name, "told");
    assert_eq!(phone.flow.written_name(slot), "steps.desk.outcome");
}

#[test]
fn a_step_that_cannot_be_read_is_blamed_for_itself_alone() {
    let source = r#"
        [steps.desk]
        dial = "020 7946 0000"
        next = "told"
        [steps.told]
        say  = "{{ steps.desk.outcome }} {{ steps.desk.seconds + 1 }}"
        next = "hangup"
    "#;
    let faults = faults(source);
    assert!(
        faults.len() == 1 && faults[0].contains("number-not-e164"),
        "{faults:?}"
    );
}
