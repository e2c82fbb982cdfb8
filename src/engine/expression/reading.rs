//! What an expression reads, and what it can come to, without a call: the part of its form that decides which names
//! must be set.

use std::sync::OnceLock;

use super::tree::Comparison;
use crate::engine::ids::Slot;
use crate::engine::value::Value;
use crate::written::diag::Place;

/// An expression as a check sees it, and where its names stand.
#[derive(Debug)]
pub struct Reading {
    /// Its form.
    pub shape: Shape,
    /// The names in it, and where each is read first.
    pub places: Vec<(Slot, Place)>,
    /// Set where its types alone decide how it comes out, which has been reported.
    pub constant: OnceLock<()>,
}

/// The form of an expression: conditions in full, anything else as the names that it reads.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// Always holds, or never does.
    Constant(bool),
    /// A name alone that is told.
    Name(Slot),
    /// A name alone as a condition: it does not hold where the name is not set, and nobody minds.
    Flag(Slot),
    /// Whether a name holds this.
    Is(Slot, Value),
    /// How what a name holds compares with this.
    Compares(Slot, Comparison, Value),
    /// How the number of a list's entries compares with this.
    Counts(Slot, Comparison, i64),
    /// Whether a name is set.
    Defined(Slot),
    /// The opposite.
    Not(Box<Shape>),
    /// Both; the second is read only where the first holds.
    And(Box<Shape>, Box<Shape>),
    /// One of them; the second is read only where the first does not hold.
    Or(Box<Shape>, Box<Shape>),
    /// `then if condition else other`.
    If(Box<Shape>, Box<Shape>, Box<Shape>),
    /// Anything else: whatever is read in it.
    Reads(Vec<Shape>),
}
