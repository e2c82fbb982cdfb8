//! What is known about names while a flow is walked: the values of those that conditions ask for, and what an expression
//! can be then.

use std::collections::{BTreeSet, HashMap};

use crate::engine::expression::{Reading, Shape};
use crate::engine::flow::Flow;
use crate::engine::ids::Slot;
use crate::engine::value::Value;

/// Not set.
pub const UNSET: u8 = 0;
/// No longer asked for: nothing is known.
pub const DEAD: u8 = 1;
/// Set, to anything.
const ANY: u8 = 2;
/// Set, to nothing that a condition compares it with.
const OTHER: u8 = 3;
/// Set to the first value that conditions compare it with; then come the others.
const FIRST: u8 = 4;
/// The most values that are distinguished.
const MAX_VALUES: usize = 200;
/// The most ways in which one condition can come out before nothing is distinguished any more.
const MAX_OUTCOMES: usize = 16;

/// What is known, one byte per watched name.
pub type State = Vec<u8>;

/// The names that conditions ask for, and the values that they compare them with.
#[derive(Debug, Default)]
pub struct Watched {
    places: HashMap<Slot, usize>,
    values: Vec<Vec<Value>>,
}

/// What is known at one moment: the state, and what an expression has found out itself about other names.
#[derive(Clone, Debug, PartialEq)]
struct Known {
    state: State,
    found: Vec<(Slot, bool)>,
}

impl Watched {
    /// The names that the conditions of a flow ask for.
    pub fn of(flow: &Flow) -> Self {
        let mut watched = Self::default();
        for step in &flow.steps {
            step.action
                .conditions()
                .iter()
                .for_each(|condition| watched.watch(&condition.shape));
        }
        watched
    }

    fn watch(&mut self, shape: &Shape) {
        match shape {
            Shape::Constant(_) => {}
            Shape::Name(slot) => self.add(*slot, Some(&Value::Boolean(true))),
            Shape::Defined(slot) => self.add(*slot, None),
            Shape::Is(slot, value) => self.add(*slot, Some(value)),
            Shape::Not(inner) => self.watch(inner),
            Shape::And(one, other) | Shape::Or(one, other) => {
                self.watch(one);
                self.watch(other);
            }
            Shape::If(when, one, other) => [when, one, other]
                .into_iter()
                .for_each(|part| self.watch(part)),
            Shape::Reads(parts) => parts.iter().for_each(|part| self.watch(part)),
        }
    }

    fn add(&mut self, slot: Slot, value: Option<&Value>) {
        let next = self.values.len();
        let place = *self.places.entry(slot).or_insert(next);
        if place == next {
            self.values.push(Vec::new());
        }
        let values = &mut self.values[place];
        if let Some(value) = value
            && values.len() < MAX_VALUES
            && !values.contains(value)
        {
            values.push(value.clone());
        }
    }

    /// Which they are.
    pub fn slots(&self) -> impl Iterator<Item = Slot> {
        self.places.keys().copied()
    }

    /// How many they are.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Where a name stands in a state.
    pub fn place(&self, slot: Slot) -> Option<usize> {
        self.places.get(&slot).copied()
    }

    /// The names in a condition, by their places.
    pub fn asked(&self, reading: &Reading) -> Vec<usize> {
        reading
            .places
            .iter()
            .filter_map(|(slot, _)| self.place(*slot))
            .collect()
    }

    /// Whether a name is set, where that is known.
    pub fn is_set(&self, state: &State, slot: Slot) -> Option<bool> {
        match self.place(slot).map(|place| state[place]) {
            None | Some(DEAD) => None,
            Some(known) => Some(known != UNSET),
        }
    }

    fn code(&self, place: usize, value: &Value) -> u8 {
        let found = self.values[place].iter().position(|other| other == value);
        found.map_or(OTHER, |at| FIRST + at as u8)
    }

    /// What a name can be after it is set: the keys that make it so, where the caller's entry decides, and the code.
    pub fn set(
        &self,
        flow: &Flow,
        slot: Slot,
        value: Option<&Value>,
        by_caller: bool,
    ) -> Vec<(Option<String>, u8)> {
        let Some(place) = self.place(slot) else {
            return vec![(None, ANY)];
        };
        if let Some(value) = value {
            return vec![(None, self.code(place, value))];
        }
        let kind = flow
            .answer(slot)
            .map(|answer| &answer.kind)
            .filter(|_| by_caller && !self.values[place].is_empty());
        let Some((kind, values)) = kind
            .map(|kind| (kind, kind.values()))
            .filter(|(_, values)| !values.is_empty())
        else {
            return vec![(None, ANY)];
        };
        let mut split: Vec<(Option<String>, u8)> = Vec::new();
        let keys = (1..=values.len())
            .map(|number| number.to_string())
            .chain(values);
        for keys in keys {
            let Some(code) = kind.check(&keys).map(|value| self.code(place, &value)) else {
                continue;
            };
            if !split.iter().any(|(_, other)| *other == code) {
                split.push((Some(keys), code));
            }
        }
        if split.is_empty() {
            vec![(None, ANY)]
        } else {
            split
        }
    }

    /// How a condition can come out, what is known then, and which names it reads that may be unset.
    pub fn outcomes(
        &self,
        reading: &Reading,
        state: &State,
    ) -> (Vec<(State, bool)>, BTreeSet<Slot>) {
        let mut reads = BTreeSet::new();
        let known = Known {
            state: state.clone(),
            found: Vec::new(),
        };
        let mut outcomes: Vec<(State, bool)> = Vec::new();
        for (known, holds) in self.eval(&reading.shape, &known, &mut reads) {
            if !outcomes
                .iter()
                .any(|other| (&other.0, other.1) == (&known.state, holds))
            {
                outcomes.push((known.state, holds));
            }
        }
        (outcomes, reads)
    }

    /// Which names a text reads that may be unset.
    pub fn reads(&self, reading: &Reading, state: &State) -> BTreeSet<Slot> {
        self.outcomes(reading, state).1
    }

    fn eval(&self, shape: &Shape, known: &Known, reads: &mut BTreeSet<Slot>) -> Vec<(Known, bool)> {
        let all = match shape {
            Shape::Constant(holds) => vec![(known.clone(), *holds)],
            Shape::Name(slot) => self.value(*slot, None, known, reads),
            Shape::Is(slot, value) => self.value(*slot, Some(value), known, reads),
            Shape::Defined(slot) => self.defined(*slot, known),
            Shape::Not(inner) => self
                .eval(inner, known, reads)
                .into_iter()
                .map(|(known, is)| (known, !is))
                .collect(),
            Shape::And(one, other) => {
                self.chain(one, known, reads, |holds| holds.then_some(&**other))
            }
            Shape::Or(one, other) => {
                self.chain(one, known, reads, |holds| (!holds).then_some(&**other))
            }
            Shape::If(when, one, other) => self.chain(when, known, reads, |holds| {
                Some(if holds { &**one } else { &**other })
            }),
            Shape::Reads(parts) => {
                for part in parts {
                    drop(self.eval(part, known, reads));
                }
                vec![(known.clone(), true), (known.clone(), false)]
            }
        };
        if all.len() > MAX_OUTCOMES {
            vec![(known.clone(), true), (known.clone(), false)]
        } else {
            all
        }
    }

    /// One, and then whatever follows from how it comes out.
    fn chain<'s>(
        &self,
        first: &Shape,
        known: &Known,
        reads: &mut BTreeSet<Slot>,
        then: impl Fn(bool) -> Option<&'s Shape>,
    ) -> Vec<(Known, bool)> {
        let mut all = Vec::new();
        for (known, holds) in self.eval(first, known, reads) {
            match then(holds) {
                Some(shape) => all.extend(self.eval(shape, &known, reads)),
                None => all.push((known, holds)),
            }
        }
        all
    }

    fn setness(&self, slot: Slot, known: &Known) -> Option<bool> {
        self.is_set(&known.state, slot).or_else(|| {
            known
                .found
                .iter()
                .find(|(other, _)| *other == slot)
                .map(|(_, is_set)| *is_set)
        })
    }

    fn defined(&self, slot: Slot, known: &Known) -> Vec<(Known, bool)> {
        match self.setness(slot, known) {
            Some(is_set) => vec![(known.clone(), is_set)],
            None => [true, false]
                .into_iter()
                .map(|is_set| (known.with(slot, is_set), is_set))
                .collect(),
        }
    }

    /// Whether a name holds a value, or anything true where none is named.
    fn value(
        &self,
        slot: Slot,
        value: Option<&Value>,
        known: &Known,
        reads: &mut BTreeSet<Slot>,
    ) -> Vec<(Known, bool)> {
        let setness = self.setness(slot, known);
        if setness != Some(true) {
            reads.insert(slot);
        }
        let place = self.place(slot);
        let code = place.map_or(DEAD, |place| known.state[place]);
        match (setness, place) {
            (Some(false), _) => vec![(known.clone(), false)],
            (None, _) => vec![(known.with(slot, true), true), (known.clone(), false)],
            (Some(true), Some(place)) if code >= FIRST => {
                let held = &self.values[place][usize::from(code - FIRST)];
                vec![(
                    known.clone(),
                    value.map_or_else(|| held.is_true(), |value| value == held),
                )]
            }
            (Some(true), Some(place))
                if code == ANY && value.is_some_and(|value| self.code(place, value) >= FIRST) =>
            {
                let mut is = known.clone();
                is.state[place] = value.map_or(ANY, |value| self.code(place, value));
                vec![(is, true), (known.clone(), false)]
            }
            (Some(true), Some(place))
                if code == OTHER && value.is_some_and(|value| self.code(place, value) >= FIRST) =>
            {
                vec![(known.clone(), false)]
            }
            _ => vec![(known.clone(), true), (known.clone(), false)],
        }
    }
}

impl Known {
    fn with(&self, slot: Slot, is_set: bool) -> Self {
        let mut known = self.clone();
        known.found.push((slot, is_set));
        known
    }
}
