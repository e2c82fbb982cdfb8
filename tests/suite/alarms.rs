//! Alarms, to a real mail server and to a webhook.

use std::path::Path;
use std::sync::{Arc, Mutex};

use actix_web::HttpResponse;
use actix_web::web::{Bytes, Data};
use serde_json::Value;

use super::backend::{Answer, Backend};
use super::caller::Caller;
use super::python::Python;
use super::server::{Plan, eventually, free_port};
use super::stand_in::StandIn;

const WELL: i32 = 0;
const USAGE: i32 = 2;
const SURROUNDINGS: i32 = 3;

type Posted = Arc<Mutex<Vec<Value>>>;

fn webhook() -> (StandIn, Posted) {
    let posted = Posted::default();
    (StandIn::start(posted.clone(), keep), posted)
}

async fn keep(body: Bytes, posted: Data<Posted>) -> HttpResponse {
    let alarm = serde_json::from_slice(&body).expect("JSON");
    posted.lock().expect("no panic").push(alarm);
    HttpResponse::Ok().finish()
}

/// With mails to this server, and posts to that one.
fn told(plan: Plan, mail: &Python, webhook: &StandIn) -> Plan {
    plan.set("ALARMS__SMTP", mail.url("").replace("http:", "smtp:"))
        .set("ALARMS__MAIL_FROM", "hookswitch@example.com")
        .set(
            "ALARMS__MAIL_TO",
            "night@example.com, Day <day@example.com>",
        )
        .set("ALARMS__WEBHOOK", webhook.url())
}

fn mails(file: &Path) -> Vec<Value> {
    let kept = std::fs::read_to_string(file).unwrap_or_default();
    let mails = kept
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"));
    mails.collect()
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_that_is_refused_is_told_once_and_again_when_somebody_has_acted() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("mails");
    let mail = Python::start("smtp/app.py", &file.display().to_string());
    let (hook, posted) = webhook();
    let backend = Backend::start().await;
    backend.answer_with(Answer::Status(410));
    let plan = told(Plan::default().pickups(&backend), &mail, &hook);
    let server = plan.set("ALARMS__PAGE", "https://ops.example.com").start();
    let mut caller = Caller::new(&server);
    caller.call("/voice/pickup").await;
    for keys in ["1", "1", "1230", "1"] {
        caller.press(keys).await;
    }
    eventually("a mail has come", async || !mails(&file).is_empty()).await;
    let on = mails(&file).remove(0);
    assert_eq!(
        text(&on, "subject"),
        "[hookswitch] deliveries to pickups are dead and wait for a person"
    );
    assert_eq!(
        on["to"],
        serde_json::json!(["night@example.com", "day@example.com"])
    );
    for line in [
        "look   `hookswitch outbox list --backend pickups --state dead`",
        "page   https://ops.example.com/operator#deliveries?backend=pickups&state=dead",
        "read   docs/operating.md#hookswitchdeliverysetaside",
    ] {
        assert!(text(&on, "text").contains(line), "{line}: {on}");
    }
    let (_, rows, _) = server
        .plan()
        .run(server.folder(), &["outbox", "list", "--format", "json"]);
    let row: Value = serde_json::from_str(rows.lines().next().expect("a row")).expect("JSON");
    let (code, _, noted) = server
        .plan()
        .run(server.folder(), &["outbox", "drop", text(&row, "id")]);
    assert_eq!(code, WELL, "{noted}");
    eventually("that it is over has come", async || mails(&file).len() > 1).await;
    let mails = mails(&file);
    assert!(text(&mails[1], "subject").starts_with("[hookswitch] over: deliveries to pickups"));

    eventually("it is posted as well", async || {
        posted.lock().expect("no panic").len() > 1
    })
    .await;
    let posted = posted.lock().expect("no panic").clone();
    assert_eq!((mails.len(), posted.len()), (2, 2));
    for (alarm, status) in posted.iter().zip(["firing", "resolved"]) {
        assert_eq!(
            (text(alarm, "version"), text(alarm, "status")),
            ("4", status)
        );
        let one = &alarm["alerts"][0];
        assert_eq!(text(one, "status"), status);
        assert_eq!(
            text(&one["labels"], "alertname"),
            "HookswitchDeliverySetAside"
        );
        assert_eq!(text(&one["labels"], "backend"), "pickups");
        let begun: jiff::Timestamp = text(one, "startsAt").parse().expect("a time");
        let ended: jiff::Timestamp = text(one, "endsAt").parse().expect("a time");
        assert_eq!(ended > begun, status == "resolved", "{one}");
    }
    assert_eq!(
        posted[0]["alerts"][0]["fingerprint"],
        posted[1]["alerts"][0]["fingerprint"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_says_whether_each_channel_takes_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let run = |plan: &Plan| plan.run(folder.path(), &["alarm", "test"]);
    let (code, _, noted) = run(&Plan::default());
    assert_eq!(code, USAGE);
    assert!(noted.contains("HOOKSWITCH__ALARMS__WEBHOOK"), "{noted}");

    let file = folder.path().join("mails");
    let mail = Python::start("smtp/app.py", &file.display().to_string());
    let (hook, posted) = webhook();
    let plan = told(Plan::default(), &mail, &hook);
    let (code, out, noted) = run(&plan);
    assert_eq!((code, noted.as_str()), (WELL, ""));
    assert_eq!(out.matches(": taken\n").count(), 2, "{out}");
    assert_eq!(
        (mails(&file).len(), posted.lock().expect("no panic").len()),
        (2, 2)
    );
    assert!(text(&mails(&file)[0], "subject").contains("this is a test"));

    let nobody = format!("smtp://127.0.0.1:{}", free_port());
    let (code, out, noted) = run(&plan.set("ALARMS__SMTP", nobody));
    assert_eq!(code, SURROUNDINGS);
    assert!(
        noted.contains("mail to night@example.com") && out.contains("webhook"),
        "{out}{noted}"
    );
}

#[test]
fn mails_that_nobody_could_get_stop_the_start() {
    let (code, told) = Plan::default()
        .set("ALARMS__MAIL_TO", "night@example.com")
        .fail();
    assert_eq!(code, USAGE, "{told}");
    assert!(told.contains("not enough for mails"), "{told}");
}
