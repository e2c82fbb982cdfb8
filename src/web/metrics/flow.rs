//! The counters of one flow: found once when a version of it comes into service, for each has to be looked up by its
//! labels under a lock.

use prometheus_client::metrics::counter::Counter;

use super::{Metrics, OfFlow, OfMilestone, OfOutcome, OfStep};
use crate::engine::{Flow, Outcome, StepId};

/// A flow's counters, all there from the start.
#[derive(Clone, Debug)]
pub struct FlowFigures {
    /// Turns that moved a call.
    pub turns: Counter,
    /// Calls that began.
    pub calls_started: Counter,
    /// Rehearsals that began.
    pub rehearsals: Counter,
    /// Turns that moved them.
    pub rehearsal_turns: Counter,
    ended: Vec<(Outcome, Counter)>,
    milestones: Vec<Counter>,
    step_errors: Vec<Counter>,
}

impl FlowFigures {
    /// Calls that ended so; nothing for calls that are still on.
    pub fn ended(&self, outcome: Outcome) -> Option<&Counter> {
        self.ended
            .iter()
            .find(|(known, _)| *known == outcome)
            .map(|(_, counter)| counter)
    }

    /// Visits that reached a milestone, by its place in the flow.
    pub fn milestone(&self, place: u16) -> Option<&Counter> {
        self.milestones.get(usize::from(place))
    }

    /// Times that a step could not be done.
    pub fn step_errors(&self, step: StepId) -> Option<&Counter> {
        self.step_errors.get(usize::from(step))
    }
}

impl Metrics {
    /// The counters of a flow.
    pub fn of_flow(&self, flow: &Flow) -> FlowFigures {
        let name = || flow.name.clone();
        let outcomes = Outcome::ALL
            .into_iter()
            .filter(|outcome| *outcome != Outcome::InProgress);
        let ended = outcomes.map(|outcome| {
            let labels = OfOutcome {
                flow: name(),
                outcome: outcome.as_str(),
            };
            (outcome, self.calls.get_or_create_owned(&labels))
        });
        let milestones = flow.milestones.iter().map(|milestone| {
            let labels = OfMilestone {
                flow: name(),
                milestone: milestone.name.clone(),
            };
            self.milestones.get_or_create_owned(&labels)
        });
        let step_errors = flow.steps.iter().map(|step| {
            let labels = OfStep {
                flow: name(),
                step: step.name.clone(),
            };
            self.step_errors.get_or_create_owned(&labels)
        });
        FlowFigures {
            turns: self.turns.get_or_create_owned(&OfFlow { flow: name() }),
            calls_started: self
                .calls_started
                .get_or_create_owned(&OfFlow { flow: name() }),
            rehearsals: self
                .rehearsals
                .get_or_create_owned(&OfFlow { flow: name() }),
            rehearsal_turns: self
                .rehearsal_turns
                .get_or_create_owned(&OfFlow { flow: name() }),
            ended: ended.collect(),
            milestones: milestones.collect(),
            step_errors: step_errors.collect(),
        }
    }
}
