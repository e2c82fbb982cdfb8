//! Places in a flow by which its parts are known.

/// A step, by its place in its flow.
pub type StepId = u16;

/// An answer or variable, by its place among the names of its flow.
pub type Slot = u16;

/// A name as the flow writes it that has it: without the steps of other flows that lead into it.
pub fn own_name(name: &str) -> &str {
    name.rsplit_once('/').map_or(name, |(_, own)| own)
}
