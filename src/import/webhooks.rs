//! Calls out of a log of webhooks.

use std::io::BufRead;

use indexmap::IndexMap;

use super::entries::each;
pub use super::entries::{InvalidLog, Position};
use super::format::{self, LogEntry};
pub use super::story::{Imported, Remark};
use super::story::{Recovered, Story};

/// The most unreadable entries that are reported one by one.
const MOST_UNREAD: usize = 100;

/// What a log holds.
#[derive(Debug, Default)]
pub struct Log {
    /// Its calls, in the order in which they came in.
    pub calls: Vec<Imported>,
    /// What cannot be read, entry by entry, and calls whose beginning is missing.
    pub unread: Vec<Remark>,
    /// How many more entries cannot be read.
    pub more_unread: usize,
    /// Requests for something else: how many, and the first one.
    pub others: Option<(usize, Position)>,
    /// Calls in which nothing was asked: how many, and the first one's name.
    pub idle: Option<(usize, String)>,
}

/// Reads a log: HAR, what ngrok's inspector or Twilio's `Events.json` gives, events of AWS Lambda, forms as JSON, as a list
/// or one object per line.
///
/// A request that brings nothing counts as silence; what only reports (the call's progress, a recording) and what
/// came before (the same idempotency token, a turn that was answered already) counts for nothing.
///
/// # Errors
/// When it is not a log at all.
pub fn read(log: impl BufRead) -> Result<Log, InvalidLog> {
    let mut found = Log::default();
    let mut stories: IndexMap<String, Story> = IndexMap::new();
    each(
        log,
        &mut |place, entry| match entry.and_then(|entry| format::read(&entry)) {
            Ok(LogEntry::Webhook(request)) => {
                let sid = request.fields.sid().unwrap_or_default();
                if !stories.contains_key(sid) {
                    stories.insert(sid.to_owned(), Story::new(sid));
                }
                stories[sid].take(place, &request);
            }
            Ok(LogEntry::Other) => found.others.get_or_insert((0, place)).0 += 1,
            Err(_) if found.unread.len() == MOST_UNREAD => found.more_unread += 1,
            Err(why) => found.unread.push(Remark { place, why }),
        },
    )?;
    for (sid, story) in stories {
        match story.tell() {
            Recovered::Call(call) => found.calls.push(*call),
            Recovered::Cut(remark) => found.unread.push(remark),
            Recovered::Nothing => {
                found
                    .idle
                    .get_or_insert_with(|| (0, sid.escape_debug().to_string()))
                    .0 += 1;
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests;
