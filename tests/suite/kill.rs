//! `kill -9` at any instant: what a caller was told has happened reaches the backend, once in effect.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::sync::Barrier;
use tokio::task::{JoinSet, block_in_place};
use tokio::time::timeout;

use super::backend::Backend;
use super::caller::{Caller, LETTER};
use super::chance::Chance;
use super::early::Early;
use super::ledger::{Fault, settle};
use super::redis_server::Redis;
use super::server::{Plan, Server, is_long};

/// Calls at once.
const CALLS: usize = 64;
/// The load has lasted so long at most when the node is killed.
const KILLED_WITHIN: Duration = Duration::from_millis(50);

/// Until all calls have gone some of their way: longer than any request may take.
const ALL_READY: Duration = Duration::from_secs(90);

/// Kills a store in the normal run, and in the long one.
fn cycles() -> usize {
    if is_long() { 200 } else { 25 }
}

fn plan(backend: &Backend) -> Plan {
    Plan::default().pickups(backend)
}

/// One kill under load: every call has gone some of its way, then all go on at once and the node is killed and started
/// again; the callers do as the carrier does. The names of the calls, all of which have heard their final words.
async fn cycle(server: &mut Server, caller: &Caller, chance: &mut Chance) -> Vec<String> {
    let ready = Arc::new(Barrier::new(CALLS + 1));
    let mut calls = JoinSet::new();
    for _ in 0..CALLS {
        let (mut caller, ready, ahead) = (
            caller.another(),
            Arc::clone(&ready),
            chance.below(LETTER.len()),
        );
        calls.spawn(async move {
            caller.call_through("/voice/pickup").await;
            for (turn, keys) in LETTER.iter().enumerate() {
                if turn == ahead {
                    ready.wait().await;
                }
                caller.press_through(keys).await;
            }
            assert!(caller.is_over(), "{}", caller.last);
            caller.sid
        });
    }
    timeout(ALL_READY, ready.wait())
        .await
        .expect("all calls go some of their way");
    tokio::time::sleep(chance.time_up_to(KILLED_WITHIN)).await;
    block_in_place(|| {
        server.kill();
        server.start();
    });
    calls.join_all().await
}

async fn survives_kills(plan: Plan, backend: Backend) {
    let mut chance = Chance::new();
    let mut server = plan.start();
    let caller = Caller::new(&server);
    let begun = Instant::now();
    let mut heard = Vec::new();
    for _ in 0..cycles() {
        heard.extend(cycle(&mut server, &caller, &mut chance).await);
    }
    let (calls, took) = (heard.len(), begun.elapsed());
    let faults = settle(&server, &backend, &heard).await;
    let settled = begun.elapsed();
    println!(
        "{calls} calls over {} kills in {took:.1?}, all delivered after {settled:.1?}",
        cycles()
    );
    assert_eq!(faults, []);
    check_trails(&server, &heard);
}

/// A trail is neither ahead of its call nor behind it.
fn check_trails(server: &Server, heard: &[String]) {
    let list = ["calls", "list", "--limit", "0", "--format", "json"];
    let (code, stdout, stderr) = server.plan().run(server.folder(), &list);
    assert_eq!(code, 0, "{stderr}");
    let calls: Vec<Value> = stdout
        .lines()
        .map(|line| serde_json::from_str(line).expect("an object a line"))
        .collect();
    let mut traced: BTreeSet<&str> = BTreeSet::new();
    for call in &calls {
        let turns = (
            call["turns"].as_u64(),
            call["whole"].as_bool(),
            call["outcome"].as_str(),
        );
        assert_eq!(
            turns,
            (Some(LETTER.len() as u64 + 1), Some(true), Some("completed")),
            "{call}"
        );
        assert!(
            traced.insert(call["sid"].as_str().expect("it has a name")),
            "{call} is listed twice"
        );
    }
    assert!(
        heard.iter().map(String::as_str).collect::<BTreeSet<_>>() == traced,
        "other calls have trails"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_is_killed_loses_no_submission_kept_on_disk() {
    let backend = Backend::start().await;
    survives_kills(plan(&backend), backend).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_is_killed_loses_no_submission_kept_in_redis() {
    let (redis, backend) = (Redis::start().await, Backend::start().await);
    survives_kills(plan(&backend).set("STORE__URL", redis.url()), backend).await;
}

/// The control: were the last words said before they are true, the same kills would show it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_answered_before_it_commits_would_be_found_out() {
    let mut chance = Chance::new();
    let backend = Backend::start().await;
    let mut server = plan(&backend).start();
    let mut caller = Caller::new(&server);
    let early = Early::before(&server, caller.another()).await;
    caller.nodes = vec![early.url()];
    let mut heard = vec![early.sid.clone()];
    for _ in 0..cycles() / 5 {
        heard.extend(cycle(&mut server, &caller, &mut chance).await);
    }
    let faults = settle(&server, &backend, &heard).await;
    println!("{} of {} calls were lost", faults.len(), heard.len());
    assert!(
        !faults.is_empty(),
        "answers before the commit were not found out"
    );
    assert!(
        faults.iter().all(|fault| matches!(fault, Fault::Lost(_))),
        "{faults:?}"
    );
}
