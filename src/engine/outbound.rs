//! Calls that we place: what a flow says of them, and how one can come out.

use std::time::Duration;

use super::expression::HoursAt;
use super::ids::StepId;
use crate::written::PlacedOutcome;

/// The name of the way that a call takes which we placed and which came out so.
pub(super) const fn way_of(outcome: PlacedOutcome) -> &'static str {
    match outcome {
        PlacedOutcome::Answered => "outbound.answered",
        PlacedOutcome::Machine => "outbound.machine",
        PlacedOutcome::Busy => "outbound.busy",
        PlacedOutcome::NoAnswer => "outbound.no_answer",
        PlacedOutcome::Failed => "outbound.failed",
    }
}

/// What the carrier is to find out of whoever answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Detects {
    /// Nothing.
    #[default]
    Nothing,
    /// Whether it is a machine.
    Machine,
    /// The same, and of a machine the end of its greeting, so that something can be said.
    GreetingEnd,
    /// Who answers, while the flow goes on: it is told as a late fact.
    Meanwhile,
}

/// What a flow says of the calls that we place: `[outbound]`.
#[derive(Debug)]
pub struct Outbound {
    /// The hours in which somebody may be called, by the clock of whoever is called.
    pub hours: Option<HoursAt>,
    /// How often a call is tried that meets a busy line or nobody.
    pub tries: u32,
    /// From the end of a try to the next one.
    pub pause: Duration,
    /// How long it rings, in seconds.
    pub rings: u32,
    /// What the carrier finds out of whoever answers.
    pub detects: Detects,
    /// Where a call goes that comes out so: the steps that are named.
    pub ways: Vec<(PlacedOutcome, StepId)>,
}
