//! What the list of types says about each, and what several of them read alike.

use std::ops::Range;
use std::sync::Arc;

use super::super::answer::Answer;
use crate::written::keys::Key;
use crate::written::{Code, Explain, Faults, Item, Table};

/// How a type is read: what stands behind its name, nothing in the short form `"time"`; where the type stands; and the
/// promise that it stands in, for what is said beside it.
pub type Parse = fn(
    Option<Item<'_>>,
    Range<usize>,
    Option<&Table<'_>>,
    &mut dyn Faults,
) -> Option<Arc<dyn Answer>>;

/// The prompts by which a type says that its values are spoken, by the stored form of each.
pub type SpokenBy = for<'a> fn(Item<'a>) -> Vec<(String, Item<'a>)>;

/// A type of answers: its name, its documents and how it is read.
#[derive(Debug)]
pub struct Kind {
    /// Its name in a flow.
    pub name: &'static str,
    /// What it is, for the author.
    pub doc: &'static str,
    /// A flow that shows it, and loads.
    pub example: &'static str,
    /// Scripted calls on that flow.
    pub calls: &'static str,
    /// How it is written as a key.
    pub key: Key,
    /// What may be said beside it in a promise.
    pub beside: &'static [Key],
    /// Whether its name alone is a type.
    pub bare: bool,
    /// Whether a caller can enter it, so that a step can have it as its own type.
    pub is_entered: bool,
    /// Whether its answers must be sensitive.
    pub is_secret: bool,
    /// Reads it.
    pub parse: Parse,
    /// How its values are spoken.
    pub spoken_by: SpokenBy,
}

/// For types whose values are spoken in one way.
pub(super) fn by_itself(_: Item<'_>) -> Vec<(String, Item<'_>)> {
    Vec::new()
}

/// What a word behind a type's name means.
pub(super) fn word<T: Copy>(
    item: Item<'_>,
    name: &str,
    known: &[(&str, T)],
    check: &mut dyn Faults,
) -> Option<T> {
    let text = item.value.as_str();
    let found = known.iter().find(|(word, _)| Some(*word) == text);
    if found.is_none() {
        let all: Vec<String> = known
            .iter()
            .map(|(word, _)| format!("\"{word}\""))
            .collect();
        item.wrong(
            check,
            &format!("`{name}` must be `true`, or one of {}", all.join(", ")),
        );
    }
    found.map(|(_, meant)| *meant)
}

/// Whether a type stands in its table without bounds: `{ time = true, optional = true }`.
pub(super) fn is_bare(item: Item<'_>) -> bool {
    item.value.as_bool() == Some(true)
}

/// Two bounds: `4`, `[1, 4]` or `"1..4"`.
pub(super) fn bounds(item: Item<'_>, name: &str, check: &mut dyn Faults) -> Option<(i64, i64)> {
    let both = match (item.as_integer(), item.value.as_str(), item.entries()) {
        (Some(number), _, _) => Some((number, number)),
        (_, Some(text), _) => text.split_once("..").and_then(|(low, high)| {
            let high = high.strip_prefix('=').unwrap_or(high);
            Some((low.trim().parse().ok()?, high.trim().parse().ok()?))
        }),
        (_, _, Some(entries)) => match entries.as_slice() {
            [low, high] => low.as_integer().zip(high.as_integer()),
            _ => None,
        },
        _ => None,
    };
    let sound = both.filter(|(low, high)| 0 <= *low && low <= high);
    if sound.is_none() {
        check
            .fault(
                Code::BoundsWrong,
                item.span(),
                format!("these are not bounds of `{name}`"),
            )
            .help(match name {
                "digits" => {
                    "write `digits = 4`, `digits = [1, 4]` or `digits = \"1..4\"`, at most 64"
                        .to_owned()
                }
                _ => format!("write `{name} = [1, 30]`: whole numbers from 0, the lower one first"),
            });
    }
    sound
}
