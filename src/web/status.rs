//! `/status`: the carrier tells how a call does.

use actix_web::HttpResponse;
use actix_web::web::Data;

use super::app::App;
use super::believed::Believed;
use crate::store::Ended;
use crate::twilio::CallStatus;

/// Notes the end of a call; everything else ends nothing. 503 while the store is away: the carrier may come again, and
/// if it does not, the sweeper finds the call.
pub async fn answer(believed: Believed, app: Data<App>) -> HttpResponse {
    let webhook = believed.webhook();
    if !webhook.call_status.is_some_and(CallStatus::is_terminal) {
        return HttpResponse::NoContent().finish();
    }
    let now = app.clock.now();
    match app.store.mark_ended(&webhook.call_sid, Ended { at: now }, now + app.times.hangup_grace, None).await {
        Ok(marked) => {
            tracing::debug!(call_sid = %webhook.call_sid, ?marked, "The carrier says that a call is over.");
            HttpResponse::NoContent().finish()
        }
        Err(error) => {
            tracing::warn!(call_sid = %webhook.call_sid, %error, "The end of a call could not be noted.");
            HttpResponse::ServiceUnavailable().finish()
        }
    }
}
