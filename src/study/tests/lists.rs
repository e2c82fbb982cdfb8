//! Lists, as `check` sees them: how long each may be at every moment, and what is in its entries.

use super::timing::Slow;
use crate::engine::load::load;
use crate::engine::tests::phone::bundle;
use crate::study::walk::walk;
use crate::written::diag::line_and_column;

/// What is said of the ways through a flow, a line each: line, code and message.
fn told(source: &str) -> Vec<String> {
    let loaded = load(&bundle(source)).unwrap_or_else(|diags| panic!("{diags:?}"));
    let diags = walk(&loaded.flow, &"test.toml".into(), &Slow, None);
    let line = |diag: &crate::written::diag::Diag| {
        let (line, _) = line_and_column(source, diag.at.span.start);
        format!("{line} {:?} {} {}", diag.severity, diag.code, diag.message)
    };
    diags.iter().map(line).collect()
}

/// A caller who orders one after the other; `count`, the way of an entry, and what else there is.
fn orders(count: &str, way: &str, more: &str) -> String {
    format!(
        r#"give_up = "hangup"
[answers]
rx = {{ digits = 2 }}
refills = {{ list = ["rx"], count = {count} }}
[steps.rx]
ask = "Which?"
into = "rx"
next = {way}
[steps.more]
menu = "For another one press 1, else press 2."
keys.1 = "rx"
keys.2 = "send"
[steps.send]
submit = "pharmacy"
next = "hangup"
{more}"#
    )
}

const NOTHING: [&str; 0] = [];

#[test]
fn a_list_that_cannot_overflow_needs_no_way_for_it() {
    let full = r#"{ next = "more", append = "refills", full = "send" }"#;
    assert_eq!(told(&orders("[1, 9]", full, "")), NOTHING);
    let without = r#"{ next = "more", append = "refills" }"#;
    let overflows = "8 Error list-overflows `refills` may have its 9 entries already when one more is appended here";
    assert_eq!(told(&orders("[1, 9]", without, "")), [overflows]);
    let once = r#"{ next = "send", append = "refills" }"#;
    let once = orders("1", once, "").replace("keys.1 = \"rx\"", "keys.1 = \"send\"");
    let unreached = "9 Warning step-unreachable nothing leads to `more`";
    assert_eq!(told(&once), [unreached]);
}

#[test]
fn a_condition_on_the_length_keeps_a_list_from_overflowing() {
    let counted = orders(
        "[1, 9]",
        r#"{ next = "room", append = "refills" }"#,
        r#"[steps.room]
branch = [{ when = "(refills | length) == 9", next = "send" }, { next = "more" }]
"#,
    );
    assert_eq!(told(&counted), NOTHING);
    let late = counted.replace("== 9", "> 8 and call.attempt > 1");
    assert!(
        told(&late)[0].contains("list-overflows"),
        "{:?}",
        told(&late)
    );
}

#[test]
fn a_round_that_fills_a_list_comes_to_an_end() {
    let round = |full: &str| {
        format!(
            r#"give_up = "hangup"
[answers]
rx = {{ digits = 2 }}
refills = {{ list = ["rx"], count = [1, 9] }}
[steps.keep]
set = {{ rx = "11" }}
append = "refills"
next = "keep"
{full}
[steps.send]
submit = "pharmacy"
next = "hangup"
"#
        )
    };
    assert_eq!(told(&round("full = \"send\"")), NOTHING);
    let endless = round("full = \"keep\"");
    let told = told(&endless);
    assert!(told[0].contains("loop-never-waits"), "{told:?}");
}

#[test]
fn a_submission_with_too_few_entries_is_found() {
    let full = r#"{ next = "more", append = "refills", full = "send" }"#;
    let short = "13 Error answer-unset `refills` may have 1 of the 2 entries that are promised when `send` submits";
    assert_eq!(told(&orders("[2, 9]", full, "")), [short]);
    let early = orders("[2, 9]", full, "").replace(
        "keys.2 = \"send\"",
        "keys.2 = \"enough\"\n[steps.enough]\nbranch = [{ when = \"(refills | length) >= 2\", next = \"send\" }, { next = \"rx\" }]",
    );
    assert_eq!(told(&early), NOTHING);
    let early = told(&early.replace(">= 2", ">= 1"));
    assert!(early.contains(&short.replace("13", "15")), "{early:?}");
}

#[test]
fn an_entry_that_may_lack_an_answer_is_found() {
    let full = r#"{ next = "more", append = "refills", full = "send" }"#;
    let lacking = orders("[1, 9]", full, "").replace(
        "keys.1 = \"rx\"",
        "keys.1 = { next = \"rx\", append = \"refills\" }",
    );
    let lacks =
        "11 Error answer-unset `rx` may not be set when an entry with it is appended to `refills`";
    assert_eq!(told(&lacking), [lacks]);
    let set = lacking.replace(
        "append = \"refills\" }\nkeys.2",
        "append = \"refills\", set = { rx = \"11\" } }\nkeys.2",
    );
    assert_eq!(told(&set), NOTHING);
}

#[test]
fn an_answer_that_is_left_over_is_found_but_not_that_of_a_caller_who_hangs_up() {
    let sure = |more: &str| {
        orders(
            "[0, 9]",
            "\"sure\"",
            &format!(
                "[steps.sure]\nmenu = \"To order it press 1, else press 2.\"\nkeys.1 = {{ next = \"more\", append = \"refills\", full = \"send\" }}\nkeys.2 = {{ next = \"more\"{more} }}\n[on]\nhangup = \"left\"\n[steps.left]\nsubmit = {{ to = \"pharmacy\", partial = true }}\nnext = \"hangup\"\n"
            ),
        )
    };
    let left = "13 Warning answer-left-over `rx` may be set and in no entry of `refills` when `send` submits: it is not sent";
    assert_eq!(told(&sure("")), [left]);
    assert_eq!(told(&sure(", forget = \"rx\"")), NOTHING);
}

#[test]
fn a_way_for_a_list_that_is_never_full_is_idle() {
    let once = orders(
        "[1, 9]",
        r#"{ next = "send", append = "refills", full = "more" }"#,
        "",
    );
    let told = told(&once);
    assert_eq!(
        told[0],
        "8 Warning way-never-taken no call takes this way: `refills` is never full here"
    );
}

#[test]
fn a_round_that_fails_is_not_gone_through_again() {
    let flow = r#"[answers]
tag  = { digits = 2 }
tags = { list = ["tag"], count = [1, 3], optional = true }
[steps.s0]
menu = "Press 1."
keys.1 = "bye"
silent = { next = "bye", append = "tags", full = { next = "s0", forget = ["tag"] } }
give_up = { silent = "bye", wrong = { next = "s0", set = { tag = "77" }, append = "tags", full = "bye" } }
[steps.bye]
say = "Goodbye."
next = "hangup"
[on]
error = "s0"
"#;
    let told = told(flow);
    let circle = told.iter().find(|told| told.contains("loop-never-ends"));
    // Nine wrong keys fill the list, and then it is one: no call that is tried is that long.
    assert!(
        circle.is_some_and(|told| told.starts_with("7 Note ")),
        "{told:#?}"
    );
}
