//! `yes_no`: 1 for yes, 2 for no, as VoiceXML's builtin `boolean` grammar has it.

mod keys;

use std::ops::Range;
use std::sync::Arc;

use super::kind::{Kind, on};
use crate::engine::answer::Answer;
use crate::engine::expression::Type;
use crate::engine::value::Value;
use crate::written::{Faults, Item};

pub(super) const KIND: Kind = Kind {
    name: "yes_no",
    doc: include_str!("README.md"),
    example: include_str!("example.toml"),
    calls: include_str!("calls.toml"),
    key: keys::KEY,
    bare: true,
    parse,
};

#[derive(Debug)]
struct YesNo;

fn parse(
    item: Option<Item<'_>>,
    _: Range<usize>,
    check: &mut dyn Faults,
) -> Option<Arc<dyn Answer>> {
    on(item, "yes_no", check)?;
    Some(Arc::new(YesNo))
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

    fn accepts(&self, value: &Value) -> bool {
        matches!(value, Value::Boolean(_))
    }

    fn speak(&self, value: &Value) -> String {
        match value {
            Value::Boolean(true) => "yes".to_owned(),
            Value::Boolean(false) => "no".to_owned(),
            other => other.to_string(),
        }
    }

    fn values(&self) -> Vec<String> {
        vec!["true".to_owned(), "false".to_owned()]
    }
}
