//! `hookswitch load` against nodes that run, and against a server that does everything wrong.

use std::path::Path;
use std::time::Duration;

use serde_json::Value;

use super::backend::{Answer, Backend};
use super::figures::Figures;
use super::server::{Plan, Server};
use super::test_calls::calls_at_any_time;

/// Runs a load on a node: its exit code and what it came to.
fn load(server: &Server, arguments: &[&str]) -> (i32, Value) {
    let plan = server
        .plan()
        .clone()
        .set("SERVER__LISTEN", server.url("").replace("http://", ""));
    let (code, stdout, stderr) = plan.run(
        server.folder(),
        &[&["load", "--format", "json"], arguments].concat(),
    );
    let told =
        serde_json::from_str(&stdout).unwrap_or_else(|error| panic!("{error}: {stdout}{stderr}"));
    (code, told)
}

/// `--calls` and the files.
fn calls() -> Vec<String> {
    let files = calls_at_any_time().into_iter();
    files
        .flat_map(|file| ["--calls".to_owned(), file])
        .collect()
}

fn with<'a>(calls: &'a [String], more: &[&'a str]) -> Vec<&'a str> {
    let calls = calls.iter().map(String::as_str);
    calls.chain(more.iter().copied()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn callers_who_walk_test_files_all_come_to_the_right_end() {
    let server = Plan::default().set("STORE__URL", "memory:").start();
    let calls = calls();
    let (code, told) = load(&server, &with(&calls, &["--rate", "40", "--for", "2s"]));
    assert_eq!(
        (code, &told["faults"]),
        (0, &serde_json::json!({})),
        "{told:#}"
    );
    assert_eq!(told["calls"]["right"], 80);
    assert!(told["requests"].as_u64() > Some(80), "{told:#}");
    let figures = Figures::of(&server).await;
    let turns = figures.sum("rehearsal_turns_total");
    assert!(turns >= 80, "the node took {turns} turns");
    assert_eq!(figures.sum("rehearsals_total"), 80);
    assert_eq!(
        (figures.sum("turns_total"), figures.sum("calls_total")),
        (0, 0),
        "nobody called"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn impatient_callers_duplicates_and_late_requests_do_no_harm() {
    let server = Plan::default().set("STORE__URL", "memory:").start();
    let trouble = [
        "--impatient",
        "0.5",
        "--duplicates",
        "0.3",
        "--late",
        "0.3",
        "--seed",
        "7",
    ];
    let (code, told) = load(
        &server,
        &[&["pickup", "--rate", "30", "--for", "2s"], &trouble[..]].concat(),
    );
    assert_eq!(code, 0, "{told:#}");
    assert_eq!(
        (&told["differ"], &told["calls"]["faulty"]),
        (&Value::from(0), &Value::from(0))
    );
    for what in ["duplicates", "late"] {
        assert!(told[what].as_u64() > Some(0), "no {what}: {told:#}");
    }
    assert!(told["calls"]["impatient"].as_u64() > Some(0), "{told:#}");
    assert!(Figures::of(&server).await.get("repeats_total") > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_seed_makes_the_same_calls() {
    let server = Plan::default().set("STORE__URL", "memory:").start();
    // The names of calls come from the seed as well, so each load has a node of its own.
    let other = Plan::default().set("STORE__URL", "memory:").start();
    let requests = |server, seed| {
        load(
            server,
            &["pickup", "--rate", "20", "--for", "1s", "--seed", seed],
        )
        .1["requests"]
            .clone()
    };
    assert_eq!(requests(&server, "11"), requests(&other, "11"));
    assert_ne!(requests(&server, "12"), requests(&other, "13"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_answers_wrongly_is_told_and_ends_with_1() {
    let backend = Backend::start().await;
    let run = |arguments: &[&str]| {
        let url = backend.url().to_owned();
        let arguments: Vec<String> = arguments.iter().map(ToString::to_string).collect();
        tokio::task::spawn_blocking(move || {
            let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
            let folder = tempfile::tempdir().expect("a temporary folder can be made");
            let words = [
                &["load", &url, "--rate", "20", "--for", "500ms"],
                &arguments[..],
            ]
            .concat();
            Plan::default().run(folder.path(), &words)
        })
    };
    backend.answer_with(Answer::Status(500));
    let (code, table, _) = run(&[]).await.expect("it ends");
    assert_eq!(code, 1);
    assert!(table.contains("10 faulty"), "{table}");
    assert!(
        table
            .lines()
            .any(|line| line.contains(" × ") && line.contains("500")),
        "{table}"
    );
    backend.answer_with(Answer::raw(
        "HTTP/1.1 200 OK\r\ncontent-type: text/xml\r\ncontent-length: 11\r\n\r\n<Response/>",
    ));
    let calls = calls();
    let (code, table, _) = run(&with(&calls, &[])).await.expect("it ends");
    assert_eq!(code, 1, "{table}");
    assert!(table.contains("wrong"), "{table}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stall_counts_for_everyone_who_had_to_wait_for_it() {
    let stalling = Backend::start().await;
    let document =
        "HTTP/1.1 200 OK\r\ncontent-type: text/xml\r\ncontent-length: 11\r\n\r\n<Response/>";
    stalling.answer_with(Answer::Late(
        Duration::from_millis(100),
        Box::new(Answer::raw(document)),
    ));
    let url = stalling.url().to_owned();
    let (_, stdout, stderr) = tokio::task::spawn_blocking(move || {
        let words = [
            "load",
            &url,
            "--rate",
            "20",
            "--for",
            "1s",
            "--callers",
            "1",
            "--format",
            "json",
        ];
        Plan::default().run(Path::new("/"), &words)
    })
    .await
    .expect("it ends");
    let told: Value =
        serde_json::from_str(&stdout).unwrap_or_else(|error| panic!("{error}: {stdout}{stderr}"));
    // Twenty calls a second, one at a time, each of a tenth of a second: the last begins a second late.
    assert_eq!(told["calls"]["right"], 20, "{told:#}");
    assert!(
        told["latency_us"]["max"].as_u64() > Some(900_000),
        "{told:#}"
    );
}

#[test]
fn what_cannot_be_loaded_is_told() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let run =
        |arguments: &[&str]| Plan::default().run(folder.path(), &[&["load"], arguments].concat());
    let (code, _, stderr) = run(&["http://127.0.0.1:1/voice"]);
    assert_eq!(code, 3);
    assert!(
        stderr.contains("nothing answers at http://127.0.0.1:1/voice"),
        "{stderr}"
    );
    assert_eq!(run(&[]).0, 2);
    assert_eq!(run(&["https://127.0.0.1/voice"]).0, 2);
    assert_eq!(run(&["pickup", "--rate", "0"]).0, 2);
    assert_eq!(run(&["pickup", "--impatient", "2"]).0, 2);
    assert_eq!(run(&["pickup", "--for", "never"]).0, 2);
    assert_eq!(run(&["pickup", "--calls", "nowhere"]).0, 3);
}
