//! Connections that are kept.
//!
//! One HTTP/1.1 connection carries one request at a time, and what is free is used again. `hyper` without a client on top:
//! a load must cost less than the server that it loads, and half of what a client does (proxies, redirects, TLS, HTTP/2)
//! is not needed here.

use std::cell::RefCell;
use std::collections::HashMap;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{HOST, HeaderMap};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::phone::{Response, WireError};

/// The largest body that is read, in bytes: a little more than the carrier takes.
const MAX_BODY: usize = 80 * 1024;

type Connection = SendRequest<Full<Bytes>>;

/// A request as hyper takes it.
pub type Sendable = hyper::Request<Full<Bytes>>;

/// Why an exchange came to nothing.
enum Failed {
    /// The server closed the connection before it answered.
    Closed,
    Broken(WireError),
}

/// Connections that nobody uses at the moment, by `host:port`.
#[derive(Default)]
pub struct Pool {
    free: RefCell<HashMap<String, Vec<Connection>>>,
}

impl Pool {
    /// Sends the request that `make` makes to a host and reads its answer whole. A connection that the server closed while
    /// nobody used it is replaced by a new one.
    ///
    /// # Errors
    /// When no whole answer came.
    pub async fn send(
        &self,
        host: &str,
        make: impl Fn() -> Result<Sendable, WireError>,
    ) -> Result<Response, WireError> {
        if let Some(connection) = self.take(host) {
            match self.exchange(host, connection, make()?).await {
                Err(Failed::Closed) => {}
                Err(Failed::Broken(error)) => return Err(error),
                Ok(answer) => return Ok(answer),
            }
        }
        let answer = self.exchange(host, connect(host).await?, make()?).await;
        answer.map_err(|failed| match failed {
            Failed::Closed => {
                WireError::Protocol("the connection was closed before an answer came".to_owned())
            }
            Failed::Broken(error) => error,
        })
    }

    async fn exchange(
        &self,
        host: &str,
        mut connection: Connection,
        request: Sendable,
    ) -> Result<Response, Failed> {
        connection.ready().await.map_err(|error| failed(&error))?;
        let answer = connection
            .send_request(request)
            .await
            .map_err(|error| failed(&error))?;
        let (head, body) = answer.into_parts();
        let body = Limited::new(body, MAX_BODY).collect().await;
        let body = body
            .map_err(|error| Failed::Broken(WireError::Protocol(error.to_string())))?
            .to_bytes();
        self.put_back(host, connection);
        Ok(Response {
            status: head.status.as_u16(),
            headers: headers(&head.headers),
            body,
        })
    }

    fn take(&self, host: &str) -> Option<Connection> {
        let mut free = self.free.borrow_mut();
        let free = free.get_mut(host)?;
        // A connection that the server closed meanwhile is of no use.
        while let Some(connection) = free.pop() {
            if !connection.is_closed() {
                return Some(connection);
            }
        }
        None
    }

    fn put_back(&self, host: &str, connection: Connection) {
        if connection.is_closed() {
            return;
        }
        let mut free = self.free.borrow_mut();
        match free.get_mut(host) {
            Some(free) => free.push(connection),
            None => {
                free.insert(host.to_owned(), vec![connection]);
            }
        }
    }
}

async fn connect(host: &str) -> Result<Connection, WireError> {
    let stream = TcpStream::connect(host)
        .await
        .map_err(|error| match error.kind() {
            std::io::ErrorKind::ConnectionRefused => WireError::Refused,
            std::io::ErrorKind::TimedOut => WireError::ConnectTimeout,
            _ => WireError::Host(error.to_string()),
        })?;
    stream
        .set_nodelay(true)
        .map_err(|error| WireError::Protocol(error.to_string()))?;
    let (sender, connection) = handshake(TokioIo::new(stream))
        .await
        .map_err(|error| broken(&error))?;
    tokio::task::spawn_local(connection);
    Ok(sender)
}

fn failed(error: &hyper::Error) -> Failed {
    if error.is_incomplete_message() || error.is_canceled() || error.is_closed() {
        Failed::Closed
    } else {
        Failed::Broken(broken(error))
    }
}

fn broken(error: &hyper::Error) -> WireError {
    WireError::Protocol(error.to_string())
}

fn headers(map: &HeaderMap) -> Vec<(String, String)> {
    let text =
        |value: &hyper::header::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    map.iter()
        .map(|(name, value)| (name.as_str().to_owned(), text(value)))
        .collect()
}

/// A request as hyper takes it: its path and query are in `target`, its host in `host`.
///
/// # Errors
/// When a header or the path cannot be sent.
pub fn request(
    method: hyper::Method,
    host: &str,
    target: &str,
    headers: &[(String, String)],
    body: Bytes,
) -> Result<Sendable, WireError> {
    let mut request = hyper::Request::builder()
        .method(method)
        .uri(target)
        .header(HOST, host);
    for (name, value) in headers {
        request = request.header(name.as_str(), value.as_str());
    }
    request
        .body(Full::new(body))
        .map_err(|error| WireError::Url(error.to_string()))
}
