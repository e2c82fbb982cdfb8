//! The result of a load run, for a person and for a program.

use std::fmt::Write as _;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::{Map, Value, json};

use crate::replay::load::{CallResult, Tally};

/// The percentiles that are shown, and their names.
const PERCENTILES: [(&str, f64); 5] = [
    ("p50", 50.0),
    ("p90", 90.0),
    ("p99", 99.0),
    ("p99_9", 99.9),
    ("max", 100.0),
];
/// The most kinds of faults that a table lists.
const MOST_FAULTS: usize = 10;

/// How far it is; drawn on a terminal only.
pub fn bar(calls: u64) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(calls), ProgressDrawTarget::stderr());
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} calls  {msg}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar
}

/// How far it is now.
pub fn update(bar: &ProgressBar, tally: &Tally) {
    bar.set_position(tally.all_calls());
    let p99 = milliseconds(tally.latency.value_at_percentile(99.0));
    let faults: u64 = tally.faults.values().sum();
    bar.set_message(format!(
        "{} requests, p99 {p99} ms, {faults} faults",
        tally.requests
    ));
}

/// A table for a person.
pub fn table(tally: &Tally, seed: u64) -> String {
    let mut table = String::new();
    let mut row = |name: &str, value: String| {
        let _ = writeln!(table, "{name:<22} {value}");
    };
    let ends = CallResult::ALL
        .iter()
        .filter(|outcome| tally.calls(**outcome) > 0);
    let ends: Vec<String> = ends
        .map(|outcome| format!("{} {}", tally.calls(*outcome), outcome.as_str()))
        .collect();
    row(
        "calls",
        format!("{} ({})", tally.all_calls(), ends.join(", ")),
    );
    if tally.begun_late > 0 {
        row(
            "begun late",
            format!("{}: more --callers, or a lower --rate", tally.begun_late),
        );
    }
    row(
        "requests",
        format!("{}, {:.0} a second", tally.requests, per_second(tally)),
    );
    if tally.duplicates > 0 {
        row(
            "sent twice",
            format!("{}, {} with another answer", tally.duplicates, tally.differ),
        );
    }
    if tally.late > 0 {
        row("sent late", tally.late.to_string());
    }
    for (name, percentile) in PERCENTILES {
        row(
            &format!("latency {}", name.replace('_', ".")),
            format!(
                "{} ms",
                milliseconds(tally.latency.value_at_percentile(percentile))
            ),
        );
    }
    row("seed", seed.to_string());
    for (fault, times) in tally.faults.iter().take(MOST_FAULTS) {
        let _ = writeln!(table, "{times:>7} × {fault}");
    }
    if tally.faults.len() > MOST_FAULTS {
        let _ = writeln!(
            table,
            "        and {} other kinds of faults",
            tally.faults.len() - MOST_FAULTS
        );
    }
    table
}

/// The same for a program: one object. Latencies are microseconds.
pub fn json(tally: &Tally, seed: u64) -> Value {
    let calls: Map<String, Value> = CallResult::ALL
        .iter()
        .map(|outcome| (outcome.as_str().to_owned(), tally.calls(*outcome).into()))
        .collect();
    let latency: Map<String, Value> = PERCENTILES
        .iter()
        .map(|(name, percentile)| {
            (
                (*name).to_owned(),
                tally.latency.value_at_percentile(*percentile).into(),
            )
        })
        .collect();
    json!({
        "seconds": tally.took.as_secs_f64(),
        "calls": calls,
        "begun_late": tally.begun_late,
        "requests": tally.requests,
        "requests_a_second": per_second(tally),
        "duplicates": tally.duplicates,
        "differ": tally.differ,
        "late": tally.late,
        "latency_us": latency,
        "faults": tally.faults,
        "seed": seed,
    })
}

fn per_second(tally: &Tally) -> f64 {
    tally.requests as f64 / tally.took.as_secs_f64().max(0.001)
}

fn milliseconds(micros: u64) -> String {
    format!("{:.2}", micros as f64 / 1000.0)
}
