//! Who answers a call that we place, where the carrier finds it out while the flow goes on.

use tokio::task::block_in_place;

use super::backend::Backend;
use super::caller::Caller;
use super::carrier::{self, Placed};
use super::folder::Folder;
use super::placing::{MOBILE, calls, carrier_says, order, plan};
use super::redis_server::Redis;
use super::server::{Plan, Server};

const FLOW: &str = r#"
give_up = "bye"

[outbound]
detects = "meanwhile"

[answers]
result = { one_of = ["kept", "word"] }

[steps.hello]
say  = "Hello, this is Greenway Parcels."
next = "ask"

[steps.ask]
menu     = "If somebody will be there press 1."
into     = "result"
keys.1   = { value = "kept", next = "send" }
attempts = 1
give_up  = "who"

[steps.who]
branch = [
  { when = "call.answered_by == 'machine' or call.answered_by == 'fax'", next = "word" },
  { next = "ask_again" },
]

[steps.ask_again]
say  = "Nobody has pressed a key. Answered by <{{ call.answered_by }}>."
next = "bye"

[steps.word]
say  = "Your parcel comes tomorrow."
next = "worded"

[steps.worded]
set  = { result = "word" }
next = "send"

[steps.send]
submit = "pickups"
next   = "bye"

[steps.bye]
say  = "Goodbye."
next = "hangup"
"#;

/// A call that is placed and answered; the caller, and what was heard first.
async fn on(server: &Server, placed: &Placed) -> Caller {
    let fields = [("CallStatus", "in-progress")];
    let heard = carrier_says(server, placed, &placed.url, &fields).await;
    let heard = heard.expect("the node answers").body;
    assert!(
        heard.contains("Hello, this is Greenway Parcels."),
        "{heard}"
    );
    let mut caller = Caller::new(server);
    caller.sid.clone_from(&placed.sid);
    caller.follow(&heard);
    caller
}

/// The carrier reports who answered.
async fn found_out(server: &Server, placed: &Placed, by: &str) -> u16 {
    let fields = [("AnsweredBy", by), ("MachineDetectionDuration", "2400")];
    let reply = carrier_says(server, placed, &placed.answered, &fields).await;
    reply.expect("the node answers").status
}

async fn placed_by(server: &Server, api: &carrier::Carrier, key: &str, count: usize) -> Placed {
    let body = serde_json::json!({ "flow": "remind", "to": MOBILE });
    let (status, view) = order(server, key, &body).await;
    assert_eq!(status, 202, "{view}");
    calls(api, count).await.remove(count - 1)
}

async fn a_machine_that_is_found_out_meanwhile_is_read_by_the_flow(store: Option<&str>) {
    let (folder, api, backend) = (
        Folder::of(&[("remind.toml", FLOW)]),
        carrier::Carrier::start().await,
        Backend::start().await,
    );
    let mut plan = plan(&folder, &api, &backend);
    if let Some(url) = store {
        plan = plan.set("STORE__URL", url);
    }
    let server = plan.start();
    let placed = placed_by(&server, &api, "k1", 1).await;
    assert_eq!(placed.detection, "Enable");
    assert_eq!(placed.answered, format!("{}/answered", placed.url));
    let mut caller = on(&server, &placed).await;
    // A word that nobody knows says nothing; the first that is known counts, however often something is told.
    for by in ["robot", "machine_start", "machine_start", "human"] {
        assert_eq!(found_out(&server, &placed, by).await, 204, "{by}");
    }
    let heard = caller.silent().await;
    assert!(heard.contains("Your parcel comes tomorrow."), "{heard}");
    backend.wait_for(1).await;
    let story = block_in_place(|| {
        let words = ["calls", "show", &placed.sid];
        server.plan().run(server.folder(), &words).1
    });
    assert_eq!(story.matches("answered by: machine").count(), 1, "{story}");
    // What comes after the end of the call is noted with nobody's harm.
    assert_eq!(found_out(&server, &placed, "human").await, 204);

    // Where nothing is told, the flow knows nothing; what is told of no call is nobody's.
    let quiet = placed_by(&server, &api, "k2", 2).await;
    let mut caller = on(&server, &quiet).await;
    let stranger = Placed {
        sid: format!("CA{:032x}", 0xdead),
        ..quiet.clone()
    };
    assert_eq!(found_out(&server, &stranger, "machine_start").await, 204);
    let heard = caller.silent().await;
    assert!(heard.contains("Answered by &lt;&gt;."), "{heard}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_that_is_found_out_meanwhile_is_read_by_the_flow_in_memory() {
    a_machine_that_is_found_out_meanwhile_is_read_by_the_flow(None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_that_is_found_out_meanwhile_is_read_by_the_flow_on_redis() {
    let redis = Redis::start().await;
    a_machine_that_is_found_out_meanwhile_is_read_by_the_flow(Some(&redis.url())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_store_is_away_the_carrier_is_told_to_come_again() {
    let (folder, api, backend) = (
        Folder::of(&[("remind.toml", FLOW)]),
        carrier::Carrier::start().await,
        Backend::start().await,
    );
    let redis = Redis::start().await;
    let plan = plan(&folder, &api, &backend);
    let server = plan.set("STORE__URL", redis.url()).start();
    let placed = placed_by(&server, &api, "k1", 1).await;
    let mut caller = on(&server, &placed).await;
    redis.freeze();
    assert_eq!(found_out(&server, &placed, "machine_start").await, 503);
    redis.thaw();
    assert_eq!(found_out(&server, &placed, "machine_start").await, 204);
    let heard = caller.silent().await;
    assert!(heard.contains("Your parcel comes tomorrow."), "{heard}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_can_say_who_answered_without_a_signature() {
    let (folder, api, backend) = (
        Folder::of(&[("remind.toml", FLOW)]),
        carrier::Carrier::start().await,
        Backend::start().await,
    );
    let server = plan(&folder, &api, &backend).start();
    let placed = placed_by(&server, &api, "k1", 1).await;
    let mut caller = on(&server, &placed).await;
    let path = placed.answered.clone();
    let path = path
        .strip_prefix(super::server::PUBLIC_URL)
        .expect("it is ours");
    let form = caller.form(&[("AnsweredBy", "machine_start")]);
    let sent = Caller::new(&server);
    let reply = sent
        .send(&server.url(""), path, &form, Some("forged"))
        .await;
    assert_eq!(reply.expect("the node answers").status, 403);
    let heard = caller.silent().await;
    assert!(heard.contains("Answered by &lt;&gt;."), "{heard}");
}

#[test]
fn a_test_call_says_who_answers() {
    let call = |placed: &str, hears: &str| {
        let head = format!("flow = \"remind\"\nplaced = \"{placed}\"\n");
        format!("{head}\n[[turn]]\nsilent = true\n\n[end]\nhears = \"{hears}\"\n")
    };
    let submitted =
        "\n[submitted.pickups]\ntype = \"submission.complete\"\nanswers = { result = \"word\" }\n";
    let folder = Folder::of(&[
        ("flows/remind.toml", FLOW),
        (
            "calls/machine.toml",
            &(call("machine", "Your parcel comes tomorrow. Goodbye.") + submitted),
        ),
        (
            "calls/person.toml",
            &call("answered", "… Answered by <human>. Goodbye."),
        ),
    ]);
    let plan = Plan::default().flows(&folder.path().join("flows"));
    let (code, told, wrong) = plan.run(folder.path(), &["test", "calls"]);
    assert_eq!(code, 0, "{told}{wrong}");
    assert!(told.contains("2 passed"), "{told}");
}
