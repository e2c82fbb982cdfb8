//! How an operator switches opening hours, whatever their file says.

use actix_web::HttpResponse;
use actix_web::web::{self, Data, Json, Path, ServiceConfig};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{CommandAccess, Fault};
use crate::hours::{HoursState, HoursSwitch};
use crate::store::{self, KeptSwitch, Store};
use crate::web::app::App;
use crate::written::is_name;

/// The longest note, in characters.
const MAX_NOTE: usize = 200;

/// The routes.
pub fn routes(config: &mut ServiceConfig) {
    config
        .route("/api/hours", web::get().to(list))
        .route("/api/hours/{name}/switch", web::post().to(switch))
        .route("/api/hours/{name}/switch", web::delete().to(clear));
}

/// Opening hours that a flow in service reads, or that are switched.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HoursView {
    /// What flows call them.
    pub name: String,
    /// Whether they are open, where a flow in service reads them.
    pub open: Option<bool>,
    /// When that changes.
    pub changes: Option<Timestamp>,
    /// What somebody has switched, with who and when.
    pub switched: Option<KeptSwitch>,
}

/// Switches opening hours; the audit line says who.
///
/// # Errors
/// When the store does not do it in time.
pub async fn set(
    store: &Store,
    name: &str,
    switch: Option<HoursSwitch>,
    by: &str,
) -> Result<(), store::Error> {
    let now = store.now();
    let kept = switch.map(|switch| KeptSwitch {
        switch,
        by: by.to_owned(),
        at: now,
    });
    store.switch_hours(name, kept.as_ref()).await?;
    match kept {
        Some(KeptSwitch { switch, .. }) => {
            let HoursSwitch { open, until, note } = switch;
            tracing::info!(hours = name, open, %until, note, by, "Opening hours were switched.");
        }
        None => tracing::info!(
            hours = name,
            by,
            "Opening hours are as their file says again."
        ),
    }
    Ok(())
}

async fn list(app: Data<App>) -> Result<HttpResponse, Fault> {
    let kept = app.store.switched_hours().await?;
    let now = app.store.now();
    let current = app.flows.current();
    let mut views: Vec<HoursView> = Vec::new();
    for (name, hours) in current
        .by_name
        .values()
        .flat_map(|version| &version.flow.hours)
    {
        if views.iter().any(|view| view.name == *name) {
            continue;
        }
        let kept = kept.iter().find(|(switched, _)| switched == name);
        let kept = kept
            .map(|(_, kept)| kept)
            .filter(|kept| now < kept.switch.until);
        let state = HoursState {
            hours,
            switch: kept.map(|kept| &kept.switch),
        };
        views.push(HoursView {
            name: name.clone(),
            open: Some(state.is_open(now)),
            changes: state.changes(now).next().map(|(at, _)| at),
            switched: kept.cloned(),
        });
    }
    let is_read = |name: &str| views.iter().any(|view| view.name == name);
    let others = kept
        .into_iter()
        .filter(|(name, kept)| !is_read(name) && now < kept.switch.until);
    let others: Vec<HoursView> = others
        .map(|(name, kept)| HoursView {
            name,
            open: None,
            changes: None,
            switched: Some(kept),
        })
        .collect();
    views.extend(others);
    views.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(HttpResponse::Ok().json(json!({ "hours": views })))
}

async fn switch(
    app: Data<App>,
    door: Data<CommandAccess>,
    name: Path<String>,
    wanted: Json<HoursSwitch>,
) -> Result<HttpResponse, Fault> {
    let switch = wanted.into_inner();
    if switch.until <= app.store.now() {
        return Err(Fault::Request(format!("`until` is over: {}", switch.until)));
    }
    if switch.note.chars().count() > MAX_NOTE {
        return Err(Fault::Request(format!(
            "`note` has at most {MAX_NOTE} characters"
        )));
    }
    act(&app, &name, Some(switch), door.by()).await
}

async fn clear(
    app: Data<App>,
    door: Data<CommandAccess>,
    name: Path<String>,
) -> Result<HttpResponse, Fault> {
    act(&app, &name, None, door.by()).await
}

async fn act(
    app: &App,
    name: &str,
    switch: Option<HoursSwitch>,
    by: &str,
) -> Result<HttpResponse, Fault> {
    if !is_name(name) {
        return Err(Fault::Request(format!(
            "`{name}` cannot name opening hours"
        )));
    }
    set(&app.store, name, switch, by).await?;
    // Here it holds at once; elsewhere when the store is asked next.
    app.switched.refresh(&app.store).await?;
    Ok(HttpResponse::Ok().json(json!({ "acted": "done" })))
}
