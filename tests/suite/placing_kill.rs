//! `kill -9` at any instant while calls are ordered and placed, on two nodes: nobody is called twice, and nothing is lost. The
//! stand-in carrier counts.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::task::{JoinSet, block_in_place};

use super::backend::Backend;
use super::carrier::{self, Placed};
use super::chance::Chance;
use super::placing::{admin, ask, carrier_says, folder, plan};
use super::redis_server::{Redis, until};
use super::server::{Server, is_long};

/// How many calls are ordered between two kills.
const CALLS: usize = 8;

fn cycles() -> usize {
    if is_long() { 100 } else { 6 }
}

/// Orders a call until a node has taken it; its name.
async fn order(bases: Vec<String>, nth: usize) -> String {
    let body = json!({
        "flow": "remind", "to": format!("+44741{nth:07}"), "args": { "slot": format!("at {nth}") },
    });
    let key = format!("kill-{nth}");
    for base in bases.iter().cycle() {
        let asked = ask(
            base,
            (reqwest::Method::POST, "/calls"),
            Some(&key),
            Some(&body),
        );
        match asked.await {
            Ok((202, view)) => return view["id"].as_str().expect("it has a name").to_owned(),
            Ok((503, _)) | Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            Ok((status, answer)) => panic!("{status} {answer}"),
        }
    }
    unreachable!("the nodes never end")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_kills_nodes_finds_nobody_called_twice_and_nobody_forgotten() {
    let (folder, api, backend) = (
        folder(),
        carrier::Carrier::start().await,
        Backend::start().await,
    );
    let redis = Redis::start().await;
    let node = || {
        plan(&folder, &api, &backend)
            .set("STORE__URL", redis.url())
            .start()
    };
    let (mut one, mut other) = (node(), node());
    let mut chance = Chance::new();
    let bases = vec![admin(&one), admin(&other)];
    let begun = Instant::now();
    let mut ids = Vec::new();
    for cycle in 0..cycles() {
        let mut orders = JoinSet::new();
        for nth in 0..CALLS {
            let mut bases = bases.clone();
            bases.rotate_left(nth % 2);
            orders.spawn(order(bases, cycle * CALLS + nth));
        }
        tokio::time::sleep(chance.time_up_to(Duration::from_millis(60))).await;
        let victim = if chance.below(2) == 0 {
            &mut one
        } else {
            &mut other
        };
        block_in_place(|| {
            victim.kill();
            victim.start();
        });
        ids.extend(orders.join_all().await);
    }
    let all = ids.len();
    let ordered = begun.elapsed();
    // What a node that was killed had leased comes again once its lease is over.
    until_slow("everybody is called", || api.calls().len() >= all).await;
    tokio::time::sleep(Duration::from_secs(12)).await;
    let calls = api.calls();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for call in &calls {
        *counts.entry(call.to.as_str()).or_default() += 1;
    }
    let twice: Vec<_> = counts.iter().filter(|(_, count)| **count > 1).collect();
    assert!(twice.is_empty(), "called twice: {twice:?}");
    assert_eq!(counts.len(), all);
    // All answer; whatever a killed node had not noted is noted now.
    for call in &calls {
        hears(&one, call).await;
    }
    until("all are reached", async || {
        let mut left = 0;
        for id in &ids {
            left += usize::from(state(&bases[0], id).await != "reached");
        }
        left == 0
    })
    .await;
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), all);
    println!(
        "{all} calls over {} kills ordered in {ordered:.1?}, all placed after {:.1?}",
        cycles(),
        begun.elapsed()
    );
}

async fn hears(server: &Server, call: &Placed) {
    let fields = [("CallStatus", "in-progress"), ("AnsweredBy", "human")];
    let reply = carrier_says(server, call, &call.url, &fields).await;
    let reply = reply.expect("the node answers");
    let nth: usize = call.to[call.to.len() - 7..].parse().expect("a number");
    assert!(
        reply.body.contains(&format!("We come at {nth} ")),
        "{}",
        reply.body
    );
}

async fn state(base: &str, id: &str) -> String {
    let path = format!("/calls/{id}");
    let asked = ask(base, (reqwest::Method::GET, &path), None, None).await;
    let view: Value = asked.map(|(_, view)| view).unwrap_or_default();
    view["state"].as_str().unwrap_or_default().to_owned()
}

/// Waits longer than a lease.
async fn until_slow(what: &str, holds: impl Fn() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(
            begun.elapsed() < Duration::from_mins(2),
            "not in time: {what}"
        );
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}
