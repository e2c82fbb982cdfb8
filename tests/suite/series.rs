//! The series of `/metrics`: all there before the first event, so that what rises from nothing is seen, and no more of
//! them whatever anybody sends.

use std::collections::BTreeSet;

use super::architecture::root;
use super::caller::{Caller, FORM, fresh_sid};
use super::figures::{Figures, client};
use super::flows::{DESK, ORDER};
use super::folder::Folder;
use super::server::{Plan, Server, eventually};

struct Line {
    server: Server,
    flows: Folder,
}

impl Line {
    fn new() -> Self {
        let flows = Folder::of(&[("order.toml", ORDER), ("desk.toml", DESK)]);
        let plan = Plan::default()
            .flows(flows.path())
            .set("STORE__URL", "memory:");
        // Nobody listens there, and nothing is sent.
        let server = plan
            .set("BACKENDS__PICKUPS__URL", "http://127.0.0.1:9/")
            .start();
        Self { server, flows }
    }

    /// The names of every series, with their labels.
    async fn series(&self) -> BTreeSet<String> {
        let page = Figures::of(&self.server).await.page;
        let lines = page.lines().filter(|line| !line.starts_with('#'));
        lines
            .filter_map(|line| Some(line.rsplit_once(' ')?.0.to_owned()))
            .collect()
    }
}

/// What is counted of a flow with a step.
fn of_flow(flow: &str, step: &str) -> Vec<String> {
    let outcomes = ["completed", "hung_up", "silent", "failed"];
    let calls =
        outcomes.map(|outcome| format!("calls_total{{flow=\"{flow}\",outcome=\"{outcome}\"}}"));
    let own =
        ["turns_total", "calls_started_total"].map(|name| format!("{name}{{flow=\"{flow}\"}}"));
    let step = format!("step_errors_total{{flow=\"{flow}\",step=\"{step}\"}}");
    calls.into_iter().chain(own).chain([step]).collect()
}

#[track_caller]
fn assert_at_nothing(figures: &Figures, series: &[String]) {
    for name in series {
        let line = format!("hookswitch_{name} 0");
        assert!(
            figures.page.lines().any(|other| other == line),
            "{line} is not there:\n{}",
            figures.page
        );
    }
}

#[tokio::test]
async fn every_figure_with_labels_stands_at_nothing_before_the_first_event() {
    let line = Line::new();
    let mut series = [of_flow("order", "pin"), of_flow("desk", "connect")].concat();
    let results = ["delivered", "failed", "uncertain", "dead", "cut_off"];
    series.extend(
        results
            .map(|result| format!("deliveries_total{{backend=\"pickups\",result=\"{result}\"}}")),
    );
    let reasons = [
        "mismatch",
        "missing",
        "no_call",
        "no_token",
        "unsigned",
        "too_many_fields",
    ];
    series.extend(reasons.map(|reason| format!("refused_total{{reason=\"{reason}\"}}")));
    series.extend(
        ["11200", "12100", "other"].map(|code| format!("fallbacks_total{{code=\"{code}\"}}")),
    );
    let states = ["waiting", "sending", "uncertain", "dead"];
    series.extend(
        states.map(|state| format!("outbox_rows{{backend=\"pickups\",state=\"{state}\"}}")),
    );
    series.push("delivery_seconds_count{backend=\"pickups\"}".to_owned());
    series.push("outbox_oldest_seconds{backend=\"pickups\"}".to_owned());
    series.extend(
        ["file", "redis-volatile"].map(|level| format!("store_level{{level=\"{level}\"}}")),
    );
    assert_at_nothing(&Figures::of(&line.server).await, &series);
}

#[tokio::test]
async fn the_manual_tells_of_each_figure() {
    let page = Figures::of(&Line::new().server).await.page;
    let manual =
        std::fs::read_to_string(root().join("docs/operating.md")).expect("the manual is there");
    let figures = page
        .lines()
        .filter_map(|line| line.strip_prefix("# TYPE hookswitch_")?.split_once(' '));
    let named = |(name, kind)| {
        if kind == "counter" {
            format!("`{name}_total`")
        } else {
            format!("`{name}`")
        }
    };
    let missing: Vec<_> = figures
        .map(named)
        .filter(|name| !manual.contains(name))
        .collect();
    assert_eq!(missing, [""; 0]);
}

#[tokio::test]
async fn a_flow_that_a_reload_adds_and_a_step_that_it_adds_are_counted_from_nothing() {
    let line = Line::new();
    let new = of_flow("new", "bye");
    line.flows
        .write("new.toml", ORDER.replace("+442079460123", "+442079460124"));
    eventually("it is counted", async || {
        Figures::of(&line.server).await.page.contains(&new[0])
    })
    .await;
    assert_at_nothing(&Figures::of(&line.server).await, &new);
    line.flows
        .write("desk.toml", DESK.replace("nobody", "deserted"));
    let step = of_flow("desk", "deserted").pop().expect("a step");
    eventually("it is counted", async || {
        Figures::of(&line.server).await.page.contains(&step)
    })
    .await;
    assert_at_nothing(&Figures::of(&line.server).await, &[step]);
}

#[tokio::test]
async fn whatever_the_carrier_and_strangers_send_makes_no_series() {
    let line = Line::new();
    let before = line.series().await;
    let mut caller = Caller::new(&line.server);
    caller.call("/voice/order").await;
    for code in 10_000..13_000 {
        let code = code.to_string();
        let fields = [("CallStatus", "in-progress"), ("ErrorCode", code.as_str())];
        assert_eq!(
            caller
                .post("/fallback", &fields)
                .await
                .expect("the node answers")
                .status,
            200
        );
    }
    for nth in 0..50 {
        let mut other = Caller::new(&line.server);
        other.call(&format!("/voice/nowhere{nth}")).await;
        other.call(&format!("/voice/order/~{}", nth + 7)).await;
        let stranger = client().post(line.server.url(&format!("/voice/x{nth}")));
        let stranger = stranger
            .header("content-type", FORM)
            .header("x-twilio-signature", format!("x{nth}"));
        let refused = stranger
            .body(format!("CallSid={}&From=%2B{nth}", fresh_sid()))
            .send()
            .await;
        assert_eq!(refused.expect("the node answers").status(), 403);
    }
    let after = line.series().await;
    assert_eq!(after.difference(&before).collect::<Vec<_>>(), [""; 0]);
    let figures = Figures::of(&line.server).await;
    assert_eq!(figures.sum("fallbacks_total"), 3_000);
    assert_eq!(figures.get("fallbacks_total{code=\"11200\"}"), 1);
}
