//! What a flow does with calls that we place.

use super::edge::Target;
use super::flow::{CallField, Flow};
use super::ids::StepId;
use crate::written::PlacedOutcome;
use crate::written::carrier_fields::ARG;

impl Flow {
    /// Whether it can only be come to by somebody who gives it what it needs: another flow, or a call that we place.
    pub fn needs_args(&self) -> bool {
        let mut given = self.call_fields.iter();
        let is_needed = |field: &CallField| field.at.starts_with(ARG) && !field.of.optional;
        self.is_subflow || self.outbound.is_some() && given.any(is_needed)
    }

    /// The step for a call that we placed and that came out so, where the flow has one.
    pub fn placed_way(&self, outcome: PlacedOutcome) -> Option<StepId> {
        let ways = self.outbound.as_ref().map(|outbound| &outbound.ways);
        let mut ways = ways.into_iter().flatten();
        ways.find(|(other, _)| *other == outcome)
            .map(|(_, step)| *step)
    }

    /// Its ways of calls that we placed, each with its key and the name by which a trail has it.
    pub fn placed_ways(&self) -> impl Iterator<Item = (String, Target, PlacedOutcome)> {
        let ways = self.outbound.iter().flat_map(|outbound| &outbound.ways);
        ways.map(|(outcome, step)| {
            let key = format!("outbound.on.{}", outcome.as_str());
            (key, Target::Step(*step), *outcome)
        })
    }
}
