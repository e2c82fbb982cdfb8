//! What only a store in Redis must do: every kind of address, servers that end and come back, what is refused, memory.

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt;
use hookswitch::store::{
    Commit, Committed, Durability, Ended, Error, Marked, Options, Row, Settlement, Store,
};
use proptest::prelude::{ProptestConfig, proptest};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::redis_server::{Cluster, Redis, Sentinel, until};
use crate::store::{V1, assert_done, at, attempt, cases, options, row, sid, turn, version};
use crate::store_model::{Ask, answer, ask, view};

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn redis_and_memory_answer_the_same(asks in proptest::collection::vec(ask(), 1..50)) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        runtime.block_on(compare(&asks));
    }
}

async fn compare(asks: &[Ask]) {
    let memory = Store::open(options("memory:".to_owned())).await.unwrap();
    let server = Redis::start().await;
    let mut redis = Store::open(options(server.url())).await.unwrap();
    for (step, ask) in asks.iter().enumerate() {
        match ask {
            // Finished calls expire by themselves, in their own time.
            Ask::Sweep { .. } => continue,
            Ask::Reopen => redis = Store::open(options(server.url())).await.unwrap(),
            _ => {}
        }
        assert_eq!(
            answer(&redis, ask).await,
            answer(&memory, ask).await,
            "answer {step}: {ask:?}"
        );
        assert_eq!(
            view(&redis).await,
            view(&memory).await,
            "view after {step}: {ask:?}"
        );
    }
}

/// As long as the server gives a store: an outage must end within it or be told.
fn impatient(url: String) -> Options {
    Options {
        deadline: Duration::from_millis(1_500),
        ..options(url)
    }
}

async fn open(url: String) -> Store {
    Store::open(impatient(url)).await.unwrap()
}

/// Runs every case of the suite on one server after the other, which `$empty` empties.
macro_rules! in_turn {
    ($url:expr, $empty:expr, $($case:ident)*) => {
        $({
            $empty.await;
            let store = Store::open(options($url)).await.unwrap();
            crate::store::$case(&store).await;
        })*
    };
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cluster_does_what_every_store_does() {
    let cluster = Cluster::start().await;
    let empty = async || {
        for node in &cluster.nodes {
            let _: () = node.ask(&["FLUSHALL"]).await;
        }
    };
    cases! { in_turn cluster.url(), empty(), }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_primary_behind_a_sentinel_does_what_every_store_does() {
    let sentinel = Sentinel::start().await;
    let empty = async || sentinel.primary.ask::<()>(&["FLUSHALL"]).await;
    cases! { in_turn sentinel.url(), empty(), }
}

/// Roots are read from `SSL_CERT_FILE`, which only another process can be given.
#[tokio::test]
async fn an_encrypted_server_does_what_every_store_does() {
    let redis = Redis::tls().await;
    let own = std::env::current_exe().unwrap();
    let inner = |certificates: &std::path::Path| {
        Command::new(&own)
            .args([
                "--exact",
                "store_redis::within_another_process",
                "--ignored",
                "--nocapture",
            ])
            .env("SSL_CERT_FILE", certificates)
            .env("SUITE_REDIS_URL", redis.url())
            .output()
            .unwrap()
    };
    let output = inner(redis.certificate());
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
    let stranger = Redis::tls().await;
    let output = inner(stranger.certificate());
    assert!(
        !output.status.success(),
        "a certificate that nobody vouches for was accepted"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "runs within another process"]
async fn within_another_process() {
    let url = std::env::var("SUITE_REDIS_URL").unwrap();
    let store = Store::open(options(url.clone())).await.unwrap();
    drop(store);
    let admin = redis::Client::open(url.as_str()).unwrap();
    let empty = async || {
        let mut connection = admin.get_multiplexed_async_connection().await.unwrap();
        redis::cmd("FLUSHALL")
            .exec_async(&mut connection)
            .await
            .unwrap();
    };
    cases! { in_turn url.clone(), empty(), }
}

#[tokio::test]
async fn a_server_that_ends_and_comes_back_is_used_again_and_has_lost_nothing() {
    let mut redis = Redis::with(&["--appendfsync", "always"]).await;
    let store = open(redis.url()).await;
    assert_done(store.commit(turn("CA1", 0)).await);
    redis.kill();
    assert!(store.load(&sid("CA1")).await.unwrap_err().is_transient());
    redis.restart().await;
    until("the store answers", async || store.ping().await.is_ok()).await;
    assert_done(store.commit(turn("CA1", 1)).await);
    assert_eq!(store.load(&sid("CA1")).await.unwrap().unwrap().turn, 2);
}

#[tokio::test]
async fn a_connection_that_was_cut_costs_no_request() {
    let redis = Redis::start().await;
    let store = open(redis.url()).await;
    for from in 0..10 {
        assert_done(store.commit(turn("CA1", from)).await);
        let _: u32 = redis
            .ask(&["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"])
            .await;
    }
}

/// Stands between a store and its server, and loses an answer when told to, the connection with it.
struct Proxy {
    port: u16,
    lose: Arc<AtomicBool>,
}

impl Proxy {
    async fn before(redis: &Redis) -> Self {
        let server = redis.url().replace("redis://", "");
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let proxy = Self {
            port: listener.local_addr().unwrap().port(),
            lose: Arc::default(),
        };
        let lose = proxy.lose.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect(&server).await.unwrap();
                tokio::spawn(carry(client, server, lose.clone()));
            }
        });
        proxy
    }
}

/// Carries both ways until an end closes, or until an answer is to be lost.
async fn carry(mut client: TcpStream, mut server: TcpStream, lose: Arc<AtomicBool>) {
    let (mut question, mut answer) = (vec![0; 65_536], vec![0; 65_536]);
    loop {
        let (length, asked) = tokio::select! {
            length = client.read(&mut question) => (length.unwrap_or(0), true),
            length = server.read(&mut answer) => (length.unwrap_or(0), false),
        };
        if length == 0 || (!asked && lose.swap(false, Ordering::SeqCst)) {
            return;
        }
        let written = if asked {
            server.write_all(&question[..length]).await
        } else {
            client.write_all(&answer[..length]).await
        };
        if written.is_err() {
            return;
        }
    }
}

#[tokio::test]
async fn a_commit_whose_answer_was_lost_runs_twice_and_is_done_once() {
    let redis = Redis::start().await;
    let proxy = Proxy::before(&redis).await;
    let store = open(format!("redis://127.0.0.1:{}", proxy.port)).await;
    let with_row = |from| Commit {
        rows: vec![row("CA1", from + 1, "crm")],
        ..turn("CA1", from)
    };
    assert_done(store.commit(with_row(0)).await);
    let ended = Ended { at: at(5) };
    assert_eq!(
        store
            .mark_ended(&sid("CA1"), ended, at(6), None)
            .await
            .unwrap(),
        Marked::First
    );
    proxy.lose.store(true, Ordering::SeqCst);
    assert_done(store.commit(with_row(1)).await);
    assert!(
        !proxy.lose.load(Ordering::SeqCst),
        "the answer was not lost"
    );
    let stats: String = redis.ask(&["INFO", "commandstats"]).await;
    // Of the mark and the first commit one each, refused because it was not known yet; of the second commit two.
    let scripts = stats
        .lines()
        .find(|line| line.starts_with("cmdstat_evalsha:calls="))
        .unwrap();
    assert!(scripts.starts_with("cmdstat_evalsha:calls=4,"), "{scripts}");
    let stored = store.load(&sid("CA1")).await.unwrap().unwrap();
    assert_eq!((stored.turn, stored.ended), (2, Some(ended)));
    assert_eq!(store.backlog().await.unwrap()[0].rows, [0, 2, 0, 0, 0]);
    // The same again from somebody else is another matter.
    assert!(matches!(
        store.commit(with_row(1)).await,
        Ok(Committed::Behind(_))
    ));
}

#[tokio::test]
async fn a_frozen_server_is_told_in_time_and_used_again() {
    let redis = Redis::start().await;
    let store = open(redis.url()).await;
    assert_done(store.commit(turn("CA1", 0)).await);
    redis.freeze();
    assert!(
        store
            .commit(turn("CA1", 1))
            .await
            .unwrap_err()
            .is_transient()
    );
    redis.thaw();
    until("the store answers", async || store.ping().await.is_ok()).await;
    // What was sent before it froze was done when it went on: the turn happened once.
    let stored = store.load(&sid("CA1")).await.unwrap().unwrap();
    let again = store.commit(turn("CA1", 1)).await.unwrap();
    assert!(
        matches!(again, Committed::Done) || stored.turn == 2,
        "{again:?}"
    );
    assert_eq!(store.load(&sid("CA1")).await.unwrap().unwrap().turn, 2);
}

#[tokio::test]
async fn another_server_is_asked_when_the_primary_ends() {
    let mut sentinel = Sentinel::start().await;
    let store = open(sentinel.url()).await;
    assert_done(store.commit(turn("CA1", 0)).await);
    let _: u32 = sentinel.primary.ask(&["WAIT", "1", "0"]).await;
    until("the replica has it", async || {
        sentinel.replica.ask::<u32>(&["DBSIZE"]).await >= 2
    })
    .await;
    sentinel.primary.kill();
    until("the store answers", async || {
        store.commit(turn("CA2", 0)).await.is_ok()
    })
    .await;
    assert_eq!(store.load(&sid("CA1")).await.unwrap().unwrap().turn, 1);
    assert_done(store.commit(turn("CA1", 1)).await);
}

#[tokio::test]
async fn a_primary_that_became_a_replica_is_left() {
    let sentinel = Sentinel::start().await;
    let store = open(sentinel.url()).await;
    assert_done(store.commit(turn("CA1", 0)).await);
    sentinel.fail_over().await;
    until("the store answers", async || {
        store.commit(turn("CA1", 1)).await.is_ok()
    })
    .await;
}

#[tokio::test]
async fn a_cluster_with_a_node_away_serves_the_calls_of_the_others() {
    let mut cluster = Cluster::start().await;
    for node in &cluster.nodes {
        let _: () = node
            .ask(&["CONFIG", "SET", "cluster-require-full-coverage", "no"])
            .await;
    }
    let store = open(cluster.url()).await;
    let names: Vec<_> = (0..30).map(|number| format!("CA{number}")).collect();
    for name in &names {
        assert_done(store.commit(turn(name, 0)).await);
    }
    cluster.nodes[2].kill();
    let mut away = Vec::new();
    for name in &names {
        if !matches!(store.commit(turn(name, 1)).await, Ok(Committed::Done)) {
            away.push(name);
        }
    }
    assert!(!away.is_empty() && away.len() < names.len(), "{away:?}");
    cluster.nodes[2].restart().await;
    cluster.is_whole().await;
    for name in away {
        until("the store answers", async || {
            store.commit(turn(name, 1)).await.is_ok()
        })
        .await;
        assert_eq!(store.load(&sid(name)).await.unwrap().unwrap().turn, 2);
    }
}

#[tokio::test]
async fn scripts_that_the_server_forgot_are_sent_again() {
    let redis = Redis::start().await;
    let store = open(redis.url()).await;
    let with_row = |name, from| Commit {
        rows: vec![row(name, from + 1, "crm")],
        ..turn(name, from)
    };
    assert_done(store.commit(with_row("CA1", 0)).await);
    let _: () = redis.ask(&["SCRIPT", "FLUSH"]).await;
    assert_done(store.commit(with_row("CA1", 1)).await);
    let _: () = redis.ask(&["SCRIPT", "FLUSH"]).await;
    assert_eq!(
        store
            .lease_rows("crm", at(30), at(60), 10)
            .await
            .unwrap()
            .len(),
        2
    );
}

#[tokio::test]
async fn a_server_that_may_delete_live_calls_is_refused() {
    let redis = Redis::with(&["--maxmemory-policy", "allkeys-lru"]).await;
    let Err(error) = Store::open(options(redis.url())).await else {
        panic!("it was opened")
    };
    assert!(matches!(error, Error::Unsafe(_)));
    assert!(error.to_string().contains("noeviction"), "{error}");
    let redis = Redis::with(&["--maxmemory-policy", "volatile-ttl"]).await;
    assert!(Store::open(options(redis.url())).await.is_ok());
}

#[tokio::test]
async fn a_store_of_another_format_is_refused() {
    let redis = Redis::start().await;
    let _: () = redis.ask(&["SET", "hs:format", "2 with 512 buckets"]).await;
    let Err(error) = Store::open(options(redis.url())).await else {
        panic!("it was opened")
    };
    assert!(matches!(error, Error::Format { .. }), "{error}");
}

#[tokio::test]
async fn the_level_is_what_the_server_says() {
    let cases: [(&[&str], _); 3] = [
        (&[], Durability::RedisFast),
        (&["--appendfsync", "always"], Durability::RedisSafe),
        (&["--appendonly", "no"], Durability::RedisVolatile),
    ];
    for (args, level) in cases {
        let redis = Redis::with(args).await;
        assert_eq!(open(redis.url()).await.level(), level, "{args:?}");
    }
    let redis = Redis::with(&["--rename-command", "CONFIG", ""]).await;
    assert_eq!(open(redis.url()).await.level(), Durability::RedisUnknown);
}

#[tokio::test]
async fn passwords_and_databases_are_taken_from_the_url() {
    let redis = Redis::start().await;
    let _: () = redis
        .ask(&[
            "ACL",
            "SETUSER",
            "ivr",
            "on",
            ">p@ss:w/rd",
            "~hs:*",
            "+@all",
        ])
        .await;
    let host = redis.url().replace("redis://", "");
    let store = open(format!("redis://ivr:p%40ss%3Aw%2Frd@{host}/3")).await;
    assert_done(store.commit(turn("CA1", 0)).await);
    let info: String = redis.ask(&["INFO", "keyspace"]).await;
    assert!(info.contains("db3:") && !info.contains("db0:"), "{info}");
    let Err(error) = Store::open(options(format!("redis://ivr:secret@{host}"))).await else {
        panic!("it was opened")
    };
    assert!(!error.to_string().contains("secret"), "{error}");
}

#[tokio::test]
async fn a_delivered_row_is_in_no_index_of_what_is_owed_and_expires() {
    let redis = Redis::start().await;
    let store = Store::open(Options {
        keep_delivered: Duration::from_secs(1),
        ..options(redis.url())
    })
    .await
    .unwrap();
    let written = row("CA1", 1, "crm");
    commit_row(&store, &written).await;
    let attempt = attempt(1, "answered 200", Some(200));
    assert!(
        store
            .settle_attempt(&written, Settlement::Delivered, attempt)
            .await
            .unwrap()
    );
    let keys: Vec<String> = redis.ask(&["KEYS", "hs:{b*crm"]).await;
    assert_eq!(
        keys.iter()
            .map(|key| key.split(':').nth(2).unwrap())
            .collect::<Vec<_>>(),
        ["delivered"]
    );
    until("it has expired", async || {
        store.row(&written.id).await.unwrap().is_none()
    })
    .await;
    until("its index as well", async || {
        redis
            .ask::<Vec<String>>(&["KEYS", "hs:{b*crm"])
            .await
            .is_empty()
    })
    .await;
    assert_eq!(store.backlog().await.unwrap(), []);
}

#[tokio::test]
async fn a_row_whose_slot_is_half_moved_is_changed_where_all_of_it_is() {
    let cluster = Cluster::start().await;
    let store = open(cluster.url()).await;
    let written = row("CA1", 1, "crm");
    commit_row(&store, &written).await;
    let (from, row) = cluster.find_key("hs:*:row:*").await;
    let (to, slot) = ((from + 1) % 3, cluster.slot_of(&row).await.to_string());
    let keys: Vec<String> = cluster.nodes[from]
        .ask(&["CLUSTER", "GETKEYSINSLOT", &slot, "100"])
        .await;
    let (rows, others): (Vec<_>, _) = keys.into_iter().partition(|key| key.contains(":row:"));
    assert!(rows.len() == 1 && others.len() > 1, "{rows:?} {others:?}");

    cluster.begin_to_move(&slot, from, to).await;
    cluster.move_keys(&others, from, to).await;
    let settled = store.settle(&written.id, Settlement::Delivered).await;
    let left: Vec<String> = cluster.nodes[from]
        .ask(&["CLUSTER", "GETKEYSINSLOT", &slot, "100"])
        .await;
    assert_eq!(left, rows, "an index is in two places: {settled:?}");

    cluster.move_keys(&rows, from, to).await;
    cluster.end_move(&slot, from, to).await;
    assert!(
        store
            .settle(&written.id, Settlement::Delivered)
            .await
            .unwrap()
    );
}

#[tokio::test]
async fn a_delivered_row_that_is_sent_again_expires_no_more() {
    let redis = Redis::start().await;
    let store = open(redis.url()).await;
    let written = row("CA1", 1, "crm");
    commit_row(&store, &written).await;
    let key: Vec<String> = redis.ask(&["KEYS", "hs:*:row:*"]).await;
    let lives = async || redis.ask::<i64>(&["PTTL", &key[0]]).await;
    assert_eq!(lives().await, -1);
    store
        .settle(&written.id, Settlement::Delivered)
        .await
        .unwrap();
    assert!(lives().await > 0);
    assert!(store.retry_row(&written.id, at(40)).await.unwrap());
    assert_eq!(lives().await, -1);
}

/// A turn of the call that a row belongs to, with this row.
async fn commit_row(store: &Store, written: &Row) {
    let commit = Commit {
        rows: vec![written.clone()],
        ..turn("CA1", 0)
    };
    assert_done(store.commit(commit).await);
}

/// Redis spends less than 1 KiB on a live call without a trail, its share of every index included.
#[tokio::test]
async fn a_live_call_is_small() {
    let each = bytes_a_call(false).await;
    println!("{each} bytes a call without a trail");
    assert!(each < 1_024, "{each} bytes a call");
}

/// What a trail of one entry adds: its key, its place in the index, and when it expires. That is more than 1 KiB in all
/// for a call of this size.
#[tokio::test]
async fn a_trail_that_begins_adds_little() {
    let (without, with) = (bytes_a_call(false).await, bytes_a_call(true).await);
    println!("{without} bytes a call without a trail, {with} with one entry");
    assert!(
        with - without < 384,
        "{without} bytes, and {with} with a trail"
    );
}

/// What Redis spends on a live call in the middle of things, as it says itself of thousands.
async fn bytes_a_call(with_trail: bool) -> u32 {
    const CALLS: u32 = 4_000;
    let redis = Redis::start().await;
    let store = open(redis.url()).await;
    // What the server holds, less what its clients and its append-only file hold at this moment.
    let used = async || {
        let memory: String = redis.ask(&["INFO", "memory"]).await;
        let bytes = |name: &str| {
            let of = |line: &str| {
                line.strip_prefix(name)?
                    .strip_prefix(':')?
                    .parse::<u32>()
                    .ok()
            };
            memory.lines().find_map(of).unwrap()
        };
        bytes("used_memory") - bytes("mem_clients_normal") - bytes("mem_aof_buffer")
    };
    let begin = async |numbers: std::ops::Range<u32>| {
        let commits = numbers.map(|number| {
            let commit = typical(number);
            let trail = if with_trail {
                commit.trail.clone()
            } else {
                Vec::new()
            };
            store.commit(Commit { trail, ..commit })
        });
        let committed: Vec<_> = futures_util::stream::iter(commits)
            .buffer_unordered(64)
            .collect()
            .await;
        committed.into_iter().for_each(assert_done);
    };
    begin(0..CALLS / 2).await;
    let before = used().await;
    begin(CALLS / 2..CALLS).await;
    (used().await - before) / (CALLS / 2)
}

/// A call in the middle of things, its name spread as a carrier's are: 250 bytes of state, a reply of 600.
fn typical(number: u32) -> Commit {
    let spread = u128::from(number + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
    let state: Bytes = (0..250)
        .map(|index| (spread >> (index % 120)) as u8 ^ index as u8)
        .collect();
    let reply = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response>\
         <Gather action=\"https://phone.clinic.example/voice/appointments/~12#ct=2000&amp;rt=4000&amp;tt=14000&amp;rc=2\" \
         method=\"POST\" input=\"dtmf\" timeout=\"5\" numDigits=\"1\" finishOnKey=\"\">\
         <Say voice=\"Google.en-GB-Neural2-A\" language=\"en-GB\">Your visit is on {:04} at half past nine. \
         To keep it, press one; to move it to another day, two; to cancel it, three. Bring your card, and do come ten minutes earlier.</Say></Gather>\
         <Redirect method=\"POST\">https://phone.clinic.example/voice/appointments/~12#ct=2000&amp;rt=4000&amp;\
         tt=14000&amp;rc=2</Redirect></Response>",
        spread % 10_000
    );
    assert_eq!(reply.len(), 600);
    Commit {
        state,
        reply: reply.into(),
        ..turn(&format!("CA{spread:032x}"), 0)
    }
}

#[tokio::test]
async fn a_store_that_refuses_a_version_or_an_end_is_away_until_it_takes_a_write() {
    let redis = Redis::start().await;
    let store = open(redis.url()).await;
    let version = version(V1, &[]);
    for is_version in [true, false] {
        assert!(!store.is_away());
        let _: () = redis.ask(&["CONFIG", "SET", "maxmemory", "1"]).await;
        let refused = if is_version {
            store.keep_version(&version, at(0)).await.is_err()
        } else {
            let (call, ended) = (sid("CA1"), Ended { at: at(0) });
            let marked = store.mark_ended(&call, ended, at(1), None);
            marked.await.is_err()
        };
        assert!(refused && store.is_away(), "a version: {is_version}");
        let _: () = redis.ask(&["CONFIG", "SET", "maxmemory", "0"]).await;
        store.try_out().await;
    }
    assert!(!store.is_away());
}
