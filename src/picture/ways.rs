//! The ways of a flow, folded.

use super::flow_source::FlowSource;
use super::label::{LabelLine, lines, runs};
use super::shared_keys::SharedKeys;
use super::{Arrow, ArrowStyle, Graph, Node, NodeKind};
use crate::engine::edge::{By, Edge, Target};
use crate::engine::flow::Flow;
use crate::engine::way::Way;
use crate::written::PlacedOutcome;

/// Adds the steps' own ways.
pub fn add(graph: &mut Graph, flow: &Flow, written: &FlowSource, shared: &SharedKeys) {
    for (from, step) in flow.steps.iter().enumerate() {
        let (marks, edges): (Vec<_>, Vec<_>) = step
            .action
            .edges()
            .into_iter()
            .partition(|edge| shared.has(from, edge));
        let rest = rest(&edges);
        graph.nodes[from].folded = folded(&edges, from);
        let marks = marks.iter().map(|edge| mark(edge, flow));
        graph.nodes[from].folded.extend(marks);
        let goes_on = graph.nodes[from].ending.is_none();
        for (target, on) in by_target(&edges, from) {
            let to = match target {
                Target::Step(step) => usize::from(step),
                Target::Hangup if goes_on => {
                    graph.nodes.push(Node::named(NodeKind::End, "hangs up"));
                    graph.nodes.len() - 1
                }
                _ => continue,
            };
            let said: Vec<_> = on
                .iter()
                .map(|on| (on.clone(), written.of_edge(&step.name, on)))
                .collect();
            let is_trouble = |on: &String| {
                let mut named = edges.iter().filter(|edge| edge.on == *on);
                named.any(|edge| edge.by.is_trouble())
            };
            let manner = if on.iter().all(is_trouble) {
                ArrowStyle::Trouble
            } else {
                ArrowStyle::Plain
            };
            graph.ways.push(Arrow {
                from,
                to,
                lines: lines(&said, rest),
                on,
                manner,
                count: None,
            });
        }
    }
}

/// What `next` means beside the other ways of a step.
fn rest(edges: &[Edge]) -> &'static str {
    let has_entry = edges.iter().any(|edge| matches!(edge.by, By::Entry(_)));
    let has = |on: &str| edges.iter().any(|edge| edge.on == on);
    match () {
        () if edges
            .iter()
            .all(|edge| edge.on == "next" || edge.on.starts_with("give_up")) =>
        {
            ""
        }
        () if has_entry => "entered",
        () if has("on.unanswered") && !has("on.answered") => "answered",
        () => "otherwise",
    }
}

/// What leads to each place, in the order of the step.
fn by_target(edges: &[Edge], from: usize) -> Vec<(Target, Vec<String>)> {
    let mut all: Vec<(Target, Vec<String>)> = Vec::new();
    for edge in edges.iter().filter(|edge| !is_itself(edge.to, from)) {
        match all.iter_mut().find(|(to, _)| *to == edge.to) {
            Some((_, on)) => on.push(edge.on.clone()),
            None => all.push((edge.to, vec![edge.on.clone()])),
        }
    }
    all
}

fn is_itself(to: Target, from: usize) -> bool {
    match to {
        Target::Step(step) => usize::from(step) == from,
        Target::Repeat | Target::Back => true,
        Target::Hangup => false,
    }
}

/// A step's own ways back to itself or to the question before, as marks.
fn folded(edges: &[Edge], from: usize) -> Vec<String> {
    let marks = [("repeat", Target::Repeat), ("back", Target::Back)];
    let mut all: Vec<String> = Vec::new();
    for (word, target) in marks
        .into_iter()
        .chain([("again", Target::Step(from as u16))])
    {
        let on: Vec<_> = edges
            .iter()
            .filter(|edge| edge.to == target)
            .map(|edge| (edge.on.clone(), None))
            .collect();
        for LabelLine { keys, words } in lines(&on, "") {
            let what = if keys.is_empty() { words } else { keys };
            all.push(if what.is_empty() {
                word.to_owned()
            } else {
                format!("{what} {word}")
            });
        }
    }
    all
}

/// A key that leads to a step, as a mark.
fn mark(edge: &Edge, flow: &Flow) -> String {
    let key = edge.on.strip_prefix("keys.").unwrap_or(&edge.on);
    match edge.to {
        Target::Step(to) => format!("{key} to {}", flow.step(to).name),
        _ => key.to_owned(),
    }
}

/// Adds where keys lead that are marks, each once, unless a line leads there anyway.
pub fn add_shared(graph: &mut Graph, flow: &Flow, shared: &SharedKeys) {
    for (key, to, questions) in shared.all() {
        let mut lines = graph.ways.iter().filter(|way| way.to == usize::from(to));
        if to != flow.start && lines.next().is_none() {
            let on = format!("keys.{key}");
            let name = format!("{key} at {questions} questions");
            event(graph, &name, Target::Step(to), &[&on], ArrowStyle::Plain);
        }
    }
}

/// Adds where a call begins and what happens to it at any step, each once; what leads to no step becomes a note.
pub fn add_events(graph: &mut Graph, flow: &Flow) {
    let begins = if flow.outbound.is_some() {
        "somebody answers"
    } else {
        "call comes in"
    };
    event(
        graph,
        begins,
        Target::Step(flow.start),
        &["start"],
        ArrowStyle::Happy,
    );
    anywhere(graph, flow);
    full_lists(graph, flow);
    out_of_attempts_and_faults(graph, flow);
    not_answered(graph, flow);
    if let Some(hangup) = &flow.on_hangup {
        event(
            graph,
            "caller hangs up early",
            hangup.target(),
            &["on.hangup"],
            ArrowStyle::Trouble,
        );
    }
}

/// Adds where calls lead that we place and that nobody answers, or only a machine.
fn not_answered(graph: &mut Graph, flow: &Flow) {
    for (key, to, outcome) in flow.placed_ways() {
        let name = match outcome {
            PlacedOutcome::Answered => continue,
            PlacedOutcome::Machine => "a machine answers",
            PlacedOutcome::Busy => "busy",
            PlacedOutcome::NoAnswer => "nobody answers",
            PlacedOutcome::Failed => "no call",
        };
        event(graph, name, to, &[&key], ArrowStyle::Trouble);
    }
}

/// Adds where the ways of the flow itself lead whose list can take no more.
fn full_lists(graph: &mut Graph, flow: &Flow) {
    let keys = flow.anywhere.iter();
    let keys = keys.map(|key| {
        (
            format!("anywhere.{}", key.keys),
            format!("{} at any question", key.keys),
            &key.way,
        )
    });
    let events = [
        ("give_up", "out of attempts", &flow.give_up),
        ("on.error", "a step fails", &flow.on_error),
        ("on.hangup", "caller hangs up early", &flow.on_hangup),
    ];
    let events = events
        .into_iter()
        .filter_map(|(on, name, way)| Some((on.to_owned(), name.to_owned(), way.as_ref()?)));
    for (on, name, way) in keys.chain(events) {
        if let Some(to) = way.full_target() {
            let on = format!("{on}.full");
            event(
                graph,
                &format!("{name}, list full"),
                to,
                &[&on],
                ArrowStyle::Trouble,
            );
        }
    }
}

/// What becomes of a caller who is out of attempts, and of a step that fails: one event where both lead to one step.
fn out_of_attempts_and_faults(graph: &mut Graph, flow: &Flow) {
    let asks = |step: &crate::engine::flow::StepOf| {
        step.action.asks() && !step.action.says_where_to_give_up()
    };
    let error = flow.on_error.as_ref().map(Way::target);
    let needed = flow.steps.iter().any(asks);
    let give_up = flow.give_up.as_ref().map(Way::target);
    match (give_up.filter(|_| needed), error) {
        (Some(give_up), Some(error)) if give_up == error => {
            event(
                graph,
                "out of attempts, or a fault",
                give_up,
                &["give_up", "on.error"],
                ArrowStyle::Trouble,
            );
        }
        (None, Some(error)) if needed => {
            event(
                graph,
                "out of attempts, or a fault",
                error,
                &["give_up", "on.error"],
                ArrowStyle::Trouble,
            );
        }
        (give_up, error) => {
            if let Some(give_up) = give_up {
                event(
                    graph,
                    "out of attempts",
                    give_up,
                    &["give_up"],
                    ArrowStyle::Trouble,
                );
            } else if needed {
                graph
                    .notes
                    .push("Out of attempts: an apology, and the call ends.".to_owned());
            }
            if let Some(error) = error {
                event(
                    graph,
                    "a step fails",
                    error,
                    &["on.error"],
                    ArrowStyle::Trouble,
                );
            }
        }
    }
}

fn event(graph: &mut Graph, name: &str, target: Target, on: &[&str], manner: ArrowStyle) {
    let to = match target {
        Target::Step(step) => usize::from(step),
        Target::Hangup => {
            return graph
                .notes
                .push(format!("{}: the call ends.", capital(name)));
        }
        Target::Repeat => {
            return graph
                .notes
                .push(format!("{}: the question is put again.", capital(name)));
        }
        Target::Back => {
            return graph
                .notes
                .push(format!("{}: back to the question before.", capital(name)));
        }
    };
    let from = graph.nodes.len();
    let node = Node {
        happy: manner == ArrowStyle::Happy,
        ..Node::named(NodeKind::Event, name)
    };
    graph.nodes.push(node);
    let on = on.iter().map(ToString::to_string).collect();
    graph.ways.push(Arrow {
        from,
        to,
        on,
        lines: Vec::new(),
        manner,
        count: None,
    });
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}

/// Keys of every question: a note for what is built in, an event for each step that they lead to.
fn anywhere(graph: &mut Graph, flow: &Flow) {
    let mut targets: Vec<(Target, Vec<String>)> = Vec::new();
    for key in &flow.anywhere {
        let to = key.way.target();
        match targets.iter_mut().find(|(other, _)| *other == to) {
            Some((_, keys)) => keys.push(key.keys.clone()),
            None => targets.push((to, vec![key.keys.clone()])),
        }
    }
    let mut built_in = Vec::new();
    for (to, keys) in targets {
        let on: Vec<String> = keys.iter().map(|key| format!("anywhere.{key}")).collect();
        let keys = runs(keys);
        match to {
            Target::Repeat => built_in.push(format!("{keys} repeats")),
            Target::Back => built_in.push(format!("{keys} goes back")),
            Target::Hangup => built_in.push(format!("{keys} hangs up")),
            Target::Step(_) => {
                let on: Vec<&str> = on.iter().map(String::as_str).collect();
                event(
                    graph,
                    &format!("{keys} at any question"),
                    to,
                    &on,
                    ArrowStyle::Plain,
                );
            }
        }
    }
    if !built_in.is_empty() {
        graph
            .notes
            .insert(0, format!("At any question {}.", built_in.join(", ")));
    }
}
