//! The lines that ask a service, and what stands behind them: a bank, a shop and a backend in Python
//! (`tests/apps/backend`), which know the carrier and the product by their documents only.

use serde_json::Value;

use super::backend::SECRET;
use super::caller::{Caller, http, words};
use super::carrier::{ACCOUNT, Carrier};
use super::python::Python;
use super::server::{Plan, Server, eventually};

/// A node whose bank, shop and backend it is.
fn serve(python: &Python, carrier: &Carrier) -> Server {
    Plan::default()
        .set("SERVICES__BANK__URL", python.url(""))
        .set("SERVICES__BANK__PRIVATE", "true")
        .set("SERVICES__BANK__TRUSTED", "true")
        .set("SERVICES__SHOP__URL", python.url(""))
        .set("SERVICES__SHOP__PRIVATE", "true")
        .set("BACKENDS__CALLBACKS__URL", python.url("/deliveries"))
        .set("BACKENDS__CALLBACKS__SECRET", SECRET)
        .set("TWILIO__API_URL", carrier.url())
        .set("TWILIO__ACCOUNT_SID", ACCOUNT)
        .start()
}

async fn delivered(python: &Python) -> Vec<Value> {
    let answer = http().get(python.url("/delivered")).send().await;
    let answer = answer.expect("the application answers");
    answer.json().await.expect("a list")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bank_tells_the_balance_to_whoever_knows_the_pin_and_locks_after_three_wrong_ones() {
    let (python, carrier) = (
        Python::start("backend/app.py", SECRET),
        Carrier::start().await,
    );
    let server = serve(&python, &carrier);
    let mut caller = Caller::new(&server);
    caller.call("/voice/balance").await;
    caller.press("12345674").await;
    let heard = words(&caller.press("8341").await);
    assert!(
        heard.starts_with("Good day, Ms Example. Your balance is 120.5 pounds."),
        "{heard}"
    );
    let mut other = caller.another();
    other.call("/voice/balance").await;
    let mut heard = String::new();
    for pin in ["0000", "0001", "0002"] {
        other.press("12345674").await;
        let action = other.action.clone();
        heard = other.press(pin).await;
        // The carrier asks again: the bank counts one wrong PIN, since it knows the request.
        let mut repeat = other.clone();
        repeat.action = action;
        assert_eq!(repeat.press(pin).await, heard);
    }
    assert!(words(&heard).starts_with("This account is locked for today."));

    let mut third = caller.another();
    third.call("/voice/balance").await;
    third.press("12345674").await;
    let heard = words(&third.press("8341").await);
    assert!(heard.starts_with("This account is locked"), "{heard}");
    for secret in ["8341", "0001"] {
        assert!(!server.log().contains(secret), "{secret} is logged");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_says_where_an_order_is_texts_it_and_gets_the_number_of_whoever_it_is_to_call() {
    let (python, carrier) = (
        Python::start("backend/app.py", SECRET),
        Carrier::start().await,
    );
    let server = serve(&python, &carrier);
    let mut caller = Caller::new(&server);
    caller.from = "+447400123456".to_owned();
    caller.call("/voice/order").await;
    let heard = words(&caller.press("123456").await);
    assert!(
        heard.starts_with("Your order is on its way, and comes on 2026-11-24."),
        "{heard}"
    );
    let heard = words(&caller.press("1").await);
    assert_eq!(heard, "It is on its way to your telephone. Goodbye.");
    eventually("the SMS is sent", async || carrier.messages().len() == 1).await;
    assert_eq!(
        carrier.messages()[0].body,
        "Your order 123456 is sent: 2026-11-24. Your example shop"
    );
    let mut other = caller.another();
    other.call("/voice/order").await;
    let heard = words(&other.press("999999").await);
    assert!(heard.starts_with("There is no such order."), "{heard}");
    let heard = words(&other.press("02079460001#").await);
    assert_eq!(heard, "Thank you. We call 0 2 0, 7 9 4 6, 0 0 0 1.");
    eventually("the backend has it", async || {
        !delivered(&python).await.is_empty()
    })
    .await;
    let delivered = delivered(&python).await;
    assert_eq!(delivered.len(), 1);
    assert_eq!(delivered[0]["type"], "submission.complete");
    assert_eq!(
        delivered[0]["data"]["answers"],
        serde_json::json!({ "order": "999999", "phone": "+442079460001" })
    );
}
