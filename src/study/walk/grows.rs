//! Ways that append to a list: how many entries it has where each is taken, and what that does to names.

use std::ops::Range;

use crate::engine::edge::{Appends, Effect, RoomAfter};
use crate::engine::ids::Slot;

/// What a way needs of the list that it appends to, and does to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grows {
    /// The list.
    pub list: Slot,
    /// Whether it gets one more entry; else there is no room for one.
    pub adds: bool,
    /// How many entries it has where the way is taken.
    at: Range<usize>,
    /// The names that are moved.
    names: Vec<Slot>,
    /// How many names are set before.
    after: usize,
}

impl Grows {
    /// The ways that an edge is which appends.
    pub fn of(appends: &Appends) -> Vec<Self> {
        let most = appends.most;
        let last = most.saturating_sub(1);
        let all = match appends.room {
            RoomAfter::Any => vec![(0..most, true)],
            RoomAfter::Some => vec![(0..last, true)],
            RoomAfter::None => vec![(last..most, true), (most..most + 1, false)],
        };
        let way = |(at, adds): (Range<usize>, bool)| Self {
            list: appends.list,
            adds,
            at,
            names: appends.names.clone(),
            after: appends.after,
        };
        all.into_iter().map(way).collect()
    }

    /// Whether the way is taken where the list has so many entries.
    pub fn is_taken_at(&self, entries: usize) -> bool {
        self.at.contains(&entries)
    }

    /// What it does to names: the list has an entry, and what was moved into that is unset unless it is set again.
    pub fn change(&self, does: &mut Effect) {
        if !self.adds {
            return;
        }
        let later = &does.sets[self.after.min(does.sets.len())..];
        let is_set_again = |slot: &&Slot| later.iter().any(|(other, _)| other == *slot);
        let moved: Vec<Slot> = self
            .names
            .iter()
            .filter(|slot| !is_set_again(slot))
            .copied()
            .collect();
        does.forgets.extend(moved);
        does.sets.push((self.list, None));
    }
}
