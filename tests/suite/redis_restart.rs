//! Redis ends under load and comes back: callers wait, and nothing else.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Barrier;
use tokio::task::JoinSet;

use super::caller::{Caller, DETOUR};
use super::chance::Chance;
use super::pair::Pair;
use super::redis_server::Redis;

/// Calls at once.
const CALLS: usize = 200;
/// Longer than a node waits for its store, so that callers are held.
const AWAY: Duration = Duration::from_secs(3);

/// Walks a call, a short while before each request; the longest that a request and its holds have taken.
async fn walk(mut caller: Caller, mut chance: Chance, ready: Arc<Barrier>) -> (String, Duration) {
    ready.wait().await;
    let mut worst = Duration::ZERO;
    for turn in 0..=DETOUR.len() {
        tokio::time::sleep(chance.time_up_to(Duration::from_secs(1))).await;
        let begun = Instant::now();
        match turn.checked_sub(1) {
            None => caller.call_through("/voice/pickup").await,
            Some(pressed) => caller.press_through(DETOUR[pressed]).await,
        };
        worst = worst.max(begun.elapsed());
        let next = format!("/voice/pickup/~{}-", turn + 1);
        assert!(
            caller.is_over() || caller.action.starts_with(&next),
            "{} is not {next}",
            caller.action
        );
    }
    assert!(caller.is_over());
    (caller.sid, worst)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn callers_are_held_while_redis_is_away_and_lose_nothing() {
    let mut chance = Chance::new();
    // Synced before it answers: one that syncs every second may hold an answered write back while a sync is under way.
    let redis = Redis::with(&["--appendfsync", "always"]).await;
    let mut pair = Pair::on(redis, |plan| plan).await;
    let (caller, ready) = (pair.caller(), Arc::new(Barrier::new(CALLS + 1)));
    let mut calls = JoinSet::new();
    for _ in 0..CALLS {
        calls.spawn(walk(caller.another(), chance.fork(), Arc::clone(&ready)));
    }
    ready.wait().await;
    for away in [Duration::ZERO, AWAY] {
        tokio::time::sleep(
            Duration::from_millis(500) + chance.time_up_to(Duration::from_millis(500)),
        )
        .await;
        pair.redis.kill();
        tokio::time::sleep(away).await;
        pair.redis.restart().await;
    }
    let calls = calls.join_all().await;
    let worst = calls
        .iter()
        .map(|(_, worst)| *worst)
        .max()
        .unwrap_or_default();
    let held = pair.figure("holds_total").await;
    println!("{held} requests were held, and no caller waited longer than {worst:.1?}");
    assert!(held > 0, "nobody was held");
    for lost in [
        "holds_given_up_total",
        "lost_calls_total",
        "future_turns_total",
    ] {
        assert_eq!(pair.figure(lost).await, 0, "{lost}");
    }
    let heard: Vec<_> = calls.into_iter().map(|(sid, _)| sid).collect();
    pair.all_over().await;
    pair.one_delivery_each(&heard).await;
}
