//! The keys of `submit`, for editors.

use crate::engine::keys::shared::{NAME, WAY};
use crate::written::Field;
use crate::written::keys::{Key, Shape};

const BACKEND: Shape = Shape::Form("^[a-z][a-z0-9_]*$");

const SUBMIT: Key = Key::new(
    "submit",
    Shape::Either(&[BACKEND, Shape::Table(&[TO, ANSWERS, PARTIAL.key])]),
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

pub(super) const ANSWERS: Key = Key::new(
    "answers",
    Shape::Either(&[NAME, Shape::List(&NAME)]),
    "The answers that are sent, and all that a complete submission needs. Every answer where nothing is said.",
    "answers = [\"phone\"]",
);

pub(super) const PARTIAL: Field<bool> = Field::flag(
    "partial",
    "Sends what is set of the answers, even if promised ones are missing.",
    "partial = true",
)
.or("false");

/// The action, and what qualifies it.
pub(super) fn keys() -> Vec<Key> {
    [&[SUBMIT], WAY].concat()
}
