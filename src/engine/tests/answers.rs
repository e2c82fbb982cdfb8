//! Types: length, stored form, and whether two ways to write one come to the same.

use super::phone::{Phone, faults};

/// What the carrier is asked to listen for where an answer of a type is asked for.
fn listened(kind: &str) -> (Option<u32>, Option<char>) {
    let source = format!(
        "give_up = \"hangup\"\n[answers]\nit = {kind}\n[steps.ask]\nask = \"It?\"\ninto = \"it\"\nnext = \"hangup\"\n"
    );
    let phone = Phone::call(&source);
    let gather = phone.gather().expect("it asks");
    (gather.num_digits, gather.finish_on_key)
}

#[test]
fn a_number_of_digits_is_demanded_only_where_all_legal_entries_have_one_length() {
    for kind in [
        "{ digits = 4 }",
        "\"time\"",
        "{ digits = [4, 4] }",
        "{ integer = [1000, 9999] }",
    ] {
        assert_eq!(listened(kind), (Some(4), Some('#')), "{kind}");
    }
    for kind in [
        "{ digits = [1, 4] }",
        "\"digits\"",
        "{ integer = [9, 10] }",
        "\"integer\"",
        "{ one_of = [\"5\", \"10\"] }",
    ] {
        assert_eq!(listened(kind), (None, Some('#')), "{kind}");
    }
    assert_eq!(listened("\"date\""), (Some(8), Some('#')));
    assert_eq!(listened("\"yes_no\""), (Some(1), Some('#')));
    assert_eq!(listened("{ integer = [0, 9] }"), (Some(1), Some('#')));
    assert_eq!(
        listened("{ one_of = [\"a\", \"b\"] }"),
        (Some(1), Some('#'))
    );
    let many: Vec<String> = (0..12).map(|value| format!("\"v{value}\"")).collect();
    assert_eq!(
        listened(&format!("{{ one_of = [{}] }}", many.join(", "))),
        (None, Some('#'))
    );
}

#[test]
fn bounds_are_written_in_three_ways_and_a_type_that_needs_none_stands_alone_or_is_true() {
    for kind in [
        "{ digits = 4 }",
        "{ digits = [4, 4] }",
        "{ digits = \"4..4\" }",
        "{ digits = \"4..=4\" }",
    ] {
        assert_eq!(listened(kind).0, Some(4), "{kind}");
    }
    for kind in ["digits", "integer", "time", "date", "yes_no"] {
        assert_eq!(
            listened(&format!("\"{kind}\"")),
            listened(&format!("{{ {kind} = true, optional = true }}"))
        );
    }
}

#[test]
fn a_legal_key_of_a_type_is_stored_by_a_menu_in_the_form_of_the_type() {
    let source = |kind: &str, keys: &str| {
        format!(
            "give_up = \"hangup\"\n[answers]\nit = {{ {kind}, optional = true }}\n[steps.m]\nmenu = \"It?\"\ninto = \"it\"\n{keys}\n[steps.s]\nsubmit = \"pickups\"\nnext = \"hangup\"\n"
        )
    };
    let stored = |kind: &str, key: &str| {
        Phone::call(&source(kind, "keys.1-3 = \"s\""))
            .press(key)
            .sent()
            .to_string()
    };
    assert_eq!(stored("integer = [1, 3]", "2"), "{\"it\":2}");
    assert_eq!(stored("yes_no = true", "2"), "{\"it\":false}");
    assert_eq!(stored("digits = 1", "2"), "{\"it\":\"2\"}");
    assert_eq!(stored("one_of = [\"1\", \"2\"]", "2"), "{\"it\":\"2\"}");
    // In a menu the flow says which key is which value: the place in the list decides nothing.
    assert_eq!(stored("one_of = [\"a\", \"b\"]", "2"), "{}");
    assert_eq!(stored("yes_no = true", "3"), "{}");
}

#[test]
fn a_value_that_does_not_fit_is_found_for_every_key_of_a_run() {
    let source = "give_up = \"hangup\"\n[answers]\nit = { integer = [1, 3] }\n[steps.m]\nmenu = \"It?\"\ninto = \"it\"\nkeys.1-3 = { value = 5, next = \"hangup\" }\n";
    assert_eq!(faults(source), ["7:22 value-misfit 5 does not fit `it`"]);
}

#[test]
fn what_is_promised_wins_over_nothing_and_must_not_be_contradicted() {
    let source = |own: &str| {
        format!(
            "give_up = \"hangup\"\n[answers]\nit = {{ digits = 4 }}\n[steps.a]\nask = \"It?\"\ninto = \"it\"\n{own}\nnext = \"hangup\"\n"
        )
    };
    assert_eq!(faults(&source("digits = 4")), Vec::<String>::new());
    assert!(faults(&source("digits = 5"))[0].contains("answer-type-differs"));
}
