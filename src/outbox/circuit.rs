//! A backend that fails again and again is left alone, but for a probe now and then.

use std::time::Duration;

use jiff::Timestamp;

use super::schedule::later;

/// After so many failures in a row nothing is attempted any more.
const FAILURES: u32 = 5;

/// How long after a failure one attempt is let through, to see whether the backend is back.
const PROBE_EVERY: Duration = Duration::from_secs(30);

/// The circuit of one backend.
#[derive(Debug, Default)]
pub(super) struct Circuit {
    failures: u32,
    /// When it opened or was probed last.
    since: Option<Timestamp>,
}

impl Circuit {
    /// Whether nothing is attempted but probes.
    pub(super) fn is_open(&self) -> bool {
        self.since.is_some()
    }

    /// Whether an attempt may begin now. Of an open circuit that is the probe: the next is let through a while later.
    pub(super) fn try_pass(&mut self, now: Timestamp) -> bool {
        let Some(since) = self.since else { return true };
        if !is_probe_due(since, now) {
            return false;
        }
        self.since = Some(now);
        true
    }

    /// How many attempts [`Circuit::try_pass`] would let through now: as many as come, one, or none.
    pub(super) fn room(&self, now: Timestamp) -> usize {
        match self.since {
            None => usize::MAX,
            Some(since) => usize::from(is_probe_due(since, now)),
        }
    }

    /// Takes note of how an attempt ended. True when that opened or closed the circuit.
    pub(super) fn note(&mut self, alive: bool, now: Timestamp) -> bool {
        let before = self.is_open();
        if alive {
            *self = Self::default();
        } else {
            self.failures = self.failures.saturating_add(1);
            if self.failures >= FAILURES && !before {
                self.since = Some(now);
            }
        }
        before != self.is_open()
    }
}

/// A clock that was set back does not keep a circuit open.
fn is_probe_due(since: Timestamp, now: Timestamp) -> bool {
    now < since || now >= later(since, PROBE_EVERY)
}

#[cfg(test)]
mod tests {
    use jiff::{SignedDuration, Timestamp};

    use super::Circuit;

    fn at(second: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_secs(second)
    }

    fn opened() -> Circuit {
        let mut circuit = Circuit::default();
        let changes: Vec<_> = (0..5).map(|_| circuit.note(false, at(0))).collect();
        assert_eq!(changes, [false, false, false, false, true]);
        circuit
    }

    #[test]
    fn five_failures_in_a_row_open_it_and_fewer_do_not() {
        let mut circuit = Circuit::default();
        for alive in [false, false, false, false, true, false, false, false, false] {
            circuit.note(alive, at(0));
        }
        assert!(!circuit.is_open() && circuit.try_pass(at(0)));
        assert!(opened().is_open());
    }

    #[test]
    fn one_probe_is_let_through_every_half_minute() {
        let mut circuit = opened();
        let passed: Vec<_> = [0, 29, 30, 30, 59, 60].into_iter().map(|second| circuit.try_pass(at(second))).collect();
        assert_eq!(passed, [false, false, true, false, false, true]);
    }

    #[test]
    fn a_probe_that_is_answered_closes_it() {
        let mut circuit = opened();
        assert!(circuit.try_pass(at(30)) && circuit.note(true, at(31)));
        assert!(!circuit.is_open() && circuit.room(at(31)) > 1);
    }

    #[test]
    fn a_clock_set_back_does_not_keep_it_open() {
        assert_eq!(opened().room(at(10)), 0);
        assert_eq!(opened().room(at(-3600)), 1);
    }
}
