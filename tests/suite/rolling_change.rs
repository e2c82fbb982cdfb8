//! A flow is changed on one node and then on the next: every call keeps the version that it began on, at every node.

use super::backend::Backend;
use super::caller::{Caller, words};
use super::figures::get;
use super::folder::Folder;
use super::redis_server::{Redis, until};
use super::server::{Plan, Server};

const FILE: &str = "editions.toml";

/// A flow whose every word tells its edition.
fn edition(edition: &str) -> String {
    format!(
        r#"
language = "en-GB"
[answers]
first = {{ one_of = ["yes", "no"] }}
[steps.first]
menu = "{edition}, first."
into = "first"
keys.1 = {{ value = "yes", next = "second" }}
[steps.second]
menu = "{edition}, second."
keys.1 = "third"
[steps.third]
menu = "{edition}, third."
keys.1 = "send"
[steps.send]
submit = "pickups"
next = "thanks"
[steps.thanks]
say = "{edition}, thank you."
next = "hangup"
"#
    )
}

fn folder_with(name: &str) -> Folder {
    Folder::of(&[(FILE, &edition(name))])
}

/// The version in service for new calls.
async fn version(server: &Server) -> String {
    let body: serde_json::Value = get(server, "/readyz")
        .await
        .json()
        .await
        .expect("it is JSON");
    body["flows"]["editions"]
        .as_str()
        .expect("the flow is in service")
        .to_owned()
}

/// Changes a node's flow and waits until new calls get it; its version.
async fn change(server: &Server, folder: &Folder, name: &str) -> String {
    let before = version(server).await;
    folder.write(FILE, edition(name));
    until("the new edition is in service", async || {
        version(server).await != before
    })
    .await;
    version(server).await
}

/// A call and the edition that it must hear to its end.
struct Pinned {
    caller: Caller,
    edition: &'static str,
}

impl Pinned {
    async fn begin(server: &Server, edition: &'static str) -> Self {
        let mut this = Self {
            caller: Caller::new(server),
            edition,
        };
        let heard = this.caller.call("/voice/editions").await;
        assert!(
            words(&heard).starts_with(&format!("{edition}, first.")),
            "{heard}"
        );
        this
    }

    /// Presses a key at a node.
    async fn press_at(&mut self, server: &Server, hears: &str) {
        self.caller.nodes = vec![server.url("")];
        let heard = self.caller.press("1").await;
        assert!(
            words(&heard).starts_with(&format!("{}, {hears}.", self.edition)),
            "{heard}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_keep_their_version_on_every_node_while_a_change_is_rolled_out() {
    let (redis, backend) = (Redis::start().await, Backend::start().await);
    let plan = Plan::default()
        .set("STORE__URL", redis.url())
        .pickups(&backend);
    let (one_folder, other_folder) = (folder_with("Old"), folder_with("Old"));
    let mut one = plan.clone().flows(one_folder.path()).start();
    let other = plan.clone().flows(other_folder.path()).start();
    let old = version(&one).await;
    assert_eq!(
        old,
        version(&other).await,
        "the same file is the same version everywhere"
    );

    let mut calls = vec![
        Pinned::begin(&one, "Old").await,
        Pinned::begin(&other, "Old").await,
    ];
    let new = change(&one, &one_folder, "New").await;
    assert_eq!(version(&other).await, old);
    calls.extend([
        Pinned::begin(&one, "New").await,
        Pinned::begin(&one, "New").await,
    ]);
    calls.push(Pinned::begin(&other, "Old").await);
    for (call, node) in calls.iter_mut().zip([&one, &other, &one, &other, &one]) {
        call.press_at(node, "second").await;
    }

    assert_eq!(change(&other, &other_folder, "New").await, new);
    calls.push(Pinned::begin(&other, "New").await);
    // A node that comes only now has never seen the old file, nor has one that starts again.
    let late_folder = folder_with("New");
    let late = plan.flows(late_folder.path()).start();
    one.stop();
    one.start();
    for (call, node) in calls.iter_mut().zip([&late, &one, &other, &late, &one]) {
        call.press_at(node, "third").await;
    }
    calls[5].press_at(&late, "second").await;
    calls[5].press_at(&one, "third").await;
    for (call, node) in calls
        .iter_mut()
        .zip([&one, &late, &late, &one, &late, &other])
    {
        call.press_at(node, "thank you").await;
        assert!(call.caller.is_over());
    }

    let received = backend.wait_for(calls.len()).await;
    for call in &calls {
        let delivery = received
            .iter()
            .find(|row| row.id.starts_with(&call.caller.sid))
            .expect("it came");
        let version = if call.edition == "Old" { &old } else { &new };
        assert_eq!(delivery.body["data"]["call"]["version"], version.as_str());
    }
    assert_eq!(received.len(), calls.len());
}
