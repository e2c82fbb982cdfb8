//! Results for people.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

use super::job::{FileResult, TestOutcome};
use crate::cli::diagnostics;
use crate::phone::Request;
use crate::replay::{Difference, Failure, Stretch};

/// What the fields of a request that matter to a turn begin with.
const MATTERS: [&str; 9] = [
    "Digits",
    "FinishedOnKey",
    "Speech",
    "Dial",
    "Recording",
    "Error",
    "CallStatus",
    "Queue",
    "CallerName",
];

/// A line a file, and below it what is wrong.
pub fn results(done: &[FileResult]) -> String {
    let mut text = String::new();
    for done in done {
        let word = match &done.outcome {
            TestOutcome::Passed => "pass",
            TestOutcome::Blessed => "bless",
            TestOutcome::Failed(_) | TestOutcome::Faulty(_) => "FAIL",
            TestOutcome::Broken(_) => "BROKEN",
        };
        let _ = writeln!(text, "{word:<6} {}", done.file);
        text.push_str(&told(done));
    }
    text
}

pub fn count(done: &[FileResult]) -> String {
    let passed = done
        .iter()
        .filter(|done| matches!(done.outcome, TestOutcome::Passed | TestOutcome::Blessed))
        .count();
    format!("{passed} passed, {} failed", done.len() - passed)
}

/// What is wrong with a file; nothing if nothing is.
pub fn told(done: &FileResult) -> String {
    match &done.outcome {
        TestOutcome::Passed | TestOutcome::Blessed => String::new(),
        TestOutcome::Broken(why) => format!("{why}\n\n"),
        TestOutcome::Faulty(diags) => diagnostics::draw(diags, &texts(done), false),
        TestOutcome::Failed(failures) => failures_of(failures, done),
    }
}

fn failures_of(failures: &[Failure], done: &FileResult) -> String {
    let texts = texts(done);
    let mut text = String::new();
    for (at, failure) in failures.iter().enumerate() {
        let drawn = diagnostics::draw(std::slice::from_ref(&failure.diag), &texts, false);
        text.push_str(drawn.trim_end());
        text.push('\n');
        if let Some(difference) = &failure.difference {
            words(&mut text, difference, ("wanted", "heard"));
        }
        // Several things may be wrong with one turn: the request and its answer are shown with the last of them. What was
        // submitted may be of any turn.
        let next = failures.get(at + 1).map(|next| &next.stretch);
        let code = failure.diag.code.name();
        let is_of_turn = !code.starts_with("submitted-") && !code.starts_with("texted-");
        if is_of_turn
            && next.is_none_or(|next| {
                next.answer != failure.stretch.answer || next.request != failure.stretch.request
            })
        {
            exchange(&mut text, &failure.stretch);
        }
        text.push('\n');
    }
    text
}

/// Two texts, one above the other, with a caret where they differ first.
pub fn words(text: &mut String, difference: &Difference, (wanted, heard): (&str, &str)) {
    let mut line = |name: &str, words: &str, at: Option<usize>| {
        let words = if words.is_empty() { "(nothing)" } else { words };
        let _ = writeln!(text, "  {name:<8} {words}");
        if let Some(at) = at {
            let _ = writeln!(text, "{:width$}^", "", width = 11 + at);
        }
    };
    line(
        wanted,
        &difference.wanted,
        difference.at.map(|(wanted, _)| wanted),
    );
    line(
        heard,
        &difference.heard,
        difference.at.map(|(_, heard)| heard),
    );
}

/// The request and the TwiML of a turn.
fn exchange(text: &mut String, stretch: &Stretch) {
    if let Some(request) = &stretch.request {
        let _ = writeln!(text, "  request  {}", asked(request));
    }
    for (at, line) in stretch.answer.replace("><", ">\n<").lines().enumerate() {
        let _ = writeln!(text, "  {:<8} {line}", if at == 0 { "answer" } else { "" });
    }
}

fn asked(request: &Request) -> String {
    let path = request
        .url
        .split_once("://")
        .map_or(request.url.as_str(), |(_, rest)| rest);
    let path = path
        .find('/')
        .map_or(request.url.as_str(), |at| &path[at..]);
    let matters = |name: &str| MATTERS.iter().any(|begins| name.starts_with(begins));
    let fields = request
        .fields
        .iter()
        .filter(|(name, value)| matters(name) && !value.is_empty());
    let fields: Vec<String> = fields
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    format!("{path} {}", fields.join(" "))
}

fn texts(done: &FileResult) -> BTreeMap<Arc<str>, String> {
    [(Arc::from(done.file.as_str()), done.source.clone())].into()
}
