//! What is done once a turn is durable: remembered, sent, counted, told.

use super::prepare::{After, Taken};
use crate::engine::{Input, Outcome};
use crate::web::app::App;
use crate::web::cache::Known;

impl App {
    /// Does what follows a commit.
    pub(super) fn after_commit(&self, after: After<'_>) {
        let After { taken, leased, state, revision, stays, .. } = after;
        if let Some(Taken { turn, .. }) = taken.last() {
            match turn.call.is_over() {
                true => self.cache.remove(&turn.call.sid),
                false => self.cache.put(&turn.call.sid, stays, Known::new(turn.call.turn, revision, state)),
            }
        }
        self.outbox.send_now(leased);
        for taken in &taken {
            if let Some(watch) = &self.watch {
                watch.took(&taken.version.flow, taken.input, &taken.turn);
            }
            self.tell(taken);
        }
    }

    /// Counts and logs a turn.
    fn tell(&self, Taken { version, input, turn }: &Taken<'_>) {
        let (call, figures) = (&turn.call, version.figures(&self.metrics));
        figures.turns.inc();
        if matches!(input, Input::Begin) {
            figures.calls_started.inc();
        }
        for (step, fault) in &turn.faults {
            let name = &version.flow.step(*step).name;
            tracing::error!(call_sid = %call.sid, flow = call.flow, version = %call.version, step = name, "A step could not be done: {fault}.");
            if let Some(errors) = figures.step_errors(*step) {
                errors.inc();
            }
        }
        let outcome = call.outcome();
        if outcome == Outcome::InProgress {
            return;
        }
        if let Some(ended) = figures.ended(outcome) {
            ended.inc();
        }
        let last_step = call.step().map_or("", |step| version.flow.step(step).name.as_str());
        tracing::info!(
            call_sid = %call.sid,
            flow = call.flow,
            version = %call.version,
            outcome = outcome.as_str(),
            last_step,
            turns = call.turn,
            "Call ended."
        );
    }
}
