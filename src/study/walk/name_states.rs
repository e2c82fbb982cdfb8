//! Which names may be set or unset at each moment.

use std::collections::BTreeSet;

use super::facts::is_set;
use super::map::{Goal, Map};
use crate::engine::edge::Effect;
use crate::engine::ids::Slot;

/// The most words of bits that are kept, for names times moments.
const MAX_WORDS: usize = 4_000_000;

/// What may be, one bit per name and moment.
pub struct NameStates {
    words: usize,
    unset: Vec<u64>,
    set: Vec<u64>,
}

impl NameStates {
    /// Finds what may be set and unset; `None` where there is too much of it.
    pub fn of(map: &Map<'_>) -> Option<Self> {
        let names = map.flow.names.len() + map.flow.facts.len();
        let words = names.div_ceil(64);
        if words.checked_mul(map.moments.len())? > MAX_WORDS {
            return None;
        }
        let none = vec![0; words * map.moments.len()];
        let mut all = Self {
            words,
            unset: none.clone(),
            set: none,
        };
        all.begin(map);
        // In the order of the ways, so that a moment is mostly looked at when all before it are known.
        let order = order(map);
        let known = known(map);
        let mut open: BTreeSet<(usize, usize)> =
            map.roots.iter().map(|root| (order[*root], *root)).collect();
        let mut seen = vec![false; map.moments.len()];
        for root in &map.roots {
            seen[*root] = true;
        }
        while let Some((_, at)) = open.pop_first() {
            for hop in &map.hops[at] {
                let Goal::Moment(to) = hop.to else { continue };
                let (mut unset, mut set) = (
                    all.row(&all.unset, at).to_vec(),
                    all.row(&all.set, at).to_vec(),
                );
                let does = &map.way(at, hop).does;
                for slot in does.into.iter().chain(&does.sets).map(|(slot, _)| *slot) {
                    put(&mut set, slot, true);
                    put(&mut unset, slot, false);
                }
                for slot in &does.forgets {
                    put(&mut set, *slot, false);
                    put(&mut unset, *slot, true);
                }
                for (slot, known) in &hop.learned {
                    if let Some(is_set) = is_set(*known) {
                        put(if is_set { &mut unset } else { &mut set }, *slot, false);
                    }
                }
                let grown = all.join(
                    to,
                    &known[map.moments[to].state as usize],
                    &mut unset,
                    &mut set,
                );
                if grown || !seen[to] {
                    seen[to] = true;
                    open.insert((order[to], to));
                }
            }
        }
        Some(all)
    }

    /// What may be at the moments at which calls begin: all is unset but what the carrier sends, which is there or not, and
    /// what a flow is given, which is there.
    fn begin(&mut self, map: &Map<'_>) {
        for root in &map.roots {
            let row = root * self.words..(root + 1) * self.words;
            self.unset[row.clone()].fill(u64::MAX);
            for (slot, field) in map.flow.call_slots().zip(&map.flow.call_fields) {
                put(&mut self.set[row.clone()], slot as Slot, true);
                put(
                    &mut self.unset[row.clone()],
                    slot as Slot,
                    field.of.optional,
                );
            }
        }
    }

    fn row<'a>(&self, bits: &'a [u64], at: usize) -> &'a [u64] {
        &bits[at * self.words..(at + 1) * self.words]
    }

    /// Adds what may be at a moment, except what is known there to be different; whether anything is new.
    fn join(
        &mut self,
        at: usize,
        known: &[(Slot, bool)],
        unset: &mut [u64],
        set: &mut [u64],
    ) -> bool {
        for (slot, is_set) in known {
            put(if *is_set { &mut *unset } else { &mut *set }, *slot, false);
        }
        let mut grown = false;
        for word in 0..self.words {
            let place = at * self.words + word;
            grown |= unset[word] & !self.unset[place] != 0 || set[word] & !self.set[place] != 0;
            self.unset[place] |= unset[word];
            self.set[place] |= set[word];
        }
        grown
    }

    /// Whether a name may be unset at a moment.
    pub fn may_be_unset(&self, at: usize, slot: Slot) -> bool {
        has(self.row(&self.unset, at), slot)
    }

    /// Whether a name may be set at a moment.
    pub fn may_be_set(&self, at: usize, slot: Slot) -> bool {
        has(self.row(&self.set, at), slot)
    }
}

/// For each state, the names that are known to be set or unset.
fn known(map: &Map<'_>) -> Vec<Vec<(Slot, bool)>> {
    let of = |state| {
        let slots = map.watched.slots();
        slots
            .filter_map(|slot| Some((slot, map.watched.is_set(state, slot)?)))
            .collect()
    };
    map.states.iter().map(of).collect()
}

/// The place of each moment in an order in which ways lead forward, except those that close a circle.
fn order(map: &Map<'_>) -> Vec<usize> {
    let mut order = vec![0; map.moments.len()];
    let mut seen = vec![false; map.moments.len()];
    let mut left = map.moments.len();
    // The last one is looked at first, so that the beginning of calls comes before the others.
    let mut open: Vec<(usize, usize)> = map.roots.iter().map(|root| (*root, 0)).collect();
    for root in &map.roots {
        seen[*root] = true;
    }
    while let Some((at, hop)) = open.pop() {
        let Some(next) = map.hops[at].get(hop) else {
            left -= 1;
            order[at] = left;
            continue;
        };
        open.push((at, hop + 1));
        if let Goal::Moment(to) = next.to
            && !std::mem::replace(&mut seen[to], true)
        {
            open.push((to, 0));
        }
    }
    order
}

fn has(row: &[u64], slot: Slot) -> bool {
    row[usize::from(slot) / 64] >> (usize::from(slot) % 64) & 1 == 1
}

fn put(row: &mut [u64], slot: Slot, on: bool) {
    let bit = 1 << (usize::from(slot) % 64);
    if on {
        row[usize::from(slot) / 64] |= bit;
    } else {
        row[usize::from(slot) / 64] &= !bit;
    }
}

/// Whether a name is set after a way.
pub fn after(does: &Effect, slot: Slot, is_set: bool) -> bool {
    let sets = does
        .into
        .iter()
        .chain(&does.sets)
        .any(|(other, _)| *other == slot);
    (is_set || sets) && !does.forgets.contains(&slot)
}
