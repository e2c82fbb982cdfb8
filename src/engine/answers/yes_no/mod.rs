//! `yes_no`: 1 for yes, 2 for no, as VoiceXML's builtin `boolean` grammar has it.

mod keys;

use std::ops::Range;
use std::sync::Arc;

use super::kind::{Kind, is_bare};
use crate::engine::answer::{Answer, SpokenEntry};
use crate::engine::expression::Type;
use crate::engine::own_prompts::{NO, YES};
use crate::engine::speech::digits;
use crate::engine::value::Value;
use crate::written::keys::Key;
use crate::written::{Code, Explain, Faults, Item, Table};

pub(super) const KIND: Kind = Kind {
    name: "yes_no",
    doc: include_str!("README.md"),
    example: include_str!("example.toml"),
    calls: include_str!("calls.toml"),
    key: keys::KEY,
    bare: true,
    is_entered: true,
    is_secret: false,
    beside: &[],
    parse,
    spoken_by,
};

#[derive(Debug)]
struct YesNo;

fn parse(
    item: Option<Item<'_>>,
    _: Range<usize>,
    _: Option<&Table<'_>>,
    check: &mut dyn Faults,
) -> Option<Arc<dyn Answer>> {
    if let Some(table) = item.and_then(|item| item.as_table()) {
        for key in [keys::YES, keys::NO] {
            if table.get(key.name).is_none() {
                let message = format!("`yes_no` has no words for `{}`", key.name);
                check
                    .fault(Code::YesNoHalf, table.span(), message)
                    .help("write both: `{ yes_no = { yes = \"@yes\", no = \"@no\" } }`");
            }
        }
        table.finish(check, "`yes_no`");
    } else if let Some(item) = item.filter(|item| !is_bare(*item)) {
        item.wrong(
            check,
            "`yes_no` must be `true`, or what is said: `{ yes = \"…\", no = \"…\" }`",
        );
        return None;
    }
    Some(Arc::new(YesNo))
}

/// The prompts of yes and of no.
fn spoken_by(item: Item<'_>) -> Vec<(String, Item<'_>)> {
    let table = item.as_table();
    let prompt =
        |key: &Key, value: bool| Some((value.to_string(), table.as_ref()?.peek(key.name)?));
    let both = [prompt(&keys::YES, true), prompt(&keys::NO, false)];
    both.into_iter().flatten().collect()
}

impl Answer for YesNo {
    fn describe(&self) -> String {
        "yes or no".to_owned()
    }

    fn type_of(&self) -> Type {
        Type::BOOLEAN
    }

    fn length(&self) -> (u32, u32) {
        (1, 1)
    }

    fn example(&self) -> String {
        "1".to_owned()
    }

    fn check(&self, keys: &str) -> Option<Value> {
        match keys {
            "1" => Some(Value::Boolean(true)),
            "2" => Some(Value::Boolean(false)),
            _ => None,
        }
    }

    fn said(&self, said: &SpokenEntry<'_>) -> Option<Value> {
        let answer = said.words.answers(said.language).map(Value::Boolean);
        answer.or_else(|| self.check_on(&digits(said.words, said.language)?, said.today))
    }

    fn accepts(&self, value: &Value) -> bool {
        matches!(value, Value::Boolean(_))
    }

    fn speak(&self, value: &Value, _: &str) -> String {
        match value {
            Value::Boolean(true) => "yes".to_owned(),
            Value::Boolean(false) => "no".to_owned(),
            other => other.to_string(),
        }
    }

    fn own_prompt(&self, value: &str) -> Option<&'static str> {
        match value {
            "true" => Some(YES),
            "false" => Some(NO),
            _ => None,
        }
    }

    fn values(&self) -> Vec<String> {
        vec!["true".to_owned(), "false".to_owned()]
    }
}
