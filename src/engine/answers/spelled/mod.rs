//! `spelled`: letters and digits one by one, by two keys each or said.

mod keys;

use std::ops::Range;
use std::sync::Arc;

use super::kind::{Kind, bounds, by_itself, is_bare};
use crate::engine::answer::{Answer, SpokenEntry};
use crate::engine::expression::Type;
use crate::engine::speech::spelling;
use crate::engine::value::Value;
use crate::written::{Code, Explain, Faults, Item, Table};

pub(super) const KIND: Kind = Kind {
    name: "spelled",
    doc: include_str!("README.md"),
    example: include_str!("example.toml"),
    calls: include_str!("calls.toml"),
    key: keys::KEY,
    bare: true,
    is_entered: true,
    is_secret: false,
    beside: &[],
    parse,
    spoken_by: by_itself,
};

/// The most letters and digits that an answer may have.
const MAX: i64 = 30;

/// The letters on the keys from 2 to 9 (ITU-T E.161).
const LETTERS: [&str; 8] = ["ABC", "DEF", "GHI", "JKL", "MNO", "PQRS", "TUV", "WXYZ"];

#[derive(Debug)]
struct Spelled {
    low: u32,
    high: u32,
}

fn parse(
    item: Option<Item<'_>>,
    _: Range<usize>,
    _: Option<&Table<'_>>,
    check: &mut dyn Faults,
) -> Option<Arc<dyn Answer>> {
    let (low, high) = match item.filter(|item| !is_bare(*item)) {
        Some(item) => length(item, check)?,
        None => (1, MAX),
    };
    Some(Arc::new(Spelled {
        low: low as u32,
        high: high as u32,
    }))
}

/// The fewest letters, and the most.
fn length(item: Item<'_>, check: &mut dyn Faults) -> Option<(i64, i64)> {
    let (low, high) = bounds(item, "spelled", check)?;
    if low < 1 || high > MAX {
        let message = format!("`spelled` is from 1 to {MAX} letters and digits");
        check
            .fault(Code::BoundsWrong, item.span(), message)
            .help("write `spelled = 6` or `spelled = [1, 20]`");
        return None;
    }
    Some((low, high))
}

/// The letter or digit of two keys: the key that it is on, and its place there; 0 for the digit itself.
fn letter(key: u8, place: u8) -> Option<char> {
    match (key, place) {
        (b'0'..=b'9', b'0') => Some(char::from(key)),
        (b'2'..=b'9', b'1'..=b'4') => {
            let letters = LETTERS[usize::from(key - b'2')].as_bytes();
            let letter = letters.get(usize::from(place - b'1'))?;
            Some(char::from(*letter))
        }
        _ => None,
    }
}

/// The two keys of a letter or digit.
fn keys_of(letter: char) -> Option<String> {
    if letter.is_ascii_digit() {
        return Some(format!("{letter}0"));
    }
    let mut all = (2..).zip(LETTERS);
    all.find_map(|(key, letters)| {
        let place = letters.find(letter)?;
        Some(format!("{key}{}", place + 1))
    })
}

impl Spelled {
    fn fits(&self, text: &str) -> bool {
        let length = text.chars().count();
        (self.low as usize..=self.high as usize).contains(&length)
    }
}

impl Answer for Spelled {
    fn describe(&self) -> String {
        match (self.low, self.high) {
            (low, high) if low == high => format!("{low} letters or digits"),
            (low, high) => format!("{low} to {high} letters or digits"),
        }
    }

    fn type_of(&self) -> Type {
        Type::TEXT
    }

    fn length(&self) -> (u32, u32) {
        (self.low * 2, self.high * 2)
    }

    fn example(&self) -> String {
        "21".repeat(self.low as usize)
    }

    fn check(&self, keys: &str) -> Option<Value> {
        let (pairs, []) = keys.as_bytes().as_chunks::<2>() else {
            return None;
        };
        let letters = pairs.iter().map(|[key, place]| letter(*key, *place));
        let text: String = letters.collect::<Option<_>>()?;
        self.fits(&text).then_some(Value::Text(text))
    }

    fn key_itself(&self, _: &str) -> Option<Value> {
        None
    }

    fn said(&self, said: &SpokenEntry<'_>) -> Option<Value> {
        let text = spelling(said.words, said.language)?;
        self.fits(&text).then_some(Value::Text(text))
    }

    fn entry_of(&self, value: &Value) -> Option<String> {
        let text = value.to_string();
        text.chars().map(keys_of).collect()
    }

    fn accepts(&self, value: &Value) -> bool {
        let is_spelt = |text: &str| text.chars().all(char::is_alphanumeric);
        matches!(value, Value::Text(text) if is_spelt(text) && self.fits(text))
    }

    /// One by one: a voice would make a word of them.
    fn speak(&self, value: &Value, _: &str) -> String {
        let text = value.to_string();
        let letters: Vec<String> = text.chars().map(String::from).collect();
        letters.join(" ")
    }
}
