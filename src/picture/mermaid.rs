//! The picture as Mermaid, which GitHub and many wikis draw.

use std::fmt::Write;

use super::flow_source::shorten;
use super::{ArrowStyle, Count, Graph, Node, NodeKind, Role};

pub fn mermaid(graph: &Graph) -> String {
    let mut out = String::new();
    let title = serde_json::Value::from(shorten(&graph.title, 120)).to_string();
    let _ = writeln!(out, "---\ntitle: {title}\n---\nflowchart TD");
    for (place, node) in graph.nodes.iter().enumerate() {
        let (open, close) = shape(node);
        let _ = writeln!(out, "  {}{open}\"{}\"{close}", id(graph, place), text(node));
    }
    for way in &graph.ways {
        let arrow = match way.manner {
            ArrowStyle::Happy => "==>",
            ArrowStyle::Plain => "-->",
            ArrowStyle::Trouble => "-.->",
        };
        let texts: Vec<String> = way.texts().iter().map(|line| escape(line)).collect();
        let label = if texts.is_empty() {
            String::new()
        } else {
            format!("|\"{}\"|", texts.join("<br/>"))
        };
        let _ = writeln!(
            out,
            "  {} {arrow}{label} {}",
            id(graph, way.from),
            id(graph, way.to)
        );
    }
    if !graph.notes.is_empty() {
        let notes: Vec<String> = graph.notes.iter().map(|note| escape(note)).collect();
        let _ = writeln!(out, "  Notes[\"{}\"]:::note", notes.join("<br/>"));
    }
    classes(graph, &mut out);
    out
}

/// The class of a step is what it is; colours are left to the theme of the page, but for borders.
fn classes(graph: &Graph, out: &mut String) {
    let of = |wanted: &dyn Fn(&Node) -> bool| {
        let nodes = graph
            .nodes
            .iter()
            .enumerate()
            .filter(|(_, node)| wanted(node));
        nodes.map(|(place, _)| id(graph, place)).collect::<Vec<_>>()
    };
    out.push_str("  classDef note fill:none,stroke:none\n");
    let classes: [(&str, &str, Vec<String>); 4] = [
        (
            "event",
            "stroke-dasharray:4 3",
            of(&|node| node.kind == NodeKind::Event),
        ),
        (
            "ending",
            "stroke-width:3px",
            of(&|node| node.ending.is_some() || node.kind == NodeKind::End),
        ),
        (
            "taken",
            "stroke:#1a7f37,stroke-width:2px",
            of(&|node| node.count.is_some_and(|count| count != Count::NEVER)),
        ),
        (
            "untaken",
            "stroke:#cf222e,stroke-dasharray:4 3",
            of(&Node::is_untaken),
        ),
    ];
    for (name, style, nodes) in classes
        .into_iter()
        .filter(|(_, _, nodes)| !nodes.is_empty())
    {
        let _ = writeln!(
            out,
            "  classDef {name} {style}\n  class {} {name}",
            nodes.join(",")
        );
    }
}

/// A step's name, which is never a word of Mermaid's own behind its prefix. A name has no capitals: `-`, which may be
/// part of an arrow, becomes one.
fn id(graph: &Graph, place: usize) -> String {
    match graph.nodes[place].kind {
        NodeKind::Step(_) => format!("s_{}", graph.nodes[place].name.replace('-', "D")),
        NodeKind::Event => format!("Event{place}"),
        NodeKind::End | NodeKind::Sign(_) => format!("End{place}"),
    }
}

fn shape(node: &Node) -> (&'static str, &'static str) {
    match node.kind {
        _ if node.ending.is_some() => ("([", "])"),
        NodeKind::Event | NodeKind::End | NodeKind::Sign(_) => ("([", "])"),
        NodeKind::Step(Role::Asks) => ("(", ")"),
        NodeKind::Step(Role::Chooses) => ("{{", "}}"),
        NodeKind::Step(Role::Subflow) => ("[[", "]]"),
        NodeKind::Step(Role::Submits) => ("[/", "/]"),
        NodeKind::Step(Role::HandsOn | Role::Says | Role::Works) => ("[", "]"),
    }
}

fn text(node: &Node) -> String {
    node.texts()
        .iter()
        .map(|line| escape(line))
        .collect::<Vec<_>>()
        .join("<br/>")
}

/// Quoted text may hold anything but quotes, and Mermaid reads entities, tags and Markdown in it.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("#quot;"),
            '<' => out.push_str("#lt;"),
            '>' => out.push_str("#gt;"),
            '&' => out.push_str("#amp;"),
            '#' | '`' | '*' | '_' | '\\' | '~' | '[' | ']' | '{' | '}' | '%' => {
                let _ = write!(out, "#{};", u32::from(letter));
            }
            letter if letter.is_control() => out.push(' '),
            letter => out.push(letter),
        }
    }
    out
}
