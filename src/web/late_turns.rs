//! Spills the last turns of callers while the store is unavailable, and takes them once it is back.

use std::io;

use super::app::App;
use super::spill::{Spill, Spilled};
use super::turns::opening;
use super::turns::protocol::EntryPoint;
use super::voice;
use crate::store::{self, Ended};
use crate::twilio::Webhook;

impl App {
    /// Keeps the last turn of a caller who is sent away now, where that can be done.
    pub async fn spill(&self, turn: Spilled) {
        let call_sid = turn.call_sid();
        let kept = match &self.spill {
            Some(spill) => spill.keep(&turn).await,
            None => Err(io::Error::new(
                io::ErrorKind::Unsupported,
                "there is no disk but that of the store",
            )),
        };
        match kept {
            Ok(()) => {
                self.metrics.spilled.inc();
                tracing::warn!(
                    call_sid,
                    "The caller's last turn is kept on disk until the store is back."
                );
            }
            Err(error) => {
                self.metrics.spilled_lost.inc();
                tracing::error!(call_sid, %error, "The caller's last turn is lost: it could not be kept on disk.");
            }
        }
    }

    /// Takes the turns that were spilled, unless the store is still unavailable.
    pub async fn take_spilled(&self) {
        let Some(spill) = self.spill.as_ref().filter(|spill| !spill.is_empty()) else {
            return;
        };
        if self.store.is_away() {
            return;
        }
        if let Err(error) = self.take_all(spill).await {
            tracing::warn!(%error, "Turns that were kept while the store was unavailable will be tried again.");
        }
    }

    async fn take_all(
        &self,
        spill: &Spill,
    ) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        for name in spill.names().await? {
            let Some(turn) = spill.read(&name).await? else {
                spill.set_aside(&name).await?;
                continue;
            };
            match self.take_late(&turn).await {
                Err(error) if error.is_transient() => return Err(error.into()),
                taken => self.tell_taken(taken, turn.call_sid()),
            }
            spill.remove(&name).await?;
        }
        Ok(())
    }

    /// Takes a turn as the request that it was, and notes that the call ended when the caller was sent away.
    async fn take_late(&self, turn: &Spilled) -> Result<(), store::Error> {
        let form = turn.form();
        let Ok(webhook) = Webhook::parse(&form) else {
            return Ok(());
        };
        let number = webhook.to.unwrap_or_default();
        let by_number = || {
            self.flows
                .by_number(number)
                .map(|version| version.flow.name.clone())
        };
        // An error reported at the fallback URL has no turn.
        let asked = turn
            .path
            .starts_with("/voice")
            .then(|| voice::target(&turn.path, by_number))
            .flatten();
        if let Some((flow, mark)) = asked {
            let opening = turn.held.opening;
            let opening = || {
                opening.unwrap_or_else(|| {
                    opening::of(&flow, None, &form, turn.ended(), self.store.seal())
                })
            };
            let place = mark.map_or_else(|| EntryPoint::Start(opening()), EntryPoint::Turn);
            voice::take(&voice::asks(&webhook, &flow, place, true, self), self).await?;
        }
        let due = self.clock.now() + self.times.hangup_grace;
        self.store
            .mark_ended(&webhook.call_sid, Ended { at: turn.ended() }, due, None)
            .await
            .map(drop)
    }

    fn tell_taken(&self, taken: Result<(), store::Error>, call_sid: &str) {
        match taken {
            Ok(()) => {
                self.metrics.spilled_taken.inc();
                tracing::info!(
                    call_sid,
                    "The turn of a caller who was sent away was taken."
                );
            }
            Err(error) => {
                self.metrics.spilled_lost.inc();
                tracing::error!(call_sid, %error, "The turn of a caller who was sent away cannot be taken.");
            }
        }
    }
}
