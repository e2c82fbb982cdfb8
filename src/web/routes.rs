//! The routes that the carrier and the operator's tools rely on.

use actix_web::web::{self, Data, PayloadConfig, ServiceConfig};

use super::app::App;
use super::{audio, fallback, health, status, voice};

/// The largest body of a webhook, in bytes: Twilio's are a few kilobytes.
const MAX_BODY: usize = 64 * 1024;

/// Puts every route in place.
pub fn routes(app: Data<App>) -> impl Fn(&mut ServiceConfig) + Clone {
    move |config| {
        config
            .app_data(app.clone())
            .app_data(PayloadConfig::new(MAX_BODY))
            .route("/voice", web::get().to(voice::answer))
            .route("/voice", web::post().to(voice::answer))
            .route("/voice/{tail:.*}", web::get().to(voice::answer))
            .route("/voice/{tail:.*}", web::post().to(voice::answer))
            .route("/status", web::get().to(status::answer))
            .route("/status", web::post().to(status::answer))
            .route("/fallback", web::get().to(fallback::answer))
            .route("/fallback", web::post().to(fallback::answer))
            .route("/audio/{tail:.*}", web::get().to(audio::answer))
            .route("/audio/{tail:.*}", web::head().to(audio::answer))
            .route("/healthz", web::get().to(health::live))
            .route("/readyz", web::get().to(health::ready))
            .route("/metrics", web::get().to(health::metrics));
    }
}
