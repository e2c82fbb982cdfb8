//! What is kept of a call that awaits what a service answers, until the answer is there. What is asked is not kept: it is worked
//! out again from the call, so that nothing of it is kept twice.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::came::Came;
use super::turn::{Audio, Beside, Say, Start, Verb};

/// The fact that says whether the caller has heard meanwhile that it lasts.
pub const HELD: &str = "held";

/// What is kept while an answer is awaited.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Awaiting {
    /// When it was asked for, in milliseconds since 1970. What is asked is worked out as of then.
    pub began: i64,
    /// What the caller was to hear before: it goes in front of the reply if the answer comes in the same turn.
    pub said: Vec<(SaidBefore, bool)>,
    /// The node that asks, and until when no other may, in milliseconds since 1970: the shell's own marks, which mean
    /// nothing here. Nobody's yet where there are none.
    pub lease: Option<(u32, i64)>,
    /// What came of it.
    pub came: Option<Came>,
}

/// What is only heard, or runs beside the call, as it is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum SaidBefore {
    /// Words.
    Say(Say),
    /// A recording.
    Play(Audio),
    /// Keys that are sounded.
    Digits(String),
    /// Silence, in seconds.
    Pause(u32),
    /// What begins beside the call.
    Start(Start),
    /// What ends beside the call.
    Stop(Beside),
}

impl SaidBefore {
    /// What is kept of a verb; nothing of one that does more.
    pub fn of(verb: &Verb) -> Option<Self> {
        match verb {
            Verb::Say(say) => Some(Self::Say(say.clone())),
            Verb::Play(audio) => Some(Self::Play(audio.clone())),
            Verb::Digits(keys) => Some(Self::Digits(keys.clone())),
            Verb::Pause(seconds) => Some(Self::Pause(*seconds)),
            Verb::Start(start) => Some(Self::Start(start.clone())),
            Verb::Stop(what) => Some(Self::Stop(*what)),
            _ => None,
        }
    }
}

impl From<SaidBefore> for Verb {
    fn from(said: SaidBefore) -> Self {
        match said {
            SaidBefore::Say(say) => Self::Say(say),
            SaidBefore::Play(audio) => Self::Play(audio),
            SaidBefore::Digits(keys) => Self::Digits(keys),
            SaidBefore::Pause(seconds) => Self::Pause(seconds),
            SaidBefore::Start(start) => Self::Start(start),
            SaidBefore::Stop(what) => Self::Stop(what),
        }
    }
}

impl Awaiting {
    /// Milliseconds since it was asked for.
    pub fn millis(&self, now: Timestamp) -> i64 {
        now.as_millisecond().saturating_sub(self.began).max(0)
    }

    /// When it was asked for.
    pub fn began(&self) -> Timestamp {
        Timestamp::from_millisecond(self.began).unwrap_or_default()
    }
}
