//! What is said at one moment, and how long it lasts.

use std::time::Duration;

use super::side::Side;
use crate::engine::advance::nests;
use crate::engine::turn::Verb;
use crate::twiml::{Heard, Pace};

/// What is said at one moment.
#[derive(Clone, Copy, Debug, Default)]
pub struct Said {
    /// All of it.
    pub whole: Heard,
    /// How long the part lasts that no key cuts off.
    pub head: Duration,
    /// Whether a key cuts off all of it, so that it can be cut off together with what was said before.
    pub nests: bool,
}

impl Heard {
    /// Adds what is heard next.
    pub(super) fn add(&mut self, other: &Self) {
        self.lasts += other.lasts;
        self.half_words += other.half_words;
        self.neural += other.neural;
        self.bytes += other.bytes;
    }

    /// Makes it as much as another where that is more, or less.
    pub(super) fn merge(&mut self, other: &Self, side: Side) {
        let pairs = [
            (&mut self.half_words, other.half_words),
            (&mut self.neural, other.neural),
            (&mut self.bytes, other.bytes),
        ];
        for (one, other) in pairs {
            *one = side.of(*one, other);
        }
        self.lasts = side.of(self.lasts, other.lasts);
    }
}

impl Said {
    /// What is said by verbs, each with whether a key cuts it off.
    pub fn of(spoken: &[(Verb, bool)], pace: &dyn Pace) -> Self {
        let mut said = Self {
            nests: true,
            ..Self::default()
        };
        for spoken in spoken {
            said.whole.add(&pace.heard(&spoken.0));
            if !nests(spoken) {
                said.head = said.whole.lasts;
                said.nests = false;
            }
        }
        said
    }

    /// Makes each part as much as in another, where that is more, or less.
    pub fn merge(&mut self, other: &Self, side: Side) {
        self.whole.merge(&other.whole, side);
        self.head = side.of(self.head, other.head);
        self.nests |= other.nests;
    }
}
