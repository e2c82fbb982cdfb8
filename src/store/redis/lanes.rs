//! Connections to one server, one for each thread that asks: a thread's runtime then reads its own answers, and no turn
//! waits for another thread to wake.

use std::cell::RefCell;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use redis::RedisResult;

use super::lane::Lane;
use super::source::Source;

/// The lanes to one server.
pub(super) struct Lanes {
    number: u64,
    source: Arc<Source>,
    patience: Duration,
    open: Mutex<Vec<Arc<Lane>>>,
}

thread_local! {
    /// This thread's lanes, by the number of the server that they lead to.
    static HERE: RefCell<Vec<(u64, Weak<Lane>)>> = const { RefCell::new(Vec::new()) };
}

impl Lanes {
    /// Lanes that connect when they are first used. A request may take `patience`.
    pub fn new(source: Source, patience: Duration) -> Self {
        static NUMBERS: AtomicU64 = AtomicU64::new(0);
        let number = NUMBERS.fetch_add(1, Ordering::Relaxed);
        Self {
            number,
            source: Arc::new(source),
            patience,
            open: Mutex::new(Vec::new()),
        }
    }

    /// Lanes to a server that answers.
    ///
    /// # Errors
    /// When it cannot be connected to.
    pub async fn open(source: Source, patience: Duration) -> RedisResult<Self> {
        let lanes = Self::new(source, patience);
        let connection = lanes.source.connect().await?;
        lanes.add(Lane::new(lanes.source.clone(), Some(connection), patience));
        Ok(lanes)
    }

    /// The lane of the thread that asks.
    pub fn here(&self) -> Arc<Lane> {
        let known = HERE.with_borrow(|lanes| {
            lanes
                .iter()
                .find(|(number, _)| *number == self.number)
                .and_then(|(_, lane)| lane.upgrade())
        });
        known.unwrap_or_else(|| self.add(Lane::new(self.source.clone(), None, self.patience)))
    }

    fn add(&self, lane: Arc<Lane>) -> Arc<Lane> {
        self.open
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(lane.clone());
        HERE.with_borrow_mut(|lanes| {
            lanes.retain(|(_, lane)| lane.strong_count() > 0);
            lanes.push((self.number, Arc::downgrade(&lane)));
        });
        lane
    }
}
