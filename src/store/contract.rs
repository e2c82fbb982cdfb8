//! The words of the contract: what goes into a store and what comes out, in the stored (sealed) form.

use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use serde::Deserialize;

use super::history::{Attempt, History};
use crate::engine::{CallSid, Fingerprint, NumberPattern, Outcome, StepId};

/// One turn of a call, to be written at once or not at all.
#[derive(Clone, Debug)]
pub struct Commit {
    /// The call that moves.
    pub sid: CallSid,
    /// The turn that the stored call must be waiting for; 0 for a call that must not be there yet.
    pub from_turn: u32,
    /// The revision of the stored state that it was worked out from; 0 for a call that must not be there yet.
    pub from_revision: u32,
    /// The turn that it waits for from now on; greater than `from_turn`.
    pub turn: u32,
    /// The call's state, encoded and sealed.
    pub state: Bytes,
    /// The reply, byte for byte, that a repeat of this turn gets.
    pub reply: Bytes,
    /// The flow version that the call runs on.
    pub version: Fingerprint,
    /// Whether the flow is over: the record then expires after `Options::keep_finished`, and nothing sweeps it.
    pub finished: bool,
    /// When the sweeper looks at the call if nothing comes; a mark of its end ([`Ended`]) that is nearer stays.
    pub due: Timestamp,
    /// What must reach a backend because of this turn. Written already leased to this node; a row of the same name that
    /// is there already is the same delivery, and stays as it is.
    pub rows: Vec<Row>,
    /// What is kept of the turn for whoever asks later what the call did; empty where no trails are kept.
    pub trail: Vec<Trace>,
}

/// What is written of a call without moving the caller: a late fact. The turn, the reply and what is due stay.
#[derive(Clone, Debug)]
pub struct Append {
    /// The call.
    pub sid: CallSid,
    /// The revision of the stored state that it was worked out from.
    pub from_revision: u32,
    /// The state with the fact in it, encoded and sealed.
    pub state: Bytes,
    /// What must reach a backend because of it, as in a [`Commit`].
    pub rows: Vec<Row>,
    /// What the trail keeps of it, where the call has a trail.
    pub trail: Vec<Trace>,
}

/// An entry in the trail of a call, to be put behind those that are there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    /// When it happened. The first one's time is the trail's own, by which it is found.
    pub at: Timestamp,
    /// The entry, encoded and sealed.
    pub entry: Bytes,
}

/// A part of a store that can be unavailable by itself: a bucket of a cluster; all of any other store.
pub(super) type HealthPart = u8;

/// What a [`Commit`] or an [`Append`] came to.
#[derive(Clone, Debug)]
pub enum Committed {
    /// Written and durable.
    Done,
    /// The call is at another turn or revision than the commit came from: what is stored, nothing was written.
    Behind(Stored),
    /// The commit came from a turn of a call that the store does not know, or no longer: nothing was written.
    Gone,
}

/// A call as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// The turn that the call waits for.
    pub turn: u32,
    /// How often its state was written: by its turns, and by late facts in between.
    pub revision: u32,
    /// Its state, encoded and sealed.
    pub state: Bytes,
    /// The reply committed last.
    pub reply: Bytes,
    /// Whether its flow is over.
    pub finished: bool,
    /// The first sign of its end, where there was one.
    pub ended: Option<Ended>,
}

/// The first sign that a call is over: kept beside its state, so that a turn on its way still counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    /// When the call ended according to the carrier, or when the sign came.
    pub at: Timestamp,
}

/// What noting the end of a call came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Marked {
    /// It was the first sign.
    First,
    /// There was one before, which stays.
    Again,
    /// The call is not known (yet): the sign is kept for it as long as finished calls are.
    Early,
}

/// The permanent name of a delivery: the CallSid, a hyphen and a key that is unique within the call.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RowId {
    /// The call that it came from.
    pub sid: CallSid,
    /// The key. Below 2^32 it is the number within the call by which the first release named deliveries.
    pub key: u64,
}

impl RowId {
    /// Set in every key that is no number.
    const NAMED: u64 = 1 << 63;
    /// Set in the key of a delivery that a rehearsal made.
    const REHEARSAL: u64 = 1;

    /// Keys that are numbers within the call.
    pub(super) const NUMBERS: u64 = 1 << 32;

    /// Names the delivery of this number: keys of one call are in the order of their numbers.
    pub fn new(sid: CallSid, number: u32, name: u64) -> Self {
        let number = u64::from(number.min(0x7fff));
        Self {
            sid,
            key: Self::NAMED | (number << 48) | ((name >> 16) & !Self::REHEARSAL),
        }
    }

    /// The same of a call that nobody made. The name says so to whoever looks after deliveries, and nothing to others.
    pub fn of_rehearsal(self) -> Self {
        Self {
            key: self.key | Self::REHEARSAL,
            ..self
        }
    }

    /// Whether nobody made the call that it came from.
    pub fn is_rehearsal(&self) -> bool {
        self.key & Self::NAMED != 0 && self.key & Self::REHEARSAL != 0
    }

    /// Reads what [`Display`](fmt::Display) writes.
    pub fn parse(text: &str) -> Option<Self> {
        let (sid, key) = text.rsplit_once('-')?;
        let key = match key.len() {
            16 => u64::from_str_radix(key, 16)
                .ok()
                .filter(|key| *key >= Self::NUMBERS)?,
            _ => key.parse::<u32>().ok()?.into(),
        };
        let id = Self {
            sid: CallSid::parse(sid).ok()?,
            key,
        };
        (id.to_string() == text).then_some(id)
    }
}

impl fmt::Display for RowId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.key {
            ..Self::NUMBERS => write!(f, "{}-{}", self.sid, self.key),
            _ => write!(f, "{}-{:016x}", self.sid, self.key),
        }
    }
}

/// One delivery that is owed to a backend, or was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its name, which is the `webhook-id` of every attempt.
    pub id: RowId,
    /// The backend, by its name in the settings.
    pub backend: String,
    /// The JSON to be posted; sealed as a whole if it holds a sensitive answer.
    pub body: Bytes,
    /// The names of the sensitive answers in the body. Not empty: the stored body is sealed.
    pub sensitive: Vec<String>,
    /// When the call committed it.
    pub created: Timestamp,
    /// Where it stands.
    pub state: RowState,
    /// Attempts started, an attempt cut off by our own end not counted. A new row is `Sending` with 1.
    pub attempts: u32,
    /// When it is due next; of a `Sending` row, when its lease ends; of a `Delivered` one, when it was delivered.
    pub next: Timestamp,
    /// Whether the outcome of some attempt is not known, so that the backend may have it already.
    pub ambiguous: bool,
    /// What went wrong at the last attempt, in words; empty if nothing did.
    pub last_error: String,
    /// What was done about it until now. A new row has none.
    pub history: History,
}

/// Among the names of what is sensitive in a row: it is gone as soon as it is settled, however that may be.
pub const FLEETING: &str = "verify.code";

/// Stands before the body of a row that waits for something to be told before it is sent. No JSON begins so, and what is
/// sealed as good as never: it begins with as many random bytes.
pub(super) const HELD: [u8; 8] = *b"\0\x01held\x01\0";

impl Row {
    /// Makes it wait until `until` at most for what is still to be told: it is then completed, and sent.
    #[must_use]
    pub fn held(self, until: Timestamp) -> Self {
        Self {
            body: [&HELD[..], &self.body].concat().into(),
            state: RowState::Waiting,
            attempts: 0,
            next: until,
            ..self
        }
    }

    /// Whether nothing of it is kept once it is settled.
    pub fn is_fleeting(&self) -> bool {
        self.sensitive.iter().any(|name| name == FLEETING)
    }

    /// Whether it waits for something to be told.
    pub fn is_held(&self) -> bool {
        self.body.starts_with(&HELD)
    }

    /// The JSON to be posted, as far as it is known.
    pub fn json(&self) -> &[u8] {
        self.body.strip_prefix(&HELD).unwrap_or(&self.body)
    }
}

/// Where a delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RowState {
    /// Waits until it is due.
    Waiting,
    /// Leased to a node that is trying it.
    Sending,
    /// Nobody knows whether the backend has it, and it may have forgotten the id: a person decides.
    Uncertain,
    /// The backend refused it for good, or the schedule is at its end: a person decides.
    Dead,
    /// The backend has it. It is never due, and kept for a while so that it can be looked up.
    Delivered,
}

impl RowState {
    /// Every state, in the order of a row's life.
    pub const ALL: [Self; 5] = [
        Self::Waiting,
        Self::Sending,
        Self::Uncertain,
        Self::Dead,
        Self::Delivered,
    ];

    /// Those of a row that is owed.
    pub const OWED: [Self; 4] = [Self::Waiting, Self::Sending, Self::Uncertain, Self::Dead];

    /// The one that goes by a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == name)
    }

    /// The name that settings, metrics and commands use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Sending => "sending",
            Self::Uncertain => "uncertain",
            Self::Dead => "dead",
            Self::Delivered => "delivered",
        }
    }
}

/// What an attempt came to, for the row.
#[derive(Clone, Debug)]
pub enum Settlement {
    /// The backend has it.
    Delivered,
    /// Try again at a time.
    Retry {
        /// When.
        at: Timestamp,
        /// Whether this attempt's outcome is not known.
        ambiguous: bool,
        /// What went wrong.
        error: String,
    },
    /// The attempt was cut off by our own end: it does not count, its outcome is not known, it is due at once.
    CutOff {
        /// Now: the row is due at once.
        at: Timestamp,
    },
    /// Given back with no attempt made (its backend is paused or left alone): it does not count, nothing else changes.
    PutBack {
        /// When it is due again.
        at: Timestamp,
    },
    /// Still under way: its lease ends later, and nothing else changes.
    Held {
        /// When.
        until: Timestamp,
    },
    /// Set aside for a person: `Uncertain` or `Dead`.
    Park {
        /// Which of the two.
        state: RowState,
        /// Why.
        error: String,
    },
}

/// What comes to a row, for an engine.
#[derive(Clone, Debug)]
pub(super) struct RowUpdate {
    /// Where it stands from now on.
    pub settlement: Settlement,
    /// The attempt that it comes from, the answer's body sealed where the row's is.
    pub attempt: Option<Attempt>,
    /// The time, used when there was no attempt.
    pub now: Timestamp,
    /// Whether a delivered row is kept.
    pub keep: bool,
}

/// Which rows a list shows.
#[derive(Clone, Debug, Default)]
pub struct RowFilter {
    /// Only of this backend.
    pub backend: Option<String>,
    /// Only in this state; without one, those that are owed.
    pub state: Option<RowState>,
    /// Only those that were created at this time or later; of delivered ones, delivered.
    pub since: Option<Timestamp>,
    /// At most so many, oldest first; 0 for all.
    pub limit: usize,
}

/// A row's place in every list of rows.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub struct RowPlace {
    /// When it was created; of a delivered one, when it was delivered.
    pub at: Timestamp,
    /// Its name, which is the order of those of one moment.
    pub id: RowId,
}

/// A part of a list of rows.
#[derive(Clone, Debug)]
pub struct RowPage {
    /// The rows.
    pub rows: Vec<Row>,
    /// The place behind which the list goes on; `None` at its end.
    pub more: Option<RowPlace>,
}

impl RowPlace {
    /// What no row stands behind of the same moment.
    fn last_id() -> RowId {
        let sid = CallSid::parse(&"z".repeat(64)).expect("it is legal");
        RowId { sid, key: u64::MAX }
    }

    /// The place behind which a list begins with the rows of a moment.
    pub fn before(at: Timestamp) -> Self {
        let at = at.checked_sub(Duration::from_nanos(1)).unwrap_or(at);
        Self {
            at,
            id: Self::last_id(),
        }
    }

    /// The first moment of which rows may stand behind it.
    pub(super) fn next_time(&self) -> Timestamp {
        let next = Duration::from_nanos(u64::from(self.id == Self::last_id()));
        self.at.checked_add(next).unwrap_or(self.at)
    }

    /// Reads what [`Display`](fmt::Display) writes.
    pub fn parse(text: &str) -> Option<Self> {
        let (at, id) = text.split_once('/')?;
        Some(Self {
            at: at.parse().ok()?,
            id: RowId::parse(id)?,
        })
    }
}

impl TryFrom<String> for RowPlace {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or("not a place in a list of deliveries")
    }
}

impl fmt::Display for RowPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.at, self.id)
    }
}

/// Which calls a list shows.
#[derive(Clone, Debug, Default)]
pub struct CallFilter {
    /// Only those that began in this flow, or came to it.
    pub flow: Option<String>,
    /// Only those that began at this time or later.
    pub since: Option<Timestamp>,
    /// Only those that began at this time or earlier.
    pub until: Option<Timestamp>,
    /// Only those from such a number.
    pub from: Option<NumberPattern>,
    /// Only those to such a number.
    pub to: Option<NumberPattern>,
    /// Only those that stand so.
    pub outcome: Option<Outcome>,
    /// Only those that are at one of these steps, or were at last: flow version and place in it.
    pub steps: Option<BTreeSet<(Fingerprint, StepId)>>,
    /// Only those that came to one of these steps: flow version and place in it.
    pub entered: Option<BTreeSet<(Fingerprint, StepId)>>,
    /// Those too that nobody made.
    pub rehearsals: bool,
    /// At most so many, newest first; 0 for all.
    pub limit: usize,
}

/// A trail's place in the list of all, which begins with the newest.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct TrailPosition {
    /// When the trail began.
    pub began: Timestamp,
    /// Whose it is.
    pub sid: CallSid,
}

/// A part of the list of all trails.
#[derive(Clone, Debug)]
pub(super) struct TrailPage {
    /// Only those that began at this time or later.
    pub since: Timestamp,
    /// Only those that come behind this one.
    pub behind: Option<TrailPosition>,
    /// At most so many.
    pub limit: usize,
}

/// What is owed to one backend, and what is kept of what it has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Backlog {
    /// The backend's name.
    pub backend: String,
    /// How many rows by state, in the order of [`RowState::ALL`].
    pub rows: [u64; 5],
    /// When the oldest row that still waits or is being sent was created.
    pub oldest: Option<Timestamp>,
}

/// What a fingerprint stands for, kept from before the first call on it until the last has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredVersion {
    /// The hash of all that decides what a caller hears.
    pub fingerprint: Fingerprint,
    /// Everything that the flow is compiled from, as `engine::flow::Bundle` writes it.
    pub bundle: Bytes,
    /// The recordings that it plays: hash (as in the URL) and bytes.
    pub recordings: Vec<(String, Bytes)>,
}

/// How much a store's word is worth: what survives what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// Lost with the process.
    Memory,
    /// On disk before the caller hears: survives a kill and a power loss.
    File,
    /// Redis with its append-only file synced every second: while a sync is slow, Redis holds writes back for up to two
    /// seconds, which the end of Redis then costs.
    RedisFast,
    /// Redis with its append-only file synced before it answers.
    RedisSafe,
    /// Redis without an append-only file: lost with the Redis process.
    RedisVolatile,
    /// Redis was set to delete live calls when its memory is full; a node that starts refuses it.
    RedisEvicting,
    /// Redis does not tell its settings (a managed service).
    RedisUnknown,
}

impl Durability {
    /// Every level.
    pub const ALL: [Self; 7] = [
        Self::Memory,
        Self::File,
        Self::RedisFast,
        Self::RedisSafe,
        Self::RedisVolatile,
        Self::RedisEvicting,
        Self::RedisUnknown,
    ];

    /// Its name in the start line, `/readyz` and `/metrics`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::File => "file",
            Self::RedisFast => "redis-fast",
            Self::RedisSafe => "redis-safe",
            Self::RedisVolatile => "redis-volatile",
            Self::RedisEvicting => "redis-evicting",
            Self::RedisUnknown => "redis-unknown",
        }
    }

    /// What it means, in a sentence for the operator.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Memory => "everything is lost when this process ends: for tests only",
            Self::File => "survives kill -9 and power loss",
            Self::RedisFast => {
                "survives kill -9 of us; a kill or power loss of Redis, or a failover, may cost the last two seconds"
            }
            Self::RedisSafe => {
                "survives kill -9 and power loss; a failover may cost what was not replicated"
            }
            Self::RedisVolatile => "lost when Redis ends: turn on its append-only file",
            Self::RedisEvicting => {
                "Redis deletes live calls when its memory is full: set maxmemory-policy to noeviction"
            }
            Self::RedisUnknown => "Redis does not tell its settings: ask who runs it",
        }
    }
}
