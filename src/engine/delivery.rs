//! What a backend receives: the answers of a call, as JSON that other programs rely on.

use jiff::Timestamp;
use serde::{Serialize, Serializer};
use sha2::{Digest as _, Sha256};

use super::call::{Call, Outcome};
use super::flow::{AnswerOf, Flow};
use super::ids::Slot;
use super::recordings::{Holder, KeptRecording, fill};
use super::submission::Submission;
use super::value::Value;

/// A submission with its number and its body, ready to be committed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Its number within the call, from 1: with the CallSid, its name for ever.
    pub number: u32,
    /// The step that made it.
    pub step: String,
    /// The backend, by its name.
    pub backend: String,
    /// The JSON.
    pub body: String,
    /// The hash of what it says: two of the same number and meaning are the same delivery, whenever they were made. Not to
    /// be kept as it is: a hash over a few digits is the digits.
    pub meaning: [u8; 32],
    /// The answers in it.
    pub answers: Vec<Slot>,
    /// The recordings in it of which the carrier has not told all yet, by their names.
    pub awaits: Vec<String>,
    /// The names of the sensitive answers in it.
    pub sensitive: Vec<String>,
}

impl Submission {
    /// The delivery that it becomes at the end of its turn, numbered by the call.
    pub(super) fn delivery(self, flow: &Flow, call: &Call, now: Timestamp) -> Delivery {
        let body = serde_json::to_string(&self.body(flow, call, now))
            .expect("texts and numbers are always JSON");
        let complete = call.recordings.iter().filter(|kept| kept.is_complete());
        let body = fill(body, complete);
        let meaning = self.meaning(flow);
        let answers: Vec<Slot> = self.answers.iter().map(|(slot, _)| *slot).collect();
        let sensitive = answers.iter().flat_map(|slot| secrets(flow, *slot));
        let sensitive = sensitive.collect();
        let awaits = awaited(&self.answers, call);
        Delivery {
            number: call.deliveries,
            step: self.step,
            awaits,
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
        Body {
            kind: if self.partial {
                "submission.partial"
            } else {
                "submission.complete"
            },
            timestamp: instant(now),
            data: Data {
                call: about(flow, call, now),
                submission: Place {
                    step: &self.step,
                    number: call.deliveries,
                },
                answers: Answers(flow, &self.answers),
            },
        }
    }
}

impl KeptRecording {
    /// What a backend is told that got it before all was known of it: a delivery of its own, numbered by the call.
    pub fn update(&self, flow: &Flow, call: &Call, holder: &Holder, now: Timestamp) -> Delivery {
        let name = self.answer.and_then(|slot| flow.answer(slot));
        let said = Update {
            answer: name.map_or("", |answer| answer.name.as_str()),
            recording: self.written(),
        };
        let body = UpdateBody {
            kind: "recording.updated",
            timestamp: instant(now),
            data: UpdateData {
                call: about(flow, call, now),
                submission: Place {
                    step: &holder.step,
                    number: holder.number,
                },
                recording: &said,
            },
        };
        let meaning = serde_json::to_vec(&(holder.row, &said));
        let meaning = meaning.expect("texts and numbers are always JSON");
        let body = serde_json::to_string(&body).expect("texts and numbers are always JSON");
        Delivery {
            number: call.deliveries,
            step: holder.step.clone(),
            backend: holder.backend.clone(),
            body,
            meaning: Sha256::digest(meaning).into(),
            answers: Vec::new(),
            awaits: Vec::new(),
            sensitive: Vec::new(),
        }
    }
}

/// What is reported of a recording later.
#[derive(Serialize)]
struct Update<'a, R> {
    answer: &'a str,
    #[serde(flatten)]
    recording: R,
}

#[derive(Serialize)]
struct UpdateBody<'a, R: Serialize> {
    #[serde(rename = "type")]
    kind: &'static str,
    timestamp: String,
    data: UpdateData<'a, R>,
}

#[derive(Serialize)]
struct UpdateData<'a, R: Serialize> {
    call: CallData<'a>,
    submission: Place<'a>,
    recording: &'a R,
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
            Value::Entries(entries) => {
                serializer.collect_seq(entries.iter().map(|entry| Answers(self.0, entry)))
            }
            Value::Recording(recording) => recording.pending().serialize(serializer),
            Value::List(all) => {
                serializer.collect_seq(all.iter().map(|value| Plain(self.0, value)))
            }
        }
    }
}

/// The recordings in answers of which the carrier has not told all yet, those in entries of lists too.
fn awaited(answers: &[(Slot, Value)], call: &Call) -> Vec<String> {
    let of_value = |(_, value): &(Slot, Value)| match value {
        Value::Recording(recording) => vec![recording.sid.clone()],
        Value::Entries(entries) => entries
            .iter()
            .flat_map(|entry| awaited(entry, call))
            .collect(),
        _ => Vec::new(),
    };
    let is_open = |sid: &String| {
        call.recording(sid)
            .is_some_and(|recording| !recording.is_complete())
    };
    answers.iter().flat_map(of_value).filter(is_open).collect()
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

/// What is said of the call.
fn about<'a>(flow: &'a Flow, call: &'a Call, now: Timestamp) -> CallData<'a> {
    let outcome = call.outcome();
    let over = outcome != Outcome::InProgress;
    CallData {
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
    }
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
