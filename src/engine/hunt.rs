//! A hunt: somebody is called, one after the other or several at once, until one of them takes the call.

use serde::{Deserialize, Serialize};

/// How far a hunt is, between two replies to the carrier.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hunt {
    /// When it began, in milliseconds since 1970.
    pub began: i64,
    /// How often it has rung before.
    pub rung: u16,
    /// How it went so far: a bit for each outcome of the action, in the order of its list.
    pub met: u16,
    /// The leg that is known to have answered, in what rings now.
    pub answered: Option<u8>,
    /// The leg that has taken the call, in what rings now.
    pub accepted: Option<u8>,
    /// Whether a leg has turned the call down, in what rings now.
    pub declined: bool,
}

/// What became of a leg, as far as the caller's way depends on it or somebody wants to know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LegEvent {
    /// It was answered.
    Answered,
    /// Whoever answered has taken the call.
    Accepted,
    /// Whoever answered has turned it down.
    Declined,
    /// It is over.
    Ended {
        /// The carrier's word for it (`CallStatus`).
        status: String,
        /// How long it lasted, in seconds (`CallDuration`).
        seconds: Option<u32>,
        /// How a leg by SIP ended (`SipResponseCode`).
        sip: Option<u16>,
    },
}

impl Hunt {
    /// One that begins.
    pub fn begin(now: i64) -> Self {
        Self {
            began: now,
            ..Self::default()
        }
    }

    /// Notes what became of a leg that rings now. The first to take the call has it. Returns whether anything changed.
    pub fn note(&mut self, leg: u8, event: &LegEvent) -> bool {
        let before = self.clone();
        match event {
            LegEvent::Answered => self.answered = self.answered.or(Some(leg)),
            LegEvent::Accepted => self.accepted = self.accepted.or(Some(leg)),
            LegEvent::Declined => self.declined = true,
            LegEvent::Ended { .. } => {}
        }
        *self != before
    }

    /// Goes on to what rings next.
    pub fn ring_next(&mut self) {
        self.rung = self.rung.saturating_add(1);
        (self.answered, self.accepted, self.declined) = (None, None, false);
    }

    /// Supposes that this was the last ringing, and that whoever answered has taken the call: for calls that are only
    /// thought of, in which a step that waits has one outcome.
    pub fn suppose_last(&mut self) {
        (self.rung, self.accepted) = (u16::MAX - 1, Some(0));
    }

    /// Seconds since it began.
    pub fn seconds(&self, now: i64) -> u32 {
        let passed = now.saturating_sub(self.began).max(0) / 1_000;
        u32::try_from(passed).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::{Hunt, LegEvent};

    #[test]
    fn the_first_leg_to_take_the_call_has_it_until_others_ring() {
        let mut hunt = Hunt::begin(5_000);
        assert!(hunt.note(1, &LegEvent::Answered) && hunt.note(2, &LegEvent::Accepted));
        assert!(!hunt.note(1, &LegEvent::Accepted) && !hunt.note(2, &LegEvent::Answered));
        assert_eq!((hunt.answered, hunt.accepted), (Some(1), Some(2)));
        assert_eq!((hunt.seconds(7_999), hunt.seconds(0)), (2, 0));
        hunt.ring_next();
        assert_eq!((hunt.rung, hunt.accepted, hunt.began), (1, None, 5_000));
    }
}
