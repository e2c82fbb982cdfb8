//! Requests over sockets.

use std::collections::HashMap;
use std::error::Error;
use std::io::ErrorKind;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use reqwest::header::{CONTENT_TYPE, HeaderMap};
use reqwest::{Client, Url, redirect};
use tokio::time::{Instant, timeout_at};

use super::document::TOO_LARGE;
use super::recording::{essence, is_played};
use super::wire::{Method, Purpose, Request, Response, Wire, WireError};

/// The longest that a whole exchange may take (Twilio: cannot be raised).
const WHOLE: Duration = Duration::from_secs(15);

/// What is read of a document: enough to see that it is too large.
const DOCUMENT: usize = TOO_LARGE + 1;

/// What is read of a recording. The carrier names no limit; 40 minutes of uncompressed telephone audio are 38 MB.
const RECORDING: usize = 64 << 20;

/// The step between the times to connect for which clients are kept, in milliseconds.
const STEP: u32 = 500;

/// A [`Wire`] over sockets: no proxy, no redirects, everything bounded. As the carrier does it asks any host.
#[derive(Debug, Default)]
pub struct Http {
    /// A client for each time to connect: it is a client's and not a request's.
    clients: Mutex<HashMap<u32, Client>>,
}

impl Http {
    /// A wire without connections yet.
    pub fn new() -> Self {
        Self::default()
    }

    fn client(&self, connect: u32) -> Result<Client, WireError> {
        let step = connect.div_ceil(STEP).max(1);
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = clients.get(&step) {
            return Ok(client.clone());
        }
        let client = Client::builder()
            .no_proxy()
            .redirect(redirect::Policy::none())
            .referer(false)
            .user_agent("TwilioProxy/1.1")
            .connect_timeout(Duration::from_millis((step * STEP).into()))
            .pool_idle_timeout(Duration::from_secs(10))
            .build()
            .map_err(|error| WireError::Tls(words(&error)))?;
        clients.insert(step, client.clone());
        Ok(client)
    }
}

impl Wire for Http {
    async fn send(&self, request: &Request) -> Result<Response, WireError> {
        let begun = Instant::now();
        let client = self.client(request.patience.0)?;
        let url = Url::parse(&request.url).map_err(|error| WireError::Url(error.to_string()))?;
        let mut builder = match request.method {
            Method::Get => client.get(url),
            Method::Post => client
                .post(url)
                .header(
                    CONTENT_TYPE,
                    "application/x-www-form-urlencoded; charset=UTF-8",
                )
                .body(
                    form_urlencoded::Serializer::new(String::new())
                        .extend_pairs(&request.fields)
                        .finish(),
                ),
        };
        for (name, value) in &request.headers {
            builder = builder.header(name, value);
        }
        let read = Duration::from_millis(request.patience.1.into());
        let connect = Duration::from_millis(request.patience.0.into());
        let until = (begun + connect + read).min(begun + WHOLE);
        let answer = timeout_at(until, builder.send())
            .await
            .map_err(|_| WireError::ReadTimeout)?;
        receive(
            answer.map_err(|error| broken(&error))?,
            request.purpose,
            read,
            begun + WHOLE,
        )
        .await
    }
}

/// Reads an answer: each piece within its time, all of it within the whole time and size.
async fn receive(
    mut answer: reqwest::Response,
    purpose: Purpose,
    read: Duration,
    whole: Instant,
) -> Result<Response, WireError> {
    let headers = headers(answer.headers());
    let status = answer.status().as_u16();
    let kind = headers
        .iter()
        .find(|(name, _)| name == "content-type")
        .map(|(_, kind)| essence(kind));
    let is_audio = purpose == Purpose::Media || kind.is_some_and(|kind| is_played(&kind));
    let most = if is_audio { RECORDING } else { DOCUMENT };
    let mut body = BytesMut::new();
    while body.len() < most {
        let until = (Instant::now() + read).min(whole);
        let piece = timeout_at(until, answer.chunk())
            .await
            .map_err(|_| WireError::ReadTimeout)?;
        match piece.map_err(|error| broken(&error))? {
            Some(piece) => body.extend_from_slice(&piece),
            None => break,
        }
    }
    body.truncate(most);
    Ok(Response {
        status,
        headers,
        body: Bytes::from(body),
    })
}

fn headers(map: &HeaderMap) -> Vec<(String, String)> {
    let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
    map.iter()
        .map(|(name, value)| (name.as_str().to_owned(), text(value.as_bytes())))
        .collect()
}

/// What the error of a library means.
fn broken(error: &reqwest::Error) -> WireError {
    if !error.is_connect() {
        return if error.is_timeout() {
            WireError::ReadTimeout
        } else {
            WireError::Protocol(words(error))
        };
    }
    if error.is_timeout() {
        return WireError::ConnectTimeout;
    }
    means(error).unwrap_or_else(|| WireError::Protocol(words(error)))
}

/// What an error means by itself or by one of its causes. What an I/O error wraps is not among its causes.
fn means(error: &(dyn Error + 'static)) -> Option<WireError> {
    if error.is::<rustls::Error>() {
        return Some(WireError::Tls(error.to_string()));
    }
    if error.to_string().contains("dns error") {
        return Some(WireError::Host(
            error.source().map_or_else(String::new, ToString::to_string),
        ));
    }
    if let Some(io) = error.downcast_ref::<std::io::Error>() {
        if io.kind() == ErrorKind::ConnectionRefused {
            return Some(WireError::Refused);
        }
        if let Some(inner) = io.get_ref() {
            return means(inner);
        }
    }
    means(error.source()?)
}

/// The innermost cause, which says most: a library's outer words only tell that a request failed.
fn words(error: &reqwest::Error) -> String {
    let mut innermost: &dyn Error = error;
    while let Some(cause) = innermost.source() {
        innermost = cause;
    }
    innermost.to_string()
}
