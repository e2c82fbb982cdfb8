//! Payments: once each, whatever is repeated, killed or lost; and no number of a card anywhere.

use std::time::{Duration, Instant};

use super::caller::{Caller, words};
use super::figures::Figures;
use super::folder::Folder;
use super::pair::Pair;
use super::server::{PUBLIC_URL, Plan, Server};

/// A card that providers keep for tests, as a caller may press it where nobody asks for it.
const CARD: &str = "4242424242424242";

const SHOP: &str = r#"
[steps.hello]
menu    = "To pay press 1. To leave press 2."
keys.1  = "pay"
keys.2  = "bye"
give_up = "bye"

[steps.pay]
pay        = 12.50
currency   = "GBP"
connector  = "stripe"
on.stopped = "hello"
on.error   = "sorry"
next       = "paid"

[steps.paid]
submit = "pickups"
next   = "thanks"

[steps.thanks]
say  = "Paid, {{ steps.pay.confirmation }}."
next = "bye"

[steps.sorry]
say  = "Nothing is known of it."
next = "bye"

[steps.bye]
say  = "Goodbye."
next = "hangup"

[on]
error = "sorry"
"#;

const PAID: [(&str, &str); 8] = [
    ("CallStatus", "in-progress"),
    ("Result", "success"),
    ("PaymentConfirmationCode", "ch_1"),
    ("PaymentCardNumber", "xxxxxxxxxxxx4242"),
    ("PaymentCardType", "visa"),
    ("ExpirationDate", "1299"),
    ("SecurityCode", "***"),
    ("PaymentCardPostalCode", "SW1A-QX7"),
];

fn shop() -> Folder {
    Folder::of(&[("shop.toml", SHOP)])
}

/// What is owed, as the outbox lists it.
fn owed(server: &Server) -> String {
    let plan = server.plan().clone();
    let plan = plan.set("SERVER__LISTEN", server.url("").replace("http://", ""));
    let (_, listed, told) = plan.run(server.folder(), &["outbox", "--format", "json", "list"]);
    listed + &told
}

async fn doubted(server: &Server) -> String {
    let began = Instant::now();
    loop {
        let owed = owed(server);
        if owed.contains("uncertain") || began.elapsed() > Duration::from_secs(20) {
            return owed;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

fn server(folder: &Folder) -> Server {
    Plan::default()
        .flows(folder.path())
        .set("BACKENDS__PICKUPS__URL", "log:")
        .set("CALLS__HANGUP_GRACE", "300ms")
        .start()
}

/// A caller who is asked for a card, and the document that asks.
async fn paying(mut caller: Caller) -> (Caller, String) {
    caller.call("/voice/shop").await;
    let document = caller.press("1").await;
    assert_eq!(document.matches("<Pay ").count(), 1, "{document}");
    assert!(
        document.contains("chargeAmount=\"12.50\" currency=\"gbp\""),
        "{document}"
    );
    (caller, document)
}

#[tokio::test]
async fn a_turn_that_is_repeated_to_either_node_and_after_a_kill_pays_once() {
    let folder = shop();
    let mut pair = Pair::with(|plan| plan.flows(folder.path())).await;
    let mut caller = pair.caller();
    caller.call("/voice/shop").await;
    let asked = caller.action.clone();
    let press = [("CallStatus", "in-progress"), ("Digits", "1")];
    let document = caller.go_to(&asked, &press).await;
    assert!(document.contains("<Pay "), "{document}");
    for node in caller.nodes.clone() {
        let again = caller.post_to(&node, &asked, &press).await;
        assert_eq!(again.expect("it answers").body, document);
    }
    pair.one.kill();
    pair.one.start();
    let nodes = caller.nodes.clone();
    let again = caller.post_to(&nodes[0], &asked, &press).await;
    assert_eq!(again.expect("it answers").body, document);
    let result = caller.action.clone();
    let thanks = caller.go_to(&result, &PAID).await;
    assert!(words(&thanks).contains("Paid, ch_1."), "{thanks}");
    for node in nodes {
        let again = caller.post_to(&node, &result, &PAID).await;
        assert_eq!(again.expect("it answers").body, thanks);
        // A copy of the request before is no way back to the payment.
        let late = caller.post_to(&node, &asked, &press).await;
        assert!(!late.expect("it answers").body.contains("<Pay "));
    }
    pair.backend.wait_for(1).await;
    assert_eq!(pair.backend.received().len(), 1);
}

#[tokio::test]
async fn a_payment_of_which_nobody_tells_is_for_a_person() {
    let folder = shop();
    let server = server(&folder);
    let (mut caller, _) = paying(Caller::new(&server)).await;
    assert_eq!(owed(&server).matches("payment.doubt").count(), 0);
    caller.hang_up().await;
    let owed = doubted(&server).await;
    assert!(
        owed.contains("uncertain") && owed.contains(&caller.sid),
        "{owed}"
    );
    assert!(
        server
            .log()
            .contains("Nobody has told whether the caller has paid.")
    );
}

#[tokio::test]
async fn a_payment_whose_result_the_carrier_could_not_tell_is_not_asked_for_again() {
    let folder = shop();
    let server = server(&folder);
    let (mut caller, document) = paying(Caller::new(&server)).await;
    let action = caller
        .action
        .split('#')
        .next()
        .unwrap_or_default()
        .to_owned();
    let fault = [
        ("CallStatus", "in-progress"),
        ("ErrorCode", "11205"),
        ("ErrorUrl", &format!("{PUBLIC_URL}{action}")),
    ];
    let reply = caller.go_to("/fallback", &fault).await;
    assert_ne!(reply, document);
    assert!(!reply.contains("<Pay "), "{reply}");
    assert!(words(&reply).contains("Nothing is known of it."), "{reply}");
    let owed = doubted(&server).await;
    assert!(owed.contains(&caller.sid), "{owed}");
}

#[tokio::test]
async fn a_result_that_is_not_known_is_an_error_and_told() {
    let folder = shop();
    let server = server(&folder);
    let (mut caller, _) = paying(Caller::new(&server)).await;
    let reply = caller
        .go(vec![
            ("CallStatus", "in-progress"),
            ("Result", "paid-in-kind"),
        ])
        .await;
    assert!(words(&reply).contains("Nothing is known of it."), "{reply}");
    let log = server.log();
    assert!(
        log.contains("names a result of a payment that is not known"),
        "{log}"
    );
}

#[tokio::test]
async fn no_number_of_a_card_stands_anywhere() {
    let folder = shop();
    let server = server(&folder);
    let mut caller = Caller::new(&server);
    caller.call("/voice/shop").await;
    // Where nobody asks for it.
    caller.press(CARD).await;
    caller.press("1").await;
    caller.go(PAID.to_vec()).await;
    caller.hang_up().await;
    let (_, shown, told) = server
        .plan()
        .clone()
        .run(server.folder(), &["calls", "show", &caller.sid]);
    let figures = Figures::of(&server).await.page;
    let log = server.log();
    for secret in [CARD, "xxxxxxxxxxxx4242", "SW1A-QX7"] {
        for (place, text) in [
            ("the log", &log),
            ("the story", &(shown.clone() + &told)),
            ("the figures", &figures),
            ("a URL", &caller.last),
        ] {
            assert!(!text.contains(secret), "{secret} stands in {place}: {text}");
        }
        let data = server.folder().join("data");
        let mut looked_at = 0;
        for entry in std::fs::read_dir(&data).expect("the data folder is there") {
            let path = entry.expect("it can be read").path();
            let Ok(bytes) = std::fs::read(&path) else {
                continue;
            };
            looked_at += bytes.len();
            let is_there = bytes
                .windows(secret.len())
                .any(|part| part == secret.as_bytes());
            assert!(!is_there, "{secret}: {}", path.display());
        }
        assert!(looked_at > 0);
    }
}
