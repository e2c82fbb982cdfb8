//! `time`: a time of day, asked as hhmm over 24 hours, as VoiceXML's builtin `time` grammar has it.

mod keys;

use std::ops::Range;
use std::sync::Arc;

use super::kind::{Kind, on};
use crate::engine::answer::Answer;
use crate::engine::expression::{TextType, Type};
use crate::engine::value::Value;
use crate::written::{Faults, Item};

pub(super) const KIND: Kind = Kind {
    name: "time",
    doc: include_str!("README.md"),
    example: include_str!("example.toml"),
    calls: include_str!("calls.toml"),
    key: keys::KEY,
    bare: true,
    parse,
};

#[derive(Debug)]
struct Time;

fn parse(
    item: Option<Item<'_>>,
    _: Range<usize>,
    check: &mut dyn Faults,
) -> Option<Arc<dyn Answer>> {
    on(item, "time", check)?;
    Some(Arc::new(Time))
}

impl Answer for Time {
    fn describe(&self) -> String {
        "a time of day such as \"12:30\"".to_owned()
    }

    fn type_of(&self) -> Type {
        Type::Text(TextType::Time)
    }

    fn length(&self) -> (u32, u32) {
        (4, 4)
    }

    fn example(&self) -> String {
        "1230".to_owned()
    }

    fn check(&self, keys: &str) -> Option<Value> {
        if keys.len() != 4 || !keys.bytes().all(|key| key.is_ascii_digit()) {
            return None;
        }
        let (hour, minute) = (&keys[..2], &keys[2..]);
        (hour < "24" && minute < "60").then(|| Value::Text(format!("{hour}:{minute}")))
    }

    fn accepts(&self, value: &Value) -> bool {
        let Value::Text(text) = value else {
            return false;
        };
        text.split_once(':').is_some_and(|(hour, minute)| {
            hour.len() == 2 && minute.len() == 2 && self.check(&format!("{hour}{minute}")).is_some()
        })
    }
}
