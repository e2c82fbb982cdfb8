//! Ways, and what happens on them, held against each other.

use std::collections::{BTreeMap, HashSet};
use std::ops::Range;

use indexmap::IndexMap;

use super::compare::{Compare, Rank};
use super::facts::{Facts, Own, Value, Version, Way};
use super::{Event, Goal, What, leaves};

/// What takes ways that change alike.
struct Taken {
    events: Vec<Event>,
    at: Range<usize>,
    gone: bool,
}

/// A key below a way, and its value before and now.
type Key = (Vec<String>, Option<String>, Option<String>);

impl<'a> Compare<'a> {
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
            self.note(
                rank,
                vec![new.name.to_owned()],
                What::Conditions(now.clone()),
                &new.at,
                false,
            );
        }
        let mut ways = IndexMap::new();
        let pairs: BTreeMap<&String, &String> = gone.into_iter().zip(come).collect();
        for (event, way) in &old.own.ways {
            let event = match event {
                Event::When(condition) => match pairs.get(condition) {
                    Some(other) => {
                        let at = &new.own.ways[&Event::When((*other).clone())].at;
                        let what = What::Condition(condition.clone(), (*other).clone());
                        self.note(rank, vec![new.name.to_owned()], what, at, false);
                        Event::When((*other).clone())
                    }
                    None => event.clone(),
                },
                _ => event.clone(),
            };
            ways.insert(event, way.clone());
        }
        Some(Own {
            ways,
            ..Own::default()
        })
    }

    /// The ways of a step, or of the flow itself. Those that change alike are told in one.
    pub fn ways(
        &mut self,
        rank: Rank,
        steps: Option<(&Facts<'_>, &Facts<'_>)>,
        old: &Own<'_>,
        new: &Own<'_>,
    ) {
        let mut elsewhere: IndexMap<(Goal, Goal), Taken> = IndexMap::new();
        let mut does: IndexMap<Key, Taken> = IndexMap::new();
        let gone = old
            .ways
            .keys()
            .filter(|event| !new.ways.contains_key(*event));
        for event in new.ways.keys().chain(gone) {
            let fallback = |step, version| self.fallback(step, event, version);
            let before = old
                .ways
                .get(event)
                .cloned()
                .or_else(|| fallback(steps.map(|(old, _)| old), self.old));
            let now = new
                .ways
                .get(event)
                .cloned()
                .or_else(|| fallback(steps.map(|(_, new)| new), self.new));
            let is_gone = !new.ways.contains_key(event);
            let written = if is_gone {
                old.ways.get(event)
            } else {
                new.ways.get(event)
            };
            let at = written.map_or(0..0, |way| way.at.clone());
            let taken = |at, gone| Taken {
                events: Vec::new(),
                at,
                gone,
            };
            let to = |way: &Option<Way>| way.as_ref().map_or(Goal::Nothing, |way| way.to.clone());
            let goals = (self.pairs.goal(&to(&before)), to(&now));
            if goals.0 != goals.1 {
                elsewhere
                    .entry(goals)
                    .or_insert_with(|| taken(at.clone(), is_gone))
                    .events
                    .push(event.clone());
            }
            let does_of = |way: Option<Way>| way.map(|way| way.does).unwrap_or_default();
            for Changed {
                key,
                old,
                new,
                at,
                gone,
            } in changed(&does_of(before), &does_of(now))
            {
                does.entry((key, old, new))
                    .or_insert_with(|| taken(at, gone))
                    .events
                    .push(event.clone());
            }
        }
        let names: Vec<String> = steps.iter().map(|(_, new)| new.name.to_owned()).collect();
        for ((was, is), taken) in elsewhere {
            self.note(
                rank,
                names.clone(),
                What::Way(taken.events, was, is),
                &taken.at,
                taken.gone,
            );
        }
        for ((key, was, is), taken) in does {
            self.note(
                rank,
                names.clone(),
                What::Does(taken.events, key, was, is),
                &taken.at,
                taken.gone,
            );
        }
    }

    /// Where something leads that a step does not say itself.
    fn fallback(
        &self,
        step: Option<&Facts<'_>>,
        event: &Event,
        version: &Version<'_>,
    ) -> Option<Way> {
        let step = step.filter(|step| step.asks)?;
        match event {
            Event::NoInput | Event::NoMatch => Some(Way {
                to: version.gives_up(),
                at: step.at.clone(),
                does: BTreeMap::new(),
            }),
            Event::Keys(keys) if step.is_menu => version
                .own
                .ways
                .get(&Event::Anywhere(keys.clone()))
                .cloned(),
            _ => None,
        }
    }
}

/// A value that changed.
pub struct Changed {
    /// Its key.
    pub key: Vec<String>,
    /// What it was.
    pub old: Option<String>,
    /// What it is.
    pub new: Option<String>,
    /// Where it stands.
    pub at: Range<usize>,
    /// Whether that is in the old version.
    pub gone: bool,
}

/// The values that changed, those that are gone last.
pub fn changed(
    old: &BTreeMap<Vec<String>, Value>,
    new: &BTreeMap<Vec<String>, Value>,
) -> Vec<Changed> {
    let mut all = Vec::new();
    // An order is compared only of the same names: one more of them is told of itself.
    let names = |value: &Value| {
        let mut names: Vec<&str> = value.is.shown.split(", ").collect();
        names.sort_unstable();
        names.join(", ")
    };
    let is_order = |key: &[String]| key.last().is_some_and(|last| last == leaves::ORDER);
    for (key, value) in new {
        let before = old.get(key);
        if is_order(key) && before.is_none_or(|before| names(before) != names(value)) {
            continue;
        }
        if before.is_none_or(|before| !before.is.is(&value.is)) {
            let old = before.map(|before| before.is.shown.clone());
            let new = Some(value.is.shown.clone());
            all.push(Changed {
                key: key.clone(),
                old,
                new,
                at: value.at.clone(),
                gone: false,
            });
        }
    }
    for (key, value) in old
        .iter()
        .filter(|(key, _)| !new.contains_key(*key) && !is_order(key))
    {
        let old = Some(value.is.shown.clone());
        all.push(Changed {
            key: key.clone(),
            old,
            new: None,
            at: value.at.clone(),
            gone: true,
        });
    }
    all
}
