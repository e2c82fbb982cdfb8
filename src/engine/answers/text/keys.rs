//! The key of `text`, for editors.

use crate::written::keys::{Key, Shape};

/// The type, as a key of an answer or an ask.
pub(super) const KEY: Key = Key::new(
    "text",
    Shape::Either(&[
        Shape::Exactly(2, &Shape::Whole(1, 1000)),
        Shape::Form(r"^ *[0-9]+ *\.\.=? *[0-9]+ *$"),
        Shape::True,
    ]),
    "What the caller says, as the recogniser writes it down: from so many characters to so many, at most 1000. Keys count as digits.",
    "text = [1, 200]",
);
