//! What the outbox is given from outside: the time, random numbers and an observer.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use jiff::Timestamp;

use crate::store::{self, Row, Store, WallClock};

/// Gives a random number in `0.0..1.0`.
pub type Random = Arc<dyn Fn() -> f64 + Send + Sync>;

/// How often each backend's rows are looked over for what is due, jittered.
const SWEEP_EVERY: Duration = Duration::from_secs(5);

/// How often a row is held that is carried out here: thrice in a lease.
const HOLD_EVERY: Duration = Duration::from_secs(10);

/// What the outbox is given from outside.
#[derive(Clone)]
pub struct Surroundings {
    /// The time that deliveries are signed with. Whether a row is due depends on the store's clock instead.
    pub clock: WallClock,
    /// Spreads out what should not happen all at once.
    pub random: Random,
    /// Learns the result of every attempt.
    pub observer: Arc<dyn Observer>,
    /// Completes rows that have waited long enough for something to be told.
    pub completer: Arc<dyn Completer>,
    /// How often each backend's rows are swept for due ones.
    pub sweep_every: Duration,
    /// How often a row is held, while what it asks for is carried out here.
    pub hold_every: Duration,
}

impl Default for Surroundings {
    /// The system's clock and randomness; nobody watches.
    fn default() -> Self {
        Self {
            clock: Arc::new(Timestamp::now),
            random: Arc::new(random),
            observer: Arc::new(()),
            completer: Arc::new(()),
            sweep_every: SWEEP_EVERY,
            hold_every: HOLD_EVERY,
        }
    }
}

/// Gives a row that waits for something to be told ([`Row::is_held`]) its body for good: no attempt is made before, since the
/// body of a delivery never changes.
pub trait Completer: Send + Sync {
    /// The row with its body, once that is stored.
    fn complete(&self, row: Row, store: Store) -> BoxFuture<'static, Result<Row, store::Error>>;
}

impl Completer for () {
    /// As it is.
    fn complete(&self, row: Row, store: Store) -> BoxFuture<'static, Result<Row, store::Error>> {
        let body = String::from_utf8_lossy(row.json()).into_owned();
        Box::pin(async move { give(row, body, &store).await })
    }
}

/// Stores the body of a row that waits. Where somebody else was faster, theirs is the row's.
///
/// # Errors
/// When the store is away.
pub async fn give(row: Row, body: String, store: &Store) -> Result<Row, store::Error> {
    if !store.complete_row(&row, body.clone(), row.next).await?
        && let Some(given) = store.row(&row.id).await?
        && !given.is_held()
    {
        return Ok(Row {
            body: given.body,
            ..row
        });
    }
    Ok(Row {
        body: body.into(),
        ..row
    })
}

/// Learns the result of every attempt. It is called while a row is handled, so it must be quick.
pub trait Observer: Send + Sync {
    /// Reports the result for a row of this backend; `took` is the length of the attempt, if one was made.
    fn settled(&self, backend: &str, result: DeliveryResult, took: Option<Duration>);
}

impl Observer for () {
    fn settled(&self, _: &str, _: DeliveryResult, _: Option<Duration>) {}
}

/// The result of handling a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DeliveryResult {
    /// The backend has it.
    Delivered,
    /// It will be tried again.
    Failed,
    /// The attempt was cut off by our own shutdown.
    CutOff,
    /// Set aside: refused for good, or its schedule is exhausted.
    Dead,
    /// Set aside: nobody knows whether the backend has it.
    Uncertain,
}

impl DeliveryResult {
    /// Every result.
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

/// The middle if the system has no randomness to give: nothing is jittered then.
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
