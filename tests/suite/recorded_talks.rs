//! Talks that a dial records: copied and erased on every store, whatever the carrier tells, when it does, and whether the
//! caller's turn ever comes.

use jiff::Timestamp;
use tokio::task::block_in_place;

use super::caller::Caller;
use super::carrier::Carrier;
use super::chance::Chance;
use super::folder::Folder;
use super::pair::Pair;
use super::recordings::Message;
use super::recordings_kept::{World, erasure, hasten, shown};
use super::redis_server::{Redis, until};
use super::server::{Plan, Server};

const DESK: &str = r#"
[steps.desk]
dial          = "+442079460000"
recorded      = "both"
keep          = "2d"
on.unanswered = "sorry"
next          = "talked"

[steps.talked]
say  = "It is kept as {{ steps.desk.sid }}."
next = "hangup"

[steps.sorry]
say  = "Nobody is there: {{ steps.desk.outcome }}."
next = "another"

[steps.another]
dial     = "+442079460001"
recorded = "caller"
keep     = "90d"
next     = "hangup"
"#;

const ACCEPTED: &str = r#"
[steps.desk]
dial          = "+442079460000"
whisper       = "A call for you. To take it press 1."
accept        = "1"
recorded      = "agent"
keep          = "2d"
on.unanswered = "sorry"
next          = "hangup"

[steps.sorry]
say  = "Nobody is there: {{ steps.desk.outcome }}."
next = "hangup"
"#;

const PLAIN: &str = r#"
[steps.desk]
dial          = "+442079460000"
on.unanswered = "sorry"
next          = "talked"

[steps.talked]
say  = "They have talked."
next = "hangup"

[steps.sorry]
say  = "Nobody is there."
next = "hangup"
"#;

fn lines() -> Folder {
    Folder::of(&[
        ("desk.toml", DESK),
        ("accepted.toml", ACCEPTED),
        ("plain.toml", PLAIN),
    ])
}

/// A dial has come to its end, and the carrier names a recording of it.
async fn ends(talk: &mut Message, outcome: &str) -> String {
    let url = talk.url();
    let bridged = if outcome == "completed" {
        "true"
    } else {
        "false"
    };
    let fields = vec![
        ("CallStatus", "in-progress"),
        ("DialCallStatus", outcome),
        ("DialCallDuration", "60"),
        ("DialBridged", bridged),
        ("RecordingUrl", url.as_str()),
    ];
    talk.caller.go(fields).await
}

/// How its call went.
fn outcome(server: &Server, talk: &Message) -> String {
    let arguments = ["calls", "show", &talk.caller.sid, "--format", "json"];
    let (_, told, _) = server.plan().run(server.folder(), &arguments);
    let told: serde_json::Value = serde_json::from_str(&told).unwrap_or_default();
    let outcome = told["call"]["outcome"].as_str();
    outcome.unwrap_or_default().to_owned()
}

/// Days until it is erased at the carrier at the latest.
fn days(server: &Server, sid: &str) -> Option<i64> {
    let shown = shown(server, sid)?;
    let until: Timestamp = shown["keep_until"].as_str()?.parse().ok()?;
    Some((until.duration_since(Timestamp::now()).as_hours() + 1) / 24)
}

async fn is_copied_and_erased(world: &World, plan: Plan) {
    let server = plan.start();
    let mut talk = Message::begin(Caller::new(&server), "desk").await;
    let dialled = &talk.caller.last;
    assert!(
        dialled.contains(" record=\"record-from-answer-dual\" recordingTrack=\"both\" "),
        "{dialled}"
    );
    world.record(&talk, "completed");
    let heard = ends(&mut talk, "completed").await;
    assert!(heard.contains(&format!("kept as {}", talk.sid)), "{heard}");
    for _ in 0..3 {
        assert_eq!(talk.is("completed").await, 204);
    }
    until("it is copied", async || world.is_copied(&talk)).await;
    assert!(world.api.has(&talk.sid), "it waits for a moment");
    assert_eq!(days(&server, &talk.sid), Some(2));
    hasten(&server, &talk.sid);
    until("it is erased", async || !world.api.has(&talk.sid)).await;
}

#[tokio::test]
async fn a_talk_is_copied_and_erased_in_memory() {
    let world = World::of(lines()).await;
    let plan = world.copying().set("STORE__URL", "memory:");
    is_copied_and_erased(&world, plan).await;
}

#[tokio::test]
async fn a_talk_is_copied_and_erased_on_disk() {
    let world = World::of(lines()).await;
    is_copied_and_erased(&world, world.copying()).await;
}

#[tokio::test]
async fn a_talk_is_copied_and_erased_on_redis() {
    let (world, redis) = (World::of(lines()).await, Redis::start().await);
    let plan = world.copying().set("STORE__URL", redis.url());
    is_copied_and_erased(&world, plan).await;
}

#[tokio::test]
async fn a_talk_without_a_turn_behind_it_is_erased_when_its_time_is_over() {
    let world = World::of(lines()).await;
    let server = world.plan().set("CALLS__HANGUP_GRACE", "1ms").start();
    // The caller hangs up on somebody, and nothing but the recording is told.
    let mut talk = Message::begin(Caller::new(&server), "desk").await;
    world.record(&talk, "completed");
    assert_eq!(talk.is("completed").await, 204);
    assert_eq!(days(&server, &talk.sid), Some(2), "its own step is known");
    // It is told after the call is over.
    let mut over = Message::begin(Caller::new(&server), "desk").await;
    world.record(&over, "completed");
    let fields = vec![("CallStatus", "completed")];
    over.caller
        .post("/status", &fields)
        .await
        .expect("the node answers");
    until("the call is over", async || {
        outcome(&server, &over) == "hung_up"
    })
    .await;
    assert_eq!(over.is("completed").await, 204);
    assert_eq!(days(&server, &over.sid), Some(2), "it was at its step last");
    // There is nothing to erase.
    let mut absent = Message::begin(Caller::new(&server), "desk").await;
    assert_eq!(absent.is("absent").await, 204);
    assert_eq!(days(&server, &absent.sid), None);
    for one in [&talk, &over] {
        hasten(&server, &one.sid);
        until("it is erased", async || !world.api.has(&one.sid)).await;
    }
}

#[tokio::test]
async fn what_is_recorded_while_nobody_takes_the_call_is_erased_and_never_copied() {
    let world = World::of(lines()).await;
    let server = world.copying().start();
    let mut mailbox = Message::begin(Caller::new(&server), "accepted").await;
    let dialled = &mailbox.caller.last;
    assert!(
        dialled.contains(" record=\"record-from-answer\" recordingTrack=\"outbound\" "),
        "{dialled}"
    );
    world.record(&mailbox, "completed");
    let heard = ends(&mut mailbox, "completed").await;
    assert!(heard.contains("Nobody is there: no_answer."), "{heard}");
    mailbox.is("completed").await;
    hasten(&server, &mailbox.sid);
    until("it is erased", async || !world.api.has(&mailbox.sid)).await;
    assert!(!world.is_copied(&mailbox));
    // Where the next is rung, the recording of the one before is not forgotten.
    let mut second = Message::begin(Caller::new(&server), "desk").await;
    let heard = ends(&mut second, "no-answer").await;
    assert!(heard.contains("+442079460001"), "{heard}");
    assert_eq!(days(&server, &second.sid), Some(2));
}

#[tokio::test]
async fn a_dial_that_is_not_recorded_goes_on_where_the_account_records_it() {
    let world = World::of(lines()).await;
    let server = world.copying().start();
    let mut caller = Caller::new(&server);
    let dialled = caller.call("/voice/plain").await;
    assert!(!dialled.contains("ecord"), "{dialled}");
    let url = "https://api.twilio.com/2010-04-01/Accounts/AC00000000000000000000000000000000/Recordings/RE77";
    let fields = vec![
        ("CallStatus", "in-progress"),
        ("DialCallStatus", "completed"),
        ("DialCallDuration", "60"),
        ("RecordingUrl", url),
    ];
    let heard = caller.go(fields).await;
    assert!(heard.contains("They have talked."), "{heard}");
    assert_eq!(shown(&server, "RE77"), None, "it is not ours");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_erasure_whatever_comes_when_to_whichever_node() {
    let mut chance = Chance::new();
    let (lines, api) = (lines(), Carrier::start().await);
    let url = api.url().to_owned();
    let mut pair = Pair::with(|plan| plan.flows(lines.path()).set("TWILIO__API_URL", &url)).await;
    let mut talks = Vec::new();
    for round in 0..8 {
        let mut talk = Message::begin(pair.caller(), "desk").await;
        let (before, after) = (chance.below(3), 1 + chance.below(3));
        for _ in 0..before {
            assert_eq!(talk.is("completed").await, 204);
        }
        if round % 4 == 1 {
            block_in_place(|| pair.one.restart());
            talk.caller.nodes = vec![pair.one.url(""), pair.other.url("")];
        }
        let heard = ends(&mut talk, "completed").await;
        assert!(heard.contains(&talk.sid), "{heard}");
        for _ in 0..after {
            assert_eq!(talk.is("completed").await, 204);
        }
        talks.push(talk);
    }
    for talk in &talks {
        let row = erasure(&pair.other, &talk.sid).expect("it is known");
        assert_eq!(row["state"], "waiting");
        assert_eq!(days(&pair.one, &talk.sid), Some(2));
    }
}
