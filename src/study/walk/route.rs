//! The shortest call that comes to a moment.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap};

use super::Walk;
use super::map::{Goal, Hop, Kind, Map, entry, plainest_first};
use super::misses::{can_be_wrong, counts, free_keys, wrong};
use crate::engine::came::WaitOutcome;
use crate::engine::diag::{Example, ExampleStep, Shows, StepEvent};
use crate::engine::edge::By;
use crate::engine::flow::Flow;
use crate::engine::ids::{Slot, StepId};
use crate::engine::question::Miss;
use crate::engine::value::Value;
use crate::engine::waits::Away;

/// What a step costs compared with an act: the fewest acts count, then the fewest steps.
const ACT: u32 = 64;
/// What an error costs: any call without one is shorter.
const ERROR: u32 = 64 * ACT;

/// The most acts of a call that shows that it has no end.
const LONGEST_TOUR: usize = 40;

/// What is found so far: the price of each moment and bit, and the moment, bit and hop that led there.
type Found = HashMap<(usize, bool), (u32, Option<(usize, bool, usize)>)>;

/// A way through the map: from which moments, and by which of their hops.
#[derive(Debug, Default)]
pub struct Route {
    hops: Vec<(usize, usize)>,
}

/// A route, and what is seen on it.
#[derive(Debug)]
pub struct Shown {
    /// How a call comes to the fault.
    pub route: Route,
    /// What is done then.
    pub then: Vec<ExampleStep>,
    /// What is seen.
    pub shows: Shows,
}

impl Route {
    /// A call that comes this way meets a step that fails.
    pub fn fails(self) -> Shown {
        self.shows(Vec::new(), Shows::Failure)
    }

    /// What a call that comes this way and then does this shows.
    pub fn shows(self, then: Vec<ExampleStep>, shows: Shows) -> Shown {
        Shown {
            route: self,
            then,
            shows,
        }
    }

    /// Whether a condition on it came out in one of two possible ways.
    pub fn has_condition(&self, map: &Map<'_>) -> bool {
        self.hops
            .iter()
            .any(|(at, hop)| matches!(map.way(*at, &map.hops[*at][*hop]).by, By::When(_)))
    }

    /// The last way that the caller chose: its moment and its place among the ways of the step.
    pub fn last_choice(&self, map: &Map<'_>) -> Option<(usize, usize)> {
        let chosen = |(at, hop): &&(usize, usize)| {
            matches!(
                map.way(*at, &map.hops[*at][*hop]).by,
                By::Keys(_) | By::AnyKey | By::Entry(_) | By::Silent
            )
        };
        self.hops
            .iter()
            .rev()
            .find(chosen)
            .map(|(at, hop)| (*at, map.hops[*at][*hop].way))
    }

    /// The moments that it leads through, without the last one.
    pub fn moments(&self) -> impl Iterator<Item = usize> {
        self.hops.iter().map(|(at, _)| *at)
    }

    /// The moments and hops of it.
    pub fn hops(&self) -> impl Iterator<Item = (usize, usize)> {
        self.hops.iter().copied()
    }

    /// What comes after its first hop.
    pub fn tail(mut self) -> Self {
        self.hops.drain(..1.min(self.hops.len()));
        self
    }

    /// And then another one, which begins where this one ends.
    pub fn then(mut self, rest: Self) -> Self {
        self.hops.extend(rest.hops);
        self
    }

    /// One hop more.
    pub fn and(mut self, at: usize, hop: usize) -> Self {
        self.hops.push((at, hop));
        self
    }
}

impl Walk<'_> {
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
                let (Goal::Moment(to), Some(next)) = (hop.to, change(at, hop, bit)) else {
                    continue;
                };
                if self.detour.avoided.contains(&(at, place)) {
                    continue;
                }
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
        let action = &self.flow().step(self.map.moments[at].step).action;
        let attempts = u32::from(action.attempts());
        1 + match (&way.by, way.kind) {
            (By::NoInput | By::NoMatch, _) => attempts * ACT,
            (_, Kind::Error) => ERROR,
            (_, Kind::HangUp) if action.away().is_some() => ERROR,
            (_, Kind::HangUp)
            | (By::Keys(_) | By::AnyKey | By::Entry(_) | By::Silent | By::Outcome(_), _) => ACT,
            _ => 0,
        }
    }

    /// The moment that a route ends at; `None` where it goes nowhere.
    pub(super) fn end_of(&self, route: &Route) -> Option<usize> {
        let (at, hop) = route.hops.last()?;
        match self.map.hops[*at][*hop].to {
            Goal::Moment(to) => Some(to),
            _ => None,
        }
    }

    /// What is done to take each way within a group of moments once, from one of them on.
    pub(super) fn tour(&self, group: &[usize], from: usize) -> Vec<ExampleStep> {
        // One call knows one outcome of a number.
        let outcome = |at: usize| {
            let hops = self.map.hops[at].iter();
            hops.filter(|hop| matches!(self.map.way(at, hop).by, By::Outcome(_)))
                .map(|hop| hop.way)
                .next()
        };
        let inside = |at: usize, hop: &Hop| {
            let way = self.map.way(at, hop);
            let stays = matches!(hop.to, Goal::Moment(to) if group.contains(&to));
            let is_other = matches!(way.by, By::Outcome(_)) && outcome(at) != Some(hop.way);
            stays && !is_other && !matches!(way.kind, Kind::Error | Kind::HangUp)
        };
        let all = group.iter().flat_map(|at| {
            self.map.hops[*at]
                .iter()
                .enumerate()
                .map(move |(hop, _)| (*at, hop))
        });
        let mut left: BTreeSet<(usize, usize)> = all
            .filter(|(at, hop)| inside(*at, &self.map.hops[*at][*hop]))
            .collect();
        let (mut at, mut acts) = (from, Vec::new());
        while acts.len() < LONGEST_TOUR {
            let stays = |at: usize, hop: &Hop, _| inside(at, hop).then_some(false);
            let fresh = |at: usize, _| left.range((at, 0)..(at + 1, 0)).next().is_some();
            let Some(mut route) = self.route((at, false), stays, fresh, None) else {
                break;
            };
            let end = self.end_of(&route).unwrap_or(at);
            let Some(hop) = left.range((end, 0)..(end + 1, 0)).next().copied() else {
                break;
            };
            route = route.and(hop.0, hop.1);
            acts.extend(self.acts(&route));
            route.hops.iter().for_each(|hop| _ = left.remove(hop));
            at = self.end_of(&route).unwrap_or(at);
        }
        acts
    }

    /// What is done to show a fault.
    pub(super) fn example(&self, Shown { route, then, shows }: Shown) -> Example {
        Example {
            fields: self.map.sent(route.hops()),
            acts: self.acts(&route),
            then,
            shows,
            at: None,
        }
    }

    /// What is done on a route.
    pub(super) fn acts(&self, route: &Route) -> Vec<ExampleStep> {
        let mut acts = Vec::new();
        for (at, hop) in &route.hops {
            let hop = &self.map.hops[*at][*hop];
            let step = self.map.moments[*at].step;
            let Some((event, times)) = event(&self.map, *at, hop) else {
                continue;
            };
            let other = self.other_entry(hop, self.map.way(*at, hop));
            let event = other.unwrap_or(event);
            // In a test whoever hangs up at the end does so while the call is away, unless asked in between.
            let was_away = acts
                .last()
                .is_some_and(|act: &ExampleStep| matches!(act.event, StepEvent::Came { .. }));
            if event == StepEvent::HangUp
                && was_away
                && let Some(event) = a_miss(self.flow(), step)
            {
                acts.push(ExampleStep {
                    step: self.name(step).to_owned(),
                    event,
                });
            }
            let act = ExampleStep {
                step: self.name(step).to_owned(),
                event,
            };
            acts.extend(std::iter::repeat_n(act, usize::from(times.max(1))));
        }
        acts
    }
}

impl Map<'_> {
    /// What the carrier sends with the start of a call that takes these hops, by its names, of what the flow reads: what
    /// conditions on them ask for, and nothing else.
    pub fn sent(&self, hops: impl Iterator<Item = (usize, usize)>) -> Vec<(String, String)> {
        let mut known: BTreeMap<Slot, u64> = BTreeMap::new();
        for (at, hop) in hops {
            known.extend(self.hops[at][hop].learned.iter().copied());
        }
        let sent = known
            .into_iter()
            .filter_map(|(slot, known)| Some((slot, self.watched.value(slot, known)?.clone())));
        let sent: Vec<(Slot, Value)> = sent.collect();
        self.flow.write_call(&sent)
    }
}

/// What happens when a hop is taken from a moment, and how often; nothing where the call goes on by itself.
pub fn event(map: &Map<'_>, at: usize, hop: &Hop) -> Option<(StepEvent, u8)> {
    let step = map.moments[at].step;
    let (way, action) = (map.way(at, hop), &map.flow.step(step).action);
    Some(match (&way.by, way.kind) {
        (By::NoInput, _) => (StepEvent::SILENT, action.attempts()),
        (By::NoMatch, _) => (map.wrong(at), action.attempts()),
        (By::Silent, _) => (StepEvent::SILENT, 1),
        (By::AnyKey, _) => {
            let keys = free_keys(map.flow, step).unwrap_or_else(|| "#".to_owned());
            (StepEvent::press(keys), 1)
        }
        (_, Kind::Error) => (StepEvent::Refused, 1),
        (_, Kind::HangUp) if action.away().is_some() => (StepEvent::HangUpAway, 1),
        (_, Kind::HangUp) => (StepEvent::HangUp, 1),
        (by @ (By::Keys(_) | By::Entry(_)), _) => {
            let keys = entry(by, hop.keys.as_deref()).unwrap_or_default();
            (StepEvent::press(keys), 1)
        }
        (By::Outcome(outcomes), _) => {
            let mut all = plainest_first(outcomes);
            let outcome =
                all.find(|outcome| hop.keys.as_deref().is_none_or(|keys| keys == outcome.name));
            let came = outcome.and_then(|outcome| Some(came(&action.away()?, outcome)));
            (came.unwrap_or(StepEvent::Refused), 1)
        }
        (By::Itself | By::When(_), _) => return None,
    })
}

/// What leaves a caller at a question; nothing where everything leads on.
fn a_miss(flow: &Flow, step: StepId) -> Option<StepEvent> {
    if counts(flow, step, Miss::NoInput) {
        return Some(StepEvent::SILENT);
    }
    can_be_wrong(flow, step).then(|| wrong(flow, step))
}

/// What comes of a wait.
pub fn came(away: &Away<'_>, outcome: &'static WaitOutcome) -> StepEvent {
    StepEvent::Came {
        key: away.world_key(),
        outcome: outcome.name,
        is_good: outcome.is_good,
    }
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
