//! The file of a flow and those of the flows that it goes through, read as one flow: all names first, then all steps.

use std::collections::BTreeMap;
use std::ops::Range;

use jiff::tz::TimeZone;
use toml::de::DeTable;

use super::super::flow::{Milestone, Places, StepOf, Subflow};
use super::super::ids::StepId;
use super::super::key::Key;
use super::super::keys::top::{ANYWHERE, LANGUAGE, LANGUAGES, ZONE};
use super::super::read::Checker;
use super::super::steps::ended;
use super::call_fields::call_fields;
use super::events::events;
use super::interface::{args, ends};
use super::milestones::milestones;
use super::names::{answers, few_names, keep_secrets, spoken, spoken_otherwise, variables};
use super::numbers::contacts;
use super::queues::queues;
use super::steps::{few_steps, step, step_names};
use super::subflows::Subflows;
use super::{anywhere, give_up, start};
use crate::hours::zone_named;
use crate::written::{Item, Table};

/// One file.
pub(super) struct File<'a> {
    pub top: Table<'a>,
    document: &'a DeTable<'a>,
    /// Its steps, by name.
    pub steps: Vec<(&'a str, Item<'a>)>,
    /// Where it ends for the flow that goes through it: the name, and where that stands first.
    ends: Vec<(String, Range<usize>)>,
    /// The zone of its clock, where it has one of its own.
    zone: Option<TimeZone>,
}

/// All of them, that of the flow first.
pub(super) struct Files<'a> {
    pub all: Vec<File<'a>>,
}

/// The keys of every question: of the flow, and of those that it goes through.
pub(super) struct Anywhere {
    pub own: Vec<Key>,
    pub inner: Vec<Option<Vec<Key>>>,
}

impl<'a> Files<'a> {
    /// Reads which steps there are; `None` where there are too many to go on.
    pub(super) fn of(
        top: Table<'a>,
        document: &'a DeTable<'a>,
        subflows: &'a Subflows<'a>,
        check: &mut Checker<'a>,
    ) -> Option<Self> {
        let inner = subflows.all.iter();
        let inner = inner.map(|part| (Table::new(&part.document, 0..0), &part.document));
        let mut all = Vec::new();
        let mut first: usize = 0;
        for (at, (top, document)) in std::iter::once((top, document)).chain(inner).enumerate() {
            let file = check.within(at, |check| {
                let zone = check.is_inner().then(|| outer_says(&top, check)).flatten();
                check.here.first = StepId::try_from(first).unwrap_or(StepId::MAX);
                let steps = step_names(&top, check)?;
                let ends = ends(&top, document, check);
                for (place, (name, _)) in ends.iter().enumerate() {
                    let id = StepId::try_from(first + steps.len() + place);
                    let id = id.unwrap_or(StepId::MAX);
                    check.here.steps.insert(name.clone(), id);
                }
                Some(File {
                    top,
                    document,
                    steps,
                    ends,
                    zone,
                })
            })?;
            first += file.steps.len() + file.ends.len();
            all.push(file);
        }
        few_steps(first, check).then_some(Self { all })
    }

    /// Reads what the names of the files are; the contacts of all of them. `None` where there are too many names to go on.
    pub(super) fn names(
        &self,
        own: BTreeMap<String, String>,
        check: &mut Checker<'a>,
    ) -> Option<BTreeMap<String, String>> {
        let mut contacts_of_all = own;
        self.each(check, |file, check| {
            check.own_prompts(&file.top);
            if check.is_inner() {
                args(&file.top, check);
                let contacts = contacts(&file.top, check).into_iter();
                let full = contacts.map(|(name, number)| (check.full_name(&name), number));
                contacts_of_all.extend(full.collect::<Vec<_>>());
            }
            answers(&file.top, &file.steps, check);
        });
        keep_secrets(check);
        self.each(check, |file, check| variables(file.document, check));
        if !few_names(check) {
            return None;
        }
        self.each(check, |file, check| {
            call_fields(&file.top, check);
            queues(&file.top, check);
            if !check.is_inner() {
                args(&file.top, check);
            }
        });
        Some(contacts_of_all)
    }

    /// Reads the keys of every question.
    pub(super) fn anywhere(&self, check: &mut Checker<'a>) -> Anywhere {
        let mut all = self.each(check, |file, check| {
            let own = anywhere(&file.top, check);
            file.top.peek(ANYWHERE.name).map(|_| own)
        });
        for (at, own) in all.iter().enumerate().skip(1) {
            if own.is_none() {
                let outer = check.flow_at(at).outer;
                let outer = check.flow_at(outer).anywhere.clone();
                check.within(at, |check| check.here.anywhere = outer);
            }
        }
        let own = all.remove(0).unwrap_or_default();
        Anywhere { own, inner: all }
    }

    /// Reads the steps.
    pub(super) fn steps(&self, check: &mut Checker<'a>) -> Vec<Option<StepOf>> {
        for at in 0..self.all.len() {
            let start = check.within(at, |check| start(&self.all[at].top, check));
            check.within(at, |check| check.here.start = start);
        }
        let all = self.each(check, |file, check| {
            let subflow = check.subflow();
            let steps = file.steps.iter().map(|(name, item)| {
                let parsed = step(name, *item, check)?;
                Some(StepOf {
                    name: check.full_name(&parsed.name),
                    subflow,
                    ..parsed
                })
            });
            let mut parsed: Vec<_> = steps.collect();
            for (name, _) in &file.ends {
                parsed.push(end(name, subflow, check));
            }
            parsed
        });
        all.into_iter().flatten().collect()
    }

    /// Reads what the flows that are gone through say of themselves.
    pub(super) fn subflows(
        &self,
        found: &Subflows<'_>,
        anywhere: Vec<Option<Vec<Key>>>,
        parsed: &[Option<StepOf>],
        check: &mut Checker<'a>,
    ) -> Option<Vec<Subflow>> {
        let mut all = Vec::new();
        for ((at, part), anywhere) in found.all.iter().enumerate().zip(anywhere) {
            let file = &self.all[at + 1];
            let step = check.within(part.outer, |check| check.step(&part.step))?;
            let (give_up, on) = check.within(at + 1, |check| {
                (give_up(&file.top, check), events(&file.top, parsed, check))
            });
            let fails = check.fails.remove(&(at + 1));
            all.push(Subflow {
                flow: part.flow.to_owned(),
                step,
                prefix: part.prefix.clone(),
                file: part.file.file.clone(),
                begins: part.file.begins,
                zone: file.zone.clone(),
                give_up,
                on_hangup: on.hangup,
                on_error: on.error.or(fails),
                anywhere,
            });
        }
        Some(all)
    }

    /// Reads the milestones; one of a flow that is gone through at several steps is reached at any of them.
    pub(super) fn milestones(&self, check: &mut Checker<'a>) -> Vec<Milestone> {
        let all = self.each(check, |file, check| {
            let own = milestones(&file.top, check).into_iter();
            let prefix = if check.is_inner() {
                format!("{}.", check.here.flow)
            } else {
                String::new()
            };
            let full = own.map(|milestone| Milestone {
                name: format!("{prefix}{}", milestone.name),
                ..milestone
            });
            full.collect::<Vec<_>>()
        });
        let mut known: Vec<Milestone> = Vec::new();
        for milestone in all.into_iter().flatten() {
            match known.iter_mut().find(|other| other.name == milestone.name) {
                Some(other) => other.steps.extend(milestone.steps),
                None => known.push(milestone),
            }
        }
        known
    }

    /// Reads the words by which values are spoken.
    pub(super) fn spoken(&self, check: &mut Checker<'a>) {
        let words = self.each(check, |_, check| {
            let written = std::mem::take(&mut check.here.spoken_by);
            spoken(written, check)
        });
        let words = words.into_iter().flatten().collect();
        spoken_otherwise(&words, check);
    }

    /// Where things stand.
    pub(super) fn places(&self, check: &mut Checker<'a>) -> Places {
        let steps = self.all.iter().flat_map(|file| {
            let steps = file.steps.iter().map(|(_, item)| item.key_span());
            steps.chain(file.ends.iter().map(|(_, at)| at.clone()))
        });
        Places {
            steps: steps.collect(),
            answers: std::mem::take(&mut check.answer_places),
            call_fields: std::mem::take(&mut check.call_places),
        }
    }

    /// Does something in each file.
    fn each<T>(
        &self,
        check: &mut Checker<'a>,
        mut read: impl FnMut(&File<'a>, &mut Checker<'a>) -> T,
    ) -> Vec<T> {
        let all = self.all.iter().enumerate();
        all.map(|(at, file)| check.within(at, |check| read(file, check)))
            .collect()
    }
}

/// What is read of a file that its outer flow decides otherwise: which languages it knows, and its zone.
fn outer_says(top: &Table<'_>, check: &mut Checker<'_>) -> Option<TimeZone> {
    let first = top.peek(LANGUAGE.key.name);
    let first = first.and_then(|item| item.value.as_str());
    let others = top.peek(LANGUAGES.name);
    let others = others.and_then(|item| item.value.as_table());
    let others = others.into_iter().flat_map(DeTable::keys);
    let others = others.map(|tag| tag.get_ref().as_ref());
    check.here.tags = first.into_iter().chain(others).map(str::to_owned).collect();
    let outer = check.flow_at(check.here.outer).has_zone;
    let named = ZONE.find(top, check);
    let zone = named.and_then(|(name, span)| zone_named(&name, span, check));
    check.here.has_zone = zone.is_some() || outer;
    zone
}

/// What comes where a flow ends: what the flow that goes through it has said, or the end of the call.
fn end(name: &str, subflow: Option<u16>, check: &mut Checker<'_>) -> Option<StepOf> {
    let id = check.step(name)?;
    let action = if check.is_inner() {
        check.returns.remove(&id)?
    } else {
        let gives = check.here.gives.clone();
        ended(name, gives)
    };
    Some(StepOf {
        name: check.full_name(name),
        ways: action.edges().into_iter().map(|edge| edge.on).collect(),
        action,
        subflow,
    })
}
