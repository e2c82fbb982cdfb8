//! Opening hours in a flow: what they come to, how their moments are spoken, and that they are part of the version.

use super::phone::{bundle, flow};
use crate::engine::flow::{Bundle, HoursFile};
use crate::engine::load::load;
use crate::engine::{
    About, Call, CallSid, Entry, Flow, Input, Outcome, Reply, Trail, Verb, Words, advance,
};
use crate::hours::HoursSwitch;
use crate::study::retrace;

const OFFICE: &str = r#"
    zone    = "Europe/London"
    mon-fri = ["08:00-12:30", "13:30-17:30"]
    closed  = "2026-12-25..2026-12-26"
    days."2026-12-28" = { closed = true, note = "Boxing Day (observed)" }
"#;

fn with_hours(source: &str, hours: &str) -> Bundle {
    Bundle {
        hours: vec![
            HoursFile {
                name: "office".into(),
                file: "office.toml".into(),
                source: hours.into(),
            },
            HoursFile {
                name: "other".into(),
                file: "other.toml".into(),
                source: "nobody reads this".into(),
            },
        ],
        ..bundle(source)
    }
}

/// What a caller hears who calls at a moment.
fn heard(flow: &Flow, at: &str, language: u8) -> String {
    heard_while(flow, at, language, Vec::new())
}

/// The same while hours are switched.
fn heard_while(
    flow: &Flow,
    at: &str,
    language: u8,
    switched: Vec<(String, HoursSwitch)>,
) -> String {
    let sid = CallSid::parse("CA1").expect("legal");
    let mut call = Call::new(sid, flow, About::default());
    (call.language, call.switched) = (language, switched.into());
    let turn = advance(flow, call, &Input::Begin, at.parse().expect("a moment"));
    assert_eq!(turn.call.outcome(), Outcome::Completed, "{:?}", turn.faults);
    let Reply::Speak(verbs) = turn.reply;
    let words = verbs.iter().filter_map(|verb| match verb {
        Verb::Say(say) => Some(&say.words),
        _ => None,
    });
    let text = words.flatten().map(|words| match words {
        Words::Text(text) => text.as_str(),
        _ => "",
    });
    text.collect()
}

/// A flow that says one text, in English and German.
fn says(text: &str) -> Flow {
    let source = format!(
        "language = \"en-GB\"\n[languages]\nde-DE = {{}}\n[steps.a]\nset.call.language = \"{{{{ call.language }}}}\"\nnext = \"b\"\n[steps.b]\nsay = \"@text\"\nnext = \"hangup\"\n[prompts]\ntext = {{ en-GB = \"{text}\", de-DE = \"{text}\" }}\n"
    );
    flow(&with_hours(&source, OFFICE))
}

#[test]
fn a_condition_reads_whether_it_is_open() {
    let source = r#"
        [steps.a]
        branch = [{ when = "hours.office.open", next = "open" }, { next = "shut" }]
        [steps.open]
        say  = "Open."
        next = "hangup"
        [steps.shut]
        say  = "Shut: {{ hours.office.note }}."
        next = "hangup"
    "#;
    let flow = flow(&with_hours(source, OFFICE));
    for (at, words) in [
        ("2026-11-23T08:00:00Z", "Open."),
        ("2026-11-23T12:30:00Z", "Shut: ."),
        ("2026-12-25T10:00:00Z", "Shut: ."),
        ("2026-12-28T10:00:00Z", "Shut: Boxing Day (observed)."),
        ("2026-06-22T07:00:00Z", "Open."),
    ] {
        assert_eq!(heard(&flow, at, 0), words, "{at}");
    }
}

#[test]
fn the_day_of_the_week_is_spoken_in_the_language_of_the_call() {
    let source = r#"
        zone     = "Europe/Berlin"
        language = "en-GB"
        [languages]
        de-DE = {}
        [steps.a]
        set.call.language = "{{ call.language }}"
        next = "b"
        [steps.b]
        say  = "@until"
        next = "hangup"
        [prompts]
        until = { en-GB = "Until {{ now.weekday }}.", de-DE = "Bis {{ now.weekday }}." }
    "#;
    let flow = flow(&with_hours(source, OFFICE));
    let at = "2026-11-28T23:30:00Z";
    assert_eq!(heard(&flow, at, 0), "Until Sunday.");
    assert_eq!(heard(&flow, at, 1), "Bis Sonntag.");
}

#[test]
fn a_moment_is_spoken_as_callers_call_it_in_each_language() {
    let flow = says("{{ hours.office.opens }}");
    for (at, english, german) in [
        ("2026-11-23T06:00:00Z", "today at 8:00", "heute um 8:00"),
        ("2026-11-23T18:00:00Z", "tomorrow at 8:00", "morgen um 8:00"),
        ("2026-11-27T18:00:00Z", "Monday at 8:00", "Montag um 8:00"),
        ("2026-11-23T09:00:00Z", "today at 13:30", "heute um 13:30"),
        // Four days without hours, and not yet a week.
        (
            "2026-12-24T18:00:00Z",
            "Tuesday at 8:00",
            "Dienstag um 8:00",
        ),
    ] {
        assert_eq!(heard(&flow, at, 0), english, "{at}");
        assert_eq!(heard(&flow, at, 1), german, "{at}");
    }
    let source = OFFICE
        .replace("2026-12-26", "2027-01-08")
        .replace("days.", "# ");
    let text = "[steps.a]\nsay = \"{{ hours.office.opens }}.\"\nnext = \"hangup\"\n";
    let far = super::phone::flow(&with_hours(text, &source));
    assert_eq!(
        heard(&far, "2026-12-24T18:00:00Z", 0),
        "Monday, 2027-01-11 at 8:00."
    );
}

#[test]
fn a_moment_can_be_compared_and_cut() {
    let flow = says(
        "{{ hours.office.closes[11:] }} {{ 'late' if hours.office.closes > '2026-11-23T17:00' else 'early' }}",
    );
    assert_eq!(heard(&flow, "2026-11-23T09:00:00Z", 0), "12:30 early");
    assert_eq!(heard(&flow, "2026-11-23T15:00:00Z", 0), "17:30 late");
}

#[test]
fn days_and_hours_are_asked_for() {
    let flow = says(
        "{{ hours.office.open_on('2026-12-24') }} {{ hours.office.open_on('2026-12-25') }} {{ hours.office.open_at('2026-12-24', '12:29') }} {{ hours.office.open_at('2026-12-24', '12:30') }}",
    );
    assert_eq!(
        heard(&flow, "2026-11-23T09:00:00Z", 0),
        "true false true false"
    );
}

#[test]
fn a_switch_beats_the_file_while_it_lasts() {
    let flow = says(
        "{{ 'open' if hours.office.open else 'shut' }}, {{ hours.office.note }}, {{ hours.office.opens }}",
    );
    let switched = |name: &str, until: &str| {
        let switch = HoursSwitch {
            open: false,
            until: until.parse().expect("a moment"),
            note: "storm".to_owned(),
        };
        vec![(name.to_owned(), switch)]
    };
    let monday = "2026-11-23T09:00:00Z";
    let storm = switched("office", "2026-11-23T14:00:00Z");
    assert_eq!(
        heard_while(&flow, monday, 0, storm),
        "shut, storm, today at 14:00"
    );
    let over = switched("office", "2026-11-23T08:30:00Z");
    assert_eq!(
        heard_while(&flow, monday, 0, over),
        "open, , today at 13:30"
    );
    let other = switched("other", "2026-11-23T14:00:00Z");
    assert_eq!(
        heard_while(&flow, monday, 0, other),
        "open, , today at 13:30"
    );
}

#[test]
fn a_turn_that_was_taken_under_a_switch_is_retraced_under_it() {
    let flow = says("{{ hours.office.note }}");
    let sid = CallSid::parse("CA1").expect("legal");
    let at = "2026-11-23T09:00:00Z".parse().expect("a moment");
    let storm = HoursSwitch {
        open: false,
        until: "2026-11-23T14:00:00Z".parse().expect("a moment"),
        note: "storm".to_owned(),
    };
    let call = Call {
        switched: Box::new([("office".to_owned(), storm)]),
        ..Call::new(sid.clone(), &flow, About::default())
    };
    let turn = advance(&flow, call, &Input::Begin, at);
    let trail = Trail {
        sid,
        entries: vec![Entry::of(&flow, &turn, &Input::Begin, false, at, 0)],
        events: Vec::new(),
    };
    let retraced = retrace(&trail, |_| Some(&flow));
    let moment = retraced[0].moment.as_ref().expect("it can be computed");
    assert_eq!(moment.turn.reply, turn.reply);
    assert!(format!("{:?}", turn.reply).contains("storm"));
}

#[test]
fn the_hours_that_a_flow_reads_are_part_of_its_version() {
    let reads = "[steps.a]\nsay = \"{{ hours.office.note }}.\"\nnext = \"hangup\"\n";
    let version = |source: &str, hours: &str| {
        let loaded = load(&with_hours(source, hours)).expect("it loads");
        (loaded.flow.fingerprint, loaded.bundle.hours.len())
    };
    let (before, kept) = version(reads, OFFICE);
    assert_eq!(kept, 1, "the other file is not part of it");
    let later = OFFICE.replace("17:30", "18:00");
    assert_ne!(before, version(reads, &later).0);
    let silent = "[steps.a]\nsay = \"Bye.\"\nnext = \"hangup\"\n";
    assert_eq!(version(silent, OFFICE), version(silent, &later));
    let narrowed = load(&with_hours(reads, OFFICE)).expect("it loads").bundle;
    assert_eq!(load(&narrowed).expect("again").flow.fingerprint, before);
}

#[test]
fn a_file_with_faults_keeps_the_flow_out_of_service() {
    let reads = "[steps.a]\nsay = \"{{ hours.office.note }}.\"\nnext = \"hangup\"\n";
    let diags = load(&with_hours(
        reads,
        "zone = \"Europe/London\"\nmon = \"9-5\"\n",
    ));
    let diags = diags.expect_err("it has a fault");
    let told: Vec<_> = diags
        .iter()
        .map(|diag| (&*diag.at.file, diag.code.name()))
        .collect();
    assert_eq!(told, [("office.toml", "hours-range")]);
}
