//! What is known of names while a flow is walked: of those that conditions ask for, which values; and what an expression
//! can come to then.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::classes::{Classes, MAYBE};
pub use super::classes::{DEAD, Question, UNSET};
use super::sums::Sums;
use crate::engine::came::OUTCOME;
use crate::engine::edge::Edge;
use crate::engine::expression::{Comparison, Reading, Shape};
use crate::engine::flow::Flow;
use crate::engine::ids::{Slot, StepId};
use crate::engine::step::Step;
use crate::engine::value::Value;

/// The most ways in which one condition can come out before nothing is told apart any more.
const MAX_OUTCOMES: usize = 16;

/// What is known of each watched name: the classes of values that it can be of; of a list how many entries it has.
pub type State = Vec<u64>;

/// How many entries a list has, by what is known of it.
pub fn length(known: u64) -> Option<usize> {
    usize::try_from(known).ok().filter(|_| known != DEAD)
}

/// The names that conditions ask for, and the classes of their values that conditions tell apart.
#[derive(Debug, Default)]
pub struct Watched {
    places: HashMap<Slot, usize>,
    classes: Vec<Classes>,
    /// Those that a call has or has not from its beginning on, and that nothing sets: what conditions find out of them.
    fields: Vec<(Slot, usize, bool)>,
}

/// What is known at one moment: the state, and what an expression has found out itself about other names.
#[derive(Clone, Debug, PartialEq)]
struct Known {
    state: State,
    found: Vec<(Slot, bool)>,
}

/// The texts of an action in which a condition on one name decides whether another is read.
pub fn choices(action: &(dyn Step + 'static)) -> Vec<Arc<Reading>> {
    let edges = action.edges().into_iter();
    let on_ways = edges.flat_map(|edge| edge.does.reads);
    let on_ways = on_ways.map(|(_, reading)| reading);
    let texts = action.readings().into_iter().chain(action.miss_readings());
    let all = texts.chain(on_ways);
    all.filter(|reading| is_choice(&reading.shape)).collect()
}

/// Whether somewhere in a text a name is read only where a condition on another holds.
fn is_choice(shape: &Shape) -> bool {
    match shape {
        Shape::If(when, one, other) => {
            let (mut asked, mut read) = (BTreeSet::new(), BTreeSet::new());
            slots(when, &mut asked);
            slots(one, &mut read);
            slots(other, &mut read);
            !read.is_subset(&asked) || is_choice(one) || is_choice(other)
        }
        Shape::Reads(parts) => parts.iter().any(is_choice),
        _ => false,
    }
}

/// The names in a form.
fn slots(shape: &Shape, found: &mut BTreeSet<Slot>) {
    match shape {
        Shape::Constant(_) => {}
        Shape::Name(slot)
        | Shape::Flag(slot)
        | Shape::Is(slot, _)
        | Shape::Compares(slot, ..)
        | Shape::Counts(slot, ..)
        | Shape::Defined(slot) => _ = found.insert(*slot),
        Shape::Not(inner) => slots(inner, found),
        Shape::And(one, other) | Shape::Or(one, other) => {
            slots(one, found);
            slots(other, found);
        }
        Shape::If(when, one, other) => {
            for part in [when, one, other] {
                slots(part, found);
            }
        }
        Shape::Reads(parts) => parts.iter().for_each(|part| slots(part, found)),
    }
}

impl Watched {
    /// The names that the conditions of a flow ask for, and those that sums are made of.
    pub fn of(flow: &Flow, sums: &Sums) -> Self {
        let mut watched = Self::default();
        for step in &flow.steps {
            step.action
                .conditions()
                .iter()
                .for_each(|condition| watched.watch(&condition.shape));
            for refusal in step.action.refusals() {
                watched.watch(&refusal.reading().shape);
            }
            for reading in choices(&*step.action) {
                watched.watch_choices(&reading.shape);
            }
        }
        for (slot, value) in sums.told_apart(flow, |slot| watched.compared_with(slot)) {
            let is = Question::Compares(Comparison::Equal, value);
            watched.add(slot, Some(is));
        }
        let lists = (0..).zip(&flow.answers);
        for (list, _) in lists.filter(|(_, answer)| answer.count().is_some()) {
            watched.add(list, None);
        }
        let mut set: HashMap<Slot, Vec<Value>> = HashMap::new();
        let edges = flow.steps.iter().flat_map(|step| step.action.edges());
        for Edge { does, .. } in edges.chain(flow.edges()) {
            for (slot, value) in does.into.into_iter().chain(does.sets) {
                let values = set.entry(slot).or_default();
                if let Some(value) = value.filter(|value| !values.contains(value)) {
                    values.push(value);
                }
            }
        }
        for step in 0..flow.steps.len() as StepId {
            let outcome = flow.facts_of(step).find(|(_, name)| *name == OUTCOME);
            let away = flow.step(step).action.away();
            for ((slot, _), away) in outcome.into_iter().zip(away) {
                let outcomes = away.outcomes.iter();
                let outcomes = outcomes.map(|outcome| Value::Text(outcome.name.to_owned()));
                set.insert(slot, outcomes.collect());
            }
        }
        for (slot, place) in &watched.places {
            let kind = flow.declared(*slot).map(|of| &*of.kind);
            let set = set.get(slot).map_or(&[][..], Vec::as_slice);
            watched.classes[*place].part(kind, set);
        }
        let fields = watched.places.iter();
        let fields = fields.filter_map(|(slot, place)| {
            let may_lack = flow.call_field(*slot)?.of.optional;
            Some((*slot, *place, may_lack))
        });
        watched.fields = fields.collect();
        watched.fields.sort_unstable();
        watched
    }

    /// What is known when a call begins: nothing is set but, perhaps, what the carrier sends.
    pub fn begin(&self) -> State {
        let mut state = vec![UNSET; self.len()];
        for (_, place, may_lack) in &self.fields {
            let unset = if *may_lack { MAYBE } else { 0 };
            state[*place] = unset | self.classes[*place].all();
        }
        state
    }

    /// What was found out between two states of what a call begins with: the names, and what is known of each.
    pub fn learned(&self, before: &State, after: &State) -> Vec<(Slot, u64)> {
        let fields = self.fields.iter();
        let changed = fields.filter(|(_, place, _)| before[*place] != after[*place]);
        changed
            .map(|(slot, place, _)| (*slot, after[*place]))
            .collect()
    }

    /// A value that a name can hold of what is known; nothing where it may be unset.
    pub fn value(&self, slot: Slot, known: u64) -> Option<&Value> {
        let place = self.place(slot).filter(|_| is_set(known) == Some(true))?;
        self.classes[place].value(known)
    }

    /// Whether what conditions ask for a name is followed at a moment.
    pub fn follows(&self, state: &State, slot: Slot) -> bool {
        self.place(slot).is_some_and(|place| state[place] != DEAD)
    }

    fn watch(&mut self, shape: &Shape) {
        match shape {
            Shape::Constant(_) => {}
            Shape::Name(slot) | Shape::Defined(slot) | Shape::Counts(slot, ..) => {
                self.add(*slot, None);
            }
            Shape::Flag(slot) => self.add(*slot, Some(Question::Flag)),
            Shape::Is(slot, value) => {
                self.add(
                    *slot,
                    Some(Question::Compares(Comparison::Equal, value.clone())),
                );
            }
            Shape::Compares(slot, comparison, value) => {
                self.add(*slot, Some(Question::Compares(*comparison, value.clone())));
            }
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

    /// Watches what decides between names in a text.
    fn watch_choices(&mut self, shape: &Shape) {
        if let Shape::If(when, one, other) = shape {
            if is_choice(shape) {
                self.watch(when);
            }
            self.watch_choices(one);
            self.watch_choices(other);
        } else if let Shape::Reads(parts) = shape {
            for part in parts {
                self.watch_choices(part);
            }
        }
    }

    fn add(&mut self, slot: Slot, question: Option<Question>) {
        let next = self.classes.len();
        let place = *self.places.entry(slot).or_insert(next);
        if place == next {
            self.classes.push(Classes::default());
        }
        if let Some(question) = question {
            self.classes[place].ask(question);
        }
    }

    /// The values that conditions compare a name with; nothing where none asks for it.
    fn compared_with(&self, slot: Slot) -> Option<Vec<Value>> {
        let place = self.place(slot)?;
        Some(self.classes[place].compared().cloned().collect())
    }

    /// What a name may hold, each with whether it holds nothing else then; nothing where that is not known.
    pub fn values(&self, state: &State, slot: Slot) -> Option<Vec<(Option<Value>, bool)>> {
        let place = self.place(slot)?;
        match state[place] {
            DEAD => None,
            UNSET => Some(vec![(None, true)]),
            known => self.classes[place].values_of(known),
        }
    }

    /// Which they are.
    pub fn slots(&self) -> impl Iterator<Item = Slot> {
        self.places.keys().copied()
    }

    /// How many they are.
    pub fn len(&self) -> usize {
        self.classes.len()
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
        is_set(state[self.place(slot)?])
    }

    /// What a name can be after it is set: the keys that make it so, where the caller's entry decides, and what is known.
    pub fn set(
        &self,
        flow: &Flow,
        slot: Slot,
        value: Option<&Value>,
        by_caller: bool,
    ) -> Vec<(Option<String>, u64)> {
        let Some(place) = self.place(slot) else {
            return vec![(None, UNSET)];
        };
        let classes = &self.classes[place];
        if let Some(value) = value {
            return vec![(None, classes.of(value))];
        }
        let kind = flow.answer(slot).map(|answer| &*answer.kind);
        let kind = kind.filter(|kind| by_caller && !kind.is_open());
        let entries = kind.map(|kind| classes.entries(kind)).unwrap_or_default();
        if entries.len() < 2 {
            return vec![(None, classes.all())];
        }
        let split = entries.into_iter();
        split.map(|(keys, known)| (Some(keys), known)).collect()
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
            Shape::Name(slot) => {
                if self.setness(*slot, known) != Some(true) {
                    reads.insert(*slot);
                }
                vec![(known.clone(), true), (known.clone(), false)]
            }
            Shape::Flag(slot) => self.asked_of(*slot, &Question::Flag, known),
            Shape::Is(slot, value) => {
                let question = Question::Compares(Comparison::Equal, value.clone());
                self.compared(*slot, &question, known, reads)
            }
            Shape::Compares(slot, comparison, value) => {
                let question = Question::Compares(*comparison, value.clone());
                self.compared(*slot, &question, known, reads)
            }
            Shape::Counts(slot, comparison, number) => {
                let place = self.place(*slot);
                match place.and_then(|place| length(known.state[place])) {
                    Some(has) => {
                        let has = i64::try_from(has).unwrap_or(i64::MAX);
                        vec![(known.clone(), comparison.holds(has.cmp(number)))]
                    }
                    None => vec![(known.clone(), true), (known.clone(), false)],
                }
            }
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
        match (self.setness(slot, known), self.perhaps(slot, known)) {
            (Some(is_set), _) => vec![(known.clone(), is_set)],
            (None, Some(place)) => {
                let set = known.state[place] & !MAYBE;
                vec![
                    (known.narrowed(place, set), true),
                    (known.narrowed(place, UNSET), false),
                ]
            }
            (None, None) => [true, false]
                .into_iter()
                .map(|is_set| (known.with(slot, is_set), is_set))
                .collect(),
        }
    }

    /// How a comparison comes out, which reads its name.
    fn compared(
        &self,
        slot: Slot,
        question: &Question,
        known: &Known,
        reads: &mut BTreeSet<Slot>,
    ) -> Vec<(Known, bool)> {
        if self.setness(slot, known) != Some(true) {
            reads.insert(slot);
        }
        self.asked_of(slot, question, known)
    }

    /// How a question about a name comes out: false where it is not set.
    fn asked_of(&self, slot: Slot, question: &Question, known: &Known) -> Vec<(Known, bool)> {
        let followed = |place: &usize| !matches!(known.state[*place], DEAD | UNSET);
        let place = self.place(slot).filter(followed);
        match (self.setness(slot, known), place) {
            (Some(false), _) => vec![(known.clone(), false)],
            (_, Some(place)) => {
                let (holds, fails) = self.classes[place].split(known.state[place], question);
                let sides = [(holds, true), (fails, false)].into_iter();
                sides
                    .filter(|(classes, _)| *classes != UNSET)
                    .map(|(classes, holds)| (known.narrowed(place, classes), holds))
                    .collect()
            }
            (None, None) => vec![(known.with(slot, true), true), (known.clone(), false)],
            (Some(true), None) => vec![(known.clone(), true), (known.clone(), false)],
        }
    }

    /// The place of a name that a call may have begun with, where conditions have not found out yet whether it did.
    fn perhaps(&self, slot: Slot, known: &Known) -> Option<usize> {
        self.place(slot)
            .filter(|place| known.state[*place] != DEAD && known.state[*place] & MAYBE != 0)
    }
}

/// Whether a name is set of which this is known, where that is certain.
pub fn is_set(known: u64) -> Option<bool> {
    match known {
        DEAD => None,
        known if known & MAYBE != 0 => None,
        known => Some(known != UNSET),
    }
}

impl Known {
    fn narrowed(&self, place: usize, classes: u64) -> Self {
        let mut known = self.clone();
        known.state[place] = if classes == MAYBE { UNSET } else { classes };
        known
    }

    fn with(&self, slot: Slot, is_set: bool) -> Self {
        let mut known = self.clone();
        known.found.push((slot, is_set));
        known
    }
}
