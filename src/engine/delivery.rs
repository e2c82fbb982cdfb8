//! What a backend receives: the answers of a call, as JSON that other programs rely on.

use jiff::Timestamp;
use serde::{Serialize, Serializer};
use sha2::{Digest as _, Sha256};

use super::call::{Call, Outcome};
use super::flow::{AnswerOf, Flow};
use super::ids::Slot;
use super::submission::Submission;
use super::value::Value;

/// A submission with its number and its body, ready to be committed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Its number within the call, from 1: with the CallSid, its name for ever.
    pub number: u32,
    /// The backend, by its name.
    pub backend: String,
    /// The JSON.
    pub body: String,
    /// The hash of what it says: two of the same number and meaning are the same delivery, whenever they were made. Not to
    /// be kept as it is: a hash over a few digits is the digits.
    pub meaning: [u8; 32],
    /// The answers in it.
    pub answers: Vec<Slot>,
    /// The names of the sensitive answers in it.
    pub sensitive: Vec<String>,
}

impl Submission {
    /// The delivery that it becomes at the end of its turn, numbered by the call.
    pub(super) fn delivery(self, flow: &Flow, call: &Call, now: Timestamp) -> Delivery {
        let body = serde_json::to_string(&self.body(flow, call, now))
            .expect("texts and numbers are always JSON");
        let meaning = self.meaning(flow);
        let answers: Vec<Slot> = self.answers.iter().map(|(slot, _)| *slot).collect();
        let sensitive = answers.iter().flat_map(|slot| secrets(flow, *slot));
        let sensitive = sensitive.collect();
        Delivery {
            number: call.deliveries,
            backend: self.backend,
            body,
            meaning,
            answers,
            sensitive,
        }
    }

    fn meaning(&self, flow: &Flow) -> [u8; 32] {
        let answers = Answers(flow, &self.answers);
        let said = (&self.backend, &self.step, self.partial, answers);
        Sha256::digest(serde_json::to_vec(&said).expect("texts and numbers are always JSON")).into()
    }

    fn body<'a>(&'a self, flow: &'a Flow, call: &'a Call, now: Timestamp) -> Body<'a> {
        let outcome = call.outcome();
        let over = outcome != Outcome::InProgress;
        let about = CallData {
            sid: call.sid.as_str(),
            from: &call.about.from,
            to: &call.about.to,
            direction: &call.about.direction,
            flow: &call.flow,
            version: call.version.to_string(),
            language: &flow.language(call.language).tag,
            started_at: instant(call.started()),
            ended_at: over.then(|| instant(now)),
            outcome: outcome.as_str(),
            last_step: call.step().map(|step| flow.step(step).name.as_str()),
            milestones: reached(flow, call).collect(),
        };
        Body {
            kind: if self.partial {
                "submission.partial"
            } else {
                "submission.complete"
            },
            timestamp: instant(now),
            data: Data {
                call: about,
                submission: Place {
                    step: &self.step,
                    number: call.deliveries,
                },
                answers: Answers(flow, &self.answers),
            },
        }
    }
}

/// The JSON, in the order in which it is written. Written from here without a tree of values in between, which would
/// cost more than the rest of the turn.
#[derive(Serialize)]
struct Body<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    timestamp: String,
    data: Data<'a>,
}

#[derive(Serialize)]
struct Data<'a> {
    call: CallData<'a>,
    submission: Place<'a>,
    answers: Answers<'a>,
}

#[derive(Serialize)]
struct CallData<'a> {
    sid: &'a str,
    from: &'a str,
    to: &'a str,
    direction: &'a str,
    flow: &'a str,
    version: String,
    language: &'a str,
    started_at: String,
    ended_at: Option<String>,
    outcome: &'static str,
    last_step: Option<&'a str>,
    milestones: Vec<&'a str>,
}

#[derive(Serialize)]
struct Place<'a> {
    step: &'a str,
    number: u32,
}

struct Answers<'a>(&'a Flow, &'a [(Slot, Value)]);

impl Serialize for Answers<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(flow, answers) = self;
        let name = |slot: Slot| flow.answer(slot).map_or("", AnswerOf::own_name);
        let named = answers
            .iter()
            .map(|(slot, value)| (name(*slot), Plain(flow, value)));
        serializer.collect_map(named)
    }
}

/// A value as backends read it: itself, and not which kind it is; of a list the entries, by the names of the flow.
pub struct Plain<'a>(pub &'a Flow, pub &'a Value);

impl Serialize for Plain<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.1 {
            Value::Text(text) => serializer.serialize_str(text),
            Value::Integer(number) => serializer.serialize_i64(*number),
            Value::Number(number) => serializer.serialize_f64(*number),
            Value::Boolean(yes) => serializer.serialize_bool(*yes),
            Value::List(entries) => {
                serializer.collect_seq(entries.iter().map(|entry| Answers(self.0, entry)))
            }
        }
    }
}

/// The names of the sensitive answers in an answer: itself, or what its entries hold.
fn secrets(flow: &Flow, slot: Slot) -> Vec<String> {
    let Some(answer) = flow.answer(slot) else {
        return Vec::new();
    };
    let members = answer.entry.iter().filter_map(|slot| flow.answer(*slot));
    let itself = answer.entry.is_empty().then_some(answer);
    let all = members.chain(itself).filter(|answer| answer.sensitive);
    all.map(|answer| answer.own_name().to_owned()).collect()
}

/// The names of the milestones that were reached, in this order.
fn reached<'a>(flow: &'a Flow, call: &Call) -> impl Iterator<Item = &'a str> {
    let milestones = call.reached.iter();
    milestones.filter_map(|place| Some(flow.milestones.get(usize::from(*place))?.name.as_str()))
}

/// A moment as backends read it: RFC 3339, UTC, milliseconds.
fn instant(at: Timestamp) -> String {
    format!("{at:.3}")
}
