//! What is kept of a call's turns: enough to work out everything else again, and little enough to keep for days.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::advance::Turn;
use super::answered_by::AnsweredBy;
use super::answers::check_digit::CheckDigit;
use super::call::{About, At, Call, Opened, Outcome};
use super::edge::Target;
use super::fault::Fault;
use super::first_request::FirstRequest;
use super::flow::Flow;
use super::hunt::LegEvent;
use super::ids::{Slot, StepId};
use super::input::Input;
use super::permit::Permit;
use super::progress::Progress;
use super::recordings::{RecordingNews, RecordingStatus};
use super::sid::{CallSid, Fingerprint, Nonce};
use super::taken::Taken;
use super::value::Value;
use super::waiting::WaitEvent;
use crate::hours::HoursSwitch;

/// What was kept of a call, oldest first. Turns may be missing: those of a release that kept none, and the first ones of a
/// call that lasted longer than trails are kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Trail {
    /// Which call.
    pub sid: CallSid,
    /// A turn each.
    pub entries: Vec<Entry>,
    /// What happened to the call beside its turns.
    pub events: Vec<Event>,
}

/// Something that happened to a call without moving it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// The turn that the call waited for; 0 where that is not known.
    pub turn: u32,
    /// What.
    pub what: Happened,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Happened {
    /// The carrier said that the call is over.
    Ended {
        /// Its word for it (`CallStatus`).
        status: String,
        /// How long the call lasted, in seconds (`CallDuration`).
        seconds: Option<u32>,
        /// How a call by SIP ended (`SipResponseCode`).
        sip: Option<u16>,
    },
    /// The carrier could not fetch or carry out a reply.
    Fallback {
        /// The carrier's number for the fault (`ErrorCode`).
        code: u32,
    },
    /// Something became of a leg: a call that the one at this turn placed.
    Leg {
        /// Its number among those whom the step calls.
        leg: u8,
        /// Who was called.
        whom: String,
        /// What.
        what: LegEvent,
    },
    /// Something became of the caller who waits in a queue.
    Waited(WaitEvent),
    /// A recording has ended.
    Recording {
        /// Its name at the carrier.
        sid: String,
        /// How.
        status: RecordingStatus,
        /// How long it lasts, in seconds.
        seconds: Option<u32>,
    },
    /// What was said in a recording is written down, or could not be. The words are kept with the call, not here.
    Transcript {
        /// The recording's name at the carrier.
        sid: String,
        /// How many characters it has; none where it could not be made.
        characters: Option<u32>,
    },
    /// Something became of an SMS.
    Text {
        /// Its name at the carrier.
        sid: String,
        /// The carrier's word for it (`MessageStatus`).
        status: String,
        /// The carrier's number for what went wrong (`ErrorCode`).
        code: Option<u32>,
    },
    /// A try of a call that was to be placed.
    Tried {
        /// Which one, from 1.
        nth: u32,
        /// Its name at the carrier; empty where it has none.
        sid: String,
        /// How it came out, or how far it is: a word of flows, or of the carrier.
        came_to: String,
    },
    /// The carrier has found out who answered a call that we placed.
    AnsweredBy(AnsweredBy),
}

/// What was kept of a turn.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The turn that the call waited for afterwards: 1 for the first.
    pub turn: u32,
    /// When it was taken, to the millisecond: the moment's time for everything in it.
    pub at: Timestamp,
    /// What the call, or a new visit of it, began with.
    pub begun: Option<Begun>,
    /// What came; `None` where no seal key opens it.
    pub input: Option<Input>,
    /// Whether what came was meant for a sensitive answer.
    pub secret: bool,
    /// The ways that were taken, in order.
    pub ways: Vec<Taken>,
    /// Steps that could not be done.
    pub faults: Vec<(StepId, Fault)>,
    /// The fingerprint of the TwiML that was answered.
    pub reply: u32,
    /// How the call stood afterwards.
    pub outcome: Outcome,
    /// The step that it was at afterwards.
    pub step: Option<StepId>,
    /// The opening hours that somebody had switched then, of those that the flow reads.
    pub switched: Vec<(String, HoursSwitch)>,
    /// Which numbers could be reached, in the order in which it was asked.
    pub permits: Vec<Permit>,
}

/// What a visit began with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Begun {
    /// The flow's name.
    pub flow: String,
    /// The version of it that the visit keeps to its end.
    pub version: Fingerprint,
    /// What the carrier said.
    pub about: About,
    /// The visit's name.
    pub nonce: Nonce,
    /// Whether nobody called.
    pub rehearsal: bool,
    /// What the flow reads of the request that began it. Stored behind the rest of its turn, where there is any.
    #[serde(skip)]
    pub fields: Vec<(Slot, Value)>,
    /// The whole of that request, where the flow sends it on. Stored behind them.
    #[serde(skip)]
    pub request: Option<FirstRequest>,
}

impl Happened {
    /// Tells a call what happened, as far as its next turn depends on it. Returns whether anything changed.
    pub fn tell(&self, call: &mut Call) -> bool {
        if let Self::Recording {
            sid,
            status,
            seconds,
        } = self
        {
            return call.learn(sid, &RecordingNews::Ended(*status, *seconds));
        }
        if let Self::AnsweredBy(by) = self {
            return call.learn_answered_by(*by);
        }
        match (self, call.progress.as_deref_mut()) {
            (Self::Leg { leg, what, .. }, Some(Progress::Hunt(hunt))) => hunt.note(*leg, what),
            (Self::Waited(what), Some(Progress::Queue(waiting))) => waiting.note(*what),
            _ => false,
        }
    }
}

impl Begun {
    /// What a call began with, if this input begins it. Without its flow nothing is known of its fields.
    pub fn of(flow: Option<&Flow>, call: &Call, input: &Input) -> Option<Self> {
        input.begins(call.turn).then(|| Self {
            flow: call.flow.clone(),
            version: call.version,
            about: call.about.clone(),
            nonce: call.opened.nonce,
            rehearsal: call.opened.rehearsal,
            fields: flow.map(|flow| call.fields(flow)).unwrap_or_default(),
            request: call.request.as_deref().cloned(),
        })
    }

    /// The call that it began.
    pub fn call(&self, sid: &CallSid, flow: &Flow) -> Call {
        let call = Call::new(sid.clone(), flow, self.about.clone());
        Call {
            opened: self.opened(),
            ..self.given(call)
        }
    }

    /// A call with what its flow reads and sends on of the request that began it.
    pub fn given(&self, call: Call) -> Call {
        call.with_fields(self.fields.clone())
            .with_request(self.request.clone())
    }

    /// How it began, except for the request: a trail keeps nothing of it.
    pub fn opened(&self) -> Opened {
        Opened {
            nonce: self.nonce,
            by: Vec::new(),
            rehearsal: self.rehearsal,
        }
    }
}

impl Entry {
    /// What is to be kept of a turn; `reply` is the fingerprint of its TwiML.
    pub fn of(
        flow: &Flow,
        turn: &Turn,
        input: &Input,
        secret: bool,
        at: Timestamp,
        reply: u32,
    ) -> Self {
        Self {
            turn: turn.call.turn,
            at,
            begun: Begun::of(Some(flow), &turn.call, input),
            input: Some(input.clone()),
            secret,
            ways: turn.ways.clone(),
            faults: turn.faults.clone(),
            reply,
            outcome: turn.call.outcome(),
            step: turn.call.step(),
            switched: turn.call.switched.to_vec(),
            permits: turn.call.permits_used().to_vec(),
        }
    }
}

impl Trail {
    /// The steps that its ways led to, with the flow version of each.
    pub fn entered(&self) -> impl Iterator<Item = (Fingerprint, StepId)> {
        let mut version = None;
        let of_entry = move |entry: &Entry| {
            version = entry.begun.as_ref().map(|begun| begun.version).or(version);
            let steps = entry.ways.iter().filter_map(move |way| match way.to {
                Target::Step(step) => Some((version?, step)),
                Target::Hangup | Target::Repeat | Target::Back => None,
            });
            steps.collect::<Vec<_>>()
        };
        self.entries.iter().flat_map(of_entry)
    }

    /// Whether every turn from the first one on is there.
    pub fn is_whole(&self) -> bool {
        self.entries.first().is_some_and(|first| first.turn == 1)
            && self
                .entries
                .windows(2)
                .all(|pair| pair[1].turn == pair[0].turn + 1 || pair[1].turn == 1)
    }
}

/// Whether what comes to a call is meant for a sensitive answer, or is or has a card's number in it wherever it comes from, and must
/// not be kept in the clear anywhere.
pub fn is_secret(flow: &Flow, call: &Call, input: &Input) -> bool {
    if let Input::Came(came) = input {
        let has_card =
            |(_, value): &(String, Value)| matches!(value, Value::Text(text) if holds_card(text));
        return came.facts.iter().any(has_card);
    }
    let (At::Step(step), Input::Keys(entered) | Input::Speech(entered) | Input::Heard(entered, _)) =
        (call.at, input)
    else {
        return false;
    };
    if is_card(entered) {
        return true;
    }
    let Some(step) = flow.steps.get(usize::from(step)) else {
        return false;
    };
    let filled = step.action.fills().and_then(|slot| flow.answer(slot));
    step.action.takes_secret() || filled.is_some_and(|answer| answer.sensitive)
}

/// The fewest and the most digits of a card's number (ISO/IEC 7812-1).
const CARD: std::ops::RangeInclusive<usize> = 12..=19;

/// Whether this can be the number of a card.
fn is_card(entered: &str) -> bool {
    // Most entries are a key or two.
    if entered.len() < *CARD.start() {
        return false;
    }
    let digits: String = entered.chars().filter(char::is_ascii_digit).collect();
    CARD.contains(&digits.len()) && CheckDigit::Luhn.is_right(&digits)
}

/// Whether a card's number stands in a text that somebody else wrote, such as a machine that a caller has told it.
fn holds_card(text: &str) -> bool {
    let between = |letter: char| !letter.is_ascii_digit() && !matches!(letter, ' ' | '-');
    text.len() >= *CARD.start() && text.split(between).any(is_card)
}

/// A document's fingerprint: tells whether another one is the same, and nothing else. It is part of what is stored, so it
/// never changes.
pub fn fingerprint(document: &[u8]) -> u32 {
    let (words, rest) = document.as_chunks::<8>();
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    let words = words
        .iter()
        .chain([&last])
        .map(|word| u64::from_le_bytes(*word));
    let mix = |hash: u64, word: u64| {
        let hash = (hash ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (hash ^ (hash >> 32)).wrapping_mul(0xd6e8_feb8_6659_fd93)
    };
    let hash = words.fold(document.len() as u64, mix);
    (hash ^ (hash >> 32)) as u32
}

#[cfg(test)]
mod tests {
    use super::fingerprint;

    #[test]
    fn a_fingerprint_never_changes_and_tells_documents_apart() {
        assert_eq!(fingerprint(b""), 0);
        assert_eq!(fingerprint(b"<Response/>"), 747_945_121);
        let document = b"<Response><Say>We are closed.</Say></Response>".to_vec();
        let mut seen = std::collections::HashSet::from([fingerprint(&document)]);
        for at in 0..document.len() {
            for bit in 0..8 {
                let mut other = document.clone();
                other[at] ^= 1 << bit;
                assert!(seen.insert(fingerprint(&other)), "bit {bit} of byte {at}");
            }
            assert!(seen.insert(fingerprint(&document[..at])), "cut at {at}");
        }
    }
}
