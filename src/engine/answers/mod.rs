//! The types of answers, a folder each: keys, length, check, how a value is spoken and how it is stored.

mod card;
pub(super) mod check_digit;
mod date;
mod decimal;
mod digits;
mod integer;
mod kind;
mod list;
mod money;
mod number;
mod one_of;
mod phone;
mod recording;
mod spelled;
mod text;
mod time;
mod yes_no;

use std::ops::Range;
use std::sync::Arc;

use super::answer::Answer;
use super::keys::shared::SENSITIVE;
use super::keys::top::FIELD_AT;
use crate::written::diag::nearest;
use crate::written::keys::Key;
use crate::written::{Code, Explain, Faults, Field, Item, Table};
pub use digits::digits_of_length;
pub use kind::Kind;

/// Every answer type.
pub static KINDS: &[Kind] = &[
    digits::KIND,
    integer::KIND,
    number::KIND,
    money::KIND,
    phone::KIND,
    card::KIND,
    one_of::KIND,
    yes_no::KIND,
    time::KIND,
    date::KIND,
    text::KIND,
    spelled::KIND,
    list::KIND,
    recording::KIND,
];

/// The keys of a table under `[answers]`, of one type.
pub fn promise(kind: &Kind) -> Vec<Key> {
    let beside = kind.beside.iter().copied();
    let all = [kind.key.required()].into_iter().chain(beside);
    all.chain([OPTIONAL.key, SENSITIVE.key]).collect()
}

/// The keys of a table under `[call]`, of one type.
pub fn field(kind: &Kind) -> Vec<Key> {
    vec![FIELD_AT.required(), kind.key.required(), SENSITIVE.key]
}

/// The types as keys of a step: one of them, where the flow promises nothing.
pub fn types() -> Vec<Key> {
    let entered = KINDS.iter().filter(|kind| kind.is_entered);
    entered.map(|kind| kind.key).collect()
}

pub const OPTIONAL: Field<bool> = Field::flag(
    "optional",
    "A full submission may lack this answer.",
    "optional = true",
)
.or("false");

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
pub fn parse_promise(item: Item<'_>, check: &mut dyn Faults) -> Option<Promise> {
    if let Some(name) = item.value.as_str() {
        let kind = by_name(name, item.span(), check)?;
        if kind.is_secret {
            not_sensitive(kind, item.span(), check);
        }
        return Some(Promise {
            kind: (kind.parse)(None, item.span(), None, check)?,
            optional: false,
            sensitive: false,
        });
    }
    let table = item.table(
        check,
        "an answer must be a type such as \"time\", or a table such as { integer = [1, 30] }",
    )?;
    let kind = typed(&table, Some(&table), check);
    let strange = |key: &str| ![OPTIONAL.key.name, SENSITIVE.key.name].contains(&key);
    // A key that is no type was mostly meant as one, and is reported as unknown.
    if matches!(kind, Some(None)) && !table.names().any(strange) {
        let names: Vec<_> = KINDS.iter().map(|kind| kind.name).collect();
        check
            .fault(
                Code::AnswerTypeMissing,
                item.span(),
                "this answer has no type".to_owned(),
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
pub fn parse_type(table: &Table<'_>, check: &mut dyn Faults) -> Option<Option<Arc<dyn Answer>>> {
    typed(table, None, check)
}

/// The prompts by which the type in a table says that its values are spoken, by the stored form of each.
pub fn spoken_by<'a>(table: &Table<'a>) -> Vec<(String, Item<'a>)> {
    let mut types = KINDS.iter();
    let written = types.find_map(|kind| Some((kind, table.peek(kind.name)?)));
    written
        .map(|(kind, item)| (kind.spoken_by)(item))
        .unwrap_or_default()
}

fn typed(
    table: &Table<'_>,
    promise: Option<&Table<'_>>,
    check: &mut dyn Faults,
) -> Option<Option<Arc<dyn Answer>>> {
    let kinds = KINDS.iter();
    let named: Vec<_> = kinds
        .filter(|kind| promise.is_some() || kind.is_entered)
        .filter_map(|kind| Some((kind, table.get(kind.name)?)))
        .collect();
    match named.as_slice() {
        [] => Some(None),
        [(kind, item)] => {
            let is_sensitive = |item: Item<'_>| item.value.as_bool() == Some(true);
            if kind.is_secret && !table.peek(SENSITIVE.key.name).is_some_and(is_sensitive) {
                not_sensitive(kind, item.key_span(), check);
            }
            (kind.parse)(Some(*item), item.span(), promise, check).map(Some)
        }
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

/// Whether a text names a type.
pub fn is_type(name: &str) -> bool {
    KINDS.iter().any(|kind| kind.name == name)
}

fn by_name(name: &str, span: Range<usize>, check: &mut dyn Faults) -> Option<&'static Kind> {
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

/// Tells an answer that would be logged, kept in the clear and shown.
fn not_sensitive(kind: &Kind, span: Range<usize>, check: &mut dyn Faults) {
    let name = kind.name;
    check
        .fault(
            Code::AnswerNotSensitive,
            span,
            format!("a `{name}` that is not sensitive would be logged and kept in the clear"),
        )
        .help(format!("write `{{ {name} = true, sensitive = true }}`"));
}
