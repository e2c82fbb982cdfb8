//! `card`: the number of a payment card (ISO/IEC 7812), whose last digit is a check digit.

mod keys;

use std::ops::Range;
use std::sync::Arc;

use super::check_digit::CheckDigit;
use super::kind::{Kind, by_itself, is_bare};
use crate::engine::answer::Answer;
use crate::engine::expression::{TextType, Type};
use crate::engine::value::Value;
use crate::written::{Faults, Item, Table};

pub(super) const KIND: Kind = Kind {
    name: "card",
    doc: include_str!("README.md"),
    example: include_str!("example.toml"),
    calls: include_str!("calls.toml"),
    key: keys::KEY,
    bare: false,
    is_entered: true,
    is_secret: true,
    beside: &[],
    parse,
    spoken_by: by_itself,
};

/// The digits that a number of a card has.
const DIGITS: (u32, u32) = (12, 19);
/// A number that belongs to nobody: Visa's for tests.
const EXAMPLE: &str = "4111111111111111";

#[derive(Debug)]
struct Card;

fn parse(
    item: Option<Item<'_>>,
    _: Range<usize>,
    _: Option<&Table<'_>>,
    check: &mut dyn Faults,
) -> Option<Arc<dyn Answer>> {
    if let Some(item) = item.filter(|item| !is_bare(*item)) {
        item.wrong(check, "`card` must be `true`");
        return None;
    }
    Some(Arc::new(Card))
}

impl Answer for Card {
    fn describe(&self) -> String {
        "the number of a card".to_owned()
    }

    fn type_of(&self) -> Type {
        let (low, high) = DIGITS;
        Type::Text(TextType::Digits { low, high })
    }

    fn length(&self) -> (u32, u32) {
        DIGITS
    }

    fn example(&self) -> String {
        EXAMPLE.to_owned()
    }

    fn check(&self, keys: &str) -> Option<Value> {
        let is_long_enough = (DIGITS.0 as usize..=DIGITS.1 as usize).contains(&keys.len());
        let is_right = is_long_enough
            && keys.bytes().all(|key| key.is_ascii_digit())
            && CheckDigit::Luhn.is_right(keys);
        is_right.then(|| Value::Text(keys.to_owned()))
    }

    fn accepts(&self, value: &Value) -> bool {
        matches!(value, Value::Text(text) if self.check(text).is_some())
    }
}
