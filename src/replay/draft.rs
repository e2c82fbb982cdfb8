//! A test file that is being written: what is done is known, and what is heard is found out by playing it.

use std::collections::VecDeque;
use std::fmt::Write as _;

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::hears::written;
use super::play::{AfterCall, Played};
use super::world;
use crate::phone::{EndedBy, makes_up};
use crate::written::CallerAct;
use crate::written::carrier_fields::by_key;

/// The first line, by which an editor knows the keys: the place of the schema as seen from `tests/calls/`.
pub(super) const SCHEMA: &str = "#:schema ../../schema/call.json\n";

/// A test file that is being written.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    /// The flow that is called.
    pub flow: String,
    pub from: String,
    pub to: String,
    pub caller_name: Option<String>,
    /// How a call came out that we placed, in a flow's word; nothing of one that came in.
    pub placed: Option<String>,
    /// Further fields that the carrier sends, by its names; empty for what it does not send.
    pub fields: Vec<(String, String)>,
    pub at: Timestamp,
    /// What is done, and what is heard before it.
    pub turns: Vec<(CallerAct, Option<String>)>,
    /// Whether the caller hangs up after the last turn.
    pub hangs_up: bool,
    /// How often the call comes back after the last turn from where it is handed on, before the caller hangs up.
    pub after_waits: u32,
    /// What comes of handing the call on, in order: the outcome, the seconds of talk, whether the caller hung up, and what was
    /// taken out of an answer. To whom is not known yet.
    pub outcomes: VecDeque<(String, u32, bool, Map<String, Value>)>,
    /// What the world answers.
    pub world: Vec<WorldAnswer>,
    /// What is heard to the end, and the seconds that the call takes.
    pub ended: Option<(String, u64)>,
    pub sent: Vec<(String, Value)>,
    /// The steps that cannot be done.
    pub failed: Vec<String>,
    /// The names that are read and not set.
    pub unset: Vec<String>,
}

/// The line of what the carrier sends; of what it does not send, only what the phone would make up.
pub(super) fn fields_line(fields: &[(String, String)]) -> String {
    let said = fields
        .iter()
        .filter(|(name, value)| by_key(name).is_none() && (!value.is_empty() || makes_up(name)));
    let said: Vec<String> = said
        .map(|(name, value)| format!("{} = {}", key(name), quoted(value)))
        .collect();
    if said.is_empty() {
        return String::new();
    }
    format!("fields = {{ {} }}\n", said.join(", "))
}

/// What the world answers where the call is handed on.
#[derive(Clone, Debug)]
pub struct WorldAnswer {
    /// The key below `[world]`; empty where it is a step's name.
    key: &'static str,
    whom: String,
    outcome: String,
    /// The seconds of talk.
    talks: u32,
    /// Whether the caller hangs up at its end.
    hung_up: bool,
    /// What is taken out of an answer.
    take: Map<String, Value>,
}

impl Draft {
    /// The call is handed on by a verb: the next outcome is what came of it. Nothing where a test call has no words for it.
    pub fn hand_on(&mut self, verb: &str, whom: &str) -> Option<()> {
        let records = verb == "Record";
        let key = if records { "" } else { world::key(verb)? };
        let usual = if records { "empty" } else { world::nobody(key) };
        let (outcome, talks, hung_up, take) = self
            .outcomes
            .pop_front()
            .unwrap_or_else(|| (usual.to_owned(), 0, false, Map::new()));
        self.world.push(WorldAnswer {
            key,
            whom: whom.to_owned(),
            outcome,
            talks,
            hung_up,
            take,
        });
        Some(())
    }

    /// Takes what was heard and sent, and how the call ended.
    pub fn heard(&mut self, played: &Played, left: &AfterCall) {
        let mut stretches = played.stretches.iter();
        // A call that ends earlier than it did has turns that nobody comes to.
        self.turns
            .truncate(played.stretches.len().saturating_sub(1));
        for (turn, stretch) in self.turns.iter_mut().zip(&mut stretches) {
            turn.1 = Some(stretch.heard.clone());
        }
        let last = stretches
            .next()
            .map(|stretch| stretch.heard.clone())
            .unwrap_or_default();
        self.ended = Some((last, played.ended.after.as_secs()));
        self.hangs_up = played.ended.by == EndedBy::Caller;
        self.sent.clone_from(&left.sent);
        let faults = played.stretches.iter().flat_map(|stretch| &stretch.faults);
        let faults = faults.chain(&left.faults);
        self.failed = faults.map(|(step, _)| step.clone()).collect();
        let unset = played.stretches.iter().flat_map(|stretch| &stretch.unset);
        let unset = unset.chain(&left.unset);
        self.unset = unset.map(|(_, name)| name.clone()).collect();
        self.unset.sort();
        self.unset.dedup();
    }

    pub fn text(&self) -> String {
        let mut text = SCHEMA.to_owned();
        self.write(&mut text).expect("a text can be written to");
        text
    }

    fn write(&self, text: &mut String) -> std::fmt::Result {
        self.write_call(text)?;
        for (act, hears) in &self.turns {
            writeln!(text, "\n[[turn]]")?;
            if let Some(hears) = hears {
                writeln!(text, "hears = {}", pattern(hears))?;
            }
            writeln!(text, "{}", act_line(act))?;
        }
        self.write_end(text)?;
        self.write_submitted(text)?;
        self.write_world(text)
    }

    fn write_call(&self, text: &mut String) -> std::fmt::Result {
        writeln!(text, "flow = {}", quoted(&self.flow))?;
        writeln!(text, "from = {}", quoted(&self.from))?;
        writeln!(text, "to   = {}", quoted(&self.to))?;
        if let Some(outcome) = &self.placed {
            writeln!(text, "placed = {}", quoted(outcome))?;
        }
        if let Some(name) = &self.caller_name {
            writeln!(text, "caller_name = {}", quoted(name))?;
        }
        writeln!(text, "at   = {}", self.at)?;
        text.push_str(&fields_line(&self.fields));
        Ok(())
    }

    fn write_end(&self, text: &mut String) -> std::fmt::Result {
        let by = if self.hangs_up { "caller" } else { "flow" };
        writeln!(text, "\n[end]\nby = \"{by}\"")?;
        if self.hangs_up && self.after_waits > 0 {
            writeln!(text, "after_waits = {}", self.after_waits)?;
        }
        if let Some((heard, seconds)) = &self.ended {
            let (least, most) = (seconds * 9 / 10, seconds * 11 / 10 + 1);
            writeln!(text, "hears = {}", pattern(heard))?;
            writeln!(text, "seconds = [{least}, {most}]")?;
        }
        for (key, names) in [("failed", &self.failed), ("unset", &self.unset)] {
            if !names.is_empty() {
                writeln!(text, "{key} = {}", inline(&names.clone().into()))?;
            }
        }
        Ok(())
    }

    fn write_world(&self, text: &mut String) -> std::fmt::Result {
        if !self.world.is_empty() {
            writeln!(text, "\n[world]")?;
        }
        for answer in &self.world {
            if answer.key.is_empty() {
                let (step, outcome) = (&answer.whom, quoted(&answer.outcome));
                let seconds = answer.talks;
                let ends = if answer.hung_up {
                    ", ends = \"hangup\""
                } else {
                    ""
                };
                writeln!(
                    text,
                    "{step} = {{ outcome = {outcome}, seconds = {seconds}{ends} }}"
                )?;
                continue;
            }
            let talks = match answer.talks {
                0 => String::new(),
                seconds => format!(", talks = \"{seconds}s\""),
            };
            let take = if answer.take.is_empty() {
                String::new()
            } else {
                format!(", take = {}", inline(&answer.take.clone().into()))
            };
            let whom = if answer.key == world::SERVICES {
                answer.whom.clone()
            } else {
                world::whom(&answer.whom)
            };
            let (key, outcome) = (answer.key, quoted(&answer.outcome));
            writeln!(
                text,
                "{key}.{whom} = {{ outcome = {outcome}{talks}{take} }}"
            )?;
        }
        Ok(())
    }

    fn write_submitted(&self, text: &mut String) -> std::fmt::Result {
        let (asked, sent): (Vec<_>, Vec<_>) = self
            .sent
            .iter()
            .partition(|(backend, _)| backend.starts_with('@'));
        for (_, body) in asked.iter().filter(|(_, body)| body["type"] == "text.send") {
            let field = |name: &str| body[name].as_str().unwrap_or_default();
            writeln!(text, "\n[[texted]]\nto = {}", quoted(field("to")))?;
            writeln!(text, "words = {}", pattern(field("words")))?;
        }
        for (backend, body) in sent {
            let several = self
                .sent
                .iter()
                .filter(|(other, _)| other == backend)
                .count()
                > 1;
            let (open, close) = if several { ("[[", "]]") } else { ("[", "]") };
            writeln!(text, "\n{open}submitted.{backend}{close}")?;
            writeln!(
                text,
                "type = {}",
                quoted(body["type"].as_str().unwrap_or_default())
            )?;
            writeln!(text, "answers = {}", inline(&body["data"]["answers"]))?;
        }
        Ok(())
    }
}

/// How sure the recogniser is, in percent, where a test call does not say it: the simulated carrier's own figure.
const AS_A_RULE: u8 = 90;

/// What a caller does, as a line of a turn.
pub(super) fn act_line(act: &CallerAct) -> String {
    match act {
        CallerAct::Press(keys) => format!("press = {}", quoted(keys)),
        CallerAct::Says(said) => match said.percent {
            None | Some(AS_A_RULE) => format!("says = {}", quoted(&said.words)),
            Some(percent) => format!(
                "says = {{ words = {}, confidence = {} }}",
                quoted(&said.words),
                f64::from(percent) / 100.0
            ),
        },
        CallerAct::Silent => "silent = true".to_owned(),
    }
}

fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

/// The whole of what is heard, and nothing else.
fn pattern(heard: &str) -> String {
    quoted(&written(heard))
}

/// A value on one line.
fn inline(value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            let fields: Vec<String> = fields
                .iter()
                .map(|(name, value)| format!("{} = {}", key(name), inline(value)))
                .collect();
            if fields.is_empty() {
                "{}".to_owned()
            } else {
                format!("{{ {} }}", fields.join(", "))
            }
        }
        Value::Array(values) => format!(
            "[{}]",
            values.iter().map(inline).collect::<Vec<_>>().join(", ")
        ),
        Value::String(text) => quoted(text),
        other => other.to_string(),
    }
}

fn key(name: &str) -> String {
    let is_bare = !name.is_empty()
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    if is_bare {
        name.to_owned()
    } else {
        quoted(name)
    }
}
