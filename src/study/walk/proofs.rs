//! Faults with the call that shows them: of the ways that lead to a fault the first whose call, played, shows it.

use std::collections::{BTreeSet, VecDeque};

use super::map::{Goal, Hop, Way, entry};
use super::route::{Route, Shown};
use super::{Walk, witness};
use crate::engine::answer::Answer;
use crate::engine::diag::{Diag, Example, Severity, StepEvent};
use crate::engine::edge::By;
use crate::engine::expression::Type;
use crate::written::Explain;

/// How many ways to a fault are tried where the shortest does not show it.
const MAX_WAYS: usize = 16;
/// How many calls are played for a fault on them.
const MAX_PLAYS: usize = 64;
/// How many keys an entry has that is tried, at most.
const MAX_KEYS: u32 = 64;
/// How many entries are tried where only a call knows what a condition makes of them.
const MAX_ENTRIES: usize = 10;

/// Finds the shortest way to a fault, apart from what is avoided.
pub type Search<'s, 'f> = &'s dyn Fn(&Walk<'f>) -> Option<Shown>;

/// What is other on the next way that is tried than on the shortest.
#[derive(Debug, Default)]
pub struct Detour {
    /// Hops that it does not take.
    pub avoided: BTreeSet<(usize, usize)>,
    /// Which of several entries it takes.
    entry: usize,
}

impl<'f> Walk<'f> {
    /// Notes a fault that no call shows.
    pub(super) fn tell(&mut self, diag: Diag) {
        self.diags.push(diag);
    }

    /// Notes a fault with the call that shows it. One that no call was found to show is a note. Where values were not
    /// distinguished, a fault that depends on conditions is not certain, and is left out.
    pub(super) fn tell_shown(&mut self, mut diag: Diag, search: Search<'_, 'f>) {
        let Some(first) = search(self) else {
            return self.tell(diag);
        };
        if self.map.stopped_at.is_some() && first.route.has_condition(&self.map) {
            return;
        }
        if let Some(example) = self.proved(first, search) {
            return self.tell(diag.shown_by(example));
        }
        diag.severity = Severity::Note;
        let help = diag.help.take().unwrap_or_default();
        self.tell(diag.help(format!(
            "no call was found that shows it; if there is one: {help}"
        )));
    }

    /// Notes a fault that its own call, played, shows, and leaves out any other.
    pub(super) fn tell_if_shown(&mut self, diag: Diag, search: Search<'_, 'f>) {
        let example = search(self).map(|shown| self.example(shown));
        let proved = example.and_then(|example| witness::proved(self.flow(), &example, false));
        if let Some(example) = proved {
            self.tell(diag.shown_by(example));
        }
    }

    /// The call that shows a fault: by the shortest way, else by another, else at another time.
    fn proved(&mut self, first: Shown, search: Search<'_, 'f>) -> Option<Example> {
        let example = self.example(first);
        let flow = self.flow();
        if let Some(example) = witness::proved(flow, &example, false) {
            return Some(example);
        }
        if self.searches == 0 {
            return None;
        }
        self.searches -= 1;
        let other = self.other_way(search);
        self.detour = Detour::default();
        other.or_else(|| witness::proved(flow, &example, true))
    }

    /// The call that shows a fault by another way than the shortest, or with other entries.
    fn other_way(&mut self, search: Search<'_, 'f>) -> Option<Example> {
        let mut open = VecDeque::from([BTreeSet::new()]);
        let (mut known, mut plays) = (BTreeSet::from([BTreeSet::new()]), 0);
        for _ in 0..MAX_WAYS {
            self.detour.avoided = open.pop_front()?;
            let mut first: Option<Example> = None;
            for entry in 0..MAX_ENTRIES {
                self.detour.entry = entry;
                let Some(shown) = search(self) else { break };
                if entry == 0 {
                    for hop in self.could_be_other(&shown.route) {
                        let mut avoided = self.detour.avoided.clone();
                        avoided.insert(hop);
                        if known.insert(avoided.clone()) {
                            open.push_back(avoided);
                        }
                    }
                }
                let example = self.example(shown);
                plays += 1;
                if first.as_ref() == Some(&example) || plays > MAX_PLAYS {
                    break;
                }
                if let Some(example) = witness::proved(self.flow(), &example, false) {
                    return Some(example);
                }
                first.get_or_insert(example);
            }
        }
        None
    }

    /// The hops of a route in whose place a call may go another way: conditions that may come out otherwise and
    /// submissions that may fail, then what the caller chooses.
    fn could_be_other(&self, route: &Route) -> Vec<(usize, usize)> {
        let (mut uncertain, mut chosen) = (Vec::new(), Vec::new());
        for (at, place) in route.hops() {
            let hop = &self.map.hops[at][place];
            let submits = match hop.to {
                Goal::Moment(to) => {
                    let step = self.map.moments[to].step;
                    self.flow().step(step).action.completes()
                }
                Goal::End | Goal::Back => false,
            };
            match self.map.way(at, hop).by {
                By::When(_) if self.map.hops[at].len() > 1 => uncertain.push((at, place)),
                _ if submits => uncertain.push((at, place)),
                By::Keys(_) | By::AnyKey | By::Entry(_) | By::Silent | By::Outcome(_) => {
                    chosen.push((at, place));
                }
                _ => {}
            }
        }
        uncertain.append(&mut chosen);
        uncertain
    }

    /// What is entered on a hop in place of the plainest entry, on a detour.
    pub(super) fn other_entry(&self, hop: &Hop, way: &Way) -> Option<StepEvent> {
        if self.detour.entry == 0 || hop.keys.is_some() || !matches!(way.by, By::Entry(_)) {
            return None;
        }
        let (slot, _) = way.does.into.as_ref()?;
        let entries = entries(&*self.flow().answer(*slot)?.kind);
        let keys = entries.get(self.detour.entry % entries.len().max(1))?;
        entry(&way.by, Some(keys)).map(StepEvent::press)
    }
}

/// A few entries of a type that differ as much as may be, the plainest first.
fn entries(kind: &dyn Answer) -> Vec<String> {
    let (shortest, longest) = kind.length();
    let last = match kind.type_of() {
        Type::Integer { high, .. } => Some(high.to_string()),
        _ => None,
    };
    let runs = ["9", "5", "7", "2", "3", "6", "4", "8", "0", "1"];
    let runs = runs.into_iter().flat_map(|key| {
        [longest, shortest].map(|length| key.repeat(length.min(MAX_KEYS) as usize))
    });
    let mut entries = vec![kind.example()];
    for keys in last.into_iter().chain(runs) {
        if kind.check(&keys).is_some() && !entries.contains(&keys) {
            entries.push(keys);
        }
    }
    entries.truncate(MAX_ENTRIES);
    entries
}
