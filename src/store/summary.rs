//! Calls as lists show them: what a trail comes to, and which ones a filter admits.

use jiff::Timestamp;

use super::contract::{CallFilter, TrailPage, TrailPosition};
use crate::engine::{About, CallSid, Fingerprint, Outcome, StepId, Trail};

/// A call as a list shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// Which call.
    pub sid: CallSid,
    /// When its trail begins, which is when the call came in unless its first turns are missing.
    pub began: Timestamp,
    /// When its last turn was taken.
    pub last: Timestamp,
    /// The flow that it came to last, and the version of it; nothing where its first turns are missing.
    pub flow: Option<(String, Fingerprint)>,
    /// What the carrier reported.
    pub about: About,
    /// Turns that were taken.
    pub turns: u32,
    /// Whether every one of them is in the trail.
    pub whole: bool,
    /// How it stands.
    pub outcome: Outcome,
    /// The step that it is at, or was at last.
    pub step: Option<StepId>,
    /// Whether nobody called.
    pub rehearsal: bool,
}

impl Summary {
    /// Sums a trail up; `None` for an empty one.
    pub fn of(trail: &Trail) -> Option<Self> {
        let (first, last) = (trail.entries.first()?, trail.entries.last()?);
        let begun = trail
            .entries
            .iter()
            .rev()
            .find_map(|entry| entry.begun.as_ref());
        Some(Self {
            sid: trail.sid.clone(),
            began: first.at,
            last: last.at,
            flow: begun.map(|begun| (begun.flow.clone(), begun.version)),
            about: begun.map(|begun| begun.about.clone()).unwrap_or_default(),
            turns: last.turn,
            whole: trail.is_whole(),
            outcome: last.outcome,
            step: last.step,
            rehearsal: begun.is_some_and(|begun| begun.rehearsal),
        })
    }

    /// The step that it is at, or was at last, in its flow version.
    fn place(&self) -> Option<(Fingerprint, StepId)> {
        let (_, version) = self.flow.as_ref()?;
        Some((*version, self.step?))
    }
}

impl CallFilter {
    /// Whether a list shows a call.
    pub(super) fn admits(&self, trail: &Trail, summary: &Summary) -> bool {
        let begun = || {
            trail
                .entries
                .iter()
                .filter_map(|entry| entry.begun.as_ref())
        };
        (self.rehearsals || !summary.rehearsal)
            && self
                .flow
                .as_ref()
                .is_none_or(|flow| begun().any(|begun| begun.flow == *flow))
            && self
                .from
                .as_ref()
                .is_none_or(|from| from.is_in(&summary.about.from))
            && self
                .to
                .as_ref()
                .is_none_or(|to| to.is_in(&summary.about.to))
            && self
                .outcome
                .is_none_or(|outcome| summary.outcome == outcome)
            && self.since.is_none_or(|since| summary.began >= since)
            && self.until.is_none_or(|until| summary.began <= until)
            && self
                .steps
                .as_ref()
                .is_none_or(|steps| summary.place().is_some_and(|place| steps.contains(&place)))
            && self
                .entered
                .as_ref()
                .is_none_or(|steps| trail.entered().any(|place| steps.contains(&place)))
    }

    /// The first page of the list of all trails.
    pub(super) fn first_page(&self, limit: usize) -> TrailPage {
        // No name of that moment stands before this place.
        let last = || CallSid::parse(&"z".repeat(64)).expect("it is legal");
        let behind = self.until.map(|began| TrailPosition { began, sid: last() });
        TrailPage {
            since: self.since.unwrap_or(Timestamp::UNIX_EPOCH),
            behind,
            limit,
        }
    }
}
