//! Entries that a `branch` refuses, so that the question is put again with all its attempts: nothing ends that.

use std::collections::BTreeSet;

use super::Walk;
use super::circles::groups;
use super::map::{Goal, Hop, Kind, Way};
use super::route::Route;
use super::time::StepTimes;
use crate::engine::diag::{Diag, Shows};
use crate::engine::edge::By;
use crate::engine::expression::Shape;
use crate::engine::ids::{Slot, StepId};
use crate::written::{Code, Explain};

impl Walk<'_> {
    /// Questions that a caller is asked for ever whose entries are refused behind them.
    pub(super) fn circles_of_refusals(&mut self, times: &StepTimes) {
        let next: Vec<Vec<usize>> = (0..self.map.moments.len())
            .map(|at| self.next(at, |way| self.goes_on(at, way)))
            .collect();
        let mut told = BTreeSet::new();
        for group in groups(&next).into_iter().rev() {
            let group: BTreeSet<usize> = group.into_iter().collect();
            for at in &group {
                let step = self.map.moments[*at].step;
                let is_told =
                    told.contains(&step) || self.told_steps.contains(&(Code::LoopNeverEnds, step));
                let Some(slot) = self.freely_entered(step).filter(|_| !is_told) else {
                    continue;
                };
                let Some(round) = self.refused(*at, slot, &group) else {
                    continue;
                };
                told.extend(round.moments().map(|at| self.map.moments[at].step));
                self.tell_refusal(*at, &round, times);
            }
        }
    }

    /// Whether a call takes a way by itself, or by an entry with which the caller chooses nothing.
    fn goes_on(&self, at: usize, way: &Way) -> bool {
        match &way.by {
            _ if way.kind != Kind::Written => false,
            By::Entry(_) => self.freely_entered(self.map.moments[at].step).is_some(),
            By::Itself | By::When(_) => !self.waits(at),
            _ => false,
        }
    }

    /// The answer that a caller enters at a step, of a type with more values than somebody chooses from.
    fn freely_entered(&self, step: StepId) -> Option<Slot> {
        let slot = self.flow().step(step).action.fills()?;
        let kind = &self.flow().answer(slot)?.kind;
        kind.values().is_empty().then_some(slot)
    }

    /// How an entry leads back to its question without the caller having chosen that.
    fn refused(&self, at: usize, slot: Slot, group: &BTreeSet<usize>) -> Option<Route> {
        let step = self.map.moments[at].step;
        let stays = |at: usize, hop: &Hop, refused: bool| {
            let (way, from) = (self.map.way(at, hop), self.map.moments[at].step);
            let is_inside = matches!(hop.to, Goal::Moment(to) if group.contains(&to));
            (is_inside && self.goes_on(at, way) && !self.is_chosen(from, &way.by, slot))
                .then(|| refused || self.judges(from, &way.by, slot))
        };
        let is_again = |to: usize, refused: bool| refused && self.map.moments[to].step == step;
        let round = self.route((at, false), stays, is_again, None)?;
        (!self.is_counted(&round)).then_some(round)
    }

    /// Whether a way of a `branch` is taken by what a name holds.
    fn judges(&self, step: StepId, by: &By, slot: Slot) -> bool {
        let conditions = self.flow().step(step).action.conditions();
        // The last way is taken where no condition before it holds.
        let all = match by {
            By::When(place) => conditions.get(..=*place),
            _ => Some(&conditions[..]),
        };
        let places = all
            .unwrap_or(&conditions)
            .iter()
            .flat_map(|reading| &reading.places);
        places.into_iter().any(|(other, _)| *other == slot)
    }

    /// Whether a way of a `branch` is for callers who enter one of a few values: they have chosen it.
    fn is_chosen(&self, step: StepId, by: &By, slot: Slot) -> bool {
        let By::When(place) = by else { return false };
        let conditions = self.flow().step(step).action.conditions();
        conditions
            .get(*place)
            .is_some_and(|reading| names_values(&reading.shape, slot))
    }

    /// Whether a condition on the way round reads what is set on it: a count, which comes to an end.
    fn is_counted(&self, round: &Route) -> bool {
        let mut set: Vec<Slot> = Vec::new();
        let mut asked: Vec<Slot> = Vec::new();
        for (at, hop) in round.hops() {
            let does = &self.map.way(at, &self.map.hops[at][hop]).does;
            set.extend(does.sets.iter().map(|(slot, _)| *slot));
            let step = self.flow().step(self.map.moments[at].step);
            let conditions = step.action.conditions();
            let places = conditions.iter().flat_map(|reading| &reading.places);
            asked.extend(places.map(|(slot, _)| *slot));
        }
        asked.iter().any(|slot| set.contains(slot))
    }

    fn tell_refusal(&mut self, at: usize, round: &Route, times: &StepTimes) {
        let step = self.map.moments[at].step;
        let Some((last, hop)) = round.hops().last() else {
            return;
        };
        let message = format!(
            "a caller whose entries are refused at `{}` is asked for ever{}",
            self.name(step),
            self.kept(round, times)
        );
        let place = self.map.way(last, &self.map.hops[last][hop]).at.clone();
        let diag = Diag::new(Code::RefusalNeverEnds, self.place(place), message)
            .help("refuse them at the question itself, `refuse = [{ when = \"…\", say = \"…\" }]`: such an entry counts as an attempt; or count the rounds, and leave them by a `branch`")
            .also(self.step_place(step), "asked again with all attempts");
        self.tell_shown(diag, &|walk| {
            let acts = walk.acts(round);
            Some(walk.route_to(at)?.shows(acts, Shows::NoEnd))
        });
    }
}

/// Whether a condition holds for a few values of a name that it lists.
fn names_values(shape: &Shape, slot: Slot) -> bool {
    match shape {
        Shape::Is(other, _) => *other == slot,
        Shape::Or(one, other) => names_values(one, slot) && names_values(other, slot),
        _ => false,
    }
}
