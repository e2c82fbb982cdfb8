//! Everyone else: who answers a dialled number, what becomes of a queue.

use std::collections::BTreeMap;
use std::time::Duration;

use super::service_reply::ServiceReplies;
use super::turn_report::TurnReport;
use crate::written::number::canonical;

/// What the world answers when a call is handed on.
#[derive(Clone, Debug, Default)]
pub struct World {
    /// By what is dialled: a number, a SIP URI, a client's name, a conference, numbers in their canonical form; or by
    /// [`step`] or [`contact`], where the server says which it is.
    pub dial: BTreeMap<String, DialAnswers>,
    /// What becomes of other verbs, by verb and what it names: (`Enqueue`, queue), (`Pay`, connector), (`Refer`, URI),
    /// (`Connect`, noun). The fields are those of the verb's action request, as `QueueResult`.
    pub others: BTreeMap<(String, String), VerbOutcome>,
    /// What is recorded at a step, the first time, the second, …, by [`step`]; the last one from then on.
    pub records: BTreeMap<String, Vec<RecordAnswer>>,
    /// How machines end a talk, the first time, the second, …, by [`step`] or [`bot`]; the last one from then on.
    pub bots: BTreeMap<String, Vec<BotAnswer>>,
    /// What services answer that the call's server asks, where it asks the world and not over a network.
    pub services: ServiceReplies,
    /// How long recordings last that are not fetched, by URL or as a document writes it; those of no time are silent.
    pub audio: BTreeMap<String, Duration>,
    /// What is done where it is not foreseen.
    pub unforeseen: Unforeseen,
}

/// What becomes of a dialled number the first time, the second, …; the last one from then on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DialAnswers(pub Vec<DialAnswer>);

impl From<DialAnswer> for DialAnswers {
    fn from(answer: DialAnswer) -> Self {
        Self(vec![answer])
    }
}

impl DialAnswers {
    /// What becomes of it this time; `before` is how often it was dialled before.
    pub fn at(&self, before: usize) -> Option<&DialAnswer> {
        self.0.get(before).or(self.0.last())
    }
}

/// What whoever answers presses, where the call is screened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Presses {
    /// The key that takes the call, where the server says which that is.
    #[default]
    Accept,
    /// The key that turns it down, where the server says which that is.
    Decline,
    /// These; none for a mailbox.
    Keys(String),
}

/// What becomes of a dialled number, a queue or a transfer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DialAnswer {
    /// The carrier's word: `completed`, `answered`, `busy`, `no-answer`, `failed`, `canceled`. Of a queue `talked`, `full`,
    /// `left`, `time_limit` or `error`; of a transfer `referred` or `refused`.
    pub outcome: String,
    /// How long it rings, or until somebody comes, or a key is pressed.
    pub after: Duration,
    /// How long they talk, where it is answered.
    pub talks: Duration,
    /// What whoever answers presses, where the call is screened; or the caller who waits in a queue.
    pub presses: Presses,
    /// The caller's place in a queue at first; 0 for the first one.
    pub position: u32,
    /// What the carrier reports of the talk, where it is recorded.
    pub report: RecordingReport,
}

/// The key of whoever is dialled at a step.
pub fn step(name: &str) -> String {
    format!("step.{name}")
}

/// The key of a queue.
pub fn queue(name: &str) -> String {
    format!("queue.{name}")
}

/// The key of a service.
pub fn service(name: &str) -> String {
    format!("service.{name}")
}

/// The key of a transfer, whatever headers go with it.
pub fn refer(address: &str) -> String {
    let address = address.split('?').next().unwrap_or_default();
    format!("refer.{address}")
}

/// The key of a connector that takes payments.
pub fn pay(connector: &str) -> String {
    format!("pay.{connector}")
}

/// The key of a machine.
pub fn bot(name: &str) -> String {
    format!("bot.{name}")
}

/// The key of a contact.
pub fn contact(name: &str) -> String {
    format!("contact.{name}")
}

impl World {
    /// What becomes of somebody who is dialled at this place of those of a turn of which the server reported this, and the
    /// key that says so.
    pub(super) fn dialled_in(
        &self,
        name: &str,
        place: usize,
        report: &TurnReport,
    ) -> Option<(&str, &DialAnswers)> {
        let known = |key: &str| {
            self.dial
                .get_key_value(key)
                .map(|(key, of)| (key.as_str(), of))
        };
        let of_step = || known(&step(report.steps.last()?));
        let of_contact = || known(&contact(report.contact(place)));
        let of_number = || known(&canonical(name)).or_else(|| known(name));
        of_step().or_else(of_contact).or_else(of_number)
    }

    /// What becomes of what a turn hands the call on to, of which the server reported this, by a key of its own; and the key
    /// that says so.
    pub(super) fn handed_on(
        &self,
        own: &[String],
        report: &TurnReport,
    ) -> Option<(&str, &DialAnswers)> {
        let of_step = report.steps.last().map(|name| step(name));
        let mut keys = of_step.iter().chain(own);
        keys.find_map(|key| self.dial.get_key_value(key))
            .map(|(key, answers)| (key.as_str(), answers))
    }

    /// What is recorded at the step that a server reported last, and the key that says so.
    pub(super) fn recorded_in(&self, report: &TurnReport) -> Option<(&str, &[RecordAnswer])> {
        let key = step(report.steps.last()?);
        let known = self.records.get_key_value(&key);
        known.map(|(key, all)| (key.as_str(), all.as_slice()))
    }

    /// What becomes of somebody who is dialled, however the number is spelt.
    pub fn dialled(&self, name: &str) -> Option<&DialAnswers> {
        self.dial
            .get(&canonical(name))
            .or_else(|| self.dial.get(name))
    }

    /// How long a recording lasts that the world stands for: its URL as it is written, or whole, with its query or without.
    pub(super) fn recording(&self, written: &str, url: &str) -> Option<Duration> {
        let bare = url.split('?').next().unwrap_or_default();
        [written, url, bare]
            .iter()
            .find_map(|name| self.audio.get(*name))
            .copied()
    }
}

impl DialAnswer {
    pub fn is_answered(&self) -> bool {
        matches!(self.outcome.as_str(), "completed" | "answered")
    }
}

/// How a machine ends a talk.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BotAnswer {
    /// The carrier's word: `ended`, `failed`; empty where it tells nothing.
    pub status: String,
    /// What the machine hands back.
    pub handoff: Option<String>,
    /// The carrier's number for what went wrong; 0 for nothing.
    pub code: u32,
    /// How long they talk.
    pub after: Duration,
}

/// What a caller leaves as a message, and what the carrier makes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordAnswer {
    /// How long the caller speaks; nothing where nothing is said.
    pub speaks: Duration,
    /// What is said.
    pub says: String,
    /// How it ends.
    pub ends: RecordEnd,
    /// What the carrier reports of it.
    pub report: RecordingReport,
}

/// How long after the end of a recording the carrier reports of it, where nothing else is said.
pub const TOLD: Duration = Duration::from_secs(2);

/// What the carrier reports of a recording later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordingReport {
    /// How it says that the recording ended: `completed`, `absent`, `failed`; nothing where it never does.
    pub status: Option<String>,
    /// How long after the end it tells. At once is before the action is asked.
    pub told: Duration,
}

impl Default for RecordingReport {
    fn default() -> Self {
        Self {
            status: Some("completed".to_owned()),
            told: TOLD,
        }
    }
}

/// How a caller ends a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordEnd {
    /// By silence.
    Silence,
    /// By a key.
    Key(char),
    /// By hanging up.
    HangUp,
}

/// What becomes of another verb.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VerbOutcome {
    /// How long it takes.
    pub after: Duration,
    /// The fields of the action request.
    pub fields: Vec<(String, String)>,
}

/// What is done where the world meets something that was not foreseen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unforeseen {
    /// The call ends, and says so: for tests.
    #[default]
    Ends,
    /// Nobody answers, the queue is full, and so on: for trying things.
    NobodyThere,
}
