//! The names that everything hangs on: which call, which visit of it, and which version of its flow.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// The name of a call, as the carrier gives it: 1 to 64 characters of `A-Z a-z 0-9 . _ : -`.
///
/// Twilio's is `CA` and 32 hexadecimal digits; compatible carriers use UUIDs and longer ids.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct CallSid(Arc<str>);

impl CallSid {
    /// Takes a name from outside.
    ///
    /// # Errors
    /// When it is empty, longer than 64 bytes, or holds other characters.
    pub fn parse(text: &str) -> Result<Self, InvalidCallSid> {
        let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"._:-".contains(&byte);
        match text.len() {
            1..=64 if text.bytes().all(legal) => Ok(Self(text.into())),
            _ => Err(InvalidCallSid),
        }
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CallSid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A text that cannot be a [`CallSid`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a call's name: 1 to 64 characters of A-Z a-z 0-9 . _ : - are")]
pub struct InvalidCallSid;

/// The name of one visit of a call: nobody can guess it, so that a request that was made for a turn of this visit fits no
/// other. Written as 16 hexadecimal digits: when it was made, in seconds since 1970, and 32 random bits.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
pub struct Nonce(pub u64);

impl Nonce {
    /// That of a visit that the first release began, and of its URLs: there is none.
    pub const NONE: Self = Self(0);

    /// A nonce of this moment.
    pub fn new(seconds: i64, random: u32) -> Self {
        let seconds = u32::try_from(seconds).unwrap_or(u32::MAX);
        Self((u64::from(seconds) << 32) | u64::from(random))
    }

    /// When it was made, in seconds since 1970.
    pub fn seconds(self) -> i64 {
        (self.0 >> 32) as i64
    }

    /// Reads 16 hexadecimal digits.
    pub fn parse(text: &str) -> Option<Self> {
        let legal = text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        legal.then(|| u64::from_str_radix(text, 16).ok().map(Self))?
    }
}

impl fmt::Display for Nonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// The hash of all that decides what a caller hears: 64 bits of SHA-256, written as 16 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Fingerprint(pub u64);

impl Fingerprint {
    /// Reads 16 hexadecimal digits.
    pub fn parse(text: &str) -> Option<Self> {
        (text.len() == 16).then(|| u64::from_str_radix(text, 16).ok().map(Self))?
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}
