//! What every type of answers is asked.

use std::fmt::Debug;

use super::expression::Type;
use super::value::Value;

/// A type, with its bounds.
pub trait Answer: Debug + Send + Sync {
    /// What it is, after "`weight` is …".
    fn describe(&self) -> String;

    /// What its values are in an expression.
    fn type_of(&self) -> Type;

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

/// The type of an answer that nobody has described: any text, until a step says more.
#[derive(Debug)]
pub struct Open;

impl Answer for Open {
    fn describe(&self) -> String {
        "anything".to_owned()
    }

    fn type_of(&self) -> Type {
        Type::Open
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
