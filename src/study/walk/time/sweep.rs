//! The shortest and the longest call from every moment on, by how it ends: worked out from the ends backwards.

use std::time::Duration;

use super::super::map::{Goal, Hop, Kind, Map};
use super::Ending;
use super::question_time::Hearing;
use super::said::Said;
use super::side::Side;
use super::step_time::{AfterSpeech, StepTime, StepTimes};
use crate::engine::edge::{By, Target};
use crate::study::order::DepthOrder;

/// The order in which moments are worked out: each after those that its ways lead to, ways back left out.
pub fn order_of(map: &Map<'_>) -> DepthOrder {
    let counted = |at: usize| -> Vec<usize> {
        let hops = map.hops[at].iter();
        hops.filter(|hop| is_counted(map, at, hop))
            .filter_map(|hop| match hop.to {
                Goal::Moment(to) => Some(to),
                _ => None,
            })
            .collect()
    };
    let ways: Vec<Vec<usize>> = (0..map.moments.len()).map(counted).collect();
    DepthOrder::from(map.roots.iter().copied(), &ways)
}

/// Whether calls are counted that go a way.
pub fn is_counted(map: &Map<'_>, at: usize, hop: &Hop) -> bool {
    let way = map.way(at, hop);
    let is_event = way.by == By::Itself && matches!(way.kind, Kind::Error | Kind::HangUp);
    !is_event && !matches!(way.to, Some(Target::Back | Target::Repeat))
}

/// Where a call is while it is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spot {
    /// The moment that it comes to.
    pub at: usize,
    /// How it hears.
    pub hearing: Hearing,
    /// How it ends from there on.
    pub ending: Ending,
    /// Whether it may still go back.
    pub may_go_back: bool,
}

/// The best call from one spot on.
#[derive(Clone, Copy, Debug)]
struct Best {
    lasts: Duration,
    /// The hop, and where it leads; nothing at the end of the call.
    next: Option<(usize, Option<Spot>)>,
}

/// The best calls from everywhere.
pub struct Sweep<'a> {
    /// The map.
    pub map: &'a Map<'a>,
    /// How long each step may keep a caller.
    pub times: &'a StepTimes,
    /// Which calls are looked for.
    pub side: Side,
    order: &'a DepthOrder,
    /// By whether it may still go back, how it hears, and how it ends.
    best: [[[Vec<Option<Best>>; 5]; 2]; 2],
}

impl<'a> Sweep<'a> {
    /// Looks for the best calls, given the times of steps that are best.
    pub fn over(map: &'a Map<'a>, times: &'a StepTimes, order: &'a DepthOrder, side: Side) -> Self {
        let none = || std::array::from_fn(|_| vec![None; map.moments.len()]);
        let best = std::array::from_fn(|_| std::array::from_fn(|_| none()));
        let mut sweep = Self {
            map,
            times,
            side,
            order,
            best,
        };
        for may_go_back in [false, true] {
            for at in &order.places {
                sweep.look(*at, may_go_back);
            }
        }
        sweep
    }

    /// Whether any call ends in a way.
    pub fn has(&self, ending: Ending) -> bool {
        self.at(self.start(ending)).is_some()
    }

    /// How long the best call lasts from a spot on.
    pub fn lasts(&self, spot: Spot) -> Option<Duration> {
        Some(self.at(spot)?.lasts)
    }

    /// Where calls begin that end in a way.
    pub fn start(&self, ending: Ending) -> Spot {
        Spot {
            at: 0,
            hearing: Hearing::Whole,
            ending,
            may_go_back: true,
        }
    }

    /// The hop that the best call takes from a spot, and where it leads.
    pub fn next(&self, spot: Spot) -> Option<(usize, Option<Spot>)> {
        self.at(spot)?.next
    }

    /// How long the step of a moment may keep a caller.
    pub fn step_time(&self, at: usize) -> &'a StepTime {
        &self.times.all[usize::from(self.map.moments[at].step)]
    }

    fn at(&self, spot: Spot) -> Option<Best> {
        self.best[usize::from(spot.may_go_back)][spot.hearing as usize][spot.ending as usize]
            [spot.at]
    }

    fn offer(&mut self, spot: Spot, found: Best) {
        let best = &mut self.best[usize::from(spot.may_go_back)][spot.hearing as usize]
            [spot.ending as usize][spot.at];
        let is_better = best.is_none_or(|best| {
            best.lasts != found.lasts && self.side.of(best.lasts, found.lasts) == found.lasts
        });
        if is_better {
            *best = Some(found);
        }
    }

    /// Looks at every way on from a moment.
    fn look(&mut self, at: usize, may_go_back: bool) {
        let (map, step_time) = (self.map, self.step_time(at));
        if matches!(step_time.then, AfterSpeech::Ends) {
            let spot = Spot {
                at,
                hearing: Hearing::Whole,
                ending: Ending::Nothing,
                may_go_back,
            };
            return self.offer(
                spot,
                Best {
                    lasts: step_time.said.whole.lasts,
                    next: None,
                },
            );
        }
        let action = &map.flow.step(map.moments[at].step).action;
        let own = match action.backend() {
            None => Ending::Nothing,
            Some(_) if action.completes() => Ending::Submitted,
            Some(_) => Ending::Partial,
        };
        for (place, hop) in map.hops[at]
            .iter()
            .enumerate()
            .filter(|(_, hop)| is_counted(map, at, hop))
        {
            let way = map.way(at, hop);
            let people = reaches(&way.by);
            for hearing in [Hearing::Whole, Hearing::Cut] {
                for (next_hearing, times) in self.costs(at, &way.by, hearing).into_iter().flatten()
                {
                    for (next, lasts, ending) in self.goals(at, hop, next_hearing, may_go_back) {
                        for person in people {
                            let ending = ending.max(own).max(*person);
                            let best = Best {
                                lasts: times + lasts,
                                next: Some((place, next)),
                            };
                            self.offer(
                                Spot {
                                    at,
                                    hearing,
                                    ending,
                                    may_go_back,
                                },
                                best,
                            );
                        }
                    }
                }
            }
        }
    }

    /// What a hop leads to: where, how long it lasts from there on, and how it ends.
    fn goals(
        &self,
        at: usize,
        hop: &Hop,
        hearing: Hearing,
        may_go_back: bool,
    ) -> Vec<(Option<Spot>, Duration, Ending)> {
        let to = match hop.to {
            Goal::Moment(to) => to,
            Goal::End if hearing == Hearing::Cut => return Vec::new(),
            Goal::End => {
                return vec![match self.map.way(at, hop).to {
                    None => (None, self.times.apology.lasts, Ending::Apology),
                    Some(_) => (None, Duration::ZERO, Ending::Nothing),
                }];
            }
            Goal::Back => return Vec::new(),
        };
        let is_back = self.order.is_back(at, to);
        if is_back && !may_go_back {
            return Vec::new();
        }
        let spots = Ending::ALL.map(|ending| Spot {
            at: to,
            hearing,
            ending,
            may_go_back: may_go_back && !is_back,
        });
        spots
            .into_iter()
            .filter_map(|spot| Some((Some(spot), self.lasts(spot)?, spot.ending)))
            .collect()
    }

    /// How long the step of a moment keeps a caller, by how what comes after it is heard.
    fn costs(&self, at: usize, by: &By, hearing: Hearing) -> [Option<(Hearing, Duration)>; 2] {
        let step_time = self.step_time(at);
        let Said { whole, head, nests } = step_time.said;
        let whole = whole.lasts;
        match (&step_time.then, self.side, hearing) {
            (_, Side::Longest, Hearing::Cut) => [None, None],
            (_, Side::Longest, Hearing::Whole) => {
                [Some((Hearing::Whole, step_time.longest(by))), None]
            }
            (AfterSpeech::Asks(question), Side::Shortest, hearing) => [
                question
                    .shortest(&step_time.said, by, hearing)
                    .map(|lasts| (Hearing::Whole, lasts)),
                None,
            ],
            (AfterSpeech::Waits(_) | AfterSpeech::Ends, _, Hearing::Whole) => {
                [Some((Hearing::Whole, whole)), None]
            }
            (AfterSpeech::Waits(_) | AfterSpeech::Ends, _, Hearing::Cut) => [None, None],
            (AfterSpeech::GoesOn, Side::Shortest, Hearing::Whole) => {
                [Some((Hearing::Whole, whole)), Some((Hearing::Cut, head))]
            }
            (AfterSpeech::GoesOn, Side::Shortest, Hearing::Cut) => {
                [nests.then_some((Hearing::Cut, Duration::ZERO)), None]
            }
        }
    }
}

/// Whether somebody may be reached, and whether nobody may.
fn reaches(by: &By) -> &'static [Ending] {
    const NOBODY: Ending = Ending::Nothing;
    match by {
        By::Outcome(outcomes) if !outcomes.iter().any(|outcome| outcome.is_person) => &[NOBODY],
        By::Outcome(outcomes) if outcomes.iter().all(|outcome| outcome.is_person) => {
            &[Ending::Person]
        }
        By::Outcome(_) => &[NOBODY, Ending::Person],
        _ => &[NOBODY],
    }
}
