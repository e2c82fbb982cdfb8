//! A text in quotes, and the quotes and letters that people write in their place.

use std::ops::Range;

use super::Fault;
use super::letters::{invisible, is_typographic_quote, is_wide, lookalike};
use super::lines::{begins_statement, line_of};
use super::scanner::{Broken, Scanner, unseen_fault};
use super::values::{CLOSERS, shortened};

/// Letters that a backslash makes something of.
const ESCAPES: &str = "btnfre\"\\";

impl Scanner<'_> {
    pub(super) fn text(&mut self) -> Result<(), Broken> {
        let open = self.at;
        let quote = self.peek().unwrap_or('"');
        let triple = quote.to_string().repeat(3);
        let is_long = self.rest().starts_with(&triple);
        self.at += if is_long { 3 } else { 1 };
        loop {
            let rest = self.rest();
            if is_long && rest.starts_with(&triple) {
                // Up to two quotes may stand before the three that close it.
                let quotes = rest.len() - rest.trim_start_matches(quote).len();
                self.at += quotes.min(5);
                return Ok(());
            }
            match rest.chars().next() {
                Some(letter) if letter == quote && !is_long => {
                    self.at += 1;
                    self.last_text = open..self.at;
                    self.check_name(open + 1..self.at - 1);
                    return Ok(());
                }
                Some('\\') if quote == '"' => self.escape(is_long),
                None => return Err(self.no_end(open, &triple, is_long)),
                Some('\n') if !is_long => return Err(self.no_end(open, &triple, is_long)),
                Some(letter) => {
                    if letter == '\0'
                        || letter.is_control() && !matches!(letter, '\t' | '\r' | '\n')
                    {
                        self.control(letter);
                    }
                    self.at += letter.len_utf8();
                }
            }
        }
    }

    /// A character that no text holds: most often it has come there by a copy.
    fn control(&mut self, letter: char) {
        let span = self.at..self.at + letter.len_utf8();
        self.mended[span.clone()].fill(b' ');
        let name = invisible(letter).unwrap_or("a control character");
        let mut fault = unseen_fault(letter, name, span);
        fault.help = Some("delete it".to_owned());
        self.note(fault);
    }

    fn no_end(&self, open: usize, triple: &str, is_long: bool) -> Broken {
        let quote = &triple[..1];
        if is_long {
            let mut fault = self
                .broken(open..open + 3, "this text has no end")
                .help(format!("close it with `{triple}`"));
            // The text takes in everything: its first line is left out, and what comes behind is read.
            fault.until = Some(self.line_at(open).end);
            return fault;
        }
        let line = self.line_at(open);
        let written = self.source[open..line.end].trim_end();
        let last = written
            .trim_end_matches([',', '}', ']', ' '])
            .chars()
            .next_back();
        let odd = last.filter(|last| is_typographic_quote(*last) && written.len() > 1);
        let next = self.source.get(line.end + 1..).map_or("", line_of);
        let help = if let Some(odd) = odd {
            format!("it begins with `{quote}` and ends with `{odd}`: write `{quote}` there as well")
        } else if begins_statement(next) {
            format!("close it with `{quote}`")
        } else {
            format!(
                "close it with `{quote}` in its line; a text of several lines begins and ends with `{triple}`"
            )
        };
        self.broken(open..open + written.len(), "this text has no end")
            .help(help)
    }

    fn escape(&mut self, is_long: bool) {
        let rest = &self.rest()[1..];
        let letter = rest.chars().next();
        let digits = match letter {
            Some('x') => 2,
            Some('u') => 4,
            Some('U') => 8,
            Some(letter) if ESCAPES.contains(letter) => 0,
            // At the end of a line it takes the line end out of the text.
            Some(_) if is_long && self.line()[1..].trim_start().is_empty() => 0,
            _ => usize::MAX,
        };
        let is_digit = |byte: &u8| byte.is_ascii_hexdigit();
        let has_digits = || {
            let digits_there = rest.bytes().skip(1).take(digits);
            digits_there.filter(is_digit).count() == digits
        };
        if digits == 0 || digits <= 8 && has_digits() {
            self.at += 2;
            return;
        }
        let written: String = ['\\']
            .into_iter()
            .chain(letter.filter(|letter| !letter.is_control()))
            .collect();
        let span = self.at..self.at + written.len();
        let message = format!("`{written}` means nothing within double quotes");
        let help = "write a backslash as `\\\\`, or put the text in single quotes: '…'";
        self.mended[self.at] = b'/';
        self.note(Fault::new(span, message).help(help).mended());
        self.at += 1;
    }

    /// A text that would be a name, but for a letter that cannot be seen or is not what it looks like.
    fn check_name(&mut self, inner: Range<usize>) {
        let text = &self.source[inner.clone()];
        if text.is_ascii() || text.len() > 80 {
            return;
        }
        let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "_-.@+:/".contains(letter);
        let odd = |letter: &char| invisible(*letter).is_some() || lookalike(*letter).is_some();
        let has_plain = text.chars().any(is_plain);
        if !has_plain || !text.chars().all(|letter| is_plain(letter) || odd(&letter)) {
            return;
        }
        let Some((at, letter)) = text.char_indices().find(|(_, letter)| odd(letter)) else {
            return;
        };
        let span = inner.start + at..inner.start + at + letter.len_utf8();
        let mut fault = match invisible(letter) {
            // A name may have a space by mistake, but so may a text of two words.
            Some(_) if is_wide(letter) => return,
            Some(name) => unseen_fault(letter, name, span.clone()),
            None => {
                let plain = lookalike(letter).unwrap_or(letter);
                let message = format!(
                    "the `{letter}` in `{text}` only looks like the letter `{plain}` (it is U+{:04X})",
                    u32::from(letter)
                );
                Fault::new(span.clone(), message)
                    .help("type it again")
                    .mended()
            }
        };
        fault.is_toml = true;
        if invisible(letter).is_some() {
            super::squeeze(&mut self.mended, span, inner.end + 1);
        }
        self.note(fault);
    }

    /// A text in the quotes of a word processor.
    pub(super) fn typographic_text(&mut self, is_within: bool) -> Result<(), Broken> {
        let line = self.line();
        let open = self.at;
        let mut letters = line.char_indices().skip(1);
        let close = letters.find(|(at, letter)| {
            let after = line[at + letter.len_utf8()..].trim_start();
            (is_typographic_quote(*letter) || *letter == '"')
                && (after.is_empty() || after.starts_with(CLOSERS) || after.starts_with('#'))
        });
        let end = close.map_or(line.trim_end().len(), |(at, letter)| at + letter.len_utf8());
        let inner =
            line[..end].trim_matches(|letter| is_typographic_quote(letter) || letter == '"');
        let fault =
            Fault::new(open..open + end, "these quotes are typographic ones").help(format!(
                "write `\"{}\"`, with the quotes of a keyboard",
                shortened(inner)
            ));
        if close.is_none() && is_within || inner.contains(['"', '\\']) || inner.len() + 2 > end {
            return Err(fault);
        }
        let plain = format!("{:<width$}", format!("\"{inner}\""), width = 0);
        self.mended[open..open + end].fill(b' ');
        self.mended[open..open + plain.len()].copy_from_slice(plain.as_bytes());
        self.note(fault.mended());
        self.at += end;
        Ok(())
    }
}
