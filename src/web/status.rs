//! `/status`: the carrier tells how a call does.

use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};

use super::app::App;
use super::request::{believe, webhook};
use crate::store::Ended;
use crate::twilio::CallStatus;

/// Notes the end of a call; everything else ends nothing. 503 while the store is away: the carrier may come again, and
/// if it does not, the sweeper finds the call.
pub async fn answer(request: HttpRequest, body: Bytes, app: Data<App>) -> HttpResponse {
    let form = match believe(&request, &body, &app) {
        Ok(form) => form,
        Err(refused) => return refused.response(),
    };
    let webhook = match webhook(&form, &app) {
        Ok(webhook) => webhook,
        Err(refused) => return refused.response(),
    };
    if !webhook.call_status.is_some_and(CallStatus::is_terminal) {
        return HttpResponse::NoContent().finish();
    }
    let now = app.clock.now();
    match app.store.mark_ended(&webhook.call_sid, Ended { at: now }, now + app.times.hangup_grace, None).await {
        Ok(marked) => {
            tracing::debug!(call_sid = %webhook.call_sid, ?marked, "The carrier says that a call is over.");
            app.note_store(false);
            HttpResponse::NoContent().finish()
        }
        Err(error) => {
            tracing::warn!(call_sid = %webhook.call_sid, %error, "The end of a call could not be noted.");
            app.note_store(true);
            HttpResponse::ServiceUnavailable().finish()
        }
    }
}
