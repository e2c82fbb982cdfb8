//! `date`: a day, asked as yyyymmdd, as VoiceXML's builtin `date` grammar has it.

mod keys;

use std::ops::Range;
use std::sync::Arc;

use jiff::civil::Date as Day;

use super::kind::{Kind, on};
use crate::engine::answer::Answer;
use crate::engine::expression::{TextType, Type};
use crate::engine::value::Value;
use crate::written::{Faults, Item};

pub(super) const KIND: Kind = Kind {
    name: "date",
    doc: include_str!("README.md"),
    example: include_str!("example.toml"),
    calls: include_str!("calls.toml"),
    key: keys::KEY,
    bare: true,
    parse,
};

#[derive(Debug)]
struct Date;

fn parse(
    item: Option<Item<'_>>,
    _: Range<usize>,
    check: &mut dyn Faults,
) -> Option<Arc<dyn Answer>> {
    on(item, "date", check)?;
    Some(Arc::new(Date))
}

impl Answer for Date {
    fn describe(&self) -> String {
        "a day such as \"2026-11-23\"".to_owned()
    }

    fn type_of(&self) -> Type {
        Type::Text(TextType::Date)
    }

    fn length(&self) -> (u32, u32) {
        (8, 8)
    }

    fn example(&self) -> String {
        "20261123".to_owned()
    }

    fn check(&self, keys: &str) -> Option<Value> {
        if keys.len() != 8 || !keys.bytes().all(|key| key.is_ascii_digit()) {
            return None;
        }
        let day = Day::new(
            keys[..4].parse().ok()?,
            keys[4..6].parse().ok()?,
            keys[6..].parse().ok()?,
        )
        .ok()?;
        Some(Value::Text(day.to_string()))
    }

    fn accepts(&self, value: &Value) -> bool {
        matches!(value, Value::Text(text) if text.len() == 10 && text.parse::<Day>().is_ok())
    }
}
