//! The keys of `forget`, for editors.

use crate::engine::schema::Key;
use crate::engine::schema::shared::{FORGET, NEXT, SET};

/// The action, and what qualifies it.
pub(super) fn keys() -> Vec<Key> {
    vec![FORGET.required(), NEXT.required(), SET]
}
