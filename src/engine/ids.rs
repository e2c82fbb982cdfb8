//! Places in a flow by which its parts are known.

/// A step, by its place in its flow.
pub type StepId = u16;

/// An answer or variable, by its place among the names of its flow.
pub type Slot = u16;
