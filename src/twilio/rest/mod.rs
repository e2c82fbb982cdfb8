//! Twilio's REST API, as far as it is asked: one file for each kind of resource.
//!
//! A resource is named by its SID alone. No URL that came in a webhook is ever asked, so that our login goes to nobody
//! but Twilio. Every request has a time limit and every answer a size limit; redirects are not followed.

mod call;
mod error;
mod login;
mod message;
mod moment;
mod number;
mod recording;

use std::time::Duration;

use bytes::Bytes;
use reqwest::header::RETRY_AFTER;
use reqwest::{Client, Method, RequestBuilder, Response, Url, redirect};
use secrecy::ExposeSecret;
use serde::de::DeserializeOwned;

pub use call::{CallResource, CallUpdate, NewCall};
pub use error::{RestError, RestRefusal};
pub use login::Logins;
pub use message::{MessageResource, MessageSender, NewMessage};
pub use number::{NumberResource, NumberUrls};
pub use recording::{Erased, RecordingMedia, RecordingResource, RecordingState};

/// Where Twilio's API is.
pub const TWILIO: &str = "https://api.twilio.com";

/// How long a request may take from beginning to end, and each part of a recording: its whole may take longer.
pub const PATIENCE: Duration = Duration::from_secs(15);

/// How long a connection may take, TLS included.
const CONNECT_LIMIT: Duration = Duration::from_secs(5);

/// The version of the API, which is the first part of every path.
const VERSION: &str = "2010-04-01";

/// The longest answer that is read, recordings apart.
const ANSWER_LIMIT: usize = 64 * 1024;

/// The API with our logins. Clones share its connections.
#[derive(Clone, Debug)]
pub struct Rest {
    http: Client,
    base: Url,
    logins: Logins,
    patience: Duration,
}

impl Rest {
    /// Prepares requests to the API at `base`, an http or https URL ([`TWILIO`], a carrier with the same API, a stand-in).
    ///
    /// # Errors
    /// When the URL cannot have a path, or TLS cannot be set up.
    pub fn new(base: &str, logins: Logins, patience: Duration) -> Result<Self, RestError> {
        let base = Url::parse(base).map_err(|error| RestError::NotSent(error.to_string()))?;
        if base.cannot_be_a_base() {
            return Err(RestError::NotSent("the URL has no host".to_owned()));
        }
        let http = Client::builder()
            .no_proxy()
            .redirect(redirect::Policy::none())
            .referer(false)
            .user_agent(concat!("hookswitch/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT_LIMIT)
            .read_timeout(patience)
            .build()
            .map_err(RestError::of_sending)?;
        Ok(Self {
            http,
            base,
            logins,
            patience,
        })
    }

    /// A request about what an account has, logged in. The parts of the path are SIDs and constants.
    fn request(
        &self,
        method: Method,
        account: &str,
        path: &[&str],
    ) -> Result<RequestBuilder, RestError> {
        self.request_about(method, account, path, &[])
    }

    /// The same, with what is said behind the path.
    fn request_about(
        &self,
        method: Method,
        account: &str,
        path: &[&str],
        query: &[(&str, &str)],
    ) -> Result<RequestBuilder, RestError> {
        let parts = [VERSION, "Accounts", account];
        let parts = parts.iter().chain(path);
        if let Some(part) = parts.clone().find(|part| !is_part(part)) {
            return Err(RestError::NoSid((*part).to_owned()));
        }
        let login = self.logins.of(account);
        let login = login.ok_or_else(|| RestError::NoLogin(account.to_owned()))?;
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(parts);
        }
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let request = self.http.request(method, url);
        Ok(request.basic_auth(login.user, Some(login.secret.expose_secret())))
    }

    /// Asks, and gives the answer if it is a good one.
    async fn ask(&self, request: RequestBuilder) -> Result<Response, RestError> {
        let response = request.send().await.map_err(RestError::of_sending)?;
        if response.status().is_success() {
            return Ok(response);
        }
        let status = response.status().as_u16();
        let header = response.headers().get(RETRY_AFTER);
        let wait = header.and_then(|value| value.to_str().ok());
        let wait = wait.map(str::to_owned);
        // The status is enough where the rest does not come.
        let body = read(response).await.unwrap_or_default();
        Err(RestError::of_answer(status, wait, &body))
    }

    /// Asks for something that is described in JSON.
    async fn resource<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<T, RestError> {
        let response = self.ask(request.timeout(self.patience)).await?;
        let body = read(response).await?;
        serde_json::from_slice(&body).map_err(|error| RestError::NotUnderstood(error.to_string()))
    }
}

/// Whether something can be a part of a path and nothing else: no slash, no dots that lead elsewhere, no query.
fn is_part(text: &str) -> bool {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"._:-".contains(&byte);
    (1..=80).contains(&text.len()) && text.bytes().all(legal) && !text.starts_with('.')
}

/// Reads an answer that is not a recording.
async fn read(mut response: Response) -> Result<Bytes, RestError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(RestError::of_reading)? {
        if body.len() + chunk.len() > ANSWER_LIMIT {
            return Err(RestError::TooLong(ANSWER_LIMIT as u64));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.into())
}

#[cfg(test)]
mod tests {
    use reqwest::Method;
    use secrecy::SecretString;

    use super::{Logins, PATIENCE, Rest, RestError};

    fn rest(base: &str) -> Rest {
        let logins = Logins::new(Some(&SecretString::from("token")), None, []);
        Rest::new(base, logins, PATIENCE).expect("it can be asked")
    }

    fn url(base: &str, path: &[&str]) -> Result<String, RestError> {
        let request = rest(base).request(Method::GET, "AC1", path)?;
        Ok(request.build().expect("a request").url().to_string())
    }

    #[test]
    fn a_path_stands_below_that_of_the_api() {
        for base in [
            "https://space.example/api/laml",
            "https://space.example/api/laml/",
        ] {
            assert_eq!(
                url(base, &["Calls", "CA1.json"]).expect("a URL"),
                "https://space.example/api/laml/2010-04-01/Accounts/AC1/Calls/CA1.json"
            );
        }
    }

    #[test]
    fn what_is_no_sid_never_becomes_a_part_of_a_path() {
        let long = "a".repeat(81);
        for part in [
            "", "..", "../Keys", "a/b", "a?b", "a#b", "a%2f", "ä", "a b", "\n", &long,
        ] {
            let refused = url("https://api.example", &["Recordings", part]);
            assert!(matches!(refused, Err(RestError::NoSid(_))), "{part:?}");
        }
    }
}
