//! Codes for web forms: sent once for each key, compared five times on all nodes together, right once.

use std::sync::Arc;

use serde_json::{Value, json};
use tokio::sync::Barrier;
use tokio::task::{JoinSet, block_in_place};

use super::carrier::{self, ACCOUNT};
use super::figures::{Figures, client};
use super::pair::Pair;
use super::redis_server::until;
use super::server::{Plan, Server};

const TOKEN: &str = "a-token-for-the-order-form";
const NUMBER: &str = "+447400123456";

fn plan(plan: Plan, api: &carrier::Carrier) -> Plan {
    plan.set("TWILIO__API_URL", api.url())
        .set("TWILIO__ACCOUNT_SID", ACCOUNT)
        .set("VERIFY__TOKEN", TOKEN)
        .set("VERIFY__FROM", "+442079460123")
        .set("VERIFY__ORIGIN", "shop.example.com")
}

/// What is answered: the status and the JSON.
async fn asks(server: &Server, token: &str, what: &str, body: Value) -> (u16, Value) {
    let request = client()
        .post(server.url(&format!("/verify/{what}")))
        .header("Authorization", format!("Bearer {token}"))
        .body(body.to_string());
    let reply = request.send().await.expect("the node answers");
    let status = reply.status().as_u16();
    let text = reply.text().await.expect("it answers whole");
    (status, serde_json::from_str(&text).unwrap_or_default())
}

async fn start(server: &Server, number: &str, key: &str) -> (u16, Value) {
    let body = json!({ "number": number, "client": "anne", "key": key });
    asks(server, TOKEN, "start", body).await
}

async fn check(server: &Server, verification: &str, code: &str) -> String {
    let body = json!({ "verification": verification, "code": code });
    let (status, answer) = asks(server, TOKEN, "check", body).await;
    assert_eq!(status, 200, "{answer}");
    answer["status"].as_str().unwrap_or_default().to_owned()
}

/// The code of the nth message.
async fn code(api: &carrier::Carrier, nth: usize) -> String {
    until("it is sent", async || api.messages().len() > nth).await;
    let body = api.messages()[nth].body.clone();
    let code = body.split(' ').next().unwrap_or_default().to_owned();
    let wanted = format!("{code} is your code. Tell nobody.\n\n@shop.example.com #{code}");
    assert_eq!(body, wanted);
    code
}

fn other(code: &str, nth: u32) -> String {
    format!(
        "{:06}",
        (code.parse::<u32>().expect("digits") + nth) % 1_000_000
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_is_proved_once_and_a_key_sends_one_code() {
    let api = carrier::Carrier::start().await;
    let pair = Pair::with(|one| plan(one, &api)).await;
    let mut starts = JoinSet::new();
    for nth in 0..16 {
        let server = if nth % 2 == 0 { &pair.one } else { &pair.other };
        let url = server.url("/verify/start");
        starts.spawn(async move {
            let body = json!({ "number": NUMBER, "client": "anne", "key": "order-1" });
            let request = client().post(url).bearer_auth(TOKEN).body(body.to_string());
            request
                .send()
                .await
                .expect("it answers")
                .text()
                .await
                .expect("whole")
        });
    }
    let mut answers = starts.join_all().await;
    answers.dedup();
    let [answer] = &answers[..] else {
        panic!("{answers:?}");
    };
    let answer: Value = serde_json::from_str(answer).expect("it is JSON");
    assert_eq!(
        (answer["status"].as_str(), answer["expires_in"].as_u64()),
        (Some("sent"), Some(600))
    );
    let proof = answer["verification"].as_str().expect("it has a name");
    let code = code(&api, 0).await;
    assert_eq!(check(&pair.one, proof, &other(&code, 1)).await, "wrong");
    assert_eq!(check(&pair.other, proof, &code).await, "right");
    for server in [&pair.one, &pair.other] {
        assert_eq!(check(server, proof, &code).await, "over");
    }
    assert_eq!(api.messages().len(), 1);
    assert_eq!(pair.figure("codes_total{answer=\"sent\"}").await, 1);
    // The same key for another number is a mistake.
    assert_eq!(start(&pair.one, "+447400123457", "order-1").await.0, 422);
    let rows = async || {
        let rows: Vec<String> = pair.redis.ask(&["KEYS", "hs:*:row:*"]).await;
        rows.is_empty()
    };
    until("the row is gone", rows).await;
    for log in [pair.one.log(), pair.other.log()] {
        assert!(
            !log.contains("447400123456") && !log.contains(TOKEN),
            "{log}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_guesses_on_two_nodes_at_once_are_compared_five_times() {
    let api = carrier::Carrier::start().await;
    let pair = Pair::with(|one| plan(one, &api)).await;
    let (_, answer) = start(&pair.one, NUMBER, "order-1").await;
    let proof = answer["verification"]
        .as_str()
        .expect("it has a name")
        .to_owned();
    let code = code(&api, 0).await;
    let ready = Arc::new(Barrier::new(64));
    let mut thieves = JoinSet::new();
    for thief in 0..64_u32 {
        let server = if thief % 2 == 0 {
            &pair.one
        } else {
            &pair.other
        };
        let (url, ready) = (server.url("/verify/check"), Arc::clone(&ready));
        let (proof, code) = (proof.clone(), code.clone());
        thieves.spawn(async move {
            ready.wait().await;
            for nth in 0..16 {
                let body =
                    json!({ "verification": proof, "code": other(&code, 1 + thief * 16 + nth) });
                let request = client()
                    .post(&url)
                    .bearer_auth(TOKEN)
                    .body(body.to_string());
                let text = request.send().await.expect("it answers").text().await;
                assert!(!text.expect("whole").contains("right"));
            }
        });
    }
    thieves.join_all().await;
    assert_eq!(pair.figure("codes_total{answer=\"wrong\"}").await, 5);
    assert_eq!(pair.figure("codes_total{answer=\"right\"}").await, 0);
    assert_eq!(check(&pair.one, &proof, &code).await, "over");
    pair.one.wait_for_log("it was tried too often");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_may_not_is_told_so_alike_and_what_is_wrong_is_told() {
    let api = carrier::Carrier::start().await;
    let mut pair = Pair::with(|one| plan(one, &api)).await;
    for number in ["+449012345678", "+4915123456789"] {
        let (status, answer) = start(&pair.one, number, number).await;
        assert_eq!(
            (status, answer["status"].as_str()),
            (200, Some("refused")),
            "{answer}"
        );
        let proof = answer["verification"].as_str().expect("it has a name");
        assert_eq!(check(&pair.one, proof, "123456").await, "over");
    }
    assert!(pair.one.log().contains("it is a premium number"));
    let premium = "numbers_refused_total{reach=\"text\",reason=\"premium\"}";
    assert_eq!(Figures::of(&pair.one).await.get(premium), 1);
    assert_eq!(check(&pair.one, "VE1", "123456").await, "over");
    let right = json!({ "number": NUMBER, "client": "anne", "key": "k" });
    for (token, body, status) in [
        ("a-token-for-the-order-fork", right.clone(), 401),
        ("", right.clone(), 401),
        (
            TOKEN,
            json!({ "number": "07400123456", "client": "anne", "key": "k" }),
            400,
        ),
        (
            TOKEN,
            json!({ "number": NUMBER, "client": "", "key": "k" }),
            400,
        ),
        (TOKEN, json!({ "number": NUMBER, "key": "k" }), 400),
        (TOKEN, json!("x".repeat(5_000)), 413),
    ] {
        assert_eq!(
            asks(&pair.one, token, "start", body.clone()).await.0,
            status,
            "{body}"
        );
    }
    let short = json!({ "verification": "VE1", "code": "12345" });
    assert_eq!(asks(&pair.one, TOKEN, "check", short).await.0, 400);
    // While the store is away nothing is sent, and the same may be asked again.
    block_in_place(|| pair.redis.kill());
    assert_eq!(start(&pair.one, NUMBER, "order-2").await.0, 503);
    assert_eq!(api.messages().len(), 0);
    pair.redis.restart().await;
    until("it is sent", async || {
        start(&pair.one, NUMBER, "order-2").await.0 == 200
    })
    .await;
    code(&api, 0).await;
    assert_eq!(api.messages().len(), 1);
    // Without a token in the settings there is no such route.
    let server = Plan::default().start();
    assert_eq!(asks(&server, TOKEN, "start", right).await.0, 404);
}
