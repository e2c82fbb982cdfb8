//! What happens to words of which the recogniser is not sure.

use super::phone::{Phone, faults};
use crate::engine::{Input, Progress};

const LINE: &str = r#"
    give_up = "lost"

    [steps.about]
    menu     = "What is it about?"
    sure     = [0.4, 0.7]
    no_match = "Again?"
    keys.1   = { next = "bill", says = ["bill", "invoice"] }
    keys.2   = { next = "fault", says = ["fault", "no signal"] }
    keys.3   = "person"

    [steps.bill]
    say  = "One."
    next = "hangup"

    [steps.fault]
    say  = "Two."
    next = "hangup"

    [steps.person]
    say  = "Three."
    next = "hangup"

    [steps.lost]
    say  = "Lost."
    next = "hangup"
"#;

/// Says words of which the recogniser is so sure, in percent.
fn says<'p>(phone: &'p mut Phone, words: &str, percent: u8) -> &'p mut Phone {
    phone.input(&Input::heard(words.to_owned(), Some(percent)))
}

#[test]
fn words_count_are_asked_about_or_are_wrong() {
    says(&mut Phone::call(LINE), "bill", 70).hears("One.");
    says(&mut Phone::call(LINE), "bill", 39).hears("Again? What is it about?");
    let mut phone = Phone::call(LINE);
    says(&mut phone, "invoice", 69).hears("Was that bill? Press 1 or say yes.");
    says(&mut phone, "Yes, please.", 90).hears("One.");
}

#[test]
fn a_confidence_that_is_not_known_is_asked_about() {
    let mut phone = Phone::call(LINE);
    phone
        .say("fault")
        .hears("Was that fault? Press 2 or say yes.");
    phone.say("yes").hears("Two.");
}

#[test]
fn keys_keep_their_meaning_while_the_caller_is_asked() {
    let mut phone = Phone::call(LINE);
    says(&mut phone, "fault", 50).hears("Was that fault?");
    phone.press("2").hears("Two.");
    let mut phone = Phone::call(LINE);
    says(&mut phone, "fault", 50).press("1").hears("One.");
}

#[test]
fn what_was_not_meant_is_not_asked_about_again() {
    let mut phone = Phone::call(LINE);
    says(&mut phone, "bill", 50).hears("Was that bill?");
    says(&mut phone, "no", 90).hears("Again? What is it about?");
    says(&mut phone, "bill", 50).hears("Again? What is it about?");
    says(&mut phone, "bill", 50).hears("Lost.");
}

#[test]
fn other_words_count_in_the_answer_if_they_are_certain() {
    let mut phone = Phone::call(LINE);
    says(&mut phone, "bill", 50).hears("Was that bill?");
    says(&mut phone, "fault", 90).hears("Two.");
    let mut phone = Phone::call(LINE);
    says(&mut phone, "bill", 50).hears("Was that bill?");
    says(&mut phone, "the bill", 50).hears("One.");
    let mut phone = Phone::call(LINE);
    says(&mut phone, "bill", 50).hears("Was that bill?");
    says(&mut phone, "fault", 50).hears("Again?");
    says(&mut phone, "fault", 50).hears("Was that fault?");
}

#[test]
fn two_that_fit_are_asked_about_one_after_the_other() {
    let mut phone = Phone::call(LINE);
    says(&mut phone, "bill or fault", 90).hears("Was that bill?");
    says(&mut phone, "no", 90).hears("Was that fault?");
    says(&mut phone, "yes", 90).hears("Two.");
    let mut phone = Phone::call(LINE);
    says(&mut phone, "bill or fault", 90);
    says(&mut phone, "no", 90);
    says(&mut phone, "no", 90).hears("Again?");
}

#[test]
fn silence_after_a_guess_is_a_silence_at_the_question() {
    let mut phone = Phone::call(LINE);
    says(&mut phone, "bill", 50).hears("Was that bill?");
    phone.wait().hears("What is it about?");
    says(&mut phone, "yes", 90).hears("Again?");
}

#[test]
fn a_call_in_which_nothing_is_guessed_keeps_nothing_of_it() {
    let mut phone = Phone::call(LINE);
    assert!(phone.turn.call.progress.is_none());
    says(&mut phone, "weather", 90).hears("Again?");
    assert!(phone.turn.call.progress.is_none());
    says(&mut phone, "bill", 50);
    assert!(matches!(
        phone.turn.call.progress.as_deref(),
        Some(Progress::Guess(_))
    ));
}

const CODE: &str = r#"
    give_up = "lost"

    [answers]
    code = { digits = 4 }
    pin  = { digits = 4, sensitive = true }

    [steps.code]
    ask      = "Your code?"
    speech   = true
    sure     = [0.4, 0.7]
    into     = "code"
    no_match = "Again?"
    next     = "pin"

    [steps.pin]
    ask      = "Your PIN?"
    speech   = true
    sure     = [0.4, 0.7]
    into     = "pin"
    no_match = "Again?"
    next     = "send"

    [steps.send]
    submit = "line"
    next   = "lost"

    [steps.lost]
    say  = "Bye."
    next = "hangup"
"#;

#[test]
fn what_is_entered_by_voice_is_asked_about_too() {
    let mut phone = Phone::call(CODE);
    says(&mut phone, "four seven double one", 50).hears("Was that 4 7 1 1? Press 1 or say yes.");
    phone.press("2").hears("Again? Your code?");
    says(&mut phone, "four seven double one", 50).hears("Again? Your code?");
    phone.press("4711").hears("Your PIN?");
    let mut phone = Phone::call(CODE);
    says(&mut phone, "4712", 50).hears("Was that 4 7 1 2?");
    phone.press("1").hears("Your PIN?");
}

#[test]
fn nobody_is_asked_about_what_is_sensitive() {
    let mut phone = Phone::call(CODE);
    says(&mut phone, "4711", 90).hears("Your PIN?");
    says(&mut phone, "one two three four", 50).hears("Again? Your PIN?");
    assert!(phone.turn.call.progress.is_none());
    says(&mut phone, "one two three four", 90).hears("Bye.");
}

#[test]
fn sure_is_two_numbers_from_nothing_to_one() {
    for wrong in [
        "0.4",
        "[0.4]",
        "[0.7, 0.4]",
        "[0.4, 1.5]",
        "[-0.1, 0.4]",
        "[0.4, \"0.7\"]",
    ] {
        let source = LINE.replace("[0.4, 0.7]", wrong);
        assert!(!faults(&source).is_empty(), "{wrong}");
    }
    assert!(faults(&LINE.replace("[0.4, 0.7]", "[0, 1]")).is_empty());
}
