//! What real calls took of a flow: how often they came to each step and took each edge.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::FlowVersions;
use crate::engine::{Entry, Flow, StepId, Trail};
use crate::picture::{Count, Counts};
use crate::study::edge_of;

/// How often calls came to each step of a flow and took each edge of it. Steps and edges are counted by name, so calls on
/// several versions of it are counted together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Traffic {
    /// The flow.
    pub flow: String,
    /// Calls that came to it.
    pub calls: u64,
    /// Calls whose version is no longer kept; nothing of them is counted.
    pub unknown: u64,
    /// How often each step was come to.
    pub steps: Vec<UseCount>,
    /// How often each edge was taken.
    pub edges: Vec<UseCount>,
}

/// A step or an edge, and how often it was taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UseCount {
    /// The step, or the step that the edge leads from; empty for an edge of the flow's own.
    pub step: String,
    /// What takes the edge, as `keys.1` or `next`; empty for a step.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub on: String,
    /// How often.
    pub count: u64,
}

impl Traffic {
    /// It as a picture shows it.
    pub fn counts(&self) -> Counts {
        let step = |taken: &UseCount| (taken.step.clone(), Count::Times(taken.count));
        let edge = |taken: &UseCount| {
            (
                (taken.step.clone(), taken.on.clone()),
                Count::Times(taken.count),
            )
        };
        Counts {
            steps: self.steps.iter().map(step).collect(),
            edges: self.edges.iter().map(edge).collect(),
        }
    }
}

/// Counts what calls took of one flow.
#[derive(Debug, Default)]
pub(super) struct Counter {
    calls: u64,
    unknown: u64,
    steps: BTreeMap<String, u64>,
    edges: BTreeMap<(String, String), u64>,
}

impl Counter {
    /// Counts the visits of a call to the flow.
    pub(super) fn count(&mut self, trail: &Trail, name: &str, versions: &FlowVersions) {
        let (mut came, mut known) = (false, false);
        let mut flow = None;
        for entry in &trail.entries {
            if let Some(begun) = &entry.begun {
                let is_it = begun.flow == name;
                flow = versions
                    .get(&begun.version)
                    .map(|version| &version.flow)
                    .filter(|_| is_it);
                came |= is_it;
            }
            if let Some(flow) = flow {
                known = true;
                self.entry(entry, flow);
            }
        }
        self.calls += u64::from(came);
        self.unknown += u64::from(came && !known);
    }

    fn entry(&mut self, entry: &Entry, flow: &Flow) {
        let name = |step: StepId| {
            flow.steps
                .get(usize::from(step))
                .map(|step| step.name.clone())
        };
        if entry.ways.iter().any(|way| name(way.from).is_none()) {
            return;
        }
        for way in &entry.ways {
            if let Some(name) = way.step().and_then(name) {
                *self.steps.entry(name).or_default() += 1;
            }
            let Some((step, on)) = edge_of(flow, way) else {
                continue;
            };
            let step = step.and_then(name).unwrap_or_default();
            *self.edges.entry((step, on)).or_default() += 1;
        }
    }

    /// What was counted.
    pub(super) fn traffic(self, flow: &str) -> Traffic {
        let step = |(step, count)| UseCount {
            step,
            on: String::new(),
            count,
        };
        let edge = |((step, on), count)| UseCount { step, on, count };
        Traffic {
            flow: flow.to_owned(),
            calls: self.calls,
            unknown: self.unknown,
            steps: self.steps.into_iter().map(step).collect(),
            edges: self.edges.into_iter().map(edge).collect(),
        }
    }
}
