//! Nodes of a Redis Cluster, and primaries behind a sentinel, that end, freeze, come back and hand on their slots: every
//! caller is served again within seconds, whatever slot the call is in, and the server is never restarted.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use futures_util::future::join_all;

use super::backend::Backend;
use super::caller::{Caller, LETTER, words};
use super::figures::Figures;
use super::ledger::settle;
use super::redis_server::{Cluster, Sentinel};
use super::server::{Plan, Server};

/// Calls at once: enough that some are in the slots of each node.
const CALLS: usize = 24;
/// Far longer than a node takes to notice, its replica to be promoted, and a caller to come back from a hold.
const SOON: Duration = Duration::from_secs(30);

/// A node on a store, and who gets what its callers submit.
struct Line {
    server: Server,
    backend: Backend,
    heard: Vec<String>,
}

impl Line {
    async fn on(url: String) -> Self {
        let backend = Backend::start().await;
        let plan = Plan::default().set("STORE__URL", url);
        let plan = plan.pickups(&backend);
        Self {
            server: plan.start(),
            backend,
            heard: Vec::new(),
        }
    }

    /// Calls that have come to their second question.
    async fn begin(&self) -> Vec<Caller> {
        let caller = Caller::new(&self.server);
        let begin = async |mut caller: Caller| {
            caller.call_through("/voice/pickup").await;
            caller.press_through(LETTER[0]).await;
            caller
        };
        join_all((0..CALLS).map(|_| begin(caller.another()))).await
    }

    /// Brings calls to their end, through every hold. How long they took that were held longest.
    async fn finish(&mut self, calls: Vec<Caller>) -> Duration {
        let finish = async |mut caller: Caller| {
            let begun = Instant::now();
            for keys in &LETTER[1..] {
                assert!(
                    !caller.is_over(),
                    "the caller was sent away: {}",
                    words(&caller.last)
                );
                caller.press_through(keys).await;
            }
            assert!(caller.is_over(), "{}", caller.last);
            (caller.sid, begun.elapsed())
        };
        let (heard, took): (Vec<_>, Vec<_>) = join_all(calls.into_iter().map(finish))
            .await
            .into_iter()
            .unzip();
        self.heard.extend(heard);
        took.into_iter().max().unwrap_or_default()
    }

    /// Calls are served from their first request to their last; nobody is sent away and nobody waits long.
    async fn serves(&mut self, when: &str) {
        let calls = self.begin().await;
        let longest = self.finish(calls).await;
        println!("{when}: the slowest of {CALLS} calls took {longest:.1?}");
        assert!(longest < SOON, "{when}: {longest:?}");
    }

    /// Every call that was brought to its end has submitted once.
    async fn owes_nothing(&self) {
        assert_eq!(settle(&self.server, &self.backend, &self.heard).await, []);
        assert_eq!(
            Figures::of(&self.server).await.sum("holds_given_up_total"),
            0
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn callers_are_served_when_a_primary_ends_and_its_replica_is_promoted() {
    let mut cluster = Cluster::of(3, 1).await;
    let mut line = Line::on(cluster.url()).await;
    let calls = line.begin().await;
    cluster.nodes[0].is_replicated().await;
    cluster.nodes[0].kill();
    let longest = line.finish(calls).await;
    println!("a primary ended: the slowest of {CALLS} calls took {longest:.1?}");
    assert!(longest < SOON, "{longest:?}");
    cluster.is_promoted(0).await;
    line.serves("the replica was promoted").await;
    cluster.nodes[0].restart().await;
    cluster.is_whole().await;
    line.serves("the node is back").await;
    line.owes_nothing().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn callers_are_served_when_two_primaries_end_at_once() {
    let mut cluster = Cluster::of(5, 2).await;
    let mut line = Line::on(cluster.url()).await;
    let calls = line.begin().await;
    for node in &mut cluster.nodes[..2] {
        node.is_replicated().await;
        node.kill();
    }
    let longest = line.finish(calls).await;
    println!("two primaries ended: the slowest of {CALLS} calls took {longest:.1?}");
    assert!(longest < SOON, "{longest:?}");
    line.serves("both replicas were promoted").await;
    line.owes_nothing().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn callers_are_served_when_a_primary_freezes_and_goes_on() {
    let cluster = Cluster::of(3, 1).await;
    let mut line = Line::on(cluster.url()).await;
    let calls = line.begin().await;
    cluster.nodes[0].is_replicated().await;
    cluster.nodes[0].freeze();
    let longest = line.finish(calls).await;
    println!("a primary froze: the slowest of {CALLS} calls took {longest:.1?}");
    assert!(longest < SOON, "{longest:?}");
    cluster.nodes[0].thaw();
    cluster.is_whole().await;
    line.serves("the node goes on").await;
    line.owes_nothing().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_without_a_replica_holds_its_own_callers_only() {
    let mut cluster = Cluster::start().await;
    for node in &cluster.nodes {
        let _: () = node
            .ask(&["CONFIG", "SET", "cluster-require-full-coverage", "no"])
            .await;
    }
    let mut line = Line::on(cluster.url()).await;
    let calls = line.begin().await;
    cluster.nodes[0].kill();
    let (mut held, mut served) = (Vec::new(), Vec::new());
    let pressed = join_all(calls.into_iter().map(async |mut caller| {
        caller.press(LETTER[1]).await;
        caller
    }));
    for caller in pressed.await {
        if caller.action.contains("?held=") {
            held.push(caller);
        } else {
            served.push(caller);
        }
    }
    println!(
        "a node ended: {} calls are held, {} are served",
        held.len(),
        served.len()
    );
    assert!(!held.is_empty() && !served.is_empty());
    // Those of the others go on, turn after turn, while it is away.
    for caller in &mut served {
        for keys in &LETTER[2..] {
            caller.press(keys).await;
        }
        assert!(caller.is_over(), "{}", caller.last);
        line.heard.push(caller.sid.clone());
    }
    cluster.nodes[0].restart().await;
    cluster.is_whole().await;
    for mut caller in held {
        caller.press_through(LETTER[1]).await;
        for keys in &LETTER[2..] {
            caller.press_through(keys).await;
        }
        assert!(caller.is_over(), "{}", caller.last);
        line.heard.push(caller.sid);
    }
    line.serves("the node is back").await;
    line.owes_nothing().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn callers_are_served_while_slots_move_to_another_node() {
    let cluster = Cluster::start().await;
    let mut line = Line::on(cluster.url()).await;
    let calls = line.begin().await;
    let moved = AtomicBool::new(false);
    let moving = async {
        cluster.move_slots(0, 1).await;
        moved.store(true, Ordering::Relaxed);
    };
    let calling = async {
        let (mut longest, mut count) = (line.finish(calls).await, CALLS);
        while !moved.load(Ordering::Relaxed) {
            let calls = line.begin().await;
            longest = longest.max(line.finish(calls).await);
            count += CALLS;
        }
        (longest, count)
    };
    let ((), (longest, count)) = tokio::join!(moving, calling);
    println!("slots moved: the slowest of {count} calls took {longest:.1?}");
    assert!(longest < SOON, "{longest:?}");
    cluster.is_whole().await;
    line.serves("the slots have moved").await;
    line.owes_nothing().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn callers_are_served_when_a_node_has_another_address() {
    let mut cluster = Cluster::start().await;
    let mut line = Line::on(cluster.url()).await;
    let calls = line.begin().await;
    cluster.nodes[1].move_to_another_port().await;
    let longest = line.finish(calls).await;
    println!("a node has another address: the slowest of {CALLS} calls took {longest:.1?}");
    assert!(longest < SOON, "{longest:?}");
    cluster.is_whole().await;
    line.serves("the node is known at its address").await;
    line.owes_nothing().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn callers_are_served_when_a_sentinel_makes_another_server_the_primary() {
    let mut sentinel = Sentinel::start().await;
    let mut line = Line::on(sentinel.url()).await;
    let calls = line.begin().await;
    sentinel.primary.is_replicated().await;
    sentinel.primary.kill();
    let longest = line.finish(calls).await;
    println!("the primary ended: the slowest of {CALLS} calls took {longest:.1?}");
    assert!(longest < SOON, "{longest:?}");
    sentinel.primary.restart().await;
    line.serves("the server is back as a replica").await;
    line.owes_nothing().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn callers_are_served_when_the_primary_of_a_sentinel_freezes_and_goes_on() {
    let sentinel = Sentinel::start().await;
    let mut line = Line::on(sentinel.url()).await;
    let calls = line.begin().await;
    sentinel.primary.is_replicated().await;
    sentinel.primary.freeze();
    let longest = line.finish(calls).await;
    println!("the primary froze: the slowest of {CALLS} calls took {longest:.1?}");
    assert!(longest < SOON, "{longest:?}");
    sentinel.primary.thaw();
    line.serves("the server goes on as a replica").await;
    line.owes_nothing().await;
}
