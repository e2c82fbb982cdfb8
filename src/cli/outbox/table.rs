//! The outbox for a person to read: one line per delivery, what matters first.

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::Value;

use crate::telemetry::plain;
use crate::web::control::BackendView;

/// The longest line, in characters; the last error is shortened to it. `show` prints all of it.
const LINE: usize = 132;
/// What is shown of an error at least.
const ERROR: usize = 24;
const HEAD: [&str; 7] = [
    "ID",
    "BACKEND",
    "STATE",
    "AGE",
    "DUE IN",
    "ATTEMPTS",
    "LAST ERROR",
];

/// What the table needs of a row.
#[derive(Debug, Deserialize)]
struct Line {
    id: String,
    backend: String,
    state: String,
    attempts: u32,
    created: Timestamp,
    next: Option<Timestamp>,
    last_error: String,
    #[serde(default)]
    rehearsal: bool,
}

impl Line {
    fn cells(self, now: Timestamp) -> [String; 7] {
        let due = match self.next {
            None => "-".to_owned(),
            Some(next) if next <= now => "now".to_owned(),
            Some(next) => span(next.duration_since(now)),
        };
        let age = span(now.duration_since(self.created));
        let error = plain(&self.last_error.replace(['\n', '\t'], " ")).into_owned();
        let state = if self.rehearsal {
            format!("{} (rehearsal)", self.state)
        } else {
            self.state
        };
        [
            self.id,
            self.backend,
            state,
            age,
            due,
            self.attempts.to_string(),
            error,
        ]
    }
}

/// A table that is drawn a part after the other.
#[derive(Default)]
pub struct RowTable {
    /// Of every column but the last, as wide as it ever was; zeros before the first part.
    widths: [usize; 6],
}

impl RowTable {
    /// Whether nothing was drawn.
    pub fn is_empty(&self) -> bool {
        self.widths[0] == 0
    }

    /// Draws rows as the API shows them, in columns, the first ones below the columns' names. One that is not understood is
    /// passed over. A column that later becomes wider does so from there on.
    pub fn draw(&mut self, rows: &[Value], now: Timestamp) -> String {
        let mut table = Vec::with_capacity(rows.len() + 1);
        if self.is_empty() {
            table.push(HEAD.map(str::to_owned));
        }
        let lines = rows.iter().filter_map(|row| Line::deserialize(row).ok());
        table.extend(lines.map(|line| line.cells(now)));
        for cells in &table {
            for (width, cell) in self.widths.iter_mut().zip(cells) {
                *width = cell.chars().count().max(*width);
            }
        }
        table
            .iter()
            .map(|cells| draw_line(cells, &self.widths))
            .collect()
    }
}

fn draw_line(cells: &[String; 7], widths: &[usize; 6]) -> String {
    let mut line = String::new();
    for (cell, width) in cells.iter().zip(widths) {
        line.push_str(&format!("{cell:<width$}  "));
    }
    let room = LINE.saturating_sub(line.chars().count()).max(ERROR);
    line.push_str(&cut(&cells[6], room));
    line.truncate(line.trim_end().len());
    line.push('\n');
    line
}

/// Cuts what is too long out of the middle: an error begins with what happened and ends with why.
fn cut(text: &str, room: usize) -> String {
    let length = text.chars().count();
    if length <= room {
        return text.to_owned();
    }
    let what = text
        .find(": ")
        .map_or(0, |at| text[..at + 2].chars().count());
    let head = if what <= room / 2 { what } else { room / 3 };
    let tail = length - (room - head - 1);
    text.chars()
        .take(head)
        .chain(['…'])
        .chain(text.chars().skip(tail))
        .collect()
}

/// A span of time in its greatest fitting unit, such as `90s`, `12m`, `5h`, `3d`.
fn span(span: SignedDuration) -> String {
    match span.as_secs().max(0) {
        seconds @ ..100 => format!("{seconds}s"),
        seconds @ ..6_000 => format!("{}m", seconds / 60),
        seconds @ ..172_800 => format!("{}h", seconds / 3_600),
        seconds => format!("{}d", seconds / 86_400),
    }
}

/// What explains why rows wait, a sentence each.
pub fn notes(backends: &[BackendView]) -> Vec<String> {
    let mut notes = Vec::new();
    for BackendView {
        backend,
        configured,
        paused,
        failing,
        waits_until,
        waiting,
        sending,
        ..
    } in backends
    {
        let owed = waiting + sending;
        if *paused {
            notes.push(format!(
                "Backend `{backend}` is paused ({owed} wait): hookswitch outbox resume {backend}"
            ));
        }
        if *failing {
            notes.push(format!(
                "Backend `{backend}` fails again and again ({owed} wait): it is only probed."
            ));
        }
        if let Some(until) = waits_until {
            notes.push(format!(
                "Backend `{backend}` asks to be left alone until {until} ({owed} wait)."
            ));
        }
        if !configured && owed > 0 {
            notes.push(format!(
                "Backend `{backend}` is not configured: {owed} wait, and are not sent."
            ));
        }
    }
    notes
}

#[cfg(test)]
mod tests {
    use jiff::{SignedDuration, Timestamp};
    use serde_json::json;

    use super::{LINE, RowTable, span};

    #[test]
    fn columns_stand_under_each_other_and_the_error_is_cut_to_the_line() {
        let now: Timestamp = "2026-11-23T12:00:00Z".parse().expect("a time");
        let row = |id: &str, next: Option<&str>, error: &str| {
            json!({
                "id": id, "backend": "pickups", "state": "waiting", "type": "submission.complete", "attempts": 3,
                "created": "2026-11-23T09:30:00Z", "next": next, "ambiguous": false, "last_error": error,
            })
        };
        let rows = [
            row("CA1-1", Some("2026-11-23T12:04:00Z"), "answered\n503"),
            row("CA0123456789-12", Some("2026-11-23T11:00:00Z"), ""),
            row(
                "CA2-1",
                None,
                &format!("not reached: {}: refused", "long ".repeat(50).trim()),
            ),
        ];
        let drawn = RowTable::default().draw(&rows, now);
        let lines: Vec<&str> = drawn.lines().collect();
        assert_eq!(
            lines[0],
            "ID               BACKEND  STATE    AGE  DUE IN  ATTEMPTS  LAST ERROR"
        );
        assert_eq!(
            lines[1],
            "CA1-1            pickups  waiting  2h   4m      3         answered 503"
        );
        assert_eq!(
            lines[2],
            "CA0123456789-12  pickups  waiting  2h   now     3"
        );
        assert!(lines[3].starts_with(
            "CA2-1            pickups  waiting  2h   -       3         not reached: …"
        ));
        assert!(
            lines[3].ends_with(" long: refused") && lines[3].chars().count() == LINE,
            "{}",
            lines[3]
        );
    }

    #[test]
    fn a_span_has_one_unit() {
        let cases = [
            (-5, "0s"),
            (99, "99s"),
            (100, "1m"),
            (5_999, "99m"),
            (6_000, "1h"),
            (172_799, "47h"),
            (172_800, "2d"),
        ];
        for (seconds, shown) in cases {
            assert_eq!(span(SignedDuration::from_secs(seconds)), shown);
        }
    }
}
