//! The phone against servers that no library would be: they hang, reset, answer half, lie.

use std::net::SocketAddr;

use hookswitch::phone::EndedBy;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::phone::{Called, call, plan};

/// What a server does with a request.
#[derive(Clone)]
pub enum Manner {
    /// Answers with these bytes and closes.
    Says(Vec<u8>),
    /// Answers with these bytes and keeps the connection open, without another word.
    Hangs(Vec<u8>),
    /// Resets the connection.
    Resets,
}

/// Serves whoever comes in one manner; where.
pub async fn serve(manner: Manner) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0")
        .await
        .expect("loopback has a free port");
    let address = listener.local_addr().expect("it is bound");
    tokio::spawn(async move {
        let mut kept = Vec::new();
        while let Ok((mut stream, _)) = listener.accept().await {
            read_request(&mut stream).await;
            match &manner {
                Manner::Says(bytes) => {
                    // Whoever has had enough closes first.
                    let _ = stream.write_all(bytes).await;
                    let _ = stream.shutdown().await;
                }
                Manner::Hangs(bytes) => {
                    let _ = stream.write_all(bytes).await;
                    kept.push(stream);
                }
                Manner::Resets => {
                    stream.set_zero_linger().expect("it is a socket");
                }
            }
        }
    });
    address
}

/// Reads head and body: a server that closes before would reset.
async fn read_request(stream: &mut TcpStream) {
    let mut read = Vec::new();
    let mut piece = [0; 4096];
    loop {
        let Ok(count @ 1..) = stream.read(&mut piece).await else {
            return;
        };
        read.extend_from_slice(&piece[..count]);
        let text = String::from_utf8_lossy(&read);
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let length = head.lines().find_map(|line| {
            line.to_lowercase()
                .strip_prefix("content-length: ")?
                .parse()
                .ok()
        });
        if body.len() >= length.unwrap_or(0) {
            return;
        }
    }
}

/// Calls a server with this manner; the fragment shortens what would be long.
async fn call_it(manner: Manner, fragment: &str) -> Called {
    let address = serve(manner).await;
    let called = call(&plan(format!("http://{address}/voice{fragment}")), "").await;
    assert!(
        matches!(called.ended.by, EndedBy::Fault(_)),
        "{:?}",
        called.ended
    );
    assert_eq!(
        called.words(),
        ["We are sorry. An application error has occurred. Goodbye."]
    );
    called
}

fn answer(head: &str, body: &str) -> Manner {
    Manner::Says(format!("HTTP/1.1 {head}\r\nconnection: close\r\n\r\n{body}").into_bytes())
}

#[tokio::test]
async fn a_server_that_hangs_is_waited_for_as_long_as_the_url_says() {
    let called = call_it(Manner::Hangs(Vec::new()), "#rt=100&rc=2&rp=rt").await;
    assert_eq!((called.codes(), called.asked().count()), (vec![11_205], 3));
}

#[tokio::test]
async fn a_server_that_hangs_in_the_middle_of_its_answer_is_given_up() {
    let half =
        b"HTTP/1.1 200 OK\r\ncontent-type: text/xml\r\ncontent-length: 100\r\n\r\n<Response>"
            .to_vec();
    assert_eq!(
        call_it(Manner::Hangs(half), "#rt=100").await.codes(),
        [11_205]
    );
}

#[tokio::test]
async fn a_server_that_resets_or_answers_half_or_nonsense_breaks_the_protocol() {
    let half = answer(
        "200 OK\r\ncontent-type: text/xml\r\ncontent-length: 100",
        "<Response>",
    );
    let nonsense = Manner::Says(b"220 mail.example ESMTP\r\n".to_vec());
    for manner in [Manner::Resets, half, nonsense, Manner::Says(Vec::new())] {
        assert_eq!(call_it(manner, "").await.codes(), [11_206]);
    }
}

#[tokio::test]
async fn nobody_who_listens_is_refused() {
    let port = super::server::free_port();
    let called = call(&plan(format!("http://127.0.0.1:{port}/voice")), "").await;
    assert_eq!((called.codes(), called.asked().count()), (vec![11_202], 2));
}

#[tokio::test]
async fn a_host_that_cannot_be_is_not_known() {
    let called = call(&plan("http://nobody.invalid/voice#rc=0".to_owned()), "").await;
    assert_eq!(called.codes(), [11_210]);
}

#[tokio::test]
async fn a_server_without_tls_cannot_be_asked_by_https() {
    let listener = TcpListener::bind("127.0.0.1:0")
        .await
        .expect("loopback has a free port");
    let address = listener.local_addr().expect("it is bound");
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.read(&mut [0; 4096]).await;
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        }
    });
    let called = call(&plan(format!("https://{address}/voice#rc=0&ct=1000")), "").await;
    assert_eq!(called.codes(), [11_220]);
}

#[tokio::test]
async fn sixty_five_kilobytes_are_too_much_and_only_just_read() {
    let large = format!("<Response><!--{}--></Response>", "x".repeat(65 << 10));
    assert_eq!(
        call_it(answer("200 OK\r\ncontent-type: text/xml", &large), "")
            .await
            .codes(),
        [11_750]
    );
    let endless = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: text/xml\r\n\r\n{}",
        "x".repeat(70_000)
    )
    .into_bytes();
    assert_eq!(call_it(Manner::Hangs(endless), "").await.codes(), [11_750]);
}

#[tokio::test]
async fn what_is_not_xml_or_has_another_type_is_told_apart() {
    for (head, body, code) in [
        (
            "200 OK\r\ncontent-type: text/html",
            "<html><body>Hello</body></html>",
            12_102,
        ),
        ("200 OK\r\ncontent-type: text/xml", "Hello", 12_100),
        ("200 OK\r\ncontent-type: application/json", "{}", 12_300),
        ("200 OK", "<Response/>", 12_300),
        ("204 No Content", "", 12_300),
        (
            "200 OK\r\ntransfer-encoding: chunked\r\ncontent-type: text/xml",
            "0\r\n\r\n",
            11_770,
        ),
        ("500 Oh no\r\ncontent-type: text/xml", "<Response/>", 11_200),
        ("302 Found\r\nlocation: /again", "", 11_215),
    ] {
        assert_eq!(
            call_it(answer(head, body), "").await.codes(),
            [code],
            "{head}"
        );
    }
}

#[tokio::test]
async fn a_recording_that_is_gone_or_never_comes_ends_the_call() {
    let gone = serve(answer("404 Not Found", "")).await;
    let silent = serve(Manner::Hangs(Vec::new())).await;
    for (url, code) in [
        (format!("http://{gone}/a.wav"), 11_200),
        (format!("http://{silent}/a.wav#rt=100"), 11_205),
    ] {
        let document = format!("<Response><Play>{url}</Play></Response>");
        assert_eq!(
            call_it(answer("200 OK\r\ncontent-type: text/xml", &document), "")
                .await
                .codes(),
            [code]
        );
    }
}
