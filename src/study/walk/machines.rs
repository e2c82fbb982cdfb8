//! Callers whose machine is lost: they must come to somebody.

use std::collections::{BTreeSet, VecDeque};

use super::Walk;
use super::map::Goal;
use crate::engine::diag::Diag;
use crate::engine::edge::By;
use crate::engine::ids::StepId;
use crate::written::{Code, Explain};

impl Walk<'_> {
    /// Ways of a talk with a machine that has failed on which a caller comes to nobody: neither to a question nor to a person.
    pub(super) fn lost_with_machines(&mut self) {
        let mut told: BTreeSet<(StepId, usize)> = BTreeSet::new();
        let mut found = Vec::new();
        for at in 0..self.map.moments.len() {
            let moment = &self.map.moments[at];
            let action = &self.flow().step(moment.step).action;
            if moment.gone || action.machine().is_none() || action.away().is_none() {
                continue;
            }
            for hop in &self.map.hops[at] {
                let way = self.map.way(at, hop);
                let is_trouble = matches!(way.by, By::Outcome(_)) && way.by.is_trouble();
                let goes_nowhere = match hop.to {
                    Goal::Moment(to) => !self.leads_to_somebody(to),
                    Goal::End => true,
                    Goal::Back => false,
                };
                if is_trouble && goes_nowhere && told.insert((moment.step, way.at.start)) {
                    found.push((moment.step, way.at.clone(), way.by.clone()));
                }
            }
        }
        for (step, at, by) in found {
            let By::Outcome(outcomes) = by else { continue };
            let names: Vec<_> = outcomes
                .iter()
                .map(|end| format!("`{}`", end.name))
                .collect();
            let message = format!(
                "a caller whose machine at `{}` ends in {} comes to nobody: neither to a question nor to a person",
                self.name(step),
                names.join(", ")
            );
            let diag = Diag::new(Code::BotDeadEnd, self.place(at), message).help(
                "lead it to a `menu`, a `dial`, a `queue`, or a `record`, at least to leave a word",
            );
            self.tell(diag);
        }
    }

    /// Whether a call can come from a moment to a question, a person or a recording, other than by the machine again.
    fn leads_to_somebody(&self, from: usize) -> bool {
        let mut seen = BTreeSet::from([from]);
        let mut open = VecDeque::from([from]);
        while let Some(at) = open.pop_front() {
            let action = &self.flow().step(self.map.moments[at].step).action;
            let is_machine = action.machine().is_some() && action.away().is_some();
            let is_person = action.away().is_some_and(|away| {
                away.keeps.is_some() || away.outcomes.iter().any(|end| end.is_person)
            });
            if action.asks() || is_person {
                return true;
            }
            if !is_machine {
                let next = self.next(at, |_| true);
                open.extend(next.into_iter().filter(|to| seen.insert(*to)));
            }
        }
        false
    }
}
