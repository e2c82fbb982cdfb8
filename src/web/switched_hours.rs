//! The opening hours that somebody has switched: read from the store again and again, so that no turn waits for it.

use std::sync::Arc;
use std::time::Duration;

use actix_web::web::Data;
use arc_swap::ArcSwap;

use super::app::App;
use crate::hours::HoursSwitch;
use crate::store::{Error, KeptSwitch, Store};

/// How often the store is asked: so long at most until a switch holds on every node.
const EVERY: Duration = Duration::from_secs(2);

/// What turns need of them.
type Switches = Vec<(String, HoursSwitch)>;

/// The opening hours that somebody has switched, as this node knows them.
#[derive(Debug, Default)]
pub struct SwitchedHours(ArcSwap<Switches>);

impl SwitchedHours {
    /// As they were read last.
    pub fn now(&self) -> Arc<Switches> {
        self.0.load_full()
    }

    /// Reads them again.
    ///
    /// # Errors
    /// When the store cannot be read; then they stay as they were.
    pub async fn refresh(&self, store: &Store) -> Result<(), Error> {
        let kept = store.switched_hours().await?.into_iter();
        let switches: Switches = kept
            .map(|(name, KeptSwitch { switch, .. })| (name, switch))
            .collect();
        // Mostly nothing has changed, and whoever reads them need not notice.
        if **self.0.load() != switches {
            self.0.store(Arc::new(switches));
        }
        Ok(())
    }
}

/// Keeps them fresh. Runs until it is dropped.
pub async fn watch(app: Data<App>) {
    let mut is_told = false;
    loop {
        match app.switched.refresh(&app.store).await {
            Ok(()) => is_told = false,
            // The store's own state is told elsewhere; this is told once.
            Err(error) if !is_told => {
                tracing::warn!(%error, "Switched opening hours cannot be read; they stay as they were.");
                is_told = true;
            }
            Err(_) => {}
        }
        tokio::time::sleep(EVERY).await;
    }
}
