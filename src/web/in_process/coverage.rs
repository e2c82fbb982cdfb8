//! Which steps and edges of a flow calls took.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use toml::de::{DeTable, DeValue};

use crate::engine::diag::line_and_column;
use crate::engine::edge::Target;
use crate::engine::way::Way;
use crate::engine::{Flow, StepId, Turn};
use crate::study::edge_of;
use crate::web::flows::{FlowVersion, Flows};

/// The steps and edges that calls took, of all flows. Shared by all nodes that play them.
#[derive(Debug, Default)]
pub struct Coverage {
    taken: Mutex<BTreeMap<String, TakenWays>>,
}

/// What calls took of a flow: steps, and edges by the step that they lead from (none where they are the flow's own).
#[derive(Debug, Default)]
struct TakenWays {
    steps: BTreeSet<StepId>,
    edges: BTreeSet<(Option<StepId>, String)>,
}

/// What calls took of a flow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlowCoverage {
    /// The flow's name.
    pub flow: String,
    /// Its file.
    pub file: String,
    /// Its steps, in the order of the file.
    pub steps: Vec<Covered>,
    /// Its edges: those of its steps, then its own (`give_up`, `on.hangup`, `anywhere.9`).
    pub edges: Vec<Covered>,
}

/// A step or an edge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Covered {
    /// The step, or the step that the edge leads from; empty for an edge of the flow's own.
    pub step: String,
    /// What takes the edge, as `keys.1` or `next`; empty for a step.
    pub on: String,
    /// Where the edge leads; empty for a step.
    pub to: String,
    /// The line in the file, from 1.
    pub line: usize,
    /// Whether a call took it.
    pub taken: bool,
}

impl FlowCoverage {
    /// Steps and edges that were taken, and all.
    pub fn count(&self) -> (usize, usize) {
        let all = || self.steps.iter().chain(&self.edges);
        (all().filter(|covered| covered.taken).count(), all().count())
    }
}

impl Coverage {
    /// What calls took of each flow in service.
    pub fn of(&self, flows: &Flows) -> Vec<FlowCoverage> {
        let taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let nothing = TakenWays::default();
        let current = flows.current();
        let of = |version: &FlowVersion| {
            flow_coverage(version, taken.get(&version.flow.name).unwrap_or(&nothing))
        };
        current
            .by_name
            .values()
            .map(|version| of(version))
            .collect()
    }
}

impl Coverage {
    /// A turn was taken.
    pub fn took(&self, flow: &Flow, turn: &Turn) {
        let mut all = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = all.entry(flow.name.clone()).or_default();
        let ways = || turn.ways.iter();
        taken
            .steps
            .extend(ways().filter_map(crate::engine::Taken::step));
        taken
            .edges
            .extend(ways().filter_map(|way| edge_of(flow, way)));
    }
}

/// The edges of a flow that belong to none of its steps. The way of a fault is not among them: no caller can take it.
fn own_edges(flow: &Flow) -> Vec<(String, Target)> {
    let edges = |on: String, way: &Way| {
        let full = way.full_target().map(|to| (format!("{on}.full"), to));
        std::iter::once((on, way.target())).chain(full)
    };
    let give_up = flow.give_up.iter().map(|way| ("give_up".to_owned(), way));
    let hangup = flow
        .on_hangup
        .iter()
        .map(|way| ("on.hangup".to_owned(), way));
    let keys = flow.anywhere.iter();
    let keys = keys.map(|key| (format!("anywhere.{}", key.keys), &key.way));
    let ways = give_up.chain(hangup).chain(keys);
    let placed = flow.placed_ways().map(|(on, to, _)| (on, to));
    ways.flat_map(|(on, way)| edges(on, way))
        .chain(placed)
        .collect()
}

fn flow_coverage(version: &FlowVersion, taken: &TakenWays) -> FlowCoverage {
    let (flow, bundle) = (&version.flow, version.bundle());
    let (document, _) = DeTable::parse_recoverable(&bundle.source);
    let line =
        |path: &[&str]| line_and_column(&bundle.source, place(document.get_ref(), path).start).0;
    let mut steps = Vec::new();
    let mut edges = Vec::new();
    // What is inside a flow that is gone through is covered by that flow's own calls.
    let own = (0..).zip(&flow.steps);
    for (id, step) in own.filter(|(_, step)| step.subflow.is_none()) {
        let at = ["steps", step.name.as_str()];
        let covered = Covered {
            step: step.name.clone(),
            on: String::new(),
            to: String::new(),
            line: line(&at),
            taken: taken.steps.contains(&id),
        };
        steps.push(covered);
        for edge in step.action.edges() {
            let path: Vec<&str> = at.into_iter().chain(edge.on.split('.')).collect();
            let taken = taken.edges.contains(&(Some(id), edge.on.clone()));
            edges.push(Covered {
                step: step.name.clone(),
                to: named(flow, edge.to),
                line: line(&path),
                taken,
                on: edge.on,
            });
        }
    }
    edges.extend(end_edges(flow, taken, &line));
    for (on, to) in own_edges(flow) {
        let path: Vec<&str> = on.split('.').collect();
        let taken = taken.edges.contains(&(None, on.clone()));
        edges.push(Covered {
            step: String::new(),
            to: named(flow, to),
            line: line(&path),
            taken,
            on,
        });
    }
    FlowCoverage {
        flow: flow.name.clone(),
        file: bundle.file.to_string(),
        steps,
        edges,
    }
}

/// The edges of steps that go through a flow: those of that flow's ends.
fn end_edges(flow: &Flow, taken: &TakenWays, line: &dyn Fn(&[&str]) -> usize) -> Vec<Covered> {
    let steps = (0..).zip(&flow.steps);
    let all = steps.flat_map(|(id, step)| {
        let edges = step.action.edges().into_iter();
        edges.map(move |edge| (id, edge))
    });
    let covered = all.filter_map(|(id, edge)| {
        let (from, on) = flow.end_of(id, &edge.on)?;
        let from = flow.step(from);
        if from.subflow.is_some() {
            return None;
        }
        let at = ["steps", from.name.as_str()].into_iter();
        let path: Vec<&str> = at.chain(on.split('.')).collect();
        Some(Covered {
            step: from.name.clone(),
            to: named(flow, edge.to),
            line: line(&path),
            taken: taken.edges.contains(&(Some(id), edge.on)),
            on: on.clone(),
        })
    });
    covered.collect()
}

/// The bytes of the key that a path leads to; of the last one that is there, where it leads nowhere.
fn place(document: &DeTable<'_>, path: &[&str]) -> Range<usize> {
    let mut at = 0..0;
    let mut table = document;
    for part in path {
        let Some((key, value)) = table.get_key_value(*part) else {
            break;
        };
        at = key.span();
        match value.get_ref() {
            DeValue::Table(inner) => table = inner,
            _ => break,
        }
    }
    at
}

fn named(flow: &Flow, target: Target) -> String {
    match target {
        Target::Step(step) => flow.step(step).name.clone(),
        Target::Hangup => "hangup".to_owned(),
        Target::Repeat => "repeat".to_owned(),
        Target::Back => "back".to_owned(),
    }
}
