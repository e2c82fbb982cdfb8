//! `digits`: keys as they were pressed, leading zeros and all.

mod keys;

use std::ops::Range;
use std::sync::Arc;

use super::kind::{Kind, bounds, by_itself, is_bare};
use crate::engine::answer::Answer;
use crate::engine::expression::{TextType, Type};
use crate::engine::value::Value;
use crate::written::{Code, Explain, Faults, Item, Table};

/// The most digits that an answer may have.
const MAX: i64 = 64;

pub(super) const KIND: Kind = Kind {
    name: "digits",
    doc: include_str!("README.md"),
    example: include_str!("example.toml"),
    calls: include_str!("calls.toml"),
    key: keys::KEY,
    bare: true,
    is_entered: true,
    beside: &[],
    parse,
    spoken_by: by_itself,
};

#[derive(Debug)]
struct Digits {
    low: u32,
    high: u32,
}

fn parse(
    item: Option<Item<'_>>,
    _: Range<usize>,
    _: Option<&Table<'_>>,
    check: &mut dyn Faults,
) -> Option<Arc<dyn Answer>> {
    let Some(item) = item.filter(|item| !is_bare(*item)) else {
        return Some(Arc::new(Digits {
            low: 1,
            high: MAX as u32,
        }));
    };
    let (low, high) = bounds(item, "digits", check)?;
    if low < 1 || high > MAX {
        check
            .fault(
                Code::BoundsWrong,
                item.span(),
                format!("`digits` are from 1 to {MAX}"),
            )
            .help("write `digits = 4`, `digits = [1, 4]` or `digits = \"1..4\"`");
        return None;
    }
    Some(Arc::new(Digits {
        low: low as u32,
        high: high as u32,
    }))
}

impl Answer for Digits {
    fn describe(&self) -> String {
        match (self.low, self.high) {
            (1, 1) => "one digit".to_owned(),
            (low, high) if low == high => format!("{low} digits"),
            (low, high) => format!("{low} to {high} digits"),
        }
    }

    fn type_of(&self) -> Type {
        Type::Text(TextType::Digits {
            low: self.low,
            high: self.high,
        })
    }

    fn length(&self) -> (u32, u32) {
        (self.low, self.high)
    }

    fn example(&self) -> String {
        "1".repeat(self.low as usize)
    }

    fn check(&self, keys: &str) -> Option<Value> {
        let legal = (self.low as usize..=self.high as usize).contains(&keys.len());
        (legal && keys.bytes().all(|key| key.is_ascii_digit()))
            .then(|| Value::Text(keys.to_owned()))
    }

    fn accepts(&self, value: &Value) -> bool {
        matches!(value, Value::Text(text) if self.check(text).is_some())
    }

    /// One digit at a time: a voice would make one number of them.
    fn speak(&self, value: &Value) -> String {
        let text = value.to_string();
        let mut spoken = String::with_capacity(text.len() * 2);
        for (at, key) in text.chars().enumerate() {
            if at > 0 {
                spoken.push(' ');
            }
            spoken.push(key);
        }
        spoken
    }
}
