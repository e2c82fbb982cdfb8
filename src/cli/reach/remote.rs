//! A node that runs, asked by its JSON API.

use std::path::Path;
use std::time::Duration;

use reqwest::{Client, Method, StatusCode, Url, redirect};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use tokio::fs::File;
use tokio::io::AsyncWriteExt as _;

use super::ReachError;

/// How long a connection may take.
const CONNECT_LIMIT: Duration = Duration::from_secs(5);
/// How long an answer may take: thousands of rows may have to be written one by one.
const ANSWER_LIMIT: Duration = Duration::from_mins(10);

/// A node that runs.
pub struct Remote {
    client: Client,
    base: Url,
    token: Option<SecretString>,
    /// Its name in messages.
    at: String,
}

impl Remote {
    /// The node that listens on a control socket.
    ///
    /// # Errors
    /// When the client cannot be made.
    pub(super) fn at_socket(path: &Path) -> Result<Self, ReachError> {
        let client = builder()
            .unix_socket(path)
            .build()
            .map_err(ReachError::Client)?;
        let base = Url::parse("http://localhost/").expect("it is a URL");
        Ok(Self {
            client,
            base,
            token: None,
            at: path.display().to_string(),
        })
    }

    /// The node whose admin listener is at an http or https URL, perhaps below a path.
    ///
    /// # Errors
    /// When the client cannot be made.
    pub(super) fn at_url(url: &Url, token: Option<SecretString>) -> Result<Self, ReachError> {
        let client = builder().build().map_err(ReachError::Client)?;
        let mut base = url.clone();
        if !base.path().ends_with('/') {
            base.set_path(&format!("{}/", url.path()));
        }
        Ok(Self {
            client,
            at: base.origin().ascii_serialization(),
            base,
            token,
        })
    }

    /// Asks the API: a path below the node's own, fields of a query, perhaps a JSON body.
    ///
    /// # Errors
    /// When no answer comes, or one that is neither a yes nor an `acted`.
    pub async fn ask(
        &self,
        method: Method,
        path: &str,
        query: &[(&str, String)],
        body: Option<&Value>,
    ) -> Result<(StatusCode, Value), ReachError> {
        let mut url = self.base.join(path).map_err(|error| self.strange(&error))?;
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let mut request = self.client.request(method, url);
        if let Some(token) = &self.token {
            request = request.bearer_auth(token.expose_secret());
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let silent = |source: reqwest::Error| ReachError::NoAnswer {
            at: self.at.clone(),
            source: source.without_url(),
        };
        let response = request.send().await.map_err(silent)?;
        let status = response.status();
        let text = response.text().await.map_err(silent)?;
        self.judge(status, &text)
    }

    /// Writes what is at a path of the API into a file; how many bytes it has. `None` where there is nothing.
    ///
    /// # Errors
    /// When no answer comes, or one that is neither, or the file cannot be written.
    pub async fn save(&self, path: &str, to: &Path) -> Result<Option<u64>, ReachError> {
        let url = self.base.join(path).map_err(|error| self.strange(&error))?;
        let mut request = self.client.get(url);
        if let Some(token) = &self.token {
            request = request.bearer_auth(token.expose_secret());
        }
        let silent = |source: reqwest::Error| ReachError::NoAnswer {
            at: self.at.clone(),
            source: source.without_url(),
        };
        let mut response = request.send().await.map_err(silent)?;
        let status = response.status();
        if status == StatusCode::NOT_FOUND {
            return Ok(None);
        }
        if !status.is_success() {
            let text = response.text().await.map_err(silent)?;
            return self.judge(status, &text).map(|_| None);
        }
        let unwritten = |source| ReachError::File {
            path: to.to_owned(),
            source,
        };
        let mut file = File::create(to).await.map_err(unwritten)?;
        let mut bytes = 0;
        while let Some(part) = response.chunk().await.map_err(silent)? {
            bytes += part.len() as u64;
            file.write_all(&part).await.map_err(unwritten)?;
        }
        file.flush().await.map_err(unwritten)?;
        Ok(Some(bytes))
    }

    fn judge(&self, status: StatusCode, text: &str) -> Result<(StatusCode, Value), ReachError> {
        let answer: Value = serde_json::from_str(text).unwrap_or_default();
        if (status.is_success() && answer.is_object()) || answer.get("acted").is_some() {
            return Ok((status, answer));
        }
        if status.is_success() {
            return Err(self.strange(&"not with a JSON object"));
        }
        let words = answer
            .get("error")
            .and_then(Value::as_str)
            .unwrap_or("is this a node's admin listener?")
            .to_owned();
        Err(ReachError::Refused {
            at: self.at.clone(),
            status: status.as_u16(),
            words,
        })
    }

    /// Reads a value out of an answer.
    ///
    /// # Errors
    /// When it is not what a node answers.
    pub fn read<T: serde::de::DeserializeOwned>(&self, answer: Value) -> Result<T, ReachError> {
        serde_json::from_value(answer).map_err(|error| self.strange(&error))
    }

    fn strange(&self, words: &dyn std::fmt::Display) -> ReachError {
        ReachError::Strange {
            at: self.at.clone(),
            words: words.to_string(),
        }
    }
}

/// No proxy and no redirect: the token is for this node alone.
fn builder() -> reqwest::ClientBuilder {
    Client::builder()
        .no_proxy()
        .redirect(redirect::Policy::none())
        .connect_timeout(CONNECT_LIMIT)
        .timeout(ANSWER_LIMIT)
        .user_agent(concat!("hookswitch/", env!("CARGO_PKG_VERSION")))
}
