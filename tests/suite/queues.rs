//! Queues: what a caller hears who waits in one, how keys and limits lead out of it, and what the carrier says of its end.

use tokio::task::block_in_place;

use super::caller::{Caller, fresh_sid};
use super::folder::Folder;
use super::pair::Pair;
use super::server::{Plan, Server};

const DESK: &str = r#"
[steps.wait]
queue         = "engineers"
hold          = ["Please hold. To be called back press 1, to leave press 2.", { pause = "20s" }]
say_every     = { every = "20s", say = "You are number {{ queue.position }}." }
keys.1        = "callback"
keys.2        = "gone"
time_limit    = "2m"
on.full       = "full"
on.time_limit = "late"
on.error      = "trouble"
next          = "talked"

[steps.callback]
say  = "We call you back after {{ steps.wait.waited }} seconds."
next = "hangup"

[steps.gone]
say  = "You have left."
next = "hangup"

[steps.full]
say  = "It is full."
next = "hangup"

[steps.late]
say  = "Nobody came within {{ steps.wait.waited }} seconds."
next = "hangup"

[steps.trouble]
say  = "There was trouble."
next = "hangup"

[steps.talked]
say  = "You have talked."
next = "hangup"
"#;

/// Takes the caller out of the queue.
const LEAVES: &str = "<Response><Leave/></Response>";

/// The first piece and the second, for whoever has heard no place before.
const FIRST: &str = "Please hold.";
const SECOND: &str = "<Pause length=\"20\"/>";

fn desk() -> Folder {
    Folder::of(&[("desk.toml", DESK)])
}

/// The URL of what is heard in the queue that a caller is put into.
fn wait_url(document: &str) -> String {
    let rest = document.split(" waitUrl=\"").nth(1);
    let rest = rest.unwrap_or_else(|| panic!("no queue in {document}"));
    let url = rest.split('"').next().unwrap_or_default();
    url.split('#').next().unwrap_or_default().to_owned()
}

/// What the carrier is answered below the queue's URL.
async fn ask(caller: &mut Caller, url: &str, fields: &[(&str, &str)]) -> String {
    let fields = [&[("CallStatus", "in-progress")], fields].concat();
    let reply = caller.post(url, &fields).await.expect("the node answers");
    assert_eq!(reply.status, 200);
    let declaration = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>";
    reply.body.replace(declaration, "")
}

/// What is heard at this place after so many seconds.
async fn waits(caller: &mut Caller, url: &str, position: &str, waited: &str) -> String {
    let fields = [
        ("QueuePosition", position),
        ("QueueTime", waited),
        ("CurrentQueueSize", "9"),
    ];
    ask(caller, url, &fields).await
}

/// The wait is over, by the carrier's word.
async fn ended(caller: &mut Caller, result: &str, waited: &str) -> String {
    let fields = vec![
        ("CallStatus", "in-progress"),
        ("QueueResult", result),
        ("QueueTime", waited),
    ];
    caller.go(fields).await
}

/// What happened to a call beside its turns.
fn events(server: &Server, sid: &str) -> Vec<String> {
    let events = server.events(sid);
    let words = events.iter().map(|event| event["what"].to_string());
    words.collect()
}

#[tokio::test]
async fn pieces_follow_each_other_and_a_place_is_told_only_where_it_is_lower() {
    let folder = desk();
    let server = Plan::default().flows(folder.path()).start();
    let mut caller = Caller::new(&server);
    let first = caller.call("/voice/desk").await;
    assert!(first.contains(">engineers</Enqueue><Redirect"), "{first}");
    let url = wait_url(&first);
    let heard = waits(&mut caller, &url, "5", "0").await;
    assert!(
        heard.contains(FIRST) && !heard.contains("number"),
        "{heard}"
    );
    assert!(heard.contains(&format!("{url}/1")), "it leads on: {heard}");
    let heard = waits(&mut caller, &format!("{url}/1"), "5", "5").await;
    assert!(
        heard.contains(SECOND) && !heard.contains("<Redirect"),
        "{heard}"
    );

    let told = waits(&mut caller, &url, "4", "26").await;
    assert!(
        told.contains("You are number 4.") && told.contains(FIRST),
        "{told}"
    );
    assert_eq!(
        waits(&mut caller, &url, "4", "26").await,
        told,
        "the same request"
    );
    for (position, waited, why) in [
        ("3", "30", "it was told a moment ago"),
        ("4", "60", "it is no lower"),
        ("6", "90", "it grows"),
        ("x", "90", "it is none"),
        ("0", "90", "there is no such place"),
    ] {
        let heard = waits(&mut caller, &url, position, waited).await;
        assert!(
            heard.contains(FIRST) && !heard.contains("number"),
            "{why}: {heard}"
        );
    }
    let heard = waits(&mut caller, &url, "1", "70").await;
    assert!(heard.contains("You are number 1."), "{heard}");
    assert_eq!(
        events(&server, &caller.sid),
        [
            "{\"told\":{\"position\":4,\"waited\":26}}",
            "{\"told\":{\"position\":1,\"waited\":70}}"
        ]
    );
    let over = ended(&mut caller, "bridged", "80").await;
    assert!(over.contains("You have talked."), "{over}");
}

#[tokio::test]
async fn every_result_of_the_carrier_has_its_way_and_one_never_heard_of_is_an_error() {
    let folder = desk();
    let server = Plan::default().flows(folder.path()).start();
    for (result, heard) in [
        ("bridged", "You have talked."),
        ("bridging-in-process", "You have talked."),
        ("redirected-from-bridged", "You have talked."),
        ("queue-full", "It is full."),
        ("error", "There was trouble."),
        ("system-error", "There was trouble."),
        ("redirected", "There was trouble."),
        ("teleported", "There was trouble."),
    ] {
        let mut caller = Caller::new(&server);
        caller.call("/voice/desk").await;
        let over = ended(&mut caller, result, "7").await;
        assert!(over.contains(heard), "{result}: {over}");
    }
    server.wait_for_log("teleported");
    let mut caller = Caller::new(&server);
    caller.call("/voice/desk").await;
    let fields = vec![("CallStatus", "completed"), ("QueueResult", "hangup")];
    let over = caller.go(fields).await;
    assert!(
        !over.contains("trouble"),
        "nobody is there to hear of it: {over}"
    );
}

#[tokio::test]
async fn a_key_leaves_and_so_does_the_time_limit() {
    let folder = desk();
    let server = Plan::default().flows(folder.path()).start();
    let mut caller = Caller::new(&server);
    let url = wait_url(&caller.call("/voice/desk").await);
    let heard = ask(&mut caller, &format!("{url}/0/key"), &[("Digits", "7")]).await;
    assert!(
        heard.contains(SECOND),
        "a key that means nothing skips the piece: {heard}"
    );
    for _ in 0..2 {
        let left = ask(&mut caller, &format!("{url}/0/key"), &[("Digits", "2")]).await;
        assert_eq!(left, LEAVES);
    }
    let left = ask(&mut caller, &format!("{url}/0/key"), &[("Digits", "1")]).await;
    assert_eq!(left, LEAVES, "it is too late for another one");
    assert_eq!(
        waits(&mut caller, &url, "1", "9").await,
        LEAVES,
        "its answer was lost"
    );
    let over = ended(&mut caller, "leave", "9").await;
    assert!(over.contains("You have left."), "{over}");

    let mut caller = Caller::new(&server);
    let url = wait_url(&caller.call("/voice/desk").await);
    let heard = ask(&mut caller, &url, &[("QueueTime", "119")]).await;
    assert!(heard.contains(FIRST), "{heard}");
    let left = ask(&mut caller, &url, &[("QueueTime", "120")]).await;
    assert_eq!(left, LEAVES);
    let over = ended(&mut caller, "leave", "121").await;
    assert!(over.contains("Nobody came within 121 seconds."), "{over}");
    assert_eq!(
        events(&server, &caller.sid),
        [] as [&str; 0],
        "nothing was written"
    );
}

#[tokio::test]
async fn a_key_counts_where_the_carrier_goes_on_behind_the_queue_by_itself() {
    let folder = desk();
    let server = Plan::default().flows(folder.path()).start();
    let mut caller = Caller::new(&server);
    let url = wait_url(&caller.call("/voice/desk").await);
    ask(&mut caller, &format!("{url}/1/key"), &[("Digits", "1")]).await;
    let over = caller.go(vec![("CallStatus", "in-progress")]).await;
    assert!(over.contains("We call you back"), "{over}");
}

#[tokio::test]
async fn the_end_may_come_before_the_key_and_both_may_come_again() {
    let folder = desk();
    let server = Plan::default().flows(folder.path()).start();
    let mut caller = Caller::new(&server);
    let url = wait_url(&caller.call("/voice/desk").await);
    let turn = caller.action.clone();
    // Of the key nothing is known, so it is taken for the first.
    let over = ended(&mut caller, "leave", "9").await;
    assert!(over.contains("We call you back"), "{over}");
    let key = format!("{url}/0/key");
    assert_eq!(ask(&mut caller, &key, &[("Digits", "2")]).await, LEAVES);
    for result in ["leave", "bridged"] {
        let fields = [("CallStatus", "in-progress"), ("QueueResult", result)];
        let again = caller.go_to(&turn, &fields).await;
        assert_eq!(again, over, "{result}");
    }
    assert_eq!(events(&server, &caller.sid), [] as [&str; 0]);
}

#[tokio::test]
async fn who_is_not_waited_for_leaves_and_moves_nobody() {
    let folder = desk();
    let server = Plan::default().flows(folder.path()).start();
    let mut caller = Caller::new(&server);
    let url = wait_url(&caller.call("/voice/desk").await);
    for wrong in [
        "/wait/desk/~9-0000000000000000",
        "/wait/desk/~1/0",
        "/wait/x",
    ] {
        assert_eq!(waits(&mut caller, wrong, "1", "9").await, LEAVES, "{wrong}");
    }
    let mut stranger = caller.clone();
    stranger.sid = fresh_sid();
    let key = format!("{url}/0/key");
    assert_eq!(ask(&mut stranger, &key, &[("Digits", "1")]).await, LEAVES);
    let form = [("CallSid".to_owned(), caller.sid.clone())];
    let node = caller.nodes[0].clone();
    let unsigned = caller.send(&node, &url, &form, None);
    assert_eq!(unsigned.await.expect("the node answers").status, 403);
    let over = ended(&mut caller, "bridged", "9").await;
    assert!(over.contains("You have talked."), "{over}");
    assert_eq!(
        waits(&mut caller, &url, "1", "9").await,
        LEAVES,
        "the call goes on elsewhere"
    );
}

#[tokio::test]
async fn a_document_that_is_asked_for_again_and_again_writes_nothing() {
    let folder = desk();
    let server = Plan::default().flows(folder.path()).start();
    let mut caller = Caller::new(&server);
    let url = wait_url(&caller.call("/voice/desk").await);
    let first = waits(&mut caller, &url, "2", "25").await;
    assert!(first.contains("You are number 2."), "{first}");
    let times = if super::server::is_long() {
        10_000
    } else {
        500
    };
    for _ in 0..times {
        assert!(waits(&mut caller, &url, "2", "50").await.contains(FIRST));
    }
    assert_eq!(events(&server, &caller.sid).len(), 1);
    let over = ended(&mut caller, "bridged", "60").await;
    assert!(over.contains("You have talked."), "{over}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_and_a_place_hold_on_whichever_node_they_come_to() {
    let folder = desk();
    let pair = Pair::with(|plan| plan.flows(folder.path())).await;
    for _ in 0..4 {
        let mut caller = pair.caller();
        let url = wait_url(&caller.call("/voice/desk").await);
        let told = waits(&mut caller, &url, "3", "25").await;
        assert!(told.contains("You are number 3."), "{told}");
        let heard = waits(&mut caller, &url, "3", "50").await;
        assert!(!heard.contains("number"), "{heard}");
        for _ in 0..2 {
            let left = ask(&mut caller, &format!("{url}/0/key"), &[("Digits", "1")]).await;
            assert_eq!(left, LEAVES);
        }
        let over = ended(&mut caller, "leave", "55").await;
        assert!(
            over.contains("We call you back after 55 seconds."),
            "{over}"
        );
        let told = events(&pair.other, &caller.sid);
        assert_eq!(
            told,
            [
                "{\"told\":{\"position\":3,\"waited\":25}}",
                "{\"left\":\"1\"}"
            ]
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_goes_on_waiting_while_the_store_is_away() {
    let folder = desk();
    let pair = Pair::with(|plan| plan.flows(folder.path())).await;
    let mut caller = pair.caller();
    let url = wait_url(&caller.call("/voice/desk").await);
    pair.redis.freeze();
    let key = format!("{url}/0/key");
    let heard = ask(&mut caller, &key, &[("Digits", "2")]).await;
    assert!(
        !heard.contains("<Leave/>"),
        "it cannot be written down: {heard}"
    );
    for _ in 0..2 {
        let heard = waits(&mut caller, &url, "1", "60").await;
        assert!(
            heard.contains(FIRST) || heard.contains("<Redirect method=\"POST\">"),
            "{heard}"
        );
        assert!(
            !heard.contains("<Leave/>") && !heard.contains("<Hangup/>"),
            "{heard}"
        );
    }
    pair.redis.thaw();
    assert_eq!(ask(&mut caller, &key, &[("Digits", "2")]).await, LEAVES);
    let over = ended(&mut caller, "leave", "70").await;
    assert!(over.contains("You have left."), "{over}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_is_killed_behind_the_key_knows_by_which_the_caller_left() {
    let folder = desk();
    let mut server = Plan::default().flows(folder.path()).start();
    let mut caller = Caller::new(&server);
    let url = wait_url(&caller.call("/voice/desk").await);
    let key = format!("{url}/1/key");
    assert_eq!(ask(&mut caller, &key, &[("Digits", "2")]).await, LEAVES);
    block_in_place(|| {
        server.kill();
        server.start();
    });
    assert_eq!(
        ask(&mut caller, &key, &[("Digits", "2")]).await,
        LEAVES,
        "a repeat"
    );
    let over = ended(&mut caller, "leave", "9").await;
    assert!(over.contains("You have left."), "{over}");
}

#[tokio::test]
async fn a_queue_is_what_the_settings_say_for_callers_and_for_agents() {
    let agents = "[steps.next]\ndial = { queue = \"engineers\" }\nnext = \"hangup\"\n";
    let any = r#"
[steps.which]
menu   = "Press 1, 2 or 3."
keys.1 = { next = "take", set = { which = "engineers" } }
keys.2 = { next = "take", set = { which = "a/b?c" } }
keys.3 = { next = "room", set = { which = "a/b?c" } }

[steps.take]
dial = { queue = "{{ which }}" }
next = "hangup"

[steps.room]
dial = { conference = "{{ which }}" }
next = "hangup"
"#;
    let folder = Folder::of(&[
        ("desk.toml", DESK),
        ("agents.toml", agents),
        ("any.toml", any),
    ]);
    let plan = Plan::default().flows(folder.path());
    let named = plan.clone().set("QUEUES__ENGINEERS", "Day shift").start();
    let heard = Caller::new(&named).call("/voice/desk").await;
    assert!(heard.contains(">Day shift</Enqueue>"), "{heard}");
    let heard = Caller::new(&named).call("/voice/agents").await;
    assert!(heard.contains("<Queue>Day shift</Queue>"), "{heard}");

    let sid = format!("WW{}", "0a".repeat(16));
    let routed = plan.set("QUEUES__ENGINEERS", &sid).start();
    let heard = Caller::new(&routed).call("/voice/desk").await;
    assert!(
        heard.contains(&format!(
            "workflowSid=\"{sid}\"><Task>{{}}</Task></Enqueue>"
        )),
        "{heard}"
    );
    let heard = Caller::new(&routed).call("/voice/agents").await;
    assert!(
        heard.contains("<Hangup/>") && !heard.contains("<Dial"),
        "{heard}"
    );
    routed.wait_for_log("the carrier hands out its callers itself");

    // A name that comes from the call decides nothing but which queue it is.
    let mut caller = Caller::new(&named);
    caller.call("/voice/any").await;
    let heard = caller.press("1").await;
    assert!(heard.contains("<Queue>Day shift</Queue>"), "{heard}");
    for key in ["2", "3"] {
        let mut caller = Caller::new(&named);
        caller.call("/voice/any").await;
        let heard = caller.press(key).await;
        assert!(!heard.contains("<Dial"), "{heard}");
    }
    named.wait_for_log("a/b?c");
}

#[tokio::test]
async fn a_transfer_ends_as_the_two_codes_say_and_only_a_sip_call_is_transferred() {
    let flow = "[steps.over]\nrefer = \"sip:desk@pbx.example.com\"\non.refused = \"no\"\nnext = \"yes\"\n\n\
                [steps.no]\nsay = \"No, {{ steps.over.sip_code }} {{ steps.over.notify_code }}.\"\nnext = \"hangup\"\n\n\
                [steps.yes]\nsay = \"Yes.\"\nnext = \"hangup\"\n\n[on]\nerror = \"no\"\n";
    let folder = Folder::of(&[("back.toml", flow)]);
    let server = Plan::default().flows(folder.path()).start();
    let heard = Caller::new(&server).call("/voice/back").await;
    assert!(heard.contains("No, 0 0."), "no SIP call: {heard}");
    for (status, refer, notify, told) in [
        ("completed", "202", "200", "Yes."),
        ("in-progress", "202", "200", "Yes."),
        ("failed", "202", "486", "No, 202 486."),
        ("failed", "405", "", "No, 405 0."),
        ("no-answer", "202", "", "No, 202 0."),
        ("completed", "202", "603", "No, 202 603."),
        ("whatever", "202", "200", "No, 202 200."),
    ] {
        let mut caller = Caller::new(&server);
        "sip:anne@pbx.example.com".clone_into(&mut caller.from);
        let heard = caller.call("/voice/back").await;
        assert!(
            heard.contains("<Sip>sip:desk@pbx.example.com</Sip></Refer>"),
            "{heard}"
        );
        let fields = vec![
            ("CallStatus", "in-progress"),
            ("ReferCallStatus", status),
            ("ReferSipResponseCode", refer),
            ("NotifySipResponseCode", notify),
        ];
        let over = caller.go(fields).await;
        assert!(over.contains(told), "{status} {refer} {notify}: {over}");
    }
}
