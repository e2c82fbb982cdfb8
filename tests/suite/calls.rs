//! What a call did: `hookswitch calls` at a node that runs, and in the store of one that does not.

use std::fs;

use reqwest::StatusCode;
use serde_json::{Value, json};

use super::backend::{Answer, Backend};
use super::caller::{Caller, DETOUR, LETTER};
use super::figures::Figures;
use super::flows::{DESK, ORDER};
use super::folder::Folder;
use super::redis_server::{Redis, until};
use super::server::{PUBLIC_URL, Plan, Server, free_port};

const PIN: &str = "834183418341";

fn plan(backend: &Backend) -> Plan {
    Plan::default().pickups(backend)
}

fn calls(server: &Server, arguments: &[&str]) -> (i32, String, String) {
    server
        .plan()
        .run(server.folder(), &[&["calls"], arguments].concat())
}

#[track_caller]
fn well(server: &Server, arguments: &[&str]) -> String {
    let (code, stdout, stderr) = calls(server, arguments);
    assert_eq!(code, 0, "{arguments:?}: {stdout}{stderr}");
    stdout
}

#[track_caller]
fn list(server: &Server, more: &[&str]) -> Vec<Value> {
    let printed = well(server, &[&["list", "--format", "json"], more].concat());
    printed
        .lines()
        .map(|line| serde_json::from_str(line).expect("an object a line"))
        .collect()
}

#[track_caller]
fn sids(server: &Server, more: &[&str]) -> Vec<String> {
    list(server, more)
        .iter()
        .map(|call| call["sid"].as_str().expect("it has a name").to_owned())
        .collect()
}

#[track_caller]
fn show(server: &Server, sid: &str) -> Value {
    serde_json::from_str(&well(server, &["show", sid, "--format", "json"])).expect("an object")
}

/// Plays a call; its name, and each document that it heard.
async fn play(server: &Server, path: &str, keys: &[&str]) -> (String, Vec<String>) {
    let mut caller = Caller::new(server);
    let mut heard = vec![caller.call(path).await];
    for keys in keys {
        heard.push(caller.press(keys).await);
    }
    (caller.sid, heard)
}

/// Every turn is told with the document that was heard, and as the same as was answered.
#[track_caller]
fn assert_heard(detail: &Value, heard: &[String]) {
    let turns = detail["turns"].as_array().expect("turns");
    let told: Vec<&str> = turns
        .iter()
        .map(|turn| turn["twiml"].as_str().unwrap_or_default())
        .collect();
    assert_eq!(told, heard, "{detail:#}");
    assert!(turns.iter().all(|turn| turn["same"] == true), "{detail:#}");
}

/// The same on every store: at the node, and (but in memory) in the store once the node has ended.
async fn tells(plan: Plan, outlives: bool) {
    let mut server = plan.start();
    let (on, on_heard) = play(&server, "/voice/pickup", &DETOUR[..5]).await;
    let (over, over_heard) = play(&server, "/voice/pickup", &LETTER).await;
    for served in [true, false] {
        if !served {
            server.stop();
        }
        assert_eq!(
            sids(&server, &[]),
            [over.clone(), on.clone()],
            "newest first"
        );
        assert_eq!(
            sids(&server, &["--outcome", "completed"]),
            std::slice::from_ref(&over)
        );
        assert_eq!(
            sids(&server, &["--outcome", "in_progress", "--flow", "pickup"]),
            std::slice::from_ref(&on)
        );
        assert_eq!(
            sids(
                &server,
                &["--from", "+442079460001", "--since", "2h", "--limit", "1"]
            ),
            std::slice::from_ref(&over)
        );
        assert_eq!(sids(&server, &["--from", "+442079460002"]), [""; 0]);
        for typed in [
            "020 7946 0001",
            "+44 (0)20 7946 0001",
            "00442079460001",
            "442079460001",
            "0001",
        ] {
            assert_eq!(
                sids(&server, &["--from", typed, "--to", "7946 0123"]).len(),
                2,
                "{typed}"
            );
        }
        assert_eq!(sids(&server, &["--to", "020 7946 0001"]), [""; 0]);
        assert_eq!(sids(&server, &["--until", "0s"]).len(), 2);
        assert_eq!(sids(&server, &["--until", "2h"]), [""; 0]);
        assert_eq!(
            sids(&server, &["--step", "confirm"]),
            std::slice::from_ref(&on)
        );
        assert_eq!(
            sids(&server, &["--step", "thanks", "--flow", "pickup"]),
            std::slice::from_ref(&over)
        );
        assert_eq!(sids(&server, &["--step", "nowhere"]), [""; 0]);
        assert_eq!(sids(&server, &["--flow", "person"]), [""; 0]);
        assert_heard(&show(&server, &on), &on_heard);
        assert_heard(&show(&server, &over), &over_heard);
        let story = well(&server, &["show", &over]);
        assert!(story.contains("  submits  to pickups\n"), "{story}");
        if !outlives {
            return;
        }
    }
}

#[tokio::test]
async fn calls_are_told_by_a_node_with_a_store_in_memory() {
    let backend = Backend::start().await;
    tells(plan(&backend).set("STORE__URL", "memory:"), false).await;
}

#[tokio::test]
async fn calls_are_told_by_a_node_and_by_its_store_on_disk() {
    let backend = Backend::start().await;
    tells(plan(&backend), true).await;
}

#[tokio::test]
async fn calls_are_told_by_a_node_and_by_its_store_in_redis() {
    let (redis, backend) = (Redis::start().await, Backend::start().await);
    tells(plan(&backend).set("STORE__URL", redis.url()), true).await;
}

/// The first delivery of a call, once it stands so.
async fn delivery(server: &Server, sid: &str, state: &str) -> Value {
    let first = || show(server, sid)["deliveries"][0].clone();
    until(state, async || first()["state"] == state).await;
    first()
}

fn answering(status: &str, body: &str) -> Answer {
    let length = body.len();
    Answer::raw(&format!(
        "HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
    ))
}

/// What backends got of a call, and what they said to it: at a node, and in its store once it has ended.
#[tokio::test]
async fn the_deliveries_of_a_call_are_told_with_attempts_and_answers() {
    let redis = Redis::start().await;
    for store in ["memory:", "local:data", &redis.url()] {
        let backend = Backend::start().await;
        let mut server = plan(&backend).set("STORE__URL", store).start();
        backend.answer_next([answering("410 Gone", "no\nsuch shop")]);
        let (refused, _) = play(&server, "/voice/pickup", &LETTER).await;
        let dead = delivery(&server, &refused, "dead").await;
        backend.answer_next([answering("201 Created", &"long ".repeat(40))]);
        let (taken, _) = play(&server, "/voice/pickup", &LETTER).await;
        let made = delivery(&server, &taken, "delivered").await;
        let (none, _) = play(&server, "/voice/pickup", &["1"]).await;
        assert_eq!(show(&server, &none)["deliveries"], json!([]), "{store}");
        assert_eq!(dead["backend"], "pickups");
        assert_eq!(dead["type"], "submission.complete");
        assert_eq!(
            dead["answer"],
            json!({ "status": 410, "body": "no\nsuch shop" })
        );
        assert_eq!(
            (&dead["attempts"], &dead["next"]),
            (&json!(1), &Value::Null)
        );
        assert!(
            dead["log"][0]["at"].is_string() && dead["log"][0]["came_to"].is_string(),
            "{dead:#}"
        );
        let id = backend.received()[0].id.clone();
        assert_eq!(dead["id"], *id);
        assert!(made["delivered"].is_string(), "{made:#}");
        let told = well(&server, &["show", &refused]);
        for line in [
            "submission.complete to pickups  dead, 1 attempt\n",
            &format!("  id       {id}\n"),
            "  answer   410 no such shop\n",
        ] {
            assert!(told.contains(line), "{line}{told}");
        }
        let told = well(&server, &["show", &taken]);
        let shortened = format!("  answer   201 {}…\n", &"long ".repeat(40)[..96]);
        assert!(told.contains(&shortened), "{told}");
        server.stop();
        if store != "memory:" {
            assert_eq!(show(&server, &refused)["deliveries"], json!([dead]));
            assert_eq!(show(&server, &taken)["deliveries"], json!([made]));
        }
    }
}

#[tokio::test]
async fn a_turn_tells_what_came_which_rule_it_took_and_what_changed() {
    let backend = Backend::start().await;
    let server = plan(&backend)
        .set("SERVER__PUBLIC_URL", format!("{PUBLIC_URL}/ivr"))
        .start();
    let mut caller = Caller::new(&server);
    caller.public_url = format!("{PUBLIC_URL}/ivr");
    caller.call("/voice/pickup").await;
    for keys in ["1", "7", "2"] {
        let next = caller.action.trim_start_matches("/ivr").to_owned();
        caller
            .go_to(&next, &[("CallStatus", "in-progress"), ("Digits", keys)])
            .await;
    }
    let detail = show(&server, &caller.sid);
    let turns = detail["turns"].as_array().expect("turns");
    assert_eq!(detail["call"]["to"], "+442079460123");
    assert_eq!(
        (detail["call"]["turns"].as_u64(), &detail["call"]["whole"]),
        (Some(4), &json!(true))
    );
    assert_eq!(turns[0]["came"], json!({ "kind": "begin" }));
    assert_eq!(turns[2]["came"], json!({ "kind": "keys", "value": "7" }));
    assert_eq!(turns[2]["rules"][0]["on"], "no_match");
    assert_eq!(turns[2]["rules"][0]["to"], Value::Null);
    assert_eq!(
        turns[2]["changes"],
        json!([{ "what": "no_match", "before": 0, "after": 1 }])
    );
    let rule = &turns[3]["rules"][0];
    assert_eq!(
        (&rule["step"], &rule["on"]),
        (&json!("kind"), &json!("keys.2")),
        "{:#}",
        turns[3]
    );
    assert!(
        rule["others"]
            .as_array()
            .expect("ways")
            .iter()
            .any(|way| way["on"] == "keys.1"),
        "{rule}"
    );
    assert!(
        turns[3]["twiml"]
            .as_str()
            .expect("TwiML")
            .contains("\"/ivr/voice/pickup/~4"),
        "{:#}",
        turns[3]
    );
    assert!(turns.iter().all(|turn| turn["same"] == true));
    let told = well(&server, &["show", &caller.sid]);
    for words in [
        "the call came in",
        "pressed 7",
        "kind: no_match",
        "kind: key 2 → ",
        "not key 1 → ",
        "<Response>",
    ] {
        assert!(told.contains(words), "{words}: {told}");
    }
    println!("{told}{}", well(&server, &["list"]));
}

/// Faults that the carrier tells, how long the call lasted and why it ended stand between its turns, on every store; what
/// comes twice is told once.
#[tokio::test]
async fn what_the_carrier_tells_beside_the_turns_is_told_once() {
    let (redis, backend) = (Redis::start().await, Backend::start().await);
    for store in ["memory:".to_owned(), "local:data".to_owned(), redis.url()] {
        let server = plan(&backend).set("STORE__URL", &store).start();
        let mut caller = Caller::new(&server);
        caller.call("/voice/pickup").await;
        let failed = format!("{PUBLIC_URL}{}", caller.action);
        caller.idempotency = "one fault".to_owned();
        for _ in 0..2 {
            caller
                .go_to(
                    "/fallback",
                    &[("ErrorCode", "11205"), ("ErrorUrl", &failed)],
                )
                .await;
        }
        caller.press("1").await;
        let ended = [
            ("CallStatus", "completed"),
            ("CallDuration", "41"),
            ("SipResponseCode", "200"),
        ];
        for _ in 0..2 {
            caller.post("/status", &ended).await.expect("it answers");
        }
        let events = show(&server, &caller.sid)["events"].clone();
        let wanted = json!([
            { "event": "fallback", "turn": 1, "code": 11_205 },
            { "event": "ended", "status": "completed", "seconds": 41, "sip": 200 },
        ]);
        let without_time = |event: &Value| {
            let mut event = event.clone();
            event.as_object_mut().expect("an object").remove("at");
            event
        };
        let told: Vec<_> = events
            .as_array()
            .expect("a list")
            .iter()
            .map(without_time)
            .collect();
        assert_eq!(json!(told), wanted, "{store}");
        let story = well(&server, &["show", &caller.sid]);
        for words in [
            "reply before turn 1 (error 11205)",
            "completed after 41 s, SIP 200",
        ] {
            assert!(story.contains(words), "{words}: {story}");
        }
    }
}

#[tokio::test]
async fn what_became_of_a_dial_and_of_a_caller_who_leaves_is_told() {
    let flows = tempfile::tempdir().expect("a folder");
    fs::write(flows.path().join("desk.toml"), DESK).expect("a file");
    let backend = Backend::start().await;
    let server = plan(&backend)
        .flows(flows.path())
        .set("CALLS__HANGUP_GRACE", "1ms")
        .start();
    let mut caller = Caller::new(&server);
    caller.call("/voice/desk").await;
    caller.press("1").await;
    caller.hang_up().await;
    backend.wait_for(1).await;
    let gone = show(&server, &caller.sid);
    assert_eq!(gone["call"]["outcome"], "hung_up");
    assert_eq!(
        gone["turns"][2]["came"],
        json!({ "kind": "ended", "value": "hung_up" })
    );
    assert_eq!(gone["turns"][2]["rules"][0]["on"], "on_hangup");
    assert_eq!(gone["turns"][2]["submitted"], json!(["pickups"]));
    let mut caller = Caller::new(&server);
    caller.call("/voice/desk").await;
    caller.press("1").await;
    caller.dialled("busy").await;
    let busy = show(&server, &caller.sid);
    assert_eq!(
        busy["turns"][2]["came"],
        json!({ "kind": "dialled", "value": ["busy", 0] })
    );
    assert_eq!(busy["turns"][2]["rules"][0]["on"], "on.unanswered");
}

#[tokio::test]
async fn what_is_sensitive_is_masked_everywhere_and_in_the_clear_nowhere() {
    let flows = tempfile::tempdir().expect("a folder");
    fs::write(flows.path().join("order.toml"), ORDER).expect("a file");
    let (redis, backend) = (Redis::start().await, Backend::start().await);
    backend.answer_with(answering("200 OK", &format!("thanks for {PIN}")));
    for store in ["local:data", &redis.url()] {
        let mut server = plan(&backend)
            .flows(flows.path())
            .set("STORE__URL", store)
            .start();
        let (sid, heard) = play(&server, "/voice/order", &["1", &format!("{PIN}#"), "1"]).await;
        let made = delivery(&server, &sid, "delivered").await;
        assert_eq!(made["answer"], json!({ "status": 200, "body": "•••" }));
        for served in [true, false] {
            let detail = show(&server, &sid);
            assert_heard(&detail, &heard);
            assert_eq!(
                detail["turns"][2]["came"],
                json!({ "kind": "keys", "value": "•••" })
            );
            assert_eq!(
                detail["turns"][2]["after"]["answers"],
                json!({ "size": "small", "pin": "•••" })
            );
            for shown in [
                well(&server, &["show", &sid]),
                detail.to_string(),
                well(&server, &["list"]),
            ] {
                assert!(!shown.contains(PIN), "{shown}");
            }
            if served {
                server.stop();
            }
        }
        let (folder, key) = (
            server.folder().to_owned(),
            "fedcba9876543210fedcba9876543210",
        );
        let other = server.plan().clone().set("TWILIO__AUTH_TOKEN", key);
        let (_, stdout, _) = other.run(&folder, &["calls", "show", &sid, "--format", "json"]);
        let detail: Value = serde_json::from_str(&stdout).expect("an object");
        assert_eq!(detail["turns"][2]["came"], json!({ "kind": "sealed" }));
        assert_eq!(
            (&detail["turns"][2]["twiml"], &detail["turns"][3]["after"]),
            (&Value::Null, &Value::Null)
        );
        assert_eq!(
            detail["turns"][3]["rules"][0]["step"], "confirm",
            "the ways are not sealed"
        );
        assert!(!server.log().contains(PIN));
        if store.starts_with("local") {
            let bytes = fs::read(folder.join("data/hookswitch.redb")).expect("the store's file");
            assert!(
                !bytes
                    .windows(PIN.len())
                    .any(|window| window == PIN.as_bytes())
            );
        }
    }
    for key in redis.ask::<Vec<String>>(&["KEYS", "hs:*:trail:*"]).await {
        let trail: Vec<u8> = redis.ask(&["GET", &key]).await;
        assert!(
            !trail.is_empty()
                && !trail
                    .windows(PIN.len())
                    .any(|window| window == PIN.as_bytes()),
            "{key}"
        );
    }
}

#[tokio::test]
async fn a_call_is_told_as_it_was_after_its_flow_has_changed() {
    let flows = tempfile::tempdir().expect("a folder");
    let file = flows.path().join("order.toml");
    fs::write(&file, ORDER).expect("a file");
    let backend = Backend::start().await;
    let mut server = plan(&backend).flows(flows.path()).start();
    let (sid, heard) = play(&server, "/voice/order", &["1"]).await;
    server.stop();
    fs::write(&file, ORDER.replace("Small, press 1.", "Little, press 1.")).expect("a file");
    server.start();
    assert_heard(&show(&server, &sid), &heard);
    server.stop();
    let moved = server
        .plan()
        .clone()
        .set("SERVER__PUBLIC_URL", format!("{PUBLIC_URL}/elsewhere"));
    let (_, stdout, _) = moved.run(server.folder(), &["calls", "show", &sid]);
    assert!(
        stdout.contains("differs from the one below"),
        "its URLs differ: {stdout}"
    );
}

#[tokio::test]
async fn without_trails_nothing_is_kept_and_nothing_is_told() {
    let (redis, backend) = (Redis::start().await, Backend::start().await);
    for store in ["local:data", &redis.url()] {
        let server = plan(&backend)
            .set("STORE__URL", store)
            .set("CALLS__KEEP_TRAIL", "0s")
            .start();
        let (sid, _) = play(&server, "/voice/pickup", &LETTER).await;
        assert_eq!(well(&server, &["list"]), "No such call is known.\n");
        let (code, _, stderr) = calls(&server, &["show", &sid]);
        assert_eq!(code, 1);
        assert!(stderr.contains("nothing is kept"), "{stderr}");
    }
    let kept: Vec<String> = redis.ask(&["KEYS", "hs:*"]).await;
    assert!(
        kept.iter()
            .all(|key| !key.contains(":trail:") && !key.ends_with(":calls")),
        "{kept:?}"
    );
}

#[tokio::test]
async fn every_trail_in_redis_expires() {
    let (redis, backend) = (Redis::start().await, Backend::start().await);
    let server = plan(&backend)
        .set("STORE__URL", redis.url())
        .set("CALLS__KEEP_TRAIL", "2h")
        .start();
    let hours = 2 * 3_600_000;
    let (live, _) = play(&server, "/voice/pickup", &LETTER[..2]).await;
    let found: Vec<String> = redis.ask(&["KEYS", &format!("hs:*:*:{live}")]).await;
    assert_eq!(found.len(), 1, "its trail is part of the call: {found:?}");
    assert_eq!(redis.ask::<i64>(&["PTTL", &found[0]]).await, -1);
    let (over, _) = play(&server, "/voice/pickup", &LETTER).await;
    let found: Vec<String> = redis.ask(&["KEYS", &format!("hs:*:trail:{over}")]).await;
    let left: i64 = redis.ask(&["PTTL", &found[0]]).await;
    assert!((hours - 60_000..=hours).contains(&left), "{left}");
}

#[tokio::test]
async fn the_api_wants_the_token_and_says_what_it_does_not_understand() {
    let port = free_port();
    let admin = format!("http://127.0.0.1:{port}");
    let plan = Plan::default()
        .set("ADMIN__LISTEN", format!("127.0.0.1:{port}"))
        .set("ADMIN__TOKEN", "open-sesame-please");
    let server = plan.start();
    let (sid, _) = play(&server, "/voice/pickup", &["1"]).await;
    let http = reqwest::Client::builder()
        .no_proxy()
        .build()
        .expect("a client");
    let ask = async |path: &str, token: &str| {
        let answer = http
            .get(format!("{admin}{path}"))
            .bearer_auth(token)
            .send()
            .await
            .expect("an answer");
        (answer.status(), answer.text().await.expect("a body"))
    };
    for path in ["/api/calls", &format!("/api/calls/{sid}")] {
        let (status, body) = ask(path, "wrong").await;
        assert_eq!(status, StatusCode::UNAUTHORIZED);
        assert!(!body.contains(&sid));
        assert!(
            ask(path, "open-sesame-please").await.1.contains(&sid),
            "{path}"
        );
    }
    for wrong in [
        "?outcome=lost",
        "?since=yesterday",
        "?colour=red",
        "/not%20a%20name",
    ] {
        assert_eq!(
            ask(&format!("/api/calls{wrong}"), "open-sesame-please")
                .await
                .0,
            StatusCode::BAD_REQUEST,
            "{wrong}"
        );
    }
    let elsewhere = tempfile::tempdir().expect("a folder");
    let there = [
        "calls",
        "list",
        "--server",
        &admin,
        "--token",
        "open-sesame-please",
    ];
    let (code, stdout, stderr) = Plan::default().run(elsewhere.path(), &there);
    assert_eq!(code, 0, "{stderr}");
    assert!(stdout.contains(&sid), "{stdout}");
    for (wrong, code) in [
        (&["calls"][..], 2),
        (&["calls", "show", "a b"], 2),
        (&["calls", "list"], 3),
    ] {
        assert_eq!(
            Plan::default().run(elsewhere.path(), wrong).0,
            code,
            "{wrong:?}"
        );
    }
}

/// A flow with two milestones, one of which not every caller reaches.
const BOOKING: &str = r#"
give_up = "hangup"

[milestones]
asked  = "guests"
booked = ["thanks", "called"]

[steps.guests]
menu   = "For two guests press 1. To be called press 2. To leave press 3."
keys.1 = "thanks"
keys.2 = "called"
keys.3 = "hangup"

[steps.thanks]
menu   = "Thank you. To change something press 1."
keys.1 = "guests"

[steps.called]
say  = "We call you."
next = "hangup"
"#;

#[tokio::test]
async fn calls_that_reached_a_milestone_are_listed_and_counted_once_a_visit() {
    let flows = Folder::of(&[("booking.toml", BOOKING)]);
    let mut server = Plan::default().flows(flows.path()).start();
    let (thanked, _) = play(&server, "/voice/booking", &["1", "1", "1"]).await;
    let (called, _) = play(&server, "/voice/booking", &["2"]).await;
    let (left, _) = play(&server, "/voice/booking", &["3"]).await;
    let figures = Figures::of(&server).await;
    let count = |name: &str| {
        figures.get(&format!(
            "milestones_total{{flow=\"booking\",milestone=\"{name}\"}}"
        ))
    };
    assert_eq!((count("asked"), count("booked")), (3, 2));
    for served in [true, false] {
        if !served {
            server.stop();
        }
        let reached = |name: &str| sids(&server, &["--reached", name]);
        assert_eq!(reached("booked"), [called.clone(), thanked.clone()]);
        assert_eq!(
            reached("asked"),
            [left.clone(), called.clone(), thanked.clone()]
        );
        assert_eq!(reached("nothing"), [""; 0]);
    }
}
