//! `integer`: a whole number within bounds.

mod keys;

use std::ops::Range;
use std::sync::Arc;

use super::kind::{Kind, bounds, by_itself, is_bare};
use crate::engine::answer::Answer;
use crate::engine::expression::Type;
use crate::engine::value::Value;
use crate::written::{Code, Explain, Faults, Item, Table};

pub(super) const KIND: Kind = Kind {
    name: "integer",
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

#[derive(Debug)]
struct Integer {
    low: i64,
    high: i64,
}

fn parse(
    item: Option<Item<'_>>,
    _: Range<usize>,
    _: Option<&Table<'_>>,
    check: &mut dyn Faults,
) -> Option<Arc<dyn Answer>> {
    let (low, high) = match item.filter(|item| !is_bare(*item)) {
        None => (0, 999_999_999),
        Some(item) => match item.as_integer() {
            Some(number) => {
                let message = format!("{number} is one bound, and `integer` has two");
                check
                    .fault(Code::BoundsWrong, item.span(), message)
                    .help("write `integer = [1, 30]`");
                return None;
            }
            None => bounds(item, "integer", check)?,
        },
    };
    Some(Arc::new(Integer { low, high }))
}

impl Answer for Integer {
    fn describe(&self) -> String {
        format!("a whole number from {} to {}", self.low, self.high)
    }

    fn type_of(&self) -> Type {
        Type::Integer {
            low: self.low,
            high: self.high,
        }
    }

    fn length(&self) -> (u32, u32) {
        let digits = |number: i64| number.checked_ilog10().unwrap_or(0) + 1;
        (digits(self.low), digits(self.high))
    }

    fn example(&self) -> String {
        self.low.to_string()
    }

    fn check(&self, keys: &str) -> Option<Value> {
        if !keys.bytes().all(|key| key.is_ascii_digit()) {
            return None;
        }
        let number = keys.parse().ok()?;
        (self.low..=self.high)
            .contains(&number)
            .then_some(Value::Integer(number))
    }

    fn accepts(&self, value: &Value) -> bool {
        matches!(value, Value::Integer(number) if (self.low..=self.high).contains(number))
    }
}
