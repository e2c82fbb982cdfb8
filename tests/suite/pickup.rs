//! The whole `pickup` call, over sockets, to the backend.

use super::backend::Backend;
use super::caller::{Caller, words};
use super::folder::Folder;
use super::server::Plan;

#[tokio::test]
async fn a_caller_completes_the_flow_and_the_backend_hears_of_it_once() {
    let backend = Backend::start().await;
    let server = Plan::default().pickups(&backend).start();
    let mut caller = Caller::new(&server);
    assert!(words(&caller.call("/voice").await).contains("Welcome to parcel pick-up"));
    assert!(words(&caller.press("1").await).contains("For a parcel press 2"));
    assert!(words(&caller.press("2").await).contains("kilograms"));
    assert!(words(&caller.press("31#").await).starts_with("Between one and thirty, please."));
    assert!(words(&caller.press("5#").await).contains("four digits"));
    assert!(words(&caller.press("1230").await).starts_with("A parcel, at 12:30."));
    assert!(words(&caller.press("1").await).starts_with("Thank you."));
    assert!(caller.is_over());
    caller.hang_up().await;
    backend.wait_for(1).await;
    let received = backend.received();
    assert_eq!(received.len(), 1);
    assert!(received[0].signed);
    assert!(
        received[0].id.starts_with(&format!("{}-", caller.sid)),
        "{}",
        received[0].id
    );
    let body = &received[0].body;
    assert_eq!(body["type"], "submission.complete");
    assert_eq!(
        body["data"]["answers"],
        serde_json::json!({ "kind": "parcel", "weight": 5, "hour": "12:30" })
    );
    assert_eq!(body["data"]["call"]["sid"], caller.sid.as_str());
    assert_eq!(body["data"]["call"]["outcome"], "completed");
    assert_eq!(
        body["data"]["submission"],
        serde_json::json!({ "step": "send", "number": 1 })
    );
}

#[tokio::test]
async fn a_caller_who_wants_bulgarian_hears_bulgarian_to_the_end() {
    let server = Plan::default().start();
    let mut caller = Caller::new(&server);
    caller.call("/voice/pickup").await;
    assert!(words(&caller.press("2").await).contains("За писмо натиснете 1"));
    caller.press("1").await;
    assert!(words(&caller.press("0915").await).starts_with("Писмо, в 09:15."));
    assert!(words(&caller.press("1").await).starts_with("Благодарим"));
}

#[tokio::test]
async fn a_caller_who_stays_silent_is_connected_and_what_was_selected_is_not_lost() {
    let backend = Backend::start().await;
    let server = Plan::default().pickups(&backend).start();
    let mut caller = Caller::new(&server);
    caller.call("/voice").await;
    caller.press("1").await;
    caller.press("2").await;
    assert!(words(&caller.silent().await).contains("kilograms"));
    assert!(words(&caller.silent().await).contains("kilograms"));
    assert!(caller.silent().await.contains(">+442079460000</Number>"));
    assert!(words(&caller.dialled("no-answer").await).starts_with("We are sorry"));
    assert!(caller.is_over());
    let received = backend.wait_for(1).await;
    assert_eq!(received[0].body["type"], "submission.partial");
    assert_eq!(
        received[0].body["data"]["answers"],
        serde_json::json!({ "kind": "parcel" })
    );
}

#[tokio::test]
async fn a_call_comes_to_its_flow_however_the_carrier_writes_the_number() {
    let flow = |number: &str, words: &str| {
        format!("numbers = [\"{number}\"]\n[steps.start]\nsay = \"{words}\"\nnext = \"hangup\"\n")
    };
    let folder = Folder::of(&[
        ("desk.toml", &flow("+442079460123", "Desk.")),
        (
            "front.toml",
            &flow("sip:front@acme.sip.twilio.com", "Front."),
        ),
    ]);
    let server = Plan::default().flows(folder.path()).start();
    for (to, heard) in [
        ("+442079460123", "Desk."),
        ("442079460123", "Desk."),
        (" 442079460123", "Desk."),
        ("+44 20 7946 0123", "Desk."),
        ("sip:+442079460123@acme.sip.twilio.com", "Desk."),
        (
            "sip:442079460123@acme.sip.twilio.com:5061;transport=tls",
            "Desk.",
        ),
        ("sip:front@ACME.sip.twilio.com:5060", "Front."),
    ] {
        let mut caller = Caller::new(&server);
        to.clone_into(&mut caller.to);
        assert_eq!(words(&caller.call("/voice").await), heard, "{to}");
    }
}
