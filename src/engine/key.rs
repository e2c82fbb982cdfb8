//! The keys of a menu and of `[anywhere]`.

use super::value::Value;
use super::way::Way;

/// A key, or run of keys, and where it leads.
#[derive(Debug)]
pub struct Key {
    /// The keys, pressed one after another; mostly one.
    pub keys: String,
    /// What is stored instead of the key itself.
    pub value: Option<Value>,
    /// Words that stand for it.
    pub says: Vec<String>,
    /// Where it leads.
    pub way: Way,
}

/// `1-3` is 1, 2 and 3; anything else is itself.
pub fn run(name: &str) -> Vec<String> {
    match name.as_bytes() {
        [low @ b'0'..=b'9', b'-', high @ b'0'..=b'9'] if low <= high => (*low..=*high)
            .map(|key| char::from(key).to_string())
            .collect(),
        _ => vec![name.to_owned()],
    }
}
