//! From widgets to a flow that a person would have written: a question and the split of its keys become one `menu`, a dial and
//! the split of its status one `dial`, words that follow each other one `say`.
//!
//! What cannot be carried over is a remark at its widget; nothing is left out without one.

mod condition;
mod dial;
mod draft;
mod finish;
mod gather;
mod logic;
mod names;
mod questions;
mod reach;
mod requests;
mod rounds;
mod spoken;
mod template;
pub mod toml;
mod words;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};

use self::draft::{FlowDraft, Step};
use self::names::{FlowNames, safe};
use self::spoken::{is_silent, most_spoken};
use self::toml::Value;
use super::export::{Export, Widget, behind};
use super::on_purpose::OnPurpose;

/// What is true of nearly every question.
const DEAF: &str = "Studio listens here too, and a cough ends the call: only keys are listened for";

/// A flow that was translated.
#[derive(Debug)]
pub struct Translated {
    /// The flow file.
    pub flow: String,
    /// Flows that stand for those that it goes through, by name.
    pub stubs: Vec<(String, String)>,
    /// The settings that it needs.
    pub settings: String,
    /// What was not carried over, or is otherwise than in Studio.
    pub remarks: Vec<Remark>,
    /// The steps, by the widgets that they came of.
    pub steps: BTreeMap<String, String>,
    /// How many questions with a split of their keys became one step, and how many there are.
    pub folded: (usize, usize),
}

/// What whoever imports must know of a widget.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// The widget; empty for the whole flow.
    pub widget: String,
    /// What.
    pub words: String,
}

/// What is put together while the widgets are gone through.
struct Translator<'e> {
    export: &'e Export,
    around: &'e Around,
    names: FlowNames,
    /// How many ways lead to each widget.
    ways_in: HashMap<&'e str, usize>,
    /// Steps that are still to be written.
    open: VecDeque<&'e str>,
    known: HashSet<&'e str>,
    draft: FlowDraft,
    remarks: Vec<Remark>,
    contacts: BTreeMap<String, String>,
    services: BTreeMap<String, String>,
    queues: BTreeMap<String, String>,
    /// Flows that are gone through, and what they are given.
    stubs: BTreeMap<String, BTreeSet<String>>,
    answers: Vec<(String, Value)>,
    /// The language and the voice that most is said in.
    spoken: (String, String),
    /// Where a way leads that has no widget.
    over: &'static str,
    folded: (usize, usize),
}

/// What is known of a flow beside its export.
#[derive(Clone, Debug, Default)]
pub struct Around {
    /// What the flows are called that are imported with it, by Studio's names of them.
    pub flows: BTreeMap<String, String>,
    /// What those of them give to it that go through it.
    pub given: BTreeSet<String>,
    /// In what it is not to be otherwise than in Studio.
    pub as_in_studio: Vec<OnPurpose>,
}

/// Translates an export. `name` is what the flow is to be called.
pub fn translate(export: &Export, name: &str, around: &Around) -> Translated {
    let mut translator = Translator::of(export, around);
    translator.steps();
    if around.as_in_studio.contains(&OnPurpose::Rounds) {
        rounds::limit(&mut translator.draft, translator.over);
    }
    translator.finish(name)
}

/// The event by which a call goes on past a widget of a type that has no like here, and why; nothing for one that has.
pub fn passes(kind: &str) -> Option<(&'static str, &'static str)> {
    Some(match kind {
        "record-call" => (
            "success",
            "recording beside a call is not carried over: the call goes on without",
        ),
        "fork-stream" => (
            "next",
            "a stream beside a call is not carried over: the call goes on without",
        ),
        "capture-payments" => (
            "providerError",
            "payment is not carried over: the call goes on as after a fault of the provider",
        ),
        "connect-virtual-agent" => (
            "return",
            "an agent is not carried over: the call goes on as if it had come back",
        ),
        "connect-virtual-agent-v2" | "run-conversation-relay" => (
            "failed",
            "an agent is not carried over: the call goes on as if it had failed",
        ),
        "send-to-auto-pilot" => (
            "failure",
            "Autopilot is no more: the call goes on as if it had failed",
        ),
        "make-outgoing-call-v1" | "make-outgoing-call-v2" => (
            "answered",
            "a call that is placed is not carried over: the flow begins where somebody has answered",
        ),
        "send-and-wait-for-reply" => (
            "timeout",
            "no message can be waited for in a call: it goes on as if none had come",
        ),
        "start-conversation" | "resume-conversation" | "search-conversations" => {
            ("failed", "conversations are not carried over")
        }
        _ => return None,
    })
}

/// A name that a flow of ours can have.
pub fn safe_name(name: &str) -> String {
    safe(name, &BTreeSet::new())
}

impl<'e> Translator<'e> {
    fn of(export: &'e Export, around: &'e Around) -> Self {
        let start = export.start.as_deref().unwrap_or_default();
        let widgets = behind(&export.widgets, start);
        let mut ways_in: HashMap<&str, usize> = HashMap::new();
        ways_in.insert(start, 2);
        let transitions = widgets.iter().flat_map(|widget| &widget.transitions);
        for next in transitions.filter_map(|transition| transition.next.as_deref()) {
            *ways_in.entry(next).or_default() += 1;
        }
        let trigger = export
            .widgets
            .iter()
            .find(|widget| widget.kind == "trigger");
        let is_gone_through = trigger.is_some_and(|trigger| {
            trigger.on("incomingCall").is_none() && trigger.on("incomingParent").is_some()
        }) || export.is_gone_through;
        let mut names = FlowNames::of(export);
        let given = around.given.iter();
        names
            .args
            .extend(given.map(|name| safe(name, &BTreeSet::new())));
        Self {
            names,
            around,
            spoken: most_spoken(&widgets),
            export,
            ways_in,
            open: VecDeque::new(),
            known: HashSet::new(),
            draft: FlowDraft::default(),
            remarks: Vec::new(),
            contacts: BTreeMap::new(),
            services: BTreeMap::new(),
            queues: BTreeMap::new(),
            stubs: BTreeMap::new(),
            answers: Vec::new(),
            over: if is_gone_through { "return" } else { "hangup" },
            folded: (0, 0),
        }
    }

    fn remark(&mut self, widget: &str, words: impl Into<String>) {
        let remark = Remark {
            widget: widget.to_owned(),
            words: words.into(),
        };
        if !self.remarks.contains(&remark) {
            self.remarks.push(remark);
        }
    }

    fn steps(&mut self) {
        let start = self.export.start.as_deref();
        self.target(start);
        if self.open.is_empty() {
            let over = Value::Table(vec![("next".to_owned(), Value::text(self.over))]);
            self.draft
                .steps
                .push(Step::named("begin").with("branch", Value::List(vec![over])));
        }
        while let Some(name) = self.open.pop_front() {
            if let Some(widget) = self.export.widget(name) {
                let step = self.step(widget);
                self.draft.steps.push(step);
            }
        }
    }

    /// The step that a way leads to, past widgets that have none of their own.
    fn target(&mut self, next: Option<&'e str>) -> Value {
        let (mut at, mut passed) = (next, HashSet::new());
        while let Some(widget) = at.and_then(|name| self.export.widget(name)) {
            let Some(event) = self.passes(widget) else {
                if self.known.insert(&widget.name) {
                    self.open.push_back(&widget.name);
                }
                return Value::text(self.names.step(&widget.name).unwrap_or(self.over));
            };
            if !passed.insert(&widget.name) {
                self.remark(
                    &widget.name,
                    "leads to itself by nothing but widgets that have no step: the call ends there",
                );
                break;
            }
            at = widget.on(event);
        }
        Value::text(self.over)
    }

    /// The event by which a call goes on past a widget that has no like here; nothing for one that has.
    fn passes(&mut self, widget: &'e Widget) -> Option<&'static str> {
        if widget.kind == "say-play" && is_silent(widget) {
            self.remark(&widget.name, "says nothing");
            return Some("audioComplete");
        }
        let (event, why) = passes(&widget.kind)?;
        let words = format!("{why} (`{}`)", widget.kind);
        self.remark(&widget.name, words);
        Some(event)
    }

    fn step(&mut self, widget: &'e Widget) -> Step {
        let name = self.names.step(&widget.name).unwrap_or("step").to_owned();
        let step = Step::named(name);
        match widget.kind.as_str() {
            "say-play" => self.say(widget, step),
            "gather-input-on-call" => self.gather(widget, step),
            "split-based-on" => self.branch(widget, step),
            "set-variables" => self.set(widget, step),
            "connect-call-to" => self.dial(widget, step),
            "record-voicemail" => self.record(Vec::new(), widget, step),
            "enqueue-call" | "send-to-flex" => self.queue(widget, step),
            "make-http-request" | "run-function" => self.http(widget, step),
            "send-message" => self.sms(widget, step),
            "run-subflow" => self.subflow(widget, step),
            _ => self.redirect(widget, step),
        }
    }

    /// A template as a text of ours; what it cannot say becomes a remark.
    fn text(&mut self, widget: &Widget, template: &str) -> String {
        let carried = words::text(template, &self.names);
        for left in carried.left {
            self.remark(
                &widget.name,
                format!("`{left}` is not carried over and left out of the text"),
            );
        }
        carried.text
    }

    /// A name for something that an export names by its value, such as a number or an address.
    fn named(all: &mut BTreeMap<String, String>, wish: &str, value: &str) -> String {
        if let Some((name, _)) = all.iter().find(|(_, known)| *known == value) {
            return name.clone();
        }
        let taken = all.keys().cloned().collect();
        let name = safe(wish, &taken);
        all.insert(name.clone(), value.to_owned());
        name
    }
}

/// An address that can be fetched: Studio lets the scheme be left out.
fn address(url: &str) -> String {
    if url.contains("://") {
        url.to_owned()
    } else {
        format!("https://{url}")
    }
}
