//! Complete submissions that are made for a caller who gave up: nobody has said yes to them.

use std::collections::BTreeSet;

use super::Walk;
use super::map::{Goal, Hop, Kind, Way};
use super::name_states::NameStates;
use crate::engine::diag::Diag;
use crate::engine::edge::By;
use crate::engine::ids::StepId;
use crate::engine::step::Outside;
use crate::written::{Code, Explain};

impl Walk<'_> {
    /// Complete submissions to which giving up at a question leads, although an answer to it could have kept them from
    /// being made. Where every answer leads to the same one, as behind "Please rate us", giving up only leaves it out.
    pub(super) fn unanswered_submissions(&mut self, names: &NameStates) {
        if !self.flow().steps.iter().any(|step| step.action.completes()) {
            return;
        }
        let mut told = BTreeSet::new();
        for at in 0..self.map.moments.len() {
            if self.map.moments[at].gone || !self.asks(at) {
                continue;
            }
            for hop in self.map.hops[at].clone() {
                let way = self.map.way(at, &hop);
                let gives_up = matches!(way.by, By::NoInput | By::NoMatch);
                let Goal::Moment(to) = hop.to else { continue };
                let Some(sends) = gives_up.then(|| self.submits_at_once(to)).flatten() else {
                    continue;
                };
                let (place, step) = (way.at.clone(), self.map.moments[sends].step);
                let is_meant = self.has_answer(sends, names) && self.is_made_anyhow(at, step);
                if !is_meant && told.insert((place.start, step)) {
                    self.tell_unanswered(at, place, step);
                }
            }
        }
    }

    /// The complete submission that a call comes to from a moment on without waiting; conditions that may come out either
    /// way are taken to keep it off.
    fn submits_at_once(&self, from: usize) -> Option<usize> {
        let goes_on = |at: usize, hop: &Hop, _| {
            let is_certain = match self.map.way(at, hop).by {
                By::When(_) => self.map.hops[at].len() == 1,
                _ => true,
            };
            (is_certain && !self.waits(at)).then_some(false)
        };
        let submits = |at: usize, _| {
            self.flow()
                .step(self.map.moments[at].step)
                .action
                .completes()
        };
        let route = self.route((from, false), goes_on, submits, None)?;
        Some(self.end_of(&route).unwrap_or(from))
    }

    /// Whether some of what is submitted at a moment is surely answered.
    fn has_answer(&self, at: usize, names: &NameStates) -> bool {
        match self.flow().step(self.map.moments[at].step).action.outside() {
            Some(Outside::Submits { answers, .. }) => {
                answers.iter().any(|slot| !names.may_be_unset(at, *slot))
            }
            Some(Outside::Reaches { .. } | Outside::Asks { .. }) | None => false,
        }
    }

    /// Whether whatever is answered at a question leads to a submission.
    fn is_made_anyhow(&self, question: usize, submits: StepId) -> bool {
        let asked = self.map.moments[question].step;
        let mut seen = BTreeSet::new();
        let mut open = vec![question];
        while let Some(at) = open.pop() {
            for hop in &self.map.hops[at] {
                if !self.is_of_its_step(self.map.way(at, hop)) {
                    continue;
                }
                let Goal::Moment(to) = hop.to else {
                    return false;
                };
                let step = self.map.moments[to].step;
                if step == asked {
                    return false;
                }
                if step != submits && seen.insert(to) {
                    open.push(to);
                }
            }
        }
        true
    }

    /// Whether a way is one that the author wrote at its step, for what goes as it should.
    fn is_of_its_step(&self, way: &Way) -> bool {
        let inner = self.flow().subflows.iter();
        let inner = inner.flat_map(|of| of.anywhere.iter().flatten());
        let mut anywhere = self.flow().anywhere.iter().chain(inner);
        way.kind == Kind::Written && !anywhere.any(|key| key.way.place() == way.at)
    }

    fn tell_unanswered(&mut self, at: usize, place: std::ops::Range<usize>, submits: StepId) {
        let asked = self.map.moments[at].step;
        let message = format!(
            "a caller who gives up at `{}` has said yes to nothing, and `{}` submits all the same",
            self.name(asked),
            self.name(submits)
        );
        let diag = Diag::new(Code::SubmittedUnanswered, self.place(place), message)
            .help("lead `give_up` to a step that ends the call or connects somebody; what there is can be sent there with `partial = true`")
            .also(self.step_place(submits), "submitted here");
        self.tell(diag);
    }
}
