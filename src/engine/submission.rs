//! What a step submits: the answers of one moment, for a backend.

use super::ids::Slot;
use super::value::Value;

/// A submission that a step made, with the answers of that moment.
#[derive(Clone, Debug, PartialEq)]
pub struct Submission {
    /// The backend, by its name.
    pub backend: String,
    /// The step that made it.
    pub step: String,
    /// Whether it may lack promised answers.
    pub partial: bool,
    /// The answers that it sends, in the order of the flow.
    pub answers: Vec<(Slot, Value)>,
}
