//! What was done about a delivery: the last attempts, and the backend's last answer. Stored with its row.
//!
//! Attempts are stored one behind the other, each with its format and its length, so that an engine can put one behind
//! the others without reading them:
//!
//! | bytes | what |
//! |---|---|
//! | 0 | the format; an attempt of another one is passed over |
//! | 1–2 | the length of the rest, the high byte first |
//! | then | postcard: when it began and how long it took, both in microseconds, and its words |
//!
//! An answer is its status, two bytes, the high one first, and then its body.

use std::time::Duration;

use bytes::{BufMut as _, Bytes, BytesMut};
use jiff::Timestamp;

/// The most attempts that are kept: more than a row has until a person sends it again. `change_row.lua` knows it too.
pub const ATTEMPTS: usize = 16;

/// The format of every attempt written here.
const FORMAT: u8 = 1;
/// Bytes before the content of an attempt.
const HEAD: usize = 3;
/// The most bytes of an attempt's words.
const WORDS: usize = 512;

/// What was done about a row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// The last attempts, oldest first.
    pub attempts: Vec<Attempt>,
    /// What the backend answered last, if it ever did.
    pub answer: Option<BackendAnswer>,
}

/// An attempt at a delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// When it began.
    pub at: Timestamp,
    /// How long it took.
    pub took: Duration,
    /// What it came to, in words.
    pub came_to: String,
    /// What the backend answered, if it did; kept of the last one only.
    pub answer: Option<BackendAnswer>,
}

/// A backend's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackendAnswer {
    /// The HTTP status.
    pub status: u16,
    /// The first bytes of its body; sealed in the store where the row's body is.
    pub body: Bytes,
}

impl History {
    /// Adds an attempt; its answer takes the place of the one before, unless that is to stay.
    pub(super) fn add(&mut self, attempt: Attempt, with_answer: bool) {
        let Attempt { answer, .. } = attempt;
        let attempt = Attempt {
            answer: None,
            ..attempt
        };
        if self.attempts.last() != Some(&attempt) {
            self.attempts.push(attempt);
        }
        let more = self.attempts.len().saturating_sub(ATTEMPTS);
        self.attempts.drain(..more);
        if with_answer && answer.is_some() {
            self.answer = answer;
        }
    }
}

impl Attempt {
    /// When it ended.
    pub fn ended(&self) -> Timestamp {
        self.at.checked_add(self.took).unwrap_or(self.at)
    }

    /// Its stored form, without the answer.
    pub(super) fn encode(&self) -> Vec<u8> {
        let took = u64::try_from(self.took.as_micros()).unwrap_or(u64::MAX);
        let words = &self.came_to[..self.came_to.floor_char_boundary(WORDS)];
        let head = Vec::from([FORMAT, 0, 0]);
        let mut bytes = postcard::to_extend(&(self.at.as_microsecond(), took, words), head)
            .expect("a vector takes whatever is written");
        let length = u16::try_from(bytes.len() - HEAD).expect("words are few");
        bytes[1..HEAD].copy_from_slice(&length.to_be_bytes());
        bytes
    }

    fn decode(content: &[u8]) -> Option<Self> {
        let (at, took, came_to) = postcard::from_bytes::<(i64, u64, String)>(content).ok()?;
        let at = Timestamp::from_microsecond(at).ok()?;
        Some(Self {
            at,
            took: Duration::from_micros(took),
            came_to,
            answer: None,
        })
    }
}

/// Attempts from their stored form. What cannot be read is left out: a delivery must not be held up by its log.
pub(super) fn decode_attempts(mut bytes: &[u8]) -> Vec<Attempt> {
    let mut attempts = Vec::new();
    while let Some((&[format, high, low], rest)) = bytes.split_first_chunk::<HEAD>()
        && let Some((content, rest)) = rest.split_at_checked(u16::from_be_bytes([high, low]).into())
    {
        attempts.extend(Attempt::decode(content).filter(|_| format == FORMAT));
        bytes = rest;
    }
    attempts
}

/// Attempts in their stored form.
pub(super) fn encode_attempts(attempts: &[Attempt]) -> Vec<u8> {
    attempts.iter().flat_map(Attempt::encode).collect()
}

impl BackendAnswer {
    /// Its stored form.
    pub(super) fn encode(&self) -> Bytes {
        let mut bytes = BytesMut::with_capacity(2 + self.body.len());
        bytes.put_u16(self.status);
        bytes.extend_from_slice(&self.body);
        bytes.freeze()
    }

    /// An answer from its stored form; nothing where that is empty.
    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        let (status, body) = bytes.split_first_chunk()?;
        Some(Self {
            status: u16::from_be_bytes(*status),
            body: Bytes::copy_from_slice(body),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{
        ATTEMPTS, Attempt, BackendAnswer, Bytes, Duration, History, Timestamp, decode_attempts,
        encode_attempts,
    };

    fn attempt(second: i64) -> Attempt {
        let at = Timestamp::from_second(second).unwrap();
        Attempt {
            at,
            took: Duration::from_millis(7),
            came_to: format!("answered {second}"),
            answer: None,
        }
    }

    #[test]
    fn attempts_and_answers_come_back_as_they_went() {
        let attempts: Vec<_> = (0..3).map(attempt).collect();
        assert_eq!(decode_attempts(&encode_attempts(&attempts)), attempts);
        let answer = BackendAnswer {
            status: 503,
            body: Bytes::from_static(b"\xff later"),
        };
        assert_eq!(BackendAnswer::decode(&answer.encode()), Some(answer));
        assert_eq!(BackendAnswer::decode(b""), None);
    }

    #[test]
    fn long_words_are_cut_and_what_is_damaged_is_left_out() {
        let long = Attempt {
            came_to: "ä".repeat(40_000),
            ..attempt(0)
        };
        assert_eq!(decode_attempts(&long.encode())[0].came_to, "ä".repeat(256));
        let mut bytes = encode_attempts(&[attempt(1), attempt(2), attempt(3)]);
        bytes[0] = 9;
        bytes.pop();
        assert_eq!(decode_attempts(&bytes), [attempt(2)]);
    }

    #[test]
    fn the_last_attempts_are_kept_and_the_last_answer() {
        let mut history = History::default();
        for second in 0..20 {
            let answer = (second == 5).then(|| BackendAnswer {
                status: 503,
                body: Bytes::new(),
            });
            history.add(
                Attempt {
                    answer,
                    ..attempt(second)
                },
                true,
            );
        }
        assert_eq!(history.attempts, (4..20).map(attempt).collect::<Vec<_>>());
        assert_eq!(history.attempts.len(), ATTEMPTS);
        assert_eq!(
            history.answer.as_ref().map(|answer| answer.status),
            Some(503)
        );
        history.add(attempt(19), true);
        assert_eq!(
            history.attempts.len(),
            ATTEMPTS,
            "the same once more is a repeat"
        );
    }
}
