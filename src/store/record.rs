//! The rules of the contract as pure functions: how a record and a row change, the same in every engine.

use jiff::Timestamp;

use super::contract::{Backlog, Commit, Ended, Filter, Row, RowState, Settlement};
use crate::engine::Fingerprint;

/// What an engine knows of a call beside the bytes of its state and reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head {
    /// The turn that it waits for.
    pub turn: u32,
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
            Some(head) if head.turn != commit.from_turn => Verdict::Behind,
            Some(head) => Verdict::Write(Self::after(Some(head), commit, now)),
        }
    }

    fn after(before: Option<&Self>, commit: &Commit, now: Timestamp) -> Self {
        // A record that was finished begins a new visit: the end of the one before is not its own.
        let running = before.filter(|head| !head.finished);
        let ended = running.and_then(|head| head.ended);
        let due = match running {
            _ if commit.finished => now,
            Some(head) if head.ended.is_some() => head.due.min(commit.due),
            _ => commit.due,
        };
        Self { turn: commit.turn, version: commit.version, finished: commit.finished, ended, due }
    }

    /// The head with a sign of the call's end; the first sign stays, and so does the nearer time.
    pub fn marked(self, ended: Ended, due: Timestamp) -> Self {
        Self { ended: self.ended.or(Some(ended)), due: self.due.min(due), ..self }
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

    /// Leases it. One that was being sent was cut off: that attempt counts already, and nobody knows its outcome.
    pub(super) fn lease(&mut self, until: Timestamp) {
        match self.state {
            RowState::Sending => self.ambiguous = true,
            _ => self.attempts += 1,
        }
        self.state = RowState::Sending;
        self.next = until;
    }

    /// Writes down an attempt's outcome; false when nothing is left of the row.
    pub(super) fn settle(&mut self, settlement: Settlement) -> bool {
        match settlement {
            Settlement::Delivered => return false,
            Settlement::Retry { at, ambiguous, error } => {
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
            Settlement::Park { state, error } => {
                self.state = state;
                self.last_error = error;
            }
        }
        true
    }

    /// Starts it anew, whatever became of it.
    pub(super) fn restart(&mut self, at: Timestamp) {
        self.wait(at);
        self.attempts = 0;
    }

    fn wait(&mut self, at: Timestamp) {
        self.state = RowState::Waiting;
        self.next = at;
    }
}

impl Filter {
    pub(super) fn admits(&self, row: &Row) -> bool {
        self.backend.as_ref().is_none_or(|backend| *backend == row.backend)
            && self.state.is_none_or(|state| state == row.state)
            && self.since.is_none_or(|since| row.created >= since)
    }

    /// Puts rows that the filter admits in order, and cuts the list.
    pub(super) fn arrange(&self, rows: &mut Vec<Row>) {
        rows.sort_by(|one, other| (one.created, &one.id).cmp(&(other.created, &other.id)));
        if self.limit > 0 {
            rows.truncate(self.limit);
        }
    }
}

impl Backlog {
    pub(super) fn of(backend: &str) -> Self {
        Self { backend: backend.to_owned(), ..Self::default() }
    }

    /// Counts a row of this backend.
    pub(super) fn count(&mut self, state: RowState, created: Timestamp) {
        self.rows[state as usize] += 1;
        if matches!(state, RowState::Waiting | RowState::Sending) {
            self.oldest = Some(self.oldest.map_or(created, |oldest| oldest.min(created)));
        }
    }
}
