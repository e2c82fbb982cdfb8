//! The outcome of an attempt, as facts. [`super::schedule`] decides what they mean.

use std::fmt;

use bytes::Bytes;
use jiff::Timestamp;

use crate::store::BackendAnswer;

/// The outcome of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AttemptOutcome {
    /// The backend answered, as far as its answer matters.
    Answered {
        /// The HTTP status.
        status: u16,
        /// The `Retry-After` header, as it came.
        retry_after: Option<String>,
        /// The first bytes of its body, for people.
        body: Bytes,
    },
    /// The backend was not reached (no address, refused, no TLS): it cannot have the delivery.
    NotSent {
        /// Why.
        error: String,
    },
    /// It was sent, and no whole answer came: the backend may have it.
    Unknown {
        /// What came instead.
        error: String,
    },
    /// It was not done, and may be later: what it is about is not ready, or we are not let in.
    NotDone {
        /// Why.
        error: String,
        /// Whether the other side works all the same.
        is_alive: bool,
    },
    /// It can never be done.
    Refused {
        /// Why.
        error: String,
    },
    /// It is not to be done yet. Nothing was asked, so this is no attempt.
    NotYet {
        /// When to look again.
        until: Timestamp,
        /// What is waited for.
        why: String,
    },
}

impl AttemptOutcome {
    /// Whether the backend may have the delivery without having said so. A 504 reports a timeout behind a gateway.
    pub fn is_unknown(&self) -> bool {
        matches!(
            self,
            Self::Unknown { .. } | Self::Answered { status: 504, .. }
        )
    }

    /// Whether the backend works: it accepts deliveries, or refuses this one for its content.
    pub fn is_alive(&self) -> bool {
        match self {
            Self::Answered { status, .. } => {
                matches!(status, 200..=299 | 400..=407 | 409..=428 | 430..=499)
            }
            Self::NotDone { is_alive, .. } => *is_alive,
            Self::Refused { .. } | Self::NotYet { .. } => true,
            Self::NotSent { .. } | Self::Unknown { .. } => false,
        }
    }

    /// What is kept of the backend's answer.
    pub fn answer(&self) -> Option<BackendAnswer> {
        match self {
            Self::Answered { status, body, .. } => Some(BackendAnswer {
                status: *status,
                body: body.clone(),
            }),
            _ => None,
        }
    }

    /// The `Retry-After` header, as it came.
    pub fn retry_after(&self) -> Option<&str> {
        match self {
            Self::Answered { retry_after, .. } => retry_after.as_deref(),
            _ => None,
        }
    }
}

impl fmt::Display for AttemptOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Answered { status, .. } => write!(f, "answered {status}"),
            Self::NotSent { error } => write!(f, "not reached: {error}"),
            Self::Unknown { error } => write!(f, "no whole answer: {error}"),
            Self::NotDone { error, .. } => f.write_str(error),
            Self::Refused { error } => write!(f, "refused: {error}"),
            Self::NotYet { why, .. } => f.write_str(why),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{AttemptOutcome, Bytes};

    #[test]
    fn a_backend_that_refuses_a_delivery_is_alive_and_one_that_is_overwhelmed_is_not() {
        let alive = |status| {
            AttemptOutcome::Answered {
                status,
                retry_after: None,
                body: Bytes::new(),
            }
            .is_alive()
        };
        assert!(
            [200, 204, 400, 401, 404, 409, 410, 422]
                .into_iter()
                .all(alive)
        );
        assert!(![301, 408, 429, 500, 502, 503, 504].into_iter().any(alive));
        assert!(
            !AttemptOutcome::NotSent {
                error: String::new()
            }
            .is_alive()
        );
        assert!(
            !AttemptOutcome::Unknown {
                error: String::new()
            }
            .is_alive()
        );
    }
}
