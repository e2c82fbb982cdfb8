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
    pub fn from_pairs<'a, N, V>(
        pairs: impl IntoIterator<Item = (N, V)>,
    ) -> Result<Self, TooManyFields>
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

    /// The common case; nothing where some piece is no UTF-8.
    fn parse_strict(input: &[u8]) -> Result<Option<Self>, TooManyFields> {
        let mut text = Vec::with_capacity(input.len() + input.len() / 2);
        text.extend_from_slice(input);
        let mut fields = Vec::with_capacity(48);
        for Pair {
            name,
            value,
            encoded,
        } in Pairs::of(input)
        {
            if fields.len() == MAX_FIELDS {
                return Err(TooManyFields);
            }
            fields.push(if encoded {
                Field {
                    name: decode(&input[name], &mut text),
                    value: decode(&input[value], &mut text),
                }
            } else {
                Field { name, value }
            });
        }
        let Ok(text) = String::from_utf8(text) else {
            return Ok(None);
        };
        // Two broken halves may make one whole character across an end.
        let is_whole = |range: &Range<usize>| {
            text.is_char_boundary(range.start) && text.is_char_boundary(range.end)
        };
        let whole = fields
            .iter()
            .all(|field| is_whole(&field.name) && is_whole(&field.value));
        Ok(whole.then_some(Self { text, fields }))
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
        let found = self
            .fields
            .iter()
            .find(|field| text[field.name.clone()] == *name.as_bytes())?;
        Some(&self.text[found.value.clone()])
    }

    /// The fields as they came.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields.iter().map(|field| {
            (
                &self.text[field.name.clone()],
                &self.text[field.value.clone()],
            )
        })
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
        let start = self.at;
        if start == self.input.len() {
            return None;
        }
        let (mut equals, mut encoded) = (None, false);
        let mut end = start;
        while let Some(byte) = self.input.get(end) {
            if SPECIAL[usize::from(*byte)] {
                match byte {
                    b'&' => break,
                    b'=' => equals = equals.or(Some(end)),
                    _ => encoded = true,
                }
            }
            end += 1;
        }
        self.at = end;
        let equals = equals.unwrap_or(end);
        Some(Pair {
            name: start..equals,
            value: (equals + 1).min(end)..end,
            encoded,
        })
    }
}

/// The bytes that mean something in a form: one look at a table instead of four comparisons for each byte.
static SPECIAL: [bool; 256] = {
    let mut special = [false; 256];
    special[b'&' as usize] = true;
    special[b'=' as usize] = true;
    special[b'%' as usize] = true;
    special[b'+' as usize] = true;
    special
};

/// Writes what a piece stands for behind the text, and tells where.
fn decode(piece: &[u8], out: &mut Vec<u8>) -> Range<usize> {
    let start = out.len();
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
    start..out.len()
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
        form.iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    }

    #[test]
    fn order_repeats_and_empty_values_are_kept() {
        let form = Form::parse(b"b=2&a=1&b=%2B3&&c&d=x+y&=z").unwrap();
        let read: Vec<_> = form.iter().collect();
        assert_eq!(
            read,
            [
                ("b", "2"),
                ("a", "1"),
                ("b", "+3"),
                ("c", ""),
                ("d", "x y"),
                ("", "z")
            ]
        );
        assert_eq!(
            (form.get("b"), form.get("c"), form.get("nothing")),
            (Some("2"), Some(""), None)
        );
    }

    #[test]
    fn a_character_cut_in_two_by_a_field_s_end_is_not_put_together() {
        let form = Form::parse(b"a%C3=%A9").unwrap();
        assert_eq!(form.iter().collect::<Vec<_>>(), [("a\u{fffd}", "\u{fffd}")]);
    }

    #[test]
    fn too_many_fields_are_refused() {
        let body = |count: usize| vec!["k=v"; count].join("&");
        assert_eq!(
            Form::parse(body(MAX_FIELDS).as_bytes()).unwrap().len(),
            MAX_FIELDS
        );
        assert_eq!(
            Form::parse(body(MAX_FIELDS + 1).as_bytes()),
            Err(TooManyFields)
        );
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
