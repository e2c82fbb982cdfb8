//! Flows that go through a file which others go through, too, while it changes, on one node and on two.

use super::backend::Backend;
use super::caller::{Caller, words};
use super::folder::Folder;
use super::redis_server::Redis;
use super::server::{Plan, Server, eventually};

/// The shared file, in one of its versions.
fn shared(version: &str) -> String {
    format!(
        r#"
        language = "en-GB"
        [args]
        why = "text"
        [gives]
        phone = {{ digits = [6, 15] }}
        [exits]
        refused = "The caller gives no number."
        [steps.ask]
        ask      = "Your number {{{{ args.why }}}}, {version}."
        into     = "phone"
        keys."*" = "return.refused"
        next     = "sure"
        [steps.sure]
        menu   = "Is it right, {version}?"
        keys.1 = "return"
        keys.2 = "ask"
        "#
    )
}

const LINE: &str = r#"
    language = "en-GB"
    give_up  = "bye"
    [answers]
    phone = { digits = [6, 15] }
    [steps.number]
    flow     = "shared/number"
    give.why = "to call you back"
    into     = { phone = "phone" }
    on.refused  = "bye"
    next     = "send"
    [steps.send]
    submit = "pickups"
    next   = "thanks"
    [steps.thanks]
    say  = "Thank you."
    next = "hangup"
    [steps.bye]
    say  = "Goodbye."
    next = "hangup"
    "#;

fn folder(version: &str) -> Folder {
    Folder::of(&[
        ("line.toml", LINE),
        ("shared/number.toml", &shared(version)),
    ])
}

async fn hears(server: &Server, path: &str) -> String {
    words(&Caller::new(server).call(path).await)
}

#[tokio::test]
async fn a_shared_file_that_changes_is_new_for_new_calls_and_the_old_one_for_those_in_it() {
    let flows = folder("old");
    let server = Plan::default().flows(flows.path()).start();
    let mut caller = Caller::new(&server);
    let heard = words(&caller.call("/voice/line").await);
    assert_eq!(heard, "Your number to call you back, old.");
    flows.write("shared/number.toml", shared("new"));
    eventually("the change is in service", async || {
        hears(&server, "/voice/line").await.contains("new.")
    })
    .await;
    assert_eq!(words(&caller.press("020794").await), "Is it right, old?");
    assert_eq!(words(&caller.press("1").await), "Thank you.");
    // A fault of it keeps both where they are.
    flows.write(
        "shared/number.toml",
        shared("broken").replace("\"sure\"", "\"nowhere\""),
    );
    server.wait_for_log("error[subflow-faulty]");
    assert!(hears(&server, "/voice/line").await.contains("new."));
}

#[tokio::test]
async fn a_flow_that_others_go_through_is_no_line() {
    let flows = folder("old");
    let server = Plan::default().flows(flows.path()).start();
    let heard = hears(&server, "/voice/shared/number").await;
    assert!(!heard.contains("Your number"), "{heard}");
    server.wait_for_log("There is no such flow in service.");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_in_a_shared_flow_goes_on_at_another_node_that_never_had_this_version() {
    let (redis, backend) = (Redis::start().await, Backend::start().await);
    let (one, other) = (folder("one"), folder("other"));
    let plan = |flows: &Folder| {
        Plan::default()
            .flows(flows.path())
            .set("STORE__URL", redis.url())
            .pickups(&backend)
    };
    let (first, second) = (plan(&one).start(), plan(&other).start());
    let mut caller = Caller::new(&first);
    assert!(words(&caller.call("/voice/line").await).contains("one."));
    caller.nodes = vec![second.url("")];
    assert_eq!(words(&caller.press("020794").await), "Is it right, one?");
    caller.nodes = vec![first.url("")];
    assert!(words(&caller.press("2").await).contains("one."));
    caller.nodes = vec![second.url("")];
    caller.press("020795").await;
    assert_eq!(words(&caller.press("1").await), "Thank you.");
    let got = backend.wait_for(1).await;
    let body = &got[0].body["data"];
    assert_eq!(body["answers"], serde_json::json!({ "phone": "020795" }));
    assert_eq!(body["call"]["flow"], "line");
}

/// What `hookswitch test` says of a call of the shared flow.
fn tested(call: &str) -> (i32, String) {
    let (flows, place) = (folder("old"), Folder::of(&[("number.toml", call)]));
    let (code, out, _) = Plan::default()
        .flows(flows.path())
        .run(place.path(), &["test", "number.toml"]);
    (code, out)
}

#[test]
fn a_test_call_gives_a_flow_what_it_needs_and_sees_by_which_exit_it_ends() {
    let call = "flow = \"shared/number\"\nargs = { why = \"for the record\" }\n[[turn]]\nstep = \"ask\"\nhears = \"Your number for the record, old.\"\npress = \"*\"\n[end]\nby = \"flow\"\nstep = \"return.refused\"\n";
    let (code, out) = tested(call);
    assert_eq!(code, 0, "{out}");
    let (code, out) = tested(&call.replace("return.refused", "return"));
    assert_eq!(code, 1, "{out}");
    assert!(out.contains("return.refused"), "{out}");
}
