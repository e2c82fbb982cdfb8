//! `digits`: keys as they were pressed, leading zeros and all.

mod keys;

use std::ops::Range;
use std::sync::Arc;

use super::check_digit::CheckDigit;
use super::kind::{Kind, bounds, by_itself, is_bare, word};
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
    is_secret: false,
    beside: &[keys::CHECK_DIGIT],
    parse,
    spoken_by: by_itself,
};

#[derive(Debug)]
struct Digits {
    low: u32,
    high: u32,
    /// How the last of them follow from the others, and an entry that is right.
    check: Option<(CheckDigit, String)>,
}

fn parse(
    item: Option<Item<'_>>,
    _: Range<usize>,
    promise: Option<&Table<'_>>,
    check: &mut dyn Faults,
) -> Option<Arc<dyn Answer>> {
    let (low, high) = match item.filter(|item| !is_bare(*item)) {
        Some(item) => length(item, check)?,
        None => (1, MAX),
    };
    let (low, high) = (low as u32, high as u32);
    let written = promise.and_then(|promise| promise.get(keys::CHECK_DIGIT.name));
    let check = match written {
        Some(item) => Some(check_digit(item, low, check)?),
        None => None,
    };
    Some(Arc::new(Digits { low, high, check }))
}

/// The fewest digits, and the most.
fn length(item: Item<'_>, check: &mut dyn Faults) -> Option<(i64, i64)> {
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
    Some((low, high))
}

/// The rule of the check digit, and the shortest entry that it holds for.
fn check_digit(item: Item<'_>, low: u32, check: &mut dyn Faults) -> Option<(CheckDigit, String)> {
    let rule = word(item, keys::CHECK_DIGIT.name, &CheckDigit::NAMED, check)?;
    let example = rule.example(low as usize);
    if low as usize <= rule.length() || example.is_none() {
        let message = format!("{low} digits leave nothing to check");
        check.fault(Code::BoundsWrong, item.span(), message).help(
            "the check digit is one of the digits: `{ digits = 10, check_digit = \"mod11\" }`",
        );
        return None;
    }
    Some((rule, example?))
}

/// The type of so many digits.
pub fn digits_of_length(length: u32) -> Arc<dyn Answer> {
    let (low, high) = (length, length);
    Arc::new(Digits {
        low,
        high,
        check: None,
    })
}

impl Answer for Digits {
    fn describe(&self) -> String {
        let digits = match (self.low, self.high) {
            (1, 1) => "one digit".to_owned(),
            (low, high) if low == high => format!("{low} digits"),
            (low, high) => format!("{low} to {high} digits"),
        };
        match self.check {
            Some(_) => format!("{digits} with a right check digit"),
            None => digits,
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
        match &self.check {
            Some((_, example)) => example.clone(),
            None => "1".repeat(self.low as usize),
        }
    }

    fn check(&self, keys: &str) -> Option<Value> {
        let legal = (self.low as usize..=self.high as usize).contains(&keys.len());
        let digits = legal && keys.bytes().all(|key| key.is_ascii_digit());
        let right = |(rule, _): &(CheckDigit, String)| rule.is_right(keys);
        (digits && self.check.as_ref().is_none_or(right)).then(|| Value::Text(keys.to_owned()))
    }

    fn accepts(&self, value: &Value) -> bool {
        matches!(value, Value::Text(text) if self.check(text).is_some())
    }

    /// One digit at a time: a voice would make one number of them.
    fn speak(&self, value: &Value, _: &str) -> String {
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
