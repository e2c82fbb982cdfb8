//! The state of a call: everything that one turn leaves for the next.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::answered_by::AnsweredBy;
use super::awaiting::Awaiting;
use super::came::Came;
use super::first_request::FirstRequest;
use super::hunt::Hunt;
use super::ids::{Slot, StepId};
use super::permit::{Permit, Permits};
use super::progress::Progress;
use super::proof::Proof;
use super::recordings::{CallerRecording, Holder, KeptRecording, RecordingNews, Recordings};
use super::sent::Sent;
use super::sid::{CallSid, Fingerprint, Nonce};
use super::value::Value;
use super::waiting::Waiting;
use crate::hours::HoursSwitch;

/// How many asking steps `back` can go back over.
pub const TRAIL: usize = 8;

/// A call between two turns. Steps and names are places in the flow version that the call runs on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Call {
    /// Which call. Not part of the stored form: it is its key.
    #[serde(skip, default = "nobody")]
    pub sid: CallSid,
    /// The flow's name.
    pub flow: String,
    /// The version of it that the call keeps to its end.
    pub version: Fingerprint,
    /// Who and when.
    pub about: About,
    /// How often the call has come to a flow, from 1.
    pub visit: u16,
    /// The turn that it waits for, from 1; goes on over visits.
    pub turn: u32,
    /// Deliveries numbered so far; goes on over visits.
    pub deliveries: u32,
    /// Times that the carrier could not carry out a reply.
    pub fallbacks: u8,
    /// The node that took its last turn: the shell's own mark, which means nothing here.
    pub node: u32,
    /// Where it is in its flow.
    pub at: At,
    /// The language, by its place among the flow's languages.
    pub language: u8,
    /// Steps taken in this visit.
    pub steps: u16,
    /// Silences and wrong entries at the question that is being put.
    pub misses: Misses,
    /// Times that a question was repeated on demand in this visit.
    pub repeats: u8,
    /// Whether the way of `[on] error` was taken in this visit.
    pub error_taken: bool,
    /// Backends that got a submission in this visit, whether it was complete or not.
    pub submitted: Vec<String>,
    /// Answers and variables that are set.
    pub values: Vec<(Slot, Value)>,
    /// The steps that asked, oldest first, and what to undo to be back at each.
    pub trail: Vec<Asked>,
    /// The question that was put last. Stored behind the rest, as what follows is.
    #[serde(skip)]
    pub question: Option<StepId>,
    /// What came back to steps that waited, by step: until the call enters the step again.
    #[serde(skip)]
    pub came: Vec<(StepId, Came)>,
    /// How this visit began. Stored behind the rest, which the first release wrote as it is.
    #[serde(skip)]
    pub opened: Opened,
    /// Whether the caller has used up the attempts at a question, and has done nothing since.
    #[serde(skip)]
    pub gave_up: bool,
    /// The carrier's request that reported the last fault of a reply: a repeat of it reports no second one.
    #[serde(skip)]
    pub fault_told: u32,
    /// What the backends of [`Self::submitted`] got last of each answer.
    #[serde(skip)]
    pub sent: Vec<Sent>,
    /// The flow's milestones that were reached in this visit, in this order, by their places.
    #[serde(skip)]
    pub reached: Vec<u16>,
    /// How far it is with what the call waits for. Boxed: few calls have it, and a turn carries calls about.
    #[serde(skip)]
    pub progress: Option<Box<Progress>>,
    /// What the call has recorded, in all its visits: what the carrier reports may come long after.
    #[serde(skip)]
    pub recordings: Recordings,
    /// Who answered it, where we placed it and the carrier has found out meanwhile. It holds for all visits.
    #[serde(skip)]
    pub answered_by: Option<AnsweredBy>,
    /// The whole of the request that this visit began with, where the flow sends it on. Boxed: few flows do.
    #[serde(skip)]
    pub request: Option<Box<FirstRequest>>,
    /// The opening hours that somebody has switched, by name, while a turn is taken. Kept with the turn, not with the call.
    /// Not a `Vec`: a turn carries calls about, and this one never grows.
    #[serde(skip)]
    pub switched: Box<[(String, HoursSwitch)]>,
    /// Which numbers may be reached, while a turn is taken; none where every number may. Kept with the turn, not with the
    /// call. Boxed: few flows ask.
    #[serde(skip)]
    pub permits: Option<Box<Permits>>,
}

/// How a visit began: the shell's own marks, which mean nothing here.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opened {
    /// The visit's name.
    pub nonce: Nonce,
    /// The requests that began this visit and those before, the last one at the end: a repeat of one begins no other.
    pub by: Vec<Opening>,
    /// Whether nobody calls: the page with the telephone, a rehearsal, a load.
    pub rehearsal: bool,
}

/// The request that began a visit, by keyed hashes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opening {
    /// The carrier's token for it; `None` where it sent none.
    pub token: Option<u32>,
    /// What it said.
    pub form: u32,
    /// When it came, in seconds since 1970.
    pub at: u32,
}

/// What the carrier said when the call came in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// Who calls.
    pub from: String,
    /// Which number was called.
    pub to: String,
    /// The carrier's word: `inbound`, `outbound-api`, …
    pub direction: String,
    /// The caller's name, where the carrier knows it.
    pub caller_name: String,
    /// When it came in, in milliseconds since 1970.
    pub started: i64,
}

impl About {
    /// The other side: who calls, or who was called by us.
    pub fn party(&self) -> &str {
        if self.is_placed() {
            &self.to
        } else {
            &self.from
        }
    }

    /// Our side: the number that was called, or that we called from.
    pub fn line(&self) -> &str {
        if self.is_placed() {
            &self.from
        } else {
            &self.to
        }
    }

    /// Whether we placed the call.
    pub fn is_placed(&self) -> bool {
        self.direction.starts_with("outbound")
    }
}

/// Where a call is in its flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum At {
    /// Nowhere yet.
    Start,
    /// Waiting at a step.
    Step(StepId),
    /// Its flow is over, and the step that was reached last.
    Over {
        /// How it went.
        outcome: Outcome,
        /// The last step.
        step: StepId,
    },
}

/// How a call went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Outcome {
    /// It is still on.
    InProgress,
    /// The flow came to its end.
    Completed,
    /// The caller left before that.
    HungUp,
    /// Nothing was heard of the call for too long.
    Silent,
    /// A step could not be done, and the flow knew no other way.
    Failed,
    /// The flow came to its end because the caller used up the attempts at a question.
    GaveUp,
    /// The flow refused the call.
    TurnedAway,
    /// The call was moved to another flow, or to the beginning of its own, before it came to an end.
    Moved,
    /// Of a call that was to be placed: it is on, under the carrier's name.
    Reached,
    /// Of a call that was to be placed: nobody answered it.
    Unreached,
}

impl Outcome {
    /// Every outcome.
    pub const ALL: [Self; 10] = [
        Self::InProgress,
        Self::Completed,
        Self::HungUp,
        Self::Silent,
        Self::Failed,
        Self::GaveUp,
        Self::TurnedAway,
        Self::Moved,
        Self::Reached,
        Self::Unreached,
    ];

    /// The one that goes by a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == name)
    }

    /// The word that backends, logs and metrics use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InProgress => "in_progress",
            Self::Completed => "completed",
            Self::HungUp => "hung_up",
            Self::Silent => "silent",
            Self::Failed => "failed",
            Self::GaveUp => "gave_up",
            Self::TurnedAway => "turned_away",
            Self::Moved => "moved",
            Self::Reached => "reached",
            Self::Unreached => "unreached",
        }
    }
}

/// Attempts used up at the question that is being put.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Misses {
    /// Silences.
    pub no_input: u8,
    /// Wrong entries.
    pub no_match: u8,
}

/// A step that asked, and how to be back at that moment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Asked {
    /// Which step.
    pub step: StepId,
    /// What the names changed since then held before; `None` where they were not set.
    pub undo: Vec<(Slot, Option<Value>)>,
}

fn nobody() -> CallSid {
    CallSid::parse("unknown").expect("it is legal")
}

impl Call {
    /// The same new visit, after the end of the one before, which counted on.
    pub fn after(self, ended: &Self) -> Self {
        Self {
            turn: ended.turn,
            deliveries: ended.deliveries,
            recordings: ended.recordings.clone(),
            answered_by: ended.answered_by,
            ..self
        }
    }

    /// The same, where what it waits for is supposed to end at once; see [`Hunt::suppose_last`].
    #[must_use]
    pub fn with_last_ring(mut self) -> Self {
        if let Some(hunt) = self.hunt_mut() {
            hunt.suppose_last();
        }
        self
    }

    /// The hunt that it waits for.
    pub fn hunt(&self) -> Option<&Hunt> {
        match self.progress.as_deref() {
            Some(Progress::Hunt(hunt)) => Some(hunt),
            _ => None,
        }
    }

    /// The hunt that it waits for, to note what became of a leg.
    pub fn hunt_mut(&mut self) -> Option<&mut Hunt> {
        match self.progress.as_deref_mut() {
            Some(Progress::Hunt(hunt)) => Some(hunt),
            _ => None,
        }
    }

    /// Its wait in a queue.
    pub fn waiting(&self) -> Option<&Waiting> {
        match self.progress.as_deref() {
            Some(Progress::Queue(waiting)) => Some(waiting),
            _ => None,
        }
    }

    /// Its wait in a queue, to note what the caller has heard or pressed there.
    pub fn waiting_mut(&mut self) -> Option<&mut Waiting> {
        match self.progress.as_deref_mut() {
            Some(Progress::Queue(waiting)) => Some(waiting),
            _ => None,
        }
    }

    /// What it awaits of a service.
    pub fn awaiting(&self) -> Option<&Awaiting> {
        match self.progress.as_deref() {
            Some(Progress::Service(awaiting)) => Some(awaiting),
            _ => None,
        }
    }

    /// What it awaits of a service, to note who asks, or what came of it.
    pub fn awaiting_mut(&mut self) -> Option<&mut Awaiting> {
        match self.progress.as_deref_mut() {
            Some(Progress::Service(awaiting)) => Some(awaiting),
            _ => None,
        }
    }

    /// The proof of a number that is under way.
    pub fn proof(&self) -> Option<&Proof> {
        match self.progress.as_deref() {
            Some(Progress::Proof(proof)) => Some(proof),
            _ => None,
        }
    }

    /// The proof of a number that is under way, to note that another code is sent, or what it is.
    pub fn proof_mut(&mut self) -> Option<&mut Proof> {
        match self.progress.as_deref_mut() {
            Some(Progress::Proof(proof)) => Some(proof),
            _ => None,
        }
    }

    /// Notes how far it is with what it waits for from now on.
    pub fn wait_for(&mut self, progress: Progress) {
        self.progress = Some(Box::new(progress));
    }

    /// The permits that its turn has used.
    pub fn permits_used(&self) -> &[Permit] {
        self.permits.as_ref().map_or(&[], |permits| permits.used())
    }

    /// Whether its flow is over.
    pub fn is_over(&self) -> bool {
        matches!(self.at, At::Over { .. })
    }

    /// How it went so far.
    pub fn outcome(&self) -> Outcome {
        match self.at {
            At::Over { outcome, .. } => outcome,
            _ => Outcome::InProgress,
        }
    }

    /// The step that it is at, or was at last.
    pub fn step(&self) -> Option<StepId> {
        match self.at {
            At::Start => None,
            At::Step(step) | At::Over { step, .. } => Some(step),
        }
    }

    /// When it came in.
    pub fn started(&self) -> Timestamp {
        Timestamp::from_millisecond(self.about.started).unwrap_or_default()
    }

    /// What a name holds.
    pub fn value(&self, slot: Slot) -> Option<&Value> {
        self.values
            .iter()
            .find(|(name, _)| *name == slot)
            .map(|(_, value)| value)
    }

    /// What came back to a step since the call entered it last.
    pub fn came_to(&self, step: StepId) -> Option<&Came> {
        let mut all = self.came.iter();
        all.find(|(to, _)| *to == step).map(|(_, came)| came)
    }

    /// What is known of a recording, by its name at the carrier.
    pub fn recording(&self, sid: &str) -> Option<&KeptRecording> {
        self.recordings.named(sid)
    }

    /// Stores a recording in an answer; what the carrier reports later finds it by its name.
    pub fn put_recording(&mut self, slot: Slot, recording: CallerRecording, transcribes: bool) {
        self.recordings.keep(&recording, Some(slot), transcribes);
        self.put(slot, Some(Value::Recording(Box::new(recording))));
    }

    /// Notes a recording that no answer gets; what the carrier reports later finds it by its name.
    pub fn note_recording(&mut self, recording: &CallerRecording) {
        self.recordings.keep(recording, None, false);
    }

    /// Notes that a submission has a recording.
    pub fn note_holder(&mut self, sid: &str, holder: Holder) {
        let mut all = self.recordings.iter_mut();
        if let Some(kept) = all.find(|kept| kept.recording.sid == sid) {
            kept.holders.push(holder);
        }
    }

    /// Notes that a submission goes although not all is known of the recordings in it, by the key of its row; whether
    /// anything changed.
    pub fn release(&mut self, row: u64) -> bool {
        let open = self
            .recordings
            .iter_mut()
            .filter(|kept| !kept.is_complete());
        let holders = open.flat_map(|kept| &mut kept.holders);
        let held = holders.filter(|holder| holder.row == row && !holder.is_released);
        held.fold(false, |_, holder| {
            holder.is_released = true;
            true
        })
    }

    /// Takes what the carrier finds out of whoever answered; whether it is news. The first word counts.
    pub fn learn_answered_by(&mut self, by: AnsweredBy) -> bool {
        let is_news = self.answered_by.is_none();
        self.answered_by.get_or_insert(by);
        is_news
    }

    /// Takes what the carrier reports of a recording; whether it is news.
    pub fn learn(&mut self, sid: &str, news: &RecordingNews) -> bool {
        self.recordings.learn(sid, news)
    }

    /// Sets or unsets a name, and notes how to undo it.
    pub fn put(&mut self, slot: Slot, value: Option<Value>) {
        let before = self.replace(slot, value);
        if let Some(asked) = self.trail.last_mut()
            && !asked.undo.iter().any(|(name, _)| *name == slot)
        {
            asked.undo.push((slot, before));
        }
    }

    /// Notes that a step asks, with the answers of this moment.
    pub fn ask_at(&mut self, step: StepId) {
        self.question = Some(step);
        // Asked again, by way of other steps or by its own name, it is the same question: `back` leads past it.
        if self.trail.last().is_some_and(|asked| asked.step == step) {
            return;
        }
        if self.trail.len() == TRAIL {
            self.trail.remove(0);
        }
        self.trail.push(Asked {
            step,
            undo: Vec::new(),
        });
    }

    /// Takes the call back to the moment of the last question.
    pub fn undo_last(&mut self) -> Option<StepId> {
        let asked = self.trail.pop()?;
        for (slot, before) in asked.undo {
            self.replace(slot, before);
        }
        Some(asked.step)
    }

    /// Whether a backend has got all these answers with these values in this visit. With no answers at all: whether it
    /// has got anything.
    pub(super) fn has_submitted(&self, backend: &str, answers: &[(Slot, Value)]) -> bool {
        self.submitted_to(backend).is_some_and(|backend| {
            let mut all = answers.iter();
            all.all(|(slot, value)| self.sent.contains(&Sent::new(backend, *slot, value)))
        })
    }

    /// Remembers that a backend gets these answers.
    pub(super) fn note_submitted(&mut self, backend: &str, answers: &[(Slot, Value)]) {
        if self.submitted_to(backend).is_none() {
            self.submitted.push(backend.to_owned());
        }
        let Some(place) = self.submitted_to(backend) else {
            return;
        };
        for (slot, value) in answers {
            let sent = Sent::new(place, *slot, value);
            self.sent.retain(|before| !sent.replaces(before));
            self.sent.push(sent);
        }
    }

    fn submitted_to(&self, backend: &str) -> Option<u16> {
        let place = self.submitted.iter().position(|known| known == backend)?;
        u16::try_from(place).ok()
    }

    /// Sets or unsets a name without a way back to what it held before, which is returned.
    pub(super) fn replace(&mut self, slot: Slot, value: Option<Value>) -> Option<Value> {
        let at = self.values.iter().position(|(name, _)| *name == slot);
        match (at, value) {
            (Some(at), Some(value)) => Some(std::mem::replace(&mut self.values[at].1, value)),
            (Some(at), None) => Some(self.values.remove(at).1),
            (None, Some(value)) => {
                self.values.push((slot, value));
                None
            }
            (None, None) => None,
        }
    }
}
