//! What an operator does to the outbox of a node that runs. The acts themselves are `outbox::admin`'s.

use actix_web::HttpResponse;
use actix_web::web::{self, Data, Json, Path, Query, ServiceConfig};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::backends::{self, BackendView};
use super::{CommandAccess, Fault};
use crate::outbox::admin::{self, Acted};
use crate::outbox::{CARRIER, Outbox};
use crate::store::{RowFilter, RowId, RowPlace, RowState};
use crate::web::app::App;
use crate::written::is_name;

/// The longest reason for what is done to many rows, in characters.
const MAX_REASON: usize = 200;

/// The routes.
pub fn routes(config: &mut ServiceConfig) {
    config
        .route("/api/outbox", web::get().to(list))
        .route("/api/outbox/retry", web::post().to(retry_since))
        .route("/api/outbox/backends", web::get().to(show_backends))
        .route("/api/outbox/backends/{name}/pause", web::post().to(pause))
        .route("/api/outbox/backends/{name}/resume", web::post().to(resume))
        .route("/api/outbox/{id}", web::get().to(show))
        .route("/api/outbox/{id}", web::delete().to(drop_row))
        .route("/api/outbox/{id}/retry", web::post().to(retry));
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    backend: Option<String>,
    state: Option<String>,
    since: Option<Timestamp>,
    #[serde(default)]
    limit: usize,
    behind: Option<RowPlace>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Bulk {
    since: Timestamp,
    backend: Option<String>,
    #[serde(default)]
    why: String,
}

/// A page of the list: `more` is what `behind` is to be for the next one, null at the end.
async fn list(app: Data<App>, wanted: Query<Wanted>) -> Result<Json<Value>, Fault> {
    let Wanted {
        backend,
        state,
        since,
        limit,
        behind,
    } = wanted.into_inner();
    let state = state.map(|name| parse_state(&name)).transpose()?;
    let filter = RowFilter {
        backend,
        state,
        since,
        limit,
    };
    let (rows, more) = admin::list(&app.store, &filter, behind.as_ref()).await?;
    let more = more.map(|place| place.to_string());
    Ok(Json(json!({ "rows": rows, "more": more })))
}

fn parse_state(name: &str) -> Result<RowState, Fault> {
    RowState::named(name).ok_or_else(|| Fault::Request(format!("`{name}` is not a state")))
}

async fn show(app: Data<App>, id: Path<String>) -> Result<HttpResponse, Fault> {
    Ok(match admin::show(&app.store, &parse_id(&id)?).await? {
        Some(detail) => HttpResponse::Ok().json(detail),
        None => answer(Acted::NoSuchRow),
    })
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct How {
    #[serde(default)]
    again: bool,
}

async fn retry(
    app: Data<App>,
    door: Data<CommandAccess>,
    id: Path<String>,
    how: Query<How>,
) -> Result<HttpResponse, Fault> {
    let acted = admin::retry(
        &app.store,
        &parse_id(&id)?,
        how.again,
        app.store.now(),
        door.by(),
    )
    .await?;
    app.outbox.wake();
    Ok(answer(acted))
}

async fn retry_since(
    app: Data<App>,
    door: Data<CommandAccess>,
    which: Json<Bulk>,
) -> Result<Json<Value>, Fault> {
    let Bulk {
        since,
        backend,
        why,
    } = which.into_inner();
    let why = why.trim();
    if why.chars().count() > MAX_REASON {
        return Err(Fault::Request(format!(
            "`why` has at most {MAX_REASON} characters"
        )));
    }
    // On the page a click does it, and whoever reads the log later has no shell's history to ask.
    if matches!(door.get_ref(), CommandAccess::Page) && why.is_empty() {
        return Err(Fault::Request("say why".to_owned()));
    }
    let retried = admin::retry_since(
        &app.store,
        backend.as_deref(),
        since,
        app.store.now(),
        &door.by_because(why),
    )
    .await;
    // Some may have been started though the store went away in the middle.
    app.outbox.wake();
    Ok(Json(json!({ "retried": retried? })))
}

async fn drop_row(
    app: Data<App>,
    door: Data<CommandAccess>,
    id: Path<String>,
) -> Result<HttpResponse, Fault> {
    Ok(answer(
        admin::drop(&app.store, &parse_id(&id)?, door.by()).await?,
    ))
}

async fn show_backends(app: Data<App>) -> Result<Json<Value>, Fault> {
    Ok(Json(
        json!({ "backends": backends::list(&app.store, app.outbox.conditions()).await? }),
    ))
}

async fn pause(
    app: Data<App>,
    door: Data<CommandAccess>,
    name: Path<String>,
) -> Result<Json<BackendView>, Fault> {
    set_paused(&app.outbox, &name, true, door.by()).await
}

async fn resume(
    app: Data<App>,
    door: Data<CommandAccess>,
    name: Path<String>,
) -> Result<Json<BackendView>, Fault> {
    set_paused(&app.outbox, &name, false, door.by()).await
}

async fn set_paused(
    outbox: &Outbox,
    name: &str,
    pause: bool,
    by: &str,
) -> Result<Json<BackendView>, Fault> {
    if !is_name(name) && name != CARRIER {
        return Err(Fault::Request(format!(
            "`{name}` cannot be a backend's name"
        )));
    }
    outbox.pause(name, pause, by).await?;
    Ok(Json(BackendView::after_pause(
        name,
        pause,
        &outbox.conditions(),
    )))
}

fn parse_id(text: &str) -> Result<RowId, Fault> {
    RowId::parse(text).ok_or_else(|| Fault::Request(format!("`{text}` cannot be a delivery's id")))
}

fn answer(acted: Acted) -> HttpResponse {
    let mut response = match acted {
        Acted::Done => HttpResponse::Ok(),
        Acted::NoSuchRow => HttpResponse::NotFound(),
        Acted::BeingSent | Acted::Delivered => HttpResponse::Conflict(),
    };
    response.json(json!({ "acted": acted }))
}
