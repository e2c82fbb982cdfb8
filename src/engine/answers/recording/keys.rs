//! The keys of `recording`, for editors.

use crate::written::keys::{Key, Shape};

/// The longest recording in seconds: the carrier records 2 s at least, and 4 hours at most (Twilio, `maxLength` of Record).
pub(super) const LONGEST: (u32, u32) = (2, 14_400);

/// The type, as a key of an answer.
pub(super) const KEY: Key = Key::new(
    "recording",
    Shape::Seconds(LONGEST.0, LONGEST.1),
    "What the caller says, recorded by a step with `record`: how long it may be.",
    "recording = \"110s\"",
);
