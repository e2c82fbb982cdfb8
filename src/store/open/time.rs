//! The store's time, and whether this node may go by it.

use std::sync::{Arc, Weak};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::health::Health;
use super::{Engine, Inner, Options, Store};
use crate::store::Error;
use crate::store::clock::{CLOCK_LIMIT, StoreClock};

/// How often the clocks are compared.
const EVERY: Duration = Duration::from_secs(1);

impl Store {
    /// The store's time, which decides on every node what is due.
    pub fn now(&self) -> Timestamp {
        self.inner.clock.now()
    }

    /// How far this machine's clock is ahead of the store's.
    pub fn clock_ahead(&self) -> SignedDuration {
        self.inner.clock.ahead()
    }

    /// Whether this node may take what is due. Not where it shares the store with others and its clock is off.
    pub fn may_lease(&self) -> bool {
        !self.is_shared() || self.clock_ahead().abs() <= CLOCK_LIMIT
    }

    /// How long ago the store's time moved forward at once, or was resumed after an unknown while:
    /// since then more looks due than is.
    pub fn since_leap(&self) -> Option<Duration> {
        self.inner.clock.since_leap()
    }

    /// Whether other nodes may use it.
    pub(super) fn is_shared(&self) -> bool {
        matches!(self.inner.engine, Engine::Redis(_))
    }

    /// Puts the parts together, and keeps the clock from then on.
    pub(super) async fn assemble(
        engine: Engine,
        options: Options,
        clock: StoreClock,
    ) -> Result<Self, Error> {
        let clock = Arc::new(clock);
        match &engine {
            Engine::Memory(_) => {}
            Engine::Local(_) => clock.doubt(),
            Engine::Redis(redis) => clock.adopt(redis.time().await?),
        }
        let store = Self {
            inner: Arc::new(Inner {
                engine,
                options,
                health: Health::default(),
                clock,
            }),
        };
        if !matches!(store.inner.engine, Engine::Memory(_)) {
            let (clock, inner) = (Arc::clone(&store.inner.clock), Arc::downgrade(&store.inner));
            tokio::spawn(keep(clock, inner, store.is_shared()));
        }
        Ok(store)
    }
}

/// Keeps a store's clock, and reports when this machine's clock is off. Ends with the store.
async fn keep(clock: Arc<StoreClock>, store: Weak<Inner>, is_shared: bool) {
    let mut is_off = false;
    loop {
        tokio::time::sleep(EVERY).await;
        if is_shared {
            let Some(inner) = store.upgrade() else { return };
            read(&inner).await;
        } else if store.strong_count() == 0 {
            return;
        }
        let was_off = std::mem::replace(&mut is_off, clock.ahead().abs() > CLOCK_LIMIT);
        if was_off != is_off {
            tell(clock.ahead().as_secs_f64(), is_off, is_shared);
        }
    }
}

/// A store that does not answer goes on evenly meanwhile.
async fn read(inner: &Inner) {
    let Engine::Redis(redis) = &inner.engine else {
        return;
    };
    match redis.time().await {
        Err(error) => tracing::debug!(%error, "The store does not say what time it is."),
        Ok(reading) => {
            if let Some(moved) = inner.clock.follow(reading) {
                let seconds = moved.as_secs_f64();
                tracing::error!(
                    seconds,
                    "The store's clock was set: calls that look silent have their time again."
                );
            }
        }
    }
}

fn tell(ahead: f64, is_off: bool, is_shared: bool) {
    match (is_off, is_shared) {
        (true, true) => tracing::error!(
            ahead,
            "This machine's clock differs from the store's: until it is right, other nodes take what is due."
        ),
        (true, false) => tracing::warn!(
            ahead,
            "This machine's clock was set: nothing is due earlier or later for it."
        ),
        (false, _) => tracing::info!("This machine's clock and the store's agree again."),
    }
}
