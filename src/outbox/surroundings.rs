//! What the outbox takes from outside: time, chance, and who watches.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

/// Tells the time.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Tells a random number in `0.0..1.0`.
pub type Random = Arc<dyn Fn() -> f64 + Send + Sync>;

/// How often each backend's rows are looked over for what is due, jittered.
const SWEEP_EVERY: Duration = Duration::from_secs(5);

/// What the outbox takes from outside.
#[derive(Clone)]
pub struct Surroundings {
    /// Tells the time that deliveries are signed with; what is due when is told by the store's.
    pub clock: Clock,
    /// Jitters what should not happen all at once.
    pub random: Random,
    /// Hears what rows come to.
    pub observer: Arc<dyn Observer>,
    /// How often each backend's rows are looked over for what is due.
    pub sweep_every: Duration,
}

impl Default for Surroundings {
    /// The system's clock and randomness; nobody watches.
    fn default() -> Self {
        Self {
            clock: Arc::new(Timestamp::now),
            random: Arc::new(random),
            observer: Arc::new(()),
            sweep_every: SWEEP_EVERY,
        }
    }
}

/// Hears what rows come to; called on the way, so it must be quick.
pub trait Observer: Send + Sync {
    /// A row of a backend came to something; `took` is how long the attempt was, where there was one.
    fn settled(&self, backend: &str, result: Settled, took: Option<Duration>);
}

impl Observer for () {
    fn settled(&self, _: &str, _: Settled, _: Option<Duration>) {}
}

/// What a row came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Settled {
    /// The backend has it.
    Delivered,
    /// It will be tried again.
    Failed,
    /// Our own end cut the attempt off.
    CutOff,
    /// Set aside: refused for good, or at the end of its schedule.
    Dead,
    /// Set aside: nobody knows whether the backend has it.
    Uncertain,
}

impl Settled {
    /// Everything that a row can come to.
    pub const ALL: [Self; 5] = [
        Self::Delivered,
        Self::Failed,
        Self::CutOff,
        Self::Dead,
        Self::Uncertain,
    ];

    /// Its name in the metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Failed => "failed",
            Self::CutOff => "cut_off",
            Self::Dead => "dead",
            Self::Uncertain => "uncertain",
        }
    }
}

/// The middle, should the system have no randomness to give: then nothing is jittered.
fn random() -> f64 {
    getrandom::u32().map_or(0.5, |number| {
        f64::from(number) / (f64::from(u32::MAX) + 1.0)
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_random_number_is_below_one() {
        assert!(
            (0..1000)
                .map(|_| super::random())
                .all(|number| (0.0..1.0).contains(&number))
        );
    }
}
