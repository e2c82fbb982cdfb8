//! `hookswitch store`: a store is verified and copied while it is served, and a copy takes its place when it is not.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use hookswitch::store::{CallFilter, Commit, RowFilter, Store};
use redb::{Database, ReadableTable as _, TableDefinition};
use serde_json::Value;

use super::backend::Backend;
use super::caller::{Caller, LETTER};
use super::figures;
use super::server::{Plan, Server, free_port};
use super::store::{AllRows as _, assert_done, last, options, row, sid, turn};

const WELL: i32 = 0;
const FAULTS: i32 = 1;
const SURROUNDINGS: i32 = 3;

fn plan(backend: &Backend) -> Plan {
    Plan::default().pickups(backend)
}

/// Runs `hookswitch store` in a node's folder, with its settings.
fn store(server: &Server, arguments: &[&str]) -> (i32, String, String) {
    server
        .plan()
        .run(server.folder(), &[&["store"], arguments].concat())
}

#[track_caller]
fn well(server: &Server, arguments: &[&str]) -> String {
    let (code, stdout, stderr) = store(server, arguments);
    assert_eq!(code, WELL, "{arguments:?}: {stdout}{stderr}");
    stdout
}

/// A call that waits for its last key.
async fn waiting(server: &Server) -> Caller {
    let mut caller = Caller::new(server);
    caller.call("/voice/pickup").await;
    for keys in &LETTER[..LETTER.len() - 1] {
        caller.press(keys).await;
    }
    caller
}

#[tokio::test]
async fn a_backup_is_taken_while_calls_go_on_and_takes_the_place_of_what_is_lost() {
    let backend = Backend::start().await;
    let mut server = plan(&backend).start();
    let mut early = waiting(&server).await;
    let mut caller = early.another();
    caller.call("/voice/pickup").await;
    let said = well(&server, &["backup", "copy.redb"]);
    assert!(said.contains("copy.redb is written."), "{said}");
    let copy = server.folder().join("copy.redb");
    assert_eq!(
        fs::metadata(&copy).unwrap().permissions().mode() & 0o777,
        0o600
    );
    server.wait_for_log("audit=\"store backup\" by=\"control socket\"");
    let bytes = fs::read(&copy).unwrap();
    // What comes after it is not in it.
    caller.press("1").await;
    assert_eq!(server.stop(), WELL);
    let data = server.folder().join("data");
    fs::remove_file(data.join("hookswitch.redb")).unwrap();
    let (code, said) = plan(&backend).within(server.folder()).fail();
    assert_eq!(code, SURROUNDINGS, "{said}");
    let said = well(&server, &["restore", "copy.redb"]);
    assert!(said.contains("copy.redb is in its place."), "{said}");
    assert_eq!(fs::read(&copy).unwrap(), bytes, "a backup is left as it is");
    server.start();
    assert!(
        early
            .press(LETTER[LETTER.len() - 1])
            .await
            .contains("We will be there")
    );
    let received = backend.wait_for(1).await;
    assert_eq!(received[0].body["data"]["call"]["sid"], *early.sid);
    let known = server.plan().run(
        server.folder(),
        &["calls", "show", &caller.sid, "--format", "json"],
    );
    let known: Value = serde_json::from_str(&known.1).unwrap();
    assert_eq!(
        known["turns"]
            .as_array()
            .map_or(known["turns"].as_u64(), |turns| Some(turns.len() as u64)),
        Some(1)
    );
}

#[tokio::test]
async fn nothing_is_overwritten_by_a_backup_and_only_the_socket_asks_for_one() {
    let port = free_port();
    let server = Plan::default()
        .set("ADMIN__LISTEN", format!("127.0.0.1:{port}"))
        .start();
    fs::write(server.folder().join("mine"), "a letter").unwrap();
    let (code, _, said) = store(&server, &["backup", "mine"]);
    assert_eq!(code, SURROUNDINGS, "{said}");
    assert!(
        said.contains("mine cannot be written: File exists"),
        "{said}"
    );
    assert_eq!(fs::read(server.folder().join("mine")).unwrap(), b"a letter");
    let (code, _, said) = store(&server, &["backup", "no/such/folder"]);
    assert_eq!(code, SURROUNDINGS, "{said}");
    let request = figures::client().post(format!("http://127.0.0.1:{port}/api/store/backup"));
    let target = serde_json::json!({ "to": server.folder().join("theirs") });
    assert_eq!(figures::send(request.json(&target)).await.status(), 403);
    let url = format!("http://127.0.0.1:{port}");
    let (code, _, said) = store(&server, &["backup", "theirs", "--server", &url]);
    assert_eq!(code, SURROUNDINGS, "{said}");
    assert!(said.contains("on the node's own machine"), "{said}");
    assert!(!server.folder().join("theirs").exists());
    assert!(well(&server, &["verify", "--server", &url]).contains("as it was written"));
}

#[tokio::test]
async fn a_store_is_not_restored_under_a_node_that_serves_it() {
    let mut server = Plan::default().start();
    waiting(&server).await;
    well(&server, &["backup", "copy"]);
    let (code, _, said) = store(&server, &["restore", "copy"]);
    assert_eq!(code, SURROUNDINGS, "{said}");
    assert!(
        said.contains("a node answers at data/control.sock"),
        "{said}"
    );
    let elsewhere = server.plan().clone().set("DATA__DIR", "elsewhere");
    let (code, _, said) = elsewhere.run(server.folder(), &["store", "restore", "copy"]);
    assert_eq!(code, SURROUNDINGS, "{said}");
    assert!(said.contains("in use by another process"), "{said}");

    assert_eq!(server.stop(), WELL);
    let data = server.folder().join("data");
    let before = fs::read(data.join("hookswitch.redb")).unwrap();
    let said = well(&server, &["restore", "copy"]);
    let (_, aside) = said
        .split_once("What was there before is in ")
        .expect("it says so");
    let aside = server.folder().join(aside.trim().trim_end_matches('.'));
    assert_eq!(fs::read(aside.join("hookswitch.redb")).unwrap(), before);
    for left in ["hookswitch.redb.restoring", "hookswitch.redb.readable"] {
        assert!(!data.join(left).exists(), "{left}");
    }
    server.start();
}

#[tokio::test]
async fn a_damaged_store_is_found_out_and_what_can_be_read_of_it_is_saved() {
    let mut server = Plan::default().start();
    let (lost, kept) = (waiting(&server).await, waiting(&server).await);
    assert!(well(&server, &["verify"]).contains("All of it is as it was written."));
    assert_eq!(server.stop(), WELL);
    let said = well(&server, &["verify"]);
    assert!(said.starts_with("calls               2 values"), "{said}");

    let path = server.folder().join("data/hookswitch.redb");
    damage(&path, &lost.sid);
    let (code, _, said) = store(&server, &["verify"]);
    assert_eq!(code, FAULTS, "{said}");
    assert!(
        said.contains(&format!(
            "damaged: calls {}: its checksum does not fit",
            lost.sid
        )),
        "{said}"
    );
    // A copy of what is damaged says so too, and is not restored.
    let (code, _, said) = store(&server, &["backup", "copy"]);
    assert_eq!(code, FAULTS, "{said}");
    let before = fs::read(&path).unwrap();
    let (code, _, said) = store(&server, &["restore", "copy"]);
    assert_eq!(code, FAULTS, "{said}");
    assert!(
        said.contains("error: copy is damaged, and nothing was changed"),
        "{said}"
    );
    assert_eq!(fs::read(&path).unwrap(), before);
    well(&server, &["restore", "data/hookswitch.redb", "--readable"]);
    assert!(well(&server, &["verify"]).starts_with("calls               1 values"));
    server.start();
    let mut goes_on = kept.clone();
    assert!(
        goes_on
            .press(LETTER[LETTER.len() - 1])
            .await
            .contains("We will be there")
    );
    assert_eq!(server.stop(), WELL);

    fs::write(&path, &before[..before.len() / 2]).unwrap();
    let (code, _, said) = store(&server, &["verify"]);
    assert_eq!(code, FAULTS, "{said}");
    assert!(
        said.contains("the store on disk is damaged") && said.contains("store restore FILE"),
        "{said}"
    );
    let (code, _, said) = store(&server, &["restore", "no-such-file"]);
    assert_eq!(code, SURROUNDINGS, "{said}");
    assert!(said.contains("no-such-file cannot be read"), "{said}");
}

/// Changes a byte of a call, in a page that is sound.
fn damage(path: &Path, sid: &str) {
    let database = Database::open(path).unwrap();
    let transaction = database.begin_write().unwrap();
    {
        let mut calls = transaction
            .open_table(TableDefinition::<&str, &[u8]>::new("calls"))
            .unwrap();
        let mut call = calls
            .get(sid)
            .unwrap()
            .expect("it is there")
            .value()
            .to_vec();
        call[20] ^= 1;
        calls.insert(sid, &call[..]).unwrap();
    }
    transaction.commit().unwrap();
}

/// Calls come and go while a copy is taken: it has what there was at one moment, whole.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_is_of_one_moment() {
    let folder = tempfile::tempdir().unwrap();
    let open = async |folder: &Path| {
        Store::open(options(format!("local:{}", folder.display())))
            .await
            .unwrap()
    };
    let (store, ended) = (open(folder.path()).await, Arc::new(AtomicBool::new(false)));
    let commit = async |store: &Store, number: usize| {
        let name = format!("CA{number}");
        assert_done(
            store
                .commit(Commit {
                    rows: vec![row(&name, 1, "crm")],
                    ..turn(&name, 0)
                })
                .await,
        );
        assert_done(store.commit(last(&name, 1)).await);
    };
    for number in 0..300 {
        commit(&store, number).await;
    }
    let writing = tokio::spawn({
        let (store, ended) = (store.clone(), Arc::clone(&ended));
        async move {
            let mut number = 300;
            while !ended.load(Ordering::Relaxed) {
                let name = format!("CA{number}");
                assert_done(
                    store
                        .commit(Commit {
                            rows: vec![row(&name, 1, "crm")],
                            ..turn(&name, 0)
                        })
                        .await,
                );
                assert_done(store.commit(last(&name, 1)).await);
                number += 1;
            }
            number
        }
    });
    for copy in 0..5 {
        let copied = tempfile::tempdir().unwrap();
        let found = store
            .back_up(&copied.path().join("hookswitch.redb"))
            .await
            .unwrap();
        assert!(found.is_sound());
        assert!(store.verify().await.unwrap().is_sound());
        let copied = (open(copied.path()).await, copied);
        assert!(copied.0.verify().await.unwrap().is_sound());
        let (rows, calls) = (
            copied.0.rows(&RowFilter::default()).await.unwrap().len(),
            found.tables[0].values,
        );
        let trails = copied.0.calls(&CallFilter::default()).await.unwrap().len();
        assert_eq!((rows as u64, trails as u64), (calls, calls), "copy {copy}");
        for number in 0..rows {
            assert!(
                copied
                    .0
                    .load(&sid(&format!("CA{number}")))
                    .await
                    .unwrap()
                    .is_some(),
                "{number} of {rows}"
            );
        }
        copied.0.close().await.unwrap();
    }
    ended.store(true, Ordering::Relaxed);
    println!("{} calls came meanwhile", writing.await.unwrap() - 300);
    store.close().await.unwrap();
}
