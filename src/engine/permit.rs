//! Whether a number may be reached, and what comes of a code: asked of whoever takes the turn, since it depends on what all
//! calls have done.
//!
//! A step asks with [`Moment::permit`](super::moment::Moment::permit) or [`Moment::code`](super::moment::Moment::code). Where the answer is not known, the turn is given up
//! and taken again with it: nothing that it did has left the engine. Answers are given in the order in which they are asked
//! for, which is the same each time.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::ids::StepId;
use crate::policy::{NumberRefusal, Reach};
use crate::verify::CodeAnswer;

/// Whether a number may be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Permit {
    /// It may.
    Granted,
    /// It may not.
    Refused(NumberRefusal),
    /// This came of a code.
    Code(CodeAnswer),
}

/// What a step asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TurnWants {
    /// Whether a number may be reached.
    Number(PermitWanted),
    /// A code is to be sent, or was entered.
    Code(CodeWanted),
}

/// What a step asks for of a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeWanted {
    /// The step.
    pub step: StepId,
    /// What.
    pub act: CodeAct,
}

/// What is to be done with a code.
#[derive(Clone, PartialEq, Eq)]
pub enum CodeAct {
    /// One of so many digits is to be sent to a number.
    Send {
        /// The number, in E.164.
        number: String,
        /// How many digits.
        digits: u32,
    },
    /// This was entered: it is compared with the code that was sent last in the proof that is under way.
    Check {
        /// The digits.
        entered: String,
    },
}

impl fmt::Debug for CodeAct {
    /// Without the digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Send { .. } => "Send",
            Self::Check { .. } => "Check",
        })
    }
}

impl CodeAct {
    /// What comes of it where nobody counts and nobody is sent anything: a code is all zeros then.
    pub fn unasked(&self) -> CodeAnswer {
        match self {
            Self::Send { .. } => CodeAnswer::Sent,
            Self::Check { entered } if entered.bytes().all(|digit| digit == b'0') => {
                CodeAnswer::Right
            }
            Self::Check { .. } => CodeAnswer::Wrong,
        }
    }
}

/// What a step asks for of a number.
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
    wanted: Option<TurnWants>,
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
    pub fn wanted(&self) -> Option<&TurnWants> {
        self.wanted.as_ref()
    }

    /// The next one; nothing where it is not known.
    pub(super) fn next(&mut self, wanted: impl FnOnce() -> TurnWants) -> Option<Permit> {
        if self.wanted.is_some() {
            return None;
        }
        match self.given.get(self.used) {
            Some(permit) => {
                self.used += 1;
                Some(*permit)
            }
            None => match wanted() {
                TurnWants::Code(code) if self.is_known => Some(Permit::Code(code.act.unasked())),
                TurnWants::Number(_) if self.is_known => Some(Permit::Granted),
                wanted => {
                    self.wanted = Some(wanted);
                    None
                }
            },
        }
    }
}
