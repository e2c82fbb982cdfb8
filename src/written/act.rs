//! What a caller does when asked, as test calls write it.

use serde::{Deserialize, Serialize};

/// Words that a caller says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Utterance {
    /// The words.
    pub words: String,
    /// How sure of them the recogniser is, in percent, where that is said.
    pub percent: Option<u8>,
}

impl From<String> for Utterance {
    fn from(words: String) -> Self {
        Self {
            words,
            percent: None,
        }
    }
}

impl From<&str> for Utterance {
    fn from(words: &str) -> Self {
        words.to_owned().into()
    }
}

/// What a caller does when asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CallerAct {
    /// Presses keys, one after another; the one that ends the entry is among them where it is needed.
    Press(String),
    /// Says something.
    Says(Utterance),
    /// Nothing, until the time is over.
    Silent,
}
