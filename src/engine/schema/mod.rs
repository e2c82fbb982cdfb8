//! What may be written, told to editors: the keys of a flow as JSON Schema.
//!
//! Each room of the language tells its keys in a `keys.rs` beside its reader: name, shape, one sentence for the author, an
//! example. This room owns what several of them share ([`shared`]) and the whole ([`flow()`]); how keys are told is
//! `written`'s. A test asks the reader for every key that it knows and holds it against what is told here, both ways.
//!
//! A schema sees one value at a time: whether a step exists or an answer is promised is for [`super::flow::load`] to say.

pub mod demands;
mod flow;
pub mod shared;
pub mod top;

pub use crate::written::keys::{Definition, Key, Names, Shape, document, table};
pub use flow::flow;
pub use top::FLOW;

#[cfg(test)]
mod tests;
