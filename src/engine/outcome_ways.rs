//! The ways of a step that waits, by what came of it: `on.<outcome>`, the word of its group, `on.error` for trouble that has
//! no way of its own, and `next` for what the author wishes for.

use super::came::WaitOutcome;
use super::edge::{By, Edge};
use super::way::Way;

/// The word under `on` for all trouble that has no way of its own.
pub const ERROR: &str = "error";

/// What takes trouble that has no way of its own, nor one of its group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rest {
    /// `on.error`.
    Error,
    /// `next`, as what is wished for.
    Next,
}

/// The ways of a step that waits.
#[derive(Debug)]
pub struct OutcomeWays {
    /// How the wait can end.
    pub(super) outcomes: Vec<&'static WaitOutcome>,
    /// What takes the rest of the trouble.
    pub(super) rest: Rest,
    /// The way of each outcome that has one of its own.
    pub(super) own: Vec<(&'static str, Way)>,
    /// That of a group, by its word.
    pub(super) group: Option<(&'static str, Way)>,
    /// That of trouble without one.
    pub(super) error: Option<Way>,
    /// That of what is wished for.
    pub(super) next: Option<Way>,
}

impl OutcomeWays {
    /// The way of an outcome, and its name; `None` where the caller gives up there, or the step knows another.
    pub fn way(&self, outcome: &str) -> Option<(String, &Way)> {
        let own = self.own.iter().find(|(name, _)| *name == outcome);
        if let Some((name, way)) = own {
            return Some((format!("on.{name}"), way));
        }
        let known = self.outcomes.iter().find(|known| known.name == outcome);
        if known.is_some_and(|known| known.elsewhere.is_some()) {
            return None;
        }
        let of_group =
            |(group, _): &&(&str, Way)| known.is_some_and(|known| known.group == Some(*group));
        if let Some((group, way)) = self.group.as_ref().filter(of_group) {
            return Some((format!("on.{group}"), way));
        }
        if known.is_some_and(|known| self.goes_next(known)) {
            return self.next.as_ref().map(|way| ("next".to_owned(), way));
        }
        let error = self.error.as_ref();
        error.map(|way| (format!("on.{ERROR}"), way))
    }

    /// Whether an outcome without another way takes `next`.
    pub(super) fn goes_next(&self, outcome: &WaitOutcome) -> bool {
        outcome.is_good || self.rest == Rest::Next
    }

    /// How the wait can end.
    pub fn outcomes(&self) -> &[&'static WaitOutcome] {
        &self.outcomes
    }

    /// The outcomes that have no way.
    pub fn without(&self) -> Vec<&'static WaitOutcome> {
        let outcomes = self.outcomes.iter().copied();
        outcomes
            .filter(|outcome| outcome.elsewhere.is_none())
            .filter(|outcome| self.way(outcome.name).is_none())
            .collect()
    }

    /// The edges that they are.
    pub fn edges(&self) -> Vec<Edge> {
        let edges = |name: &str, way: &Way| {
            let takes = |outcome: &&WaitOutcome| {
                let taken = self.way(outcome.name);
                taken.is_some_and(|(_, other)| std::ptr::eq(other, way))
            };
            let taken: Vec<_> = self.outcomes.iter().copied().filter(takes).collect();
            way.edges(name, &By::Outcome(taken))
        };
        let own = self.own.iter();
        let own = own.flat_map(|(name, way)| edges(&format!("on.{name}"), way));
        let group = self.group.iter();
        let group = group.flat_map(|(name, way)| edges(&format!("on.{name}"), way));
        let error = self.error.iter().flat_map(|way| edges("on.error", way));
        let next = self.next.iter().flat_map(|way| edges("next", way));
        own.chain(group).chain(error).chain(next).collect()
    }
}
