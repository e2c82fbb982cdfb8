//! What a node in this process tells beside its answers: the steps that a turn came to, and those that could not be done.
//!
//! It goes into headers of the answer, so that whoever plays the call needs to know nothing of flows to show it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::Coverage;
use crate::engine::step::Target;
use crate::engine::{CallSid, Flow, Input, Turn};
use crate::web::app::Watch;

/// The header with the steps that a turn came to, in order, the one that the call is at last; a space between two.
const STEPS: &str = "hookswitch-steps";
/// A header for each step that could not be done: its name, a space, and why, percent-encoded UTF-8.
const FAULT: &str = "hookswitch-fault";

/// What turns did, until it is told; and who else wants to know of it.
#[derive(Debug, Default)]
pub(super) struct Told {
    coverage: Option<Arc<Coverage>>,
    turns: Mutex<HashMap<CallSid, Did>>,
}

/// What a turn did, in the words of its flow.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Did {
    /// The steps that it came to, in order; the one that the call is at stands last.
    pub steps: Vec<String>,
    /// The steps that could not be done, and why.
    pub faults: Vec<(String, String)>,
}

impl Told {
    pub(super) fn new(coverage: Option<Arc<Coverage>>) -> Self {
        Self { coverage, ..Self::default() }
    }

    /// What the last turn of a call did, if it has not been told yet.
    pub(super) fn take(&self, sid: &CallSid) -> Option<Did> {
        self.turns.lock().unwrap_or_else(PoisonError::into_inner).remove(sid)
    }
}

impl Watch for Told {
    fn took(&self, flow: &Flow, input: &Input, turn: &Turn) {
        if let Some(coverage) = &self.coverage {
            coverage.took(flow, input, turn);
        }
        let did = Did::of(flow, turn);
        self.turns.lock().unwrap_or_else(PoisonError::into_inner).insert(turn.call.sid.clone(), did);
    }
}

impl Did {
    fn of(flow: &Flow, turn: &Turn) -> Self {
        let name = |step| flow.step(step).name.clone();
        let came_to = |(_, to): &(_, Target)| match to {
            Target::Step(step) => Some(name(*step)),
            _ => None,
        };
        let mut steps: Vec<String> = turn.ways.iter().filter_map(came_to).collect();
        let last = turn.call.step().map(name);
        steps.extend(last.filter(|last| steps.last() != Some(last)));
        let faults = turn.faults.iter().map(|(step, fault)| (name(*step), fault.to_string())).collect();
        Self { steps, faults }
    }

    /// As headers of an answer.
    pub(super) fn headers(&self) -> impl Iterator<Item = (String, String)> {
        let steps = (STEPS.to_owned(), self.steps.join(" "));
        let faults = self
            .faults
            .iter()
            .map(|(step, why)| (FAULT.to_owned(), format!("{step} {}", utf8_percent_encode(why, NON_ALPHANUMERIC))));
        std::iter::once(steps).chain(faults)
    }
}
