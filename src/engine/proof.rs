//! The proof of a number under way: which codes were sent to it, and when.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::verify::LIFE;

/// The proof of a number under way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// The number, in E.164.
    pub number: String,
    /// The codes that were sent, the one that holds at the end.
    pub codes: Vec<SentCode>,
}

/// A code that was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentCode {
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// Its name and a keyed hash of it, by whoever made it; nothing as long as the turn is worked out.
    pub made: Option<(u64, u64)>,
}

impl Proof {
    /// Of a number that gets a first code.
    pub fn begin(number: String, now: Timestamp) -> Self {
        let mut proof = Self {
            number,
            codes: Vec::with_capacity(1),
        };
        proof.sends(now);
        proof
    }

    /// Another code is sent.
    pub fn sends(&mut self, now: Timestamp) {
        self.codes.push(SentCode {
            at: now.as_millisecond(),
            made: None,
        });
    }

    /// Whether the code that was sent last holds no more.
    pub fn is_expired(&self, now: Timestamp) -> bool {
        let life = LIFE.as_millis() as i64;
        let last = self.codes.last();
        last.is_none_or(|code| now.as_millisecond() - code.at > life)
    }
}

impl SentCode {
    /// When it was sent.
    pub fn sent_at(&self) -> Timestamp {
        Timestamp::from_millisecond(self.at).unwrap_or_default()
    }
}
