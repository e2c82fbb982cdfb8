//! Legs: the calls that a dial places. What whoever answers hears and decides, and how each of them ends.

use std::time::Duration;

use serde_json::Value;
use tokio::task::{JoinSet, block_in_place};

use super::caller::{Caller, fresh_sid};
use super::chance::Chance;
use super::folder::Folder;
use super::pair::Pair;
use super::server::{Plan, Server};

const ON_CALL: &str = r#"
[contacts]
amy = "+442079460011"
bo  = "+442079460012"

[steps.hunt]
dial          = ["amy", "bo"]
ring          = "in_turn"
whisper       = "A call from {{ call.from }}. To take it press 1, to pass it on press 2."
accept        = "1"
decline       = "2"
on.unanswered = "nobody"
next          = "helped"

[steps.helped]
say  = "{{ steps.hunt.by }} has helped you."
next = "hangup"

[steps.nobody]
say  = "Nobody took the call: {{ steps.hunt.outcome }}."
next = "hangup"
"#;

const ALL: &str = r#"
[contacts]
amy = "+442079460011"
bo  = "+442079460012"

[steps.all]
dial = ["amy", "bo"]
next = "over"

[steps.over]
say  = "You talked with {{ steps.all.by }}."
next = "hangup"
"#;

/// Hangs up on whoever answered.
const HANGS_UP: &str = "<Response><Hangup/></Response>";

fn lines() -> Folder {
    Folder::of(&[("on_call.toml", ON_CALL), ("all.toml", ALL)])
}

/// A leg: a call of its own, which the carrier places for another.
#[derive(Clone)]
struct Leg {
    caller: Caller,
    parent: String,
    to: &'static str,
    url: String,
}

impl Leg {
    /// The leg of this place in the document that a caller heard last.
    fn of(caller: &Caller, place: usize, to: &'static str) -> Self {
        let status = attribute(&caller.last, "statusCallback", place);
        let (url, _) = status.split_once("/status").expect("a leg reports its end");
        let mut leg = caller.clone();
        leg.sid = fresh_sid();
        Self {
            caller: leg,
            parent: caller.sid.clone(),
            to,
            url: url.to_owned(),
        }
    }

    /// What it is answered below its URL.
    async fn ask(&mut self, below: &str, more: &[(&str, &str)]) -> (u16, String) {
        let (parent, path) = (self.parent.clone(), format!("{}{below}", self.url));
        let fixed = [
            ("ParentCallSid", parent.as_str()),
            ("Direction", "outbound-dial"),
            ("To", self.to),
        ];
        let fields = [&fixed[..], more].concat();
        let reply = self.caller.post(&path, &fields).await;
        let reply = reply.expect("the node answers");
        let bare = reply
            .body
            .replace("<?xml version=\"1.0\" encoding=\"UTF-8\"?>", "");
        (reply.status, bare)
    }

    /// What whoever answers hears.
    async fn answers(&mut self) -> String {
        self.ask("", &[("CallStatus", "in-progress")]).await.1
    }

    /// What comes of a key.
    async fn presses(&mut self, key: &str) -> String {
        let fields = [("CallStatus", "in-progress"), ("Digits", key)];
        self.ask("/key", &fields).await.1
    }

    /// The carrier says how it goes.
    async fn is(&mut self, status: &str) {
        let fields = [("CallStatus", status), ("CallDuration", "7")];
        assert_eq!(self.ask("/status", &fields).await.0, 204);
    }
}

/// The value of an attribute, of the one at this place that has it.
fn attribute(document: &str, name: &str, place: usize) -> String {
    let begin = format!(" {name}=\"");
    let rest = document.split(&begin).nth(place + 1);
    let rest = rest.unwrap_or_else(|| panic!("no {name} in {document}"));
    rest.split('"').next().unwrap_or_default().to_owned()
}

/// The dial has come to its end.
async fn dialled(caller: &mut Caller, bridged: &str) -> String {
    let fields = vec![
        ("CallStatus", "in-progress"),
        ("DialCallStatus", "completed"),
        ("DialBridged", bridged),
    ];
    caller.go(fields).await
}

/// The events of a call, in words.
fn events(server: &Server, sid: &str) -> Vec<String> {
    let word = |event: &Value| format!("{} {} {}", event["event"], event["leg"], event["what"]);
    server.events(sid).iter().map(word).collect()
}

#[tokio::test]
async fn a_key_takes_the_call_and_a_mailbox_is_passed() {
    let folder = lines();
    let server = Plan::default().flows(folder.path()).start();
    let mut caller = Caller::new(&server);
    let first = caller.call("/voice/on_call").await;
    assert!(first.contains(">+442079460011</Number>"), "{first}");
    let mut amy = Leg::of(&caller, 0, "+442079460011");
    let heard = amy.answers().await;
    assert!(
        heard.contains("A call from +442079460001. To take it press 1"),
        "{heard}"
    );
    assert!(heard.ends_with("</Gather><Hangup/></Response>"), "{heard}");
    assert_eq!(
        amy.answers().await,
        heard,
        "the same request, the same document"
    );

    let second = dialled(&mut caller, "true").await;
    assert!(
        second.contains(">+442079460012</Number>"),
        "nobody pressed a key: {second}"
    );
    assert_eq!(amy.answers().await, HANGS_UP, "the leg has lost");
    assert_eq!(amy.presses("1").await, HANGS_UP);

    let mut bo = Leg::of(&caller, 0, "+442079460012");
    bo.answers().await;
    assert_eq!(bo.presses("1").await, "<Response></Response>");
    assert_eq!(bo.presses("1").await, "<Response></Response>", "a repeat");
    let over = dialled(&mut caller, "true").await;
    assert!(over.contains("bo has helped you."), "{over}");
}

#[tokio::test]
async fn who_turns_the_call_down_is_told_from_who_does_not_answer() {
    let folder = lines();
    let server = Plan::default().flows(folder.path()).start();
    let mut caller = Caller::new(&server);
    caller.call("/voice/on_call").await;
    let mut amy = Leg::of(&caller, 0, "+442079460011");
    amy.answers().await;
    assert_eq!(amy.presses("2").await, HANGS_UP);
    dialled(&mut caller, "false").await;
    let over = caller.dialled("no-answer").await;
    assert!(over.contains("Nobody took the call: declined."), "{over}");
}

#[tokio::test]
async fn who_is_not_waited_for_is_hung_up_on() {
    let folder = lines();
    let server = Plan::default().flows(folder.path()).start();
    let mut caller = Caller::new(&server);
    caller.call("/voice/on_call").await;
    let mut stranger = Leg::of(&caller, 0, "+442079460011");
    let url = stranger.url.clone();
    for wrong in [
        "/leg/on_call/~9-0000000000000000/0",
        "/leg/on_call/~1/0",
        "/leg/x",
    ] {
        wrong.clone_into(&mut stranger.url);
        assert_eq!(stranger.answers().await, HANGS_UP, "{wrong}");
    }
    stranger.url = url;
    stranger.parent = fresh_sid();
    assert_eq!(stranger.presses("1").await, HANGS_UP, "another call");
    stranger.parent = "not a name".to_owned();
    assert_eq!(stranger.presses("1").await, HANGS_UP, "no call");
    let form = [("CallSid".to_owned(), fresh_sid())];
    let node = stranger.caller.nodes[0].clone();
    let unsigned = stranger.caller.send(&node, &stranger.url, &form, None);
    assert_eq!(unsigned.await.expect("the node answers").status, 403);
    let over = dialled(&mut caller, "true").await;
    assert!(
        over.contains(">+442079460012</Number>"),
        "nobody has taken the call: {over}"
    );
}

#[tokio::test]
async fn each_leg_ends_in_the_calls_story_once_whenever_that_comes() {
    let folder = lines();
    let server = Plan::default().flows(folder.path()).start();
    let mut caller = Caller::new(&server);
    caller.call("/voice/all").await;
    let mut amy = Leg::of(&caller, 0, "+442079460011");
    let mut bo = Leg::of(&caller, 1, "+442079460012");
    bo.is("in-progress").await;
    bo.is("in-progress").await;
    amy.is("canceled").await;
    let over = dialled(&mut caller, "true").await;
    assert!(over.contains("You talked with bo."), "{over}");
    // After the call is over, and twice.
    bo.is("completed").await;
    bo.is("completed").await;
    amy.is("canceled").await;
    assert_eq!(
        events(&server, &caller.sid),
        [
            "\"leg\" 2 \"answered\"",
            "\"leg\" 1 {\"ended\":{\"status\":\"canceled\",\"seconds\":7,\"sip\":null}}",
            "\"leg\" 2 {\"ended\":{\"status\":\"completed\",\"seconds\":7,\"sip\":null}}",
        ]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_call_is_taken_whichever_node_the_key_comes_to() {
    let folder = lines();
    let pair = Pair::with(|plan| plan.flows(folder.path())).await;
    for _ in 0..4 {
        let mut caller = pair.caller();
        caller.call("/voice/on_call").await;
        let mut amy = Leg::of(&caller, 0, "+442079460011");
        amy.answers().await;
        assert_eq!(amy.presses("1").await, "<Response></Response>");
        let over = dialled(&mut caller, "true").await;
        assert!(over.contains("amy has helped you."), "{over}");
        let told = events(&pair.other, &caller.sid);
        assert_eq!(told, ["\"leg\" 1 \"accepted\""]);
    }
}

/// A request of a leg.
#[derive(Clone, Copy)]
enum Asks {
    Answer,
    Key,
    Status(&'static str),
}

/// Sends a request of a leg one to three times, to either node: once now, and else up to two seconds late.
async fn several_times(leg: &Leg, asks: Asks, chance: &mut Chance, late: &mut JoinSet<u16>) -> u16 {
    let send = |wait: Duration, node: usize| {
        let mut leg = leg.clone();
        leg.caller.nodes = vec![leg.caller.nodes[node].clone()];
        async move {
            tokio::time::sleep(wait).await;
            let running = [("CallStatus", "in-progress")];
            let key = [("CallStatus", "in-progress"), ("Digits", "1")];
            let asked = match asks {
                Asks::Answer => leg.ask("", &running).await,
                Asks::Key => leg.ask("/key", &key).await,
                Asks::Status(status) => leg.ask("/status", &[("CallStatus", status)]).await,
            };
            asked.0
        }
    };
    for _ in 0..chance.below(3) {
        let wait = chance.time_up_to(Duration::from_secs(2));
        late.spawn(send(wait, chance.below(2)));
    }
    send(Duration::ZERO, chance.below(2)).await
}

/// A call that somebody takes, with every request of its leg several times; how the leg is said to end, before or after
/// the dial is.
async fn is_taken(mut caller: Caller, mut chance: Chance) -> String {
    let mut late = JoinSet::new();
    caller.call("/voice/on_call").await;
    let amy = Leg::of(&caller, 0, "+442079460011");
    let ended = [Asks::Status("completed")];
    let (before, after) = ended.split_at(chance.below(2));
    let asked = [Asks::Answer, Asks::Key].into_iter().chain(before.to_vec());
    for asks in asked {
        let status = several_times(&amy, asks, &mut chance, &mut late).await;
        assert!(status == 200 || status == 204, "{status}");
    }
    let over = dialled(&mut caller, "true").await;
    assert!(over.contains("amy has helped you."), "{over}");
    for asks in after {
        several_times(&amy, *asks, &mut chance, &mut late).await;
    }
    for status in late.join_all().await {
        assert!(status == 200 || status == 204, "{status}");
    }
    caller.sid
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_request_of_a_leg_may_come_several_times_late_and_to_either_node() {
    let folder = lines();
    let pair = Pair::with(|plan| plan.flows(folder.path())).await;
    let mut chance = Chance::new();
    let mut calls = JoinSet::new();
    for _ in 0..24 {
        calls.spawn(is_taken(pair.caller(), chance.fork()));
    }
    for sid in calls.join_all().await {
        let told = events(&pair.other, &sid);
        let ended = r#""leg" 1 {"ended":{"status":"completed","seconds":null,"sip":null}}"#;
        let accepted = r#""leg" 1 "accepted""#;
        assert_eq!(told, [accepted, ended]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_is_killed_behind_the_key_knows_who_has_taken_the_call() {
    let folder = lines();
    let mut server = Plan::default().flows(folder.path()).start();
    let mut caller = Caller::new(&server);
    caller.call("/voice/on_call").await;
    let mut amy = Leg::of(&caller, 0, "+442079460011");
    amy.answers().await;
    assert_eq!(amy.presses("1").await, "<Response></Response>");
    block_in_place(|| {
        server.kill();
        server.start();
    });
    assert_eq!(amy.presses("1").await, "<Response></Response>", "a repeat");
    let over = dialled(&mut caller, "true").await;
    assert!(over.contains("amy has helped you."), "{over}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_connected_unheard_while_the_store_is_away() {
    let folder = lines();
    let pair = Pair::with(|plan| plan.flows(folder.path())).await;
    let mut caller = pair.caller();
    caller.call("/voice/on_call").await;
    let mut amy = Leg::of(&caller, 0, "+442079460011");
    amy.answers().await;
    pair.redis.freeze();
    assert_eq!(
        amy.presses("1").await,
        HANGS_UP,
        "it cannot be written down"
    );
    let ended = [("CallStatus", "completed")];
    assert_eq!(amy.ask("/status", &ended).await.0, 503, "to come again");
    pair.redis.thaw();
    amy.is("completed").await;
    let second = dialled(&mut caller, "false").await;
    assert!(
        second.contains(">+442079460012</Number>"),
        "the next one is called: {second}"
    );
}
