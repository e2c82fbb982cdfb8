//! A store that stays away for longer than callers are held: what they entered last is kept on the node's own disk, and
//! delivered once the store is back.

use std::path::PathBuf;

use hookswitch::engine::CallSid;
use hookswitch::store::Seal;
use hookswitch::web::held::{Held, LIMIT};
use jiff::Timestamp;
use serde_json::json;

use super::backend::Backend;
use super::caller::{Caller, words};
use super::figures::Figures;
use super::flows::{DESK, ORDER};
use super::folder::Folder;
use super::ledger::settle;
use super::redis_server::Redis;
use super::server::{Plan, Server, TOKEN, eventually};

/// Long enough to be found wherever it should not be.
const PIN: &str = "834183418341";

struct Line {
    redis: Redis,
    backend: Backend,
    server: Server,
    _folder: Folder,
}

impl Line {
    async fn new() -> Self {
        let (redis, backend) = (
            Redis::with(&["--appendfsync", "always"]).await,
            Backend::start().await,
        );
        let folder = Folder::of(&[("order.toml", ORDER), ("desk.toml", DESK)]);
        let plan = Plan::default()
            .flows(folder.path())
            .set("STORE__URL", redis.url())
            .set("CALLS__HANGUP_GRACE", "1s");
        let plan = plan.pickups(&backend);
        Self {
            server: plan.start(),
            redis,
            backend,
            _folder: folder,
        }
    }

    /// A call that has come to its last question: whether to send what it has entered.
    async fn call(&self) -> Caller {
        let mut caller = Caller::new(&self.server);
        caller.call("/voice/order").await;
        caller.press("1").await;
        assert!(words(&caller.press(&format!("{PIN}#")).await).contains("To send it"));
        caller
    }

    fn files(&self) -> Vec<PathBuf> {
        let folder = std::fs::read_dir(self.server.folder().join("data/spilled"))
            .expect("the folder is there");
        folder
            .map(|entry| entry.expect("it can be read").path())
            .collect()
    }

    /// The answer that was entered while the store was away was delivered, once.
    async fn is_delivered(&self, caller: &Caller) {
        let received = self.backend.wait_for(1).await;
        assert_eq!(received[0].body["type"], "submission.complete");
        assert_eq!(
            received[0].body["data"]["answers"],
            json!({ "size": "small", "pin": PIN })
        );
        eventually("nothing is kept any more", async || self.files().is_empty()).await;
        assert_eq!(
            settle(
                &self.server,
                &self.backend,
                std::slice::from_ref(&caller.sid)
            )
            .await,
            []
        );
        assert_eq!(self.backend.received().len(), 1);
    }
}

/// Presses a key while the store is away, and comes back from a hold that has lasted long enough.
async fn is_sent_away(caller: &mut Caller, keys: &str) {
    let path = caller
        .action
        .split(['#', '?'])
        .next()
        .expect("there is a first part")
        .to_owned();
    let since = (Timestamp::now() - std::time::Duration::from_secs(LIMIT as u64)).as_millisecond();
    let fields = vec![
        ("Digits".into(), keys.into()),
        ("CallStatus".into(), "in-progress".into()),
    ];
    let sid = CallSid::parse(&caller.sid).expect("it is legal");
    let seal = Seal::from_tokens(&[TOKEN]).expect("a token is enough");
    let url = Held {
        since,
        fields,
        opening: None,
    }
    .url("", &path, &sid, &seal);
    let heard = caller.go_to(&url, &[("CallStatus", "in-progress")]).await;
    assert!(
        words(&heard).starts_with("We are sorry") && heard.contains("<Hangup"),
        "{heard}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_entered_last_is_delivered_when_the_store_is_back() {
    let line = Line::new().await;
    let mut caller = line.call().await;
    line.redis.freeze();
    is_sent_away(&mut caller, "1").await;
    let files = line.files();
    assert_eq!(files.len(), 1, "{files:?}");
    assert_eq!(Figures::of(&line.server).await.get("spilled_total"), 1);
    line.redis.thaw();
    line.is_delivered(&caller).await;
    let figures = Figures::of(&line.server).await;
    assert_eq!(
        (
            figures.get("spilled_taken_total"),
            figures.get("spilled_lost_total")
        ),
        (1, 0)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_entered_last_is_delivered_by_a_node_that_was_killed_meanwhile() {
    let mut line = Line::new().await;
    let mut caller = line.call().await;
    line.redis.freeze();
    is_sent_away(&mut caller, "1").await;
    line.server.kill();
    line.redis.thaw();
    line.server.start();
    line.is_delivered(&caller).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_secret_that_was_entered_last_is_sealed_on_disk_and_reaches_the_backend_with_the_end_of_the_call()
 {
    let line = Line::new().await;
    let mut caller = Caller::new(&line.server);
    caller.call("/voice/order").await;
    caller.press("1").await;
    line.redis.freeze();
    is_sent_away(&mut caller, PIN).await;
    let bytes = std::fs::read(&line.files()[0]).expect("it can be read");
    assert!(!bytes.windows(PIN.len()).any(|part| part == PIN.as_bytes()));
    line.redis.thaw();
    // Nobody is there to confirm it: it is what the flow does with a call that has ended.
    let received = line.backend.wait_for(1).await;
    assert_eq!(received[0].body["type"], "submission.partial");
    assert_eq!(received[0].body["data"]["answers"]["pin"], PIN);
}
