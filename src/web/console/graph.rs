//! What can be called, and how a flow hangs together.

use actix_web::HttpResponse;
use actix_web::web::{Data, Query, block};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Console;
use crate::engine::{Fingerprint, Flow};
use crate::picture::svg::{Drawing, Theme};
use crate::picture::{Counts, Graph};
use crate::web::flows::FlowVersion;

/// `GET /console/flows`: the flows in service, by name.
pub async fn flows(console: Data<Console>) -> HttpResponse {
    let current = console.app.flows.current();
    let flow = |flow: &Flow| {
        let languages: Vec<&str> = flow
            .languages
            .iter()
            .map(|language| &*language.tag)
            .collect();
        json!({
            "name": flow.name, "title": flow.title, "numbers": flow.numbers, "languages": languages,
            "version": flow.fingerprint.to_string(), "steps": flow.steps.len(),
        })
    };
    let flows: Vec<Value> = current
        .by_name
        .values()
        .map(|version| flow(&version.flow))
        .collect();
    let out: Vec<&str> = current
        .out
        .iter()
        .map(|faulty| faulty.name.as_str())
        .collect();
    HttpResponse::Ok().json(json!({ "flows": flows, "out_of_service": out }))
}

/// Which flow, and perhaps which version of it.
#[derive(Deserialize)]
pub struct FlowQuery {
    flow: String,
    version: Option<String>,
}

/// `GET /console/graph`: the picture of a flow version that this node knows.
pub async fn draw(console: Data<Console>, which: Query<FlowQuery>) -> HttpResponse {
    let known = which
        .version
        .as_deref()
        .and_then(Fingerprint::parse)
        .and_then(|version| console.app.flows.version(version));
    match known.or_else(|| console.app.flows.by_name(&which.flow)) {
        // Placing boxes takes milliseconds, of a large flow more: not on a thread that answers callers.
        Some(version) => match block(move || picture(&version, None)).await {
            Ok(picture) => HttpResponse::Ok().json(picture),
            Err(error) => {
                HttpResponse::ServiceUnavailable().json(json!({ "error": error.to_string() }))
            }
        },
        None => {
            HttpResponse::NotFound().json(json!({ "error": "There is no such flow in service." }))
        }
    }
}

/// The most steps of a flow that is drawn for the page: a larger picture takes seconds to lay out, and shows nothing at
/// this size.
const MOST_DRAWN: usize = 400;

/// The picture of a flow, with what calls took of it, unless it is too large for the page.
pub fn picture(version: &FlowVersion, counts: Option<&Counts>) -> Value {
    let flow = &version.flow;
    let svg = (flow.steps.len() <= MOST_DRAWN).then(|| {
        let graph = Graph::new(flow, version.bundle());
        let graph = match counts {
            Some(counts) => graph.counted(counts),
            None => graph,
        };
        Drawing::new(&graph).svg(Theme::Auto)
    });
    json!({
        "flow": flow.name,
        "version": flow.fingerprint.to_string(),
        "steps": flow.steps.len(),
        "svg": svg,
    })
}
