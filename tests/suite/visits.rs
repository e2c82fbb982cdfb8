//! A visit is a call's stay in a flow: what begins one, what is only a repeat of that, and what ends it.

use std::time::Duration;

use hookswitch::store::RowId;
use serde_json::{Value, json};

use super::backend::{Answer, Backend, Received};
use super::caller::{Caller, words};
use super::figures::Figures;
use super::flows::{AWAY, DESK, ORDER};
use super::folder::Folder;
use super::redis_server::Redis;
use super::server::{Plan, Server};

/// Is over in its first turn.
const REMINDER: &str = r#"
[steps.send]
submit = "pickups"
next   = "bye"
[steps.bye]
say  = "Your parcel comes tomorrow."
next = "hangup"
"#;

/// Sends the call to another flow before it is answered.
const ROUTER: &str = r#"
[steps.which]
branch = [
    { when = "call.from == '+442079460001'", next = "order" },
    { next = "desk" },
]
[steps.order]
redirect = "https://ivr.example.test/voice/order"
[steps.desk]
redirect = "https://ivr.example.test/voice/desk"
"#;

/// Turns everybody away, or gives up on whoever is silent.
const CLOSED: &str = "[steps.no]\nreject = \"busy\"\n";
const SHORT: &str =
    "give_up = \"hangup\"\n[steps.ask]\nmenu = \"Press 1.\"\nattempts = 1\nkeys.1 = \"hangup\"\n";

struct Line {
    backend: Backend,
    server: Server,
    _folder: Folder,
}

impl Line {
    async fn with(settings: &[(&str, &str)]) -> Self {
        let files = [
            ("order.toml", ORDER),
            ("away.toml", AWAY),
            ("desk.toml", DESK),
            ("reminder.toml", REMINDER),
            ("router.toml", ROUTER),
            ("closed.toml", CLOSED),
            ("short.toml", SHORT),
        ];
        let (folder, backend) = (Folder::of(&files), Backend::start().await);
        let plan = Plan::default().flows(folder.path());
        let plan = plan.pickups(&backend);
        let server = plan.settings(settings).start();
        Self {
            backend,
            server,
            _folder: folder,
        }
    }

    async fn new() -> Self {
        Self::with(&[("CALLS__HANGUP_GRACE", "300ms")]).await
    }

    /// Waits for a last delivery of another call, and until nothing is owed any more, or for a while what is: all that comes is
    /// there by then.
    async fn received(&self) -> Vec<Received> {
        let mut last = Caller::new(&self.server);
        last.call("/voice/reminder").await;
        let begun = std::time::Instant::now();
        loop {
            let owed = Figures::of(&self.server).await.sum("outbox_rows");
            let received = self.backend.received();
            let is_told = received.iter().any(|one| one.id.starts_with(&last.sid));
            if is_told && (owed == 0 || begun.elapsed() > Duration::from_secs(3)) {
                return received
                    .into_iter()
                    .filter(|one| !one.id.starts_with(&last.sid))
                    .collect();
            }
            assert!(
                begun.elapsed() < Duration::from_secs(30),
                "the last call is not told"
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

fn call(received: &Received) -> &Value {
    &received.body["data"]["call"]
}

#[tokio::test]
async fn the_first_request_twice_is_one_visit_however_the_call_came_in() {
    let line = Line::new().await;
    for (status, token) in [
        ("ringing", "t1"),
        ("in-progress", "t2"),
        ("in-progress", ""),
    ] {
        let mut caller = Caller::new(&line.server);
        caller.idempotency = token.to_owned();
        let fields = [("CallStatus", status), ("Direction", "outbound-api")];
        let first = caller.go_to("/voice/reminder", &fields).await;
        let again = caller.go_to("/voice/reminder", &fields).await;
        assert_eq!(first, again, "{status} {token}");
    }
    assert_eq!(line.received().await.len(), 3);
    assert_eq!(Figures::of(&line.server).await.get("repeats_total"), 3);
}

#[tokio::test]
async fn sixty_four_first_requests_at_once_are_one_visit() {
    let line = Line::new().await;
    let mut caller = Caller::new(&line.server);
    caller.idempotency = "t1".to_owned();
    let node = caller.nodes[0].clone();
    let fields = [("CallStatus", "in-progress")];
    let copies = (0..64).map(|_| caller.post_to(&node, "/voice/reminder", &fields));
    let replies = futures_util::future::join_all(copies).await;
    let bodies: Vec<_> = replies
        .into_iter()
        .map(|reply| reply.expect("it answers").body)
        .collect();
    assert!(bodies.iter().all(|body| *body == bodies[0]));
    assert_eq!(line.received().await.len(), 1);
}

#[tokio::test]
async fn a_call_that_really_comes_back_is_a_new_visit() {
    let line = Line::new().await;
    let mut caller = Caller::new(&line.server);
    for token in ["t1", "t2", "t1"] {
        caller.idempotency = token.to_owned();
        caller
            .go_to("/voice/reminder", &[("CallStatus", "in-progress")])
            .await;
    }
    let ids: Vec<_> = line
        .received()
        .await
        .into_iter()
        .map(|one| one.id)
        .collect();
    assert_eq!(
        ids.len(),
        2,
        "the last one is a late repeat of the first: {ids:?}"
    );
    assert_ne!(ids[0], ids[1]);
    assert!(ids.iter().all(|id| RowId::parse(id).is_some()));
}

#[tokio::test]
async fn a_redirect_while_it_rings_leads_to_the_other_flow() {
    let line = Line::new().await;
    for (from, heard) in [("+442079460001", "Small"), ("+442079460002", "To talk")] {
        for status in ["ringing", "in-progress"] {
            let mut caller = Caller::new(&line.server);
            caller.from = from.to_owned();
            let sent = caller
                .go_to("/voice/router", &[("CallStatus", "ringing")])
                .await;
            let (_, path) = sent
                .split_once("https://ivr.example.test")
                .expect("it is sent on");
            let path = path
                .split('<')
                .next()
                .expect("there is a first part")
                .to_owned();
            let there = caller.go_to(&path, &[("CallStatus", status)]).await;
            assert!(words(&there).starts_with(heard), "{status}: {there}");
        }
    }
}

#[tokio::test]
async fn a_live_call_that_is_moved_ends_its_visit_with_what_was_selected() {
    let line = Line::new().await;
    let mut caller = Caller::new(&line.server);
    caller.call("/voice/order").await;
    caller.press("1").await;
    let old = caller.action.clone();
    let there = caller
        .go_to("/voice/desk", &[("CallStatus", "in-progress")])
        .await;
    assert!(words(&there).starts_with("To talk"));
    let received = line.backend.wait_for(1).await;
    assert_eq!(
        received[0].body["data"]["answers"],
        json!({ "size": "small" })
    );
    assert_eq!(
        (&call(&received[0])["outcome"], &call(&received[0])["flow"]),
        (&json!("moved"), &json!("order"))
    );
    let node = caller.nodes[0].clone();
    let late = caller
        .post_to(&node, &old, &[("Digits", "8341")])
        .await
        .expect("it answers");
    assert_eq!(
        late.body, there,
        "what was for the visit before moves nothing"
    );
    caller.hang_up().await;
    let received = line.backend.wait_for(2).await;
    assert_eq!(
        (&call(&received[1])["outcome"], &call(&received[1])["flow"]),
        (&json!("hung_up"), &json!("desk"))
    );
    let figures = Figures::of(&line.server).await;
    assert_eq!(
        figures.get("calls_total{flow=\"order\",outcome=\"moved\"}"),
        1
    );
    assert_eq!(figures.get("calls_started_total{flow=\"desk\"}"), 1);
}

#[tokio::test]
async fn a_call_that_is_moved_to_its_own_start_while_it_is_dialled_begins_and_dials_nobody() {
    let line = Line::new().await;
    for url_first in [true, false] {
        let mut caller = Caller::new(&line.server);
        caller.call("/voice/desk").await;
        assert!(caller.press("1").await.contains("<Dial"));
        let action = caller.action.clone();
        if !url_first {
            caller
                .go_to(
                    &action,
                    &[
                        ("CallStatus", "in-progress"),
                        ("DialCallStatus", "completed"),
                    ],
                )
                .await;
        }
        let there = caller
            .go_to("/voice/desk", &[("CallStatus", "in-progress")])
            .await;
        assert!(words(&there).starts_with("To talk"), "{there}");
        if url_first {
            let node = caller.nodes[0].clone();
            let fields = [
                ("CallStatus", "in-progress"),
                ("DialCallStatus", "completed"),
            ];
            assert_eq!(
                caller
                    .post_to(&node, &action, &fields)
                    .await
                    .expect("it answers")
                    .body,
                there
            );
        }
    }
}

#[tokio::test]
async fn an_end_that_is_told_before_the_first_request_counts_on_every_store() {
    let redis = Redis::start().await;
    for store in ["memory:".to_owned(), "local:data".to_owned(), redis.url()] {
        let line = Line::with(&[("STORE__URL", &store), ("CALLS__HANGUP_GRACE", "300ms")]).await;
        let mut caller = Caller::new(&line.server);
        assert_eq!(
            caller
                .post("/status", &[("CallStatus", "no-answer")])
                .await
                .expect("it answers")
                .status,
            204
        );
        caller.call("/voice/order").await;
        let received = line.backend.wait_for(1).await;
        assert_eq!(call(&received[0])["outcome"], "hung_up", "{store}");
        assert_eq!(received.len(), 1);
    }
}

#[tokio::test]
async fn the_time_of_the_end_is_the_carriers() {
    let line = Line::new().await;
    let mut caller = Caller::new(&line.server);
    caller.call("/voice/order").await;
    let told = [
        ("CallStatus", "completed"),
        ("Timestamp", "Sun, 01 Mar 2026 10:00:07 +0000"),
        ("CallDuration", "9"),
    ];
    caller.post("/status", &told).await.expect("it answers");
    let received = line.backend.wait_for(1).await;
    assert_eq!(call(&received[0])["ended_at"], "2026-03-01T10:00:07.000Z");
}

#[tokio::test]
async fn who_gave_up_or_was_turned_away_has_not_completed() {
    let line = Line::new().await;
    Caller::new(&line.server).call("/voice/closed").await;
    let mut silent = Caller::new(&line.server);
    silent.call("/voice/short").await;
    silent.silent().await;
    let mut done = Caller::new(&line.server);
    done.call("/voice/short").await;
    done.press("1").await;
    let figures = Figures::of(&line.server).await;
    assert_eq!(
        figures.get("calls_total{flow=\"closed\",outcome=\"turned_away\"}"),
        1
    );
    assert_eq!(
        figures.get("calls_total{flow=\"short\",outcome=\"gave_up\"}"),
        1
    );
    assert_eq!(
        figures.get("calls_total{flow=\"short\",outcome=\"completed\"}"),
        1
    );
}

/// Redis forgets a call, or its last turn (a failover, an operator): what the caller then selects has another id.
#[tokio::test]
async fn no_id_stands_for_two_things_though_redis_lost_the_call() {
    let redis = Redis::start().await;
    for whole in [true, false] {
        let settings = [
            ("STORE__URL", redis.url()),
            ("CALLS__CACHED", "0".to_owned()),
        ];
        let settings: Vec<_> = settings
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        let line = Line::with(&settings).await;
        let mut caller = Caller::new(&line.server);
        caller.call("/voice/away").await;
        let keys: Vec<String> = redis
            .ask(&["KEYS", &format!("hs:*:call:{}", caller.sid)])
            .await;
        let _: i64 = redis.ask(&["COPY", &keys[0], "aside"]).await;
        let turn = caller.action.clone();
        caller.press("2").await;
        line.backend.wait_for(1).await;
        let _: i64 = redis.ask(&["DEL", &keys[0]]).await;
        if whole {
            let trail: String = keys[0].replace(":call:", ":trail:");
            let _: i64 = redis.ask(&["DEL", &trail]).await;
        } else {
            let _: i64 = redis.ask(&["COPY", "aside", &keys[0]]).await;
        }
        let _: i64 = redis.ask(&["DEL", "aside"]).await;
        caller.go_to(&turn, &[("Digits", "1")]).await;
        caller.press("1").await;
        if whole {
            caller.press("1").await;
        }
        let received = line.backend.wait_for(2).await;
        assert_ne!(received[0].id, received[1].id);
        assert_ne!(
            received[0].body["data"]["answers"],
            received[1].body["data"]["answers"]
        );
    }
}

/// A turn that Redis lost after it was answered, and that comes once more as it was, is the same delivery.
#[tokio::test]
async fn a_turn_that_is_taken_once_more_gives_the_same_id_to_the_same_selections() {
    let redis = Redis::start().await;
    let line = Line::with(&[("STORE__URL", &redis.url()), ("CALLS__CACHED", "0")]).await;
    let mut caller = Caller::new(&line.server);
    caller.call("/voice/away").await;
    let keys: Vec<String> = redis
        .ask(&["KEYS", &format!("hs:*:call:{}", caller.sid)])
        .await;
    let _: i64 = redis.ask(&["COPY", &keys[0], "aside"]).await;
    let turn = caller.action.clone();
    caller.press("2").await;
    line.backend.wait_for(1).await;
    let _: i64 = redis.ask(&["COPY", "aside", &keys[0], "REPLACE"]).await;
    caller.go_to(&turn, &[("Digits", "2")]).await;
    let received = line.received().await;
    assert!(
        received.iter().all(|one| one.id == received[0].id),
        "{received:?}"
    );
}

#[tokio::test]
async fn a_turn_of_a_call_that_is_over_for_long_begins_nothing() {
    let redis = Redis::start().await;
    let line = Line::with(&[("STORE__URL", &redis.url()), ("CALLS__KEEP_FINISHED", "1s")]).await;
    line.backend.answer_with(Answer::Status(500));
    let mut caller = Caller::new(&line.server);
    caller.call("/voice/away").await;
    let turn = caller.action.clone();
    caller.press("2").await;
    let key = format!("hs:*:call:{}", caller.sid);
    while !redis.ask::<Vec<String>>(&["KEYS", &key]).await.is_empty() {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let heard = caller.go_to(&turn, &[("Digits", "2")]).await;
    assert_eq!(words(&heard), "");
    assert_eq!(Figures::of(&line.server).await.get("lost_calls_total"), 0);
    // The call itself may come back, and what it then submits takes no other delivery's place.
    caller.idempotency = "later".to_owned();
    caller
        .go_to("/voice/away", &[("CallStatus", "in-progress")])
        .await;
    caller.press("2").await;
    let rows: Vec<String> = redis
        .ask(&["KEYS", &format!("hs:*:row:{}-*", caller.sid)])
        .await;
    assert_eq!(rows.len(), 2);
}
