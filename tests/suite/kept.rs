//! Stores that binaries of earlier formats left behind (`tests/kept/`, a folder a format): today's binary opens them,
//! and their calls, deliveries and trails go on.
//!
//! A store is kept before its format changes, with the binary that is to be superseded:
//!
//! ```sh
//! HOOKSWITCH_BIN=… HOOKSWITCH_KEEP=tests/kept/N cargo test --test suite kept::keep
//! ```

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::audio_routes::wav;
use super::backend::{Answer, Backend, SECRET};
use super::caller::{Caller, next_url, words};
use super::figures;
use super::folder::Folder;
use super::redis_server::Redis;
use super::server::{Plan, Server, eventually};

/// A flow with a recording, a secret, and something to do for who leaves. No node serves it that opens a kept store.
const FLOW: &str = r#"
title    = "Kept"
language = "en-GB"
voice    = "Polly.Amy-Neural"
give_up  = "left"

[answers]
size = { integer = [1, 9] }
pin  = { digits = 4, sensitive = true }

[steps.size]
ask  = "@size"
into = "size"
next = "pin"

[steps.pin]
ask  = "Enter your code, four digits."
into = "pin"
next = "check"

[steps.check]
menu   = "For size {{ size }} press 1."
keys.1 = "send"

[steps.send]
submit = "pickups"
next   = "thanks"

[steps.thanks]
say  = "The old words of thanks."
next = "hangup"

[steps.left]
submit = { to = "pickups", partial = true }
next   = "hangup"

[on]
hangup = "left"
"#;

const MANIFEST: &str = "size = { text = \"Which size?\", audio = \"size.wav\" }\n";

/// The keys of a whole call.
const KEYS: [&str; 3] = ["5", "1234", "1"];

/// What is known of a kept store.
#[derive(Serialize, Deserialize)]
struct Kept {
    /// A call that waits at its first question, and one that waits for its last key.
    asked: Waiting,
    confirms: Waiting,
    /// A call whose caller hung up just before the node was killed.
    left: String,
    /// Calls that are over.
    over: Vec<String>,
    /// The deliveries that are owed, by their ids: one in each state, and one of a paused backend.
    owed: Vec<String>,
}

/// A call that is on.
#[derive(Serialize, Deserialize)]
struct Waiting {
    sid: String,
    /// Where its next request goes.
    action: String,
}

/// A key of Redis as `DUMP` gives it, in base64, and its time to live in milliseconds; -1 for ever.
#[derive(Serialize, Deserialize)]
struct Key {
    name: String,
    lives: i64,
    dump: String,
}

fn plan(backend: &Backend) -> Plan {
    let mut plan = Plan::default();
    for name in ["PICKUPS", "ORDERS"] {
        plan = plan.set(&format!("BACKENDS__{name}__URL"), backend.url());
        plan = plan.set(&format!("BACKENDS__{name}__SECRET"), SECRET);
    }
    // A kept store is opened years later.
    for name in ["SILENT_AFTER", "KEEP_FINISHED", "KEEP_TRAIL"] {
        plan = plan.set(&format!("CALLS__{name}"), "3650d");
    }
    plan
}

fn run(server: &Server, arguments: &[&str]) -> String {
    let (code, stdout, stderr) = server.plan().run(server.folder(), arguments);
    assert_eq!(code, 0, "{arguments:?}: {stdout}{stderr}");
    stdout
}

fn listed(server: &Server, what: &str) -> Vec<Value> {
    let printed = run(server, &[what, "list", "--limit", "0", "--format", "json"]);
    printed
        .lines()
        .map(|line| serde_json::from_str(line).expect("an object a line"))
        .collect()
}

/// Waits until so many deliveries are in a state.
async fn settled(server: &Server, state: &str, count: usize) {
    let in_state = || {
        listed(server, "outbox")
            .iter()
            .filter(|row| row["state"] == state)
            .count()
    };
    eventually(&format!("{count} are {state}"), async || {
        in_state() == count
    })
    .await;
}

/// Plays a call of a flow to its end.
async fn play(server: &Server, path: &str) -> String {
    let mut caller = Caller::new(server);
    caller.call(path).await;
    for keys in KEYS {
        caller.press(keys).await;
    }
    assert!(caller.is_over(), "{}", caller.last);
    caller.sid
}

/// Plays a call as far as some of its keys lead.
async fn wait_behind(server: &Server, keys: &[&str]) -> Waiting {
    let mut caller = Caller::new(server);
    caller.call("/voice/kept").await;
    for keys in keys {
        caller.press(keys).await;
    }
    Waiting {
        sid: caller.sid,
        action: caller.action,
    }
}

/// Has calls, trails and deliveries in every state in a node's store, and kills it.
async fn fill(server: &mut Server, backend: &Backend) -> Kept {
    let mut over = Vec::new();
    over.push(play(server, "/voice/kept").await);
    backend.wait_for(1).await;
    for (answer, state) in [(Answer::Status(410), "dead"), (Answer::Reset, "uncertain")] {
        backend.answer_next([answer]);
        over.push(play(server, "/voice/kept").await);
        settled(server, state, 1).await;
    }
    run(server, &["outbox", "pause", "orders"]);
    over.push(play(server, "/voice/order").await);
    let (asked, confirms) = (
        wait_behind(server, &[]).await,
        wait_behind(server, &KEYS[..2]).await,
    );
    backend.answer_next([Answer::Status(503)]);
    over.push(play(server, "/voice/kept").await);
    settled(server, "waiting", 2).await;
    let mut leaver = Caller::new(server);
    leaver.call("/voice/kept").await;
    leaver.press("7").await;
    assert_eq!(leaver.hang_up().await, 204);
    backend.answer_with(Answer::Never);
    over.push(play(server, "/voice/kept").await);
    backend.wait_for(5).await;
    let rows = listed(server, "outbox");
    let states: BTreeSet<_> = rows
        .iter()
        .filter_map(|row| row["state"].as_str())
        .collect();
    assert_eq!(
        states,
        BTreeSet::from(["dead", "sending", "uncertain", "waiting"])
    );
    server.kill();
    let owed = rows
        .iter()
        .map(|row| row["id"].as_str().expect("an id").to_owned())
        .collect();
    Kept {
        asked,
        confirms,
        left: leaver.sid,
        over,
        owed,
    }
}

/// Keeps a store on disk and one in Redis, when the environment names a folder for them.
#[tokio::test]
async fn keep() {
    let Some(folder) = std::env::var_os("HOOKSWITCH_KEEP").map(PathBuf::from) else {
        return;
    };
    fs::create_dir_all(&folder).unwrap();
    let order = FLOW.replace("\"pickups\"", "\"orders\"");
    let flows = Folder::of(&[("kept.toml", FLOW), ("order.toml", &order)]);
    let audio = Folder::of(&[("en-GB.toml", MANIFEST)]);
    let recording = wav(800);
    audio.write("size.wav", &recording);
    fs::write(folder.join("size.wav"), &recording).unwrap();
    let redis = Redis::with(&["--appendfsync", "always"]).await;
    for (name, url) in [("local", "local:data".to_owned()), ("redis", redis.url())] {
        let backend = Backend::start().await;
        let plan = plan(&backend)
            .set("BACKENDS__PICKUPS__REMEMBERS", "1m")
            .set("STORE__URL", url);
        let mut server = plan.flows(flows.path()).audio(audio.path()).start();
        let kept = fill(&mut server, &backend).await;
        let told = serde_json::to_string_pretty(&kept).unwrap();
        fs::write(folder.join(format!("{name}.json")), told + "\n").unwrap();
        if name == "local" {
            let bytes = fs::read(server.folder().join("data/hookswitch.redb")).unwrap();
            fs::write(
                folder.join("local.redb.lz4"),
                lz4_flex::compress_prepend_size(&bytes),
            )
            .unwrap();
        }
    }
    let keys = serde_json::to_string_pretty(&dump(&redis).await).unwrap();
    fs::write(folder.join("redis.keys.json"), keys + "\n").unwrap();
}

async fn dump(redis: &Redis) -> Vec<Key> {
    let mut names: Vec<String> = redis.ask(&["KEYS", "*"]).await;
    names.sort();
    let mut keys = Vec::new();
    for name in names {
        let dump: Vec<u8> = redis.ask(&["DUMP", &name]).await;
        let lives = redis.ask(&["PTTL", &name]).await;
        keys.push(Key {
            name,
            lives,
            dump: STANDARD.encode(dump),
        });
    }
    keys
}

async fn restore(redis: &Redis, keys: Vec<Key>) {
    for key in keys {
        let (lives, dump) = (
            key.lives.max(0).to_string(),
            STANDARD.decode(key.dump).unwrap(),
        );
        let words = [
            &b"RESTORE"[..],
            key.name.as_bytes(),
            lives.as_bytes(),
            &dump,
        ];
        let _: () = redis.ask_bytes(&words).await;
    }
}

/// The folders of kept stores, one a format.
fn folders() -> Vec<PathBuf> {
    let all = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/kept");
    let folders: Vec<_> = fs::read_dir(all)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    assert!(!folders.is_empty());
    folders
}

fn read<T: for<'de> Deserialize<'de>>(path: &Path) -> T {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

#[tokio::test]
async fn a_kept_store_on_disk_goes_on() {
    for folder in folders() {
        let home = tempfile::tempdir().unwrap();
        let packed = fs::read(folder.join("local.redb.lz4")).unwrap();
        fs::create_dir(home.path().join("data")).unwrap();
        let file = home.path().join("data/hookswitch.redb");
        fs::write(file, lz4_flex::decompress_size_prepended(&packed).unwrap()).unwrap();
        let backend = Backend::start().await;
        goes_on(
            plan(&backend).within(home.path()),
            &backend,
            &folder,
            &read(&folder.join("local.json")),
        )
        .await;
    }
}

#[tokio::test]
async fn a_kept_store_in_redis_goes_on() {
    for folder in folders() {
        let redis = Redis::start().await;
        restore(&redis, read(&folder.join("redis.keys.json"))).await;
        let backend = Backend::start().await;
        let plan = plan(&backend).set("STORE__URL", redis.url());
        goes_on(plan, &backend, &folder, &read(&folder.join("redis.json"))).await;
    }
}

async fn goes_on(plan: Plan, backend: &Backend, folder: &Path, kept: &Kept) {
    let mut server = plan.start();
    has_trails(&server, kept);
    calls_go_on(&server, folder, kept).await;
    deliveries_go_on(&server, backend, kept).await;
    let received = backend.received();
    let of_call = |sid: &str| {
        received
            .iter()
            .find(|delivery| delivery.body["data"]["call"]["sid"] == *sid)
    };
    let answers = |sid: &str| of_call(sid).map(|delivery| delivery.body["data"]["answers"].clone());
    assert_eq!(
        answers(&kept.confirms.sid),
        Some(serde_json::json!({ "size": 5, "pin": "1234" }))
    );
    server.restart();
    has_trails(&server, kept);
}

/// The calls of which the store says what they did.
fn has_trails(server: &Server, kept: &Kept) {
    let calls = listed(server, "calls");
    let known: BTreeSet<_> = calls
        .iter()
        .filter_map(|call| call["sid"].as_str())
        .collect();
    let on = [&kept.asked.sid, &kept.confirms.sid, &kept.left];
    for sid in on.into_iter().chain(&kept.over) {
        assert!(
            known.contains(sid.as_str()),
            "{sid} has no trail: {known:?}"
        );
        let shown: Value =
            serde_json::from_str(&run(server, &["calls", "show", sid, "--format", "json"]))
                .unwrap();
        assert!(shown.is_object(), "{shown}");
    }
    for sid in &kept.over {
        let call = calls
            .iter()
            .find(|call| call["sid"] == **sid)
            .expect("it is known");
        assert_eq!(
            (call["turns"].as_u64(), call["outcome"].as_str()),
            (Some(4), Some("completed")),
            "{call}"
        );
    }
}

/// Calls that were on take their next turns, on the version that they began on.
async fn calls_go_on(server: &Server, folder: &Path, kept: &Kept) {
    let caller = |waiting: &Waiting| {
        let mut caller = Caller::new(server);
        caller.sid.clone_from(&waiting.sid);
        caller.action.clone_from(&waiting.action);
        caller
    };
    let mut asked = caller(&kept.asked);
    let again = asked.press("77").await;
    let tree = roxmltree::Document::parse(&again).expect("it is XML");
    let play = tree
        .descendants()
        .find_map(|node| node.has_tag_name("Play").then(|| node.text()).flatten());
    let path = play
        .and_then(|url| url.split('#').next())
        .unwrap_or_else(|| panic!("it plays no recording: {again}"));
    assert_eq!(
        figures::get(server, path)
            .await
            .bytes()
            .await
            .expect("it comes whole"),
        fs::read(folder.join("size.wav")).unwrap()
    );
    assert!(words(&asked.press("5").await).contains("your code"));
    assert!(next_url(&asked.last).is_some());

    let mut confirms = caller(&kept.confirms);
    assert!(words(&confirms.press(KEYS[2]).await).contains("old words of thanks"));
    assert!(confirms.is_over());
}

/// What was owed is delivered under its ids, and the call whose caller hung up hands over what it has.
async fn deliveries_go_on(server: &Server, backend: &Backend, kept: &Kept) {
    run(server, &["outbox", "resume", "orders"]);
    let partial = |sid: &Value| *sid == *kept.left || *sid == *kept.confirms.sid;
    eventually("all that was owed is delivered", async || {
        // One that was being sent becomes uncertain when its lease is over, if its backend has forgotten its id by now.
        run(
            server,
            &["outbox", "retry", "--since", "2026-01-01T00:00:00Z"],
        );
        let received = backend.received();
        let ids: BTreeSet<_> = received
            .iter()
            .map(|delivery| delivery.id.as_str())
            .collect();
        let calls = received
            .iter()
            .map(|delivery| &delivery.body["data"]["call"]["sid"]);
        kept.owed.iter().all(|id| ids.contains(id.as_str()))
            && calls.filter(|sid| partial(sid)).count() == 2
    })
    .await;
    assert!(backend.received().iter().all(|delivery| delivery.signed));
}
