//! Records what turns did, until their requests are answered.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::in_process::Coverage;
use super::turn_record::TurnRecord;
use crate::engine::{CallSid, Flow, Input, Turn};

/// The most records that wait to be asked for: one whose request is gone is never asked for.
const MOST: usize = 10_000;

/// Records what turns did until it is asked for, and passes it on to the coverage.
#[derive(Debug)]
pub struct TurnRecorder {
    coverage: Option<Arc<Coverage>>,
    only_rehearsals: bool,
    turns: Mutex<HashMap<CallSid, TurnRecord>>,
}

impl TurnRecorder {
    /// Records the turns of all calls.
    pub fn of_all(coverage: Option<Arc<Coverage>>) -> Self {
        Self {
            coverage,
            only_rehearsals: false,
            turns: Mutex::default(),
        }
    }

    /// Records the turns of rehearsals.
    pub fn of_rehearsals() -> Self {
        Self {
            only_rehearsals: true,
            ..Self::of_all(None)
        }
    }

    fn turns(&self) -> MutexGuard<'_, HashMap<CallSid, TurnRecord>> {
        self.turns.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A turn was taken and committed.
    pub fn took(&self, flow: &Flow, input: &Input, turn: &Turn) {
        if let Some(coverage) = &self.coverage {
            coverage.took(flow, turn);
        }
        let is_answered = turn.call.opened.rehearsal && !matches!(input, Input::HungUp(_));
        if self.only_rehearsals && !is_answered {
            return;
        }
        let did = TurnRecord::of(flow, input, turn);
        let mut turns = self.turns();
        if turns.len() >= MOST {
            turns.clear();
        }
        // A webhook may take several turns: one that awaits an answer, and the next.
        let before = turns.remove(&turn.call.sid);
        let before = before.filter(|_| !matches!(input, Input::HungUp(_)));
        let did = match before {
            Some(before) => did.after(before),
            None => did,
        };
        turns.insert(turn.call.sid.clone(), did);
    }

    /// What the turns of a call's last request did, once.
    pub fn take(&self, sid: &CallSid) -> Option<TurnRecord> {
        self.turns().remove(sid)
    }
}
