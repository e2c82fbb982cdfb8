//! A log taken apart into its entries: a JSON value a line, or one JSON document after another, whose lists of entries
//! are handed on one by one, so that no more than one entry is in memory.

mod part;

use std::fmt;
use std::io::{self, BufRead, Read};

use serde::de::{DeserializeSeed, IgnoredAny};
use serde_json::{Deserializer, Value};

use self::part::{LogPart, PartValue};

/// The longest line that is read, in bytes.
const LONGEST_LINE: u64 = 4 * 1024 * 1024;
/// A mark that some editors put before UTF-8.
const MARK: &[u8] = "\u{feff}".as_bytes();

/// A place in a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Position {
    /// A line, from 1.
    Line(usize),
    /// An entry of a list or a document, from 1.
    Entry(usize),
}

impl Position {
    pub(super) fn named(self) -> String {
        match self {
            Self::Line(line) => format!("line {line}"),
            Self::Entry(entry) => format!("entry {entry}"),
        }
    }
}

/// Behind the name of the file and a colon.
impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(line) => write!(f, "{line}"),
            Self::Entry(entry) => write!(f, " entry {entry}"),
        }
    }
}

/// A file that is not a log.
#[derive(Debug, thiserror::Error)]
pub enum InvalidLog {
    /// Its bytes cannot be had.
    #[error("it cannot be read: {0}")]
    Read(#[from] io::Error),
    /// Text in two bytes a character.
    #[error("it is UTF-16, as PowerShell and some editors write it: save it as UTF-8")]
    Utf16,
    /// `gzip`, or what mitmproxy writes as `.zhar`.
    #[error("it is compressed: unpack it first")]
    Compressed,
    /// What `mitmdump -w` writes.
    #[error(
        "it is mitmproxy's own format: write HAR, by `mitmdump -nr FLOWS --set hardump=log.har`"
    )]
    Flows,
    #[error("it is empty")]
    Empty,
}

/// Hands on each entry, or why there is none at its place.
///
/// # Errors
/// When it is no log at all.
pub fn each(
    mut log: impl BufRead,
    take: &mut dyn FnMut(Position, Result<Value, String>),
) -> Result<(), InvalidLog> {
    if log.fill_buf()?.starts_with(MARK) {
        log.consume(MARK.len());
    }
    let begin = log.fill_buf()?;
    foreign(begin).map_or(Ok(()), Err)?;
    if is_by_line(begin) {
        lines(log, take)
    } else {
        documents(log, take)
    }
}

/// What it is, where it is no text of ours.
fn foreign(begin: &[u8]) -> Option<InvalidLog> {
    let length = begin
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    match begin {
        [] => Some(InvalidLog::Empty),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => Some(InvalidLog::Utf16),
        [0, other, ..] | [other, 0, ..] if *other != 0 => Some(InvalidLog::Utf16),
        [0x1f, 0x8b, ..] | [0x78, 0x01 | 0x5e | 0x9c | 0xda, ..] => Some(InvalidLog::Compressed),
        // Its length in digits, a colon, and a list of pairs, each with the lengths of its parts.
        _ if length > 0 && begin[length..].starts_with(b":") => Some(InvalidLog::Flows),
        _ => None,
    }
}

/// Whether each line stands for itself: the first one does and is no list, or begins what it does not end while the second
/// one does.
fn is_by_line(begin: &[u8]) -> bool {
    let is_written = |line: &&[u8]| !line.trim_ascii().is_empty();
    let mut lines = begin
        .split_inclusive(|byte| *byte == b'\n')
        .filter(is_written);
    let Some(first) = lines
        .next()
        .filter(|line| line.ends_with(b"\n") || line.len() == begin.len())
    else {
        return false;
    };
    if !matches!(first.trim_ascii_start().first(), Some(b'{' | b'[')) {
        return true;
    }
    let is_whole = |line: &[u8]| serde_json::from_slice::<IgnoredAny>(line).is_ok();
    match LogPart::Document(&mut |_| {}).deserialize(&mut Deserializer::from_slice(first)) {
        Ok(PartValue::List) => false,
        Ok(PartValue::Value(_)) => true,
        Err(error) if error.is_eof() => lines.next().is_some_and(|line| {
            line.starts_with(b"{\"") && line.ends_with(b"\n") && is_whole(line)
        }),
        Err(_) => true,
    }
}

fn lines(
    mut log: impl BufRead,
    take: &mut dyn FnMut(Position, Result<Value, String>),
) -> Result<(), InvalidLog> {
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        if (&mut log).take(LONGEST_LINE).read_until(b'\n', &mut line)? == 0 {
            break;
        }
        let place = Position::Line(number);
        if line.len() as u64 == LONGEST_LINE && !line.ends_with(b"\n") {
            take(
                place,
                Err(format!(
                    "the line is longer than {} MB",
                    LONGEST_LINE / (1024 * 1024)
                )),
            );
            log.skip_until(b'\n')?;
            continue;
        }
        let text = line.strip_prefix(MARK).unwrap_or(&line).trim_ascii();
        if text.is_empty() {
            continue;
        }
        let mut json = Deserializer::from_slice(text);
        let found = LogPart::Document(&mut |entry| take(place, Ok(entry))).deserialize(&mut json);
        match found.and_then(|found| json.end().map(|()| found)) {
            Ok(PartValue::Value(entry)) => take(place, Ok(entry)),
            Ok(PartValue::List) => {}
            Err(error) => take(place, Err(format!("it is not JSON: {error}"))),
        }
    }
    Ok(())
}

fn documents(
    log: impl BufRead,
    take: &mut dyn FnMut(Position, Result<Value, String>),
) -> Result<(), InvalidLog> {
    let mut json = Deserializer::from_reader(log);
    let mut number = 0;
    while json.end().is_err() {
        let mut next = || {
            number += 1;
            Position::Entry(number)
        };
        match LogPart::Document(&mut |entry| take(next(), Ok(entry))).deserialize(&mut json) {
            Ok(PartValue::Value(entry)) => take(next(), Ok(entry)),
            Ok(PartValue::List) => {}
            Err(error) => {
                take(
                    next(),
                    Err(format!(
                        "nothing is read from here on: it is not JSON: {error}"
                    )),
                );
                break;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use super::{Position, each};

    /// What is found in a log: the places, and each entry or why there is none.
    fn found(log: &[u8]) -> Vec<(Position, String)> {
        let mut found = Vec::new();
        let mut take = |place, entry: Result<serde_json::Value, String>| {
            found.push((
                place,
                entry.map_or_else(|why| why, |entry| entry.to_string()),
            ));
        };
        each(BufReader::new(log), &mut take)
            .map_err(|error| error.to_string())
            .expect("it is a log");
        found
    }

    fn texts(log: &str) -> Vec<String> {
        found(log.as_bytes())
            .into_iter()
            .map(|(_, text)| text)
            .collect()
    }

    #[test]
    fn lines_lists_and_documents_are_taken_apart() {
        let two = ["{\"a\":1}", "{\"a\":2}"];
        for log in [
            "{\"a\": 1}\n\n{\"a\": 2}\r\n",
            "\u{feff}{\"a\": 1}\r\n{\"a\": 2}",
            "[{\"a\": 1}, {\"a\": 2}]",
            "[\n  {\"a\": 1},\n  {\"a\": 2}\n]\n",
            "{\n \"a\": 1\n}\n{\n \"a\": 2\n}",
            "{\"log\": {\"version\": \"1.2\", \"entries\": [{\"a\": 1}, {\"a\": 2}]}}",
            "{\n\"uri\": \"/api/requests/http\",\n\"requests\": [{\"a\": 1},\n{\"a\": 2}]}",
            "[{\"a\": 1}]\n[{\"a\": 2}]\n",
        ] {
            assert_eq!(texts(log), two, "{log}");
        }
    }

    #[test]
    fn a_line_that_is_none_hides_no_other() {
        let lines = found(b"{\"a\": 1\n{\"a\": 2}\n{\"a\"\n{\"a\": 3}\n");
        let read: Vec<_> = lines
            .iter()
            .map(|(place, text)| (*place, text.starts_with('{')))
            .collect();
        let line = Position::Line;
        assert_eq!(
            read,
            [
                (line(1), false),
                (line(2), true),
                (line(3), false),
                (line(4), true)
            ],
            "{lines:?}"
        );
        let broken = found(b"[\n{\"a\": 1},\n{\"a\": 2},\n{\"a\"");
        assert_eq!(broken.len(), 3, "{broken:?}");
        assert_eq!(broken[2].0, Position::Entry(3));
        assert!(broken[2].1.contains("line 4"), "{broken:?}");
    }

    #[test]
    fn what_was_answered_is_not_kept() {
        let long = "x".repeat(100_000);
        let log = format!(
            "[{{\"a\": 1, \"response\": {{\"status\": 200, \"content\": {{\"text\": \"{long}\"}}, \"raw\": \"{long}\"}}}}]"
        );
        assert_eq!(texts(&log), ["{\"a\":1,\"response\":{\"status\":200}}"]);
    }

    #[test]
    fn what_is_no_log_is_called_by_its_name() {
        let utf16: Vec<u8> = "\u{feff}{\"a\": 1}"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        for (log, said) in [
            (&utf16[..], "UTF-16"),
            (&utf16[2..], "UTF-16"),
            (b"\x1f\x8b\x08", "compressed"),
            (b"1234:9:websocket;0:~", "hardump"),
            (b"", "empty"),
        ] {
            let told = each(log, &mut |_, _| {})
                .expect_err("it is no log")
                .to_string();
            assert!(told.contains(said), "{told}");
        }
    }
}
