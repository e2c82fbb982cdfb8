//! What is measured, for Prometheus. Every figure whose labels are known is there from the start, with nothing in it:
//! `increase()` does not see the first event of a series that begins with it.
//!
//! What a stranger, the carrier or a caller sends is never a label's value: those are names that stand in the flow files
//! or the settings, or words of this program, which the types of the labels say (`&'static str`).

mod flow;
mod refusal;
#[cfg(test)]
mod tests;

use std::sync::atomic::AtomicU64;
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

pub use self::flow::FlowFigures;
pub use self::refusal::Refusal;
use crate::outbox::{BackendCondition, CARRIER, DeliveryResult, Observer};
use crate::policy::{NumberRefusal, Reach};
use crate::services::{AskEnd, ServiceObserver};
use crate::store::{Backlog, Durability, RowState};
use crate::twilio;
use crate::verify::{CodeAnswer, SendLimit};
use crate::written::PlacedOutcome;

/// Seconds: from a turn in memory to the carrier's limit of 15 s.
const SECONDS: [f64; 14] = [
    0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1.5, 5.0, 15.0,
];

/// What the carrier can tell of a recording: how it ended, what became of its words, and what is not noted since it is of a
/// call that is not known or of another account.
const RECORDING_NEWS: [&str; 7] = [
    "completed",
    "absent",
    "failed",
    "transcribed",
    "not_transcribed",
    "unknown",
    "foreign",
];

/// What the carrier can tell of an SMS; what it has for others, and of those of calls that are not known.
const TEXT_NEWS: [&str; 7] = [
    "queued",
    "sent",
    "delivered",
    "undelivered",
    "failed",
    "other",
    "unknown",
];

/// The word of figures for what the carrier says of an SMS (`MessageStatus`).
fn text_news(status: &str) -> &'static str {
    match status {
        "accepted" | "scheduled" | "sending" => "queued",
        status => {
            let known = TEXT_NEWS.iter().find(|word| **word == status);
            known.copied().unwrap_or("other")
        }
    }
}

macro_rules! labels {
    ($(#[$doc:meta] $name:ident { $($field:ident: $type:ty),+ })+) => { $(
        #[$doc]
        #[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
        struct $name {
            $($field: $type,)+
        }
    )+ };
}

labels! {
    /// By flow.
    OfFlow { flow: String }
    /// By flow and outcome.
    OfOutcome { flow: String, outcome: &'static str }
    /// By flow and step.
    OfStep { flow: String, step: String }
    /// By flow and milestone.
    OfMilestone { flow: String, milestone: String }
    /// By reason.
    OfReason { reason: &'static str }
    /// By what was reported of recordings.
    OfNews { news: &'static str }
    /// By what was to be done with a number, and why it was not.
    OfNumber { reach: &'static str, reason: &'static str }
    /// By what came of a code.
    OfCodeAnswer { answer: &'static str }
    /// By limit, and what became of it.
    OfLimit { limit: &'static str, done: &'static str }
    /// By what was reported of SMS.
    OfText { news: &'static str }
    /// By how a try came out.
    OfPlaced { outcome: &'static str }
    /// By the carrier's error code.
    OfCode { code: &'static str }
    /// By backend.
    OfBackend { backend: String }
    /// By backend and the state of its rows.
    OfRows { backend: String, state: &'static str }
    /// By backend and what rows came to.
    OfSettled { backend: String, result: &'static str }
    /// By service.
    OfService { service: String }
    /// By service and how a request to it ended.
    OfAsked { service: String, end: &'static str }
    /// By durability level.
    OfLevel { level: &'static str }
}

/// Declares every figure once: its field, its first value, its name and what it says on the page.
macro_rules! figures {
    ($($(#[$doc:meta])* $vis:vis $field:ident: $type:ty = $metric:expr, $name:literal, $help:literal;)+) => {
        /// Every figure. Counters only go up; gauges are set when somebody looks.
        pub struct Metrics {
            registry: Registry,
            $($(#[$doc])* $vis $field: $type,)+
        }

        impl Default for Metrics {
            fn default() -> Self {
                let mut registry = Registry::with_prefix("hookswitch");
                $(
                    let $field: $type = $metric;
                    registry.register($name, $help, $field.clone());
                )+
                Self { registry, $($field,)+ }
            }
        }
    };
}

figures! {
    /// Seconds from a webhook's arrival to its answer.
    pub turn_seconds: Histogram = histogram(),
        "turn_seconds", "From a webhook's arrival to its answer";
    /// Seconds of the store's commit within it.
    pub commit_seconds: Histogram = histogram(),
        "store_commit_seconds", "The store's commit of a turn";
    turns: Family<OfFlow, Counter> = Family::default(), "turns", "Turns that moved a call";
    calls_started: Family<OfFlow, Counter> = Family::default(), "calls_started", "Calls that began";
    rehearsals: Family<OfFlow, Counter> = Family::default(),
        "rehearsals", "Calls that nobody made, left out of the others";
    rehearsal_turns: Family<OfFlow, Counter> = Family::default(),
        "rehearsal_turns", "Turns of such calls";
    calls: Family<OfOutcome, Counter> = Family::default(), "calls", "Calls that ended, by outcome";
    /// Requests that were repeats of a turn, and moved nothing.
    pub repeats: Counter = Counter::default(),
        "repeats", "Requests answered with the reply committed before";
    /// Requests for a turn that the call has not come to: the store has lost turns.
    pub future_turns: Counter = Counter::default(),
        "future_turns", "Requests for a turn that the store has lost";
    /// Turns of calls that the store does not know any more.
    pub lost_calls: Counter = Counter::default(),
        "lost_calls", "Turns of calls that the store does not know";
    refused: Family<OfReason, Counter> = Family::default(),
        "refused", "Requests not served, by reason";
    milestones: Family<OfMilestone, Counter> = Family::default(),
        "milestones", "Visits that reached a milestone";
    step_errors: Family<OfStep, Counter> = Family::default(),
        "step_errors", "Steps that could not be done";
    recordings: Family<OfNews, Counter> = Family::default(),
        "recordings", "What the carrier reported of recordings, by what it was";
    /// Callers put on hold because the store was away.
    pub holds: Counter = Counter::default(), "holds", "Callers held because the store was away";
    /// Callers that were sent away after a minute of that.
    pub holds_given_up: Counter = Counter::default(),
        "holds_given_up", "Callers sent away after a minute's hold";
    /// Their last turns that were kept on disk.
    pub spilled: Counter = Counter::default(), "spilled", "Their last turns that were kept on disk";
    /// Those of them that were taken when the store was back.
    pub spilled_taken: Counter = Counter::default(),
        "spilled_taken", "Kept turns that were taken later";
    /// Last turns that could not be kept, or not be taken.
    pub spilled_lost: Counter = Counter::default(),
        "spilled_lost", "Last turns that were neither kept nor taken";
    texts: Family<OfText, Counter> = Family::default(),
        "texts", "What the carrier reported of SMS, by what it was";
    placed: Family<OfPlaced, Counter> = Family::default(),
        "placed_tries", "Tries of calls that we place, by how they came out";
    not_reached: Family<OfNumber, Counter> = Family::default(),
        "numbers_refused", "Numbers that were not dialled or texted, by reason";
    codes: Family<OfCodeAnswer, Counter> = Family::default(),
        "codes", "One-time codes by SMS: sent, and what came of those that were entered";
    code_limits: Family<OfLimit, Counter> = Family::default(),
        "codes_over_limit", "Codes over a limit, which were refused or only recorded";
    fallbacks: Family<OfCode, Counter> = Family::default(),
        "fallbacks", "Replies that the carrier could not carry out";
    /// Calls whose end was never reported.
    pub swept: Counter = Counter::default(), "swept", "Calls whose end was never reported";
    deliveries: Family<OfSettled, Counter> = Family::default(),
        "deliveries", "Deliveries, by what they came to";
    delivery_seconds: Family<OfBackend, Histogram> = Family::new_with_constructor(histogram as fn() -> Histogram),
        "delivery_seconds", "One attempt of a delivery";
    service_requests: Family<OfAsked, Counter> = Family::default(),
        "service_requests", "Requests to services for calls, by how they ended";
    service_seconds: Family<OfService, Histogram> = Family::new_with_constructor(histogram as fn() -> Histogram),
        "service_seconds", "From a request to a service to its answer";
    service_failing: Family<OfService, Gauge> = Family::default(),
        "service_failing", "1 while a service fails so often that it is left alone but for probes";
    /// Answers of services that came when the call had gone on.
    pub late_answers: Counter = Counter::default(),
        "service_late_answers", "Answers of services that found nobody any more";
    outbox_rows: Family<OfRows, Gauge> = Family::default(),
        "outbox_rows", "Deliveries owed, by state";
    outbox_oldest: Family<OfBackend, Gauge> = Family::default(),
        "outbox_oldest_seconds", "Age of the oldest delivery that waits";
    outbox_delivered: Family<OfBackend, Gauge> = Family::default(),
        "outbox_delivered", "Deliveries made that can be looked up";
    outbox_paused: Family<OfBackend, Gauge> = Family::default(),
        "outbox_paused", "1 while a backend is paused";
    outbox_failing: Family<OfBackend, Gauge> = Family::default(),
        "outbox_failing", "1 while a backend fails so often that it is left alone but for probes";
    store_level: Family<OfLevel, Gauge> = Family::default(),
        "store_level", "1 at the durability level of the store";
    store_away: Gauge = Gauge::default(),
        "store_away", "1 while the store does not take what is written";
    clock_ahead: Gauge<f64, AtomicU64> = Gauge::default(),
        "clock_ahead_seconds", "How far this machine's clock is ahead of the store's";
    calls_remembered: Gauge = Gauge::default(), "calls_remembered", "Calls in this node's memory";
    flows_out: Gauge = Gauge::default(), "flows_out", "Flow files with faults";
}

/// What is measured by looking, not by counting.
pub struct Sampled {
    /// What is owed, by backend; `None` while the store is away.
    pub backlog: Option<Vec<Backlog>>,
    /// How each backend does.
    pub conditions: Vec<BackendCondition>,
    /// What the store's word is worth.
    pub level: Durability,
    /// Whether the store is away.
    pub away: bool,
    /// How far this machine's clock is ahead of the store's, in seconds.
    pub clock_ahead: f64,
    /// Calls in this node's memory.
    pub remembered: usize,
    /// Flow files out of service, or in service with an older version.
    pub flows_out: usize,
}

fn histogram() -> Histogram {
    Histogram::new(SECONDS)
}

impl Metrics {
    /// Every figure, for a node with these backends and services.
    pub fn new(
        backends: impl IntoIterator<Item = String>,
        services: impl IntoIterator<Item = String>,
    ) -> Self {
        let metrics = Self::default();
        Refusal::all().for_each(|refusal| drop(metrics.refused.get_or_create(&reason(refusal))));
        for news in TEXT_NEWS {
            drop(metrics.texts.get_or_create(&OfText { news }));
        }
        let answers = CodeAnswer::CHECKED.into_iter().chain([CodeAnswer::Sent]);
        for answer in answers.map(CodeAnswer::as_str) {
            drop(metrics.codes.get_or_create(&OfCodeAnswer { answer }));
        }
        for limit in SendLimit::ALL.map(SendLimit::as_str) {
            for done in ["refused", "recorded"] {
                drop(metrics.code_limits.get_or_create(&OfLimit { limit, done }));
            }
        }
        for outcome in PlacedOutcome::ALL
            .map(PlacedOutcome::as_str)
            .into_iter()
            .chain(["twice"])
        {
            drop(metrics.placed.get_or_create(&OfPlaced { outcome }));
        }
        for reach in Reach::ALL {
            for refusal in NumberRefusal::ALL {
                drop(
                    metrics
                        .not_reached
                        .get_or_create(&of_number(reach, refusal)),
                );
            }
        }
        for news in RECORDING_NEWS {
            drop(metrics.recordings.get_or_create(&OfNews { news }));
        }
        twilio::codes().for_each(|code| drop(metrics.fallbacks.get_or_create(&OfCode { code })));
        metrics.look_at_level(None);
        for service in services {
            for end in AskEnd::ALL {
                drop(
                    metrics
                        .service_requests
                        .get_or_create(&asked(&service, end)),
                );
            }
            let labels = OfService { service };
            drop(metrics.service_seconds.get_or_create(&labels));
            drop(metrics.service_failing.get_or_create(&labels));
        }
        for backend in backends {
            for result in DeliveryResult::ALL {
                drop(metrics.deliveries.get_or_create(&settled(&backend, result)));
            }
            drop(
                metrics
                    .delivery_seconds
                    .get_or_create(&OfBackend { backend }),
            );
        }
        metrics
    }

    /// A request was not served.
    pub fn refused(&self, refusal: Refusal) {
        self.refused.get_or_create(&reason(refusal)).inc();
    }

    /// The carrier told what became of an SMS, by its word, or `unknown` of one that is of no call.
    pub fn texts(&self, status: &str) {
        let news = text_news(status);
        self.texts.get_or_create(&OfText { news }).inc();
    }

    /// A code was sent, or this came of one that was entered.
    pub fn codes(&self, answer: CodeAnswer) {
        let answer = answer.as_str();
        self.codes.get_or_create(&OfCodeAnswer { answer }).inc();
    }

    /// A code was over a limit: refused, or only recorded.
    pub fn code_over(&self, limit: SendLimit, is_refused: bool) {
        let done = if is_refused { "refused" } else { "recorded" };
        let limit = limit.as_str();
        self.code_limits
            .get_or_create(&OfLimit { limit, done })
            .inc();
    }

    /// A try of a call that we place came out so, in a flow's word, or was one too many (`twice`).
    pub fn placed(&self, outcome: &'static str) {
        self.placed.get_or_create(&OfPlaced { outcome }).inc();
    }

    /// A number was not reached.
    pub fn not_reached(&self, reach: Reach, refusal: NumberRefusal) {
        self.not_reached
            .get_or_create(&of_number(reach, refusal))
            .inc();
    }

    /// The carrier told something of a recording, which is one of [`RECORDING_NEWS`].
    pub fn recordings(&self, news: &'static str) {
        self.recordings.get_or_create(&OfNews { news }).inc();
    }

    /// The carrier could not fetch or carry out a reply.
    pub fn fallback(&self, code: u32) {
        self.fallbacks
            .get_or_create(&OfCode {
                code: twilio::code_name(code),
            })
            .inc();
    }

    /// The page that Prometheus reads.
    pub fn page(&self, looked: &Sampled) -> String {
        self.look(looked);
        let mut page = String::new();
        // Writing to a String cannot fail.
        let _ = encode(&mut page, &self.registry);
        page
    }

    fn look(&self, looked: &Sampled) {
        if let Some(backlog) = &looked.backlog {
            self.look_at_backlog(backlog, &looked.conditions);
        }
        for condition in &looked.conditions {
            let labels = OfBackend {
                backend: condition.backend.clone(),
            };
            self.outbox_paused
                .get_or_create(&labels)
                .set(i64::from(condition.paused));
            self.outbox_failing
                .get_or_create(&labels)
                .set(i64::from(condition.failing));
        }
        self.look_at_level(Some(looked.level));
        self.store_away.set(i64::from(looked.away));
        // To the millisecond: anything finer depends on the moment of reading.
        self.clock_ahead
            .set((looked.clock_ahead * 1_000.0).round() / 1_000.0 + 0.0);
        self.calls_remembered
            .set(i64::try_from(looked.remembered).unwrap_or(i64::MAX));
        self.flows_out
            .set(i64::try_from(looked.flows_out).unwrap_or(i64::MAX));
    }

    /// Level by level, whether it is the store's.
    fn look_at_level(&self, is: Option<Durability>) {
        for level in Durability::ALL {
            let labels = OfLevel {
                level: level.as_str(),
            };
            self.store_level
                .get_or_create(&labels)
                .set(i64::from(is == Some(level)));
        }
    }

    /// A backend that nothing is owed to is not in the backlog: its figures go back to nothing.
    fn look_at_backlog(&self, backlog: &[Backlog], conditions: &[BackendCondition]) {
        self.outbox_rows.clear();
        self.outbox_oldest.clear();
        self.outbox_delivered.clear();
        let nothing = |condition: &BackendCondition| Backlog {
            backend: condition.backend.clone(),
            ..Backlog::default()
        };
        let now = jiff::Timestamp::now();
        for owed in conditions
            .iter()
            .map(nothing)
            .chain(backlog.iter().cloned())
        {
            for (state, rows) in RowState::OWED.iter().zip(owed.rows) {
                let labels = OfRows {
                    backend: owed.backend.clone(),
                    state: state.as_str(),
                };
                self.outbox_rows
                    .get_or_create(&labels)
                    .set(i64::try_from(rows).unwrap_or(i64::MAX));
            }
            let delivered =
                i64::try_from(owed.rows[RowState::Delivered as usize]).unwrap_or(i64::MAX);
            self.outbox_delivered
                .get_or_create(&OfBackend {
                    backend: owed.backend.clone(),
                })
                .set(delivered);
            if owed.backend == CARRIER {
                // Erasures wait for weeks, and are not late.
                continue;
            }
            let age = owed
                .oldest
                .map_or(0, |oldest| now.duration_since(oldest).as_secs().max(0));
            self.outbox_oldest
                .get_or_create(&OfBackend {
                    backend: owed.backend,
                })
                .set(age);
        }
    }
}

impl Observer for Metrics {
    fn settled(&self, backend: &str, result: DeliveryResult, took: Option<Duration>) {
        self.deliveries
            .get_or_create(&settled(backend, result))
            .inc();
        if let Some(took) = took {
            let labels = OfBackend {
                backend: backend.to_owned(),
            };
            self.delivery_seconds
                .get_or_create(&labels)
                .observe(took.as_secs_f64());
        }
    }
}

impl ServiceObserver for Metrics {
    fn asked(&self, service: &str, end: AskEnd, took: Duration) {
        self.service_requests
            .get_or_create(&asked(service, end))
            .inc();
        self.service_seconds
            .get_or_create(&of_service(service))
            .observe(took.as_secs_f64());
    }

    fn circuit(&self, service: &str, is_open: bool) {
        self.service_failing
            .get_or_create(&of_service(service))
            .set(i64::from(is_open));
    }
}

fn asked(service: &str, end: AskEnd) -> OfAsked {
    OfAsked {
        service: service.to_owned(),
        end: end.as_str(),
    }
}

fn of_service(service: &str) -> OfService {
    OfService {
        service: service.to_owned(),
    }
}

fn reason(refusal: Refusal) -> OfReason {
    OfReason {
        reason: refusal.as_str(),
    }
}

fn of_number(reach: Reach, refusal: NumberRefusal) -> OfNumber {
    OfNumber {
        reach: reach.as_str(),
        reason: refusal.as_str(),
    }
}

fn settled(backend: &str, result: DeliveryResult) -> OfSettled {
    OfSettled {
        backend: backend.to_owned(),
        result: result.as_str(),
    }
}
