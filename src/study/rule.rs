//! Why a call went where it went, in the words of its flow.

use crate::engine::advance::Fault;
use crate::engine::call::StepId;
use crate::engine::flow::Flow;
use crate::engine::input::Input;
use crate::engine::step::{Edge, Target};

/// What joins the names of several ways that a rule may have been.
const OR: &str = " or ";

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

impl Rule {
    /// The rules of a turn, one a step: the ways that it took after `input` came, and the steps that it could not do.
    /// `None` stands for an input that nobody can read any more.
    pub fn of_ways(
        flow: &Flow,
        input: Option<&Input>,
        ways: &[(StepId, Target)],
        faults: &[(StepId, Fault)],
    ) -> Vec<Self> {
        let rule = |(place, (step, to)): (usize, &(StepId, Target))| {
            let edges = flow.step(*step).action.edges();
            let on = match input.filter(|_| place == 0) {
                Some(Input::Begin) => "start".to_owned(),
                Some(Input::HungUp(_)) => "on_hangup".to_owned(),
                input => {
                    let read = input.and_then(|input| flow.step(*step).action.reads(flow, input));
                    let at_fault = faults.iter().any(|(at, _)| at == step);
                    name(flow, &edges, read.as_deref(), *to, at_fault)
                }
            };
            Self {
                step: *step,
                others: others(edges, &on),
                on,
                to: Some(*to),
            }
        };
        ways.iter().enumerate().map(rule).collect()
    }

    /// The question was put again.
    pub fn again(flow: &Flow, step: StepId, on: String) -> Self {
        Self {
            step,
            on,
            to: None,
            others: flow.step(step).action.edges(),
        }
    }

    /// The edges that it may have been, by the step that they lead from (none where they are the flow's own) and what
    /// takes them. How a call comes in and what a fault leads to are none.
    pub fn edges(&self, flow: &Flow) -> Vec<(Option<StepId>, String)> {
        let edges = flow.step(self.step).action.edges();
        let edge = |on: &str| match on {
            "start" | "on_error" => None,
            "on_hangup" => Some((None, "on.hangup".to_owned())),
            _ if edges.iter().any(|edge| edge.on == on) => Some((Some(self.step), on.to_owned())),
            _ => Some((None, on.to_owned())),
        };
        let taken = self.to.map_or("", |_| self.on.as_str());
        taken
            .split(OR)
            .filter(|on| !on.is_empty())
            .filter_map(edge)
            .collect()
    }
}

/// The name of a way that was taken.
fn name(flow: &Flow, edges: &[Edge], read: Option<&str>, to: Target, at_fault: bool) -> String {
    let has = |on: &str| edges.iter().any(|edge| edge.on == on && edge.to == to);
    match read {
        Some(miss @ ("no_input" | "no_match")) => {
            let own = format!("give_up.{miss}");
            let general = if flow.give_up.is_some() {
                "give_up"
            } else {
                "on_error"
            };
            return if has(&own) { own } else { general.to_owned() };
        }
        Some(read) => return read.to_owned(),
        None => {}
    }
    if at_fault && flow.on_error.map(Target::Step) == Some(to) {
        return "on_error".to_owned();
    }
    let fitting: Vec<&str> = edges
        .iter()
        .filter(|edge| edge.to == to)
        .map(|edge| edge.on.as_str())
        .collect();
    match fitting.as_slice() {
        [] if flow.give_up == Some(to) => "give_up".to_owned(),
        [] => "on_error".to_owned(),
        _ => fitting.join(OR),
    }
}

fn others(mut edges: Vec<Edge>, taken: &str) -> Vec<Edge> {
    edges.retain(|edge| !taken.split(OR).any(|taken| taken == edge.on));
    edges
}
