//! `hookswitch graph --traffic`: what real calls took, from a node that runs and from the store of one that does not.

use super::backend::Backend;
use super::caller::{Caller, DETOUR, LETTER};
use super::server::{Plan, Server};

async fn play(server: &Server, keys: &[&str]) {
    let mut caller = Caller::new(server);
    caller.call("/voice/pickup").await;
    for keys in keys {
        caller.press(keys).await;
    }
}

/// The picture as Graphviz is told it, and what stands on stderr.
#[track_caller]
fn drawn(server: &Server, arguments: &[&str]) -> (String, String) {
    let (code, stdout, stderr) = server.plan().run(
        server.folder(),
        &[&["graph", "--format", "dot"], arguments].concat(),
    );
    assert_eq!(code, 0, "{stdout}{stderr}");
    (stdout, stderr)
}

/// What stands on the ways from one step to another.
#[track_caller]
fn way<'p>(picture: &'p str, from: &str, to: &str) -> &'p str {
    let found = picture
        .lines()
        .find(|line| line.contains(&format!("\"{from}\" -> \"{to}\"")));
    found.unwrap_or_else(|| panic!("no way from {from} to {to}:\n{picture}"))
}

#[tokio::test]
async fn the_ways_that_calls_took_are_counted() {
    let backend = Backend::start().await;
    let plan = Plan::default().pickups(&backend);
    let mut server = plan.start();
    let (nothing, told) = drawn(&server, &["pickup", "--traffic"]);
    assert!(
        nothing.contains("never") && !nothing.contains('×'),
        "{nothing}"
    );
    assert!(told.contains("No call of `pickup` is known."), "{told}");
    // A letter at once; a parcel, then a change of mind to a letter; and a caller who is gone after two turns.
    play(&server, &LETTER).await;
    play(&server, &DETOUR).await;
    play(&server, &["1", "0"]).await;
    for served in [true, false] {
        if !served {
            server.stop();
        }
        let (picture, told) = drawn(&server, &["pickup", "--traffic", "--since", "2h"]);
        assert_eq!(told, "");
        assert!(way(&picture, "welcome", "kind").contains("3×"), "{picture}");
        assert!(way(&picture, "kind", "hour").contains("2×"), "{picture}");
        assert!(way(&picture, "kind", "weight").contains("1×"), "{picture}");
        assert!(way(&picture, "confirm", "kind").contains("1×"), "{picture}");
        assert!(
            way(&picture, "kind", "operator").contains("1×"),
            "{picture}"
        );
        assert!(
            way(&picture, "connect", "missed").contains("never"),
            "{picture}"
        );
        let (none, _) = drawn(
            &server,
            &["pickup", "--traffic", "--since", "2100-01-01T00:00:00Z"],
        );
        assert!(!none.contains('×'), "{none}");
    }
    let (other, told) = drawn(&server, &["person", "--traffic"]);
    assert!(
        !other.contains('×') && told.contains("No call of `person` is known."),
        "{told}"
    );
}

#[test]
fn where_there_is_neither_a_node_nor_a_store_it_is_said() {
    let folder = tempfile::tempdir().expect("there is room");
    let (code, _, told) = Plan::default().run(folder.path(), &["graph", "pickup", "--traffic"]);
    assert_eq!(code, 3, "{told}");
    assert!(told.contains("there is no store at"), "{told}");
}
