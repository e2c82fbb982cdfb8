//! Templates: text with holes, compiled once when a flow is loaded.

use std::ops::Range;
use std::sync::Arc;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::expression::{
    Compiled, Computed, Expression, Name, Names, Reading, Stands, Values, bare,
};
use super::fault::Fault;
use super::value::Value;
use crate::written::{Code, Explain};

/// The longest source of a text, in bytes.
const MAX_TEXT: usize = 4096;

/// Everything but the unreserved characters of RFC 3986 §2.3.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Text with holes.
#[derive(Debug)]
pub struct Template {
    /// Its pieces, in order.
    pub pieces: Vec<Piece>,
    /// What its holes read, for checks.
    pub readings: Vec<Arc<Reading>>,
}

/// A piece of a text.
#[derive(Debug)]
pub enum Piece {
    /// Said as it stands.
    Text(String),
    /// An expression between braces.
    Hole(Expression),
}

impl Template {
    /// Compiles a text that stands at a place and is not spoken.
    pub fn told(source: &str, at: Range<usize>, check: &mut dyn Names) -> Option<Self> {
        Self::parse(source, at, Stands::Told, check)
    }

    /// Compiles a text that stands at a place and is spoken.
    pub fn spoken(source: &str, at: Range<usize>, check: &mut dyn Names) -> Option<Self> {
        Self::parse(source, at, Stands::Spoken, check)
    }

    /// Compiles a text that stands at a place, and for something.
    pub fn parse(
        source: &str,
        at: Range<usize>,
        stands: Stands,
        check: &mut dyn Names,
    ) -> Option<Self> {
        if source.len() > MAX_TEXT {
            check
                .fault(
                    Code::TextTooLong,
                    at,
                    format!("this text has {} bytes", source.len()),
                )
                .help(format!("at most {MAX_TEXT}: make it several prompts"));
            return None;
        }
        let (mut pieces, mut readings, mut sound, mut from) = (Vec::new(), Vec::new(), true, 0);
        while let Some(open) = source[from..].find("{{").map(|open| from + open) {
            sound &= text(&mut pieces, source, from..open, &at, check);
            let Some(close) = close_of(&source[open + 2..]).map(|close| open + 2 + close) else {
                let place = check.part(&at, source, open..open + 2);
                check
                    .fault(Code::TextHoleOpen, place, "`{{` without `}}`".to_owned())
                    .help("write `{{ name }}`");
                return None;
            };
            let hole = &source[open + 2..close];
            let start = open + 2 + (hole.len() - hole.trim_start().len());
            let place = check.part(&at, source, start..start + hole.trim().len());
            let is_alone = open == 0 && close + 2 == source.len();
            let stands = if is_alone { stands } else { stands.amid_text() };
            match Expression::hole(hole.trim(), place, stands, check) {
                Some(code) => {
                    let reads = !code.reading.places.is_empty();
                    readings.extend(reads.then(|| Arc::clone(&code.reading)));
                    pieces.push(Piece::Hole(code));
                }
                None => sound = false,
            }
            from = close + 2;
        }
        sound &= text(&mut pieces, source, from..source.len(), &at, check);
        sound.then_some(Self { pieces, readings })
    }

    /// The names that its holes may speak in the way of their types.
    pub fn speaks(&self) -> impl Iterator<Item = Name> {
        let holes = self.pieces.iter().filter_map(|piece| match piece {
            Piece::Hole(code) => Some(code),
            Piece::Text(_) => None,
        });
        holes.flat_map(Expression::speaks)
    }

    /// Text without holes.
    pub fn literal(text: &str) -> Self {
        let pieces = if text.is_empty() {
            Vec::new()
        } else {
            vec![Piece::Text(text.to_owned())]
        };
        Self {
            pieces,
            readings: Vec::new(),
        }
    }

    /// Whether it is the whole first request.
    pub fn has_request(&self) -> bool {
        matches!(self.pieces.as_slice(), [Piece::Hole(code)] if code.is_request())
    }

    /// The text, if it has no hole.
    pub fn as_literal(&self) -> Option<&str> {
        match self.pieces.as_slice() {
            [] => Some(""),
            [Piece::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// What it is worked out from, if it is nothing but one hole.
    pub fn as_hole(&self) -> Option<&Arc<Compiled>> {
        match self.pieces.as_slice() {
            [Piece::Hole(code)] => Some(code.compiled()),
            _ => None,
        }
    }

    /// The text with its holes filled, names in their stored form.
    ///
    /// # Errors
    /// When a hole cannot be worked out.
    pub fn fill(&self, values: &dyn Values) -> Result<String, Fault> {
        self.fill_with(values, |value, text| text.push_str(&value.into_text()))
    }

    /// The URL with its holes filled, each percent-encoded: what a caller entered is one part of it and no more, and
    /// the plus of a number stays a plus.
    ///
    /// # Errors
    /// When a hole cannot be worked out.
    pub fn fill_url(&self, values: &dyn Values) -> Result<String, Fault> {
        self.fill_with(values, |value, url| {
            url.extend(utf8_percent_encode(&value.into_text(), RESERVED));
        })
    }

    fn fill_with(
        &self,
        values: &dyn Values,
        put: impl Fn(Computed<'_>, &mut String),
    ) -> Result<String, Fault> {
        let mut text = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(piece) => text.push_str(piece),
                Piece::Hole(code) => {
                    if let Some(value) = code.value(values)? {
                        put(value, &mut text);
                    }
                }
            }
        }
        Ok(text)
    }

    /// The value of a text that is nothing but one hole; the filled text otherwise. `None` where the hole is not set.
    ///
    /// # Errors
    /// When a hole cannot be worked out.
    pub fn value(&self, values: &dyn Values) -> Result<Option<Value>, Fault> {
        match self.pieces.as_slice() {
            [Piece::Hole(code)] => Ok(code.value(values)?.map(Value::from)),
            _ => self.fill(values).map(|text| Some(Value::Text(text))),
        }
    }
}

/// A field of a query, percent-encoded.
pub fn query(name: &str, value: &str) -> String {
    let encode = |text| utf8_percent_encode(text, RESERVED);
    format!("{}={}", encode(name), encode(value))
}

/// Adds text between holes; `false` where a hole ends in it that has not begun.
fn text(
    pieces: &mut Vec<Piece>,
    source: &str,
    part: Range<usize>,
    at: &Range<usize>,
    check: &mut dyn Names,
) -> bool {
    let text = &source[part.clone()];
    if let Some(close) = text.find("}}") {
        let place = check.part(at, source, part.start + close..part.start + close + 2);
        check
            .fault(Code::TextHoleOpen, place, "`}}` without `{{`".to_owned())
            .help("write `{{ name }}`");
        return false;
    }
    if !text.is_empty() {
        pieces.push(Piece::Text(text.to_owned()));
    }
    true
}

/// Where a hole ends: the first `}}` outside quotes.
fn close_of(hole: &str) -> Option<usize> {
    bare(hole)
        .map(|(at, _)| at)
        .find(|at| hole.as_bytes()[*at..].starts_with(b"}}"))
}
