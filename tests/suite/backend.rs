//! A backend for tests: a raw socket that notes what it gets, checks its signature by its own means, and answers as it
//! is told, faults included.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// The secret that it checks signatures with.
pub const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// How long a test waits for what must come.
const PATIENCE: Duration = Duration::from_secs(10);

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Received {
    /// Its `webhook-id`; empty if it has none.
    pub id: String,
    /// Its `webhook-timestamp`; 0 if it has none.
    pub timestamp: i64,
    /// Its method and path.
    pub request_line: String,
    /// Its headers, the names in lower case.
    pub headers: Vec<(String, String)>,
    /// Its body; null if it is no JSON.
    pub body: Value,
    /// Whether some signature of it is right by [`SECRET`].
    pub signed: bool,
}

impl Received {
    /// A header, by its name in lower case.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .iter()
            .find(|(known, _)| known == name)
            .map_or("", |(_, value)| value)
    }
}

/// How a request is answered.
#[derive(Clone, Debug)]
pub enum Answer {
    /// With a status and no body.
    Status(u16),
    /// With a status and headers, `name: value`.
    Headers(u16, Vec<String>),
    /// With these bytes; then the connection is closed.
    Raw(Vec<u8>),
    /// After a while.
    Late(Duration, Box<Answer>),
    /// Never; the connection stays open.
    Never,
    /// The connection is reset.
    Reset,
    /// With a status and a body that never ends.
    Endless(u16),
    /// With a status and a body that stops coming in the middle; the connection stays open.
    Stalled(u16),
}

impl Answer {
    /// Bytes, and then the connection is closed.
    pub fn raw(text: &str) -> Self {
        Self::Raw(text.into())
    }

    /// A status and JSON.
    pub fn json(status: u16, json: &str) -> Self {
        let kind = "content-type: application/json".to_owned();
        let length = format!("content-length: {}", json.len());
        let mut bytes = head(status, &[kind, length]);
        bytes.extend_from_slice(json.as_bytes());
        Self::Raw(bytes)
    }

    /// A status with `Retry-After`.
    pub fn retry_after(status: u16, value: &str) -> Self {
        Self::Headers(status, vec![format!("retry-after: {value}")])
    }
}

/// The backend; it ends with its handle.
pub struct Backend {
    url: String,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

struct Shared {
    received: watch::Sender<Vec<Received>>,
    next: Mutex<VecDeque<Answer>>,
    always: Mutex<Answer>,
    at_once: AtomicUsize,
    most_at_once: AtomicUsize,
}

impl Backend {
    /// Begins to listen on a free port of loopback, and answers 200.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}/hook", listener.local_addr().expect("an address"));
        let shared = Arc::new(Shared {
            received: watch::Sender::new(Vec::new()),
            next: Mutex::default(),
            always: Mutex::new(Answer::Status(200)),
            at_once: AtomicUsize::new(0),
            most_at_once: AtomicUsize::new(0),
        });
        let task = tokio::spawn(accept(listener, shared.clone()));
        Self { url, shared, task }
    }

    /// An http URL at which nobody listens.
    pub async fn nobody() -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        format!("http://{}/hook", listener.local_addr().expect("an address"))
    }

    /// Where it listens.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What it got so far, in order.
    pub fn received(&self) -> Vec<Received> {
        self.shared.received.borrow().clone()
    }

    /// How many requests it had at once, at most.
    pub fn most_at_once(&self) -> usize {
        self.shared.most_at_once.load(Ordering::SeqCst)
    }

    /// Answers every request like this from now on, after those of [`Backend::answer_next`].
    pub fn answer_with(&self, answer: Answer) {
        *self.shared.always.lock().expect("no panic") = answer;
    }

    /// Answers the next requests like this, one after the other.
    pub fn answer_next(&self, answers: impl IntoIterator<Item = Answer>) {
        self.shared.next.lock().expect("no panic").extend(answers);
    }

    /// Waits until so many requests have come, and returns all that have.
    #[track_caller]
    pub fn wait_for(&self, count: usize) -> impl Future<Output = Vec<Received>> {
        let place = std::panic::Location::caller();
        let mut received = self.shared.received.subscribe();
        async move {
            let all = received.wait_for(|received| received.len() >= count);
            if let Ok(all) = tokio::time::timeout(PATIENCE, all).await {
                return all.expect("the backend is there").clone();
            }
            panic!(
                "{place}: waited for {count} requests, got {:#?}",
                received.borrow().clone()
            );
        }
    }
}

impl Drop for Backend {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    // Dropped with this task, and with them every connection.
    let mut connections = tokio::task::JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let (stream, _) = accepted.expect("a connection");
                connections.spawn(serve(stream, shared.clone()));
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn serve(mut stream: TcpStream, shared: Arc<Shared>) {
    let mut buffer = Vec::new();
    while let Some(request) = read_request(&mut stream, &mut buffer).await {
        let now = shared.at_once.fetch_add(1, Ordering::SeqCst) + 1;
        shared.most_at_once.fetch_max(now, Ordering::SeqCst);
        shared
            .received
            .send_modify(|received| received.push(request));
        let next = shared.next.lock().expect("no panic").pop_front();
        let answer = next.unwrap_or_else(|| shared.always.lock().expect("no panic").clone());
        let goes_on = give(&mut stream, answer).await;
        shared.at_once.fetch_sub(1, Ordering::SeqCst);
        if !goes_on {
            return;
        }
    }
}

async fn read_request(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<Received> {
    let head_end = loop {
        if let Some(at) = buffer.windows(4).position(|window| window == b"\r\n\r\n") {
            break at + 4;
        }
        if stream.read_buf(buffer).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8(buffer[..head_end].to_vec()).expect("a head in ASCII");
    let mut lines = head.split("\r\n").filter(|line| !line.is_empty());
    let request_line = lines.next().expect("a request line").to_owned();
    let headers: Vec<_> = lines
        .map(|line| line.split_once(": ").expect("a header"))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let header = |name: &str| {
        headers
            .iter()
            .find(|(known, _)| known == name)
            .map_or("", |(_, value)| value)
    };
    let length: usize = header("content-length").parse().unwrap_or_default();
    while buffer.len() < head_end + length {
        if stream.read_buf(buffer).await.ok()? == 0 {
            return None;
        }
    }
    let body: Vec<u8> = buffer.drain(..head_end + length).skip(head_end).collect();
    let signed = is_signed(
        header("webhook-id"),
        header("webhook-timestamp"),
        header("webhook-signature"),
        &body,
    );
    Some(Received {
        id: header("webhook-id").to_owned(),
        timestamp: header("webhook-timestamp").parse().unwrap_or_default(),
        body: serde_json::from_slice(&body).unwrap_or_default(),
        signed,
        request_line,
        headers,
    })
}

/// As a receiver's library does it: any of the signatures may be right.
fn is_signed(id: &str, timestamp: &str, signatures: &str, body: &[u8]) -> bool {
    let key = STANDARD
        .decode(SECRET.trim_start_matches("whsec_"))
        .expect("base64");
    let content = [id.as_bytes(), b".", timestamp.as_bytes(), b".", body].concat();
    signatures
        .split(' ')
        .filter_map(|signature| signature.strip_prefix("v1,"))
        .any(|signature| {
            let mut mac = Hmac::<Sha256>::new_from_slice(&key).expect("any length");
            mac.update(&content);
            STANDARD
                .decode(signature)
                .is_ok_and(|signature| mac.verify_slice(&signature).is_ok())
        })
}

/// Gives an answer; whether the connection can be used again.
async fn give(stream: &mut TcpStream, mut answer: Answer) -> bool {
    while let Answer::Late(wait, then) = answer {
        tokio::time::sleep(wait).await;
        answer = *then;
    }
    match answer {
        Answer::Status(status) => write(stream, &head(status, &["content-length: 0".into()])).await,
        Answer::Headers(status, mut headers) => {
            headers.push("content-length: 0".into());
            write(stream, &head(status, &headers)).await
        }
        Answer::Raw(bytes) => {
            write(stream, &bytes).await;
            let _ = stream.shutdown().await;
            false
        }
        Answer::Never => std::future::pending().await,
        Answer::Reset => {
            stream.set_zero_linger().expect("a socket option");
            false
        }
        Answer::Endless(status) => {
            write(
                stream,
                &head(status, &["transfer-encoding: chunked".into()]),
            )
            .await;
            while write(stream, b"400\r\n").await
                && write(stream, &[b'x'; 0x400]).await
                && write(stream, b"\r\n").await
            {}
            false
        }
        Answer::Stalled(status) => {
            write(stream, &head(status, &["content-length: 100".into()])).await;
            write(stream, b"{").await;
            std::future::pending().await
        }
        Answer::Late(..) => unreachable!("waited for above"),
    }
}

fn head(status: u16, headers: &[String]) -> Vec<u8> {
    format!(
        "HTTP/1.1 {status} Whatever\r\n{}\r\n\r\n",
        headers.join("\r\n")
    )
    .into_bytes()
}

async fn write(stream: &mut TcpStream, bytes: &[u8]) -> bool {
    stream.write_all(bytes).await.is_ok()
}
