//! Keys of menus and of `[anywhere]`, runs of keys, and what a carrier is asked to listen for.

use super::phone::{Phone, faults};
use crate::engine::Outcome;

#[test]
fn a_menus_own_key_comes_before_one_of_anywhere() {
    let source = r#"
        give_up = "hangup"
        [anywhere]
        9 = "repeat"
        0 = { next = "other", set = { pressed = "zero" } }
        [steps.menu]
        menu   = "Press."
        keys.9 = "own"
        [steps.own]
        say  = "Own."
        next = "hangup"
        [steps.other]
        say  = "Pressed {{ pressed }}."
        next = "hangup"
    "#;
    Phone::call(source).press("9").hears("Own.");
    Phone::call(source).press("0").hears("Pressed zero.");
}

#[test]
fn a_run_of_keys_is_one_entry() {
    let source = r#"
        give_up = "hangup"
        [answers]
        floor = { digits = 1 }
        [steps.menu]
        menu     = "Floor?"
        into     = "floor"
        keys.0-3 = "say"
        keys.7-7 = "say"
        [steps.say]
        say  = "Floor {{ floor }}."
        next = "hangup"
    "#;
    for key in ["0", "1", "2", "3", "7"] {
        Phone::call(source)
            .press(key)
            .hears(&format!("Floor {key}."));
    }
    Phone::call(source).press("4").hears("Floor?");
}

#[test]
fn keys_that_begin_alike_are_a_fault_of_one_menu() {
    let menu = |keys: &str| format!("give_up = \"hangup\"\n[steps.m]\nmenu = \"Press.\"\n{keys}\n");
    let told = |keys: &str| {
        faults(&menu(keys))
            .iter()
            .any(|fault| fault.contains("keys-ambiguous"))
    };
    assert!(told("keys.1 = \"hangup\"\nkeys.10 = \"hangup\""));
    assert!(told("keys.10 = \"hangup\"\nkeys.1 = \"hangup\""));
    assert!(told("keys.1-3 = \"hangup\"\nkeys.2 = \"hangup\""));
    assert!(!told(
        "keys.10 = \"hangup\"\nkeys.11 = \"hangup\"\nkeys.2 = \"hangup\""
    ));
}

#[test]
fn a_number_of_keys_is_demanded_only_where_all_have_one_length() {
    let listened = |keys: &str| {
        let phone = Phone::call(&format!(
            "give_up = \"hangup\"\n[steps.m]\nmenu = \"Press.\"\n{keys}\n"
        ));
        let gather = phone.gather().expect("it asks");
        (gather.num_digits, gather.finish_on_key)
    };
    assert_eq!(listened("keys.1 = \"hangup\""), (Some(1), None));
    assert_eq!(
        listened("keys.11 = \"hangup\"\nkeys.12 = \"hangup\""),
        (Some(2), None)
    );
    assert_eq!(
        listened("keys.11 = \"hangup\"\nkeys.2 = \"hangup\""),
        (None, None)
    );
    assert_eq!(
        listened("keys.\"#\" = \"hangup\""),
        (Some(1), None),
        "# is a key like any other in a menu"
    );
}

#[test]
fn the_number_sign_is_a_key_in_a_menu_and_the_end_of_an_entry_in_an_ask() {
    let source = r##"
        give_up = "hangup"
        [steps.menu]
        menu     = "Press."
        keys."#" = "ask"
        [steps.ask]
        ask    = "Enter."
        into   = "code"
        digits = [1, 4]
        next   = "say"
        [steps.say]
        say  = "{{ code }}."
        next = "hangup"
    "##;
    let mut phone = Phone::call(source);
    phone.press("#").hears("Enter.");
    phone
        .press("#")
        .hears("Enter.")
        .press("12#")
        .hears("1 2.")
        .ends(Outcome::Completed);
    let anywhere = format!("{source}\n[anywhere]\n\"#\" = \"repeat\"\n");
    let told = faults(&anywhere);
    assert!(
        told.iter().any(|told| told.contains("keys-illegal")),
        "{told:?}"
    );
}

#[test]
fn words_stand_for_keys_whatever_their_case_and_full_stop() {
    let source = r#"
        give_up = "hangup"
        [anywhere]
        9 = { next = "say", says = ["back"] }
        [steps.menu]
        menu   = "Press."
        keys.1 = { next = "say", says = ["Yes", "of course"] }
        keys.2 = "hangup"
        [steps.say]
        say  = "Said."
        next = "hangup"
    "#;
    for words in ["yes", "Yes.", " OF COURSE! ", "back"] {
        Phone::call(source).say(words).hears("Said.");
    }
    let phone = Phone::call(source);
    let speech = phone
        .gather()
        .and_then(|gather| gather.speech.as_ref())
        .expect("words are listened for");
    assert_eq!(speech.hints, ["Yes", "of course", "back"]);
    let keys_only = "give_up = \"hangup\"\n[steps.m]\nmenu = \"Press.\"\nkeys.1 = \"hangup\"\n";
    assert!(
        Phone::call(keys_only)
            .gather()
            .is_some_and(|gather| gather.speech.is_none())
    );
}
