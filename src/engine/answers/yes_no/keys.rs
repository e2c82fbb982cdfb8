//! The key of `yes_no`, for editors.

use crate::written::keys::{Key, Shape};

/// The type, as a key of an answer or an ask.
pub(super) const KEY: Key = Key::new(
    "yes_no",
    Shape::True,
    "1 for yes, 2 for no.",
    "yes_no = true",
);
