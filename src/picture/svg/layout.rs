//! Where everything stands: layers from top to bottom, by the crate dagre.

use dagre::graph::{Graph as Layered, GraphOptions};
use dagre::layout::types::LabelPos;
use dagre::{EdgeLabel, LayoutOptions, NodeLabel, Ranker};

use super::super::{Arrow, ArrowStyle, Graph};
use super::boxes::{Content, Rect};

use crate::study::order::DepthOrder;

/// Room between boxes beside each other, in pixels.
pub const BESIDE: f64 = 34.0;
/// Room between a way and what is beside it.
pub const BESIDE_WAY: f64 = 22.0;
/// Room between layers of boxes; a label between them has its own.
const BELOW: f64 = 56.0;
/// More nodes than this are laid out by quicker and plainer ways: nobody reads such a picture whole.
pub const MANY: usize = 120;

/// A way through the layers.
#[derive(Clone, Debug, Default)]
pub struct Route {
    /// The middles of the places that it goes through, downwards.
    pub through: Vec<(f64, f64)>,
    /// Whether it leads upwards: `through` is then from its end to its beginning.
    pub upwards: bool,
}

#[derive(Clone, Debug, Default)]
pub struct Layout {
    pub boxes: Vec<Rect>,
    /// The labels; empty ones where a way has none.
    pub labels: Vec<Rect>,
    pub routes: Vec<Route>,
    /// The layers that are not empty, from above: their middle, and how high they are to each side of it.
    pub layers: Vec<(f64, f64)>,
}

impl Layout {
    /// Lets dagre decide on the layers and the order in each.
    pub fn new(graph: &Graph, contents: &[Content], labels: &[Content]) -> Self {
        let order = reading_order(graph);
        let upwards = upwards(graph, &order);
        let mut layered = layered(graph, contents, labels, &order, &upwards);
        let ranker = if graph.nodes.len() > MANY {
            Ranker::TightTree
        } else {
            Ranker::NetworkSimplex
        };
        let options = LayoutOptions {
            nodesep: BESIDE,
            edgesep: BESIDE_WAY,
            ranksep: BELOW,
            ranker,
            ..LayoutOptions::default()
        };
        dagre::layout(&mut layered, Some(options));
        read(graph, &layered, labels, &upwards)
    }

    /// How high the layer with this middle is to each side; nothing if it is empty.
    pub fn half(&self, middle: f64) -> f64 {
        let near = self
            .layers
            .partition_point(|(layer, _)| *layer < middle - 0.5);
        self.layers
            .get(near)
            .filter(|(layer, _)| (layer - middle).abs() <= 0.5)
            .map_or(0.0, |(_, half)| *half)
    }
}

/// The nodes as a reader comes to them: from the beginning of a call down, what happens to it last.
pub fn reading_order(graph: &Graph) -> Vec<usize> {
    let is_start = |place: &usize| graph.nodes[*place].happy && !graph.nodes[*place].is_step();
    let mut roots: Vec<usize> = (0..graph.nodes.len()).filter(is_start).collect();
    roots.extend(0..graph.nodes.len());
    let mut out = outgoing(graph);
    // The last that is pushed is visited first.
    for ways in &mut out {
        ways.reverse();
    }
    let (mut seen, mut order) = (vec![false; graph.nodes.len()], Vec::new());
    for root in roots {
        let mut open = vec![root];
        while let Some(place) = open.pop() {
            if !std::mem::replace(&mut seen[place], true) {
                order.push(place);
                open.extend(out[place].iter().map(|way| graph.ways[*way].to));
            }
        }
    }
    order
}

/// The ways out of each node, the one that goes well first.
pub fn outgoing(graph: &Graph) -> Vec<Vec<usize>> {
    let mut out = vec![Vec::new(); graph.nodes.len()];
    for (place, way) in graph.ways.iter().enumerate() {
        out[way.from].push(place);
    }
    for ways in &mut out {
        ways.sort_by_key(|way| (graph.ways[*way].manner, *way));
    }
    out
}

/// Which ways close a circle, so that they must lead upwards: those to a node that is still being gone through.
pub fn upwards(graph: &Graph, order: &[usize]) -> Vec<bool> {
    let to = |way: &usize| graph.ways[*way].to;
    let ways: Vec<Vec<usize>> = outgoing(graph)
        .iter()
        .map(|out| out.iter().map(to).collect())
        .collect();
    let order = DepthOrder::from(order.iter().copied(), &ways);
    let is_back = |way: &Arrow| order.is_back(way.from, way.to);
    graph.ways.iter().map(is_back).collect()
}

fn layered(
    graph: &Graph,
    contents: &[Content],
    labels: &[Content],
    order: &[usize],
    upwards: &[bool],
) -> Layered<NodeLabel, EdgeLabel> {
    let mut layered = Layered::with_options(GraphOptions {
        directed: true,
        multigraph: true,
        ..GraphOptions::default()
    });
    for place in order {
        let Content { width, height, .. } = contents[*place];
        layered.set_node(
            place.to_string(),
            Some(NodeLabel {
                width,
                height,
                ..NodeLabel::default()
            }),
        );
    }
    let out = outgoing(graph);
    for ways in order.iter().map(|place| &out[*place]) {
        for place in ways {
            let way = &graph.ways[*place];
            let ends = if upwards[*place] {
                (way.to, way.from)
            } else {
                (way.from, way.to)
            };
            let weight = match way.manner {
                ArrowStyle::Happy => 24,
                ArrowStyle::Plain => 2,
                ArrowStyle::Trouble => 1,
            };
            let Content { width, height, .. } = labels[*place];
            let label = EdgeLabel {
                weight,
                width,
                height,
                labelpos: LabelPos::Center,
                ..EdgeLabel::default()
            };
            layered.set_edge(
                ends.0.to_string(),
                ends.1.to_string(),
                Some(label),
                Some(&place.to_string()),
            );
        }
    }
    layered
}

fn read(
    graph: &Graph,
    layered: &Layered<NodeLabel, EdgeLabel>,
    labels: &[Content],
    upwards: &[bool],
) -> Layout {
    let mut layout = Layout::default();
    let around = |x: Option<f64>, y: Option<f64>, width: f64, height: f64| {
        let (x, y) = (x.unwrap_or_default(), y.unwrap_or_default());
        Rect {
            x: x - width / 2.0,
            y: y - height / 2.0,
            width,
            height,
        }
    };
    for place in 0..graph.nodes.len() {
        let node = layered.node(&place.to_string());
        layout.boxes.push(
            node.map(|node| around(node.x, node.y, node.width, node.height))
                .unwrap_or_default(),
        );
    }
    for (place, way) in graph.ways.iter().enumerate() {
        let (upper, lower) = if upwards[place] {
            (way.to, way.from)
        } else {
            (way.from, way.to)
        };
        let edge = layered.edge(
            &upper.to_string(),
            &lower.to_string(),
            Some(&place.to_string()),
        );
        let Content { width, height, .. } = labels[place];
        let label = edge
            .filter(|_| width > 0.0)
            .map(|edge| around(edge.x, edge.y, width, height));
        layout.labels.push(label.unwrap_or_default());
        let (top, bottom) = (layout.boxes[upper].bottom(), layout.boxes[lower].y);
        let points = edge.map(|edge| edge.points.as_slice()).unwrap_or_default();
        // The first and the last are where a straight line would meet the boxes: ways have doors of their own.
        let inner = points
            .get(1..points.len().saturating_sub(1))
            .unwrap_or_default();
        let through = inner
            .iter()
            .map(|point| (point.x, point.y))
            .filter(|(_, y)| *y > top && *y < bottom)
            .collect();
        layout.routes.push(Route {
            through,
            upwards: upwards[place],
        });
    }
    layout.layers = layers(&layout);
    layout
}

/// Everything in a layer has the same middle.
fn layers(layout: &Layout) -> Vec<(f64, f64)> {
    let rects = layout
        .boxes
        .iter()
        .chain(layout.labels.iter().filter(|label| label.width > 0.0));
    let mut all: Vec<(f64, f64)> = rects
        .map(|rect| (rect.y + rect.height / 2.0, rect.height / 2.0))
        .collect();
    all.sort_by(|one, other| one.0.total_cmp(&other.0));
    let mut layers: Vec<(f64, f64)> = Vec::new();
    for (middle, half) in all {
        match layers.last_mut().filter(|(last, _)| middle - *last < 0.5) {
            Some((_, highest)) => *highest = highest.max(half),
            None => layers.push((middle, half)),
        }
    }
    layers
}
