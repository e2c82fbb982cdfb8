//! Values of TOML as a person writes them: short tables on one line, texts in the quotes that need the fewest escapes.

use std::fmt::{self, Display, Write as _};

use serde_json::Value as Json;

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A text.
    Text(String),
    /// A whole number.
    Number(i64),
    /// True or false.
    Is(bool),
    /// A list.
    List(Vec<Value>),
    /// A table on one line; a key may be dotted.
    Table(Vec<(String, Value)>),
}

impl Value {
    /// A text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// A value of JSON; what TOML has not is left out.
    pub fn of(json: &Json) -> Self {
        match json {
            Json::Null => Self::text(""),
            Json::Bool(is) => Self::Is(*is),
            Json::Number(number) => Self::Number(number.as_i64().unwrap_or_default()),
            Json::String(text) => Self::text(text.as_str()),
            Json::Array(list) => Self::List(list.iter().map(Self::of).collect()),
            Json::Object(all) => {
                let entry = |(key, value): (&String, &Json)| (key.clone(), Self::of(value));
                Self::Table(all.iter().map(entry).collect())
            }
        }
    }

    /// A list of one is its entry.
    pub fn one_or_list(mut all: Vec<Self>) -> Self {
        if all.len() == 1 {
            all.remove(0)
        } else {
            Self::List(all)
        }
    }
}

impl Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(&quoted(text)),
            Self::Number(number) => write!(f, "{number}"),
            Self::Is(is) => write!(f, "{is}"),
            Self::List(list) => {
                f.write_char('[')?;
                for (at, entry) in list.iter().enumerate() {
                    write!(f, "{}{entry}", if at == 0 { "" } else { ", " })?;
                }
                f.write_char(']')
            }
            Self::Table(table) if table.is_empty() => f.write_str("{}"),
            Self::Table(table) => {
                for (at, (key, value)) in table.iter().enumerate() {
                    let before = if at == 0 { "{ " } else { ", " };
                    write!(f, "{before}{} = {value}", key_of(key))?;
                }
                f.write_str(" }")
            }
        }
    }
}

/// A text in quotes.
fn quoted(text: &str) -> String {
    let is_plain = !text.chars().any(|c| c.is_control() || c == '\\');
    if is_plain && text.contains('"') && !text.contains('\'') {
        return format!("'{text}'");
    }
    let mut quoted = String::from('"');
    for letter in text.chars() {
        match letter {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            '\r' => {}
            letter if letter.is_control() => {
                let _ = write!(quoted, "\\u{:04X}", u32::from(letter));
            }
            letter => quoted.push(letter),
        }
    }
    quoted.push('"');
    quoted
}

/// A key, dotted or not, each part in quotes where it must be.
pub fn key_of(key: &str) -> String {
    let is_bare = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    };
    let parts = key.split('.');
    let parts = parts.map(|part| {
        if is_bare(part) {
            part.to_owned()
        } else {
            quoted(part)
        }
    });
    parts.collect::<Vec<_>>().join(".")
}
