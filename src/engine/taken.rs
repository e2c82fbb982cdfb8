//! The ways that a call took, by name.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::edge::Target;
use super::flow::Flow;
use super::ids::StepId;
use super::outbound::way_of;
use super::way::full;
use crate::written::PlacedOutcome;

/// A way that a call took.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taken {
    /// The step that it leads from.
    pub from: StepId,
    /// What took it.
    pub on: On,
    /// Where it leads.
    pub to: Target,
}

/// What took a way. Numbers are places in the flow version that the call runs on; [`Taken::name`] has the word.
///
/// Stored as one number, which is a byte for nearly every step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "u32", into = "u32")]
pub enum On {
    /// The call came in.
    Start,
    /// A way of the step, by its place among the step's edges.
    Step(u16),
    /// A key of `[anywhere]`, by its place there.
    Anywhere(u16),
    /// A way in place of one that is no step's own, where a list can take no more, by its place among [`Flow::full_ways`].
    Full(u16),
    /// The flow's `give_up`.
    GiveUp,
    /// `[on] error`.
    Error,
    /// `[on] hangup`.
    Hangup,
    /// `[outbound]`: a call that we placed came out so.
    Outbound(PlacedOutcome),
    /// Not known: it was stored by a release that kept no names.
    Unknown,
}

/// The first number behind those of all keys of `[anywhere]`.
const FIRST_FULL: u32 = 6 + 2 * (u16::MAX as u32 + 1);

/// The first number behind those of all full lists.
const FIRST_OUTBOUND: u32 = FIRST_FULL + u16::MAX as u32 + 1;

impl From<On> for u32 {
    fn from(on: On) -> Self {
        match on {
            On::Start => 0,
            On::GiveUp => 1,
            On::Error => 2,
            On::Hangup => 3,
            On::Unknown => 4,
            On::Step(place) => 5 + 2 * Self::from(place),
            On::Anywhere(place) => 6 + 2 * Self::from(place),
            On::Full(place) => FIRST_FULL + Self::from(place),
            On::Outbound(outcome) => FIRST_OUTBOUND + outcome as Self,
        }
    }
}

impl From<u32> for On {
    /// What no release has written is not known.
    fn from(stored: u32) -> Self {
        let place = |first: u32| u16::try_from((stored - first) / 2);
        match stored {
            0 => Self::Start,
            1 => Self::GiveUp,
            2 => Self::Error,
            3 => Self::Hangup,
            4 => Self::Unknown,
            FIRST_OUTBOUND.. => usize::try_from(stored - FIRST_OUTBOUND)
                .ok()
                .and_then(|place| PlacedOutcome::ALL.get(place))
                .map_or(Self::Unknown, |outcome| Self::Outbound(*outcome)),
            FIRST_FULL.. => u16::try_from(stored - FIRST_FULL).map_or(Self::Unknown, Self::Full),
            _ if stored % 2 == 1 => place(5).map_or(Self::Unknown, Self::Step),
            _ => place(6).map_or(Self::Unknown, Self::Anywhere),
        }
    }
}

impl On {
    /// What goes by this name at a step.
    pub(super) fn named(flow: &Flow, step: StepId, name: &str) -> Self {
        let place = |place: usize| u16::try_from(place).ok();
        let mut placed = PlacedOutcome::ALL.into_iter();
        if let Some(outcome) = placed.find(|outcome| way_of(*outcome) == name) {
            return Self::Outbound(outcome);
        }
        if let Some((_, on)) = OF_FLOW.iter().find(|(word, _)| *word == name) {
            return *on;
        }
        let own = flow.step(step).ways.iter().position(|way| way == name);
        if let Some(own) = own.and_then(place) {
            return Self::Step(own);
        }
        let full = flow.full_ways.iter().position(|full| full == name);
        if let Some(full) = full.and_then(place) {
            return Self::Full(full);
        }
        let key = name.strip_prefix(ANYWHERE);
        let anywhere = flow.anywhere_at(step);
        let key = key.and_then(|key| anywhere.iter().position(|other| other.keys == key));
        debug_assert!(key.is_some(), "a step takes a way that it does not have");
        key.and_then(place).map_or(Self::Unknown, Self::Anywhere)
    }
}

/// Ways that are no step's own.
pub(super) const START: &str = "start";
pub(super) const GIVE_UP: &str = "give_up";
pub(super) const ON_ERROR: &str = "on_error";
pub(super) const ON_HANGUP: &str = "on_hangup";

const OF_FLOW: [(&str, On); 4] = [
    (START, On::Start),
    (GIVE_UP, On::GiveUp),
    (ON_ERROR, On::Error),
    (ON_HANGUP, On::Hangup),
];

/// What stands before a key of `[anywhere]` in the name of its way.
const ANYWHERE: &str = "anywhere.";

/// The name of the way of a key of `[anywhere]`.
pub fn anywhere(keys: &str) -> String {
    format!("{ANYWHERE}{keys}")
}

impl Flow {
    /// The names of the ways that are taken in place of its own ones where a list can take no more.
    pub(super) fn name_full_ways(&self) -> Vec<String> {
        let inner = self.subflows.iter().flat_map(|of| &of.anywhere).flatten();
        let keys = self.anywhere.iter().chain(inner);
        let keys = keys.map(|key| (anywhere(&key.keys), Some(&key.way)));
        let inner = self
            .subflows
            .iter()
            .map(|of| (&of.give_up, &of.on_error, &of.on_hangup));
        let all = std::iter::once((&self.give_up, &self.on_error, &self.on_hangup)).chain(inner);
        let events = all.flat_map(|(give_up, on_error, on_hangup)| {
            [
                (GIVE_UP, give_up),
                (ON_ERROR, on_error),
                (ON_HANGUP, on_hangup),
            ]
        });
        let all = keys.chain(events.map(|(name, way)| (name.to_owned(), way.as_ref())));
        let full_ways = all.filter(|(_, way)| way.is_some_and(|way| way.full.is_some()));
        let mut names: Vec<String> = Vec::new();
        for name in full_ways.map(|(name, _)| full(name).into_owned()) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }
}

impl Taken {
    /// Its name in the words of the flow: `keys.2`, `keys.2.full`, `next`, `give_up.wrong`, `on.busy`, `branch.1`,
    /// `anywhere.9`, `give_up`, `on_error`, `on_hangup`, `outbound.busy`, `start`. `None` where it is not known.
    pub fn name<'a>(&self, flow: &'a Flow) -> Option<Cow<'a, str>> {
        let word = match self.on {
            On::Start => START,
            On::GiveUp => GIVE_UP,
            On::Error => ON_ERROR,
            On::Hangup => ON_HANGUP,
            On::Outbound(outcome) => way_of(outcome),
            On::Step(place) => flow
                .steps
                .get(usize::from(self.from))?
                .ways
                .get(usize::from(place))?,
            On::Anywhere(place) => {
                let key = flow.anywhere_at(self.from).get(usize::from(place))?;
                return Some(anywhere(&key.keys).into());
            }
            On::Full(place) => flow.full_ways.get(usize::from(place))?,
            On::Unknown => return None,
        };
        Some(word.into())
    }

    /// The step that it leads to by name; `None` for an end, or where the flow says `back` or `repeat`.
    pub fn step(&self) -> Option<StepId> {
        match self.to {
            Target::Step(step) => Some(step),
            Target::Hangup | Target::Repeat | Target::Back => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{On, PlacedOutcome};

    #[test]
    fn what_took_a_way_comes_back_as_it_was_stored() {
        let flows = [On::Start, On::GiveUp, On::Error, On::Hangup, On::Unknown];
        let places = [0, 1, 60, 61, u16::MAX];
        let own = places.map(On::Step);
        let anywhere = places.map(On::Anywhere);
        let full = places.map(On::Full);
        let placed = PlacedOutcome::ALL.map(On::Outbound);
        let places = own.into_iter().chain(anywhere).chain(full);
        for on in flows.into_iter().chain(places).chain(placed) {
            assert_eq!(On::from(u32::from(on)), on);
        }
        assert_eq!(On::from(u32::MAX), On::Unknown);
    }
}
