//! The keys of `forget`, for editors.

use crate::engine::keys::shared::{APPEND, FORGET, FULL, NEXT, SET};
use crate::written::keys::Key;

/// The action, and what qualifies it.
pub(super) fn keys() -> Vec<Key> {
    vec![FORGET.required(), NEXT.required(), SET, APPEND, FULL]
}
