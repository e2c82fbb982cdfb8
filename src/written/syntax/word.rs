//! A word without quotes: a number, `true`, a date, or what was meant to be one or a text.

use std::ops::Range;

use super::Fault;
use super::lines::{key_path, line_of};
use super::scanner::{Broken, Scanner};
use super::values::{CLOSERS, shortened};

impl Scanner<'_> {
    /// A word without quotes: a number, `true`, a date, or what was meant to be one or a text.
    pub(super) fn word(&mut self, equals: Option<usize>) -> Result<(), Broken> {
        let line = self.line();
        let is_within = !self.is_statement(equals);
        let end = line
            .find(|letter: char| letter == '#' || is_within && CLOSERS.contains(&letter))
            .unwrap_or(line.len());
        let written = line[..end].trim_end_matches(|letter: char| letter.is_whitespace());
        let comment = written
            .find(" //")
            .map_or(written, |at| written[..at].trim_end());
        let word = if is_within {
            comment
        } else {
            comment.trim_end_matches([',', ';', ' '])
        };
        let start = self.at;
        if word.is_empty() {
            return Err(self.no_value(equals.unwrap_or(start)));
        }
        self.at += word.len();
        if is_value(word) {
            self.check_size(start..self.at, word);
            return Ok(());
        }
        if word.starts_with(['=', '>']) {
            return Err(self
                .broken(
                    start..start + 1,
                    format!("`{}` does not belong here", &word[..1]),
                )
                .help("a value stands behind a single `=`"));
        }
        let fault = Fault::new(start..self.at, word_message(word)).help(word_help(word));
        match equals.filter(|_| !word.contains(['"', '\\'])) {
            Some(equals) if self.quote(equals, start..self.at) => {
                self.note(fault.mended());
                Ok(())
            }
            _ => Err(fault),
        }
    }

    fn no_value(&self, equals: usize) -> Broken {
        let fault = self.broken(equals..equals + 1, "a value is missing behind `=`");
        let next = self
            .source
            .get(self.line_at(equals).end + 1..)
            .map_or("", line_of);
        if next.trim_start().starts_with("- ") {
            return fault.help("a list stands in brackets: `… = [\"…\", \"…\"]`");
        }
        fault.help("write one: `… = \"…\"`")
    }

    /// Whether the value behind this `=` is that of a statement, and not one in an inline table.
    fn is_statement(&self, equals: Option<usize>) -> bool {
        equals.is_some_and(|equals| {
            let before = &self.source[self.start..equals];
            key_path(before).is_some_and(|end| before[end..].trim().is_empty())
        })
    }

    /// Puts quotes around a word in the mended text, in the places of the spaces around the `=`; false without them.
    fn quote(&mut self, equals: usize, word: Range<usize>) -> bool {
        let is_small = matches!(
            self.source[word.clone()].to_lowercase().as_str(),
            "true" | "false"
        );
        if is_small {
            let small = self.source[word.clone()].to_lowercase();
            self.mended[word].copy_from_slice(small.as_bytes());
            return true;
        }
        let spaces = |range: Range<usize>| self.mended[range].iter().all(|byte| *byte == b' ');
        if equals == 0
            || equals + 1 >= word.start
            || !spaces(equals - 1..equals)
            || !spaces(equals + 1..word.start)
        {
            return false;
        }
        self.mended[equals - 1..word.start].fill(b' ');
        self.mended[equals - 1] = b'=';
        let text = self.source[word.clone()].as_bytes();
        self.mended[word.start - 2] = b'"';
        self.mended[word.start - 1..word.end - 1].copy_from_slice(text);
        self.mended[word.end - 1] = b'"';
        true
    }

    /// A whole number that no key can hold.
    fn check_size(&mut self, span: Range<usize>, word: &str) {
        let digits = word.trim_start_matches(['+', '-']).replace('_', "");
        if digits.bytes().all(|byte| byte.is_ascii_digit())
            && word.replace('_', "").parse::<i64>().is_err()
        {
            let mut fault = Fault::new(span, "this number is too large")
                .help("a telephone number or a code stands in quotes; any other number has at most 18 digits")
                .mended();
            fault.is_toml = true;
            self.note(fault);
        }
    }
}

fn word_message(word: &str) -> String {
    match word {
        "True" | "TRUE" | "False" | "FALSE" => {
            format!("`{word}` is written `{}`", word.to_lowercase())
        }
        _ if is_number_like(word) => {
            format!("`{}` is neither a number nor a text", shortened(word))
        }
        _ => "text must stand in quotes".to_owned(),
    }
}

fn is_number_like(word: &str) -> bool {
    word.starts_with(|letter: char| letter.is_ascii_digit() || letter == '+')
}

fn word_help(word: &str) -> String {
    let digits = word.replace([' ', '-', '/', '(', ')'], "");
    let is_telephone = digits.len() > 6
        && digits.starts_with(['+', '0'])
        && digits[1..].bytes().all(|byte| byte.is_ascii_digit());
    let text = if is_telephone {
        digits
    } else {
        word.replace(['"', '\\'], "")
    };
    let quoted = format!("\"{}\"", shortened(&text));
    match word.to_lowercase().as_str() {
        "true" | "false" => "in small letters, without quotes".to_owned(),
        "yes" | "on" | "no" | "off" => format!("write `{quoted}`; a switch is `true` or `false`"),
        "null" | "none" | "nil" => {
            format!("write `{quoted}`; or leave the key out if it has no value")
        }
        _ if is_number_like(word) => format!("a text stands in quotes: `{quoted}`"),
        _ => format!("write `{quoted}`"),
    }
}

fn is_value(word: &str) -> bool {
    let is_number_like = word
        .chars()
        .all(|letter| letter.is_ascii_alphanumeric() || "+-_.: ".contains(letter));
    is_number_like && toml::de::DeTable::parse(&format!("x = {word}")).is_ok()
}
