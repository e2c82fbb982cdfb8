//! What somebody is woken up for, by the names of `deploy/alerts.yml`.

use std::collections::BTreeMap;
use std::time::Duration;

use super::figures::{Labels, Window};

/// The reasons for which the carrier's own webhooks are refused when a token, URL or proxy is wrong.
const SIGNED_WRONG: [&str; 6] = [
    "mismatch",
    "body_differs",
    "algorithm",
    "account",
    "no_token",
    "no_public_url",
];
/// How long a delivery may wait, in seconds.
const BEHIND: f64 = 900.0;
/// How far a clock may be off that of Redis, in seconds.
const CLOCK: f64 = 2.0;

/// Something that somebody has to act on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlarmCause {
    /// Its name, which its paragraph in the manual has too.
    pub name: &'static str,
    /// Which flow, step, backend or service it is about.
    pub labels: BTreeMap<&'static str, String>,
    /// What is wrong, in a line.
    pub summary: String,
    /// Where to look.
    pub look: String,
    /// The place in a flow's file that it is about.
    pub place: Option<String>,
    /// How long it must last before anybody is told.
    pub lasting: Duration,
}

impl AlarmCause {
    fn new(name: &'static str, summary: impl Into<String>, look: impl Into<String>) -> Self {
        Self {
            name,
            labels: BTreeMap::new(),
            summary: summary.into(),
            look: look.into(),
            place: None,
            lasting: Duration::ZERO,
        }
    }

    fn about(mut self, label: &'static str, value: &str) -> Self {
        self.labels.insert(label, value.to_owned());
        self
    }

    fn lasting(self, lasting: Duration) -> Self {
        Self { lasting, ..self }
    }

    /// The value of a label.
    pub fn label(&self, name: &str) -> Option<&str> {
        self.labels.get(name).map(String::as_str)
    }

    /// One that is of no real trouble, to try the channels.
    pub fn trial() -> Self {
        Self::new(
            "HookswitchTest",
            "this is a test: nothing is wrong",
            "somebody ran `hookswitch alarm test`",
        )
    }
}

/// Every cause there is now.
pub fn all(window: &Window) -> Vec<AlarmCause> {
    let mut causes = Vec::new();
    causes.extend(callers(window));
    causes.extend(flows(window));
    causes.extend(deliveries(window));
    causes.extend(services(window));
    causes.extend(store(window));
    causes
}

/// A label of a series.
fn of<'l>(labels: &'l Labels, name: &str) -> &'l str {
    labels.get(name).map_or("", String::as_str)
}

fn callers(window: &Window) -> Vec<AlarmCause> {
    let mut causes = Vec::new();
    if !window.risen("holds_given_up_total", 10).is_empty() {
        causes.push(AlarmCause::new(
            "HookswitchCallersSentAway",
            "callers were sent away after a minute on hold",
            "mend the store first; the log names each call",
        ));
    }
    for (labels, _) in window.risen("fallbacks_total", 10) {
        let code = of(&labels, "code");
        let summary = format!("the carrier could not fetch or use an answer of ours: error {code}");
        let look = "the log has the code and the URL; `hookswitch doctor` asks the public URL as the carrier does";
        causes.push(AlarmCause::new("HookswitchFallback", summary, look).about("code", code));
    }
    let sum = |series: Vec<(Labels, f64)>| series.iter().map(|(_, value)| value).sum::<f64>();
    let mut refused = window.risen("refused_total", 10);
    refused.retain(|(labels, _)| SIGNED_WRONG.contains(&of(labels, "reason")));
    if sum(refused) > 0.01 * sum(window.risen("turn_seconds_count", 10)) {
        causes.push(AlarmCause::new(
            "HookswitchSignaturesDoNotFit",
            "more than one webhook in a hundred is refused for its signature",
            "was a token changed, or the public URL, or does a proxy rewrite paths? `hookswitch doctor` looks",
        ));
    }
    causes
}

fn flows(window: &Window) -> Vec<AlarmCause> {
    let mut causes = Vec::new();
    for (labels, _) in window.risen("step_errors_total", 15) {
        let (flow, step) = (of(&labels, "flow"), of(&labels, "step"));
        let summary = format!("step {step} of flow {flow} cannot be done");
        let look = format!("`hookswitch calls list --flow {flow} --step {step} --since 1h`");
        let cause = AlarmCause::new("HookswitchStepFails", summary, look);
        causes.push(cause.about("flow", flow).about("step", step));
    }
    let mut failed = window.risen("calls_total", 15);
    failed.retain(|(labels, _)| of(labels, "outcome") == "failed");
    for (labels, _) in failed {
        let flow = of(&labels, "flow");
        let summary = format!("calls of flow {flow} end with an apology");
        let look = format!("`hookswitch calls list --flow {flow} --outcome failed --since 1h`");
        causes.push(AlarmCause::new("HookswitchCallsFail", summary, look).about("flow", flow));
    }
    causes
}

fn deliveries(window: &Window) -> Vec<AlarmCause> {
    let mut causes = Vec::new();
    for (labels, rows) in window.now("outbox_rows") {
        let (backend, state) = (of(&labels, "backend"), of(&labels, "state"));
        if rows > 0.0 && ["dead", "uncertain"].contains(&state) {
            let summary = format!("deliveries to {backend} are {state} and wait for a person");
            let look = format!("`hookswitch outbox list --backend {backend} --state {state}`");
            let cause = AlarmCause::new("HookswitchDeliverySetAside", summary, look);
            causes.push(cause.about("backend", backend).about("state", state));
        }
    }
    let paused = window.now("outbox_paused");
    for (labels, seconds) in window.now("outbox_oldest_seconds") {
        let is_paused = paused
            .iter()
            .any(|(other, paused)| *other == labels && *paused > 0.0);
        let backend = of(&labels, "backend");
        if seconds > BEHIND && !is_paused {
            let summary =
                format!("deliveries to {backend} wait for longer than a quarter of an hour");
            let look =
                format!("`hookswitch outbox list --backend {backend}` shows what it answers");
            let cause = AlarmCause::new("HookswitchBackendBehind", summary, look);
            causes.push(cause.about("backend", backend));
        }
    }
    causes
}

fn services(window: &Window) -> Vec<AlarmCause> {
    let failing = window.now("service_failing").into_iter();
    let failing = failing.filter(|(_, failing)| *failing > 0.0);
    let cause = |(labels, _): (Labels, f64)| {
        let service = of(&labels, "service");
        let summary = format!("service {service} fails, and calls that need it go another way");
        let look = format!("does it answer? The log has what it said: `services.{service}.url`");
        let cause = AlarmCause::new("HookswitchServiceFails", summary, look);
        cause
            .about("service", service)
            .lasting(Duration::from_mins(2))
    };
    failing.map(cause).collect()
}

fn store(window: &Window) -> Vec<AlarmCause> {
    let is = |name| window.now(name).iter().any(|(_, value)| *value > 0.0);
    let mut causes = Vec::new();
    if is("store_away") {
        let cause = AlarmCause::new(
            "HookswitchStoreAway",
            "the store takes no writes: callers are held, and sent away after a minute",
            "the log says why: is it reachable, full, read-only?",
        );
        causes.push(cause.lasting(Duration::from_mins(1)));
    }
    let levels = window.now("store_level").into_iter();
    let levels: Vec<String> = levels
        .filter(|(_, value)| *value > 0.0)
        .map(|(labels, _)| of(&labels, "level").to_owned())
        .collect();
    let is_redis = levels.iter().any(|level| level.starts_with("redis-"));
    let mut ahead = window.now("clock_ahead_seconds").into_iter();
    if is_redis && ahead.any(|(_, ahead)| ahead.abs() > CLOCK) {
        let cause = AlarmCause::new(
            "HookswitchClockOff",
            "this machine's clock is off that of Redis: it takes nothing that is due",
            "does the time service run, here and there?",
        );
        causes.push(cause.lasting(Duration::from_mins(1)));
    }
    let lost = ["future_turns_total", "lost_calls_total"];
    if lost.iter().any(|name| !window.risen(name, 15).is_empty()) {
        causes.push(AlarmCause::new(
            "HookswitchStoreLostTurns",
            "the store has lost turns or whole calls that it had taken",
            "a failover, a restart without its file, or eviction: is it set as you meant?",
        ));
    }
    let lossy = ["memory", "redis-volatile", "redis-evicting"];
    for level in levels
        .iter()
        .filter(|level| lossy.contains(&level.as_str()))
    {
        let summary = format!("calls and deliveries are lost when the store ends (level {level})");
        let look = "turn on Redis's append-only file, or set store.url to a store on disk";
        let cause = AlarmCause::new("HookswitchStoreNotDurable", summary, look);
        causes.push(cause.about("level", level).lasting(Duration::from_mins(1)));
    }
    causes
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::{AlarmCause, all};
    use crate::web::alarms::figures::Window;

    fn causes(page: &str) -> Vec<AlarmCause> {
        let mut window = Window::of_a_new_node();
        window.add(Timestamp::now(), page);
        all(&window)
    }

    /// Each line of a page, and the alarm that it alone gives.
    const CASES: [(&str, &str); 13] = [
        ("holds_given_up_total 1", "HookswitchCallersSentAway"),
        ("fallbacks_total{code=\"11200\"} 1", "HookswitchFallback"),
        (
            "refused_total{reason=\"mismatch\"} 1",
            "HookswitchSignaturesDoNotFit",
        ),
        (
            "step_errors_total{flow=\"a\",step=\"b\"} 1",
            "HookswitchStepFails",
        ),
        (
            "calls_total{flow=\"a\",outcome=\"failed\"} 1",
            "HookswitchCallsFail",
        ),
        (
            "outbox_rows{backend=\"crm\",state=\"dead\"} 1",
            "HookswitchDeliverySetAside",
        ),
        (
            "outbox_oldest_seconds{backend=\"crm\"} 901",
            "HookswitchBackendBehind",
        ),
        (
            "service_failing{service=\"crm\"} 1",
            "HookswitchServiceFails",
        ),
        ("store_away 1", "HookswitchStoreAway"),
        (
            "store_level{level=\"redis-safe\"} 1\nhookswitch_clock_ahead_seconds -2.5",
            "HookswitchClockOff",
        ),
        ("future_turns_total 1", "HookswitchStoreLostTurns"),
        ("lost_calls_total 1", "HookswitchStoreLostTurns"),
        (
            "store_level{level=\"redis-volatile\"} 1",
            "HookswitchStoreNotDurable",
        ),
    ];

    #[test]
    fn each_figure_that_harms_somebody_has_its_alarm_and_nothing_else_has_one() {
        for (line, name) in CASES {
            let found = causes(&format!("hookswitch_{line}\n"));
            let names: Vec<_> = found.iter().map(|cause| cause.name).collect();
            assert_eq!(names, [name], "{line}");
        }
        for line in [
            "holds_total 1",
            "refused_total{reason=\"missing\"} 5",
            "refused_total{reason=\"mismatch\"} 1\nhookswitch_turn_seconds_count 1000",
            "calls_total{flow=\"a\",outcome=\"completed\"} 1",
            "outbox_rows{backend=\"crm\",state=\"waiting\"} 9",
            "outbox_oldest_seconds{backend=\"crm\"} 901\nhookswitch_outbox_paused{backend=\"crm\"} 1",
            "store_level{level=\"file\"} 1\nhookswitch_clock_ahead_seconds 1800",
        ] {
            assert_eq!(causes(&format!("hookswitch_{line}\n")), [], "{line}");
        }
    }

    /// The rules that need more than one node's figures, or a whole histogram.
    const PROMETHEUS_ONLY: [&str; 3] = [
        "HookswitchNoNode",
        "HookswitchTurnsSlow",
        "HookswitchStoreLevelDropped",
    ];

    #[test]
    fn alarms_and_the_rules_of_prometheus_that_page_are_the_same() {
        let rules = include_str!("../../../deploy/alerts.yml");
        let rules = rules.split("- alert: ").skip(1);
        let mut paging: Vec<&str> = rules
            .filter(|rule| rule.contains("severity: page"))
            .filter_map(|rule| rule.lines().next())
            .filter(|name| !PROMETHEUS_ONLY.contains(name))
            .collect();
        let mut alarms: Vec<&str> = CASES.iter().map(|(_, name)| *name).collect();
        paging.sort_unstable();
        alarms.sort_unstable();
        alarms.dedup();
        assert_eq!(alarms, paging);
    }
}
