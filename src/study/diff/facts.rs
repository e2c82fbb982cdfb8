//! A version of a flow, taken apart into what a caller can meet.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::ops::Range;

use indexmap::IndexMap;
use toml::de::DeTable;

use super::leaves::{self, Is, Leaf, Written};
use super::said::Speech;
use super::{Event, Goal};
use crate::engine::answers::is_type;
use crate::engine::edge::{By, Edge, Target};
use crate::engine::flow::{Flow, StepOf};
use crate::engine::ids::StepId;
use crate::engine::keys::shared::{APPEND, FORGET, FULL, INTO, NEXT, SENSITIVE, SET};
use crate::engine::keys::top::{FLOW, OUTBOUND};
use crate::engine::load::Loaded;
use crate::engine::steps::{KINDS, Kind, QUALIFIERS};
use crate::engine::way::Way as WrittenWay;
use crate::written::keys::Key;
use crate::written::{Item, Table};

/// Keys of a flow that are compared elsewhere, or that nobody on the line can notice.
const ELSEWHERE: [&str; 11] = [
    "title",
    "check",
    "numbers",
    "language",
    "voice",
    "languages",
    "start",
    "answers",
    "steps",
    "prompts",
    "meta",
];

/// A version of a flow.
pub struct Version<'a> {
    /// The flow, and what it was made of.
    pub loaded: &'a Loaded,
    /// Its prompts.
    pub speech: Speech<'a>,
    /// Its steps, in the order of the file.
    pub steps: Vec<Facts<'a>>,
    /// What belongs to no step.
    pub own: Own<'a>,
}

/// What a caller can meet at one place.
#[derive(Default)]
pub struct Own<'a> {
    /// Its ways, by what takes them.
    pub ways: IndexMap<Event, Way>,
    /// Its prompts, by their key.
    pub prompts: IndexMap<Vec<String>, Item<'a>>,
    /// Everything else, by its key.
    pub values: IndexMap<Vec<String>, Value>,
    /// The conditions that are asked, in order.
    pub conditions: Vec<String>,
}

/// What a caller can meet at a step.
pub struct Facts<'a> {
    /// Its name.
    pub name: &'a str,
    /// Where that stands.
    pub at: Range<usize>,
    /// Its action.
    pub action: &'static str,
    /// Whether it asks the caller.
    pub asks: bool,
    /// Whether keys of `[anywhere]` count there unless they are its own.
    pub is_menu: bool,
    /// Whether it only ends the call, as a way to `hangup` does.
    pub only_ends: bool,
    /// Its ways, prompts and values.
    pub own: Own<'a>,
}

/// A way.
#[derive(Clone)]
pub struct Way {
    /// Where it leads.
    pub to: Goal,
    /// Where that is written.
    pub at: Range<usize>,
    /// What else happens on it, by the key below the way.
    pub effects: BTreeMap<Vec<String>, Value>,
}

impl Way {
    /// One on which nothing else happens.
    fn to(to: Goal, at: Range<usize>) -> Self {
        Self {
            to,
            at,
            effects: BTreeMap::new(),
        }
    }
}

/// A value that stands somewhere.
#[derive(Clone)]
pub struct Value {
    /// The value.
    pub is: Written,
    /// Where it stands.
    pub at: Range<usize>,
}

impl<'a> Version<'a> {
    /// Takes a version apart.
    pub fn new(loaded: &'a Loaded, document: &'a DeTable<'a>) -> Self {
        let top = Table::new(document, 0..loaded.bundle.source.len());
        let written = top.peek("steps").and_then(|item| item.value.as_table());
        let flow = &loaded.flow;
        let steps = (0..).zip(&flow.steps).zip(&flow.places.steps);
        Self {
            loaded,
            speech: Speech::new(&top, &loaded.bundle),
            steps: steps
                .filter_map(|(step, at)| Facts::new(loaded, step, at, written?))
                .collect(),
            own: of_flow(loaded, &top),
        }
    }

    /// Whether a way there does nothing but end the call.
    pub fn ends(&self, goal: &Goal) -> bool {
        match goal {
            Goal::Hangup => true,
            Goal::Step(name) => {
                let mut steps = self.steps.iter();
                steps.any(|step| step.name == name && step.only_ends)
            }
            _ => false,
        }
    }
}

impl<'a> Facts<'a> {
    /// A step, by what is written of it and what it was checked to be.
    fn new(
        loaded: &'a Loaded,
        (id, step): (StepId, &'a StepOf),
        at: &Range<usize>,
        written: &'a DeTable<'a>,
    ) -> Option<Self> {
        let item = Table::new(written, 0..0).peek(&step.name)?;
        let table = Table::new(item.value.as_table()?, item.span());
        let kind = action(&table)?;
        let edges = loaded.flow.edges_of(id);
        let has_keys = edges
            .iter()
            .any(|edge| matches!(edge.by, By::Keys(_) | By::AnyKey));
        Some(Self {
            name: &step.name,
            at: at.clone(),
            action: kind.name,
            asks: step.action.asks(),
            is_menu: step.action.asks() && has_keys,
            only_ends: only_ends(step),
            own: of_step(&(kind.keys)(), &table, &edges, &|target| {
                goal(loaded, target)
            }),
        })
    }
}

fn goal(loaded: &Loaded, target: Target) -> Goal {
    match target {
        Target::Step(step) => Goal::Step(loaded.flow.step(step).name.clone()),
        Target::Hangup => Goal::Hangup,
        Target::Repeat => Goal::Repeat,
        Target::Back => Goal::Back,
    }
}

/// Whether a step only ends the call, so that nobody can tell it from a way that does.
fn only_ends(step: &StepOf) -> bool {
    step.action.edges().is_empty() && !step.action.needs_caller()
}

/// The action of a step that has been checked.
fn action(table: &Table<'_>) -> Option<&'static Kind> {
    let named = KINDS.iter().filter(|kind| table.peek(kind.name).is_some());
    named.min_by_key(|kind| QUALIFIERS.contains(&kind.name))
}

fn of_step<'a>(
    keys: &[Key],
    table: &Table<'a>,
    edges: &[Edge],
    named: &dyn Fn(Target) -> Goal,
) -> Own<'a> {
    // What may be entered into an answer, and who may know it, is compared with the answer.
    let fills = keys.iter().any(|key| key.name == INTO.name);
    let keys: Vec<Key> = keys
        .iter()
        .filter(|key| !(fills && is_type(key.name)) && key.name != SENSITIVE.key.name)
        .copied()
        .collect();
    let mut leaves = Vec::new();
    leaves::of_table(&keys, table, &[], &mut leaves);
    let mut targets = targets(&leaves);
    let mut own = Own::default();
    let mut paths = Paths::new();
    // What comes where a list is full is something that happens on the way which appends to it.
    for edge in edges.iter().filter(|edge| !edge.is_full()) {
        let paths_here = targets.get_mut(&edge.at.start);
        let prefix = paths_here.and_then(next_path).unwrap_or_default();
        for event in events(edge, &prefix) {
            if let Event::When(condition) = &event {
                own.conditions.push(condition.clone());
            }
            let way = Way::to(named(edge.to), edge.at.clone());
            own.ways.insert(event.clone(), way);
            paths.entry(prefix.clone()).or_default().push(event);
        }
    }
    for leaf in leaves {
        own.add(leaf, &paths);
    }
    own
}

/// The keys that lead to ways, by where their targets stand.
fn targets(leaves: &[Leaf<'_>]) -> HashMap<usize, VecDeque<Vec<String>>> {
    let mut targets: HashMap<usize, VecDeque<Vec<String>>> = HashMap::new();
    for leaf in leaves.iter().filter(|leaf| leaf.is_target()) {
        let here = targets.entry(leaf.at.start).or_default();
        here.push_back(way_of(&leaf.path));
    }
    targets
}

/// The keys that lead to the next way of one place: a run of keys is one place for several ways, in order; a `give_up` is
/// one for two.
fn next_path(here: &mut VecDeque<Vec<String>>) -> Option<Vec<String>> {
    if here.len() > 1 {
        here.pop_front()
    } else {
        here.front().cloned()
    }
}

/// The events that take a way, by the keys that lead to it.
type Paths = HashMap<Vec<String>, Vec<Event>>;

/// The keys that lead to a way: without `next`, which leads to its target.
fn way_of(path: &[String]) -> Vec<String> {
    path.strip_suffix(&[NEXT.name.to_owned()])
        .unwrap_or(path)
        .to_vec()
}

fn events(edge: &Edge, prefix: &[String]) -> Vec<Event> {
    match &edge.by {
        By::Itself => match prefix {
            [on, exit] if on == "on" => vec![Event::Exit(exit.clone())],
            _ => vec![Event::Itself],
        },
        By::When(_) => match prefix.last().filter(|condition| !condition.is_empty()) {
            Some(condition) => vec![Event::When(condition.clone())],
            None => vec![Event::Otherwise],
        },
        By::Keys(keys) => vec![Event::Keys(keys.clone())],
        By::AnyKey => vec![Event::AnyKey],
        By::Entry(_) => vec![Event::Entry],
        By::Silent => vec![Event::Silent],
        By::NoInput => vec![Event::NoInput],
        By::NoMatch => vec![Event::NoMatch],
        // A key by which the caller leaves where the call was handed on.
        By::Outcome(_) if let Some(key) = edge.on.strip_prefix("keys.") => {
            vec![Event::Keys(key.to_owned())]
        }
        By::Outcome(outcomes) => outcomes
            .iter()
            .map(|outcome| Event::Outcome(outcome.name, outcome.is_good))
            .collect(),
    }
}

impl<'a> Own<'a> {
    /// Adds a leaf to the ways that it belongs to, else to what the step has itself.
    fn add(&mut self, mut leaf: Leaf<'a>, paths: &Paths) {
        // A way for a full list that is written as a table leads where its `next` does.
        if let [.., full, next] = leaf.path.as_slice()
            && (full, next) == (&FULL.name.to_owned(), &NEXT.name.to_owned())
        {
            leaf.path.pop();
        }
        let value = match leaf.is {
            Is::Prompt(item) => {
                self.prompts.insert(leaf.path, item);
                return;
            }
            Is::Target(_) if paths.contains_key(&way_of(&leaf.path)) => return,
            Is::Target(name) => Value {
                is: Written::of_name(name),
                at: leaf.at,
            },
            Is::Value(is) => Value { is, at: leaf.at },
        };
        let lengths = (0..leaf.path.len()).rev();
        let mut ways = lengths
            .map(|length| leaf.path.split_at(length))
            .filter(|(prefix, rest)| belongs(prefix, rest));
        let way = ways.find_map(|(prefix, rest)| Some((paths.get(prefix)?, rest)));
        let Some((events, rest)) = way else {
            self.values.insert(leaf.path, value);
            return;
        };
        for event in events {
            let way = self
                .ways
                .get_mut(event)
                .expect("a way was put there for each event");
            way.effects.insert(rest.to_vec(), value.clone());
        }
    }
}

/// Whether a key is a way's. A way that stands in the step itself has only what every way can have.
fn belongs(prefix: &[String], rest: &[String]) -> bool {
    !prefix.is_empty()
        || rest.first().is_some_and(|key| {
            [SET.name, APPEND.name, FULL.name, FORGET.name].contains(&key.as_str())
        })
}

/// What belongs to no step: where calls begin, what happens to them at any step, keys of every question.
fn of_flow<'a>(loaded: &'a Loaded, top: &Table<'a>) -> Own<'a> {
    let mut own = Own {
        ways: built_in_ways(loaded, top),
        ..Own::default()
    };
    let keys = FLOW.iter().filter(|key| !ELSEWHERE.contains(&key.name));
    let keys: Vec<Key> = keys.copied().collect();
    let mut leaves = Vec::new();
    leaves::of_table(&keys, top, &[], &mut leaves);
    let mut paths = built_in_paths(&loaded.flow);
    for key in &loaded.flow.anywhere {
        let event = Event::Anywhere(key.keys.clone());
        let path = vec!["anywhere".to_owned(), key.keys.clone()];
        let is_here = |leaf: &&Leaf<'_>| leaf.is_target() && way_of(&leaf.path) == path;
        let leaf = leaves.iter().rfind(is_here);
        let at = leaf.map_or(0..0, |leaf| leaf.at.clone());
        let way = Way::to(goal(loaded, key.way.target()), at);
        own.ways.insert(event.clone(), way);
        paths.insert(path, vec![event]);
    }
    for leaf in leaves {
        own.add(leaf, &paths);
    }
    own
}

/// The ways that every flow has: where calls begin, and what happens to them at any step.
fn built_in_ways(loaded: &Loaded, top: &Table<'_>) -> IndexMap<Event, Way> {
    let (flow, places) = (&loaded.flow, &loaded.flow.places);
    let start = top.peek("start").map(|item| item.span());
    let start = start.unwrap_or_else(|| places.steps[usize::from(flow.start)].clone());
    let begin = goal(loaded, Target::Step(flow.start));
    let leads = |way: Option<&WrittenWay>, otherwise| match way {
        Some(way) => Way::to(goal(loaded, way.target()), way.place()),
        None => Way::to(otherwise, 0..0),
    };
    let (error, hangup) = (flow.on_error.as_ref(), flow.on_hangup.as_ref());
    let gives_up = flow.give_up.as_ref().or(error);
    let mut ways = IndexMap::from([
        (Event::Begins, Way::to(begin, start)),
        (Event::OutOfAttempts, leads(gives_up, Goal::Apology)),
        (Event::LeavesEarly, leads(hangup, Goal::Nothing)),
        (Event::CannotBeDone, leads(error, Goal::Apology)),
    ]);
    let on = top
        .peek(OUTBOUND.name)
        .and_then(|item| item.value.as_table()?.get("on"))
        .and_then(|on| on.get_ref().as_table());
    for (_, to, outcome) in flow.placed_ways() {
        let named = on.and_then(|on| on.get(outcome.as_str()));
        let at = named.map_or(0..0, toml::Spanned::span);
        ways.insert(Event::Placed(outcome), Way::to(goal(loaded, to), at));
    }
    ways
}

/// The keys that lead to these ways.
fn built_in_paths(flow: &Flow) -> Paths {
    let path = |keys: &[&str]| -> Vec<String> { keys.iter().map(ToString::to_string).collect() };
    let mut error = vec![Event::CannotBeDone];
    if flow.give_up.is_none() {
        error.push(Event::OutOfAttempts);
    }
    let placed = flow.placed_ways().map(|(_, _, outcome)| {
        let keys = path(&[OUTBOUND.name, "on", outcome.as_str()]);
        (keys, vec![Event::Placed(outcome)])
    });
    let own = [
        (path(&["give_up"]), vec![Event::OutOfAttempts]),
        (path(&["on", "hangup"]), vec![Event::LeavesEarly]),
        (path(&["on", "error"]), error),
    ];
    own.into_iter().chain(placed).collect()
}
