//! A caller whose keys are given beforehand.

use std::collections::VecDeque;
use std::time::Duration;

use super::act::{Caller, Closing, PhoneAct, Situation, TimedAct};
use super::event::CallEvent;

/// A caller who hears every prompt to its end and then does what was written down for it.
///
/// Each word answers one wait for input, or one recording: keys (`1`, `1230#`), `-` for silence, `hangup`, `say:yes` for
/// words (`say:"yes please"` for several). Where the words run out and input is waited for, the caller hangs up. A
/// `hangup` that comes next while the call is handed on needs no prompt. A Gather that waits for no second takes silence or
/// the key that skips its prompt; any other word is kept for the next one.
#[derive(Clone, Debug, Default)]
pub struct Keys {
    words: VecDeque<Word>,
    pending: VecDeque<char>,
    is_fresh: bool,
    waits: bool,
    /// Whether the call is handed on: a number rings, somebody talks.
    is_away: bool,
}

/// How long somebody lets it ring before hanging up.
const PATIENCE: Duration = Duration::from_secs(2);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Word {
    Keys(String),
    Says(String),
    Silence,
    HangUp,
}

/// A word that is no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidKeys {
    /// It has other characters than a telephone.
    #[error("`{0}` is no answer: keys of 0-9 * # A-D, `-` for silence, `say:words`, or `hangup`")]
    Word(String),
    /// A quote is opened and never closed.
    #[error("a quote is not closed")]
    Quote,
}

impl Keys {
    /// Reads words, divided by white space; quotes hold one together.
    ///
    /// # Errors
    /// A word that is no answer.
    pub fn parse(text: &str) -> Result<Self, InvalidKeys> {
        let words = split(text)?
            .iter()
            .map(|word| Word::parse(word))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            words,
            is_fresh: true,
            ..Self::default()
        })
    }

    /// Really waits while time passes: for a clock that is real.
    pub fn waiting(self) -> Self {
        Self {
            waits: true,
            ..self
        }
    }

    /// The words that were not needed.
    pub fn left(&self) -> usize {
        self.words.len()
    }

    fn answer(&mut self) -> Option<PhoneAct> {
        if self.is_fresh {
            self.pending.clear();
            self.is_fresh = false;
            match self.words.pop_front() {
                None | Some(Word::HangUp) => return Some(PhoneAct::HangUp),
                Some(Word::Says(words)) => return Some(PhoneAct::Say(words.into())),
                Some(Word::Silence) => return None,
                Some(Word::Keys(keys)) => self.pending.extend(keys.chars()),
            }
        }
        self.pending.pop_front().map(PhoneAct::Press)
    }

    /// What is done before a Gather is over that waits for nobody.
    fn close(&mut self, closing: Closing) -> Option<PhoneAct> {
        let word = self.words.pop_front()?;
        match word {
            Word::Silence => None,
            Word::Keys(keys) if closing.is_skipped_by(&keys) => {
                closing.finish_on_key.map(PhoneAct::Press)
            }
            other => {
                self.words.push_front(other);
                None
            }
        }
    }

    /// Hangs up while nobody is there to listen, if that comes next.
    fn leave(&mut self) -> Option<PhoneAct> {
        let leaves = self.is_away && self.words.front() == Some(&Word::HangUp);
        leaves.then_some(PhoneAct::HangUp)
    }
}

impl Caller for Keys {
    fn notice(&mut self, _: Duration, event: &CallEvent) {
        match event {
            CallEvent::Waits { .. } | CallEvent::Entered { .. } | CallEvent::Recorded(_) => {
                self.is_fresh = true;
            }
            CallEvent::Leaves { .. } => self.is_away = true,
            CallEvent::Returns { .. } => self.is_away = false,
            _ => {}
        }
    }

    async fn act(&mut self, moment: &Situation) -> Option<TimedAct> {
        let act = match moment {
            // Whoever waits in a queue answers no question: the words are for those of the flow.
            Situation::Asked { .. } if self.is_away => self.leave(),
            Situation::Asked { .. } => self.answer(),
            Situation::Records { .. } => {
                let act = self.answer();
                // Silence ends a message, so what comes then is new.
                self.is_fresh |= act.is_none();
                act
            }
            Situation::Hears { closing, .. } => closing.and_then(|closing| self.close(closing)),
            Situation::Away { .. } => self.leave(),
        };
        let after = match (moment, &act) {
            (Situation::Away { lasts }, Some(_)) => PATIENCE.min(*lasts / 2),
            (Situation::Hears { lasts, .. }, Some(_)) => *lasts,
            (moment, None) => moment.lasts(),
            (_, Some(_)) => Duration::ZERO,
        };
        if self.waits {
            tokio::time::sleep(after).await;
        }
        act.map(|act| TimedAct { after, act })
    }
}

impl Word {
    fn parse(word: &str) -> Result<Self, InvalidKeys> {
        if let Some(words) = word.strip_prefix("say:") {
            return Ok(Self::Says(words.to_owned()));
        }
        let is_key = |key: char| key.is_ascii_digit() || matches!(key, '*' | '#' | 'A'..='D');
        match word {
            "-" => Ok(Self::Silence),
            "hangup" => Ok(Self::HangUp),
            keys if !keys.is_empty() && keys.chars().all(is_key) => Ok(Self::Keys(keys.to_owned())),
            other => Err(InvalidKeys::Word(other.to_owned())),
        }
    }
}

/// Words between white space, quotes taken off.
fn split(text: &str) -> Result<Vec<String>, InvalidKeys> {
    let mut words = Vec::new();
    let (mut word, mut quote) = (None::<String>, None);
    for letter in text.chars() {
        match (quote, letter) {
            (Some(open), letter) if open == letter => quote = None,
            (None, '"' | '\'') => {
                quote = Some(letter);
                word.get_or_insert_default();
            }
            (None, letter) if letter.is_whitespace() => words.extend(word.take()),
            (_, letter) => word.get_or_insert_default().push(letter),
        }
    }
    words.extend(word);
    if quote.is_some() {
        Err(InvalidKeys::Quote)
    } else {
        Ok(words)
    }
}

#[cfg(test)]
mod tests {
    use super::{InvalidKeys, Keys, Word};

    #[test]
    fn words_are_keys_silence_speech_and_hanging_up() {
        let keys = Keys::parse(" 1 5#  - say:\"yes please\" 'say:no' hangup").unwrap();
        let said = |words: &str| Word::Says(words.to_owned());
        let pressed = |keys: &str| Word::Keys(keys.to_owned());
        let expected = [
            pressed("1"),
            pressed("5#"),
            Word::Silence,
            said("yes please"),
            said("no"),
            Word::HangUp,
        ];
        assert_eq!(Vec::from(keys.words), expected);
    }

    #[test]
    fn what_no_telephone_has_is_refused() {
        assert_eq!(
            Keys::parse("1 x").unwrap_err(),
            InvalidKeys::Word("x".to_owned())
        );
        assert_eq!(
            Keys::parse("1 ''").unwrap_err(),
            InvalidKeys::Word(String::new())
        );
        assert_eq!(Keys::parse("say:\"yes").unwrap_err(), InvalidKeys::Quote);
    }
}
