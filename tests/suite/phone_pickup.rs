//! Whole calls of the phone to a real node, signed, over sockets.

use hookswitch::phone::{Callback, DialAnswer, EndedBy, Http, Method, World};

use super::backend::Backend;
use super::phone::{call, call_over, plan};
use super::server::Plan;

#[tokio::test]
async fn the_phone_completes_a_flow_of_a_node() {
    let backend = Backend::start().await;
    let server = Plan::default().pickups(&backend).start();
    let mut plan = plan(server.url("/voice"));
    plan.status = Some(Callback {
        url: format!("{}/status", super::server::PUBLIC_URL),
        method: Method::Post,
    });
    let called = call(&plan, "1 2 31# 5# 1230 1").await;
    let words = called.words();
    assert!(
        words[0].starts_with("Welcome to parcel pick-up"),
        "{words:?}"
    );
    assert!(
        words
            .iter()
            .any(|text| text.starts_with("A parcel, at 12:30.")),
        "{words:?}"
    );
    assert!(
        words
            .last()
            .is_some_and(|text| text.starts_with("Thank you.")),
        "{words:?}"
    );
    assert_eq!(
        (called.ended.by.clone(), called.ended.status.as_str()),
        (EndedBy::Application, "completed")
    );
    assert_eq!(
        called.codes(),
        [0; 0],
        "{:?}",
        called.notices().collect::<Vec<_>>()
    );
    let received = backend.wait_for(1).await;
    assert_eq!(received[0].body["data"]["call"]["sid"], plan.sid.as_str());
    assert_eq!(received[0].body["data"]["answers"]["weight"], 5);
}

#[tokio::test]
async fn a_caller_of_the_phone_who_says_nothing_is_connected() {
    let server = Plan::default().start();
    let answer = DialAnswer {
        outcome: "no-answer".to_owned(),
        after: std::time::Duration::from_secs(20),
        ..DialAnswer::default()
    };
    let world = World {
        dial: [("+442079460000".to_owned(), answer.into())].into(),
        ..World::default()
    };
    let called = call_over(
        &Http::new(),
        &plan(server.url("/voice")),
        "1 2 - - - -",
        &world,
    )
    .await;
    assert!(
        called
            .words()
            .last()
            .is_some_and(|text| text.starts_with("We are sorry")),
        "{:?}",
        called.words()
    );
    assert_eq!(called.ended.by, EndedBy::Application);
}

#[tokio::test]
async fn a_wrong_token_is_refused_and_ends_the_call_as_the_carrier_would() {
    let server = Plan::default().start();
    let mut plan = plan(server.url("/voice"));
    plan.account.token = Some("another".to_owned().into());
    let called = call(&plan, "").await;
    assert_eq!(called.codes(), [11_200]);
    assert!(matches!(called.ended.by, EndedBy::Fault(_)));
}
