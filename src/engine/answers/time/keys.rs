//! The key of `time`, for editors.

use crate::written::keys::{Key, Shape};

/// The type, as a key of an answer or an ask.
pub(super) const KEY: Key = Key::new(
    "time",
    Shape::Either(&[Shape::True, Shape::Word(&["24h", "12h"])]),
    "A time of day, entered as four digits over 24 hours; with `12h` over twelve, and a fifth key: 1 for the morning, 2 for \
     the afternoon.",
    "time = \"12h\"",
);
