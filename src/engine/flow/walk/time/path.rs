//! The call that a sweep has found, from its beginning.

use super::super::super::super::diag::{Act, Does as Done};
use super::super::super::super::input::DialOutcome;
use super::super::super::super::step::By;
use super::super::route::{does, wrong};
use super::stay::{Asks, Does};
use super::sweep::{Side, Spot, Sweep};
use super::{Ending, Length};

/// Goes the best call that ends in a way.
pub fn path(sweep: &Sweep<'_>, ending: Ending) -> Length {
    let start = sweep.start(ending);
    let mut length = Length { lasts: sweep.lasts(start).unwrap_or_default(), turns: 1, ..Length::default() };
    let mut here = Some(start);
    while let Some(spot) = here {
        length.steps.push(sweep.map.moments[spot.at].step);
        length.neural += sweep.stay(spot.at).said.whole.neural;
        let next = sweep.next(spot);
        if let Some((hop, next)) = next {
            length.stay(sweep, spot, hop, next);
        }
        here = next.and_then(|(_, next)| next);
    }
    length
}

impl Length {
    /// What is done at a spot, to take a hop.
    fn stay(&mut self, sweep: &Sweep<'_>, spot: Spot, hop: usize, next: Option<Spot>) {
        let map = sweep.map;
        let hop = &map.hops[spot.at][hop];
        let by = &map.way(spot.at, hop).by;
        if map.way(spot.at, hop).to.is_none() {
            self.neural += sweep.stays.apology.neural;
        }
        let step = map.moments[spot.at].step;
        let mut act = |does| self.acts.push(Act { step: map.flow.step(step).name.clone(), does });
        match &sweep.stay(spot.at).does {
            Does::Asks(asks) => {
                let (silences, wrongs) = misses(asks, sweep.side, by);
                (0..silences).for_each(|_| act(Done::Silence));
                (0..wrongs).for_each(|_| act(Done::Press(wrong(map, step))));
                does(map, spot.at, hop).into_iter().for_each(|(does, _)| act(does));
                self.turns += 1 + (silences + wrongs) as u32;
                let again = asks.silent[..silences].iter().chain(&asks.wrong[..wrongs]);
                self.neural += again.map(|said| said.whole.neural).sum::<u64>();
            }
            Does::Rings(_) => {
                let is_reached = spot.ending == Ending::Person && next.is_none_or(|next| next.ending != Ending::Person);
                let outcomes = if let By::Outcome(outcomes) = by { outcomes.as_slice() } else { &[] };
                let outcome = outcomes.iter().find(|outcome| (**outcome == DialOutcome::Answered) == is_reached);
                if let Some(outcome) = outcome.or(outcomes.first()) {
                    self.answered += u32::from(*outcome == DialOutcome::Answered);
                    let number = map.flow.step(step).action.dials().unwrap_or_default();
                    act(Done::Dialled(number.to_owned(), outcome.as_str()));
                }
                self.turns += 1;
            }
            Does::GoesOn | Does::Ends => {}
        }
    }
}

/// The silences and wrong entries at a question before the last act there.
fn misses(asks: &Asks, side: Side, by: &By) -> (usize, usize) {
    match (side, by) {
        (Side::Longest, _) => (asks.misses().0, asks.misses().1),
        (Side::Shortest, By::NoInput | By::NoMatch) => (0, asks.attempts.saturating_sub(1)),
        (Side::Shortest, _) => (0, 0),
    }
}
