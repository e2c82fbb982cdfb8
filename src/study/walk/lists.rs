//! Lists: where one may have no room for an entry, where an entry lacks an answer, what a submission lacks of a list, and
//! what is in no entry when it is submitted.

use std::collections::BTreeSet;

use super::Walk;
use super::facts::length;
use super::name_states::NameStates;
use super::route::Route;
use crate::engine::diag::{Diag, Shows};
use crate::engine::edge::{Appends, RoomAfter};
use crate::engine::flow::AnswerOf;
use crate::engine::ids::Slot;
use crate::engine::step::Outside;
use crate::written::{Code, Explain};

impl Walk<'_> {
    /// Everything about lists.
    pub(super) fn lists(&mut self, names: Option<&NameStates>) {
        self.overflowing_lists();
        self.idle_full_ways();
        self.short_lists();
        if let Some(names) = names {
            self.lacking_entries(names);
            self.left_over_answers(names);
        }
    }

    fn list(&self, slot: Slot) -> &AnswerOf {
        &self.flow().answers[usize::from(slot)]
    }

    /// Ways that append to a list which may have no room, and do not say what comes then.
    fn overflowing_lists(&mut self) {
        let mut told = BTreeSet::new();
        for (at, hop) in self.map.overflows.clone() {
            let way = self.map.way(at, &self.map.hops[at][hop]);
            let Some(Appends {
                list,
                most,
                at: place,
                ..
            }) = way.appends().cloned()
            else {
                continue;
            };
            if !told.insert(place.start) {
                continue;
            }
            let name = &self.list(list).name;
            let message = format!(
                "`{name}` may have its {most} entries already when one more is appended here"
            );
            let help = format!(
                "say where callers go then: `full = \"…\"` beside `append`; it is taken with the entry that is the last of {most}"
            );
            let promised = self.place(self.flow().places.answers[usize::from(list)].clone());
            let diag = Diag::new(Code::ListOverflows, self.place(place), message)
                .help(help)
                .also(promised, "the list is promised here");
            self.tell_shown(diag, &|walk| Some(walk.route_to(at)?.and(at, hop).fails()));
        }
    }

    /// Ways for a full list that no call takes.
    fn idle_full_ways(&mut self) {
        if self.map.stopped_at.is_some() {
            return;
        }
        let mut taken: BTreeSet<(usize, usize)> = BTreeSet::new();
        let mut reached = BTreeSet::new();
        for (moment, hops) in self.map.moments.iter().zip(&self.map.hops) {
            let step = usize::from(moment.step);
            reached.extend((!hops.is_empty()).then_some(step));
            taken.extend(hops.iter().map(|hop| (step, hop.way)));
        }
        let mut idle: BTreeSet<(usize, usize)> = BTreeSet::new();
        let mut used: BTreeSet<usize> = BTreeSet::new();
        for step in reached {
            for (way, of) in self.map.ways[step].iter().enumerate() {
                if of
                    .appends()
                    .is_none_or(|appends| appends.room != RoomAfter::None)
                {
                    continue;
                }
                // One way of the flow leaves many steps.
                if taken.contains(&(step, way)) {
                    used.insert(of.at.start);
                } else {
                    idle.insert((step, way));
                }
            }
        }
        let mut told = BTreeSet::new();
        for (step, way) in idle {
            let way = &self.map.ways[step][way];
            let list = way.appends().map(|appends| appends.list);
            let Some(list) =
                list.filter(|_| !used.contains(&way.at.start) && told.insert(way.at.start))
            else {
                continue;
            };
            let message = format!(
                "no call takes this way: `{}` is never full here",
                self.list(list).name
            );
            let diag = Diag::new(Code::WayNeverTaken, self.place(way.at.clone()), message)
                .help("take `full` out, or mend the `count` of the list");
            self.tell(diag);
        }
    }

    /// Complete submissions of a list that may have too few entries.
    fn short_lists(&mut self) {
        let mut told = BTreeSet::new();
        for at in 0..self.map.moments.len() {
            let moment = &self.map.moments[at];
            let (step, gone) = (moment.step, moment.gone);
            let lists = self.flow().step(step).action.completed();
            for list in lists
                .filter(|slot| self.flow().is_list(*slot))
                .collect::<Vec<_>>()
            {
                let Some((has, needs)) = self.lacks(at, list) else {
                    continue;
                };
                if !told.insert((step, list)) {
                    continue;
                }
                let (name, submits) = (&self.list(list).name, self.name(step));
                let message = format!(
                    "`{name}` may have {has} of the {needs} entries that are promised when `{submits}` submits"
                );
                let help = if gone {
                    "a caller who leaves early has not answered everything: write `partial = true`"
                } else {
                    "append an entry on every way that leads here, or lower the `count` of the list; else the call goes to `[on] error`"
                };
                let promised = self.place(self.flow().places.answers[usize::from(list)].clone());
                let diag = Diag::new(Code::AnswerUnset, self.step_place(step), message)
                    .help(help)
                    .also(promised, "promised here");
                self.tell_shown(diag, &|walk| walk.route_to(at).map(Route::fails));
            }
        }
    }

    /// How many entries a list has at a moment, and how many a complete submission needs, where that is too few.
    fn lacks(&self, at: usize, list: Slot) -> Option<(usize, usize)> {
        let place = self.map.watched.place(list)?;
        let has = length(self.map.state(at)[place])?;
        let of = self.list(list);
        let (needs, _) = of.count()?;
        let may_be_missing = of.optional && has == 0;
        (has < needs && !may_be_missing).then_some((has, needs))
    }

    /// Entries that may lack an answer which each must have.
    fn lacking_entries(&mut self, names: &NameStates) {
        let mut told: BTreeSet<(usize, Slot)> = BTreeSet::new();
        for at in 0..self.map.moments.len() {
            for hop in 0..self.map.hops[at].len() {
                for slot in self.lacking_in(names, at, hop) {
                    self.tell_lacking(&mut told, (at, hop), slot);
                }
            }
        }
    }

    /// The answers of an entry that may be unset when a hop appends it.
    fn lacking_in(&self, names: &NameStates, at: usize, hop: usize) -> Vec<Slot> {
        let way = self.map.way(at, &self.map.hops[at][hop]);
        let (does, Some(grows)) = (&way.does, &way.grows) else {
            return Vec::new();
        };
        let Some(appends) = way.appends().filter(|_| grows.adds) else {
            return Vec::new();
        };
        let before = does.sets.iter().take(appends.after);
        let set: Vec<Slot> = does
            .into
            .iter()
            .chain(before)
            .map(|(slot, _)| *slot)
            .collect();
        let needed = appends.names.iter().copied();
        needed
            .filter(|slot| !self.list(*slot).optional && !set.contains(slot))
            .filter(|slot| names.may_be_unset(at, *slot))
            .collect()
    }

    fn tell_lacking(
        &mut self,
        told: &mut BTreeSet<(usize, Slot)>,
        (at, hop): (usize, usize),
        slot: Slot,
    ) {
        let way = self.map.way(at, &self.map.hops[at][hop]);
        let Some(appends) = way.appends().cloned() else {
            return;
        };
        if told.contains(&(appends.at.start, slot)) {
            return;
        }
        if self.unset_route(slot, at).is_none() {
            return;
        }
        told.insert((appends.at.start, slot));
        let (name, list) = (&self.list(slot).name, &self.list(appends.list).name);
        let message =
            format!("`{name}` may not be set when an entry with it is appended to `{list}`");
        let help = "ask for it on every way that leads here, or promise it as `optional = true`; else the call goes to `[on] error`";
        let promised = self.place(self.flow().places.answers[usize::from(slot)].clone());
        let diag = Diag::new(Code::AnswerUnset, self.place(appends.at), message)
            .help(help)
            .also(promised, "promised here");
        self.tell_shown(diag, &|walk| {
            Some(walk.unset_route(slot, at)?.and(at, hop).fails())
        });
    }

    /// Answers of a list that may be set, and in no entry, when the list is submitted while the caller is there.
    fn left_over_answers(&mut self, names: &NameStates) {
        let mut told = BTreeSet::new();
        for at in 0..self.map.moments.len() {
            let moment = &self.map.moments[at];
            let step = moment.step;
            let Some(Outside::Submits {
                backend, answers, ..
            }) = self
                .flow()
                .step(step)
                .action
                .outside()
                .filter(|_| !moment.gone)
            else {
                continue;
            };
            let lists = answers.iter().map(|list| (*list, &self.list(*list).entry));
            let members =
                lists.flat_map(|(list, entry)| entry.iter().map(move |slot| (list, *slot)));
            for (list, slot) in members.collect::<Vec<_>>() {
                if names.may_be_set(at, slot) && !told.contains(&(step, slot)) {
                    let is_told = self.tell_left_over(at, backend, (list, slot));
                    told.extend(is_told.then_some((step, slot)));
                }
            }
        }
    }

    /// Reports an answer that may be left over at a moment; whether it may be.
    fn tell_left_over(&mut self, at: usize, backend: &str, (list, slot): (Slot, Slot)) -> bool {
        if self.set_route(slot, at).is_none() {
            return false;
        }
        let step = self.map.moments[at].step;
        let (name, list) = (self.list(slot).name.clone(), &self.list(list).name);
        let message = format!(
            "`{name}` may be set and in no entry of `{list}` when `{}` submits: it is not sent",
            self.name(step)
        );
        let help =
            format!("`append = \"{list}\"` on every way that leads here, or `forget = \"{name}\"`");
        let promised = self.place(self.flow().places.answers[usize::from(slot)].clone());
        let diag = Diag::new(Code::AnswerLeftOver, self.step_place(step), message)
            .help(help)
            .also(promised, "promised here");
        let backend = backend.to_owned();
        let answer = name;
        self.tell_shown(diag, &|walk| {
            let (backend, answer) = (backend.clone(), answer.clone());
            let shows = Shows::LeftOver { backend, answer };
            Some(walk.set_route(slot, at)?.shows(Vec::new(), shows))
        });
        true
    }
}
