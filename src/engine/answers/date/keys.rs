//! The key of `date`, for editors.

use crate::written::keys::{Key, Shape};

/// The type, as a key of an answer or an ask.
pub(super) const KEY: Key = Key::new(
    "date",
    Shape::Either(&[
        Shape::True,
        Shape::Word(&["yyyymmdd", "ddmmyyyy", "ddmm", "mmdd"]),
    ]),
    "A day, entered as eight digits: year, month, day; or in the order that is written here. Without a year it is the next \
     such day, today included.",
    "date = \"ddmm\"",
);
