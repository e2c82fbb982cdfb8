//! What files of hours say, and what is said of wrong ones.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;

use super::keys::tests::examples;
use super::{Hours, HoursState, HoursSwitch, read};
use crate::written::Code;
use crate::written::diag::line_and_column;

const OFFICE: &str = r#"zone = "Europe/London"
mon-fri = ["08:00-12:30", "13:30-17:30"]
sat     = "09:00-12:00"
closed  = ["2026-12-25..2026-12-26"]
days."2026-12-24" = "08:00-12:00"
days."2027-01-01" = { closed = true, note = "New Year" }
until   = "2027-12-31"
"#;

fn hours(source: &str) -> Hours {
    read(&Arc::from("office.toml"), source).unwrap_or_else(|diags| panic!("{source}: {diags:?}"))
}

fn at(text: &str) -> Timestamp {
    text.parse().expect("a moment")
}

fn day(text: &str) -> Date {
    text.parse().expect("a date")
}

/// Code, line and column of each fault, with its message and help.
fn faults(source: &str) -> Vec<(Code, (usize, usize), String)> {
    let diags = read(&Arc::from("office.toml"), source).expect_err(source);
    let fault = |diag: &crate::written::diag::Diag| {
        let words = format!("{} / {}", diag.message, diag.help.as_deref().unwrap_or("-"));
        (
            diag.code,
            line_and_column(source, diag.at.span.start),
            words,
        )
    };
    diags.iter().map(fault).collect()
}

#[test]
fn a_week_is_open_by_the_clock_on_the_wall() {
    let hours = hours(OFFICE);
    let state = HoursState::of(&hours);
    for (moment, open) in [
        ("2026-03-27T07:59:59Z", false),
        ("2026-03-27T08:00:00Z", true),
        ("2026-03-27T12:29:59Z", true),
        ("2026-03-27T12:30:00Z", false),
        // Summer time: an hour earlier.
        ("2026-03-30T06:59:00Z", false),
        ("2026-03-30T07:00:00Z", true),
        ("2026-03-30T16:30:00Z", false),
        ("2026-11-28T11:59:00Z", true),
        ("2026-11-29T11:00:00Z", false),
        ("2026-12-24T12:00:00Z", false),
        ("2026-12-25T10:00:00Z", false),
        ("2026-12-26T10:00:00Z", false),
        ("2027-01-01T10:00:00Z", false),
    ] {
        assert_eq!(state.is_open(at(moment)), open, "{moment}");
    }
    assert_eq!(state.note(at("2027-01-01T10:00:00Z")), "New Year");
    assert_eq!(state.note(at("2026-12-25T10:00:00Z")), "");
    assert_eq!(hours.days_left(day("2027-12-01")), Some(30));
    assert_eq!(hours.days_left(day("2028-01-01")), Some(-1));
}

#[test]
fn the_next_change_is_found_over_days_without_hours() {
    let hours = hours(OFFICE);
    let state = HoursState::of(&hours);
    let christmas = at("2026-12-24T12:00:00Z");
    assert_eq!(state.opens(christmas), Some(at("2026-12-28T08:00:00Z")));
    assert_eq!(state.closes(christmas), Some(at("2026-12-28T12:30:00Z")));
    let monday = at("2026-12-28T09:00:00Z");
    assert_eq!(state.closes(monday), Some(at("2026-12-28T12:30:00Z")));
    assert_eq!(state.opens(monday), Some(at("2026-12-28T13:30:00Z")));
    // The last range before the clock is put forward, and the first one after it.
    let friday = at("2026-03-27T17:30:00Z");
    assert_eq!(state.opens(friday), Some(at("2026-03-28T09:00:00Z")));
    assert_eq!(
        state.opens(at("2026-03-28T12:00:00Z")),
        Some(at("2026-03-30T07:00:00Z"))
    );
}

#[test]
fn a_closed_day_leaves_the_tail_of_the_evening_before() {
    let hours =
        hours("zone = \"Europe/London\"\nfri-sat = \"22:00-02:00\"\nclosed = \"2026-11-28\"\n");
    let state = HoursState::of(&hours);
    assert!(state.is_open(at("2026-11-28T01:59:00Z")), "Friday's tail");
    assert!(!state.is_open(at("2026-11-28T02:00:00Z")));
    assert!(
        !state.is_open(at("2026-11-28T23:00:00Z")),
        "what begins on it"
    );
    assert!(!state.is_open(at("2026-11-29T01:00:00Z")), "its own tail");
    assert!(!state.is_open_on(day("2026-11-28")) && state.is_open_on(day("2026-11-27")));
}

#[test]
fn an_hour_that_is_left_out_or_comes_twice_is_read_on_the_wall() {
    let hours = hours("zone = \"Europe/London\"\nsun = [\"01:30-05:00\", \"06:00-06:01\"]\n");
    let state = HoursState::of(&hours);
    // 01:00 to 02:00 is left out: it opens at the next moment there is.
    assert_eq!(
        state.opens(at("2026-03-29T00:00:00Z")),
        Some(at("2026-03-29T01:00:00Z"))
    );
    // 01:00 to 02:00 comes twice: 01:30 too.
    let first = at("2026-10-25T00:30:00Z");
    assert!(state.is_open(first) && !state.is_open(at("2026-10-25T00:29:59Z")));
    assert_eq!(state.closes(first), Some(at("2026-10-25T01:00:00Z")));
    assert_eq!(state.opens(first), Some(at("2026-10-25T01:30:00Z")));
    // A range within the hour that is left out does not open at all.
    let hours = super::read(
        &Arc::from("a"),
        "zone = \"Europe/London\"\nsun = \"01:10-01:50\"\n",
    );
    let hours = hours.expect("it can be read");
    let state = HoursState::of(&hours);
    assert_eq!(
        state.opens(at("2026-03-28T00:00:00Z")),
        Some(at("2026-04-05T00:10:00Z"))
    );
    for moment in ["2026-10-25T00:10:00Z", "2026-10-25T01:49:00Z"] {
        assert!(
            state.is_open(at(moment)),
            "both of the hours that come twice: {moment}"
        );
    }
}

#[test]
fn what_never_changes_is_known() {
    let never =
        |source: &str| hours(&format!("zone = \"Europe/London\"\n{source}")).never_changes();
    assert_eq!(never(""), Some(false));
    assert_eq!(never("mon-sun = \"00:00-24:00\""), Some(true));
    assert_eq!(never("mon-sun = \"09:00-08:59\""), None);
    assert_eq!(never("days.\"2026-12-24\" = \"08:00-12:00\""), None);
    assert_eq!(
        never("mon-sun = \"00:00-24:00\"\nclosed = \"2026-12-25\""),
        None
    );
    let always = hours("zone = \"Europe/London\"\nmon-sun = \"00:00-24:00\"\n");
    let state = HoursState::of(&always);
    assert_eq!(state.opens(at("2026-12-24T12:00:00Z")), None);
    assert_eq!(state.closes(at("2026-12-24T12:00:00Z")), None);
}

#[test]
fn a_date_that_is_far_away_is_found_without_looking_at_every_day_before_it() {
    let source = "zone = \"Europe/London\"\nclosed = \"2026-12-24\"\ndays.\"9990-01-01\" = \"08:00-12:00\"\n";
    let hours = hours(source);
    let state = HoursState::of(&hours);
    let now = at("2026-11-30T10:00:00Z");
    assert_eq!(state.opens(now), Some(at("9990-01-01T08:00:00Z")));
    assert_eq!(state.closes(now), Some(at("9990-01-01T12:00:00Z")));
    assert_eq!(state.changes(now).count(), 2);
}

#[test]
fn a_switch_beats_the_file_until_it_ends() {
    let hours = hours(OFFICE);
    let closed = HoursSwitch {
        open: false,
        until: at("2026-11-30T14:00:00Z"),
        note: "storm".to_owned(),
    };
    let state = HoursState {
        hours: &hours,
        switch: Some(&closed),
    };
    let monday = at("2026-11-30T09:00:00Z");
    assert!(!state.is_open(monday) && state.is_open(at("2026-11-30T14:00:00Z")));
    assert_eq!(state.note(monday), "storm");
    assert_eq!(state.opens(monday), Some(at("2026-11-30T14:00:00Z")));
    assert_eq!(state.closes(monday), Some(at("2026-11-30T17:30:00Z")));
    assert!(state.is_open_on(day("2026-11-30")), "in the afternoon");
    assert!(!state.is_open_on(day("2026-11-29")));
    let open = HoursSwitch {
        open: true,
        until: at("2026-11-29T20:00:00Z"),
        ..closed
    };
    let state = HoursState {
        hours: &hours,
        switch: Some(&open),
    };
    let sunday = at("2026-11-29T12:00:00Z");
    assert!(state.is_open(sunday) && state.is_open_on(day("2026-11-29")));
    assert_eq!(state.closes(sunday), Some(at("2026-11-29T20:00:00Z")));
    assert_eq!(state.opens(sunday), Some(at("2026-11-30T08:00:00Z")));
}

/// A line below the zone, the code of its fault, its column, and words of it.
const WRONG: [(&str, Code, usize, &str); 11] = [
    (
        "monday = \"08:00-12:00\"",
        Code::KeyUnknown,
        1,
        "did you mean `mon`?",
    ),
    (
        "\"2026-12-24\" = \"closed\"",
        Code::KeyUnknown,
        1,
        "write `days.\"2026-12-24\"`",
    ),
    (
        "mon = \"8-12:30\"",
        Code::HoursRange,
        7,
        "write `08:00-12:30`",
    ),
    ("mon = \"08:00-25:00\"", Code::HoursRange, 7, "two digits"),
    ("mon = 8", Code::ValueWrongType, 7, "but is a number"),
    (
        "mon = [\"08:00-12:30\", \"12:00-13:00\"]",
        Code::HoursOverlap,
        23,
        "before `08:00-12:30` is over",
    ),
    (
        "closed = \"2027-02-29\"",
        Code::HoursDay,
        10,
        "2027 has no 29th of February",
    ),
    (
        "closed = \"24.12.2026\"",
        Code::HoursDay,
        10,
        "write `2026-12-24`",
    ),
    (
        "closed = \"2026-12-26..2026-12-25\"",
        Code::HoursDay,
        10,
        "the first date stands first",
    ),
    (
        "days.\"2026-12-24\" = { note = \"Eve\" }",
        Code::HoursRange,
        6,
        "`closed = true`",
    ),
    ("until = \"soon\"", Code::HoursDay, 9, "`soon` is no date"),
];

#[test]
fn each_fault_is_told_at_its_place_with_a_way_out() {
    let zone = "zone = \"Europe/London\"\n";
    for (line, code, column, words) in WRONG {
        let found = faults(&format!("{zone}{line}\n"));
        assert_eq!(found.len(), 1, "{line}: {found:?}");
        let (found, place, told) = &found[0];
        assert_eq!((*found, *place), (code, (2, column)), "{line}: {told}");
        assert!(told.contains(words), "{line}: {told}");
    }
    assert_eq!(faults("mon = \"08:00-12:00\"\n")[0].0, Code::ZoneMissing);
    assert!(
        faults("zone = \"London\"\n")[0]
            .2
            .contains("did you mean `Europe/London`?")
    );
    assert!(
        !faults("zone = \"Europe/London\"\nmon = \"08:00-12:00\n").is_empty(),
        "no TOML"
    );
}

#[test]
fn a_day_is_named_once() {
    let zone = "zone = \"Europe/London\"\n";
    for lines in [
        "mon-fri = \"08:00-12:00\"\nwed = \"08:00-11:00\"",
        "closed = [\"2026-12-25..2026-12-26\", \"2026-12-26\"]",
        "closed = \"2026-12-25\"\ndays.\"2026-12-25\" = \"08:00-11:00\"",
    ] {
        let found = faults(&format!("{zone}{lines}\n"));
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].0, Code::HoursTwice);
    }
    let found = faults(&format!(
        "{zone}fri = \"22:00-02:00\"\nsat = \"01:00-05:00\"\n"
    ));
    assert_eq!(
        (found.len(), found[0].0, found[0].1.0),
        (1, Code::HoursOverlap, 3)
    );
    hours(&format!("{zone}mon-sun = \"20:00-04:00\"\n"));
}

#[test]
fn a_date_may_stand_without_quotes() {
    let hours = hours("zone = \"Europe/London\"\nclosed = [2026-12-25]\nuntil = 2027-12-31\n");
    assert!(hours.dated.contains_key(&day("2026-12-25")));
    assert_eq!(hours.days_left(day("2027-12-31")), Some(0));
}

#[test]
fn the_reader_knows_every_key_that_editors_are_told() {
    for example in examples() {
        hours(&format!("zone = \"Europe/London\"\n{example}\n"));
    }
}
