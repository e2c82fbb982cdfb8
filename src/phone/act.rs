//! The person on the line.

use std::time::Duration;

use super::event::{CallEvent, Playback};
use crate::written::Utterance;

/// What a person on the line does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PhoneAct {
    /// Presses one key: `0` to `9`, `*`, `#`, `A` to `D`.
    Press(char),
    Say(Utterance),
    HangUp,
}

/// Something that a person did, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimedAct {
    /// The time since the moment began; at most what it lasts.
    pub after: Duration,
    pub act: PhoneAct,
}

/// A stretch of a call during which a person may act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Situation {
    Hears {
        lasts: Duration,
        /// Whether keys or speech are listened for meanwhile (barge-in): what is done at other times is lost, except
        /// hanging up.
        listens: bool,
        /// The last words of a Gather that waits for nobody after them: what is not done now is not done for it.
        closing: Option<Closing>,
    },
    /// Nothing is heard, and input is waited for.
    Asked {
        /// How long, from the last key if keys came already.
        lasts: Duration,
        /// The keys that came so far.
        keys: String,
        /// Whether speech is listened for as well.
        speech: bool,
        /// Whether keys are listened for.
        dtmf: bool,
        /// The keys after which it ends by itself.
        num_digits: Option<u32>,
        /// The key that ends it.
        finish_on_key: Option<char>,
    },
    /// The beep was heard and a message is recorded.
    Records {
        /// The longest that it may last.
        lasts: Duration,
        /// The silence that ends it, where one does: how long it lasts if nothing is done.
        silence: Option<Duration>,
    },
    /// Nobody listens: a dialled number rings or talks, a queue, a stream.
    Away { lasts: Duration },
}

/// The end of a Gather that has no seconds to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closing {
    /// The key that ends an entry; pressed alone it skips what is left of the prompt.
    pub finish_on_key: Option<char>,
}

impl Closing {
    /// Whether keys do nothing but skip what is left of the prompt.
    pub fn is_skipped_by(self, keys: &str) -> bool {
        self.finish_on_key.is_some_and(|key| keys.chars().eq([key]))
    }
}

impl Situation {
    /// How long it lasts if nothing is done.
    pub fn lasts(&self) -> Duration {
        match self {
            Self::Hears { lasts, .. } | Self::Asked { lasts, .. } | Self::Away { lasts } => *lasts,
            Self::Records { lasts, silence } => {
                silence.map_or(*lasts, |silence| silence.min(*lasts))
            }
        }
    }

    /// The longest that it may last: only a recording goes on because something is done.
    pub fn longest(&self) -> Duration {
        match self {
            Self::Hears { lasts, .. }
            | Self::Asked { lasts, .. }
            | Self::Records { lasts, .. }
            | Self::Away { lasts } => *lasts,
        }
    }

    /// Makes it last no longer than this.
    pub(super) fn shorten(&mut self, most: Duration) {
        match self {
            Self::Hears { lasts, .. }
            | Self::Asked { lasts, .. }
            | Self::Records { lasts, .. }
            | Self::Away { lasts } => *lasts = most.min(*lasts),
        }
    }
}

/// The person on the line, or what stands for one.
pub trait Caller {
    /// Something happened. Events come in order, each before the time that it takes has passed.
    fn notice(&mut self, at: Duration, event: &CallEvent);

    /// What the person does while a moment lasts; nothing if it is over first. Where time is real this waits.
    fn act(&mut self, moment: &Situation) -> impl Future<Output = Option<TimedAct>>;

    /// What is left of what was heard when an act cut it off, for a transcript: the phone reports it here.
    fn cut_off(&mut self, heard: &Playback, after: Duration) {
        let _ = (heard, after);
    }
}
