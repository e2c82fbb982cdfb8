//! The fields of a form-encoded body or a query, decoded.

use std::borrow::Cow;

/// A request with more fields is refused. Twilio sends about 35; its documentation says that new ones may come any day.
pub const MAX_FIELDS: usize = 200;

/// Decoded fields in the order in which they came, repeats kept.
///
/// Bytes that are no UTF-8 become U+FFFD. All text lies in one buffer, so that a form costs two allocations.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Form {
    text: String,
    fields: Vec<Ends>,
}

/// Where a field's name and value end in the text; it begins where the one before it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Ends {
    start: usize,
    name: usize,
    value: usize,
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
            let start = form.text.len();
            form.text.push_str(&name.into());
            let name = form.text.len();
            form.text.push_str(&value.into());
            form.fields.push(Ends { start, name, value: form.text.len() });
        }
        Ok(form)
    }

    /// The common case, in one buffer; nothing if some piece is no UTF-8.
    fn parse_strict(input: &[u8]) -> Result<Option<Self>, TooManyFields> {
        let mut text = Vec::with_capacity(input.len());
        let mut fields = Vec::with_capacity(48);
        for pair in input.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
            if fields.len() == MAX_FIELDS {
                return Err(TooManyFields);
            }
            let middle = pair.iter().position(|byte| *byte == b'=').unwrap_or(pair.len());
            let start = text.len();
            decode(&pair[..middle], &mut text);
            let name = text.len();
            decode(pair.get(middle + 1..).unwrap_or_default(), &mut text);
            fields.push(Ends { start, name, value: text.len() });
        }
        let Ok(text) = String::from_utf8(text) else { return Ok(None) };
        // Two broken halves may make one whole character across an end.
        let whole = fields.iter().all(|ends| text.is_char_boundary(ends.name) && text.is_char_boundary(ends.value));
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
        self.iter().find_map(|(found, value)| (found == name).then_some(value))
    }

    /// The fields as they came.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields.iter().map(|ends| self.slice(ends))
    }

    /// The fields in the order in which they are signed: by name, then by value, both by their bytes, a pair that
    /// repeats told once.
    pub(super) fn signed_order(&self) -> Vec<(&str, &str)> {
        let mut pairs: Vec<_> = self.iter().collect();
        pairs.sort_unstable();
        pairs.dedup();
        pairs
    }

    fn slice(&self, ends: &Ends) -> (&str, &str) {
        (&self.text[ends.start..ends.name], &self.text[ends.name..ends.value])
    }
}

fn decode(piece: &[u8], out: &mut Vec<u8>) {
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
