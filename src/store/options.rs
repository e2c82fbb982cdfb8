//! What a store is opened with.

use std::time::Duration;

use super::Seal;

/// What a store is opened with.
#[derive(Clone)]
pub struct Options {
    /// Which store: `memory:`, `local:DIR`, or a URL of Redis.
    pub url: String,
    /// Seals what is sensitive.
    pub seal: Seal,
    /// How long any one request may take; then it fails, and may or may not have been done.
    pub deadline: Duration,
    /// How long a call is kept after its flow is over.
    pub keep_finished: Duration,
    /// How long the trail of a call is kept after its last turn; zero keeps none.
    pub keep_trail: Duration,
    /// How long a delivered row is kept; zero keeps none.
    pub keep_delivered: Duration,
}
