//! What a node tells of its store: that it does not take what is written, however well it answers questions, and that it
//! is set otherwise than at the start.

use serde_json::Value;

use super::caller::{Caller, LETTER, hold};
use super::figures::{Figures, get};
use super::redis_server::Redis;
use super::server::{Plan, Server, eventually};

async fn store(server: &Server) -> Value {
    let mut ready: Value = get(server, "/readyz")
        .await
        .json()
        .await
        .expect("it is JSON");
    ready["store"].take()
}

fn node(redis: &Redis) -> Server {
    Plan::default()
        .set("STORE__URL", redis.url())
        .set("BACKENDS__PICKUPS__URL", "log:")
        .start()
}

/// A caller is held by a Redis that reads and does not write, and it is told for as long as that lasts; nobody has to
/// call for the end of it to be told.
async fn tells_that_writes_are_refused(
    redis: &Redis,
    refuse: &[&[&str]],
    accept: &[&[&str]],
    reason: &str,
) {
    let server = node(redis);
    let mut caller = Caller::new(&server);
    caller.call("/voice/pickup").await;
    assert_eq!(store(&server).await["away"], false);
    for command in refuse {
        let _: redis::Value = redis.ask(command).await;
    }
    assert!(
        hold(&caller.press(LETTER[0]).await).is_some(),
        "{}",
        caller.last
    );
    for _ in 0..3 {
        assert_eq!(Figures::of(&server).await.get("store_away"), 1, "{reason}");
        assert_eq!(store(&server).await["away"], true, "{reason}");
        // What can be read is answered.
        assert_eq!(
            caller
                .post("/status", &[("CallStatus", "ringing")])
                .await
                .unwrap()
                .status,
            204
        );
    }
    server.wait_for_log("The store is away");
    server.wait_for_log(reason);
    for command in accept {
        let _: redis::Value = redis.ask(command).await;
    }
    eventually("the store is back", async || {
        Figures::of(&server).await.get("store_away") == 0
    })
    .await;
    assert_eq!(store(&server).await["away"], false);
    caller.press_through("").await;
    assert!(
        hold(&caller.last).is_none() && !caller.is_over(),
        "{}",
        caller.last
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redis_that_is_out_of_memory_is_away() {
    let redis = Redis::start().await;
    let (refuse, accept) = (
        ["CONFIG", "SET", "maxmemory", "1"],
        ["CONFIG", "SET", "maxmemory", "0"],
    );
    tells_that_writes_are_refused(&redis, &[&refuse], &[&accept], "OOM").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redis_that_became_read_only_is_away() {
    let redis = Redis::start().await;
    // Nobody is there to be followed: it goes on answering with what it has.
    let refuse = ["REPLICAOF", "127.0.0.1", "1"];
    tells_that_writes_are_refused(
        &redis,
        &[&refuse],
        &[&["REPLICAOF", "NO", "ONE"]],
        "read only",
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redis_that_could_not_save_is_away() {
    let redis = Redis::with(&["--dbfilename", "blocked"]).await;
    std::fs::create_dir(redis.folder().join("blocked")).unwrap();
    let refuse: [&[&str]; 3] = [
        &["CONFIG", "SET", "save", "3600 1000000"],
        &["CONFIG", "SET", "appendonly", "no"],
        &["BGSAVE"],
    ];
    let accept: [&[&str]; 1] = [&["CONFIG", "SET", "stop-writes-on-bgsave-error", "no"]];
    let server = node(&redis);
    for command in refuse {
        let _: redis::Value = redis.ask(command).await;
    }
    eventually("it could not save", async || {
        redis
            .ask::<String>(&["INFO", "persistence"])
            .await
            .contains("rdb_last_bgsave_status:err")
    })
    .await;
    let mut caller = Caller::new(&server);
    assert!(
        hold(&caller.call("/voice/pickup").await).is_some(),
        "{}",
        caller.last
    );
    assert_eq!(Figures::of(&server).await.get("store_away"), 1);
    server.wait_for_log("MISCONF");
    for command in accept {
        let _: redis::Value = redis.ask(command).await;
    }
    eventually("the store is back", async || {
        Figures::of(&server).await.get("store_away") == 0
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redis_that_is_set_otherwise_while_it_is_in_use_is_told() {
    let redis = Redis::start().await;
    let server = node(&redis);
    assert_eq!(store(&server).await["level"], "redis-fast");
    let cases: [(&[&str], &str); 2] = [
        (&["CONFIG", "SET", "appendonly", "no"], "redis-volatile"),
        (
            &["CONFIG", "SET", "maxmemory-policy", "allkeys-lru"],
            "redis-evicting",
        ),
    ];
    let mut before = "redis-fast".to_owned();
    for (command, level) in cases {
        let _: () = redis.ask(command).await;
        eventually(level, async || store(&server).await["level"] == level).await;
        let figures = Figures::of(&server).await;
        let at = |level: &str| figures.get(&format!("store_level{{level=\"{level}\"}}"));
        assert_eq!((at(level), at(&before)), (1, 0), "{level}");
        server.wait_for_log(&format!("level=\"{level}\" before=\"{before}\""));
        before = level.to_owned();
    }
}
