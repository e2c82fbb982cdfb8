//! How calls are ordered that we place, and how they stand. Beside whoever gives commands, whoever has `outbound.token` may ask
//! for this, and for nothing else.

use actix_web::http::StatusCode;
use actix_web::web::{self, Data, Json, Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::web::app::App;
use crate::web::placing::{PlacementRequest, PlacementView, PlacingError};

/// The path of all of it.
pub const PATH: &str = "/calls";
/// The header with the key under which a call is ordered.
const KEY: &str = "idempotency-key";
/// The most calls that are ordered, or looked at, in one request.
const MOST: usize = 1_000;
/// The largest body, in bytes.
const LARGEST: usize = 4 << 20;

/// The routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(
        web::scope(PATH)
            .app_data(
                web::JsonConfig::default()
                    .limit(LARGEST)
                    .error_handler(|error, _| super::Fault::Request(error.to_string()).into()),
            )
            .route("", web::post().to(order))
            .route("/many", web::post().to(order_many))
            .route("/look", web::post().to(look))
            .route("/{id}", web::get().to(show)),
    );
}

/// Several calls at once, each under a key of its own.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ManyOrders {
    /// Whether it is only looked at whether they can be placed.
    #[serde(default)]
    pub only_check: bool,
    /// The calls.
    pub calls: Vec<KeyedOrder>,
}

/// A call and its key.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct KeyedOrder {
    /// The key.
    pub key: String,
    /// The call.
    pub call: PlacementRequest,
}

/// What became of one of several.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OrderResult {
    /// Its key.
    pub key: String,
    /// How it stands, where it was taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call: Option<PlacementView>,
    /// Why it was not taken, or cannot be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Whether it was ordered so long ago that what became of it is not kept.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub before: bool,
}

/// The keys of calls that are looked at.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LookedAt {
    /// The keys.
    pub keys: Vec<String>,
}

async fn order(
    request: HttpRequest,
    app: Data<App>,
    asked: Json<PlacementRequest>,
) -> HttpResponse {
    let key = request.headers().get(KEY);
    let key = key.and_then(|key| key.to_str().ok()).unwrap_or_default();
    match app.order_call(key, &asked).await {
        Ok(view) => HttpResponse::Accepted().json(view),
        Err(error) => refuse(&error),
    }
}

async fn order_many(app: Data<App>, orders: Json<ManyOrders>) -> HttpResponse {
    if orders.calls.len() > MOST {
        return too_many();
    }
    let mut results = Vec::with_capacity(orders.calls.len());
    for KeyedOrder { key, call } in &orders.calls {
        let done = if orders.only_check {
            app.look_at_order(key, call).await.map(|()| None)
        } else {
            app.order_call(key, call).await.map(Some)
        };
        let (call, error, before) = match done {
            Ok(call) => (call, None, false),
            Err(PlacingError::Forgotten) => (None, None, true),
            Err(error @ PlacingError::Store(_)) => return refuse(&error),
            Err(error) => (None, Some(error.to_string()), false),
        };
        let key = key.clone();
        results.push(OrderResult {
            key,
            call,
            error,
            before,
        });
    }
    HttpResponse::Ok().json(json!({ "calls": results }))
}

async fn look(app: Data<App>, keys: Json<LookedAt>) -> HttpResponse {
    if keys.keys.len() > MOST {
        return too_many();
    }
    let mut results = Vec::with_capacity(keys.keys.len());
    for key in &keys.keys {
        match app.placement_of(key).await {
            Ok(call) => results.push(OrderResult {
                key: key.clone(),
                call,
                error: None,
                before: false,
            }),
            Err(error) => return refuse(&error),
        }
    }
    HttpResponse::Ok().json(json!({ "calls": results }))
}

async fn show(app: Data<App>, id: Path<String>) -> HttpResponse {
    match app.placement(&id).await {
        Ok(Some(view)) => HttpResponse::Ok().json(view),
        Ok(None) => HttpResponse::NotFound().json(json!({ "error": "no such call is known here" })),
        Err(error) => refuse(&error),
    }
}

fn too_many() -> HttpResponse {
    let error = format!("at most {MOST} at once");
    HttpResponse::PayloadTooLarge().json(json!({ "error": error }))
}

fn refuse(error: &PlacingError) -> HttpResponse {
    let status = match error {
        PlacingError::Key => StatusCode::BAD_REQUEST,
        PlacingError::Reused | PlacingError::Forgotten => StatusCode::CONFLICT,
        PlacingError::NotSet(_) => StatusCode::NOT_IMPLEMENTED,
        PlacingError::Wrong { .. } => StatusCode::UNPROCESSABLE_ENTITY,
        PlacingError::Store(_) => StatusCode::SERVICE_UNAVAILABLE,
    };
    HttpResponse::build(status).json(json!({ "error": error.to_string() }))
}
