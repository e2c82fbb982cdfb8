//! What no node may do: it stands before one and says the last words of a call when the node has the request, and not
//! when it has answered. With it a test shows that it would see the loss.

use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use super::caller::{Caller, LETTER};
use super::server::Server;

/// The impostor; it ends with its handle.
pub struct Early {
    /// The call by which it learnt the last words.
    pub sid: String,
    address: String,
    task: JoinHandle<()>,
}

struct Last {
    node: String,
    /// How the last request of a call begins.
    request: String,
    /// The whole answer to it.
    answer: Vec<u8>,
}

impl Early {
    /// Learns the last words by a call of its own, and begins to listen.
    pub async fn before(server: &Server, mut caller: Caller) -> Self {
        let mut path = caller.call_through("/voice/pickup").await;
        for keys in LETTER {
            path = caller
                .action
                .split('#')
                .next()
                .unwrap_or_default()
                .to_owned();
            caller.press_through(keys).await;
        }
        let words = &caller.last;
        let answer = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: text/xml\r\ncontent-length: {}\r\n\r\n{words}",
            words.len()
        );
        let node = server.url("").replace("http://", "");
        let (turn, _) = path.rsplit_once('-').expect("a turn has a nonce");
        let last = Last {
            node,
            request: format!("POST {turn}-"),
            answer: answer.into_bytes(),
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address").to_string();
        let task = tokio::spawn(accept(listener, Arc::new(last)));
        Self {
            sid: caller.sid,
            address,
            task,
        }
    }

    /// Where it listens.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Early {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, last: Arc<Last>) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(serve(stream, Arc::clone(&last)));
    }
}

/// Hands requests on until either end is gone; a caller whose node is gone finds its connection closed.
async fn serve(mut caller: TcpStream, last: Arc<Last>) -> Option<()> {
    loop {
        let request = read_message(&mut caller).await?;
        let mut node = TcpStream::connect(&last.node).await.ok()?;
        node.write_all(&request).await.ok()?;
        if request.starts_with(last.request.as_bytes()) {
            caller.write_all(&last.answer).await.ok()?;
            // The node has its time, and nobody hears what it says.
            tokio::spawn(async move { read_message(&mut node).await });
        } else {
            let answer = read_message(&mut node).await?;
            caller.write_all(&answer).await.ok()?;
        }
    }
}

/// A request or an answer, head and body; `None` where it breaks off.
async fn read_message(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let mut message = Vec::new();
    loop {
        if let Some(end) = message.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&message[..end]).to_ascii_lowercase();
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "))
                .unwrap_or("0");
            if message.len() >= end + 4 + length.parse::<usize>().ok()? {
                return Some(message);
            }
        }
        if stream.read_buf(&mut message).await.ok()? == 0 {
            return None;
        }
    }
}
