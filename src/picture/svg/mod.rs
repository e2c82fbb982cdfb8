//! The picture as SVG, drawn so that a person would put it in a document.
//!
//! Steps stand in reading order from top to bottom. What a step is shows by its shape, by its colour and by its words,
//! never by colour alone. Every step is an element `step-NAME`, and every way says from where, to where and by what it
//! is taken, so that a page can light them.

mod boxes;
mod cut;
mod draw;
mod layout;
mod route;
mod straight;
mod style;
mod text;

use std::borrow::Cow;

pub use self::boxes::{Content, Rect, Text};
pub use self::route::{Path, Segment};
pub use self::style::Theme;
pub use self::text::Weight;

use self::boxes::{contents, label};
use self::cut::cut;
use self::layout::{Layout, MANY};
use self::route::paths;
use self::straight::straighten;
use super::Graph;

/// Room around the picture, in pixels.
const MARGIN: f64 = 24.0;
/// The height of the title's line.
const TITLE: f64 = 30.0;
/// The height of a note's line.
const NOTE: f64 = 19.0;
/// Sizes of their text.
const TITLE_SIZE: f64 = 18.0;
const NOTE_SIZE: f64 = 12.5;

/// A picture with a place for everything.
#[derive(Clone, Debug)]
pub struct Drawing<'a> {
    /// What it shows; of a large flow with long ways cut.
    pub graph: Cow<'a, Graph>,
    /// Its width, in pixels.
    pub width: f64,
    pub height: f64,
    pub heading: Vec<Text>,
    /// The nodes' boxes and their contents.
    pub boxes: Vec<(Rect, Content)>,
    /// The ways' labels and what stands on them; empty ones where a way has none.
    pub labels: Vec<(Rect, Content)>,
    pub paths: Vec<Path>,
}

impl<'a> Drawing<'a> {
    /// Finds a place for everything.
    pub fn new(graph: &'a Graph) -> Self {
        let graph = cut(graph);
        let (contents, labels) = (
            contents(&graph),
            graph.ways.iter().map(label).collect::<Vec<_>>(),
        );
        let mut layout = Layout::new(&graph, &contents, &labels);
        if graph.nodes.len() <= MANY {
            straighten(&graph, &mut layout);
        }
        let heading = heading(&graph);
        let left = extent(&layout, f64::min, |rect| rect.x);
        let right = extent(&layout, f64::max, Rect::right);
        let top = layout
            .boxes
            .iter()
            .map(|rect| rect.y)
            .fold(f64::INFINITY, f64::min);
        let bottom = layout.boxes.iter().map(Rect::bottom).fold(0.0, f64::max);
        let head = heading.last().map_or(0.0, |line| line.y + 16.0);
        shift(&mut layout, MARGIN - left, MARGIN + head - top);
        let widest = heading
            .iter()
            .map(|line| line.x + line.width())
            .fold(0.0, f64::max);
        Self {
            width: (right - left + 2.0 * MARGIN).max(widest + MARGIN).ceil(),
            height: (bottom - top + head + 2.0 * MARGIN).ceil(),
            heading,
            paths: paths(&graph, &layout),
            boxes: layout.boxes.into_iter().zip(contents).collect(),
            labels: layout.labels.into_iter().zip(labels).collect(),
            graph,
        }
    }

    pub fn svg(&self, theme: Theme) -> String {
        draw::draw(self, theme)
    }
}

fn heading(graph: &Graph) -> Vec<Text> {
    let line = |text: &str, class, y, size, weight| {
        let text = text::fit(text, 900.0, size, weight);
        Text {
            text,
            class,
            x: MARGIN,
            y,
            size,
            weight,
            on_key: false,
        }
    };
    let title = line(
        &graph.title,
        "title",
        MARGIN + 14.0,
        TITLE_SIZE,
        Weight::Bold,
    );
    let first = title.y + TITLE - 7.0;
    let notes = graph.notes.iter().enumerate().map(|(nth, note)| {
        let y = first + nth as f64 * NOTE;
        line(note, "note", y, NOTE_SIZE, Weight::Regular)
    });
    let mut heading: Vec<Text> = std::iter::once(title.clone()).chain(notes).collect();
    if let Some(last) = heading.last_mut() {
        last.y = last.y.max(title.y);
    }
    heading
}

/// The outermost place of boxes, labels and ways at one side.
fn extent(layout: &Layout, outer: fn(f64, f64) -> f64, side: fn(&Rect) -> f64) -> f64 {
    let rects = layout
        .boxes
        .iter()
        .chain(layout.labels.iter().filter(|label| label.width > 0.0))
        .map(side);
    let ways = layout
        .routes
        .iter()
        .flat_map(|route| &route.through)
        .map(|(x, _)| *x);
    rects.chain(ways).reduce(outer).unwrap_or_default()
}

fn shift(layout: &mut Layout, dx: f64, dy: f64) {
    for rect in layout.boxes.iter_mut().chain(&mut layout.labels) {
        (rect.x, rect.y) = (rect.x + dx, rect.y + dy);
    }
    for point in layout
        .routes
        .iter_mut()
        .flat_map(|route| &mut route.through)
    {
        *point = (point.0 + dx, point.1 + dy);
    }
    layout
        .layers
        .iter_mut()
        .for_each(|(middle, _)| *middle += dy);
}
