//! A call worked out again from its trail: what every turn began with, what it came to, and by which rule.

use super::advance::{Turn, advance_safely};
use super::call::StepId;
use super::call::{At, Call};
use super::flow::Flow;
use super::input::Input;
use super::sid::Fingerprint;
use super::step::{Edge, Target};
use super::trail::{Entry, Trail};

/// A turn, and what it was as far as that can be worked out.
#[derive(Clone, Debug, PartialEq)]
pub struct Retraced<'t> {
    /// What was kept of it.
    pub entry: &'t Entry,
    /// The flow version that it ran on, where the trail tells.
    pub version: Option<Fingerprint>,
    /// `None` where the turns before it, its flow version or the key of its input are missing.
    pub moment: Option<Moment>,
}

/// A turn that was worked out again.
#[derive(Clone, Debug, PartialEq)]
pub struct Moment {
    /// The call as it was before.
    pub before: Call,
    /// What it came to: the call afterwards, the reply, the deliveries, the ways.
    pub turn: Turn,
}

/// Why a call went where it went, in the words of its flow.
#[derive(Clone, Debug)]
pub struct Rule {
    /// The step whose rule it is.
    pub step: StepId,
    /// Its name: `keys.2`, `next`, `no_match`, `on.busy`, `branch.1`, `anywhere.*`, `give_up`, `on_error`, `on_hangup`,
    /// `start`. Where several ways of a step lead to one place and nothing tells which it was, all of them.
    pub on: String,
    /// Where it led; `None` where the question was put again.
    pub to: Option<Target>,
    /// The ways out of the step that were not taken.
    pub others: Vec<Edge>,
}

/// Works a call out again. `flows` knows the versions that it ran on.
pub fn retrace<'t, 'f>(trail: &'t Trail, flows: impl Fn(Fingerprint) -> Option<&'f Flow>) -> Vec<Retraced<'t>> {
    let (mut call, mut version): (Option<Call>, _) = (None, None);
    let mut retraced = Vec::with_capacity(trail.entries.len());
    for entry in &trail.entries {
        if let Some(begun) = &entry.begun {
            version = Some(begun.version);
        }
        let flow = version.and_then(&flows);
        let before = flow.and_then(|flow| before(trail, call.take(), entry, flow));
        let moment = match (flow, before, &entry.input) {
            (Some(flow), Some(before), Some(input)) => {
                let turn = advance_safely(flow, before.clone(), input, entry.at);
                call = Some(turn.call.clone());
                Some(Moment { before, turn })
            }
            _ => None,
        };
        retraced.push(Retraced { entry, version, moment });
    }
    retraced
}

/// The call as an entry's turn found it; `None` where the turn before it is missing.
fn before(trail: &Trail, call: Option<Call>, entry: &Entry, flow: &Flow) -> Option<Call> {
    match (&entry.begun, call) {
        (Some(begun), _) if entry.turn == 1 => Some(Call::new(trail.sid.clone(), flow, begun.about.clone())),
        (Some(_), Some(call)) if call.turn + 1 == entry.turn => Some(call.revisit(flow)),
        // The visit before is missing: what it left are numbers only.
        (Some(begun), _) => {
            let call = Call::new(trail.sid.clone(), flow, begun.about.clone());
            Some(Call { turn: entry.turn.saturating_sub(1), visit: 2, ..call })
        }
        (None, call) => call.filter(|call| call.turn + 1 == entry.turn),
    }
}

impl Moment {
    /// Why the call went where it went, a rule a step; empty where nothing led anywhere.
    pub fn rules(&self, flow: &Flow, input: &Input) -> Vec<Rule> {
        let asked = match self.before.at {
            At::Step(step) => Some(step),
            _ => None,
        };
        let read = asked.and_then(|step| flow.step(step).action.reads(flow, input));
        let ways = self.turn.ways.iter().enumerate();
        let mut rules: Vec<Rule> = ways
            .map(|(place, (step, to))| {
                let edges = flow.step(*step).action.edges();
                let first = place == 0;
                let read = read.as_deref().filter(|_| first && asked == Some(*step));
                let on = match input {
                    Input::Begin if first => "start".to_owned(),
                    Input::HungUp(_) if first => "on_hangup".to_owned(),
                    _ => name(flow, &edges, read, *to, self.is_at_fault(*step)),
                };
                Rule { step: *step, others: others(edges, &on), on, to: Some(*to) }
            })
            .collect();
        if let (true, Some(step), Some(on)) = (rules.is_empty(), asked, read) {
            rules.push(Rule { step, on, to: None, others: flow.step(step).action.edges() });
        }
        rules
    }

    fn is_at_fault(&self, step: StepId) -> bool {
        self.turn.faults.iter().any(|(at, _)| *at == step)
    }
}

/// The name of a way that was taken.
fn name(flow: &Flow, edges: &[Edge], read: Option<&str>, to: Target, at_fault: bool) -> String {
    let has = |on: &str| edges.iter().any(|edge| edge.on == on && edge.to == to);
    match read {
        Some(miss @ ("no_input" | "no_match")) => {
            let own = format!("give_up.{miss}");
            return if has(&own) { own } else { "give_up".to_owned() };
        }
        Some(read) => return read.to_owned(),
        None => {}
    }
    if at_fault && flow.on_error.map(Target::Step) == Some(to) {
        return "on_error".to_owned();
    }
    let fitting: Vec<&str> = edges.iter().filter(|edge| edge.to == to).map(|edge| edge.on.as_str()).collect();
    match fitting.as_slice() {
        [] if flow.give_up == Some(to) => "give_up".to_owned(),
        [] => "on_error".to_owned(),
        _ => fitting.join(" or "),
    }
}

fn others(mut edges: Vec<Edge>, taken: &str) -> Vec<Edge> {
    edges.retain(|edge| !taken.split(" or ").any(|taken| taken == edge.on));
    edges
}
