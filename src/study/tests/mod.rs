//! What is found out about flows and calls, on flows as authors write them.

mod attempts;
mod call_fields;
mod lists;
mod retracing;
mod subflows;
pub(crate) mod timing;
