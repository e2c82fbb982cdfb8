//! Compares two versions.

use std::collections::BTreeMap;

use toml::de::DeTable;

use super::changed::changed;
use super::comparison::{Comparison, Rank};
use super::facts::{Facts, Own, Version};
use super::prompts::Prompts;
use super::said::words;
use super::steps::Pairs;
use super::{Change, Diff, What, order};
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
    let comparison = Comparison {
        old: &old,
        new: &new,
        pairs: &pairs,
        found: Vec::new(),
    };
    let changes = comparison.changes();
    let unnoticed = |version: &Version<'_>| {
        let steps = version.steps.iter().filter(|step| step.only_ends);
        steps.map(|step| step.name.to_owned()).collect()
    };
    Diff {
        changes,
        unnoticed: (unnoticed(&old), unnoticed(&new)),
        renamed: pairs.renamed,
    }
}

impl<'a> Comparison<'a> {
    /// Everything that changes, in order.
    fn changes(mut self) -> Vec<Change> {
        let mut prompts = Prompts::new(self.old, self.new);
        self.flow();
        let (old, new) = (self.old, self.new);
        self.ways(0, None, &old.own, &new.own);
        self.values(0, None, &old.own, &new.own);
        prompts.of_none();
        prompts.of_values();
        self.steps(&mut prompts);
        self.steps_gone();
        // Where no way changed, no order did.
        if self.found.iter().any(|(_, change)| change.is_of_ways()) {
            self.order();
        }
        self.found.extend(prompts.changes());
        self.found.sort_by_key(|(rank, _)| *rank);
        self.found.into_iter().map(|(_, change)| change).collect()
    }

    /// The steps of the new version, in its order.
    fn steps(&mut self, prompts: &mut Prompts<'a>) {
        let (old, new) = (self.old, self.new);
        for (at, step) in new.steps.iter().enumerate() {
            match self.pairs.old_of[at] {
                Some(before) => self.step(at + 1, &old.steps[before], step, prompts),
                None if step.only_ends => {}
                None => self.step_new(at + 1, step),
            }
        }
    }

    /// The steps that are gone, each after the step that it followed.
    fn steps_gone(&mut self) {
        let old = self.old;
        let mut rank = 0;
        for (at, step) in old.steps.iter().enumerate() {
            if let Some(now) = self.pairs.new_of[at] {
                rank = now + 1;
            } else if !step.only_ends {
                let what = What::StepGone(step.action.to_owned());
                self.note(rank, vec![step.name.to_owned()], what, &step.at, true);
            }
        }
    }

    fn step_new(&mut self, rank: Rank, step: &Facts<'_>) {
        let language = &self.new.loaded.flow.languages[0].tag;
        let said = step.own.prompts.get(&vec![step.action.to_owned()]);
        let said = said
            .map(|item| words(&self.new.speech.of_item(*item, language)))
            .unwrap_or_default();
        let what = What::StepNew(step.action.to_owned(), said);
        self.note(rank, vec![step.name.to_owned()], what, &step.at, false);
    }

    fn step(&mut self, rank: Rank, old: &Facts<'a>, new: &Facts<'a>, prompts: &mut Prompts<'a>) {
        let steps = || vec![new.name.to_owned()];
        if old.name != new.name {
            let what = What::StepRenamed(old.name.to_owned());
            self.note(rank, steps(), what, &new.at, false);
        }
        if old.action != new.action {
            let what = What::Action(old.action.to_owned(), new.action.to_owned());
            return self.note(rank, steps(), what, &new.at, false);
        }
        let renamed = self.conditions(rank, old, new);
        let before = renamed.as_ref().unwrap_or(&old.own);
        self.ways(rank, Some((old, new)), before, &new.own);
        prompts.of_step(rank, old, new);
        self.values(rank, Some(new), &old.own, &new.own);
    }

    /// Everything that no other rule has words for.
    fn values(&mut self, rank: Rank, step: Option<&Facts<'_>>, old: &Own<'_>, new: &Own<'_>) {
        let by_key = |own: &Own<'_>| -> BTreeMap<_, _> { own.values.clone().into_iter().collect() };
        for changed in changed(&by_key(old), &by_key(new)) {
            let what = match step {
                Some(step) => self.named(step, changed.key, changed.old, changed.new),
                None => What::Key(changed.key, changed.old, changed.new),
            };
            let steps = step.iter().map(|step| step.name.to_owned()).collect();
            self.note(rank, steps, what, &changed.at, changed.gone);
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
        let bare = |text: Option<&str>| text.map(|text| text.trim_matches('"').to_owned());
        let (was, is) = (bare(old.as_deref()), bare(new.as_deref()));
        if key == [INTO.name] {
            return What::Stores(was, is);
        }
        let (Some(was), Some(is)) = (was, is) else {
            return What::Key(key, old, new);
        };
        let mut steps = self.new.loaded.flow.steps.iter();
        let named = steps.find(|other| other.name == step.name);
        let action = named.map(|step| &step.action);
        let backend = action.and_then(|action| action.backend());
        if backend.is_some() && [&was, &is].iter().all(|is| is.parse::<bool>().is_ok()) {
            return What::Partial(is == "true");
        }
        if backend.is_some_and(|(name, _)| name == is) {
            return What::Submits(was, is);
        }
        let away = action.and_then(|action| action.away());
        match away.filter(|away| {
            key.first().is_some_and(|first| *first == away.action) && away.whom.written() == is
        }) {
            Some(away) => What::Destination(away.action, was, is),
            None => What::Key(key, old, new),
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
            let rank = moved.question + 1;
            self.note(rank, vec![step.name.to_owned()], what, &step.at, false);
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
