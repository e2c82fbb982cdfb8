//! Requests byte for byte, as no library would write them.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::server::Server;

/// Sends bytes on a connection of their own and reads until the node closes it.
pub async fn exchange(server: &Server, bytes: &[u8]) -> String {
    let address = server.url("").replace("http://", "");
    let mut stream = TcpStream::connect(address).await.expect("the node listens");
    stream.write_all(bytes).await.expect("the node reads");
    let mut answer = Vec::new();
    // A node that has had enough may reset the connection; what it said before counts.
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

/// Sends a request of one line, headers and a body; the status, and everything after the head.
pub async fn request(
    server: &Server,
    line: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> (u16, String) {
    let mut bytes = format!(
        "{line} HTTP/1.1\r\nconnection: close\r\ncontent-length: {}\r\n",
        body.len()
    );
    for (name, value) in headers {
        bytes.push_str(&format!("{name}: {value}\r\n"));
    }
    bytes.push_str("\r\n");
    let answer = exchange(server, &[bytes.as_bytes(), body].concat()).await;
    let status = answer
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok());
    let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    (
        status.unwrap_or_else(|| panic!("no answer: {answer:?}")),
        body.to_owned(),
    )
}
