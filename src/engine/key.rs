//! The keys of a menu and of `[anywhere]`.

use super::speech::{Choice, Normal, Phrase, choose, digits};
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

/// Words that stand for a key in one language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyWords {
    /// The language of the flow, by its place.
    pub language: u8,
    /// The words as the author wrote them.
    pub written: String,
    /// The form in which they are compared.
    pub words: Normal,
}

impl Key {
    /// The words that stand for it in a language.
    pub fn words_in(&self, language: u8) -> impl Iterator<Item = &KeyWords> + Clone {
        self.says
            .iter()
            .filter(move |words| words.language == language)
    }
}

/// How words that are like a key's count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyHearing {
    /// Not at all.
    Never,
    /// Only if they are the key's own.
    Exact,
    /// If they are nearer to the key's own than to any other's.
    Near,
}

/// Which of some keys a caller means who says something in a language, by their places: words that stand for a key, or the
/// number that is on it; `hears` says how each key counts.
pub fn said<'a>(
    keys: &(impl Iterator<Item = &'a Key> + Clone),
    heard: &Normal,
    (language, tag): (u8, &str),
    hears: impl Fn(usize, &Key) -> KeyHearing,
) -> Choice<usize> {
    let hears = &hears;
    let counted = keys.clone().enumerate().filter_map(move |(of, key)| {
        let hearing = hears(of, key);
        (hearing != KeyHearing::Never).then_some((of, key, hearing == KeyHearing::Near))
    });
    let phrases = counted.clone().flat_map(move |(of, key, is_fuzzy)| {
        key.words_in(language).map(move |own| Phrase {
            words: &own.words,
            of,
            is_fuzzy,
        })
    });
    choose(heard, tag, phrases, || {
        let digits = digits(heard, tag)?;
        let mut counted = counted.clone();
        counted.find_map(|(of, key, _)| (key.keys == digits).then_some(of))
    })
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
