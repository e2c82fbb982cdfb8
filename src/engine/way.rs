//! A way out of a step: what is set, appended and forgotten on it, and where it leads.

use std::borrow::Cow;
use std::ops::Range;

use super::changes::Changes;
use super::edge::{By, Edge, Effect, RoomAfter, Target};
use super::ids::Slot;

/// Changes and a target.
#[derive(Debug)]
pub struct Way {
    pub(super) changes: Changes,
    pub(super) next: Target,
    /// The bytes of the target's name.
    pub(super) at: Range<usize>,
    /// Where it leads instead, and what else changes then, where its list can take no more.
    pub(super) full: Option<Box<Way>>,
}

/// The name of the way that is taken in place of another where a list can take no more.
pub fn full(on: impl Into<Cow<'static, str>>) -> Cow<'static, str> {
    Cow::Owned(format!("{}.full", on.into()))
}

impl Way {
    /// Where it leads, unless its list can take no more.
    pub fn target(&self) -> Target {
        self.next
    }

    /// The bytes of the target's name.
    pub fn place(&self) -> Range<usize> {
        self.at.clone()
    }

    /// Where it leads if its list can take no more, where the flow says so.
    pub fn full_target(&self) -> Option<Target> {
        self.full.as_ref().map(|full| full.next)
    }

    /// The edges that it is: itself, and the one that is taken in its place where its list can take no more.
    pub fn edges(&self, on: &str, by: &By) -> Vec<Edge> {
        let mut edge = Edge {
            on: on.to_owned(),
            by: by.clone(),
            to: self.next,
            at: self.at.clone(),
            does: self.changes.effect(),
        };
        if let (Some(appends), Some(_)) = (&mut edge.does.appends, &self.full) {
            appends.room = RoomAfter::Some;
        }
        let full = self.full.as_ref().map(|full_way| Edge {
            on: full(on.to_owned()).into_owned(),
            by: by.clone(),
            to: full_way.next,
            at: full_way.at.clone(),
            does: self.full_effect(&full_way.changes),
        });
        std::iter::once(edge).chain(full).collect()
    }

    /// What its own changes do to names, and then those of the way where its list can take no more.
    fn full_effect(&self, then: &Changes) -> Effect {
        let (mut does, then) = (self.changes.effect(), then.effect());
        if let Some(appends) = &mut does.appends {
            appends.room = RoomAfter::None;
        }
        let before = does.sets.len();
        let reads = then.reads.into_iter();
        does.reads
            .extend(reads.map(|(set, reading)| (before + set, reading)));
        let worked = then.worked.into_iter();
        does.worked
            .extend(worked.map(|(set, code)| (before + set, code)));
        let is_set_again = |slot: &Slot| then.sets.iter().any(|(other, _)| other == slot);
        does.forgets.retain(|slot| !is_set_again(slot));
        does.sets.extend(then.sets);
        does.forgets.extend(then.forgets);
        does
    }
}
