//! `/status`: the carrier reports the progress of a call.

use actix_web::HttpResponse;
use actix_web::web::Data;

use super::app::App;
use super::believed::Believed;

/// Notes the end of a call; everything else ends nothing. 503 while the store is away: the carrier may come again, and
/// if it does not, the sweeper finds the call.
pub async fn answer(believed: Believed, app: Data<App>) -> HttpResponse {
    let webhook = believed.webhook();
    match app.note_end(&webhook).await {
        Ok(None) => HttpResponse::NoContent().finish(),
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
