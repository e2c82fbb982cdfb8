//! An operator at work: `hookswitch outbox` on a node that runs and on the store of one that does not.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use reqwest::StatusCode;
use serde_json::{Value, json};

use super::backend::{Answer, Backend};
use super::caller::Caller;
use super::server::{PATIENCE, Plan, Server, free_port};

const WELL: i32 = 0;
const FAULTS: i32 = 1;
const USAGE: i32 = 2;
const SURROUNDINGS: i32 = 3;

/// A flow whose first answer is nobody's business.
const PIN_FLOW: &str = r#"
title    = "Collection"
language = "en-GB"
voice    = "Polly.Amy-Neural"

[answers]
pin  = { digits = 4, sensitive = true }
size = { integer = [1, 9] }

[steps.pin]
ask  = "Enter your code."
into = "pin"
next = "size"

[steps.size]
ask  = "Which size?"
into = "size"
next = "send"

[steps.send]
submit = "pickups"
next   = "hangup"
"#;

fn plan(backend: &Backend) -> Plan {
    Plan::default().pickups(backend)
}

/// Plays a call to its end; the id of the delivery that it leaves.
async fn owe(server: &Server) -> String {
    let mut caller = Caller::new(server);
    caller.call("/voice").await;
    for keys in ["1", "1", "0915", "1"] {
        caller.press(keys).await;
    }
    assert!(caller.is_over());
    id_of(server, &caller)
}

/// The id of the only delivery of a call.
fn id_of(server: &Server, caller: &Caller) -> String {
    let owed = list(server, &[]);
    let ids = owed.iter().filter_map(|row| row["id"].as_str());
    ids.into_iter()
        .find(|id| id.starts_with(&caller.sid))
        .expect("it is owed")
        .to_owned()
}

/// Runs `hookswitch outbox` in the node's folder, with its settings.
fn outbox(server: &Server, arguments: &[&str]) -> (i32, String, String) {
    server
        .plan()
        .run(server.folder(), &[&["outbox"], arguments].concat())
}

/// The same, where nothing can go wrong; what it prints.
#[track_caller]
fn well(server: &Server, arguments: &[&str]) -> String {
    let (code, stdout, stderr) = outbox(server, arguments);
    assert_eq!(code, WELL, "{arguments:?}: {stdout}{stderr}");
    stdout
}

/// The rows of a list.
#[track_caller]
fn list(server: &Server, more: &[&str]) -> Vec<Value> {
    let printed = well(server, &[&["list", "--format", "json"], more].concat());
    printed
        .lines()
        .map(|line| serde_json::from_str(line).expect("an object a line"))
        .collect()
}

/// Waits until the only row is in a state.
async fn settled(server: &Server, state: &str) {
    let begun = Instant::now();
    while list(server, &[]).iter().any(|row| row["state"] != state) {
        assert!(
            begun.elapsed() < PATIENCE,
            "never {state}: {:?}",
            list(server, &[])
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Waits until nothing is owed.
async fn all_delivered(server: &Server) {
    let begun = Instant::now();
    while !list(server, &[]).is_empty() {
        assert!(
            begun.elapsed() < PATIENCE,
            "never delivered: {:?}",
            list(server, &[])
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn socket(server: &Server) -> PathBuf {
    server.folder().join("data/control.sock")
}

#[tokio::test]
async fn the_socket_is_its_owners_alone_is_replaced_after_a_crash_and_goes_at_the_end() {
    let mut server = Plan::default().start();
    let mode = |server: &Server| {
        fs::metadata(socket(server))
            .expect("it is there")
            .permissions()
            .mode()
            & 0o777
    };
    assert_eq!(mode(&server), 0o600);
    server.kill();
    assert!(socket(&server).exists(), "a crash leaves it");
    server.start();
    assert_eq!(mode(&server), 0o600);
    assert_eq!(
        well(&server, &["list"]),
        "Nothing is waiting to be delivered.\n"
    );
    assert_eq!(server.stop(), WELL);
    assert!(!socket(&server).exists());
}

#[tokio::test]
async fn a_second_node_leaves_the_socket_of_the_first_alone() {
    let server = Plan::default().start();
    let second = Plan::default().set("STORE__URL", "memory:");
    let (code, _, stderr) = second.run(server.folder(), &["serve"]);
    assert_eq!(code, SURROUNDINGS, "{stderr}");
    assert!(
        stderr.contains("another node answers at data/control.sock"),
        "{stderr}"
    );
    assert!(stderr.contains("HOOKSWITCH__DATA__DIR"), "{stderr}");
    well(&server, &["list"]);
}

#[tokio::test]
async fn the_log_does_not_tell_of_every_listener() {
    let server = Plan::default()
        .set("ADMIN__LISTEN", format!("127.0.0.1:{}", free_port()))
        .start();
    well(&server, &["list"]);
    assert!(!server.log().contains("actix"), "{}", server.log());
    assert!(!server.log().contains("workers"), "{}", server.log());
}

#[tokio::test]
async fn a_backend_is_paused_and_resumed_while_the_node_runs() {
    let backend = Backend::start().await;
    let server = plan(&backend).start();
    assert_eq!(
        well(&server, &["pause", "pickups"]),
        "Backend `pickups` is paused: its deliveries wait.\n"
    );
    let id = owe(&server).await;
    let listed = well(&server, &["list"]);
    assert!(listed.starts_with("ID  "), "{listed}");
    assert!(
        listed.contains(&format!("{id}  pickups  waiting")),
        "{listed}"
    );
    assert!(
        listed.contains("`pickups` is paused (1 wait): hookswitch outbox resume pickups"),
        "{listed}"
    );
    assert!(backend.received().is_empty());
    assert_eq!(
        well(&server, &["resume", "pickups"]),
        "Backend `pickups` is resumed: its deliveries go on.\n"
    );
    assert_eq!(backend.wait_for(1).await[0].id, id);
    all_delivered(&server).await;
    let log = server.log();
    assert!(
        log.contains("audit=\"outbox pause\" by=\"control socket\""),
        "{log}"
    );
    assert!(
        log.contains("audit=\"outbox resume\" by=\"control socket\""),
        "{log}"
    );
}

#[tokio::test]
async fn deliveries_are_found_shown_and_dropped_while_the_node_runs() {
    let backend = Backend::start().await;
    let server = plan(&backend)
        .set("BACKENDS__PICKUPS__PAUSED", "true")
        .start();
    let (first, second) = (owe(&server).await, owe(&server).await);
    let ids = |more: &[&str]| -> Vec<String> {
        list(&server, more)
            .iter()
            .map(|row| row["id"].as_str().expect("an id").to_owned())
            .collect()
    };
    assert_eq!(ids(&[]), [first.clone(), second.clone()]);
    assert_eq!(ids(&["--limit", "1"]), std::slice::from_ref(&first));
    assert_eq!(
        ids(&[
            "--since",
            "1h",
            "--backend",
            "pickups",
            "--state",
            "waiting"
        ])
        .len(),
        2
    );
    assert_eq!(
        ids(&["--state", "dead"]).len() + ids(&["--backend", "other"]).len(),
        0
    );
    assert_eq!(ids(&["--since", "2100-01-01T00:00:00Z"]).len(), 0);
    let (_, _, stderr) = outbox(&server, &["list", "--limit", "1"]);
    assert!(stderr.contains("There are more"), "{stderr}");
    let shown = well(&server, &["show", &first]);
    assert!(shown.starts_with("{\n"), "{shown}");
    let shown: Value = serde_json::from_str(&shown).expect("JSON");
    assert_eq!(
        shown["body"]["data"]["answers"],
        json!({ "kind": "letter", "hour": "09:15" })
    );
    assert_eq!(
        (&shown["id"], &shown["type"]),
        (&json!(first), &json!("submission.complete"))
    );
    assert_eq!(
        well(&server, &["drop", &first]),
        format!("{first} is dropped\n")
    );
    let (code, stdout, _) = outbox(&server, &["drop", &first, &second]);
    assert_eq!(code, FAULTS);
    assert_eq!(
        stdout,
        format!("{first} there is no such delivery (any more)\n{second} is dropped\n")
    );
    assert_eq!(outbox(&server, &["show", &first]).0, FAULTS);
    assert_eq!(outbox(&server, &["retry", &first]).0, FAULTS);
    assert!(backend.received().is_empty());
    server.wait_for_log("audit=\"outbox drop\" by=\"control socket\"");
}

#[tokio::test]
async fn what_was_refused_is_sent_again_under_the_same_id() {
    let backend = Backend::start().await;
    backend.answer_with(Answer::Status(410));
    let server = plan(&backend).start();
    let id = owe(&server).await;
    backend.wait_for(1).await;
    settled(&server, "dead").await;
    backend.answer_with(Answer::Status(200));
    assert_eq!(
        well(&server, &["retry", &id]),
        format!("{id} is sent again now\n")
    );
    let received = backend.wait_for(2).await;
    assert!(
        received
            .iter()
            .all(|request| request.id == id && request.signed),
        "{received:?}"
    );
    assert_eq!(received[0].body, received[1].body);
    all_delivered(&server).await;
}

#[tokio::test]
async fn all_that_was_set_aside_since_a_time_is_sent_again_under_the_same_ids() {
    let backend = Backend::start().await;
    backend.answer_with(Answer::Status(410));
    let server = plan(&backend).start();
    let mut ids = vec![owe(&server).await, owe(&server).await, owe(&server).await];
    ids.sort();
    backend.wait_for(3).await;
    settled(&server, "dead").await;
    backend.answer_with(Answer::Status(200));
    let retried = |more: &[&str]| well(&server, &[&["retry", "--since"], more].concat());
    assert_eq!(
        retried(&["2100-01-01T00:00:00Z"]),
        "0 deliveries are sent again now.\n"
    );
    assert_eq!(
        retried(&["1h", "--backend", "other"]),
        "0 deliveries are sent again now.\n"
    );
    assert_eq!(
        retried(&["1h", "--backend", "pickups", "--format", "json"]),
        "{\"retried\":3}\n"
    );
    let received = backend.wait_for(6).await;
    let mut again: Vec<&str> = received[3..]
        .iter()
        .map(|request| request.id.as_str())
        .collect();
    again.sort_unstable();
    assert_eq!(again, ids);
    all_delivered(&server).await;
    assert_eq!(backend.received().len(), 6);
}

#[tokio::test]
async fn what_is_being_sent_is_not_sent_twice() {
    let backend = Backend::start().await;
    backend.answer_with(Answer::Never);
    let server = plan(&backend).start();
    let id = owe(&server).await;
    backend.wait_for(1).await;
    let (code, stdout, _) = outbox(&server, &["retry", &id, "--format", "json"]);
    assert_eq!(code, FAULTS);
    assert_eq!(
        stdout,
        format!("{{\"id\":\"{id}\",\"acted\":\"being_sent\"}}\n")
    );
    assert_eq!(backend.received().len(), 1);
}

#[tokio::test]
async fn everything_works_on_the_store_while_no_node_runs() {
    let backend = Backend::start().await;
    backend.answer_with(Answer::Status(410));
    let mut server = plan(&backend).start();
    let (kept, dropped) = (owe(&server).await, owe(&server).await);
    backend.wait_for(2).await;
    settled(&server, "dead").await;
    backend.answer_with(Answer::Status(200));
    server.stop();

    let (code, stdout, stderr) = outbox(&server, &["list"]);
    assert_eq!(code, WELL, "{stderr}");
    assert!(
        stdout.contains(&kept) && stdout.contains(&dropped) && stdout.contains("answered 410"),
        "{stdout}"
    );
    assert!(stderr.contains("No node runs here"), "{stderr}");
    assert!(well(&server, &["show", &kept]).contains("\"hour\": \"09:15\""));
    let (code, stdout, stderr) = outbox(&server, &["drop", &dropped]);
    assert_eq!((code, stdout), (WELL, format!("{dropped} is dropped\n")));
    assert!(
        stderr.contains("audit=\"outbox drop\" by=\"command line\""),
        "{stderr}"
    );
    assert_eq!(outbox(&server, &["drop", &dropped]).0, FAULTS);
    well(&server, &["pause", "pickups"]);
    assert_eq!(
        well(&server, &["retry", &kept]),
        format!("{kept} is sent again when a node runs\n")
    );
    assert_eq!(list(&server, &[])[0]["state"], "waiting");

    server.start();
    assert!(well(&server, &["list"]).contains("`pickups` is paused (1 wait)"));
    well(&server, &["resume", "pickups"]);
    assert_eq!(backend.wait_for(3).await[2].id, kept);
    all_delivered(&server).await;
}

#[tokio::test]
async fn a_store_that_somebody_serves_elsewhere_is_told_in_words() {
    let server = Plan::default().start();
    let astray = server.plan().clone().set("DATA__DIR", "elsewhere");
    let (code, stdout, stderr) = astray.run(server.folder(), &["outbox", "list"]);
    assert_eq!((code, stdout.as_str()), (SURROUNDINGS, ""));
    assert!(
        stderr.contains("no node answers at elsewhere/control.sock, and yet the store"),
        "{stderr}"
    );
    assert!(stderr.contains("is in use by another process"), "{stderr}");
}

#[test]
fn a_store_is_never_made_by_looking_for_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let (code, _, stderr) = Plan::default().run(folder.path(), &["outbox", "list"]);
    assert_eq!(code, SURROUNDINGS);
    assert!(
        stderr.contains("there is no store at data/hookswitch.redb"),
        "{stderr}"
    );
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 0);
    let memory = Plan::default().set("STORE__URL", "memory:");
    assert_eq!(
        memory.run(folder.path(), &["outbox", "list"]).0,
        SURROUNDINGS
    );
}

#[test]
fn what_is_not_understood_is_a_fault_of_usage() {
    let folder = tempfile::tempdir().expect("a folder");
    let wrong: [&[&str]; 10] = [
        &["outbox"],
        &["outbox", "show", "nothing"],
        &["outbox", "retry"],
        &["outbox", "retry", "CA1-1", "--since", "2h"],
        &["outbox", "retry", "CA1-1", "--backend", "pickups"],
        &["outbox", "list", "--since", "yesterday"],
        &["outbox", "list", "--state", "lost"],
        &["outbox", "pause", "Not A Name"],
        &["outbox", "drop"],
        &["outbox", "list", "--server", "ftp://node"],
    ];
    for arguments in wrong {
        assert_eq!(
            Plan::default().run(folder.path(), arguments).0,
            USAGE,
            "{arguments:?}"
        );
    }
}

#[tokio::test]
async fn a_backend_that_does_not_exist_is_not_paused_and_the_nearest_one_is_named() {
    let mut server = Plan::default()
        .set("BACKENDS__PICKUPS__PAUSED", "true")
        .start();
    for _ in ["served", "not served"] {
        for (name, told) in [
            ("pickup", "did you mean `pickups`?"),
            ("orders", "there are pickups"),
        ] {
            for act in ["pause", "resume"] {
                let (code, stdout, stderr) = outbox(&server, &[act, name]);
                assert_eq!((code, stdout.as_str()), (USAGE, ""), "{stderr}");
                assert!(
                    stderr.contains(&format!("no backend is named `{name}`")),
                    "{stderr}"
                );
                assert!(stderr.contains(told), "{stderr}");
            }
        }
        assert!(!well(&server, &["list"]).contains("orders"));
        let (code, stdout, stderr) = outbox(&server, &["resume", "pickups"]);
        assert_eq!((code, stdout.as_str()), (WELL, ""));
        assert!(
            stderr.contains("stays paused: the settings say so (backends.pickups.paused)"),
            "{stderr}"
        );
        if server_runs(&server) {
            server.stop();
        }
    }
}

#[tokio::test]
async fn a_backend_that_is_no_longer_configured_is_paused_while_something_is_owed_to_it() {
    let backend = Backend::start().await;
    let mut server = plan(&backend)
        .set("BACKENDS__PICKUPS__PAUSED", "true")
        .start();
    owe(&server).await;
    server.stop();
    let flows = tempfile::tempdir().expect("a folder");
    let without = Plan::default()
        .unset("BACKENDS__PICKUPS__URL")
        .flows(flows.path());
    for (act, done) in [("pause", "is paused"), ("resume", "is resumed")] {
        let (code, stdout, stderr) = without.run(server.folder(), &["outbox", act, "pickups"]);
        assert_eq!(code, WELL, "{stderr}");
        assert!(stdout.contains(done), "{stdout}");
        assert!(stderr.contains("no backend `pickups`"), "{stderr}");
    }
}

fn server_runs(server: &Server) -> bool {
    socket(server).exists()
}

#[tokio::test]
async fn sensitive_answers_are_masked() {
    let flows = tempfile::tempdir().expect("a folder");
    fs::write(flows.path().join("collection.toml"), PIN_FLOW).expect("a file");
    let backend = Backend::start().await;
    let mut server = plan(&backend)
        .flows(flows.path())
        .set("BACKENDS__PICKUPS__PAUSED", "true")
        .start();
    let mut caller = Caller::new(&server);
    caller.call("/voice/collection").await;
    caller.press("4711").await;
    caller.press("7").await;
    assert!(caller.is_over(), "{}", caller.last);
    let id = id_of(&server, &caller);
    for _ in ["served", "not served"] {
        let shown = well(&server, &["show", &id]);
        let body: Value = serde_json::from_str(&shown).expect("JSON");
        assert_eq!(
            body["body"]["data"]["answers"],
            json!({ "pin": "•••", "size": 7 })
        );
        assert!(!shown.contains("4711"), "{shown}");
        assert!(!well(&server, &["list", "--format", "json"]).contains("4711"));
        if server_runs(&server) {
            server.stop();
        }
    }
    assert!(!server.log().contains("4711"));
}

#[tokio::test]
async fn the_admin_listener_wants_the_token() {
    let backend = Backend::start().await;
    let port = free_port();
    let admin = format!("http://127.0.0.1:{port}");
    let plan = plan(&backend).set("BACKENDS__PICKUPS__PAUSED", "true");
    let server = plan
        .set("ADMIN__LISTEN", format!("127.0.0.1:{port}"))
        .set("ADMIN__TOKEN", "open-sesame-please")
        .start();
    server.wait_for_log(&format!("Commands come in at {admin}"));
    let id = owe(&server).await;

    let http = reqwest::Client::builder()
        .no_proxy()
        .build()
        .expect("a client");
    for path in [
        "/api/outbox",
        "/api/outbox/backends",
        "/metrics",
        "/readyz",
        "/api/node",
        "/nowhere",
    ] {
        let ask = |token: Option<&str>| {
            let request = http.get(format!("{admin}{path}"));
            token
                .map_or(request.try_clone().expect("no body"), |token| {
                    request.bearer_auth(token)
                })
                .send()
        };
        for wrong in [None, Some("open-sesame-pleas"), Some("")] {
            let refused = ask(wrong).await.expect("an answer");
            assert_eq!(
                refused.status(),
                StatusCode::UNAUTHORIZED,
                "{path} {wrong:?}"
            );
            assert_eq!(refused.headers()["www-authenticate"], "Bearer");
            assert!(!refused.text().await.expect("a body").contains(&id));
        }
        let right = ask(Some("open-sesame-please"))
            .await
            .expect("an answer")
            .status();
        assert_eq!(
            right,
            if path == "/nowhere" {
                StatusCode::NOT_FOUND
            } else {
                StatusCode::OK
            },
            "{path}"
        );
    }

    let alive = http.get(format!("{admin}/healthz")).send().await;
    assert_eq!(alive.expect("an answer").status(), StatusCode::OK);

    let elsewhere = tempfile::tempdir().expect("a folder");
    let run = |plan: &Plan, more: &[&str]| {
        plan.run(
            elsewhere.path(),
            &[&["outbox", "--server", &admin], more].concat(),
        )
    };
    let (code, stdout, stderr) = run(&Plan::default(), &["list", "--token", "open-sesame-please"]);
    assert_eq!(code, WELL, "{stderr}");
    assert!(stdout.contains(&id), "{stdout}");
    let knowing = Plan::default().set("ADMIN__TOKEN", "open-sesame-please");
    assert_eq!(run(&knowing, &["drop", &id]).0, WELL);
    let (code, _, stderr) = run(&knowing, &["list", "--token", "wrong"]);
    assert_eq!(code, SURROUNDINGS);
    assert!(
        stderr.contains("401") && stderr.contains("HOOKSWITCH__ADMIN__TOKEN"),
        "{stderr}"
    );
    assert_eq!(run(&Plan::default(), &["drop", &id]).0, SURROUNDINGS);
    server.wait_for_log("by=\"admin API\"");
}

#[tokio::test]
async fn without_a_token_the_admin_listener_is_this_machines_alone() {
    let port = free_port();
    let admin = format!("http://127.0.0.1:{port}");
    let server = Plan::default()
        .set("ADMIN__LISTEN", format!("127.0.0.1:{port}"))
        .start();
    let (code, stdout, stderr) = server
        .plan()
        .run(server.folder(), &["outbox", "list", "--server", &admin]);
    assert_eq!(
        (code, stdout.as_str()),
        (WELL, "Nothing is waiting to be delivered.\n"),
        "{stderr}"
    );
    let http = reqwest::Client::builder()
        .no_proxy()
        .build()
        .expect("a client");
    for (header, value) in [
        ("host", "rebound.example"),
        ("x-forwarded-for", "192.0.2.1"),
        ("origin", "https://evil.example"),
    ] {
        let request = http
            .post(format!("{admin}/api/outbox/backends/pickups/pause"))
            .header(header, value);
        assert_eq!(
            request.send().await.expect("an answer").status(),
            StatusCode::FORBIDDEN,
            "{header}"
        );
    }
    assert!(!server.log().contains("outbox pause"), "{}", server.log());
}

#[tokio::test]
async fn the_api_says_what_it_does_not_understand() {
    let port = free_port();
    let server = Plan::default()
        .set("ADMIN__LISTEN", format!("127.0.0.1:{port}"))
        .start();
    let http = reqwest::Client::builder()
        .no_proxy()
        .build()
        .expect("a client");
    let wrong = [
        "?state=lost",
        "?since=yesterday",
        "?limit=few",
        "?colour=red",
        "/nothing",
    ];
    for tail in wrong {
        let answer = http
            .get(format!("http://127.0.0.1:{port}/api/outbox{tail}"))
            .send()
            .await
            .expect("an answer");
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{tail}");
        let body: Value =
            serde_json::from_str(&answer.text().await.expect("a body")).expect("JSON");
        assert!(body["error"].is_string(), "{tail}: {body}");
    }
    assert_eq!(
        well(&server, &["list"]),
        "Nothing is waiting to be delivered.\n"
    );
}
