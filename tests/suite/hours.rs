//! `hookswitch hours` and `hookswitch when` from outside, and opening hours where flows are checked, compared and served.

use serde_json::Value;

use super::architecture::root;
use super::folder::Folder;
use super::server::Plan;

const OFFICE: &str = "zone = \"Europe/London\"
mon-fri = [\"08:00-12:30\", \"13:30-17:30\"]
sat = \"09:00-12:00\"
closed = [\"2026-12-25..2026-12-26\"]
days.\"2026-12-24\" = \"08:00-12:00\"
days.\"2027-01-01\" = { closed = true, note = \"New Year\" }
until = \"2027-12-31\"
";

const FLOW: &str = "language = \"en-GB\"
[steps.welcome]
branch = [{ when = \"hours.office.open\", next = \"open\" }, { next = \"shut\" }]
[steps.open]
say  = \"We are here until {{ hours.office.closes[11:] }}.\"
next = \"hangup\"
[steps.shut]
say  = \"We open {{ hours.office.opens }}.\"
next = \"hangup\"
";

/// A project with a flow and its hours.
fn project(hours: &str) -> Folder {
    Folder::of(&[
        ("flows/line.toml", FLOW),
        ("config/hours/office.toml", hours),
    ])
}

/// Exit code, stdout and stderr of a command in a project.
fn run(folder: &Folder, arguments: &[&str]) -> (i32, String, String) {
    let hours = folder.path().join("config/hours");
    let plan = Plan::default().hours(&hours);
    plan.flows(&folder.path().join("flows"))
        .run(folder.path(), arguments)
}

#[test]
fn a_year_of_hours_is_a_table_of_what_differs() {
    let (code, told, error) = run(&project(OFFICE), &["hours", "office", "--year", "2026"]);
    assert_eq!((code, error.as_str()), (0, ""));
    let expected = "office (Europe/London)
  the dates are known until 2027-12-31
  mon-fri         08:00-12:30, 13:30-17:30
  sat             09:00-12:00
  sun             closed

  2026
  sun 2026-03-29  the clock goes from 01:00 to 02:00
  sun 2026-10-25  the clock goes from 02:00 to 01:00
  thu 2026-12-24  08:00-12:00
  fri 2026-12-25  closed
  sat 2026-12-26  closed
";
    assert_eq!(told, expected);
    let (_, told, _) = run(&project(OFFICE), &["hours", "--year", "2027"]);
    assert!(
        told.contains("  fri 2027-01-01  closed (New Year)\n"),
        "{told}"
    );
    let (_, told, _) = run(&project(OFFICE), &["hours"]);
    assert!(
        told.contains(": open, closes ") || told.contains(": closed, opens "),
        "{told}"
    );
}

#[test]
fn hours_that_nobody_has_written_down_are_named() {
    let folder = project(OFFICE);
    let (code, _, error) = run(&folder, &["hours", "ofice"]);
    assert_eq!(code, 3);
    assert!(
        error.contains("no hours are named `ofice`") && error.contains("did you mean `office`?"),
        "{error}"
    );
    let (code, _, error) = run(&project("zone = \"London\"\n"), &["hours"]);
    assert_eq!(code, 1);
    assert!(
        error.contains("did you mean `Europe/London`?") && error.contains("office.toml:1:8"),
        "{error}"
    );
}

#[test]
fn what_a_caller_hears_at_a_moment_is_said() {
    let folder = project(OFFICE);
    for (moment, words) in [
        ("2026-12-24T11:59", "We are here until 12:00."),
        ("2026-12-24T12:00", "We open Monday at 8:00."),
        ("2027-01-01T10:00Z", "We open tomorrow at 9:00."),
        ("2026-07-06T07:00Z", "We are here until 12:30."),
    ] {
        let (code, told, error) = run(&folder, &["when", "line", moment]);
        assert_eq!((code, error.as_str()), (0, ""), "{told}");
        assert!(
            told.contains(&format!("the caller hears: {words}\n")),
            "{moment}: {told}"
        );
    }
    let (_, told, error) = run(&folder, &["when", "line", "2027-03-28T01:30"]);
    assert!(
        error.contains("the clock is changed then: 02:30 is taken"),
        "{error}"
    );
    assert!(
        told.starts_with(
            "Sunday 2027-03-28 02:30 BST\noffice: closed, opens Monday 2027-03-29 08:00\n"
        ),
        "{told}"
    );
    let (code, _, error) = run(&folder, &["when", "line", "tomorrow"]);
    assert_eq!(code, 2);
    assert!(error.contains("`tomorrow` is no moment"), "{error}");
    assert_eq!(run(&folder, &["when", "lime"]).0, 3);
}

#[test]
fn a_fault_of_a_file_is_reported_once_and_keeps_its_flows_out() {
    let folder = project(&OFFICE.replace("\"09:00-12:00\"", "\"9-12\""));
    let (code, told, error) = run(&folder, &["check", "--format", "json"]);
    assert_eq!(code, 1, "{error}");
    let diags: Vec<Value> = told
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    let places: Vec<_> = diags
        .iter()
        .map(|diag| (diag["code"].as_str(), diag["line"].as_u64()))
        .collect();
    assert_eq!(places, [(Some("hours-range"), Some(3))], "{told}");
    assert_eq!(diags[0]["help"], "write `09:00-12:00`");
}

#[test]
fn a_change_of_hours_is_a_change_for_callers() {
    let (old, new) = (
        project(OFFICE),
        project(
            &OFFICE
                .replace("13:30-17:30", "13:30-18:00")
                .replace("2026-12-25..2026-12-26", "2026-12-25..2026-12-28"),
        ),
    );
    let path = |folder: &Folder| folder.path().display().to_string();
    // Each side is a project of its own, whose hours stand beside its flows.
    let plan = Plan::default()
        .unset("HOURS__DIR")
        .unset("FLOWS__DIR")
        .unset("AUDIO__DIR");
    let (code, told, error) = plan.run(old.path(), &["diff", &path(&old), &path(&new)]);
    assert_eq!((code, error.as_str()), (0, ""));
    assert!(told.contains("`hours.office`: mon-fri is now 08:00-12:30, 13:30-18:00 instead of 08:00-12:30, 13:30-17:30"), "{told}");
    assert!(
        told.contains("`hours.office`: 2026-12-28 is now closed instead of"),
        "{told}"
    );
}

#[test]
fn the_sample_hours_are_right() {
    let (code, _, error) = Plan::default().run(root(), &["hours"]);
    assert_eq!((code, error.as_str()), (0, ""));
}

#[test]
fn an_importer_prints_a_file_of_hours() {
    let folder = Folder::of(&[(
        "holidays.ics",
        "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20200101\nRRULE:FREQ=YEARLY\nSUMMARY:New Year\nEND:VEVENT\nEND:VCALENDAR\n",
    )]);
    let run = |arguments: &[&str]| {
        Plan::default().run(folder.path(), &[&["hours", "import"], arguments].concat())
    };
    let (code, told, error) = run(&[
        "osm",
        "Mo-Fr 08:00-17:30; PH off",
        "--zone",
        "Europe/London",
    ]);
    assert_eq!(code, 0, "{error}");
    assert_eq!(
        told,
        "zone = \"Europe/London\"\nmon-fri = \"08:00-17:30\"\n"
    );
    assert!(error.contains("left out: `PH off`"), "{error}");
    let (code, _, error) = run(&["osm", "Mo 08:00-17:30", "--zone", "London"]);
    assert!(
        code == 1 && error.contains("did you mean `Europe/London`?"),
        "{error}"
    );
    let (code, told, error) = run(&["ical", "holidays.ics", "--until", "2099"]);
    assert_eq!((code, error.as_str()), (0, ""));
    assert!(
        told.ends_with("days.\"2099-01-01\" = { closed = true, note = \"New Year\" }\n"),
        "{told}"
    );
    assert_eq!(run(&["ical", "none.ics"]).0, 3);
}
