//! The time of a call.

use std::time::{Duration, Instant};

/// The time of a call, counted from when it is placed.
#[derive(Clone, Copy, Debug)]
pub enum CallClock {
    /// Time passes by itself, and whoever waits really waits.
    Real(Instant),
    /// Time jumps to the next thing that happens.
    Jumping(Duration),
}

impl CallClock {
    /// A clock that starts now and runs.
    pub fn real() -> Self {
        Self::Real(Instant::now())
    }

    /// A clock that starts now and jumps.
    pub fn jumping() -> Self {
        Self::Jumping(Duration::ZERO)
    }

    /// The time since the call was placed.
    pub fn elapsed(&self) -> Duration {
        match self {
            Self::Real(begun) => begun.elapsed(),
            Self::Jumping(elapsed) => *elapsed,
        }
    }

    /// A time has passed. A real clock knows already.
    pub fn pass(&mut self, time: Duration) {
        if let Self::Jumping(elapsed) = self {
            *elapsed += time;
        }
    }
}
