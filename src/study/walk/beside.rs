//! What runs beside a call and may not: a recording, a transcription or a stream while something secret is entered.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::Walk;
use crate::engine::Beside;
use crate::engine::diag::{Diag, Shows};
use crate::engine::ids::StepId;
use crate::engine::step::RunsBeside;
use crate::written::{Code, Explain};

impl Walk<'_> {
    /// Steps at which something secret is entered while something runs beside the call (PCI DSS 3.3.1: what authenticates a
    /// card is not kept, in sound neither).
    pub(super) fn overheard_secrets(&mut self) {
        for what in Beside::ALL {
            let mut found: BTreeMap<StepId, (usize, usize)> = BTreeMap::new();
            for at in 0..self.map.moments.len() {
                if self.runs(at) == Some(RunsBeside::Begins(what))
                    && let Some(secret) = self.overheard_from(at, what)
                {
                    let step = self.map.moments[secret].step;
                    found.entry(step).or_insert((at, secret));
                }
            }
            for (begins, secret) in found.into_values() {
                self.overheard(what, begins, secret);
            }
        }
    }

    fn runs(&self, at: usize) -> Option<RunsBeside> {
        let step = self.map.moments[at].step;
        self.flow().step(step).action.beside()
    }

    /// The first moment behind the one at which it begins where something secret is entered, if it has not ended before.
    fn overheard_from(&self, begins: usize, what: Beside) -> Option<usize> {
        let mut seen = BTreeSet::from([begins]);
        let mut open = VecDeque::from([begins]);
        while let Some(at) = open.pop_front() {
            let moment = &self.map.moments[at];
            let action = &self.flow().step(moment.step).action;
            if !moment.gone && action.hears_secrets(self.flow()) {
                return Some(at);
            }
            if self.runs(at) == Some(RunsBeside::Ends(what)) {
                continue;
            }
            let next = self.next(at, |_| true);
            open.extend(next.into_iter().filter(|to| seen.insert(*to)));
        }
        None
    }

    fn overheard(&mut self, what: Beside, begins: usize, secret: usize) {
        let (first, step) = (self.map.moments[begins].step, self.map.moments[secret].step);
        let word = what.as_str();
        let message = format!(
            "what is entered at `{}` is secret, and the {word} that `{}` begins still runs",
            self.name(step),
            self.name(first)
        );
        let diag = Diag::new(Code::BesideSecret, self.step_place(step), message)
            .help(format!(
                "end it before: a step with `stop = \"{word}\"` on the way there; `start` it again behind"
            ))
            .also(self.step_place(first), "this begins it");
        let name = self.name(step).to_owned();
        self.tell_shown(diag, &|walk| {
            let goes_on = |at: usize| walk.runs(at) != Some(RunsBeside::Ends(what));
            let from = (begins, false);
            let rest = walk.route(
                from,
                |at, _, _| goes_on(at).then_some(false),
                |at, _| at == secret,
                None,
            )?;
            let route = walk.route_to(begins)?.then(rest);
            Some(route.shows(Vec::new(), Shows::Comes(name.clone())))
        });
    }
}
