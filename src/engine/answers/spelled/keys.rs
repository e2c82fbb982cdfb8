//! The key of `spelled`, for editors.

use crate::written::keys::{Key, Shape};

/// The type, as a key of an answer or an ask.
pub(super) const KEY: Key = Key::new(
    "spelled",
    Shape::Either(&[
        Shape::Whole(1, 30),
        Shape::Exactly(2, &Shape::Whole(1, 30)),
        Shape::Form(r"^ *[0-9]+ *\.\.=? *[0-9]+ *$"),
        Shape::True,
    ]),
    "Letters and digits one by one, 1 to 30: a booking code, a name. Two keys each, the key and the letter's place on it (21 is A, \
     74 is S, 50 is the digit 5); or said, \"B as in bravo\".",
    "spelled = 6",
);
