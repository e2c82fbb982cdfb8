//! Recordings for a person to read: one line each, or all that is known of one.

use crate::carrier::admin::{RecordingDetail, RecordingView, RequestView};
use crate::telemetry::plain;

const HEAD: [&str; 5] = ["RECORDING", "CALL", "COPY", "ERASURE", "KEPT UNTIL"];

/// A table of recordings.
pub fn draw(views: &[RecordingView]) -> String {
    let mut lines = vec![HEAD.map(str::to_owned)];
    lines.extend(views.iter().map(|view| {
        [
            view.name.recording.clone(),
            view.name.call.to_string(),
            stands(view.copy.as_ref()),
            stands(view.erasure.as_ref()),
            view.keep_until
                .map_or_else(|| "-".to_owned(), |until| until.to_string()),
        ]
    }));
    let mut widths = [0; 5];
    for line in &lines {
        for (width, cell) in widths.iter_mut().zip(line) {
            *width = cell.chars().count().max(*width);
        }
    }
    let mut text = String::new();
    for line in &lines {
        let cells = line.iter().zip(widths);
        let cells: Vec<String> = cells
            .map(|(cell, width)| format!("{cell:<width$}"))
            .collect();
        text += cells.join("  ").trim_end();
        text.push('\n');
    }
    text
}

/// How a request stands, in a word or two.
fn stands(request: Option<&RequestView>) -> String {
    match request {
        None => "-".to_owned(),
        Some(request) if request.state == "delivered" => "done".to_owned(),
        Some(request) => request.state.clone(),
    }
}

/// All that is known of one.
pub fn detail(detail: &RecordingDetail) -> String {
    let RecordingDetail { recording, kept } = detail;
    let name = &recording.name;
    let mut text = format!(
        "{} of call {} (account {})\n",
        name.recording, name.call, name.account
    );
    if let Some(address) = &recording.address {
        text += &format!("  copy        {address}\n");
    }
    if let Some(kept) = kept {
        text += &format!("  length      {} bytes\n", kept.bytes);
        text += &format!("  SHA-256     {}\n", kept.sha256);
    }
    if let Some(until) = recording.keep_until {
        text += &format!("  kept until  {until}\n");
    }
    for (what, request) in [
        ("copying", &recording.copy),
        ("erasing", &recording.erasure),
    ] {
        let Some(request) = request else { continue };
        text += &format!("  {what:<12}{} ({})", stands(Some(request)), request.id);
        if let Some(at) = request.at {
            text += &format!(", {at}");
        }
        if !request.last_error.is_empty() {
            text += &format!("; {}", plain(&request.last_error));
        }
        text.push('\n');
    }
    text
}
