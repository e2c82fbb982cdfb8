//! SMS: each is sent once whatever becomes of requests and nodes, its status comes later, and what is known to be refused is
//! refused before.

use std::time::Duration;

use hookswitch::carrier::text::TextRequest;
use hookswitch::carrier::{Carrier, CarrierRequest};
use hookswitch::engine::CallSid;
use hookswitch::outbox::{Backend, Outbox, Performer, Surroundings};
use hookswitch::store::{Row, RowState, Store};
use hookswitch::twilio::signature::sign;
use serde_json::Value;
use tokio::task::{JoinSet, block_in_place};

use super::caller::{Caller, Reply};
use super::carrier::{self, ACCOUNT, INVALID, LANDLINE, RestAnswer, UNSUBSCRIBED};
use super::carrier_requests::commit;
use super::figures::Figures;
use super::folder::Folder;
use super::pair::Pair;
use super::redis_server::until;
use super::server::{PUBLIC_URL, Plan, Server, TOKEN};
use super::store::fresh;

const TABLE: &str = r#"
[answers]
guests = { integer = [1, 12] }

[steps.guests]
ask     = "For how many?"
into    = "guests"
next    = "text"
give_up = "hangup"

[steps.text]
sms        = "Your table: {{ guests }}."
on.refused = "spoken"
next       = "thanks"

[steps.spoken]
say  = "We could not text you."
next = "hangup"

[steps.thanks]
say  = "It is on its way."
next = "hangup"
"#;

/// Whoever is texted: a mobile in the country of the number called.
const MOBILE: &str = "+447400123456";

fn folder() -> Folder {
    Folder::of(&[("table.toml", TABLE)])
}

fn plan(folder: &Folder, api: &carrier::Carrier) -> Plan {
    Plan::default()
        .flows(folder.path())
        .set("TWILIO__API_URL", api.url())
        .set("TWILIO__ACCOUNT_SID", ACCOUNT)
}

/// A caller with a mobile.
fn mobile(mut caller: Caller, from: &str) -> Caller {
    caller.from = from.to_owned();
    caller
}

async fn books(caller: &mut Caller) -> String {
    caller.call("/voice/table").await;
    caller.press("4#").await
}

/// What the carrier tells of a message, signed.
async fn told(server: &Server, url: &str, fields: &[(&str, &str)]) -> Reply {
    let path = url.strip_prefix(PUBLIC_URL).expect("it is ours").to_owned();
    let all = [
        ("AccountSid", ACCOUNT),
        ("To", MOBILE),
        ("From", "+442079460123"),
    ];
    let form: Vec<_> = all
        .iter()
        .chain(fields)
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    let signature = sign(TOKEN, &format!("{PUBLIC_URL}{path}"), &form);
    let caller = Caller::new(server);
    let reply = caller
        .send(&server.url(""), &path, &form, Some(&signature))
        .await;
    reply.expect("the node answers")
}

fn story(server: &Server, sid: &str) -> Value {
    let plan = server
        .plan()
        .clone()
        .set("SERVER__LISTEN", server.url("").replace("http://", ""));
    let (code, out, noted) = plan.run(server.folder(), &["calls", "show", sid, "--format", "json"]);
    assert_eq!(code, 0, "{out}{noted}");
    serde_json::from_str(&out).expect("it is JSON")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_sms_goes_out_at_once_and_what_becomes_of_it_is_a_late_fact() {
    let (folder, api) = (folder(), carrier::Carrier::start().await);
    let server = plan(&folder, &api).start();
    let mut caller = mobile(Caller::new(&server), MOBILE);
    assert!(books(&mut caller).await.contains("It is on its way."));
    until("it is sent", async || !api.messages().is_empty()).await;
    let [message] = &api.messages()[..] else {
        panic!("it is sent once");
    };
    assert_eq!(
        (
            message.to.as_str(),
            message.from.as_str(),
            message.body.as_str()
        ),
        (MOBILE, "+442079460123", "Your table: 4.")
    );
    assert!(
        message
            .callback
            .starts_with(&format!("{PUBLIC_URL}/text/{}-", caller.sid))
    );
    // In any order, twice, after the end of the call.
    caller.hang_up().await;
    let sid = message.sid.as_str();
    for (status, code) in [
        ("delivered", ""),
        ("sent", ""),
        ("delivered", ""),
        ("failed", "30005"),
    ] {
        let mut fields = vec![("MessageSid", sid), ("MessageStatus", status)];
        fields.extend((!code.is_empty()).then_some(("ErrorCode", code)));
        let reply = told(&server, &message.callback, &fields).await;
        assert_eq!(reply.status, 204, "{}", reply.body);
    }
    let story = block_in_place(|| story(&server, &caller.sid)).to_string();
    assert_eq!(story.matches("\"event\":\"text\"").count(), 3, "{story}");
    assert!(story.contains("30005"), "{story}");
    let figures = Figures::of(&server).await;
    for (news, count) in [("delivered", 1), ("sent", 1), ("failed", 1)] {
        assert_eq!(
            figures.get(&format!("texts_total{{news=\"{news}\"}}")),
            count,
            "{news}"
        );
    }
    assert_eq!(api.messages().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_told_of_an_sms_must_be_signed_and_name_one() {
    let (folder, api) = (folder(), carrier::Carrier::start().await);
    let server = plan(&folder, &api).start();
    let caller = Caller::new(&server);
    let form = vec![
        ("MessageSid".to_owned(), format!("SM{:032x}", 1)),
        ("MessageStatus".to_owned(), "sent".to_owned()),
    ];
    let path = "/text/CA00000000000000000000000000000001-8000a1b2c3d4e5f6";
    for signature in [None, Some("bm90IGEgc2lnbmF0dXJl")] {
        let reply = caller.send(&server.url(""), path, &form, signature).await;
        assert_eq!(reply.expect("the node answers").status, 403);
    }
    let url = format!("{PUBLIC_URL}{path}");
    let sid = format!("SM{:032x}", 1);
    // Of a call that nobody knows.
    let unknown = told(
        &server,
        &url,
        &[("MessageSid", &sid), ("MessageStatus", "sent")],
    )
    .await;
    assert_eq!(unknown.status, 204);
    // What names none, and what is no message's.
    let other = format!("{PUBLIC_URL}/text/elsewhere");
    let none = told(
        &server,
        &other,
        &[("MessageSid", &sid), ("MessageStatus", "sent")],
    )
    .await;
    assert_eq!(none.status, 204);
    let strange = told(
        &server,
        &url,
        &[("MessageSid", "SM1"), ("MessageStatus", "sent")],
    )
    .await;
    assert!(strange.status >= 400, "{}", strange.status);
    let figure = Figures::of(&server).await;
    assert_eq!(figure.get("texts_total{news=\"unknown\"}"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_may_not_be_texted_hears_so_and_the_carrier_is_not_asked() {
    let (folder, api) = (folder(), carrier::Carrier::start().await);
    let server = plan(&folder, &api).set("POLICY__PER_NUMBER", "1").start();
    for (from, is_sent) in [
        ("+449012345678", false),
        ("+4915123456789", false),
        ("anonymous", false),
        ("sip:anne@pbx.example.com", false),
        (MOBILE, true),
        (MOBILE, false),
    ] {
        let heard = books(&mut mobile(Caller::new(&server), from)).await;
        assert_eq!(
            heard.contains("It is on its way."),
            is_sent,
            "{from}: {heard}"
        );
        assert_eq!(
            heard.contains("We could not text you."),
            !is_sent,
            "{from}: {heard}"
        );
    }
    until("it is sent", async || api.messages().len() == 1).await;
    let figures = Figures::of(&server).await;
    for reason in ["premium", "country", "per_number"] {
        let figure = format!("numbers_refused_total{{reach=\"text\",reason=\"{reason}\"}}");
        assert_eq!(figures.get(&figure), 1, "{reason}");
    }
    assert_eq!(api.times("POST Messages.json"), 1);
    // Where no account is set nobody can send it.
    let server = plan(&folder, &api).unset("TWILIO__ACCOUNT_SID").start();
    let heard = books(&mut mobile(Caller::new(&server), MOBILE)).await;
    assert!(heard.contains("We could not text you."), "{heard}");
    server.wait_for_log("nobody can send it");
}

#[tokio::test(flavor = "multi_thread")]
async fn callers_on_two_nodes_with_repeats_are_texted_once_each() {
    let (folder, api) = (folder(), carrier::Carrier::start().await);
    let pair = Pair::with(|plan| {
        plan.flows(folder.path())
            .set("TWILIO__API_URL", api.url())
            .set("TWILIO__ACCOUNT_SID", ACCOUNT)
            .set("POLICY__PER_PREFIX", "1000")
    })
    .await;
    let mut calls = JoinSet::new();
    for nth in 0..20 {
        let mut caller = mobile(pair.caller(), &format!("+4474001{nth:05}"));
        calls.spawn(async move {
            caller.call("/voice/table").await;
            let mut again = caller.clone();
            again.nodes.reverse();
            let (one, other) = tokio::join!(caller.press("4#"), again.press("4#"));
            assert_eq!(one, other);
            caller.from
        });
    }
    let mut callers = calls.join_all().await;
    until("all are sent", async || api.messages().len() >= 20).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let mut texted: Vec<_> = api
        .messages()
        .into_iter()
        .map(|message| message.to)
        .collect();
    texted.sort();
    callers.sort();
    assert_eq!(texted, callers);
}

fn request(to: &str) -> CarrierRequest {
    CarrierRequest::SendText(TextRequest {
        account: ACCOUNT.to_owned(),
        call: CallSid::parse("CA1").expect("a call's name"),
        text: "00000000000000a1".to_owned(),
        step: "text".to_owned(),
        to: to.to_owned(),
        from: "+442079460123".to_owned(),
        words: "Your table: 4.".to_owned(),
    })
}

/// An outbox that sweeps all the time, and sends by a carrier.
fn sweeping(store: &Store, api: &carrier::Carrier) -> Outbox {
    let carrier = Carrier::new(api.rest(), None).reached_at(Some(PUBLIC_URL.to_owned()));
    let surroundings = Surroundings {
        sweep_every: Duration::from_millis(20),
        ..Surroundings::default()
    };
    let lane = Backend::carrier(Performer::new(carrier));
    Outbox::start(store.clone(), vec![lane], &surroundings).expect("an outbox")
}

async fn row(store: &Store, request: &CarrierRequest) -> Row {
    let row = store.row(&request.id()).await.expect("the store answers");
    row.expect("it is there")
}

/// Sends one that the carrier answers so at first; the row once it stands so.
async fn sends(answers: &[RestAnswer], to: &str, state: RowState) -> (Row, carrier::Carrier) {
    let fresh = fresh::memory().await;
    let (store, api) = (fresh.store, carrier::Carrier::start().await);
    api.answer_next(answers.iter().cloned());
    let request = request(to);
    let now = store.now();
    let outbox = sweeping(&store, &api);
    commit(&store, 1, &[request.row(now, now)]).await;
    until("it is asked", async || !api.asked().is_empty()).await;
    until("it stands so", async || {
        row(&store, &request).await.state == state
    })
    .await;
    let row = row(&store, &request).await;
    outbox.stop(Duration::from_secs(5)).await;
    (row, api)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_carrier_refuses_for_good_is_set_aside_at_once() {
    for (to, code) in [
        (INVALID, 21_211),
        (UNSUBSCRIBED, 21_610),
        (LANDLINE, 21_614),
    ] {
        let (row, api) = sends(&[], to, RowState::Dead).await;
        assert!(
            row.last_error.contains(&format!("code {code}")),
            "{}",
            row.last_error
        );
        assert_eq!(
            (api.messages().len(), api.times("POST Messages.json")),
            (0, 1),
            "{to}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_that_is_refused_and_too_many_requests_wait() {
    for (answer, words) in [
        (RestAnswer::Error(401, 20_003), "code 20003"),
        (RestAnswer::ErrorAfter(429, 20_429, "3600"), "429"),
    ] {
        let (row, api) = sends(&[answer], MOBILE, RowState::Waiting).await;
        assert_eq!(api.times("POST Messages.json"), 1, "{words}");
        assert!(!row.ambiguous && api.messages().is_empty(), "{words}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_an_answer_that_never_came_the_carrier_is_asked_whether_it_has_it() {
    for answer in [RestAnswer::ActThenNothing, RestAnswer::ActThenPage(502)] {
        let fresh = fresh::memory().await;
        let (store, api) = (fresh.store, carrier::Carrier::start().await);
        api.answer_next([answer.clone()]);
        let request = request(MOBILE);
        let now = store.now();
        let outbox = sweeping(&store, &api);
        commit(&store, 1, &[request.row(now, now)]).await;
        until("nobody knows", async || {
            row(&store, &request).await.ambiguous
        })
        .await;
        assert_eq!(api.messages().len(), 1, "{answer:?}");
        let delivered = async || row(&store, &request).await.state == RowState::Delivered;
        until("it is found", delivered).await;
        assert_eq!(api.messages().len(), 1, "{answer:?}");
        assert!(api.asked().iter().any(|asked| asked == "GET Messages.json"));
        outbox.stop(Duration::from_secs(5)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_carrier_does_not_have_is_sent_again_after_it_was_looked_for() {
    let fresh = fresh::memory().await;
    let (store, api) = (fresh.store, carrier::Carrier::start().await);
    api.answer_next([RestAnswer::Page(503)]);
    let request = request(MOBILE);
    let now = store.now();
    let outbox = sweeping(&store, &api);
    commit(&store, 1, &[request.row(now, now)]).await;
    until("it is sent", async || api.messages().len() == 1).await;
    assert_eq!(
        api.asked(),
        [
            "POST Messages.json",
            "GET Messages.json",
            "POST Messages.json"
        ]
    );
    outbox.stop(Duration::from_secs(5)).await;
}
