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
    pub says: Vec<KeyWords>,
    /// Where it leads.
    pub way: Way,
}

/// Words that stand for a key, in the form in which they are compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyWords {
    /// The language of the flow in which they do, by its place; in every one where there is none.
    pub language: Option<u8>,
    /// The words.
    pub words: String,
}

impl Key {
    /// The words that stand for it in a language.
    pub fn words_in(&self, language: u8) -> impl Iterator<Item = &str> {
        let fits = move |words: &&KeyWords| words.language.is_none_or(|own| own == language);
        self.says.iter().filter(fits).map(|words| &*words.words)
    }
}

/// The most keys of a menu.
pub const MAX_KEYS: usize = 1000;

/// `1-3` is 1, 2 and 3, and `10-19` is ten keys of two digits; anything else is itself.
pub fn run(name: &str) -> Vec<String> {
    let is_number = |text: &str| {
        (1..=4).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    let bounds = name
        .split_once('-')
        .filter(|(low, high)| is_number(low) && is_number(high) && low.len() == high.len());
    let numbers = bounds.and_then(|(low, high)| {
        let (from, to): (usize, usize) = (low.parse().ok()?, high.parse().ok()?);
        (from <= to && to - from < MAX_KEYS).then_some((from..=to, low.len()))
    });
    match numbers {
        Some((run, width)) => run.map(|key| format!("{key:0width$}")).collect(),
        None => vec![name.to_owned()],
    }
}

/// Words as they are compared with what was heard.
pub fn spoken(words: &str) -> String {
    words
        .trim()
        .trim_end_matches(['.', '!', '?'])
        .to_lowercase()
}
