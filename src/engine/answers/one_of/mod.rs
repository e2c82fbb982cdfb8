//! `one_of`: one value of a list.

mod keys;

use std::ops::Range;
use std::sync::Arc;

use super::kind::Kind;
use crate::engine::answer::Answer;
use crate::engine::expression::Type;
use crate::engine::value::Value;
use crate::written::{Code, Explain, Faults, Item};

pub(super) const KIND: Kind = Kind {
    name: "one_of",
    doc: include_str!("README.md"),
    example: include_str!("example.toml"),
    calls: include_str!("calls.toml"),
    key: keys::KEY,
    bare: false,
    parse,
};

#[derive(Debug)]
struct OneOf {
    values: Vec<String>,
    /// The keys of each value, where an `ask` puts the question.
    keys: Vec<String>,
}

fn parse(
    item: Option<Item<'_>>,
    at: Range<usize>,
    check: &mut dyn Faults,
) -> Option<Arc<dyn Answer>> {
    let Some(item) = item else {
        check
            .fault(Code::OneOfEmpty, at, "`one_of` has no values".to_owned())
            .help("write them out: `{ one_of = [\"letter\", \"parcel\"] }`");
        return None;
    };
    let entries = item.list(check, "`one_of` must be a list of values")?;
    let mut values: Vec<String> = Vec::with_capacity(entries.len());
    for entry in &entries {
        let value = entry.text(check, "a value of `one_of` must be text")?;
        if values.iter().any(|other| other == value) {
            check
                .fault(
                    Code::ValueTwice,
                    entry.span(),
                    format!("\"{value}\" stands here twice"),
                )
                .help("leave one of them out");
            return None;
        }
        values.push(value.to_owned());
    }
    if values.is_empty() {
        check
            .fault(
                Code::OneOfEmpty,
                item.span(),
                "`one_of` has no values".to_owned(),
            )
            .help("write them out: `{ one_of = [\"letter\", \"parcel\"] }`");
        return None;
    }
    let all_digits = values
        .iter()
        .all(|value| !value.is_empty() && value.bytes().all(|key| key.is_ascii_digit()));
    let keys = if all_digits {
        values.clone()
    } else {
        (1..=values.len())
            .map(|number| number.to_string())
            .collect()
    };
    Some(Arc::new(OneOf { values, keys }))
}

impl Answer for OneOf {
    fn describe(&self) -> String {
        format!("one of {}", self.values.join(", "))
    }

    fn type_of(&self) -> Type {
        Type::words(&self.values)
    }

    fn length(&self) -> (u32, u32) {
        let length = |keys: &String| keys.len() as u32;
        (
            self.keys.iter().map(length).min().unwrap_or(1),
            self.keys.iter().map(length).max().unwrap_or(1),
        )
    }

    fn example(&self) -> String {
        self.keys[0].clone()
    }

    fn check(&self, keys: &str) -> Option<Value> {
        let place = self.keys.iter().position(|other| other == keys)?;
        Some(Value::Text(self.values[place].clone()))
    }

    /// In a menu the flow says which key is which value; only a value that is the key itself needs no saying.
    fn key_itself(&self, key: &str) -> Option<Value> {
        self.values
            .iter()
            .any(|value| value == key)
            .then(|| Value::Text(key.to_owned()))
    }

    fn accepts(&self, value: &Value) -> bool {
        matches!(value, Value::Text(text) if self.values.contains(text))
    }

    fn values(&self) -> Vec<String> {
        self.values.clone()
    }
}
