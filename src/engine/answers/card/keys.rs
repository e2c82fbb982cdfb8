//! The key of `card`, for editors.

use crate::written::keys::{Key, Shape};

/// The type, as a key of an answer or an ask.
pub(super) const KEY: Key = Key::new(
    "card",
    Shape::True,
    "The number of a payment card, with a right check digit. It must be `sensitive`.",
    "card = true",
);
