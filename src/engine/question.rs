//! What `menu` and `ask` share: how a question is put, and what silence and wrong entries lead to.

use std::ops::Range;
use std::sync::Arc;

use super::edge::{By, Edge, Effect, Target};
use super::expression::Reading;
use super::prompt::Prompt;

/// The names of the ways of a caller who is silent, or enters something wrong, at the last attempt.
pub(super) const SILENT: &str = "give_up.no_input";
pub(super) const WRONG: &str = "give_up.no_match";

/// A question, without what it is that answers it.
#[derive(Debug)]
pub struct Question {
    pub(super) prompt: Prompt,
    pub(super) attempts: u8,
    pub(super) timeout: u32,
    pub(super) no_input: Vec<Prompt>,
    pub(super) no_match: Vec<Prompt>,
    pub(super) give_up_silent: Option<(Target, Range<usize>)>,
    pub(super) give_up_wrong: Option<(Target, Range<usize>)>,
    pub(super) reprompt: bool,
    pub(super) barge_in: bool,
}

impl Question {
    /// The ways that it knows itself.
    pub fn edges(&self) -> Vec<Edge> {
        let edge = |on: &str, by, way: &Option<(Target, Range<usize>)>| {
            way.clone().map(|(to, at)| Edge {
                on: on.to_owned(),
                by,
                to,
                at,
                does: Effect::default(),
            })
        };
        let silent = edge(SILENT, By::NoInput, &self.give_up_silent);
        silent
            .into_iter()
            .chain(edge(WRONG, By::NoMatch, &self.give_up_wrong))
            .collect()
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
