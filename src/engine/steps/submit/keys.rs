//! The keys of `submit`, for editors.

use crate::engine::keys::shared::WAY;
use crate::written::Field;
use crate::written::keys::{Key, Shape};

const BACKEND: Shape = Shape::Form("^[a-z][a-z0-9_]*$");

const SUBMIT: Key = Key::new(
    "submit",
    Shape::Either(&[BACKEND, Shape::Table(&[TO, PARTIAL.key])]),
    "Hands what was answered to a backend of the settings. The caller never waits for it.",
    "submit = \"pickups\"",
)
.required();

pub(super) const TO: Key = Key::new(
    "to",
    BACKEND,
    "The backend, as the settings name it.",
    "to = \"pickups\"",
)
.required();

pub(super) const PARTIAL: Field<bool> = Field::flag(
    "partial",
    "Hands over whatever was answered so far, even if promised answers are missing.",
    "partial = true",
)
.or("false");

/// The action, and what qualifies it.
pub(super) fn keys() -> Vec<Key> {
    [&[SUBMIT], WAY].concat()
}
