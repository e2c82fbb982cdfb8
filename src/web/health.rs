//! `/healthz`, `/readyz`, `/metrics`: how this node does.

use std::sync::atomic::Ordering;

use actix_web::HttpResponse;
use actix_web::web::Data;
use serde_json::json;

use super::app::App;
use super::metrics::Looked;

/// Whether the process is there at all.
pub async fn live() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("ok\n")
}

/// Whether calls should come here. A store that is away is told in the body only: a node that is taken out for it turns
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
        "flows": flows,
        "faulty": current.out.iter().map(|faulty| &faulty.name).collect::<Vec<_>>(),
    });
    let mut response = if ready { HttpResponse::Ok() } else { HttpResponse::ServiceUnavailable() };
    response.json(body)
}

/// The figures, as Prometheus reads them.
pub async fn metrics(app: Data<App>) -> HttpResponse {
    let backlog = app.store.backlog().await;
    let looked = Looked {
        backlog: backlog.ok(),
        conditions: app.outbox.conditions(),
        level: app.store.level(),
        away: app.store.is_away(),
        remembered: app.cache.len(),
        flows_out: app.flows.current().out.len(),
    };
    HttpResponse::Ok()
        .content_type("application/openmetrics-text; version=1.0.0; charset=utf-8")
        .body(app.metrics.page(&looked))
}
