//! What `menu` and `ask` share: how a question is put, and what silence and wrong entries lead to.

use std::ops::Range;
use std::sync::Arc;

use super::edge::{By, Edge};
use super::expression::{Expression, Reading, Values};
use super::fault::Fault;
use super::guess::{Certainty, Sure};
use super::prompt::Prompt;
use super::way::Way;

/// The names of the ways of a caller who is silent, or enters something wrong, at the last attempt.
pub(super) const SILENT: &str = "give_up.silent";
pub(super) const WRONG: &str = "give_up.wrong";

/// The name of the way of a caller who is silent, where that counts as no attempt.
pub(super) const AT_ONCE: &str = "silent";

/// How the caller missed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Miss {
    /// Said and pressed nothing.
    NoInput,
    /// Pressed or said something that is no answer.
    NoMatch,
}

/// What refuses an entry that its type allows.
#[derive(Debug)]
pub struct EntryRefusal {
    /// The condition. The answer's name is the new entry in it.
    pub(super) when: Expression,
    /// What is said then, about the new entry.
    pub say: Prompt,
    /// The bytes of the condition.
    pub at: Range<usize>,
}

impl EntryRefusal {
    /// What its condition reads.
    pub fn reading(&self) -> &Arc<Reading> {
        &self.when.reading
    }

    /// Whether it refuses an entry, which its answer's name has in `values`.
    ///
    /// # Errors
    /// When the condition cannot be worked out.
    pub fn refuses(&self, values: &dyn Values) -> Result<bool, Fault> {
        self.when.holds(values)
    }
}

/// A question, without what it is that answers it.
#[derive(Debug)]
pub struct Question {
    pub(super) prompt: Prompt,
    pub(super) attempts: u8,
    pub(super) timeout: u32,
    pub(super) no_input: Vec<Prompt>,
    pub(super) no_match: Vec<Prompt>,
    /// What refuses an entry; the first that holds counts.
    pub(super) refuse: Vec<EntryRefusal>,
    /// Where a silence leads at once.
    pub(super) silent: Option<Way>,
    pub(super) give_up_silent: Option<Arc<Way>>,
    pub(super) give_up_wrong: Option<Arc<Way>>,
    pub(super) reprompt: bool,
    pub(super) barge_in: bool,
    /// Whether words are listened for.
    pub(super) hears: bool,
    /// How sure of them the recogniser must be, where that counts.
    pub(super) sure: Option<Sure>,
}

impl Question {
    /// The ways that it knows itself; those of a caller who is out of attempts as far as such misses count.
    pub fn edges(&self, counts: impl Fn(Miss) -> bool) -> Vec<Edge> {
        let at_once = self.silent.iter();
        let at_once = at_once.flat_map(|way| way.edges(AT_ONCE, &By::Silent));
        let silent = self.give_up_silent.iter();
        let silent = silent.filter(|_| counts(Miss::NoInput));
        let silent = silent.flat_map(|way| way.edges(SILENT, &By::NoInput));
        let wrong = self.give_up_wrong.iter();
        let wrong = wrong.filter(|_| counts(Miss::NoMatch));
        let wrong = wrong.flat_map(|way| way.edges(WRONG, &By::NoMatch));
        at_once.chain(silent).chain(wrong).collect()
    }

    /// What its words read.
    pub fn readings(&self) -> Vec<Arc<Reading>> {
        self.prompt.readings()
    }

    /// What is read in the words to somebody who missed.
    pub fn miss_readings(&self, counts: impl Fn(Miss) -> bool) -> Vec<Arc<Reading>> {
        let misses = [
            (Miss::NoInput, &self.no_input),
            (Miss::NoMatch, &self.no_match),
        ];
        let counted = misses.into_iter().filter(|(miss, _)| counts(*miss));
        counted
            .flat_map(|(_, prompts)| prompts)
            .flat_map(Prompt::readings)
            .collect()
    }

    /// Whether words are listened for.
    pub fn hears(&self) -> bool {
        self.hears
    }

    /// What a recogniser's confidence in percent means here.
    pub fn certainty(&self, percent: Option<u8>) -> Certainty {
        self.sure.map_or(Certainty::Sure, |sure| sure.of(percent))
    }

    /// Seconds of silence until it is over.
    pub fn timeout(&self) -> u32 {
        self.timeout
    }

    /// Times that it is put.
    pub fn attempts(&self) -> u8 {
        self.attempts
    }
}
