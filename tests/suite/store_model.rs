//! The store on disk and the one in memory answer the same, whatever they are asked.

use std::collections::HashSet;

use bytes::Bytes;
use hookswitch::engine::Fingerprint;
use hookswitch::store::{
    Append, CallFilter, Commit, Ended, Error, Row, RowFilter, RowId, RowState, Settlement, Store,
};
use jiff::Timestamp;
use proptest::prelude::{Just, ProptestConfig, Strategy, any, prop_oneof, proptest};
use redb::Database;

use crate::store::{
    AllRows as _, KEEP_DELIVERED, KEEP_FINISHED, KEEP_TRAIL, at, attempt, fact, options, row, sid,
    trace, turn, version,
};
use crate::store_local::Disk;

/// One question, drawn from a world so small that questions meet.
#[derive(Clone, Debug)]
pub enum Ask {
    Commit {
        call: u8,
        from_turn: u32,
        step: u32,
        finished: bool,
        version: u64,
        due: i64,
        rows: Vec<(u32, bool)>,
    },
    Append {
        call: u8,
        stale: bool,
        row: (u32, bool),
    },
    Mark {
        call: u8,
        at: i64,
        due: i64,
    },
    LeaseCalls {
        now: i64,
        limit: usize,
    },
    LeaseRows {
        sealed: bool,
        now: i64,
        limit: usize,
    },
    Settle {
        row: (u8, u32),
        how: u8,
        at: i64,
    },
    Retry {
        row: (u8, u32),
        at: i64,
    },
    Drop {
        row: (u8, u32),
    },
    Pause {
        sealed: bool,
        pause: bool,
    },
    Keep {
        version: u64,
        at: i64,
    },
    Forget {
        in_service: u64,
        before: i64,
    },
    Sweep {
        later: bool,
    },
    Reopen,
}

fn a_row() -> impl Strategy<Value = (u8, u32)> {
    (0..3_u8, 1..5_u32)
}

fn a_commit() -> impl Strategy<Value = Ask> {
    let rows = proptest::collection::vec((1..5_u32, any::<bool>()), 0..3);
    let turns = (0..3_u8, 0..5_u32, 1..3_u32);
    (
        turns,
        proptest::bool::weighted(0.2),
        0..3_u64,
        0..100_i64,
        rows,
    )
        .prop_map(
            |((call, from_turn, step), finished, version, due, rows)| Ask::Commit {
                call,
                from_turn,
                step,
                finished,
                version,
                due,
                rows,
            },
        )
}

pub fn ask() -> impl Strategy<Value = Ask> {
    let time = 0..100_i64;
    prop_oneof![
        8 => a_commit(),
        2 => (0..3_u8, proptest::bool::weighted(0.2), (1..5_u32, any::<bool>()))
            .prop_map(|(call, stale, row)| Ask::Append { call, stale, row }),
        2 => (0..3_u8, time.clone(), time.clone()).prop_map(|(call, at, due)| Ask::Mark { call, at, due }),
        2 => (time.clone(), 1..3_usize).prop_map(|(now, limit)| Ask::LeaseCalls { now, limit }),
        2 => (any::<bool>(), time.clone(), 1..3_usize)
            .prop_map(|(sealed, now, limit)| Ask::LeaseRows { sealed, now, limit }),
        3 => (a_row(), 0..5_u8, time.clone()).prop_map(|(row, how, at)| Ask::Settle { row, how, at }),
        1 => (a_row(), time.clone()).prop_map(|(row, at)| Ask::Retry { row, at }),
        1 => a_row().prop_map(|row| Ask::Drop { row }),
        1 => (any::<bool>(), any::<bool>()).prop_map(|(sealed, pause)| Ask::Pause { sealed, pause }),
        1 => (0..3_u64, time.clone()).prop_map(|(version, at)| Ask::Keep { version, at }),
        1 => (0..3_u64, time).prop_map(|(in_service, before)| Ask::Forget { in_service, before }),
        1 => any::<bool>().prop_map(|later| Ask::Sweep { later }),
        1 => Just(Ask::Reopen),
    ]
}

fn name(call: u8) -> String {
    format!("CA{call}")
}

fn id((call, number): (u8, u32)) -> RowId {
    RowId {
        sid: sid(&name(call)),
        key: number.into(),
    }
}

fn backend(sealed: bool) -> &'static str {
    if sealed { "sealed" } else { "plain" }
}

fn settlement(how: u8, at: Timestamp) -> Settlement {
    let error = format!("failed {how}");
    match how {
        0 => Settlement::Delivered,
        1 => Settlement::CutOff { at },
        2 => Settlement::Park {
            state: RowState::Dead,
            error,
        },
        3 => Settlement::Park {
            state: RowState::Uncertain,
            error,
        },
        _ => Settlement::Retry {
            at,
            ambiguous: how == 4,
            error,
        },
    }
}

/// Settles a row, mostly by an attempt.
async fn settle(store: &Store, id: &RowId, how: u8, time: i64) -> Result<bool, Error> {
    let settlement = settlement(how, at(time));
    match store.row(id).await? {
        // A delivery is always an attempt's: it tells when that was.
        Some(row) if how == 0 || time % 4 != 0 => {
            let status = (time % 3 != 0).then_some(503);
            store
                .settle_attempt(&row, settlement, attempt(time, "an attempt", status))
                .await
        }
        _ => store.settle(id, settlement).await,
    }
}

fn rows(call: &str, from_turn: u32, drawn: &[(u32, bool)]) -> Vec<Row> {
    let mut seen = HashSet::new();
    let drawn = drawn.iter().filter(|(number, _)| seen.insert(*number));
    let row = |(number, sealed): &(u32, bool)| Row {
        body: Bytes::from(format!("{call} {from_turn} {number}")),
        sensitive: if *sealed {
            vec!["pin".to_owned()]
        } else {
            Vec::new()
        },
        ..row(call, *number, backend(*sealed))
    };
    drawn.map(row).collect()
}

async fn revision(store: &Store, call: &str) -> u32 {
    store
        .load(&sid(call))
        .await
        .unwrap()
        .map_or(0, |stored| stored.revision)
}

/// Asks, and puts the answer into words.
pub async fn answer(store: &Store, ask: &Ask) -> String {
    match ask.clone() {
        Ask::Commit {
            call,
            from_turn,
            step,
            finished,
            version,
            due,
            rows: drawn,
        } => {
            let call = name(call);
            let commit = Commit {
                turn: from_turn + step,
                state: Bytes::from(format!("{ask:?}")),
                finished,
                version: Fingerprint(version),
                due: at(due),
                rows: rows(&call, from_turn, &drawn),
                // Some come from a node that keeps no trails.
                trail: (due % 5 != 0)
                    .then(|| trace(&call, from_turn + step))
                    .into_iter()
                    .collect(),
                from_revision: revision(store, &call).await,
                ..turn(&call, from_turn)
            };
            format!("{:?}", store.commit(commit).await)
        }
        Ask::Append {
            call,
            stale,
            row: drawn,
        } => {
            let call = name(call);
            let from_revision = revision(store, &call).await.saturating_sub(stale.into());
            let append = Append {
                rows: rows(&call, 0, &[drawn]),
                trail: vec![trace(&call, from_revision)],
                ..fact(&call, from_revision)
            };
            format!("{:?}", store.append(append).await)
        }
        Ask::Mark {
            call,
            at: ended,
            due,
        } => {
            let call = name(call);
            let trail = (due % 5 != 0).then(|| trace(&call, 9));
            format!(
                "{:?}",
                store
                    .mark_ended(&sid(&call), Ended { at: at(ended) }, at(due), trail)
                    .await
            )
        }
        Ask::LeaseCalls { now, limit } => format!(
            "{:?}",
            store.lease_calls(at(now), at(now + 30), limit).await
        ),
        Ask::LeaseRows { sealed, now, limit } => {
            format!(
                "{:?}",
                store
                    .lease_rows(backend(sealed), at(now), at(now + 30), limit)
                    .await
            )
        }
        Ask::Settle { row, how, at: time } => {
            format!("{:?}", settle(store, &id(row), how, time).await)
        }
        Ask::Retry { row, at: time } => format!("{:?}", store.retry_row(&id(row), at(time)).await),
        Ask::Drop { row } => format!("{:?}", store.drop_row(&id(row)).await),
        Ask::Pause { sealed, pause } => format!("{:?}", store.pause(backend(sealed), pause).await),
        Ask::Keep {
            version: number,
            at: time,
        } => {
            let hash = format!("sound{}", number / 2);
            format!(
                "{:?}",
                store
                    .keep_version(&version(Fingerprint(number), &[&hash]), at(time))
                    .await
            )
        }
        Ask::Forget { in_service, before } => {
            format!(
                "{:?}",
                store
                    .forget_versions(&[Fingerprint(in_service)], at(before))
                    .await
            )
        }
        Ask::Sweep { later } => {
            let now = Timestamp::now();
            let finished = store
                .expire_finished(if later { now + KEEP_FINISHED * 2 } else { now })
                .await;
            let delivered = store
                .expire_delivered(at(50) + KEEP_DELIVERED * u32::from(later))
                .await;
            let trails = store
                .expire_trails(at(2) + KEEP_TRAIL * u32::from(later))
                .await;
            format!("{finished:?} {delivered:?} {trails:?}")
        }
        Ask::Reopen => String::new(),
    }
}

/// Everything that can be seen of a store.
pub async fn view(store: &Store) -> String {
    let delivered = RowFilter {
        state: Some(RowState::Delivered),
        ..RowFilter::default()
    };
    let mut seen = format!(
        "{:?} {:?}",
        store.rows(&RowFilter::default()).await,
        store.rows(&delivered).await
    );
    for call in 0..3 {
        seen += &format!("{:?}", store.load(&sid(&name(call))).await);
        seen += &format!("{:?}", store.trail(&sid(&name(call))).await);
        seen += &format!("{:?}", store.rows_of(&sid(&name(call))).await);
    }
    for number in 0..3 {
        seen += &format!("{:?}", store.version(Fingerprint(number)).await);
        seen += &format!("{:?}", store.recording(&format!("sound{number}")).await);
    }
    let calls = store.calls(&CallFilter::default()).await;
    seen + &format!(
        "{calls:?} {:?} {:?}",
        store.backlog().await,
        store.paused().await
    )
}

async fn open(disk: &Disk) -> Store {
    let disk = disk.clone();
    let open = move || Database::builder().create_with_backend(disk.clone());
    Store::with_database(options("local:model".to_owned()), open)
        .await
        .unwrap()
}

async fn compare(asks: &[Ask]) {
    let memory = Store::open(options("memory:".to_owned())).await.unwrap();
    let disk = Disk::default();
    let mut local = open(&disk).await;
    for (step, ask) in asks.iter().enumerate() {
        // Opening ends the leases of the node before, of which memory knows nothing: `store_local` tests that.
        let leased = RowFilter {
            state: Some(RowState::Sending),
            ..RowFilter::default()
        };
        if matches!(ask, Ask::Reopen) && memory.rows(&leased).await.unwrap().is_empty() {
            local.close().await.unwrap();
            local = open(&disk).await;
        }
        assert_eq!(
            answer(&local, ask).await,
            answer(&memory, ask).await,
            "answer {step}: {ask:?}"
        );
        assert_eq!(
            view(&local).await,
            view(&memory).await,
            "view after {step}: {ask:?}"
        );
    }
    local.close().await.unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn disk_and_memory_answer_the_same(asks in proptest::collection::vec(ask(), 1..50)) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        runtime.block_on(compare(&asks));
    }
}
