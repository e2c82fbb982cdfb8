//! What became of a call's deliveries, a paragraph each, after its turns.

use std::fmt::Write as _;

use super::table::one_line;
use crate::outbox::admin::DeliveryView;

/// How many characters of a backend's answer are shown; `--format json` has all that is kept.
const ANSWER: usize = 100;
/// A moment, in UTC: a delivery may be tried for days.
const MOMENT: &str = "%Y-%m-%d %H:%M:%S";

/// Adds a delivery.
pub fn tell(delivery: &DeliveryView, story: &mut String) {
    let row = &delivery.row;
    let what = row.r#type.as_deref().unwrap_or("delivery");
    let _ = writeln!(
        story,
        "\n{} to {}  {}\n  id       {}",
        one_line(what),
        row.backend,
        stands(delivery),
        row.id
    );
    for attempt in &delivery.log {
        let _ = writeln!(
            story,
            "  attempt  {}, {:.3} s: {}",
            attempt.at.strftime(MOMENT),
            attempt.seconds,
            one_line(&attempt.came_to)
        );
    }
    let last = delivery.log.last().map(|attempt| &attempt.came_to);
    if !row.last_error.is_empty() && last != Some(&row.last_error) {
        let _ = writeln!(story, "  error    {}", one_line(&row.last_error));
    }
    if let Some(answer) = &delivery.answer {
        let said = format!("{} {}", answer.status, one_line(&answer.body));
        let _ = writeln!(story, "  answer   {}", shortened(said.trim_end()));
    }
}

/// Where it stands, and since when or until when.
fn stands(delivery: &DeliveryView) -> String {
    let row = &delivery.row;
    let mut stands = match (row.delivered, row.next) {
        (Some(at), _) => format!("{} {}", row.state, at.strftime(MOMENT)),
        (_, Some(at)) => format!("{}, due {}", row.state, at.strftime(MOMENT)),
        _ => row.state.clone(),
    };
    let _ = match row.attempts {
        1 => write!(stands, ", 1 attempt"),
        attempts => write!(stands, ", {attempts} attempts"),
    };
    if row.ambiguous && row.delivered.is_none() {
        stands.push_str(", its backend may have it");
    }
    stands
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(ANSWER) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
