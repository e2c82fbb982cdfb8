//! The operator's page: what is done on it in a real browser, and who may do it.

use reqwest::redirect::Policy;
use reqwest::{Client, StatusCode};

use super::backend::{Answer, Backend};
use super::browser::play;
use super::caller::Caller;
use super::server::{PATIENCE, Plan, Server, TOKEN, eventually, free_port};

/// Plays a call to its end; it leaves a delivery.
async fn owe(server: &Server) {
    let mut caller = Caller::new(server);
    caller.call("/voice").await;
    for keys in ["1", "1", "0915", "1"] {
        caller.press(keys).await;
    }
    assert!(caller.is_over());
}

fn client() -> Client {
    let client = Client::builder()
        .no_proxy()
        .redirect(Policy::none())
        .timeout(PATIENCE);
    client.build().expect("a client")
}

#[tokio::test(flavor = "multi_thread")]
async fn deliveries_that_failed_are_found_and_sent_again_with_the_keyboard_alone() {
    let backend = Backend::start().await;
    backend.answer_with(Answer::Status(410));
    let admin = format!("127.0.0.1:{}", free_port());
    let server = Plan::default()
        .pickups(&backend)
        .set("ADMIN__LISTEN", &admin)
        .set("ADMIN__TOKEN", TOKEN)
        .start();
    for _ in 0..3 {
        owe(&server).await;
    }
    let first = backend.wait_for(3).await;
    let figures = format!("http://{admin}/api/outbox?state=dead");
    eventually("all are set aside", async || {
        let answer = client().get(&figures).bearer_auth(TOKEN).send();
        let text = answer.await.expect("it answers").text().await;
        text.expect("a body").matches("\"dead\"").count() == 3
    })
    .await;
    backend.answer_with(Answer::Status(200));
    play("operator", &format!("http://{admin}"), TOKEN);
    let mut ids: Vec<_> = first.into_iter().map(|one| one.id).collect();
    let again = backend.wait_for(6).await.split_off(3);
    let mut again: Vec<_> = again.into_iter().map(|one| one.id).collect();
    ids.sort();
    again.sort();
    assert_eq!(ids, again, "each comes again, under its own id");
    let log = server.log();
    for line in [
        "audit=\"outbox retry\" by=\"operator's page\"",
        "by=\"operator's page, because: the office is back\"",
        "audit=\"outbox pause\" by=\"operator's page\"",
    ] {
        assert!(log.contains(line), "{line}: {log}");
    }
}

#[tokio::test]
async fn only_who_has_logged_in_gives_commands_and_only_from_our_own_page() {
    let admin = format!("127.0.0.1:{}", free_port());
    let server = Plan::default()
        .set("ADMIN__LISTEN", &admin)
        .set("ADMIN__TOKEN", TOKEN)
        .start();
    let api = format!("http://{admin}/operator/api/outbox");
    let pause = format!("{api}/backends/pickups/pause");
    let status =
        async |request: reqwest::RequestBuilder| request.send().await.expect("it answers").status();
    let http = client();
    assert_eq!(status(http.get(&api)).await, StatusCode::UNAUTHORIZED);
    assert_eq!(status(http.post(&pause)).await, StatusCode::UNAUTHORIZED);
    let login = http
        .post(format!("http://{admin}/console/login"))
        .header("referer", format!("http://{admin}/operator"))
        .form(&[("token", TOKEN)])
        .send()
        .await
        .expect("it answers");
    assert_eq!(login.headers()["location"], "/operator");
    let cookie = login.headers()["set-cookie"].to_str().expect("text");
    let cookie = cookie.split(';').next().unwrap_or_default().to_owned();
    let logged_in = |request: reqwest::RequestBuilder| request.header("cookie", &cookie);
    assert_eq!(status(logged_in(http.get(&api))).await, StatusCode::OK);
    for (header, value) in [
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("sec-fetch-site", "cross-site"),
    ] {
        let request = logged_in(http.post(&pause)).header(header, value);
        assert_eq!(status(request).await, StatusCode::FORBIDDEN, "{value}");
    }
    assert_ne!(
        status(logged_in(http.get(&pause))).await,
        StatusCode::OK,
        "no GET changes anything"
    );
    let bulk = logged_in(http.post(format!("{api}/retry")))
        .header("content-type", "application/json")
        .body(r#"{"since":"1970-01-01T00:00:00Z","why":" "}"#);
    assert_eq!(
        status(bulk).await,
        StatusCode::BAD_REQUEST,
        "without a reason"
    );
    assert!(!server.log().contains("audit=\"outbox"), "{}", server.log());
}

#[tokio::test]
async fn where_commands_need_a_token_none_are_given_where_unsigned_webhooks_come_in() {
    let development = || {
        Plan::default()
            .unset("TWILIO__AUTH_TOKEN")
            .unset("SERVER__PUBLIC_URL")
    };
    let open = development().start();
    let asked = async |server: &Server, path: &str| {
        let answer = client().get(server.url(path)).send().await;
        answer.expect("it answers").status()
    };
    assert_eq!(asked(&open, "/operator").await, StatusCode::OK);
    assert_eq!(asked(&open, "/operator/api/outbox").await, StatusCode::OK);
    let guarded = development()
        .set("ADMIN__LISTEN", format!("127.0.0.1:{}", free_port()))
        .set("ADMIN__TOKEN", TOKEN)
        .start();
    assert_eq!(asked(&guarded, "/").await, StatusCode::OK);
    assert_eq!(asked(&guarded, "/operator").await, StatusCode::NOT_FOUND);
    assert_eq!(
        asked(&guarded, "/operator/api/outbox").await,
        StatusCode::NOT_FOUND
    );
}
