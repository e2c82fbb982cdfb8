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

/// How the last digits follow from the others.
pub(super) const CHECK_DIGIT: Key = Key::new(
    "check_digit",
    Shape::Word(&["luhn", "gs1", "mod11", "mod97"]),
    "The rule of the check digit, so that most mistyped numbers are wrong: `luhn` (cards), `gs1` (barcodes), `mod11` (NHS \
     numbers), `mod97` (two digits, ISO 7064).",
    "check_digit = \"luhn\"",
);
