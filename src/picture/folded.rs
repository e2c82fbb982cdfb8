//! Flows that are gone through, each as the one step that goes through it.

use super::label::lines;
use super::{Arrow, Graph, Node, NodeKind};
use crate::engine::flow::Flow;
use crate::engine::ids::StepId;

/// Folds every flow that is gone through into the step that does so: its ways are those of its ends.
pub fn fold(graph: &mut Graph, flow: &Flow) {
    if flow.subflows.is_empty() {
        return;
    }
    let home = |node: usize| home(flow, node);
    let ways = std::mem::take(&mut graph.ways);
    graph.ways = ways
        .into_iter()
        .filter(|way| home(way.from) != home(way.to))
        .filter_map(|way| of_end(flow, way))
        .map(|way| Arrow {
            from: home(way.from),
            to: home(way.to),
            ..way
        })
        .collect();
    let has_ends = |node: usize, ways: &[Arrow]| ways.iter().filter(|way| way.from == node).count();
    for at in 0..graph.ways.len() {
        let way = &graph.ways[at];
        let is_only = has_ends(way.from, &graph.ways) == 1;
        let is_of_flow = flow
            .subflows
            .iter()
            .any(|of| usize::from(of.step) == way.from);
        if is_of_flow {
            let said: Vec<_> = way.on.iter().map(|on| (on.clone(), None)).collect();
            graph.ways[at].lines = lines(&said, if is_only { "" } else { "returned" });
        }
    }
    let is_led_to = |graph: &Graph, node: usize| graph.ways.iter().any(|way| way.to == node);
    let kept: Vec<bool> = (0..graph.nodes.len())
        .map(|at| {
            let is_end = graph.nodes[at].kind == NodeKind::End;
            home(at) == at && (!is_end || is_led_to(graph, at))
        })
        .collect();
    keep(graph, |node| kept[node]);
}

/// The step of the flow itself that a step belongs to.
fn home(flow: &Flow, node: usize) -> usize {
    let step = StepId::try_from(node).unwrap_or(StepId::MAX);
    let outermost = flow.subflows_at(step).last();
    outermost.map_or(node, |outermost| usize::from(outermost.step))
}

/// A way as it looks from outside: that of an end has the end's name, any other inside is not seen.
fn of_end(flow: &Flow, way: Arrow) -> Option<Arrow> {
    let step = StepId::try_from(way.from).unwrap_or(StepId::MAX);
    if flow.subflows_at(step).next().is_none() {
        return Some(way);
    }
    let (_, on) = flow.end_of(step, way.on.first()?)?;
    Some(Arrow {
        on: vec![on],
        ..way
    })
}

/// Keeps some nodes, and the ways between them.
fn keep(graph: &mut Graph, is_kept: impl Fn(usize) -> bool) {
    let mut places = Vec::with_capacity(graph.nodes.len());
    let mut kept: Vec<Node> = Vec::new();
    for (at, node) in std::mem::take(&mut graph.nodes).into_iter().enumerate() {
        places.push(is_kept(at).then_some(kept.len()));
        if is_kept(at) {
            kept.push(node);
        }
    }
    graph.ways.retain_mut(|way| {
        let (Some(from), Some(to)) = (places[way.from], places[way.to]) else {
            return false;
        };
        (way.from, way.to) = (from, to);
        true
    });
    graph.nodes = kept;
}
