//! The routes that the carrier and the operator's tools rely on.

use actix_web::guard::{self, Guard};
use actix_web::web::{self, Data, ServiceConfig};

use super::app::App;
use super::console::{self, Console};
use super::control::page;
use super::{
    audio, fallback, health, legs, placing, recordings, status, texts, verify_form, voice, waits,
};
use crate::carrier::call::ROUTE;

/// Puts every route in place.
///
/// A scope is found by its prefix. A pattern such as `{tail:.*}` would be searched for with a regular expression, once
/// a method, which costs more than the signature.
///
/// The console stands here only where unsigned requests are served.
pub fn routes(
    app: Data<App>,
    console: Option<Data<Console>>,
) -> impl Fn(&mut ServiceConfig) + Clone {
    move |config| {
        config
            .app_data(app.clone())
            .service(
                web::scope("/voice")
                    .guard(webhook())
                    .default_service(web::to(voice::answer)),
            )
            .service(
                web::scope("/leg")
                    .guard(webhook())
                    .default_service(web::to(legs::answer)),
            )
            .service(
                web::scope("/wait")
                    .guard(webhook())
                    .default_service(web::to(waits::answer)),
            )
            .service(
                web::scope("/recording")
                    .guard(webhook())
                    .default_service(web::to(recordings::answer)),
            )
            .service(
                web::scope("/text")
                    .guard(webhook())
                    .default_service(web::to(texts::answer)),
            )
            .route("/verify/start", web::post().to(verify_form::start))
            .route("/verify/check", web::post().to(verify_form::check))
            .service(
                web::scope(ROUTE)
                    .guard(webhook())
                    .default_service(web::to(placing::begin::answer)),
            )
            .route("/status", web::get().to(status::answer))
            .route("/status", web::post().to(status::answer))
            .route("/fallback", web::get().to(fallback::answer))
            .route("/fallback", web::post().to(fallback::answer))
            .route("/audio/{tail:.*}", web::get().to(audio::answer))
            .route("/audio/{tail:.*}", web::head().to(audio::answer))
            .route("/healthz", web::get().to(health::live))
            .route("/readyz", web::get().to(health::ready_for_anyone))
            .route("/metrics", web::get().to(health::metrics_for_anyone));
        if let Some(console) = &console {
            let door = console.access_here();
            config
                .configure(page::routes(&door))
                .configure(console::routes(console.clone(), door));
        }
    }
}

/// The methods that a webhook may use.
fn webhook() -> impl Guard {
    guard::Any(guard::Post()).or(guard::Get())
}
