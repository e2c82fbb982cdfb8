//! `one_of`: one value of a list.

mod keys;

use std::ops::Range;
use std::sync::Arc;

use super::kind::Kind;
use crate::engine::answer::{Answer, SpokenEntry};
use crate::engine::expression::Type;
use crate::engine::speech::{Choice, Normal, Phrase, choose, digits};
use crate::engine::value::Value;
use crate::written::{Code, Explain, Faults, Item, Table};

pub(super) const KIND: Kind = Kind {
    name: "one_of",
    doc: include_str!("README.md"),
    example: include_str!("example.toml"),
    calls: include_str!("calls.toml"),
    key: keys::KEY,
    bare: false,
    is_entered: true,
    is_secret: false,
    beside: &[keys::ORDER],
    parse,
    spoken_by,
};

#[derive(Debug)]
struct OneOf {
    values: Vec<String>,
    /// The keys of each value, where an `ask` puts the question; none where nothing says which key is which value.
    keys: Vec<String>,
}

fn parse(
    item: Option<Item<'_>>,
    at: Range<usize>,
    promise: Option<&Table<'_>>,
    check: &mut dyn Faults,
) -> Option<Arc<dyn Answer>> {
    let written = item.map(|item| (item, item.as_table()));
    let mut values = match &written {
        Some((_, Some(table))) => names(table),
        Some((item, None)) => list(*item, check)?,
        None => Vec::new(),
    };
    if values.is_empty() {
        let place = item.map_or(at, |item| item.span());
        check
            .fault(Code::OneOfEmpty, place, "`one_of` has no values".to_owned())
            .help("write them out: `{ one_of = [\"letter\", \"parcel\"] }`");
        return None;
    }
    let order = promise.and_then(|promise| promise.get(keys::ORDER.name));
    let has_order = match order {
        Some(order) => {
            values = in_order(&values, order, check)?;
            true
        }
        None => written.is_some_and(|(_, table)| table.is_none()),
    };
    let is_number =
        |value: &String| !value.is_empty() && value.bytes().all(|key| key.is_ascii_digit());
    let keys = match () {
        () if values.iter().all(is_number) => values.clone(),
        () if has_order => (1..=values.len())
            .map(|number| number.to_string())
            .collect(),
        () => Vec::new(),
    };
    Some(Arc::new(OneOf { values, keys }))
}

/// The values of a table.
fn names(table: &Table<'_>) -> Vec<String> {
    let all = table.all().into_iter();
    all.map(|(name, _)| name.to_owned()).collect()
}

/// Reads values that are spoken as they stand.
fn list(item: Item<'_>, check: &mut dyn Faults) -> Option<Vec<String>> {
    let what = "`one_of` must be a list of values, or a table of values and what is said for each";
    let mut values: Vec<String> = Vec::new();
    for entry in item.list(check, what)? {
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
    Some(values)
}

/// The values in the order of `keys`, each once.
fn in_order(values: &[String], order: Item<'_>, check: &mut dyn Faults) -> Option<Vec<String>> {
    let named = order.list(
        check,
        "`keys` must be a list of the values: the first is key 1",
    )?;
    let mut found: Vec<String> = Vec::new();
    for entry in named {
        let value = entry.text(check, "a value in `keys` must be text")?;
        let is_new = !found.iter().any(|other| other == value);
        if !is_new || !values.iter().any(|other| other == value) {
            let why = if is_new {
                "is none of the values"
            } else {
                "stands here twice"
            };
            check
                .fault(Code::OneOfKeys, entry.span(), format!("\"{value}\" {why}"))
                .help(format!("name each of {} once", values.join(", ")));
            return None;
        }
        found.push(value.to_owned());
    }
    if let Some(lacking) = values.iter().find(|value| !found.contains(value)) {
        check
            .fault(
                Code::OneOfKeys,
                order.span(),
                format!("no key is \"{lacking}\""),
            )
            .help(format!("name each of {} once", values.join(", ")));
        return None;
    }
    Some(found)
}

/// In a table each value has its prompt.
fn spoken_by(item: Item<'_>) -> Vec<(String, Item<'_>)> {
    let all = item.as_table().map(|table| table.all()).unwrap_or_default();
    all.into_iter()
        .map(|(value, prompt)| (value.to_owned(), prompt))
        .collect()
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
        self.keys
            .first()
            .map_or_else(|| "1".to_owned(), String::clone)
    }

    fn check(&self, keys: &str) -> Option<Value> {
        let place = self.keys.iter().position(|other| other == keys)?;
        Some(Value::Text(self.values[place].clone()))
    }

    /// A value as it is written, or its number.
    fn said(&self, said: &SpokenEntry<'_>) -> Option<Value> {
        let values: Vec<_> = self
            .values
            .iter()
            .map(|value| Normal::new(value, said.language))
            .collect();
        let phrases = values.iter().enumerate().map(|(of, words)| Phrase {
            words,
            of,
            is_fuzzy: false,
        });
        let number = || {
            self.keys
                .iter()
                .position(|keys| digits(said.words, said.language).as_ref() == Some(keys))
        };
        match choose(said.words, said.language, phrases, number) {
            Choice::One(place) => Some(Value::Text(self.values[place].clone())),
            Choice::Several(_) | Choice::None => None,
        }
    }

    /// In a menu the flow says which key is which value; only a value that is the key itself needs no saying.
    fn key_itself(&self, key: &str) -> Option<Value> {
        self.values
            .iter()
            .any(|value| value == key)
            .then(|| Value::Text(key.to_owned()))
    }

    fn has_keys(&self) -> bool {
        !self.keys.is_empty()
    }

    fn accepts(&self, value: &Value) -> bool {
        matches!(value, Value::Text(text) if self.values.contains(text))
    }

    fn values(&self) -> Vec<String> {
        self.values.clone()
    }
}
