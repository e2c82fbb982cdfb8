//! Which step of the one version is which of the other.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::facts::{Facts, Version};
use super::said::words;
use super::{Event, Goal};

/// The most pairs of steps without a namesake that are looked at one by one.
const MAX_PAIRS: usize = 100_000;

/// Which step is which.
#[derive(Default)]
pub struct Pairs {
    /// The place of each old step's counterpart.
    pub new_of: Vec<Option<usize>>,
    /// The place of each new step's counterpart.
    pub old_of: Vec<Option<usize>>,
    /// Steps with another name: the old one, and the new one.
    pub renamed: BTreeMap<String, String>,
}

impl Pairs {
    /// Steps of one name are one; of the others, those that are most alike.
    pub fn new<'a>(old: &Version<'a>, new: &Version<'a>) -> Self {
        let by_name: HashMap<&str, usize> = new
            .steps
            .iter()
            .enumerate()
            .map(|(at, step)| (step.name, at))
            .collect();
        let new_of: Vec<_> = old
            .steps
            .iter()
            .map(|step| by_name.get(step.name).copied())
            .collect();
        let mut pairs = Self {
            new_of,
            old_of: vec![None; new.steps.len()],
            renamed: BTreeMap::new(),
        };
        for (from, to) in pairs.new_of.iter().enumerate() {
            if let Some(to) = to {
                pairs.old_of[*to] = Some(from);
            }
        }
        pairs.find_renamed(old, new);
        pairs
    }

    /// The goal that an old one is in the new version.
    pub fn goal(&self, old: &Goal) -> Goal {
        match old {
            Goal::Step(name) => Goal::Step(self.renamed.get(name).unwrap_or(name).clone()),
            other => other.clone(),
        }
    }

    fn find_renamed<'a>(&mut self, old: &Version<'a>, new: &Version<'a>) {
        let left = |all: &[Option<usize>]| -> Vec<usize> {
            (0..all.len()).filter(|at| all[*at].is_none()).collect()
        };
        let (gone, come) = (left(&self.new_of), left(&self.old_of));
        if gone.is_empty() || come.is_empty() || gone.len() * come.len() > MAX_PAIRS {
            return;
        }
        let names = |version: &Version<'a>| -> HashSet<&'a str> {
            version.steps.iter().map(|step| step.name).collect()
        };
        let (old_names, new_names) = (names(old), names(new));
        let known = |goal: &Goal| match goal {
            Goal::Step(name) => {
                old_names.contains(name.as_str()) && new_names.contains(name.as_str())
            }
            _ => true,
        };
        let of_old: Vec<Traits> = gone
            .iter()
            .map(|at| Traits::new(&old.steps[*at], old, &known))
            .collect();
        let of_new: Vec<Traits> = come
            .iter()
            .map(|at| Traits::new(&new.steps[*at], new, &known))
            .collect();
        let mut likely: Vec<(usize, usize, usize)> = Vec::new();
        for (one, from) in of_old.iter().enumerate() {
            for (other, to) in of_new.iter().enumerate() {
                likely.extend(
                    from.likeness(to)
                        .map(|likeness| (likeness, gone[one], come[other])),
                );
            }
        }
        likely.sort_by_key(|(likeness, from, to)| (std::cmp::Reverse(*likeness), *from, *to));
        for (_, from, to) in likely {
            if self.new_of[from].is_none() && self.old_of[to].is_none() {
                self.new_of[from] = Some(to);
                self.old_of[to] = Some(from);
                self.renamed.insert(
                    old.steps[from].name.to_owned(),
                    new.steps[to].name.to_owned(),
                );
            }
        }
    }
}

/// What a step is known by when its name is not: each trait with its weight.
struct Traits {
    action: &'static str,
    all: Vec<(String, usize)>,
}

impl Traits {
    fn new(step: &Facts<'_>, version: &Version<'_>, known: &dyn Fn(&Goal) -> bool) -> Self {
        let language = &version.loaded.flow.languages[0].tag;
        let said = step.own.prompts.iter().map(|(key, item)| {
            let weight = if key.len() == 1 { 3 } else { 1 };
            (
                format!(
                    "{key:?} {}",
                    words(&version.speech.of_item(*item, language))
                ),
                weight,
            )
        });
        // Where a way leads to a step that has another name itself, only that there is such a way is known of it.
        let way = |(event, way): (&Event, &super::facts::Way)| match &way.to {
            Goal::Step(_) if !known(&way.to) => (format!("{event:?}"), 1),
            to => (format!("{event:?} {to:?}"), 1),
        };
        let values = step
            .own
            .values
            .iter()
            .map(|(key, value)| (format!("{key:?} {}", value.is.shown), 1));
        let mut all: Vec<_> = said
            .chain(step.own.ways.iter().map(way))
            .chain(values)
            .collect();
        all.sort();
        Self {
            action: step.action,
            all,
        }
    }

    /// How much two steps have in common, in thousandths; nothing if that is less than half.
    fn likeness(&self, other: &Self) -> Option<usize> {
        let weight = |all: &[(String, usize)]| all.iter().map(|(_, weight)| weight).sum::<usize>();
        let common = self
            .all
            .iter()
            .filter(|it| other.all.binary_search(it).is_ok())
            .map(|(_, weight)| weight);
        let (common, most) = (
            common.sum::<usize>(),
            weight(&self.all).max(weight(&other.all)).max(1),
        );
        let likeness = common * 1000 / most;
        (self.action == other.action && likeness >= 500).then_some(likeness)
    }
}
