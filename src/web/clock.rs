//! The time of a node: the system's, or one that is set.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::Timestamp;

/// The clock of a node. Clones are the same clock.
#[derive(Clone, Debug, Default)]
pub enum NodeClock {
    /// The system's.
    #[default]
    System,
    /// One that stands where it was set last, in microseconds since 1970: for calls that are played.
    Set(Arc<AtomicI64>),
}

impl NodeClock {
    /// A clock that stands at a time.
    pub fn standing(at: Timestamp) -> Self {
        Self::Set(Arc::new(AtomicI64::new(at.as_microsecond())))
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        match self {
            Self::System => Timestamp::now(),
            // Whatever was set was a valid time.
            Self::Set(at) => Timestamp::from_microsecond(at.load(Ordering::Relaxed))
                .unwrap_or(Timestamp::UNIX_EPOCH),
        }
    }

    /// Sets it, where it can be set.
    pub fn set(&self, at: Timestamp) {
        if let Self::Set(stands) = self {
            stands.store(at.as_microsecond(), Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::NodeClock;
    use jiff::Timestamp;

    #[test]
    fn a_clock_that_is_set_stands_still_for_all_who_have_it() {
        let clock = NodeClock::standing(Timestamp::UNIX_EPOCH);
        let other = clock.clone();
        let later: Timestamp = "2026-11-23T10:15:00.25Z".parse().expect("a time");
        other.set(later);
        assert_eq!(clock.now(), later);
    }
}
