//! What is used of a flow.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::super::ids::Slot;

/// What is used of a flow, noted while it is read.
#[derive(Debug, Default)]
pub struct Used {
    /// Prompts of the manifest that are said: language and id.
    pub prompts: BTreeSet<(String, String)>,
    /// Recordings of ours, by the path by which a prompt names them, and the words beside them.
    pub recordings: BTreeMap<String, Option<String>>,
    /// Names that an expression reads.
    pub read: BTreeSet<Slot>,
    /// Names that are set, and where first.
    pub set: BTreeMap<Slot, Range<usize>>,
    /// Languages that a call is set to.
    pub languages: BTreeSet<usize>,
    /// Whether a call is set to a language that only the call knows.
    pub any_language: bool,
}
