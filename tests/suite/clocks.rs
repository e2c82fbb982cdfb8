//! Clocks that are set while calls are on, and nodes whose clocks differ: real processes, each with a clock of its own.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::backend::{Answer, Backend, Received};
use super::caller::{Caller, LETTER, words};
use super::figures::{Figures, get};
use super::flows::ORDER;
use super::folder::Folder;
use super::redis_server::Redis;
use super::server::{Plan, Server, eventually};

/// Half an hour, which is `CALLS__SILENT_AFTER`, and some more.
const HALF_AN_HOUR: i64 = 1_900;

/// A machine whose clock can be set; the processes that are started on it go by it.
struct Machine {
    folder: TempDir,
}

impl Machine {
    fn new() -> Self {
        let machine = Self {
            folder: tempfile::tempdir().expect("a temporary folder can be made"),
        };
        machine.set(0);
        machine
    }

    /// Sets its clock so many seconds ahead of the real time.
    fn set(&self, ahead: i64) {
        let new = self.folder.path().join("new");
        fs::write(&new, format!("{ahead:+}")).expect("it can be written");
        fs::rename(new, self.ahead()).expect("it can be renamed");
    }

    fn ahead(&self) -> PathBuf {
        self.folder.path().join("ahead")
    }

    /// A plan for a node on it. Only the time of day can be set, as on every machine: what counts seconds goes on.
    fn node(&self, plan: Plan) -> Plan {
        plan.variable("LD_PRELOAD", library().to_str().expect("a path in UTF-8"))
            .variable(
                "FAKETIME_TIMESTAMP_FILE",
                self.ahead().to_str().expect("a path in UTF-8"),
            )
            .variable("FAKETIME_NO_CACHE", "1")
            .variable("FAKETIME_DONT_FAKE_MONOTONIC", "1")
            .variable("DONT_FAKE_MONOTONIC", "1")
            .variable("NO_FAKE_STAT", "1")
    }
}

/// Debian's faketime.
fn library() -> PathBuf {
    let folders = fs::read_dir("/usr/lib")
        .expect("it is there")
        .flatten()
        .map(|entry| entry.path());
    let library = folders
        .map(|folder| folder.join("faketime/libfaketimeMT.so.1"))
        .find(|file| file.exists());
    library.expect("tests/run installs faketime")
}

/// What `/readyz` says of the clock.
async fn clock(server: &Server) -> Value {
    let body: Value = get(server, "/readyz")
        .await
        .json()
        .await
        .expect("it is JSON");
    body["clock"].clone()
}

/// Waits until a node knows how far its clock is ahead.
async fn is_ahead(server: &Server, seconds: i64) {
    eventually("the node sees its clock", async || {
        let ahead = clock(server).await["ahead_seconds"]
            .as_f64()
            .expect("a number");
        (ahead - seconds as f64).abs() < 5.0
    })
    .await;
}

fn plan(backend: &Backend) -> Plan {
    Plan::default().pickups(backend)
}

/// What a backend got of a call.
fn of_call(backend: &Backend, caller: &Caller) -> Vec<Received> {
    backend
        .received()
        .into_iter()
        .filter(|one| one.id.starts_with(&caller.sid))
        .collect()
}

/// A call begins and is hung up, and its backend hears of that. Calls are ended in the order in which they are due, so
/// whatever looked silent has been ended by then.
async fn sentinel(server: &Server, backend: &Backend) {
    let mut caller = Caller::new(server);
    caller.call("/voice/order").await;
    caller.hang_up().await;
    eventually("the last call is told", async || {
        !of_call(backend, &caller).is_empty()
    })
    .await;
}

/// A call goes on, to its last word.
async fn go_on(caller: &mut Caller) {
    caller.press("1").await;
    caller.press("8341#").await;
    assert!(words(&caller.press("1").await).contains("Goodbye"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_call_ends_because_the_clock_of_its_machine_is_set() {
    let (machine, backend, folder) = (
        Machine::new(),
        Backend::start().await,
        Folder::of(&[("order.toml", ORDER)]),
    );
    let plan = plan(&backend)
        .flows(folder.path())
        .set("CALLS__HANGUP_GRACE", "300ms");
    let mut server = machine.node(plan).start();
    let mut callers = Vec::new();
    for _ in 0..8 {
        let mut caller = Caller::new(&server);
        caller.call("/voice/order").await;
        callers.push(caller);
    }
    for ahead in [HALF_AN_HOUR, -HALF_AN_HOUR, HALF_AN_HOUR * 1_000] {
        machine.set(ahead);
        is_ahead(&server, ahead).await;
        sentinel(&server, &backend).await;
    }
    server.wait_for_log("This machine's clock was set");

    // The node starts again on a clock of which nothing is known.
    machine.set(HALF_AN_HOUR * 2_000);
    server.restart();
    sentinel(&server, &backend).await;
    for caller in &mut callers {
        go_on(caller).await;
        eventually("it is told", async || !of_call(&backend, caller).is_empty()).await;
        let types: Vec<_> = of_call(&backend, caller)
            .iter()
            .map(|one| one.body["type"].clone())
            .collect();
        assert_eq!(types, ["submission.complete"]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_whose_clocks_differ_deliver_once_and_the_one_that_is_off_says_so() {
    let (redis, backend) = (Redis::start().await, Backend::start().await);
    // Long enough that the other node looks for what is due in between.
    backend.answer_with(Answer::Late(
        Duration::from_secs(7),
        Box::new(Answer::Status(200)),
    ));
    let plan = plan(&backend).set("STORE__URL", redis.url());
    let right = plan.clone().start();
    let machine = Machine::new();
    machine.set(40);
    let off = machine.node(plan).start();
    off.wait_for_log("This machine's clock differs from the store's");
    assert_eq!(clock(&off).await["takes_what_is_due"], false);
    assert_eq!(clock(&right).await["takes_what_is_due"], true);
    assert!((38..=42).contains(&Figures::of(&off).await.get("clock_ahead_seconds")));
    assert_eq!(Figures::of(&right).await.get("clock_ahead_seconds"), 0);

    let mut heard = Vec::new();
    for number in 0..10 {
        let node = if number % 2 == 0 { &right } else { &off };
        let mut caller = Caller::new(node);
        caller.call("/voice/pickup").await;
        for keys in LETTER {
            caller.press(keys).await;
        }
        assert!(caller.is_over());
        heard.push(caller.sid);
    }
    eventually("nothing is owed", async || {
        let owed = async |state: &str| {
            redis
                .ask::<Vec<String>>(&["KEYS", &format!("hs:*:{state}:*")])
                .await
                .len()
        };
        owed("waiting").await + owed("sending").await == 0
            && backend.received().len() >= heard.len()
    })
    .await;
    let received = backend.received();
    for sid in &heard {
        assert_eq!(
            received
                .iter()
                .filter(|one| one.id.starts_with(sid.as_str()))
                .count(),
            1,
            "{sid}"
        );
    }

    machine.set(0);
    off.wait_for_log("This machine's clock and the store's agree again");
    assert_eq!(clock(&off).await["takes_what_is_due"], true);
}

/// A Redis whose clock can be set: a proxy before it changes what it answers to `TIME`.
async fn redis_beside(redis: &Redis, ahead: Arc<AtomicI64>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("redis://{}", listener.local_addr().expect("an address"));
    let address = redis.url().replace("redis://", "");
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let server = TcpStream::connect(&address).await.expect("Redis listens");
            let ahead = Arc::clone(&ahead);
            tokio::spawn(async move {
                let ((mut asks, mut hears), (mut answers, mut asked)) =
                    (client.into_split(), server.into_split());
                tokio::join!(tokio::io::copy(&mut asks, &mut asked), async {
                    let mut buffer = vec![0; 1 << 16];
                    while let Ok(read @ 1..) = answers.read(&mut buffer).await {
                        set_time(&mut buffer[..read], ahead.load(Ordering::SeqCst));
                        if hears.write_all(&buffer[..read]).await.is_err() {
                            return;
                        }
                    }
                })
            });
        }
    });
    url
}

/// Changes the seconds of an answer to `TIME`: two texts, the first of ten digits.
fn set_time(answer: &mut [u8], ahead: i64) {
    const BEGINS: &[u8] = b"*2\r\n$10\r\n";
    let Some(at) = answer
        .windows(BEGINS.len())
        .position(|window| window == BEGINS)
    else {
        return;
    };
    let digits = &mut answer[at + BEGINS.len()..][..10];
    if let Some(seconds) = std::str::from_utf8(digits)
        .ok()
        .and_then(|digits| digits.parse::<i64>().ok())
    {
        digits.copy_from_slice(format!("{:010}", seconds + ahead).as_bytes());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_that_look_silent_have_their_time_again_when_the_clock_of_the_store_is_set() {
    let (machine, backend, folder) = (
        Machine::new(),
        Backend::start().await,
        Folder::of(&[("order.toml", ORDER)]),
    );
    let (redis, ahead) = (Redis::start().await, Arc::new(AtomicI64::new(0)));
    let plan = plan(&backend)
        .flows(folder.path())
        .set("CALLS__HANGUP_GRACE", "300ms");
    let plan = plan.set("STORE__URL", redis_beside(&redis, Arc::clone(&ahead)).await);
    let server = machine.node(plan).start();
    let mut caller = Caller::new(&server);
    caller.call("/voice/order").await;
    // Redis runs on the machine of the node: its clock is set with the other.
    machine.set(HALF_AN_HOUR);
    ahead.store(HALF_AN_HOUR, Ordering::SeqCst);
    server.wait_for_log("The store's clock was set");
    sentinel(&server, &backend).await;
    assert_eq!(
        of_call(&backend, &caller).len(),
        0,
        "a call was ended that was on"
    );
    go_on(&mut caller).await;
}
