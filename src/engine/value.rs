//! What an answer or a variable holds.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A value as it is stored and sent: a number stays a number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Value {
    /// Text, or digits whose leading zeros count.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// Any other number.
    Number(f64),
    /// Yes or no.
    Boolean(bool),
}

impl Value {
    /// Whether a condition holds that is this value alone.
    pub fn is_true(&self) -> bool {
        match self {
            Self::Text(text) => !text.is_empty(),
            Self::Integer(number) => *number != 0,
            Self::Number(number) => *number != 0.0,
            Self::Boolean(yes) => *yes,
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Integer(number) => write!(f, "{number}"),
            Self::Number(number) => write!(f, "{number}"),
            Self::Boolean(yes) => write!(f, "{yes}"),
        }
    }
}
