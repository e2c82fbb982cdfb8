//! The keys of `hangup`, for editors.

use crate::written::keys::{Key, Shape};

const HANGUP: Key = Key::new(
    "hangup",
    Shape::True,
    "Ends the call. `next = \"hangup\"` of a step before does the same.",
    "hangup = true",
)
.required();

/// The action, and what qualifies it.
pub(super) fn keys() -> Vec<Key> {
    vec![HANGUP]
}
