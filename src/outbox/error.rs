//! What can go wrong with the outbox's settings, for the operator.

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

/// A text that is no signing secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSecret {
    /// It does not begin with `whsec_`.
    #[error("it must be `whsec_` followed by base64")]
    Prefix,
    /// What follows is not base64.
    #[error("what follows `whsec_` is not base64")]
    Base64,
    /// Too few bytes to be a secret.
    #[error("it holds {0} bytes, and at least {min} are needed", min = super::signing::SECRET_MIN)]
    Short(usize),
}
