//! What can be wrong with the outbox's settings, for the operator.

use super::signing::InvalidSecret;

/// A backend that cannot be used as it is written.
///
/// No variant shows a URL's query or user, nor a secret: they may stand in a log.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The name is not `[a-z][a-z0-9_]*`.
    #[error("`{0}` is not a backend's name: a letter a-z, then letters a-z, digits and `_`")]
    Name(String),
    /// The URL is neither `log:` nor an absolute http or https URL.
    #[error("the URL of backend `{backend}` cannot be used: {reason}")]
    Url {
        /// The backend.
        backend: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The secret is not what Standard Webhooks asks for.
    #[error("the secret of backend `{backend}` cannot be used: {source}")]
    Secret {
        /// The backend.
        backend: String,
        /// What is wrong with it.
        source: InvalidSecret,
    },
    /// The HTTP client could not be made: TLS has no certificates to trust, as a rule.
    #[error("the HTTP client could not be made")]
    Client(#[source] reqwest::Error),
}
