//! Every outcome of every action that waits is taken by a call in `tests/calls`, and these calls go as they are written on
//! every store.

use std::collections::BTreeSet;
use std::sync::Arc;

use hookswitch::cli::stage;
use hookswitch::engine::steps;
use hookswitch::replay;
use hookswitch::web::InProcess;
use hookswitch::web::flows::Flows;
use tempfile::TempDir;

use super::architecture::{none, root};
use super::check_mutations::samples;
use super::redis_server::Redis;

/// An action, and one of its outcomes.
type Taken = (String, String);

/// The outcomes of all actions.
fn all() -> BTreeSet<Taken> {
    let names = steps::KINDS.iter().map(|kind| kind.name);
    names
        .flat_map(|name| {
            let outcomes = steps::outcomes(name).iter();
            outcomes.map(|outcome| (name.to_owned(), outcome.name.to_owned()))
        })
        .collect()
}

/// The files of calls, in the order of their names.
fn files() -> Vec<String> {
    let folder = root().join("tests/calls");
    let entries = std::fs::read_dir(&folder).expect("the calls are there");
    let paths = entries.map(|entry| entry.expect("it can be read").path());
    let mut paths: Vec<String> = paths.map(|path| path.display().to_string()).collect();
    paths.sort();
    paths
}

/// Plays all calls on a node with this store: the outcomes that they take, and what goes otherwise than it is written.
async fn play_all(store: &str) -> (BTreeSet<Taken>, Vec<String>) {
    let (_folder, folders) = samples(None);
    let (flows, _) = Flows::open(folders);
    let node = InProcess::start_on(store, Arc::new(flows), None).await;
    let node = node.expect("it starts");
    let (mut taken, mut wrong) = (BTreeSet::new(), Vec::new());
    for file in files() {
        let text = std::fs::read_to_string(&file).expect("it can be read");
        let script = replay::read(&Arc::from(file.as_str()), text);
        let script = script.unwrap_or_else(|diags| panic!("{file}: {diags:?}"));
        let sid = stage::sid(&script);
        let (played, left) = stage::play(&script, &node, &sid)
            .await
            .expect("it is played");
        let failures = replay::judge(&script, &played, Some(&left));
        wrong.extend(
            failures
                .iter()
                .map(|failure| format!("{file}: {}", failure.diag.message)),
        );
        let outcomes = node.outcomes(&sid).await.expect("the store can be read");
        taken.extend(
            outcomes
                .into_iter()
                .map(|(action, outcome)| (action.to_owned(), outcome)),
        );
    }
    (taken, wrong)
}

async fn every_outcome_is_taken_on(store: &str) {
    let (taken, wrong) = play_all(store).await;
    none("calls that go otherwise than they are written", wrong);
    let all = all();
    let missing = all
        .difference(&taken)
        .map(|(action, outcome)| format!("{action}: {outcome}"));
    none(
        "outcomes that no call in tests/calls takes",
        missing.collect(),
    );
}

#[actix_web::test]
async fn a_call_takes_each_outcome_of_each_action_in_memory() {
    every_outcome_is_taken_on("memory:").await;
}

#[actix_web::test]
async fn a_call_takes_each_outcome_of_each_action_on_disk() {
    let folder = TempDir::new().expect("a folder");
    every_outcome_is_taken_on(&format!("local:{}", folder.path().display())).await;
}

#[actix_web::test]
async fn a_call_takes_each_outcome_of_each_action_on_redis() {
    let redis = Redis::start().await;
    every_outcome_is_taken_on(&redis.url()).await;
}
