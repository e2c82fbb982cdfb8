//! Names that are read where they may be unset, and answers that are submitted or not as nobody meant.

use std::collections::{BTreeMap, HashSet};

use super::Walk;
use super::facts::{State, is_set};
use super::map::{Goal, Hop, Kind, Map};
use super::misses::counts;
use super::name_states::{NameStates, after};
use super::route::{Route, Shown};
use crate::engine::diag::{Diag, ExampleStep, Place, Shows, StepEvent};
use crate::engine::edge::{By, Target};
use crate::engine::expression::Reading;
use crate::engine::ids::{Slot, StepId};
use crate::engine::question::Miss;
use crate::engine::value::Value;
use crate::written::{Code, Explain};

/// A name that is read where it may be unset.
struct Unset {
    slot: Slot,
    place: Place,
    at: usize,
    when: When,
}

impl Unset {
    fn new(slot: Slot, place: &Place, at: usize, when: When) -> Self {
        Self {
            slot,
            place: place.clone(),
            at,
            when,
        }
    }
}

/// When a step reads a name.
#[derive(Clone, Copy)]
enum When {
    /// When the call comes to it.
    Entered,
    /// When the caller misses.
    Missed,
    /// When a condition of the question judges what the caller enters, by the place among what is read so.
    Judged(usize),
    /// When a condition of the question, by its place, refuses what the caller enters.
    Refused(usize),
    /// On one of its hops.
    Left(usize),
}

impl Walk<'_> {
    /// NameStates that are read where they may be unset.
    pub(super) fn unset_names(&mut self, names: &NameStates) {
        let mut found: BTreeMap<(String, usize, Slot), Unset> = BTreeMap::new();
        for at in 0..self.map.moments.len() {
            for unset in self.unset_at(names, at) {
                let key = (
                    unset.place.file.to_string(),
                    unset.place.span.start,
                    unset.slot,
                );
                found.entry(key).or_insert(unset);
            }
        }
        for unset in found.into_values() {
            if self.unset_route(unset.slot, unset.at).is_some() {
                self.tell_unset(&unset);
            }
        }
    }

    fn tell_unset(&mut self, unset: &Unset) {
        let step = self.map.moments[unset.at].step;
        let reader = self.name(step);
        let name = self.flow().written_name(unset.slot);
        let message = format!("`{name}` may not be set when it is read at `{reader}`");
        let way_out = match (
            self.flow().fact(unset.slot),
            self.flow().call_field(unset.slot),
        ) {
            (Some(fact), _) => format!(
                "read it on the ways of `{}`, or guard it",
                self.name(fact.step)
            ),
            (None, Some(field)) => {
                format!("not every call has a `{}` that fits: guard it", field.at)
            }
            (None, None) => "set it on every way that leads here, or guard it".to_owned(),
        };
        let help = format!(
            "{way_out}: `{{{{ {name} if {name} is defined else '…' }}}}`, `{name} is defined and …`"
        );
        let place = unset.place.clone();
        let is_own = place.file == self.file;
        let mut diag = Diag::new(Code::NameMayBeUnset, place, message).help(help);
        if is_own {
            diag = diag.also(self.step_place(step), "read at this step");
        }
        self.tell_shown(diag, &|walk| {
            let route = walk.unset_route(unset.slot, unset.at)?;
            walk.read_at(route, unset.at, unset.when)
        });
    }

    /// What is done until a name is read; `None` where that takes more than the caller can do.
    fn read_at(&self, route: Route, at: usize, when: When) -> Option<Shown> {
        Some(match when {
            When::Entered => route.shows(Vec::new(), Shows::Unset),
            When::Left(hop) => route.and(at, hop).shows(Vec::new(), Shows::Unset),
            When::Judged(place) => {
                let (.., keys) = &self.map.judged_by[at][place];
                route.shows(vec![self.entry(at, keys.as_deref()?)], Shows::Unset)
            }
            When::Refused(place) => {
                let keys = self.map.refused_entry(at, place)?;
                route.shows(vec![self.entry(at, keys)], Shows::Unset)
            }
            When::Missed => {
                let step = self.map.moments[at].step;
                let silence = counts(self.flow(), step, Miss::NoInput);
                let silence = silence.then_some(StepEvent::SILENT);
                let wrong = counts(self.flow(), step, Miss::NoMatch);
                let wrong = wrong.then(|| self.map.wrong(at));
                let misses = silence.into_iter().chain(wrong).cycle();
                let misses = misses
                    .take(usize::from(self.flow().step(step).action.attempts()).saturating_sub(1));
                let acts = misses
                    .map(|event| ExampleStep {
                        step: self.name(step).to_owned(),
                        event,
                    })
                    .collect();
                route.shows(acts, Shows::Unset)
            }
        })
    }

    /// Keys that are pressed at a moment.
    fn entry(&self, at: usize, keys: &str) -> ExampleStep {
        ExampleStep {
            step: self.name(self.map.moments[at].step).to_owned(),
            event: StepEvent::press(keys.to_owned()),
        }
    }

    fn unset_at(&self, names: &NameStates, at: usize) -> Vec<Unset> {
        let moment = &self.map.moments[at];
        let action = &self.flow().step(moment.step).action;
        if moment.gone && action.needs_caller() {
            return Vec::new();
        }
        let may_be = |slot: &Slot| names.may_be_unset(at, *slot);
        let state = self.map.state(at);
        let mut found = Vec::new();
        for reading in action.readings() {
            found.extend(self.unset_in(&reading, state, (at, When::Entered), &may_be));
        }
        // A caller with one attempt hears nothing about a miss.
        if action.attempts() > 1 {
            for reading in action.miss_readings() {
                found.extend(self.unset_in(&reading, state, (at, When::Missed), &may_be));
            }
            found.extend(self.unset_in_refusals(at, &may_be));
        }
        for condition in action.conditions() {
            found.extend(self.unset_in_condition(&condition, at, &may_be));
        }
        for (place, hop) in self.map.hops[at].iter().enumerate() {
            let does = &self.map.way(at, hop).does;
            let entered = does
                .into
                .iter()
                .map(|(slot, value)| (*slot, value.as_ref()));
            let state = self.entered(at, entered);
            for (before, reading) in &does.reads {
                let set = || does.into.iter().chain(&does.sets[..*before]);
                let is_set = |slot: &Slot| set().any(|(other, _)| other == slot);
                let may_be = |slot: &Slot| may_be(slot) && !is_set(slot);
                found.extend(self.unset_in(reading, &state, (at, When::Left(place)), &may_be));
            }
        }
        found
    }

    /// What is known at a moment once an answer is entered.
    fn entered<'v>(
        &self,
        at: usize,
        entries: impl Iterator<Item = (Slot, Option<&'v Value>)>,
    ) -> State {
        let mut state = self.map.state(at).clone();
        for (slot, value) in entries {
            if let Some(place) = self.map.watched.place(slot) {
                let known = self.map.watched.set(self.flow(), slot, value, false);
                state[place] = known[0].1;
            }
        }
        state
    }

    /// The names that may be unset where an entry is judged, or in the words about one that is refused; it is set there.
    fn unset_in_refusals(&self, at: usize, may_be: &dyn Fn(&Slot) -> bool) -> Vec<Unset> {
        let action = &self.flow().step(self.map.moments[at].step).action;
        let own = action.fills();
        let state = self.entered(at, own.iter().map(|slot| (*slot, None)));
        let may_be = |slot: &Slot| Some(*slot) != own && may_be(slot);
        let mut found = Vec::new();
        for (place, (condition, slot, _)) in self.map.judged_by[at].iter().enumerate() {
            let mut places = action.refusals()[*condition].reading().places.iter();
            let read = places.find(|(other, _)| other == slot);
            if let Some((_, read)) = read.filter(|_| may_be(slot)) {
                found.push(Unset::new(*slot, read, at, When::Judged(place)));
            }
        }
        for (place, refusal) in action.refusals().iter().enumerate() {
            if !self.map.refused[at]
                .iter()
                .any(|(other, _)| *other == place)
            {
                continue;
            }
            for reading in refusal.say.readings() {
                found.extend(self.unset_in(&reading, &state, (at, When::Refused(place)), &may_be));
            }
        }
        found
    }

    /// The names of a reading that may be unset at a moment.
    fn unset_in(
        &self,
        reading: &Reading,
        state: &State,
        (at, when): (usize, When),
        may_be: &dyn Fn(&Slot) -> bool,
    ) -> Vec<Unset> {
        let reads = self.map.watched.reads(reading, state);
        let unset = reading.places.iter();
        unset
            .filter(|(slot, _)| reads.contains(slot) && may_be(slot))
            .map(|(slot, place)| Unset::new(*slot, place, at, when))
            .collect()
    }

    /// The names of a condition that may be unset at a moment: those that are watched are known for sure.
    fn unset_in_condition(
        &self,
        condition: &Reading,
        at: usize,
        may_be: &dyn Fn(&Slot) -> bool,
    ) -> Vec<Unset> {
        let (map, state) = (&self.map, self.map.state(at));
        let reads = map.watched.reads(condition, state);
        let is_unset = |slot: &Slot| {
            if map.watched.follows(state, *slot) {
                map.unset_conditions[at].contains(slot)
            } else {
                reads.contains(slot) && may_be(slot)
            }
        };
        let unset = condition.places.iter();
        unset
            .filter(|(slot, _)| is_unset(slot))
            .map(|(slot, place)| Unset::new(*slot, place, at, When::Entered))
            .collect()
    }

    pub(super) fn unset_route(&self, slot: Slot, goal: usize) -> Option<Route> {
        self.route(
            (0, false),
            |at, hop, is_set| Some(after(&self.map.way(at, hop).does, slot, is_set)),
            |at, is_set| at == goal && !is_set,
            Some(slot),
        )
    }

    /// Answers that are promised and lacking at a full submission.
    pub(super) fn lacking_answers(&mut self, names: &NameStates) {
        let flow = self.flow();
        let mut told: Vec<(StepId, Slot)> = Vec::new();
        for at in 0..self.map.moments.len() {
            let step = self.map.moments[at].step;
            let action = &flow.step(step).action;
            if !action.completes() {
                continue;
            }
            for (slot, answer) in flow
                .answers
                .iter()
                .enumerate()
                .filter(|(_, answer)| !answer.optional && answer.count().is_none())
            {
                let slot = slot as Slot;
                if !action.completes_with(slot)
                    || !names.may_be_unset(at, slot)
                    || told.contains(&(step, slot))
                {
                    continue;
                }
                if self.unset_route(slot, at).is_none() {
                    continue;
                }
                told.push((step, slot));
                let message = format!(
                    "`{}` is promised and may not be set when `{}` submits",
                    answer.name,
                    self.name(step)
                );
                let help = if self.map.moments[at].gone {
                    "a caller who leaves early has not answered everything: write `partial = true`"
                        .to_owned()
                } else {
                    "ask for it on every way that leads here, or promise it as `optional = true`, or submit others with `answers = […]` or what there is with `partial = true`; else the call goes to `[on] error`".to_owned()
                };
                let promised = self.place(flow.places.answers[usize::from(slot)].clone());
                let diag = Diag::new(Code::AnswerUnset, self.step_place(step), message)
                    .help(help)
                    .also(promised, "promised here");
                self.tell_shown(diag, &|walk| Some(walk.unset_route(slot, at)?.fails()));
            }
        }
    }

    /// What a flow gives back, and a way to its end on which that is not set.
    pub(super) fn lacking_gives(&mut self, names: &NameStates) {
        let flow = self.flow();
        let mut told: Vec<(StepId, Slot)> = Vec::new();
        for at in 0..self.map.moments.len() {
            let step = self.map.moments[at].step;
            for slot in flow.step(step).action.returns() {
                let is_optional = flow.answer(*slot).is_none_or(|answer| answer.optional);
                if is_optional
                    || !names.may_be_unset(at, *slot)
                    || told.contains(&(step, *slot))
                    || self.unset_route(*slot, at).is_none()
                {
                    continue;
                }
                told.push((step, *slot));
                let name = flow.answers[usize::from(*slot)].own_name();
                let message = format!("`{name}` is given back and may not be set at `return`");
                let promised = self.place(flow.places.answers[usize::from(*slot)].clone());
                let diag = Diag::new(Code::GiveUnset, self.step_place(step), message)
                    .help("ask for it on every way that leads here, take an exit for the others (`return.…`), or give it back as `optional = true`")
                    .also(promised, "given back here");
                let slot = *slot;
                self.tell_shown(diag, &|walk| Some(walk.unset_route(slot, at)?.fails()));
            }
        }
    }

    /// Optional answers that were asked for a choice, and are submitted with another one.
    pub(super) fn surviving_answers(&mut self, names: &NameStates) {
        let flow = self.flow();
        if !flow.steps.iter().any(|step| step.action.completes()) {
            return;
        }
        let asked = self.optional_answers();
        let mut told: Vec<Slot> = Vec::new();
        let choices: Vec<StepId> = (0..flow.steps.len() as StepId)
            .filter(|step| self.is_choice(*step))
            .collect();
        for choice in choices {
            // Asked for a choice: only the choice leads to it.
            let before = self.step_reach(flow.start, choice);
            let asked = asked
                .iter()
                .filter(|(_, steps)| !steps.iter().any(|step| before.contains(step)));
            let asked: Vec<_> = asked.collect();
            for at in 0..self.map.moments.len() {
                if asked.is_empty() || self.map.moments[at].step != choice {
                    continue;
                }
                for (slot, steps) in &asked {
                    if !told.contains(slot)
                        && names.may_be_set(at, *slot)
                        && let Some(other) = self.survivor(at, *slot, steps)
                    {
                        told.push(*slot);
                        self.tell_survivor(at, *slot, steps[0], other);
                    }
                }
            }
        }
    }

    /// The optional answers, and the steps that ask for each.
    fn optional_answers(&self) -> Vec<(Slot, Vec<StepId>)> {
        let mut asked: BTreeMap<Slot, Vec<StepId>> = BTreeMap::new();
        for step in 0..self.flow().steps.len() as StepId {
            let into = self
                .ways(step)
                .iter()
                .filter_map(|way| way.does.into.as_ref());
            for (slot, _) in into {
                let steps = asked.entry(*slot).or_default();
                if steps.last() != Some(&step) {
                    steps.push(step);
                }
            }
        }
        asked.retain(|slot, _| {
            self.flow()
                .answer(*slot)
                .is_some_and(|answer| answer.optional)
        });
        asked.into_iter().collect()
    }

    fn tell_survivor(&mut self, at: usize, slot: Slot, asked: StepId, (hop, key): (usize, String)) {
        let Some(route) = self.set_route(slot, at) else {
            return;
        };
        let (by, way) = route.last_choice(&self.map).unwrap_or((at, hop));
        let place = self.place(self.ways(self.map.moments[by].step)[way].at.clone());
        let (name, choice) = (
            &self.flow().answers[usize::from(slot)].name,
            self.name(self.map.moments[at].step),
        );
        let message = format!(
            "`{name}` was asked for one choice at `{choice}`, and is submitted with another one ({key})"
        );
        let diag = Diag::new(Code::AnswerSurvives, place, message)
            .help(format!(
                "forget it on the way back: `{{ next = \"…\", forget = [\"{name}\"] }}`"
            ))
            .also(self.step_place(asked), format!("`{name}` is asked here"));
        self.tell_shown(diag, &|walk| {
            let (then, shows) = walk.submission(at, hop, slot)?;
            Some(walk.set_route(slot, at)?.shows(then, shows))
        });
    }

    /// The shortest route to a moment at which a name is set.
    pub(super) fn set_route(&self, slot: Slot, goal: usize) -> Option<Route> {
        self.route(
            (0, false),
            |at, hop, is_set| Some(after(&self.map.way(at, hop).does, slot, is_set)),
            |at, is_set| at == goal && is_set,
            Some(slot),
        )
    }

    /// What is done from a choice on, by one of its ways, until a full submission with a name still set; and what that
    /// shows.
    fn submission(&self, at: usize, way: usize, slot: Slot) -> Option<(Vec<ExampleStep>, Shows)> {
        let choice = self.map.moments[at].step;
        let goes_on = |from: usize, hop: &Hop, _| {
            let taken = self.map.way(from, hop);
            let is_other =
                from == at && hop.way != way || from != at && self.map.moments[from].step == choice;
            (!is_other && taken.kind != Kind::Error && after(&taken.does, slot, true))
                .then_some(true)
        };
        let submits = |at: usize, _| {
            let moment = &self.map.moments[at];
            !moment.gone && self.flow().step(moment.step).action.completes_with(slot)
        };
        let route = self.route((at, true), goes_on, submits, Some(slot))?;
        let last = self.map.moments[self.end_of(&route)?].step;
        let (backend, _) = self.flow().step(last).action.backend()?;
        let answer = self.flow().answers[usize::from(slot)].name.clone();
        Some((
            self.acts(&route),
            Shows::Survivor {
                backend: backend.to_owned(),
                answer,
            },
        ))
    }

    /// Whether a step stores what the caller chose.
    fn is_choice(&self, step: StepId) -> bool {
        let ways = self.ways(step).iter();
        ways.filter(|way| {
            way.does
                .into
                .as_ref()
                .is_some_and(|(_, value)| value.is_some())
        })
        .count()
            > 1
    }

    /// The way of a choice by which an answer of another choice reaches a full submission, and its keys.
    fn survivor(&self, at: usize, slot: Slot, asked: &[StepId]) -> Option<(usize, String)> {
        let choice = self.map.moments[at].step;
        let mut other = None;
        let mut leads_there = false;
        for hop in &self.map.hops[at] {
            let way = self.map.way(at, hop);
            let Goal::Moment(to) = hop.to else { continue };
            if way.kind != Kind::Written || way.does.into.is_none() {
                continue;
            }
            let reach = self.step_reach(self.map.moments[to].step, choice);
            if asked.iter().any(|asked| reach.contains(asked)) {
                leads_there = true;
            } else if other.is_none()
                && after(&way.does, slot, true)
                && self.submits_with(to, slot, choice)
            {
                let By::Keys(keys) = &way.by else { continue };
                other = Some((hop.way, format!("key {keys}")));
            }
        }
        other.filter(|_| leads_there)
    }

    /// Whether a full submission is reached from a moment with a name still set, and not by way of a choice.
    fn submits_with(&self, from: usize, slot: Slot, choice: StepId) -> bool {
        let mut seen = vec![false; self.map.moments.len()];
        let mut open = vec![from];
        while let Some(at) = open.pop() {
            let step = self.map.moments[at].step;
            if std::mem::replace(&mut seen[at], true) || step == choice || self.map.moments[at].gone
            {
                continue;
            }
            if self.flow().step(step).action.completes_with(slot) {
                return true;
            }
            for hop in &self.map.hops[at] {
                let way = self.map.way(at, hop);
                if let Goal::Moment(to) = hop.to
                    && way.kind != Kind::Error
                    && after(&way.does, slot, true)
                {
                    open.push(to);
                }
            }
        }
        false
    }

    /// The steps that are reached from one, and not by way of another.
    fn step_reach(&self, from: StepId, without: StepId) -> HashSet<StepId> {
        let mut seen = HashSet::new();
        let mut open = vec![from];
        while let Some(step) = open.pop() {
            if step == without || !seen.insert(step) {
                continue;
            }
            for way in self
                .ways(step)
                .iter()
                .filter(|way| matches!(way.kind, Kind::Written | Kind::GiveUp))
            {
                if let Some(Target::Step(to)) = way.to {
                    open.push(to);
                }
            }
        }
        seen
    }
}

impl Map<'_> {
    /// Whether a hop can be gone with a name in this state: a moment at which that is known to be otherwise is not
    /// reached by it.
    pub(super) fn agrees(&self, hop: &Hop, slot: Slot, is_set: bool) -> bool {
        let Goal::Moment(to) = hop.to else {
            return true;
        };
        let mut learned = hop.learned.iter();
        let learned = learned.find(|(of, _)| *of == slot);
        let learned = learned.and_then(|(_, known)| self::is_set(*known));
        let there = self.watched.is_set(self.state(to), slot);
        [learned, there]
            .into_iter()
            .flatten()
            .all(|known| known == is_set)
    }
}
