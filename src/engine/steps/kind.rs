//! What the list of actions says about each.

use super::super::read::Checker;
use super::super::step::Step;
use crate::written::keys::Key;
use crate::written::{Item, Table};

/// An action: its name, its documents and how it is read.
#[derive(Debug)]
pub struct Kind {
    /// The key that names the action in a step.
    pub name: &'static str,
    /// What it does, for the author.
    pub doc: &'static str,
    /// A flow that shows it, and loads.
    pub example: &'static str,
    /// Scripted calls on that flow that take every edge.
    pub calls: &'static str,
    /// The keys of its steps, for editors.
    pub keys: fn() -> Vec<Key>,
    /// Reads it: the action's value, and the step around it.
    pub parse: fn(Item<'_>, &Table<'_>, &mut Checker) -> Option<Box<dyn Step>>,
}
