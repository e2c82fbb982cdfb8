//! What a caller hears who waits in a queue.

use std::time::Duration;

use super::Walk;
use super::time::StepTimes;
use crate::engine::diag::Diag;
use crate::engine::ids::StepId;
use crate::written::{Code, Explain};

impl Walk<'_> {
    /// Pieces that last longer than the time after which the place is told, or than the time limit: both are looked at
    /// between two pieces.
    pub(super) fn long_pieces(&mut self, times: &StepTimes) {
        let flow = self.flow();
        let mut found = Vec::new();
        for (step, time) in (0..).zip(&times.all) {
            let step: StepId = step;
            let Some(away) = flow.step(step).action.away() else {
                continue;
            };
            let Some(holds) = away.holds else { continue };
            let every = holds.every.unwrap_or(u32::MAX).min(away.rings);
            for (piece, lasts) in holds.pieces.iter().zip(&time.pieces) {
                if *lasts > Duration::from_secs(every.into()) {
                    found.push((piece.at.clone(), lasts.as_secs(), every));
                }
            }
        }
        for (at, lasts, every) in found {
            let message = format!(
                "this lasts {lasts} s, and what is due after {every} s comes only behind it"
            );
            let diag = Diag::new(Code::HoldPieceLong, self.place(at), message)
                .help("make it several pieces: the place is told, and the time looked at, between two of them");
            self.tell(diag);
        }
    }
}
