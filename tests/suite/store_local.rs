//! What only the store on disk does: it outlives its process, and it says why it does not open.

use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use hookswitch::engine::Input;
use hookswitch::store::{
    Attempt, BackendAnswer, CallFilter, Commit, Committed, Durability, Ended, Error, Options, Row,
    RowFilter, RowState, Settlement, Store,
};
use jiff::Timestamp;
use redb::backends::InMemoryBackend;
use redb::{Database, ReadableTable as _, StorageBackend, TableDefinition};

use crate::redis_server::Redis;
use crate::store::{
    AllRows as _, KEEP_DELIVERED, KEEP_FINISHED, KEEP_TRAIL, V1, assert_done, at, attempt, last,
    options, row, sid, traced, turn, version,
};

async fn open(folder: &Path) -> Store {
    try_open(folder).await.unwrap()
}

async fn try_open(folder: &Path) -> Result<Store, Error> {
    Store::open(options(format!("local:{}", folder.display()))).await
}

#[tokio::test]
async fn everything_is_there_again_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    let rows = vec![
        row("CA1", 1, "crm"),
        Row {
            sensitive: vec!["pin".to_owned()],
            ..row("CA1", 2, "erp")
        },
    ];
    assert_done(
        store
            .commit(Commit {
                rows: rows.clone(),
                due: at(50),
                ..turn("CA1", 0)
            })
            .await,
    );
    assert_done(store.commit(last("CA2", 0)).await);
    store
        .mark_ended(&sid("CA1"), Ended { at: at(1) }, at(16), None)
        .await
        .unwrap();
    store.pause("erp", true).await.unwrap();
    store
        .keep_version(&version(V1, &["a"]), at(0))
        .await
        .unwrap();
    let (call, backlog) = (
        store.load(&sid("CA1")).await.unwrap(),
        store.backlog().await.unwrap(),
    );
    store.close().await.unwrap();

    let store = open(folder.path()).await;
    assert_eq!(store.load(&sid("CA1")).await.unwrap(), call);
    assert!(store.load(&sid("CA2")).await.unwrap().unwrap().finished);
    assert_eq!(store.backlog().await.unwrap(), backlog);
    // Nobody is sending them any more.
    let due = rows.into_iter().map(|row| Row {
        next: row.created,
        ..row
    });
    assert_eq!(
        store.rows(&RowFilter::default()).await.unwrap(),
        due.collect::<Vec<_>>()
    );
    assert_eq!(store.paused().await.unwrap(), ["erp"]);
    assert_eq!(
        store.recording("a").await.unwrap(),
        Some(Bytes::from("sound a"))
    );
    assert_eq!(
        store.forget_versions(&[], at(1)).await.unwrap(),
        0,
        "CA1 runs on it"
    );
    assert_eq!(store.lease_calls(at(15), at(60), 9).await.unwrap(), []);
    assert_eq!(
        store.lease_calls(at(16), at(60), 9).await.unwrap(),
        [sid("CA1")]
    );
    assert_eq!(
        store
            .lease_rows("crm", at(30), at(60), 9)
            .await
            .unwrap()
            .len(),
        1
    );
    assert_eq!(
        store
            .expire_finished(Timestamp::now() + KEEP_FINISHED * 2)
            .await
            .unwrap(),
        1
    );
    store.close().await.unwrap();
}

#[tokio::test]
async fn a_store_dropped_without_a_close_keeps_what_it_answered() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    assert_done(store.commit(turn("CA1", 0)).await);
    drop(store);
    // The writer ends by itself, a moment later.
    let store = loop {
        match try_open(folder.path()).await {
            Err(Error::InUse(_)) => tokio::task::yield_now().await,
            opened => break opened.unwrap(),
        }
    };
    assert!(store.load(&sid("CA1")).await.unwrap().is_some());
    store.close().await.unwrap();
}

#[tokio::test]
async fn finished_calls_go_when_their_time_is_over() {
    let folder = tempfile::tempdir().unwrap();
    let memory = Store::open(options("memory:".to_owned())).await.unwrap();
    for store in [memory, open(folder.path()).await] {
        assert_done(store.commit(turn("CA0", 0)).await);
        for call in 1..=1_500 {
            assert_done(store.commit(last(&format!("CA{call}"), 0)).await);
        }
        assert_eq!(store.expire_finished(Timestamp::now()).await.unwrap(), 0);
        assert_eq!(
            store
                .expire_finished(Timestamp::now() + KEEP_FINISHED * 2)
                .await
                .unwrap(),
            1_500
        );
        assert!(store.load(&sid("CA0")).await.unwrap().is_some());
        assert_eq!(store.load(&sid("CA9")).await.unwrap(), None);
        store.close().await.unwrap();
    }
}

#[tokio::test]
async fn trails_go_when_their_time_is_over_and_not_before_their_calls() {
    let folder = tempfile::tempdir().unwrap();
    let memory = Store::open(options("memory:".to_owned())).await.unwrap();
    for store in [memory, open(folder.path()).await] {
        assert_done(store.commit(turn("CA0", 0)).await);
        for call in 1..=1_100 {
            assert_done(store.commit(last(&format!("CA{call}"), 0)).await);
        }
        assert_done(store.commit(turn("CA1", 1)).await);
        let end = at(1) + KEEP_TRAIL;
        assert_eq!(store.expire_trails(end).await.unwrap(), 0);
        assert_eq!(
            store
                .expire_trails(end + Duration::from_millis(1))
                .await
                .unwrap(),
            1_100
        );
        let left = store.calls(&CallFilter::default()).await.unwrap();
        assert_eq!(
            left.iter()
                .map(|call| call.sid.as_str())
                .collect::<Vec<_>>(),
            ["CA1", "CA0"]
        );
        assert_eq!(store.trail(&sid("CA9")).await.unwrap(), None);
        assert!(
            store.load(&sid("CA9")).await.unwrap().is_some(),
            "what is kept of the call is another matter"
        );
        store.close().await.unwrap();
    }
}

#[tokio::test]
async fn a_file_of_a_release_that_kept_no_trails_is_taken_over() {
    const CALLS: TableDefinition<&str, &[u8]> = TableDefinition::new("calls");
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    assert_done(
        store
            .commit(Commit {
                trail: Vec::new(),
                ..turn("CA1", 0)
            })
            .await,
    );
    store.close().await.unwrap();
    let database = Database::open(folder.path().join("hookswitch.redb")).unwrap();
    let transaction = database.begin_write().unwrap();
    assert!(
        transaction
            .delete_table(TableDefinition::<&[u8], &[u8]>::new("trails"))
            .unwrap()
    );
    for name in ["begun", "paused"] {
        assert!(
            transaction
                .delete_table(TableDefinition::<&str, &[u8]>::new(name))
                .unwrap()
        );
    }
    transaction
        .open_table(TableDefinition::<&str, u64>::new("meta"))
        .unwrap()
        .insert("format", 1)
        .unwrap();
    transaction
        .open_table(TableDefinition::<&str, ()>::new("paused"))
        .unwrap()
        .insert("crm", ())
        .unwrap();
    {
        let mut calls = transaction.open_table(CALLS).unwrap();
        let call = calls.get("CA1").unwrap().unwrap().value().to_vec();
        // Behind each value stands its checksum now.
        calls.insert("CA1", &call[..call.len() - 8]).unwrap();
    }
    transaction.commit().unwrap();
    drop(database);

    let store = open(folder.path()).await;
    assert_eq!(store.paused().await.unwrap(), ["crm"]);
    assert_eq!(store.trail(&sid("CA1")).await.unwrap(), None);
    assert_eq!(store.calls(&CallFilter::default()).await.unwrap(), []);
    assert_done(store.commit(last("CA1", 1)).await);
    assert_eq!(store.calls(&CallFilter::default()).await.unwrap().len(), 1);
    store.close().await.unwrap();
}

#[tokio::test]
async fn a_file_of_a_release_that_kept_no_delivered_rows_is_taken_over() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    let written = row("CA1", 1, "crm");
    assert_done(
        store
            .commit(Commit {
                rows: vec![written.clone()],
                ..turn("CA1", 0)
            })
            .await,
    );
    store.close().await.unwrap();
    let database = Database::open(folder.path().join("hookswitch.redb")).unwrap();
    let transaction = database.begin_write().unwrap();
    assert!(
        transaction
            .delete_table(TableDefinition::<&[u8], &[u8]>::new("delivered"))
            .unwrap()
    );
    assert!(
        transaction
            .delete_table(TableDefinition::<&[u8], &[u8]>::new("delivered_at"))
            .unwrap()
    );
    assert!(
        transaction
            .delete_table(TableDefinition::<&str, &[u8]>::new("delivered_count"))
            .unwrap()
    );
    transaction.commit().unwrap();
    drop(database);

    let store = open(folder.path()).await;
    // Opening ends the lease of the node before.
    assert_eq!(
        store.row(&written.id).await.unwrap(),
        Some(Row {
            next: written.created,
            ..written.clone()
        })
    );
    assert!(
        store
            .settle(&written.id, Settlement::Delivered)
            .await
            .unwrap()
    );
    assert_eq!(
        store.row(&written.id).await.unwrap().unwrap().state,
        RowState::Delivered
    );
    store.close().await.unwrap();
}

#[tokio::test]
async fn delivered_rows_go_when_their_time_is_over() {
    let folder = tempfile::tempdir().unwrap();
    let memory = Store::open(options("memory:".to_owned())).await.unwrap();
    for store in [memory, open(folder.path()).await] {
        let rows: Vec<_> = (1..=1_200)
            .map(|number| row("CA1", number, "crm"))
            .collect();
        assert_done(
            store
                .commit(Commit {
                    rows: rows.clone(),
                    ..turn("CA1", 0)
                })
                .await,
        );
        for written in &rows[..1_100] {
            let attempt = Attempt {
                took: Duration::ZERO,
                ..attempt(1, "answered 200", Some(200))
            };
            assert!(
                store
                    .settle_attempt(written, Settlement::Delivered, attempt)
                    .await
                    .unwrap()
            );
        }
        assert_eq!(
            store.backlog().await.unwrap()[0].rows,
            [0, 100, 0, 0, 1_100]
        );
        assert_eq!(
            store
                .expire_delivered(at(1) + KEEP_DELIVERED)
                .await
                .unwrap(),
            0
        );
        assert_eq!(
            store
                .expire_delivered(at(1) + KEEP_DELIVERED + Duration::from_millis(1))
                .await
                .unwrap(),
            1_100
        );
        assert_eq!(store.row(&rows[0].id).await.unwrap(), None);
        assert_eq!(store.backlog().await.unwrap()[0].rows, [0, 100, 0, 0, 0]);
        store.close().await.unwrap();
    }
}

#[tokio::test]
async fn where_none_are_kept_a_delivered_row_is_gone() {
    let (folder, redis) = (tempfile::tempdir().unwrap(), Redis::start().await);
    for url in [
        "memory:".to_owned(),
        format!("local:{}", folder.path().display()),
        redis.url(),
    ] {
        let store = Store::open(Options {
            keep_delivered: Duration::ZERO,
            ..options(url)
        })
        .await
        .unwrap();
        let written = row("CA1", 1, "crm");
        assert_done(
            store
                .commit(Commit {
                    rows: vec![written.clone()],
                    ..turn("CA1", 0)
                })
                .await,
        );
        assert!(
            store
                .settle_attempt(
                    &written,
                    Settlement::Delivered,
                    attempt(1, "answered 200", None)
                )
                .await
                .unwrap()
        );
        assert_eq!(store.row(&written.id).await.unwrap(), None);
        assert_eq!(store.backlog().await.unwrap(), []);
        store.close().await.unwrap();
    }
}

#[tokio::test]
async fn what_is_sensitive_is_nowhere_in_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    let plain = Row {
        body: Bytes::from("plain canary"),
        ..row("CA1", 1, "crm")
    };
    let sensitive = Row {
        body: Bytes::from("secret canary"),
        sensitive: vec!["pin".to_owned()],
        ..row("CA1", 2, "crm")
    };
    assert_done(
        store
            .commit(Commit {
                rows: vec![plain.clone(), sensitive.clone()],
                ..turn("CA1", 0)
            })
            .await,
    );
    for (row, body) in [(plain, "open answer"), (sensitive, "secret canary answer")] {
        let answer = BackendAnswer {
            status: 200,
            body: Bytes::from(body),
        };
        let attempt = Attempt {
            answer: Some(answer),
            ..attempt(1, "answered 200", None)
        };
        store
            .settle_attempt(&row, Settlement::Delivered, attempt)
            .await
            .unwrap();
    }
    store.lease_rows("crm", at(30), at(60), 9).await.unwrap();
    for (number, (name, secret)) in [("open keys", false), ("secret canary keys", true)]
        .into_iter()
        .enumerate()
    {
        let number = u32::try_from(number).unwrap();
        let trail = vec![traced(
            "CA1",
            number + 2,
            &Input::Keys(name.to_owned()),
            secret,
        )];
        assert_done(
            store
                .commit(Commit {
                    trail,
                    finished: secret,
                    ..turn("CA1", number + 1)
                })
                .await,
        );
    }
    store.close().await.unwrap();
    let bytes = std::fs::read(folder.path().join("hookswitch.redb")).unwrap();
    let holds = |canary: &str| {
        bytes
            .windows(canary.len())
            .any(|window| window == canary.as_bytes())
    };
    assert!(holds("plain canary"), "otherwise this test sees nothing");
    assert!(
        holds("open keys"),
        "otherwise this test sees nothing of trails"
    );
    assert!(
        holds("open answer"),
        "otherwise this test sees nothing of answers"
    );
    assert!(!holds("secret canary"));
}

#[tokio::test]
async fn rows_sealed_with_another_key_are_put_off_and_say_so() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    let rows = vec![
        Row {
            sensitive: vec!["pin".to_owned()],
            ..row("CA1", 1, "crm")
        },
        row("CA1", 2, "crm"),
    ];
    assert_done(
        store
            .commit(Commit {
                rows,
                ..turn("CA1", 0)
            })
            .await,
    );
    store.close().await.unwrap();

    let mut other = options(format!("local:{}", folder.path().display()));
    other.seal = hookswitch::store::Seal::from_tokens(&["54321"]).unwrap();
    let store = Store::open(other).await.unwrap();
    let leased = store.lease_rows("crm", at(30), at(60), 9).await.unwrap();
    assert_eq!(leased.iter().map(|row| row.id.key).collect::<Vec<_>>(), [2]);
    let listed = store.rows(&RowFilter::default()).await.unwrap();
    assert_eq!((listed[0].next, listed[0].body.len()), (at(60), 0));
    assert_eq!(
        listed[0].last_error,
        "sealed with a key that is not set here"
    );
    store.close().await.unwrap();

    let store = open(folder.path()).await;
    let leased = store.lease_rows("crm", at(60), at(90), 9).await.unwrap();
    assert!(
        leased
            .iter()
            .any(|row| row.id.key == 1 && row.body == "{\"number\":1}")
    );
    store.close().await.unwrap();
}

#[tokio::test]
async fn the_folder_is_made_for_us_alone() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("var").join("data");
    let store = open(&data).await;
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(
        (mode(&data), mode(&data.join("hookswitch.redb"))),
        (0o700, 0o600)
    );
    assert_eq!(store.level(), Durability::File);
    assert_eq!(store.describe(), format!("local:{}", data.display()));
    store.close().await.unwrap();
}

#[tokio::test]
async fn a_store_that_cannot_be_used_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    assert!(
        matches!(try_open(folder.path()).await.err(), Some(Error::InUse(path)) if path.ends_with(".redb"))
    );
    store.close().await.unwrap();
    assert!(matches!(
        store.commit(turn("CA1", 0)).await,
        Err(Error::Closed)
    ));
    assert!(matches!(store.load(&sid("CA1")).await, Err(Error::Closed)));

    for url in ["local:", "memory:x", "data", "", "sqlite://data"] {
        let error = Store::open(options(url.to_owned())).await.err();
        assert!(matches!(error, Some(Error::Url { .. })), "{url}: {error:?}");
    }
    let file = folder.path().join("file");
    std::fs::write(&file, "no folder").unwrap();
    assert!(matches!(try_open(&file).await.err(), Some(Error::Disk(_))));
    std::fs::write(folder.path().join("hookswitch.redb"), "no database").unwrap();
    assert!(matches!(
        try_open(folder.path()).await.err(),
        Some(Error::Damaged(_))
    ));
}

#[tokio::test]
async fn a_newer_format_is_refused_and_left_alone() {
    const META: TableDefinition<&str, u64> = TableDefinition::new("meta");
    let folder = tempfile::tempdir().unwrap();
    open(folder.path()).await.close().await.unwrap();
    let path = folder.path().join("hookswitch.redb");
    let database = Database::open(&path).unwrap();
    let transaction = database.begin_write().unwrap();
    transaction
        .open_table(META)
        .unwrap()
        .insert("format", 3)
        .unwrap();
    transaction.commit().unwrap();
    drop(database);
    let error = try_open(folder.path()).await.err().unwrap();
    assert_eq!(
        error.to_string(),
        "the store has format 3, this version reads 2"
    );
}

/// A disk that is full when the test says so.
#[derive(Clone, Debug, Default)]
pub struct Disk {
    bytes: Arc<InMemoryBackend>,
    full: Arc<AtomicBool>,
}

impl Disk {
    fn check(&self) -> Result<(), io::Error> {
        if self.full.load(Ordering::SeqCst) {
            Err(io::ErrorKind::StorageFull.into())
        } else {
            Ok(())
        }
    }
}

impl StorageBackend for Disk {
    fn len(&self) -> Result<u64, io::Error> {
        self.bytes.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> Result<(), io::Error> {
        self.bytes.read(offset, out)
    }

    fn set_len(&self, len: u64) -> Result<(), io::Error> {
        self.check().and_then(|()| self.bytes.set_len(len))
    }

    fn sync_data(&self) -> Result<(), io::Error> {
        self.check().and_then(|()| self.bytes.sync_data())
    }

    fn write(&self, offset: u64, data: &[u8]) -> Result<(), io::Error> {
        self.check().and_then(|()| self.bytes.write(offset, data))
    }
}

#[tokio::test]
async fn a_full_disk_fails_everybody_and_heals_without_a_restart() {
    let disk = Disk::default();
    let given = disk.clone();
    let open = move || Database::builder().create_with_backend(given.clone());
    let store = Store::with_database(options("local:test".to_owned()), open)
        .await
        .unwrap();
    assert_done(
        store
            .commit(Commit {
                rows: vec![row("CA1", 1, "crm")],
                ..turn("CA1", 0)
            })
            .await,
    );
    for _ in 0..3 {
        disk.full.store(true, Ordering::SeqCst);
        let commits = (0..20).map(|call| {
            let store = store.clone();
            let commit = Commit {
                rows: vec![row("CA2", call, "crm")],
                ..turn(&format!("CB{call}"), 0)
            };
            tokio::spawn(async move { store.commit(commit).await })
        });
        for commit in commits.collect::<Vec<_>>() {
            let refused = commit.await.unwrap();
            assert!(matches!(refused, Err(Error::Disk(_))), "{refused:?}");
        }
        assert!(store.ping().await.is_err());
        assert!(matches!(
            store.commit(turn("CA1", 1)).await,
            Err(Error::Disk(_))
        ));
        assert!(store.is_away());
        store.try_out().await;
        assert!(store.is_away(), "the disk is still full");
        disk.full.store(false, Ordering::SeqCst);
        store.backlog().await.unwrap();
        assert!(
            store.is_away(),
            "what can be read says nothing of what can be written"
        );
        store.try_out().await;
        assert!(!store.is_away());
        assert_eq!(store.load(&sid("CA1")).await.unwrap().unwrap().turn, 1);
        assert_eq!(store.backlog().await.unwrap()[0].rows, [0, 1, 0, 0, 0]);
        assert_eq!(
            store.lease_calls(at(9_999), at(0), 9).await.unwrap(),
            [sid("CA1")]
        );
    }
    assert!(matches!(
        store.commit(turn("CA1", 1)).await,
        Ok(Committed::Done)
    ));
    store.close().await.unwrap();
}
