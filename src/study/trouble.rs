//! Which ways are taken because something did not work.

/// Outcomes that nobody wishes for, as they are written under `on`.
const TROUBLE: [&str; 8] = [
    "busy",
    "no_answer",
    "failed",
    "canceled",
    "unanswered",
    "error",
    "silence",
    "timeout",
];

/// Whether what takes a way, as it is written, is that something did not work.
pub fn is_trouble(on: &str) -> bool {
    on.strip_prefix("on.")
        .map_or(on.starts_with("give_up"), |what| {
            TROUBLE.contains(&what) || what.starts_with(['4', '5'])
        })
}
