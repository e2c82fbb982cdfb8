//! The call that a sweep has found, from its beginning.

use std::collections::BTreeMap;
use std::time::Duration;

use super::super::route::{came, event};
use super::question_time::QuestionTime;
use super::side::Side;
use super::step_time::AfterSpeech;
use super::sweep::{Spot, Sweep};
use super::{Ending, Length};
use crate::engine::diag::{ExampleStep, StepEvent};
use crate::engine::edge::By;
use crate::engine::ids::StepId;
use crate::written::CallerAct;

/// Follows the best call that ends in a way.
pub fn path(sweep: &Sweep<'_>, ending: Ending) -> Length {
    let start = sweep.start(ending);
    let mut length = Length {
        lasts: sweep.lasts(start).unwrap_or_default(),
        turns: 1,
        ..Length::default()
    };
    let mut times: BTreeMap<StepId, Duration> = BTreeMap::new();
    let (mut here, mut hops) = (Some(start), Vec::new());
    while let Some(spot) = here {
        let step = sweep.map.moments[spot.at].step;
        length.steps.push(step);
        length.neural += sweep.step_time(spot.at).said.whole.neural;
        let next = sweep.next(spot);
        if let Some((hop, next)) = next {
            length.add(sweep, spot, hop, next);
            hops.push((spot.at, hop));
        }
        here = next.and_then(|(_, next)| next);
        let left = |spot| sweep.lasts(spot).unwrap_or_default();
        *times.entry(step).or_default() += left(spot) - here.map(left).unwrap_or_default();
    }
    length.fields = sweep.map.sent(hops.into_iter());
    length.slowest = times.into_iter().rev().max_by_key(|(_, lasts)| *lasts);
    length
}

impl Length {
    /// Adds what is done at a spot, to take a hop.
    fn add(&mut self, sweep: &Sweep<'_>, spot: Spot, hop: usize, next: Option<Spot>) {
        let map = sweep.map;
        let hop = &map.hops[spot.at][hop];
        let by = &map.way(spot.at, hop).by;
        if map.way(spot.at, hop).to.is_none() {
            self.neural += sweep.times.apology.neural;
        }
        let step = map.moments[spot.at].step;
        let mut act = |event| {
            self.acts.push(ExampleStep {
                step: map.flow.step(step).name.clone(),
                event,
            });
        };
        match &sweep.step_time(spot.at).then {
            AfterSpeech::Asks(question) => {
                let (silences, wrongs) = misses(question, sweep.side, by);
                let silence = || match sweep.side {
                    Side::Shortest if question.finishes => StepEvent::press("#"),
                    _ => StepEvent::SILENT,
                };
                (0..silences).for_each(|_| act(silence()));
                let refused = question.refused;
                let refused = refused.and_then(|place| map.refused_entry(spot.at, place));
                let missed = refused.map_or_else(|| map.wrong(spot.at), StepEvent::press);
                (0..wrongs).for_each(|_| act(missed.clone()));
                match event(map, spot.at, hop) {
                    Some((StepEvent::Acts(CallerAct::Silent), _)) => act(silence()),
                    Some((event, _)) => act(event),
                    None => {}
                }
                self.turns += 1 + (silences + wrongs) as u32;
                let again = question.silent[..silences]
                    .iter()
                    .chain(&question.wrong[..wrongs]);
                self.neural += again.map(|said| said.whole.neural).sum::<u64>();
            }
            AfterSpeech::Waits(_) => {
                let is_reached = spot.ending == Ending::Person
                    && next.is_none_or(|next| next.ending != Ending::Person);
                let outcomes = if let By::Outcome(outcomes) = by {
                    outcomes.as_slice()
                } else {
                    &[]
                };
                let outcome = outcomes
                    .iter()
                    .find(|outcome| outcome.is_person == is_reached);
                let away = map.flow.step(step).action.away();
                if let (Some(outcome), Some(away)) = (outcome.or(outcomes.first()), away) {
                    self.answered += u32::from(outcome.is_person);
                    act(came(&away, outcome));
                }
                self.turns += 1;
            }
            AfterSpeech::GoesOn | AfterSpeech::Ends => {}
        }
    }
}

/// The silences and wrong entries at a question before the last act there.
fn misses(question: &QuestionTime, side: Side, by: &By) -> (usize, usize) {
    let (silences, wrongs, _) = match (side, by) {
        (Side::Longest, _) => question.misses(),
        // Nobody can be wrong: silences are all that there is.
        (Side::Shortest, By::NoInput) if !question.wrong_counts => {
            return (question.attempts.saturating_sub(1), 0);
        }
        (Side::Shortest, By::NoInput | By::NoMatch) => {
            question.quickest(question.attempts.saturating_sub(1))
        }
        (Side::Shortest, _) => return (0, 0),
    };
    (silences, wrongs)
}
