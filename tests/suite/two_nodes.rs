//! Two nodes on one Redis: webhooks that come several times, at once and late, to either, and nodes that go.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::Barrier;
use tokio::task::{JoinSet, block_in_place};

use super::backend::{Answer, Backend};
use super::caller::{Caller, DETOUR, LETTER, Reply, words};
use super::chance::Chance;
use super::folder::Folder;
use super::ledger::{faults, settle};
use super::pair::Pair;
use super::server::PUBLIC_URL;

/// A copy of a request: of which turn, how many replies had been heard when it was sent, how many requests had been made
/// when it was answered, and how.
struct Copy {
    turn: usize,
    heard: usize,
    asked: usize,
    reply: Reply,
}

/// A call each of whose requests is sent one to five times, at once and up to three seconds late, to either node.
async fn repeat_everything(mut caller: Caller, mut chance: Chance) -> String {
    let asked = Arc::new(AtomicUsize::new(0));
    let heard = Arc::new(AtomicUsize::new(0));
    let mut copies = JoinSet::new();
    let mut replies = Vec::new();
    caller.action = "/voice".to_owned();
    for turn in 0..=DETOUR.len() {
        let fields = match turn.checked_sub(1) {
            None => vec![("CallStatus", "ringing")],
            Some(pressed) => vec![("CallStatus", "in-progress"), ("Digits", DETOUR[pressed])],
        };
        asked.store(turn + 1, Ordering::SeqCst);
        for _ in 0..chance.below(5) {
            let late = Duration::from_millis(3_000 * chance.below(2) as u64);
            let (wait, node) = (
                chance.time_up_to(late),
                caller.nodes[chance.below(2)].clone(),
            );
            let (caller, path, fields) = (caller.clone(), caller.action.clone(), fields.clone());
            let (asked, heard) = (Arc::clone(&asked), Arc::clone(&heard));
            copies.spawn(async move {
                tokio::time::sleep(wait).await;
                let heard = heard.load(Ordering::SeqCst);
                let reply = caller
                    .post_to(&node, &path, &fields)
                    .await
                    .expect("the node answers");
                Copy {
                    turn,
                    heard,
                    asked: asked.load(Ordering::SeqCst),
                    reply,
                }
            });
        }
        let node = caller.nodes[chance.below(2)].clone();
        let reply = caller
            .post_to(&node, &caller.action, &fields)
            .await
            .expect("the node answers");
        caller.follow(&reply.body);
        let next = format!("/voice/pickup/~{}", turn + 1);
        assert!(
            caller.is_over() || caller.action.starts_with(&format!("{next}-")),
            "{} is not {next}",
            caller.action
        );
        replies.push(reply);
        heard.store(turn + 1, Ordering::SeqCst);
    }
    assert!(caller.is_over());
    for copy in copies.join_all().await {
        // Its own turn's reply, or that of the turn which the call has come to: not older than what had been heard, not
        // newer than what had been asked for.
        let may_be = &replies[copy.turn.max(copy.heard.saturating_sub(1))..copy.asked];
        assert!(
            may_be.contains(&copy.reply),
            "turn {}: {:?} is none of {may_be:?}",
            copy.turn,
            copy.reply
        );
    }
    caller.sid
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn repeats_at_once_and_late_at_either_node_move_nothing_and_hear_what_the_protocol_says() {
    const CALLS: usize = 50;
    let mut chance = Chance::new();
    let pair = Pair::start().await;
    let mut calls = JoinSet::new();
    for _ in 0..CALLS {
        calls.spawn(repeat_everything(pair.caller().another(), chance.fork()));
    }
    let heard = calls.join_all().await;
    pair.one_delivery_each(&heard).await;
    assert_eq!(
        pair.figure("turns_total").await as usize,
        CALLS * (DETOUR.len() + 1)
    );
    assert_eq!(pair.figure("calls_total").await as usize, CALLS);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_go_on_at_the_other_node_when_one_is_killed() {
    let mut chance = Chance::new();
    let mut pair = Pair::start().await;
    let caller = pair.caller();
    let (mut calls, barrier) = (JoinSet::new(), Arc::new(Barrier::new(65)));
    for call in 0..64 {
        let (mut caller, barrier) = (caller.another(), Arc::clone(&barrier));
        calls.spawn(async move {
            caller.call_through("/voice").await;
            for (turn, keys) in DETOUR.into_iter().enumerate() {
                if turn == call % DETOUR.len() {
                    barrier.wait().await;
                }
                caller.press_through(keys).await;
            }
            assert!(caller.is_over(), "{}", caller.last);
            caller.sid
        });
    }
    barrier.wait().await;
    tokio::time::sleep(chance.time_up_to(Duration::from_millis(50))).await;
    block_in_place(|| pair.one.kill());
    let heard = calls.join_all().await;
    assert_eq!(settle(&pair.other, &pair.backend, &heard).await, []);
}

/// A flow that a caller leaves for TwiML of somebody else's.
fn roundabout(elsewhere: &str) -> String {
    format!(
        r#"
language = "en-GB"
[answers]
kind = {{ one_of = ["elsewhere", "here"] }}
[steps.ask]
menu = "Press 1 to go elsewhere or 2 to stay."
into = "kind"
keys.1 = {{ value = "elsewhere", next = "leave" }}
keys.2 = {{ value = "here", next = "send" }}
[steps.leave]
submit = "pickups"
next = "away"
[steps.away]
redirect = "{elsewhere}"
[steps.send]
submit = "pickups"
next = "thanks"
[steps.thanks]
say = "Thank you."
next = "hangup"
"#
    )
}

fn document(verbs: &str) -> Answer {
    let body = format!("<Response>{verbs}</Response>");
    Answer::raw(&format!(
        "HTTP/1.1 200 OK\r\ncontent-type: text/xml\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    ))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_that_leaves_for_foreign_twiml_comes_back_and_is_completed() {
    let elsewhere = Backend::start().await;
    let folder = Folder::of(&[("roundabout.toml", &roundabout(elsewhere.url()))]);
    let back = format!("<Redirect>{PUBLIC_URL}/voice/roundabout</Redirect>");
    let gather = format!(
        "<Gather action=\"{}\"><Say>Elsewhere.</Say></Gather>",
        elsewhere.url()
    );
    elsewhere.answer_next([document(&gather), document(&back)]);
    let pair = Pair::with(|plan| plan.flows(folder.path())).await;

    let mut caller = pair.caller();
    caller.call("/voice/roundabout").await;
    let first = caller.clone();
    let left = caller.press("1").await;
    assert_eq!(caller.action, elsewhere.url());
    assert_eq!(words(&caller.press("").await), "Elsewhere.");
    caller.press("5").await;
    let repeated = caller
        .post(
            &first.action,
            &[("CallStatus", "in-progress"), ("Digits", "2")],
        )
        .await;
    assert_eq!(
        repeated.expect("the node answers").body,
        left,
        "away is where the call is at now"
    );

    caller.idempotency = "comes back".to_owned();
    assert!(words(&caller.press("").await).contains("Press 1 to go elsewhere"));
    assert!(
        caller.action.starts_with("/voice/roundabout/~3-"),
        "turns go on over visits: {}",
        caller.action
    );
    let here = caller.last.clone();
    for (path, fields) in [
        ("/voice/roundabout", vec![("CallStatus", "ringing")]),
        ("/voice/roundabout", vec![("CallStatus", "in-progress")]),
        (
            first.action.as_str(),
            vec![("CallStatus", "in-progress"), ("Digits", "2")],
        ),
    ] {
        for node in caller.nodes.clone() {
            let late = caller
                .post_to(&node, path, &fields)
                .await
                .expect("the node answers");
            assert_eq!(late.body, here, "{path} {fields:?}");
        }
    }
    assert_eq!(words(&caller.press("2").await), "Thank you.");
    pair.all_over().await;
    let received = pair.backend.wait_for(2).await;
    let of = |number: u32| {
        received
            .iter()
            .find(|row| row.body["data"]["submission"]["number"] == number)
            .expect("it came")
    };
    assert_eq!(of(1).body["data"]["answers"]["kind"], "elsewhere");
    assert_eq!(of(2).body["data"]["answers"]["kind"], "here");
    assert_eq!(received.len(), 2);
}

/// Calls that have come to the question whether all is right.
async fn at_the_end(caller: &Caller, count: usize) -> Vec<Caller> {
    let mut calls = JoinSet::new();
    for _ in 0..count {
        let mut caller = caller.another();
        calls.spawn(async move {
            caller.call_through("/voice").await;
            for keys in &LETTER[..LETTER.len() - 1] {
                caller.press_through(keys).await;
            }
            caller
        });
    }
    calls.join_all().await
}

/// Confirms at one node and hangs up at the other, each after a while of its own; what the confirmation was answered.
async fn confirm_and_hang_up(caller: Caller, confirms: Duration, leaves: Duration) -> String {
    let confirm = async {
        tokio::time::sleep(confirms).await;
        let fields = [("CallStatus", "in-progress"), ("Digits", "1")];
        caller
            .post_to(&caller.nodes[0], &caller.action, &fields)
            .await
            .expect("the node answers")
    };
    let hang_up = async {
        tokio::time::sleep(leaves).await;
        caller
            .post_to(&caller.nodes[1], "/status", &[("CallStatus", "completed")])
            .await
            .expect("the node answers")
    };
    let (confirmed, told) = tokio::join!(confirm, hang_up);
    assert_eq!((confirmed.status, told.status), (200, 204));
    confirmed.body
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hang_up_beside_the_last_turn_neither_loses_nor_doubles_a_submission() {
    let mut chance = Chance::new();
    let pair = Pair::start().await;
    let (caller, mut heard) = (pair.caller(), Vec::new());
    for _ in 0..10 {
        let mut calls = JoinSet::new();
        for caller in at_the_end(&caller, 50).await {
            heard.push(caller.sid.clone());
            let moment = Duration::from_millis(4);
            calls.spawn(confirm_and_hang_up(
                caller,
                chance.time_up_to(moment),
                chance.time_up_to(moment),
            ));
        }
        assert!(
            calls
                .join_all()
                .await
                .iter()
                .all(|document| words(document).starts_with("Thank you."))
        );
    }
    pair.all_over().await;
    pair.one_delivery_each(&heard).await;
    assert!(
        pair.backend
            .received()
            .iter()
            .all(|row| row.body["type"] == "submission.complete")
    );
}

/// Without any grace the sweeper ends calls while their last turn comes: one of the two is too late.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_the_sweeper_and_the_last_turn_one_submits() {
    let mut chance = Chance::new();
    let pair = Pair::with(|plan| plan.set("CALLS__HANGUP_GRACE", "1ms")).await;
    let (mut calls, mut heard) = (JoinSet::new(), Vec::new());
    for caller in at_the_end(&pair.caller(), 100).await {
        heard.push(caller.sid.clone());
        let confirms = chance.time_up_to(Duration::from_millis(1_500));
        calls.spawn(confirm_and_hang_up(caller, confirms, Duration::ZERO));
    }
    let thanked = calls
        .join_all()
        .await
        .iter()
        .filter(|document| words(document).starts_with("Thank you."))
        .count();
    pair.all_over().await;
    pair.one_delivery_each(&heard).await;
    let received = pair.backend.received();
    let completed = received
        .iter()
        .filter(|row| row.body["type"] == "submission.complete")
        .count();
    println!(
        "{completed} of {} calls were completed, the others were swept before",
        heard.len()
    );
    assert_eq!(completed, thanked);
    assert_eq!(faults(&heard, &received), []);
}
