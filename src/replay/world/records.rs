//! What callers leave as messages: what stands in `[world]` below the name of a step that records.

use std::time::Duration;

use super::super::reader::Reader;
use super::time;
use crate::phone::{RecordAnswer, RecordEnd, RecordingReport};
use crate::written::diag::nearest;
use crate::written::{Code, Explain, Faults, Item, Table};

/// How a recording can end, in the words of flows.
pub(in crate::replay) const OUTCOMES: [&str; 3] = [RECORDED, "empty", "error"];
const RECORDED: &str = "recorded";
/// What the carrier can say of a recording, and that it never says anything.
pub(in crate::replay) const STATUSES: [&str; 4] = ["completed", "absent", "failed", NEVER];
const NEVER: &str = "never";
/// How a caller ends a message, beside the keys.
const SILENCE: &str = "silence";
const HANGUP: &str = "hangup";

/// How long a message is where that is not said.
const SPEAKS: Duration = Duration::from_secs(10);
/// Whether a table, or the first of a list, speaks of a recording.
pub(in crate::replay) fn is_record(item: &Item<'_>) -> bool {
    let entries = item.entries();
    let first = entries.as_ref().and_then(|entries| entries.first());
    let Some(table) = first.unwrap_or(item).as_table() else {
        return false;
    };
    let dialled = ["after", "talks", "presses", "position"];
    let own = ["seconds", "says", "ends", "status", "told"];
    let outcome = table.peek("outcome").and_then(|item| item.value.as_str());
    match outcome {
        Some("error") => !table.names().any(|name| dialled.contains(&name)),
        Some(outcome) => OUTCOMES.contains(&outcome),
        None => table.names().any(|name| own.contains(&name)),
    }
}

/// Whether it may as well speak of whoever a step hands the call on to: that went wrong, and nothing else.
pub(in crate::replay) fn is_any(item: &Item<'_>) -> bool {
    let table = item.as_table();
    table.is_some_and(|table| {
        let outcome = table.peek("outcome").and_then(|item| item.value.as_str());
        outcome == Some("error") && table.names().all(|name| name == "outcome")
    })
}

/// What is recorded, the same each time, or a list with one for each time.
pub(super) fn records(item: Item<'_>, reader: &mut Reader) -> Option<Vec<RecordAnswer>> {
    let entries = item.entries().unwrap_or_else(|| vec![item]);
    entries
        .into_iter()
        .map(|item| record(item, reader))
        .collect()
}

fn record(item: Item<'_>, reader: &mut Reader) -> Option<RecordAnswer> {
    let what = "a recording must be a table, such as `{ seconds = 14, says = \"…\" }`";
    let table = item.table(reader, what)?;
    let outcome = word(&table, "outcome", &OUTCOMES, reader).unwrap_or(RECORDED);
    let says = table.get("says").and_then(|item| {
        let text = item.text(reader, "`says` must be text")?;
        Some(text.to_owned())
    });
    let seconds = table.get("seconds").and_then(|item| {
        let seconds = item.amount(reader, "`seconds` must be a number of seconds")?;
        Duration::try_from_secs_f64(seconds).ok()
    });
    let ends = table.get("ends").map(|item| ends(item, reader));
    let report = report(&table, reader);
    table.finish(reader, "what is recorded");
    let is_recorded = outcome == RECORDED;
    // That the carrier could not record is told before the caller's turn.
    let report = match outcome {
        "error" => Some(RecordingReport {
            status: Some("failed".to_owned()),
            told: Duration::ZERO,
        }),
        _ => report,
    };
    Some(RecordAnswer {
        speaks: seconds.filter(|_| is_recorded).unwrap_or(if is_recorded {
            SPEAKS
        } else {
            Duration::ZERO
        }),
        says: says.unwrap_or_default(),
        ends: ends.unwrap_or(Some(RecordEnd::Silence))?,
        report: report?,
    })
}

/// What the carrier reports of a recording, and when.
pub(super) fn report(table: &Table<'_>, reader: &mut Reader) -> Option<RecordingReport> {
    let usual = RecordingReport::default();
    let status = word(table, "status", &STATUSES, reader);
    let told = table.get("told");
    let told = told.map_or(Some(usual.told), |item| time(item, reader, "`told`"));
    Some(RecordingReport {
        status: match status {
            None => usual.status,
            Some(NEVER) => None,
            Some(status) => Some(status.to_owned()),
        },
        told: told?,
    })
}

/// How the caller ends it.
fn ends(item: Item<'_>, reader: &mut Reader) -> Option<RecordEnd> {
    let text = item.text(reader, "`ends` must be `silence`, `hangup` or a key")?;
    let mut keys = text.chars();
    let key = keys.next().filter(|key| "0123456789*#".contains(*key));
    match (text, key, keys.next()) {
        (SILENCE, ..) => Some(RecordEnd::Silence),
        (HANGUP, ..) => Some(RecordEnd::HangUp),
        (_, Some(key), None) => Some(RecordEnd::Key(key)),
        _ => {
            let message = format!("`{text}` ends no recording");
            reader
                .fault(Code::OutcomeUnknown, item.span(), message)
                .help("write `silence`, `hangup`, or one of 0-9, * and #");
            None
        }
    }
}

/// One of some words.
fn word(
    table: &Table<'_>,
    name: &str,
    known: &[&'static str],
    reader: &mut Reader,
) -> Option<&'static str> {
    let item = table.get(name)?;
    let text = item.text(reader, &format!("`{name}` must be text"))?;
    let found = known.iter().find(|word| **word == text).copied();
    if found.is_none() {
        let help = nearest(text, known.iter().copied()).map_or_else(
            || format!("there are {}", known.join(", ")),
            |near| format!("did you mean `{near}`?"),
        );
        let message = format!("`{name}` is never `{text}`");
        reader
            .fault(Code::OutcomeUnknown, item.span(), message)
            .help(help);
    }
    found
}

/// The line of `[world]` that would say what is recorded at a step.
pub(in crate::replay) fn line(step: &str) -> String {
    format!("{step} = {{ seconds = 14, says = \"Please call me back.\" }}")
}
