//! What is done once a turn is durable: remembering, sending, counting, logging.

use super::prepare::{CommittedTurn, TakenTurn};
use crate::engine::{Call, Outcome};
use crate::web::app::App;
use crate::web::cache::CachedCall;

impl App {
    /// Does what follows a commit.
    pub(super) fn after_commit(&self, after: CommittedTurn<'_>) {
        let CommittedTurn {
            taken,
            leased,
            state,
            revision,
            stays,
            ..
        } = after;
        if let Some(TakenTurn { turn, .. }) = taken.last() {
            if turn.call.is_over() {
                self.cache.remove(&turn.call.sid);
            } else {
                let call = CachedCall::new(turn.call.turn, revision, state);
                self.cache.put(&turn.call.sid, stays, call);
                if turn.call.awaiting().is_some() {
                    self.begin_asking(&turn.call, revision);
                }
            }
        }
        self.outbox.send_now(leased);
        for taken in &taken {
            self.recorder
                .took(&taken.version.flow, taken.input, &taken.turn);
            self.count(taken);
            log(taken);
        }
    }

    /// Begins to ask for a call that awaits an answer from now on.
    pub(super) fn begin_asking(&self, call: &Call, revision: u32) {
        self.asker.begin(call, revision);
    }

    /// Counts a turn. Of one that nobody took, only that: what callers meet would be lost among rehearsals.
    fn count(
        &self,
        TakenTurn {
            version,
            input,
            turn,
        }: &TakenTurn<'_>,
    ) {
        let (figures, begins) = (
            version.figures(&self.metrics),
            u64::from(input.begins(turn.call.turn)),
        );
        if turn.call.opened.rehearsal {
            figures.rehearsal_turns.inc();
            figures.rehearsals.inc_by(begins);
            return;
        }
        figures.turns.inc();
        figures.calls_started.inc_by(begins);
        for errors in turn
            .faults
            .iter()
            .filter_map(|(step, _)| figures.step_errors(*step))
        {
            errors.inc();
        }
        let reached = turn.reached.iter();
        for milestone in reached.filter_map(|place| figures.milestone(*place)) {
            milestone.inc();
        }
        if let Some(ended) = figures.ended(turn.call.outcome()) {
            ended.inc();
        }
    }
}

/// Logs a turn.
fn log(TakenTurn { version, turn, .. }: &TakenTurn<'_>) {
    let call = &turn.call;
    for (step, fault) in &turn.faults {
        let name = &version.flow.step(*step).name;
        tracing::error!(call_sid = %call.sid, flow = call.flow, version = %call.version, step = name, "A step could not be done: {fault}.");
    }
    let outcome = call.outcome();
    if outcome == Outcome::InProgress {
        return;
    }
    let last_step = call
        .step()
        .map_or("", |step| version.flow.step(step).name.as_str());
    tracing::info!(
        call_sid = %call.sid,
        flow = call.flow,
        version = %call.version,
        outcome = outcome.as_str(),
        last_step,
        turns = call.turn,
        rehearsal = call.opened.rehearsal.then_some(true),
        "Call ended."
    );
}
