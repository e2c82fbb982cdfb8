//! The time of a store: what all nodes that share it agree on, whatever their own clocks say.
//!
//! When something is due, and until when a lease holds, depends on this time alone. A store that one process owns has a
//! clock that goes on evenly from when it was opened, however the machine's clock is set meanwhile. One on a server has
//! that server's time: it is asked every second, and in between goes on evenly.

use std::fmt;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};

/// How far this machine's clock may be off the store's, and how far the store's may move at once, before that is reported
/// and heeded.
pub const CLOCK_LIMIT: SignedDuration = SignedDuration::from_secs(2);

/// An answer that took longer says too little about what time it is.
const ROUND_TRIP_MAX: Duration = Duration::from_millis(500);

/// Gives the time, such as the machine's.
pub type WallClock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// The clock of a store.
pub struct StoreClock {
    /// The machine's clock.
    wall: WallClock,
    pace: Pace,
}

/// What makes it go on.
enum Pace {
    /// The machine's counter, which nobody sets.
    Even(Even),
    /// It stands wherever somebody sets it, for calls that are played and for tests.
    Set,
}

struct Even {
    began: Instant,
    /// The store's time at `began`, in microseconds since 1970.
    base: AtomicI64,
    /// When the store's time moved forward at once, so that more looks due than is.
    leapt: Mutex<Option<Instant>>,
}

/// What a server said that time it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct ServerTime {
    /// Its time.
    pub time: Timestamp,
    /// When it was asked.
    pub asked: Instant,
    /// How long the answer took.
    pub took: Duration,
}

impl StoreClock {
    /// A clock that goes on evenly from the machine's time of now.
    pub fn even() -> Self {
        Self::beside(Arc::new(Timestamp::now))
    }

    /// The same beside another clock of the machine, which a test can set.
    pub fn beside(wall: WallClock) -> Self {
        let base = AtomicI64::new(wall().as_microsecond());
        let even = Even {
            began: Instant::now(),
            base,
            leapt: Mutex::default(),
        };
        Self {
            wall,
            pace: Pace::Even(even),
        }
    }

    /// A clock that stands where it is set, for calls that are played.
    pub fn set(wall_clock: WallClock) -> Self {
        Self {
            wall: wall_clock,
            pace: Pace::Set,
        }
    }

    /// The store's time.
    pub fn now(&self) -> Timestamp {
        match &self.pace {
            Pace::Even(even) => even.at(Instant::now()),
            Pace::Set => (self.wall)(),
        }
    }

    /// How far the machine's clock is ahead of the store's.
    pub fn ahead(&self) -> SignedDuration {
        (self.wall)().duration_since(self.now())
    }

    /// How long ago the store's time moved forward at once, if it ever did.
    pub fn since_leap(&self) -> Option<Duration> {
        let Pace::Even(even) = &self.pace else {
            return None;
        };
        even.leapt
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .map(|leapt| leapt.elapsed())
    }

    /// Takes it that the time before is not known: what waits may have waited for any time.
    pub(super) fn doubt(&self) {
        if let Pace::Even(even) = &self.pace {
            even.leap();
        }
    }

    /// Begins with a server's time.
    pub(super) fn adopt(&self, reading: ServerTime) {
        if let Pace::Even(even) = &self.pace {
            even.move_by(reading.time.duration_since(even.at(reading.middle())));
        }
    }

    /// Follows a server. Returns how far that moved the store's time, where it is more than [`CLOCK_LIMIT`].
    pub(super) fn follow(&self, reading: ServerTime) -> Option<SignedDuration> {
        let Pace::Even(even) = &self.pace else {
            return None;
        };
        if reading.took > ROUND_TRIP_MAX {
            return None;
        }
        let moved = reading.time.duration_since(even.at(reading.middle()));
        even.move_by(moved);
        if moved > CLOCK_LIMIT {
            even.leap();
        }
        (moved.abs() > CLOCK_LIMIT).then_some(moved)
    }
}

impl ServerTime {
    /// When its time was, as nearly as can be known.
    fn middle(&self) -> Instant {
        self.asked + self.took / 2
    }
}

impl Even {
    fn move_by(&self, moved: SignedDuration) {
        self.base.fetch_add(
            i64::try_from(moved.as_micros()).unwrap_or_default(),
            Ordering::Relaxed,
        );
    }

    fn at(&self, moment: Instant) -> Timestamp {
        let elapsed = moment.saturating_duration_since(self.began);
        let base = Timestamp::from_microsecond(self.base.load(Ordering::Relaxed))
            .unwrap_or(Timestamp::UNIX_EPOCH);
        base.checked_add(elapsed).unwrap_or(Timestamp::MAX)
    }

    fn leap(&self) {
        *self.leapt.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }
}

impl fmt::Debug for StoreClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoreClock")
            .field("now", &self.now())
            .field("ahead", &self.ahead())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicI64, Ordering};
    use std::time::{Duration, Instant};

    use jiff::{SignedDuration, Timestamp};

    use super::{CLOCK_LIMIT, ServerTime, StoreClock};

    /// A clock beside a machine's clock that the test sets, in seconds since 1970.
    fn beside() -> (StoreClock, Arc<AtomicI64>) {
        let wall = Arc::new(AtomicI64::new(1_000_000));
        let wall_clock = Arc::clone(&wall);
        let wall_clock =
            move || Timestamp::from_second(wall_clock.load(Ordering::SeqCst)).expect("a time");
        (StoreClock::beside(Arc::new(wall_clock)), wall)
    }

    fn reading(second: i64, took: Duration) -> ServerTime {
        ServerTime {
            time: Timestamp::from_second(second).expect("a time"),
            asked: Instant::now(),
            took,
        }
    }

    fn seconds(clock: &StoreClock) -> i64 {
        clock.now().as_second()
    }

    #[test]
    fn it_goes_on_evenly_however_the_machines_clock_is_set() {
        for set in [1_000_000 + 1_800, 1_000_000 - 1_800, 0] {
            let (clock, wall) = beside();
            let before = clock.now();
            wall.store(set, Ordering::SeqCst);
            let moved = clock.now().duration_since(before);
            assert!(
                !moved.is_negative() && moved < SignedDuration::from_secs(60),
                "{moved:?}"
            );
            assert_eq!(clock.since_leap(), None);
            assert!(clock.ahead().abs() > CLOCK_LIMIT);
        }
    }

    #[test]
    fn it_follows_a_server_and_knows_when_that_moved_forward_at_once() {
        let (clock, _) = beside();
        assert_eq!(
            clock.follow(reading(1_000_001, Duration::ZERO)),
            None,
            "a second is no leap"
        );
        assert_eq!(clock.since_leap(), None);
        let back = clock
            .follow(reading(990_000, Duration::ZERO))
            .expect("it moved");
        assert!(back.is_negative() && clock.since_leap().is_none() && seconds(&clock) < 990_060);
        let forward = clock
            .follow(reading(2_000_000, Duration::ZERO))
            .expect("it moved");
        assert!(
            forward.is_positive() && clock.since_leap().is_some() && seconds(&clock) >= 2_000_000
        );
        assert!(clock.ahead().is_negative());
    }

    #[test]
    fn an_answer_that_took_long_says_nothing() {
        let (clock, _) = beside();
        assert_eq!(
            clock.follow(reading(2_000_000, Duration::from_secs(1))),
            None
        );
        assert!(seconds(&clock) < 1_000_060);
    }

    #[test]
    fn one_that_is_set_stands() {
        let stands = Timestamp::from_second(7).expect("a time");
        let clock = StoreClock::set(Arc::new(move || stands));
        clock.doubt();
        clock.follow(reading(2_000_000, Duration::ZERO));
        assert_eq!(
            (clock.now(), clock.since_leap(), clock.ahead()),
            (stands, None, SignedDuration::ZERO)
        );
    }
}
