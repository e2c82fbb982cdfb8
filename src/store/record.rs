//! The rules of the contract as pure functions: how a record and a row change, the same in every engine.

use bytes::Bytes;
use jiff::Timestamp;

use super::contract::{
    Append, Backlog, Commit, Ended, Marked, Row, RowFilter, RowPlace, RowState, RowUpdate,
    Settlement,
};
use super::history::Attempt;
use crate::engine::Fingerprint;

/// The last error of a delivered row that a person has sent again.
pub(super) const SENT_AGAIN: &str = "delivered before, and sent again by hand";

/// What an engine knows of a call beside the bytes of its state and reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head {
    /// The turn that it waits for.
    pub turn: u32,
    /// How often its state was written.
    pub revision: u32,
    /// The flow version that it runs on.
    pub version: Fingerprint,
    /// Whether its flow is over.
    pub finished: bool,
    /// The first sign of its end.
    pub ended: Option<Ended>,
    /// When the sweeper looks at it; of a finished one, when it finished.
    pub due: Timestamp,
}

/// What a commit comes to, before anything is written.
pub(super) enum Verdict {
    /// The record gets this head, and the commit's state, reply and rows.
    Write(Head),
    /// The call waits for another turn.
    Behind,
    /// The call is not known.
    Gone,
}

impl Head {
    /// Judges a commit by what is stored.
    pub fn judge(before: Option<&Self>, commit: &Commit, now: Timestamp) -> Verdict {
        match before {
            None if commit.from_turn == 0 => Verdict::Write(Self::after(None, commit, now)),
            None => Verdict::Gone,
            Some(head) if head.is_early() && commit.from_turn != 0 => Verdict::Gone,
            Some(head)
                if (head.turn, head.revision) != (commit.from_turn, commit.from_revision) =>
            {
                Verdict::Behind
            }
            Some(head) => Verdict::Write(Self::after(Some(head), commit, now)),
        }
    }

    fn after(before: Option<&Self>, commit: &Commit, now: Timestamp) -> Self {
        // What the carrier says of a call's end holds for every visit of it.
        let ended = before.and_then(|head| head.ended);
        let due = match before {
            _ if commit.finished => now,
            // A visit that begins when the call is over already: there is nobody to wait for.
            Some(head) if ended.is_some() && head.finished => commit.due.min(now),
            Some(head) if ended.is_some() => commit.due.min(head.due),
            _ => commit.due,
        };
        let revision = commit.from_revision + 1;
        Self {
            turn: commit.turn,
            revision,
            version: commit.version,
            finished: commit.finished,
            ended,
            due,
        }
    }

    /// Judges a late fact by what is stored.
    pub fn judge_late(before: Option<&Self>, append: &Append) -> Verdict {
        match before.filter(|head| !head.is_early()) {
            None => Verdict::Gone,
            Some(head) if head.revision != append.from_revision => Verdict::Behind,
            Some(head) => Verdict::Write(Self {
                revision: head.revision + 1,
                ..*head
            }),
        }
    }

    /// The head with a sign of the call's end. The first sign stays, and the nearer time of a call that is on.
    pub fn marked(self, ended: Ended, due: Timestamp) -> (Self, Marked) {
        let marked = match self.ended {
            _ if self.is_early() => Marked::Early,
            None => Marked::First,
            Some(_) => Marked::Again,
        };
        let due = if self.finished {
            self.due
        } else {
            self.due.min(due)
        };
        (
            Self {
                ended: self.ended.or(Some(ended)),
                due,
                ..self
            },
            marked,
        )
    }

    /// What is kept of a call that is known only by its end. It expires as a finished one does.
    pub fn early(ended: Ended, now: Timestamp) -> Self {
        Self {
            turn: 0,
            revision: 0,
            version: Fingerprint(0),
            finished: true,
            ended: Some(ended),
            due: now,
        }
    }

    /// Whether nothing but its end is known of the call.
    pub fn is_early(&self) -> bool {
        self.turn == 0
    }

    /// The version that this record keeps alive.
    pub fn running_on(&self) -> Option<Fingerprint> {
        (!self.finished).then_some(self.version)
    }
}

impl Row {
    /// Whether a lease may take it: it waits or is being sent, and its time is past.
    pub(super) fn is_due(&self, now: Timestamp) -> bool {
        matches!(self.state, RowState::Waiting | RowState::Sending) && self.next <= now
    }

    /// Gives it the body that it has waited for, and makes it due; false where it does not wait, and then nothing changes.
    pub(super) fn complete(&mut self, body: Bytes, at: Timestamp) -> bool {
        let is_held = self.is_held();
        if is_held {
            self.body = body;
            if self.state == RowState::Waiting {
                self.next = at;
            }
        }
        is_held
    }

    /// Leases it. One that was being sent was cut off: that attempt counts already, and nobody knows its outcome.
    pub(super) fn lease(&mut self, until: Timestamp) {
        match self.state {
            RowState::Sending => self.ambiguous = true,
            _ => self.attempts += 1,
        }
        self.state = RowState::Sending;
        self.next = until;
    }

    /// Writes down what came to it; false when it was delivered before. Then the attempt is noted and nothing else: what
    /// was delivered once is owed no more, whatever a node says that comes late.
    pub(super) fn settle(&mut self, report: RowUpdate) -> bool {
        let RowUpdate {
            settlement,
            attempt,
            now,
            ..
        } = report;
        let at = attempt.as_ref().map_or(now, Attempt::ended);
        let is_owed = self.state != RowState::Delivered;
        if let Some(attempt) = attempt {
            self.history.add(attempt, is_owed);
        }
        if is_owed {
            self.apply(settlement, at);
        }
        is_owed
    }

    fn apply(&mut self, settlement: Settlement, now: Timestamp) {
        match settlement {
            Settlement::Delivered => {
                self.state = RowState::Delivered;
                self.next = now;
            }
            Settlement::Retry {
                at,
                ambiguous,
                error,
            } => {
                self.wait(at);
                self.ambiguous |= ambiguous;
                self.last_error = error;
            }
            Settlement::CutOff { at } => {
                self.wait(at);
                self.attempts = self.attempts.saturating_sub(1);
                self.ambiguous = true;
            }
            Settlement::PutBack { at } => {
                self.wait(at);
                self.attempts = self.attempts.saturating_sub(1);
            }
            Settlement::Held { until } => {
                self.state = RowState::Sending;
                self.next = until;
            }
            Settlement::Park { state, error } => {
                self.state = state;
                self.last_error = error;
            }
        }
    }

    /// Owes it again, whatever became of it. One that was delivered has its one more attempt by the word of a person, as
    /// one has that the backend may have: [`SENT_AGAIN`] says so to whoever judges it.
    pub(super) fn restart(&mut self, at: Timestamp) {
        if self.state == RowState::Delivered {
            self.ambiguous = true;
            SENT_AGAIN.clone_into(&mut self.last_error);
        }
        self.wait(at);
        self.attempts = 0;
    }

    /// The time by which lists sort it: when it was created; of a delivered one, when it was delivered.
    pub(super) fn listed_at(&self) -> Timestamp {
        if self.state == RowState::Delivered {
            self.next
        } else {
            self.created
        }
    }

    /// Its place in a list.
    pub(super) fn place(&self) -> RowPlace {
        RowPlace {
            at: self.listed_at(),
            id: self.id.clone(),
        }
    }

    fn wait(&mut self, at: Timestamp) {
        self.state = RowState::Waiting;
        self.next = at;
    }
}

impl RowFilter {
    pub(super) fn admits(&self, row: &Row) -> bool {
        self.backend
            .as_ref()
            .is_none_or(|backend| *backend == row.backend)
            && self
                .state
                .map_or(row.state != RowState::Delivered, |state| state == row.state)
            && self.since.is_none_or(|since| row.listed_at() >= since)
    }

    /// The place behind which a list begins.
    pub(super) fn begin(&self) -> RowPlace {
        RowPlace::before(self.since.unwrap_or(Timestamp::UNIX_EPOCH))
    }
}

impl Backlog {
    pub(super) fn of(backend: &str) -> Self {
        Self {
            backend: backend.to_owned(),
            ..Self::default()
        }
    }

    /// How many rows are owed.
    pub fn owed(&self) -> u64 {
        RowState::OWED
            .iter()
            .map(|state| self.rows[*state as usize])
            .sum()
    }

    /// Counts a row of this backend.
    pub(super) fn count(&mut self, state: RowState, created: Timestamp) {
        self.rows[state as usize] += 1;
        if matches!(state, RowState::Waiting | RowState::Sending) {
            self.oldest = Some(self.oldest.map_or(created, |oldest| oldest.min(created)));
        }
    }
}
