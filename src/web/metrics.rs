//! What is measured, for Prometheus.

use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use crate::outbox::{Condition, Observer, Settled};
use crate::store::{Backlog, RowState};

/// Seconds: from a turn in memory to the carrier's limit of 15 s.
const SECONDS: [f64; 14] =
    [0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1.5, 5.0, 15.0];

macro_rules! labels {
    ($(#[$doc:meta] $name:ident { $($field:ident),+ })+) => { $(
        #[$doc]
        #[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
        pub struct $name {
            $(#[doc = stringify!($field)] pub $field: String,)+
        }
    )+ };
}

labels! {
    /// By flow.
    OfFlow { flow }
    /// By flow and outcome.
    OfOutcome { flow, outcome }
    /// By flow and step.
    OfStep { flow, step }
    /// By reason.
    OfReason { reason }
    /// By the carrier's error code.
    OfCode { code }
    /// By backend.
    OfBackend { backend }
    /// By backend and the state of its rows.
    OfRows { backend, state }
    /// By backend and what rows came to.
    OfSettled { backend, result }
    /// By durability level.
    OfLevel { level }
}

/// Every figure. Counters only go up; gauges are set when somebody looks.
pub struct Metrics {
    registry: Registry,
    /// Seconds from a webhook's arrival to its answer.
    pub turn_seconds: Histogram,
    /// Seconds of the store's commit within it.
    pub commit_seconds: Histogram,
    /// Turns that moved a call.
    pub turns: Family<OfFlow, Counter>,
    /// Calls that began.
    pub calls_started: Family<OfFlow, Counter>,
    /// Calls that ended.
    pub calls: Family<OfOutcome, Counter>,
    /// Requests that were repeats of a turn, and moved nothing.
    pub repeats: Counter,
    /// Requests for a turn that the call has not come to: the store has lost turns.
    pub future_turns: Counter,
    /// Turns of calls that the store does not know any more.
    pub lost_calls: Counter,
    /// Requests that were not served for their signature.
    pub refused: Family<OfReason, Counter>,
    /// Steps that could not be done.
    pub step_errors: Family<OfStep, Counter>,
    /// Callers put on hold because the store was away.
    pub holds: Counter,
    /// Callers that were sent away after a minute of that.
    pub holds_given_up: Counter,
    /// Replies that the carrier could not fetch or carry out.
    pub fallbacks: Family<OfCode, Counter>,
    /// Calls whose end nobody told.
    pub swept: Counter,
    /// Deliveries by what they came to.
    pub deliveries: Family<OfSettled, Counter>,
    /// Seconds of a delivery's attempt.
    pub delivery_seconds: Family<OfBackend, Histogram>,
    outbox_rows: Family<OfRows, Gauge>,
    outbox_oldest: Family<OfBackend, Gauge>,
    outbox_paused: Family<OfBackend, Gauge>,
    store_level: Family<OfLevel, Gauge>,
    store_away: Gauge,
    calls_remembered: Gauge,
    flows_out: Gauge,
}

/// A flow's counters that every turn moves: found once, for each has to be looked up by its labels under a lock.
#[derive(Clone, Debug)]
pub struct FlowFigures {
    /// Turns that moved a call.
    pub turns: Counter,
    /// Calls that began.
    pub calls_started: Counter,
}

/// What is measured by looking, not by counting.
pub struct Looked<'a> {
    /// What is owed, by backend; `None` while the store is away.
    pub backlog: Option<Vec<Backlog>>,
    /// How each backend does.
    pub conditions: Vec<Condition>,
    /// What the store's word is worth.
    pub level: &'a str,
    /// Whether the store is away.
    pub away: bool,
    /// Calls in this node's memory.
    pub remembered: usize,
    /// Flow files out of service, or in service with an older version.
    pub flows_out: usize,
}

fn histogram() -> Histogram {
    Histogram::new(SECONDS)
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("hookswitch");
        macro_rules! register {
            ($name:literal, $help:literal, $metric:expr) => {{
                let metric = $metric;
                registry.register($name, $help, metric.clone());
                metric
            }};
        }
        Self {
            turn_seconds: register!("turn_seconds", "From a webhook's arrival to its answer", histogram()),
            commit_seconds: register!("store_commit_seconds", "The store's commit of a turn", histogram()),
            turns: register!("turns", "Turns that moved a call", Family::default()),
            calls_started: register!("calls_started", "Calls that began", Family::default()),
            calls: register!("calls", "Calls that ended, by outcome", Family::default()),
            repeats: register!("repeats", "Requests answered with the reply committed before", Counter::default()),
            future_turns: register!("future_turns", "Requests for a turn that the store has lost", Counter::default()),
            lost_calls: register!("lost_calls", "Turns of calls that the store does not know", Counter::default()),
            refused: register!("refused", "Requests not served, by reason", Family::default()),
            step_errors: register!("step_errors", "Steps that could not be done", Family::default()),
            holds: register!("holds", "Callers held because the store was away", Counter::default()),
            holds_given_up: register!("holds_given_up", "Callers sent away after a minute's hold", Counter::default()),
            fallbacks: register!("fallbacks", "Replies that the carrier could not carry out", Family::default()),
            swept: register!("swept", "Calls whose end nobody told", Counter::default()),
            deliveries: register!("deliveries", "Deliveries, by what they came to", Family::default()),
            delivery_seconds: register!(
                "delivery_seconds",
                "One attempt of a delivery",
                Family::new_with_constructor(histogram as fn() -> Histogram)
            ),
            outbox_rows: register!("outbox_rows", "Deliveries owed, by state", Family::default()),
            outbox_oldest: register!(
                "outbox_oldest_seconds",
                "Age of the oldest delivery that waits",
                Family::default()
            ),
            outbox_paused: register!("outbox_paused", "1 while a backend is paused", Family::default()),
            store_level: register!("store_level", "1 at the durability level of the store", Family::default()),
            store_away: register!("store_away", "1 while the store does not answer", Gauge::default()),
            calls_remembered: register!("calls_remembered", "Calls in this node's memory", Gauge::default()),
            flows_out: register!("flows_out", "Flow files with faults", Gauge::default()),
            registry,
        }
    }
}

impl Metrics {
    /// The counters of a flow.
    pub fn of_flow(&self, flow: &str) -> FlowFigures {
        let labels = OfFlow { flow: flow.to_owned() };
        FlowFigures {
            turns: self.turns.get_or_create_owned(&labels),
            calls_started: self.calls_started.get_or_create_owned(&labels),
        }
    }

    /// The page that Prometheus reads.
    pub fn page(&self, looked: &Looked<'_>) -> String {
        self.look(looked);
        let mut page = String::new();
        // Writing to a String cannot fail.
        let _ = encode(&mut page, &self.registry);
        page
    }

    fn look(&self, looked: &Looked<'_>) {
        if let Some(backlog) = &looked.backlog {
            self.look_at_backlog(backlog, &looked.conditions);
        }
        for condition in &looked.conditions {
            let labels = OfBackend { backend: condition.backend.clone() };
            self.outbox_paused.get_or_create(&labels).set(i64::from(condition.paused));
        }
        self.store_level.get_or_create(&OfLevel { level: looked.level.to_owned() }).set(1);
        self.store_away.set(i64::from(looked.away));
        self.calls_remembered.set(i64::try_from(looked.remembered).unwrap_or(i64::MAX));
        self.flows_out.set(i64::try_from(looked.flows_out).unwrap_or(i64::MAX));
    }

    /// A backend that nothing is owed to is not in the backlog: its figures go back to nothing.
    fn look_at_backlog(&self, backlog: &[Backlog], conditions: &[Condition]) {
        self.outbox_rows.clear();
        self.outbox_oldest.clear();
        let nothing = |condition: &Condition| Backlog { backend: condition.backend.clone(), ..Backlog::default() };
        let now = jiff::Timestamp::now();
        for owed in conditions.iter().map(nothing).chain(backlog.iter().cloned()) {
            for (state, rows) in RowState::ALL.iter().zip(owed.rows) {
                let labels = OfRows { backend: owed.backend.clone(), state: state.as_str().to_owned() };
                self.outbox_rows.get_or_create(&labels).set(i64::try_from(rows).unwrap_or(i64::MAX));
            }
            let age = owed.oldest.map_or(0, |oldest| now.duration_since(oldest).as_secs().max(0));
            self.outbox_oldest.get_or_create(&OfBackend { backend: owed.backend }).set(age);
        }
    }
}

impl Observer for Metrics {
    fn settled(&self, backend: &str, result: Settled, took: Option<Duration>) {
        let labels = OfSettled { backend: backend.to_owned(), result: result.as_str().to_owned() };
        self.deliveries.get_or_create(&labels).inc();
        if let Some(took) = took {
            let labels = OfBackend { backend: backend.to_owned() };
            self.delivery_seconds.get_or_create(&labels).observe(took.as_secs_f64());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_owed_goes_back_to_nothing() {
        let metrics = Metrics::default();
        let page = |backlog| {
            let condition = Condition { backend: "pickups".to_owned(), paused: false, failing: false };
            let conditions = vec![condition];
            metrics.page(&Looked { backlog, conditions, level: "memory", away: false, remembered: 0, flows_out: 0 })
        };
        let owed = |backend: &str| Backlog { backend: backend.to_owned(), rows: [3, 0, 0, 0], oldest: None };
        let sample = "hookswitch_outbox_rows{backend=\"pickups\",state=\"waiting\"} ";
        assert!(page(Some(vec![owed("pickups"), owed("gone")])).contains(&format!("{sample}3")));
        assert!(page(None).contains(&format!("{sample}3")), "a store that is away says nothing");
        let page = page(Some(Vec::new()));
        assert!(page.contains(&format!("{sample}0")) && !page.contains("gone"), "{page}");
    }
}
