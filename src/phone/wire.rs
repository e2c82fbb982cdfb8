//! How a request gets to a server.

use bytes::Bytes;
use jiff::Timestamp;

use super::service_reply::ServiceReplies;

/// A request to somebody's server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    pub purpose: Purpose,
    pub method: Method,
    /// The whole URL, query included, without its fragment. Of a GET the fields stand in it already.
    pub url: String,
    /// Headers beside those of every request; the signature is one.
    pub headers: Vec<(String, String)>,
    /// The fields of the form, in order; those of a GET too.
    pub fields: Vec<(String, String)>,
    /// When it is made, on the clock of the call.
    pub at: Timestamp,
    /// How long it may take to connect, and then to answer, in milliseconds.
    pub patience: (u32, u32),
}

/// What a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// It asks for TwiML.
    Voice,
    /// It reports what became of the call; what is answered does not matter.
    Status,
    /// It reports a recording, a transcription or a partial result; what is answered does not matter.
    Callback,
    /// It asks for the TwiML of whoever was called.
    Leg,
    /// It fetches a recording.
    Media,
}

/// How a server is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Method {
    /// Fields in the query.
    Get,
    /// Fields in a form.
    #[default]
    Post,
}

/// What a server answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Response {
    pub status: u16,
    /// The headers, names in small letters.
    pub headers: Vec<(String, String)>,
    /// The body, at most a little more than the carrier takes.
    pub body: Bytes,
}

impl Response {
    /// A header's value; its name in small letters.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// The URL names nothing that can be asked.
    #[error("the URL cannot be used: {0}")]
    Url(String),
    /// The host's name is not known.
    #[error("the host is not known: {0}")]
    Host(String),
    #[error("the connection was refused")]
    Refused,
    /// Connecting took too long.
    #[error("connecting took too long")]
    ConnectTimeout,
    /// The answer took too long.
    #[error("the answer took too long")]
    ReadTimeout,
    #[error("TLS failed: {0}")]
    Tls(String),
    /// The connection broke, or what came is not HTTP.
    #[error("the answer broke off: {0}")]
    Protocol(String),
}

/// Carries requests to servers: over sockets, or straight into one of this process.
///
/// Redirects are not followed, nothing is tried again: that is the carrier's part.
pub trait Wire {
    /// Makes one request.
    ///
    /// # Errors
    /// When no whole answer came.
    fn send(&self, request: &Request) -> impl Future<Output = Result<Response, WireError>>;

    /// A call is placed for which these services answer: for a server that asks them and nothing else.
    fn meets(&self, sid: &str, services: &ServiceReplies) {
        let _ = (sid, services);
    }
}
