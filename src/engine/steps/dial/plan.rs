//! In which order those who are called ring, and for how long.

/// Seconds that the carrier lets ring beyond what it is asked for, about.
pub(super) const GRACE: u32 = 5;
/// The fewest seconds that the carrier lets ring.
pub(super) const SHORTEST: u32 = 5;

/// In which order several ring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ring {
    /// All at once: the first to answer is connected.
    Together,
    /// One after the other.
    InTurn,
}

/// The order and the times.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    pub ring: Ring,
    /// How many are called.
    pub callees: u16,
    /// How often all of them are tried.
    pub rounds: u16,
    /// Seconds that each rings.
    pub timeout: u32,
    /// Seconds that all of it may take.
    pub within: Option<u32>,
}

impl Plan {
    /// How often it rings at most.
    pub fn times(self) -> u16 {
        let at_once = if self.ring == Ring::Together {
            1
        } else {
            self.callees
        };
        at_once.saturating_mul(self.rounds)
    }

    /// The places of those who ring the next time, after it has rung so often.
    pub fn next(self, rung: u16) -> std::ops::Range<u16> {
        match self.ring {
            Ring::Together => 0..self.callees,
            Ring::InTurn => {
                let place = rung % self.callees.max(1);
                place..place + 1
            }
        }
    }

    /// Seconds that it rings the next time, after it has rung so often and so many seconds have passed; `None` where it
    /// does not ring again.
    pub fn rings(self, rung: u16, passed: u32) -> Option<u32> {
        if rung >= self.times() {
            return None;
        }
        let Some(within) = self.within.filter(|_| rung > 0) else {
            return Some(self.timeout.min(self.within.map_or(u32::MAX, cut)));
        };
        let left = within.checked_sub(passed)?;
        (left >= SHORTEST + GRACE).then(|| self.timeout.min(cut(left)))
    }

    /// Seconds that it rings in all, at most. The carrier's own delay is not counted: nobody knows it, and a test call has
    /// none.
    pub fn longest(self) -> u32 {
        let all = u32::from(self.times()).saturating_mul(self.timeout);
        all.min(self.within.unwrap_or(u32::MAX))
    }
}

/// What of this time it may ring, so that the carrier's own delay is part of it.
fn cut(left: u32) -> u32 {
    left.saturating_sub(GRACE).max(SHORTEST)
}

#[cfg(test)]
mod tests {
    use super::{Plan, Ring};

    const HUNT: Plan = Plan {
        ring: Ring::InTurn,
        callees: 3,
        rounds: 2,
        timeout: 15,
        within: Some(60),
    };

    #[test]
    fn a_hunt_goes_round_until_its_time_is_over() {
        assert_eq!((HUNT.times(), HUNT.longest()), (6, 60));
        assert_eq!(
            (HUNT.next(0), HUNT.next(2), HUNT.next(4)),
            (0..1, 2..3, 1..2)
        );
        assert_eq!(HUNT.rings(0, 0), Some(15));
        assert_eq!(HUNT.rings(1, 20), Some(15));
        assert_eq!(
            HUNT.rings(2, 45),
            Some(10),
            "the carrier's delay is part of the time"
        );
        assert_eq!(HUNT.rings(3, 51), None);
        assert_eq!(HUNT.rings(3, 70), None);
        assert_eq!(HUNT.rings(6, 10), None);
    }

    #[test]
    fn who_rings_together_rings_once_a_round_and_for_all_of_the_time() {
        let plan = Plan {
            ring: Ring::Together,
            rounds: 1,
            within: None,
            ..HUNT
        };
        assert_eq!((plan.times(), plan.next(0), plan.longest()), (1, 0..3, 15));
        assert_eq!((plan.rings(0, 0), plan.rings(1, 0)), (Some(15), None));
        let short = Plan {
            within: Some(12),
            ..plan
        };
        assert_eq!(short.rings(0, 0), Some(7));
    }
}
