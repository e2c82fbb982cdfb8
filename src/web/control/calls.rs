//! Commands that show calls, whichever node served them.

use actix_web::HttpResponse;
use actix_web::web::{self, Data, Json, Path, Query, ServiceConfig, block};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Fault;
use crate::engine::{CallSid, NumberPattern, Outcome};
use crate::store::CallFilter;
use crate::web::app::App;
use crate::web::calls::{Archive, CallQuery};
use crate::web::console::picture;

/// The routes.
pub fn routes(config: &mut ServiceConfig) {
    config
        .route("/api/calls", web::get().to(list))
        .route("/api/calls/{sid}", web::get().to(show));
    config.route("/api/calls/{sid}/draft", web::get().to(draft));
    config
        .route("/api/traffic", web::get().to(traffic))
        .route("/api/traffic/picture", web::get().to(draw));
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    flow: Option<String>,
    since: Option<Timestamp>,
    until: Option<Timestamp>,
    from: Option<String>,
    to: Option<String>,
    outcome: Option<String>,
    step: Option<String>,
    reached: Option<String>,
    #[serde(default)]
    rehearsals: bool,
    #[serde(default)]
    limit: usize,
}

async fn list(app: Data<App>, asked: Query<Asked>) -> Result<Json<Value>, Fault> {
    let calls = archive(&app).list(&asked.into_inner().wanted()?).await?;
    Ok(Json(json!({ "calls": calls })))
}

impl Asked {
    fn wanted(self) -> Result<CallQuery, Fault> {
        let Self {
            flow,
            since,
            until,
            from,
            to,
            outcome,
            step,
            reached,
            rehearsals,
            limit,
        } = self;
        let number =
            |typed: Option<String>| typed.map(|typed| NumberPattern::parse(&typed)).transpose();
        let number = |typed| number(typed).map_err(|error| Fault::Request(error.to_string()));
        let outcome = outcome.map(|name| parse_outcome(&name)).transpose()?;
        let (from, to) = (number(from)?, number(to)?);
        Ok(CallQuery {
            filter: CallFilter {
                flow,
                since,
                until,
                from,
                to,
                outcome,
                steps: None,
                entered: None,
                rehearsals,
                limit,
            },
            step,
            reached,
        })
    }
}

fn parse_outcome(name: &str) -> Result<Outcome, Fault> {
    Outcome::named(name).ok_or_else(|| Fault::Request(format!("`{name}` is not an outcome")))
}

async fn show(app: Data<App>, sid: Path<String>) -> Result<HttpResponse, Fault> {
    let sid = CallSid::parse(&sid).map_err(|error| Fault::Request(error.to_string()))?;
    Ok(match archive(&app).show(&sid).await? {
        Some(detail) => HttpResponse::Ok().json(json!({ "call": detail })),
        None => HttpResponse::Ok().json(json!({ "call": null })),
    })
}

async fn draft(app: Data<App>, sid: Path<String>) -> Result<HttpResponse, Fault> {
    let sid = CallSid::parse(&sid).map_err(|error| Fault::Request(error.to_string()))?;
    Ok(HttpResponse::Ok().json(json!({ "draft": archive(&app).draft(&sid).await? })))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Counted {
    flow: String,
    since: Option<Timestamp>,
}

async fn traffic(app: Data<App>, counted: Query<Counted>) -> Result<Json<Value>, Fault> {
    let traffic = archive(&app).traffic(&counted.flow, counted.since).await?;
    Ok(Json(json!({ "traffic": traffic })))
}

/// The same with the picture of the flow as it is in service, the counts on it.
async fn draw(app: Data<App>, counted: Query<Counted>) -> Result<Json<Value>, Fault> {
    let Counted { flow, since } = counted.into_inner();
    let version = app
        .flows
        .by_name(&flow)
        .ok_or_else(|| Fault::Request(format!("no flow `{flow}` is in service")))?;
    let traffic = archive(&app).traffic(&flow, since).await?;
    let counts = traffic.counts();
    // Placing boxes takes milliseconds, of a large flow more: not on a thread that answers others.
    let drawn = block(move || picture(&version, Some(&counts))).await;
    let drawn = drawn.map_err(|error| Fault::Elsewhere(error.to_string()))?;
    Ok(Json(json!({ "traffic": traffic, "picture": drawn })))
}

fn archive(app: &App) -> Archive<'_> {
    Archive {
        store: &app.store,
        flows: Some(&app.flows),
        prefix: &app.address.prefix,
    }
}
