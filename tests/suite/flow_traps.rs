//! What an author reads who has mistyped something: edits of one flow, `tests/traps/base.toml`, in the files beside it,
//! and below each edit what is said of the flow then. `BLESS=1` writes what is said now, for review by diff.
//!
//! A case is a line `## …`, lines `- …` that stand in the base, lines `+ …` that take their place, and the answers, one
//! a line: `> line:column code message / help`. A case that is legal has no answer. `\u{…}` in an edit is a character.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use super::flow_faults::told;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/traps")
}

/// The characters that an edit names by their numbers.
fn spelled(text: &str) -> String {
    let mut parts = text.split("\\u{");
    let mut spelled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (code, rest) = part.split_once('}').expect("`\\u{` has its end");
        let code = u32::from_str_radix(code, 16).expect("it is a number");
        spelled.push(char::from_u32(code).expect("it is a character"));
        spelled.push_str(rest);
    }
    spelled
}

/// The base with the edits of a case.
fn edited(base: &str, case: &str) -> String {
    let mut source = base.to_owned();
    let (mut old, mut new) = (String::new(), String::new());
    let apply = |source: &mut String, old: &mut String, new: &mut String| {
        assert!(source.contains(old.as_str()), "not in the base:\n{old}");
        *source = source.replacen(old.trim_end_matches('\n'), new.trim_end_matches('\n'), 1);
        old.clear();
        new.clear();
    };
    for line in case.lines().skip(1) {
        if let Some(text) = line.strip_prefix("- ") {
            if !new.is_empty() {
                apply(&mut source, &mut old, &mut new);
            }
            writeln!(old, "{text}").expect("a String takes everything");
        } else if let Some(text) = line.strip_prefix('+') {
            let text = spelled(text.strip_prefix(' ').unwrap_or(text));
            writeln!(new, "{text}").expect("a String takes everything");
        }
    }
    old.truncate(old.trim_end_matches('\n').len());
    apply(&mut source, &mut old, &mut new);
    source
}

/// The file as it is written with what is said now.
fn answered(base: &str, file: &str) -> String {
    let mut cases = file.split("\n## ");
    let mut answered = cases.next().unwrap_or_default().trim_end().to_owned();
    for case in cases {
        let question: Vec<&str> = case
            .lines()
            .filter(|line| !line.is_empty() && !line.starts_with('>'))
            .collect();
        write!(answered, "\n\n## {}\n", question.join("\n")).expect("a String takes everything");
        for line in told(edited(base, case)).0.lines() {
            writeln!(answered, "> {line}").expect("a String takes everything");
        }
        answered.truncate(answered.trim_end().len());
    }
    answered.push('\n');
    answered
}

#[test]
fn what_is_mistyped_is_answered_as_it_is_written_down() {
    let base = std::fs::read_to_string(folder().join("base.toml")).expect("it can be read");
    assert_eq!(
        told(base.clone()).0,
        "",
        "the base is a flow without faults"
    );
    let mut wrong = String::new();
    for name in ["syntax", "names", "silences"] {
        let path = folder().join(format!("{name}.txt"));
        let expected = std::fs::read_to_string(&path).expect("it can be read");
        let now = answered(&base, &expected);
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(&path, &now).expect("it can be written");
        } else {
            let lines = expected.lines().zip(now.lines());
            let first = lines.clone().position(|(one, other)| one != other);
            if let Some(at) = first.or((expected.len() != now.len()).then(|| lines.count())) {
                let around = |text: &str| {
                    let lines: Vec<&str> =
                        text.lines().skip(at.saturating_sub(4)).take(8).collect();
                    lines.join("\n")
                };
                writeln!(
                    wrong,
                    "{name}.txt:{}\n--- expected\n{}\n--- said\n{}",
                    at + 1,
                    around(&expected),
                    around(&now)
                )
                .expect("a String takes everything");
            }
        }
    }
    assert!(wrong.is_empty(), "BLESS=1 writes what is said now\n{wrong}");
}
