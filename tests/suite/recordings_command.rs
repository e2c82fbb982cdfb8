//! An operator who looks after recordings: `hookswitch recordings`, on a node that runs and on the store of one that does
//! not.

use std::time::Duration;

use hookswitch::store::Store;
use serde_json::Value;
use tempfile::TempDir;

use crate::carrier::{ACCOUNT, Carrier, sound};
use crate::carrier_requests::{commit, copying, erasing};
use crate::redis_server::until;
use crate::server::{Plan, Server};
use crate::store::options;

const USAGE: i32 = 2;
const SURROUNDINGS: i32 = 3;

/// A carrier with a recording, and a node's folder with a call that has made it: to be copied at once, kept for a month at
/// most.
async fn world() -> (Carrier, TempDir, Plan) {
    let api = Carrier::start().await;
    api.record("RE1", "CA1", "completed", sound(5_000));
    let folder = TempDir::new().expect("a folder");
    let url = format!("local:{}", folder.path().join("data").display());
    let store = Store::open(options(url)).await.expect("a store");
    let now = store.now();
    let month = now + Duration::from_hours(720);
    let erase = erasing(month, true).row(now, now + Duration::from_hours(1));
    commit(&store, 1, &[copying().row(now, now), erase]).await;
    store.close().await.expect("it closes");
    let plan = Plan::default()
        .within(folder.path())
        .set("TWILIO__API_URL", api.url())
        .set("RECORDINGS__COPY", "file:kept");
    (api, folder, plan)
}

fn run(plan: &Plan, folder: &TempDir, words: &[&str]) -> (i32, String, String) {
    plan.run(folder.path(), &[&["recordings"], words].concat())
}

fn json(plan: &Plan, folder: &TempDir, words: &[&str]) -> Value {
    let (code, out, error) = run(plan, folder, &[words, &["--format", "json"]].concat());
    assert_eq!(code, 0, "{error}");
    serde_json::from_str(out.trim()).expect("it is JSON")
}

/// Waits until a node has copied the recording.
async fn copied(plan: &Plan, folder: &TempDir) {
    let note = folder
        .path()
        .join("kept")
        .join(ACCOUNT)
        .join("CA1/RE1.json");
    until("it is copied", async || note.exists()).await;
    let is_done = async || json(plan, folder, &["show", "RE1"])["copy"]["state"] == "delivered";
    until("that is written down", is_done).await;
}

/// What is erased by an operator, through a node or not.
async fn fetches_and_erases(api: &Carrier, folder: &TempDir, plan: &Plan) {
    let (code, out, error) = run(plan, folder, &["fetch", "RE1", "--to", "out.wav"]);
    assert_eq!(code, 0, "{error}");
    assert!(out.contains("RE1 is in out.wav (5012 bytes)."), "{out}");
    let file = std::fs::read(folder.path().join("out.wav")).expect("it is there");
    assert_eq!(file, sound(5_000));
    let (code, out, error) = run(plan, folder, &["erase", "RE1"]);
    assert_eq!((code, out.trim()), (0, "RE1 is erased."), "{error}");
    assert!(!api.has("RE1"));
    let kept = folder.path().join("kept").join(ACCOUNT).join("CA1");
    assert!(!kept.join("RE1.wav").exists() && !kept.join("RE1.json").exists());
    let (code, out, _) = run(plan, folder, &["list"]);
    assert_eq!((code, out.trim()), (0, "No recordings are known."));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_sees_fetches_and_erases_a_recording_through_the_node() {
    let (api, folder, plan) = world().await;
    let node = plan.clone().start();
    copied(&plan, &folder).await;
    let listed = json(&plan, &folder, &["list", "--call", "CA1"]);
    assert_eq!(
        (&listed["recording"], &listed["account"]),
        (&"RE1".into(), &ACCOUNT.into())
    );
    let (_, out, _) = run(&plan, &folder, &["list", "--call", "CA2"]);
    assert_eq!(out.trim(), "No recordings are known.");
    let shown = json(&plan, &folder, &["show", "RE1"]);
    let address = format!("kept/{ACCOUNT}/CA1/RE1.wav");
    assert!(
        shown["address"]
            .as_str()
            .is_some_and(|at| at.ends_with(&address)),
        "{shown}"
    );
    assert_eq!(shown["kept"]["bytes"], 5_012);
    let (_, out, _) = run(&plan, &folder, &["show", "RE1"]);
    assert!(
        out.contains("copying     done") && out.contains("SHA-256"),
        "{out}"
    );
    fetches_and_erases(&api, &folder, &plan).await;
    node.wait_for_log("audit=\"recordings erase\" by=\"control socket\"");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_fetches_and_erases_a_recording_that_no_node_has_copied() {
    let (api, folder, plan) = world().await;
    fetches_and_erases(&api, &folder, &plan).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recording_that_nobody_knows_is_told_with_the_nearest() {
    let (api, folder, plan) = world().await;
    for act in ["show", "fetch", "erase"] {
        let (code, _, error) = run(&plan, &folder, &[act, "RE2"]);
        assert_eq!(code, USAGE);
        assert!(error.contains("did you mean `RE1`?"), "{error}");
    }
    assert!(api.has("RE1"));
    api.answer_next([crate::carrier::RestAnswer::Error(401, 20_003)]);
    let (code, _, error) = run(&plan, &folder, &["erase", "RE1"]);
    assert_eq!(code, SURROUNDINGS);
    assert!(
        error.contains("the login was refused") && error.contains("20003"),
        "{error}"
    );
    assert!(api.has("RE1"));
    let (_, out, _) = run(&plan, &folder, &["list"]);
    assert!(out.contains("RE1"), "{out}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_is_killed_between_copy_and_erasure_erases_when_it_is_back() {
    let (api, folder, plan) = world().await;
    let mut node: Server = plan.clone().start();
    copied(&plan, &folder).await;
    node.kill();
    assert!(api.has("RE1"));
    node.start();
    let id = json(&plan, &folder, &["show", "RE1"])["erasure"]["id"].clone();
    let id = id.as_str().expect("it is a name");
    let (code, _, error) = plan.run(folder.path(), &["outbox", "retry", id]);
    assert_eq!(code, 0, "{error}");
    until("it is erased", async || !api.has("RE1")).await;
    assert_eq!(api.times("GET Recordings/RE1.wav"), 1);
}
