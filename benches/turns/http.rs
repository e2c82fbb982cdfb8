//! As much of HTTP/1.1 as the generator needs: one request out, one whole answer in, on a connection that stays.

use std::io;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A connection to the server under test.
pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    /// Connects to a port of this machine.
    pub async fn open(port: u16) -> io::Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port)).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            buffer: vec![0; 16 * 1024],
        })
    }

    /// Sends a request and reads its answer: status and body.
    pub async fn ask(&mut self, request: &str) -> io::Result<(u16, &str)> {
        self.stream.write_all(request.as_bytes()).await?;
        let mut filled = 0;
        loop {
            let read = self.stream.read(&mut self.buffer[filled..]).await?;
            if read == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            filled += read;
            if let Some((status, body)) = whole(&self.buffer[..filled]) {
                let body =
                    std::str::from_utf8(&self.buffer[body..filled]).map_err(io::Error::other)?;
                return Ok((status, body));
            }
        }
    }
}

/// Status, and where the body begins, once all of the answer is there.
fn whole(bytes: &[u8]) -> Option<(u16, usize)> {
    let body = bytes.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let head = std::str::from_utf8(&bytes[..body]).ok()?;
    let status = head.get(9..12)?.parse().ok()?;
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length")
            .then(|| value.trim().parse::<usize>().ok())?
    });
    (bytes.len() >= body + length?).then_some((status, body))
}
