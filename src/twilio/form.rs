//! The fields of a form-encoded body or a query, decoded.

use std::borrow::Cow;
use std::ops::Range;

/// A request with more fields is refused. Twilio sends about 35; its documentation says that new ones may come any day.
pub const MAX_FIELDS: usize = 200;

/// Decoded fields in the order in which they came, repeats kept.
///
/// Bytes that are no UTF-8 become U+FFFD. All text lies in one buffer: the input as it came, which is what most fields
/// are read from, and behind it those that had to be decoded. So a form costs two allocations and one look at each byte.
#[derive(Clone, Debug, Default)]
pub struct Form {
    text: String,
    fields: Vec<Field>,
}

/// Where a field's name and value stand in the text.
#[derive(Clone, Debug)]
struct Field {
    name: Range<usize>,
    value: Range<usize>,
}

/// More than [`MAX_FIELDS`] fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("more than {MAX_FIELDS} fields")]
pub struct TooManyFields;

impl Form {
    /// Reads `application/x-www-form-urlencoded` (WHATWG URL, section 5.1).
    ///
    /// # Errors
    /// More than [`MAX_FIELDS`] fields.
    pub fn parse(input: &[u8]) -> Result<Self, TooManyFields> {
        match Self::parse_strict(input)? {
            Some(form) => Ok(form),
            None => Self::from_pairs(form_urlencoded::parse(input)),
        }
    }

    /// Takes fields that are decoded already.
    ///
    /// # Errors
    /// More than [`MAX_FIELDS`] fields.
    pub fn from_pairs<'a, N, V>(pairs: impl IntoIterator<Item = (N, V)>) -> Result<Self, TooManyFields>
    where
        N: Into<Cow<'a, str>>,
        V: Into<Cow<'a, str>>,
    {
        let mut form = Self::default();
        for (name, value) in pairs {
            if form.fields.len() == MAX_FIELDS {
                return Err(TooManyFields);
            }
            let (name, value) = (form.add(&name.into()), form.add(&value.into()));
            form.fields.push(Field { name, value });
        }
        Ok(form)
    }

    fn add(&mut self, piece: &str) -> Range<usize> {
        let start = self.text.len();
        self.text.push_str(piece);
        start..self.text.len()
    }

    /// The common case: a body that is UTF-8 before it is decoded and after; nothing where it is not.
    fn parse_strict(input: &[u8]) -> Result<Option<Self>, TooManyFields> {
        let Ok(input) = std::str::from_utf8(input) else { return Ok(None) };
        let mut text = String::with_capacity(input.len() + input.len() / 4);
        text.push_str(input);
        let mut form = Self { text, fields: Vec::with_capacity(48) };
        for pair in Pairs::of(input.as_bytes()) {
            if form.fields.len() == MAX_FIELDS {
                return Err(TooManyFields);
            }
            let Some(name) = form.decoded(input, pair.name, pair.encoded) else { return Ok(None) };
            let Some(value) = form.decoded(input, pair.value, pair.encoded) else { return Ok(None) };
            form.fields.push(Field { name, value });
        }
        Ok(Some(form))
    }

    /// Where a piece stands once it is decoded; nothing where that is no UTF-8.
    fn decoded(&mut self, input: &str, piece: Range<usize>, encoded: bool) -> Option<Range<usize>> {
        if !encoded {
            return Some(piece);
        }
        let decoded = decode(&input.as_bytes()[piece]);
        std::str::from_utf8(&decoded).ok().map(|decoded| self.add(decoded))
    }

    /// How many fields there are.
    pub fn len(&self) -> usize {
        self.fields.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// The first value of a field.
    pub fn get(&self, name: &str) -> Option<&str> {
        // Bytes first: where a range may begin is looked at only for the one that is found.
        let text = self.text.as_bytes();
        let found = self.fields.iter().find(|field| text[field.name.clone()] == *name.as_bytes())?;
        Some(&self.text[found.value.clone()])
    }

    /// The fields as they came.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields.iter().map(|field| (&self.text[field.name.clone()], &self.text[field.value.clone()]))
    }

    /// The fields in the order in which they are signed: by name, then by value, both by their bytes, a pair that
    /// repeats told once.
    pub(super) fn signed_order(&self) -> Vec<(&str, &str)> {
        let mut pairs: Vec<_> = self.iter().collect();
        pairs.sort_unstable();
        pairs.dedup();
        pairs
    }
}

impl PartialEq for Form {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for Form {}

/// A name and a value as they came.
struct Pair {
    name: Range<usize>,
    value: Range<usize>,
    /// Whether something in them stands for something else.
    encoded: bool,
}

/// The pairs of a form, in one pass over its bytes. What is empty between two `&` is none.
struct Pairs<'a> {
    input: &'a [u8],
    at: usize,
}

impl<'a> Pairs<'a> {
    fn of(input: &'a [u8]) -> Self {
        Self { input, at: 0 }
    }
}

impl Iterator for Pairs<'_> {
    type Item = Pair;

    fn next(&mut self) -> Option<Pair> {
        while self.input.get(self.at) == Some(&b'&') {
            self.at += 1;
        }
        let (start, mut equals, mut encoded) = (self.at, None, false);
        let rest = self.input.get(start..).filter(|rest| !rest.is_empty())?;
        let mut end = self.input.len();
        for (at, byte) in rest.iter().enumerate() {
            match byte {
                b'&' => {
                    end = start + at;
                    break;
                }
                b'=' if equals.is_none() => equals = Some(start + at),
                b'%' | b'+' => encoded = true,
                _ => {}
            }
        }
        self.at = end;
        let equals = equals.unwrap_or(end);
        Some(Pair { name: start..equals, value: (equals + 1).min(end)..end, encoded })
    }
}

fn decode(piece: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(piece.len());
    let mut rest = piece;
    while let [byte, tail @ ..] = rest {
        rest = tail;
        match *byte {
            b'+' => out.push(b' '),
            b'%' => match tail {
                [high, low, after @ ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                    out.push(nibble(*high) << 4 | nibble(*low));
                    rest = after;
                }
                _ => out.push(b'%'),
            },
            plain => out.push(plain),
        }
    }
    out
}

/// The worth of a hexadecimal digit.
fn nibble(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        _ => (digit | 0x20) - b'a' + 10,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Form, MAX_FIELDS, TooManyFields};

    fn pairs(form: &Form) -> Vec<(String, String)> {
        form.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    #[test]
    fn order_repeats_and_empty_values_are_kept() {
        let form = Form::parse(b"b=2&a=1&b=%2B3&&c&d=x+y&=z").unwrap();
        let read: Vec<_> = form.iter().collect();
        assert_eq!(read, [("b", "2"), ("a", "1"), ("b", "+3"), ("c", ""), ("d", "x y"), ("", "z")]);
        assert_eq!((form.get("b"), form.get("c"), form.get("nothing")), (Some("2"), Some(""), None));
    }

    #[test]
    fn a_character_cut_in_two_by_a_field_s_end_is_not_put_together() {
        let form = Form::parse(b"a%C3=%A9").unwrap();
        assert_eq!(form.iter().collect::<Vec<_>>(), [("a\u{fffd}", "\u{fffd}")]);
    }

    #[test]
    fn too_many_fields_are_refused() {
        let body = |count: usize| vec!["k=v"; count].join("&");
        assert_eq!(Form::parse(body(MAX_FIELDS).as_bytes()).unwrap().len(), MAX_FIELDS);
        assert_eq!(Form::parse(body(MAX_FIELDS + 1).as_bytes()), Err(TooManyFields));
    }

    proptest! {
        #[test]
        fn any_bytes_decode_as_the_standard_says(input in proptest::collection::vec(
            prop_oneof![any::<u8>(), Just(b'&'), Just(b'='), Just(b'%'), Just(b'+'), Just(b'C'), Just(b'3')], 0..120)
        ) {
            let expected: Vec<_> = form_urlencoded::parse(&input).into_owned().collect();
            prop_assert_eq!(pairs(&Form::parse(&input).unwrap()), expected);
        }
    }
}
