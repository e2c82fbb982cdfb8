//! Makes one attempt: a POST and its outcome as facts. [`super::schedule`] decides what the facts mean.

use std::error::Error as _;
use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use reqwest::{Client, Response, Url, redirect};

use super::Error;
use super::backend::{Backend, DeliveryTarget};
use super::masking::masked_body;
use super::outcome::AttemptOutcome;
use super::signing::sign;
use crate::store::Row;

/// How long a connection may take, TLS included.
const CONNECT_LIMIT: Duration = Duration::from_secs(5);

/// How long it may take to carry out what a row asks for: whoever does so waits for no answer as long, but a recording of
/// hours that comes slowly is no reason to work for ever.
const PERFORM_LIMIT: Duration = Duration::from_hours(2);

/// How much of an answer's body is read.
const BODY_LIMIT: usize = 64 * 1024;

/// How much of it is kept, for people.
const BODY_KEPT: usize = 1024;

/// How long an idle connection is kept: less than the 5 s after which common servers close theirs, so that a delivery
/// seldom meets a connection that is just being closed, which would leave its outcome unknown.
const IDLE_LIMIT: Duration = Duration::from_secs(4);

/// How much of an error message is kept, in bytes.
const ERROR_LIMIT: usize = 300;

/// The HTTP client that makes attempts, shared by all backends. Clones share its connections.
#[derive(Clone, Debug)]
pub struct DeliveryClient {
    client: Client,
}

impl DeliveryClient {
    /// Builds the client: no proxy, no redirects, every time and size limited.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn build() -> Result<Self, Error> {
        let client = Client::builder()
            .no_proxy()
            .redirect(redirect::Policy::none())
            .referer(false)
            .user_agent(concat!("hookswitch/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT_LIMIT)
            .pool_idle_timeout(IDLE_LIMIT)
            .build()
            .map_err(Error::Client)?;
        Ok(Self { client })
    }

    /// Makes one attempt, signed as of `now`.
    pub async fn deliver(&self, backend: &Backend, row: &Row, now: Timestamp) -> AttemptOutcome {
        match &backend.target {
            DeliveryTarget::Log => log(backend, row),
            DeliveryTarget::Post(url) => self.post(backend, url, row, now).await,
            DeliveryTarget::Perform(performer) => {
                let performed = tokio::time::timeout(PERFORM_LIMIT, performer.perform(row, now));
                performed.await.unwrap_or_else(|_| AttemptOutcome::Unknown {
                    error: "timed out".to_owned(),
                })
            }
        }
    }

    async fn post(
        &self,
        backend: &Backend,
        url: &Url,
        row: &Row,
        now: Timestamp,
    ) -> AttemptOutcome {
        let id = row.id.to_string();
        let mut request = self
            .client
            .post(url.clone())
            .timeout(backend.timeout)
            .header(CONTENT_TYPE, "application/json")
            .header("webhook-id", &id)
            .header("webhook-timestamp", now.as_second());
        if !backend.secrets.is_empty() {
            request = request.header(
                "webhook-signature",
                sign(&backend.secrets, &id, now, &row.body),
            );
        }
        match request.body(row.body.clone()).send().await {
            Ok(response) => read_answer(response).await,
            Err(error) if error.is_connect() || error.is_builder() => AttemptOutcome::NotSent {
                error: describe(error),
            },
            Err(error) => AttemptOutcome::Unknown {
                error: describe(error),
            },
        }
    }
}

fn log(backend: &Backend, row: &Row) -> AttemptOutcome {
    tracing::info!(id = %row.id, backend = backend.name, body = %masked_body(row), "Delivery, as it would be sent.");
    AttemptOutcome::Answered {
        status: 200,
        retry_after: None,
        body: Bytes::new(),
    }
}

/// A 2xx counts only when the whole answer arrived: a backend that breaks off halfway may have failed after sending its
/// status. For any other answer the status is enough.
async fn read_answer(response: Response) -> AttemptOutcome {
    let status = response.status();
    let retry_after = response
        .headers()
        .get(RETRY_AFTER)
        .and_then(|value| value.to_str().ok())
        .map(str::to_owned);
    match read_body(response).await {
        Err(error) if status.is_success() => AttemptOutcome::Unknown {
            error: format!("answered {}, then {}", status.as_u16(), describe(error)),
        },
        body => AttemptOutcome::Answered {
            status: status.as_u16(),
            retry_after,
            body: body.unwrap_or_default(),
        },
    }
}

/// Reads the body to its end, so that the connection can be reused, or to the limit, which closes the connection.
/// Returns its first bytes.
async fn read_body(mut response: Response) -> Result<Bytes, reqwest::Error> {
    let (mut read, mut kept) = (0, Vec::new());
    while read <= BODY_LIMIT
        && let Some(chunk) = response.chunk().await?
    {
        read += chunk.len();
        let room = BODY_KEPT - kept.len();
        kept.extend_from_slice(&chunk[..room.min(chunk.len())]);
    }
    Ok(kept.into())
}

/// The error and what caused it, without the URL, which may hold a secret.
pub fn describe(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut words = if error.is_timeout() {
        "timed out".to_owned()
    } else {
        error.to_string()
    };
    let mut cause = error.source();
    while let Some(error) = cause {
        let next = error.to_string();
        if !words.ends_with(&next) {
            words = format!("{words}: {next}");
        }
        cause = error.source();
    }
    words.truncate(words.floor_char_boundary(ERROR_LIMIT));
    words
}
