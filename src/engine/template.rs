//! Templates: text with holes, compiled once when a flow is loaded.

use std::ops::Range;
use std::sync::Arc;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::expression::{Expression, Name, Names, Reading, Sensitive, Shape, Values, bare};
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
    /// A name alone, which an answer's type knows how to speak.
    Name(Name),
    /// Anything else.
    Expression(Expression),
}

impl Template {
    /// Compiles a text that stands at a place.
    pub fn parse(source: &str, at: Range<usize>, check: &mut dyn Names) -> Option<Self> {
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
            match Piece::parse(hole.trim(), place.clone(), check) {
                Some(piece) => {
                    readings.extend(piece.reading(place, check));
                    pieces.push(piece);
                }
                None => sound = false,
            }
            from = close + 2;
        }
        sound &= text(&mut pieces, source, from..source.len(), &at, check);
        sound.then_some(Self { pieces, readings })
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

    /// The text, if it has no hole.
    pub fn as_literal(&self) -> Option<&str> {
        match self.pieces.as_slice() {
            [] => Some(""),
            [Piece::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// The text with its holes filled, names in their stored form.
    ///
    /// # Errors
    /// When a hole cannot be worked out.
    pub fn fill(&self, values: &dyn Values) -> Result<String, Fault> {
        self.fill_with(values, |value, text| text.push_str(&value.to_string()))
    }

    /// The URL with its holes filled, each percent-encoded: what a caller entered is one part of it and no more, and
    /// the plus of a number stays a plus.
    ///
    /// # Errors
    /// When a hole cannot be worked out.
    pub fn fill_url(&self, values: &dyn Values) -> Result<String, Fault> {
        self.fill_with(values, |value, url| {
            url.extend(utf8_percent_encode(&value.to_string(), RESERVED));
        })
    }

    fn fill_with(
        &self,
        values: &dyn Values,
        put: impl Fn(Value, &mut String),
    ) -> Result<String, Fault> {
        let mut text = String::new();
        for piece in &self.pieces {
            match piece.value(values)? {
                Some(value) => put(value, &mut text),
                None => text.push_str(piece.as_text()),
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
            [Piece::Name(name)] => Ok(values.need(*name)),
            [Piece::Expression(code)] => {
                let value = code.eval(values)?;
                Ok((!value.is_undefined() && !value.is_none()).then(|| value.into()))
            }
            _ => self.fill(values).map(|text| Some(Value::Text(text))),
        }
    }
}

impl Piece {
    fn parse(source: &str, at: Range<usize>, check: &mut dyn Names) -> Option<Self> {
        let is_name = !source.is_empty()
            && !["true", "false", "none", "True", "False", "None"].contains(&source)
            && source.split('.').all(|part| {
                part.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
                    && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
            });
        if is_name {
            return check
                .resolve(source, at, Sensitive::Refused)
                .map(Self::Name);
        }
        Expression::parse(source, at, check, Sensitive::Refused).map(Self::Expression)
    }

    /// What it reads that may be unset.
    fn reading(&self, at: Range<usize>, check: &dyn Names) -> Option<Arc<Reading>> {
        match self {
            Self::Text(_) => None,
            Self::Name(name) => {
                let slot = check.unsettable(*name)?;
                Some(Arc::new(Reading {
                    shape: Shape::Name(slot),
                    places: vec![(slot, check.place(at))],
                }))
            }
            Self::Expression(code) => {
                (!code.reading.places.is_empty()).then(|| Arc::clone(&code.reading))
            }
        }
    }

    fn as_text(&self) -> &str {
        match self {
            Self::Text(text) => text,
            _ => "",
        }
    }

    /// What a hole comes to; `None` for plain text and for what is not set.
    fn value(&self, values: &dyn Values) -> Result<Option<Value>, Fault> {
        match self {
            Self::Text(_) => Ok(None),
            Self::Name(name) => Ok(values.need(*name)),
            Self::Expression(code) => {
                let value = code.eval(values)?;
                Ok((!value.is_undefined() && !value.is_none()).then(|| value.into()))
            }
        }
    }
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
