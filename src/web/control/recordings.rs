//! What an operator does about recordings. The acts themselves are `carrier::admin`'s.

use actix_web::HttpResponse;
use actix_web::web::{self, Data, Path, ServiceConfig};
use serde_json::json;

use super::{CommandAccess, Fault};
use crate::carrier::admin::{self, RecordingError};
use crate::web::app::App;

/// The routes.
pub fn routes(config: &mut ServiceConfig) {
    config
        .route("/api/recordings", web::get().to(list))
        .route("/api/recordings/{sid}", web::get().to(show))
        .route("/api/recordings/{sid}", web::delete().to(erase))
        .route("/api/recordings/{sid}/sound", web::get().to(sound));
}

impl From<RecordingError> for Fault {
    fn from(error: RecordingError) -> Self {
        match error {
            RecordingError::Store(error) => Self::Store(error),
            RecordingError::NoCarrier => Self::Request(error.to_string()),
            RecordingError::Carrier(_) | RecordingError::Archive(_) => {
                Self::Elsewhere(error.to_string())
            }
        }
    }
}

async fn list(app: Data<App>) -> Result<HttpResponse, Fault> {
    let recordings = admin::list(&app.store, app.carrier.as_ref()).await?;
    Ok(HttpResponse::Ok().json(json!({ "recordings": recordings })))
}

async fn show(app: Data<App>, sid: Path<String>) -> Result<HttpResponse, Fault> {
    let recording = admin::show(&app.store, app.carrier.as_ref(), &sid).await?;
    Ok(HttpResponse::Ok().json(json!({ "recording": recording })))
}

async fn sound(app: Data<App>, sid: Path<String>) -> Result<HttpResponse, Fault> {
    Ok(
        match admin::fetch(&app.store, app.carrier.as_ref(), &sid).await? {
            Some(parts) => HttpResponse::Ok()
                .content_type("audio/wav")
                .streaming(parts),
            None => HttpResponse::NotFound().json(json!({ "error": "no such recording" })),
        },
    )
}

async fn erase(
    app: Data<App>,
    door: Data<CommandAccess>,
    sid: Path<String>,
) -> Result<HttpResponse, Fault> {
    let erased = admin::erase(&app.store, app.carrier.as_ref(), &sid, door.by()).await?;
    Ok(HttpResponse::Ok().json(json!({ "erased": erased.is_some() })))
}
