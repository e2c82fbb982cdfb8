//! What happened to a call beside its turns, as commands show it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::engine::{Event, Happened, LegEvent, RecordingStatus, WaitEvent};

/// Something that happened to a call and moved nobody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventView {
    /// When.
    pub at: Timestamp,
    /// What.
    #[serde(flatten)]
    pub what: EventKind,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum EventKind {
    /// The carrier reported that the call is over.
    Ended {
        /// Its word for it.
        status: String,
        /// How long the call lasted.
        seconds: Option<u32>,
        /// How a call by SIP ended.
        sip: Option<u16>,
    },
    /// The carrier could not fetch or carry out a reply.
    Fallback {
        /// The turn that the call waited for.
        turn: u32,
        /// The carrier's number for the fault.
        code: u32,
    },
    /// Something became of the caller who waits in a queue.
    Waited {
        /// What.
        what: WaitEvent,
    },
    /// Something became of a leg.
    Leg {
        /// Its number among those whom the step calls, from 1.
        leg: u16,
        /// Who was called.
        whom: String,
        /// What.
        what: LegEvent,
    },
    /// A recording has ended.
    Recording {
        /// Its name at the carrier.
        sid: String,
        /// How.
        status: RecordingStatus,
        /// How long it lasts.
        seconds: Option<u32>,
    },
    /// What was said in a recording is written down, or could not be.
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
        /// The carrier's word for it.
        status: String,
        /// The carrier's number for what went wrong.
        code: Option<u32>,
    },
    /// A try of a call that was to be placed.
    Tried {
        /// Which one, from 1.
        nth: u32,
        /// Its name at the carrier; empty where it has none.
        sid: String,
        /// How it came out, or how far it is.
        came_to: String,
    },
    /// The carrier has found out who answered.
    AnsweredBy {
        /// Who: a word of flows.
        by: String,
    },
}

impl EventView {
    /// An event of a trail.
    pub fn of(event: &Event) -> Self {
        let what = match event.what.clone() {
            Happened::Ended {
                status,
                seconds,
                sip,
            } => EventKind::Ended {
                status,
                seconds,
                sip,
            },
            Happened::Fallback { code } => EventKind::Fallback {
                turn: event.turn,
                code,
            },
            Happened::Waited(what) => EventKind::Waited { what },
            Happened::Leg { leg, whom, what } => EventKind::Leg {
                leg: u16::from(leg) + 1,
                whom,
                what,
            },
            Happened::Recording {
                sid,
                status,
                seconds,
            } => EventKind::Recording {
                sid,
                status,
                seconds,
            },
            Happened::Transcript { sid, characters } => EventKind::Transcript { sid, characters },
            Happened::Text { sid, status, code } => EventKind::Text { sid, status, code },
            Happened::Tried { nth, sid, came_to } => EventKind::Tried { nth, sid, came_to },
            Happened::AnsweredBy(by) => EventKind::AnsweredBy {
                by: by.as_str().to_owned(),
            },
        };
        Self {
            at: Timestamp::from_millisecond(event.at).unwrap_or_default(),
            what,
        }
    }

    /// It in words.
    pub fn told(&self) -> String {
        match &self.what {
            EventKind::Ended {
                status,
                seconds,
                sip,
            } => {
                let seconds = seconds
                    .map(|seconds| format!(" after {seconds} s"))
                    .unwrap_or_default();
                let sip = sip.map(|code| format!(", SIP {code}")).unwrap_or_default();
                format!("the carrier says that the call is over: {status}{seconds}{sip}")
            }
            EventKind::Leg { leg, whom, what } => told_of_leg(*leg, whom, what),
            EventKind::Waited {
                what: WaitEvent::Told(told),
            } => {
                format!(
                    "is told place {} of the queue after {} s",
                    told.position, told.waited
                )
            }
            EventKind::Waited {
                what: WaitEvent::Left(key),
            } => format!("leaves the queue by key {key}"),
            EventKind::Recording {
                sid,
                status,
                seconds,
            } => {
                let seconds = seconds.map(|seconds| format!(", {seconds} s"));
                let seconds = seconds.unwrap_or_default();
                format!("recording {sid}: {}{seconds}", status.as_str())
            }
            EventKind::Transcript { sid, characters } => match characters {
                Some(count) => format!("recording {sid}: written down, {count} characters"),
                None => format!("recording {sid}: the carrier could not write it down"),
            },
            EventKind::Text { sid, status, code } => {
                let code = code.map(|code| format!(" (error {code})"));
                format!("SMS {sid}: {status}{}", code.unwrap_or_default())
            }
            EventKind::Tried { nth, sid, came_to } => {
                let sid = Some(sid).filter(|sid| !sid.is_empty());
                let sid = sid.map(|sid| format!(" ({sid})")).unwrap_or_default();
                format!("try {nth}{sid}: {}", came_to.replace('_', " "))
            }
            EventKind::AnsweredBy { by } => format!("answered by: {by}"),
            EventKind::Fallback { turn, code } => {
                format!(
                    "the carrier could not fetch or carry out the reply before turn {turn} (error {code})"
                )
            }
        }
    }
}

fn told_of_leg(leg: u16, whom: &str, what: &LegEvent) -> String {
    let became = match what {
        LegEvent::Answered => "answered".to_owned(),
        LegEvent::Accepted => "took the call".to_owned(),
        LegEvent::Declined => "turned the call down".to_owned(),
        LegEvent::Ended {
            status,
            seconds,
            sip,
        } => {
            let seconds = seconds
                .map(|seconds| format!(" after {seconds} s"))
                .unwrap_or_default();
            let sip = sip.map(|code| format!(", SIP {code}")).unwrap_or_default();
            format!("is over: {status}{seconds}{sip}")
        }
    };
    format!("leg {leg}, {whom}: {became}")
}
