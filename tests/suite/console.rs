//! The console's doors, over sockets: who gets the page, who may place a call, and what is told of one.

use reqwest::redirect::Policy;
use reqwest::{Client, Response};
use serde_json::{Value, json};

use super::server::{PATIENCE, Plan, Server, TOKEN, eventually, free_port};
use super::wire::request;

/// A node that serves unsigned requests of this machine.
fn development() -> Plan {
    Plan::default()
        .unset("TWILIO__AUTH_TOKEN")
        .unset("SERVER__PUBLIC_URL")
}

/// A client that goes nowhere by itself.
fn client() -> Client {
    let client = Client::builder()
        .no_proxy()
        .redirect(Policy::none())
        .timeout(PATIENCE);
    client.build().expect("a client")
}

async fn get(url: impl AsRef<str>) -> Response {
    client().get(url.as_ref()).send().await.expect("it answers")
}

/// The `Host` of a node.
fn host(url: &str) -> String {
    url.trim_start_matches("http://")
        .split('/')
        .next()
        .unwrap_or_default()
        .to_owned()
}

/// Places a call as another page would: with these headers. The status.
async fn place(server: &Server, more: &[(&str, &str)]) -> u16 {
    let own = host(&server.url(""));
    let mut headers = vec![("content-type", "application/json")];
    if !more.iter().any(|(name, _)| *name == "host") {
        headers.push(("host", &own));
    }
    headers.extend_from_slice(more);
    request(
        server,
        "POST /console/calls",
        &headers,
        br#"{"flow":"pickup"}"#,
    )
    .await
    .0
}

#[tokio::test]
async fn a_development_server_has_the_page_and_keeps_it_to_itself() {
    let server = development().start();
    let url = server.url("");
    server.wait_for_log(&format!("Call them in a browser: {url}/"));
    let response = get(format!("{url}/")).await;
    assert_eq!(response.status(), 200);
    let header = |name: &str| {
        response
            .headers()
            .get(name)
            .map(|value| value.to_str().expect("text").to_owned())
    };
    let policy = header("content-security-policy").expect("there is a policy");
    assert!(
        policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
        "{policy}"
    );
    assert!(!policy.contains("unsafe"), "{policy}");
    assert_eq!(header("access-control-allow-origin"), None);
    assert_eq!(header("x-content-type-options").as_deref(), Some("nosniff"));
    let page = response.text().await.expect("text");
    assert!(page.contains("/console/console.js"));
}

#[tokio::test]
async fn what_a_browser_has_it_need_not_fetch_again() {
    let server = development().start();
    let url = server.url("/console/console.js");
    let first = get(&url).await;
    let tag = first.headers()["etag"].clone();
    let again = client()
        .get(&url)
        .header("if-none-match", tag)
        .send()
        .await
        .expect("it answers");
    assert_eq!(again.status(), 304);
    assert_eq!(get(server.url("/console/nothing.js")).await.status(), 404);
}

#[tokio::test]
async fn no_foreign_page_places_a_call() {
    let server = development().start();
    let own = server.url("");
    assert_eq!(place(&server, &[]).await, 201);
    assert_eq!(
        place(
            &server,
            &[("origin", &own), ("sec-fetch-site", "same-origin")]
        )
        .await,
        201
    );
    for foreign in [
        [("origin", "https://evil.example")],
        [("origin", "http://127.0.0.1:1")],
        [("origin", "null")],
        [("sec-fetch-site", "cross-site")],
        [("host", "rebound.example")],
        [("x-forwarded-for", "192.0.2.1")],
        [("forwarded", "for=192.0.2.1")],
    ] {
        assert_eq!(place(&server, &foreign).await, 403, "{foreign:?}");
    }
    // What a form of another page can send without asking first is not understood.
    let own = host(&own);
    let headers = [("host", own.as_str()), ("content-type", "text/plain")];
    assert_eq!(
        request(
            &server,
            "POST /console/calls",
            &headers,
            br#"{"flow":"pickup"}"#
        )
        .await
        .0,
        400
    );
    let (status, page) = request(&server, "GET /", &[("host", "rebound.example")], b"").await;
    assert!(status == 403 && !page.contains("console.js"), "{page}");
}

#[tokio::test]
async fn a_node_with_a_token_has_no_console_where_none_was_asked_for() {
    let admin = format!("127.0.0.1:{}", free_port());
    let server = Plan::default().set("ADMIN__LISTEN", &admin).start();
    assert!(!server.log().contains("in a browser"), "{}", server.log());
    for path in [
        "/",
        "/console/flows",
        "/console/console.js",
        "/console/calls",
    ] {
        assert_eq!(get(server.url(path)).await.status(), 404, "{path}");
        let on_admin = get(format!("http://{admin}{path}")).await;
        assert_eq!(on_admin.status(), 404, "{path} on the admin listener");
    }
    assert_eq!(place(&server, &[]).await, 404);
}

#[tokio::test]
async fn on_the_admin_listener_the_token_opens_the_console() {
    let admin = format!("127.0.0.1:{}", free_port());
    let server = Plan::default()
        .set("ADMIN__LISTEN", &admin)
        .set("ADMIN__TOKEN", TOKEN)
        .start();
    let at = |path: &str| format!("http://{admin}{path}");
    assert_eq!(
        get(server.url("/")).await.status(),
        404,
        "not where webhooks come in"
    );
    let client = client();
    let form = client
        .get(at("/"))
        .send()
        .await
        .expect("it answers")
        .text()
        .await
        .expect("text");
    assert!(
        form.contains("Admin token") && !form.contains("console.js"),
        "{form}"
    );
    assert_eq!(
        client
            .get(at("/console/flows"))
            .send()
            .await
            .expect("it answers")
            .status(),
        401
    );
    let log_in = async |token: &str| {
        let body = format!("token={token}");
        let request = client
            .post(at("/console/login"))
            .header("content-type", "application/x-www-form-urlencoded");
        request.body(body).send().await.expect("it answers")
    };
    assert_eq!(log_in("wrong").await.status(), 401);
    let let_in = log_in(TOKEN).await;
    assert_eq!(let_in.status(), 303);
    let cookie = let_in.headers()["set-cookie"]
        .to_str()
        .expect("text")
        .to_owned();
    for part in ["HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(!cookie.contains(TOKEN));
    let cookie = cookie
        .split(';')
        .next()
        .expect("there is a first part")
        .to_owned();
    let with = |path: &str, cookie: &str| {
        client
            .get(at(path))
            .header("cookie", cookie.to_owned())
            .send()
    };
    assert_eq!(
        with("/console/flows", &cookie)
            .await
            .expect("it answers")
            .status(),
        200
    );
    assert_eq!(
        with("/console/flows", &cookie[..cookie.len() - 2])
            .await
            .expect("it answers")
            .status(),
        401
    );
    // The cookie is the page's: the API wants the token itself.
    assert_eq!(
        with("/api/outbox", &cookie)
            .await
            .expect("it answers")
            .status(),
        401
    );
    let foreign = client
        .post(at("/console/calls"))
        .header("cookie", &cookie)
        .header("origin", "https://evil.example");
    assert_eq!(
        foreign
            .json(&json!({ "flow": "pickup" }))
            .send()
            .await
            .expect("it answers")
            .status(),
        403
    );
}

/// What is told of a call behind an event, until its stream ends or enough has come.
async fn told(
    server: &Server,
    id: &str,
    behind: usize,
    enough: impl Fn(&[(usize, Value)]) -> bool,
) -> Vec<(usize, Value)> {
    let client = client();
    let request = client
        .get(server.url(&format!("/console/calls/{id}/events")))
        .header("last-event-id", behind.to_string());
    let mut response = request.send().await.expect("it answers");
    let (mut text, mut events) = (String::new(), Vec::new());
    let read = async {
        while let Some(piece) = response.chunk().await.expect("the stream goes on") {
            text.push_str(&String::from_utf8_lossy(&piece));
            events = text.split("\n\n").filter_map(event).collect();
            if enough(&events) {
                break;
            }
        }
    };
    tokio::time::timeout(PATIENCE, read)
        .await
        .expect("enough is told in time");
    events
}

fn event(block: &str) -> Option<(usize, Value)> {
    let line = |name: &str| block.lines().find_map(|line| line.strip_prefix(name));
    Some((
        line("id: ")?.parse().ok()?,
        serde_json::from_str(line("data: ")?).ok()?,
    ))
}

async fn post(server: &Server, path: &str, body: Value) -> Response {
    client()
        .post(server.url(path))
        .json(&body)
        .send()
        .await
        .expect("it answers")
}

/// Places a call; its name.
async fn call(server: &Server, body: Value) -> String {
    let response = post(server, "/console/calls", body).await;
    assert_eq!(response.status(), 201);
    let answer: Value = response.json().await.expect("JSON");
    answer["id"].as_str().expect("a name").to_owned()
}

fn is(name: &str) -> impl Fn(&[(usize, Value)]) -> bool {
    move |events| {
        events
            .last()
            .is_some_and(|(_, event)| event["event"] == name)
    }
}

#[tokio::test]
async fn a_page_that_lost_its_connection_is_told_what_it_missed() {
    let server = development().start();
    let id = call(
        &server,
        json!({ "number": "+44 20 7946 0123", "from": "+44 20 7946 0007" }),
    )
    .await;
    let first = told(&server, &id, 0, is("hears")).await;
    let (last, heard) = first.last().expect("something is heard");
    assert!(
        heard["text"]
            .as_str()
            .is_some_and(|text| text.starts_with("Welcome")),
        "{heard}"
    );
    assert_eq!(
        first[0].1["fields"]
            .as_array()
            .map(|all| all.contains(&json!(["From", "+442079460007"]))),
        Some(true)
    );
    assert_eq!(
        post(&server, &format!("/console/calls/{id}/hangup"), json!({}))
            .await
            .status(),
        204
    );
    let rest = told(&server, &id, *last, |_| false).await;
    assert_eq!(rest[0].0, last + 1);
    assert_eq!(
        rest.last().map(|(_, event)| &event["by"]["who"]),
        Some(&json!("caller"))
    );
    let whole = told(&server, &id, 0, |_| false).await;
    assert_eq!(whole.len(), first.len() + rest.len());
    let ended = post(
        &server,
        &format!("/console/calls/{id}/keys"),
        json!({ "keys": "1" }),
    )
    .await;
    assert_eq!(ended.status(), 410);
    let done = client().get(server.url(&format!("/console/calls/{id}/events")));
    let done = done
        .header("last-event-id", whole.len().to_string())
        .send()
        .await
        .expect("it answers");
    assert_eq!(
        done.status(),
        204,
        "the one answer after which a browser does not ask again"
    );
}

#[tokio::test]
async fn with_a_token_and_a_public_url_with_a_path_the_calls_are_signed_and_find_their_way() {
    let admin = format!("127.0.0.1:{}", free_port());
    let plan = Plan::default().set("SERVER__PUBLIC_URL", "https://ivr.example.test/lines/one");
    let _server = plan
        .set("ADMIN__LISTEN", &admin)
        .set("ADMIN__TOKEN", TOKEN)
        .start();
    let client = client();
    let place = client
        .post(format!("http://{admin}/console/calls"))
        .bearer_auth(TOKEN)
        .json(&json!({ "flow": "pickup" }));
    let answer: Value = place
        .send()
        .await
        .expect("it answers")
        .json()
        .await
        .expect("JSON");
    let id = answer["id"].as_str().expect("a name").to_owned();
    let keys = client
        .post(format!("http://{admin}/console/calls/{id}/keys"))
        .bearer_auth(TOKEN);
    assert_eq!(
        keys.json(&json!({ "keys": "1" }))
            .send()
            .await
            .expect("it answers")
            .status(),
        204
    );
    let events = format!("http://{admin}/console/calls/{id}/events");
    let mut stream = client
        .get(events)
        .bearer_auth(TOKEN)
        .send()
        .await
        .expect("it answers");
    let mut text = String::new();
    let second = r#""url":"https://ivr.example.test/lines/one/voice/pickup/~1-"#;
    let read = async {
        while !(text.contains(second) && text.contains(r#""step":"kind""#)) {
            let piece = stream
                .chunk()
                .await
                .expect("the stream goes on")
                .expect("it does not end");
            text.push_str(&String::from_utf8_lossy(&piece));
        }
    };
    tokio::time::timeout(PATIENCE, read)
        .await
        .expect("the second turn is served");
    assert!(!text.contains(r#""status":403"#), "{text}");
}

#[tokio::test]
async fn calls_are_bounded_and_nonsense_is_refused() {
    let server = development().start();
    for wrong in [
        json!({}),
        json!({ "flow": "nothing" }),
        json!({ "flow": "pickup", "number": "+442079460123" }),
        json!({ "flow": "pickup", "from": "someone" }),
        json!({ "number": "12" }),
        json!({ "flow": "pickup", "url": "http://127.0.0.1/" }),
    ] {
        assert_eq!(
            post(&server, "/console/calls", wrong.clone())
                .await
                .status(),
            400,
            "{wrong}"
        );
    }
    let id = call(&server, json!({ "flow": "pickup" })).await;
    for wrong in [
        json!({}),
        json!({ "keys": "" }),
        json!({ "keys": "x" }),
        json!({ "keys": "1".repeat(33) }),
    ] {
        assert_eq!(
            post(&server, &format!("/console/calls/{id}/keys"), wrong.clone())
                .await
                .status(),
            400,
            "{wrong}"
        );
    }
    assert_eq!(
        post(&server, "/console/calls/CA0/keys", json!({ "keys": "1" }))
            .await
            .status(),
        404
    );
    for _ in 1..16 {
        call(&server, json!({ "flow": "pickup" })).await;
    }
    assert_eq!(
        post(&server, "/console/calls", json!({ "flow": "pickup" }))
            .await
            .status(),
        429
    );
    post(&server, &format!("/console/calls/{id}/hangup"), json!({})).await;
    eventually("there is room again", async || {
        post(&server, "/console/calls", json!({ "flow": "pickup" }))
            .await
            .status()
            == 201
    })
    .await;
}

#[tokio::test]
async fn a_node_does_not_wait_for_a_page_when_it_ends() {
    let mut server = development().start();
    let id = call(&server, json!({ "flow": "pickup" })).await;
    let reader = {
        let url = server.url(&format!("/console/calls/{id}/events"));
        tokio::spawn(async move { get(url).await.text().await })
    };
    told(&server, &id, 0, is("hears")).await;
    let begun = std::time::Instant::now();
    assert_eq!(server.stop(), 0);
    assert!(begun.elapsed() < PATIENCE);
    reader.await.expect("the stream ended").ok();
}
