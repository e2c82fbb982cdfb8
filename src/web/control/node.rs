//! What a node says of itself, for commands that look for one.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use actix_web::web::{self, Data, Json, ServiceConfig};
use serde::{Deserialize, Serialize};

use crate::web::app::App;

/// A node that runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeView {
    /// Its release.
    pub version: String,
    /// Where webhooks come in.
    pub listens: SocketAddr,
    /// The flows in service, each with its fingerprint.
    pub flows: BTreeMap<String, String>,
    /// Flows that are out of service, since their file has faults.
    pub out: Vec<String>,
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
        flows: flows
            .map(|(name, version)| (name.clone(), version.fingerprint().to_string()))
            .collect(),
        out: out.map(|faulty| faulty.name.clone()).collect(),
    })
}
