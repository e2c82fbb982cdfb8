//! The keys of `yes_no`, for editors.

use crate::engine::keys::shared::PROMPT;
use crate::written::keys::{Key, Shape};

/// The type, as a key of an answer or an ask.
pub(super) const KEY: Key = Key::new(
    "yes_no",
    Shape::Either(&[Shape::True, Shape::Table(&[YES.required(), NO.required()])]),
    "1 for yes, 2 for no; and what is said for each. Without words `@hookswitch.yes` and `@hookswitch.no` are said.",
    "yes_no = { yes = \"@yes\", no = \"@no\" }",
);

pub(super) const YES: Key = Key::new("yes", PROMPT, "What is said for yes.", "yes = \"@yes\"");

pub(super) const NO: Key = Key::new("no", PROMPT, "What is said for no.", "no = \"@no\"");
