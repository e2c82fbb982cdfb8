//! The key of `integer`, for editors.

use crate::written::keys::{Key, Shape};

/// The type, as a key of an answer or an ask.
pub(super) const KEY: Key = Key::new(
    "integer",
    Shape::Either(&[
        Shape::Exactly(2, &Shape::From(0)),
        Shape::Form(r"^ *[0-9]+ *\.\.=? *[0-9]+ *$"),
        Shape::True,
    ]),
    "A whole number, from and to, both included.",
    "integer = [1, 30]",
);
