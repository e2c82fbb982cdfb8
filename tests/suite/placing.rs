//! Calls that we place: each once, whatever becomes of requests and nodes; what a flow is given; what is done where nobody
//! answers; and who is not called.

use std::time::Duration;

use hookswitch::twilio::signature::sign;
use serde_json::{Value, json};
use tokio::task::{JoinSet, block_in_place};

use super::backend::Backend;
use super::caller::{Caller, Reply};
use super::carrier::{self, ACCOUNT, INVALID, Placed, RestAnswer};
use super::figures::Figures;
use super::folder::Folder;
use super::redis_server::{Redis, until};
use super::server::{PUBLIC_URL, Plan, Server, TOKEN, free_port};

pub const FLOW: &str = r#"
give_up = "bye"

[args]
slot  = "text"
code  = { digits = 4, sensitive = true, optional = true }
boxes = { integer = [1, 9], optional = true }

[outbound]
tries        = 2
pause        = "1s"
rings        = 5
detects      = "machine"
on.machine   = "word"
on.busy      = "nobody"
on.no_answer = "nobody"
on.failed    = "no_call"

[answers]
result = { one_of = ["kept", "nobody", "no_call", "word"] }

[steps.begin]
branch = [{ when = "args.code is defined", next = "coded" }, { next = "hello" }]

[steps.coded]
say  = "It has a code."
next = "hello"

[steps.hello]
menu   = "We come {{ args.slot }} with {{ args.boxes? }} boxes. Press 1."
into   = "result"
keys.1 = { value = "kept", next = "send" }

[steps.send]
submit = "pickups"
next   = "bye"

[steps.bye]
say  = "Goodbye."
next = "hangup"

[steps.word]
say  = "A word for {{ call.party }}."
next = "worded"

[steps.worded]
set  = { result = "word" }
next = "tell"

[steps.nobody]
set  = { result = "nobody" }
next = "tell"

[steps.no_call]
set  = { result = "no_call" }
next = "tell"

[steps.tell]
submit = "pickups"
next   = "hangup"
"#;

/// Who is called.
pub const MOBILE: &str = "+447400123456";
/// The token of the admin listener.
const ADMIN: &str = "0123456789abcdef-admin";
/// The token of whoever orders calls.
const ORDERS: &str = "0123456789abcdef-calls";

pub fn folder() -> Folder {
    Folder::of(&[("remind.toml", FLOW)])
}

/// A node that places calls by a stand-in.
pub fn plan(folder: &Folder, api: &carrier::Carrier, backend: &Backend) -> Plan {
    Plan::default()
        .flows(folder.path())
        .pickups(backend)
        .set("TWILIO__API_URL", api.url())
        .set("TWILIO__ACCOUNT_SID", ACCOUNT)
        .set("OUTBOUND__FROM", "+442079460123")
        .set("OUTBOUND__TOKEN", ORDERS)
        .set("OUTBOUND__PACE", "1000")
        .set("POLICY__DIAL", "called")
        .set("POLICY__PER_PREFIX", "100000")
        .set("POLICY__PER_DAY", "100000")
        .set("ADMIN__TOKEN", ADMIN)
        .set("ADMIN__LISTEN", format!("127.0.0.1:{}", free_port()))
}

/// The admin listener of a node.
pub fn admin(server: &Server) -> String {
    let log = server.log();
    let settings = server.plan().setting("ADMIN__LISTEN");
    assert!(!settings.is_empty(), "{log}");
    format!("http://{settings}")
}

/// Asks a node for something about calls.
pub async fn ask(
    base: &str,
    (method, path): (reqwest::Method, &str),
    key: Option<&str>,
    body: Option<&Value>,
) -> Result<(u16, Value), reqwest::Error> {
    let client = reqwest::Client::builder().no_proxy().build()?;
    let mut request = client
        .request(method, format!("{base}{path}"))
        .bearer_auth(ORDERS);
    if let Some(key) = key {
        request = request.header("Idempotency-Key", key);
    }
    if let Some(body) = body {
        request = request.json(body);
    }
    let response = request.send().await?;
    let status = response.status().as_u16();
    let text = response.text().await?;
    Ok((status, serde_json::from_str(&text).unwrap_or_default()))
}

pub async fn order(server: &Server, key: &str, body: &Value) -> (u16, Value) {
    let base = admin(server);
    let asked = ask(
        &base,
        (reqwest::Method::POST, "/calls"),
        Some(key),
        Some(body),
    );
    asked.await.expect("the node answers")
}

pub async fn standing(server: &Server, id: &str) -> Value {
    let path = format!("/calls/{id}");
    let asked = ask(&admin(server), (reqwest::Method::GET, &path), None, None).await;
    asked.expect("the node answers").1
}

pub fn call(to: &str) -> Value {
    json!({ "flow": "remind", "to": to, "args": { "slot": "at ten", "boxes": 3 } })
}

/// What the carrier asks or reports about a call that it has placed, signed.
pub async fn carrier_says(
    server: &Server,
    placed: &Placed,
    url: &str,
    fields: &[(&str, &str)],
) -> Option<Reply> {
    let path = url.strip_prefix(PUBLIC_URL).expect("it is ours").to_owned();
    let all = [
        ("AccountSid", ACCOUNT),
        ("CallSid", &placed.sid),
        ("To", &placed.to),
        ("From", &placed.from),
        ("Direction", "outbound-api"),
    ];
    let form: Vec<_> = all
        .iter()
        .chain(fields)
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    let signature = sign(TOKEN, &format!("{PUBLIC_URL}{path}"), &form);
    let caller = Caller::new(server);
    let sent = caller
        .send(&server.url(""), &path, &form, Some(&signature))
        .await;
    sent.ok()
}

/// Somebody answers; what is heard.
pub async fn answered(server: &Server, placed: &Placed, by: &str) -> String {
    let fields = [("CallStatus", "in-progress"), ("AnsweredBy", by)];
    let reply = carrier_says(server, placed, &placed.url, &fields).await;
    reply.expect("the node answers").body
}

/// The call has ended.
pub async fn ended(server: &Server, placed: &Placed, status: &str) -> u16 {
    let fields = [("CallStatus", status), ("CallDuration", "7")];
    let reply = carrier_says(server, placed, &placed.callback, &fields).await;
    reply.expect("the node answers").status
}

pub async fn calls(api: &carrier::Carrier, count: usize) -> Vec<Placed> {
    until("they are placed", async || api.calls().len() >= count).await;
    let calls = api.calls();
    assert_eq!(calls.len(), count);
    calls
}

/// What the backend has got, as results.
fn results(backend: &Backend) -> Vec<String> {
    let all = backend.received().into_iter();
    let results = all.map(|one| {
        one.body["data"]["answers"]["result"]
            .as_str()
            .unwrap_or("?")
            .to_owned()
    });
    results.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_is_placed_once_and_begins_with_what_it_is_given() {
    let (folder, api, backend) = (
        folder(),
        carrier::Carrier::start().await,
        Backend::start().await,
    );
    let server = plan(&folder, &api, &backend).start();
    let mut secret = call(MOBILE);
    secret["args"]["code"] = json!("4711");
    let (status, view) = order(&server, "k1", &secret).await;
    assert_eq!(
        (status, &view["state"]),
        (202, &json!("in_progress")),
        "{view}"
    );
    let placed = calls(&api, 1).await.remove(0);
    assert_eq!(
        (
            placed.to.as_str(),
            placed.from.as_str(),
            placed.detection.as_str()
        ),
        (MOBILE, "+442079460123", "Enable")
    );
    let id = view["id"].as_str().expect("it has a name");
    assert!(
        placed
            .url
            .starts_with(&format!("{PUBLIC_URL}/placed/{id}-")),
        "{}",
        placed.url
    );
    assert_eq!(placed.callback, format!("{}/status", placed.url));
    // The same under the same key is the same call; another is refused.
    assert_eq!(order(&server, "k1", &secret).await.1["id"], view["id"]);
    let (status, refused) = order(&server, "k1", &call("+447400123457")).await;
    assert_eq!(status, 409, "{refused}");
    // Somebody answers, and the carrier asks twice.
    let heard = answered(&server, &placed, "human").await;
    assert!(heard.contains("We come at ten with 3 boxes."), "{heard}");
    assert!(heard.contains("It has a code."), "{heard}");
    assert_eq!(answered(&server, &placed, "human").await, heard);
    let mut caller = Caller::new(&server);
    caller.sid.clone_from(&placed.sid);
    caller.follow(&heard);
    assert!(
        caller.press("1").await.contains("Goodbye."),
        "{}",
        caller.last
    );
    for _ in 0..2 {
        assert_eq!(ended(&server, &placed, "completed").await, 204);
    }
    backend.wait_for(1).await;
    assert_eq!(results(&backend), ["kept"]);
    let view = standing(&server, id).await;
    assert_eq!(view["state"], "reached", "{view}");
    assert_eq!(view["tries"][0]["call"], json!(placed.sid), "{view}");
    assert_eq!(view["tries"][0]["outcome"], "answered", "{view}");
    // Nothing is owed, and what came of it is in the lists.
    until("nothing is owed", async || {
        let owed = Figures::of(&server).await;
        owed.get("outbox_rows{backend=\"@carrier\",state=\"waiting\"}") == 0
    })
    .await;
    let list = block_in_place(|| {
        server
            .plan()
            .run(server.folder(), &["calls", "list", "--format", "json"])
            .1
    });
    assert!(list.contains(id) && list.contains(&placed.sid), "{list}");
    let story = block_in_place(|| server.plan().run(server.folder(), &["calls", "show", id]).1);
    assert!(
        story.contains("try 1") && story.contains(&placed.sid),
        "{story}"
    );
    assert!(!story.contains("4711"), "{story}");
    assert_eq!(api.calls().len(), 1);
    let figures = Figures::of(&server).await;
    assert_eq!(figures.get("placed_tries_total{outcome=\"answered\"}"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_order_a_hundred_times_at_once_on_two_nodes_is_one_call() {
    let (folder, api, backend) = (
        folder(),
        carrier::Carrier::start().await,
        Backend::start().await,
    );
    let redis = Redis::start().await;
    let node = || {
        plan(&folder, &api, &backend)
            .set("STORE__URL", redis.url())
            .start()
    };
    let (one, other) = (node(), node());
    let mut orders = JoinSet::new();
    for nth in 0..100 {
        let base = admin(if nth % 2 == 0 { &one } else { &other });
        orders.spawn(async move {
            let body = call(MOBILE);
            let post = (reqwest::Method::POST, "/calls");
            // A busy node may give up a connection before the request is there: whoever orders asks again.
            loop {
                match ask(&base, post.clone(), Some("only-one"), Some(&body)).await {
                    Ok((408, _)) | Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
                    Ok(answer) => return answer,
                }
            }
        });
    }
    let answers = orders.join_all().await;
    for (status, view) in &answers {
        assert_eq!((*status, &view["id"]), (202, &answers[0].1["id"]), "{view}");
    }
    let placed = calls(&api, 1).await.remove(0);
    tokio::time::sleep(Duration::from_secs(7)).await;
    assert_eq!(api.calls().len(), 1);
    // The first webhook comes to whichever node.
    assert!(answered(&other, &placed, "human").await.contains("at ten"));
    assert_eq!(
        answered(&one, &placed, "human").await,
        answered(&other, &placed, "human").await
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_hears_its_own_words_and_nobody_is_told_to_the_backend_after_the_last_try() {
    let (folder, api, backend) = (
        folder(),
        carrier::Carrier::start().await,
        Backend::start().await,
    );
    let server = plan(&folder, &api, &backend).start();
    order(&server, "machine", &call(MOBILE)).await;
    let placed = calls(&api, 1).await.remove(0);
    let heard = answered(&server, &placed, "machine_start").await;
    assert!(heard.contains(&format!("A word for {MOBILE}.")), "{heard}");
    backend.wait_for(1).await;
    assert_eq!(results(&backend), ["word"]);
    // A line that is busy is tried again, twice in all; reports come in any order, and twice.
    let (_, view) = order(&server, "busy", &call("+447400123457")).await;
    let id = view["id"].as_str().expect("it has a name");
    let first = calls(&api, 2).await.remove(1);
    assert_eq!(ended(&server, &first, "busy").await, 204);
    assert_eq!(ended(&server, &first, "busy").await, 204);
    let second = calls(&api, 3).await.remove(2);
    assert_ne!(first.url, second.url);
    assert_eq!(ended(&server, &first, "completed").await, 204);
    assert_eq!(standing(&server, id).await["state"], "in_progress");
    assert_eq!(ended(&server, &second, "no-answer").await, 204);
    assert_eq!(ended(&server, &second, "no-answer").await, 204);
    backend.wait_for(2).await;
    let view = standing(&server, id).await;
    assert_eq!(view["state"], "unreached", "{view}");
    let outcomes: Vec<_> = view["tries"]
        .as_array()
        .expect("tries")
        .iter()
        .map(|one| &one["outcome"])
        .collect();
    assert_eq!(outcomes, [&json!("busy"), &json!("no_answer")]);
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(results(&backend), ["word", "nobody"]);
    assert_eq!(api.calls().len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_carrier_refuses_is_a_call_that_failed_and_what_it_cannot_do_now_waits() {
    let (folder, api, backend) = (
        folder(),
        carrier::Carrier::start().await,
        Backend::start().await,
    );
    let server = plan(&folder, &api, &backend).start();
    let (_, view) = order(&server, "invalid", &call(INVALID)).await;
    backend.wait_for(1).await;
    assert_eq!(results(&backend), ["no_call"]);
    let view = standing(&server, view["id"].as_str().expect("it has a name")).await;
    assert_eq!(view["tries"][0]["outcome"], "failed", "{view}");
    assert!(api.calls().is_empty());
    // Too many requests at once: it is placed later.
    api.answer_next([RestAnswer::ErrorAfter(429, 20_429, "2")]);
    order(&server, "later", &call(MOBILE)).await;
    calls(&api, 1).await;
    assert_eq!(api.times("POST Calls.json"), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn after_an_answer_that_never_came_nobody_is_called_again() {
    for answer in [RestAnswer::ActThenNothing, RestAnswer::ActThenPage(502)] {
        let (folder, api, backend) = (
            folder(),
            carrier::Carrier::start().await,
            Backend::start().await,
        );
        let server = plan(&folder, &api, &backend).start();
        api.answer_next([answer.clone()]);
        let (_, view) = order(&server, "unknown", &call(MOBILE)).await;
        let id = view["id"].as_str().expect("it has a name").to_owned();
        let placed = calls(&api, 1).await.remove(0);
        until("it is found", async || {
            standing(&server, &id).await["tries"][0]["call"] == json!(placed.sid)
        })
        .await;
        assert!(api.times("GET Calls.json") >= 1, "{answer:?}");
        assert_eq!(api.calls().len(), 1, "{answer:?}");
        assert_eq!(ended(&server, &placed, "completed").await, 204);
        assert_eq!(standing(&server, &id).await["state"], "reached");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_carrier_does_not_have_is_placed_after_it_was_looked_for() {
    let (folder, api, backend) = (
        folder(),
        carrier::Carrier::start().await,
        Backend::start().await,
    );
    let server = plan(&folder, &api, &backend).start();
    api.answer_next([RestAnswer::Page(503)]);
    order(&server, "lost", &call(MOBILE)).await;
    calls(&api, 1).await;
    assert_eq!(
        api.asked()[..3],
        ["POST Calls.json", "GET Calls.json", "POST Calls.json"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_webhook_before_the_answer_says_that_the_carrier_has_the_call() {
    let (folder, api, backend) = (
        folder(),
        carrier::Carrier::start().await,
        Backend::start().await,
    );
    let server = plan(&folder, &api, &backend).start();
    api.answer_next([RestAnswer::ActThenNothing]);
    let (_, view) = order(&server, "early", &call(MOBILE)).await;
    let id = view["id"].as_str().expect("it has a name");
    // The answer is still on its way.
    let placed = calls(&api, 1).await.remove(0);
    let heard = answered(&server, &placed, "unknown").await;
    assert!(heard.contains("at ten"), "{heard}");
    assert_eq!(standing(&server, id).await["state"], "reached");
    tokio::time::sleep(Duration::from_secs(8)).await;
    assert_eq!((api.calls().len(), api.times("POST Calls.json")), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_carrier_that_never_reports_the_end_is_asked() {
    let (folder, api, backend) = (
        folder(),
        carrier::Carrier::start().await,
        Backend::start().await,
    );
    let server = plan(&folder, &api, &backend).start();
    let (_, view) = order(&server, "silent", &call(MOBILE)).await;
    let id = view["id"].as_str().expect("it has a name");
    let placed = calls(&api, 1).await.remove(0);
    api.call_is(&placed.sid, "busy");
    let second = {
        tokio::time::sleep(Duration::from_secs(20)).await;
        calls(&api, 2).await.remove(1)
    };
    api.call_is(&second.sid, "no-answer");
    tokio::time::sleep(Duration::from_secs(20)).await;
    backend.wait_for(1).await;
    assert_eq!(results(&backend), ["nobody"]);
    assert_eq!(standing(&server, id).await["state"], "unreached");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_cannot_be_placed_is_refused_with_a_reason_and_nothing_is_done() {
    let (folder, api, backend) = (
        folder(),
        carrier::Carrier::start().await,
        Backend::start().await,
    );
    let list = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(list.path(), "+44 7400 123999\n").expect("written");
    let server = plan(&folder, &api, &backend)
        .set("OUTBOUND__SUPPRESS", list.path().display().to_string())
        .start();
    let with = |args: Value| json!({ "flow": "remind", "to": MOBILE, "args": args });
    for (body, status, words) in [
        (call("07400 123456"), 422, "`to`: write a plus"),
        (call("+449012345678"), 422, "premium"),
        (call("+4915123456789"), 422, "country"),
        (call("+447400123999"), 422, "not called"),
        (
            json!({ "flow": "nowhere", "to": MOBILE }),
            422,
            "`flow`: there is no such flow",
        ),
        (with(json!({})), 422, "`args.slot`: the flow needs it"),
        (with(json!({ "slot": "" })), 422, "`args.slot`: it must be"),
        (
            with(json!({ "slot": "x", "boxes": 10 })),
            422,
            "`args.boxes`: it must be",
        ),
        (
            with(json!({ "slot": "x", "box": 1 })),
            422,
            "`args.box`: the flow knows no such thing",
        ),
        (
            with(json!({ "slot": ["x"] })),
            422,
            "`args.slot`: write text",
        ),
        (json!({ "to": MOBILE }), 400, "flow"),
        (
            json!({ "flow": "remind", "to": MOBILE, "extra": 1 }),
            400,
            "extra",
        ),
        (json!([]), 400, ""),
    ] {
        let (got, answer) = order(&server, "bad", &body).await;
        let told = answer["error"].as_str().unwrap_or_default();
        assert_eq!(got, status, "{body} {answer}");
        assert!(told.contains(words), "{body} {told}");
    }
    for key in ["", "a b", &"k".repeat(256)] {
        assert_eq!(order(&server, key, &call(MOBILE)).await.0, 400, "{key}");
    }
    // Only the tokens open: that of orders nothing else.
    let base = admin(&server);
    let asked = ask(&base, (reqwest::Method::GET, "/api/outbox"), None, None).await;
    assert_eq!(asked.expect("an answer").0, 401);
    let client = reqwest::Client::builder()
        .no_proxy()
        .build()
        .expect("a client");
    for (token, status) in [(ADMIN, 404), ("wrong", 401), (ORDERS, 404)] {
        let sent = client
            .get(format!("{base}/calls/PL1"))
            .bearer_auth(token)
            .send()
            .await;
        assert_eq!(
            sent.expect("an answer").status().as_u16(),
            status,
            "{token}"
        );
    }
    assert!(api.asked().is_empty());
    // What is listed once it was ordered is not called either.
    let mut later = call("+447400123998");
    later["not_before"] = json!(jiff::Timestamp::now() + Duration::from_secs(3));
    let (status, _) = order(&server, "listed-later", &later).await;
    assert_eq!(status, 202);
    tokio::time::sleep(Duration::from_secs(1)).await;
    std::fs::write(list.path(), "+447400123998\n").expect("written");
    backend.wait_for(1).await;
    assert_eq!(results(&backend), ["no_call"]);
    assert!(api.calls().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_campaign_is_placed_whole_or_not_at_all_and_twice_is_once() {
    let (folder, api, backend) = (
        folder(),
        carrier::Carrier::start().await,
        Backend::start().await,
    );
    let server = plan(&folder, &api, &backend).start();
    let file = server.folder().join("monday.csv");
    let place = |more: &[&str]| {
        let base = ["place", "remind", "--rows", file.to_str().expect("a path")];
        let arguments = [&base[..], more].concat();
        block_in_place(|| server.plan().run(server.folder(), &arguments))
    };
    let row = |nth: usize, to: &str| format!("{nth},{to},at {nth}\n");
    let mut rows: Vec<String> = (0..20)
        .map(|nth| row(nth, &format!("+4474001{nth:05}")))
        .collect();
    let good = rows.clone();
    rows[10] = row(10, "+4490123");
    rows[12] = "12,+447400100012,\n".to_owned();
    std::fs::write(&file, format!("id,to,slot\n{}", rows.concat())).expect("written");
    let (code, out, err) = place(&[]);
    assert_eq!(code, 1, "{out}{err}");
    assert!(
        err.contains("line 12: `to`") && err.contains("line 14: `args.slot`"),
        "{err}"
    );
    assert!(err.contains("Nobody is called."), "{err}");
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert!(api.calls().is_empty());
    std::fs::write(&file, format!("id,to,slot\n{}", good.concat())).expect("written");
    assert_eq!(place(&["--check"]).0, 0);
    for _ in 0..2 {
        let (code, out, err) = place(&["--pace", "100/s"]);
        assert_eq!(code, 0, "{out}{err}");
    }
    let placed = calls(&api, 20).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(api.calls().len(), 20);
    for call in &placed[..5] {
        assert_eq!(ended(&server, call, "completed").await, 204);
    }
    let (code, out, _) = place(&["--status"]);
    assert_eq!(code, 0, "{out}");
    assert!(
        out.contains("5  reached (answered)") && out.contains("15  in progress"),
        "{out}"
    );
    // One more by hand.
    let (code, out, err) = block_in_place(|| {
        let by_hand = [
            "place", "remind", "--to", MOBILE, "--set", "slot=now", "--key", "hand",
        ];
        server.plan().run(server.folder(), &by_hand)
    });
    assert!(code == 0 && out.contains(MOBILE), "{out}{err}");
    calls(&api, 21).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_are_placed_at_their_pace_over_two_nodes() {
    let (folder, api, backend) = (
        folder(),
        carrier::Carrier::start().await,
        Backend::start().await,
    );
    let redis = Redis::start().await;
    let node = || {
        plan(&folder, &api, &backend)
            .set("STORE__URL", redis.url())
            .set("OUTBOUND__PACE", "2")
            .start()
    };
    let (one, other) = (node(), node());
    for nth in 0..16 {
        let server = if nth % 2 == 0 { &one } else { &other };
        let to = format!("+4474002{nth:05}");
        assert_eq!(
            order(server, &format!("pace-{nth}"), &call(&to)).await.0,
            202
        );
    }
    until("all are placed", async || api.calls().len() == 16).await;
    let calls = api.calls();
    // Ten and one may be made up for at once; the others have to wait for their turn.
    let took = calls[15].at - calls[0].at;
    println!("16 calls at 2 a second took {took:.1?}");
    for window in calls.windows(14) {
        assert!(
            window[13].at - window[0].at >= Duration::from_secs(1),
            "{took:?}"
        );
    }
}
