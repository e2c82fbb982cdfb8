//! The shortest call that comes to a moment.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use super::super::super::call::{Slot, StepId};
use super::super::super::diag::{Act, Does};
use super::super::super::step::By;
use super::Walk;
use super::map::{Goal, Hop, Kind, Map};

/// What a step costs beside what is done: the fewest acts count, then the fewest steps.
const ACT: u32 = 64;
/// What an error costs: any call without one is shorter.
const ERROR: u32 = 64 * ACT;

/// What is found so far: the price of each moment and bit, and by which moment, bit and hop it was come to.
type Found = HashMap<(usize, bool), (u32, Option<(usize, bool, usize)>)>;

/// A way through the map: from which moments, and by which of their hops.
#[derive(Debug, Default)]
pub struct Route {
    hops: Vec<(usize, usize)>,
}

impl Route {
    /// Whether what is known of the world decides it: a condition came out in one of two ways.
    pub fn has_condition(&self, map: &Map<'_>) -> bool {
        self.hops.iter().any(|(at, hop)| matches!(map.way(*at, &map.hops[*at][*hop]).by, By::When(_)))
    }

    /// The last way that the caller chose: its moment and its place among the ways of the step.
    pub fn last_choice(&self, map: &Map<'_>) -> Option<(usize, usize)> {
        let chosen =
            |(at, hop): &&(usize, usize)| matches!(map.way(*at, &map.hops[*at][*hop]).by, By::Keys(_) | By::Entry(_));
        self.hops.iter().rev().find(chosen).map(|(at, hop)| (*at, map.hops[*at][*hop].way))
    }

    /// One hop more.
    pub fn and(mut self, at: usize, hop: usize) -> Self {
        self.hops.push((at, hop));
        self
    }
}

impl Walk<'_, '_> {
    /// The shortest route from a moment to one that is wanted, with a bit that ways change.
    pub(super) fn route(
        &self,
        from: (usize, bool),
        change: impl Fn(usize, &Hop, bool) -> Option<bool>,
        wanted: impl Fn(usize, bool) -> bool,
        slot: Option<Slot>,
    ) -> Option<Route> {
        let mut best: Found = HashMap::from([(from, (0, None))]);
        let mut open = BinaryHeap::from([Reverse((0, from))]);
        while let Some(Reverse((cost, (at, bit)))) = open.pop() {
            if best.get(&(at, bit)).is_some_and(|(known, _)| *known < cost) {
                continue;
            }
            if wanted(at, bit) {
                return Some(trace(&best, (at, bit)));
            }
            for (place, hop) in self.map.hops[at].iter().enumerate() {
                let (Goal::Moment(to), Some(next)) = (hop.to, change(at, hop, bit)) else { continue };
                if slot.is_some_and(|slot| !self.map.agrees(hop, slot, next)) {
                    continue;
                }
                let cost = cost + self.price(at, hop);
                let known = best.get(&(to, next)).map_or(u32::MAX, |(known, _)| *known);
                if cost < known {
                    best.insert((to, next), (cost, Some((at, bit, place))));
                    open.push(Reverse((cost, (to, next))));
                }
            }
        }
        None
    }

    /// The shortest route to a moment.
    pub(super) fn route_to(&self, goal: usize) -> Option<Route> {
        self.route((0, false), |_, _, _| Some(false), |at, _| at == goal, None)
    }

    fn price(&self, at: usize, hop: &Hop) -> u32 {
        let way = self.map.way(at, hop);
        let attempts = u32::from(self.flow().step(self.map.moments[at].step).action.attempts());
        1 + match (&way.by, way.kind) {
            (By::NoInput | By::NoMatch, _) => attempts * ACT,
            (_, Kind::Error) => ERROR,
            (_, Kind::HangUp) | (By::Keys(_) | By::Entry(_) | By::Outcome(_), _) => ACT,
            _ => 0,
        }
    }

    /// What is done on a route.
    pub(super) fn acts(&self, route: &Route) -> Vec<Act> {
        let mut acts = Vec::new();
        for (at, hop) in &route.hops {
            let hop = &self.map.hops[*at][*hop];
            let step = self.map.moments[*at].step;
            let Some((does, times)) = does(&self.map, *at, hop) else { continue };
            let act = Act { step: self.name(step).to_owned(), does };
            acts.extend(std::iter::repeat_n(act, usize::from(times.max(1))));
        }
        acts
    }
}

/// What is done to take a hop from a moment, and how often; nothing where the call goes on by itself.
pub fn does(map: &Map<'_>, at: usize, hop: &Hop) -> Option<(Does, u8)> {
    let step = map.moments[at].step;
    let (way, action) = (map.way(at, hop), &map.flow.step(step).action);
    Some(match (&way.by, way.kind) {
        (By::NoInput, _) => (Does::Silence, action.attempts()),
        (By::NoMatch, _) => (Does::Press(wrong(map, step)), action.attempts()),
        (_, Kind::Error) => (Does::Refused, 1),
        (_, Kind::HangUp) => (Does::HangUp, 1),
        (By::Keys(keys), _) => (Does::Press(keys.clone()), 1),
        (By::Entry(keys), _) => {
            let end = if keys.ends_with('#') { "#" } else { "" };
            (Does::Press(hop.keys.as_ref().map_or(keys.clone(), |keys| format!("{keys}{end}"))), 1)
        }
        (By::Outcome(outcomes), _) => {
            let number = action.dials().unwrap_or_default().to_owned();
            (outcomes.first().map_or(Does::Refused, |outcome| Does::Dialled(number, outcome.as_str())), 1)
        }
        (By::Itself | By::When(_), _) => return None,
    })
}

/// Keys that are no answer to a question.
pub fn wrong(map: &Map<'_>, step: StepId) -> String {
    let action = &map.flow.step(step).action;
    let ways = &map.ways[usize::from(step)];
    let taken = |keys: &str| {
        action.takes(keys) || ways.iter().any(|way| matches!(&way.by, By::Keys(other) if other.starts_with(keys)))
    };
    let all = ["8", "7", "6", "5", "4", "3", "0", "9", "2", "1", "*", "9999", "00"];
    all.into_iter().find(|keys| !taken(keys)).unwrap_or("#").to_owned()
}

fn trace(best: &Found, goal: (usize, bool)) -> Route {
    let mut hops = Vec::new();
    let mut at = goal;
    while let Some((_, Some((from, bit, hop)))) = best.get(&at) {
        hops.push((*from, *hop));
        at = (*from, *bit);
    }
    hops.reverse();
    Route { hops }
}
