//! TOML's own faults, in the words of somebody who writes flows, or calls that test them.

use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use toml::de::DeTable;

use super::code::Code;
use super::diag::{Diag, MOST, Place};

/// Times that a text is read with its faulty lines blanked: far more than a person makes of such faults at once.
const MAX_ROUNDS: usize = 50;

/// Faults that are looked at: a line may have several, and is reported once.
const ENOUGH: usize = 10 * MOST;

/// Bytes that are read at once, whatever is in them.
const PIECE: usize = 64 * 1024;

/// What TOML itself finds wrong.
pub struct Fault {
    span: Range<usize>,
    message: String,
}

/// Finds TOML's faults, and gives the text in which they can be read over: as long as the source, place by place.
///
/// The parser goes on after a faulty value, but not after a faulty key, so such lines are blanked, and it is asked again.
pub fn faults(source: &str) -> (Cow<'_, str>, Vec<Fault>) {
    let mut text = readable(source);
    let mut faults: Vec<Fault> = Vec::new();
    let mut seen: HashSet<(usize, String)> = HashSet::new();
    for _ in 0..MAX_ROUNDS {
        let (_, errors) = DeTable::parse_recoverable(&text);
        let mut blank = Vec::new();
        for error in errors.iter().take(ENOUGH) {
            let span = error.span().unwrap_or(0..0);
            let line = line_of(source, span.start);
            if seen.insert((span.start, error.message().to_owned())) {
                faults.push(Fault {
                    span,
                    message: error.message().to_owned(),
                });
                let of_key = error.message().contains("unquoted key")
                    || error.message().contains("key with no value");
                blank.extend(Some(line).filter(|line| of_key && is_whole(&source[line.clone()])));
            }
        }
        if blank.is_empty() || faults.len() >= ENOUGH {
            break;
        }
        for line in blank {
            let filler = filler(&source[line.clone()], line.start);
            text.to_mut().replace_range(line, &filler);
        }
    }
    faults.sort_by_key(|fault| fault.span.start);
    (text, faults)
}

/// The text up to where it has more faults than are looked at, and blanks from there on: the parser keeps each of them
/// with words of its own, and a large file that has nothing else would fill the memory.
fn readable(source: &str) -> Cow<'_, str> {
    let mut piece = PIECE;
    while piece < source.len() {
        let (read, rest) = source.split_at(line_of(source, piece).start);
        if DeTable::parse_recoverable(read).1.len() > ENOUGH {
            return Cow::Owned(format!("{read}{}", " ".repeat(rest.len())));
        }
        piece *= 2;
    }
    Cow::Borrowed(source)
}

/// Whether a line begins and ends nothing that other lines belong to.
fn is_whole(line: &str) -> bool {
    let count = |sign: char| line.matches(sign).count();
    count('[') == count(']')
        && count('{') == count('}')
        && !line.contains("\"\"\"")
        && !line.contains("'''")
}

/// What a faulty line is read as: nothing, or, of a header, one that no other table has, so that what stands below it
/// falls to no other table.
fn filler(line: &str, at: usize) -> String {
    let name = format!("[x{at}]");
    if line.trim_start().starts_with('[') && name.len() <= line.len() {
        format!("{name:<width$}", width = line.len())
    } else {
        " ".repeat(line.len())
    }
}

/// What is reported about a file that is not TOML: its own faults, one a line, and of those that the reader found in it
/// all the same, the ones whose codes are sure whatever the unreadable lines mean.
pub fn tell(
    faults: Vec<Fault>,
    file: &Arc<str>,
    source: &str,
    found: Vec<Diag>,
    sure: &[Code],
) -> Vec<Diag> {
    let mut lines: Vec<Range<usize>> = Vec::new();
    let mut told = Vec::new();
    let mut told_until = 0;
    for Fault { span, message } in faults {
        let line = line_of(source, span.start);
        let is_duplicate = message.contains("duplicate key");
        // Of a table that stands there twice, not each of its keys is told as well.
        if lines.last() == Some(&line) || (is_duplicate && line.start < told_until) {
            continue;
        }
        if is_duplicate && source[line.clone()].trim_start().starts_with('[') {
            told_until = source[line.end..]
                .find("\n[")
                .map_or(source.len(), |next| line.end + next + 1);
        }
        let words = source.get(span.clone()).unwrap_or_default();
        let key = source
            .get(line.start..span.end)
            .unwrap_or_default()
            .trim_start();
        let (message, help) = explain(&message, &source[line.clone()], key, words);
        let mut diag = Diag::new(
            Code::TomlSyntax,
            Place {
                file: file.clone(),
                span,
            },
            message,
        );
        diag.help = help;
        told.push(diag);
        lines.push(line);
    }
    let readable = |diag: &Diag| {
        let after = lines.partition_point(|line| line.start <= diag.at.span.start);
        after
            .checked_sub(1)
            .is_none_or(|before| lines[before].end < diag.at.span.start)
    };
    let sure =
        |diag: &Diag| sure.contains(&diag.code) && !diag.at.span.is_empty() && readable(diag);
    told.extend(found.into_iter().filter(sure));
    told
}

/// The bytes of the line that a byte is on.
fn line_of(source: &str, at: usize) -> Range<usize> {
    let at = at.min(source.len());
    let start = source.as_bytes()[..at]
        .iter()
        .rposition(|byte| *byte == b'\n')
        .map_or(0, |end| end + 1);
    let end = source.as_bytes()[at..]
        .iter()
        .position(|byte| *byte == b'\n')
        .map_or(source.len(), |end| at + end);
    start..end
}

/// What is wrong, and what would be right: the traps first that people step into. The line, what of it stands before
/// the end of the faulty words, and these.
fn explain(message: &str, line: &str, key: &str, words: &str) -> (String, Option<String>) {
    let trimmed = line.trim_start();
    let said = |message: &str, help: &str| (message.to_owned(), Some(help.to_owned()));
    if line.contains(".#") || trimmed.starts_with('#') {
        return said(
            "`#` begins a comment, so this key has no name",
            "quote it: `keys.\"#\" = …`",
        );
    }
    if line.contains(".*") || trimmed.starts_with('*') {
        return said(
            "a key `*` must stand in quotes",
            "write `\"*\" = …` or `keys.\"*\" = …`",
        );
    }
    if line.contains(['\u{201c}', '\u{201d}', '\u{201e}', '\u{2018}', '\u{2019}'])
        && !message.contains("duplicate")
    {
        return said(
            "these quotes are typographic ones",
            "text stands between the plain ones of a keyboard: \"…\"",
        );
    }
    if message.contains("duplicate key") && trimmed.starts_with('[') {
        return said(
            "this table stands here twice",
            "put the keys of both below one header, or name one of them differently",
        );
    }
    if message.contains("duplicate key") {
        return (
            format!("`{key}` has a value already"),
            Some("a key has one value: leave one of them out".to_owned()),
        );
    }
    if message.contains("cannot extend value") {
        let help = format!(
            "put both into one table: `{key} = {{ next = \"…\", set = … }}` instead of `{key} = …` and `{key}.set = …`"
        );
        return (
            format!("`{key}` has a value already, so nothing can be put below it"),
            Some(help),
        );
    }
    if message.contains("must be quoted") {
        return (format!("text must stand in quotes: `\"{words}\"`"), None);
    }
    if message.contains("key with no value") {
        return said("this key has no value", "write `… = \"…\"`");
    }
    if message.contains("invalid unquoted key") {
        let help =
            "letters a-z, digits, `-` and `_` can stand without quotes, anything else in them";
        return (
            format!("`{words}` cannot stand in a key without quotes"),
            Some(help.to_owned()),
        );
    }
    if message.contains("invalid basic string") || message.contains("invalid literal string") {
        return said(
            "this text has no end",
            "close it with the quote that it began with, on the same line",
        );
    }
    (
        message
            .lines()
            .next()
            .unwrap_or("this is not TOML")
            .to_owned(),
        None,
    )
}

#[cfg(test)]
mod tests {
    use super::{DeTable, ENOUGH, readable};

    #[test]
    fn a_text_of_nothing_but_faults_is_read_as_far_as_enough_of_them() {
        for line in ["=\n", "a = \n", "]\n", "a b\n", "\"\n"] {
            let source = line.repeat(100_000);
            let text = readable(&source);
            assert_eq!(text.len(), source.len());
            let found = DeTable::parse_recoverable(&text).1.len();
            assert!(found > ENOUGH && found < 100_000, "{line:?}: {found}");
        }
        let sound = "a = [\n  1,\n]\n".to_owned() + &"# a line that says nothing\n".repeat(10_000);
        assert_eq!(readable(&sound), sound);
    }
}
