//! What a backend is told: the answers of a call, as JSON that tools outside rely on.

use jiff::Timestamp;
use serde_json::{Map, json};

use super::call::{Call, Outcome};
use super::flow::Flow;

/// A submission that a step made, with the answers of that moment.
#[derive(Clone, Debug, PartialEq)]
pub struct Submission {
    /// The backend, by its name.
    pub backend: String,
    /// The step that made it.
    pub step: String,
    /// Whether it may lack promised answers.
    pub partial: bool,
    /// The answers that are set.
    pub answers: Map<String, serde_json::Value>,
    /// The names of those that are sensitive.
    pub sensitive: Vec<String>,
}

/// A submission with its number and its body, ready to be committed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Its number within the call, from 1: with the CallSid, its name for ever.
    pub number: u32,
    /// The backend, by its name.
    pub backend: String,
    /// The JSON.
    pub body: String,
    /// The names of the sensitive answers in it.
    pub sensitive: Vec<String>,
}

impl Submission {
    /// What is set now, for a backend. Variables are never part of it.
    pub fn new(flow: &Flow, call: &Call, backend: &str, step: &str, partial: bool) -> Self {
        let (mut answers, mut sensitive) = (Map::new(), Vec::new());
        for (slot, answer) in flow.answers.iter().enumerate() {
            let Some(value) = u16::try_from(slot).ok().and_then(|slot| call.value(slot)) else { continue };
            answers.insert(answer.name.clone(), value.into());
            if answer.sensitive {
                sensitive.push(answer.name.clone());
            }
        }
        Self { backend: backend.to_owned(), step: step.to_owned(), partial, answers, sensitive }
    }

    /// The delivery that it becomes at the end of its turn, numbered by the call.
    pub(super) fn delivery(self, flow: &Flow, call: &Call, now: Timestamp) -> Delivery {
        let outcome = call.outcome();
        let over = outcome != Outcome::InProgress;
        let last_step = call.step().map(|step| flow.step(step).name.as_str());
        let body = json!({
            "type": if self.partial { "call.partial" } else { "call.completed" },
            "timestamp": instant(now),
            "data": {
                "call": {
                    "sid": call.sid.as_str(),
                    "from": call.about.from,
                    "to": call.about.to,
                    "direction": call.about.direction,
                    "flow": call.flow,
                    "version": call.version.to_string(),
                    "language": &*flow.language(call.language).tag,
                    "started_at": instant(call.started()),
                    "ended_at": over.then(|| instant(now)),
                    "outcome": outcome.as_str(),
                    "last_step": last_step,
                },
                "submission": { "step": self.step, "number": call.deliveries },
                "answers": self.answers,
            },
        });
        Delivery { number: call.deliveries, backend: self.backend, body: body.to_string(), sensitive: self.sensitive }
    }
}

/// A moment as backends read it: RFC 3339, UTC, milliseconds.
fn instant(at: Timestamp) -> String {
    format!("{at:.3}")
}
