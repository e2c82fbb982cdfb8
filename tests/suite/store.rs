//! What every store does, whichever engine it has.
//!
//! A case is a function over a fresh store; [`suite!`] runs each of them on each engine. A new engine is a function in
//! [`fresh`] and its name in the list at the end.

use std::any::Any;
use std::sync::LazyLock;
use std::time::Duration;

use bytes::Bytes;
use hookswitch::engine::edge::Target;
use hookswitch::engine::flow::Bundle;
use hookswitch::engine::load::load;
use hookswitch::engine::{
    About, At, Call, CallSid, Fingerprint, Flow, Input, NumberPattern, On, Outcome, Reply, Taken,
    Turn,
};
use hookswitch::hours::HoursSwitch;
use hookswitch::store::{
    ATTEMPTS, ActName, Allowance, Append, Attempt, BackendAnswer, Backlog, CallFilter, Commit,
    Committed, CountName, Ended, Error, History, KeptSwitch, Marked, Options, Row, RowFilter,
    RowId, RowPlace, RowState, Seal, Settlement, Store, Stored, StoredVersion, Summary, Trace,
};
use jiff::Timestamp;
use tokio::task::JoinSet;

/// A store that nobody used before, and what must live as long as it does.
pub struct Fresh {
    pub store: Store,
    pub keep: Box<dyn Any + Send>,
}

pub const KEEP_TRAIL: Duration = Duration::from_hours(2);
pub const KEEP_FINISHED: Duration = Duration::from_hours(1);
pub const KEEP_DELIVERED: Duration = Duration::from_hours(2);

pub fn options(url: String) -> Options {
    let seal = Seal::from_tokens(&["12345"]).expect("one token is a key");
    // Long: a busy machine must not fail a test.
    Options {
        url,
        seal,
        deadline: Duration::from_mins(1),
        keep_finished: KEEP_FINISHED,
        keep_trail: KEEP_TRAIL,
        keep_delivered: KEEP_DELIVERED,
    }
}

/// One function an engine.
pub mod fresh {
    use super::{Fresh, Store, options};
    use crate::redis_server::Redis;

    pub async fn memory() -> Fresh {
        Fresh {
            store: Store::open(options("memory:".to_owned())).await.unwrap(),
            keep: Box::new(()),
        }
    }

    pub async fn local() -> Fresh {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(options(format!("local:{}", folder.path().display())))
            .await
            .unwrap();
        Fresh {
            store,
            keep: Box::new(folder),
        }
    }

    pub async fn redis() -> Fresh {
        let redis = Redis::start().await;
        Fresh {
            store: Store::open(options(redis.url())).await.unwrap(),
            keep: Box::new(redis),
        }
    }
}

pub fn sid(name: &str) -> CallSid {
    CallSid::parse(name).unwrap()
}

/// A fixed time and so many seconds.
pub fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + seconds).unwrap()
}

pub const V1: Fingerprint = Fingerprint(1);
pub const V2: Fingerprint = Fingerprint(0xffff_ffff_ffff_fff2);

/// A list that is not read a page at a time.
pub trait AllRows {
    async fn rows(&self, filter: &RowFilter) -> Result<Vec<Row>, Error>;
}

impl AllRows for Store {
    async fn rows(&self, filter: &RowFilter) -> Result<Vec<Row>, Error> {
        let (mut rows, mut behind) = (Vec::new(), None);
        loop {
            let page = self.page(filter, behind.as_ref()).await?;
            rows.extend(page.rows);
            let is_full = filter.limit > 0 && rows.len() >= filter.limit;
            if is_full || page.more.is_none() {
                break;
            }
            behind = page.more;
        }
        if filter.limit > 0 {
            rows.truncate(filter.limit);
        }
        Ok(rows)
    }
}

/// A turn of a call that is due at another time.
fn due(seconds: i64, turn: Commit) -> Commit {
    Commit {
        due: at(seconds),
        ..turn
    }
}

/// Moves a call on by one turn; the bytes tell which.
pub fn turn(name: &str, from_turn: u32) -> Commit {
    Commit {
        sid: sid(name),
        from_turn,
        from_revision: from_turn,
        turn: from_turn + 1,
        state: Bytes::from(format!("state {}", from_turn + 1)),
        reply: Bytes::from(format!("reply {}", from_turn + 1)),
        version: V1,
        finished: false,
        due: at(1_800),
        rows: Vec::new(),
        trail: vec![trace(name, from_turn + 1)],
    }
}

/// What a trail keeps of a turn at second `turn`, which ends the call at no time.
pub fn trace(name: &str, turn: u32) -> Trace {
    let input = if turn == 1 {
        Input::Begin
    } else {
        Input::Keys(format!("keys{turn}"))
    };
    traced(name, turn, &input, false)
}

/// The same, of any input.
pub fn traced(name: &str, turn: u32, input: &Input, secret: bool) -> Trace {
    trace_of(
        Call {
            turn,
            ..call(name, "+442079460001")
        },
        at(turn.into()),
        input,
        secret,
    )
}

/// A call at its first step.
fn call(name: &str, from: &str) -> Call {
    let about = About {
        from: from.to_owned(),
        ..About::default()
    };
    Call {
        turn: 1,
        at: At::Step(0),
        ..Call::new(sid(name), &FLOW, about)
    }
}

static FLOW: LazyLock<Flow> = LazyLock::new(|| {
    let source = "[steps.main]\nsay = \"Hello.\"\nnext = \"hangup\"\n".to_owned();
    load(&Bundle {
        name: "main".to_owned(),
        source,
        ..Bundle::default()
    })
    .expect("it is sound")
    .flow
});

/// A way that a turn took.
const WAY: Taken = Taken {
    from: 0,
    on: On::Step(2),
    to: Target::Step(7),
};

fn trace_of(call: Call, time: Timestamp, input: &Input, secret: bool) -> Trace {
    let (reply, ways) = (Reply::Speak(Vec::new()), vec![WAY]);
    let (deliveries, faults, unset) = (Vec::new(), Vec::new(), Vec::new());
    let turn = Turn {
        call,
        reply,
        deliveries,
        texts: Vec::new(),
        ways,
        faults,
        unset,
        reached: Vec::new(),
        refused: None,
        holds_for: None,
    };
    let seal = options(String::new()).seal;
    Trace::of(None, &turn, input, secret, time, turn.call.turn, &seal).unwrap()
}

/// The turns that a trail tells of.
async fn turns_of(store: &Store, name: &str) -> Vec<u32> {
    let trail = store.trail(&sid(name)).await.unwrap();
    trail
        .map(|trail| trail.entries.iter().map(|entry| entry.turn).collect())
        .unwrap_or_default()
}

/// A late fact that comes at this revision.
pub fn fact(name: &str, from_revision: u32) -> Append {
    let state = Bytes::from(format!("fact {}", from_revision + 1));
    Append {
        sid: sid(name),
        from_revision,
        state,
        rows: Vec::new(),
        trail: Vec::new(),
    }
}

/// Notes that the call CA1 ended.
async fn mark(store: &Store, ended: i64, due: i64) -> Marked {
    store
        .mark_ended(&sid("CA1"), Ended { at: at(ended) }, at(due), None)
        .await
        .unwrap()
}

/// The turn that ends a call's flow.
pub fn last(name: &str, from_turn: u32) -> Commit {
    Commit {
        finished: true,
        ..turn(name, from_turn)
    }
}

/// A row as a commit writes it: leased until second 30.
pub fn row(name: &str, number: u32, backend: &str) -> Row {
    Row {
        id: RowId {
            sid: sid(name),
            key: number.into(),
        },
        backend: backend.to_owned(),
        body: Bytes::from(format!("{{\"number\":{number}}}")),
        sensitive: Vec::new(),
        created: at(i64::from(number)),
        state: RowState::Sending,
        attempts: 1,
        next: at(30),
        ambiguous: false,
        last_error: String::new(),
        history: History::default(),
    }
}

/// An attempt at second `at` that took a second.
pub fn attempt(second: i64, came_to: &str, status: Option<u16>) -> Attempt {
    let answer = status.map(|status| BackendAnswer {
        status,
        body: Bytes::from(format!("{status} at {second}")),
    });
    Attempt {
        at: at(second),
        took: Duration::from_secs(1),
        came_to: came_to.to_owned(),
        answer,
    }
}

#[track_caller]
pub fn assert_done(committed: Result<Committed, Error>) {
    assert!(matches!(committed, Ok(Committed::Done)), "{committed:?}");
}

async fn done(store: &Store, commit: Commit) {
    assert_done(store.commit(commit).await);
}

#[track_caller]
fn behind(committed: Result<Committed, Error>) -> Stored {
    match committed {
        Ok(Committed::Behind(stored)) => stored,
        other => panic!("not behind: {other:?}"),
    }
}

async fn with_row(store: &Store, row: Row) -> RowId {
    let id = row.id.clone();
    done(
        store,
        Commit {
            rows: vec![row],
            ..turn(id.sid.as_str(), 0)
        },
    )
    .await;
    id
}

pub async fn a_call_that_was_never_committed_is_not_there(store: &Store) {
    assert_eq!(store.load(&sid("CA1")).await.unwrap(), None);
}

pub async fn a_call_begins_and_moves_on(store: &Store) {
    done(store, turn("CA1", 0)).await;
    let stored = store.load(&sid("CA1")).await.unwrap().unwrap();
    let (state, reply) = (Bytes::from("state 1"), Bytes::from("reply 1"));
    assert_eq!(
        stored,
        Stored {
            turn: 1,
            revision: 1,
            state,
            reply,
            finished: false,
            ended: None
        }
    );
    done(store, turn("CA1", 1)).await;
    done(
        store,
        Commit {
            turn: 9,
            ..turn("CA1", 2)
        },
    )
    .await;
    assert_eq!(store.load(&sid("CA1")).await.unwrap().unwrap().turn, 9);
    assert_eq!(store.load(&sid("CA2")).await.unwrap(), None);
}

pub async fn any_bytes_come_back(store: &Store) {
    let state: Vec<u8> = (0..=255).collect();
    let reply = Bytes::from(vec![0; 70_000]);
    done(
        store,
        Commit {
            state: state.clone().into(),
            reply: reply.clone(),
            ..turn("CA.1_a:b-c", 0)
        },
    )
    .await;
    let stored = store.load(&sid("CA.1_a:b-c")).await.unwrap().unwrap();
    assert_eq!((&stored.state[..], stored.reply), (&state[..], reply));
    done(
        store,
        Commit {
            state: Bytes::new(),
            reply: Bytes::new(),
            ..turn("CA2", 0)
        },
    )
    .await;
    assert!(
        store
            .load(&sid("CA2"))
            .await
            .unwrap()
            .unwrap()
            .reply
            .is_empty()
    );
}

pub async fn a_commit_from_another_turn_is_behind_and_changes_nothing(store: &Store) {
    done(store, turn("CA1", 0)).await;
    done(store, turn("CA1", 1)).await;
    for from_turn in [0, 1, 3, 900] {
        let late = Commit {
            rows: vec![row("CA1", 1, "crm")],
            reply: Bytes::from("late"),
            ..turn("CA1", from_turn)
        };
        let stored = behind(store.commit(late).await);
        assert_eq!((stored.turn, &stored.reply[..]), (2, &b"reply 2"[..]));
    }
    assert_eq!(store.rows(&RowFilter::default()).await.unwrap(), []);
    assert_eq!(store.load(&sid("CA1")).await.unwrap().unwrap().turn, 2);
}

pub async fn a_later_turn_of_an_unknown_call_is_gone(store: &Store) {
    let committed = store
        .commit(Commit {
            rows: vec![row("CA1", 1, "crm")],
            ..turn("CA1", 3)
        })
        .await;
    assert!(matches!(committed, Ok(Committed::Gone)), "{committed:?}");
    assert_eq!(store.load(&sid("CA1")).await.unwrap(), None);
    assert_eq!(store.rows(&RowFilter::default()).await.unwrap(), []);
}

pub async fn of_64_simultaneous_commits_one_wins_and_all_learn_its_reply(store: &Store) {
    done(store, turn("CA1", 0)).await;
    let commits = (0..64).map(|copy| {
        let (store, reply) = (store.clone(), Bytes::from(format!("copy {copy}")));
        let commit = Commit {
            reply,
            rows: vec![row("CA1", 1, &format!("copy{copy}"))],
            ..turn("CA1", 1)
        };
        tokio::spawn(async move { store.commit(commit).await.unwrap() })
    });
    let (mut done, mut replies) = (Vec::new(), Vec::new());
    for (copy, commit) in commits.collect::<Vec<_>>().into_iter().enumerate() {
        match commit.await.unwrap() {
            Committed::Done => done.push(copy),
            Committed::Behind(stored) => replies.push(stored.reply),
            Committed::Gone => panic!("the call was there"),
        }
    }
    assert_eq!((done.len(), replies.len()), (1, 63));
    let winner = format!("copy {}", done[0]);
    assert!(
        replies.iter().all(|reply| reply == winner.as_bytes()),
        "{winner}: {replies:?}"
    );
    let rows = store.rows(&RowFilter::default()).await.unwrap();
    assert_eq!(
        rows.iter().map(|row| &row.backend[..]).collect::<Vec<_>>(),
        [format!("copy{}", done[0])]
    );
}

pub async fn many_calls_begin_at_once(store: &Store) {
    let begin = |call| {
        let store = store.clone();
        tokio::spawn(async move { store.commit(turn(&format!("CA{call}"), 0)).await })
    };
    for begun in (0..300).map(begin).collect::<Vec<_>>() {
        assert_done(begun.await.unwrap());
    }
    assert_eq!(
        store
            .lease_calls(at(1_800), at(2_000), 1_000)
            .await
            .unwrap()
            .len(),
        300
    );
}

pub async fn the_first_mark_of_an_end_stays(store: &Store) {
    done(store, turn("CA1", 0)).await;
    assert_eq!(mark(store, 10, 25).await, Marked::First);
    assert_eq!(mark(store, 20, 35).await, Marked::Again);
    let stored = store.load(&sid("CA1")).await.unwrap().unwrap();
    assert_eq!(stored.ended, Some(Ended { at: at(10) }));
    assert_eq!((stored.turn, &stored.reply[..]), (1, &b"reply 1"[..]));
    assert_eq!(store.lease_calls(at(24), at(60), 10).await.unwrap(), []);
    assert_eq!(
        store.lease_calls(at(25), at(60), 10).await.unwrap(),
        [sid("CA1")]
    );
}

pub async fn a_mark_does_not_put_a_call_off(store: &Store) {
    done(store, due(5, turn("CA1", 0))).await;
    assert_eq!(mark(store, 1, 16).await, Marked::First);
    assert_eq!(
        store.lease_calls(at(5), at(60), 10).await.unwrap(),
        [sid("CA1")]
    );
}

pub async fn a_turn_keeps_the_mark_and_its_time(store: &Store) {
    done(store, turn("CA1", 0)).await;
    mark(store, 10, 25).await;
    done(store, turn("CA1", 1)).await;
    assert_eq!(
        store.load(&sid("CA1")).await.unwrap().unwrap().ended,
        Some(Ended { at: at(10) })
    );
    assert_eq!(
        behind(store.commit(turn("CA1", 1)).await).ended,
        Some(Ended { at: at(10) })
    );
    assert_eq!(
        store.lease_calls(at(25), at(60), 10).await.unwrap(),
        [sid("CA1")]
    );
}

pub async fn a_turn_puts_an_unmarked_call_off(store: &Store) {
    done(store, due(100, turn("CA1", 0))).await;
    done(store, due(200, turn("CA1", 1))).await;
    assert_eq!(store.lease_calls(at(199), at(300), 10).await.unwrap(), []);
    assert_eq!(
        store.lease_calls(at(200), at(300), 10).await.unwrap(),
        [sid("CA1")]
    );
}

pub async fn an_end_told_before_the_call_begins_is_kept_for_it(store: &Store) {
    assert_eq!(mark(store, 10, 25).await, Marked::Early);
    assert_eq!(mark(store, 20, 35).await, Marked::Early);
    assert_eq!(store.load(&sid("CA1")).await.unwrap(), None);
    assert_eq!(
        store.lease_calls(at(9_999), at(10_000), 10).await.unwrap(),
        []
    );
    assert!(matches!(
        store.commit(turn("CA1", 1)).await,
        Ok(Committed::Gone)
    ));
    done(store, due(500, turn("CA1", 0))).await;
    let stored = store.load(&sid("CA1")).await.unwrap().unwrap();
    assert_eq!((stored.turn, stored.ended), (1, Some(Ended { at: at(10) })));
    // Nobody is waited for.
    assert_eq!(
        store.lease_calls(at(0), at(600), 10).await.unwrap(),
        [sid("CA1")]
    );
    done(store, last("CA1", 1)).await;
    assert_eq!(
        store.lease_calls(at(9_999), at(10_000), 10).await.unwrap(),
        []
    );
}

pub async fn a_finished_call_keeps_the_first_sign_of_its_end(store: &Store) {
    done(store, last("CA1", 0)).await;
    assert_eq!(mark(store, 10, 25).await, Marked::First);
    assert_eq!(mark(store, 20, 35).await, Marked::Again);
    let stored = store.load(&sid("CA1")).await.unwrap().unwrap();
    assert_eq!(
        (stored.finished, stored.ended),
        (true, Some(Ended { at: at(10) }))
    );
    assert_eq!(
        store.lease_calls(at(9_999), at(10_000), 10).await.unwrap(),
        []
    );
}

pub async fn a_new_visit_goes_on_with_the_turns(store: &Store) {
    done(store, turn("CA1", 0)).await;
    done(store, last("CA1", 1)).await;
    assert_eq!(
        store.lease_calls(at(9_999), at(10_000), 10).await.unwrap(),
        []
    );
    assert_eq!(behind(store.commit(turn("CA1", 0)).await).turn, 2);
    done(store, due(500, turn("CA1", 2))).await;
    let stored = store.load(&sid("CA1")).await.unwrap().unwrap();
    assert_eq!(
        (stored.turn, stored.finished, stored.ended),
        (3, false, None)
    );
    assert_eq!(store.lease_calls(at(499), at(600), 10).await.unwrap(), []);
    assert_eq!(
        store.lease_calls(at(500), at(600), 10).await.unwrap(),
        [sid("CA1")]
    );
}

pub async fn a_visit_that_begins_after_the_end_was_told_is_over_at_once(store: &Store) {
    done(store, last("CA1", 0)).await;
    mark(store, 10, 25).await;
    done(store, due(500, turn("CA1", 1))).await;
    assert_eq!(
        store.load(&sid("CA1")).await.unwrap().unwrap().ended,
        Some(Ended { at: at(10) })
    );
    assert_eq!(
        store.lease_calls(at(0), at(600), 10).await.unwrap(),
        [sid("CA1")]
    );
}

pub async fn a_late_fact_changes_the_state_and_nothing_else(store: &Store) {
    assert!(matches!(
        store.append(fact("CA1", 0)).await,
        Ok(Committed::Gone)
    ));
    done(store, due(100, turn("CA1", 0))).await;
    mark(store, 10, 50).await;
    let rows = vec![row("CA1", 1, "crm")];
    assert_done(
        store
            .append(Append {
                rows,
                ..fact("CA1", 1)
            })
            .await,
    );
    let stored = store.load(&sid("CA1")).await.unwrap().unwrap();
    let (state, reply) = (Bytes::from("fact 2"), Bytes::from("reply 1"));
    let ended = Some(Ended { at: at(10) });
    assert_eq!(
        stored,
        Stored {
            turn: 1,
            revision: 2,
            state,
            reply,
            finished: false,
            ended
        }
    );
    assert_eq!(store.rows(&RowFilter::default()).await.unwrap().len(), 1);
    assert_eq!(store.lease_calls(at(49), at(600), 10).await.unwrap(), []);
    assert_eq!(
        store.lease_calls(at(50), at(600), 10).await.unwrap(),
        [sid("CA1")]
    );
}

pub async fn a_late_fact_from_another_revision_is_behind_and_changes_nothing(store: &Store) {
    done(store, turn("CA1", 0)).await;
    assert_done(store.append(fact("CA1", 1)).await);
    for revision in [0, 1, 3] {
        let late = Append {
            rows: vec![row("CA1", 1, "crm")],
            ..fact("CA1", revision)
        };
        let stored = behind(store.append(late).await);
        assert_eq!(
            (stored.turn, stored.revision, &stored.state[..]),
            (1, 2, &b"fact 2"[..])
        );
    }
    assert_eq!(store.rows(&RowFilter::default()).await.unwrap(), []);
}

pub async fn a_turn_that_does_not_know_of_a_late_fact_is_behind(store: &Store) {
    done(store, turn("CA1", 0)).await;
    assert_done(store.append(fact("CA1", 1)).await);
    let stored = behind(store.commit(turn("CA1", 1)).await);
    assert_eq!(
        (stored.turn, stored.revision, &stored.state[..]),
        (1, 2, &b"fact 2"[..])
    );
    done(
        store,
        Commit {
            from_revision: 2,
            ..turn("CA1", 1)
        },
    )
    .await;
    let stored = store.load(&sid("CA1")).await.unwrap().unwrap();
    assert_eq!((stored.turn, stored.revision), (2, 3));
}

pub async fn a_finished_call_takes_late_facts_and_stays_finished(store: &Store) {
    done(store, last("CA1", 0)).await;
    assert_done(store.append(fact("CA1", 1)).await);
    assert_done(store.append(fact("CA1", 2)).await);
    let stored = store.load(&sid("CA1")).await.unwrap().unwrap();
    assert_eq!(
        (
            stored.turn,
            stored.revision,
            stored.finished,
            &stored.reply[..]
        ),
        (1, 3, true, &b"reply 1"[..])
    );
    assert_eq!(
        store.lease_calls(at(9_999), at(10_000), 10).await.unwrap(),
        []
    );
    done(
        store,
        Commit {
            from_revision: 3,
            ..turn("CA1", 1)
        },
    )
    .await;
}

pub async fn a_delivery_that_is_there_already_is_not_replaced(store: &Store) {
    let first = row("CA1", 1, "crm");
    done(
        store,
        Commit {
            rows: vec![first.clone()],
            ..turn("CA1", 0)
        },
    )
    .await;
    let again = Row {
        body: Bytes::from("other"),
        attempts: 7,
        backend: "erp".to_owned(),
        ..first.clone()
    };
    done(
        store,
        Commit {
            rows: vec![again.clone(), row("CA1", 2, "crm")],
            ..turn("CA1", 1)
        },
    )
    .await;
    assert_done(
        store
            .append(Append {
                rows: vec![again],
                ..fact("CA1", 2)
            })
            .await,
    );
    assert_eq!(
        store.rows(&RowFilter::default()).await.unwrap(),
        [first.clone(), row("CA1", 2, "crm")]
    );
    store
        .settle(&first.id, Settlement::Delivered)
        .await
        .unwrap();
    assert_done(
        store
            .append(Append {
                rows: vec![first.clone()],
                ..fact("CA1", 3)
            })
            .await,
    );
    assert_eq!(
        store.row(&first.id).await.unwrap().unwrap().state,
        RowState::Delivered,
        "nor sent once more"
    );
}

pub async fn due_calls_are_leased_soonest_first_and_once(store: &Store) {
    for (name, due) in [("CA3", 30), ("CA1", 10), ("CA2", 20), ("CA4", 40)] {
        done(
            store,
            Commit {
                due: at(due),
                ..turn(name, 0)
            },
        )
        .await;
    }
    assert_eq!(store.lease_calls(at(9), at(100), 10).await.unwrap(), []);
    assert_eq!(
        store.lease_calls(at(30), at(100), 2).await.unwrap(),
        [sid("CA1"), sid("CA2")]
    );
    assert_eq!(
        store.lease_calls(at(30), at(100), 2).await.unwrap(),
        [sid("CA3")]
    );
    assert_eq!(store.lease_calls(at(30), at(100), 2).await.unwrap(), []);
    // The lease ends: whoever had it is gone.
    assert_eq!(
        store.lease_calls(at(100), at(200), 10).await.unwrap().len(),
        4
    );
}

pub async fn a_committed_row_is_leased_to_who_committed_it(store: &Store) {
    let written = row("CA1", 1, "crm");
    let id = with_row(store, written.clone()).await;
    assert_eq!(store.row(&id).await.unwrap(), Some(written));
    assert_eq!(
        store.lease_rows("crm", at(29), at(60), 10).await.unwrap(),
        []
    );
    assert!(store.settle(&id, Settlement::Delivered).await.unwrap());
    assert!(!store.settle(&id, Settlement::Delivered).await.unwrap());
    assert_eq!(
        store
            .lease_rows("crm", at(999), at(1_000), 10)
            .await
            .unwrap(),
        []
    );
}

/// All that are kept of a backend that has them.
async fn delivered(store: &Store) -> Vec<Row> {
    store
        .rows(&RowFilter {
            state: Some(RowState::Delivered),
            ..RowFilter::default()
        })
        .await
        .unwrap()
}

pub async fn a_row_that_waits_gets_its_body_once(store: &Store) {
    for (number, sensitive) in [(1, Vec::new()), (2, vec!["pin".to_owned()])] {
        let row = Row {
            sensitive,
            ..row("CA1", number, "crm")
        };
        let held = row.clone().held(at(40));
        done(
            store,
            Commit {
                rows: vec![held.clone()],
                ..turn("CA1", number - 1)
            },
        )
        .await;
        let is = store.row(&row.id).await.unwrap().unwrap();
        assert!(is.is_held() && is == held, "{is:?}");
        assert_eq!(is.json(), &row.body[..]);
        assert!(
            store
                .lease_rows("crm", at(39), at(50), 9)
                .await
                .unwrap()
                .is_empty()
        );
        assert!(
            store
                .complete_row(&is, "{\"a\":1}".to_owned(), at(20))
                .await
                .unwrap()
        );
        assert!(
            !store
                .complete_row(&is, "{\"a\":2}".to_owned(), at(21))
                .await
                .unwrap()
        );
        let leased = store.lease_rows("crm", at(20), at(50), 9).await.unwrap();
        let [leased] = &leased[..] else {
            panic!("{leased:?}")
        };
        assert_eq!(
            (&leased.body[..], leased.attempts, leased.ambiguous),
            (&b"{\"a\":1}"[..], 1, false)
        );
        assert!(store.settle(&row.id, Settlement::Delivered).await.unwrap());
        assert!(
            !store
                .complete_row(&is, "{\"a\":3}".to_owned(), at(22))
                .await
                .unwrap()
        );
    }
    // One that is due before gets its body from whoever has leased it, and keeps the lease.
    let held = row("CA1", 3, "crm").held(at(40));
    done(
        store,
        Commit {
            rows: vec![held.clone()],
            ..turn("CA1", 2)
        },
    )
    .await;
    let leased = store.lease_rows("crm", at(40), at(50), 9).await.unwrap();
    assert!(leased[0].is_held());
    assert!(
        store
            .complete_row(&leased[0], "{}".to_owned(), at(20))
            .await
            .unwrap()
    );
    let is = store.row(&held.id).await.unwrap().unwrap();
    assert_eq!(
        (&is.body[..], is.next, is.state),
        (&b"{}"[..], at(50), RowState::Sending)
    );
    assert!(
        store
            .lease_rows("crm", at(49), at(60), 9)
            .await
            .unwrap()
            .is_empty()
    );
}

pub async fn a_delivered_row_is_kept_with_its_attempts_and_never_due(store: &Store) {
    let written = row("CA1", 1, "crm");
    let id = with_row(store, written.clone()).await;
    let failed = attempt(1, "answered 503", Some(503));
    let retry = Settlement::Retry {
        at: at(40),
        ambiguous: false,
        error: "answered 503".to_owned(),
    };
    assert!(
        store
            .settle_attempt(&written, retry, failed.clone())
            .await
            .unwrap()
    );
    let waiting = store.row(&id).await.unwrap().unwrap();
    assert_eq!(
        waiting.history.attempts,
        [Attempt {
            answer: None,
            ..failed.clone()
        }]
    );
    assert_eq!(waiting.history.answer, failed.answer);
    assert_eq!(
        store.lease_rows("crm", at(40), at(70), 10).await.unwrap()[0].history,
        waiting.history
    );
    let made = attempt(41, "answered 204", Some(204));
    assert!(
        store
            .settle_attempt(&written, Settlement::Delivered, made.clone())
            .await
            .unwrap()
    );
    let kept = store.row(&id).await.unwrap().unwrap();
    assert_eq!(
        (kept.state, kept.attempts, kept.next, &kept.body),
        (RowState::Delivered, 2, at(42), &written.body)
    );
    let attempts = [failed, made.clone()].map(|attempt| Attempt {
        answer: None,
        ..attempt
    });
    assert_eq!(
        kept.history,
        History {
            attempts: attempts.into(),
            answer: made.answer
        }
    );
    assert_eq!(
        store
            .lease_rows("crm", at(99_999), at(100_000), 10)
            .await
            .unwrap(),
        []
    );
    assert_eq!(
        store.rows(&RowFilter::default()).await.unwrap(),
        [],
        "it is owed no more"
    );
    assert_eq!(delivered(store).await, [kept]);
}

pub async fn what_comes_late_to_a_delivered_row_is_noted_and_nothing_more(store: &Store) {
    let written = row("CA1", 1, "crm");
    let id = with_row(store, written.clone()).await;
    store
        .settle_attempt(
            &written,
            Settlement::Delivered,
            attempt(2, "answered 200", Some(200)),
        )
        .await
        .unwrap();
    let kept = store.row(&id).await.unwrap().unwrap();
    let late = [
        Settlement::Retry {
            at: at(40),
            ambiguous: true,
            error: "503".to_owned(),
        },
        Settlement::Park {
            state: RowState::Dead,
            error: "410".to_owned(),
        },
        Settlement::CutOff { at: at(7) },
        Settlement::PutBack { at: at(7) },
        Settlement::Held { until: at(7) },
    ];
    for settlement in late {
        assert!(!store.settle(&id, settlement.clone()).await.unwrap());
        assert!(
            !store
                .settle_attempt(&written, settlement, attempt(5, "answered 503", Some(503)))
                .await
                .unwrap()
        );
    }
    let mut attempts = kept.history.attempts.clone();
    attempts.push(Attempt {
        answer: None,
        ..attempt(5, "answered 503", None)
    });
    let history = History {
        attempts,
        ..kept.history.clone()
    };
    assert_eq!(store.row(&id).await.unwrap(), Some(Row { history, ..kept }));
    assert_eq!(
        store
            .lease_rows("crm", at(99_999), at(100_000), 10)
            .await
            .unwrap(),
        []
    );
}

pub async fn a_delivered_row_that_is_sent_again_is_owed_as_one_that_the_backend_may_have(
    store: &Store,
) {
    let id = with_row(store, row("CA1", 1, "crm")).await;
    store.settle(&id, Settlement::Delivered).await.unwrap();
    assert!(store.retry_row(&id, at(50)).await.unwrap());
    let again = store.row(&id).await.unwrap().unwrap();
    assert_eq!(
        (again.state, again.attempts, again.next, again.ambiguous),
        (RowState::Waiting, 0, at(50), true)
    );
    assert!(!again.last_error.is_empty());
    assert_eq!(delivered(store).await, []);
    assert_eq!(
        store
            .lease_rows("crm", at(50), at(80), 10)
            .await
            .unwrap()
            .len(),
        1
    );
    assert_eq!(store.backlog().await.unwrap()[0].rows, [0, 1, 0, 0, 0]);
    assert!(store.settle(&id, Settlement::Delivered).await.unwrap());
    assert!(store.drop_row(&id).await.unwrap());
    assert_eq!(
        (store.row(&id).await.unwrap(), delivered(store).await),
        (None, Vec::new())
    );
    assert_eq!(store.backlog().await.unwrap(), []);
}

pub async fn the_last_attempts_are_kept(store: &Store) {
    let written = row("CA1", 1, "crm");
    let id = with_row(store, written.clone()).await;
    for second in 0..20 {
        let retry = Settlement::Retry {
            at: at(second),
            ambiguous: false,
            error: "503".to_owned(),
        };
        // The same twice: its first answer may have been lost.
        for _ in 0..2 {
            let attempt = attempt(
                second,
                &"x".repeat(100 + usize::try_from(second).unwrap()),
                Some(503),
            );
            store
                .settle_attempt(&written, retry.clone(), attempt)
                .await
                .unwrap();
        }
    }
    let history = store.row(&id).await.unwrap().unwrap().history;
    assert_eq!(history.attempts.len(), ATTEMPTS);
    assert_eq!(
        (history.attempts[0].at, history.attempts[ATTEMPTS - 1].at),
        (at(4), at(19))
    );
    assert_eq!(
        history.answer.map(|answer| answer.body),
        Some(Bytes::from("503 at 19"))
    );
}

pub async fn delivered_rows_are_listed_by_when_that_was(store: &Store) {
    let rows: Vec<_> = (1..=4)
        .map(|number| row("CA1", number, if number < 4 { "crm" } else { "erp" }))
        .collect();
    done(
        store,
        Commit {
            rows: rows.clone(),
            ..turn("CA1", 0)
        },
    )
    .await;
    for (number, second) in [(2, 10), (4, 20), (1, 30)] {
        let attempt = attempt(second, "answered 200", Some(200));
        store
            .settle_attempt(&rows[number - 1], Settlement::Delivered, attempt)
            .await
            .unwrap();
    }
    let state = Some(RowState::Delivered);
    let crm = RowFilter {
        backend: Some("crm".to_owned()),
        state,
        ..RowFilter::default()
    };
    let cases = [
        (
            RowFilter {
                state,
                ..RowFilter::default()
            },
            vec![2, 4, 1],
        ),
        (
            RowFilter {
                state,
                limit: 2,
                ..RowFilter::default()
            },
            vec![2, 4],
        ),
        (crm.clone(), vec![2, 1]),
        (
            RowFilter {
                since: Some(at(21)),
                ..crm
            },
            vec![1],
        ),
        (RowFilter::default(), vec![3]),
    ];
    for (filter, numbers) in cases {
        let rows = store.rows(&filter).await.unwrap();
        assert_eq!(
            rows.iter().map(|row| row.id.key).collect::<Vec<_>>(),
            numbers,
            "{filter:?}"
        );
    }
}

pub async fn a_lease_that_ran_out_means_cut_off(store: &Store) {
    let written = row("CA1", 1, "crm");
    with_row(store, written.clone()).await;
    let leased = store.lease_rows("crm", at(30), at(60), 10).await.unwrap();
    let cut_off = Row {
        ambiguous: true,
        next: at(60),
        ..written
    };
    assert_eq!(leased, [cut_off]);
    assert_eq!(
        store.lease_rows("crm", at(59), at(90), 10).await.unwrap(),
        []
    );
}

pub async fn a_failed_attempt_is_tried_again_at_its_time(store: &Store) {
    let id = with_row(store, row("CA1", 1, "crm")).await;
    let retry = |at, ambiguous| Settlement::Retry {
        at,
        ambiguous,
        error: "503".to_owned(),
    };
    assert!(store.settle(&id, retry(at(40), false)).await.unwrap());
    let waiting = store.row(&id).await.unwrap().unwrap();
    assert_eq!(
        (waiting.state, waiting.attempts, waiting.next),
        (RowState::Waiting, 1, at(40))
    );
    assert_eq!((waiting.ambiguous, &waiting.last_error[..]), (false, "503"));
    assert_eq!(
        store.lease_rows("crm", at(39), at(70), 10).await.unwrap(),
        []
    );
    let leased = store.lease_rows("crm", at(40), at(70), 10).await.unwrap();
    assert_eq!(
        (leased[0].state, leased[0].attempts, leased[0].next),
        (RowState::Sending, 2, at(70))
    );
    assert!(!leased[0].ambiguous);
    store.settle(&id, retry(at(80), true)).await.unwrap();
    store.settle(&id, retry(at(90), false)).await.unwrap();
    assert!(
        store.row(&id).await.unwrap().unwrap().ambiguous,
        "what was once not known stays so"
    );
}

pub async fn an_attempt_cut_off_by_our_own_end_does_not_count(store: &Store) {
    let id = with_row(store, row("CA1", 1, "crm")).await;
    assert!(
        store
            .settle(&id, Settlement::CutOff { at: at(7) })
            .await
            .unwrap()
    );
    let waiting = store.row(&id).await.unwrap().unwrap();
    assert_eq!(
        (waiting.state, waiting.attempts, waiting.next),
        (RowState::Waiting, 0, at(7))
    );
    assert!(waiting.ambiguous);
    let leased = store.lease_rows("crm", at(7), at(37), 10).await.unwrap();
    assert_eq!((leased[0].attempts, leased[0].ambiguous), (1, true));
}

pub async fn a_row_that_is_held_is_leased_to_nobody_until_its_lease_ends(store: &Store) {
    let id = with_row(store, row("CA1", 1, "crm")).await;
    let before = store.row(&id).await.unwrap().unwrap();
    for until in [at(60), at(90)] {
        assert!(store.settle(&id, Settlement::Held { until }).await.unwrap());
    }
    let held = store.row(&id).await.unwrap().unwrap();
    assert_eq!(
        held,
        Row {
            state: RowState::Sending,
            next: at(90),
            ..before
        }
    );
    let lease = async |now: i64| {
        let leased = store.lease_rows("crm", at(now), at(now + 30), 10).await;
        leased.unwrap().len()
    };
    assert_eq!((lease(89).await, lease(90).await), (0, 1));
    assert!(store.settle(&id, Settlement::Delivered).await.unwrap());
    assert!(
        !store
            .settle(&id, Settlement::Held { until: at(200) })
            .await
            .unwrap(),
        "it is owed no more"
    );
    assert_eq!(lease(500).await, 0);
}

pub async fn a_parked_row_waits_for_a_person(store: &Store) {
    for (number, state) in [(1, RowState::Dead), (2, RowState::Uncertain)] {
        let id = with_row(store, row(&format!("CA{number}"), number, "crm")).await;
        assert!(
            store
                .settle(
                    &id,
                    Settlement::Park {
                        state,
                        error: "410".to_owned()
                    }
                )
                .await
                .unwrap()
        );
        let parked = store.row(&id).await.unwrap().unwrap();
        assert_eq!(
            (parked.state, parked.attempts, &parked.last_error[..]),
            (state, 1, "410")
        );
        assert_eq!(
            store
                .lease_rows("crm", at(99_999), at(100_000), 10)
                .await
                .unwrap(),
            []
        );
        assert!(store.retry_row(&id, at(50)).await.unwrap());
        let again = store.row(&id).await.unwrap().unwrap();
        assert_eq!(
            (again.state, again.attempts, again.next),
            (RowState::Waiting, 0, at(50))
        );
        let leased = store.lease_rows("crm", at(50), at(80), 10).await.unwrap();
        assert_eq!((leased.len(), leased[0].attempts), (1, 1));
        store.settle(&id, Settlement::Delivered).await.unwrap();
    }
}

pub async fn a_person_may_retry_any_row_and_what_is_not_known_stays_so(store: &Store) {
    let id = with_row(
        store,
        Row {
            ambiguous: true,
            ..row("CA1", 1, "crm")
        },
    )
    .await;
    assert!(store.retry_row(&id, at(3)).await.unwrap());
    let again = store.row(&id).await.unwrap().unwrap();
    assert_eq!(
        (again.state, again.attempts, again.ambiguous),
        (RowState::Waiting, 0, true)
    );
    assert!(
        !store
            .retry_row(&RowId { key: 9, ..id }, at(3))
            .await
            .unwrap()
    );
}

pub async fn a_dropped_row_is_gone(store: &Store) {
    let id = with_row(store, row("CA1", 1, "crm")).await;
    assert!(store.drop_row(&id).await.unwrap());
    assert!(!store.drop_row(&id).await.unwrap());
    assert_eq!(store.row(&id).await.unwrap(), None);
    assert_eq!(
        store
            .lease_rows("crm", at(999), at(1_000), 10)
            .await
            .unwrap(),
        []
    );
    assert_eq!(store.backlog().await.unwrap(), []);
}

pub async fn rows_are_leased_by_backend_soonest_first(store: &Store) {
    let waiting = |number, backend: &str, next| Row {
        state: RowState::Waiting,
        attempts: 0,
        next: at(next),
        ..row("CA1", number, backend)
    };
    let rows = vec![
        waiting(1, "crm", 30),
        waiting(2, "crm", 10),
        waiting(3, "erp", 5),
        waiting(4, "crm", 20),
    ];
    done(
        store,
        Commit {
            rows,
            ..turn("CA1", 0)
        },
    )
    .await;
    let numbers = |rows: Vec<Row>| rows.iter().map(|row| row.id.key).collect::<Vec<_>>();
    assert_eq!(
        numbers(store.lease_rows("crm", at(30), at(60), 2).await.unwrap()),
        [2, 4]
    );
    assert_eq!(
        numbers(store.lease_rows("crm", at(30), at(60), 2).await.unwrap()),
        [1]
    );
    assert_eq!(
        numbers(store.lease_rows("crm", at(30), at(60), 2).await.unwrap()),
        [0; 0]
    );
    assert_eq!(
        numbers(store.lease_rows("erp", at(30), at(60), 2).await.unwrap()),
        [3]
    );
    assert_eq!(
        numbers(store.lease_rows("none", at(30), at(60), 2).await.unwrap()),
        [0; 0]
    );
}

pub async fn lists_show_what_the_filter_admits_oldest_first(store: &Store) {
    let rows = vec![
        row("CA1", 3, "crm"),
        row("CA1", 1, "crm"),
        row("CA1", 4, "erp"),
        row("CA1", 2, "crm"),
    ];
    done(
        store,
        Commit {
            rows,
            ..turn("CA1", 0)
        },
    )
    .await;
    let id = RowId {
        sid: sid("CA1"),
        key: 2,
    };
    store
        .settle(
            &id,
            Settlement::Park {
                state: RowState::Dead,
                error: String::new(),
            },
        )
        .await
        .unwrap();
    let crm = RowFilter {
        backend: Some("crm".to_owned()),
        ..RowFilter::default()
    };
    let cases = [
        (RowFilter::default(), vec![1, 2, 3, 4]),
        (
            RowFilter {
                limit: 2,
                ..RowFilter::default()
            },
            vec![1, 2],
        ),
        (crm.clone(), vec![1, 2, 3]),
        (
            RowFilter {
                since: Some(at(2)),
                ..crm.clone()
            },
            vec![2, 3],
        ),
        (
            RowFilter {
                state: Some(RowState::Dead),
                ..RowFilter::default()
            },
            vec![2],
        ),
        (
            RowFilter {
                state: Some(RowState::Sending),
                since: Some(at(2)),
                limit: 1,
                ..crm
            },
            vec![3],
        ),
        (
            RowFilter {
                state: Some(RowState::Uncertain),
                ..RowFilter::default()
            },
            vec![],
        ),
    ];
    for (filter, numbers) in cases {
        let rows = store.rows(&filter).await.unwrap();
        assert_eq!(
            rows.iter().map(|row| row.id.key).collect::<Vec<_>>(),
            numbers,
            "{filter:?}"
        );
    }
}

/// The names on each page of a list.
async fn pages(store: &Store, filter: &RowFilter) -> Vec<Vec<RowId>> {
    let (mut pages, mut behind) = (Vec::new(), None);
    loop {
        let page = store.page(filter, behind.as_ref()).await.unwrap();
        pages.push(page.rows.into_iter().map(|row| row.id).collect());
        // As it goes through a URL.
        behind = page.more.map(|more| {
            RowPlace::parse(&more.to_string()).expect("a place is read as it is written")
        });
        if behind.is_none() {
            return pages;
        }
    }
}

/// Rows of many calls, those of a call in one moment; every third is set aside, every fifth is of another backend.
async fn with_many_rows(store: &Store) -> Vec<Row> {
    let mut all = Vec::new();
    for (call, count) in (1..=30).map(|call| (call, if call == 7 { 600 } else { 80 })) {
        let name = format!("CA{call:02}");
        let rows = (1..=count).map(|number| Row {
            state: if number % 3 == 0 {
                RowState::Dead
            } else {
                RowState::Sending
            },
            // Within a millisecond some are older than others.
            created: at(100 - call / 2) + Duration::from_micros(u64::from(number % 7)),
            ..row(&name, number, if number % 5 == 0 { "erp" } else { "crm" })
        });
        let rows: Vec<_> = rows.collect();
        done(
            store,
            Commit {
                rows: rows.clone(),
                ..turn(&name, 0)
            },
        )
        .await;
        all.extend(rows);
    }
    all.sort_by_key(|row| (row.created, row.id.clone()));
    all
}

/// Whether a list shows a row.
type IsWanted = fn(&Row) -> bool;

pub async fn a_list_of_rows_goes_on_over_pages_in_one_order(store: &Store) {
    let all = with_many_rows(store).await;
    let dead = |row: &Row| row.state == RowState::Dead;
    let erp = |row: &Row| row.backend == "erp" && row.created >= at(95);
    let cases: [(RowFilter, IsWanted); 3] = [
        (RowFilter::default(), |_| true),
        (
            RowFilter {
                state: Some(RowState::Dead),
                limit: 100,
                ..RowFilter::default()
            },
            dead,
        ),
        (
            RowFilter {
                backend: Some("erp".to_owned()),
                since: Some(at(95)),
                limit: 7,
                ..RowFilter::default()
            },
            erp,
        ),
    ];
    for (filter, is_wanted) in cases {
        let wanted: Vec<_> = all
            .iter()
            .filter(|row| is_wanted(row))
            .map(|row| row.id.clone())
            .collect();
        let pages = pages(store, &filter).await;
        assert_eq!(pages.concat(), wanted, "{filter:?}");
        // Rows of one millisecond may stand on one page though it is full: here those of three calls.
        let most = if filter.limit == 0 {
            1_000
        } else {
            filter.limit
        } + 760;
        assert!(
            pages.len() > 1 && pages.iter().all(|page| page.len() <= most),
            "{filter:?}"
        );
        if filter.limit > 0 {
            let first = store.rows(&filter).await.unwrap();
            let first: Vec<_> = first.into_iter().map(|row| row.id).collect();
            assert_eq!(first, wanted[..filter.limit], "{filter:?}");
        }
    }
    for (index, row) in all.iter().enumerate().take(600) {
        let made = attempt(200 + index as i64 / 3, "answered 200", Some(200));
        assert!(
            store
                .settle_attempt(row, Settlement::Delivered, made)
                .await
                .unwrap()
        );
    }
    let filter = RowFilter {
        state: Some(RowState::Delivered),
        limit: 500,
        ..RowFilter::default()
    };
    let delivered = pages(store, &filter).await.concat();
    let mut wanted: Vec<_> = all
        .iter()
        .take(600)
        .enumerate()
        .map(|(index, row)| (index / 3, row.id.clone()))
        .collect();
    wanted.sort();
    assert_eq!(
        delivered,
        wanted.into_iter().map(|(_, id)| id).collect::<Vec<_>>()
    );
    assert_eq!(
        pages(store, &RowFilter::default()).await.concat().len(),
        all.len() - 600
    );
}

pub async fn the_rows_of_a_call_are_those_of_no_other(store: &Store) {
    let named = Row {
        id: RowId::new(sid("CA1"), 4, 0x0123_4567_89ab_cdef),
        created: at(4),
        ..row("CA1", 4, "crm")
    };
    let mut rows = vec![row("CA1", 3, "crm"), named.clone(), row("CA1", 1, "erp")];
    rows.extend([row("CA1", 2, "crm"), row("CA1", 5, "erp")]);
    done(
        store,
        Commit {
            rows,
            ..turn("CA1", 0)
        },
    )
    .await;
    // Names that begin with that one, or look like its rows.
    for (number, other) in (1..).zip(["CA11", "CA1-1", "CA", "CA1-"]) {
        with_row(store, row(other, number, "crm")).await;
    }
    let delivered = row("CA1", 1, "erp");
    let made = attempt(31, "answered 200", Some(200));
    assert!(
        store
            .settle_attempt(&delivered, Settlement::Delivered, made)
            .await
            .unwrap()
    );
    let (state, error) = (RowState::Dead, "refused".to_owned());
    let parked = store.settle(&named.id, Settlement::Park { state, error });
    assert!(parked.await.unwrap());
    let dropped = row("CA1", 5, "erp").id;
    assert!(store.drop_row(&dropped).await.unwrap());
    let found = store.rows_of(&sid("CA1")).await.unwrap();
    let states: Vec<_> = found.iter().map(|row| (row.created, row.state)).collect();
    assert_eq!(
        states,
        [
            (at(1), RowState::Delivered),
            (at(2), RowState::Sending),
            (at(3), RowState::Sending),
            (at(4), RowState::Dead)
        ]
    );
    for row in found {
        assert_eq!(store.row(&row.id).await.unwrap(), Some(row));
    }
    assert_eq!(
        store.rows_of(&sid("CA1-1")).await.unwrap(),
        [row("CA1-1", 2, "crm")]
    );
    assert_eq!(store.rows_of(&sid("CA2")).await.unwrap(), []);
}

pub async fn a_call_may_have_many_rows(store: &Store) {
    for from in 0..5 {
        let numbers = from * 500 + 1..=from * 500 + 500;
        done(
            store,
            Commit {
                rows: numbers.map(|number| row("CA1", number, "crm")).collect(),
                ..turn("CA1", from)
            },
        )
        .await;
    }
    let rows = store.rows_of(&sid("CA1")).await.unwrap();
    let keys: Vec<_> = rows.iter().map(|row| row.id.key).collect();
    assert_eq!(keys, (1..=2_500).collect::<Vec<_>>());
}

pub async fn the_backlog_counts_rows_by_backend_and_state(store: &Store) {
    assert_eq!(store.backlog().await.unwrap(), []);
    let rows = (1..=5)
        .map(|number| row("CA1", number, if number < 5 { "crm" } else { "erp" }))
        .collect();
    done(
        store,
        Commit {
            rows,
            ..turn("CA1", 0)
        },
    )
    .await;
    let id = |number| RowId {
        sid: sid("CA1"),
        key: number,
    };
    store
        .settle(
            &id(1),
            Settlement::Park {
                state: RowState::Dead,
                error: String::new(),
            },
        )
        .await
        .unwrap();
    store
        .settle(&id(2), Settlement::CutOff { at: at(7) })
        .await
        .unwrap();
    store
        .settle(
            &id(3),
            Settlement::Park {
                state: RowState::Uncertain,
                error: String::new(),
            },
        )
        .await
        .unwrap();
    let crm = Backlog {
        backend: "crm".to_owned(),
        rows: [1, 1, 1, 1, 0],
        oldest: Some(at(2)),
    };
    let erp = Backlog {
        backend: "erp".to_owned(),
        rows: [0, 1, 0, 0, 0],
        oldest: Some(at(5)),
    };
    assert_eq!(store.backlog().await.unwrap(), [crm, erp]);
    store.settle(&id(5), Settlement::Delivered).await.unwrap();
    assert_eq!(store.backlog().await.unwrap()[1].rows, [0, 0, 0, 0, 1]);
    assert_eq!(store.backlog().await.unwrap()[1].oldest, None);
}

pub async fn a_pause_is_kept_until_it_is_resumed(store: &Store) {
    assert_eq!(store.paused().await.unwrap(), [""; 0]);
    store.pause("erp", true).await.unwrap();
    store.pause("crm", true).await.unwrap();
    store.pause("crm", true).await.unwrap();
    assert_eq!(store.paused().await.unwrap(), ["crm", "erp"]);
    store.pause("erp", false).await.unwrap();
    store.pause("none", false).await.unwrap();
    assert_eq!(store.paused().await.unwrap(), ["crm"]);
}

pub async fn a_switch_of_hours_is_kept_until_it_is_taken_back(store: &Store) {
    let switch = |open, note: &str| KeptSwitch {
        switch: HoursSwitch {
            open,
            until: at(60),
            note: note.to_owned(),
        },
        by: "the socket".to_owned(),
        at: at(1),
    };
    assert_eq!(store.switched_hours().await.unwrap(), []);
    let (storm, fair) = (switch(false, "storm"), switch(true, "fair, \"as\" ever"));
    store.switch_hours("shop", Some(&fair)).await.unwrap();
    store.switch_hours("office", Some(&fair)).await.unwrap();
    store.switch_hours("office", Some(&storm)).await.unwrap();
    let both = [
        ("office".to_owned(), storm),
        ("shop".to_owned(), fair.clone()),
    ];
    assert_eq!(store.switched_hours().await.unwrap(), both);
    store.switch_hours("office", None).await.unwrap();
    store.switch_hours("none", None).await.unwrap();
    assert_eq!(
        store.switched_hours().await.unwrap(),
        [("shop".to_owned(), fair)]
    );
}

/// An act of a name, remembered for an hour.
fn act(store: &Store, name: u64) -> ActName {
    let until = store.now() + Duration::from_hours(1);
    ActName { name, until }
}

fn allowance(store: &Store, name: u64, most: u32) -> Allowance {
    // The same for all that count together.
    let hour = store.now().as_second() / 3600 + 2;
    let until = Timestamp::from_second(hour * 3600).unwrap();
    Allowance { name, until, most }
}

pub async fn an_act_counts_all_that_it_counts_or_nothing_and_once(store: &Store) {
    let (wide, narrow) = (allowance(store, 101, 3), allowance(store, 102, 2));
    let first = act(store, 1);
    for _ in 0..5 {
        assert_eq!(store.count(first, &[narrow, wide]).await.unwrap(), None);
    }
    assert_eq!(
        store.count(act(store, 2), &[narrow, wide]).await.unwrap(),
        None
    );
    let third = act(store, 3);
    assert_eq!(store.count(third, &[wide, narrow]).await.unwrap(), Some(1));
    assert_eq!(
        store.count(act(store, 4), &[wide]).await.unwrap(),
        None,
        "the third counted nothing"
    );
    assert_eq!(store.count(act(store, 5), &[wide]).await.unwrap(), Some(0));
    assert_eq!(
        store.count(third, &[]).await.unwrap(),
        Some(1),
        "what was answered stays"
    );
    assert_eq!(store.count(act(store, 6), &[]).await.unwrap(), None);
    let none = allowance(store, 103, 0);
    assert_eq!(store.count(act(store, 7), &[none]).await.unwrap(), Some(0));
}

pub async fn what_was_counted_is_read_by_its_name_and_its_time(store: &Store) {
    let cap = allowance(store, 0x77, 5);
    let name = |name: u64| CountName {
        until: cap.until,
        name,
    };
    assert_eq!(store.counted(&[]).await.unwrap(), [] as [u32; 0]);
    assert_eq!(store.counted(&[name(cap.name)]).await.unwrap(), [0]);
    for nth in 0x70..0x73 {
        assert_eq!(store.count(act(store, nth), &[cap]).await.unwrap(), None);
    }
    let other_time = CountName {
        until: cap.until + Duration::from_secs(1),
        name: cap.name,
    };
    let names = [name(1), name(cap.name), other_time, name(cap.name)];
    assert_eq!(store.counted(&names).await.unwrap(), [0, 3, 0, 3]);
}

pub async fn of_many_acts_at_once_no_more_are_counted_than_may_be(store: &Store) {
    let cap = allowance(store, 104, 10);
    let mut acts = JoinSet::new();
    for name in 0..64 {
        let (store, act) = (store.clone(), act(store, 1_000 + name));
        acts.spawn(async move { store.count(act, &[cap]).await.unwrap() });
    }
    let counted = acts.join_all().await;
    assert_eq!(
        counted.iter().filter(|used_up| used_up.is_none()).count(),
        10
    );
}

pub async fn sealed_rows_come_back_open(store: &Store) {
    let written = Row {
        sensitive: vec!["pin".to_owned()],
        ..row("CA1", 1, "crm")
    };
    let id = with_row(store, written.clone()).await;
    assert_eq!(store.row(&id).await.unwrap(), Some(written.clone()));
    assert_eq!(
        store.rows(&RowFilter::default()).await.unwrap(),
        std::slice::from_ref(&written)
    );
    assert_eq!(
        store.lease_rows("crm", at(30), at(60), 1).await.unwrap()[0].body,
        written.body
    );
    let made = attempt(31, "answered 200", Some(200));
    store
        .settle_attempt(&written, Settlement::Delivered, made.clone())
        .await
        .unwrap();
    let kept = &delivered(store).await[0];
    assert_eq!(
        (&kept.body, &kept.history.answer),
        (&written.body, &made.answer)
    );
}

pub fn version(fingerprint: Fingerprint, recordings: &[&str]) -> StoredVersion {
    let recording = |hash: &&str| ((*hash).to_owned(), Bytes::from(format!("sound {hash}")));
    StoredVersion {
        fingerprint,
        bundle: Bytes::from(format!("bundle {fingerprint}")),
        recordings: recordings.iter().map(recording).collect(),
    }
}

pub async fn a_version_is_kept_with_its_recordings(store: &Store) {
    assert_eq!(store.version(V1).await.unwrap(), None);
    assert_eq!(store.recording("a").await.unwrap(), None);
    store
        .keep_version(&version(V2, &["a", "b"]), at(0))
        .await
        .unwrap();
    store
        .keep_version(&version(V2, &["a", "b"]), at(1))
        .await
        .unwrap();
    let kept = store.version(V2).await.unwrap().unwrap();
    assert_eq!(
        (kept.fingerprint, kept.bundle),
        (V2, version(V2, &[]).bundle)
    );
    assert_eq!(
        store.recording("b").await.unwrap(),
        Some(Bytes::from("sound b"))
    );
}

pub async fn a_version_is_forgotten_when_nothing_needs_it(store: &Store) {
    store
        .keep_version(&version(V1, &["a", "b"]), at(0))
        .await
        .unwrap();
    store
        .keep_version(&version(V2, &["b", "c"]), at(0))
        .await
        .unwrap();
    assert_eq!(
        store.forget_versions(&[], at(0)).await.unwrap(),
        0,
        "kept too lately"
    );
    assert_eq!(
        store.forget_versions(&[V1, V2], at(1)).await.unwrap(),
        0,
        "in service"
    );
    assert_eq!(store.forget_versions(&[V2], at(1)).await.unwrap(), 1);
    assert_eq!(store.version(V1).await.unwrap(), None);
    assert!(store.version(V2).await.unwrap().is_some());
    assert_eq!(store.recording("a").await.unwrap(), None);
    assert_eq!(
        store.recording("b").await.unwrap(),
        Some(Bytes::from("sound b")),
        "the other one plays it too"
    );
    store
        .keep_version(&version(V2, &["b", "c"]), at(5))
        .await
        .unwrap();
    assert_eq!(
        store.forget_versions(&[], at(5)).await.unwrap(),
        0,
        "kept again"
    );
    assert_eq!(store.forget_versions(&[], at(6)).await.unwrap(), 1);
    assert_eq!(store.recording("b").await.unwrap(), None);
}

pub async fn a_version_lives_as_long_as_a_call_runs_on_it(store: &Store) {
    for fingerprint in [V1, V2] {
        store
            .keep_version(&version(fingerprint, &[]), at(0))
            .await
            .unwrap();
    }
    let forgotten = || store.forget_versions(&[], at(1));
    done(store, turn("CA1", 0)).await;
    done(store, turn("CA2", 0)).await;
    done(
        store,
        Commit {
            version: V2,
            ..turn("CA3", 0)
        },
    )
    .await;
    done(store, last("CA1", 1)).await;
    assert_eq!(forgotten().await.unwrap(), 0);
    // A visit that begins after a version's end runs on another.
    done(
        store,
        Commit {
            version: V2,
            ..turn("CA1", 2)
        },
    )
    .await;
    done(
        store,
        Commit {
            version: V2,
            ..last("CA3", 1)
        },
    )
    .await;
    done(
        store,
        Commit {
            version: V2,
            ..turn("CA2", 1)
        },
    )
    .await;
    assert_eq!(forgotten().await.unwrap(), 1);
    assert!(store.version(V2).await.unwrap().is_some());
    done(
        store,
        Commit {
            version: V2,
            ..last("CA1", 3)
        },
    )
    .await;
    assert_eq!(forgotten().await.unwrap(), 0);
    done(
        store,
        Commit {
            version: V2,
            ..last("CA2", 2)
        },
    )
    .await;
    assert_eq!(forgotten().await.unwrap(), 1);
}

pub async fn what_was_refused_runs_on_no_version(store: &Store) {
    store.keep_version(&version(V1, &[]), at(0)).await.unwrap();
    store.keep_version(&version(V2, &[]), at(0)).await.unwrap();
    done(store, turn("CA1", 0)).await;
    behind(
        store
            .commit(Commit {
                version: V2,
                ..turn("CA1", 0)
            })
            .await,
    );
    assert!(matches!(
        store
            .commit(Commit {
                version: V2,
                ..turn("CA2", 4)
            })
            .await,
        Ok(Committed::Gone)
    ));
    done(store, last("CA3", 0)).await;
    assert_eq!(store.forget_versions(&[], at(1)).await.unwrap(), 1);
    assert!(store.version(V1).await.unwrap().is_some());
}

pub async fn a_sweep_leaves_what_runs_and_what_finished_lately(store: &Store) {
    done(
        store,
        Commit {
            due: at(-9_999_999),
            ..turn("CA1", 0)
        },
    )
    .await;
    done(store, last("CA2", 0)).await;
    assert_eq!(store.expire_finished(Timestamp::now()).await.unwrap(), 0);
    assert!(store.load(&sid("CA1")).await.unwrap().is_some());
    assert!(store.load(&sid("CA2")).await.unwrap().unwrap().finished);
}

pub async fn a_trail_has_an_entry_for_every_turn_and_none_for_one_that_was_refused(store: &Store) {
    assert_eq!(store.trail(&sid("CA1")).await.unwrap(), None);
    for from_turn in 0..5 {
        done(store, turn("CA1", from_turn)).await;
        behind(store.commit(turn("CA1", from_turn)).await);
        let turns: Vec<_> = (1..=from_turn + 1).collect();
        assert_eq!(turns_of(store, "CA1").await, turns);
    }
    store
        .mark_ended(&sid("CA1"), Ended { at: at(1) }, at(16), None)
        .await
        .unwrap();
    assert_eq!(
        store.lease_calls(at(16), at(60), 1).await.unwrap(),
        [sid("CA1")]
    );
    assert!(matches!(
        store.commit(turn("CA2", 3)).await,
        Ok(Committed::Gone)
    ));
    assert_eq!(store.trail(&sid("CA2")).await.unwrap(), None);
    done(store, last("CA1", 5)).await;
    assert_eq!(turns_of(store, "CA1").await, [1, 2, 3, 4, 5, 6]);
    let trail = store.trail(&sid("CA1")).await.unwrap().unwrap();
    assert!(trail.is_whole());
    let (first, third) = (&trail.entries[0], &trail.entries[2]);
    assert_eq!(
        first.begun.as_ref().map(|begun| begun.about.from.as_str()),
        Some("+442079460001")
    );
    assert_eq!((third.at, third.reply, &third.ways), (at(3), 3, &vec![WAY]));
    assert_eq!(
        (&third.input, third.secret),
        (&Some(Input::Keys("keys3".to_owned())), false)
    );
}

pub async fn a_trail_goes_on_over_visits(store: &Store) {
    done(store, turn("CA1", 0)).await;
    done(store, last("CA1", 1)).await;
    done(store, turn("CA1", 2)).await;
    assert_eq!(turns_of(store, "CA1").await, [1, 2, 3]);
    assert_eq!(store.calls(&CallFilter::default()).await.unwrap().len(), 1);
    done(store, turn("CA1", 3)).await;
    done(store, last("CA1", 4)).await;
    assert_eq!(turns_of(store, "CA1").await, [1, 2, 3, 4, 5]);
    let calls = store.calls(&CallFilter::default()).await.unwrap();
    assert_eq!(
        (calls.len(), calls[0].turns, calls[0].began, calls[0].last),
        (1, 5, at(1), at(5))
    );
}

pub async fn a_turn_without_an_entry_leaves_a_gap(store: &Store) {
    let silent = |commit| Commit {
        trail: Vec::new(),
        ..commit
    };
    done(store, silent(turn("CA1", 0))).await;
    assert_eq!(store.trail(&sid("CA1")).await.unwrap(), None);
    assert_eq!(store.calls(&CallFilter::default()).await.unwrap(), []);
    done(store, turn("CA1", 1)).await;
    done(store, silent(turn("CA1", 2))).await;
    done(store, turn("CA1", 3)).await;
    done(store, silent(last("CA1", 4))).await;
    let trail = store.trail(&sid("CA1")).await.unwrap().unwrap();
    assert_eq!(
        trail
            .entries
            .iter()
            .map(|entry| entry.turn)
            .collect::<Vec<_>>(),
        [2, 4]
    );
    assert!(!trail.is_whole());
    assert_eq!(
        store.calls(&CallFilter::default()).await.unwrap()[0].flow,
        None
    );
}

pub async fn a_sensitive_input_comes_back_to_who_has_the_key(store: &Store) {
    let pin = Input::Keys("4711".to_owned());
    let trail = vec![traced("CA1", 1, &pin, true)];
    done(
        store,
        Commit {
            trail,
            ..turn("CA1", 0)
        },
    )
    .await;
    let trail = store.trail(&sid("CA1")).await.unwrap().unwrap();
    assert_eq!(
        (&trail.entries[0].input, trail.entries[0].secret),
        (&Some(pin), true)
    );
}

pub async fn calls_are_listed_newest_first_as_the_filter_admits(store: &Store) {
    let over = At::Over {
        outcome: Outcome::HungUp,
        step: 3,
    };
    let begin = |name: &str, second, from: &str, place| {
        let call = Call {
            at: place,
            ..call(name, from)
        };
        let trail = vec![trace_of(call, at(second), &Input::Begin, false)];
        Commit {
            trail,
            finished: place == over,
            ..turn(name, 0)
        }
    };
    let names = |calls: Vec<Summary>| {
        calls
            .iter()
            .map(|call| call.sid.to_string())
            .collect::<Vec<_>>()
    };
    for (name, second, from, place) in [
        ("CA3", 3, "+1", over),
        ("CA1", 1, "+1", At::Step(0)),
        ("CA4", 4, "+2", over),
        ("CA2", 2, "+2", At::Step(0)),
    ] {
        done(store, begin(name, second, from, place)).await;
    }
    let main = CallFilter {
        flow: Some("main".to_owned()),
        ..CallFilter::default()
    };
    let cases = [
        (CallFilter::default(), vec!["CA4", "CA3", "CA2", "CA1"]),
        (
            CallFilter {
                limit: 3,
                ..main.clone()
            },
            vec!["CA4", "CA3", "CA2"],
        ),
        (
            CallFilter {
                flow: Some("other".to_owned()),
                ..CallFilter::default()
            },
            vec![],
        ),
        (
            CallFilter {
                from: NumberPattern::parse("+2").ok(),
                ..main.clone()
            },
            vec!["CA4", "CA2"],
        ),
        (
            CallFilter {
                outcome: Some(Outcome::HungUp),
                limit: 1,
                ..main.clone()
            },
            vec!["CA4"],
        ),
        (
            CallFilter {
                outcome: Some(Outcome::InProgress),
                ..main.clone()
            },
            vec!["CA2", "CA1"],
        ),
    ];
    for (filter, wanted) in cases {
        assert_eq!(
            names(store.calls(&filter).await.unwrap()),
            wanted,
            "{filter:?}"
        );
    }
    for (since, count) in [(at(0), 4), (at(2), 3), (at(4), 1), (at(5), 0)] {
        let filter = CallFilter {
            since: Some(since),
            ..CallFilter::default()
        };
        assert_eq!(store.calls(&filter).await.unwrap().len(), count, "{since}");
    }
    for (until, count) in [(at(0), 0), (at(1), 1), (at(3), 3), (at(5), 4)] {
        let filter = CallFilter {
            until: Some(until),
            ..CallFilter::default()
        };
        assert_eq!(store.calls(&filter).await.unwrap().len(), count, "{until}");
    }
    let calls = store.calls(&main).await.unwrap();
    let version = calls[0].flow.as_ref().unwrap().1;
    let steps = CallFilter {
        steps: Some([(version, 3)].into()),
        ..main.clone()
    };
    assert_eq!(names(store.calls(&steps).await.unwrap()), ["CA4", "CA3"]);
    assert_eq!(
        (calls[0].outcome, calls[0].step, calls[0].turns),
        (Outcome::HungUp, Some(3), 1)
    );
}

pub async fn a_list_of_calls_goes_on_over_pages(store: &Store) {
    let begin = |call: u32| {
        let (store, name) = (store.clone(), format!("CA{call}"));
        // Many in one millisecond, of which some are over.
        let trail = vec![trace_of(
            self::call(&name, ""),
            at((call / 100).into()),
            &Input::Begin,
            false,
        )];
        tokio::spawn(async move {
            store
                .commit(Commit {
                    trail,
                    finished: call.is_multiple_of(3),
                    ..turn(&name, 0)
                })
                .await
        })
    };
    for begun in (0..2_100).map(begin).collect::<Vec<_>>() {
        assert_done(begun.await.unwrap());
    }
    let calls = store.calls(&CallFilter::default()).await.unwrap();
    let sids: std::collections::BTreeSet<_> = calls.iter().map(|call| call.sid.clone()).collect();
    assert_eq!((calls.len(), sids.len()), (2_100, 2_100));
    assert_eq!(
        store
            .calls(&CallFilter {
                limit: 1_050,
                ..CallFilter::default()
            })
            .await
            .unwrap()
            .len(),
        1_050
    );
}

pub async fn an_open_store_answers_and_a_closed_one_has_done_everything(store: &Store) {
    store.ping().await.unwrap();
    done(store, turn("CA1", 0)).await;
    store.close().await.unwrap();
    store.close().await.unwrap();
}

/// Hands the list of all cases to another macro, behind what that one wants.
macro_rules! cases {
    ($then:ident $($wanted:tt)*) => {
        $then! { $($wanted)*
            a_call_that_was_never_committed_is_not_there
            a_call_begins_and_moves_on
            any_bytes_come_back
            a_commit_from_another_turn_is_behind_and_changes_nothing
            a_later_turn_of_an_unknown_call_is_gone
            of_64_simultaneous_commits_one_wins_and_all_learn_its_reply
            many_calls_begin_at_once
            the_first_mark_of_an_end_stays
            a_mark_does_not_put_a_call_off
            a_turn_keeps_the_mark_and_its_time
            a_turn_puts_an_unmarked_call_off
            an_end_told_before_the_call_begins_is_kept_for_it
            a_finished_call_keeps_the_first_sign_of_its_end
            a_new_visit_goes_on_with_the_turns
            a_visit_that_begins_after_the_end_was_told_is_over_at_once
            a_late_fact_changes_the_state_and_nothing_else
            a_late_fact_from_another_revision_is_behind_and_changes_nothing
            a_turn_that_does_not_know_of_a_late_fact_is_behind
            a_finished_call_takes_late_facts_and_stays_finished
            a_delivery_that_is_there_already_is_not_replaced
            due_calls_are_leased_soonest_first_and_once
            a_committed_row_is_leased_to_who_committed_it
            a_row_that_waits_gets_its_body_once
            a_delivered_row_is_kept_with_its_attempts_and_never_due
            what_comes_late_to_a_delivered_row_is_noted_and_nothing_more
            a_delivered_row_that_is_sent_again_is_owed_as_one_that_the_backend_may_have
            the_last_attempts_are_kept
            a_row_that_is_held_is_leased_to_nobody_until_its_lease_ends
            delivered_rows_are_listed_by_when_that_was
            a_lease_that_ran_out_means_cut_off
            a_failed_attempt_is_tried_again_at_its_time
            an_attempt_cut_off_by_our_own_end_does_not_count
            a_parked_row_waits_for_a_person
            a_person_may_retry_any_row_and_what_is_not_known_stays_so
            a_dropped_row_is_gone
            rows_are_leased_by_backend_soonest_first
            lists_show_what_the_filter_admits_oldest_first
            a_list_of_rows_goes_on_over_pages_in_one_order
            the_rows_of_a_call_are_those_of_no_other
            a_call_may_have_many_rows
            the_backlog_counts_rows_by_backend_and_state
            a_pause_is_kept_until_it_is_resumed
            a_switch_of_hours_is_kept_until_it_is_taken_back
            an_act_counts_all_that_it_counts_or_nothing_and_once
            what_was_counted_is_read_by_its_name_and_its_time
            of_many_acts_at_once_no_more_are_counted_than_may_be
            sealed_rows_come_back_open
            a_version_is_kept_with_its_recordings
            a_version_is_forgotten_when_nothing_needs_it
            a_version_lives_as_long_as_a_call_runs_on_it
            what_was_refused_runs_on_no_version
            a_sweep_leaves_what_runs_and_what_finished_lately
            a_trail_has_an_entry_for_every_turn_and_none_for_one_that_was_refused
            a_trail_goes_on_over_visits
            a_turn_without_an_entry_leaves_a_gap
            a_sensitive_input_comes_back_to_who_has_the_key
            calls_are_listed_newest_first_as_the_filter_admits
            a_list_of_calls_goes_on_over_pages
            an_open_store_answers_and_a_closed_one_has_done_everything
        }
    };
}
pub(crate) use cases;

/// Runs every case on every engine, each on a store of its own.
macro_rules! suite {
    ($($engine:ident),*) => {
        $(mod $engine {
            super::cases! { suite @cases $engine: }
        })*
    };
    (@cases $engine:ident: $($case:ident)*) => {
        $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $case() {
            let fresh = super::fresh::$engine().await;
            super::$case(&fresh.store).await;
            fresh.store.close().await.unwrap();
            drop(fresh.keep);
        })*
    };
}

suite!(memory, local, redis);
