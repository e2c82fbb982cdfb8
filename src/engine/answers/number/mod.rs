//! `number`: a number that may have a fraction, with `*` as the point, as in VoiceXML's builtin `number` grammar.

mod keys;

use std::ops::Range;
use std::sync::Arc;

use super::decimal::{self, Decimal};
use super::kind::{Kind, by_itself, is_bare};
use crate::engine::answer::{Answer, SpokenEntry};
use crate::engine::expression::Type;
use crate::engine::speech::decimal as decimal_of;
use crate::engine::value::Value;
use crate::written::{Faults, Item, Table};

pub(super) const KIND: Kind = Kind {
    name: "number",
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

/// The most digits behind the point.
const FRACTION: usize = 6;

#[derive(Debug)]
struct Number(Decimal);

fn parse(
    item: Option<Item<'_>>,
    _: Range<usize>,
    _: Option<&Table<'_>>,
    check: &mut dyn Faults,
) -> Option<Arc<dyn Answer>> {
    let (low, high) = match item.filter(|item| !is_bare(*item)) {
        None => (0.0, 999_999_999.0),
        Some(item) => decimal::bounds(item, "number", check)?,
    };
    Some(Arc::new(Number(Decimal {
        low,
        high,
        fraction: 0..=FRACTION,
    })))
}

impl Answer for Number {
    fn describe(&self) -> String {
        format!("a number from {} to {}", self.0.low, self.0.high)
    }

    fn type_of(&self) -> Type {
        Type::Number
    }

    fn length(&self) -> (u32, u32) {
        self.0.length()
    }

    fn example(&self) -> String {
        self.0.example()
    }

    fn check(&self, keys: &str) -> Option<Value> {
        self.0.read(keys).map(Value::Number)
    }

    fn said(&self, said: &SpokenEntry<'_>) -> Option<Value> {
        let (whole, fraction) = decimal_of(said.words, said.language)?;
        let point = if fraction.is_empty() { "" } else { "*" };
        self.check(&format!("{whole}{point}{fraction}"))
    }

    fn entry_of(&self, value: &Value) -> Option<String> {
        Some(decimal::entry(&value.to_string()))
    }

    fn accepts(&self, value: &Value) -> bool {
        self.0.holds(value)
    }

    fn speak(&self, value: &Value, language: &str) -> String {
        decimal::spoken(&value.to_string(), language)
    }
}
