//! A store that is away: the caller is held for a moment, and nothing that was pressed is lost or shown.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hookswitch::engine::CallSid;
use hookswitch::store::Seal;
use hookswitch::web::held::{Held, LIMIT};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::backend::Backend;
use super::caller::{Caller, words};
use super::figures::{Figures, get};
use super::flows::{DESK, ORDER};
use super::folder::Folder;
use super::redis_server::Redis;
use super::server::{Plan, Server, TOKEN, eventually};

/// Long enough to be found wherever it should not be.
const PIN: &str = "834183418341";

struct Line {
    redis: Redis,
    backend: Backend,
    folder: Folder,
    server: Server,
}

impl Line {
    async fn new() -> Self {
        Self::on(Redis::start().await).await
    }

    async fn on(redis: Redis) -> Self {
        let backend = Backend::start().await;
        let folder = Folder::of(&[("order.toml", ORDER), ("desk.toml", DESK)]);
        let plan = Plan::default()
            .flows(folder.path())
            .set("STORE__URL", redis.url())
            .set("LOG__LEVEL", "debug");
        let plan = plan.pickups(&backend);
        let server = plan.start();
        Self {
            redis,
            backend,
            folder,
            server,
        }
    }

    /// Another node on the same store.
    fn node(&self) -> Server {
        self.server.plan().clone().flows(self.folder.path()).start()
    }

    /// A call that is asked for its PIN.
    async fn call(&self) -> Caller {
        let mut caller = Caller::new(&self.server);
        caller.call("/voice/order").await;
        assert!(words(&caller.press("1").await).contains("PIN"));
        caller
    }

    /// Plays a call that has just given its PIN to its end, and looks at what was submitted.
    async fn confirm(&self, caller: &mut Caller) {
        assert!(
            words(&caller.last).contains("To send it"),
            "{}",
            caller.last
        );
        assert!(words(&caller.press("1").await).contains("Goodbye"));
        let received = self.backend.wait_for(1).await;
        assert_eq!(
            received[0].body["data"]["answers"],
            json!({ "size": "small", "pin": PIN })
        );
    }
}

/// Whether a document is a hold: a few words, two seconds, and a turn again.
#[track_caller]
fn assert_hold(document: &str, turn: &str) {
    let tree = roxmltree::Document::parse(document).expect("it is XML");
    let verbs: Vec<_> = tree.root_element().children().collect();
    let names: Vec<_> = verbs.iter().map(|verb| verb.tag_name().name()).collect();
    assert_eq!(names, ["Say", "Pause", "Redirect"], "{document}");
    assert_eq!(verbs[1].attribute("length"), Some("2"));
    assert_eq!(verbs[2].attribute("method"), Some("POST"));
    let url = verbs[2].text().expect("it has a URL");
    let turn = turn
        .split(['#', '?'])
        .next()
        .expect("there is a first part");
    assert!(
        url.starts_with(&format!("{turn}?held=")) && url.contains("#ct="),
        "{url}"
    );
}

/// What the carrier sends after a hold: the fields that every request has, and nothing of the one before.
async fn come_back(caller: &mut Caller) -> String {
    caller.go(vec![("CallStatus", "in-progress")]).await
}

#[tokio::test]
async fn a_key_pressed_while_the_store_is_away_moves_the_call_when_it_is_back() {
    let line = Line::new().await;
    let mut caller = line.call().await;
    let turn = caller.action.clone();
    line.redis.freeze();
    let held = caller.press(&format!("{PIN}#")).await;
    assert_hold(&held, &turn);
    assert_eq!(words(&held), "One moment, please.");
    line.redis.thaw();
    come_back(&mut caller).await;
    line.confirm(&mut caller).await;
    assert_eq!(Figures::of(&line.server).await.get("holds_total"), 1);
}

#[tokio::test]
async fn what_was_pressed_can_be_read_neither_in_the_url_nor_in_the_log() {
    let line = Line::new().await;
    let mut caller = line.call().await;
    line.redis.freeze();
    let held = caller.press(&format!("{PIN}#")).await;
    assert!(!held.contains(PIN));
    let (_, sealed) = caller.action.split_once("?held=").expect("it is held");
    let sealed = URL_SAFE_NO_PAD
        .decode(sealed.split('#').next().expect("there is a first part"))
        .expect("it is base64");
    assert!(
        !sealed
            .windows(PIN.len())
            .any(|bytes| bytes == PIN.as_bytes())
    );
    line.redis.thaw();
    come_back(&mut caller).await;
    line.confirm(&mut caller).await;
    assert!(!line.server.log().contains(PIN));
}

#[tokio::test]
async fn a_call_that_is_held_twice_still_knows_what_was_pressed() {
    let line = Line::new().await;
    let mut caller = line.call().await;
    line.redis.freeze();
    caller.press(&format!("{PIN}#")).await;
    for _ in 0..2 {
        let (turn, held) = (caller.action.clone(), come_back(&mut caller).await);
        assert_hold(&held, &turn);
    }
    line.redis.thaw();
    come_back(&mut caller).await;
    line.confirm(&mut caller).await;
}

#[tokio::test]
async fn a_held_request_that_comes_twice_moves_one_step() {
    let line = Line::new().await;
    let mut caller = line.call().await;
    line.redis.freeze();
    caller.press(&format!("{PIN}#")).await;
    line.redis.thaw();
    let (url, heard) = (caller.action.clone(), come_back(&mut caller).await);
    let node = line.server.url("");
    let again = caller
        .post_to(&node, &url, &[("CallStatus", "in-progress")])
        .await
        .expect("it answers");
    assert_eq!(again.body, heard);
    line.confirm(&mut caller).await;
}

#[tokio::test]
async fn a_call_that_comes_in_while_the_store_is_away_begins_when_it_is_back() {
    let line = Line::new().await;
    line.redis.freeze();
    let mut caller = Caller::new(&line.server);
    let held = caller.call("/voice").await;
    assert_hold(&held, "/voice");
    line.redis.thaw();
    assert!(words(&come_back(&mut caller).await).contains("Small"));
    assert_eq!(
        Figures::of(&line.server)
            .await
            .get("calls_started_total{flow=\"order\"}"),
        1
    );
}

#[tokio::test]
async fn what_a_dial_came_to_is_not_lost_by_a_hold() {
    let line = Line::new().await;
    let mut caller = Caller::new(&line.server);
    caller.call("/voice/desk").await;
    caller.press("1").await;
    line.redis.freeze();
    let turn = caller.action.clone();
    assert_hold(&caller.dialled("busy").await, &turn);
    line.redis.thaw();
    assert_eq!(words(&come_back(&mut caller).await), "Nobody is free.");
}

#[tokio::test]
async fn a_hold_speaks_the_caller_s_language() {
    let redis = Redis::start().await;
    let server = Plan::default().set("STORE__URL", redis.url()).start();
    let mut caller = Caller::new(&server);
    caller.call("/voice/pickup").await;
    caller.press("2").await;
    redis.freeze();
    let held = caller.press("1").await;
    assert_eq!(words(&held), "Един момент, моля.");
    assert!(
        held.contains("language=\"bg-BG\"") && held.contains("Google.bg-BG-Standard-A"),
        "{held}"
    );
    redis.thaw();
}

#[tokio::test]
async fn a_node_that_does_not_know_the_call_holds_it_too() {
    let line = Line::new().await;
    let mut caller = line.call().await;
    let other = line.node();
    line.redis.freeze();
    caller.nodes = vec![other.url("")];
    let turn = caller.action.clone();
    assert_hold(&caller.press(&format!("{PIN}#")).await, &turn);
    line.redis.thaw();
    caller.nodes = vec![line.server.url("")];
    come_back(&mut caller).await;
    line.confirm(&mut caller).await;
}

#[tokio::test]
async fn a_store_that_refuses_connections_holds_the_call_until_it_is_started_again() {
    // One that syncs every second may put off its writes for two, and lose them when it is killed.
    let mut line = Line::on(Redis::with(&["--appendfsync", "always"]).await).await;
    let mut caller = line.call().await;
    line.redis.kill();
    let turn = caller.action.clone();
    assert_hold(&caller.press(&format!("{PIN}#")).await, &turn);
    line.redis.restart().await;
    let ready = async || {
        get(&line.server, "/readyz")
            .await
            .json::<Value>()
            .await
            .expect("it is JSON")
    };
    eventually("the store is back", async || {
        ready().await["store"]["away"] == false
    })
    .await;
    come_back(&mut caller).await;
    line.confirm(&mut caller).await;
}

/// The URL of a hold that began so many seconds ago, sealed as the node does it.
fn held_since(caller: &Caller, seconds: i64, seal: &Seal) -> String {
    let since = Timestamp::now().as_millisecond() - seconds * 1000;
    let held = Held {
        since,
        fields: vec![
            ("Digits".into(), PIN.into()),
            ("CallStatus".into(), "in-progress".into()),
        ],
        opening: None,
    };
    let path = caller
        .action
        .split('#')
        .next()
        .expect("there is a first part");
    held.url(
        "",
        path,
        &CallSid::parse(&caller.sid).expect("it is legal"),
        seal,
    )
}

fn our_seal() -> Seal {
    Seal::from_tokens(&[TOKEN]).expect("a token is enough")
}

#[tokio::test]
async fn after_a_minute_on_hold_the_caller_hears_calm_words_and_is_let_go() {
    let line = Line::new().await;
    let mut caller = line.call().await;
    let (early, late) = (
        held_since(&caller, LIMIT - 30, &our_seal()),
        held_since(&caller, LIMIT, &our_seal()),
    );
    line.redis.freeze();
    let turn = caller.action.clone();
    assert_hold(
        &caller.go_to(&early, &[("CallStatus", "in-progress")]).await,
        &turn,
    );
    let heard = caller.go_to(&late, &[("CallStatus", "in-progress")]).await;
    assert!(
        words(&heard).starts_with("We are sorry") && heard.contains("<Hangup"),
        "{heard}"
    );
    line.redis.thaw();
    assert_eq!(
        Figures::of(&line.server).await.get("holds_given_up_total"),
        1
    );
}

#[tokio::test]
async fn a_hold_of_any_age_moves_the_call_once_the_store_is_back() {
    let line = Line::new().await;
    let mut caller = line.call().await;
    let late = held_since(&caller, LIMIT * 10, &our_seal());
    caller.go_to(&late, &[("CallStatus", "in-progress")]).await;
    line.confirm(&mut caller).await;
}

#[tokio::test]
async fn a_hold_of_another_call_or_key_moves_nothing() {
    let line = Line::new().await;
    let mut caller = line.call().await;
    let other = line.call().await;
    let foreign = Seal::from_tokens(&["another token"]).expect("a token is enough");
    let now = caller.last.clone();
    for url in [
        held_since(&caller, 2, &foreign),
        held_since(&other, 2, &our_seal()),
    ] {
        let reply = caller
            .post(&url, &[("CallStatus", "in-progress"), ("Digits", "1234")])
            .await
            .expect("it answers");
        assert_eq!(reply.body, now);
    }
    caller.press(&format!("{PIN}#")).await;
    line.confirm(&mut caller).await;
}

#[tokio::test]
async fn a_hold_that_was_made_up_does_not_become_ours_while_the_store_is_away() {
    let line = Line::new().await;
    let mut caller = line.call().await;
    let action = caller.action.clone();
    let made_up = format!(
        "{}?held=AAAA",
        action.split('#').next().expect("there is a first part")
    );
    line.redis.freeze();
    let reply = caller
        .post(&made_up, &[("Digits", "1234")])
        .await
        .expect("it answers");
    assert!(
        words(&reply.body).starts_with("We are sorry"),
        "{}",
        reply.body
    );
    line.redis.thaw();
    caller.press(&format!("{PIN}#")).await;
    line.confirm(&mut caller).await;
}

#[tokio::test]
async fn a_fallback_while_the_store_is_away_is_held_and_counted_once() {
    let line = Line::new().await;
    let mut caller = line.call().await;
    let now = caller.last.clone();
    line.redis.freeze();
    let url = format!("https://ivr.example.test{}", caller.action);
    let held = caller
        .go_to("/fallback", &[("ErrorCode", "11205"), ("ErrorUrl", &url)])
        .await;
    assert_hold(&held, "/fallback");
    assert_hold(&come_back(&mut caller).await, "/fallback");
    line.redis.thaw();
    assert_eq!(come_back(&mut caller).await, now);
    assert_eq!(
        Figures::of(&line.server)
            .await
            .get("fallbacks_total{code=\"11205\"}"),
        1
    );
    caller.press(&format!("{PIN}#")).await;
    line.confirm(&mut caller).await;
}

#[tokio::test]
async fn a_document_fault_told_while_the_store_is_away_takes_the_way_of_on_error_when_it_is_back() {
    let line = Line::new().await;
    let mut caller = line.call().await;
    line.redis.freeze();
    let url = format!("https://ivr.example.test{}", caller.action);
    caller
        .go_to("/fallback", &[("ErrorCode", "12100"), ("ErrorUrl", &url)])
        .await;
    line.redis.thaw();
    assert!(words(&come_back(&mut caller).await).contains("There is a fault."));
}

#[tokio::test]
async fn while_the_store_is_away_a_status_callback_is_asked_to_come_again() {
    let line = Line::new().await;
    let mut caller = line.call().await;
    line.redis.freeze();
    assert_eq!(caller.hang_up().await, 503);
    assert_eq!(
        caller
            .post("/status", &[("CallStatus", "ringing")])
            .await
            .map(|reply| reply.status)
            .ok(),
        Some(204)
    );
    line.redis.thaw();
    eventually("the callback is taken", async || {
        caller.hang_up().await == 204
    })
    .await;
}

#[tokio::test]
async fn while_the_store_is_away_the_node_stays_ready_and_tells_it() {
    let line = Line::new().await;
    line.redis.freeze();
    // Nobody calls: it is found out all the same.
    line.server.wait_for_log("The store is away");
    let ready = get(&line.server, "/readyz").await;
    assert_eq!(ready.status(), 200);
    let ready: Value = ready.json().await.expect("it is JSON");
    assert_eq!(
        (&ready["ready"], &ready["store"]["away"]),
        (&json!(true), &json!(true))
    );
    assert_eq!(Figures::of(&line.server).await.get("store_away"), 1);
    line.redis.thaw();
    let away = async || Figures::of(&line.server).await.get("store_away");
    eventually("the store is back", async || away().await == 0).await;
    line.server.wait_for_log("The store is back");
}
