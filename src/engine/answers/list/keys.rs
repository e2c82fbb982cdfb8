//! The keys of `list`, for editors.

use crate::engine::keys::shared::NAME;
use crate::written::keys::{Key, Shape};

/// The most entries that a list may have.
pub(super) const MAX: i64 = 99;

/// The type, as a key of an answer.
pub(super) const KEY: Key = Key::new(
    "list",
    Shape::Some(&NAME),
    "A list, each entry of which has these answers. `append` on a way adds an entry.",
    "list = [\"rx\"]",
);

/// How many entries it has.
pub(super) const COUNT: Key = Key::new(
    "count",
    Shape::Either(&[
        Shape::Whole(1, MAX),
        Shape::Exactly(2, &Shape::Whole(0, MAX)),
        Shape::Form(r"^ *[0-9]+ *\.\.=? *[0-9]+ *$"),
    ]),
    "The fewest entries that a complete submission needs, and the most that there can be, 99 at most.",
    "count = [1, 9]",
)
.required();
