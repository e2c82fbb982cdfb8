//! The picture as DOT, for Graphviz.

use std::fmt::Write;

use super::{ArrowStyle, Count, Graph, Node, NodeKind, Role};

pub fn dot(graph: &Graph) -> String {
    let mut out = String::new();
    let notes = std::iter::once(&graph.title).chain(&graph.notes);
    let label = notes
        .map(|note| escape(note))
        .collect::<Vec<_>>()
        .join("\\n");
    let _ = writeln!(out, "digraph \"{}\" {{", escape(&graph.name));
    let _ = writeln!(
        out,
        "  graph [label=\"{label}\", labelloc=t, rankdir=TB, fontname=\"sans-serif\"];"
    );
    out.push_str("  node [shape=box, fontname=\"sans-serif\", fontsize=11];\n");
    out.push_str("  edge [fontname=\"sans-serif\", fontsize=10];\n");
    for (place, node) in graph.nodes.iter().enumerate() {
        let mark = match node.count {
            Some(Count::NEVER) => ", color=\"#cf222e\", fontcolor=\"#cf222e\"",
            Some(_) => ", color=\"#1a7f37\"",
            None => "",
        };
        let _ = writeln!(
            out,
            "  \"{}\" [label=\"{}\", {}{mark}];",
            id(graph, place),
            text(node),
            shape(node)
        );
    }
    for way in &graph.ways {
        let manner = match way.manner {
            ArrowStyle::Happy => "weight=8, penwidth=2",
            ArrowStyle::Plain => "weight=1",
            ArrowStyle::Trouble => "weight=1, style=dashed",
        };
        let mark = match way.count {
            Some(Count::NEVER) => ", color=\"#cf222e\", fontcolor=\"#cf222e\"",
            Some(_) => ", color=\"#1a7f37\"",
            None => "",
        };
        let texts: Vec<String> = way.texts().iter().map(|line| escape(line)).collect();
        let label = if texts.is_empty() {
            String::new()
        } else {
            format!("label=\"{}\", ", texts.join("\\n"))
        };
        let _ = writeln!(
            out,
            "  \"{}\" -> \"{}\" [{label}{manner}{mark}];",
            id(graph, way.from),
            id(graph, way.to)
        );
    }
    out.push_str("}\n");
    out
}

/// A step's name; no step's name has a capital, so that other nodes take one.
fn id(graph: &Graph, place: usize) -> String {
    match graph.nodes[place].kind {
        NodeKind::Step(_) => escape(&graph.nodes[place].name),
        NodeKind::Event => format!("Event {place}"),
        NodeKind::End | NodeKind::Sign(_) => format!("End {place}"),
    }
}

fn shape(node: &Node) -> String {
    let shape = match node.kind {
        NodeKind::Event | NodeKind::End | NodeKind::Sign(_) => {
            "shape=box, style=\"rounded,dashed\""
        }
        NodeKind::Step(Role::Asks) => "shape=box, style=rounded",
        NodeKind::Step(Role::Chooses) => "shape=hexagon",
        NodeKind::Step(Role::Subflow) => "shape=box, peripheries=2",
        NodeKind::Step(Role::Submits) => "shape=parallelogram",
        NodeKind::Step(Role::HandsOn) => "shape=cds",
        NodeKind::Step(Role::Says | Role::Works) => "shape=box",
    };
    let ends = if node.ending.is_some() {
        ", penwidth=3"
    } else {
        ""
    };
    format!("{shape}{ends}")
}

fn text(node: &Node) -> String {
    node.texts()
        .iter()
        .map(|line| escape(line))
        .collect::<Vec<_>>()
        .join("\\n")
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '&' => out.push_str("&amp;"),
            letter if letter.is_control() => out.push(' '),
            letter => out.push(letter),
        }
    }
    out
}
