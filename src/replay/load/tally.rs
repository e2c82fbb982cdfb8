//! The results of a load.

use std::collections::BTreeMap;
use std::time::Duration;

use hdrhistogram::Histogram;

/// The longest latency that is distinguished, in microseconds.
const LONGEST: u64 = 60_000_000;

/// What a load came to.
#[derive(Clone, Debug)]
pub struct Tally {
    /// Calls by how they ended, in the order of [`CallResult::ALL`].
    calls: [u64; CallResult::ALL.len()],
    /// Calls that began later than they were due, because every caller was busy or this machine was.
    pub begun_late: u64,
    /// Requests for TwiML that were answered, duplicates and late ones not counted.
    pub requests: u64,
    /// Requests that were sent a second time at once.
    pub duplicates: u64,
    /// Those of them whose second answer was another one.
    pub differ: u64,
    /// Requests of an earlier turn that were sent once more.
    pub late: u64,
    /// What went wrong, in words, and how often.
    pub faults: BTreeMap<String, u64>,
    /// Microseconds from when a request was due to its answer.
    pub latency: Histogram<u64>,
    /// How long it all took.
    pub took: Duration,
}

/// How a call ended, as a load sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallResult {
    Right,
    /// The caller hung up, was silent or pressed wrong keys, and it ended without a fault.
    Impatient,
    /// It came to another end, or other words were heard, than its test file says.
    Wrong,
    /// A fault ended it: no answer, an error, something that is not TwiML.
    Faulty,
    /// It was still on when time was over.
    Unfinished,
}

impl CallResult {
    /// Every outcome.
    pub const ALL: [Self; 5] = [
        Self::Right,
        Self::Impatient,
        Self::Wrong,
        Self::Faulty,
        Self::Unfinished,
    ];

    /// Its name in tables and JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Right => "right",
            Self::Impatient => "impatient",
            Self::Wrong => "wrong",
            Self::Faulty => "faulty",
            Self::Unfinished => "unfinished",
        }
    }
}

impl Default for Tally {
    fn default() -> Self {
        let mut latency =
            Histogram::new_with_bounds(1, LONGEST, 3).expect("these bounds are in order");
        latency.auto(false);
        Self {
            calls: [0; CallResult::ALL.len()],
            begun_late: 0,
            requests: 0,
            duplicates: 0,
            differ: 0,
            late: 0,
            faults: BTreeMap::new(),
            latency,
            took: Duration::ZERO,
        }
    }
}

impl Tally {
    /// Calls that ended so.
    pub fn calls(&self, outcome: CallResult) -> u64 {
        self.calls[outcome as usize]
    }

    pub fn all_calls(&self) -> u64 {
        self.calls.iter().sum()
    }

    /// Whether anything went wrong.
    pub fn is_clean(&self) -> bool {
        let bad = [
            CallResult::Wrong,
            CallResult::Faulty,
            CallResult::Unfinished,
        ];
        bad.iter().all(|outcome| self.calls(*outcome) == 0)
            && self.differ == 0
            && self.faults.is_empty()
    }

    pub(super) fn count(&mut self, outcome: CallResult, calls: u64) {
        self.calls[outcome as usize] += calls;
    }

    pub(super) fn answered(&mut self, after: Duration) {
        self.requests += 1;
        self.latency
            .saturating_record(u64::try_from(after.as_micros()).unwrap_or(LONGEST));
    }

    pub(super) fn fault(&mut self, what: String) {
        *self.faults.entry(what).or_default() += 1;
    }
}
