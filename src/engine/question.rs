//! What `menu` and `ask` share: how a question is put, and what silence and wrong entries lead to.

use std::sync::Arc;

use super::edge::{By, Edge};
use super::expression::Reading;
use super::prompt::Prompt;
use super::way::Way;

/// The names of the ways of a caller who is silent, or enters something wrong, at the last attempt.
pub(super) const SILENT: &str = "give_up.silent";
pub(super) const WRONG: &str = "give_up.wrong";

/// A question, without what it is that answers it.
#[derive(Debug)]
pub struct Question {
    pub(super) prompt: Prompt,
    pub(super) attempts: u8,
    pub(super) timeout: u32,
    pub(super) no_input: Vec<Prompt>,
    pub(super) no_match: Vec<Prompt>,
    pub(super) give_up_silent: Option<Arc<Way>>,
    pub(super) give_up_wrong: Option<Arc<Way>>,
    pub(super) reprompt: bool,
    pub(super) barge_in: bool,
}

impl Question {
    /// The ways that it knows itself.
    pub fn edges(&self) -> Vec<Edge> {
        let silent = self.give_up_silent.as_ref();
        let wrong = self.give_up_wrong.as_ref();
        let silent = silent.map(|way| way.edge(SILENT, By::NoInput));
        let wrong = wrong.map(|way| way.edge(WRONG, By::NoMatch));
        silent.into_iter().chain(wrong).collect()
    }

    /// What its words read.
    pub fn readings(&self) -> Vec<Arc<Reading>> {
        self.prompt.readings()
    }

    /// What is read in the words to somebody who missed.
    pub fn miss_readings(&self) -> Vec<Arc<Reading>> {
        self.no_input
            .iter()
            .chain(&self.no_match)
            .flat_map(Prompt::readings)
            .collect()
    }

    /// Times that it is put.
    pub fn attempts(&self) -> u8 {
        self.attempts
    }
}
