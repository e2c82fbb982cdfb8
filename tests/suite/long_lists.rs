//! A list of hundreds of thousands of deliveries takes no more memory than a short one, at the node and at the command.

use std::io::{BufRead as _, BufReader};
use std::time::Duration;

use bytes::Bytes;
use hookswitch::store::{Commit, Row, Store};

use super::redis_server::Redis;
use super::server::{Plan, Server, is_long};
use super::store::{assert_done, at, options, row, turn};

/// How many rows a call has.
const OF_CALL: u32 = 500;
/// What a long list may take more than one of a page, in kilobytes: an allocator takes a while to find its size. Collected,
/// 20,000 rows are more than twice as much.
const GROWTH: u64 = 16_384;

fn count() -> u32 {
    if is_long() { 300_000 } else { 20_000 }
}

async fn fill(url: &str) {
    let store = Store::open(options(url.to_owned()))
        .await
        .expect("it opens");
    for call in 0..count() / OF_CALL {
        let name = format!("CA{call:032x}");
        let body = Bytes::from(format!(
            "{{\"type\":\"submission.complete\",\"text\":\"{}\"}}",
            "x".repeat(1_000)
        ));
        let created = |number| at(i64::from(call % 97)) + Duration::from_millis(u64::from(number));
        let rows = (1..=OF_CALL).map(|number| Row {
            body: body.clone(),
            created: created(number),
            ..row(&name, number, "crm")
        });
        let rows = rows.collect();
        assert_done(
            store
                .commit(Commit {
                    rows,
                    ..turn(&name, 0)
                })
                .await,
        );
    }
    store.close().await.expect("it closes");
}

/// A figure of a process's memory in kilobytes; none where it has ended.
fn memory(pid: u32, name: &str) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    line.trim_start_matches(':')
        .trim()
        .trim_end_matches(" kB")
        .parse()
        .ok()
}

/// The moments at which the rows of a list were created, and what command and node took meanwhile at most.
fn list(server: &Server, limit: &str) -> (Vec<String>, [u64; 2]) {
    let arguments = ["outbox", "list", "--format", "json", "--limit", limit];
    let mut command = server.plan().begin(server.folder(), &arguments);
    let output = BufReader::new(command.stdout.take().expect("it is read"));
    let (mut created, mut most) = (Vec::new(), [0; 2]);
    for line in output.lines() {
        let line = line.expect("it is text");
        let row: serde_json::Value = serde_json::from_str(&line).expect("an object a line");
        created.push(row["created"].as_str().expect("a time").to_owned());
        if created.len() % 100 == 0 {
            let now = [
                memory(command.id(), "VmHWM"),
                memory(server.pid(), "RssAnon"),
            ];
            most = std::array::from_fn(|which| now[which].unwrap_or(0).max(most[which]));
        }
    }
    assert!(command.wait().expect("it ends").success());
    (created, most)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_list_takes_no_more_memory_than_a_short_one() {
    let redis = Redis::start().await;
    fill(&redis.url()).await;
    let server = Plan::default().set("STORE__URL", redis.url()).start();
    let (_, short) = list(&server, "1000");
    let (created, long) = list(&server, "0");
    println!(
        "{} rows, kB of command and node: {short:?}, then {long:?}",
        created.len()
    );
    assert_eq!(created.len(), count() as usize);
    let times: Vec<jiff::Timestamp> = created
        .iter()
        .map(|time| time.parse().expect("a time"))
        .collect();
    assert!(times.is_sorted(), "oldest first");
    for (short, long) in short.into_iter().zip(long) {
        assert!(
            long.saturating_sub(short) < GROWTH,
            "from {short} to {long} kB"
        );
    }
}
