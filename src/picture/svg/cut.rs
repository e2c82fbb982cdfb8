//! Long ways, cut: they lead to a sign that names the step, as ways to another page do.
//!
//! A step that a caller can come to from everywhere, an operator mostly, would put a line beside every other step; and a
//! picture of hundreds of steps with every way drawn out is mostly lines, and slow to lay out.

use std::borrow::Cow;

use super::super::{Arrow, ArrowStyle, Graph, Node, NodeKind};
use super::layout::{MANY, outgoing, reading_order, upwards};

/// The most layers that a way may pass that is cut otherwise.
const LONG: usize = 4;
/// So many long ways to one step are cut in a flow of any size.
const CROWD: usize = 4;

/// The graph with its long ways cut: all of them if it is a large one, else those of a crowd.
pub fn cut(graph: &Graph) -> Cow<'_, Graph> {
    let layers = layers(graph);
    let is_long = |way: &Arrow| {
        way.manner != ArrowStyle::Happy && layers[way.from].abs_diff(layers[way.to]) > LONG
    };
    let mut long = vec![0; graph.nodes.len()];
    graph
        .ways
        .iter()
        .filter(|way| is_long(way))
        .for_each(|way| long[way.to] += 1);
    let least = if graph.nodes.len() > MANY { 1 } else { CROWD };
    if long.iter().all(|ways| *ways < least) {
        return Cow::Borrowed(graph);
    }
    let mut cut = graph.clone();
    for way in &mut cut.ways {
        if is_long(way) && long[way.to] >= least {
            let name = format!("to {}", cut.nodes[way.to].name);
            cut.nodes.push(Node::named(NodeKind::Sign(way.to), name));
            way.to = cut.nodes.len() - 1;
        }
    }
    Cow::Owned(cut)
}

/// How deep each node stands, at least.
fn layers(graph: &Graph) -> Vec<usize> {
    let order = reading_order(graph);
    let (up, out) = (upwards(graph, &order), outgoing(graph));
    let mut above = vec![0; graph.nodes.len()];
    let down = || {
        graph
            .ways
            .iter()
            .zip(&up)
            .filter(|(_, up)| !**up)
            .map(|(way, _)| way)
    };
    down().for_each(|way| above[way.to] += 1);
    let mut open: Vec<usize> = order
        .into_iter()
        .filter(|place| above[*place] == 0)
        .collect();
    let mut layers = vec![0; graph.nodes.len()];
    while let Some(place) = open.pop() {
        for way in out[place].iter().filter(|way| !up[**way]) {
            let to = graph.ways[*way].to;
            layers[to] = layers[to].max(layers[place] + 1);
            above[to] -= 1;
            if above[to] == 0 {
                open.push(to);
            }
        }
    }
    layers
}
