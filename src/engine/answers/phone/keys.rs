//! The key of `phone`, for editors.

use crate::written::keys::{Key, Shape};

/// The type, as a key of an answer or an ask.
pub(super) const KEY: Key = Key::new(
    "phone",
    Shape::Either(&[Shape::Form("^[A-Z]{2}$"), Shape::True]),
    "A telephone number, as people of a country dial it: by default that of the flow's first language.",
    "phone = \"GB\"",
);
