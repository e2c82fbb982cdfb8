//! What is taken out of an answer: a name, where it stands, and its type.

use std::borrow::Cow;
use std::sync::Arc;

use serde_json::Value as Json;

use super::super::answer::Answer;
use super::super::answers;
use super::super::came::{OUTCOME, WaitFact};
use super::super::expression::{TextType, Type};
use super::super::read::Checker;
use super::super::value::Value;
use crate::written::keys::{Key, Shape};
use crate::written::number::is_e164;
use crate::written::{Code, Explain, Item, Table, is_name};

/// The most that is taken out of one answer.
const MOST: usize = 50;
/// The most characters of a text that is taken: it is kept with the call.
const LONGEST: usize = 1_000;
/// The most entries of a list that is taken.
const MOST_ENTRIES: usize = 100;
/// The most bytes of a list's texts together: joined, they fit a text.
const LONGEST_LIST: usize = 2_000;
/// The key of a list's type.
const LIST: &str = "list";
/// Telephone numbers that nobody has (Ofcom, 020 7946 0000 to 0999).
const NOBODY: &str = "+442079460000";

const AT: Key = Key::new(
    "at",
    Shape::Form("^(/.*)?$"),
    "Where it stands in the answer: a JSON pointer. Below the whole by its own name where nothing is said.",
    "at = \"/stock/left\"",
);

const DEFAULT: Key = Key::new(
    "default",
    Shape::Either(&[
        Shape::Text,
        Shape::Number,
        Shape::Boolean,
        Shape::List(&Shape::Either(&[
            Shape::Text,
            Shape::Number,
            Shape::Boolean,
        ])),
    ]),
    "What it is where the answer lacks it. Without this the answer is a misfit then.",
    "default = 0",
);

pub(super) const TAKE: Key = Key::new(
    "take",
    Shape::Open,
    "What is taken out of the answer: names, and the type of each, `text`, `phone`, `number`, one of those of answers, or a list \
     such as `{ list = \"text\" }`. Read as `steps.<step>.<name>`.",
    "take.left = { integer = [0, 999], at = \"/stock/left\" }",
);

/// What is taken.
#[derive(Debug)]
pub(super) struct Take {
    /// The fact that it becomes.
    pub name: String,
    /// Where it stands: a JSON pointer (RFC 6901).
    pub at: String,
    pub of: TakeType,
    /// What it is where the answer lacks it.
    pub default: Option<Value>,
}

/// What it may be.
#[derive(Clone, Debug)]
pub(super) enum TakeType {
    /// Any text, or the text of a number.
    Text,
    /// A telephone number.
    Phone,
    /// Any number.
    Number,
    /// A type of answers.
    Answer(Arc<dyn Answer>),
    /// Several of a type, which is no list.
    List(Box<Self>),
}

impl TakeType {
    const OWN: [(&str, Self); 3] = [
        ("text", Self::Text),
        ("phone", Self::Phone),
        ("number", Self::Number),
    ];

    fn own(name: &str) -> Option<Self> {
        let mut all = Self::OWN.into_iter();
        all.find(|(own, _)| *own == name).map(|(_, of)| of)
    }

    /// What its values are in an expression.
    pub fn type_of(&self) -> Type {
        match self {
            Self::Text => Type::TEXT,
            Self::Phone => Type::Text(TextType::Phone),
            Self::Number => Type::Number,
            Self::Answer(kind) => kind.type_of(),
            Self::List(each) => Type::List(Box::new(each.type_of())),
        }
    }

    /// The value of a part of an answer, where it fits. A number fits a text, and a text of digits a number.
    pub fn value(&self, json: &Json) -> Option<Value> {
        let text = match json {
            Json::String(text) => text.clone(),
            Json::Number(number) => number.to_string(),
            Json::Bool(yes) => yes.to_string(),
            Json::Array(all) => return self.list(all),
            Json::Null | Json::Object(_) => return None,
        };
        if text.chars().count() > LONGEST {
            return None;
        }
        let number = json.as_f64().or_else(|| text.parse().ok());
        let number = number.filter(|number| number.is_finite());
        match self {
            Self::Text => Some(Value::Text(text)),
            Self::Phone => is_e164(&text).then_some(Value::Text(text)),
            Self::Number => number.map(Value::Number),
            Self::Answer(kind) => {
                let whole = text.parse::<i64>().ok().or_else(|| whole(number?));
                let yes = json.as_bool().map(Value::Boolean);
                let mut all = [Some(Value::Text(text)), whole.map(Value::Integer), yes].into_iter();
                all.find_map(|value| value.filter(|value| kind.accepts(value)))
            }
            Self::List(_) => None,
        }
    }

    /// The value of a list within an answer, where it is wanted and each entry fits.
    fn list(&self, all: &[Json]) -> Option<Value> {
        let Self::List(each) = self else { return None };
        if all.len() > MOST_ENTRIES {
            return None;
        }
        let values: Vec<Value> = all
            .iter()
            .map(|json| each.value(json))
            .collect::<Option<_>>()?;
        let bytes = values.iter().map(|value| match value {
            Value::Text(text) => text.len(),
            _ => 0,
        });
        (bytes.sum::<usize>() <= LONGEST_LIST).then_some(Value::List(values))
    }

    /// A value that fits.
    pub fn sample(&self) -> Option<Value> {
        match self {
            Self::Text => Some(Value::Text("x".to_owned())),
            Self::Phone => Some(Value::Text(NOBODY.to_owned())),
            Self::Number => Some(Value::Number(1.0)),
            Self::Answer(kind) => kind.check(&kind.example()),
            Self::List(each) => Some(Value::List(vec![each.sample()?])),
        }
    }
}

/// What comes back of what is taken.
pub(super) fn taken(takes: &[Take]) -> impl Iterator<Item = WaitFact> {
    takes.iter().map(|take| WaitFact {
        name: Cow::Owned(take.name.clone()),
        of: take.of.type_of(),
        at: Some(take.at.clone()),
    })
}

/// A number without a fraction as a whole one.
fn whole(number: f64) -> Option<i64> {
    let is_whole = number.fract() == 0.0 && number.abs() < 1e15;
    is_whole.then_some(number as i64)
}

impl Take {
    /// Reads `take`; no name of it is one of the action's own facts.
    pub fn parse_all(table: &Table<'_>, own: &[&str], check: &mut Checker) -> Option<Vec<Self>> {
        let Some(item) = table.get(TAKE.name) else {
            return Some(Vec::new());
        };
        let named = item.table(
            check,
            "`take` must be a table of names, such as `take.left = \"integer\"`",
        )?;
        let all = named.all();
        if all.len() > MOST {
            check
                .fault(
                    Code::TakeUnclear,
                    item.span(),
                    format!("{} values are taken", all.len()),
                )
                .help(format!("at most {MOST}: take what the call needs"));
            return None;
        }
        let read: Vec<_> = all
            .into_iter()
            .map(|(name, item)| Self::parse((name, own), item, check))
            .collect();
        read.into_iter().collect()
    }

    fn parse((name, own): (&str, &[&str]), item: Item<'_>, check: &mut Checker) -> Option<Self> {
        if !is_name(name) || name == OUTCOME || own.contains(&name) {
            let message = format!("`{name}` cannot be the name of what is taken");
            let own = own.join(" or ");
            let help = format!("take a name of a-z, 0-9 and `_` that is not {OUTCOME}, {own}");
            check
                .fault(Code::TakeUnclear, item.key_span(), message)
                .help(help);
            return None;
        }
        let own_place = format!("/{name}");
        if let Some(text) = item.value.as_str() {
            return Some(Self {
                name: name.to_owned(),
                at: own_place,
                of: of_name(text, item, check)?,
                default: None,
            });
        }
        let table = item.table(
            check,
            "what is taken must be a type such as \"text\", or a table such as { integer = [0, 9], at = \"/left\" }",
        )?;
        let at = pointer(&table, check);
        let of = of_table(&table, item, check);
        let default = match (table.get(DEFAULT.name), &of) {
            (Some(item), Some(of)) => Some(default(item, of, check)),
            _ => None,
        };
        table.finish(check, "what is taken");
        Some(Self {
            name: name.to_owned(),
            at: at?.unwrap_or(own_place),
            of: of?,
            default: match default {
                Some(default) => Some(default?),
                None => None,
            },
        })
    }

    /// What is taken out of an answer; nothing where that does not fit.
    pub fn value(&self, answer: Option<&Json>) -> Option<Value> {
        match answer.and_then(|json| json.pointer(&self.at)) {
            None | Some(Json::Null) => self.default.clone(),
            Some(json) => self.of.value(json),
        }
    }
}

/// What it is where the answer lacks it.
fn default(item: Item<'_>, of: &TakeType, check: &mut Checker) -> Option<Value> {
    let value = written(item).and_then(|json| of.value(&json));
    if value.is_none() {
        check
            .fault(Code::TakeUnclear, item.span(), "this is not of the type that is taken")
            .help("write a value that the service could answer, such as `default = 0` beside `integer = true`");
    }
    value
}

/// A value as JSON, where it is no table.
fn written(item: Item<'_>) -> Option<Json> {
    if let Some(entries) = item.entries() {
        return entries.into_iter().map(written).collect();
    }
    if let Some(text) = item.value.as_str() {
        return Some(text.into());
    }
    let whole = item.as_integer().map(Json::from);
    whole
        .or_else(|| item.value.as_bool().map(Json::from))
        .or_else(|| {
            let number = item.value.as_float()?.as_str().replace('_', "");
            number.parse::<f64>().ok().map(Json::from)
        })
}

/// Where it stands, where that is written.
fn pointer(table: &Table<'_>, check: &mut Checker) -> Option<Option<String>> {
    let Some(item) = table.get(AT.name) else {
        return Some(None);
    };
    let text = item.text(
        check,
        "`at` must be a JSON pointer, such as \"/stock/left\"",
    )?;
    let is_pointer = text.is_empty() || text.starts_with('/');
    let is_escaped = text
        .split('~')
        .skip(1)
        .all(|rest| rest.starts_with(['0', '1']));
    if !is_pointer || !is_escaped {
        check
            .fault(
                Code::TakeUnclear,
                item.span(),
                format!("`{text}` is no JSON pointer"),
            )
            .help("write \"/stock/left\" for `left` within `stock`, \"/0\" for the first of a list, \"\" for the whole; `~1` stands for a slash in a name, `~0` for a tilde");
        return None;
    }
    Some(Some(text.to_owned()))
}

/// The type that has a name.
fn of_name(name: &str, item: Item<'_>, check: &mut Checker) -> Option<TakeType> {
    if name == LIST {
        not_listed(item, "a list of what?", check);
        return None;
    }
    match TakeType::own(name) {
        Some(of) => Some(of),
        None => answers::parse_promise(item, check).map(|promise| TakeType::Answer(promise.kind)),
    }
}

/// The list whose entries have a type.
fn of_list(item: Item<'_>, check: &mut Checker) -> Option<TakeType> {
    let each = if let Some(name) = item.value.as_str() {
        of_name(name, item, check)
    } else if let Some(table) = item.as_table() {
        if let Some(inner) = table.get(LIST) {
            not_listed(inner, "a list within a list", check);
            return None;
        }
        let of = of_table(&table, item, check);
        table.finish(check, "what a list holds");
        of
    } else {
        not_listed(item, "this is no type of what a list holds", check);
        None
    };
    each.map(|each| TakeType::List(Box::new(each)))
}

fn not_listed(item: Item<'_>, message: &str, check: &mut Checker) {
    check
        .fault(Code::TakeUnclear, item.span(), message)
        .help("say the type of its entries: `{ list = \"text\" }`, or `{ list = { integer = [0, 9] } }`; they are no lists themselves");
}

/// The type in a table.
fn of_table(table: &Table<'_>, item: Item<'_>, check: &mut Checker) -> Option<TakeType> {
    if let Some(item) = table.get(LIST) {
        return of_list(item, check);
    }
    for (name, of) in TakeType::OWN {
        if let Some(value) = table.get(name) {
            value.boolean(check, &format!("`{name}` must be `true`"))?;
            return Some(of);
        }
    }
    let of = answers::parse_type(table, check)?;
    if of.is_none() {
        check
            .fault(
                Code::AnswerTypeMissing,
                item.span(),
                "what is taken here has no type",
            )
            .help("add its type: `text = true`, `integer = [0, 9]`, `time = true`, …");
    }
    of.map(TakeType::Answer)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::TakeType;
    use crate::engine::value::Value;

    #[test]
    fn scalars_fit_a_text_and_digits_a_number() {
        let text = |json: Json| TakeType::Text.value(&json).map(|value| value.to_string());
        assert_eq!(text(json!("a")).as_deref(), Some("a"));
        assert_eq!(text(json!(3)).as_deref(), Some("3"));
        assert_eq!(text(json!(true)).as_deref(), Some("true"));
        for json in [json!(null), json!([]), json!({}), json!("x".repeat(1_001))] {
            assert_eq!(text(json), None);
        }
        assert_eq!(
            TakeType::Number.value(&json!("1.5")),
            Some(Value::Number(1.5))
        );
        assert_eq!(TakeType::Number.value(&json!("NaN")), None);
        assert_eq!(TakeType::Number.value(&json!("inf")), None);
        assert_eq!(TakeType::Phone.value(&json!("0123")), None);
        assert!(TakeType::Phone.value(&json!("+442079460000")).is_some());
    }

    #[test]
    fn a_list_is_taken_whole_within_its_bounds_or_not_at_all() {
        let texts = TakeType::List(Box::new(TakeType::Text));
        let text = |text: &str| Value::Text(text.to_owned());
        let taken = texts.value(&json!(["a", 3]));
        assert_eq!(taken, Some(Value::List(vec![text("a"), text("3")])));
        assert_eq!(texts.value(&json!([])), Some(Value::List(Vec::new())));
        assert!(texts.value(&json!(vec!["a"; 100])).is_some());
        for json in [
            json!("a"),
            json!([null]),
            json!([["a"]]),
            json!(vec!["a"; 101]),
            json!(vec!["x".repeat(999); 3]),
        ] {
            assert_eq!(texts.value(&json), None, "{json}");
        }
        assert_eq!(TakeType::Text.value(&json!(["a"])), None);
        let numbers = TakeType::List(Box::new(TakeType::Number));
        assert_eq!(numbers.value(&json!([1, "x"])), None);
    }
}
