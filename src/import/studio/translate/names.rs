//! What Studio's names are called in a flow of ours, and what kind of value each has.

use std::collections::{BTreeMap, BTreeSet};

use super::super::export::{Export, Widget, behind};
use super::template::{Out, Piece, parse};

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    Text,
    /// A whole number.
    Integer,
    /// A list of texts.
    List,
}

/// A value that a request gives back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Take {
    /// Its name among the facts of the step.
    pub name: String,
    /// Where it stands in the answer, as a JSON pointer.
    pub at: String,
    /// What it is.
    pub kind: Kind,
}

/// The names of a flow.
#[derive(Debug, Default)]
pub struct FlowNames {
    /// Steps, by the widgets' names.
    steps: BTreeMap<String, String>,
    /// Variables, by the names that Studio has below `flow.variables`.
    variables: BTreeMap<String, (String, Kind)>,
    /// Fields of the carrier's first request, by its names.
    pub fields: BTreeMap<String, String>,
    /// What is given by a flow that goes through this one.
    pub args: BTreeSet<String>,
    /// Widgets that record a message.
    recorded: BTreeSet<String>,
    /// What requests give back, by the widget.
    pub takes: BTreeMap<String, Vec<Take>>,
    /// Widgets whose keys are read by something that is not their own split.
    pub entered: BTreeMap<String, String>,
}

/// The whole request that the call began with.
pub const REQUEST: &str = "call.request";

/// The words that no step and no name may have.
const RESERVED: [&str; 34] = [
    "hangup",
    "repeat",
    "back",
    "end",
    "exit",
    "retry",
    "here",
    "self",
    "return",
    "flow",
    "args",
    "gives",
    "steps",
    "call",
    "now",
    "hours",
    "queue",
    "verify",
    "item",
    "secret",
    "env",
    "hookswitch",
    "not",
    "and",
    "or",
    "in",
    "is",
    "if",
    "else",
    "true",
    "false",
    "defined",
    "starts_with",
    "ends_with",
];

/// A name that we can use: small letters, digits and `_`, beginning with a letter, and unlike all others.
pub fn safe(name: &str, taken: &BTreeSet<String>) -> String {
    let mut safe = String::new();
    let mut was_small = false;
    let mut letters = name.chars().peekable();
    while let Some(letter) = letters.next() {
        let begins_word = letters.peek().is_some_and(char::is_ascii_lowercase);
        if letter.is_ascii_uppercase() && was_small && begins_word {
            safe.push('_');
        }
        was_small = letter.is_ascii_lowercase();
        let letter = letter.to_ascii_lowercase();
        if letter.is_ascii_alphanumeric() {
            safe.push(letter);
        } else if !safe.ends_with('_') && !safe.is_empty() {
            safe.push('_');
        }
    }
    let mut safe = safe.trim_end_matches('_').to_owned();
    if !safe.starts_with(|c: char| c.is_ascii_lowercase()) {
        safe = format!("step_{safe}").trim_end_matches('_').to_owned();
    }
    safe.truncate(48);
    let is_free = |name: &str| !RESERVED.contains(&name) && !taken.contains(name);
    if is_free(&safe) {
        return safe;
    }
    let mut numbered = (2..).map(|number| format!("{safe}_{number}"));
    numbered.find(|name| is_free(name)).unwrap_or(safe)
}

impl FlowNames {
    /// Collects the names of all that a call can come to.
    pub fn of(export: &Export) -> Self {
        let mut names = Self::default();
        let start = export.start.as_deref().unwrap_or_default();
        let widgets = behind(&export.widgets, start);
        let mut taken = BTreeSet::new();
        for widget in &widgets {
            let step = safe(&widget.name, &taken);
            taken.insert(step.clone());
            names.steps.insert(widget.name.clone(), step);
        }
        let recorded = widgets
            .iter()
            .filter(|widget| widget.kind == "record-voicemail");
        names.recorded = recorded.map(|widget| widget.name.clone()).collect();
        for widget in &widgets {
            names.collect_variables(widget, &mut taken);
        }
        for widget in &widgets {
            names.collect_reads(widget, &mut taken);
        }
        names
    }

    /// The step of a widget.
    pub fn step(&self, widget: &str) -> Option<&str> {
        self.steps.get(widget).map(String::as_str)
    }

    /// All steps, by the widgets that they came of.
    pub fn into_steps(self) -> BTreeMap<String, String> {
        self.steps
    }

    /// Notes that one widget is part of another's step.
    pub fn share(&mut self, widget: &str, with: &str) {
        if let Some(step) = self.steps.get(with).cloned() {
            self.steps.insert(widget.to_owned(), step);
        }
    }

    /// A variable: its name and kind.
    pub fn variable(&self, name: &str) -> Option<&(String, Kind)> {
        self.variables.get(name)
    }

    fn collect_variables(&mut self, widget: &Widget, taken: &mut BTreeSet<String>) {
        for (key, value) in widget.pairs("variables") {
            let kind = if is_whole(&value) {
                Kind::Integer
            } else {
                Kind::Text
            };
            if let Some((_, known)) = self.variables.get_mut(&key) {
                if *known != kind {
                    *known = Kind::Text;
                }
                continue;
            }
            let name = safe(&key, taken);
            taken.insert(name.clone());
            self.variables.insert(key, (name, kind));
        }
    }

    fn collect_reads(&mut self, widget: &Widget, taken: &mut BTreeSet<String>) {
        let own = widget.properties.values().map(|value| match value {
            serde_json::Value::String(text) => text.clone(),
            other => other.to_string().replace("\\\"", "\""),
        });
        for text in own {
            for operand in operands(&text) {
                self.read(&operand, None, taken);
            }
        }
        for condition in widget
            .transitions
            .iter()
            .flat_map(|transition| &transition.conditions)
        {
            let mut kind = kind_by(&condition.predicate, &condition.value);
            // Two values of one service that are compared, such as the agents and those who talk, are numbers.
            if condition.subject.contains(".parsed.") && condition.value.contains(".parsed.") {
                kind = Some(Kind::Integer);
            }
            for operand in operands(&condition.subject)
                .into_iter()
                .chain(operands(&condition.value))
            {
                self.read(&operand, kind, taken);
            }
        }
    }

    fn read(&mut self, operand: &str, kind: Option<Kind>, taken: &mut BTreeSet<String>) {
        let parts: Vec<&str> = operand.split('.').collect();
        match parts.as_slice() {
            ["trigger", "call", field] if fact_of(field).is_none() => {
                let name = safe(field, &BTreeSet::new());
                self.fields.entry((*field).to_owned()).or_insert(name);
            }
            ["trigger", "parent", "parameters", name] => {
                self.args.insert(safe(name, &BTreeSet::new()));
            }
            ["widgets", widget, "Digits" | "SpeechResult"]
                if !self.entered.contains_key(*widget) =>
            {
                let base = self.steps.get(*widget).cloned().unwrap_or_default();
                let name = safe(&format!("{base}_keys"), taken);
                self.entered.insert((*widget).to_owned(), name);
            }
            ["widgets", widget, "parsed", path @ ..] => {
                let at: String = path.iter().map(|part| format!("/{part}")).collect();
                let name = safe(path.last().unwrap_or(&"all"), &BTreeSet::new());
                self.take(widget, &name, &at, kind);
            }
            ["widgets", widget, "body"] => self.take(widget, "body", "", kind),
            // Nothing in the flow sets it: it came with the request that began the call.
            ["flow", "variables" | "data", name] if !self.variables.contains_key(*name) => {
                let name_here = safe(name, &BTreeSet::new());
                self.fields.entry((*name).to_owned()).or_insert(name_here);
            }
            _ => {}
        }
    }

    fn take(&mut self, widget: &str, name: &str, at: &str, kind: Option<Kind>) {
        let takes = self.takes.entry(widget.to_owned()).or_default();
        if let Some(known) = takes.iter_mut().find(|take| take.at == at) {
            // What is compared as a number anywhere is one; a text never is.
            match (known.kind, kind) {
                (Kind::Text, Some(kind)) => known.kind = kind,
                (Kind::Integer, Some(Kind::Text)) => known.kind = Kind::Text,
                _ => {}
            }
            return;
        }
        let mut taken: BTreeSet<String> = takes.iter().map(|take| take.name.clone()).collect();
        taken.extend(["outcome", "status"].map(str::to_owned));
        let name = if taken.contains(name) {
            format!("{name}_value")
        } else {
            name.to_owned()
        };
        takes.push(Take {
            name: safe(&name, &taken),
            at: at.to_owned(),
            kind: kind.unwrap_or(Kind::Text),
        });
    }

    /// What a path is here, and what kind; nothing where we have no such thing.
    pub fn path(&self, operand: &str) -> Option<(String, Kind)> {
        let parts: Vec<&str> = operand.split('.').collect();
        let text = |name: &str| Some((name.to_owned(), Kind::Text));
        match parts.as_slice() {
            ["contact", "channel", "address"] => text("call.party"),
            ["flow", "channel", "address"] => text("call.to"),
            ["flow", "sid"] => text("call.sid"),
            ["flow", "flow_sid"] => text("call.flow"),
            // Whoever goes through a flow here has a caller.
            ["trigger", "parent", "trigger_type"] => text("'call'"),
            ["trigger", "call"] => text(REQUEST),
            ["trigger", "call", field] => match fact_of(field) {
                Some(fact) => text(fact),
                None => text(&format!("call.{}", self.fields.get(*field)?)),
            },
            ["trigger", "parent", "parameters", name] => {
                text(&format!("args.{}", safe(name, &BTreeSet::new())))
            }
            ["flow", "variables" | "data", name] => match self.variables.get(*name) {
                Some(known) => Some(known.clone()),
                None => text(&format!("call.{}", self.fields.get(*name)?)),
            },
            ["widgets", widget, "Digits" | "SpeechResult"] => text(self.entered.get(*widget)?),
            ["widgets", widget, "DialCallStatus"] => {
                text(&format!("steps.{}.outcome", self.step(widget)?))
            }
            ["widgets", widget, "RecordingUrl"] if self.recorded.contains(*widget) => {
                text(&format!("steps.{}.url", self.step(widget)?))
            }
            ["widgets", widget, "RecordingSid" | "Sid"] if self.recorded.contains(*widget) => {
                text(&format!("steps.{}.sid", self.step(widget)?))
            }
            ["widgets", widget, "parsed", path @ ..] => {
                let at: String = path.iter().map(|part| format!("/{part}")).collect();
                self.taken(widget, &at)
            }
            ["widgets", widget, "body"] => self.taken(widget, ""),
            _ => None,
        }
    }

    fn taken(&self, widget: &str, at: &str) -> Option<(String, Kind)> {
        let take = self.takes.get(widget)?.iter().find(|take| take.at == at)?;
        let step = self.step(widget)?;
        Some((format!("steps.{step}.{}", take.name), take.kind))
    }
}

/// The facts of a call, by the carrier's fields.
fn fact_of(field: &str) -> Option<&'static str> {
    Some(match field {
        "From" | "Caller" => "call.from",
        "To" | "Called" => "call.to",
        "CallSid" => "call.sid",
        "Direction" => "call.direction",
        "CallerName" => "call.caller_name",
        _ => return None,
    })
}

/// What a value must be that is compared like this; nothing where any text will do.
fn kind_by(predicate: &str, value: &str) -> Option<Kind> {
    match predicate {
        "less_than" | "greater_than" => Some(Kind::Integer),
        "equal_to" | "not_equal_to" if value.trim().parse::<i64>().is_ok() => Some(Kind::Integer),
        "contains" | "does_not_contain" => Some(Kind::List),
        _ => None,
    }
}

/// Whether a variable is set to a whole number: one that is written, or a count.
fn is_whole(value: &str) -> bool {
    let is_number = |text: &str| text.trim().parse::<i64>().is_ok();
    let pieces = parse(value.trim());
    !pieces.is_empty()
        && pieces.iter().all(|piece| match piece {
            Piece::Text(text) => is_number(text),
            Piece::Value(out) => is_count(out),
            Piece::Choice { then, other, .. } => [then, other].into_iter().all(|pieces| {
                !pieces.is_empty()
                    && pieces.iter().all(|piece| match piece {
                        Piece::Text(text) => is_number(text),
                        Piece::Value(out) => is_count(out),
                        _ => false,
                    })
            }),
            Piece::Strange(_) => false,
        })
}

fn is_count(out: &Out) -> bool {
    let counts = ["plus", "minus", "times", "size"];
    out.filters
        .last()
        .is_some_and(|(name, _)| counts.contains(&name.as_str()))
}

/// The paths that a template reads.
fn operands(template: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = parse(template);
    while let Some(piece) = open.pop() {
        match piece {
            Piece::Value(out) => found.push(out.operand),
            Piece::Choice { when, then, other } => {
                found.push(when);
                open.extend(then);
                open.extend(other);
            }
            Piece::Text(_) | Piece::Strange(_) => {}
        }
    }
    found
}
