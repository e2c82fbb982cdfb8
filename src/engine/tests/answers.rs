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

#[test]
fn a_day_without_a_year_is_the_next_one_from_today_on() {
    let source = |order: &str| {
        format!(
            "zone = \"Europe/London\"\ngive_up = \"hangup\"\n[answers]\nit = {{ date = \"{order}\" }}\n[steps.ask]\nask = \"It?\"\ninto = \"it\"\nnext = \"send\"\n[steps.send]\nsubmit = \"pickups\"\nnext = \"hangup\"\n"
        )
    };
    // The call comes in on the 23rd of November 2026.
    let cases = [
        ("ddmm", "2311", "2026-11-23"),
        ("ddmm", "2211", "2027-11-22"),
        ("ddmm", "2411", "2026-11-24"),
        ("ddmm", "0101", "2027-01-01"),
        ("ddmm", "2902", "2028-02-29"),
        ("mmdd", "1123", "2026-11-23"),
        ("mmdd", "0229", "2028-02-29"),
        ("ddmmyyyy", "22112026", "2026-11-22"),
        ("yyyymmdd", "20261122", "2026-11-22"),
    ];
    for (order, keys, day) in cases {
        let mut phone = Phone::call(&source(order));
        phone.press(keys);
        assert_eq!(
            phone.sent(),
            serde_json::json!({ "it": day }),
            "{order} {keys}"
        );
        assert_eq!(phone.retraced_otherwise(), None);
    }
    for (order, keys) in [
        ("ddmm", "3002"),
        ("ddmm", "1123"),
        ("mmdd", "2311"),
        ("ddmm", "0011"),
        ("ddmmyyyy", "29022026"),
    ] {
        let mut phone = Phone::call(&source(order));
        phone.press(keys).hears_only("It?");
    }
}

#[test]
fn the_next_day_is_counted_from_today_in_the_zone_of_the_flow() {
    let source = "zone = \"Pacific/Kiritimati\"\n[answers]\nit = { date = \"ddmm\" }\n[steps.ask]\nask = \"It?\"\ninto = \"it\"\nnext = \"hangup\"\n";
    // At 10:15 in London it is the 24th there.
    let mut phone = Phone::call(source);
    phone.press("2311");
    assert_eq!(phone.value("it").as_deref(), Some("2027-11-23"));
    let told = faults(&source.replace("zone = \"Pacific/Kiritimati\"", ""));
    assert!(
        told.iter().any(|told| told.contains("zone-missing")),
        "{told:?}"
    );
}
