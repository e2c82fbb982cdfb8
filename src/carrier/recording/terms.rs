//! What is asked about a recording from the moment on that we know of it.

use std::time::Duration;

use jiff::Timestamp;

use super::archive::RecordingName;
use crate::carrier::request::{CarrierRequest, RecordingErasure};
use crate::store::Row;

/// How soon after a recording has ended it is looked whether it can be erased: a copy takes seconds.
const SOON: Duration = Duration::from_secs(15);

/// What becomes of recordings here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordingTerms {
    /// Whether they are copied, and erased at the carrier once they are.
    pub copies: bool,
    /// How long the carrier has to tell that one is complete, and what was said in it.
    pub wait: Duration,
}

/// A recording that has just become known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRecording {
    /// Which one.
    pub name: RecordingName,
    /// How long it is kept at the carrier at most.
    pub keep: Duration,
    /// Whether the carrier still has to write down what is said in it: it cannot once the recording is gone (13618).
    pub awaits_words: bool,
    /// Whether the carrier has told that it is complete. If it never does, it is asked.
    pub is_complete: bool,
}

impl RecordingTerms {
    /// The rows that make sure that a recording is copied, where that is wanted, and that it is erased. They have its name:
    /// written twice, they are there once.
    pub fn rows(self, recording: &NewRecording, now: Timestamp) -> Vec<Row> {
        let mut rows = vec![self.erasure(recording, now)];
        if self.copies {
            let wait = if recording.is_complete {
                Duration::ZERO
            } else {
                self.wait
            };
            let copy = CarrierRequest::CopyRecording(recording.name.clone());
            rows.push(copy.row(now, later(now, wait)));
        }
        rows
    }

    /// The row that makes sure that a recording is erased: once it is copied, where that is wanted, and when its time is over
    /// in any case.
    pub fn erasure(self, recording: &NewRecording, now: Timestamp) -> Row {
        let later = |wait| later(now, wait);
        let keep_until = later(recording.keep);
        let words = if recording.awaits_words {
            self.wait
        } else {
            Duration::ZERO
        };
        let first = if self.copies {
            later(words.max(SOON))
        } else {
            keep_until.max(later(words))
        };
        let erase = CarrierRequest::EraseRecording(RecordingErasure {
            name: recording.name.clone(),
            keep_until,
            once_copied: self.copies,
        });
        erase.row(now, first)
    }
}

fn later(now: Timestamp, wait: Duration) -> Timestamp {
    now.checked_add(wait).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use jiff::{SignedDuration, Timestamp};

    use super::{NewRecording, RecordingName, RecordingTerms};
    use crate::engine::CallSid;

    fn due(copies: bool, awaits_words: bool, is_complete: bool) -> Vec<i64> {
        let name = RecordingName {
            account: "AC1".to_owned(),
            call: CallSid::parse("CA1").expect("a sid"),
            recording: "RE1".to_owned(),
        };
        let recording = NewRecording {
            name,
            keep: Duration::from_hours(24),
            awaits_words,
            is_complete,
        };
        let terms = RecordingTerms {
            copies,
            wait: Duration::from_mins(2),
        };
        let rows = terms.rows(&recording, Timestamp::UNIX_EPOCH);
        let wait = |next: Timestamp| next.duration_since(Timestamp::UNIX_EPOCH);
        rows.iter()
            .map(|row| SignedDuration::as_secs(&wait(row.next)))
            .collect()
    }

    #[test]
    fn where_nothing_is_copied_a_recording_is_erased_when_its_time_is_over() {
        assert_eq!(due(false, false, true), [86_400]);
        assert_eq!(due(false, true, false), [86_400]);
    }

    #[test]
    fn a_copy_is_made_once_the_recording_is_complete_and_erased_after_the_words_are_written_down() {
        assert_eq!(due(true, false, true), [15, 0]);
        assert_eq!(due(true, true, true), [120, 0]);
    }

    #[test]
    fn a_carrier_that_never_tells_is_asked() {
        assert_eq!(due(true, false, false), [15, 120]);
    }
}
