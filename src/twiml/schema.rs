//! What the carrier's schema allows: every element, what it may contain, its attributes and their values, and the
//! number under which the carrier complains of what is not so. After the schema that its helper libraries are made
//! from, and its documentation of each verb.
//!
//! Nothing here ends a call: the carrier logs it and carries the document out.

mod kind;
mod nouns;
mod rules;
mod ssml;
mod streams;
mod talk;
mod validator;
mod value;
mod verbs;
mod warnings;

pub use validator::judge;

#[cfg(test)]
mod tests;
