//! What every type of answers is asked.

use std::fmt::Debug;
use std::time::Duration;

use jiff::civil::Date;

use super::expression::Type;
use super::speech::{Normal, digits};
use super::value::Value;

/// What a caller has said in place of an entry.
#[derive(Clone, Copy, Debug)]
pub struct SpokenEntry<'a> {
    /// As it was heard.
    pub heard: &'a str,
    /// In the form in which words are compared.
    pub words: &'a Normal,
    /// The language, BCP 47.
    pub language: &'a str,
    /// The day on which it was said.
    pub today: Date,
}

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

    /// What an entry means on a day; `None` if it is not legal.
    fn check_on(&self, keys: &str, today: Date) -> Option<Value> {
        let _ = today;
        self.check(keys)
    }

    /// What a caller means who says something in place of an entry; `None` if that is not legal.
    fn said(&self, said: &SpokenEntry<'_>) -> Option<Value> {
        let digits = digits(said.words, said.language)?;
        self.check_on(&digits, said.today)
    }

    /// Whether it is for words, and keys are only the second best.
    fn wants_speech(&self) -> bool {
        false
    }

    /// Whether an entry means something else on another day.
    fn depends_on_day(&self) -> bool {
        false
    }

    /// What is entered for a value, where that is not the value's own digits.
    fn entry_of(&self, value: &Value) -> Option<String> {
        let _ = value;
        None
    }

    /// Whether words mean something else on another day.
    fn said_depends_on_day(&self) -> bool {
        self.depends_on_day()
    }

    /// Whether it says which keys stand for its values, so that an `ask` can put the question.
    fn has_keys(&self) -> bool {
        true
    }

    /// What a menu's key stores that has no `value`: itself, where it is legal.
    fn key_itself(&self, key: &str) -> Option<Value> {
        self.check(key)
    }

    /// Whether a value that does not come from keys can be stored.
    fn accepts(&self, value: &Value) -> bool;

    /// How a value is spoken in a language (BCP 47) where the type says no prompt for it.
    fn speak(&self, value: &Value, language: &str) -> String {
        let _ = language;
        value.to_string()
    }

    /// The stored forms of its values, where they are few.
    fn values(&self) -> Vec<String> {
        Vec::new()
    }

    /// The prompt of Hookswitch's own by which a value is spoken that has none in the flow, if any.
    fn own_prompt(&self, value: &str) -> Option<&'static str> {
        let _ = value;
        None
    }

    /// How many entries it needs and holds, where it is a list.
    fn count(&self) -> Option<(usize, usize)> {
        None
    }

    /// How long a recording may be and how long it is kept, where it is one.
    fn recording(&self) -> Option<RecordingTimes> {
        None
    }

    /// Whether it accepts anything, because nobody has said what it is.
    fn is_open(&self) -> bool {
        false
    }
}

/// The times of a recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordingTimes {
    /// How long it is at most, in seconds.
    pub longest: u32,
    /// How long it is kept.
    pub keep: Duration,
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
