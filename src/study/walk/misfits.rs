//! What is set to what an expression comes to, and does not fit its answer in some call.

use std::collections::{BTreeMap, BTreeSet};

use super::Walk;
use super::set_names::Misfit;
use crate::engine::diag::Diag;
use crate::engine::value::Value;
use crate::written::{Code, Explain};

/// From how many moments one is looked for.
const MAX_TRIED: usize = 8;

impl Walk<'_> {
    /// What is set to what an expression comes to, and does not fit its answer at some moment.
    pub(super) fn sums_that_do_not_fit(&mut self) {
        let mut told = BTreeSet::new();
        let mut tried = BTreeMap::new();
        for at in 0..self.map.moments.len() {
            for Misfit { hop, set, value } in std::mem::take(&mut self.map.misfits[at]) {
                let place = self.map.hops[at][hop].way;
                let of = (self.map.moments[at].step, place, set);
                let count = tried.entry(of).or_insert(0);
                *count += 1;
                if *count > MAX_TRIED || told.contains(&of) {
                    continue;
                }
                let before = self.diags.len();
                self.tell_misfit(at, hop, set, value.as_ref());
                if self.diags.len() > before {
                    told.insert(of);
                }
            }
        }
    }

    fn tell_misfit(&mut self, at: usize, hop: usize, set: usize, value: Option<&Value>) {
        let flow = self.flow();
        let way = self.map.way(at, &self.map.hops[at][hop]);
        let read = way.does.reads.iter().find(|(before, _)| *before == set);
        let place = read.and_then(|(_, reading)| reading.places.first());
        let worked = way.does.worked.iter().find(|(of, _)| *of == set);
        let (Some((_, place)), Some((_, by)), slot) = (place, worked, way.does.sets[set].0) else {
            return;
        };
        let Some(answer) = flow.answer(slot) else {
            return;
        };
        let (name, kind) = (&answer.name, answer.kind.describe());
        let (message, way_out) = match value {
            Some(value) => (
                format!(
                    "`{}` can be {value} here, and `{name}` is {kind}",
                    by.source
                ),
                "ask by a `branch` first whether it fits, or give the answer wider bounds",
            ),
            None => (
                format!("`{}` cannot always be worked out here", by.source),
                "ask by a `branch` first, so that nothing is divided by zero",
            ),
        };
        let diag = Diag::new(Code::SetMayFail, place.clone(), message)
            .help(format!("{way_out}; else the call goes to `[on] error`"));
        self.tell_if_shown(diag, &|walk| Some(walk.route_to(at)?.and(at, hop).fails()));
    }
}
