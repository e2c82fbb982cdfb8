//! What becomes of recordings at a real node: copied, submitted under the copy's address, erased at the carrier, on every
//! store, whatever the carrier tells and when.

use tempfile::TempDir;

use super::backend::Backend;
use super::caller::Caller;
use super::carrier::{ACCOUNT, Carrier, sound};
use super::folder::Folder;
use super::recordings::{Message, lines, message, plan};
use super::redis_server::{Redis, until};
use super::server::{Plan, Server};

/// A carrier, a backend, flows that record, and a folder for copies.
pub struct World {
    pub api: Carrier,
    pub backend: Backend,
    lines: Folder,
    kept: TempDir,
}

impl World {
    async fn new() -> Self {
        Self::of(lines()).await
    }

    /// With these flows.
    pub async fn of(lines: Folder) -> Self {
        Self {
            api: Carrier::start().await,
            backend: Backend::start().await,
            lines,
            kept: TempDir::new().expect("a folder"),
        }
    }

    /// A node that copies nothing.
    pub fn plan(&self) -> Plan {
        plan(&self.backend, &self.lines).set("TWILIO__API_URL", self.api.url())
    }

    /// A node that copies.
    pub fn copying(&self) -> Plan {
        let folder = format!("file:{}", self.kept.path().display());
        self.plan().set("RECORDINGS__COPY", folder)
    }

    /// The carrier has a recording of a message.
    pub fn record(&self, message: &Message, status: &'static str) {
        let call = &message.caller.sid;
        self.api.record(&message.sid, call, status, sound(5_000));
    }

    fn copy_of(&self, message: &Message) -> String {
        let (folder, call, sid) = (self.kept.path(), &message.caller.sid, &message.sid);
        format!("{}/{ACCOUNT}/{call}/{sid}.wav", folder.display())
    }

    /// Whether there is a copy.
    pub fn is_copied(&self, message: &Message) -> bool {
        let note = self.copy_of(message).replace(".wav", ".json");
        std::fs::exists(note).expect("the folder can be read")
    }
}

/// What is known of a recording.
pub fn shown(server: &Server, sid: &str) -> Option<serde_json::Value> {
    let arguments = ["recordings", "show", sid, "--format", "json"];
    let (code, out, _) = server.plan().run(server.folder(), &arguments);
    let shown: Option<serde_json::Value> = serde_json::from_str(&out).ok();
    shown.filter(|_| code == 0)
}

/// The row that erases a recording.
pub fn erasure(server: &Server, sid: &str) -> Option<serde_json::Value> {
    shown(server, sid).map(|mut shown| shown["erasure"].take())
}

/// Does what is due in a while.
pub fn hasten(server: &Server, sid: &str) {
    let row = erasure(server, sid).expect("it is known");
    let id = row["id"].as_str().expect("it has a name");
    let arguments = ["outbox", "retry", id];
    let (code, _, error) = server.plan().run(server.folder(), &arguments);
    assert_eq!(code, 0, "{error}");
}

async fn copies_submits_and_erases(world: &World, plan: Plan) {
    let server = plan.start();
    let mut left = Message::begin(Caller::new(&server), "night").await;
    world.record(&left, "completed");
    left.ends("14", "#").await;
    assert!(
        !world.is_copied(&left),
        "nobody has told that it is complete"
    );
    for _ in 0..3 {
        left.is("completed").await;
    }
    until("it is copied", async || world.is_copied(&left)).await;
    let received = world.backend.wait_for(1).await;
    let copy = format!("file://{}", world.copy_of(&left));
    assert_eq!(message(&received[0])["url"], copy);
    assert!(world.api.has(&left.sid), "it waits for a moment");
    hasten(&server, &left.sid);
    until("it is erased", async || !world.api.has(&left.sid)).await;
    left.is("completed").await;
    let media = format!("GET Recordings/{}.wav", left.sid);
    assert_eq!(
        world.api.times(&media),
        1,
        "told after it is erased, nothing is fetched"
    );
}

#[tokio::test]
async fn a_message_is_copied_submitted_with_its_address_and_erased_in_memory() {
    let world = World::new().await;
    let plan = world.copying().set("STORE__URL", "memory:");
    copies_submits_and_erases(&world, plan).await;
}

#[tokio::test]
async fn a_message_is_copied_submitted_with_its_address_and_erased_on_disk() {
    let world = World::new().await;
    copies_submits_and_erases(&world, world.copying()).await;
}

#[tokio::test]
async fn a_message_is_copied_submitted_with_its_address_and_erased_on_redis() {
    let (world, redis) = (World::new().await, Redis::start().await);
    let plan = world.copying().set("STORE__URL", redis.url());
    copies_submits_and_erases(&world, plan).await;
}

#[tokio::test]
async fn what_is_told_before_the_turn_or_never_is_copied_too() {
    let world = World::new().await;
    let server = world.copying().set("RECORDINGS__WAIT", "1s").start();
    let mut early = Message::begin(Caller::new(&server), "night").await;
    world.record(&early, "completed");
    early.is("completed").await;
    early.ends("14", "#").await;
    until("it is copied", async || world.is_copied(&early)).await;
    let mut never = Message::begin(Caller::new(&server), "night").await;
    world.record(&never, "completed");
    never.ends("14", "hangup").await;
    until("it is copied", async || world.is_copied(&never)).await;
}

#[tokio::test]
async fn a_recording_that_is_not_copied_is_erased_when_its_time_is_over() {
    let world = World::new().await;
    let server = world.plan().start();
    let mut left = Message::begin(Caller::new(&server), "night").await;
    world.record(&left, "completed");
    left.ends("14", "#").await;
    left.is("completed").await;
    let row = erasure(&server, &left.sid).expect("it is known");
    assert_eq!(row["state"], "waiting");
    let mut silent = Message::begin(Caller::new(&server), "night").await;
    world.record(&silent, "completed");
    silent.ends("5", "").await;
    assert!(
        erasure(&server, &silent.sid).is_some(),
        "silence is kept no longer"
    );
    for one in [&left, &silent] {
        hasten(&server, &one.sid);
        until("it is erased", async || !world.api.has(&one.sid)).await;
    }
}

#[tokio::test]
async fn a_node_that_is_killed_after_the_turn_copies_when_it_is_back() {
    let world = World::new().await;
    let mut server = world.copying().set("RECORDINGS__WAIT", "3s").start();
    let mut left = Message::begin(Caller::new(&server), "night").await;
    world.record(&left, "completed");
    left.ends("14", "#").await;
    server.kill();
    assert!(!world.is_copied(&left));
    server.start();
    until("it is copied", async || world.is_copied(&left)).await;
}
