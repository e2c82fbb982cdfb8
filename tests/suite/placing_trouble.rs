//! Calls that we place while the carrier or the store is in trouble: nobody is called twice who need not be, and where the
//! carrier leaves no other way, the call that is one too many is hung up and counted.

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::future::join_all;
use serde_json::json;

use super::backend::Backend;
use super::carrier::{self, ACCOUNT, RestAnswer};
use super::figures::Figures;
use super::folder::Folder;
use super::placing::{
    MOBILE, admin, answered, ask, call, calls, ended, folder, order, plan, standing,
};
use super::redis_server::{Redis, until};
use super::server::Server;

/// A node, and all that must stay for it.
struct World {
    server: Server,
    api: carrier::Carrier,
    _backend: Backend,
    _folder: Folder,
}

impl World {
    async fn start() -> Self {
        let (folder, api, backend) = (
            folder(),
            carrier::Carrier::start().await,
            Backend::start().await,
        );
        let server = plan(&folder, &api, &backend).start();
        Self {
            server,
            api,
            _backend: backend,
            _folder: folder,
        }
    }
}

/// The kill test counts calls as this carrier does: it would see one too many.
#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_the_carrier_does_not_list_comes_twice_and_the_second_is_hung_up() {
    let World { server, api, .. } = &World::start().await;
    let empty = json!({ "calls": [], "page": 0 }).to_string();
    api.answer_next([
        RestAnswer::ActThenPage(502),
        RestAnswer::Foreign(empty),
        RestAnswer::Well,
    ]);
    let (_, view) = order(server, "hidden", &call(MOBILE)).await;
    let id = view["id"].as_str().expect("it has a name");
    let placed = calls(api, 2).await;
    assert_eq!(placed[0].to, placed[1].to);
    until("the second is noted", async || {
        standing(server, id).await["tries"][0]["call"] == json!(placed[1].sid)
    })
    .await;
    let heard = answered(server, &placed[0], "human").await;
    assert!(
        heard.contains("<Hangup/>") && !heard.contains("<Say"),
        "{heard}"
    );
    let heard = answered(server, &placed[1], "human").await;
    assert!(heard.contains("at ten"), "{heard}");
    let figures = Figures::of(server).await;
    assert_eq!(figures.get("placed_tries_total{outcome=\"twice\"}"), 1);
    assert_eq!(ended(server, &placed[0], "completed").await, 204);
    assert_eq!(ended(server, &placed[1], "completed").await, 204);
    assert_eq!(standing(server, id).await["state"], "reached");
}

/// A call is placed, its answer is lost, and this is what the carrier lists.
async fn finds(list: String) {
    let World { server, api, .. } = &World::start().await;
    let shown: String = list.chars().take(60).collect();
    api.answer_next([RestAnswer::ActThenPage(502), RestAnswer::Foreign(list)]);
    let (_, view) = order(server, "listed", &call(MOBILE)).await;
    let id = view["id"].as_str().expect("it has a name");
    until(&format!("it is looked for: {shown}"), async || {
        api.times("GET Calls.json") == 1
    })
    .await;
    // Whoever answers says that the carrier has the call, whatever its list is.
    let placed = calls(api, 1).await.remove(0);
    let heard = answered(server, &placed, "human").await;
    assert!(heard.contains("at ten"), "{shown}: {heard}");
    assert_eq!(standing(server, id).await["state"], "reached", "{shown}");
    assert_eq!(api.calls().len(), 1, "{shown}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_that_is_none_never_makes_two_calls_of_one() {
    let nameless = json!({ "calls": [{
        "sid": "no name", "account_sid": ACCOUNT, "to": MOBILE, "from": "+442079460123", "status": "in-progress",
        "direction": "outbound-api", "date_created": null,
    }] });
    let lists = [
        "<html>busy</html>".to_owned(),
        json!({ "calls": "none" }).to_string(),
        "[".repeat(10_000),
        format!("{{\"calls\": [], \"page\": \"{}\"", "x".repeat(2_000_000)),
        nameless.to_string(),
    ];
    join_all(lists.map(finds)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_to_somebody_else_is_not_taken_for_ours() {
    let World { server, api, .. } = &World::start().await;
    let other = json!({ "calls": [{
        "sid": "CA000000000000000000000000000000ff", "account_sid": ACCOUNT, "to": "+447400999999",
        "from": "+442079460123", "status": "in-progress", "direction": "outbound-api", "date_created": null,
    }] });
    api.answer_next([
        RestAnswer::Page(503),
        RestAnswer::Foreign(other.to_string()),
    ]);
    order(server, "other", &call(MOBILE)).await;
    calls(api, 1).await;
    assert_eq!(
        api.asked()[..3],
        ["POST Calls.json", "GET Calls.json", "POST Calls.json"]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_store_is_away_nobody_is_called_twice_and_everybody_once_it_is_back() {
    let (folder, api, backend) = (
        folder(),
        carrier::Carrier::start().await,
        Backend::start().await,
    );
    let redis = Redis::start().await;
    let node = || {
        plan(&folder, &api, &backend)
            .set("OUTBOUND__PACE", "20")
            .set("STORE__URL", redis.url())
            .start()
    };
    let (one, other) = (node(), node());
    let mut ids = Vec::new();
    for nth in 0..60 {
        let to = format!("+44740{nth:07}");
        let base = admin([&one, &other][nth % 2]);
        let (key, wanted) = (format!("away-{nth}"), call(&to));
        let asked = ask(
            &base,
            (reqwest::Method::POST, "/calls"),
            Some(&key),
            Some(&wanted),
        );
        let (status, view) = asked.await.expect("the node answers");
        assert_eq!(status, 202, "{view}");
        ids.push(view["id"].as_str().expect("it has a name").to_owned());
    }
    // Some are placed by now, most wait for their turn.
    redis.freeze();
    tokio::time::sleep(Duration::from_secs(4)).await;
    let while_away = api.calls().len();
    redis.thaw();
    assert!(while_away < 60, "some must have been left to place");
    until("all are noted", async || {
        let mut left = 0;
        for id in &ids {
            left += usize::from(standing(&one, id).await["tries"][0]["call"].is_null());
        }
        left == 0
    })
    .await;
    let placed = api.calls();
    let numbers: BTreeSet<_> = placed.iter().map(|call| call.to.as_str()).collect();
    assert_eq!((placed.len(), numbers.len()), (60, 60));
}
