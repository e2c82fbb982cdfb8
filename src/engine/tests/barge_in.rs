//! What may be cut short by a key stands in the Gather, what may not before it.

use super::phone::Phone;
use crate::engine::Verb;

fn flow(say: &str, menu: &str, prompt: &str) -> String {
    format!(
        r#"
        give_up = "hangup"
        [steps.say]
        say  = {prompt}
        next = "menu"
        {say}
        [steps.menu]
        menu   = "Press 1."
        keys.1 = "hangup"
        {menu}
        "#
    )
}

/// How many verbs stand before the Gather, and how many in it.
#[track_caller]
fn places(source: &str) -> (usize, usize) {
    let phone = Phone::call(source);
    let gather = phone.gather().expect("it asks");
    (phone.verbs().len() - 1, gather.prompts.len())
}

#[test]
fn text_that_leads_straight_to_a_question_is_spoken_while_keys_are_listened_to() {
    assert_eq!(places(&flow("", "", "\"Hello.\"")), (0, 2));
}

#[test]
fn barge_in_off_on_either_puts_its_prompt_before() {
    assert_eq!(places(&flow("barge_in = false", "", "\"Hello.\"")), (1, 1));
    // What stands before a prompt that must be heard out cannot stand behind it.
    assert_eq!(places(&flow("", "barge_in = false", "\"Hello.\"")), (2, 0));
    assert_eq!(
        places(&flow("barge_in = false", "barge_in = false", "\"Hello.\"")),
        (2, 0)
    );
}

#[test]
fn sounded_keys_never_stand_in_a_gather_nor_does_what_is_heard_before_them() {
    assert_eq!(
        places(&flow(
            "",
            "",
            r#"["Hello.", { digits = "1w2" }, "And now."]"#
        )),
        (2, 2)
    );
}

#[test]
fn pauses_and_recordings_may_stand_in_it() {
    let prompt = r#"["Hello.", { pause = "2s" }, { audio = "https://example.com/a.mp3" }]"#;
    assert_eq!(places(&flow("", "", prompt)), (0, 4));
}

#[test]
fn a_correction_is_part_of_the_question() {
    let mut phone = Phone::call(&flow("", "no_match = \"No.\"", "\"Hello.\""));
    phone.press("2");
    assert_eq!(phone.gather().expect("it asks").prompts.len(), 2);
    let mut phone = Phone::call(&flow(
        "",
        "no_match = \"No.\"\nbarge_in = false",
        "\"Hello.\"",
    ));
    phone.press("2");
    assert_eq!(phone.gather().expect("it asks").prompts.len(), 0);
}

#[test]
fn text_before_anything_else_than_a_question_stands_alone() {
    let source =
        "[steps.a]\nsay = \"One.\"\nnext = \"b\"\n[steps.b]\nsay = \"Two.\"\nnext = \"hangup\"\n";
    let phone = Phone::call(source);
    assert!(
        matches!(phone.verbs(), [Verb::Say(_), Verb::Say(_), Verb::Hangup]),
        "{:?}",
        phone.verbs()
    );
}
