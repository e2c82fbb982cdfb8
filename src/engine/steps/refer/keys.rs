//! The keys of `refer`, for editors.

use super::outcomes::{REFERRED, REFUSED};
use crate::engine::keys::outcomes::{REST, way};
use crate::engine::keys::shared::{APPEND, FORGET, FULL, NEXT, SET};
use crate::written::keys::{Key, Names, Shape};

/// How headers are named (RFC 3261, `token`, as far as it is used).
const HEADER: &str = "^[A-Za-z][A-Za-z0-9-]*$";

const REFER: Key = Key::new(
    "refer",
    Shape::Text,
    "Whom the caller's own telephone system is to call in place of this line: a SIP address, which may have holes. Only \
     where the call came by SIP.",
    "refer = \"sip:desk@pbx.example.com\"",
)
.required();

pub(super) const HEADERS: Key = Key::new(
    "headers",
    Shape::Names(Names {
        form: HEADER,
        sample: "X-Account",
        of: &Shape::Text,
        fixed: &[],
        some: false,
    }),
    "Headers of SIP that go with it, which may have holes.",
    "headers = { X-Account = \"{{ call.from }}\" }",
);

const ON: Key = Key::new(
    "on",
    Shape::Table(&[
        way(&REFERRED, "referred = \"bye\""),
        way(&REFUSED, "refused = \"desk\""),
        REST,
    ]),
    "Where the call goes on, by what came of it.",
    "on.refused = \"desk\"",
);

/// The action, and what qualifies it.
pub(super) fn keys() -> Vec<Key> {
    vec![REFER, NEXT, SET, APPEND, FULL, FORGET, ON, HEADERS]
}
