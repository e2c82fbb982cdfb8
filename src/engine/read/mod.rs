//! From TOML to the parts of a flow: prompts, questions, keys, ways, changes. Actions read themselves with these, and the
//! loader puts a flow together from them.
//!
//! Everything is read against a [`Checker`]: the names that exist, and the faults found so far.

mod changes;
mod checker;
mod key;
mod prompt;
mod prompts;
mod question;
mod way;

pub use checker::{BUILT_IN, Checker, is_absolute_url, is_name};
pub use key::ambiguous_anywhere;
