//! How a way is drawn: out of a door of its box, upright through each layer, in a curve between them, into a door.
//!
//! Boxes and labels stand in layers and a way has its own place in each of them, so that a way that only leaves the
//! upright between layers runs through none.

use super::super::{ArrowStyle, Graph};
use super::boxes::Rect;
use super::layout::Layout;

/// The widest that doors of one side are apart, in pixels.
const DOORS: f64 = 22.0;
/// Room between a corner and the first door.
const CORNER: f64 = 16.0;

/// A piece of a way.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Segment {
    /// Straight to a point.
    Line(f64, f64),
    /// In a curve to a point, upright at both ends.
    Curve(f64, f64),
}

impl Segment {
    pub fn end(self) -> (f64, f64) {
        match self {
            Self::Line(x, y) | Self::Curve(x, y) => (x, y),
        }
    }
}

/// A drawn way.
#[derive(Clone, Debug, Default)]
pub struct Path {
    pub start: (f64, f64),
    /// How it goes on.
    pub pieces: Vec<Segment>,
}

/// The ways of a layout, in the order of the graph.
pub fn paths(graph: &Graph, layout: &Layout) -> Vec<Path> {
    let doors = doors(graph, layout);
    let path = |place: usize| {
        let (upper, lower) = ends(graph, layout, place);
        let (out, into) = doors[place];
        let mut points = vec![(out, upper.bottom())];
        let half = |y: f64| layout.half(y);
        let middle = |rect: &Rect| rect.y + rect.height / 2.0;
        points.push((out, middle(upper) + half(middle(upper))));
        for (x, y) in &layout.routes[place].through {
            // Through a layer with nothing in it a curve goes on.
            let half = half(*y);
            if half > 0.0 {
                points.extend([(*x, y - half), (*x, y + half)]);
            }
        }
        points.push((into, middle(lower) - half(middle(lower))));
        points.push((into, lower.y));
        if layout.routes[place].upwards {
            points.reverse();
        }
        join(&points)
    };
    (0..graph.ways.len()).map(path).collect()
}

fn join(points: &[(f64, f64)]) -> Path {
    let mut path = Path {
        start: points[0],
        pieces: Vec::new(),
    };
    let mut last = points[0];
    for (x, y) in points.iter().copied().skip(1) {
        if (last.1 - y).abs() < 0.01 {
            continue;
        }
        match ((last.0 - x).abs() < 0.5, path.pieces.last_mut()) {
            (true, Some(Segment::Line(_, end))) => *end = y,
            (true, _) => path.pieces.push(Segment::Line(last.0, y)),
            (false, _) => path.pieces.push(Segment::Curve(x, y)),
        }
        last = path.pieces.last().map_or(last, |piece| piece.end());
    }
    path
}

fn ends<'a>(graph: &Graph, layout: &'a Layout, place: usize) -> (&'a Rect, &'a Rect) {
    let way = &graph.ways[place];
    let (from, to) = (&layout.boxes[way.from], &layout.boxes[way.to]);
    if layout.routes[place].upwards {
        (to, from)
    } else {
        (from, to)
    }
}

/// Where each way meets the lower side of the upper box and the upper side of the lower one.
fn doors(graph: &Graph, layout: &Layout) -> Vec<(f64, f64)> {
    // By box: the ways at its lower and at its upper side, each with the place that it comes from or goes to.
    let mut sides: Vec<[Vec<(f64, usize)>; 2]> = vec![Default::default(); graph.nodes.len()];
    for (place, way) in graph.ways.iter().enumerate() {
        let route = &layout.routes[place];
        let (upper, lower) = if route.upwards {
            (way.to, way.from)
        } else {
            (way.from, way.to)
        };
        let first = route
            .through
            .first()
            .map_or(layout.boxes[lower].middle(), |(x, _)| *x);
        let last = route
            .through
            .last()
            .map_or(layout.boxes[upper].middle(), |(x, _)| *x);
        sides[upper][0].push((first, place));
        sides[lower][1].push((last, place));
    }
    let mut doors = vec![(0.0, 0.0); graph.ways.len()];
    for (rect, sides) in layout.boxes.iter().zip(&mut sides) {
        for (which, side) in sides.iter_mut().enumerate() {
            side.sort_by(|one, other| one.0.total_cmp(&other.0).then(one.1.cmp(&other.1)));
            for (x, place) in spread(graph, rect, side) {
                if which == 0 {
                    doors[place].0 = x;
                } else {
                    doors[place].1 = x;
                }
            }
        }
    }
    doors
}

/// The doors of a side, from left to right: in the middle the way that goes well, else one that comes straight.
fn spread(graph: &Graph, rect: &Rect, side: &[(f64, usize)]) -> Vec<(f64, usize)> {
    let is_happy = |(_, place): &(f64, usize)| graph.ways[*place].manner == ArrowStyle::Happy;
    let is_straight = |(x, _): &(f64, usize)| (x - rect.middle()).abs() < 1.0;
    let last = side.len().saturating_sub(1) as f64;
    let centre = side
        .iter()
        .position(is_happy)
        .or_else(|| side.iter().position(is_straight));
    let centre = centre.map_or(last / 2.0, |place| place as f64);
    let reach = centre.max(last - centre);
    let apart = if reach > 0.0 {
        DOORS.min((rect.width / 2.0 - CORNER) / reach)
    } else {
        0.0
    };
    let door = |nth: usize| rect.middle() + (nth as f64 - centre) * apart;
    side.iter()
        .enumerate()
        .map(|(nth, (_, place))| (door(nth), *place))
        .collect()
}
