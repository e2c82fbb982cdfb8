//! Marks the way on which all goes well.

use super::{ArrowStyle, Graph};
use crate::study::walk::GoodWay;

pub fn mark(graph: &mut Graph, good: &GoodWay) {
    let steps: Vec<usize> = good.steps.iter().map(|step| usize::from(*step)).collect();
    for step in &steps {
        graph.nodes[*step].happy = true;
    }
    for pair in steps.windows(2) {
        mark_arrow(graph, pair[0], |_, to| to == pair[1]);
    }
    if let Some(last) = steps.last().filter(|_| good.hangs_up)
        && let Some(end) = mark_arrow(graph, *last, |graph, to| !graph.nodes[to].is_step())
    {
        graph.nodes[end].happy = true;
    }
}

/// Marks the arrow from one place to another; that place.
fn mark_arrow(
    graph: &mut Graph,
    from: usize,
    is_goal: impl Fn(&Graph, usize) -> bool,
) -> Option<usize> {
    let mut ways = 0..graph.ways.len();
    let way = ways.find(|way| {
        let way = &graph.ways[*way];
        way.from == from && is_goal(graph, way.to)
    })?;
    graph.ways[way].manner = ArrowStyle::Happy;
    Some(graph.ways[way].to)
}
