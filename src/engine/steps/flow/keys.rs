//! The keys of `flow`, for editors.

pub(super) use crate::engine::keys::shared::NEXT;
use crate::engine::keys::shared::{APPEND, FORGET, FULL, NAMED, SET, WAY_OR_TARGET};
use crate::written::keys::{Key, Names, Shape};

/// How flows are named: by their path, without the ending.
const PATH: Shape = Shape::Form("^[a-z0-9][a-z0-9_-]*(/[a-z0-9][a-z0-9_-]*)*$");

pub(super) const FLOW: Key = Key::new(
    "flow",
    PATH,
    "The flow that the call goes through, by its path below the folder of the flows, without `.toml`.",
    "flow = \"shared/number\"",
)
.required();

pub(super) const GIVE: Key = Key::new(
    "give",
    Shape::Names(Names {
        form: NAMED,
        sample: "why",
        of: &Shape::Either(&[Shape::Text, Shape::Number, Shape::Boolean]),
        fixed: &[],
        some: false,
    }),
    "What the other flow's `[args]` are. Text may have holes; numbers and true or false stand without quotes.",
    "give.why = \"to call you back\"",
);

pub(super) const FILL: Key = Key::new(
    "into",
    Shape::Names(Names {
        form: NAMED,
        sample: "phone",
        of: &Shape::Form(NAMED),
        fixed: &[],
        some: false,
    }),
    "Answers of this flow, and which of the other's `[gives]` each gets when it returns: ours = \"theirs\".",
    "into = { phone = \"phone\" }",
);

pub(super) const ERROR: Key = Key::new(
    "error",
    WAY_OR_TARGET,
    "Where the call goes if a step of the other flow cannot be done, and that flow has no `[on] error` of its own.",
    "error = \"desk\"",
);

pub(super) const ON: Key = Key::new(
    "on",
    Shape::Names(Names {
        form: NAMED,
        sample: "refused",
        of: &WAY_OR_TARGET,
        fixed: &[ERROR],
        some: false,
    }),
    "Where the call goes from each of the other flow's `[exits]`.",
    "on.refused = \"confirm\"",
);

/// The action, and what qualifies it.
pub(super) fn keys() -> Vec<Key> {
    vec![FLOW, GIVE, FILL, ON, NEXT, SET, APPEND, FULL, FORGET]
}
