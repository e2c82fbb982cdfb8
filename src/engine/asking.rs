//! How a question is put at one moment of a call, and what happens when the caller misses.

use super::call::Misses;
use super::fault::Fault;
use super::moment::{Moment, Then};
pub use super::question::Miss;
use super::question::{AT_ONCE, Question, SILENT, WRONG};
use super::turn::{Gather, Speech};

/// What is listened for.
#[derive(Clone, Debug)]
pub struct Listen {
    /// Ends by itself after so many keys.
    pub num_digits: Option<u32>,
    /// The key that ends an entry.
    pub finish_on_key: Option<char>,
    /// Words, where they are listened for.
    pub hints: Vec<String>,
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
        let words = said.get(nth).or(said.last());
        if let Some(words) = words {
            self.say(words, question.barge_in)?;
        }
        if question.reprompt || words.is_none() {
            return self.put(question, listen);
        }
        Ok(self.listen(question, listen))
    }

    fn listen(&self, question: &Question, listen: &Listen) -> Then {
        let language = &self.flow.language(self.call.language).tag;
        Then::Ask(Gather {
            prompts: Vec::new(),
            timeout: question.timeout,
            num_digits: listen.num_digits,
            finish_on_key: listen.finish_on_key,
            speech: (!listen.hints.is_empty()).then(|| Speech {
                hints: listen.hints.clone(),
                language: language.clone(),
            }),
        })
    }
}
