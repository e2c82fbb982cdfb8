//! Two versions, held against each other.

use std::collections::BTreeMap;
use std::ops::Range;

use indexmap::IndexMap;
use toml::de::DeTable;

use super::facts::{Facts, Own, Version};
use super::prompts::{Said, Speakers};
use super::said::words;
use super::steps::Pairs;
use super::ways::{Changed, changed};
use super::{Change, Diff, What, flows, order, prompts};
use crate::engine::diag::Place;
use crate::engine::keys::shared::INTO;
use crate::engine::load::Loaded;
use crate::written::syntax;

/// Compares them.
pub fn versions(old: &Loaded, new: &Loaded) -> Diff {
    if old.flow.fingerprint == new.flow.fingerprint {
        return Diff::default();
    }
    let (old_text, new_text) = (
        syntax::faults(&old.bundle.source).0,
        syntax::faults(&new.bundle.source).0,
    );
    let (old_document, new_document) = (
        DeTable::parse_recoverable(&old_text).0,
        DeTable::parse_recoverable(&new_text).0,
    );
    let old = Version::new(old, old_document.get_ref());
    let new = Version::new(new, new_document.get_ref());
    let pairs = Pairs::new(&old, &new);
    let mut compare = Compare {
        old: &old,
        new: &new,
        pairs: &pairs,
        found: Vec::new(),
        said: IndexMap::new(),
    };
    compare.all();
    let changes = compare.in_order();
    Diff {
        changes,
        renamed: pairs.renamed,
    }
}

/// Where a change is told: the flow itself first, then the steps in the order of the new file.
pub type Rank = usize;

/// Two versions, and what was found to change between them.
pub struct Compare<'a> {
    pub old: &'a Version<'a>,
    pub new: &'a Version<'a>,
    pub pairs: &'a Pairs,
    found: Vec<(Rank, Change)>,
    /// What is said other than before, by language and words: prompts are shared, and told once.
    pub said: IndexMap<Said, Speakers>,
}

impl<'a> Compare<'a> {
    fn all(&mut self) {
        flows::compare(self);
        let (old, new) = (self.old, self.new);
        self.ways(0, None, &old.own, &new.own);
        self.values(0, None, &old.own, &new.own);
        self.spoken();
        for (at, step) in new.steps.iter().enumerate() {
            match self.pairs.old_of[at] {
                Some(before) => self.step(at + 1, &old.steps[before], step),
                None => self.step_new(at + 1, step),
            }
        }
        let mut rank = 0;
        for (at, step) in old.steps.iter().enumerate() {
            match self.pairs.new_of[at] {
                Some(now) => rank = now + 1,
                None => self.note(
                    rank,
                    vec![step.name.to_owned()],
                    What::StepGone(step.action.to_owned()),
                    &step.at,
                    true,
                ),
            }
        }
        // Where no way changed, no order did.
        if self.found.iter().any(|(_, change)| change.is_of_ways()) {
            self.order();
        }
    }

    /// Notes a change at a place of the flow's own file.
    pub fn note(
        &mut self,
        rank: Rank,
        steps: Vec<String>,
        what: What,
        at: &Range<usize>,
        gone: bool,
    ) {
        let bundle = if gone {
            &self.old.loaded.bundle
        } else {
            &self.new.loaded.bundle
        };
        let at = Place {
            file: bundle.file.clone(),
            span: at.clone(),
        };
        self.found.push((
            rank,
            Change {
                steps,
                what,
                at,
                gone,
            },
        ));
    }

    fn in_order(mut self) -> Vec<Change> {
        for (rank, change) in prompts::told(&mut self) {
            self.found.push((rank, change));
        }
        self.found.sort_by_key(|(rank, _)| *rank);
        self.found.into_iter().map(|(_, change)| change).collect()
    }

    fn step_new(&mut self, rank: Rank, step: &Facts<'_>) {
        let language = &self.new.loaded.flow.languages[0].tag;
        let said = step.own.prompts.get(&vec![step.action.to_owned()]);
        let said = said
            .map(|item| words(&self.new.speech.of_item(*item, language)))
            .unwrap_or_default();
        self.note(
            rank,
            vec![step.name.to_owned()],
            What::StepNew(step.action.to_owned(), said),
            &step.at,
            false,
        );
    }

    fn step(&mut self, rank: Rank, old: &Facts<'a>, new: &Facts<'a>) {
        let steps = || vec![new.name.to_owned()];
        if old.name != new.name {
            self.note(
                rank,
                steps(),
                What::StepRenamed(old.name.to_owned()),
                &new.at,
                false,
            );
        }
        if old.action != new.action {
            let what = What::Action(old.action.to_owned(), new.action.to_owned());
            return self.note(rank, steps(), what, &new.at, false);
        }
        let renamed = self.conditions(rank, old, new);
        self.ways(
            rank,
            Some((old, new)),
            renamed.as_ref().unwrap_or(&old.own),
            &new.own,
        );
        for (key, item) in &new.own.prompts {
            let (before, now) = (old.own.prompts.get(key).copied(), Some(*item));
            self.prompt(rank, new, key, before, now);
        }
        for (key, item) in old
            .own
            .prompts
            .iter()
            .filter(|(key, _)| !new.own.prompts.contains_key(*key))
        {
            self.prompt(rank, new, key, Some(*item), None);
        }
        self.values(rank, Some(new), &old.own, &new.own);
    }

    /// Everything that no other rule has words for.
    fn values(&mut self, rank: Rank, step: Option<&Facts<'_>>, old: &Own<'_>, new: &Own<'_>) {
        let by_key = |own: &Own<'_>| {
            own.values
                .iter()
                .map(|(key, value)| (key.clone(), value.clone()))
                .collect()
        };
        let (before, now): (BTreeMap<_, _>, BTreeMap<_, _>) = (by_key(old), by_key(new));
        for Changed {
            key,
            old,
            new,
            at,
            gone,
        } in changed(&before, &now)
        {
            let what = match step {
                Some(step) => self.named(step, key, old, new),
                None => What::Key(key, old, new),
            };
            self.note(
                rank,
                step.iter().map(|step| step.name.to_owned()).collect(),
                what,
                &at,
                gone,
            );
        }
    }

    /// A key of a step, in the words that its meaning has.
    fn named(
        &self,
        step: &Facts<'_>,
        key: Vec<String>,
        old: Option<String>,
        new: Option<String>,
    ) -> What {
        let bare = |text: &str| text.trim_matches('"').to_owned();
        let does = self
            .new
            .loaded
            .flow
            .steps
            .iter()
            .find(|other| other.name == step.name)
            .map(|step| &step.action);
        let (Some(was), Some(is)) = (&old, &new) else {
            return match key.as_slice() {
                [into] if into == INTO.name => {
                    What::Stores(old.as_deref().map(bare), new.as_deref().map(bare))
                }
                _ => What::Key(key, old, new),
            };
        };
        let says = |text: Option<&str>| text.is_some_and(|text| bare(is) == text);
        match key.as_slice() {
            [into] if into == INTO.name => What::Stores(Some(bare(was)), Some(bare(is))),
            _ if says(does.and_then(|does| does.backend()).map(|(name, _)| name)) => {
                What::Submits(bare(was), bare(is))
            }
            [action]
                if action == step.action
                    && says(does.and_then(|does| does.away()).map(|away| away.whom)) =>
            {
                What::Dials(bare(was), bare(is))
            }
            _ => What::Key(key, old, new),
        }
    }

    fn order(&mut self) {
        for moved in order::moved(self.old, self.new, self.pairs) {
            let step = &self.new.steps[moved.question];
            let other = self.new.steps[moved.other].name.to_owned();
            let what = if moved.is_earlier {
                What::Earlier(other)
            } else {
                What::Later(other)
            };
            self.note(
                moved.question + 1,
                vec![step.name.to_owned()],
                what,
                &step.at,
                false,
            );
        }
    }
}

impl Change {
    fn is_of_ways(&self) -> bool {
        matches!(
            self.what,
            What::Way(..) | What::StepNew(..) | What::StepGone(..) | What::Action(..)
        )
    }
}
