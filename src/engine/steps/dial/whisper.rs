//! What whoever answers hears before the two are connected, and the keys that take the call or turn it down.

use super::super::super::hunt::LegEvent;
use super::super::super::prompt::Prompt;
use super::super::super::read::{Checker, told_keys};
use super::super::super::turn::{Gather, Screening, Verb};
use super::keys;
use crate::written::{Code, Explain, Item, Table};

/// Seconds that whoever answers has for a key.
pub(super) const DECIDES: u32 = 10;

/// What whoever answers hears, and decides.
#[derive(Debug)]
pub(super) struct Whisper {
    pub words: Prompt,
    /// The key that takes the call; without one it is taken by whoever answers.
    pub accept: Option<char>,
    /// The key that turns it down.
    pub decline: Option<char>,
}

impl Whisper {
    /// Reads `whisper`, `accept` and `decline`; `None` where there are none.
    pub fn parse(table: &Table<'_>, check: &mut Checker) -> Option<Self> {
        let accept = key(keys::ACCEPT.name, table, check);
        let decline = key(keys::DECLINE.name, table, check);
        let item = table.get(keys::WHISPER.name);
        let Some(item) = item else {
            if let Some((name, _, item)) = [&accept, &decline].into_iter().flatten().next() {
                let message = format!("nobody knows of `{name}`: there is no `whisper`");
                let help = format!(
                    "say it to whoever answers: `whisper = \"A call for you. Press {} …\"`",
                    item.value.as_str().unwrap_or_default()
                );
                check
                    .fault(Code::WhisperMissing, item.key_span(), message)
                    .help(help);
            }
            return None;
        };
        if let (Some((_, accept, _)), Some((_, decline, item))) = (&accept, &decline)
            && accept == decline
        {
            check
                .fault(
                    Code::AcceptIsDecline,
                    item.span(),
                    format!("key `{accept}` takes the call and turns it down"),
                )
                .help("give `decline` another key");
        }
        let words = Prompt::parse(item, check);
        let (accept, decline) = (
            accept.map(|(_, key, _)| key),
            decline.map(|(_, key, _)| key),
        );
        let words = words?;
        told_keys::compare_whispered(&words, item, accept.into_iter().chain(decline), check);
        Some(Self {
            words,
            accept,
            decline,
        })
    }

    /// Whether only a key connects the two.
    pub fn demands_key(&self) -> bool {
        self.accept.is_some()
    }

    /// The keys by which whoever answers decides.
    pub fn keys(&self) -> Screening {
        let Self {
            accept, decline, ..
        } = *self;
        Screening { accept, decline }
    }

    /// Seconds that whoever answers has for a key.
    pub fn decides(&self) -> u32 {
        let asks = self.accept.is_some() || self.decline.is_some();
        if asks { DECIDES } else { 0 }
    }

    /// Whether the call can be turned down.
    pub fn can_decline(&self) -> bool {
        self.decline.is_some()
    }

    /// What is heard, as verbs: behind words that ask for a key nothing follows but the end, unless silence takes the call.
    pub fn ask(&self, words: Vec<Verb>) -> Vec<Verb> {
        if self.accept.is_none() && self.decline.is_none() {
            return words;
        }
        let gather = Gather {
            prompts: words,
            timeout: DECIDES,
            num_digits: Some(1),
            finish_on_key: None,
            speech: None,
        };
        let mut verbs = vec![Verb::Gather(gather)];
        verbs.extend(self.demands_key().then_some(Verb::Hangup));
        verbs
    }

    /// What a key means; nothing for one that means nothing.
    pub fn judge(&self, keys: &str) -> Option<LegEvent> {
        let key = keys.chars().next();
        if key.is_some() && key == self.accept {
            return Some(LegEvent::Accepted);
        }
        let declines = key.is_some() && key == self.decline;
        declines.then_some(LegEvent::Declined)
    }
}

/// A key, by its name, with its place.
fn key<'a>(
    name: &'static str,
    table: &Table<'a>,
    check: &mut Checker,
) -> Option<(&'static str, char, Item<'a>)> {
    let item = table.get(name)?;
    let text = item.text(
        check,
        &format!("`{name}` must be a key in quotes, such as \"1\""),
    )?;
    let mut letters = text.chars();
    let only = letters.next().filter(|_| letters.next().is_none());
    let key = only.filter(|key| key.is_ascii_digit() || matches!(key, '*' | '#'));
    if key.is_none() {
        check
            .fault(
                Code::KeysIllegal,
                item.span(),
                format!("`{text}` is not a key of a telephone"),
            )
            .help(format!("write one of 0-9, * and #: `{name} = \"1\"`"));
    }
    Some((name, key?, item))
}
