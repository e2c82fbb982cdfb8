//! Complete submissions that are made again although nothing is new.

use std::collections::BTreeSet;

use super::Walk;
use super::map::{Hop, Kind};
use super::route::Route;
use crate::engine::diag::Diag;
use crate::engine::edge::By;
use crate::engine::ids::{Slot, StepId};
use crate::engine::step::Outside;
use crate::written::{Code, Explain};

/// A step that makes a complete submission.
#[derive(Clone, Copy)]
struct Submitter<'a> {
    step: StepId,
    backend: &'a str,
    answers: &'a [Slot],
}

impl Walk<'_> {
    /// Complete submissions of which the backend has every answer already. Conditions are taken to hold off whoever has
    /// submitted before, so a way with one on it is not reported.
    pub(super) fn resubmissions(&mut self) {
        let flow = self.flow();
        let submitters: Vec<_> = (0..)
            .zip(&flow.steps)
            .filter_map(|(step, of)| match of.action.outside()? {
                Outside::Submits {
                    backend,
                    full: true,
                    answers,
                    ..
                } if !answers.is_empty() => Some(Submitter {
                    step,
                    backend,
                    answers,
                }),
                Outside::Submits { .. } | Outside::Reaches { .. } | Outside::Asks { .. } => None,
            })
            .collect();
        let mut told = BTreeSet::new();
        for first in &submitters {
            for again in &submitters {
                let has_all = again
                    .answers
                    .iter()
                    .all(|slot| first.answers.contains(slot));
                if first.backend != again.backend || !has_all || told.contains(&again.step) {
                    continue;
                }
                if let Some(route) = self.to_submit_again(first.step, again) {
                    told.insert(again.step);
                    self.tell_resubmission(first, again, &route);
                }
            }
        }
    }

    /// How a caller comes from one submission to another without changing any of its answers.
    fn to_submit_again(&self, first: StepId, again: &Submitter<'_>) -> Option<Route> {
        let keeps = |at: usize, hop: &Hop, _| {
            let way = self.map.way(at, hop);
            let changed = way.does.into.iter().chain(&way.does.sets);
            let mut changed = changed.map(|(slot, _)| slot).chain(&way.does.forgets);
            let is_other =
                matches!(way.kind, Kind::Error | Kind::HangUp) || matches!(way.by, By::When(_));
            (!is_other && !changed.any(|slot| again.answers.contains(slot))).then_some(true)
        };
        let is_again =
            |at: usize, has_left: bool| has_left && self.map.moments[at].step == again.step;
        let moments = (0..self.map.moments.len()).filter(|at| {
            let moment = &self.map.moments[*at];
            !moment.gone && moment.step == first
        });
        let mut routes = moments.filter_map(|at| self.route((at, false), keeps, is_again, None));
        // What goes round without waiting is reported as that.
        routes.find(|route| first != again.step || route.moments().any(|at| self.waits(at)))
    }

    fn tell_resubmission(&mut self, first: &Submitter<'_>, again: &Submitter<'_>, route: &Route) {
        let (name, before) = (self.name(again.step), self.name(first.step));
        let message = if first.step == again.step {
            format!("`{name}` submits the same to `{}` again", again.backend)
        } else {
            format!(
                "`{name}` submits to `{}` what it has from `{before}`",
                again.backend
            )
        };
        let place = match route.last_choice(&self.map) {
            Some((at, way)) => self.place(self.ways(self.map.moments[at].step)[way].at.clone()),
            None => self.step_place(again.step),
        };
        let diag = Diag::new(Code::SubmittedAgain, place, message)
            .help("lead somewhere else from here, or let the caller change an answer first")
            .also(self.step_place(again.step), "submitted here");
        self.tell(diag);
    }
}
