//! A way out of a step: what is set and forgotten on it, and where it leads.

use std::ops::Range;

use super::changes::Changes;
use super::edge::{By, Edge, Target};

/// Changes and a target.
#[derive(Debug)]
pub struct Way {
    pub(super) changes: Changes,
    pub(super) next: Target,
    /// The bytes of the target's name.
    pub(super) at: Range<usize>,
}

impl Way {
    /// Where it leads.
    pub fn target(&self) -> Target {
        self.next
    }

    /// The edge that it is.
    pub fn edge(&self, on: &str, by: By) -> Edge {
        Edge {
            on: on.to_owned(),
            by,
            to: self.next,
            at: self.at.clone(),
            does: self.changes.effect(),
        }
    }
}
