//! Reaching milestones: the moments of a call that its author counts.

use super::call::Call;
use super::flow::Flow;
use super::ids::StepId;

impl Call {
    /// Notes the milestones that entering a step reaches. What was reached stays so for this visit, whatever `back` undoes.
    pub(super) fn reach(&mut self, flow: &Flow, step: StepId) {
        for (place, milestone) in (0..).zip(&flow.milestones) {
            if milestone.steps.contains(&step) && !self.reached.contains(&place) {
                self.reached.push(place);
            }
        }
    }
}
