//! The way that goes well: from the first step, always the first way that is no trouble and leads on.

use super::{ArrowStyle, Graph};
use crate::engine::flow::Flow;

pub fn mark(graph: &mut Graph, flow: &Flow) {
    let mut of_step: Vec<Vec<usize>> = vec![Vec::new(); graph.nodes.len()];
    for (place, way) in graph
        .ways
        .iter()
        .enumerate()
        .filter(|(_, way)| way.manner != ArrowStyle::Trouble)
    {
        of_step[way.from].push(place);
    }
    let mut here = usize::from(flow.start);
    loop {
        graph.nodes[here].happy = true;
        let next = of_step[here]
            .iter()
            .copied()
            .find(|way| !graph.nodes[graph.ways[*way].to].happy);
        let Some(way) = next else { return };
        graph.ways[way].manner = ArrowStyle::Happy;
        here = graph.ways[way].to;
    }
}
