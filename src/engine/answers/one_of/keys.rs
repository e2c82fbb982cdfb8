//! The key of `one_of`, for editors.

use crate::written::keys::{Key, Shape};

/// The type, as a key of an answer or an ask.
pub(super) const KEY: Key = Key::new(
    "one_of",
    Shape::Some(&Shape::Text),
    "One value of a list. In a menu its keys store them; in an ask 1 is the first.",
    "one_of = [\"letter\", \"parcel\"]",
);
