//! Why a call went where it went, in the words of its flow.

use crate::engine::edge::{Edge, Target};
use crate::engine::flow::Flow;
use crate::engine::ids::StepId;
use crate::engine::taken::{On, Taken};

/// Why a call went where it went, in the words of its flow.
#[derive(Clone, Debug)]
pub struct Rule {
    /// The step whose rule it is.
    pub step: StepId,
    /// Its name, as [`Taken::name`] has it, or `no_input`, `no_match` or `refuse.2`; empty where it is not known.
    pub on: String,
    /// Where it led; `None` where the question was put again.
    pub to: Option<Target>,
    /// The ways out of the step that were not taken.
    pub others: Vec<Edge>,
}

impl Rule {
    /// The rule of a way that was taken.
    pub fn of(flow: &Flow, way: &Taken) -> Self {
        let mut others = flow.step(way.from).action.edges();
        let on = match way.name(flow) {
            Some(name) => name.into_owned(),
            None => the_only(&others, way.to).unwrap_or_default(),
        };
        others.retain(|edge| edge.on != on);
        Self {
            step: way.from,
            on,
            to: Some(way.to),
            others,
        }
    }

    /// The question was put again.
    pub fn again(flow: &Flow, step: StepId, on: &str) -> Self {
        Self {
            step,
            on: on.to_owned(),
            to: None,
            others: flow.step(step).action.edges(),
        }
    }
}

/// The edge that was taken: the step that it leaves (none for an edge of the flow itself) and what takes it. The beginning
/// of a call and what a fault leads to are no edges.
pub fn edge_of(flow: &Flow, way: &Taken) -> Option<(Option<StepId>, String)> {
    let from = match way.on {
        On::Start | On::Error => return None,
        On::Hangup => return Some((None, "on.hangup".to_owned())),
        On::Outbound(outcome) => {
            return Some((None, format!("outbound.on.{}", outcome.as_str())));
        }
        On::Full(_) => return full_edge(flow, way),
        On::GiveUp | On::Anywhere(_) => None,
        On::Step(_) | On::Unknown => Some(way.from),
    };
    let name = way.name(flow).map(std::borrow::Cow::into_owned);
    let name = name.or_else(|| the_only(&flow.step(way.from).action.edges(), way.to))?;
    Some((from, name))
}

/// The edge that was taken in place of one of the flow itself.
fn full_edge(flow: &Flow, way: &Taken) -> Option<(Option<StepId>, String)> {
    match &*way.name(flow)? {
        "on_error.full" => None,
        "on_hangup.full" => Some((None, "on.hangup.full".to_owned())),
        name => Some((None, name.to_owned())),
    }
}

/// The name of the edge that leads there, where only one does.
fn the_only(edges: &[Edge], to: Target) -> Option<String> {
    let mut fitting = edges.iter().filter(|edge| edge.to == to);
    let first = fitting.next()?;
    fitting.next().is_none().then(|| first.on.clone())
}
