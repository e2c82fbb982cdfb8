//! The keys of `branch`, for editors.

use crate::engine::keys::shared::{FORGET, NEXT, SET};
use crate::written::keys::{Key, Shape};

const BRANCH: Key = Key::new(
    "branch",
    Shape::Some(&Shape::Table(&[WHEN, NEXT.required(), SET, FORGET])),
    "Ways, tried from the first: the call goes where the first condition leads that holds. The last has no `when`.",
    "branch = [{ when = \"weight > 30\", next = \"freight\" }, { next = \"van\" }]",
)
.required();

pub(super) const WHEN: Key = Key::new(
    "when",
    Shape::Text,
    "A condition over answers, variables, `call`, `now` and `result`, with `==`, `<`, `and`, `or`, `not`, `in`.",
    "when = \"weight > 30 and kind == 'parcel'\"",
);

/// The action, and what qualifies it.
pub(super) fn keys() -> Vec<Key> {
    vec![BRANCH]
}
