//! Two versions that are compared, and what has been found to change between them.

use std::ops::Range;

use super::facts::Version;
use super::steps::Pairs;
use super::{Change, What};
use crate::engine::diag::Place;

/// Where a change comes in the list: the flow itself first, then the steps in the order of the new file.
pub type Rank = usize;

/// Two versions, and the changes found so far.
pub struct Comparison<'a> {
    pub old: &'a Version<'a>,
    pub new: &'a Version<'a>,
    pub pairs: &'a Pairs,
    pub found: Vec<(Rank, Change)>,
}

impl Comparison<'_> {
    /// Notes a change at a place of the flow's own file: the old one if it is `gone`.
    pub fn note(
        &mut self,
        rank: Rank,
        steps: Vec<String>,
        what: What,
        at: &Range<usize>,
        gone: bool,
    ) {
        let version = if gone { self.old } else { self.new };
        let at = Place {
            file: version.loaded.bundle.file.clone(),
            span: at.clone(),
        };
        let change = Change {
            steps,
            what,
            at,
            gone,
        };
        self.found.push((rank, change));
    }
}
