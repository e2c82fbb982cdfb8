//! The key of `time`, for editors.

use crate::written::keys::{Key, Shape};

/// The type, as a key of an answer or an ask.
pub(super) const KEY: Key = Key::new(
    "time",
    Shape::True,
    "A time of day, entered as four digits over 24 hours.",
    "time = true",
);
