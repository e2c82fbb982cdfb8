//! What an operator does to the store of a node that runs, while it serves.

use std::path::PathBuf;

use actix_web::web::{self, Data, Json, ServiceConfig};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{CommandAccess, Fault};
use crate::web::app::App;

/// The routes.
pub fn routes(config: &mut ServiceConfig) {
    config
        .route("/api/store/verify", web::get().to(verify))
        .route("/api/store/backup", web::post().to(back_up));
}

async fn verify(app: Data<App>) -> Result<Json<Value>, Fault> {
    Ok(Json(json!({ "found": app.store.verify().await? })))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Target {
    /// Whole, for the node may run in another folder than who asks.
    to: PathBuf,
}

/// Writes a file on this machine, which is only for who may do so anyway.
async fn back_up(
    app: Data<App>,
    door: Data<CommandAccess>,
    target: Json<Target>,
) -> Result<Json<Value>, Fault> {
    let CommandAccess::Socket = **door else {
        return Err(Fault::Socket);
    };
    if !target.to.is_absolute() {
        return Err(Fault::Request(
            "the path of a backup must be absolute".to_owned(),
        ));
    }
    let found = app.store.back_up(&target.to).await?;
    tracing::info!(audit = "store backup", by = door.by(), to = %target.to.display(), values = found.values(), "Backup written.");
    Ok(Json(json!({ "found": found })))
}
