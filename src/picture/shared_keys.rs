//! Keys that lead back, or by which many questions lead to somebody who helps: in a large picture they are a mark on each
//! question, since a line from each would hide the others.

use std::collections::BTreeMap;

use crate::engine::edge::{By, Edge, Target};
use crate::engine::flow::Flow;
use crate::engine::ids::StepId;
use crate::study::walk::GoodWay;

/// From how many questions a key leads to the same step if it is no line.
const MANY: usize = 3;

/// From how many steps on no key that leads back is a line.
const LARGE: usize = 16;

/// Keys that lead on only for those who do not want what is offered, wherever they are pressed.
const ASIDE: [&str; 3] = ["0", "*", "#"];

/// The keys that are marks: each with its target, and the questions that have it.
pub struct SharedKeys {
    all: BTreeMap<(String, StepId), Vec<StepId>>,
}

impl SharedKeys {
    /// Finds them; those on the good way are none.
    pub fn of(flow: &Flow, good: &GoodWay) -> Self {
        let is_on = |from: StepId, to: StepId| good.steps.windows(2).any(|pair| pair == [from, to]);
        let mut all: BTreeMap<(String, StepId), Vec<StepId>> = BTreeMap::new();
        for (from, step) in (0..).zip(&flow.steps) {
            let edges = step.action.edges().into_iter();
            for edge in edges.filter(|edge| !edge.is_full()) {
                let (By::Keys(key), Target::Step(to)) = (&edge.by, edge.to) else {
                    continue;
                };
                let leads_aside = good.is_back(from, to) || ASIDE.contains(&key.as_str());
                if leads_aside && from != to && !is_on(from, to) {
                    all.entry((key.clone(), to)).or_default().push(from);
                }
            }
        }
        let is_large = flow.steps.len() >= LARGE;
        all.retain(|(_, to), from| {
            let leads_back = from.iter().all(|from| good.is_back(*from, *to));
            from.len() >= MANY || (is_large && leads_back)
        });
        Self { all }
    }

    /// Whether an edge is a mark.
    pub fn has(&self, from: usize, edge: &Edge) -> bool {
        let (By::Keys(key), Target::Step(to), false) = (&edge.by, edge.to, edge.is_full()) else {
            return false;
        };
        self.all
            .get(&(key.clone(), to))
            .is_some_and(|steps| steps.iter().any(|step| usize::from(*step) == from))
    }

    /// Each key, where it leads, and how many questions have it.
    pub fn all(&self) -> impl Iterator<Item = (&str, StepId, usize)> {
        let all = self.all.iter();
        all.map(|((key, to), from)| (key.as_str(), *to, from.len()))
    }
}
