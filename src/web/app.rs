//! What every request needs, and the routes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use actix_web::web::{self, Data, PayloadConfig, ServiceConfig};

use super::cache::Cache;
use super::flows::Flows;
use super::metrics::Metrics;
use super::{audio, fallback, health, status, voice};
use crate::outbox::Outbox;
use crate::store::Store;
use crate::twilio::{PublicUrl, Tokens};

/// The largest body of a webhook, in bytes: Twilio's are a few kilobytes.
pub const MAX_BODY: usize = 64 * 1024;

/// A node at work.
pub struct App {
    /// Where calls live.
    pub store: Store,
    /// The flows in service.
    pub flows: Arc<Flows>,
    /// What must reach a backend.
    pub outbox: Outbox,
    /// The calls that this node served last.
    pub cache: Cache,
    /// What is measured.
    pub metrics: Arc<Metrics>,
    /// What webhooks are signed with.
    pub tokens: Tokens,
    /// Where the carrier reaches us.
    pub address: Address,
    /// The times of a call's life.
    pub times: Times,
    /// Whether the node is going away.
    pub stopping: AtomicBool,
    /// Whether the store answered when it was asked last.
    pub store_away: AtomicBool,
}

/// Where the carrier reaches us.
pub struct Address {
    /// As set: what signatures are made over.
    pub public: Option<PublicUrl>,
    /// The path that stands before ours in every URL that we give out; mostly empty.
    pub prefix: String,
    /// Whether the server listens on loopback only.
    pub loopback: bool,
}

/// The times of a call's life.
#[derive(Clone, Copy, Debug)]
pub struct Times {
    /// From the first sign of a call's end until its end is acted on.
    pub hangup_grace: Duration,
    /// Without a sign of life until a call counts as over.
    pub silent_after: Duration,
}

impl App {
    /// Notes whether the store answers, for whoever asks how we do.
    pub fn note_store(&self, away: bool) {
        if self.store_away.swap(away, Ordering::Relaxed) != away {
            match away {
                true => tracing::error!(store = self.store.describe(), "The store is away: callers are held."),
                false => tracing::info!(store = self.store.describe(), "The store is back."),
            }
        }
    }
}

/// The routes that the carrier and the operator's tools rely on.
pub fn routes(app: Data<App>) -> impl Fn(&mut ServiceConfig) + Clone {
    move |config| {
        config
            .app_data(app.clone())
            .app_data(PayloadConfig::new(MAX_BODY))
            .route("/voice", web::get().to(voice::answer))
            .route("/voice", web::post().to(voice::answer))
            .route("/voice/{tail:.*}", web::get().to(voice::answer))
            .route("/voice/{tail:.*}", web::post().to(voice::answer))
            .route("/status", web::get().to(status::answer))
            .route("/status", web::post().to(status::answer))
            .route("/fallback", web::get().to(fallback::answer))
            .route("/fallback", web::post().to(fallback::answer))
            .route("/audio/{tail:.*}", web::get().to(audio::answer))
            .route("/audio/{tail:.*}", web::head().to(audio::answer))
            .route("/healthz", web::get().to(health::live))
            .route("/readyz", web::get().to(health::ready))
            .route("/metrics", web::get().to(health::metrics));
    }
}
