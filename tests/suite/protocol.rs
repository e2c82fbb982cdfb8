//! The turn protocol: repeats, old turns, turns from the future, calls that are gone and calls that come back.

use serde_json::json;

use super::backend::{Backend, SECRET};
use super::caller::{Caller, Reply, words};
use super::figures::Figures;
use super::flows::{AWAY, DESK, ORDER};
use super::folder::Folder;
use super::redis_server::Redis;
use super::server::{Plan, Server};

/// A node with the flows `order`, `away` and `desk`, and its backend.
struct Line {
    backend: Backend,
    folder: Folder,
}

impl Line {
    async fn new() -> Self {
        let folder = Folder::of(&[
            ("order.toml", ORDER),
            ("away.toml", AWAY),
            ("desk.toml", DESK),
        ]);
        Self {
            backend: Backend::start().await,
            folder,
        }
    }

    fn plan(&self) -> Plan {
        let plan = Plan::default().flows(self.folder.path());
        plan.set("BACKENDS__PICKUPS__URL", self.backend.url())
            .set("BACKENDS__PICKUPS__SECRET", SECRET)
    }
}

const KEY: &str = "in-progress";

fn keys(digits: &str) -> Vec<(&'static str, &str)> {
    vec![("CallStatus", KEY), ("Digits", digits)]
}

/// Sends a key to any URL of the call, and leaves the call's own course alone.
async fn ask(caller: &Caller, path: &str, digits: &str) -> String {
    let node = caller.nodes[0].clone();
    let reply = caller
        .post_to(&node, path, &keys(digits))
        .await
        .expect("the node answers");
    assert_eq!(reply.status, 200, "{}", reply.body);
    reply.body
}

/// The path of the turn that comes so many after the one that a URL names.
fn later(action: &str, turns: u32) -> String {
    let (flow, rest) = action.split_once("/~").expect("it names a turn");
    let (turn, nonce) = rest
        .split('#')
        .next()
        .and_then(|mark| mark.split_once('-'))
        .expect("a turn has a nonce");
    let turn: u32 = turn.parse().expect("a turn is a number");
    format!("{flow}/~{}-{nonce}", turn + turns)
}

#[tokio::test]
async fn a_repeat_of_the_last_turn_gets_the_same_bytes_and_moves_nothing() {
    let line = Line::new().await;
    let server = line.plan().start();
    let mut caller = Caller::new(&server);
    caller.call("/voice").await;
    let turn = caller.action.clone();
    let heard = caller.press("1").await;
    for digits in ["1", "2", "9", ""] {
        assert_eq!(ask(&caller, &turn, digits).await, heard);
    }
    assert!(words(&caller.press("8341#").await).contains("To send it"));
    assert_eq!(Figures::of(&server).await.get("repeats_total"), 4);
}

#[tokio::test]
async fn an_older_turn_gets_the_reply_that_the_call_is_at_now() {
    let line = Line::new().await;
    let server = line.plan().start();
    let mut caller = Caller::new(&server);
    caller.call("/voice").await;
    let first = caller.action.clone();
    caller.press("1").await;
    let now = caller.press("8341#").await;
    assert_eq!(ask(&caller, &first, "2").await, now);
    assert_eq!(ask(&caller, &later(&first, 1), "0000").await, now);
    caller.press("1").await;
    let received = line.backend.wait_for(1).await;
    assert_eq!(
        received[0].body["data"]["answers"],
        json!({ "size": "small", "pin": "8341" })
    );
}

#[tokio::test]
async fn a_turn_from_the_future_gets_the_reply_of_now_and_is_counted() {
    let line = Line::new().await;
    let server = line.plan().start();
    let mut caller = Caller::new(&server);
    let now = caller.call("/voice").await;
    for turns in [1, 7, 4_000_000_000] {
        assert_eq!(ask(&caller, &later(&caller.action, turns), "1").await, now);
    }
    assert_eq!(Figures::of(&server).await.get("future_turns_total"), 3);
    assert!(words(&caller.press("1").await).contains("PIN"));
}

#[tokio::test]
async fn a_call_whose_state_is_gone_starts_the_flow_that_its_url_names() {
    let line = Line::new().await;
    let mut server = line.plan().set("STORE__URL", "memory:").start();
    let mut caller = Caller::new(&server);
    let welcome = caller.call("/voice").await;
    caller.press("1").await;
    server.restart();
    assert_eq!(words(&caller.press("8341#").await), words(&welcome));
    assert_eq!(Figures::of(&server).await.get("lost_calls_total"), 1);
    caller.press("2").await;
    caller.press("8341#").await;
    caller.press("1").await;
    let received = line.backend.wait_for(1).await;
    assert_eq!(received[0].body["data"]["answers"]["size"], "large");
}

#[tokio::test]
async fn the_start_url_asked_again_is_a_repeat_while_the_call_is_on() {
    let line = Line::new().await;
    let server = line.plan().start();
    let mut caller = Caller::new(&server);
    let node = caller.nodes[0].clone();
    let welcome = caller.call("/voice/order").await;
    let again = [("CallStatus", "ringing")];
    for path in ["/voice/order", "/voice"] {
        let reply = caller
            .post_to(&node, path, &again)
            .await
            .expect("it answers");
        assert_eq!(
            reply,
            Reply {
                status: 200,
                body: welcome.clone()
            }
        );
    }
    let now = caller.press("1").await;
    let reply = caller
        .post_to(&node, "/voice/order", &again)
        .await
        .expect("it answers");
    assert_eq!(reply.body, now);
    assert_eq!(
        Figures::of(&server)
            .await
            .get("calls_started_total{flow=\"order\"}"),
        1
    );
}

#[tokio::test]
async fn a_late_repeat_of_the_first_webhook_does_not_begin_a_call_anew_that_is_over() {
    let line = Line::new().await;
    let server = line.plan().start();
    let mut caller = Caller::new(&server);
    caller.call("/voice").await;
    for keys in ["1", "8341#"] {
        caller.press(keys).await;
    }
    let goodbye = caller.press("1").await;
    assert!(caller.is_over());
    let node = caller.nodes[0].clone();
    let reply = caller
        .post_to(&node, "/voice", &[("CallStatus", "ringing")])
        .await
        .expect("it answers");
    assert_eq!(reply.body, goodbye);
    assert_eq!(
        Figures::of(&server)
            .await
            .get("calls_started_total{flow=\"order\"}"),
        1
    );
}

#[tokio::test]
async fn a_call_that_left_by_redirect_comes_back_as_a_new_visit() {
    let line = Line::new().await;
    let server = line.plan().start();
    let mut caller = Caller::new(&server);
    caller.call("/voice/away").await;
    let first = caller.action.clone();
    caller.press("1").await;
    assert!(
        caller
            .press("1")
            .await
            .contains("https://other.example.test/twiml")
    );
    let again = caller
        .go_to("/voice/away", &[("CallStatus", "in-progress")])
        .await;
    assert_eq!(words(&again), "Small or large?");
    for turns in 0..3 {
        assert_eq!(
            ask(&caller, &later(&first, turns), "1").await,
            again,
            "an old URL stays old"
        );
    }
    caller.press("2").await;
    let received = line.backend.wait_for(2).await;
    let told: Vec<_> = received
        .iter()
        .map(|one| one.body["data"]["answers"].clone())
        .collect();
    assert_eq!(
        told,
        [
            json!({ "size": "small", "extra": "yes" }),
            json!({ "size": "large" })
        ]
    );
    assert_ne!(received[0].id, received[1].id);
    assert_eq!(
        Figures::of(&server)
            .await
            .get("calls_started_total{flow=\"away\"}"),
        2
    );
}

#[tokio::test]
async fn the_start_url_of_another_flow_takes_the_call_there() {
    let line = Line::new().await;
    let server = line.plan().start();
    let mut caller = Caller::new(&server);
    caller.call("/voice/order").await;
    let old = caller.action.clone();
    let desk = caller
        .go_to("/voice/desk", &[("CallStatus", "in-progress")])
        .await;
    assert_eq!(words(&desk), "To talk to somebody press 1.");
    assert_eq!(ask(&caller, &old, "1").await, desk);
    assert!(caller.press("1").await.contains("<Dial"));
}

#[tokio::test]
async fn a_turn_under_another_flow_s_name_moves_nothing() {
    let line = Line::new().await;
    let server = line.plan().start();
    let mut caller = Caller::new(&server);
    let now = caller.call("/voice/order").await;
    for flow in ["desk", "away", "nowhere"] {
        assert_eq!(
            ask(&caller, &caller.action.replace("order", flow), "1").await,
            now
        );
    }
    assert!(words(&caller.press("1").await).contains("PIN"));
}

#[tokio::test]
async fn repeats_after_the_end_get_the_last_reply_and_submit_nothing_more() {
    let line = Line::new().await;
    let server = line.plan().start();
    let mut caller = Caller::new(&server);
    caller.call("/voice").await;
    caller.press("1").await;
    caller.press("8341#").await;
    let last = caller.action.clone();
    let goodbye = caller.press("1").await;
    for turns in [0, 1, 2] {
        assert_eq!(ask(&caller, &later(&last, turns), "1").await, goodbye);
    }
    caller.hang_up().await;
    let mut other = Caller::new(&server);
    other.call("/voice/away").await;
    other.press("2").await;
    let received = line.backend.wait_for(2).await;
    assert_eq!(
        received
            .iter()
            .filter(|one| one.id.starts_with(&caller.sid))
            .count(),
        1
    );
}

/// Sends 64 copies of one webhook at once, to all nodes of the call; the one body that all get.
async fn sixty_four(caller: &Caller, path: &str, fields: &[(&'static str, &str)]) -> String {
    let copy = |number: usize| {
        let caller = caller.clone();
        let node = caller.nodes[number % caller.nodes.len()].clone();
        let (path, fields) = (
            path.to_owned(),
            fields
                .iter()
                .map(|(name, value)| (*name, (*value).to_owned())),
        );
        let fields: Vec<_> = fields.collect();
        async move {
            let fields: Vec<_> = fields
                .iter()
                .map(|(name, value)| (*name, value.as_str()))
                .collect();
            caller
                .post_to(&node, &path, &fields)
                .await
                .expect("the node answers")
        }
    };
    let replies = futures_util::future::join_all((0..64).map(copy)).await;
    assert!(
        replies
            .iter()
            .all(|reply| reply.status == 200 && reply.body == replies[0].body),
        "{replies:#?}"
    );
    replies[0].body.clone()
}

async fn play_in_sixty_four_copies(line: &Line, caller: &mut Caller) {
    let welcome = sixty_four(caller, "/voice", &[("CallStatus", "ringing")]).await;
    caller.follow(&welcome);
    for digits in ["1", "8341", "1"] {
        let heard = sixty_four(caller, &caller.action.clone(), &keys(digits)).await;
        caller.follow(&heard);
    }
    assert!(words(&caller.last).contains("Goodbye."));
    let received = line.backend.wait_for(1).await;
    assert_eq!(received.len(), 1);
    assert_eq!(
        received[0].body["data"]["answers"],
        json!({ "size": "small", "pin": "8341" })
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn sixty_four_copies_of_each_webhook_at_once_take_one_step_each() {
    let line = Line::new().await;
    let server = line.plan().start();
    play_in_sixty_four_copies(&line, &mut Caller::new(&server)).await;
    let figures = Figures::of(&server).await;
    assert_eq!(figures.get("turns_total{flow=\"order\"}"), 4);
    assert_eq!(
        figures.get("calls_total{flow=\"order\",outcome=\"completed\"}"),
        1
    );
    assert_eq!(figures.get("repeats_total"), 4 * 63);
}

#[tokio::test(flavor = "multi_thread")]
async fn copies_at_two_nodes_at_once_take_one_step_each() {
    let line = Line::new().await;
    let redis = Redis::start().await;
    let plan = line.plan().set("STORE__URL", redis.url());
    let nodes: [Server; 2] = [plan.clone().start(), plan.start()];
    play_in_sixty_four_copies(&line, &mut Caller::of(&[&nodes[0], &nodes[1]])).await;
    let figures = [Figures::of(&nodes[0]).await, Figures::of(&nodes[1]).await];
    let together = |name: &str| figures.iter().map(|figures| figures.get(name)).sum::<u64>();
    assert_eq!(together("turns_total{flow=\"order\"}"), 4);
    assert_eq!(
        together("calls_total{flow=\"order\",outcome=\"completed\"}"),
        1
    );
}

#[tokio::test]
async fn a_call_goes_on_after_a_crash_where_it_was() {
    let line = Line::new().await;
    let mut server = line.plan().start();
    let mut caller = Caller::new(&server);
    caller.call("/voice").await;
    let turn = caller.action.clone();
    let heard = caller.press("2").await;
    server.restart();
    assert_eq!(ask(&caller, &turn, "2").await, heard);
    caller.press("8341#").await;
    server.restart();
    caller.press("1").await;
    let received = line.backend.wait_for(1).await;
    assert_eq!(
        received[0].body["data"]["answers"],
        json!({ "size": "large", "pin": "8341" })
    );
}

#[tokio::test]
async fn silence_comes_to_the_same_turn_and_an_empty_entry_means_the_same() {
    let line = Line::new().await;
    let server = line.plan().start();
    let mut caller = Caller::new(&server);
    let welcome = words(&caller.call("/voice").await);
    let redirect = format!(
        "<Redirect method=\"POST\">{}</Redirect>",
        caller.action.replace('&', "&amp;")
    );
    assert!(caller.last.contains(&redirect), "{}", caller.last);
    assert_eq!(words(&caller.silent().await), welcome);
    let action = caller.action.clone();
    assert_eq!(words(&caller.go_to(&action, &keys("")).await), welcome);
    assert!(
        words(&caller.silent().await).contains("There is a fault."),
        "three misses are the limit"
    );
}
