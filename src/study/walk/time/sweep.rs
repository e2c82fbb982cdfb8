//! The shortest and the longest call from every moment on, by how it ends: worked out from the ends backwards.

use std::time::Duration;

use super::super::map::{Goal, Hop, Kind, Map};
use super::stay::{Asks, Does, Said, Stay, Stays};
use super::{Ending, KEY};
use crate::engine::edge::{By, Target};
use crate::study::order::DepthOrder;

/// The longest entry that is counted with, in keys: nobody enters more.
pub const MAX_ENTRY: u32 = 64;

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
    DepthOrder::from([0], &ways)
}

/// Whether calls are counted that go a way.
pub fn is_counted(map: &Map<'_>, at: usize, hop: &Hop) -> bool {
    let way = map.way(at, hop);
    let is_event = way.by == By::Itself && matches!(way.kind, Kind::Error | Kind::HangUp);
    !is_event && !matches!(way.to, Some(Target::Back | Target::Repeat))
}

/// Which calls are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The shortest.
    Shortest,
    /// The longest.
    Longest,
}

impl Side {
    /// Of two, the one that is looked for.
    pub fn of<T: Ord>(self, one: T, other: T) -> T {
        match self {
            Self::Shortest => one.min(other),
            Self::Longest => one.max(other),
        }
    }
}

/// How what is said is heard, up to the next question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ear {
    /// To its end.
    Whole,
    /// A key has cut it off.
    Cut,
}

/// Where a call is while it is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spot {
    /// The moment that it comes to.
    pub at: usize,
    /// How it hears.
    pub ear: Ear,
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
    /// The stays at each step.
    pub stays: &'a Stays,
    /// Which calls are looked for.
    pub side: Side,
    order: &'a DepthOrder,
    /// By whether it may still go back, how it hears, and how it ends.
    best: [[[Vec<Option<Best>>; 5]; 2]; 2],
}

impl<'a> Sweep<'a> {
    /// Looks for the best calls, given the stays that are best.
    pub fn over(map: &'a Map<'a>, stays: &'a Stays, order: &'a DepthOrder, side: Side) -> Self {
        let none = || std::array::from_fn(|_| vec![None; map.moments.len()]);
        let best = std::array::from_fn(|_| std::array::from_fn(|_| none()));
        let mut sweep = Self {
            map,
            stays,
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
            ear: Ear::Whole,
            ending,
            may_go_back: true,
        }
    }

    /// The hop that the best call takes from a spot, and where it leads.
    pub fn next(&self, spot: Spot) -> Option<(usize, Option<Spot>)> {
        self.at(spot)?.next
    }

    /// The stay at a moment.
    pub fn stay(&self, at: usize) -> &'a Stay {
        &self.stays.all[usize::from(self.map.moments[at].step)]
    }

    fn at(&self, spot: Spot) -> Option<Best> {
        self.best[usize::from(spot.may_go_back)][spot.ear as usize][spot.ending as usize][spot.at]
    }

    fn offer(&mut self, spot: Spot, found: Best) {
        let best = &mut self.best[usize::from(spot.may_go_back)][spot.ear as usize]
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
        let (map, stay) = (self.map, self.stay(at));
        if matches!(stay.does, Does::Ends) {
            let spot = Spot {
                at,
                ear: Ear::Whole,
                ending: Ending::Nothing,
                may_go_back,
            };
            return self.offer(
                spot,
                Best {
                    lasts: stay.said.whole.lasts,
                    next: None,
                },
            );
        }
        let action = &map.flow.step(map.moments[at].step).action;
        let own = match action.backend() {
            None => Ending::Nothing,
            Some(_) if action.needs_promised() => Ending::Submitted,
            Some(_) => Ending::Partial,
        };
        for (place, hop) in map.hops[at]
            .iter()
            .enumerate()
            .filter(|(_, hop)| is_counted(map, at, hop))
        {
            let way = map.way(at, hop);
            let people = reaches(&way.by);
            for ear in [Ear::Whole, Ear::Cut] {
                for (next_ear, stays) in self.costs(at, &way.by, ear).into_iter().flatten() {
                    for (next, lasts, ending) in self.goals(at, hop, next_ear, may_go_back) {
                        for person in people {
                            let ending = ending.max(own).max(*person);
                            let best = Best {
                                lasts: stays + lasts,
                                next: Some((place, next)),
                            };
                            self.offer(
                                Spot {
                                    at,
                                    ear,
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
        ear: Ear,
        may_go_back: bool,
    ) -> Vec<(Option<Spot>, Duration, Ending)> {
        let to = match hop.to {
            Goal::Moment(to) => to,
            Goal::End if ear == Ear::Cut => return Vec::new(),
            Goal::End => {
                return vec![match self.map.way(at, hop).to {
                    None => (None, self.stays.apology.lasts, Ending::Apology),
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
            ear,
            ending,
            may_go_back: may_go_back && !is_back,
        });
        spots
            .into_iter()
            .filter_map(|spot| Some((Some(spot), self.lasts(spot)?, spot.ending)))
            .collect()
    }

    /// How long the stay at a moment is, by how what comes after it is heard.
    fn costs(&self, at: usize, by: &By, ear: Ear) -> [Option<(Ear, Duration)>; 2] {
        let stay = self.stay(at);
        let Said { whole, head, nests } = stay.said;
        let whole = whole.lasts;
        match (&stay.does, self.side, ear) {
            (_, Side::Longest, Ear::Cut) => [None, None],
            (Does::Asks(asks), Side::Longest, Ear::Whole) => {
                [Some((Ear::Whole, asks.longest(whole, by))), None]
            }
            (Does::Asks(asks), Side::Shortest, ear) => [
                asks.shortest(&stay.said, by, ear)
                    .map(|lasts| (Ear::Whole, lasts)),
                None,
            ],
            (Does::Rings(ring), Side::Longest, Ear::Whole) => [Some((Ear::Whole, *ring)), None],
            (Does::Rings(_) | Does::Ends, _, Ear::Whole) => [Some((Ear::Whole, whole)), None],
            (Does::Rings(_) | Does::Ends, _, Ear::Cut) => [None, None],
            (Does::GoesOn, Side::Longest, Ear::Whole) => [Some((Ear::Whole, whole)), None],
            (Does::GoesOn, Side::Shortest, Ear::Whole) => {
                [Some((Ear::Whole, whole)), Some((Ear::Cut, head))]
            }
            (Does::GoesOn, Side::Shortest, Ear::Cut) => {
                [nests.then_some((Ear::Cut, Duration::ZERO)), None]
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

fn keys(number: u32) -> Duration {
    KEY * number
}

impl Asks {
    /// Every miss but the last one, the longest of them: silences first, then wrong entries. How many of each, and how
    /// long.
    pub fn misses(&self) -> (usize, usize, Duration) {
        let all = self.attempts.saturating_sub(1);
        let take = |silences: usize| {
            let silent: Duration = self.silent[..silences]
                .iter()
                .map(|said| self.timeout + said.whole.lasts)
                .sum();
            let wrong = self.wrong[..all - silences]
                .iter()
                .map(|said| self.wrong_longest() + said.whole.lasts);
            (silences, all - silences, silent + wrong.sum::<Duration>())
        };
        (0..=all)
            .map(take)
            .max_by_key(|(_, _, lasts)| *lasts)
            .unwrap_or_default()
    }

    fn longest(&self, said: Duration, by: &By) -> Duration {
        said + self.misses().2
            + match by {
                By::NoInput => self.timeout,
                By::NoMatch => self.wrong_longest(),
                by => {
                    let number = self.entry(by).1;
                    keys(number)
                        + if self.num_digits == Some(number) {
                            Duration::ZERO
                        } else {
                            self.timeout
                        }
                }
            }
    }

    fn shortest(&self, said: &Said, by: &By, ear: Ear) -> Option<Duration> {
        let cut = match ear {
            Ear::Whole => Some(said.head),
            Ear::Cut => said.nests.then_some(Duration::ZERO),
        };
        let all = self.attempts.saturating_sub(1);
        match by {
            By::NoInput if self.finishes => Some(cut? + self.quickest(all).2 + KEY),
            By::NoInput if all == 0 => (ear == Ear::Whole).then(|| said.whole.lasts + self.timeout),
            // Silence hears everything that is said last.
            By::NoInput => {
                let last = self.wrong_shortest() + self.wrong[all - 1].whole.lasts + self.timeout;
                Some(cut? + self.quickest(all - 1).2 + last)
            }
            By::NoMatch => Some(cut? + self.quickest(all).2 + self.wrong_shortest()),
            by => Some(cut? + self.entered(self.entry(by).0)),
        }
    }

    /// So many misses, the shortest: the key that ends an entry pressed alone, which counts as silence, and wrong
    /// entries. How many of each, and how long.
    pub fn quickest(&self, all: usize) -> (usize, usize, Duration) {
        let take = |silences: usize| {
            let silent: Duration = self.silent[..silences]
                .iter()
                .map(|said| KEY + said.head)
                .sum();
            let wrong = self.wrong[..all - silences]
                .iter()
                .map(|said| self.wrong_shortest() + said.head);
            (silences, all - silences, silent + wrong.sum::<Duration>())
        };
        let most = if self.finishes { all } else { 0 };
        (0..=most)
            .map(take)
            .min_by_key(|(_, _, lasts)| *lasts)
            .unwrap_or_default()
    }

    /// How many keys an entry has, at least and at most.
    fn entry(&self, by: &By) -> (u32, u32) {
        match by {
            By::Entry(_) => (self.entry.0, self.entry.1.min(MAX_ENTRY)),
            By::Keys(keys) => (keys.len() as u32, keys.len() as u32),
            _ => (1, 1),
        }
    }

    /// So many keys, and what ends them.
    fn entered(&self, number: u32) -> Duration {
        match self.num_digits {
            Some(digits) if digits == number => keys(number),
            _ if self.finishes => keys(number + 1),
            _ => keys(number) + self.timeout,
        }
    }

    /// One key and what ends it, or as many as end it by themselves.
    fn wrong_shortest(&self) -> Duration {
        let all = self.num_digits.map(keys);
        all.map_or(self.entered(1), |all| all.min(self.entered(1)))
    }

    /// As many keys as do not end the entry, and the silence that does.
    fn wrong_longest(&self) -> Duration {
        match self.num_digits {
            Some(1) => KEY,
            Some(digits) => keys(digits - 1) + self.timeout,
            None => keys(self.entry.1.min(MAX_ENTRY)) + self.timeout,
        }
    }
}
