//! Where calls are looked up: at a running node, or in a store that no node serves.

use jiff::Timestamp;
use reqwest::Method;

use crate::cli::reach::{ReachError, Reached, Remote};
use crate::engine::CallSid;
use crate::engine::flow::Bundle;
use crate::settings::Settings;
use crate::store::{CallFilter, Store};
use crate::study::Draft;
use crate::web::calls::{Archive, CallDetail, CallQuery, CallView, Traffic};
use crate::web::server;

/// Where calls are looked up.
pub enum CallAccess {
    Node(Remote),
    /// In the store itself, with the public URL's prefix of paths.
    Store(Store, String),
}

impl CallAccess {
    /// Access through what was reached.
    pub fn new(reached: Reached, settings: &Settings) -> Result<Self, ReachError> {
        Ok(match reached {
            Reached::Node(node) => Self::Node(node),
            Reached::Store(store) => {
                Self::Store(store, server::prefix(settings).map_err(ReachError::Open)?)
            }
        })
    }

    /// The calls that are wanted, newest first.
    pub async fn list(&self, wanted: &CallQuery) -> Result<Vec<CallView>, ReachError> {
        match self {
            Self::Node(node) => {
                let (_, mut answer) = node
                    .ask(Method::GET, "api/calls", &query(wanted), None)
                    .await?;
                node.read(answer["calls"].take())
            }
            Self::Store(store, prefix) => Ok(archive(store, prefix).list(wanted).await?),
        }
    }

    /// What a call did; `None` where nothing is kept of it.
    pub async fn show(&self, sid: &CallSid) -> Result<Option<CallDetail>, ReachError> {
        match self {
            Self::Node(node) => {
                let (_, mut answer) = node
                    .ask(Method::GET, &format!("api/calls/{sid}"), &[], None)
                    .await?;
                node.read(answer["call"].take())
            }
            Self::Store(store, prefix) => Ok(archive(store, prefix).show(sid).await?),
        }
    }

    /// What was done in a call, and the flow version that it ran on; `None` where too little is kept of it.
    pub async fn draft(&self, sid: &CallSid) -> Result<Option<(Draft, Bundle)>, ReachError> {
        match self {
            Self::Node(node) => {
                let (_, mut answer) = node
                    .ask(Method::GET, &format!("api/calls/{sid}/draft"), &[], None)
                    .await?;
                node.read(answer["draft"].take())
            }
            Self::Store(store, prefix) => Ok(archive(store, prefix).draft(sid).await?),
        }
    }

    /// The ways of a flow that calls took.
    pub async fn traffic(
        &self,
        flow: &str,
        since: Option<Timestamp>,
    ) -> Result<Traffic, ReachError> {
        match self {
            Self::Node(node) => {
                let mut query = vec![("flow", flow.to_owned())];
                query.extend(since.map(|since| ("since", since.to_string())));
                let (_, mut answer) = node.ask(Method::GET, "api/traffic", &query, None).await?;
                node.read(answer["traffic"].take())
            }
            Self::Store(store, prefix) => Ok(archive(store, prefix).traffic(flow, since).await?),
        }
    }

    pub async fn close(self) -> Result<(), ReachError> {
        match self {
            Self::Node(_) => Ok(()),
            Self::Store(store, _) => Ok(store.close().await?),
        }
    }
}

fn archive<'a>(store: &'a Store, prefix: &'a str) -> Archive<'a> {
    Archive {
        store,
        flows: None,
        prefix,
    }
}

fn query(wanted: &CallQuery) -> Vec<(&'static str, String)> {
    let CallFilter {
        flow,
        since,
        until,
        from,
        to,
        outcome,
        steps: _,
        entered: _,
        rehearsals,
        limit,
    } = &wanted.filter;
    let mut query = vec![
        ("limit", limit.to_string()),
        ("rehearsals", rehearsals.to_string()),
    ];
    query.extend(flow.clone().map(|flow| ("flow", flow)));
    query.extend(since.map(|since| ("since", since.to_string())));
    query.extend(until.map(|until| ("until", until.to_string())));
    query.extend(from.as_ref().map(|from| ("from", from.to_string())));
    query.extend(to.as_ref().map(|to| ("to", to.to_string())));
    query.extend(outcome.map(|outcome| ("outcome", outcome.as_str().to_owned())));
    query.extend(wanted.step.clone().map(|step| ("step", step)));
    query.extend(wanted.reached.clone().map(|name| ("reached", name)));
    query
}
