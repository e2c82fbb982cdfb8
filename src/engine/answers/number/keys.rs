//! The key of `number`, for editors.

use crate::written::keys::{Key, Shape};

/// The type, as a key of an answer or an ask.
pub(super) const KEY: Key = Key::new(
    "number",
    Shape::Either(&[Shape::Exactly(2, &Shape::Number), Shape::True]),
    "A number that may have a fraction, from and to, both included. The star key is the point.",
    "number = [0.5, 30]",
);
