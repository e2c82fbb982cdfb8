//! How the ways of two versions differ, and what happens on them.

use std::collections::{BTreeMap, HashSet};
use std::ops::Range;

use indexmap::IndexMap;

use super::changed::{Changed, changed};
use super::comparison::{Comparison, Rank};
use super::facts::{Facts, Own, Version, Way};
use super::{Event, Goal, What};

/// What takes ways that change alike.
struct Taken {
    events: Vec<Event>,
    at: Range<usize>,
    gone: bool,
}

/// A key below a way, and its value before and now.
type Effect = (Vec<String>, Option<String>, Option<String>);

/// Ways that change, those that change alike together.
#[derive(Default)]
struct Changes {
    goals: IndexMap<(Goal, Goal), Taken>,
    effects: IndexMap<Effect, Taken>,
}

impl Taken {
    fn none(at: Range<usize>, gone: bool) -> Self {
        Self {
            events: Vec::new(),
            at,
            gone,
        }
    }
}

impl Changes {
    fn add_goal(&mut self, event: &Event, goals: (Goal, Goal), at: &Range<usize>, gone: bool) {
        if goals.0 != goals.1 {
            let taken = self.goals.entry(goals);
            let taken = taken.or_insert_with(|| Taken::none(at.clone(), gone));
            taken.events.push(event.clone());
        }
    }

    fn add_effects(&mut self, event: &Event, old: Option<Way>, new: Option<Way>) {
        let effects = |way: Option<Way>| way.map(|way| way.effects).unwrap_or_default();
        for changed in changed(&effects(old), &effects(new)) {
            let Changed {
                key,
                old,
                new,
                at,
                gone,
            } = changed;
            let taken = self.effects.entry((key, old, new));
            let taken = taken.or_insert_with(|| Taken::none(at, gone));
            taken.events.push(event.clone());
        }
    }
}

impl<'a> Comparison<'a> {
    /// Conditions that are asked in the place of others, and those in another order. What the old step has, with the
    /// conditions by which its ways are known now.
    pub fn conditions(&mut self, rank: Rank, old: &Facts<'a>, new: &Facts<'a>) -> Option<Own<'a>> {
        let (before, now) = (&old.own.conditions, &new.own.conditions);
        if before == now {
            return None;
        }
        let (were, are): (HashSet<&String>, HashSet<&String>) =
            (before.iter().collect(), now.iter().collect());
        let (kept, gone): (Vec<&String>, Vec<&String>) =
            before.iter().partition(|condition| are.contains(condition));
        let (still, come): (Vec<&String>, Vec<&String>) =
            now.iter().partition(|condition| were.contains(condition));
        if kept != still {
            let what = What::Conditions(now.clone());
            self.note(rank, vec![new.name.to_owned()], what, &new.at, false);
        }
        let replaced: BTreeMap<&String, &String> = gone.into_iter().zip(come).collect();
        let mut ways = IndexMap::new();
        for (event, way) in &old.own.ways {
            let event = self.renamed(rank, new, &replaced, event);
            ways.insert(event, way.clone());
        }
        Some(Own {
            ways,
            ..Own::default()
        })
    }

    /// The event by which an old way is known now: another one where its condition was replaced, which is noted.
    fn renamed(
        &mut self,
        rank: Rank,
        new: &Facts<'a>,
        replaced: &BTreeMap<&String, &String>,
        event: &Event,
    ) -> Event {
        let Event::When(condition) = event else {
            return event.clone();
        };
        let Some(other) = replaced.get(condition) else {
            return event.clone();
        };
        let event = Event::When((*other).clone());
        let what = What::Condition(condition.clone(), (*other).clone());
        let at = &new.own.ways[&event].at;
        self.note(rank, vec![new.name.to_owned()], what, at, false);
        event
    }

    /// The ways of a step, or of the flow itself. Those that change alike are one change.
    pub fn ways(
        &mut self,
        rank: Rank,
        steps: Option<(&Facts<'_>, &Facts<'_>)>,
        old: &Own<'_>,
        new: &Own<'_>,
    ) {
        let mut changes = Changes::default();
        let gone = old
            .ways
            .iter()
            .filter(|(event, _)| !new.ways.contains_key(*event));
        let written = new.ways.iter().map(|written| (written, false));
        for ((event, written), is_gone) in written.chain(gone.map(|written| (written, true))) {
            let before = way(steps.map(|(old, _)| old), old, event, self.old);
            let now = way(steps.map(|(_, new)| new), new, event, self.new);
            let (was, is) = (goal(before.as_ref()), goal(now.as_ref()));
            if !(self.old.ends(&was) && self.new.ends(&is)) {
                changes.add_goal(event, (self.pairs.goal(&was), is), &written.at, is_gone);
            }
            changes.add_effects(event, before, now);
        }
        self.note_ways(rank, steps.map(|(_, new)| new.name), changes);
    }

    fn note_ways(&mut self, rank: Rank, step: Option<&str>, changes: Changes) {
        let names: Vec<String> = step.map(str::to_owned).into_iter().collect();
        for ((was, is), taken) in changes.goals {
            let what = What::Way(taken.events, was, is);
            self.note(rank, names.clone(), what, &taken.at, taken.gone);
        }
        for ((key, was, is), taken) in changes.effects {
            let what = What::Effect(taken.events, key, was, is);
            self.note(rank, names.clone(), what, &taken.at, taken.gone);
        }
    }
}

fn goal(way: Option<&Way>) -> Goal {
    way.map_or(Goal::Nothing, |way| way.to.clone())
}

/// The way that an event takes: one of the step's own, or the one that holds where the step does not say.
fn way(
    step: Option<&Facts<'_>>,
    own: &Own<'_>,
    event: &Event,
    version: &Version<'_>,
) -> Option<Way> {
    let written = own.ways.get(event).cloned();
    written.or_else(|| fallback(step?, event, version))
}

fn fallback(step: &Facts<'_>, event: &Event, version: &Version<'_>) -> Option<Way> {
    if !step.asks {
        return None;
    }
    match event {
        Event::NoInput | Event::NoMatch => {
            let way = version.own.ways.get(&Event::OutOfAttempts)?;
            Some(Way {
                at: step.at.clone(),
                ..way.clone()
            })
        }
        Event::Keys(keys) if step.is_menu => version
            .own
            .ways
            .get(&Event::Anywhere(keys.clone()))
            .cloned(),
        _ => None,
    }
}
