//! Why a number is not reached.

use serde::{Deserialize, Serialize};

use super::cap::CapKind;

/// Why a number is not reached. Kept in trails: new ones go to the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum NumberRefusal {
    /// It is no telephone number.
    NotANumber,
    /// Whoever reaches it pays for more than the connection.
    Premium,
    /// Its country is none of those that may be reached.
    Country,
    /// Its kind is none of those that may be reached.
    Kind,
    /// It was reached often enough.
    Cap(CapKind),
    /// Nobody is known that could send it.
    NoSender,
}

impl NumberRefusal {
    /// Each of them.
    pub const ALL: [Self; 10] = [
        Self::NotANumber,
        Self::Premium,
        Self::Country,
        Self::Kind,
        Self::Cap(CapKind::Call),
        Self::Cap(CapKind::Caller),
        Self::Cap(CapKind::Number),
        Self::Cap(CapKind::Prefix),
        Self::Cap(CapKind::Day),
        Self::NoSender,
    ];

    /// The word of figures and logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotANumber => "not_a_number",
            Self::Premium => "premium",
            Self::Country => "country",
            Self::Kind => "kind",
            Self::Cap(CapKind::Call) => "per_call",
            Self::Cap(CapKind::Caller) => "per_caller",
            Self::Cap(CapKind::Number) => "per_number",
            Self::Cap(CapKind::Prefix) => "per_prefix",
            Self::Cap(CapKind::Day) => "per_day",
            Self::NoSender => "no_sender",
        }
    }

    /// In words that follow "it is refused: ".
    pub fn words(self) -> &'static str {
        match self {
            Self::NotANumber => "it is no telephone number",
            Self::Premium => "it is a premium number, which is never reached",
            Self::Country => "its country is none of those that may be reached",
            Self::Kind => "its kind is none of those that may be reached",
            Self::Cap(CapKind::Call) => "the call has reached as many numbers as a call may",
            Self::Cap(CapKind::Caller) => {
                "the caller has reached as many numbers today as a caller may"
            }
            Self::Cap(CapKind::Number) => {
                "the number was reached as often today as a number may be"
            }
            Self::Cap(CapKind::Prefix) => {
                "numbers that begin so were reached as often today as they may be"
            }
            Self::Cap(CapKind::Day) => "as many numbers were reached today as may be in a day",
            Self::NoSender => {
                "nobody can send it: no account of the carrier is set (twilio.account_sid)"
            }
        }
    }
}
