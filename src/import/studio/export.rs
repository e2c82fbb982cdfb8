//! An export of Twilio Studio as it is written: a JSON object of widgets and the transitions between them.
//!
//! Everything that a flow says is kept as it stands: what means nothing to us becomes a remark later, and is not lost here.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value as Json};

/// The largest export that is read, in bytes. The largest that Studio writes, of 2,000 widgets, has a few megabytes.
pub const MAX_EXPORT: usize = 16 << 20;
/// The most widgets of a flow: twice what Studio allows.
const MAX_WIDGETS: usize = 4_000;

/// A flow as it was exported.
#[derive(Clone, Debug)]
pub struct Export {
    /// What it is for, in its author's words.
    pub description: String,
    /// The widgets, in the order of the export.
    pub widgets: Vec<Widget>,
    /// The widget where a call comes in.
    pub start: Option<String>,
    /// Studio's name of it, where that is known.
    pub sid: Option<String>,
    /// Whether another flow that is imported with it goes through it.
    pub is_gone_through: bool,
    /// What nobody reads: keys of the flow that are not known.
    pub unknown: Vec<String>,
}

/// A widget.
#[derive(Clone, Debug)]
pub struct Widget {
    /// Its name, which Liquid and transitions use.
    pub name: String,
    /// Its type, such as `gather-input-on-call`.
    pub kind: String,
    /// Its settings.
    pub properties: Map<String, Json>,
    /// Where it leads.
    pub transitions: Vec<Transition>,
}

/// A way out of a widget.
#[derive(Clone, Debug)]
pub struct Transition {
    /// What takes it, such as `keypress` or `match`.
    pub event: String,
    /// The widget that it leads to. `None` ends the flow.
    pub next: Option<String>,
    /// What must hold, all of it.
    pub conditions: Vec<Condition>,
}

/// A condition of a `match`.
#[derive(Clone, Debug)]
pub struct Condition {
    /// What is looked at, in Liquid.
    pub subject: String,
    /// How, such as `equal_to`.
    pub predicate: String,
    /// What it is compared with.
    pub value: String,
}

/// Why a text is no flow for calls.
#[derive(Debug, thiserror::Error)]
pub enum InvalidExport {
    /// It is too large.
    #[error("it has more than {} MB", MAX_EXPORT >> 20)]
    TooLarge,
    /// It is not JSON.
    #[error("it is not JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// It is JSON of something else.
    #[error("it is no flow of Studio: {0}")]
    Foreign(String),
    /// The flow has too many widgets.
    #[error("it has more than {MAX_WIDGETS} widgets")]
    TooManyWidgets,
    /// It is for messages.
    #[error("it takes no calls, only messages: its trigger leads nowhere at `incomingCall`")]
    NoCalls,
    /// A widget is none of Studio's.
    #[error("`{name}` has the type `{kind}`, which Studio does not have")]
    NoWidget {
        /// Which.
        name: String,
        /// What it says it is.
        kind: String,
    },
}

/// The type of a widget that goes through another flow.
pub const SUBFLOW: &str = "run-subflow";

/// The types of widgets that Studio has, or has had.
pub const KINDS: [&str; 27] = [
    "trigger",
    "say-play",
    "gather-input-on-call",
    "split-based-on",
    "set-variables",
    "make-http-request",
    "run-function",
    SUBFLOW,
    "connect-call-to",
    "enqueue-call",
    "send-to-flex",
    "record-voicemail",
    "record-call",
    "capture-payments",
    "fork-stream",
    "connect-virtual-agent",
    "connect-virtual-agent-v2",
    "run-conversation-relay",
    "add-twiml-redirect",
    "make-outgoing-call-v1",
    "make-outgoing-call-v2",
    "send-message",
    "send-and-wait-for-reply",
    "send-to-auto-pilot",
    "start-conversation",
    "resume-conversation",
    "search-conversations",
];

/// The keys of a flow that mean something.
const KNOWN: [&str; 6] = [
    "description",
    "states",
    "initial_state",
    "flags",
    "$schema",
    "uuid",
];

impl Export {
    /// Reads an export, whatever order its keys have.
    ///
    /// # Errors
    /// When the text is no flow, or one that takes no calls.
    pub fn read(text: &str) -> Result<Self, InvalidExport> {
        if text.len() > MAX_EXPORT {
            return Err(InvalidExport::TooLarge);
        }
        let json: Json = serde_json::from_str(text.trim_start_matches('\u{feff}'))?;
        let sid = json.get("sid").map(|sid| text_of(Some(sid)));
        let Json::Object(flow) = unwrapped(json) else {
            return Err(foreign("it is no object"));
        };
        let Some(Json::Array(states)) = flow.get("states") else {
            return Err(foreign("it has no list `states`"));
        };
        if states.len() > MAX_WIDGETS {
            return Err(InvalidExport::TooManyWidgets);
        }
        let widgets = states.iter().map(widget);
        let widgets: Vec<Widget> = widgets.collect::<Result<_, _>>()?;
        let unknown = flow.keys().filter(|key| !KNOWN.contains(&key.as_str()));
        let export = Self {
            description: text_of(flow.get("description")),
            start: begin(&widgets, &text_of(flow.get("initial_state"))),
            sid,
            is_gone_through: false,
            unknown: unknown.cloned().collect(),
            widgets,
        };
        export.taking_calls()
    }

    /// The same, if a call can come to it, or another flow go through it.
    fn taking_calls(self) -> Result<Self, InvalidExport> {
        let strange = |widget: &&Widget| !KINDS.contains(&widget.kind.as_str());
        if let Some(widget) = self.widgets.iter().find(strange) {
            return Err(InvalidExport::NoWidget {
                name: widget.name.clone(),
                kind: widget.kind.clone(),
            });
        }
        if self.start.is_none() {
            return Err(InvalidExport::NoCalls);
        }
        Ok(self)
    }

    /// Notes that another flow goes through it: it begins where that one comes in.
    pub fn mark_gone_through(&mut self) {
        self.is_gone_through = true;
        let triggers = self
            .widgets
            .iter()
            .filter(|widget| widget.kind == "trigger");
        let mut starts = triggers.filter_map(|trigger| trigger.on("incomingParent"));
        if let Some(start) = starts.next() {
            self.start = Some(start.to_owned());
        }
    }

    /// Whether a call comes to it by itself.
    pub fn takes_calls(&self) -> bool {
        let mut triggers = self
            .widgets
            .iter()
            .filter(|widget| widget.kind == "trigger");
        triggers.any(|trigger| trigger.on("incomingCall").is_some())
    }

    /// The flows that it goes through, by Studio's names of them, and the names of what it gives each.
    pub fn subflows(&self) -> impl Iterator<Item = (String, Vec<String>)> {
        let widgets = self.widgets.iter();
        let through = widgets.filter(|widget| widget.kind == SUBFLOW);
        through.map(|widget| {
            let given = widget.pairs("parameters").into_iter();
            (
                widget.text("flow_sid"),
                given.map(|(name, _)| name).collect(),
            )
        })
    }

    /// The widget of a name.
    pub fn widget(&self, name: &str) -> Option<&Widget> {
        self.widgets.iter().find(|widget| widget.name == name)
    }
}

impl Widget {
    /// Where it goes on an event; `None` where the flow ends then.
    pub fn on(&self, event: &str) -> Option<&str> {
        let mut all = self.transitions.iter();
        all.find(|transition| transition.event == event)?
            .next
            .as_deref()
    }

    /// A setting as text; empty where it is not set. Exports write numbers and switches as themselves or as text.
    pub fn text(&self, key: &str) -> String {
        let alias = ALIASES.iter().find(|(known, _)| *known == key);
        let found = self.properties.get(key);
        let found = found.or_else(|| self.properties.get(alias?.1));
        text_of(found)
    }

    /// A setting that is a number.
    pub fn number(&self, key: &str) -> Option<u32> {
        self.text(key).trim().parse().ok()
    }

    /// A switch.
    pub fn is(&self, key: &str) -> bool {
        self.text(key).eq_ignore_ascii_case("true")
    }

    /// A list of names and values: variables, parameters.
    pub fn pairs(&self, key: &str) -> Vec<(String, String)> {
        let list = self.properties.get(key).and_then(Json::as_array);
        let pair = |entry: &Json| (text_of(entry.get("key")), text_of(entry.get("value")));
        list.into_iter().flatten().map(pair).collect()
    }
}

/// Settings under the names that Studio's pages show; files have the first ones.
const ALIASES: [(&str, &str); 8] = [
    ("number_of_digits", "num_digits"),
    ("gather_language", "speech_recognition_language"),
    ("timeout", "silence_timeout"),
    ("transcription_callback_url", "transcribe_callback"),
    ("payment_amount", "charge_amount"),
    ("add_twilio_auth", "send_twilio_credentials"),
    ("wait_url", "hold_music_url"),
    ("service", "messaging_service_sid"),
];

/// Twilio's API hands a flow out with what it knows of it around it.
fn unwrapped(json: Json) -> Json {
    match json {
        Json::Object(mut around) if !around.contains_key("states") => {
            match around.remove("definition") {
                Some(flow @ Json::Object(_)) => flow,
                _ => Json::Object(around),
            }
        }
        other => other,
    }
}

fn foreign(why: &str) -> InvalidExport {
    InvalidExport::Foreign(why.to_owned())
}

fn widget(state: &Json) -> Result<Widget, InvalidExport> {
    let name = text_of(state.get("name"));
    let kind = text_of(state.get("type"));
    if name.is_empty() || kind.is_empty() {
        return Err(foreign("one of its `states` has no `name` or no `type`"));
    }
    let properties = state.get("properties").and_then(Json::as_object);
    let transitions = state.get("transitions").and_then(Json::as_array);
    let transitions = transitions.into_iter().flatten().map(transition);
    Ok(Widget {
        properties: properties.cloned().unwrap_or_default(),
        transitions: transitions.collect(),
        name,
        kind,
    })
}

fn transition(json: &Json) -> Transition {
    let next = text_of(json.get("next"));
    let conditions = json.get("conditions").and_then(Json::as_array);
    let condition = |json: &Json| {
        let arguments = json.get("arguments").and_then(Json::as_array);
        Condition {
            subject: text_of(arguments.and_then(|all| all.first())),
            predicate: text_of(json.get("type")),
            value: text_of(json.get("value")),
        }
    };
    Transition {
        event: text_of(json.get("event")),
        next: (!next.is_empty()).then_some(next),
        conditions: conditions.into_iter().flatten().map(condition).collect(),
    }
}

/// Where a call comes in: what the trigger leads to at `incomingCall`; else, where no message is waited for behind it, at
/// `incomingParent` of a flow that others go through, or at `incomingRequest` of one that places calls.
fn begin(widgets: &[Widget], initial: &str) -> Option<String> {
    let mut triggers = widgets.iter().filter(|widget| widget.kind == "trigger");
    let trigger = triggers
        .clone()
        .find(|widget| widget.name == initial)
        .or_else(|| triggers.next())?;
    let other = ["incomingParent", "incomingRequest"];
    let other = || other.iter().find_map(|event| trigger.on(event));
    let start = trigger
        .on("incomingCall")
        .or_else(|| other().filter(|start| !is_for_messages(widgets, start)))?;
    Some(start.to_owned())
}

/// Whether messages are answered behind a widget and nobody is called or heard.
fn is_for_messages(widgets: &[Widget], start: &str) -> bool {
    let behind = behind(widgets, start);
    let has = |kinds: &[&str]| {
        behind
            .iter()
            .any(|widget| kinds.contains(&widget.kind.as_str()))
    };
    has(&FOR_MESSAGES) && !has(&FOR_CALLS)
}

/// The widgets that can be reached from one, itself included, in the order in which they are met.
pub fn behind<'w>(widgets: &'w [Widget], start: &str) -> Vec<&'w Widget> {
    let by_name: HashMap<&str, &Widget> = widgets
        .iter()
        .map(|widget| (widget.name.as_str(), widget))
        .collect();
    let (mut met, mut open) = (HashSet::new(), vec![start]);
    let mut behind = Vec::new();
    while let Some(name) = open.pop() {
        let Some(widget) = by_name.get(name).filter(|_| met.insert(name)) else {
            continue;
        };
        behind.push(*widget);
        let next = widget.transitions.iter().rev();
        open.extend(next.filter_map(|transition| transition.next.as_deref()));
    }
    behind
}

/// Widgets that only a conversation by messages can have.
const FOR_MESSAGES: [&str; 3] = [
    "send-and-wait-for-reply",
    "send-to-auto-pilot",
    "send-message",
];
/// Widgets that only a call can have.
const FOR_CALLS: [&str; 9] = [
    "say-play",
    "gather-input-on-call",
    "connect-call-to",
    "enqueue-call",
    "record-voicemail",
    "record-call",
    "capture-payments",
    "make-outgoing-call-v1",
    "make-outgoing-call-v2",
];

fn text_of(json: Option<&Json>) -> String {
    match json {
        None | Some(Json::Null) => String::new(),
        Some(Json::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}
