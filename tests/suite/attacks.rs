//! What a stranger does to a node: it goes on serving, tells nothing, and lets nobody in.

use std::time::Duration;

use reqwest::StatusCode;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::caller::{Caller, FORM, encode, words};
use super::figures::{Figures, get};
use super::flows::ORDER;
use super::folder::Folder;
use super::server::{PATIENCE, Plan, Server, free_port};
use super::wire;

/// A signature that nobody made, of the right length.
const SIGNATURE: &str = "x-twilio-signature: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n";
/// The head of a webhook whose body never comes whole.
const HEAD: &str = "POST /voice/order HTTP/1.1\r\nhost: ivr.example.test\r\n\
                    content-type: application/x-www-form-urlencoded\r\n";

fn line(settings: impl FnOnce(Plan) -> Plan) -> (Server, Folder) {
    let folder = Folder::of(&[("order.toml", ORDER)]);
    (
        settings(Plan::default().flows(folder.path())).start(),
        folder,
    )
}

/// Sends bytes, and goes on holding the connection.
async fn hold(server: &Server, bytes: &str) -> TcpStream {
    let mut stream = TcpStream::connect(server.url("").replace("http://", ""))
        .await
        .expect("the node listens");
    stream
        .write_all(bytes.as_bytes())
        .await
        .expect("the node reads");
    stream
}

/// All that the node answers until it closes the connection, which it does in time.
async fn closed(mut stream: TcpStream) -> String {
    let mut answer = Vec::new();
    let read = timeout(PATIENCE, stream.read_to_end(&mut answer)).await;
    // A node that has had enough may reset the connection; what it said before counts.
    let _ = read.expect("the node closes the connection");
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn eleven_hundred_bodies_that_never_come_keep_no_caller_out() {
    let most = getrlimit(Resource::Nofile).maximum;
    setrlimit(
        Resource::Nofile,
        Rlimit {
            current: most,
            maximum: most,
        },
    )
    .expect("a process may raise it so far");
    let (server, _folder) = line(|plan| plan.files(256));
    let mut slow = Vec::new();
    for number in 0..1_100 {
        let signature = if number % 2 == 0 { SIGNATURE } else { "" };
        slow.push(
            hold(
                &server,
                &format!("{HEAD}{signature}content-length: 5000\r\n\r\nCallSid=CA"),
            )
            .await,
        );
    }
    let mut caller = Caller::new(&server);
    assert!(words(&caller.call("/voice/order").await).contains("Small"));
    let last = slow.pop().expect("there are many");
    assert!(
        closed(last).await.starts_with("HTTP/1.1 403"),
        "unsigned: refused before its body"
    );
    let last = slow.pop().expect("there are many");
    assert!(
        closed(last).await.starts_with("HTTP/1.1 408"),
        "who says that it is signed has its time"
    );
    assert!(words(&caller.press("1").await).contains("PIN"));
    let figures = Figures::of(&server).await;
    assert_eq!(figures.get("refused_total{reason=\"missing\"}"), 550);
    assert!(figures.get("refused_total{reason=\"slow\"}") > 0);
}

#[tokio::test]
async fn a_body_of_pieces_without_end_is_not_waited_for() {
    let (server, _folder) = line(|plan| plan);
    for (signature, status) in [("", "403"), (SIGNATURE, "408")] {
        let mut stream = hold(
            &server,
            &format!("{HEAD}{signature}transfer-encoding: chunked\r\n\r\n3\r\nCal\r\n"),
        )
        .await;
        let (mut reading, mut writing) = stream.split();
        let mut answer = Vec::new();
        // Whoever goes on sending is not listened to either.
        let drip = async {
            while writing.write_all(b"1\r\nx\r\n").await.is_ok() {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        };
        let read = async { reading.read_to_end(&mut answer).await };
        let ends = async {
            tokio::select! { _ = read => {}, () = drip => {} }
        };
        timeout(PATIENCE, ends).await.expect("it closes");
        let answer = String::from_utf8_lossy(&answer).into_owned();
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status}")),
            "{answer}"
        );
    }
}

#[tokio::test]
async fn a_head_that_never_comes_whole_is_not_waited_for() {
    let (server, _folder) = line(|plan| plan);
    let answer = closed(hold(&server, HEAD).await).await;
    assert!(
        answer.is_empty() || answer.starts_with("HTTP/1.1 408"),
        "{answer}"
    );
}

#[tokio::test]
async fn a_stranger_is_told_whether_calls_may_come_and_nothing_else() {
    let (server, _folder) = line(|plan| plan);
    let stranger = [
        ("host", "ivr.example.test"),
        ("x-forwarded-for", "192.0.2.1"),
    ];
    for headers in [&stranger[..1], &stranger[..]] {
        let (status, body) = wire::request(&server, "GET /readyz", headers, b"").await;
        assert_eq!(
            (status, &*body),
            (
                200,
                r#"{"ready":true,"stopping":false,"store":{"away":false}}"#
            )
        );
        let (status, body) = wire::request(&server, "GET /metrics", headers, b"").await;
        assert_eq!(status, 403);
        assert!(!body.contains("hookswitch_"), "{body}");
    }
    assert!(
        get(&server, "/readyz")
            .await
            .text()
            .await
            .expect("a body")
            .contains("flows"),
        "this machine is told all"
    );
}

#[tokio::test]
async fn a_proxy_that_says_nothing_of_itself_lets_no_stranger_in() {
    let (server, _folder) =
        line(|plan| plan.unset("TWILIO__AUTH_TOKEN").unset("SERVER__PUBLIC_URL"));
    let body = encode(&Caller::new(&server).form(&[("CallStatus", "ringing")]));
    let here = server.url("").replace("http://", "");
    // As nginx hands a request on with nothing but `proxy_pass`.
    let plain = format!(
        "POST /voice/order HTTP/1.0\r\nhost: {here}\r\nconnection: close\r\ncontent-type: {FORM}\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    );
    assert!(
        wire::exchange(&server, plain.as_bytes())
            .await
            .contains(" 403 ")
    );
    let host = ("host", &*here);
    for added in [
        ("x-real-ip", "192.0.2.1"),
        ("via", "1.1 proxy"),
        ("origin", "https://evil.example"),
    ] {
        let headers = [host, added, ("content-type", FORM)];
        assert_eq!(
            wire::request(&server, "POST /voice/order", &headers, body.as_bytes())
                .await
                .0,
            403,
            "{added:?}"
        );
    }
    let image = [host, ("sec-fetch-site", "cross-site")];
    assert_eq!(
        wire::request(&server, &format!("GET /voice/order?{body}"), &image, b"")
            .await
            .0,
        403
    );
    assert_eq!(Figures::of(&server).await.sum("calls_started_total"), 0);
    let headers = [host, ("content-type", FORM)];
    assert_eq!(
        wire::request(&server, "POST /voice/order", &headers, body.as_bytes())
            .await
            .0,
        200
    );
}

#[test]
fn no_door_is_open_for_want_of_a_token() {
    for plan in [
        Plan::default().unset("TWILIO__AUTH_TOKEN"),
        Plan::default().set("TWILIO__AUTH_TOKEN", ""),
    ] {
        let (code, log) = plan.fail();
        assert_eq!(code, 2, "{log}");
        assert!(log.contains("twilio.auth_token"), "{log}");
    }
    let (code, log) = Plan::default().set("ADMIN__TOKEN", "short").fail();
    assert_eq!(code, 2, "{log}");
    assert!(
        log.contains("admin.token") && log.contains("16 characters"),
        "{log}"
    );
}

#[tokio::test]
async fn who_guesses_the_admin_token_is_not_listened_to() {
    const ADMIN: &str = "a-token-that-is-long-enough";
    let admin = format!("127.0.0.1:{}", free_port());
    let (_server, _folder) =
        line(|plan| plan.set("ADMIN__LISTEN", &admin).set("ADMIN__TOKEN", ADMIN));
    let http = reqwest::Client::builder()
        .no_proxy()
        .build()
        .expect("a client");
    let ask = async |token: &str| {
        let answer = http
            .get(format!("http://{admin}/api/outbox"))
            .bearer_auth(token)
            .send()
            .await;
        answer.expect("an answer").status()
    };
    assert_eq!(ask(ADMIN).await, StatusCode::OK);
    for number in 0..10 {
        assert_eq!(
            ask(&format!("guess {number}")).await,
            StatusCode::UNAUTHORIZED
        );
    }
    assert_eq!(ask("one more").await, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(
        ask(ADMIN).await,
        StatusCode::TOO_MANY_REQUESTS,
        "or the guess that is right would be told from the others"
    );
    let form = format!("token={ADMIN}");
    let login = http
        .post(format!("http://{admin}/console/login"))
        .header("origin", format!("http://{admin}"));
    assert_eq!(
        login
            .header("content-type", FORM)
            .body(form)
            .send()
            .await
            .expect("an answer")
            .status(),
        StatusCode::UNAUTHORIZED,
        "the page neither"
    );
}

#[tokio::test]
async fn what_a_caller_is_called_steers_no_terminal() {
    let (server, _folder) = line(|plan| plan.set("LOG__LEVEL", "debug"));
    let mut caller = Caller::new(&server);
    caller.from = "\u{1b}]0;title\u{7}\u{202e}\u{9b}2J\nforged".to_owned();
    caller.call("/voice/order").await;
    caller.press("\u{1b}[2J").await;
    let sid = caller.sid.clone();
    for arguments in [
        &["calls", "list"][..],
        &["calls", "show", &sid],
        &["outbox", "list"],
    ] {
        let (code, stdout, stderr) = server.plan().run(server.folder(), arguments);
        assert_eq!(code, 0, "{stderr}");
        let printed = format!("{stdout}{stderr}");
        let steers =
            |c: char| (c.is_control() && c != '\n') || matches!(c, '\u{202a}'..='\u{202e}');
        assert!(!printed.contains(steers), "{printed:?}");
        assert!(!printed.contains("\nforged"), "{printed}");
    }
    assert!(
        !server.log().contains(['\u{1b}', '\u{202e}', '\u{9b}']),
        "{}",
        server.log()
    );
}

#[tokio::test]
async fn a_backend_s_url_is_shown_without_its_secrets() {
    let url = "http://user:password@127.0.0.1:1/hook?token=hunter2";
    let (server, _folder) = line(|plan| plan.set("BACKENDS__PICKUPS__URL", url));
    let shown = server.log()
        + &server
            .plan()
            .run(server.folder(), &["outbox", "backends"])
            .1;
    let shown = shown + &get(&server, "/readyz").await.text().await.expect("a body");
    assert!(shown.contains("http://…@127.0.0.1:1/hook?…"), "{shown}");
    assert!(
        !shown.contains("password") && !shown.contains("hunter2"),
        "{shown}"
    );
}
