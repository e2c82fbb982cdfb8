//! The facts of a flow's steps, while it is loaded.

use super::super::came::{OUTCOME, WaitOutcome};
use super::super::expression::Type;
use super::super::flow::StepFact;
use crate::written::diag::Place;

/// The facts of a flow's steps.
#[derive(Debug, Default)]
pub(super) struct Facts {
    /// Those that are read anywhere, in the order of their slots.
    pub read: Vec<StepFact>,
    /// What each can be.
    pub types: Vec<Type>,
    /// Where they are read.
    pub places: Vec<(usize, Place)>,
    /// The steps that wait, and how each can end.
    pub waiting: Vec<(String, &'static [WaitOutcome])>,
}

impl Facts {
    /// The fact that can be this outcome.
    pub(super) fn whose_outcome(&self, outcome: &str) -> Option<String> {
        let mut waiting = self.waiting.iter();
        let (step, _) = waiting.find(|(_, all)| all.iter().any(|known| known.name == outcome))?;
        Some(format!("steps.{step}.{OUTCOME}"))
    }

    /// What somebody may have meant who reads `result`: what came of a wait has the name of its step.
    pub(super) fn instead_of_result(&self) -> String {
        match self.waiting.iter().find(|(_, all)| !all.is_empty()) {
            Some((step, _)) => {
                format!("what came of a step has the step's name: `steps.{step}.{OUTCOME}`")
            }
            None => "what comes of a step has the step's name: `steps.desk.outcome` of a `dial`"
                .to_owned(),
        }
    }
}
