//! A call's state in names, and what changed from one turn to the next.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::engine::{self, Call, Flow, Plain, Slot};
use crate::outbox::MASK;

/// A call between two turns, every sensitive answer masked.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StateView {
    /// The step that it waits at, or was at last.
    pub step: Option<String>,
    /// How it stands: `in_progress`, `completed`, `hung_up`, `silent`, `failed`.
    pub outcome: String,
    /// The turn that it waits for.
    pub turn: u32,
    /// How often it has come to a flow.
    pub visit: u16,
    /// BCP 47.
    pub language: String,
    /// Silences at the question that is being put.
    pub no_input: u8,
    /// Wrong entries at the question that is being put.
    pub no_match: u8,
    /// Answers that are set, by their names, in the order of the flow.
    pub answers: Map<String, Value>,
    /// Variables that are set, and what is known of the first request: `call.country`.
    pub variables: Map<String, Value>,
    /// The steps that `back` can go back to, the last one last.
    pub asked: Vec<String>,
}

/// Something that a turn changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ValueChange {
    /// What: `step`, `answers.size`, `variables.tries`, …
    pub what: String,
    /// What it was; null where it was not set.
    pub before: Value,
    /// What it is; null where it is not set any more.
    pub after: Value,
}

impl StateView {
    /// A call's state.
    pub fn of(call: &Call, flow: &Flow) -> Self {
        let name = |step| {
            flow.steps
                .get(usize::from(step))
                .map(|step: &engine::flow::StepOf| step.name.clone())
        };
        let (mut answers, mut variables) = (Map::new(), Map::new());
        for (slot, name) in (0..Slot::MAX).zip(&flow.names) {
            let Some(value) = call.value(slot) else {
                continue;
            };
            let is_answer = flow.answer(slot).is_some();
            let values = if is_answer {
                &mut answers
            } else {
                &mut variables
            };
            let shown = if flow.is_sensitive(slot) {
                Value::from(MASK)
            } else {
                plain(flow, value)
            };
            values.insert(name.clone(), shown);
        }
        Self {
            step: call.step().and_then(name),
            outcome: call.outcome().as_str().to_owned(),
            turn: call.turn,
            visit: call.visit,
            language: flow.language(call.language).tag.to_string(),
            no_input: call.misses.no_input,
            no_match: call.misses.no_match,
            answers,
            variables,
            asked: call
                .trail
                .iter()
                .filter_map(|asked| name(asked.step))
                .collect(),
        }
    }

    /// What is other than it was; the numbers of turn and the way back go without saying.
    pub fn changes_since(&self, before: &Self) -> Vec<ValueChange> {
        let fixed = |state: &Self| {
            [
                ("visit", json!(state.visit)),
                ("step", json!(state.step)),
                ("outcome", json!(state.outcome)),
                ("language", json!(state.language)),
                ("no_input", json!(state.no_input)),
                ("no_match", json!(state.no_match)),
            ]
        };
        let pairs = fixed(before).into_iter().zip(fixed(self));
        let pairs = pairs.map(|((what, before), (_, after))| ValueChange {
            what: what.to_owned(),
            before,
            after,
        });
        let named = named("answers", &before.answers, &self.answers)
            .into_iter()
            .chain(named("variables", &before.variables, &self.variables));
        pairs
            .chain(named)
            .filter(|change| change.before != change.after)
            .collect()
    }
}

fn named(kind: &str, before: &Map<String, Value>, after: &Map<String, Value>) -> Vec<ValueChange> {
    let new = after.keys().filter(|name| !before.contains_key(*name));
    let value =
        |values: &Map<String, Value>, name: &str| values.get(name).cloned().unwrap_or_default();
    let change = |name: &String| ValueChange {
        what: format!("{kind}.{name}"),
        before: value(before, name),
        after: value(after, name),
    };
    before.keys().chain(new).map(change).collect()
}

fn plain(flow: &Flow, value: &engine::Value) -> Value {
    serde_json::to_value(Plain(flow, value)).unwrap_or_default()
}
