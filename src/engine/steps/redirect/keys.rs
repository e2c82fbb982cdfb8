//! The keys of `redirect`, for editors.

use crate::engine::keys::shared::URL;
use crate::written::keys::Key;

const REDIRECT: Key = Key::new(
    "redirect",
    URL,
    "Leaves for other TwiML, at an absolute URL; what follows the host may have holes. This flow is over.",
    "redirect = \"https://example.com/voice/legacy?from={{ call.from }}\"",
)
.required();

/// The action, and what qualifies it.
pub(super) fn keys() -> Vec<Key> {
    vec![REDIRECT]
}
