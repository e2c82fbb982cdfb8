//! The values of two tables that differ.

use std::collections::BTreeMap;
use std::ops::Range;

use super::facts::Value;
use super::leaves;

/// Values by the keys that lead to them.
type Values = BTreeMap<Vec<String>, Value>;

/// A value that differs.
pub struct Changed {
    /// Its key.
    pub key: Vec<String>,
    /// What it was.
    pub old: Option<String>,
    /// What it is.
    pub new: Option<String>,
    /// Where it stands.
    pub at: Range<usize>,
    /// Whether that is in the old version.
    pub gone: bool,
}

/// The values that differ, those that are gone last.
pub fn changed(old: &Values, new: &Values) -> Vec<Changed> {
    let now = new
        .iter()
        .filter_map(|(key, value)| differing(key, old.get(key), value));
    let gone = old
        .iter()
        .filter(|(key, _)| !new.contains_key(*key) && !is_order(key))
        .map(|(key, value)| Changed {
            key: key.clone(),
            old: Some(value.is.shown.clone()),
            new: None,
            at: value.at.clone(),
            gone: true,
        });
    now.chain(gone).collect()
}

/// A value that is new or another one. An order is compared only if it is one of the same names: a name more or less is
/// a difference of its own.
fn differing(key: &[String], old: Option<&Value>, new: &Value) -> Option<Changed> {
    if is_order(key) && old.is_none_or(|old| sorted_names(old) != sorted_names(new)) {
        return None;
    }
    old.is_none_or(|old| !old.is.is(&new.is)).then(|| Changed {
        key: key.to_vec(),
        old: old.map(|old| old.is.shown.clone()),
        new: Some(new.is.shown.clone()),
        at: new.at.clone(),
        gone: false,
    })
}

fn is_order(key: &[String]) -> bool {
    key.last().is_some_and(|last| last == leaves::ORDER)
}

fn sorted_names(value: &Value) -> Vec<&str> {
    let mut names: Vec<&str> = value.is.shown.split(", ").collect();
    names.sort_unstable();
    names
}
