//! The picture of a flow: its steps and ways as a person would draw them, and writers for it.
//!
//! A [`Graph`] is the checked flow, folded so that the way that goes well is plain. Ways between the same two places are
//! one. What leads back to the question itself, and a key by which many questions lead to one step, is a mark on its step;
//! what is so everywhere is a note; and what happens to a call at any step (it is out of attempts, a step fails, the caller
//! hangs up) is drawn once, as an event. The words are the author's own, read from the flow's source: the engine keeps
//! prompts by language and expressions compiled.

mod counts;
mod dot;
mod flow_source;
mod folded;
mod happy;
mod label;
mod mermaid;
mod shared_keys;
pub mod svg;
mod ways;

#[cfg(test)]
mod tests;

pub use counts::{Count, Counts, InvalidCounts};
pub use dot::dot;
pub use flow_source::FlowSource;
pub use label::LabelLine;
pub use mermaid::mermaid;

use self::shared_keys::SharedKeys;
use crate::engine::edge::Target;
use crate::engine::flow::{Bundle, Flow, StepOf, own_name};
use crate::study::walk::GoodWay;

/// The most letters of a step's words in pictures that are text.
const MAX_WORDS: usize = 44;

/// A flow as it is drawn.
#[derive(Clone, Debug)]
pub struct Graph {
    pub name: String,
    /// What it is called; the name where it has no title.
    pub title: String,
    /// Steps in the order of the file, then events, then ends.
    pub nodes: Vec<Node>,
    /// The ways between them: those of the first step first.
    pub ways: Vec<Arrow>,
    /// What is so at every step, a sentence each.
    pub notes: Vec<String>,
}

/// A place of the picture.
#[derive(Clone, Debug)]
pub struct Node {
    pub kind: NodeKind,
    /// A step's name, or what happens at an event or an end.
    pub name: String,
    /// The action, as the flow names it; empty where the node is no step.
    pub action: String,
    /// What is said, dialled, set there, in the words of the author.
    pub words: String,
    /// What is folded into it: the step's own keys that lead back to it or to the question before.
    pub folded: Vec<String>,
    /// How the call ends here, where it goes nowhere from here.
    pub ending: Option<&'static str>,
    /// Whether it lies on the way that goes well.
    pub happy: bool,
    /// How many calls came here, where that was counted.
    pub count: Option<Count>,
}

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodeKind {
    Step(Role),
    /// Where something begins: the call, or what happens to it at any step.
    Event,
    /// The call is hung up.
    End,
    /// A sign that stands for the node at this place, in a picture that is too large for a line to it.
    Sign(usize),
}

/// What a step is to the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Asks,
    /// Says something, or does something else that the caller notices.
    Says,
    /// Takes one of several ways by itself.
    Chooses,
    /// Hands over what was answered.
    Submits,
    /// Hands the caller on.
    HandsOn,
    /// Goes through another flow.
    Subflow,
    /// Does something that the caller does not notice.
    Works,
}

impl Role {
    /// Its name, for classes of styles.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Asks => "asks",
            Self::Says => "says",
            Self::Chooses => "chooses",
            Self::Submits => "submits",
            Self::HandsOn => "hands-on",
            Self::Subflow => "subflow",
            Self::Works => "works",
        }
    }
}

/// All ways from one place to another.
#[derive(Clone, Debug)]
pub struct Arrow {
    /// The place in [`Graph::nodes`] where it begins.
    pub from: usize,
    /// The place where it leads.
    pub to: usize,
    /// What takes it, as the engine names it: `keys.1`, `next`, `on.busy`, …
    pub on: Vec<String>,
    /// The same for people.
    pub lines: Vec<LabelLine>,
    /// How it is drawn.
    pub manner: ArrowStyle,
    /// How many calls took it, where that was counted.
    pub count: Option<Count>,
}

/// How a way is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ArrowStyle {
    /// It is the way that goes well.
    Happy,
    /// It is one of the caller's or the flow's choices.
    Plain,
    /// Something did not work.
    Trouble,
}

impl Graph {
    /// Draws a flow together with what it was made of; a flow that it goes through is one step.
    pub fn new(flow: &Flow, bundle: &Bundle) -> Self {
        let mut graph = Self::unfolded(flow, bundle);
        folded::fold(&mut graph, flow);
        graph
    }

    /// The same with the steps of the flows that it goes through.
    pub fn unfolded(flow: &Flow, bundle: &Bundle) -> Self {
        let written = FlowSource::read(flow, bundle);
        let nodes = flow.steps.iter().map(|step| node(step, &written)).collect();
        let title = if flow.title.is_empty() {
            flow.name.clone()
        } else {
            flow.title.clone()
        };
        let mut graph = Self {
            name: flow.name.clone(),
            title,
            nodes,
            ways: Vec::new(),
            notes: Vec::new(),
        };
        let good = GoodWay::of(flow);
        let shared = SharedKeys::of(flow, &good);
        ways::add(&mut graph, flow, &written, &shared);
        happy::mark(&mut graph, &good);
        ways::add_shared(&mut graph, flow, &shared);
        ways::add_events(&mut graph, flow);
        graph
    }

    /// The same with what calls took of it.
    pub fn counted(mut self, counts: &Counts) -> Self {
        for node in self.nodes.iter_mut().filter(|node| node.is_step()) {
            node.count = Some(
                counts
                    .steps
                    .get(&node.name)
                    .copied()
                    .unwrap_or(Count::NEVER),
            );
        }
        for way in &mut self.ways {
            let from = &self.nodes[way.from];
            let name = if from.is_step() {
                from.name.as_str()
            } else {
                ""
            };
            way.count = counts.of_way(name, &way.on);
        }
        self
    }

    /// The name that a node has in files: a step's own, none for an event, `hangup` for an end.
    pub fn file_name(&self, node: usize) -> &str {
        match self.nodes[node].kind {
            NodeKind::Step(_) => &self.nodes[node].name,
            NodeKind::Event => "",
            NodeKind::End => "hangup",
            NodeKind::Sign(to) => self.file_name(to),
        }
    }
}

impl Node {
    fn named(kind: NodeKind, name: impl Into<String>) -> Self {
        Self {
            kind,
            name: name.into(),
            action: String::new(),
            words: String::new(),
            folded: Vec::new(),
            ending: None,
            happy: false,
            count: None,
        }
    }

    /// Whether it is a step.
    pub fn is_step(&self) -> bool {
        matches!(self.kind, NodeKind::Step(_))
    }

    /// Its name and what stands below it, a line each, for pictures that are text.
    fn texts(&self) -> Vec<String> {
        let name = if self.action.is_empty() {
            self.name.clone()
        } else {
            format!("{} · {}", self.name, self.action)
        };
        let words = flow_source::shorten(&self.words, MAX_WORDS);
        let marks = [
            name,
            words,
            self.folded.join(" · "),
            self.ending.unwrap_or_default().to_owned(),
        ];
        marks
            .into_iter()
            .chain(self.count.map(|count| count.to_string()))
            .filter(|line| !line.is_empty())
            .collect()
    }

    /// Whether calls were counted, and none came here.
    pub fn is_untaken(&self) -> bool {
        self.count == Some(Count::NEVER)
    }
}

impl Arrow {
    /// Whether calls were counted, and none took it.
    pub fn is_untaken(&self) -> bool {
        self.count == Some(Count::NEVER)
    }

    /// Its words in one line each, the count last.
    pub fn texts(&self) -> Vec<String> {
        self.lines
            .iter()
            .map(LabelLine::to_string)
            .chain(self.count.map(|count| count.to_string()))
            .collect()
    }
}

fn node(step: &StepOf, written: &FlowSource) -> Node {
    let action = written.action(&step.name);
    let edges = step.action.edges();
    let goes_on = edges.iter().any(|edge| edge.to != Target::Hangup);
    let ending = (!goes_on).then_some(match action.as_str() {
        "redirect" => "leaves the flow",
        "refer" => "transfers the call",
        "" if own_name(&step.name).starts_with("return") => "returns",
        _ => "ends the call",
    });
    let words = written.words(&step.name, &action);
    Node {
        action: action.clone(),
        words,
        ending,
        ..Node::named(NodeKind::Step(role(step, &action)), step.name.clone())
    }
}

fn role(step: &StepOf, action: &str) -> Role {
    let does = &step.action;
    if action == "flow" {
        Role::Subflow
    } else if does.asks() {
        Role::Asks
    } else if does.away().is_some() {
        Role::HandsOn
    } else if does.backend().is_some() {
        Role::Submits
    } else if does.needs_caller() {
        Role::Says
    } else if does.edges().len() > 1 {
        Role::Chooses
    } else {
        Role::Works
    }
}
