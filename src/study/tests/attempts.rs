//! Silence and wrong entries: what is said, how often, and where a caller goes who is out of attempts.

use super::timing::Slow;
use crate::engine::load::load;
use crate::engine::tests::phone::{Phone, bundle, faults, flow};
use crate::engine::{Fault, Outcome};
use crate::study::diff::diff;
use crate::study::walk::walk;
use crate::written::Code;

/// A menu with more keys beside, and a place for each way out.
fn menu(more: &str) -> String {
    format!(
        r#"
        give_up = "rest"

        [steps.menu]
        menu    = "Press 1."
        keys.1  = "well"
        {more}

        [steps.well]
        say  = "Well done."
        next = "hangup"

        [steps.silent]
        say  = "Too silent."
        next = "hangup"

        [steps.wrong]
        say  = "Too wrong."
        next = "hangup"

        [steps.rest]
        say  = "The flow gives up."
        next = "hangup"
        "#
    )
}

#[test]
fn the_third_silence_gives_up_so_that_a_question_is_put_three_times_at_most() {
    let mut phone = Phone::call(&menu(""));
    phone
        .hears_only("Press 1.")
        .wait()
        .hears_only("Press 1.")
        .wait()
        .hears_only("Press 1.");
    phone
        .wait()
        .hears_only("The flow gives up. [hangup]")
        .ends(Outcome::GaveUp);
}

#[test]
fn the_third_wrong_key_gives_up() {
    let mut phone = Phone::call(&menu(""));
    phone
        .press("2")
        .hears("Press 1.")
        .press("3")
        .hears("Press 1.")
        .press("4")
        .hears("The flow gives up.");
}

#[test]
fn silence_and_wrong_keys_share_the_attempts_and_the_last_miss_decides_the_way() {
    let ways = r#"give_up = { silent = "silent", wrong = "wrong" }"#;
    Phone::call(&menu(ways))
        .press("2")
        .wait()
        .press("3")
        .hears("Too wrong.");
    Phone::call(&menu(ways))
        .press("2")
        .press("3")
        .wait()
        .hears("Too silent.");
    Phone::call(&menu(ways))
        .wait()
        .press("2")
        .wait()
        .hears("Too silent.");
}

#[test]
fn words_that_are_no_answer_are_a_wrong_entry() {
    let ways = r#"give_up = { silent = "silent", wrong = "wrong" }"#;
    Phone::call(&menu(ways))
        .say("what")
        .say("hello")
        .say("one")
        .hears("Too wrong.");
}

#[test]
fn silence_and_wrong_keys_have_a_list_of_their_own_and_the_last_of_it_is_repeated() {
    let more = r#"
        attempts = 6
        no_input = ["First silence.", "More silence."]
        no_match = ["First mistake.", "More mistakes."]
    "#;
    let mut phone = Phone::call(&menu(more));
    phone.wait().hears_only("First silence. Press 1.");
    phone.press("2").hears_only("First mistake. Press 1.");
    phone.wait().hears_only("More silence. Press 1.");
    phone.wait().hears_only("More silence. Press 1.");
    phone.press("2").hears_only("More mistakes. Press 1.");
    phone.press("2").hears_only("The flow gives up. [hangup]");
}

#[test]
fn one_prompt_alone_is_a_list_of_one() {
    let more = r#"no_match = "No.""#;
    Phone::call(&menu(more))
        .press("2")
        .hears_only("No. Press 1.")
        .press("2")
        .hears_only("No. Press 1.");
}

#[test]
fn with_reprompt_off_only_the_correction_is_said() {
    let more = r#"
        reprompt = false
        no_match = ["No.", ["No", "again."]]
    "#;
    let mut phone = Phone::call(&menu(more));
    phone
        .press("2")
        .hears_only("No.")
        .press("2")
        .hears_only("No again.");
    // Where there is nothing to be said the question itself is, or the caller would hear nothing at all.
    Phone::call(&menu(more)).wait().hears_only("Press 1.");
}

#[test]
fn attempts_can_be_one_or_ten() {
    Phone::call(&menu("attempts = 1"))
        .wait()
        .hears("The flow gives up.");
    let mut phone = Phone::call(&menu("attempts = 10"));
    for _ in 0..9 {
        phone.wait().hears("Press 1.");
    }
    phone.wait().hears("The flow gives up.");
    assert!(faults(&menu("attempts = 0"))[0].contains("value-out-of-range"));
}

#[test]
fn entering_a_question_anew_starts_from_zero() {
    let source = r#"
        give_up = "hangup"
        [steps.one]
        menu   = "One."
        keys.1 = "two"
        [steps.two]
        menu   = "Two."
        keys.1 = "one"
    "#;
    let mut phone = Phone::call(source);
    phone
        .wait()
        .wait()
        .press("1")
        .hears("Two.")
        .wait()
        .wait()
        .press("1")
        .hears("One.");
    phone
        .wait()
        .hears("One.")
        .wait()
        .hears("One.")
        .wait()
        .ends(Outcome::GaveUp);
}

#[test]
fn a_way_out_that_one_miss_lacks_falls_to_the_flow() {
    let ways = r#"give_up = { silent = "silent" }"#;
    Phone::call(&menu(ways))
        .wait()
        .wait()
        .wait()
        .hears("Too silent.");
    Phone::call(&menu(ways))
        .press("2")
        .press("2")
        .press("2")
        .hears("The flow gives up.");
    Phone::call(&menu(r#"give_up = "wrong""#))
        .wait()
        .wait()
        .wait()
        .hears("Too wrong.");
}

#[test]
fn a_step_of_its_own_may_be_a_built_in_target() {
    Phone::call(&menu(r#"give_up = "hangup""#))
        .wait()
        .wait()
        .wait()
        .hears_only("[hangup]");
}

#[test]
fn without_any_way_out_the_call_takes_the_way_of_errors() {
    let source = r#"
        [steps.menu]
        menu   = "Press 1."
        keys.1 = "hangup"
        [steps.sorry]
        say  = "Sorry."
        next = "hangup"
        [on]
        error = "sorry"
    "#;
    assert_eq!(faults(source), Vec::<String>::new());
    let mut phone = Phone::call(source);
    phone
        .wait()
        .wait()
        .wait()
        .hears_only("Sorry. [hangup]")
        .ends(Outcome::GaveUp);
    assert_eq!(phone.turn.faults, [(0, Fault::GaveUp)]);
}

#[test]
fn without_even_that_it_ends_with_an_apology_and_check_warns() {
    let source = "[steps.menu]\nmenu = \"Press 1.\"\nkeys.1 = \"hangup\"\n";
    let told = walk(&flow(&bundle(source)), &"shop.toml".into(), &Slow, None);
    assert_eq!(
        (told[0].code, told[0].at.span.start),
        (Code::GiveUpNowhere, 7)
    );
    Phone::call(source)
        .wait()
        .wait()
        .wait()
        .hears("We are sorry")
        .hears("[hangup]")
        .ends(Outcome::Failed);
}

#[test]
fn the_attempt_is_a_fact_of_the_call() {
    let source = r#"
        give_up = "hangup"
        [steps.menu]
        menu   = "Attempt {{ call.attempt }}."
        keys.1 = "hangup"
    "#;
    Phone::call(source)
        .hears("Attempt 1.")
        .wait()
        .hears("Attempt 2.")
        .press("7")
        .hears("Attempt 3.");
}

#[test]
fn the_timeout_is_whole_seconds_from_one() {
    assert_eq!(
        Phone::call(&menu("")).gather().map(|gather| gather.timeout),
        Some(5)
    );
    assert_eq!(
        Phone::call(&menu("timeout = \"1s\""))
            .gather()
            .map(|gather| gather.timeout),
        Some(1)
    );
    assert_eq!(
        Phone::call(&menu("timeout = \"10m\""))
            .gather()
            .map(|gather| gather.timeout),
        Some(600)
    );
    for wrong in ["0s", "500ms", "1.5s", "601s", "-1s", "NaNs", "1e9s"] {
        assert!(
            !faults(&menu(&format!("timeout = \"{wrong}\""))).is_empty(),
            "{wrong}"
        );
    }
}

#[test]
fn what_refuses_an_entry_is_compared_by_its_condition() {
    let flow = |refuse: &str| {
        let source = format!(
            "give_up = \"hangup\"\n[steps.ask]\nask = \"How many?\"\ninto = \"it\"\ninteger = [1, 30]\nnext = \"hangup\"\n{refuse}"
        );
        load(&bundle(&source)).unwrap_or_else(|diags| panic!("{diags:?}"))
    };
    let told = |old: &str, new: &str| -> Vec<String> {
        let changes = diff(&flow(old), &flow(new)).changes;
        changes.iter().map(ToString::to_string).collect()
    };
    let one = "refuse = [{ when = \"it > 20\", say = \"At most 20.\" }]\n";
    assert_eq!(
        told("", one),
        ["`ask`, refusing `it > 20`, now says \"At most 20.\""]
    );
    assert_eq!(
        told(one, &one.replace("At most 20.", "Too many.")),
        ["`ask`, refusing `it > 20`, says other words"]
    );
}
