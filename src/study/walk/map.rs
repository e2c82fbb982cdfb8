//! The map of a flow: every moment that a call can be in, and the ways between them.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use super::facts::{DEAD, State, UNSET, Watched, choices, length};
use super::misses::{can_be_wrong, wrong};
use super::set_names::{Misfit, SetName};
use super::sums::Sums;
use super::ways::ways;
pub use super::ways::{Kind, Way};
use crate::engine::came::WaitOutcome;
use crate::engine::diag::StepEvent;
use crate::engine::edge::{By, Effect, RoomAfter, Target};
use crate::engine::flow::Flow;
use crate::engine::ids::{Slot, StepId};
use crate::engine::value::Value;

/// The most names whose values are distinguished.
const MAX_WATCHED: usize = 512;
/// The most moments that are distinguished.
const MAX_MOMENTS: usize = 60_000;
/// The most that is known of names at all moments together, in names.
const MAX_KNOWN: usize = 4_000_000;
/// No step.
pub const NONE: StepId = StepId::MAX;

/// A moment: the call enters a step, and this is known.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Moment {
    /// The step.
    pub step: StepId,
    /// What is known about the names that conditions ask for.
    pub state: u32,
    /// The step that asked last, where the flow depends on it.
    pub asked: StepId,
    /// Whether something was done since that `back` does not lead past.
    pub is_fixed: bool,
    /// Whether the caller has hung up.
    pub gone: bool,
}

/// Where a way leads from one moment.
#[derive(Clone, Debug)]
pub struct Hop {
    /// Which of the step's ways.
    pub way: usize,
    /// The keys or the outcome that take it, where they decide what is known then.
    pub keys: Option<String>,
    /// What it leads to.
    pub to: Goal,
    /// What conditions have found out on it of what a call begins with.
    pub learned: Vec<(Slot, u64)>,
}

/// The keys of an entry, or an outcome, where they are distinguished, and what is known then: a place in the state, and its code.
type Entry = (Option<String>, Option<(usize, u64)>);

/// What a way leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goal {
    /// A moment.
    Moment(usize),
    /// The end of the call.
    End,
    /// The question before; the moments are found when all are known.
    Back,
}

/// All moments and ways.
#[derive(Debug)]
pub struct Map<'f> {
    /// The flow.
    pub flow: &'f Flow,
    /// The ways out of each step.
    pub ways: Vec<Vec<Way>>,
    /// What is watched.
    pub watched: Watched,
    /// The states that occur.
    pub states: Vec<State>,
    /// The moments, the call's beginning first; then those at which calls begin that we place and nobody answers.
    pub moments: Vec<Moment>,
    /// The ways out of each moment.
    pub hops: Vec<Vec<Hop>>,
    /// Names that a condition reads while they are surely unset, by moment.
    pub unset_conditions: Vec<Vec<Slot>>,
    /// By moment: the conditions of its question that refuse an entry, by their places; and what is pressed, where they
    /// surely do.
    pub refused: Vec<Vec<(usize, Option<String>)>>,
    /// By moment: names that a condition of its question reads and that may be unset; the place of the condition, and what
    /// is pressed.
    pub judged_by: Vec<Vec<(usize, Slot, Option<String>)>>,
    /// By moment: what is set on a hop and does not fit its answer, by its place among what the way sets, and what it
    /// would be.
    pub misfits: Vec<Vec<Misfit>>,
    /// Hops from moments, by their places, that append to a list which has no room, and do not say what comes then.
    pub overflows: Vec<(usize, usize)>,
    /// The moments at which calls begin, each once.
    pub roots: Vec<usize>,
    /// The step at which values were no longer distinguished, because there were too many.
    pub stopped_at: Option<StepId>,
    known: HashMap<Moment, usize>,
    state_ids: HashMap<State, u32>,
    live: Vec<Vec<bool>>,
    keeps_asked: bool,
    open: VecDeque<usize>,
}

impl<'f> Map<'f> {
    /// Walks a flow.
    pub fn draw(flow: &'f Flow) -> Self {
        let sums = Sums::of(flow);
        if !sums.is_empty() {
            let watched = Watched::of(flow, &sums);
            let mut map = Self::empty(flow, watched);
            map.walk();
            if map.stopped_at.is_none() {
                return map;
            }
        }
        let watched = Watched::of(flow, &Sums::default());
        let too_many = watched.len() > MAX_WATCHED;
        let mut map = Self::empty(
            flow,
            if too_many {
                Watched::default()
            } else {
                watched
            },
        );
        map.walk();
        if too_many {
            map.stopped_at = Some(flow.start);
            return map;
        }
        if let Some(stopped) = map.stopped_at {
            map = Self::empty(flow, Watched::default());
            map.walk();
            map.stopped_at = Some(stopped);
        }
        map
    }

    fn empty(flow: &'f Flow, watched: Watched) -> Self {
        let ways: Vec<Vec<Way>> = (0..flow.steps.len())
            .map(|step| ways(flow, step as StepId))
            .collect();
        let leads_back = |way: &Way| matches!(way.to, Some(Target::Repeat | Target::Back));
        let keeps_asked = flow
            .steps
            .iter()
            .zip(&ways)
            .any(|(step, ways)| !step.action.asks() && ways.iter().any(leads_back));
        let live = live(flow, &ways, &watched);
        Self {
            flow,
            ways,
            watched,
            states: Vec::new(),
            moments: Vec::new(),
            hops: Vec::new(),
            unset_conditions: Vec::new(),
            refused: Vec::new(),
            judged_by: Vec::new(),
            misfits: Vec::new(),
            overflows: Vec::new(),
            roots: Vec::new(),
            stopped_at: None,
            known: HashMap::new(),
            state_ids: HashMap::new(),
            live,
            keeps_asked,
            open: VecDeque::new(),
        }
    }

    fn walk(&mut self) {
        let start = self.watched.begin();
        let placed = self.flow.outbound.iter().flat_map(|of| &of.ways);
        let placed = placed.map(|(outcome, step)| (*step, !outcome.is_answered()));
        let begins = std::iter::once((self.flow.start, false)).chain(placed);
        for (step, gone) in begins {
            let root = self.moment(step, start.clone(), (NONE, false), gone);
            if !self.roots.contains(&root) {
                self.roots.push(root);
            }
        }
        while let Some(at) = self.open.pop_front() {
            let hops = self.hops_from(at);
            self.hops[at] = hops;
            let known = self.states.len() * self.watched.len();
            if self.moments.len() > MAX_MOMENTS || known > MAX_KNOWN {
                self.stopped_at = Some(self.moments[at].step);
                return;
            }
        }
    }

    fn moment(
        &mut self,
        step: StepId,
        mut state: State,
        (asked, is_fixed): (StepId, bool),
        gone: bool,
    ) -> usize {
        for (known, live) in state.iter_mut().zip(&self.live[usize::from(step)]) {
            if !live {
                *known = DEAD;
            }
        }
        let next = self.states.len() as u32;
        let state = *self.state_ids.entry(state).or_insert_with_key(|state| {
            self.states.push(state.clone());
            next
        });
        let (asked, is_fixed) = if self.keeps_asked {
            (asked, is_fixed)
        } else {
            (NONE, false)
        };
        let moment = Moment {
            step,
            state,
            asked,
            is_fixed,
            gone,
        };
        if let Some(at) = self.known.get(&moment) {
            return *at;
        }
        let at = self.moments.len();
        self.known.insert(moment.clone(), at);
        self.moments.push(moment);
        self.hops.push(Vec::new());
        self.unset_conditions.push(Vec::new());
        self.refused.push(Vec::new());
        self.judged_by.push(Vec::new());
        self.misfits.push(Vec::new());
        self.open.push_back(at);
        at
    }

    /// What is no answer at a moment: what is wrong whenever it is entered, else what is surely refused.
    pub fn wrong(&self, at: usize) -> StepEvent {
        let step = self.moments[at].step;
        let refused = self.refused[at].iter().find_map(|(_, keys)| keys.as_ref());
        match refused.filter(|_| !can_be_wrong(self.flow, step)) {
            Some(keys) => StepEvent::press(keys.clone()),
            None => wrong(self.flow, step),
        }
    }

    /// What is pressed at a moment so that a condition of its question, by its place, surely refuses it.
    pub fn refused_entry(&self, at: usize, place: usize) -> Option<&str> {
        let refused = self.refused[at].iter();
        let mut entries = refused.filter(|(other, _)| *other == place);
        entries.find_map(|(_, keys)| keys.as_deref())
    }

    /// What is known at a moment.
    pub fn state(&self, at: usize) -> &State {
        &self.states[self.moments[at].state as usize]
    }

    /// The way of a hop from a moment.
    pub fn way(&self, at: usize, hop: &Hop) -> &Way {
        &self.ways[usize::from(self.moments[at].step)][hop.way]
    }

    fn hops_from(&mut self, at: usize) -> Vec<Hop> {
        let Moment { step, gone, .. } = self.moments[at];
        let flow = self.flow;
        let action = &flow.step(step).action;
        // Nobody is there any more for whom it could be done.
        if gone && action.needs_caller() {
            return Vec::new();
        }
        let conditions = action.conditions();
        let mut hops = Vec::new();
        let mut states = vec![self.state(at).clone()];
        for (place, condition) in conditions.iter().enumerate() {
            let mut rest: Vec<State> = Vec::new();
            let mut taken: Vec<State> = Vec::new();
            for state in states {
                let (outcomes, reads) = self.watched.outcomes(condition, &state);
                let unset = reads
                    .into_iter()
                    .filter(|slot| self.watched.follows(&state, *slot))
                    .filter(|slot| self.watched.is_set(&state, *slot) != Some(true));
                self.unset_conditions[at].extend(unset);
                for (state, holds) in outcomes {
                    let list = if holds { &mut taken } else { &mut rest };
                    if !list.contains(&state) {
                        list.push(state);
                    }
                }
            }
            for way in self.deciding(step, |other| other == Some(place)) {
                for state in &taken {
                    self.hop(at, way, state, &mut hops);
                }
            }
            states = rest;
        }
        let is_last = |place: Option<usize>| place.is_none_or(|place| place >= conditions.len());
        for way in self.deciding(step, is_last) {
            let is_wrong = self.ways[usize::from(step)][way].by == By::NoMatch;
            // Where only what is refused is wrong, the entries before have shown whether anything is.
            let may_refuse = !action.refusals().is_empty();
            if is_wrong && may_refuse && self.refused[at].is_empty() && !can_be_wrong(flow, step) {
                continue;
            }
            for state in &states {
                self.hop(at, way, state, &mut hops);
            }
        }
        hops
    }

    /// The ways of a step that are taken where the condition of a place holds.
    fn deciding(&self, step: StepId, fits: impl Fn(Option<usize>) -> bool) -> Vec<usize> {
        let place = |way: &Way| match way.by {
            By::When(place) => Some(place),
            _ => None,
        };
        let ways = self.ways[usize::from(step)].iter().enumerate();
        let ways = ways.filter(|(_, way)| fits(place(way)));
        ways.map(|(way, _)| way).collect()
    }

    fn hop(&mut self, at: usize, way: usize, state: &State, hops: &mut Vec<Hop>) {
        let Moment {
            step,
            asked,
            is_fixed,
            gone,
            ..
        } = self.moments[at];
        let Way {
            by, kind, to, does, ..
        } = &self.ways[usize::from(step)][way];
        let (kind, to) = (*kind, *to);
        let entries = self.entries(by, does);
        let place = |slot: &Slot| self.watched.place(*slot);
        let sets = self.sets(does);
        let forgets: Vec<usize> = does.forgets.iter().filter_map(place).collect();
        let action = &self.flow.step(step).action;
        let (asks, forbids) = (action.asks(), action.forbids_back());
        let (asked, is_fixed) = if asks {
            (step, false)
        } else {
            (asked, is_fixed || forbids)
        };
        let gone = gone || kind == Kind::HangUp;
        for (keys, known) in entries {
            let mut entered = state.clone();
            if let Some((place, code)) = known {
                entered[place] = code;
            }
            for mut state in self.accepted(at, way, keys.as_deref(), entered) {
                let learned = self.watched.learned(self.state(at), &state);
                self.set((at, hops.len()), &sets, &mut state);
                let to = if self.overflows(at, way, &state) {
                    self.overflows.push((at, hops.len()));
                    Goal::End
                } else if self.grow(at, way, &mut state) {
                    for place in &forgets {
                        state[*place] = UNSET;
                    }
                    self.goal(step, to, state, (asks, asked, is_fixed, gone))
                } else {
                    continue;
                };
                let keys = keys.clone();
                hops.push(Hop {
                    way,
                    keys,
                    to,
                    learned,
                });
            }
        }
    }

    /// Sets names on a hop, and notes what does not fit.
    fn set(&mut self, (at, hop): (usize, usize), sets: &[SetName], state: &mut State) {
        for set in sets {
            let misfit = set.take(self.flow, &self.watched, state);
            self.misfits[at].extend(misfit.map(|value| Misfit {
                hop,
                set: set.nth,
                value,
            }));
        }
    }

    /// What a way sets, as far as anything is known of it.
    fn sets(&self, does: &Effect) -> Vec<SetName> {
        let sets = does.sets.iter().enumerate();
        let known = |(nth, (slot, value)): (usize, &(Slot, Option<Value>))| {
            let by = does.worked.iter().find(|(of, _)| *of == nth);
            let place = self.watched.place(*slot);
            (place.is_some() || by.is_some()).then(|| SetName {
                nth,
                slot: *slot,
                place,
                known: self.watched.set(self.flow, *slot, value.as_ref(), false)[0].1,
                by: by.map(|(_, code)| Arc::clone(code)),
            })
        };
        let sets = sets.filter(|(_, (slot, _))| !self.flow.is_list(*slot));
        sets.filter_map(known).collect()
    }

    /// What a target leads to from a step, with what is known then: whether the step asks, which one asked last, whether
    /// `back` is barred since, and whether the caller has left.
    fn goal(
        &mut self,
        step: StepId,
        to: Option<Target>,
        state: State,
        (asks, asked, is_fixed, gone): (bool, StepId, bool, bool),
    ) -> Goal {
        match to {
            None | Some(Target::Hangup) => Goal::End,
            Some(Target::Step(next)) => {
                Goal::Moment(self.moment(next, state, (asked, is_fixed), gone))
            }
            Some(Target::Back) if asks || asked != NONE && !is_fixed => Goal::Back,
            Some(Target::Repeat | Target::Back) => {
                let to = if asked == NONE { step } else { asked };
                Goal::Moment(self.moment(to, state, (asked, is_fixed), gone))
            }
        }
    }

    /// Whether a way appends to a list that is known to have no room, and does not say what comes then.
    fn overflows(&self, at: usize, way: usize, state: &State) -> bool {
        let way = &self.ways[usize::from(self.moments[at].step)][way];
        let appends = way
            .appends()
            .filter(|appends| appends.room == RoomAfter::Any);
        appends.is_some_and(|appends| {
            let place = self.watched.place(appends.list);
            let has = place.and_then(|place| length(state[place]));
            has.is_some_and(|has| has >= appends.most)
        })
    }

    /// Adds an entry to the list of a way, as far as its length is known; whether the way is taken at that length.
    fn grow(&self, at: usize, way: usize, state: &mut State) -> bool {
        let step = usize::from(self.moments[at].step);
        let Some(grows) = &self.ways[step][way].grows else {
            return true;
        };
        let place = self.watched.place(grows.list);
        let Some((place, has)) = place.and_then(|place| Some((place, length(state[place])?)))
        else {
            return true;
        };
        if grows.is_taken_at(has) && grows.adds {
            state[place] = has as u64 + 1;
        }
        grows.is_taken_at(has)
    }

    /// What is known where the question does not refuse an entry, which is in the state already; nothing where it surely
    /// does.
    fn accepted(
        &mut self,
        at: usize,
        way: usize,
        keys: Option<&str>,
        entered: State,
    ) -> Vec<State> {
        let step = usize::from(self.moments[at].step);
        let Way { by, does, .. } = &self.ways[step][way];
        let refusals = self.flow.steps[step].action.refusals();
        let mut rest = vec![entered];
        let own = does.into.as_ref().map(|(slot, _)| *slot);
        if own.is_none() {
            return rest;
        }
        for (place, refusal) in refusals.iter().enumerate() {
            let (mut left, mut refuses): (Vec<State>, bool) = (Vec::new(), false);
            for state in &rest {
                let (outcomes, reads) = self.watched.outcomes(refusal.reading(), state);
                let reads = reads.into_iter().filter(|slot| Some(*slot) != own);
                self.judged_by[at].extend(reads.map(|slot| (place, slot, entry(by, keys))));
                for (state, holds) in outcomes {
                    if holds {
                        refuses = true;
                    } else if !left.contains(&state) {
                        left.push(state);
                    }
                }
            }
            if refuses {
                let is_sure = left.is_empty() && rest.len() == 1;
                let keys = is_sure.then(|| entry(by, keys)).flatten();
                self.refused[at].push((place, keys));
            }
            rest = left;
        }
        rest
    }

    /// The outcomes that take a way, as far as they are distinguished.
    fn outcomes(&self, outcomes: &[&'static WaitOutcome], slot: Slot) -> Vec<Entry> {
        let Some(place) = self.watched.place(slot) else {
            return vec![(None, None)];
        };
        let mut entries: Vec<Entry> = Vec::new();
        for outcome in plainest_first(outcomes) {
            let value = Value::Text(outcome.name.to_owned());
            let known = self.watched.set(self.flow, slot, Some(&value), false)[0].1;
            let known = Some((place, known));
            if !entries.iter().any(|(_, other)| *other == known) {
                entries.push((Some(outcome.name.to_owned()), known));
            }
        }
        entries
    }

    /// The entries that take a way, as far as they are distinguished.
    fn entries(&self, by: &By, does: &Effect) -> Vec<Entry> {
        if let (By::Outcome(outcomes), Some((slot, _))) = (by, &does.into) {
            return self.outcomes(outcomes, *slot);
        }
        let watched = does.into.as_ref().and_then(|(slot, value)| {
            let place = self.watched.place(*slot)?;
            let set = self.watched.set(self.flow, *slot, value.as_ref(), true);
            Some((place, set))
        });
        let Some((place, set)) = watched else {
            return vec![(None, None)];
        };
        let set = set.into_iter();
        set.map(|(keys, code)| (keys, Some((place, code))))
            .collect()
    }
}

/// What is pressed to take a way; `keys`, where they decide what is known then.
pub fn entry(by: &By, keys: Option<&str>) -> Option<String> {
    match (by, keys) {
        (By::Keys(pressed), _) => Some(pressed.clone()),
        (By::Entry(example), None) => Some(example.clone()),
        (By::Entry(example), Some(keys)) => {
            let end = if example.ends_with('#') { "#" } else { "" };
            Some(format!("{keys}{end}"))
        }
        _ => None,
    }
}

/// Outcomes, beginning with the one that needs the fewest words in a test call.
pub fn plainest_first(
    outcomes: &[&'static WaitOutcome],
) -> impl Iterator<Item = &'static WaitOutcome> {
    let plain = |outcome: &&&WaitOutcome| outcome.is_good || outcome.is_plain;
    let (plain, rest): (Vec<_>, Vec<_>) = outcomes.iter().partition(plain);
    plain.into_iter().chain(rest).copied()
}

/// Which watched names a step itself asks for; of lists, whether it needs to know how many entries they have.
fn asked_at(flow: &Flow, step: usize, ways: &[Way], watched: &Watched) -> Vec<usize> {
    let action = &flow.steps[step].action;
    let appended = ways.iter().filter_map(Way::appends);
    let appended = appended.map(|appends| appends.list);
    let lists = appended.chain(action.completed());
    let lists = lists.filter(|slot| flow.is_list(*slot));
    let lists = lists.filter_map(|list| watched.place(list));
    let conditions = action.conditions().into_iter().chain(choices(&**action));
    let mut asked: Vec<usize> = conditions
        .flat_map(|reading| watched.asked(&reading))
        .chain(lists)
        .collect();
    // The answer itself is entered before it is judged.
    let own = action.fills().and_then(|slot| watched.place(slot));
    let refusals = action.refusals().iter();
    let judged = refusals.flat_map(|refusal| watched.asked(refusal.reading()));
    asked.extend(judged.filter(|place| Some(*place) != own));
    asked
}

/// Which watched names are asked for from each step on, before they are set again.
fn live(flow: &Flow, ways: &[Vec<Way>], watched: &Watched) -> Vec<Vec<bool>> {
    let mut live = vec![vec![false; watched.len()]; ways.len()];
    if watched.len() == 0 {
        return live;
    }
    // Ways that lead to a question put before keep everything alive there: `back` and `repeat`.
    let mut before: Vec<Vec<usize>> = vec![Vec::new(); ways.len()];
    for (step, ways) in ways.iter().enumerate() {
        for way in ways {
            match way.to {
                Some(Target::Step(to)) => before[usize::from(to)].push(step),
                Some(Target::Repeat | Target::Back) if !flow.steps[step].action.asks() => {
                    live[step].iter_mut().for_each(|live| *live = true);
                }
                _ => {}
            }
        }
        for place in asked_at(flow, step, ways, watched) {
            live[step][place] = true;
        }
        let worked = ways.iter().flat_map(|way| &way.does.worked);
        let read = worked.flat_map(|(_, code)| code.slots().unwrap_or_default());
        for place in read.filter_map(|slot| watched.place(slot)) {
            live[step][place] = true;
        }
    }
    let mut open: VecDeque<usize> = (0..ways.len()).rev().collect();
    while let Some(step) = open.pop_front() {
        for from in before[step].clone() {
            let mut grown = false;
            for way in ways[from]
                .iter()
                .filter(|way| way.to == Some(Target::Step(step as StepId)))
            {
                let killed = |place: usize| {
                    let set = way
                        .does
                        .into
                        .iter()
                        .chain(&way.does.sets)
                        .map(|(slot, _)| slot);
                    set.chain(&way.does.forgets)
                        .any(|slot| watched.place(*slot) == Some(place))
                };
                let more: Vec<usize> = (0..watched.len())
                    .filter(|place| live[step][*place] && !live[from][*place] && !killed(*place))
                    .collect();
                grown |= !more.is_empty();
                for place in more {
                    live[from][place] = true;
                }
            }
            if grown {
                open.push_back(from);
            }
        }
    }
    live
}
