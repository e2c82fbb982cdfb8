//! The ways out of a step, as a call can take them.

use std::ops::Range;

use super::examples::taken;
use super::grows::Grows;
use super::misses::counts;
use crate::engine::came::{OUTCOME, WaitOutcome};
use crate::engine::edge::{Appends, By, Edge, Effect, Target};
use crate::engine::flow::Flow;
use crate::engine::ids::StepId;
use crate::engine::question::Miss;
use crate::engine::way::Way as WrittenWay;

/// Why a way is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It is the step's own, or `[anywhere]`'s.
    Written,
    /// The caller is out of attempts.
    GiveUp,
    /// Something cannot be done; taken once a call.
    Error,
    /// The caller hangs up.
    HangUp,
}

/// A way out of a step, as the engine sees it.
#[derive(Debug)]
pub struct Way {
    /// What takes it.
    pub by: By,
    /// Why.
    pub kind: Kind,
    /// Where it leads; an apology, where there is nothing.
    pub to: Option<Target>,
    /// Where the target is named.
    pub at: Range<usize>,
    /// What it does to names.
    pub does: Effect,
    /// How many entries its list has where it is taken, if it has a list.
    pub grows: Option<Grows>,
}

impl Way {
    /// The ways that an edge is: where its list is full, with the last entry and without room for one.
    fn of(edge: &Edge, kind: Kind) -> Vec<Self> {
        let grows = edge
            .does
            .appends
            .as_ref()
            .map(Grows::of)
            .unwrap_or_default();
        let way = |grows: Option<Grows>| {
            let mut does = edge.does.clone();
            if let Some(grows) = &grows {
                grows.change(&mut does);
            }
            Self {
                by: edge.by.clone(),
                kind,
                to: Some(edge.to),
                at: edge.at.clone(),
                does,
                grows,
            }
        };
        if grows.is_empty() {
            return vec![way(None)];
        }
        grows.into_iter().map(Some).map(way).collect()
    }

    /// What it appends to a list.
    pub fn appends(&self) -> Option<&Appends> {
        self.does.appends.as_ref()
    }
}

/// The ways out of a step: its own, those of `[anywhere]`, giving up, errors, hanging up. The facts of a step are set by
/// the ways of its outcomes, and unset by every way that leads to it.
pub fn ways(flow: &Flow, step: StepId) -> Vec<Way> {
    let action = &flow.step(step).action;
    let taken = taken(flow, step);
    let mut ways: Vec<Way> = Vec::new();
    for edge in action.edges() {
        let never_wrong = edge.by == By::NoMatch && !counts(flow, step, Miss::NoMatch);
        if edge.by == By::Outcome(Vec::new()) || never_wrong {
            continue;
        }
        let mut edge = edge;
        if let (By::Entry(example), Some(taken)) = (&mut edge.by, &taken) {
            let end = if example.ends_with('#') { "#" } else { "" };
            *example = format!("{taken}{end}");
        }
        if matches!(edge.by, By::Outcome(_)) {
            comes_back(flow, step, &edge.by, &mut edge.does);
        }
        let kind = if matches!(edge.by, By::NoInput | By::NoMatch) {
            Kind::GiveUp
        } else {
            Kind::Written
        };
        ways.extend(Way::of(&edge, kind));
    }
    if action.asks() {
        for key in flow
            .anywhere_at(step)
            .iter()
            .filter(|key| !action.takes(&key.keys))
        {
            let edges = key.way.edges("", &By::Keys(key.keys.clone()));
            ways.extend(
                edges
                    .into_iter()
                    .flat_map(|edge| Way::of(&edge, Kind::Written)),
            );
        }
        for (miss, by) in [(Miss::NoInput, By::NoInput), (Miss::NoMatch, By::NoMatch)] {
            if counts(flow, step, miss) && !ways.iter().any(|way| way.by == by) {
                ways.extend(given_up(flow, step, by));
            }
        }
    }
    ways.extend(untaken(flow, step));
    let waits = action.asks() || action.away().is_some();
    if waits {
        for way in flow.on_hangup_at(step) {
            ways.extend(event(way, &By::Itself, Kind::HangUp));
        }
        if let Some(way) = flow.on_error_at(step) {
            ways.extend(event(way, &By::Itself, Kind::Error));
        }
    }
    for way in &mut ways {
        forget_facts(flow, step, way);
    }
    ways
}

/// Where a caller goes whose wait ends in what the step has no way for.
fn untaken(flow: &Flow, step: StepId) -> Vec<Way> {
    let action = &flow.step(step).action;
    let Some(away) = action.away() else {
        return Vec::new();
    };
    let edges = action.edges();
    let has = |outcome: &&WaitOutcome| {
        let takes = |edge: &Edge| matches!(&edge.by, By::Outcome(taken) if taken.contains(outcome));
        edges.iter().any(takes)
    };
    let rest: Vec<_> = away
        .outcomes
        .iter()
        .copied()
        .filter(|outcome| !has(outcome))
        .collect();
    if rest.is_empty() {
        return Vec::new();
    }
    let mut ways = given_up(flow, step, By::Outcome(rest));
    for way in &mut ways {
        comes_back(flow, step, &way.by, &mut way.does);
    }
    ways
}

/// That a way unsets the facts of the step that it leads to, and of all steps of a flow that it leads into.
fn forget_facts(flow: &Flow, step: StepId, way: &mut Way) {
    let Some(Target::Step(to)) = way.to else {
        return;
    };
    let facts = flow.facts_of(to).map(|(slot, _)| slot);
    way.does.forgets.extend(facts);
    if let Some(inner) = flow.entered(step, to) {
        let steps = (0..).zip(&flow.steps);
        let steps = steps.filter(|(_, of)| of.subflow == Some(inner));
        let facts = steps.flat_map(|(of, _)| flow.facts_of(of));
        way.does.forgets.extend(facts.map(|(slot, _)| slot));
    }
}

/// That the facts of a step are set, before anything else is: of those that are taken out of what was answered, only where it
/// is good.
fn comes_back(flow: &Flow, step: StepId, by: &By, does: &mut Effect) {
    let away = flow.step(step).action.away();
    let facts = away.map_or(&[][..], |away| away.facts);
    let is_good = matches!(by, By::Outcome(all) if all.iter().all(|outcome| outcome.is_good));
    let is_taken = |name: &str| {
        facts
            .iter()
            .any(|fact| fact.name == name && fact.at.is_some())
    };
    let comes = flow
        .facts_of(step)
        .filter(|(_, name)| is_good || !is_taken(name));
    let (outcome, others): (Vec<_>, Vec<_>) = comes.partition(|(_, name)| *name == OUTCOME);
    // An answer that the outcome fills is set with the facts.
    let filled = does.into.take();
    does.into = outcome.first().map(|(slot, _)| (*slot, None));
    let others = others.into_iter().map(|(slot, _)| (slot, None));
    let first: Vec<_> = filled.into_iter().chain(others).collect();
    for (before, _) in &mut does.reads {
        *before += first.len();
    }
    for (place, _) in &mut does.worked {
        *place += first.len();
    }
    if let Some(appends) = &mut does.appends {
        appends.after += first.len();
    }
    does.sets.splice(0..0, first);
}

/// Where a caller who is out of attempts goes if the step does not say.
fn given_up(flow: &Flow, step: StepId, by: By) -> Vec<Way> {
    match (flow.give_up_at(step), flow.on_error_at(step)) {
        (Some(way), _) => event(way, &by, Kind::GiveUp),
        (None, Some(way)) => event(way, &by, Kind::Error),
        (None, None) => vec![Way {
            by,
            kind: Kind::GiveUp,
            to: None,
            at: 0..0,
            does: Effect::default(),
            grows: None,
        }],
    }
}

/// The ways that a way of the flow itself is.
fn event(way: &WrittenWay, by: &By, kind: Kind) -> Vec<Way> {
    let edges = way.edges("", by);
    edges
        .into_iter()
        .flat_map(|edge| Way::of(&edge, kind))
        .collect()
}
