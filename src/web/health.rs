//! `/healthz`, `/readyz`, `/metrics`: how this node is doing. Where webhooks come in, strangers may ask too: they learn
//! nothing secret, and asking costs nothing.

use std::sync::atomic::Ordering;

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use serde_json::json;

use super::app::App;
use super::metrics::Sampled;
use super::origin::is_local;

/// Whether the process is there at all.
pub async fn live() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .body("ok\n")
}

/// Whether calls should come here, for strangers: what is known without asking the store.
pub async fn ready_for_anyone(request: HttpRequest, app: Data<App>) -> HttpResponse {
    if is_local(&request) {
        return ready(app).await;
    }
    let stopping = app.stopping.load(Ordering::Relaxed);
    let ready = !stopping && !app.flows.current().by_name.is_empty();
    let away = app.store.is_away();
    answer(ready).json(json!({ "ready": ready, "stopping": stopping, "store": { "away": away } }))
}

/// The metrics, for this machine only; strangers are referred to the admin listener.
pub async fn metrics_for_anyone(request: HttpRequest, app: Data<App>) -> HttpResponse {
    if is_local(&request) {
        return metrics(app).await;
    }
    let words = "Figures are told to this machine itself, and at the admin listener.\n";
    HttpResponse::Forbidden()
        .content_type("text/plain; charset=utf-8")
        .body(words)
}

fn answer(ready: bool) -> HttpResponseBuilder {
    if ready {
        HttpResponse::Ok()
    } else {
        HttpResponse::ServiceUnavailable()
    }
}

/// Whether calls should come here. A store that is unavailable is reported in the body only: a node that is taken out for it turns
/// a hold into an error.
pub async fn ready(app: Data<App>) -> HttpResponse {
    let current = app.flows.current();
    let stopping = app.stopping.load(Ordering::Relaxed);
    let level = app.store.level();
    let flows: serde_json::Map<_, _> = current
        .by_name
        .iter()
        .map(|(name, version)| (name.clone(), version.fingerprint().to_string().into()))
        .collect();
    let ready = !stopping && !current.by_name.is_empty();
    let body = json!({
        "ready": ready,
        "stopping": stopping,
        "store": {
            "url": app.store.describe(),
            "level": level.as_str(),
            "meaning": level.meaning(),
            "away": app.store.is_away(),
        },
        "clock": {
            "ahead_seconds": app.store.clock_ahead().as_secs_f64(),
            "takes_what_is_due": app.store.may_lease(),
        },
        "flows": flows,
        "faulty": current.out.iter().map(|faulty| &faulty.name).collect::<Vec<_>>(),
    });
    answer(ready).json(body)
}

/// What is measured by looking.
pub async fn sampled(app: &App) -> Sampled {
    let backlog = app.store.backlog().await;
    Sampled {
        backlog: backlog.ok(),
        conditions: app.outbox.conditions(),
        level: app.store.level(),
        away: app.store.is_away(),
        clock_ahead: app.store.clock_ahead().as_secs_f64(),
        remembered: app.cache.len(),
        flows_out: app.flows.current().out.len(),
    }
}

/// The figures, as Prometheus reads them.
pub async fn metrics(app: Data<App>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/openmetrics-text; version=1.0.0; charset=utf-8")
        .body(app.metrics.page(&sampled(&app).await))
}
