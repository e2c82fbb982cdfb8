//! What is found on checking a document against the schema.

use crate::twiml::element::Complaint;

/// The most warnings of one document: whoever needs more than a screenful has the first to begin with.
const MOST: usize = 100;

/// The warnings so far.
pub(super) struct Warnings<'w>(pub(super) &'w mut Vec<Complaint>);

impl Warnings<'_> {
    pub(super) fn warn(&mut self, code: u32, line: u32, message: impl FnOnce() -> String) {
        if self.0.len() < MOST {
            self.0.push(Complaint {
                code,
                message: message(),
                line,
            });
        }
    }
}

/// The beginning of what somebody wrote, on one line.
pub(super) fn shown(text: &str) -> String {
    const MOST: usize = 40;
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= MOST {
        line
    } else {
        format!("{}…", line.chars().take(MOST).collect::<String>())
    }
}
