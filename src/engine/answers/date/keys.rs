//! The key of `date`, for editors.

use crate::written::keys::{Key, Shape};

/// The type, as a key of an answer or an ask.
pub(super) const KEY: Key = Key::new(
    "date",
    Shape::True,
    "A day, entered as eight digits: year, month, day.",
    "date = true",
);
