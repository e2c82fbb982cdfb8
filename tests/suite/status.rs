//! The end of a call: what tells it, what waits for it, and what does not count as one.

use std::sync::Arc;
use std::time::Duration;

use hookswitch::engine::{Input, Nonce, Opening};
use hookswitch::settings::Settings;
use hookswitch::twilio::{Form, Webhook};
use hookswitch::web::server::{RunningNode, start};
use hookswitch::web::sweeper::sweep;
use hookswitch::web::turns::CallRequest;
use hookswitch::web::turns::protocol::{EntryPoint, TurnRef, TurnRequest};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::backend::{Backend, Received};
use super::caller::{Caller, words};
use super::figures::Figures;
use super::flows::{DESK, ORDER};
use super::folder::Folder;
use super::server::{Plan, Server, eventually};

/// A grace that no test waits out while a last turn is on its way, however busy the machine.
const LONG: &str = "1h";
/// A grace that a test waits out.
const SHORT: &str = "300ms";

struct Line {
    backend: Backend,
    server: Server,
    _folder: Folder,
}

impl Line {
    async fn with(settings: &[(&str, &str)]) -> Self {
        let folder = Folder::of(&[("order.toml", ORDER), ("desk.toml", DESK)]);
        let backend = Backend::start().await;
        let plan = Plan::default().flows(folder.path());
        let plan = plan.pickups(&backend);
        let server = plan.settings(settings).start();
        Self {
            backend,
            server,
            _folder: folder,
        }
    }

    async fn graced(grace: &str) -> Self {
        Self::with(&[("CALLS__HANGUP_GRACE", grace)]).await
    }

    /// A call that waits for its last key.
    async fn at_confirm(&self) -> Caller {
        let mut caller = Caller::new(&self.server);
        caller.call("/voice/order").await;
        caller.press("1").await;
        assert!(words(&caller.press("8341#").await).contains("To send it"));
        caller
    }

    /// A call that begins and is hung up, and what its backend gets. Calls are ended in the order in which they are due,
    /// so whatever was to come of those that were hung up before has come by then.
    async fn sentinel(&self) -> Vec<Received> {
        let mut caller = Caller::new(&self.server);
        caller.call("/voice/order").await;
        caller.hang_up().await;
        let last = || self.backend.received().into_iter().rev().take(64);
        eventually("the last call is told", async || {
            last().any(|one| one.id.starts_with(&caller.sid))
        })
        .await;
        self.backend
            .received()
            .into_iter()
            .filter(|one| !one.id.starts_with(&caller.sid))
            .collect()
    }
}

fn call(received: &Received) -> &Value {
    &received.body["data"]["call"]
}

#[tokio::test]
async fn a_last_turn_that_comes_after_the_status_callback_counts() {
    let line = Line::graced(LONG).await;
    let mut caller = line.at_confirm().await;
    assert_eq!(caller.hang_up().await, 204);
    assert!(words(&caller.press("1").await).contains("Goodbye"));
    let received = line.backend.wait_for(1).await;
    assert_eq!(received[0].body["type"], "submission.complete");
    assert_eq!(call(&received[0])["outcome"], "completed");
}

#[tokio::test]
async fn a_call_that_is_hung_up_is_told_as_a_partial_one_after_the_grace() {
    let line = Line::graced(SHORT).await;
    let mut caller = line.at_confirm().await;
    assert_eq!(caller.hang_up().await, 204);
    let received = line.backend.wait_for(1).await;
    assert_eq!(received[0].body["type"], "submission.partial");
    assert_eq!(
        received[0].body["data"]["answers"],
        json!({ "size": "small", "pin": "8341" })
    );
    assert_eq!(call(&received[0])["outcome"], "hung_up");
    assert_eq!(call(&received[0])["last_step"], "confirm");
    assert!(call(&received[0])["ended_at"].is_string());
    let figures = Figures::of(&line.server).await;
    assert_eq!(
        figures.get("calls_total{flow=\"order\",outcome=\"hung_up\"}"),
        1
    );
    assert_eq!(figures.get("swept_total"), 0, "its end was told");
}

#[tokio::test]
async fn a_turn_that_comes_after_the_grace_is_too_late() {
    let line = Line::graced(SHORT).await;
    let mut caller = line.at_confirm().await;
    caller.hang_up().await;
    line.backend.wait_for(1).await;
    assert!(caller.press("1").await.contains("<Hangup"));
    assert_eq!(line.sentinel().await.len(), 1);
}

#[tokio::test]
async fn status_callbacks_that_come_twice_end_a_call_once() {
    let line = Line::graced(SHORT).await;
    let mut caller = line.at_confirm().await;
    for _ in 0..3 {
        assert_eq!(caller.hang_up().await, 204);
    }
    line.backend.wait_for(1).await;
    assert_eq!(caller.hang_up().await, 204);
    assert_eq!(line.sentinel().await.len(), 1);
}

#[tokio::test]
async fn a_key_in_a_request_that_tells_the_end_still_counts() {
    let line = Line::graced(LONG).await;
    let mut caller = line.at_confirm().await;
    let action = caller.action.clone();
    caller
        .go_to(&action, &[("CallStatus", "completed"), ("Digits", "1")])
        .await;
    assert_eq!(
        line.backend.wait_for(1).await[0].body["type"],
        "submission.complete"
    );
}

#[tokio::test]
async fn a_request_that_tells_the_end_without_the_last_key_ends_the_call() {
    let line = Line::graced(SHORT).await;
    let mut caller = Caller::new(&line.server);
    caller.call("/voice/order").await;
    let action = caller.action.clone();
    caller
        .go_to(&action, &[("CallStatus", "completed"), ("Digits", "2")])
        .await;
    let received = line.backend.wait_for(1).await;
    assert_eq!(received[0].body["type"], "submission.partial");
    assert_eq!(
        received[0].body["data"]["answers"],
        json!({ "size": "large" })
    );
    assert_eq!(call(&received[0])["last_step"], "pin");
}

#[tokio::test]
async fn silence_in_a_request_that_tells_the_end_is_no_wrong_entry() {
    let line = Line::graced(SHORT).await;
    let mut caller = line.at_confirm().await;
    let (now, action) = (caller.last.clone(), caller.action.clone());
    assert_eq!(
        caller.go_to(&action, &[("CallStatus", "completed")]).await,
        now
    );
    let received = line.backend.wait_for(1).await;
    assert_eq!(
        (&call(&received[0])["outcome"], received.len()),
        (&json!("hung_up"), 1)
    );
}

#[tokio::test]
async fn statuses_that_end_nothing_end_no_call() {
    let line = Line::graced(SHORT).await;
    let mut caller = line.at_confirm().await;
    for status in [
        "queued",
        "initiated",
        "ringing",
        "in-progress",
        "answered",
        "COMPLETED",
        "unheard-of",
    ] {
        assert_eq!(
            caller
                .post("/status", &[("CallStatus", status)])
                .await
                .map(|reply| reply.status)
                .ok(),
            Some(204)
        );
    }
    assert_eq!(
        caller
            .post("/status", &[("CallStatus", "")])
            .await
            .map(|reply| reply.status)
            .ok(),
        Some(403)
    );
    assert_eq!(line.sentinel().await.len(), 0);
    assert!(words(&caller.press("1").await).contains("Goodbye"));
}

#[tokio::test]
async fn every_status_that_ends_a_call_ends_it() {
    let line = Line::graced(SHORT).await;
    for status in ["completed", "busy", "failed", "no-answer", "canceled"] {
        let mut caller = Caller::new(&line.server);
        caller.call("/voice/order").await;
        let reply = caller
            .post("/status", &[("CallStatus", status)])
            .await
            .expect("the node answers");
        assert_eq!((reply.status, reply.body.as_str()), (204, ""));
    }
    assert_eq!(line.backend.wait_for(5).await.len(), 5);
}

#[tokio::test]
async fn the_end_of_a_call_that_nobody_knows_is_no_fault() {
    let line = Line::graced(SHORT).await;
    let mut caller = Caller::new(&line.server);
    assert_eq!(caller.hang_up().await, 204);
    let over = [("CallStatus", "completed"), ("Digits", "1")];
    let reply = caller
        .post("/voice/order/~4", &over)
        .await
        .expect("the node answers");
    assert_eq!(
        (reply.status, words(&reply.body)),
        (200, String::new()),
        "nobody is there to begin with"
    );
    assert_eq!(
        Figures::of(&line.server).await.sum("calls_started_total"),
        0
    );
}

#[tokio::test]
async fn a_status_callback_may_come_as_a_get() {
    let line = Line::graced(SHORT).await;
    let caller = line.at_confirm().await;
    let reply = caller
        .get("/status", &[("CallStatus", "completed")])
        .await
        .expect("the node answers");
    assert_eq!(reply.status, 204);
    line.backend.wait_for(1).await;
}

/// A node within this process, so that a test can tell the sweeper what time it is.
async fn node(folder: &Folder, backend: &Backend) -> (RunningNode, impl Drop + use<>) {
    let data = tempfile::tempdir().expect("a folder");
    let set = |name: &str, value: &str| (format!("HOOKSWITCH__{name}"), value.to_owned());
    let environment = [
        set("SERVER__LISTEN", "127.0.0.1:0"),
        set("FLOWS__DIR", &folder.path().display().to_string()),
        set(
            "AUDIO__DIR",
            &folder.path().join("none").display().to_string(),
        ),
        set("DATA__DIR", &data.path().display().to_string()),
        set("STORE__URL", "memory:"),
        set("CALLS__SILENT_AFTER", "1m"),
        set("BACKENDS__PICKUPS__URL", backend.url()),
    ];
    let settings = Settings::load(data.path(), environment.into_iter()).expect("they are right");
    // The task that answers requests is not needed: turns are asked for directly.
    let (node, _server) = start(&settings, |_| {}).await.expect("it starts");
    (node, data)
}

fn request<'a>(webhook: &'a Webhook<'a>, place: EntryPoint, input: Input) -> CallRequest<'a> {
    let asked = TurnRequest {
        flow: "desk",
        place,
        moves: true,
        over: false,
        now: Timestamp::now(),
    };
    CallRequest {
        sid: webhook.call_sid.clone(),
        asked,
        input,
        webhook,
        origin: None,
    }
}

/// The turn that a document leads to.
fn mark(document: &str) -> EntryPoint {
    let (_, mark) = document
        .split_once("/voice/desk/~")
        .expect("it leads somewhere");
    let (turn, nonce) = mark.split_once('-').expect("a turn has a nonce");
    let nonce = Nonce::parse(&nonce[..16]).expect("16 digits");
    EntryPoint::Turn(TurnRef {
        turn: turn.parse().expect("a number"),
        nonce,
    })
}

#[tokio::test]
async fn a_call_of_which_nothing_is_heard_any_more_is_swept() {
    let backend = Backend::start().await;
    let folder = Folder::of(&[("desk.toml", DESK)]);
    let (node, _data) = node(&folder, &backend).await;
    let form = Form::parse(b"CallSid=CA1").expect("there are few fields");
    let webhook = Webhook::parse(&form).expect("it names a call");
    node.app
        .take_turn(&request(
            &webhook,
            EntryPoint::Start(Opening::default()),
            Input::Begin,
        ))
        .await
        .expect("the store is there");
    let begun = Timestamp::now();
    let swept = async |after: u64| {
        sweep(&node.app, begun + Duration::from_secs(after))
            .await
            .expect("it is there")
    };
    assert_eq!((swept(30).await, swept(61).await), (0, 1));
    let received = backend.wait_for(1).await;
    assert!(received[0].id.starts_with("CA1-"), "{}", received[0].id);
    assert_eq!(call(&received[0])["outcome"], "silent");
    assert_eq!(received[0].body["type"], "submission.partial");
}

#[tokio::test]
async fn a_call_that_was_handed_on_is_not_swept_for_its_silence_but_ten_minutes_after_its_time_limit()
 {
    let backend = Backend::start().await;
    let folder = Folder::of(&[("desk.toml", DESK)]);
    let (node, _data) = node(&folder, &backend).await;
    let form = Form::parse(b"CallSid=CA1").expect("there are few fields");
    let webhook = Webhook::parse(&form).expect("it names a call");
    let begins = request(
        &webhook,
        EntryPoint::Start(Opening::default()),
        Input::Begin,
    );
    let heard = node
        .app
        .take_turn(&begins)
        .await
        .expect("the store is there");
    let place = mark(std::str::from_utf8(&heard).expect("TwiML is text"));
    node.app
        .take_turn(&request(&webhook, place, Input::Keys("1".into())))
        .await
        .expect("the store is there");
    let begun = Timestamp::now();
    // 20 s of ringing, 60 s of talk, ten minutes.
    let limit = Duration::from_secs(20 + 60 + 600);
    let swept = async |after: Duration| {
        sweep(&node.app, begun + after)
            .await
            .expect("the store is there")
    };
    assert_eq!(swept(limit - Duration::from_secs(30)).await, 0);
    assert_eq!(swept(limit + Duration::from_secs(1)).await, 1);
    let received = backend.wait_for(1).await;
    assert_eq!(call(&received[0])["outcome"], "silent");
    assert_eq!(call(&received[0])["last_step"], "connect");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_five_hundred_calls_confirmed_and_hung_up_at_once_each_is_submitted_once_and_in_full() {
    const CALLS: usize = 500;
    let line = Arc::new(Line::graced("5s").await);
    let play = |number: usize| {
        let line = Arc::clone(&line);
        async move {
            let mut caller = line.at_confirm().await;
            let mut leaving = caller.clone();
            match number % 3 {
                0 => {
                    tokio::join!(caller.press("1"), leaving.hang_up());
                }
                1 => {
                    leaving.hang_up().await;
                    caller.press("1").await;
                }
                _ => {
                    caller.press("1").await;
                    leaving.hang_up().await;
                }
            }
            assert!(words(&caller.last).contains("Goodbye"), "{}", caller.last);
        }
    };
    for batch in (0..CALLS).collect::<Vec<_>>().chunks(50) {
        let calls = batch.iter().map(|number| tokio::spawn(play(*number)));
        for call in futures_util::future::join_all(calls).await {
            call.expect("the call went well");
        }
    }
    let received = line.sentinel().await;
    assert_eq!(received.len(), CALLS);
    assert!(
        received
            .iter()
            .all(|one| one.body["type"] == "submission.complete")
    );
    let mut ids: Vec<_> = received.iter().map(|one| &one.id).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), CALLS);
}
