//! The key of `digits`, for editors.

use crate::written::keys::{Key, Shape};

/// The type, as a key of an answer or an ask.
pub(super) const KEY: Key = Key::new(
    "digits",
    Shape::Either(&[
        Shape::Whole(1, 64),
        Shape::Exactly(2, &Shape::Whole(1, 64)),
        Shape::Form(r"^ *[0-9]+ *\.\.=? *[0-9]+ *$"),
        Shape::True,
    ]),
    "Keys as they were pressed, 1 to 64: a code, a customer number, a PIN. Leading zeros count.",
    "digits = 4",
);
