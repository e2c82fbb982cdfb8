//! What an answer or a variable holds.

use std::fmt;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use super::ids::Slot;
use super::recordings::CallerRecording;

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
    /// The entries of a list of answers.
    Entries(#[serde(deserialize_with = "flat")] Vec<ListEntry>),
    /// What the caller has said, at the carrier. Boxed: few answers are one.
    Recording(Box<CallerRecording>),
    /// Several texts, numbers or flags. None of these is a list.
    List(#[serde(deserialize_with = "plain")] Vec<Value>),
}

/// An entry of a list of answers: what was set of the list's names. None of these is a list.
pub type ListEntry = Vec<(Slot, Value)>;

/// A value that is no list.
#[derive(Deserialize)]
enum Flat {
    Text(String),
    Integer(i64),
    Number(f64),
    Boolean(bool),
    /// No list holds a list.
    Entries(Never),
    Recording(Box<CallerRecording>),
    List(Never),
}

/// What cannot be read.
enum Never {}

impl<'de> Deserialize<'de> for Never {
    fn deserialize<D: Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        Err(D::Error::custom("a list holds a list"))
    }
}

/// Reads entries that hold no lists: what is stored may be damaged, and must not nest as deep as it says.
fn flat<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<ListEntry>, D::Error> {
    let entries = Vec::<Vec<(Slot, Flat)>>::deserialize(deserializer)?;
    let value = |(name, value): (Slot, Flat)| (name, value.into());
    let entries = entries.into_iter();
    Ok(entries
        .map(|entry| entry.into_iter().map(value).collect())
        .collect())
}

/// The same for a list of plain values.
fn plain<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Value>, D::Error> {
    let all = Vec::<Flat>::deserialize(deserializer)?;
    Ok(all.into_iter().map(Value::from).collect())
}

impl From<Flat> for Value {
    fn from(flat: Flat) -> Self {
        match flat {
            Flat::Text(text) => Self::Text(text),
            Flat::Integer(number) => Self::Integer(number),
            Flat::Number(number) => Self::Number(number),
            Flat::Boolean(yes) => Self::Boolean(yes),
            Flat::Entries(never) | Flat::List(never) => match never {},
            Flat::Recording(recording) => Self::Recording(recording),
        }
    }
}

impl Value {
    /// Whether a condition holds that is this value alone.
    pub fn is_true(&self) -> bool {
        match self {
            Self::Text(text) => !text.is_empty(),
            Self::Integer(number) => *number != 0,
            Self::Number(number) => *number != 0.0,
            Self::Boolean(yes) => *yes,
            Self::Entries(entries) => !entries.is_empty(),
            Self::Recording(_) => true,
            Self::List(all) => !all.is_empty(),
        }
    }

    /// How many entries of answers it has; none where it is no list of them.
    pub fn entries(&self) -> usize {
        match self {
            Self::Entries(entries) => entries.len(),
            _ => 0,
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
            // How many there are is all that a flow can say of them.
            Self::Entries(entries) => write!(f, "{}", entries.len()),
            Self::Recording(recording) => f.write_str(&recording.sid),
            Self::List(all) => {
                for (at, value) in all.iter().enumerate() {
                    let comma = if at > 0 { ", " } else { "" };
                    write!(f, "{comma}{value}")?;
                }
                Ok(())
            }
        }
    }
}
