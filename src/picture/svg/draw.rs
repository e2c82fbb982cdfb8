//! From places to SVG.

use std::fmt::Write;

use super::super::{Arrow, ArrowStyle, Count, Graph, Node, NodeKind, Role};
use super::boxes::LABEL_LINE;
use super::style::sheet;
use super::text::escape;
use super::{Drawing, Path, Rect, Segment, Text, Theme};

/// How long and how half as wide the head of an arrow is, in pixels.
const HEAD: (f64, f64) = (8.0, 4.5);

/// Writes a drawing.
pub fn draw(drawing: &Drawing<'_>, theme: Theme) -> String {
    let Drawing {
        graph,
        width,
        height,
        ..
    } = drawing;
    let mut out = String::new();
    let title = escape(&graph.title);
    let _ = write!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"hookswitch-graph\" data-flow=\"{}\" role=\"img\" \
         aria-label=\"{title}\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\">\n\
         <title>{title}</title>\n<desc>{}</desc>\n<style>{}</style>\n\
         <rect class=\"paper\" width=\"{width}\" height=\"{height}\"/>\n",
        escape(&graph.name),
        escape(&told(graph)),
        sheet(theme),
    );
    for line in &drawing.heading {
        text(line, 0.0, 0.0, &mut out);
        out.push('\n');
    }
    // Those that go well lie on top.
    let mut order: Vec<usize> = (0..graph.ways.len()).collect();
    order.sort_by_key(|way| (std::cmp::Reverse(graph.ways[*way].manner), *way));
    for way in order {
        draw_way(drawing, way, &mut out);
    }
    for (node, (rect, content)) in drawing.boxes.iter().enumerate() {
        draw_node(graph, node, rect, &content.texts, &mut out);
    }
    out.push_str("</svg>\n");
    out
}

/// The picture in words, for who cannot see it.
fn told(graph: &Graph) -> String {
    let steps = graph.nodes.iter().filter(|node| node.is_step());
    let well: Vec<&str> = steps
        .clone()
        .filter(|node| node.happy)
        .map(|node| node.name.as_str())
        .take(40)
        .collect();
    let ends: Vec<&str> = steps
        .clone()
        .filter(|node| node.ending.is_some())
        .map(|node| node.name.as_str())
        .take(40)
        .collect();
    let mut told = format!(
        "A call flow of {} steps. When all goes well: {}.",
        steps.count(),
        well.join(", ")
    );
    if !ends.is_empty() {
        let _ = write!(told, " It ends at {}.", ends.join(", "));
    }
    for note in &graph.notes {
        let _ = write!(told, " {note}");
    }
    told
}

fn taken(count: Option<Count>) -> &'static str {
    match count {
        None => "",
        Some(Count::NEVER) => " untaken",
        Some(_) => " taken",
    }
}

fn draw_way(drawing: &Drawing<'_>, place: usize, out: &mut String) {
    let (graph, way) = (&drawing.graph, &drawing.graph.ways[place]);
    let manner = match way.manner {
        ArrowStyle::Happy => "happy",
        ArrowStyle::Plain => "plain",
        ArrowStyle::Trouble => "trouble",
    };
    let _ = write!(
        out,
        "<g class=\"way {manner}{}\" data-from=\"{}\" data-to=\"{}\" data-on=\"{}\">",
        taken(way.count),
        escape(graph.file_name(way.from)),
        escape(graph.file_name(way.to)),
        escape(&way.on.join(" ")),
    );
    let _ = write!(out, "<title>{}</title>", escape(&sentence(graph, way)));
    let path = &drawing.paths[place];
    let _ = write!(out, "<path class=\"line\" d=\"{}\"/>", data(path));
    head(path, out);
    let (rect, content) = &drawing.labels[place];
    if !content.texts.is_empty() {
        let Rect {
            x,
            y,
            width,
            height,
        } = rect;
        let _ = write!(
            out,
            "<rect class=\"paper\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"4\"/>",
            n(*x),
            n(*y),
            n(*width),
            n(*height)
        );
        content
            .texts
            .iter()
            .for_each(|line| text(line, *x, *y, out));
    }
    out.push_str("</g>\n");
}

fn sentence(graph: &Graph, way: &Arrow) -> String {
    let on = way.texts().join(", ");
    let (from, to) = (&graph.nodes[way.from].name, &graph.nodes[way.to].name);
    if on.is_empty() {
        format!("{from} → {to}")
    } else {
        format!("{from} → {to}: {on}")
    }
}

fn data(path: &Path) -> String {
    let (mut x, mut y) = path.start;
    let mut data = format!("M{} {}", n(x), n(y));
    for piece in &path.pieces {
        let (to_x, to_y) = piece.end();
        match piece {
            Segment::Line(..) => _ = write!(data, "L{} {}", n(to_x), n(to_y)),
            Segment::Curve(..) => {
                let middle = n(f64::midpoint(y, to_y));
                let _ = write!(
                    data,
                    "C{} {middle} {} {middle} {} {}",
                    n(x),
                    n(to_x),
                    n(to_x),
                    n(to_y)
                );
            }
        }
        (x, y) = (to_x, to_y);
    }
    data
}

/// The head of the arrow: ways end upright, so that it points straight down or up.
fn head(path: &Path, out: &mut String) {
    let (x, y) = path.pieces.last().map_or(path.start, |piece| piece.end());
    let before = path
        .pieces
        .iter()
        .rev()
        .nth(1)
        .map_or(path.start, |piece| piece.end());
    let back = if before.1 < y { -HEAD.0 } else { HEAD.0 };
    let _ = write!(
        out,
        "<path class=\"head\" d=\"M{} {}L{} {}L{} {}Z\"/>",
        n(x),
        n(y),
        n(x - HEAD.1),
        n(y + back),
        n(x + HEAD.1),
        n(y + back)
    );
}

fn draw_node(graph: &Graph, place: usize, rect: &Rect, texts: &[Text], out: &mut String) {
    let node = &graph.nodes[place];
    let (class, id) = match node.kind {
        NodeKind::Step(role) => {
            let action = if node.action.is_empty() {
                String::new()
            } else {
                format!(" action-{}", node.action)
            };
            (
                format!("step {}{action}", role.as_str()),
                format!(" id=\"step-{}\"", escape(&node.name)),
            )
        }
        NodeKind::Event => ("event".to_owned(), String::new()),
        NodeKind::End => ("end ending".to_owned(), String::new()),
        NodeKind::Sign(_) => ("sign".to_owned(), String::new()),
    };
    let ends = if node.ending.is_some() { " ending" } else { "" };
    let happy = if node.happy { " on-happy" } else { "" };
    let _ = write!(
        out,
        "<g class=\"{}{ends}{happy}{}\"{id}>",
        escape(&class),
        taken(node.count)
    );
    let whole = [&node.name, &node.words].map(|text| escape(text));
    let _ = write!(
        out,
        "<title>{}</title>",
        whole.join(": ").trim_end_matches([':', ' '])
    );
    shape(node, rect, out);
    for line in texts {
        text(line, rect.x, rect.y, out);
    }
    out.push_str("</g>\n");
}

/// The outline of a node: what it is, to an eye that sees no colour.
fn shape(node: &Node, rect: &Rect, out: &mut String) {
    match node.kind {
        NodeKind::Event | NodeKind::End | NodeKind::Sign(_) => {
            rounded(rect, rect.height / 2.0, out);
        }
        NodeKind::Step(Role::Asks) => rounded(rect, 12.0, out),
        NodeKind::Step(Role::Says | Role::Works) => rounded(rect, 3.0, out),
        NodeKind::Step(Role::Subflow) => {
            rounded(rect, 3.0, out);
            upright(rect, rect.x + 8.0, out);
            upright(rect, rect.right() - 8.0, out);
        }
        NodeKind::Step(role @ (Role::Chooses | Role::Submits | Role::HandsOn)) => {
            polygon(&corners(role, rect), out);
        }
    }
}

/// The corners of a box with slanting sides.
fn corners(role: Role, rect: &Rect) -> Vec<(f64, f64)> {
    let Rect { x, y, height, .. } = *rect;
    let (right, bottom, slant) = (rect.right(), rect.bottom(), 10.0);
    let middle = y + height / 2.0;
    match role {
        Role::Chooses => vec![
            (x + slant, y),
            (right - slant, y),
            (right, middle),
            (right - slant, bottom),
            (x + slant, bottom),
            (x, middle),
        ],
        Role::HandsOn => vec![
            (x, y),
            (right - slant, y),
            (right, middle),
            (right - slant, bottom),
            (x, bottom),
        ],
        _ => vec![
            (x + slant, y),
            (right, y),
            (right - slant, bottom),
            (x, bottom),
        ],
    }
}

fn polygon(points: &[(f64, f64)], out: &mut String) {
    let points: Vec<String> = points
        .iter()
        .map(|(x, y)| format!("{},{}", n(*x), n(*y)))
        .collect();
    let _ = write!(
        out,
        "<polygon class=\"box\" points=\"{}\"/>",
        points.join(" ")
    );
}

fn rounded(rect: &Rect, radius: f64, out: &mut String) {
    let _ = write!(
        out,
        "<rect class=\"box\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"{}\"/>",
        n(rect.x),
        n(rect.y),
        n(rect.width),
        n(rect.height),
        n(radius)
    );
}

fn upright(rect: &Rect, at: f64, out: &mut String) {
    let _ = write!(
        out,
        "<path class=\"box\" d=\"M{} {}V{}\"/>",
        n(at),
        n(rect.y),
        n(rect.bottom())
    );
}

fn text(line: &Text, x: f64, y: f64, out: &mut String) {
    let (at, base) = (x + line.x, y + line.y);
    if line.on_key {
        let room = (line.width() + 10.0).max(18.0);
        let left = at + line.width() / 2.0 - room / 2.0;
        let _ = write!(
            out,
            "<rect class=\"cap\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"4\"/>\
             <text class=\"key\" x=\"{}\" y=\"{}\" font-size=\"{}\" text-anchor=\"middle\">{}</text>",
            n(left),
            n(base - 12.0),
            n(room),
            n(LABEL_LINE - 2.0),
            n(left + room / 2.0),
            n(base),
            line.size,
            escape(&line.text)
        );
        return;
    }
    let _ = write!(
        out,
        "<text class=\"{}\" x=\"{}\" y=\"{}\" font-size=\"{}\">{}</text>",
        line.class,
        n(at),
        n(base),
        line.size,
        escape(&line.text)
    );
}

/// A number with at most one place behind the point: pictures do not differ by less.
fn n(number: f64) -> String {
    let rounded = (number * 10.0).round() / 10.0;
    // Not "-0".
    format!("{}", if rounded == 0.0 { 0.0 } else { rounded })
}
