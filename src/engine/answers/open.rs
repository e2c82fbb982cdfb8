//! The type of an answer that nobody has described: any text, until a step says more.

use super::{Answer, Value};

/// Anything.
#[derive(Debug)]
pub(in crate::engine) struct Open;

impl Answer for Open {
    fn describe(&self) -> String {
        "anything".to_owned()
    }

    fn length(&self) -> (u32, u32) {
        (1, u32::MAX)
    }

    fn example(&self) -> String {
        "1".to_owned()
    }

    fn check(&self, keys: &str) -> Option<Value> {
        Some(Value::Text(keys.to_owned()))
    }

    fn accepts(&self, _: &Value) -> bool {
        true
    }

    fn is_open(&self) -> bool {
        true
    }
}
