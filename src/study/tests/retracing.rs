//! A call worked out again from its trail, and the rules by which it went.

use crate::engine::tests::phone::{Phone, at};
use crate::engine::{Ending, Entry, Fault, Fingerprint, Input, Trail, is_secret};
use crate::study::{Moment, retrace};

const FLOW: &str = r#"
    [on]
    hangup = "left"
    error = "sorry"
    [anywhere]
    9 = "back"
    [answers]
    pin = { digits = 4, sensitive = true }
    [steps.kind]
    menu = "One or two?"
    keys.1 = { says = ["parcel"], next = "pin" }
    keys.2 = "pin"
    attempts = 2
    give_up = "sorry"
    [steps.pin]
    ask = "PIN?"
    into = "pin"
    refuse = [{ when = "pin == '0000'", say = "Another one." }]
    next = "which"
    [steps.which]
    branch = [{ when = "pin == '1111'", next = "sorry" }, { next = "thanks" }]
    [steps.thanks]
    say = "Thank you."
    next = "hangup"
    [steps.sorry]
    say = "Sorry."
    next = "hangup"
    [steps.left]
    submit = { to = "pickups", partial = true }
    next = "hangup"
"#;

fn keys(keys: &str) -> Input {
    Input::Keys(keys.to_owned())
}

/// The rules of a call, a turn a line: `step: rule > target`.
fn rules(inputs: &[Input]) -> Vec<String> {
    let mut phone = Phone::call(FLOW);
    for input in inputs {
        phone.input(input);
    }
    assert_eq!(phone.retraced_otherwise(), None);
    let trail = trail(&phone);
    let retraced = retrace(&trail, |_| Some(&phone.flow));
    let line = |moment: &Moment| {
        let rules = moment.rules(&phone.flow).into_iter();
        let rule = rules.map(|rule| {
            format!(
                "{}: {} ({} others)",
                phone.flow.step(rule.step).name,
                rule.on,
                rule.others.len()
            )
        });
        rule.collect::<Vec<_>>().join(", ")
    };
    retraced
        .iter()
        .map(|turn| line(turn.moment.as_ref().expect("the trail is whole")))
        .collect()
}

fn trail(phone: &Phone) -> Trail {
    let entries = phone.taken.iter().map(|(entry, _)| entry.clone()).collect();
    Trail {
        sid: phone.turn.call.sid.clone(),
        entries,
        events: Vec::new(),
    }
}

#[test]
fn every_turn_tells_its_rule_in_the_words_of_the_flow() {
    let refused = [keys("1"), keys("0000"), keys("0000"), keys("0000")];
    assert_eq!(
        rules(&refused)[2..],
        [
            "pin: refuse.1 (1 others)",
            "pin: refuse.1 (1 others)",
            "pin: refuse.1 (1 others), pin: on_error (1 others), sorry: next (0 others)"
        ]
    );
    let call = [
        keys("7"),
        keys("2"),
        keys("9"),
        Input::Speech("Parcel.".to_owned()),
        Input::Silence,
        keys("1234"),
    ];
    assert_eq!(
        rules(&call),
        [
            "kind: start (4 others)",
            "kind: no_match (4 others)",
            "kind: keys.2 (3 others)",
            "pin: anywhere.9 (1 others)",
            "kind: keys.1 (3 others)",
            "pin: no_input (1 others)",
            "pin: next (0 others), which: otherwise (1 others), thanks: next (0 others)",
        ]
    );
    assert_eq!(
        rules(&[keys("7"), Input::Silence])[2],
        "kind: give_up.silent (3 others), sorry: next (0 others)"
    );
    assert_eq!(
        rules(&[Input::HungUp(Ending::HungUp)])[1],
        "kind: on_hangup (4 others), left: next (0 others)"
    );
    assert_eq!(
        rules(&[Input::Failed(Fault::Refused(12200))])[1],
        "kind: on_error (4 others), sorry: next (0 others)"
    );
}

#[test]
fn where_turns_are_missing_the_rest_is_still_told() {
    let mut phone = Phone::call(FLOW);
    for input in [keys("1"), keys("1234")] {
        phone.input(&input);
    }
    let whole = trail(&phone);
    let known = |trail: &Trail| {
        let retraced = retrace(trail, |_| Some(&phone.flow));
        retraced
            .iter()
            .map(|turn| turn.moment.is_some())
            .collect::<Vec<_>>()
    };
    assert_eq!(known(&whole), [true, true, true]);
    let without = |turn: usize| {
        let mut trail = whole.clone();
        trail.entries.remove(turn);
        trail
    };
    assert_eq!(known(&without(0)), [false, false]);
    assert_eq!(known(&without(1)), [true, false]);
    let mut sealed = whole.clone();
    sealed.entries[1].input = None;
    assert_eq!(known(&sealed), [true, false, false]);
    let retraced = retrace(&whole, |_| None);
    assert!(
        retraced
            .iter()
            .all(|turn| turn.moment.is_none() && turn.version == Some(phone.flow.fingerprint))
    );
    assert_ne!(phone.flow.fingerprint, Fingerprint(0));
}

#[test]
fn a_visit_goes_on_from_the_one_before() {
    let mut phone = Phone::call(FLOW);
    phone.input(&keys("1"));
    let again = phone.turn.call.revisit(&phone.flow);
    let turn = crate::engine::advance(&phone.flow, again, &Input::Begin, at(9));
    let mut trail = trail(&phone);
    trail.entries.push(Entry::of(
        &phone.flow,
        &turn,
        &Input::Begin,
        false,
        at(9),
        0,
    ));
    let retraced = retrace(&trail, |_| Some(&phone.flow));
    assert_eq!(
        retraced[2].moment.as_ref().map(|moment| &moment.turn),
        Some(&turn)
    );
    trail.entries.drain(..2);
    assert!(!trail.is_whole());
    let retraced = retrace(&trail, |_| Some(&phone.flow));
    let moment = retraced[0]
        .moment
        .as_ref()
        .expect("a visit begins with nothing");
    assert_eq!(moment.turn.reply, turn.reply);
}

#[test]
fn what_is_entered_for_a_sensitive_answer_is_secret_and_nothing_else() {
    let mut phone = Phone::call(FLOW);
    let secret = |phone: &Phone, input: &Input| is_secret(&phone.flow, &phone.turn.call, input);
    assert!(!secret(&phone, &keys("1")));
    phone.press("1");
    assert!(secret(&phone, &keys("1234")) && secret(&phone, &keys("99")));
    assert!(secret(&phone, &Input::Speech("one two".to_owned())));
    assert!(!secret(&phone, &Input::Silence) && !secret(&phone, &Input::HungUp(Ending::HungUp)));
}
