//! `repeat`, `back`, and what ways set and forget.

use super::phone::Phone;
use crate::engine::advance::REPEATS_A_VISIT;

const THREE: &str = r#"
    give_up = "person"

    [anywhere]
    "*" = "repeat"
    9   = "back"

    [answers]
    kind   = { one_of = ["letter", "parcel"] }
    weight = { integer = [1, 30], optional = true }
    hour   = "time"

    [steps.kind]
    menu   = "Which kind? It is {{ kind if kind is defined else 'open' }}."
    into   = "kind"
    keys.1 = { value = "letter", next = "weight", set = { tries = "{{ tries + 1 if tries is defined else 1 }}" } }
    keys.2 = { value = "parcel", next = "weight" }
    keys.7 = "help"

    [steps.help]
    say  = "That is what we carry."
    next = "repeat"

    [steps.weight]
    ask      = "How heavy? It is {{ weight if weight is defined else 'open' }}."
    into     = "weight"
    no_match = "No."
    give_up  = { wrong = "hangup" }
    next     = "hour"

    [steps.hour]
    ask  = "When?"
    into = "hour"
    next = "mistake"

    [steps.mistake]
    menu   = "Right?"
    keys.1 = "send"
    keys.2 = "oops"

    [steps.oops]
    say  = "Once more."
    next = "back"

    [steps.send]
    submit = "pickups"
    next   = "more"

    [steps.more]
    menu   = "Sent. More?"
    keys.1 = "oops"

    [steps.person]
    dial = "+442079460000"
    next = "more"
"#;

#[test]
fn repeat_puts_the_question_again_and_counts_no_attempt() {
    let mut phone = Phone::call(THREE);
    phone
        .wait()
        .wait()
        .press("*")
        .hears_only("Which kind? It is open.")
        .press("*")
        .hears("Which kind?");
    phone.press("1").hears("How heavy?");
    // Nothing but the attempts is left as it was: two silences, and the third gives up.
    Phone::call(THREE)
        .wait()
        .wait()
        .press("*")
        .wait()
        .hears("[dial");
}

#[test]
fn repeat_is_there_ten_times_a_visit_and_a_wrong_entry_after_that() {
    let mut phone = Phone::call(THREE);
    for _ in 0..5 {
        phone.press("*").hears_only("Which kind? It is open.");
    }
    phone.press("2");
    for _ in 5..REPEATS_A_VISIT {
        phone.press("*").hears_only("How heavy? It is open.");
    }
    phone
        .press("*")
        .hears_only("No. How heavy? It is open.")
        .press("*")
        .hears("No.");
    // The step's own way out of wrong entries, not the flow's.
    phone.press("*").hears_only("[hangup]");
}

#[test]
fn repeat_after_an_explanation_returns_to_the_question_with_what_was_missed_there() {
    let mut phone = Phone::call(THREE);
    phone
        .press("7")
        .hears_only("That is what we carry. Which kind? It is open.");
    phone
        .wait()
        .press("7")
        .hears("That is what")
        .wait()
        .press("7")
        .hears("Which kind?")
        .wait()
        .hears("[dial");
    let mut phone = Phone::call(THREE);
    for _ in 0..REPEATS_A_VISIT {
        phone.press("7").hears("Which kind?");
    }
    phone.press("7").press("7").press("7").hears("[dial");
}

#[test]
fn back_returns_to_the_question_before_with_the_answers_of_that_moment() {
    let mut phone = Phone::call(THREE);
    phone.press("1").press("7#").hears("When?");
    phone.press("9").hears_only("How heavy? It is open.");
    assert_eq!(
        (phone.value("kind"), phone.value("weight")),
        (Some("letter".to_owned()), None)
    );
    phone.press("99#").hears("No.");
    phone.press("9#").hears("When?");
    assert_eq!(
        phone.value("weight").as_deref(),
        Some("9"),
        "a legal entry comes before a key of [anywhere]"
    );
    phone.press("9").hears_only("How heavy? It is open.");
    phone.say("back").hears("No.");
}

#[test]
fn back_takes_variables_along_and_changes_nothing_else() {
    let mut phone = Phone::call(THREE);
    phone.press("1");
    assert_eq!(phone.value("tries").as_deref(), Some("1"));
    phone.press("7#").press("9").press("#").hears("How heavy?");
    assert_eq!(
        phone.value("tries").as_deref(),
        Some("1"),
        "set before the question that is gone back to"
    );
}

#[test]
fn back_at_the_first_question_puts_it_again() {
    let mut phone = Phone::call(THREE);
    phone
        .press("9")
        .hears_only("Which kind? It is open.")
        .press("1")
        .hears("How heavy?");
}

#[test]
fn back_from_a_step_that_says_something_returns_to_the_question_that_led_there() {
    let mut phone = Phone::call(THREE);
    phone
        .press("1")
        .press("7#")
        .press("1230")
        .press("2")
        .hears_only("Once more. Right?")
        .press("9")
        .hears("When?");
}

#[test]
fn back_never_goes_past_a_submission_or_a_dialled_number() {
    let mut phone = Phone::call(THREE);
    phone
        .press("1")
        .press("7#")
        .press("1230")
        .press("1")
        .hears("Sent. More?");
    phone
        .press("9")
        .hears_only("Sent. More?")
        .press("1")
        .hears_only("Once more. Sent. More?");
    let mut phone = Phone::call(THREE);
    phone
        .wait()
        .wait()
        .wait()
        .hears("[dial")
        .dialled("busy")
        .hears("Sent. More?");
    phone.press("9").hears_only("Sent. More?");
}

/// A question, and behind it somebody who is not there.
const AWAY: &str = r#"
    give_up = "hangup"
    [steps.first]
    menu   = "First?"
    keys.1 = { next = "kind", set = { a = 1 } }
    [steps.kind]
    menu   = "Which kind?"
    keys.1 = { next = "desk", set = { a = 2 } }
    keys.2 = "send"
    keys.3 = "desk"
    keys.9 = "back"
    [steps.desk]
    dial = "+442079460000"
    on.answered = "back"
    next = "sorry"
    [steps.sorry]
    say  = "Nobody is there ({{ a }})."
    next = "repeat"
    [steps.send]
    submit = { to = "desk", partial = true }
    next   = "repeat"
"#;

#[test]
fn repeat_puts_the_question_again_whatever_was_done_since() {
    let mut phone = Phone::call(AWAY);
    phone.press("1").press("1").hears("[dial").dialled("busy");
    phone.hears_only("Nobody is there (2). Which kind?");
    phone.press("9").hears_only("Which kind?");
    phone.press("2").hears_only("Which kind?");
    phone.wait().wait().wait().hears("[hangup]");
    // Misses at the question count on, and it is repeated ten times at most.
    let mut phone = Phone::call(AWAY);
    phone.press("1");
    for _ in 0..REPEATS_A_VISIT {
        phone.press("3").dialled("busy").hears("Which kind?");
    }
    phone.press("3").dialled("busy").hears("Which kind?");
    phone.press("3").dialled("busy").hears("Which kind?");
    phone.press("3").dialled("busy").hears("[hangup]");
}

#[test]
fn back_behind_what_cannot_be_undone_puts_the_last_question_as_it_is() {
    let mut phone = Phone::call(AWAY);
    phone.press("1").press("1").dialled("answered");
    phone.hears_only("Which kind?");
    assert_eq!(phone.value("a").as_deref(), Some("2"));
}

#[test]
fn back_remembers_the_last_eight_questions() {
    let steps: String = (0..12)
        .map(|at| {
            let next = at + 1;
            format!("[steps.s{at}]\nmenu = \"Step {at}.\"\nkeys.1 = {{ next = \"s{next}\", set = {{ v{at} = 1 }} }}\n")
        })
        .collect();
    let source = format!(
        "give_up = \"hangup\"\n[anywhere]\n9 = \"back\"\n{steps}[steps.s12]\nmenu = \"End.\"\nkeys.1 = \"hangup\"\n"
    );
    let mut phone = Phone::call(&source);
    for _ in 0..12 {
        phone.press("1");
    }
    phone.hears("End.");
    for at in (5..12).rev() {
        phone.press("9").hears_only(&format!("Step {at}."));
        assert_eq!(phone.value(&format!("v{at}")), None);
    }
    phone.press("9").hears_only("Step 5.");
    assert_eq!(phone.value("v4").as_deref(), Some("1"));
}

#[test]
fn a_key_of_anywhere_stores_nothing_in_a_menu_that_stores() {
    let mut phone = Phone::call(THREE);
    phone
        .press("1")
        .press("7#")
        .press("1230")
        .press("9")
        .hears("When?");
    assert_eq!(phone.value("hour"), None);
}

#[test]
fn back_leads_past_a_question_that_was_entered_twice() {
    let mut phone = Phone::call(
        r#"
        [anywhere]
        9 = "back"
        [steps.first]
        menu   = "First."
        keys.1 = "second"
        [steps.second]
        menu   = "Second."
        keys.1 = "help"
        [steps.help]
        say  = "Help."
        next = "second"
        "#,
    );
    phone
        .press("1")
        .press("1")
        .hears("Help. Second.")
        .press("9")
        .hears("First.");
}

#[test]
fn every_way_can_set_and_forget() {
    let source = r#"
        give_up = { next = "told", set = { why = "gave up" } }
        [on]
        error  = { next = "told", set = { why = "an error" } }
        hangup = { next = "kept", set = { why = "hung up" } }
        [steps.first]
        menu    = "Press 1, 2 or 3."
        attempts = 1
        keys.1  = { next = { next = "told", set = { why = "a key" } } }
        keys.2  = { next = "second", set = { why = "left", other = "x", parts = 1 } }
        keys.3  = { next = "desk", set = { parts = 0 } }
        [steps.second]
        menu     = "Press 1."
        attempts = 1
        keys.1   = "hangup"
        give_up  = { silent = { next = "told", set = { why = "silent" }, forget = "other" } }
        [steps.desk]
        say  = "{{ 7 // parts }}"
        next = "hangup"
        [steps.told]
        say  = "Because of {{ why }}, {{ other if other is defined else 'nothing' }}."
        next = { next = "hangup", forget = ["why"] }
        [steps.kept]
        submit = { to = "pickups", partial = true }
        next   = "hangup"
    "#;
    let heard = |keys: &[&str]| {
        let mut phone = Phone::call(source);
        for key in keys {
            match *key {
                "" => phone.wait(),
                key => phone.press(key),
            };
        }
        phone.heard()
    };
    assert!(heard(&["1"]).contains("Because of a key, nothing."));
    assert!(heard(&[""]).contains("Because of gave up, nothing."));
    assert!(heard(&["2", ""]).contains("Because of silent, nothing."));
    assert!(heard(&["2", "7"]).contains("Because of gave up, x."));
    assert!(heard(&["3"]).contains("Because of an error, nothing."));
}
