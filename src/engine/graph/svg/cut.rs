//! Long ways of a large flow, cut: they lead to a sign that names the step, as ways to another page do.
//!
//! A picture of hundreds of steps with every way drawn out is mostly lines, and slow to lay out.

use std::borrow::Cow;

use super::super::{Graph, Kind, Node};
use super::layout::{MANY, outgoing, reading_order, upwards};

/// The most layers that a way of a large flow may pass.
const LONG: usize = 4;

/// The graph with its long ways cut, if it is a large one.
pub fn cut(graph: &Graph) -> Cow<'_, Graph> {
    if graph.nodes.len() <= MANY {
        return Cow::Borrowed(graph);
    }
    let layers = layers(graph);
    let mut cut = graph.clone();
    for way in &mut cut.ways {
        if layers[way.from].abs_diff(layers[way.to]) > LONG {
            let name = format!("to {}", cut.nodes[way.to].name);
            cut.nodes.push(Node::named(Kind::Sign(way.to), name));
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
    let down = || graph.ways.iter().zip(&up).filter(|(_, up)| !**up).map(|(way, _)| way);
    down().for_each(|way| above[way.to] += 1);
    let mut open: Vec<usize> = order.into_iter().filter(|place| above[*place] == 0).collect();
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
