//! Rehearsals: calls that nobody made are kept out of figures and lists, and nobody who has no token makes a caller's call
//! one.

use hookswitch::twilio::rehearsal::{HEADER, mark};
use serde_json::{Value, json};

use super::backend::Backend;
use super::caller::{Caller, FORM, LETTER};
use super::figures::{Figures, client};
use super::server::{Plan, Server, TOKEN};

/// Runs a subcommand in the node's folder, with its settings: exit code, stdout, stderr.
fn run(server: &Server, arguments: &[&str]) -> (i32, String, String) {
    let plan = server
        .plan()
        .clone()
        .set("SERVER__LISTEN", server.url("").replace("http://", ""));
    plan.run(server.folder(), arguments)
}

#[track_caller]
fn objects(server: &Server, arguments: &[&str]) -> Vec<Value> {
    let (code, stdout, stderr) = run(server, &[arguments, &["--format", "json"]].concat());
    assert_eq!(code, 0, "{arguments:?}: {stdout}{stderr}");
    stdout
        .lines()
        .map(|line| serde_json::from_str(line).expect("an object a line"))
        .collect()
}

/// A whole call of `pickup`, which submits; on a node whose backend is away, so that what it owes stays.
async fn rehearse_and_call(server: &Server) -> (String, String) {
    let (code, stdout, stderr) = run(server, &["dial", "pickup", "--keys", &LETTER.join(" ")]);
    assert_eq!(code, 0, "{stdout}{stderr}");
    let rehearsal = objects(server, &["calls", "list", "--rehearsals"])[0]["sid"]
        .as_str()
        .expect("a name")
        .to_owned();
    let mut caller = Caller::new(server);
    caller.call("/voice/pickup").await;
    for keys in LETTER {
        caller.press(keys).await;
    }
    (rehearsal, caller.sid)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rehearsal_is_left_out_of_figures_and_lists_unless_asked_for() {
    let server = Plan::default()
        .set("BACKENDS__PICKUPS__URL", "http://127.0.0.1:9/")
        .start();
    let (rehearsal, call) = rehearse_and_call(&server).await;
    let figures = Figures::of(&server).await;
    for (name, count) in [
        ("rehearsals_total{flow=\"pickup\"}", 1),
        ("rehearsal_turns_total{flow=\"pickup\"}", 5),
        ("calls_started_total{flow=\"pickup\"}", 1),
        ("turns_total{flow=\"pickup\"}", 5),
        ("calls_total{flow=\"pickup\",outcome=\"completed\"}", 1),
    ] {
        assert_eq!(figures.get(name), count, "{name}");
    }
    let told = |calls: Vec<Value>| -> Vec<(String, bool)> {
        calls
            .iter()
            .map(|call| {
                (
                    call["sid"].as_str().unwrap_or_default().to_owned(),
                    call["rehearsal"] == true,
                )
            })
            .collect()
    };
    assert_eq!(
        told(objects(&server, &["calls", "list"])),
        [(call.clone(), false)]
    );
    let all = [(call.clone(), false), (rehearsal.clone(), true)];
    assert_eq!(
        told(objects(&server, &["calls", "list", "--rehearsals"])),
        all
    );
    let (_, table, _) = run(&server, &["calls", "list", "--rehearsals"]);
    assert!(table.contains("completed (rehearsal)"), "{table}");
    let (_, picture, _) = run(
        &server,
        &["graph", "pickup", "--traffic", "--format", "mermaid"],
    );
    assert!(
        picture.contains("1×") && !picture.contains("2×"),
        "{picture}"
    );
    for row in objects(&server, &["outbox", "list"]) {
        let id = row["id"].as_str().expect("a name");
        assert_eq!(row["rehearsal"], json!(id.starts_with(&rehearsal)), "{row}");
    }
    let (_, table, _) = run(&server, &["outbox", "list"]);
    assert_eq!(table.matches("(rehearsal)").count(), 1, "{table}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_of_the_page_is_a_rehearsal() {
    let backend = Backend::start().await;
    let plan = Plan::default()
        .unset("TWILIO__AUTH_TOKEN")
        .unset("SERVER__PUBLIC_URL");
    let server = plan.set("BACKENDS__PICKUPS__URL", backend.url()).start();
    let placed = client()
        .post(server.url("/console/calls"))
        .json(&json!({ "flow": "pickup" }))
        .send()
        .await;
    assert_eq!(placed.expect("the node answers").status(), 201);
    let figures = async |name: &str| Figures::of(&server).await.get(name);
    super::server::eventually("it is counted", async || {
        figures("rehearsals_total{flow=\"pickup\"}").await == 1
    })
    .await;
    assert_eq!(figures("calls_started_total{flow=\"pickup\"}").await, 0);
}

#[tokio::test]
async fn nobody_without_the_token_makes_a_callers_call_a_rehearsal() {
    let server = Plan::default().set("STORE__URL", "memory:").start();
    let caller = Caller::new(&server);
    let of_another = mark(Some(TOKEN), &Caller::new(&server).sid);
    let begin = async |value: String| {
        let caller = caller.another();
        let form = caller.form(&[("CallStatus", "ringing")]);
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(&form)
            .finish();
        let request = client()
            .post(server.url("/voice/pickup"))
            .header("content-type", FORM)
            .body(body);
        let value = if value.is_empty() {
            mark(Some(TOKEN), &caller.sid)
        } else {
            value
        };
        let signed = request
            .header("x-twilio-signature", caller.sign("/voice/pickup", &form))
            .header(HEADER, value);
        let answer = signed.send().await.expect("the node answers");
        assert_eq!(answer.status(), 200);
        let names = answer.headers().keys();
        names
            .filter(|name| name.as_str().starts_with("hookswitch-"))
            .count()
    };
    let guessed = mark(Some("a stranger's"), &caller.sid);
    for wrong in ["1", "true", "unsigned", &guessed, &of_another] {
        assert_eq!(
            begin(wrong.to_owned()).await,
            0,
            "what a turn did is not for callers"
        );
    }
    let figures = Figures::of(&server).await;
    assert_eq!(figures.get("calls_started_total{flow=\"pickup\"}"), 5);
    assert_eq!(figures.get("rehearsals_total{flow=\"pickup\"}"), 0);
    assert!(
        begin(String::new()).await > 0,
        "a rehearsal is told what its turn did"
    );
    let figures = Figures::of(&server).await;
    assert_eq!(
        figures.get("rehearsals_total{flow=\"pickup\"}"),
        1,
        "its own mark is known"
    );
    assert_eq!(figures.get("calls_started_total{flow=\"pickup\"}"), 5);
}
