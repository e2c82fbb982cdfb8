//! What a node says of itself, for commands that look for one.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use actix_web::web::{self, Data, Json, ServiceConfig};
use serde::{Deserialize, Serialize};

use crate::web::app::App;
use crate::web::limits::files_now;

/// A node that runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NodeView {
    /// Its release.
    pub version: String,
    /// Where webhooks come in.
    pub listens: SocketAddr,
    /// The URL that signatures are checked against.
    pub public_url: Option<String>,
    /// Whether webhooks must be signed.
    pub is_signed: bool,
    /// How many files it may have open.
    pub files: u64,
    /// Its store.
    pub store: StoreView,
    /// The flows in service, each with its fingerprint.
    pub flows: BTreeMap<String, String>,
    /// Flows that are out of service, since their file has faults.
    pub out: Vec<String>,
}

/// The store of a node that runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StoreView {
    /// How durable it is, by its name.
    pub level: String,
    /// What that means.
    pub meaning: String,
    /// Whether it takes no writes.
    pub is_away: bool,
    /// How far the node's clock is ahead of the store's, in seconds.
    pub clock_ahead: f64,
}

/// The route.
pub fn routes(config: &mut ServiceConfig) {
    config.route("/api/node", web::get().to(show));
}

async fn show(app: Data<App>) -> Json<NodeView> {
    let current = app.flows.current();
    let flows = current.by_name.iter();
    let out = current.out.iter().filter(|faulty| !faulty.kept);
    Json(NodeView {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        listens: app.address.listens,
        public_url: app.address.public.as_ref().map(|url| url.base().to_owned()),
        is_signed: !app.tokens.is_empty(),
        files: files_now(),
        store: StoreView {
            level: app.store.level().as_str().to_owned(),
            meaning: app.store.level().meaning().to_owned(),
            is_away: app.store.is_away(),
            clock_ahead: app.store.clock_ahead().as_secs_f64(),
        },
        flows: flows
            .map(|(name, version)| (name.clone(), version.fingerprint().to_string()))
            .collect(),
        out: out.map(|faulty| faulty.name.clone()).collect(),
    })
}
