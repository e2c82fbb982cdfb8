//! TOML's own faults, in the words of somebody who writes flows.

use super::super::diag::Diag;
use super::check::Checker;

/// Faults that are wrong in themselves, whatever else a line that cannot be read would have said.
const SURE: [&str; 20] = [
    "action-not-yet",
    "answer-type-not-yet",
    "answer-type-unknown",
    "bounds-wrong",
    "expression-syntax",
    "filter-unknown",
    "key-misplaced",
    "key-unknown",
    "keys-ambiguous",
    "keys-illegal",
    "number-not-e164",
    "reject-reason",
    "say-as-unknown",
    "step-name",
    "step-two-actions",
    "test-unknown",
    "text-hole-open",
    "value-not-a-time",
    "value-out-of-range",
    "value-wrong-type",
];

/// What is wrong in a file that is not TOML: its own faults, one a line, and of the others those that are sure.
pub fn faults(errors: &[toml::de::Error], source: &str, found: Vec<Diag>, check: &Checker) -> Vec<Diag> {
    let mut errors: Vec<_> = errors.iter().map(|error| (error.span().unwrap_or(0..0), error.message())).collect();
    errors.sort_by_key(|(span, _)| span.start);
    let mut lines: Vec<std::ops::Range<usize>> = Vec::new();
    let mut faults = Vec::new();
    for (span, message) in errors {
        let line = line_of(source, span.start);
        if lines.last() == Some(&line) {
            continue;
        }
        let words = source.get(span.clone()).unwrap_or_default();
        let (message, help) = explain(message, words, &source[line.clone()]);
        let mut diag = Diag::error("toml-syntax", check.place(span), message);
        diag.help = help;
        faults.push(diag);
        lines.push(line);
    }
    let readable =
        |diag: &Diag| !lines.iter().any(|line| line.start <= diag.at.span.start && diag.at.span.start <= line.end);
    let sure = |diag: &Diag| SURE.contains(&diag.code) && !diag.at.span.is_empty() && readable(diag);
    faults.extend(found.into_iter().filter(sure));
    faults
}

/// The bytes of the line that a byte is on.
fn line_of(source: &str, at: usize) -> std::ops::Range<usize> {
    let at = at.min(source.len());
    let start = source.as_bytes()[..at].iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    let end = source.as_bytes()[at..].iter().position(|byte| *byte == b'\n').map_or(source.len(), |end| at + end);
    start..end
}

/// What is wrong, and what would be right: the traps first that people step into.
fn explain(message: &str, words: &str, line: &str) -> (String, Option<String>) {
    let trimmed = line.trim_start();
    let said = |message: &str, help: &str| (message.to_owned(), Some(help.to_owned()));
    if line.contains(".#") || trimmed.starts_with('#') {
        return said("`#` begins a comment, so this key has no name", "quote it: `keys.\"#\" = …`");
    }
    if line.contains(".*") || trimmed.starts_with('*') {
        return said("a key `*` must stand in quotes", "write `\"*\" = …` or `keys.\"*\" = …`");
    }
    if line.contains(['\u{201c}', '\u{201d}', '\u{201e}', '\u{2018}', '\u{2019}']) && !message.contains("duplicate") {
        return said("these quotes are typographic ones", "text stands between the plain ones of a keyboard: \"…\"");
    }
    if message.contains("duplicate key") && trimmed.starts_with('[') {
        return said(
            "this table stands here twice",
            "put the keys of both below one header, or name one of them differently",
        );
    }
    if message.contains("duplicate key") {
        return (
            format!("`{words}` has a value already"),
            Some("a key has one value: leave one of them out".to_owned()),
        );
    }
    if message.contains("cannot extend value") {
        let help = format!(
            "put both into one table: `{words} = {{ next = \"…\", set = … }}` instead of `{words} = …` and `{words}.set = …`"
        );
        return (format!("`{words}` has a value already, so nothing can be put below it"), Some(help));
    }
    if message.contains("must be quoted") {
        return (format!("text must stand in quotes: `\"{words}\"`"), None);
    }
    if message.contains("key with no value") {
        return said("this key has no value", "write `… = \"…\"`");
    }
    if message.contains("invalid unquoted key") {
        let help = "letters a-z, digits, `-` and `_` can stand without quotes, anything else in them";
        return (format!("`{words}` cannot stand in a key without quotes"), Some(help.to_owned()));
    }
    if message.contains("invalid basic string") || message.contains("invalid literal string") {
        return said("this text has no end", "close it with the quote that it began with, on the same line");
    }
    (message.lines().next().unwrap_or("this is not TOML").to_owned(), None)
}
