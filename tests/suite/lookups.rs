//! Calls that ask a service: within the turn, beyond it, on two nodes, through the end of one, and with a service that does
//! whatever it likes. Real sockets, real processes, a real Redis.

use std::time::Duration;

use tokio::task::JoinSet;

use super::backend::{Answer, Backend};
use super::caller::{Caller, words};
use super::figures::Figures;
use super::folder::Folder;
use super::pair::Pair;
use super::server::{Plan, Server, eventually};

const SHOP: &str = r#"
[answers]
pin = { digits = 4, sensitive = true }

[steps.which]
menu    = "For left press 1. To order press 2. For a pin press 3. To wait press 4. For flags press 5."
keys.1  = "look"
keys.2  = "order"
keys.3  = "pin"
keys.4  = "wait"
keys.5  = "flags"
give_up = "hangup"

[steps.pin]
ask     = "Your pin?"
into    = "pin"
next    = "check"
give_up = "hangup"

[steps.check]
http     = "stock"
post     = "/check"
json     = { pin = "{{ pin }}" }
on.error = "sorry"
next     = "ordered"

[steps.flags]
http       = "stock"
post       = "/flags"
json       = { call = "{{ call.request }}" }
take.flags = { list = "text" }
on.error   = "sorry"
next       = "tell"

[steps.tell]
http     = "stock"
post     = "/told"
json     = { flags = "{{ steps.flags.flags }}" }
on.error = "sorry"
next     = "flagged"

[steps.flagged]
say  = "{{ 'Blocked' if 'blocked' in steps.flags.flags else 'Welcome' }}: {{ steps.flags.flags | join(' and ') }}."
next = "hangup"

[steps.look]
say  = "Let me see."
next = "asked"

[steps.asked]
http          = "stock"
get           = "/items/{{ call.party }}"
take.left     = { integer = [0, 99], at = "/stock/left" }
time_limit    = "5s"
hold          = "One moment."
on.404        = "unknown"
on.misfit     = "odd"
on.time_limit = "late"
on.error      = "sorry"
next          = "left"

[steps.wait]
http          = "stock"
get           = "/wait"
time_limit    = "2s"
hold          = "One moment."
on.time_limit = "late"
on.error      = "sorry"
next          = "ordered"

[steps.order]
http     = "stock"
post     = "/orders"
json     = { count = 1 }
hold     = "One moment."
on.error = "sorry"
next     = "ordered"

[steps.left]
say  = "There are {{ steps.asked.left }}."
next = "hangup"

[steps.ordered]
say  = "It is done."
next = "hangup"

[steps.unknown]
say  = "There is none."
next = "hangup"

[steps.odd]
say  = "That is odd."
next = "hangup"

[steps.late]
say  = "It takes too long."
next = "hangup"

[steps.sorry]
say  = "We are sorry."
next = "hangup"
"#;

fn plan(folder: &Folder, stock: &Backend) -> impl Fn(Plan) -> Plan {
    let (flows, url) = (folder.path().to_owned(), stock.url().to_owned());
    move |plan: Plan| {
        plan.flows(&flows)
            .set("SERVICES__STOCK__URL", url.clone())
            .set("SERVICES__STOCK__PRIVATE", "true")
            .set("SERVICES__STOCK__TRUSTED", "true")
    }
}

async fn shop() -> (Folder, Backend, Server) {
    let folder = Folder::of(&[("shop.toml", SHOP)]);
    let stock = Backend::start().await;
    let server = plan(&folder, &stock)(Plan::default()).start();
    (folder, stock, server)
}

fn left(count: u32) -> Answer {
    Answer::json(200, &format!("{{\"stock\":{{\"left\":{count}}}}}"))
}

fn late(millis: u64, answer: Answer) -> Answer {
    Answer::Late(Duration::from_millis(millis), Box::new(answer))
}

/// Comes to the menu and presses a key.
async fn pressed(caller: &mut Caller, key: &str) -> String {
    caller.call("/voice/shop").await;
    words(&caller.press(key).await)
}

/// Asks again and again until something else is heard; none of the answers is without words.
async fn held(caller: &mut Caller) -> String {
    for _ in 0..20 {
        let document = caller.silent().await;
        if !document.contains("One moment.") {
            return words(&document);
        }
        assert!(document.contains("<Pause length=\"2\"/>"), "{document}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    panic!("the call is held for ever");
}

#[tokio::test]
async fn a_quick_service_is_heard_in_the_same_turn_behind_what_was_said_before() {
    let (_folder, stock, server) = shop().await;
    stock.answer_with(left(3));
    let mut caller = Caller::new(&server);
    caller.call("/voice/shop").await;
    let action = caller.action.clone();
    let heard = caller.press("1").await;
    assert_eq!(words(&heard), "Let me see. There are 3.");
    assert!(caller.is_over());
    let received = stock.received();
    assert_eq!(received.len(), 1);
    assert_eq!(
        received[0].request_line,
        "GET /hook/items/%2B442079460001 HTTP/1.1"
    );
    // A repeat is the reply byte for byte, and asks nobody.
    caller.action = action;
    assert_eq!(caller.press("1").await, heard);
    assert_eq!(stock.received().len(), 1);
    let key = received[0].header("idempotency-key").to_owned();
    assert!(key.starts_with(&format!("{}-", caller.sid)), "{key}");
}

#[tokio::test]
async fn whatever_a_service_answers_has_its_way() {
    let (_folder, stock, server) = shop().await;
    for (answer, heard) in [
        (Answer::json(404, "{}"), "There is none."),
        (
            Answer::json(200, "{\"stock\":{\"left\":\"many\"}}"),
            "That is odd.",
        ),
        (
            Answer::json(200, "{\"stock\":{\"left\":100}}"),
            "That is odd.",
        ),
        (
            Answer::json(200, "{\"stock\":{\"left\":\"7\"}}"),
            "There are 7.",
        ),
        (
            Answer::raw("HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 1\r\n\r\n<"),
            "That is odd.",
        ),
        (Answer::Status(403), "We are sorry."),
        (Answer::Status(500), "We are sorry."),
    ] {
        stock.answer_with(answer);
        let mut caller = Caller::new(&server);
        let told = pressed(&mut caller, "1").await;
        assert_eq!(told, format!("Let me see. {heard}"));
    }
}

#[tokio::test]
async fn a_sensitive_answer_goes_to_the_service_and_nowhere_else() {
    let (_folder, stock, server) = shop().await;
    stock.answer_with(Answer::Status(200));
    let mut caller = Caller::new(&server);
    pressed(&mut caller, "3").await;
    assert_eq!(words(&caller.press("8341").await), "It is done.");
    assert_eq!(stock.received()[0].body["pin"], "8341");
    assert!(!server.log().contains("8341"));
}

#[tokio::test]
async fn a_list_decides_and_goes_on_and_the_first_request_is_in_no_log() {
    let (_folder, stock, server) = shop().await;
    stock.answer_next([
        Answer::json(200, "{\"flags\":[\"late\",\"blocked\"]}"),
        Answer::json(200, "{}"),
    ]);
    let mut caller = Caller::new(&server);
    let fields = [("SipHeader_X-Key", "4711-8341"), ("CallerCity", "BATH")];
    caller.go_to("/voice/shop", &fields).await;
    assert_eq!(
        words(&caller.press("5").await),
        "Blocked: late and blocked."
    );
    let received = stock.received();
    let call = &received[0].body["call"];
    assert_eq!(call["CallSid"], caller.sid.as_str());
    assert_eq!(call["SipHeader_X-Key"], "4711-8341");
    assert_eq!(call["CallerCity"], "BATH");
    assert_eq!(call["Digits"], serde_json::Value::Null, "only the first");
    assert!(!server.log().contains("4711-8341"));
    assert_eq!(
        received[1].body,
        serde_json::json!({ "flags": ["late", "blocked"] })
    );
}

#[tokio::test]
async fn a_slow_service_is_held_for_and_a_request_is_made_once_whatever_is_asked_again() {
    let (_folder, stock, server) = shop().await;
    stock.answer_with(late(1_800, left(5)));
    let mut caller = Caller::new(&server);
    assert_eq!(pressed(&mut caller, "1").await, "Let me see. One moment.");
    let mut copies = JoinSet::new();
    for _ in 0..5 {
        let mut copy = caller.clone();
        copies.spawn(async move { held(&mut copy).await });
    }
    assert_eq!(held(&mut caller).await, "There are 5.");
    for heard in copies.join_all().await {
        assert_eq!(heard, "There are 5.");
    }
    assert_eq!(stock.received().len(), 1);
}

#[tokio::test]
async fn an_answer_that_comes_too_late_finds_nobody_and_is_counted() {
    let (_folder, stock, server) = shop().await;
    stock.answer_with(late(3_500, Answer::Status(200)));
    let mut caller = Caller::new(&server);
    assert_eq!(pressed(&mut caller, "4").await, "One moment.");
    assert_eq!(held(&mut caller).await, "It takes too long.");
    eventually("the late answer is counted", async || {
        Figures::of(&server).await.sum("service_late_answers_total") == 1
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_callers_of_a_service_that_hangs_are_answered_in_time_and_hear_words() {
    let (_folder, stock, server) = shop().await;
    stock.answer_with(Answer::Never);
    let mut calls = JoinSet::new();
    let first = Caller::new(&server);
    for at in 0..200 {
        let mut caller = first.another();
        calls.spawn(async move {
            // All are held at once for a while; that they come at one moment is another test's.
            tokio::time::sleep(Duration::from_millis(10 * at)).await;
            caller.call("/voice/shop").await;
            let heard = words(&caller.press("1").await);
            assert_eq!(heard, "Let me see. One moment.");
            held(&mut caller).await
        });
    }
    for heard in calls.join_all().await {
        assert!(
            ["It takes too long.", "We are sorry."].contains(&heard.as_str()),
            "{heard}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn on_two_nodes_each_request_is_made_once_and_its_answer_found_by_either() {
    let folder = Folder::of(&[("shop.toml", SHOP)]);
    let stock = Backend::start().await;
    stock.answer_with(late(1_500, Answer::Status(200)));
    let pair = Pair::with(plan(&folder, &stock)).await;
    let mut calls = JoinSet::new();
    for _ in 0..20 {
        let mut caller = pair.caller();
        calls.spawn(async move {
            caller.call("/voice/shop").await;
            let mut copy = caller.clone();
            copy.nodes.reverse();
            let (one, other) = tokio::join!(caller.press("2"), copy.press("2"));
            for document in [one, other] {
                assert!(document.contains("One moment."), "{document}");
            }
            held(&mut caller).await
        });
    }
    for heard in calls.join_all().await {
        assert_eq!(heard, "It is done.");
    }
    let mut keys: Vec<_> = stock.received();
    assert_eq!(keys.len(), 20);
    keys.sort_by(|one, other| {
        one.header("idempotency-key")
            .cmp(other.header("idempotency-key"))
    });
    keys.dedup_by(|one, other| one.header("idempotency-key") == other.header("idempotency-key"));
    assert_eq!(keys.len(), 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_node_that_asked_is_killed_another_asks_again_only_what_does_no_harm() {
    let folder = Folder::of(&[("shop.toml", &SHOP.replace("\"5s\"", "\"20s\""))]);
    let stock = Backend::start().await;
    let mut pair = Pair::with(plan(&folder, &stock)).await;
    for (key, heard, times) in [("1", "There are 9.", 2), ("2", "We are sorry.", 3)] {
        stock.answer_next([Answer::Never]);
        stock.answer_with(left(9));
        let mut caller = Caller::new(&pair.one);
        pressed(&mut caller, key).await;
        pair.one.kill();
        caller.nodes = vec![pair.other.url("")];
        assert_eq!(held_long(&mut caller).await, heard);
        assert_eq!(stock.received().len(), times);
        pair.one.start();
    }
}

/// As [`held`], for as long as it takes until a node counts as gone.
async fn held_long(caller: &mut Caller) -> String {
    for _ in 0..60 {
        let document = caller.silent().await;
        if !document.contains("One moment.") {
            return words(&document);
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    panic!("the call is held for ever");
}
