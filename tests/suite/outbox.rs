//! The outbox against a backend that does everything a backend can do wrong, in virtual time where time matters.

use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hookswitch::engine::{CallSid, Fingerprint};
use hookswitch::outbox::admin::{self, Acted};
use hookswitch::outbox::{self, DeliveryResult, LEASE, Observer, Outbox, STEPS, Surroundings};
use hookswitch::store::{
    Commit, Committed, History, Options, Row, RowFilter, RowId, RowState, Seal, Settlement, Store,
    StoreClock,
};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::backend::{Answer, Backend, Received, SECRET};
use crate::store::AllRows as _;

const PATIENCE: Duration = Duration::from_secs(10);

/// A store, a clock that stands until it is moved, and what the outbox told.
#[derive(Clone)]
pub struct Bench {
    pub store: Store,
    clock: Arc<AtomicI64>,
    calls: Arc<AtomicU32>,
    told: Arc<Mutex<Vec<DeliveryResult>>>,
}

impl Observer for Bench {
    fn settled(&self, _: &str, result: DeliveryResult, _: Option<Duration>) {
        self.told.lock().expect("no panic").push(result);
    }
}

impl Bench {
    pub async fn new() -> Self {
        let start: Timestamp = "2026-11-23T12:00:00Z".parse().expect("a time");
        let clock = Arc::new(AtomicI64::new(start.as_millisecond()));
        let stands = clock.clone();
        let tells =
            move || Timestamp::from_millisecond(stands.load(Ordering::SeqCst)).expect("a time");
        let options = Options {
            url: "memory:".into(),
            seal: Seal::from_tokens(&["a token"]).expect("a seal"),
            deadline: Duration::from_secs(2),
            keep_finished: Duration::from_hours(24),
            keep_trail: Duration::ZERO,
            keep_delivered: Duration::ZERO,
        };
        let store = Store::open_beside(options, StoreClock::set(Arc::new(tells)));
        Self {
            store: store.await.expect("a store"),
            clock,
            calls: Arc::default(),
            told: Arc::default(),
        }
    }

    pub fn now(&self) -> Timestamp {
        Timestamp::from_millisecond(self.clock.load(Ordering::SeqCst)).expect("a time")
    }

    pub fn advance(&self, by: Duration) {
        self.clock
            .fetch_add(by.as_millis().try_into().expect("short"), Ordering::SeqCst);
    }

    fn advance_to(&self, time: Timestamp) {
        self.clock
            .fetch_max(time.as_millisecond(), Ordering::SeqCst);
    }

    /// An outbox on the bench's clock that sweeps only when it is told to.
    pub fn outbox(&self, backends: Vec<outbox::Backend>) -> Outbox {
        let bench = self.clone();
        let jitter = AtomicU32::new(0);
        Outbox::start(
            self.store.clone(),
            backends,
            &Surroundings {
                clock: Arc::new(move || bench.now()),
                random: Arc::new(move || {
                    f64::from(jitter.fetch_add(7, Ordering::SeqCst) % 10) / 10.0 + 0.05
                }),
                observer: Arc::new(self.clone()),
                completer: Arc::new(()),
                sweep_every: Duration::from_hours(1000),
                hold_every: Duration::from_millis(50),
            },
        )
        .expect("an outbox")
    }

    /// Commits a new call with one row, leased to this node as commits are.
    async fn commit(&self, backend: &str) -> Row {
        let number = self.calls.fetch_add(1, Ordering::SeqCst);
        let sid = CallSid::parse(&format!("CA{number:04}")).expect("a sid");
        let row = Row {
            id: RowId { sid: sid.clone(), key: 1 },
            backend: backend.into(),
            body: json!({ "type": "submission.complete", "data": { "answers": { "pin": "4711", "size": "2" } } })
                .to_string()
                .into(),
            sensitive: vec!["pin".into()],
            created: self.now(),
            state: RowState::Sending,
            attempts: 1,
            next: self.now() + LEASE,
            ambiguous: false,
            last_error: String::new(),
            history: History::default(),
        };
        let commit = Commit {
            sid,
            from_turn: 0,
            from_revision: 0,
            turn: 1,
            state: "state".into(),
            reply: "reply".into(),
            version: Fingerprint(1),
            finished: true,
            due: self.now(),
            rows: vec![row.clone()],
            trail: Vec::new(),
        };
        assert!(matches!(
            self.store.commit(commit).await,
            Ok(Committed::Done)
        ));
        row
    }

    async fn commit_many(&self, backend: &str, count: usize) -> Vec<Row> {
        let mut rows = Vec::new();
        for _ in 0..count {
            rows.push(self.commit(backend).await);
        }
        rows
    }

    /// Commits a row that waits for a sweep.
    async fn commit_waiting(&self, backend: &str) -> Row {
        let row = self.commit(backend).await;
        self.store
            .settle(&row.id, Settlement::PutBack { at: self.now() })
            .await
            .expect("settled");
        row
    }

    pub async fn row(&self, row: &Row) -> Option<Row> {
        self.store.row(&row.id).await.expect("the store answers")
    }

    async fn rows_in(&self, state: RowState) -> Vec<Row> {
        let filter = RowFilter {
            state: Some(state),
            ..RowFilter::default()
        };
        self.store.rows(&filter).await.expect("the store answers")
    }

    async fn rows(&self) -> Vec<Row> {
        self.store
            .rows(&RowFilter::default())
            .await
            .expect("the store answers")
    }

    /// Waits until the row is as it should be; `None` is a row that is gone.
    #[track_caller]
    pub fn until(
        &self,
        row: &Row,
        is_so: impl Fn(Option<&Row>) -> bool,
    ) -> impl Future<Output = ()> {
        let place = std::panic::Location::caller();
        let patience = tokio::time::Instant::now() + PATIENCE;
        async move {
            loop {
                let row = self.row(row).await;
                if is_so(row.as_ref()) {
                    return;
                }
                assert!(
                    tokio::time::Instant::now() < patience,
                    "{place}: waited for the row, it is {row:?}"
                );
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
    }

    async fn until_gone(&self, row: &Row) {
        self.until(row, |row| row.is_none()).await;
    }

    fn told(&self) -> Vec<DeliveryResult> {
        self.told.lock().expect("no panic").clone()
    }
}

fn crm(url: &str) -> outbox::Backend {
    outbox::Backend::parse("crm", url, SECRET).expect("a backend")
}

fn ids(received: &[Received]) -> Vec<&str> {
    received.iter().map(|request| request.id.as_str()).collect()
}

/// What a row is after one attempt that is answered like this; `None` if it is delivered.
async fn after_one(answer: Answer) -> Option<Row> {
    let (bench, backend) = (Bench::new().await, Backend::start().await);
    backend.answer_with(answer);
    let outbox = bench.outbox(vec![outbox::Backend {
        timeout: Duration::from_millis(500),
        ..crm(backend.url())
    }]);
    let row = bench.commit_waiting("crm").await;
    assert_eq!(outbox.try_due("crm").await.expect("the store answers"), 1);
    assert_eq!(backend.received().len(), 1, "one attempt is one request");
    bench.row(&row).await
}

async fn after_one_to(url: &str) -> Row {
    let bench = Bench::new().await;
    let outbox = bench.outbox(vec![crm(url)]);
    let row = bench.commit_waiting("crm").await;
    assert_eq!(outbox.try_due("crm").await.expect("the store answers"), 1);
    bench.row(&row).await.expect("not delivered")
}

#[track_caller]
fn assert_waits(row: Option<Row>, ambiguous: bool, error: &str) {
    let row = row.expect("it was not delivered");
    assert_eq!(
        (row.state, row.attempts, row.ambiguous),
        (RowState::Waiting, 1, ambiguous),
        "{row:?}"
    );
    assert!(row.last_error.contains(error), "{}", row.last_error);
}

#[tokio::test]
async fn a_delivery_is_a_signed_post_under_the_rows_id() {
    let (bench, backend) = (Bench::new().await, Backend::start().await);
    let outbox = bench.outbox(vec![crm(backend.url())]);
    let row = bench.commit("crm").await;
    outbox.send_now(vec![row.clone()]);
    let request = backend.wait_for(1).await.remove(0);
    bench.until_gone(&row).await;
    assert!(request.signed);
    assert_eq!(request.request_line, "POST /hook HTTP/1.1");
    assert_eq!(request.id, row.id.to_string());
    assert_eq!(request.timestamp, bench.now().as_second());
    assert_eq!(request.header("content-type"), "application/json");
    assert!(request.header("user-agent").starts_with("hookswitch/"));
    assert_eq!(request.body["data"]["answers"]["pin"], "4711");
    assert_eq!(bench.told(), [DeliveryResult::Delivered]);
}

#[tokio::test]
async fn while_a_secret_is_replaced_both_sign() {
    let (bench, backend) = (Bench::new().await, Backend::start().await);
    let secrets = format!("whsec_bmV3LXNlY3JldC1vZi0yNC1ieXRlcy1vci1tb3Jl,{SECRET}");
    let outbox = bench.outbox(vec![
        outbox::Backend::parse("crm", backend.url(), &secrets).expect("a backend"),
    ]);
    outbox.send_now(vec![bench.commit("crm").await]);
    let request = backend.wait_for(1).await.remove(0);
    assert!(request.signed);
    assert_eq!(request.header("webhook-signature").split(' ').count(), 2);
}

#[tokio::test]
async fn a_whole_yes_delivers_whatever_its_body_is() {
    let early = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
    let longer = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{} and more than it said";
    let to_the_end = "HTTP/1.1 200 OK\r\n\r\nhello";
    for answer in [
        Answer::Status(200),
        Answer::Status(202),
        Answer::Status(204),
        Answer::raw(early),
        Answer::raw(longer),
        Answer::raw(to_the_end),
        Answer::Endless(200),
    ] {
        assert_eq!(after_one(answer.clone()).await, None, "{answer:?}");
    }
}

#[tokio::test]
async fn no_redirect_is_followed() {
    for status in [301, 302, 303, 307, 308] {
        let answer = Answer::Headers(status, vec!["location: /elsewhere".into()]);
        assert_waits(
            after_one(answer).await,
            false,
            &format!("answered {status}"),
        );
    }
}

#[tokio::test]
async fn failures_that_are_answered_wait_and_leave_no_doubt() {
    for status in [400, 401, 404, 408, 409, 429, 500, 502, 503] {
        assert_waits(
            after_one(Answer::Status(status)).await,
            false,
            &format!("answered {status}"),
        );
    }
    assert_waits(after_one(Answer::Endless(500)).await, false, "answered 500");
    assert_waits(after_one(Answer::Stalled(500)).await, false, "answered 500");
}

#[tokio::test]
async fn gone_and_a_reused_key_set_aside_only_their_own_delivery() {
    for status in [410, 422] {
        let (bench, backend) = (Bench::new().await, Backend::start().await);
        backend.answer_next([Answer::Status(status)]);
        let outbox = bench.outbox(vec![crm(backend.url())]);
        let (dead, delivered) = (bench.commit_waiting("crm").await, bench.commit("crm").await);
        outbox.try_due("crm").await.expect("the store answers");
        outbox.send_now(vec![delivered.clone()]);
        bench.until_gone(&delivered).await;
        assert_eq!(
            bench.row(&dead).await.map(|row| row.state),
            Some(RowState::Dead)
        );
        assert_eq!(
            bench.told(),
            [DeliveryResult::Dead, DeliveryResult::Delivered]
        );
    }
}

#[tokio::test]
async fn a_refusal_is_final_at_the_third_attempt() {
    let (bench, backend) = (Bench::new().await, Backend::start().await);
    backend.answer_with(Answer::Status(400));
    let outbox = bench.outbox(vec![crm(backend.url())]);
    let row = bench.commit_waiting("crm").await;
    for _ in 0..5 {
        outbox.try_due("crm").await.expect("the store answers");
        bench.advance(Duration::from_hours(1));
    }
    assert_eq!(backend.received().len(), 3);
    assert_eq!(
        bench.row(&row).await.map(|row| row.state),
        Some(RowState::Dead)
    );
}

#[tokio::test]
async fn an_answer_that_is_not_whole_leaves_the_outcome_unknown() {
    let cases = [
        (Answer::Reset, "no whole answer"),
        (Answer::raw(""), "no whole answer"),
        (Answer::raw("HTTP/1.1 20"), "no whole answer"),
        (
            Answer::raw("HTTP/1.1 200 OK\r\ncontent-le"),
            "no whole answer",
        ),
        (Answer::raw("SSH-2.0-OpenSSH_9.2\r\n"), "no whole answer"),
        (
            Answer::raw("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"),
            "answered 200, then",
        ),
        (
            Answer::raw("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhel"),
            "answered 200, then",
        ),
        (
            Answer::raw("HTTP/1.1 200 OK\r\ncontent-length: two\r\n\r\n{}"),
            "no whole answer",
        ),
        (Answer::Never, "timed out"),
        (Answer::Stalled(200), "timed out"),
        (Answer::Status(504), "answered 504"),
    ];
    for (answer, error) in cases {
        assert_waits(after_one(answer).await, true, error);
    }
}

#[tokio::test]
async fn a_backend_that_is_not_reached_cannot_have_the_delivery() {
    let refused = after_one_to(&Backend::nobody().await).await;
    assert_waits(Some(refused), false, "not reached");
    let listens = Backend::start().await;
    let no_tls = after_one_to(&listens.url().replace("http:", "https:")).await;
    assert_waits(Some(no_tls), false, "not reached");
}

#[tokio::test]
async fn a_name_that_nobody_has_is_not_reached() {
    assert_waits(
        Some(after_one_to("http://nobody.invalid/hook").await),
        false,
        "not reached",
    );
}

#[tokio::test]
async fn the_error_that_is_kept_does_not_show_the_url() {
    let url = Backend::nobody()
        .await
        .replace("/hook", "/s3cr3t?token=t0k3n");
    let row = after_one_to(&url).await;
    assert!(
        !row.last_error.contains("s3cr3t") && !row.last_error.contains("t0k3n"),
        "{}",
        row.last_error
    );
}

#[tokio::test]
async fn retry_after_is_heeded_in_seconds_and_as_a_date() {
    let start: Timestamp = "2026-11-23T12:00:00Z".parse().expect("a time");
    for value in ["120", "Mon, 23 Nov 2026 12:02:00 GMT"] {
        for status in [429, 503] {
            let row = after_one(Answer::retry_after(status, value))
                .await
                .expect("not delivered");
            assert_eq!(
                row.next,
                start + SignedDuration::from_secs(120),
                "{status} {value}"
            );
        }
    }
}

#[tokio::test]
async fn a_row_is_tried_ten_times_over_75_hours_across_restarts() {
    let (bench, backend) = (Bench::new().await, Backend::start().await);
    backend.answer_with(Answer::Status(500));
    let row = bench.commit_waiting("crm").await;
    let mut waits = Vec::new();
    while let Some(Row {
        state: RowState::Waiting,
        next,
        ..
    }) = bench.row(&row).await
    {
        waits.push(next.duration_since(bench.now()));
        bench.advance_to(next);
        let outbox = bench.outbox(vec![crm(backend.url())]);
        assert_eq!(outbox.try_due("crm").await.expect("the store answers"), 1);
        outbox.stop(Duration::ZERO).await;
    }
    assert_eq!(waits.len(), STEPS.len());
    for (wait, step) in waits.into_iter().zip(STEPS) {
        let ratio = if step.is_zero() {
            1.0
        } else {
            wait.as_secs_f64() / step.as_secs_f64()
        };
        assert!(
            (0.8..=1.2).contains(&ratio),
            "{wait:?} is not {step:?} give or take a fifth"
        );
    }
    let received = backend.received();
    assert_eq!(received.len(), 10);
    assert!(
        received
            .iter()
            .all(|request| request.signed && request.id == row.id.to_string())
    );
    assert_eq!(
        received.last().expect("ten").timestamp,
        bench.now().as_second()
    );
    let row = bench.row(&row).await.expect("set aside");
    assert_eq!(
        (row.state, row.attempts, row.ambiguous),
        (RowState::Dead, 10, false)
    );
}

#[tokio::test]
async fn the_schedule_ends_the_same_where_the_circuit_opens_on_the_way() {
    let (bench, backend) = (Bench::new().await, Backend::start().await);
    backend.answer_with(Answer::Status(503));
    let outbox = bench.outbox(vec![crm(backend.url())]);
    let row = bench.commit_waiting("crm").await;
    while let Some(Row {
        state: RowState::Waiting,
        next,
        ..
    }) = bench.row(&row).await
    {
        bench.advance_to(next);
        assert_eq!(outbox.try_due("crm").await.expect("the store answers"), 1);
    }
    assert_eq!(backend.received().len(), 10);
}

#[tokio::test]
async fn a_dead_backend_delays_no_other() {
    let (bench, dead, alive) = (
        Bench::new().await,
        Backend::start().await,
        Backend::start().await,
    );
    dead.answer_with(Answer::Never);
    let other = outbox::Backend::parse("desk", alive.url(), SECRET).expect("a backend");
    let outbox = bench.outbox(vec![crm(dead.url()), other]);
    outbox.send_now(bench.commit_many("crm", 200).await);
    dead.wait_for(1).await;
    outbox.send_now(bench.commit_many("desk", 200).await);
    alive.wait_for(200).await;
    assert!(dead.received().len() <= outbox::CONCURRENCY);
}

#[tokio::test]
async fn no_more_attempts_are_under_way_than_allowed() {
    let (bench, backend) = (Bench::new().await, Backend::start().await);
    backend.answer_with(Answer::Late(
        Duration::from_millis(20),
        Box::new(Answer::Status(200)),
    ));
    let outbox = bench.outbox(vec![outbox::Backend {
        concurrency: 3,
        ..crm(backend.url())
    }]);
    outbox.send_now(bench.commit_many("crm", 30).await);
    backend.wait_for(30).await;
    assert_eq!(backend.most_at_once(), 3);
}

#[tokio::test]
async fn a_sweep_takes_all_that_is_due_batch_after_batch() {
    let (bench, backend) = (Bench::new().await, Backend::start().await);
    for _ in 0..300 {
        bench.commit_waiting("crm").await;
    }
    let outbox = bench.outbox(vec![crm(backend.url())]);
    outbox.wake();
    let received = backend.wait_for(300).await;
    let mut ids = ids(&received);
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 300, "none twice");
}

#[tokio::test]
async fn rows_of_a_paused_backend_wait_and_go_when_it_is_resumed() {
    let (bench, backend) = (Bench::new().await, Backend::start().await);
    let outbox = bench.outbox(vec![crm(backend.url())]);
    outbox
        .pause("crm", true, "a test")
        .await
        .expect("the store answers");
    let row = bench.commit("crm").await;
    outbox.send_now(vec![row.clone()]);
    bench
        .until(&row, |row| {
            row.is_some_and(|row| row.state == RowState::Waiting)
        })
        .await;
    assert_eq!(outbox.try_due("crm").await.expect("the store answers"), 0);
    let waits = bench.row(&row).await.expect("it waits");
    assert_eq!(
        (waits.attempts, waits.ambiguous, waits.next),
        (0, false, bench.now())
    );
    assert!(outbox.conditions()[0].paused);

    outbox
        .pause("crm", false, "a test")
        .await
        .expect("the store answers");
    assert!(backend.wait_for(1).await[0].signed);
    bench.until_gone(&row).await;
}

#[tokio::test]
async fn a_pause_outlives_a_restart() {
    let (bench, backend) = (Bench::new().await, Backend::start().await);
    admin::pause(&bench.store, "crm", true, "a test")
        .await
        .expect("the store answers");
    let outbox = bench.outbox(vec![crm(backend.url())]);
    let row = bench.commit("crm").await;
    outbox.send_now(vec![row.clone()]);
    bench
        .until(&row, |row| {
            row.is_some_and(|row| row.state == RowState::Waiting)
        })
        .await;
    assert!(backend.received().is_empty());
}

#[tokio::test]
async fn a_backend_that_the_settings_pause_stays_paused() {
    let (bench, backend) = (Bench::new().await, Backend::start().await);
    let outbox = bench.outbox(vec![outbox::Backend {
        paused: true,
        ..crm(backend.url())
    }]);
    let row = bench.commit("crm").await;
    outbox.send_now(vec![row.clone()]);
    bench
        .until(&row, |row| {
            row.is_some_and(|row| row.state == RowState::Waiting)
        })
        .await;
    outbox
        .pause("crm", false, "a test")
        .await
        .expect("the store answers");
    assert_eq!(outbox.try_due("crm").await.expect("the store answers"), 0);
    assert!(backend.received().is_empty());
}

#[tokio::test]
async fn an_attempt_that_our_own_end_cuts_off_does_not_count() {
    let (bench, backend) = (Bench::new().await, Backend::start().await);
    backend.answer_with(Answer::Never);
    let outbox = bench.outbox(vec![crm(backend.url())]);
    let row = bench.commit("crm").await;
    outbox.send_now(vec![row.clone()]);
    backend.wait_for(1).await;
    outbox.stop(Duration::from_millis(50)).await;
    let cut = bench.row(&row).await.expect("it waits");
    assert_eq!(
        (cut.state, cut.attempts, cut.ambiguous),
        (RowState::Waiting, 0, true)
    );
    assert_eq!(cut.next, bench.now());
    assert_eq!(bench.told(), [DeliveryResult::CutOff]);
}

#[tokio::test]
async fn what_is_under_way_may_end_within_the_grace_and_what_is_held_is_given_back() {
    let (bench, backend) = (Bench::new().await, Backend::start().await);
    backend.answer_with(Answer::Late(
        Duration::from_millis(200),
        Box::new(Answer::Status(200)),
    ));
    let outbox = bench.outbox(vec![outbox::Backend {
        concurrency: 1,
        ..crm(backend.url())
    }]);
    let rows = bench.commit_many("crm", 3).await;
    outbox.send_now(rows.clone());
    backend.wait_for(1).await;
    outbox.stop(PATIENCE).await;
    assert_eq!(bench.row(&rows[0]).await, None);
    for row in &rows[1..] {
        let row = bench.row(row).await.expect("it waits");
        assert_eq!(
            (row.state, row.attempts, row.ambiguous),
            (RowState::Waiting, 0, false)
        );
    }
    assert_eq!(backend.received().len(), 1);
}

#[tokio::test]
async fn a_row_whose_node_died_is_anothers_once_the_lease_is_over() {
    let (bench, backend) = (Bench::new().await, Backend::start().await);
    backend.answer_next([Answer::Never]);
    let dies = bench.outbox(vec![crm(backend.url())]);
    let row = bench.commit("crm").await;
    dies.send_now(vec![row.clone()]);
    backend.wait_for(1).await;
    drop(dies);

    let other = bench.outbox(vec![crm(backend.url())]);
    assert_eq!(other.try_due("crm").await.expect("the store answers"), 0);
    bench.advance(LEASE);
    assert_eq!(other.try_due("crm").await.expect("the store answers"), 1);
    assert_eq!(bench.row(&row).await, None);
    assert_eq!(
        ids(&backend.received()),
        [row.id.to_string(), row.id.to_string()]
    );
}

#[tokio::test]
async fn what_the_backend_may_have_and_has_forgotten_is_not_sent_again() {
    let (bench, backend) = (Bench::new().await, Backend::start().await);
    backend.answer_with(Answer::Reset);
    let outbox = bench.outbox(vec![crm(backend.url())]);
    let row = bench.commit_waiting("crm").await;
    let created = bench.now();
    while let Some(Row {
        state: RowState::Waiting,
        next,
        ..
    }) = bench.row(&row).await
    {
        bench.advance_to(next);
        outbox.try_due("crm").await.expect("the store answers");
    }
    let sent: Vec<_> = backend
        .received()
        .iter()
        .map(|request| request.timestamp - created.as_second())
        .collect();
    assert!(sent.iter().all(|&age| age < 24 * 3600), "{sent:?}");
    assert!(
        *sent.last().expect("some") > 23 * 3600,
        "the last one is just before it forgets: {sent:?}"
    );
    assert_eq!(
        bench.row(&row).await.map(|row| row.state),
        Some(RowState::Uncertain)
    );
    assert_eq!(bench.told().last(), Some(&DeliveryResult::Uncertain));
}

#[tokio::test]
async fn a_doubtful_row_that_nobody_could_send_for_a_day_is_set_aside_unsent() {
    let (bench, backend) = (Bench::new().await, Backend::start().await);
    let (doubtful, sure) = (bench.commit("crm").await, bench.commit_waiting("crm").await);
    bench.advance(Duration::from_hours(30));
    let outbox = bench.outbox(vec![crm(backend.url())]);
    assert_eq!(outbox.try_due("crm").await.expect("the store answers"), 2);
    assert_eq!(ids(&backend.received()), [sure.id.to_string()]);
    assert_eq!(
        bench.row(&doubtful).await.map(|row| row.state),
        Some(RowState::Uncertain)
    );
}

#[tokio::test]
async fn a_backend_that_fails_again_and_again_is_only_probed() {
    let (bench, backend) = (Bench::new().await, Backend::start().await);
    backend.answer_with(Answer::Status(500));
    let outbox = bench.outbox(vec![outbox::Backend {
        concurrency: 1,
        ..crm(backend.url())
    }]);
    for _ in 0..13 {
        bench.commit_waiting("crm").await;
    }
    while outbox.try_due("crm").await.expect("the store answers") > 0 {}
    assert_eq!(backend.received().len(), 10);
    assert!(outbox.conditions()[0].failing);

    let fresh = bench.commit("crm").await;
    outbox.send_now(vec![fresh.clone()]);
    bench
        .until(&fresh, |row| {
            row.is_some_and(|row| row.state == RowState::Waiting)
        })
        .await;
    assert_eq!(
        bench
            .row(&fresh)
            .await
            .map(|row| (row.attempts, row.ambiguous)),
        Some((0, false))
    );
    assert_eq!(backend.received().len(), 10);

    bench.advance(Duration::from_secs(30));
    assert_eq!(outbox.try_due("crm").await.expect("the store answers"), 1);
    assert_eq!(outbox.try_due("crm").await.expect("the store answers"), 0);
    assert_eq!(backend.received().len(), 11);

    backend.answer_with(Answer::Status(200));
    bench.advance(Duration::from_mins(10));
    // The probe is answered; that wakes the worker, which takes the rest.
    assert_eq!(outbox.try_due("crm").await.expect("the store answers"), 1);
    backend.wait_for(11 + 14).await;
    assert!(!outbox.conditions()[0].failing);
}

#[tokio::test]
async fn a_backend_that_fails_every_other_time_gets_all_that_it_takes() {
    let (bench, backend) = (Bench::new().await, Backend::start().await);
    // Six failures in a row in between, which happen to a backend that fails half of the time.
    let fails = |number: usize| number.is_multiple_of(2) || (100..106).contains(&number);
    backend
        .answer_next((0..200).map(|number| Answer::Status(if fails(number) { 500 } else { 200 })));
    let outbox = bench.outbox(vec![outbox::Backend {
        concurrency: 1,
        ..crm(backend.url())
    }]);
    outbox.send_now(bench.commit_many("crm", 200).await);
    backend.wait_for(200).await;
    assert!(!outbox.conditions()[0].failing);
    bench.advance(Duration::from_secs(6));
    outbox.wake();
    backend
        .wait_for(200 + (0..200).filter(|number| fails(*number)).count())
        .await;
    assert!(bench.rows_in(RowState::Dead).await.is_empty());
}

#[tokio::test]
async fn a_backend_that_has_too_much_to_do_is_left_alone_as_a_whole() {
    for answer in [
        Answer::retry_after(429, "120"),
        Answer::retry_after(503, "120"),
    ] {
        let (bench, backend) = (Bench::new().await, Backend::start().await);
        backend.answer_next([answer]);
        let outbox = bench.outbox(vec![outbox::Backend {
            concurrency: 1,
            ..crm(backend.url())
        }]);
        let rows = bench.commit_many("crm", 20).await;
        outbox.send_now(rows.clone());
        for row in &rows {
            bench
                .until(row, |row| {
                    row.is_some_and(|row| row.state == RowState::Waiting)
                })
                .await;
        }
        assert_eq!(backend.received().len(), 1, "only the one that was told");
        assert_eq!(
            outbox.conditions()[0].waits_until,
            Some(bench.now() + Duration::from_mins(2))
        );
        for row in &rows[1..] {
            let row = bench.row(row).await.expect("it waits");
            assert_eq!(
                (row.attempts, row.ambiguous, row.last_error.as_str()),
                (0, false, "")
            );
        }
        bench.advance(Duration::from_secs(119));
        assert_eq!(outbox.try_due("crm").await.expect("the store answers"), 0);
        bench.advance(Duration::from_secs(1));
        outbox.wake();
        backend.wait_for(21).await;
        assert_eq!(outbox.conditions()[0].waits_until, None);
    }
}

#[tokio::test]
async fn a_429_that_does_not_say_for_how_long_holds_all_for_a_moment() {
    let (bench, backend) = (Bench::new().await, Backend::start().await);
    backend.answer_next([Answer::Status(429)]);
    let outbox = bench.outbox(vec![crm(backend.url())]);
    bench.commit_waiting("crm").await;
    assert_eq!(outbox.try_due("crm").await.expect("the store answers"), 1);
    assert_eq!(
        outbox.conditions()[0].waits_until,
        Some(bench.now() + Duration::from_secs(5))
    );
}

#[tokio::test]
async fn after_an_outage_a_backend_gets_little_at_first() {
    let (bench, backend) = (Bench::new().await, Backend::start().await);
    backend.answer_next([Answer::retry_after(503, "60")]);
    let outbox = bench.outbox(vec![crm(backend.url())]);
    for _ in 0..40 {
        bench.commit_waiting("crm").await;
        if backend.received().is_empty() {
            outbox.try_due("crm").await.expect("the store answers");
        }
    }
    bench.advance(Duration::from_mins(1));
    backend.answer_with(Answer::Late(
        Duration::from_millis(20),
        Box::new(Answer::Status(200)),
    ));
    let mut taken = Vec::new();
    while taken.last() != Some(&0) {
        taken.push(outbox.try_due("crm").await.expect("the store answers"));
    }
    assert_eq!(
        taken,
        [1, 2, 4, 8, 16, 9, 0],
        "as many at once as were answered before, and one more each"
    );
}

#[tokio::test]
async fn no_more_attempts_begin_in_a_second_than_allowed() {
    let (bench, backend) = (Bench::new().await, Backend::start().await);
    let outbox = bench.outbox(vec![outbox::Backend {
        pace: Some(2.0),
        ..crm(backend.url())
    }]);
    let rows = bench.commit_many("crm", 5).await;
    outbox.send_now(rows.clone());
    // The bench's clock stands: one begins, the others wait for its time.
    backend.wait_for(1).await;
    bench.until_gone(&rows[0]).await;
    assert_eq!(backend.received().len(), 1);
    for count in 2..=5 {
        bench.advance(Duration::from_millis(500));
        backend.wait_for(count).await;
    }
}

#[tokio::test]
async fn what_waits_for_its_turn_is_given_back_before_its_lease_is_over() {
    let (bench, backend) = (Bench::new().await, Backend::start().await);
    backend.answer_with(Answer::Never);
    let slow = outbox::Backend {
        concurrency: 1,
        timeout: Duration::from_secs(29),
        ..crm(backend.url())
    };
    let outbox = bench.outbox(vec![slow]);
    let rows = bench.commit_many("crm", 3).await;
    outbox.send_now(rows.clone());
    backend.wait_for(1).await;
    bench.advance(Duration::from_secs(2));
    for row in &rows[1..] {
        bench
            .until(row, |row| {
                row.is_some_and(|row| row.state == RowState::Waiting)
            })
            .await;
        assert_eq!(
            bench
                .row(row)
                .await
                .map(|row| (row.attempts, row.ambiguous)),
            Some((0, false))
        );
    }
    assert_eq!(backend.received().len(), 1);
}

#[tokio::test]
async fn each_backend_has_its_own_timeout() {
    let (bench, backend) = (Bench::new().await, Backend::start().await);
    backend.answer_with(Answer::Never);
    let hasty = outbox::Backend {
        timeout: Duration::from_millis(100),
        ..crm(backend.url())
    };
    let patient = outbox::Backend::parse("desk", backend.url(), SECRET).expect("a backend");
    let outbox = bench.outbox(vec![hasty, patient]);
    let (first, second) = (bench.commit("crm").await, bench.commit("desk").await);
    outbox.send_now(vec![first.clone(), second.clone()]);
    backend.wait_for(2).await;
    bench
        .until(&first, |row| {
            row.is_some_and(|row| row.last_error.contains("timed out"))
        })
        .await;
    assert_eq!(
        bench.row(&second).await.map(|row| row.state),
        Some(RowState::Sending)
    );
}

#[tokio::test]
async fn rows_that_were_set_aside_are_sent_again_under_the_same_ids() {
    let (bench, backend) = (Bench::new().await, Backend::start().await);
    backend.answer_with(Answer::Status(410));
    let outbox = bench.outbox(vec![crm(backend.url())]);
    let old = bench.commit_waiting("crm").await;
    bench.advance(Duration::from_hours(1));
    let since = bench.now();
    let newer = [
        bench.commit_waiting("crm").await,
        bench.commit_waiting("crm").await,
    ];
    outbox.try_due("crm").await.expect("the store answers");
    backend.answer_with(Answer::Status(200));
    bench.advance(Duration::from_hours(48));

    let retried = admin::retry_since(&bench.store, None, since, bench.now(), "a test")
        .await
        .expect("the store answers");
    assert_eq!(retried, 2);
    outbox.try_due("crm").await.expect("the store answers");
    let again = ids(&backend.received()[3..])
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>();
    assert_eq!(again.len(), 2);
    assert!(newer.iter().all(|row| again.contains(&row.id.to_string())));
    assert_eq!(
        bench
            .rows()
            .await
            .into_iter()
            .map(|row| row.id)
            .collect::<Vec<_>>(),
        [old.id]
    );
}

#[tokio::test]
async fn an_uncertain_row_is_sent_again_when_a_person_says_so() {
    let (bench, backend) = (Bench::new().await, Backend::start().await);
    let row = bench.commit("crm").await;
    bench.advance(Duration::from_hours(30));
    let outbox = bench.outbox(vec![crm(backend.url())]);
    outbox.try_due("crm").await.expect("the store answers");
    assert_eq!(
        bench.row(&row).await.map(|row| row.state),
        Some(RowState::Uncertain)
    );
    assert_eq!(
        admin::retry(&bench.store, &row.id, false, bench.now(), "a test")
            .await
            .ok(),
        Some(Acted::Done)
    );
    outbox.try_due("crm").await.expect("the store answers");
    assert_eq!(ids(&backend.received()), [row.id.to_string()]);
    assert_eq!(bench.row(&row).await, None);
}

#[tokio::test]
async fn a_row_that_is_being_sent_is_not_started_anew_beside() {
    let bench = Bench::new().await;
    let row = bench.commit("crm").await;
    assert_eq!(
        admin::retry(&bench.store, &row.id, false, bench.now(), "a test")
            .await
            .ok(),
        Some(Acted::BeingSent)
    );
    bench.advance(LEASE);
    assert_eq!(
        admin::retry(&bench.store, &row.id, false, bench.now(), "a test")
            .await
            .ok(),
        Some(Acted::Done)
    );
    assert_eq!(
        admin::drop(&bench.store, &row.id, "a test").await.ok(),
        Some(Acted::Done)
    );
    assert_eq!(
        admin::drop(&bench.store, &row.id, "a test").await.ok(),
        Some(Acted::NoSuchRow)
    );
    assert_eq!(
        admin::retry(&bench.store, &row.id, false, bench.now(), "a test")
            .await
            .ok(),
        Some(Acted::NoSuchRow)
    );
}

#[tokio::test]
async fn what_people_see_hides_sensitive_answers() {
    let bench = Bench::new().await;
    let row = bench.commit("crm").await;
    let (listed, _) = admin::list(&bench.store, &RowFilter::default(), None)
        .await
        .expect("the store answers");
    assert_eq!(listed.len(), 1);
    assert_eq!(
        (listed[0].state.as_str(), listed[0].r#type.as_deref()),
        ("sending", Some("submission.complete"))
    );
    let shown = admin::show(&bench.store, &row.id)
        .await
        .expect("the store answers")
        .expect("it is there");
    let shown = serde_json::to_value(shown).expect("JSON");
    assert_eq!(shown["id"], row.id.to_string());
    assert_eq!(
        shown["body"]["data"]["answers"],
        json!({ "pin": outbox::MASK, "size": "2" })
    );
    assert!(!shown.to_string().contains("4711"));
}

#[tokio::test]
async fn a_backend_that_only_logs_takes_everything() {
    let bench = Bench::new().await;
    let outbox = bench.outbox(vec![
        outbox::Backend::parse("crm", "log:", "").expect("a backend"),
    ]);
    let rows = bench.commit_many("crm", 3).await;
    outbox.send_now(rows.clone());
    for row in &rows {
        bench.until_gone(row).await;
    }
    assert_eq!(bench.told(), [DeliveryResult::Delivered; 3]);
}

#[tokio::test]
async fn rows_of_a_backend_that_is_not_configured_stay() {
    let bench = Bench::new().await;
    let outbox = bench.outbox(Vec::new());
    let row = bench.commit("crm").await;
    outbox.send_now(vec![row.clone()]);
    assert_eq!(outbox.try_due("crm").await.expect("the store answers"), 0);
    assert_eq!(bench.row(&row).await.map(|row| row.id), Some(row.id));
}
