//! `list`: entries of other answers. No caller enters it: `append` moves what was answered into a new entry.

mod keys;

use std::ops::Range;
use std::sync::Arc;

use super::kind::{Kind, bounds, by_itself};
use crate::engine::answer::Answer;
use crate::engine::expression::Type;
use crate::engine::value::Value;
use crate::written::{Code, Explain, Faults, Item, Table};

pub(super) const KIND: Kind = Kind {
    name: "list",
    doc: include_str!("README.md"),
    example: include_str!("example.toml"),
    calls: include_str!("calls.toml"),
    key: keys::KEY,
    bare: false,
    is_entered: false,
    is_secret: false,
    beside: &[keys::COUNT],
    parse,
    spoken_by: by_itself,
};

#[derive(Debug)]
struct List {
    low: usize,
    high: usize,
    /// The answers of an entry, as they are written.
    names: Vec<String>,
}

/// Reads how many entries it has. The names of these are read once all answers are known.
fn parse(
    item: Option<Item<'_>>,
    at: Range<usize>,
    promise: Option<&Table<'_>>,
    check: &mut dyn Faults,
) -> Option<Arc<dyn Answer>> {
    let count = promise.and_then(|promise| promise.get(keys::COUNT.name));
    let Some(count) = count else {
        let place = item.map_or(at, |item| item.key_span());
        let message = "this list does not say how many entries it has".to_owned();
        check.fault(Code::BoundsWrong, place, message).help(
            "write `{ list = [\"…\"], count = [1, 9] }`: the fewest that are sent, and the most",
        );
        return None;
    };
    let (low, high) = bounds(count, "count", check)?;
    if !(1..=keys::MAX).contains(&high) {
        let message = format!("a list has 1 to {} entries at most", keys::MAX);
        check
            .fault(Code::BoundsWrong, count.span(), message)
            .help("write `count = [1, 9]`");
        return None;
    }
    let (low, high) = (usize::try_from(low).ok()?, usize::try_from(high).ok()?);
    let written = item.and_then(|item| item.entries()).unwrap_or_default();
    let names = written.iter().filter_map(|name| name.value.as_str());
    Some(Arc::new(List {
        low,
        high,
        names: names.map(str::to_owned).collect(),
    }))
}

impl Answer for List {
    fn describe(&self) -> String {
        let count = match (self.low, self.high) {
            (1, 1) => "one entry".to_owned(),
            (low, high) if low == high => format!("{low} entries"),
            (low, high) => format!("{low} to {high} entries"),
        };
        let names = self.names.iter().map(|name| format!("`{name}`"));
        let names: Vec<String> = names.collect();
        format!("a list of {count} of {}", names.join(", "))
    }

    fn type_of(&self) -> Type {
        Type::Entries { most: self.high }
    }

    fn length(&self) -> (u32, u32) {
        (0, 0)
    }

    fn example(&self) -> String {
        String::new()
    }

    fn check(&self, _: &str) -> Option<Value> {
        None
    }

    fn has_keys(&self) -> bool {
        false
    }

    fn accepts(&self, value: &Value) -> bool {
        matches!(value, Value::Entries(entries) if entries.len() <= self.high)
    }

    fn count(&self) -> Option<(usize, usize)> {
        Some((self.low, self.high))
    }
}
