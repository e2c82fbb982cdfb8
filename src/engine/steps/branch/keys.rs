//! The keys of `branch`, for editors.

use crate::engine::keys::shared::{APPEND, FORGET, FULL, NEXT, SET, WHEN};
use crate::written::keys::{Key, Shape};

const BRANCH: Key = Key::new(
    "branch",
    Shape::Some(&Shape::Table(&[WHEN, NEXT.required(), SET, APPEND, FULL, FORGET])),
    "Ways, tried from the first: the call goes where the first condition leads that holds. The last has no `when`.",
    "branch = [{ when = \"weight > 30\", next = \"freight\" }, { next = \"van\" }]",
)
.required();

/// The action, and what qualifies it.
pub(super) fn keys() -> Vec<Key> {
    vec![BRANCH]
}
