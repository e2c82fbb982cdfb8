//! Calls that are over leave nothing behind in the memory of the nodes that served them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use super::caller::{Caller, LETTER};
use super::pair::Pair;
use super::server::{Server, is_long};

/// Calls at once.
const LANES: usize = 32;
/// How much a node may grow from the first quarter of the calls to their end, in kilobytes: an allocator takes a while to find
/// its size. Half a kilobyte left behind by every call would be nearly twice as much.
const GROWTH: u64 = 4_096;

/// Calls that are played, and how long at most: a slow machine plays fewer.
fn load() -> (usize, Duration) {
    if is_long() {
        (1_000_000, Duration::from_hours(4))
    } else {
        (20_000, Duration::from_mins(1))
    }
}

/// A node's own resident memory in kilobytes, as the kernel tells it. Pages of its binary do not count: they come and go
/// with what else the machine does.
fn resident(server: &Server) -> u64 {
    let status =
        std::fs::read_to_string(format!("/proc/{}/status", server.pid())).expect("the node runs");
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("RssAnon:"))
        .expect("the kernel tells it");
    line.trim()
        .trim_end_matches(" kB")
        .parse()
        .expect("it is a number")
}

/// Plays calls one after the other, each turn at the other node, until so many have begun in all lanes.
async fn play(caller: Caller, begun: Arc<AtomicUsize>, until: usize) {
    while begun.fetch_add(1, Ordering::Relaxed) < until {
        let mut caller = caller.another();
        caller.call_through("/voice/pickup").await;
        for keys in LETTER {
            caller.press_through(keys).await;
        }
        assert!(caller.is_over(), "{}", caller.last);
    }
}

async fn play_all(caller: &Caller, count: usize) {
    let (mut lanes, begun) = (JoinSet::new(), Arc::new(AtomicUsize::new(0)));
    for _ in 0..LANES {
        lanes.spawn(play(caller.another(), Arc::clone(&begun), count));
    }
    lanes.join_all().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn finished_calls_leave_nothing_behind_in_two_nodes() {
    let pair = Pair::start().await;
    let caller = pair.caller();
    let ((calls, limit), begun) = (load(), Instant::now());
    let part = calls / 40;
    let mut seen = Vec::new();
    while seen.len() < 40 && begun.elapsed() < limit {
        play_all(&caller, part).await;
        seen.push([resident(&pair.one), resident(&pair.other)]);
    }
    println!(
        "{} calls in {:.0?}, kB after each {part}: {seen:?}",
        seen.len() * part,
        begun.elapsed()
    );
    assert_eq!(
        pair.figure("calls_remembered").await,
        0,
        "a node remembers calls that are over"
    );
    // The largest of the first quarter: an allocator gives pages back and takes them again, a few megabytes at a time.
    let warm: [u64; 2] = std::array::from_fn(|node| {
        seen[..=seen.len() / 4]
            .iter()
            .map(|kb| kb[node])
            .max()
            .unwrap_or(0)
    });
    let end = seen[seen.len() - 1];
    for (before, after) in warm.into_iter().zip(end) {
        assert!(
            after.saturating_sub(before) < GROWTH,
            "grew from {before} to {after} kB"
        );
    }
}
