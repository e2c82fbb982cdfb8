//! A wait in a queue: what is remembered of it between two requests of the carrier, and what the caller hears meanwhile.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::fault::Fault;
use super::turn::Verb;

/// Seconds of silence where nothing can be played, so that the carrier does not ask again at once.
const SILENCE: u32 = 5;

/// How far a wait is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// When it began, in milliseconds since 1970.
    pub began: i64,
    /// The place that the caller has heard last, which is the lowest so far.
    pub told: Option<Told>,
    /// The key by which the caller leaves.
    pub left_by: Option<char>,
    /// What the carrier says of the queue, while a document is worked out. Kept nowhere.
    #[serde(skip)]
    pub now: Option<QueueNow>,
}

/// A place in a queue that a caller has heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// The place, from 1.
    pub position: u32,
    /// After how many seconds of waiting.
    pub waited: u32,
}

/// What became of a caller who waits, as far as what comes next depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WaitEvent {
    /// The caller has heard a lower place than before.
    Told(Told),
    /// The caller leaves by a key.
    Left(char),
}

/// What the carrier says of a queue with a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QueueNow {
    /// The caller's place, from 1 (`QueuePosition`).
    pub position: Option<u32>,
    /// Seconds that the caller has waited (`QueueTime`).
    pub waited: u32,
    /// How many wait (`CurrentQueueSize`).
    pub size: Option<u32>,
}

/// A request for what a caller who waits hears next.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WaitAsked {
    /// The place of the piece that comes next.
    pub piece: usize,
    /// Keys that the caller pressed.
    pub keys: Option<String>,
    /// What the carrier says of the queue.
    pub queue: QueueNow,
}

/// What a caller who waits hears next.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WaitAnswer {
    /// What is heard; a last [`Verb::Leave`] takes the caller out of the queue.
    pub verbs: Vec<Verb>,
    /// The place of the piece that is heard.
    pub piece: usize,
    /// The place of the piece that comes then; from the beginning, asked for by the carrier itself, where there is none.
    pub next: Option<usize>,
    /// What must be remembered before anything is answered.
    pub event: Option<WaitEvent>,
    /// Why a part of it was left out.
    pub faults: Vec<Fault>,
}

impl WaitAnswer {
    /// Takes the caller out of the queue.
    pub fn leave() -> Self {
        Self {
            verbs: vec![Verb::Leave],
            ..Self::default()
        }
    }

    /// Silence for a while.
    pub fn silence() -> Self {
        Self {
            verbs: vec![Verb::Pause(SILENCE)],
            ..Self::default()
        }
    }
}

impl Waiting {
    /// One that begins.
    pub fn begin(now: Timestamp) -> Self {
        Self {
            began: now.as_millisecond(),
            ..Self::default()
        }
    }

    /// Notes what became of the caller. The first key counts, and a place only where it is lower than before. Returns
    /// whether anything changed.
    pub fn note(&mut self, event: WaitEvent) -> bool {
        match event {
            WaitEvent::Told(told) if self.is_news(told.position) => self.told = Some(told),
            WaitEvent::Left(key) if self.left_by.is_none() => self.left_by = Some(key),
            WaitEvent::Told(_) | WaitEvent::Left(_) => return false,
        }
        true
    }

    /// Whether a place is lower than every one that the caller has heard.
    pub fn is_news(&self, position: u32) -> bool {
        self.told.is_none_or(|told| position < told.position)
    }

    /// Seconds since it began.
    pub fn seconds(&self, now: Timestamp) -> u32 {
        let passed = now.as_millisecond().saturating_sub(self.began).max(0) / 1_000;
        u32::try_from(passed).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::{Told, WaitEvent, Waiting};

    #[test]
    fn a_place_never_grows_and_the_first_key_counts() {
        let mut waiting = Waiting::begin(Timestamp::UNIX_EPOCH);
        let told = |position| {
            WaitEvent::Told(Told {
                position,
                waited: 30,
            })
        };
        assert!(waiting.note(told(5)) && !waiting.note(told(5)) && !waiting.note(told(6)));
        assert!(waiting.note(told(4)) && !waiting.is_news(4) && waiting.is_news(3));
        assert!(waiting.note(WaitEvent::Left('1')) && !waiting.note(WaitEvent::Left('2')));
        assert_eq!(waiting.left_by, Some('1'));
    }
}
