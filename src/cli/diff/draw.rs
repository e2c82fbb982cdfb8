//! Changes for people, for pull requests and for programs.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

use serde_json::json;

use super::calls::{CallDifference, Calls, ChangedCall};
use super::marked::Marked;
use super::unloaded::Unloaded;
use super::{Compared, Format};
use crate::cli::test::draw::words as one_above_the_other;
use crate::study::diff::Change;

/// Signs of a terminal: old words, new words, what differs in them.
const RED: &str = "\u{1b}[31m";
const GREEN: &str = "\u{1b}[32m";
const PLAIN: &str = "\u{1b}[0m";
const ON: &str = "\u{1b}[7m";
const OFF: &str = "\u{1b}[27m";

/// The texts of both sides' files, and where their lines begin.
pub struct Texts<'a> {
    old: BTreeMap<&'a str, (&'a str, Vec<usize>)>,
    new: BTreeMap<&'a str, (&'a str, Vec<usize>)>,
}

impl<'a> Texts<'a> {
    /// Of what was read.
    pub fn new(old: &'a BTreeMap<Arc<str>, String>, new: &'a BTreeMap<Arc<str>, String>) -> Self {
        let begins = |text: &str| {
            std::iter::once(0)
                .chain(text.match_indices('\n').map(|(at, _)| at + 1))
                .collect()
        };
        let lines = |texts: &'a BTreeMap<Arc<str>, String>| {
            texts
                .iter()
                .map(|(file, text)| (&**file, (text.as_str(), begins(text))))
                .collect()
        };
        Self {
            old: lines(old),
            new: lines(new),
        }
    }

    /// The line of a change, from 1, and the column.
    fn place(&self, change: &Change) -> (usize, usize) {
        let texts = if change.gone { &self.old } else { &self.new };
        let Some((text, begins)) = texts.get(&*change.at.file) else {
            return (1, 1);
        };
        let line = begins.partition_point(|begin| *begin <= change.at.span.start);
        let before = text
            .get(begins[line - 1]..change.at.span.start)
            .unwrap_or_default();
        (line, before.chars().count() + 1)
    }
}

/// The flows of which nothing can be said.
pub fn unloaded(unloaded: &[Unloaded], format: Format) -> String {
    const SO: &str = "so what changes for callers is not known";
    let one = |flow: &Unloaded| match format {
        Format::Human => format!("{}: {flow}, {SO}\n\n", flow.name),
        Format::Markdown => format!("**`{}`**: {flow}, {SO}\n\n", flow.name),
        Format::Json => {
            let object = json!({
                "flow": flow.name,
                "code": "flow-does-not-load",
                "message": flow.to_string(),
            });
            format!("{object}\n")
        }
    };
    unloaded.iter().map(one).collect()
}

/// What changes in each flow.
pub fn flows(compared: &[Compared], format: Format, texts: &Texts<'_>, colour: bool) -> String {
    if format == Format::Json {
        return compared
            .iter()
            .flat_map(|flow| {
                flow.diff
                    .changes
                    .iter()
                    .map(|change| json(flow, change, texts))
            })
            .collect();
    }
    let told: Vec<String> = compared
        .iter()
        .filter(|flow| !flow.is_same)
        .map(|flow| match format {
            Format::Markdown => markdown(flow, texts),
            _ => human(flow, texts, colour),
        })
        .collect();
    if told.is_empty() {
        "nothing changes for callers\n".to_owned()
    } else {
        told.join("\n")
    }
}

fn count(changes: usize) -> String {
    match changes {
        0 => "nothing changes for callers".to_owned(),
        1 => "1 change".to_owned(),
        more => format!("{more} changes"),
    }
}

fn human(flow: &Compared, texts: &Texts<'_>, colour: bool) -> String {
    let mut out = format!("{}: {}\n", flow.name, count(flow.diff.changes.len()));
    for change in &flow.diff.changes {
        let _ = writeln!(
            out,
            "  {}:{}: {change}",
            change.at.file,
            texts.place(change).0
        );
        if let Some((old, new)) = change.words() {
            let marked = Marked::between(old, new);
            let _ = if colour {
                writeln!(
                    out,
                    "    {RED}- {}{PLAIN}\n    {GREEN}+ {}{PLAIN}",
                    marked.before(ON, OFF),
                    marked.now(ON, OFF)
                )
            } else {
                write!(
                    out,
                    "    - {}\n    + {}\n{}",
                    marked.before("", ""),
                    marked.now("", ""),
                    marked.carets()
                )
            };
        }
    }
    out
}

fn markdown(flow: &Compared, texts: &Texts<'_>) -> String {
    let mut out = format!(
        "**`{}`**: {}\n\n",
        flow.name,
        count(flow.diff.changes.len())
    );
    for change in &flow.diff.changes {
        let place = format!("{}:{}", change.at.file, texts.place(change).0);
        let _ = writeln!(
            out,
            "- {} (`{place}`)",
            escaped_beside_code(&change.to_string())
        );
        if let Some((old, new)) = change.words() {
            let marked = Marked::between(&escaped(old), &escaped(new));
            let _ = writeln!(
                out,
                "  - before: {}\n  - now: {}",
                marked.before("**", "**"),
                marked.now("**", "**")
            );
        }
    }
    out
}

fn json(flow: &Compared, change: &Change, texts: &Texts<'_>) -> String {
    let (line, column) = texts.place(change);
    let object = json!({
        "flow": flow.name,
        "code": change.code(),
        "steps": change.steps,
        "file": &*change.at.file,
        "line": line,
        "column": column,
        "message": change.to_string(),
        "old": change.words().map(|(old, _)| old),
        "new": change.words().map(|(_, new)| new),
    });
    format!("{object}\n")
}

/// Text that Markdown would take for its own.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '@' => out.push_str("&#64;"),
            '<' => out.push_str("&lt;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '#' | '|' | '~' => out.extend(['\\', c]),
            _ => out.push(c),
        }
    }
    out
}

/// A sentence, in which names in backticks are code already.
fn escaped_beside_code(sentence: &str) -> String {
    let part = |(place, part): (usize, &str)| {
        if place % 2 == 0 {
            escaped(part)
        } else {
            part.to_owned()
        }
    };
    sentence
        .split('`')
        .enumerate()
        .map(part)
        .collect::<Vec<_>>()
        .join("`")
}

/// What becomes of calls.
pub fn calls(calls: &Calls, format: Format) -> String {
    for drawn in &calls.faulty {
        eprint!("{drawn}");
    }
    if format == Format::Json {
        return calls.changed.iter().map(json_of_call).collect();
    }
    let mut out = format!("\n{}\n", summary(calls));
    for changed in &calls.changed {
        let turn = changed
            .turn
            .map_or_else(|| "at the end".to_owned(), |turn| format!("at turn {turn}"));
        let place = format!("{}:{}", changed.file, changed.line);
        let also = also(changed);
        if format == Format::Markdown {
            let _ = writeln!(
                out,
                "- `{place}`: {turn} {}{also}",
                escaped_beside_code(&changed.first)
            );
            if let Some(difference) = &changed.difference {
                let marked =
                    Marked::between(&escaped(&difference.wanted), &escaped(&difference.heard));
                let _ = writeln!(
                    out,
                    "  - before: {}\n  - now: {}",
                    marked.before("**", "**"),
                    marked.now("**", "**")
                );
            }
        } else {
            let _ = writeln!(out, "{place}: {turn} {}{also}", changed.first);
            if let Some(difference) = &changed.difference {
                one_above_the_other(&mut out, difference, ("before", "now"));
            }
        }
    }
    for (file, why) in &calls.left {
        let _ = writeln!(
            out,
            "{}{file} is not compared: {why}",
            if format == Format::Markdown { "- " } else { "" }
        );
    }
    out
}

fn summary(calls: &Calls) -> String {
    let played = match calls.played {
        0 => return "no call could be played on both".to_owned(),
        1 => "1 call played on both".to_owned(),
        more => format!("{more} calls played on both"),
    };
    if calls.changed.is_empty() {
        return format!("{played}: all as before");
    }
    let number = |kind: &CallDifference| {
        calls
            .changed
            .iter()
            .filter(|changed| changed.kinds.contains(kind))
            .count()
    };
    let kinds = [
        CallDifference::Way,
        CallDifference::Words,
        CallDifference::Answers,
        CallDifference::End,
    ]
    .map(|kind| (number(&kind), kind));
    let kinds = kinds
        .into_iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, kind)| format!("{number} {}", does(kind, number)));
    let count = calls.changed.len();
    let differ = if count == 1 { "differs" } else { "differ" };
    let kinds = kinds.collect::<Vec<_>>().join(", ");
    format!("{played}, {count} now {differ}: {kinds}")
}

fn does(kind: CallDifference, number: usize) -> &'static str {
    match (kind, number) {
        (CallDifference::Way, 1) => "goes another way",
        (CallDifference::Way, _) => "go another way",
        (CallDifference::Words, 1) => "hears other words",
        (CallDifference::Words, _) => "hear other words",
        (CallDifference::Answers, 1) => "submits other answers",
        (CallDifference::Answers, _) => "submit other answers",
        (CallDifference::End, 1) => "ends differently",
        (CallDifference::End, _) => "end differently",
    }
}

/// How a call differs beside what differs first.
fn also(changed: &ChangedCall) -> String {
    let is_more = |kind: &&CallDifference| {
        **kind != changed.kind
            && !(changed.kind == CallDifference::Way && **kind == CallDifference::Words)
    };
    let more: Vec<&str> = changed
        .kinds
        .iter()
        .filter(is_more)
        .map(|kind| does(*kind, 1))
        .collect();
    if more.is_empty() {
        String::new()
    } else {
        format!(", and {}", more.join(", "))
    }
}

fn json_of_call(changed: &ChangedCall) -> String {
    let object = json!({
        "call": changed.file,
        "line": changed.line,
        "turn": changed.turn,
        "message": changed.first,
        "differs": changed.kinds.iter().map(|kind| does(*kind, 1)).collect::<Vec<_>>(),
        "old": changed.difference.as_ref().map(|difference| &difference.wanted),
        "new": changed.difference.as_ref().map(|difference| &difference.heard),
    });
    format!("{object}\n")
}
