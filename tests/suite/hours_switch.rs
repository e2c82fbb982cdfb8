//! Opening hours that an operator switches while callers call: at one node, and on every other.

use super::caller::{Caller, words};
use super::folder::Folder;
use super::pair::Pair;
use super::server::{Plan, Server, eventually};

/// Hours that never open by themselves on the days of a test, and a flow that says so.
fn project() -> Folder {
    Folder::of(&[
        (
            "flows/line.toml",
            "language = \"en-GB\"
[steps.a]
say  = \"{{ 'Open' if hours.shop.open else 'Closed' }} {{ hours.shop.note }}.\"
next = \"hangup\"
",
        ),
        (
            "hours/shop.toml",
            "zone = \"Europe/London\"\ndays.\"2020-01-01\" = \"08:00-12:00\"\n",
        ),
    ])
}

fn plan(project: &Folder) -> Plan {
    Plan::default()
        .flows(&project.path().join("flows"))
        .hours(&project.path().join("hours"))
}

async fn hears(server: &Server) -> String {
    words(&Caller::new(server).call("/voice/line").await)
}

/// Runs `hookswitch hours` in the node's folder; what it prints, where all is well.
#[track_caller]
fn hours(server: &Server, arguments: &[&str]) -> String {
    let arguments = [&["hours"], arguments].concat();
    let (code, stdout, stderr) = server.plan().run(server.folder(), &arguments);
    assert_eq!(code, 0, "{arguments:?}: {stdout}{stderr}");
    stdout
}

#[tokio::test]
async fn a_switch_holds_at_once_and_past_a_restart_until_it_is_taken_back() {
    let project = project();
    let mut server = plan(&project).start();
    assert_eq!(hears(&server).await, "Closed .");
    let told = hours(
        &server,
        &[
            "open",
            "shop",
            "--until",
            "2099-12-24T14:00",
            "--note",
            "fair",
        ],
    );
    assert_eq!(told, "shop: open until Thursday 2099-12-24 14:00\n");
    assert_eq!(hears(&server).await, "Open fair.");
    let listed = hours(&server, &["switched"]);
    assert!(
        listed.starts_with(
            "shop: open until 2099-12-24T14:00:00Z, \"fair\" (by the control socket, "
        ),
        "{listed}"
    );
    let shown = hours(&server, &["shop"]);
    assert!(
        shown.starts_with(
            "shop (Europe/London): open, closes Thursday 2099-12-24 14:00\n  switched: open until \
             Thursday 2099-12-24 14:00, \"fair\" (by the control socket, "
        ),
        "{shown}"
    );
    server.wait_for_log("Opening hours were switched.");
    server.restart();
    eventually("the switch is read", async || {
        hears(&server).await == "Open fair."
    })
    .await;
    assert_eq!(
        hours(&server, &["clear", "shop"]),
        "shop: as its file says\n"
    );
    assert_eq!(hears(&server).await, "Closed .");
    assert_eq!(hours(&server, &["switched"]), "");
    server.stop();
    let shown = hours(&server, &["shop"]);
    assert!(!shown.contains("switched"), "{shown}");
    // Where no node runs, the store itself is switched.
    hours(
        &server,
        &[
            "close",
            "shop",
            "--until",
            "2099-12-24T14:00",
            "--note",
            "storm",
        ],
    );
    server.start();
    eventually("the switch is read", async || {
        hears(&server).await == "Closed storm."
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_switch_at_one_node_holds_at_every_other() {
    let project = project();
    let (flows, shop) = (project.path().join("flows"), project.path().join("hours"));
    let Pair {
        one,
        other,
        redis: _redis,
        backend: _backend,
    } = Pair::with(|plan| plan.flows(&flows).hours(&shop)).await;
    assert_eq!(hears(&other).await, "Closed .");
    hours(
        &one,
        &[
            "open",
            "shop",
            "--until",
            "2099-12-24T14:00",
            "--note",
            "fair",
        ],
    );
    assert_eq!(hears(&one).await, "Open fair.");
    eventually("the other node reads the switch", async || {
        hears(&other).await == "Open fair."
    })
    .await;
    hours(&other, &["clear", "shop"]);
    eventually("the first node reads it too", async || {
        hears(&one).await == "Closed ."
    })
    .await;
}

#[tokio::test]
async fn a_switch_that_cannot_be_is_refused_in_words() {
    let project = project();
    let server = plan(&project).start();
    let refused = |arguments: &[&str]| {
        let (code, _, error) = server
            .plan()
            .run(server.folder(), &[&["hours"], arguments].concat());
        (code, error)
    };
    let (code, error) = refused(&["close", "shop", "--until", "2020-01-01T10:00"]);
    assert!(code == 2 && error.contains("is over"), "{code}: {error}");
    let (code, error) = refused(&["close", "shop", "--until", "soon"]);
    assert!(
        code == 2 && error.contains("`soon` is no time"),
        "{code}: {error}"
    );
    let (code, error) = refused(&["close", "shp", "--until", "2099-01-01T10:00"]);
    assert!(
        code == 3 && error.contains("did you mean `shop`?"),
        "{code}: {error}"
    );
    assert_eq!(refused(&["close", "shop"]).0, 2, "a switch has an end");
}
