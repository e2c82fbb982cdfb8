//! What an expression comes to: borrowed where a name or a text is just read.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;

use crate::engine::value::Value;

/// A value at one moment of a call.
#[derive(Clone, Debug, PartialEq)]
pub enum Computed<'a> {
    /// A text.
    Text(Cow<'a, str>),
    /// A whole number.
    Integer(i64),
    /// Any other number.
    Number(f64),
    /// Yes or no.
    Boolean(bool),
    /// Several values.
    List(Vec<Computed<'a>>),
    /// So many entries of answers, of which nothing else can be told.
    Entries(usize),
    /// Names and texts, which only go on as they are.
    Fields(&'a [(String, String)]),
}

impl<'a> Computed<'a> {
    /// A text that is read somewhere.
    pub fn text(text: &'a str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }

    /// Whether a condition holds that is this value alone.
    pub fn is_true(&self) -> bool {
        match self {
            Self::Text(text) => !text.is_empty(),
            Self::Integer(number) => *number != 0,
            Self::Number(number) => *number != 0.0,
            Self::Boolean(yes) => *yes,
            Self::List(parts) => !parts.is_empty(),
            Self::Entries(count) => *count > 0,
            Self::Fields(fields) => !fields.is_empty(),
        }
    }

    /// As it stands in a text.
    pub fn into_text(self) -> Cow<'a, str> {
        match self {
            Self::Text(text) => text,
            other => Cow::Owned(other.to_string()),
        }
    }

    fn number(&self) -> Option<f64> {
        match self {
            Self::Integer(number) => Some(*number as f64),
            Self::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// How two values compare; `None` where they are unlike.
    pub fn order(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Text(one), Self::Text(other)) => Some(one.cmp(other)),
            (Self::Integer(one), Self::Integer(other)) => Some(one.cmp(other)),
            (Self::Boolean(one), Self::Boolean(other)) => Some(one.cmp(other)),
            (one, other) => one.number()?.partial_cmp(&other.number()?),
        }
    }
}

impl<'a> From<&'a Value> for Computed<'a> {
    fn from(value: &'a Value) -> Self {
        match value {
            Value::Text(text) => Self::text(text),
            Value::Integer(number) => Self::Integer(*number),
            Value::Number(number) => Self::Number(*number),
            Value::Boolean(yes) => Self::Boolean(*yes),
            Value::Entries(entries) => Self::Entries(entries.len()),
            // Nothing can be said of it but that it is there.
            Value::Recording(recording) => Self::text(&recording.sid),
            Value::List(all) => Self::List(all.iter().map(Self::from).collect()),
        }
    }
}

impl From<Computed<'_>> for Value {
    fn from(computed: Computed<'_>) -> Self {
        match computed {
            Computed::Text(text) => Self::Text(text.into_owned()),
            Computed::Integer(number) => Self::Integer(number),
            Computed::Number(number) => Self::Number(number),
            Computed::Boolean(yes) => Self::Boolean(yes),
            other @ (Computed::List(_) | Computed::Entries(_) | Computed::Fields(_)) => {
                Self::Text(other.to_string())
            }
        }
    }
}

impl fmt::Display for Computed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Integer(number) => write!(f, "{number}"),
            Self::Number(number) => write!(f, "{number}"),
            Self::Boolean(yes) => write!(f, "{yes}"),
            Self::Entries(count) => write!(f, "{count}"),
            Self::Fields(fields) => write!(f, "{}", fields.len()),
            Self::List(parts) => {
                for (at, part) in parts.iter().enumerate() {
                    let comma = if at > 0 { ", " } else { "" };
                    write!(f, "{comma}{part}")?;
                }
                Ok(())
            }
        }
    }
}
