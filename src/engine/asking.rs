//! How a question is put at one moment of a call, and what happens when the caller misses.

use std::sync::Arc;

use super::call::Misses;
use super::fault::Fault;
use super::guess::Guessed;
use super::ids::Slot;
use super::moment::{Moment, Then};
pub use super::question::Miss;
use super::question::{AT_ONCE, Question, SILENT, WRONG};
use super::render::{GuessedWords, render_guess};
use super::turn::{Gather, Speech, Verb};
use super::value::Value;
use crate::written::recognisers::heard_as;

/// What is said, and whether a key may cut it short.
type Spoken = Vec<(Verb, bool)>;

/// What is listened for.
#[derive(Clone, Debug)]
pub struct Listen {
    /// Ends by itself after so many keys.
    pub num_digits: Option<u32>,
    /// The key that ends an entry.
    pub finish_on_key: Option<char>,
    /// The words that are expected, where words are listened for.
    pub hints: Option<Vec<String>>,
}

impl Moment<'_> {
    /// Puts the question.
    ///
    /// # Errors
    /// When a text cannot be worked out.
    pub fn put(&mut self, question: &Question, listen: &Listen) -> Result<Then, Fault> {
        self.say(&question.prompt, question.barge_in)?;
        Ok(self.listen(question, listen))
    }

    /// Stores an entry that its type allows, unless the question refuses it: then the caller has missed, and this is
    /// what happens next.
    ///
    /// # Errors
    /// As [`Self::put`], or when a condition cannot be worked out.
    pub fn accept(
        &mut self,
        question: &Question,
        (slot, value): (Slot, Value),
        listen: &Listen,
    ) -> Result<Option<Then>, Fault> {
        if question.refuse.is_empty() {
            self.call.put(slot, Some(value));
            return Ok(None);
        }
        let before = self.call.replace(slot, Some(value));
        let refused = self.refused(question);
        let value = self.call.replace(slot, before);
        let Some((place, words)) = refused? else {
            self.call.put(slot, value);
            return Ok(None);
        };
        self.refused = u16::try_from(place).ok();
        self.missed(question, Miss::NoMatch, Some(words), listen)
            .map(Some)
    }

    /// Which condition refuses the entry that is stored at the moment, and what is said of it.
    fn refused(&mut self, question: &Question) -> Result<Option<(usize, Spoken)>, Fault> {
        for (place, refusal) in question.refuse.iter().enumerate() {
            if !refusal.refuses(&self.scope())? {
                continue;
            }
            let Misses { no_input, no_match } = self.call.misses;
            let is_last = no_input.saturating_add(no_match).saturating_add(1) >= question.attempts;
            let said = self.spoken.len();
            if !is_last {
                self.say(&refusal.say, question.barge_in)?;
            }
            return Ok(Some((place, self.spoken.split_off(said))));
        }
        Ok(None)
    }

    /// The caller missed: takes the way of a silence where there is one; else says so and puts the question again, or
    /// gives up.
    ///
    /// # Errors
    /// As [`Self::put`].
    pub fn miss(
        &mut self,
        question: &Question,
        miss: Miss,
        listen: &Listen,
    ) -> Result<Then, Fault> {
        if let (Miss::NoInput, Some(way)) = (miss, &question.silent) {
            return self.take(AT_ONCE, way);
        }
        self.missed(question, miss, None, listen)
    }

    /// Counts a miss. `words`, where they are given, stand in place of those of the question.
    fn missed(
        &mut self,
        question: &Question,
        miss: Miss,
        words: Option<Spoken>,
        listen: &Listen,
    ) -> Result<Then, Fault> {
        let Misses { no_input, no_match } = &mut self.call.misses;
        let (count, said, on, way) = match miss {
            Miss::NoInput => (
                no_input,
                &question.no_input,
                SILENT,
                &question.give_up_silent,
            ),
            Miss::NoMatch => (no_match, &question.no_match, WRONG, &question.give_up_wrong),
        };
        *count = count.saturating_add(1);
        let nth = usize::from(*count) - 1;
        let Misses { no_input, no_match } = self.call.misses;
        if no_input.saturating_add(no_match) >= question.attempts {
            self.call.gave_up = true;
            return match way {
                Some(way) => self.take(on, way),
                None => Ok(Then::GiveUp),
            };
        }
        let own = said.get(nth).or(said.last());
        let is_told = words.is_some() || own.is_some();
        match (words, own) {
            (Some(words), _) => self.spoken.extend(words),
            (None, Some(own)) => self.say(own, question.barge_in)?,
            (None, None) => {}
        }
        if question.reprompt || !is_told {
            return self.put(question, listen);
        }
        Ok(self.listen(question, listen))
    }

    /// Asks whether the first of what a caller has perhaps said was meant, and listens for yes.
    ///
    /// # Errors
    /// When the words of a value cannot be worked out.
    pub fn ask_about(
        &mut self,
        question: &Question,
        open: Vec<Guessed>,
        (guessed, key): (GuessedWords<'_>, &str),
        listen: &Listen,
    ) -> Result<Then, Fault> {
        let Some(words) = &self.flow.guess_words else {
            return self.miss(question, Miss::NoMatch, listen);
        };
        let verbs = render_guess(words, guessed, key, self.scope())?;
        let verbs = verbs.into_iter().map(|verb| (verb, question.barge_in));
        self.spoken.extend(verbs);
        self.call.guess(open);
        Ok(self.listen(question, listen))
    }

    fn listen(&self, question: &Question, listen: &Listen) -> Then {
        let language = &self.flow.language(self.call.language).tag;
        let heard = || heard_as(language).map_or_else(|| Arc::clone(language), Arc::from);
        Then::Ask(Gather {
            prompts: Vec::new(),
            timeout: question.timeout,
            num_digits: listen.num_digits,
            finish_on_key: listen.finish_on_key,
            speech: listen.hints.clone().map(|hints| Speech {
                hints,
                language: heard(),
            }),
        })
    }
}
