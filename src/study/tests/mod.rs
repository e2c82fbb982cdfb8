//! What is found out about flows and calls, on flows as authors write them.

mod attempts;
mod call_fields;
mod lists;
mod retracing;
pub(crate) mod timing;
