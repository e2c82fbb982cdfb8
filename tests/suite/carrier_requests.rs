//! What is asked of the carrier by rows of the outbox: copies and erasures of recordings, on every store.

use std::time::Duration;

use hookswitch::carrier::recording::{Archive, ArchiveAccess, RecordingName};
use hookswitch::carrier::{Carrier, CarrierRequest, RecordingErasure};
use hookswitch::engine::{CallSid, Fingerprint};
use hookswitch::outbox::admin::{self, Acted};
use hookswitch::outbox::{Backend, CARRIER, LEASE, Outbox, Performer, Surroundings};
use hookswitch::store::{Commit, Committed, Row, RowFilter, RowState, Store};
use jiff::Timestamp;
use tempfile::TempDir;

use crate::carrier::{self, ACCOUNT, RestAnswer, sound};
use crate::outbox::Bench;
use crate::redis_server::until;
use crate::store::fresh;

const MEDIA: &str = "GET Recordings/RE1.wav";
const DELETE: &str = "DELETE Recordings/RE1.json";

pub fn name() -> RecordingName {
    RecordingName {
        account: ACCOUNT.to_owned(),
        call: CallSid::parse("CA1").expect("a call's name"),
        recording: "RE1".to_owned(),
    }
}

pub fn copying() -> CarrierRequest {
    CarrierRequest::CopyRecording(name())
}

pub fn erasing(keep_until: Timestamp, once_copied: bool) -> CarrierRequest {
    CarrierRequest::EraseRecording(RecordingErasure {
        name: name(),
        keep_until,
        once_copied,
    })
}

/// A carrier with a complete recording, and a folder for copies.
struct World {
    api: carrier::Carrier,
    folder: TempDir,
}

impl World {
    async fn new() -> Self {
        let api = carrier::Carrier::start().await;
        api.record("RE1", "CA1", "completed", sound(5_000));
        let folder = TempDir::new().expect("a folder");
        Self { api, folder }
    }

    fn archive(&self) -> Archive {
        let url = format!("file:{}", self.folder.path().display());
        Archive::open(&url, &ArchiveAccess::default()).expect("it can be used")
    }

    /// The lane of a node that knows the place for copies.
    fn lane(&self) -> Backend {
        let carrier = Carrier::new(self.api.rest(), Some(self.archive()));
        Backend::carrier(Performer::new(carrier))
    }

    async fn is_copied(&self) -> bool {
        let kept = self.archive().kept(&name()).await;
        kept.expect("the folder can be read").is_some()
    }
}

/// Commits rows with a turn of their call, as a late fact does.
pub async fn commit(store: &Store, turn: u32, rows: &[Row]) {
    let commit = Commit {
        sid: name().call,
        from_turn: turn - 1,
        from_revision: turn - 1,
        turn,
        state: "state".into(),
        reply: "reply".into(),
        version: Fingerprint(1),
        finished: false,
        due: store.now() + Duration::from_hours(1),
        rows: rows.to_vec(),
        trail: Vec::new(),
    };
    let committed = store.commit(commit).await;
    assert!(matches!(committed, Ok(Committed::Done)), "{committed:?}");
}

/// An outbox in real time that sweeps all the time.
fn sweeping(store: &Store, world: &World) -> Outbox {
    let surroundings = Surroundings {
        sweep_every: Duration::from_millis(20),
        ..Surroundings::default()
    };
    Outbox::start(store.clone(), vec![world.lane()], &surroundings).expect("an outbox")
}

async fn state(store: &Store, request: &CarrierRequest) -> Option<RowState> {
    let row = store.row(&request.id()).await.expect("the store answers");
    row.map(|row| row.state)
}

/// A row that is due now, and one that is due when the recording's time is over.
async fn copies_and_erases(store: &Store) {
    let world = World::new().await;
    let now = store.now();
    let outbox = sweeping(store, &world);
    commit(store, 1, &[copying().row(now, now)]).await;
    until("it is copied", async || world.is_copied().await).await;
    assert!(world.api.has("RE1"), "it is kept at the carrier");
    // Learned twice: the second row is the first one.
    let over = now + Duration::from_secs(1);
    let erase = erasing(over, false);
    commit(store, 2, &[copying().row(now, now), erase.row(now, over)]).await;
    until("it is erased", async || !world.api.has("RE1")).await;
    let is_settled = async || state(store, &erase).await == Some(RowState::Delivered);
    until("it is settled", is_settled).await;
    assert_eq!(state(store, &copying()).await, Some(RowState::Delivered));
    assert_eq!((world.api.times(MEDIA), world.api.times(DELETE)), (1, 1));
    outbox.stop(Duration::from_secs(5)).await;
}

#[tokio::test]
async fn a_recording_is_copied_and_erased_in_time_in_memory() {
    copies_and_erases(&fresh::memory().await.store).await;
}

#[tokio::test]
async fn a_recording_is_copied_and_erased_in_time_on_disk() {
    let fresh = fresh::local().await;
    copies_and_erases(&fresh.store).await;
}

#[tokio::test]
async fn a_recording_is_copied_and_erased_in_time_on_redis() {
    let fresh = fresh::redis().await;
    copies_and_erases(&fresh.store).await;
}

#[tokio::test]
async fn an_erasure_waits_for_the_copy_without_using_up_its_attempts() {
    let (bench, world) = (Bench::new().await, World::new().await);
    let now = bench.now();
    let erase = erasing(now + Duration::from_hours(720), true);
    let copy = copying().row(now, now + Duration::from_mins(5));
    commit(&bench.store, 1, &[copy, erase.row(now, now)]).await;
    let outbox = bench.outbox(vec![world.lane()]);
    for _ in 0..9 {
        outbox.try_due(CARRIER).await.expect("the store answers");
        bench.advance(Duration::from_secs(30));
    }
    assert_eq!(world.api.asked(), [""; 0]);
    let row = bench
        .store
        .row(&erase.id())
        .await
        .expect("the store answers");
    let row = row.expect("it is owed");
    assert_eq!((row.state, row.attempts), (RowState::Waiting, 0));
    bench.advance(Duration::from_mins(10));
    outbox.try_due(CARRIER).await.expect("the store answers");
    assert!(world.is_copied().await);
    bench.advance(Duration::from_hours(1));
    outbox.try_due(CARRIER).await.expect("the store answers");
    assert!(!world.api.has("RE1"));
}

#[tokio::test]
async fn a_recording_that_is_never_copied_is_erased_when_its_time_is_over() {
    let (bench, world) = (Bench::new().await, World::new().await);
    let now = bench.now();
    let over = now + Duration::from_hours(720);
    commit(&bench.store, 1, &[erasing(over, true).row(now, now)]).await;
    let outbox = bench.outbox(vec![world.lane()]);
    while bench.now() < over {
        assert!(world.api.has("RE1"));
        outbox.try_due(CARRIER).await.expect("the store answers");
        bench.advance(Duration::from_hours(8));
    }
    outbox.try_due(CARRIER).await.expect("the store answers");
    assert!(!world.api.has("RE1"));
}

#[tokio::test]
async fn an_erasure_before_the_recording_is_complete_is_tried_again() {
    let (bench, world) = (Bench::new().await, World::new().await);
    world.api.record("RE1", "CA1", "processing", sound(5_000));
    let now = bench.now();
    let erase = erasing(now, false);
    commit(&bench.store, 1, &[erase.row(now, now)]).await;
    let outbox = bench.outbox(vec![world.lane()]);
    outbox.try_due(CARRIER).await.expect("the store answers");
    let row = bench
        .store
        .row(&erase.id())
        .await
        .expect("the store answers");
    let row = row.expect("it is owed");
    assert!(row.last_error.contains("20009"), "{}", row.last_error);
    world.api.record("RE1", "CA1", "completed", sound(5_000));
    bench.advance(Duration::from_mins(1));
    outbox.try_due(CARRIER).await.expect("the store answers");
    assert!(!world.api.has("RE1"));
    assert_eq!(
        state(&bench.store, &erase).await,
        None,
        "nothing is owed any more"
    );
}

#[tokio::test]
async fn a_carrier_that_asks_for_a_pause_gets_one() {
    let (bench, world) = (Bench::new().await, World::new().await);
    let now = bench.now();
    world
        .api
        .answer_next([RestAnswer::ErrorAfter(429, 20_429, "60")]);
    commit(&bench.store, 1, &[copying().row(now, now)]).await;
    let outbox = bench.outbox(vec![world.lane()]);
    outbox.try_due(CARRIER).await.expect("the store answers");
    assert!(outbox.conditions()[0].waits_until >= Some(now + Duration::from_mins(1)));
    bench.advance(Duration::from_secs(50));
    outbox.try_due(CARRIER).await.expect("the store answers");
    assert_eq!(world.api.asked().len(), 1);
    bench.advance(Duration::from_secs(30));
    outbox.try_due(CARRIER).await.expect("the store answers");
    assert!(world.is_copied().await);
}

#[tokio::test]
async fn a_login_that_is_refused_may_be_set_right() {
    let (bench, world) = (Bench::new().await, World::new().await);
    let now = bench.now();
    world
        .api
        .answer_next(std::iter::repeat_n(RestAnswer::Error(401, 20_003), 4));
    commit(&bench.store, 1, &[erasing(now, false).row(now, now)]).await;
    let outbox = bench.outbox(vec![world.lane()]);
    for _ in 0..5 {
        outbox.try_due(CARRIER).await.expect("the store answers");
        bench.advance(Duration::from_hours(8));
    }
    assert!(!world.api.has("RE1"));
}

#[tokio::test]
async fn a_node_that_is_killed_while_it_erases_leaves_the_rest_to_another() {
    let (bench, world) = (Bench::new().await, World::new().await);
    let now = bench.now();
    world.archive();
    let erase = erasing(now + Duration::from_hours(720), true);
    commit(
        &bench.store,
        1,
        &[copying().row(now, now), erase.row(now, now + LEASE)],
    )
    .await;
    let killed = bench.outbox(vec![world.lane()]);
    killed.try_due(CARRIER).await.expect("the store answers");
    assert!(world.is_copied().await && world.api.has("RE1"));
    bench.advance(LEASE * 2);
    world.api.answer_next([RestAnswer::ActThenNothing]);
    let dies = killed.clone();
    let dying = tokio::spawn(async move { dies.try_due(CARRIER).await });
    until("it is asked to erase", async || {
        world.api.times(DELETE) == 1
    })
    .await;
    dying.abort();
    drop(killed);
    let next = bench.outbox(vec![world.lane()]);
    next.try_due(CARRIER).await.expect("the store answers");
    assert_eq!(
        world.api.times(DELETE),
        1,
        "the row is leased to the one that died"
    );
    bench.advance(Duration::from_hours(1));
    next.try_due(CARRIER).await.expect("the store answers");
    assert_eq!(world.api.times(DELETE), 2);
    assert_eq!(
        state(&bench.store, &erase).await,
        None,
        "nothing is owed any more"
    );
}

#[tokio::test]
async fn a_copy_that_takes_longer_than_a_lease_is_made_once() {
    let (bench, world) = (Bench::new().await, World::new().await);
    let now = bench.now();
    commit(&bench.store, 1, &[copying().row(now, now)]).await;
    world
        .api
        .answer_next([RestAnswer::Well, RestAnswer::Slowly]);
    let (one, other) = (
        bench.outbox(vec![world.lane()]),
        bench.outbox(vec![world.lane()]),
    );
    let copies = tokio::spawn(async move { one.try_due(CARRIER).await });
    tokio::time::sleep(Duration::from_millis(300)).await;
    while !copies.is_finished() {
        // The node that copies holds the row thrice in a lease.
        bench.advance(LEASE / 3);
        assert_eq!(other.try_due(CARRIER).await.expect("the store answers"), 0);
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    assert_eq!(
        copies.await.expect("no panic").expect("the store answers"),
        1
    );
    assert!(bench.now() > now + LEASE * 2, "it took longer than a lease");
    assert!(world.is_copied().await);
    assert_eq!(world.api.times(MEDIA), 1);
    assert_eq!(state(&bench.store, &copying()).await, None, "it is done");
}

#[tokio::test]
async fn what_a_node_that_died_was_about_waits_for_one_lease() {
    let (bench, world) = (Bench::new().await, World::new().await);
    let now = bench.now();
    commit(&bench.store, 1, &[copying().row(now, now)]).await;
    world.api.answer_next([RestAnswer::Well, RestAnswer::Stall]);
    let (one, other) = (
        bench.outbox(vec![world.lane()]),
        bench.outbox(vec![world.lane()]),
    );
    let copies = tokio::spawn(async move { one.try_due(CARRIER).await });
    until("it is fetched", async || world.api.times(MEDIA) == 1).await;
    copies.abort();
    let _ = copies.await;
    bench.advance(LEASE / 2);
    assert_eq!(other.try_due(CARRIER).await.expect("the store answers"), 0);
    bench.advance(LEASE);
    assert_eq!(other.try_due(CARRIER).await.expect("the store answers"), 1);
    assert!(world.is_copied().await);
}

#[tokio::test]
async fn a_copy_of_what_a_person_has_erased_meanwhile_is_given_up() {
    let (bench, world) = (Bench::new().await, World::new().await);
    let now = bench.now();
    commit(&bench.store, 1, &[copying().row(now, now)]).await;
    world
        .api
        .answer_next([RestAnswer::Well, RestAnswer::Slowly]);
    let outbox = bench.outbox(vec![world.lane()]);
    let copies = tokio::spawn(async move { outbox.try_due(CARRIER).await });
    until("it is fetched", async || world.api.times(MEDIA) == 1).await;
    let dropped = bench.store.drop_row(&copying().id()).await;
    dropped.expect("the store answers");
    copies.await.expect("no panic").expect("the store answers");
    assert!(!world.is_copied().await);
    assert_eq!(state(&bench.store, &copying()).await, None);
}

#[tokio::test]
async fn a_recording_of_another_call_is_set_aside_at_once_and_listed() {
    let (bench, world) = (Bench::new().await, World::new().await);
    world.api.record("RE1", "CA2", "completed", sound(5_000));
    let now = bench.now();
    commit(&bench.store, 1, &[copying().row(now, now)]).await;
    let outbox = bench.outbox(vec![world.lane()]);
    outbox.try_due(CARRIER).await.expect("the store answers");
    let filter = RowFilter {
        backend: Some(CARRIER.to_owned()),
        ..RowFilter::default()
    };
    let (rows, _) = admin::list(&bench.store, &filter, None)
        .await
        .expect("the store answers");
    let row = &rows[0];
    assert_eq!(
        (row.state.as_str(), row.r#type.as_deref()),
        ("dead", Some("recording.copy"))
    );
    assert!(
        row.last_error.contains("another call"),
        "{}",
        row.last_error
    );
    let id = copying().id();
    let acted = admin::retry(&bench.store, &id, false, bench.now(), "test").await;
    assert_eq!(acted.expect("the store answers"), Acted::Done);
}

#[tokio::test]
async fn a_request_of_a_later_release_is_kept() {
    let (bench, world) = (Bench::new().await, World::new().await);
    let now = bench.now();
    let row = Row {
        body: r#"{"type":"recording.melt"}"#.into(),
        ..copying().row(now, now)
    };
    commit(&bench.store, 1, &[row]).await;
    let outbox = bench.outbox(vec![world.lane()]);
    outbox.try_due(CARRIER).await.expect("the store answers");
    assert_eq!(
        state(&bench.store, &copying()).await,
        Some(RowState::Waiting)
    );
}
