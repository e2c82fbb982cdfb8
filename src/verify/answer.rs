//! What comes of asking for a code, or of entering one.

use serde::{Deserialize, Serialize};

use super::limit::SendLimit;

/// What came of asking for a code, or of entering one. Kept in trails: new ones go to the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CodeAnswer {
    /// One is sent.
    Sent,
    /// None is sent: too many were.
    Limited(SendLimit),
    /// It is the one.
    Right,
    /// It is another.
    Wrong,
    /// It was not compared: this code was tried as often as one may be.
    UsedUp,
    /// It was not compared: codes of this number were tried as often today as they may be.
    Locked,
}

impl CodeAnswer {
    /// What came of entering one.
    pub const CHECKED: [Self; 4] = [Self::Right, Self::Wrong, Self::UsedUp, Self::Locked];

    /// The word of figures and logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Limited(_) => "limited",
            Self::Right => "right",
            Self::Wrong => "wrong",
            Self::UsedUp => "used_up",
            Self::Locked => "locked",
        }
    }
}
