//! A store on disk whose file is not what was written: damaged at any place, cut, gone, changed in one value.

use std::fs;
use std::path::{Path, PathBuf};

use hookswitch::store::{CallFilter, Commit, Error, Row, RowFilter, Store};
use redb::{Database, ReadableTable as _, TableDefinition};
use tempfile::TempDir;

use super::backend::Backend;
use super::chance::Chance;
use super::server::{Plan, is_long};
use super::store::{AllRows as _, V1, V2, assert_done, at, last, options, row, sid, turn, version};

const SURROUNDINGS: i32 = 3;

/// Calls in the store.
const CALLS: u32 = 60;

async fn open(folder: &Path) -> Result<Store, Error> {
    Store::open(options(format!("local:{}", folder.display()))).await
}

fn file(folder: &Path) -> PathBuf {
    folder.join("hookswitch.redb")
}

/// A folder with a store of everything, closed.
async fn kept() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await.unwrap();
    store
        .keep_version(&version(V1, &["a"]), at(0))
        .await
        .unwrap();
    store
        .keep_version(&version(V2, &["a", "b"]), at(1))
        .await
        .unwrap();
    for number in 0..CALLS {
        let name = format!("CA{number}");
        let rows = vec![Row {
            next: at(10),
            ..row(&name, 1, "crm")
        }];
        assert_done(
            store
                .commit(Commit {
                    rows,
                    ..turn(&name, 0)
                })
                .await,
        );
        if number % 2 == 0 {
            assert_done(store.commit(last(&name, 1)).await);
        }
    }
    store.pause("erp", true).await.unwrap();
    store.close().await.unwrap();
    folder
}

/// All that a store says, a text a question; an error where it says that it cannot.
async fn everything(store: &Store) -> Vec<Result<String, Error>> {
    fn shown(answer: Result<impl std::fmt::Debug, Error>) -> Result<String, Error> {
        answer.map(|answer| format!("{answer:?}"))
    }
    let mut all = Vec::new();
    for number in 0..CALLS {
        let sid = sid(&format!("CA{number}"));
        all.push(shown(store.load(&sid).await));
        all.push(shown(store.trail(&sid).await));
    }
    all.push(shown(store.rows(&RowFilter::default()).await));
    all.push(shown(store.calls(&CallFilter::default()).await));
    all.push(shown(store.backlog().await));
    all.push(shown(store.paused().await));
    for fingerprint in [V1, V2] {
        all.push(shown(
            store
                .version(fingerprint)
                .await
                .map(|version| version.map(|version| version.bundle)),
        ));
    }
    for hash in ["a", "b"] {
        all.push(shown(store.recording(hash).await));
    }
    all
}

async fn sound(folder: &Path) -> Vec<String> {
    let store = open(folder).await.unwrap();
    let sound = everything(&store)
        .await
        .into_iter()
        .map(Result::unwrap)
        .collect();
    store.close().await.unwrap();
    sound
}

fn is_told(error: &Error) -> bool {
    matches!(
        error,
        Error::Damaged(_) | Error::Corrupt { .. } | Error::Format { .. } | Error::Lost { .. }
    )
}

/// Opens a file of these bytes and asks it everything: what it says is true, or that it is damaged. Whether it opened.
async fn says_nothing_wrong(bytes: &[u8], sound: &[String], what: &str) -> bool {
    let folder = tempfile::tempdir().unwrap();
    fs::write(file(folder.path()), bytes).unwrap();
    let store = match open(folder.path()).await {
        Ok(store) => store,
        Err(error) => {
            assert!(is_told(&error), "{what}: {error:?}");
            return false;
        }
    };
    for (said, sound) in everything(&store).await.into_iter().zip(sound) {
        match said {
            Ok(said) => assert_eq!(said, *sound, "{what}"),
            Err(error) => assert!(is_told(&error), "{what}: {error:?}"),
        }
    }
    assert_done(store.commit(turn("CB1", 0)).await);
    store.close().await.unwrap();
    true
}

#[tokio::test]
async fn a_byte_that_is_another_anywhere_in_the_file_is_never_believed() {
    let folder = kept().await;
    let sound = sound(folder.path()).await;
    let bytes = fs::read(file(folder.path())).unwrap();
    let mut chance = Chance::new();
    let written: Vec<usize> = (0..bytes.len()).filter(|at| bytes[*at] != 0).collect();
    let some = if is_long() { 20_000 } else { 300 };
    let heads = (0..320).step_by(if is_long() { 1 } else { 3 });
    let places: Vec<_> = heads
        .chain((0..some).map(|_| written[chance.below(written.len())]))
        .collect();
    let (mut refused, mut opened) = (0, 0);
    for place in places {
        let mut damaged = bytes.clone();
        damaged[place] ^= 1 << chance.below(8);
        let what = format!(
            "byte {place} is {} and not {}",
            damaged[place], bytes[place]
        );
        if says_nothing_wrong(&damaged, &sound, &what).await {
            opened += 1;
        } else {
            refused += 1;
        }
    }
    println!(
        "of {} damaged files {refused} were refused, {opened} had lost nothing",
        refused + opened
    );
    assert!(
        refused * 10 > opened,
        "otherwise this test damages only what earlier transactions left"
    );
}

#[tokio::test]
async fn a_file_that_is_cut_is_never_believed() {
    let folder = kept().await;
    let sound = sound(folder.path()).await;
    let bytes = fs::read(file(folder.path())).unwrap();
    let lengths = [
        0,
        1,
        63,
        64,
        512,
        4_095,
        4_096,
        8_192,
        65_536,
        bytes.len() / 2,
        bytes.len() - 4_096,
        bytes.len() - 1,
    ];
    for length in lengths {
        says_nothing_wrong(&bytes[..length], &sound, &format!("cut to {length}")).await;
    }
    let folder = tempfile::tempdir().unwrap();
    fs::write(file(folder.path()), &bytes[..bytes.len() / 2]).unwrap();
    assert!(open(folder.path()).await.is_err(), "half a store is none");
}

/// Damages a value as whoever writes with redb would: its pages are sound.
fn change<K: redb::Key + 'static>(
    folder: &Path,
    name: &str,
    key: K::SelfType<'_>,
    change: impl Fn(&mut Vec<u8>),
) {
    let table = TableDefinition::<K, &[u8]>::new(name);
    let database = Database::open(file(folder)).unwrap();
    let transaction = database.begin_write().unwrap();
    {
        let mut table = transaction.open_table(table).unwrap();
        let key = K::as_bytes(&key).as_ref().to_vec();
        let mut value = table
            .get(K::from_bytes(&key))
            .unwrap()
            .expect("it is there")
            .value()
            .to_vec();
        change(&mut value);
        table.insert(K::from_bytes(&key), &value[..]).unwrap();
    }
    transaction.commit().unwrap();
}

#[tokio::test]
async fn a_value_that_is_not_what_was_written_is_told_and_hides_no_other() {
    let folder = kept().await;
    let middle = |value: &mut Vec<u8>| {
        let middle = value.len() / 2;
        value[middle] ^= 1;
    };
    change::<&str>(folder.path(), "calls", "CA1", middle);
    change::<&str>(folder.path(), "calls", "CA3", |value| value.truncate(3));
    change::<&str>(folder.path(), "recordings", "a", middle);
    change::<u64>(folder.path(), "versions", V1.0, middle);
    change::<&[u8]>(folder.path(), "rows", b"CA1\0\0\0\x01", middle);
    change::<&[u8]>(
        folder.path(),
        "trails",
        &[&at(1).as_millisecond().to_be_bytes()[..], b"CA0"].concat(),
        middle,
    );
    let store = open(folder.path()).await.unwrap();
    fn is_corrupt<T>(answer: Result<T, Error>) -> bool {
        matches!(answer, Err(Error::Corrupt { .. }))
    }
    for name in ["CA1", "CA3"] {
        assert!(is_corrupt(store.load(&sid(name)).await));
        assert!(is_corrupt(store.commit(turn(name, 1)).await));
    }
    assert!(is_corrupt(store.trail(&sid("CA0")).await));
    assert!(is_corrupt(store.recording("a").await));
    assert!(is_corrupt(store.version(V1).await));
    let row = store
        .rows(&RowFilter::default())
        .await
        .unwrap()
        .into_iter()
        .find(|row| row.id.sid.as_str() == "CA1");
    assert_eq!(row, None);
    assert_eq!(
        store.rows(&RowFilter::default()).await.unwrap().len(),
        CALLS as usize - 1
    );
    assert_eq!(
        store.calls(&CallFilter::default()).await.unwrap().len(),
        CALLS as usize - 3
    );
    assert!(store.recording("b").await.unwrap().is_some());
    assert_done(store.commit(turn("CA5", 1)).await);
    assert_done(store.commit(last("CA7", 1)).await);
    // A call whose earlier visit's trail is damaged comes to its end all the same.
    assert_done(store.commit(last("CA0", 2)).await);
    store.close().await.unwrap();
}

#[tokio::test]
async fn a_value_under_the_name_of_another_is_not_believed() {
    let folder = kept().await;
    let database = Database::open(file(folder.path())).unwrap();
    let transaction = database.begin_write().unwrap();
    let other = {
        let calls = transaction
            .open_table(TableDefinition::<&str, &[u8]>::new("calls"))
            .unwrap();
        calls
            .get("CA2")
            .unwrap()
            .expect("it is there")
            .value()
            .to_vec()
    };
    transaction.abort().unwrap();
    drop(database);
    change::<&str>(folder.path(), "calls", "CA1", |value| {
        value.clone_from(&other);
    });
    let store = open(folder.path()).await.unwrap();
    assert!(matches!(
        store.load(&sid("CA1")).await,
        Err(Error::Corrupt { .. })
    ));
    assert!(store.load(&sid("CA2")).await.unwrap().is_some());
    store.close().await.unwrap();
}

#[tokio::test]
async fn a_store_that_is_gone_or_empty_is_missed() {
    let folder = kept().await;
    let bytes = fs::read(file(folder.path())).unwrap();
    fs::remove_file(file(folder.path())).unwrap();
    assert!(matches!(
        open(folder.path()).await.err(),
        Some(Error::Lost {
            is_empty: false,
            ..
        })
    ));
    assert!(
        !file(folder.path()).exists(),
        "nothing was begun in its place"
    );
    fs::write(file(folder.path()), "").unwrap();
    assert!(matches!(
        open(folder.path()).await.err(),
        Some(Error::Lost { is_empty: true, .. })
    ));
    assert_eq!(fs::metadata(file(folder.path())).unwrap().len(), 0);
    fs::write(file(folder.path()), bytes).unwrap();
    open(folder.path()).await.unwrap().close().await.unwrap();
}

#[tokio::test]
async fn a_first_start_is_none_that_misses_a_store() {
    let folder = tempfile::tempdir().unwrap();
    for other in ["seal.key", "control.sock", "hookswitch.redb.new"] {
        fs::write(folder.path().join(other), "of a start that was cut off").unwrap();
    }
    let store = open(folder.path()).await.unwrap();
    assert_done(store.commit(turn("CA1", 0)).await);
    store.close().await.unwrap();
    // One that an earlier release left has no marker, and gets one.
    fs::remove_file(folder.path().join("hookswitch.store")).unwrap();
    let store = open(folder.path()).await.unwrap();
    assert!(store.load(&sid("CA1")).await.unwrap().is_some());
    store.close().await.unwrap();
    fs::remove_file(file(folder.path())).unwrap();
    assert!(matches!(
        open(folder.path()).await.err(),
        Some(Error::Lost { .. })
    ));
}

#[tokio::test]
async fn what_a_killed_node_was_sending_is_due_at_once_and_ambiguous() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await.unwrap();
    let rows = vec![
        Row {
            next: at(1_000),
            ..row("CA1", 1, "crm")
        },
        Row {
            next: at(1_000),
            ..row("CA1", 2, "crm")
        },
    ];
    assert_done(
        store
            .commit(Commit {
                rows,
                ..turn("CA1", 0)
            })
            .await,
    );
    let copy = tempfile::tempdir().unwrap();
    fs::copy(file(folder.path()), file(copy.path())).unwrap();
    assert_eq!(
        store.lease_rows("crm", at(10), at(40), 9).await.unwrap(),
        []
    );
    store.close().await.unwrap();

    let store = open(copy.path()).await.unwrap();
    let leased = store.lease_rows("crm", at(10), at(40), 9).await.unwrap();
    assert_eq!(
        leased
            .iter()
            .map(|row| (row.id.key, row.attempts, row.ambiguous))
            .collect::<Vec<_>>(),
        [(1, 1, true), (2, 1, true)]
    );
    assert_eq!(
        store.lease_rows("crm", at(10), at(40), 9).await.unwrap(),
        []
    );
    store.close().await.unwrap();
}

/// What a node that is to serve a folder says, and its exit code.
async fn serve(home: &Path) -> (i32, String) {
    let backend = Backend::start().await;
    let plan = Plan::default()
        .set("BACKENDS__PICKUPS__URL", backend.url())
        .within(home);
    tokio::task::spawn_blocking(move || plan.fail())
        .await
        .unwrap()
}

#[tokio::test]
async fn a_node_says_what_is_wrong_with_its_store_and_the_way_out() {
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    let kept = kept().await;
    fs::create_dir(&data).unwrap();
    for name in ["hookswitch.redb", "hookswitch.store"] {
        fs::copy(kept.path().join(name), data.join(name)).unwrap();
    }
    let bytes = fs::read(file(&data)).unwrap();
    fs::write(file(&data), &bytes[..bytes.len() / 2]).unwrap();
    let (code, said) = serve(home.path()).await;
    assert_eq!(code, SURROUNDINGS, "{said}");
    assert!(said.contains("the store on disk is damaged: "), "{said}");
    assert!(
        said.contains("help: `hookswitch store restore FILE` puts a backup in its place"),
        "{said}"
    );
    assert!(!said.contains("panicked"), "{said}");

    fs::remove_file(file(&data)).unwrap();
    let (code, said) = serve(home.path()).await;
    assert_eq!(code, SURROUNDINGS, "{said}");
    assert!(
        said.contains("the store data/hookswitch.redb is gone"),
        "{said}"
    );
    assert!(said.contains("delete hookswitch.store"), "{said}");
    let (code, _, said) = Plan::default()
        .within(home.path())
        .run(home.path(), &["calls", "list"]);
    assert_eq!(code, SURROUNDINGS, "{said}");
    assert!(said.contains("is gone"), "{said}");
    fs::remove_file(data.join("hookswitch.store")).unwrap();
    let mut server = Plan::default().within(home.path()).start();
    assert_eq!(server.stop(), 0);
    assert!(data.join("hookswitch.store").exists());
}
