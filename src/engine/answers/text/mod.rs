//! `text`: what a caller says, as the recogniser writes it down.

mod keys;

use std::ops::Range;
use std::sync::Arc;

use super::kind::{Kind, bounds, by_itself, is_bare};
use crate::engine::answer::{Answer, SpokenEntry};
use crate::engine::expression::Type;
use crate::engine::value::Value;
use crate::written::{Code, Explain, Faults, Item, Table};

pub(super) const KIND: Kind = Kind {
    name: "text",
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

/// The most characters that an answer may have: the carrier listens for a minute.
const MAX: i64 = 1_000;

/// The most characters where none are said: a few sentences.
const USUAL: i64 = 200;

#[derive(Debug)]
struct Text {
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
        None => (1, USUAL),
    };
    Some(Arc::new(Text {
        low: low as u32,
        high: high as u32,
    }))
}

/// The fewest characters, and the most.
fn length(item: Item<'_>, check: &mut dyn Faults) -> Option<(i64, i64)> {
    let (low, high) = bounds(item, "text", check)?;
    if low < 1 || high > MAX {
        let message = format!("a `text` has from 1 to {MAX} characters");
        check
            .fault(Code::BoundsWrong, item.span(), message)
            .help("write `text = [1, 200]`");
        return None;
    }
    Some((low, high))
}

impl Text {
    fn fits(&self, text: &str) -> bool {
        let length = text.chars().count();
        (self.low as usize..=self.high as usize).contains(&length)
    }
}

impl Answer for Text {
    fn describe(&self) -> String {
        format!("a text of {} to {} characters", self.low, self.high)
    }

    fn type_of(&self) -> Type {
        Type::TEXT
    }

    fn length(&self) -> (u32, u32) {
        (self.low, self.high)
    }

    fn example(&self) -> String {
        "1".repeat(self.low as usize)
    }

    fn check(&self, keys: &str) -> Option<Value> {
        let is_digits = keys.bytes().all(|key| key.is_ascii_digit());
        (is_digits && self.fits(keys)).then(|| Value::Text(keys.to_owned()))
    }

    /// In a menu the flow says what a key stores.
    fn key_itself(&self, _: &str) -> Option<Value> {
        None
    }

    fn said(&self, said: &SpokenEntry<'_>) -> Option<Value> {
        let words: Vec<&str> = said.heard.split_whitespace().collect();
        let text = words.join(" ");
        (!said.words.is_empty() && self.fits(&text)).then_some(Value::Text(text))
    }

    fn wants_speech(&self) -> bool {
        true
    }

    fn accepts(&self, value: &Value) -> bool {
        matches!(value, Value::Text(text) if self.fits(text))
    }
}
