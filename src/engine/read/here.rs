//! What names mean in one file: in that of the flow, or of a flow that it goes through. Each knows only its own names, and all
//! of them are names of the flow: `number/phone`.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;
use std::sync::Arc;

use super::super::give::Give;
use super::super::ids::{Slot, StepId};
use super::super::prompt::Prompt;
use crate::written::{Code, Item};

/// A prompt that has been read: its id, the language that alone was asked for, and whether it is heard in a queue, or
/// brings a code.
pub type ReadPrompt = (String, Option<usize>, (bool, bool));

/// What names mean in one file, and what has been read of it.
#[derive(Default)]
pub struct Here<'a> {
    /// The flow's name.
    pub flow: String,
    /// What stands before its names in the flow that goes through it: `number/`.
    pub prefix: String,
    /// The languages that it names itself, where another flow decides which are spoken.
    pub tags: Vec<String>,
    /// Whether it is made to be gone through: it has `[args]`, `[gives]` or `[exits]`.
    pub is_subflow: bool,
    /// What it is given.
    pub args: Vec<Arg>,
    /// What it gives back.
    pub gives: Vec<Slot>,
    /// How it ends beside `return`.
    pub exits: Vec<Exit>,
    /// The flow that goes through it, by its place among the flows.
    pub outer: usize,
    /// The first of its steps.
    pub first: StepId,
    /// Where it begins.
    pub start: Option<StepId>,
    /// The prompts by which values are spoken: the slot, the value's stored form, and the prompt.
    pub spoken_by: Vec<(usize, String, Item<'a>)>,
    /// Whether it has `[answers]`, so that every `into` must be promised there.
    pub promised: bool,
    /// Its own prompts that no step says, and where they stand.
    pub unsaid: Vec<(String, Range<usize>)>,
    /// Prompts that are named like values which have no words, and are reported with them.
    pub meant_for_values: BTreeSet<String>,
    /// Whether it names a zone, even one that there is not.
    pub has_zone: bool,
    /// The names of its own numbers.
    pub lines: Vec<String>,
    /// Its own numbers.
    pub numbers: Vec<String>,
    /// The keys of `[anywhere]`, and where they stand.
    pub anywhere: Vec<(String, Range<usize>)>,
    /// The steps' places, by their name.
    pub steps: HashMap<String, StepId>,
    /// Its own prompts.
    pub prompts: HashMap<String, Item<'a>>,
    /// Prompts that have been read, by their id and the language that alone was asked for.
    pub ready: HashMap<ReadPrompt, Option<Prompt>>,
    /// What all steps give to a queue, by its name.
    pub queue_gives: BTreeMap<String, Arc<Give>>,
    /// Texts that some `set` gives a name, and the name: what somebody may have meant who forgot the quotes.
    pub words: BTreeMap<String, String>,
}

/// Something that a flow is given.
#[derive(Clone, Debug)]
pub struct Arg {
    /// Its name, without `args.`.
    pub name: String,
    /// Its slot.
    pub slot: Slot,
    /// Whether it may be left out.
    pub optional: bool,
}

/// A way in which a flow ends that is gone through.
#[derive(Clone, Debug)]
pub struct Exit {
    /// Its name.
    pub name: String,
    /// The bytes of its name.
    pub at: Range<usize>,
}

/// The file of a flow.
#[derive(Clone, Debug)]
pub struct FlowPart<'a> {
    /// Where it begins among the bytes of all.
    pub begins: usize,
    /// The file, as the author knows it.
    pub file: Arc<str>,
    /// Its text.
    pub source: &'a str,
}

/// Why a step cannot go through a flow.
#[derive(Clone, Debug)]
pub struct Impassable {
    /// What kind of fault.
    pub code: Code,
    /// What is wrong.
    pub message: String,
    /// What would be right.
    pub help: String,
}
