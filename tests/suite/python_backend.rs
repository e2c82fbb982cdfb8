//! The lines that ask a service, and what stands behind them: a bank, a shop and a backend in Python
//! (`tests/apps/backend`), which know the carrier and the product by their documents only.

use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use super::architecture::root;
use super::backend::SECRET;
use super::caller::{Caller, http, words};
use super::carrier::{ACCOUNT, Carrier};
use super::server::{Plan, Server, eventually, free_port, until};

/// The application; it ends with its handle.
struct Python {
    child: Child,
    url: String,
}

impl Python {
    #[track_caller]
    fn start() -> Self {
        let target = Path::new(env!("CARGO_TARGET_TMPDIR"))
            .parent()
            .expect("it stands in the target folder");
        let (python, port) = (target.join("venv/bin/python"), free_port());
        let child = Command::new(&python)
            .arg(root().join("tests/apps/backend/app.py"))
            .args([&port.to_string(), SECRET])
            .stdout(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}: tests/venv makes it", python.display()));
        until("the application listens", || {
            TcpStream::connect(("127.0.0.1", port)).is_ok()
        });
        let url = format!("http://127.0.0.1:{port}");
        Self { child, url }
    }

    /// A node whose bank, shop and backend it is.
    fn serve(&self, carrier: &Carrier) -> Server {
        Plan::default()
            .set("SERVICES__BANK__URL", &self.url)
            .set("SERVICES__BANK__PRIVATE", "true")
            .set("SERVICES__BANK__TRUSTED", "true")
            .set("SERVICES__SHOP__URL", &self.url)
            .set("SERVICES__SHOP__PRIVATE", "true")
            .set(
                "BACKENDS__CALLBACKS__URL",
                format!("{}/deliveries", self.url),
            )
            .set("BACKENDS__CALLBACKS__SECRET", SECRET)
            .set("TWILIO__API_URL", carrier.url())
            .set("TWILIO__ACCOUNT_SID", ACCOUNT)
            .start()
    }

    async fn delivered(&self) -> Vec<Value> {
        let answer = http().get(format!("{}/delivered", self.url)).send().await;
        let answer = answer.expect("the application answers");
        answer.json().await.expect("a list")
    }
}

impl Drop for Python {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bank_tells_the_balance_to_whoever_knows_the_pin_and_locks_after_three_wrong_ones() {
    let (python, carrier) = (Python::start(), Carrier::start().await);
    let server = python.serve(&carrier);
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
    let (python, carrier) = (Python::start(), Carrier::start().await);
    let server = python.serve(&carrier);
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
        !python.delivered().await.is_empty()
    })
    .await;
    let delivered = python.delivered().await;
    assert_eq!(delivered.len(), 1);
    assert_eq!(delivered[0]["type"], "submission.complete");
    assert_eq!(
        delivered[0]["data"]["answers"],
        serde_json::json!({ "order": "999999", "phone": "+442079460001" })
    );
}
