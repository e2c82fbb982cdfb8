//! What takes a way, for people: keys as keys, everything else in words.

use std::fmt;

use super::flow_source::shorten;

/// The longest words of a line, in characters.
const MAX_WORDS: usize = 32;
/// The most lines of a label.
const MAX_LINES: usize = 5;

/// What ends the name of a way that is taken where a list can take no more.
const FULL: &str = ".full";

/// A line of a way's label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabelLine {
    /// The keys, as `1` or `2–5`; empty where none is pressed.
    pub keys: String,
    /// What they mean, or what else takes the way; may be empty beside keys.
    pub words: String,
}

impl fmt::Display for LabelLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if self.keys.chars().count() > 1 && self.keys.contains([',', '–']) {
            "keys"
        } else {
            "key"
        };
        match (self.keys.is_empty(), self.words.is_empty()) {
            (true, _) => f.write_str(&self.words),
            (false, true) => write!(f, "{kind} {}", self.keys),
            (false, false) => write!(f, "{kind} {}: {}", self.keys, self.words),
        }
    }
}

/// The lines of a way: what takes it, each with what its author says about it. `rest` is what is said
/// of `next`: nothing where the step has no other way of its own.
pub fn lines(on: &[(String, Option<String>)], rest: &str) -> Vec<LabelLine> {
    let mut lines: Vec<(Vec<String>, String)> = Vec::new();
    let gives_up = on
        .iter()
        .filter(|(on, _)| on.starts_with("give_up."))
        .count()
        == 2;
    for (on, means) in on {
        let means = means
            .as_deref()
            .map(|means| shorten(means, MAX_WORDS))
            .unwrap_or_default();
        let key = on
            .strip_prefix("keys.")
            .filter(|key| !key.starts_with("any"));
        let (key, words) = match key {
            Some(key) if let Some(key) = key.strip_suffix(FULL) => {
                (Some(key.to_owned()), words(FULL, gives_up, rest))
            }
            Some(key) => (Some(key.to_owned()), means),
            None if means.is_empty() => (None, words(on, gives_up, rest)),
            None => (None, means),
        };
        match lines
            .iter_mut()
            .find(|(keys, other)| *other == words && keys.is_empty() == key.is_none())
        {
            Some((keys, _)) => keys.extend(key),
            None => lines.push((key.into_iter().collect(), words)),
        }
    }
    let mut lines: Vec<LabelLine> = lines
        .into_iter()
        .map(|(keys, words)| LabelLine {
            keys: runs(keys),
            words,
        })
        .collect();
    lines.retain(|line| !(line.keys.is_empty() && line.words.is_empty()));
    if lines.len() > MAX_LINES {
        let more = lines.len() + 1 - MAX_LINES;
        lines.truncate(MAX_LINES - 1);
        lines.push(LabelLine {
            keys: String::new(),
            words: format!("and {more} more"),
        });
    }
    lines
}

fn words(on: &str, gives_up: bool, rest: &str) -> String {
    match on {
        _ if on.ends_with(FULL) => "list full".to_owned(),
        "next" => rest.to_owned(),
        "keys.any" => "any other key".to_owned(),
        "give_up.silent" | "give_up.wrong" if gives_up => "out of attempts".to_owned(),
        "give_up.silent" => "out of attempts, silent".to_owned(),
        "give_up.wrong" => "out of attempts, wrong".to_owned(),
        _ => on.rsplit('.').next().unwrap_or(on).replace('_', " "),
    }
}

/// `1`, `2` and `3` are `1–3`; keys that make no run stand beside each other.
pub fn runs(mut keys: Vec<String>) -> String {
    keys.sort_by_key(|key| (key.starts_with('0') && key.len() == 1, key.clone()));
    let mut runs: Vec<(String, String)> = Vec::new();
    for key in keys {
        match runs.last_mut() {
            Some((_, last)) if follows(last, &key) => *last = key,
            _ => runs.push((key.clone(), key)),
        }
    }
    let written = runs.into_iter().map(|(first, last)| {
        if first == last {
            first
        } else if follows(&first, &last) {
            format!("{first}, {last}")
        } else {
            format!("{first}–{last}")
        }
    });
    written.collect::<Vec<_>>().join(", ")
}

fn follows(one: &str, other: &str) -> bool {
    let digit = |key: &str| key.parse::<u8>().ok().filter(|_| key.len() == 1);
    digit(one)
        .zip(digit(other))
        .is_some_and(|(one, other)| one + 1 == other)
}
