//! What a call costs Redis: one request a turn, and about a kilobyte while it is on.

use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::net::TcpStream;

use super::backend::Backend;
use super::caller::{Caller, DETOUR, LETTER};
use super::ledger::settle;
use super::redis_server::Redis;
use super::server::Plan;

/// What clients send to a Redis from now on, a line a request.
struct Monitor(Lines<BufReader<TcpStream>>);

impl Monitor {
    async fn of(redis: &Redis) -> Self {
        let address = redis.url().replace("redis://", "");
        let mut stream = TcpStream::connect(address).await.expect("Redis listens");
        stream.write_all(b"MONITOR\r\n").await.expect("it reads");
        let mut lines = BufReader::new(stream).lines();
        assert_eq!(
            lines.next_line().await.expect("it answers").as_deref(),
            Some("+OK")
        );
        Self(lines)
    }

    /// All requests until now. What scripts do within Redis is none.
    async fn requests(mut self, redis: &Redis) -> Vec<String> {
        redis.ask::<String>(&["ECHO", "enough"]).await;
        let mut requests = Vec::new();
        loop {
            let line = tokio::time::timeout(Duration::from_secs(10), self.0.next_line())
                .await
                .expect("it goes on");
            let line = line.expect("it is text").expect("it goes on");
            if line.contains("\"ECHO\" \"enough\"") {
                return requests;
            }
            if !line.contains(" lua] ") {
                requests.push(line);
            }
        }
    }
}

fn plan(redis: &Redis, backend: &Backend) -> Plan {
    Plan::default()
        .set("STORE__URL", redis.url())
        .pickups(backend)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_turn_on_a_warm_node_is_one_request_to_redis() {
    let (redis, backend) = (Redis::start().await, Backend::start().await);
    let server = plan(&redis, &backend).start();
    let mut heard = Vec::new();
    let mut play = async || {
        let mut caller = Caller::new(&server);
        caller.call("/voice/pickup").await;
        for keys in LETTER {
            caller.press(keys).await;
        }
        assert!(caller.is_over());
        heard.push(caller.sid);
    };
    // Now the node knows its backends, and Redis the scripts and the version.
    play().await;
    let monitor = Monitor::of(&redis).await;
    for _ in 0..100 {
        play().await;
    }
    assert_eq!(settle(&server, &backend, &heard).await, []);
    let requests = monitor.requests(&redis).await;
    for sid in &heard[1..] {
        let of_call: Vec<_> = requests
            .iter()
            .filter(|request| request.contains(sid))
            .collect();
        let turns = of_call
            .iter()
            .filter(|request| request.contains(&format!(":call:{sid}\"")))
            .count();
        assert_eq!(turns, LETTER.len() + 1, "{of_call:#?}");
        assert_eq!(
            of_call.len(),
            turns + 1,
            "one more takes the delivery out of the outbox: {of_call:#?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_that_is_taken_over_costs_two_reads_and_then_nothing_more() {
    let (redis, backend) = (Redis::start().await, Backend::start().await);
    let (one, other) = (
        plan(&redis, &backend).start(),
        plan(&redis, &backend).start(),
    );
    let mut first = Caller::new(&one);
    // Now Redis knows the scripts and the version.
    first.call("/voice/pickup").await;
    first.press(DETOUR[0]).await;
    first.nodes = vec![other.url("")];
    for keys in &DETOUR[1..] {
        first.press(keys).await;
    }
    first.nodes = vec![one.url("")];
    let (mut caller, monitor) = (first.another(), Monitor::of(&redis).await);
    caller.call("/voice/pickup").await;
    caller.press(DETOUR[0]).await;
    caller.nodes = vec![other.url("")];
    for keys in &DETOUR[1..] {
        caller.press(keys).await;
    }
    assert!(caller.is_over());
    let requests = monitor.requests(&redis).await;
    let of_call = requests
        .iter()
        .filter(|request| request.contains(&format!(":call:{}\"", caller.sid)))
        .count();
    assert_eq!(of_call, DETOUR.len() + 1 + 2, "{requests:#?}");
}

/// The bytes that Redis says a key takes.
async fn usage(redis: &Redis, key: &str) -> u64 {
    redis.ask(&["MEMORY", "USAGE", key, "SAMPLES", "0"]).await
}

/// What an entry of an index takes, beside what the index itself does, which calls share. It is that of a small index, and
/// what Redis notes of keys that expire is not in it: `store_redis.rs` measures a call with all that.
async fn entry(redis: &Redis, index: &str) -> u64 {
    const MORE: u64 = 32;
    let before = usage(redis, index).await;
    for number in 0..MORE {
        redis
            .ask::<u64>(&[
                "ZADD",
                index,
                &format!("{}", 1_800_000_000_000 + number),
                &format!("CA{number:032x}"),
            ])
            .await;
    }
    (usage(redis, index).await - before) / MORE
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_live_call_with_its_reply_takes_about_a_kilobyte_of_redis() {
    let (redis, backend) = (Redis::start().await, Backend::start().await);
    let server = plan(&redis, &backend).start();
    for keys in [&LETTER[..3], &DETOUR[..5], &DETOUR[..8]] {
        let mut caller = Caller::new(&server);
        caller.call("/voice/pickup").await;
        for keys in keys {
            caller.press(keys).await;
        }
        let found: Vec<String> = redis
            .ask(&["KEYS", &format!("hs:*:call:{}", caller.sid)])
            .await;
        let bucket = found[0]
            .split_once(":call:")
            .expect("its keys begin with its bucket")
            .0;
        let record = usage(&redis, &found[0]).await;
        let due = entry(&redis, &format!("{bucket}:due")).await;
        let listed = entry(&redis, &format!("{bucket}:calls")).await;
        println!(
            "a call after {keys:?}: {record} bytes with its trail, {due} in the index, {listed} in that of trails"
        );
        assert!(record + due + listed <= 1_024 + 64);
    }
}
