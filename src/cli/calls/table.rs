//! Calls as a list: a line a call, in columns.

use crate::telemetry::plain;
use crate::web::calls::CallView;

const HEAD: [&str; 8] = [
    "CALL", "BEGAN", "LASTED", "FLOW", "FROM", "TURNS", "OUTCOME", "STEP",
];

/// Draws calls in columns. Times are UTC.
pub fn draw(calls: &[CallView]) -> String {
    let mut table = vec![HEAD.map(str::to_owned)];
    table.extend(calls.iter().map(cells));
    let width = |column: usize| {
        table
            .iter()
            .map(|cells| cells[column].chars().count())
            .max()
            .unwrap_or(0)
    };
    let widths: [usize; 8] = std::array::from_fn(width);
    let line = |cells: &[String; 8]| {
        let padded = cells
            .iter()
            .zip(widths)
            .map(|(cell, width)| format!("{cell:<width$}"));
        format!("{}\n", padded.collect::<Vec<_>>().join("  ").trim_end())
    };
    table.iter().map(line).collect()
}

fn cells(call: &CallView) -> [String; 8] {
    let or_dash = |text: &str| {
        if text.is_empty() {
            "-".to_owned()
        } else {
            plain(text).replace(['\n', '\t'], " ")
        }
    };
    [
        call.sid.clone(),
        call.began.strftime("%Y-%m-%d %H:%M:%S").to_string(),
        lasted(call),
        or_dash(&call.flow),
        or_dash(&call.from),
        call.turns.to_string(),
        if call.rehearsal {
            format!("{} (rehearsal)", call.outcome)
        } else {
            call.outcome.clone()
        },
        or_dash(call.step.as_deref().unwrap_or_default()),
    ]
}

/// From the first turn to the last, such as `7s` or `2m05s`.
pub fn lasted(call: &CallView) -> String {
    match call.last.duration_since(call.began).as_secs().max(0) {
        seconds @ ..60 => format!("{seconds}s"),
        seconds @ ..3_600 => format!("{}m{:02}s", seconds / 60, seconds % 60),
        seconds => format!("{}h{:02}m", seconds / 3_600, seconds % 3_600 / 60),
    }
}

/// Text from outside, which must not begin a line of its own.
pub(super) fn one_line(text: &str) -> String {
    text.replace(['\n', '\t'], " ")
}
