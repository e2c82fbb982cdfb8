//! The keys of `stop`, for editors.

use super::super::start::WORDS;
use crate::engine::keys::shared::WAY;
use crate::written::keys::{Key, Shape};

const STOP: Key = Key::new(
    "stop",
    Shape::Word(&WORDS),
    "What no longer runs beside the call; nothing happens where none does.",
    "stop = \"recording\"",
)
.required();

/// The action, and what qualifies it.
pub(super) fn keys() -> Vec<Key> {
    [&[STOP], WAY].concat()
}
