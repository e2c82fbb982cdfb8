//! The keys of `reject`, for editors.

use crate::written::keys::{Key, Shape};

const REJECT: Key = Key::new(
    "reject",
    Shape::Either(&[Shape::Word(&["busy", "rejected"]), Shape::True]),
    "Refuses the call unanswered: the caller hears the tone for busy, or that the number is not in service.",
    "reject = \"busy\"",
)
.required();

/// The action, and what qualifies it.
pub(super) fn keys() -> Vec<Key> {
    vec![REJECT]
}
