#![expect(
    clippy::too_many_lines,
    reason = "a scenario or a table is read from top to bottom"
)]

use std::sync::Arc;

use jiff::Timestamp;

use super::{CallResult, Coverage, InProcess};
use crate::engine::Nonce;
use crate::phone::{Method, Purpose, Request, Wire};
use crate::web::flows::{Directory, Flows, Folders};

const SID: &str = "CA00000000000000000000000000000001";

/// The sample flows.
fn flows() -> Arc<Flows> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = Folders {
        flows: root.join("flows"),
        audio: root.join("audio-manifest"),
        hours: root.join("config/hours"),
        backends: None,
        prices: None,
        directory: Directory::default(),
    };
    Arc::new(Flows::open(folders).0)
}

fn asked(path: &str, seconds: i64, fields: &[(&str, &str)]) -> Request {
    let all = [
        ("CallSid", SID),
        ("From", "+442079460001"),
        ("To", "+442079460123"),
    ];
    let fields = all
        .iter()
        .chain(fields)
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Request {
        purpose: Purpose::Voice,
        method: Method::Post,
        url: format!("{}{path}", InProcess::BASE),
        headers: Vec::new(),
        fields: fields.collect(),
        at: Timestamp::from_second(1_795_000_000 + seconds).expect("a time"),
        patience: (5_000, 15_000),
    }
}

/// The path of a turn of the call that begins at second 0.
fn turn(turn: u32) -> String {
    format!("/voice/pickup/~{turn}-{}", Nonce::new(1_795_000_000, 0))
}

async fn play(node: &InProcess, requests: &[Request]) -> Vec<String> {
    let mut heard = Vec::new();
    for request in requests {
        let response = node.send(request).await.expect("it answers");
        assert!(response.status < 300, "{}", response.status);
        heard.push(String::from_utf8_lossy(&response.body).into_owned());
    }
    heard
}

#[tokio::test]
async fn a_caller_who_hangs_up_leaves_what_was_selected_and_no_row_behind() {
    let coverage = Arc::new(Coverage::default());
    let flows = flows();
    let node = InProcess::start(flows.clone(), Some(coverage.clone()))
        .await
        .expect("it starts");
    let requests = [
        asked("/voice/pickup", 0, &[("CallStatus", "ringing")]),
        asked(&turn(1), 10, &[("Digits", "1")]),
        asked(&turn(2), 20, &[("Digits", "2")]),
        asked("/status", 25, &[("CallStatus", "completed")]),
    ];
    let heard = play(&node, &requests).await;
    assert!(heard[2].contains("How heavy is it?"), "{}", heard[2]);
    let at = requests[3].at;
    let left = node.end(SID, at).await.expect("memory answers");
    assert_eq!(
        (left.did.steps.as_slice(), left.did.faults.len()),
        (["left".to_owned()].as_slice(), 0)
    );
    let sent = left.sent;
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].backend, "pickups");
    assert_eq!(sent[0].body["type"], "submission.partial");
    assert_eq!(
        sent[0].body["data"]["answers"],
        serde_json::json!({ "kind": "parcel" })
    );
    assert_eq!(
        sent[0].body["data"]["call"]["started_at"], "2026-11-18T11:06:40.000Z",
        "the clock is the call's"
    );
    assert_eq!(
        node.end(SID, at).await.expect("memory answers"),
        CallResult::default(),
        "it is reported once"
    );

    let all = coverage.of(&flows);
    let pickup = all
        .iter()
        .find(|flow| flow.flow == "pickup")
        .expect("it is served");
    let taken = |on: &str| {
        pickup
            .edges
            .iter()
            .filter(|edge| edge.on == on && edge.taken)
            .count()
    };
    assert_eq!(
        (
            taken("keys.1"),
            taken("keys.2"),
            taken("on.hangup"),
            taken("give_up")
        ),
        (1, 1, 1, 0)
    );
    let kind = pickup
        .steps
        .iter()
        .find(|step| step.step == "kind")
        .expect("there is one");
    assert!(kind.taken && kind.line > 1);
}

#[tokio::test]
async fn who_asks_somewhere_else_gets_nothing() {
    let node = InProcess::start(flows(), None).await.expect("it starts");
    let mut request = asked("/voice/pickup", 0, &[]);
    for url in [
        "http://127.0.0.1.evil.example/voice/pickup",
        "https://elsewhere.example/",
    ] {
        request.url = url.to_owned();
        assert!(node.send(&request).await.is_err(), "{url}");
    }
}

#[tokio::test]
async fn an_answer_tells_which_steps_the_call_came_to() {
    let node = InProcess::start(flows(), None).await.expect("it starts");
    let begins = node
        .send(&asked("/voice/pickup", 0, &[("CallStatus", "ringing")]))
        .await
        .expect("it answers");
    assert_eq!(begins.header("hookswitch-steps"), Some("welcome"));
    let wrong = node
        .send(&asked(&turn(1), 10, &[("Digits", "7")]))
        .await
        .expect("it answers");
    assert_eq!(
        wrong.header("hookswitch-steps"),
        Some("welcome"),
        "the question is put again"
    );
    let kind = node
        .send(&asked(&turn(2), 20, &[("Digits", "1")]))
        .await
        .expect("it answers");
    assert_eq!(kind.header("hookswitch-steps"), Some("kind"));
    let operator = node
        .send(&asked(&turn(3), 30, &[("Digits", "0")]))
        .await
        .expect("it answers");
    assert_eq!(
        operator.header("hookswitch-steps"),
        Some("operator connect")
    );
    let again = node
        .send(&asked(&turn(3), 30, &[("Digits", "0")]))
        .await
        .expect("it answers");
    assert_eq!(
        again.header("hookswitch-steps"),
        None,
        "a repeat does nothing"
    );
}
