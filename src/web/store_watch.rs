//! The store between calls: whether it takes what is written, and whether it is still set as it was. When it is back, it
//! gets the turns that were kept meanwhile.

use std::time::Duration;

use actix_web::web::Data;

use super::app::App;

/// How often the store is tried.
const TRY_EVERY: Duration = Duration::from_secs(5);
/// How many times it is tried before it is asked again how it is set.
const TRIES: u32 = 3;

/// Watches the store. Runs until it is dropped.
pub async fn watch(app: Data<App>) {
    loop {
        for _ in 0..TRIES {
            tokio::time::sleep(TRY_EVERY).await;
            app.store.try_out().await;
            app.take_spilled().await;
        }
        app.store.review().await;
    }
}
