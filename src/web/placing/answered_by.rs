//! Who has answered a call that we placed, where the carrier finds it out while the flow goes on: a late fact, once, which
//! moves nobody. The flow reads it as `call.answered_by` from its next turn on.

use actix_web::HttpResponse;

use crate::engine::{AnsweredBy, CallSid, Happened};
use crate::store::{self, Committed};
use crate::web::app::App;
use crate::web::believed::Believed;

/// How often the fact is tried that others overtake.
const TRIES: usize = 8;

/// Takes what the carrier reports (`AnsweredBy`). 503 while the store is away: the carrier may come again.
pub(super) async fn answer(believed: &Believed, app: &App) -> HttpResponse {
    let webhook = believed.webhook();
    let call_sid = &webhook.call_sid;
    let Some(by) = webhook.answered_by() else {
        tracing::warn!(%call_sid, "The carrier reports who answered in a word that is not known: nothing is noted.");
        return HttpResponse::NoContent().finish();
    };
    match app.note_answered_by(call_sid, by).await {
        Ok(()) => HttpResponse::NoContent().finish(),
        Err(error) => {
            tracing::warn!(%call_sid, %error, "Who answered a call that was placed could not be noted.");
            HttpResponse::ServiceUnavailable().finish()
        }
    }
}

impl App {
    /// Notes who answered, unless that is known.
    ///
    /// # Errors
    /// When the store is away.
    pub async fn note_answered_by(
        &self,
        call_sid: &CallSid,
        by: AnsweredBy,
    ) -> Result<(), store::Error> {
        for _ in 0..TRIES {
            let Some(mut found) = self.find(call_sid).await? else {
                tracing::info!(%call_sid, by = by.as_str(), "The carrier reports who answered a call that is not known here, or not any more.");
                return Ok(());
            };
            if !found.call.learn_answered_by(by) {
                return Ok(());
            }
            let turn = found.from.turn;
            match self
                .append_fact(&found, turn, Happened::AnsweredBy(by))
                .await?
            {
                Some(Committed::Behind(_)) => {}
                Some(Committed::Done) => {
                    tracing::info!(%call_sid, by = by.as_str(), "The carrier has found out who answered.");
                    return Ok(());
                }
                Some(Committed::Gone) | None => return Ok(()),
            }
        }
        Ok(())
    }
}
