//! What can become of a request to the API, by Twilio's codes.

use std::error::Error as _;
use std::fmt;

use serde::Deserialize;

/// Twilio: a login that is wrong or may not do this.
const DENIED: u32 = 20_003;
/// Twilio: a resource cannot be deleted before it is complete.
const NOT_COMPLETED: u32 = 20_009;
/// Twilio: there is no such resource.
const NOT_FOUND: u32 = 20_404;
/// Twilio: too many requests.
const TOO_MANY: u32 = 20_429;

/// How much of an error message is kept, in bytes.
const WORDS: usize = 300;

/// A request that did not come to a good answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RestError {
    /// No login is set for the account.
    #[error("no login is set for account {0}")]
    NoLogin(String),
    /// What should be a SID is none.
    #[error("`{0}` is no SID")]
    NoSid(String),
    /// The login is wrong, or may not do this (20003, or status 401 or 403).
    #[error("the login was refused: {0}")]
    Denied(RestRefusal),
    /// There is no such resource, or no longer (20404).
    #[error("there is no such thing: {0}")]
    NotFound(RestRefusal),
    /// Too much is asked at once (20429). The request was not carried out.
    #[error("too many requests: {refusal}")]
    TooMany {
        /// What was answered.
        refusal: RestRefusal,
        /// The `Retry-After` header, as it came.
        retry_after: Option<String>,
    },
    /// It cannot be deleted before it is complete (20009).
    #[error("it is not complete yet: {0}")]
    NotCompleted(RestRefusal),
    /// It is refused for what it says, or for any other reason that a repeat does not change.
    #[error("it was refused: {0}")]
    Refused(RestRefusal),
    /// The API fails (5xx). The request may have been carried out.
    #[error("the API fails: {refusal}")]
    Failing {
        /// What was answered.
        refusal: RestRefusal,
        /// The `Retry-After` header, as it came.
        retry_after: Option<String>,
    },
    /// The API was not reached: it cannot have the request.
    #[error("not reached: {0}")]
    NotSent(String),
    /// No whole answer came: the request may have been carried out.
    #[error("no whole answer: {0}")]
    NoAnswer(String),
    /// The answer is longer than so many bytes.
    #[error("the answer is longer than {0} bytes")]
    TooLong(u64),
    /// The answer is not what the API says that it gives.
    #[error("the answer is not understood: {0}")]
    NotUnderstood(String),
}

/// An answer that refuses. What Twilio says in words is left out: it may hold a telephone number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RestRefusal {
    /// The HTTP status.
    pub status: u16,
    /// Twilio's code, by which its error dictionary is ordered.
    pub code: Option<u32>,
}

impl fmt::Display for RestRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "answered {}", self.status)?;
        self.code.map_or(Ok(()), |code| write!(f, ", code {code}"))
    }
}

impl RestError {
    /// What an answer other than 2xx means. The code goes before the status; a body that is no error of Twilio's (a
    /// gateway's page) has none.
    pub(super) fn of_answer(status: u16, retry_after: Option<String>, body: &[u8]) -> Self {
        #[derive(Deserialize)]
        struct Answer {
            code: Option<u32>,
        }
        let answer: Option<Answer> = serde_json::from_slice(body).ok();
        let code = answer.and_then(|answer| answer.code);
        let refusal = RestRefusal { status, code };
        match (code, status) {
            (Some(NOT_COMPLETED), _) => Self::NotCompleted(refusal),
            (Some(TOO_MANY), _) | (_, 429) => Self::TooMany {
                refusal,
                retry_after,
            },
            (Some(DENIED), _) | (_, 401 | 403) => Self::Denied(refusal),
            (Some(NOT_FOUND), _) | (_, 404) => Self::NotFound(refusal),
            (_, 500..) => Self::Failing {
                refusal,
                retry_after,
            },
            _ => Self::Refused(refusal),
        }
    }

    /// What an error while sending means.
    pub(super) fn of_sending(error: reqwest::Error) -> Self {
        if error.is_connect() || error.is_builder() {
            Self::NotSent(describe(error))
        } else {
            Self::NoAnswer(describe(error))
        }
    }

    /// What an error while reading an answer means.
    pub(super) fn of_reading(error: reqwest::Error) -> Self {
        Self::NoAnswer(describe(error))
    }

    /// Whether Twilio may have done what was asked, though it did not say so.
    pub fn is_ambiguous(&self) -> bool {
        matches!(
            self,
            Self::NoAnswer(_) | Self::Failing { .. } | Self::NotUnderstood(_) | Self::TooLong(_)
        )
    }
}

/// The error and what caused it, without the URL, which names an account.
fn describe(error: reqwest::Error) -> String {
    let error = error.without_url();
    if error.is_timeout() {
        return "timed out".to_owned();
    }
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        words = format!("{words}: {error}");
        cause = error.source();
    }
    words.truncate(words.floor_char_boundary(WORDS));
    words
}

#[cfg(test)]
mod tests {
    use super::{RestError, RestRefusal};

    fn of(status: u16, body: &str) -> RestError {
        RestError::of_answer(status, Some("7".to_owned()), body.as_bytes())
    }

    #[test]
    fn twilios_code_goes_before_the_status() {
        let refusal = |status, code| RestRefusal {
            status,
            code: Some(code),
        };
        let body =
            |code: u32| format!(r#"{{"code":{code},"message":"To +447700900123","status":1}}"#);
        assert_eq!(
            of(400, &body(20_003)),
            RestError::Denied(refusal(400, 20_003))
        );
        assert_eq!(
            of(409, &body(20_009)),
            RestError::NotCompleted(refusal(409, 20_009))
        );
        assert_eq!(
            of(400, &body(20_404)),
            RestError::NotFound(refusal(400, 20_404))
        );
        assert_eq!(
            of(400, &body(21_211)),
            RestError::Refused(refusal(400, 21_211))
        );
        let wait = RestError::TooMany {
            refusal: refusal(503, 20_429),
            retry_after: Some("7".to_owned()),
        };
        assert_eq!(of(503, &body(20_429)), wait);
    }

    #[test]
    fn without_a_code_the_status_decides() {
        for (status, is_right) in [
            (
                401,
                (|error| matches!(error, RestError::Denied(_))) as fn(RestError) -> bool,
            ),
            (403, |error| matches!(error, RestError::Denied(_))),
            (404, |error| matches!(error, RestError::NotFound(_))),
            (429, |error| matches!(error, RestError::TooMany { .. })),
            (302, |error| matches!(error, RestError::Refused(_))),
            (500, |error| matches!(error, RestError::Failing { .. })),
            (503, |error| matches!(error, RestError::Failing { .. })),
        ] {
            for body in ["", "<html>", "{}", "[]", r#"{"code":"x"}"#, "\u{0}"] {
                assert!(is_right(of(status, body)), "{status} {body:?}");
            }
        }
    }

    #[test]
    fn what_people_read_holds_no_words_of_the_answer() {
        let shown = of(400, r#"{"code":21211,"message":"To +447700900123"}"#).to_string();
        assert_eq!(shown, "it was refused: answered 400, code 21211");
    }
}
