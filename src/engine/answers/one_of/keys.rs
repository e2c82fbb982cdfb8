//! The keys of `one_of`, for editors.

use crate::engine::keys::shared::PROMPT;
use crate::written::keys::{Key, Names, Shape};

/// The type, as a key of an answer or an ask.
pub(super) const KEY: Key = Key::new(
    "one_of",
    Shape::Either(&[
        Shape::Some(&Shape::Text),
        Shape::Names(Names {
            form: "",
            sample: "letter",
            of: &PROMPT,
            fixed: &[],
            some: true,
        }),
    ]),
    "One of these values: a list, whose values are spoken as they stand, or a table of values and what is said for each. In \
     a menu its keys store them; in an ask 1 is the first of the list.",
    "one_of = { letter = \"@letter\", parcel = \"a parcel\" }",
);

/// Which key is which value.
pub(super) const ORDER: Key = Key::new(
    "keys",
    Shape::Some(&Shape::Text),
    "The order of the values, for an ask: the first is key 1. A table has no order of its own.",
    "keys = [\"letter\", \"parcel\"]",
);
