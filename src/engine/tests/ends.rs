//! Hanging up, errors, circles, and calls that go on for ever.

use super::phone::{Phone, at, faults, stored};
use crate::engine::fault::{STEPS_A_TURN, STEPS_A_VISIT};
use crate::engine::{Ending, Fault, Input, Outcome, Verb, advance};

fn on(hangup: &str, more: &str) -> String {
    format!(
        r#"
        give_up = "hangup"
        [steps.menu]
        menu   = "Press."
        keys.1 = {{ next = "menu", set = {{ pressed = 1 }} }}
        keys.2 = "bye"
        keys.3 = "away"
        keys.4 = "bad"
        [steps.bye]
        say  = "Bye."
        next = "hangup"
        [steps.away]
        redirect = "https://example.com/"
        [steps.bad]
        set  = {{ number = "{{{{ 1 // (call.attempt - call.attempt) }}}}" }}
        next = "hangup"
        [steps.send]
        submit = {{ to = "pickups", partial = true }}
        next   = "hangup"
        {more}
        [on]
        hangup = "{hangup}"
        "#
    )
}

#[test]
fn a_caller_who_leaves_is_told_of_once_and_hears_nothing() {
    let mut phone = Phone::call(&on("send", ""));
    phone.hang_up().hears_only("[hangup]").ends(Outcome::HungUp);
    let over = phone.turn.call.clone();
    phone.hang_up().hears_only("[hangup]").ends(Outcome::HungUp);
    assert_eq!(phone.deliveries.len(), 1);
    assert_eq!(phone.turn.call.at, over.at);
}

#[test]
fn a_call_that_nothing_is_heard_of_is_silent() {
    let mut phone = Phone::call(&on("send", ""));
    phone
        .input(&Input::HungUp(Ending::Silent))
        .ends(Outcome::Silent);
    assert!(phone.deliveries[0].body.contains("\"outcome\":\"silent\""));
}

#[test]
fn nothing_more_is_done_where_the_flow_had_ended_by_itself() {
    for key in ["2", "3"] {
        let mut phone = Phone::call(&on("send", ""));
        phone
            .press(key)
            .ends(Outcome::Completed)
            .hang_up()
            .ends(Outcome::Completed);
        assert_eq!(phone.deliveries, []);
    }
}

#[test]
fn a_call_that_is_over_hears_nothing_more_whatever_comes() {
    let mut phone = Phone::call(&on("send", ""));
    phone.press("2");
    for input in [
        Input::Keys("1".to_owned()),
        Input::Silence,
        Input::Begin,
        Input::Failed(Fault::Refused(11200)),
    ] {
        phone
            .input(&input)
            .hears_only("[hangup]")
            .ends(Outcome::Completed);
    }
}

#[test]
fn what_is_done_then_may_decide_and_set_and_ends_at_the_first_step_that_needs_a_caller() {
    let more = r#"
        [steps.left]
        set    = { gone = true }
        forget = "pressed"
        next   = "decide"
        [steps.decide]
        branch = [{ when = "gone and pressed is not defined", next = "tell" }, { next = "hangup" }]
        [steps.tell]
        submit = { to = "notices", partial = true }
        next   = "speak"
        [steps.speak]
        say  = "Nobody hears this."
        next = "send"
    "#;
    let mut phone = Phone::call(&on("left", more));
    phone
        .press("1")
        .hang_up()
        .hears_only("[hangup]")
        .ends(Outcome::HungUp);
    let backends: Vec<_> = phone
        .deliveries
        .iter()
        .map(|delivery| delivery.backend.as_str())
        .collect();
    assert_eq!(backends, ["notices"]);
    assert_eq!(phone.step(), "menu", "the step at which the caller left");
    assert!(faults(&on("speak", more))[0].contains("hangup-needs-caller"));
}

#[test]
fn a_fault_in_what_is_done_then_takes_no_way_of_errors() {
    let more = "[steps.sorry]\nsay = \"Sorry.\"\nnext = \"hangup\"";
    let source = on("bad", more) + "error = \"sorry\"\n";
    let mut phone = Phone::call(&source);
    phone.hang_up().hears_only("[hangup]").ends(Outcome::HungUp);
    assert_eq!(phone.turn.faults.len(), 1);
}

#[test]
fn a_call_may_end_before_it_has_begun() {
    let flow = super::phone::flow(&super::phone::bundle(&on("send", "")));
    let sid = crate::engine::CallSid::parse("CA1").expect("it is legal");
    let call = crate::engine::Call::new(sid, &flow, crate::engine::About::default());
    let turn = advance(&flow, call, &Input::HungUp(Ending::HungUp), at(0));
    assert_eq!(
        (turn.call.outcome(), turn.deliveries.len()),
        (Outcome::HungUp, 1)
    );
}

#[test]
fn a_reply_that_the_carrier_refused_takes_the_way_of_errors_once_a_visit() {
    let more = "[steps.person]\ndial = \"+442079460000\"\nnext = \"menu\"";
    let source = on("send", more) + "error = \"person\"\n";
    let mut phone = Phone::call(&source);
    phone
        .input(&Input::Failed(Fault::Refused(12100)))
        .hears("[dial")
        .dialled("busy")
        .hears("Press.");
    phone
        .input(&Input::Failed(Fault::Refused(12100)))
        .hears("We are sorry")
        .ends(Outcome::Failed);
    assert_eq!(phone.turn.faults[0].1, Fault::Refused(12100));
    phone.hang_up().ends(Outcome::Failed);
}

#[test]
fn a_flow_that_goes_round_without_asking_ends_with_an_apology() {
    let source = r#"
        [steps.a]
        say  = "Round."
        next = "b"
        [steps.b]
        set  = { n = 1 }
        next = "a"
        [on]
        error = "a"
    "#;
    let mut phone = Phone::call(source);
    phone.hears("We are sorry").ends(Outcome::Failed);
    assert!(phone.verbs().len() <= STEPS_A_TURN + 2);
    assert_eq!(
        phone.turn.faults.last().map(|(_, fault)| fault.clone()),
        Some(Fault::Circle)
    );
}

#[test]
fn repeat_with_nothing_to_repeat_is_such_a_circle() {
    Phone::call("[steps.a]\nsay = \"Hello.\"\nnext = \"repeat\"\n").ends(Outcome::Failed);
    Phone::call("[steps.a]\nsay = \"Hello.\"\nnext = \"back\"\n").ends(Outcome::Failed);
}

#[test]
fn a_visit_of_a_thousand_steps_takes_the_way_of_errors_and_then_ends() {
    let more = "[steps.person]\ndial = \"+442079460000\"\nnext = \"menu\"";
    let source = on("send", more) + "error = \"person\"\n";
    let mut phone = Phone::call(&source);
    for _ in 1..STEPS_A_VISIT {
        phone.press("1").hears_only("Press.");
    }
    let mut left = Phone {
        flow: super::phone::flow(&super::phone::bundle(&source)),
        turn: phone.turn.clone(),
        deliveries: Vec::new(),
        texts: Vec::new(),
        seconds: 0,
        taken: Vec::new(),
        events: Vec::new(),
    };
    assert_eq!(
        left.hang_up().ends(Outcome::HungUp).deliveries.len(),
        1,
        "what is done for who left is not lost in it"
    );
    phone.press("1").hears("[dial").ends(Outcome::InProgress);
    assert_eq!(phone.turn.faults[0].1, Fault::TooLong);
    phone.dialled("busy").hears("Press.");
    while !phone.turn.call.is_over() {
        phone.press("1");
    }
    phone.hears("We are sorry").ends(Outcome::Failed);
}

#[test]
fn a_call_that_is_handed_on_says_for_how_long_it_may_be_silent() {
    let source = "[steps.a]\ndial = \"+442079460000\"\ntimeout = \"20s\"\ntime_limit = \"10m\"\nnext = \"hangup\"\n";
    let phone = Phone::call(source);
    assert_eq!(phone.turn.holds_for, Some(20 + 600 + 600));
    assert_eq!(Phone::call(&on("send", "")).turn.holds_for, None);
}

#[test]
fn a_dial_that_the_carrier_could_not_make_has_failed() {
    let source = "[steps.a]\ndial = \"+442079460000\"\non.failed = \"b\"\nnext = \"hangup\"\n[steps.b]\nsay = \"{{ steps.a.outcome }} {{ steps.a.seconds }}\"\nnext = \"hangup\"\n";
    Phone::call(source).wait().hears("failed 0");
}

#[test]
fn a_number_to_be_dialled_is_checked_where_it_is_known() {
    let dial = |number: &str| format!("[steps.a]\ndial = \"{number}\"\nnext = \"hangup\"\n");
    for wrong in [
        "442079460000",
        "+0123456789",
        "+44 20 7946",
        "+1",
        "+1234567890123456",
        "",
        "+44x",
    ] {
        assert!(!faults(&dial(wrong)).is_empty(), "{wrong}");
    }
    Phone::call(&dial("{{ call.from }}")).hears("[dial +442079460001]");
    Phone::call(&dial("{{ call.caller_name }}")).ends(Outcome::Failed);
}

#[test]
fn a_turn_is_pure() {
    let mut phone = Phone::call(&on("send", ""));
    phone.press("1");
    let one = advance(
        &phone.flow,
        stored(&phone.turn.call),
        &Input::Silence,
        at(9),
    );
    let two = advance(
        &phone.flow,
        stored(&phone.turn.call),
        &Input::Silence,
        at(9),
    );
    assert_eq!(one, two);
}

#[test]
fn a_url_keeps_what_a_variable_holds_in_its_place() {
    let mut phone = Phone::call(
        r#"
        [steps.number]
        ask  = "Number?"
        into = "number"
        digits = 2
        set  = { odd = "a b&c=d/ü" }
        next = "leave"
        [steps.leave]
        redirect = "https://example.com/{{ number }}?from={{ call.from }}&odd={{ odd }}"
        "#,
    );
    phone.press("42");
    let from = phone.turn.call.about.from.replace('+', "%2B");
    let url = format!("https://example.com/42?from={from}&odd=a%20b%26c%3Dd%2F%C3%BC");
    assert_eq!(phone.verbs().last(), Some(&Verb::Redirect(url)));
}
