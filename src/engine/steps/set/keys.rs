//! The keys of `set`, for editors.

use crate::engine::schema::Key;
use crate::engine::schema::shared::{FORGET, NEXT, SET};

/// The action, and what qualifies it.
pub(super) fn keys() -> Vec<Key> {
    vec![SET.required(), NEXT.required(), FORGET]
}
