//! Reads a text as TOML, line by line, more leniently than a parser: what is not TOML is recognised by what people write
//! instead, reported once, and mended in a copy of the text if it is plain what was meant.
//!
//! The copy stays as long as the text, so that a place in one is the same place in the other.

use std::cell::Cell;
use std::ops::Range;

use super::Fault;
use super::letters::{invisible, is_wide};
use super::lines::{begins_statement, line_of};

/// A text that is being read.
pub(super) struct Scanner<'s> {
    /// What the author wrote.
    pub(super) source: &'s str,
    /// The same, mended.
    pub(super) mended: Vec<u8>,
    /// How far it has been read, in bytes.
    pub(super) at: usize,
    /// Where the statement that is being read begins.
    pub(super) start: usize,
    /// What is wrong.
    pub(super) faults: Vec<Fault>,
    /// Each statement of a table: its header and key, and where the key stands.
    pub(super) keys: Vec<(String, Range<usize>)>,
    /// The text that was read last, with its quotes.
    pub(super) last_text: Range<usize>,
    /// The table that the keys belong to that are being read.
    pub(super) header: String,
    /// How deep the value is that is being read.
    pub(super) depth: usize,
    /// The line that was asked for last.
    current: Cell<(usize, usize)>,
}

/// A fault behind which the statement cannot be read on.
pub(super) type Broken = Fault;

impl<'s> Scanner<'s> {
    pub(super) fn new(source: &'s str) -> Self {
        Self {
            source,
            mended: source.as_bytes().to_vec(),
            at: 0,
            start: 0,
            faults: Vec::new(),
            keys: Vec::new(),
            last_text: 0..0,
            header: String::new(),
            depth: 0,
            current: Cell::new((usize::MAX, 0)),
        }
    }

    /// Reads the text to its end, or to the fault after which nobody reads on.
    pub(super) fn read(&mut self, most: usize) {
        self.at = self.source.len() - super::super::unmarked(self.source).len();
        while self.faults.len() < most {
            self.skip_blank();
            if self.at >= self.source.len() {
                break;
            }
            self.start = self.at;
            self.depth = 0;
            if let Err(fault) = self.statement() {
                self.give_up(fault);
            }
        }
    }

    /// What is left to be read.
    pub(super) fn rest(&self) -> &'s str {
        &self.source[self.at.min(self.source.len())..]
    }

    /// What is left of the line.
    pub(super) fn line(&self) -> &'s str {
        &self.source[self.at..self.line_at(self.at).end]
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn skip_blank(&mut self) {
        loop {
            let rest = self.rest();
            let blank = rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n']).len();
            self.at += blank;
            if self.peek() != Some('#') {
                return;
            }
            self.at += self.line().len();
        }
    }

    /// Spaces and tabs, and what looks like them.
    pub(super) fn skip_spaces(&mut self) {
        while let Some(letter) = self.peek() {
            if letter != ' ' && letter != '\t' {
                let Some(name) = invisible(letter) else {
                    return;
                };
                self.unseen(letter, name);
            }
            self.at += letter.len_utf8();
        }
    }

    /// Notes a letter that cannot be seen where none may stand, and reads on as if it were a space.
    fn unseen(&mut self, letter: char, name: &str) {
        let span = self.at..self.at + letter.len_utf8();
        self.mended[span.clone()].fill(b' ');
        self.note(unseen_fault(letter, name, span));
    }

    /// Notes a fault that is mended, unless its line has the same one already.
    pub(super) fn note(&mut self, fault: Fault) {
        let region = self.line_at(fault.span.start);
        let told = self.faults.iter().rev().take(8);
        if !told
            .into_iter()
            .any(|other| other.region.start >= region.start && other.message == fault.message)
        {
            self.faults.push(fault.within(region));
        }
    }

    /// The line of a byte. The last one is remembered, since a line may be as long as a file.
    pub(super) fn line_at(&self, at: usize) -> Range<usize> {
        let (start, end) = self.current.get();
        if start <= at && at <= end {
            return start..end;
        }
        let line = super::line_of(self.source, at);
        self.current.set((line.start, line.end));
        line
    }

    /// The statement is left out: to the end of its line, and as far as lines follow that begin nothing of their own.
    fn give_up(&mut self, fault: Fault) {
        let mut end = self.line_at(self.at.max(fault.span.start)).end;
        if let Some(until) = fault.until {
            end = until;
        } else {
            while let Some(next) = self.source.get(end + 1..).filter(|next| !next.is_empty()) {
                let line = line_of(next);
                if begins_statement(line) {
                    break;
                }
                end += 1 + line.len();
            }
        }
        let region = self.line_at(self.start).start..end;
        let filler = super::filler(&self.source[region.clone()], region.start, fault.is_header);
        if self.source[self.start..].starts_with('[') || fault.is_header {
            self.header = format!("x{}", self.start);
        }
        // Line ends stay, so that lines keep their numbers.
        for (at, byte) in region.clone().zip(filler.bytes()) {
            if self.mended[at] != b'\n' {
                self.mended[at] = byte;
            }
        }
        self.at = end;
        self.faults.push(fault.within(region));
    }

    pub(super) fn broken(&self, span: Range<usize>, message: impl Into<String>) -> Broken {
        Fault::new(span, message)
    }
}

/// A letter that cannot be seen, where it means something else than the author sees.
pub(super) fn unseen_fault(letter: char, name: &str, span: Range<usize>) -> Fault {
    let code = u32::from(letter);
    let (message, help) = if is_wide(letter) {
        (
            format!("there is {name} (U+{code:04X}) here, which only looks like a space"),
            "write a plain space, or nothing",
        )
    } else {
        (
            format!("there is {name} (U+{code:04X}) here, which cannot be seen"),
            "delete it: type again what stands around it",
        )
    };
    Fault::new(span, message).help(help).mended()
}
