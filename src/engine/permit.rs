//! Whether a number may be reached: asked of whoever takes the turn, since it depends on what all calls have reached.
//!
//! A step asks with [`Moment::permit`](super::moment::Moment::permit). Where the answer is not known, the turn is given up
//! and taken again with it: nothing that it did has left the engine. Answers are given in the order in which they are asked
//! for, which is the same each time.

use serde::{Deserialize, Serialize};

use super::ids::StepId;
use crate::policy::{NumberRefusal, Reach};

/// Whether a number may be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Permit {
    /// It may.
    Granted,
    /// It may not.
    Refused(NumberRefusal),
}

/// What a step asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PermitWanted {
    /// The step.
    pub step: StepId,
    /// What is to be done with the number.
    pub reach: Reach,
    /// The number, in E.164.
    pub number: String,
    /// Whether it stands in the flow or is a contact.
    pub is_written: bool,
}

/// The permits of one turn.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Permits {
    /// Those that are known, in the order in which they are asked for.
    given: Vec<Permit>,
    /// How many of them were asked for.
    used: usize,
    /// The first that is not known: the turn counts for nothing.
    wanted: Option<PermitWanted>,
    /// Whether all that are not known are granted.
    is_known: bool,
}

impl Permits {
    /// For a turn that asks for those that are not given.
    pub fn asking(given: &[Permit]) -> Self {
        Self {
            given: given.to_vec(),
            ..Self::default()
        }
    }

    /// For a turn that is only worked out again, of those that it had: it asks for none.
    pub fn kept(given: &[Permit]) -> Option<Box<Self>> {
        (!given.is_empty()).then(|| {
            Box::new(Self {
                is_known: true,
                ..Self::asking(given)
            })
        })
    }

    /// Those that the turn has used.
    pub fn used(&self) -> &[Permit] {
        &self.given[..self.used]
    }

    /// What must be known before the turn can be taken.
    pub fn wanted(&self) -> Option<&PermitWanted> {
        self.wanted.as_ref()
    }

    /// The next one; nothing where it is not known.
    pub(super) fn next(&mut self, wanted: impl FnOnce() -> PermitWanted) -> Option<Permit> {
        if self.wanted.is_some() {
            return None;
        }
        match self.given.get(self.used) {
            Some(permit) => {
                self.used += 1;
                Some(*permit)
            }
            None if self.is_known => Some(Permit::Granted),
            None => {
                self.wanted = Some(wanted());
                None
            }
        }
    }
}
