//! Answer types: a room each. A type knows its keys, its length, its check, how it is spoken and how it is stored.

mod date;
mod digits;
mod integer;
mod one_of;
mod open;
mod time;
mod yes_no;

use std::fmt::Debug;
use std::ops::Range;
use std::sync::Arc;

use super::diag::nearest;
use super::flow::check::Checker;
use super::flow::written::{Item, Table};
use super::schema::Key;
use super::schema::shared::SENSITIVE;
use super::value::Value;
use crate::written::{Code, Explain, Field};

pub(super) use open::Open;

/// How a type is read: what stands behind its name, nothing in the short form `"time"`, and where the type stands.
pub type Parse = fn(Option<Item<'_>>, Range<usize>, &mut Checker) -> Option<Arc<dyn Answer>>;

/// A type with its papers, for the list.
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
    /// Whether its name alone is a type.
    pub bare: bool,
    /// Reads it.
    pub parse: Parse,
}

/// Every answer type.
pub static KINDS: &[Kind] = &[
    digits::KIND,
    integer::KIND,
    one_of::KIND,
    yes_no::KIND,
    time::KIND,
    date::KIND,
];

/// The keys of a table under `[answers]`, of one type.
pub fn promise(kind: &Kind) -> Vec<Key> {
    vec![kind.key.required(), OPTIONAL.key, SENSITIVE.key]
}

/// The types as keys of a step: one of them, where the flow promises nothing.
pub fn types() -> Vec<Key> {
    KINDS.iter().map(|kind| kind.key).collect()
}

const OPTIONAL: Field<bool> = Field::flag(
    "optional",
    "A full submission may lack this answer.",
    "optional = true",
)
.or("false");

/// Types that the language knows and this version does not have yet.
const LATER: [&str; 5] = ["number", "money", "phone", "card", "text"];

/// A type, with its bounds.
pub trait Answer: Debug + Send + Sync {
    /// What it is, after "`weight` is …".
    fn describe(&self) -> String;

    /// The shortest and the longest legal entry, in keys.
    fn length(&self) -> (u32, u32);

    /// A legal entry, such as a caller could make.
    fn example(&self) -> String;

    /// What an entry means; `None` if it is not legal.
    fn check(&self, keys: &str) -> Option<Value>;

    /// What a menu's key stores that has no `value`: itself, where it is legal.
    fn key_itself(&self, key: &str) -> Option<Value> {
        self.check(key)
    }

    /// Whether a value that does not come from keys can be stored.
    fn accepts(&self, value: &Value) -> bool;

    /// How a value is spoken where no prompt of its own exists.
    fn speak(&self, value: &Value) -> String {
        value.to_string()
    }

    /// The stored forms that may have a prompt of their own, `@<answer>.<value>`; few.
    fn values(&self) -> Vec<String> {
        Vec::new()
    }

    /// Whether it accepts anything, because nobody has said what it is.
    fn is_open(&self) -> bool {
        false
    }
}

/// What stands behind a name under `[answers]`.
pub struct Promise {
    /// Its type.
    pub kind: Arc<dyn Answer>,
    /// Whether a full submission may lack it.
    pub optional: bool,
    /// Whether it is kept from everybody but the backend.
    pub sensitive: bool,
}

/// Reads a promise: `"time"`, or a table with the type as its key.
pub fn parse_promise(item: Item<'_>, check: &mut Checker) -> Option<Promise> {
    if let Some(name) = item.value.as_str() {
        let kind = by_name(name, item.span(), check)?;
        return Some(Promise {
            kind: (kind.parse)(None, item.span(), check)?,
            optional: false,
            sensitive: false,
        });
    }
    let table = item.table(
        check,
        "an answer must be a type such as \"time\", or a table such as { integer = [1, 30] }",
    )?;
    let kind = parse_type(&table, check);
    let strange = |key: &str| ![OPTIONAL.key.name, SENSITIVE.key.name].contains(&key);
    // A key that is no type was meant as one mostly, and is told as unknown.
    if matches!(kind, Some(None)) && !table.names().any(strange) {
        let names: Vec<_> = KINDS.iter().map(|kind| kind.name).collect();
        check
            .fault(
                Code::AnswerTypeMissing,
                item.span(),
                "this answer has no type",
            )
            .help(format!("one of {}", names.join(", ")));
    }
    let optional = OPTIONAL.read(&table, check);
    let sensitive = SENSITIVE.read(&table, check);
    table.finish(check, "this answer");
    Some(Promise {
        kind: kind??,
        optional,
        sensitive,
    })
}

/// Reads a type that stands as a key of a table. `Some(None)`: there is none; `None`: it is faulty.
pub fn parse_type(table: &Table<'_>, check: &mut Checker) -> Option<Option<Arc<dyn Answer>>> {
    let named: Vec<_> = KINDS
        .iter()
        .filter_map(|kind| Some((kind, table.get(kind.name)?)))
        .collect();
    for name in LATER {
        if table.peek(name).is_some()
            && let Some(item) = table.get(name)
        {
            later(name, item.key_span(), check);
            return None;
        }
    }
    match named.as_slice() {
        [] => Some(None),
        [(kind, item)] => (kind.parse)(Some(*item), item.span(), check).map(Some),
        [(first, _), (second, item), ..] => {
            let message = format!(
                "`{}` and `{}`: an answer has one type",
                first.name, second.name
            );
            check
                .fault(Code::AnswerTypeTwice, item.key_span(), message)
                .help("leave one of them out");
            None
        }
    }
}

/// Whether a text names a type, there or to come.
pub fn is_type(name: &str) -> bool {
    LATER.contains(&name) || KINDS.iter().any(|kind| kind.name == name)
}

fn by_name(name: &str, span: Range<usize>, check: &mut Checker) -> Option<&'static Kind> {
    if LATER.contains(&name) {
        later(name, span, check);
        return None;
    }
    let kind = KINDS.iter().find(|kind| kind.name == name);
    if kind.is_none() {
        let names: Vec<_> = KINDS.iter().map(|kind| kind.name).collect();
        let near = nearest(name, names.iter().copied());
        check
            .fault(
                Code::AnswerTypeUnknown,
                span,
                format!("`{name}` is no type of answer"),
            )
            .help(near.map_or_else(
                || format!("one of {}", names.join(", ")),
                |near| format!("did you mean `{near}`?"),
            ));
    }
    kind
}

fn later(name: &str, span: Range<usize>, check: &mut Checker) {
    check
        .fault(
            Code::AnswerTypeNotYet,
            span,
            format!("the type `{name}` is not there yet"),
        )
        .help("take `digits`, and let the backend check it");
}

/// A switch that must be on where it is written: `{ time = true }`.
fn on(item: Option<Item<'_>>, name: &str, check: &mut Checker) -> Option<()> {
    match item {
        None => Some(()),
        Some(item) if is_bare(item) => Some(()),
        Some(item) => {
            item.wrong(check, &format!("`{name}` must be `true`"));
            None
        }
    }
}

/// Whether a type stands in its table without bounds: `{ time = true, optional = true }`.
fn is_bare(item: Item<'_>) -> bool {
    item.value.as_bool() == Some(true)
}

/// Two bounds: `4`, `[1, 4]` or `"1..4"`.
fn bounds(item: Item<'_>, name: &str, check: &mut Checker) -> Option<(i64, i64)> {
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
