//! Words that callers were heard to say, and what is chosen: tables in `tests/speech/`, a language each, of the flow beside
//! them. A line is a step, what was heard there, and what comes of it: the key or the value that is chosen, the keys of which
//! the caller is asked which was meant, or `-` where it counts as wrong.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use hookswitch::engine::call::{About, At, Call};
use hookswitch::engine::flow::{Bundle, Flow};
use hookswitch::engine::guess::Guessed;
use hookswitch::engine::{CallSid, Input, Progress, StepId, advance, load};
use jiff::Timestamp;

/// A Monday morning.
const NOW: &str = "2026-11-23T10:15:00Z";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/speech")
}

fn flow() -> Flow {
    let source = fs::read_to_string(folder().join("line.toml")).unwrap();
    let bundle = Bundle {
        name: "line".to_owned(),
        file: "line.toml".into(),
        source,
        ..Bundle::default()
    };
    let loaded = load(&bundle).unwrap_or_else(|diags| panic!("{diags:#?}"));
    let alike = loaded
        .warnings
        .iter()
        .filter(|diag| diag.code.name().starts_with("says"));
    assert_eq!(alike.count(), 0, "{:#?}", loaded.warnings);
    loaded.flow
}

/// What comes of words at a step, of which the recogniser is so sure.
fn chosen(flow: &Flow, language: u8, step: &str, heard: &str, percent: u8) -> String {
    let place = flow.steps.iter().position(|known| known.name == step);
    let place = place.unwrap_or_else(|| panic!("no step `{step}`"));
    let sid = CallSid::parse("CA00000000000000000000000000000001").unwrap();
    let mut call = Call::new(sid, flow, About::default());
    call.language = language;
    call.at = At::Step(place as StepId);
    let now: Timestamp = NOW.parse().unwrap();
    let turn = advance(
        flow,
        call,
        &Input::heard(heard.to_owned(), Some(percent)),
        now,
    );
    if let Some(Progress::Guess(guess)) = turn.call.progress.as_deref() {
        let keys = flow.steps[place].action.keys();
        let open = guess.open.iter().map(|guessed| match guessed {
            Guessed::Key(place) => keys[usize::from(*place)].keys.clone(),
            Guessed::Entry(value) => value.to_string(),
        });
        return open.collect::<Vec<_>>().join(" ");
    }
    let Some(way) = turn.ways.first().and_then(|way| way.name(flow)) else {
        return "-".to_owned();
    };
    if let Some(key) = way.strip_prefix("keys.") {
        return key.to_owned();
    }
    let slot = flow.names.iter().position(|name| name == step).unwrap();
    let value = turn
        .call
        .value(slot as u16)
        .expect("it is stored")
        .to_string();
    match value.as_str() {
        "true" => "yes".to_owned(),
        "false" => "no".to_owned(),
        other => other.to_owned(),
    }
}

#[test]
fn what_is_heard_chooses_what_the_tables_say() {
    let flow = flow();
    let (mut lines, mut wrong) = (0, Vec::new());
    for (language, known) in (0..).zip(&flow.languages) {
        let path = folder().join(format!("{}.csv", known.tag));
        let mut table = csv::Reader::from_path(&path).unwrap();
        let mut seen = BTreeSet::new();
        for row in table.records() {
            let row = row.unwrap();
            let [step, heard, expected] = [0, 1, 2].map(|at| &row[at]);
            assert!(
                seen.insert((step.to_owned(), heard.to_owned())),
                "twice: {heard}"
            );
            lines += 1;
            let came_to = chosen(&flow, language, step, heard, 90);
            if came_to != expected {
                wrong.push(format!(
                    "{} {step}: {heard:?} is {came_to}, not {expected}",
                    known.tag
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(lines >= 300, "{lines}");
}
