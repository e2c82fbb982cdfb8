//! The acts on the outbox, whoever carries them out: a running node, or this process on a store that no node serves.

use jiff::Timestamp;
use reqwest::Method;
use serde_json::{Value, json};

use crate::cli::reach::{ReachError, Reached, Remote};
use crate::outbox::admin::{self, Acted};
use crate::outbox::{BackendCondition, CARRIER};
use crate::settings::Settings;
use crate::store::{RowFilter, RowId, RowPlace, Store};
use crate::web::control::{BackendView, backends};

/// Who acted, for the audit lines of this process.
const BY: &str = "command line";

/// Where the acts are done.
pub enum OutboxAccess {
    /// At a node, which sends what is due at once.
    Node(Remote),
    /// In the store itself, and the backends of the settings.
    Store(Store, Vec<BackendCondition>),
}

impl OutboxAccess {
    /// Access through what was reached.
    pub fn new(reached: Reached, settings: &Settings) -> Self {
        let condition = |(name, backend): (&String, &crate::settings::Backend)| BackendCondition {
            backend: name.clone(),
            paused: backend.paused,
            failing: false,
            waits_until: None,
        };
        match reached {
            Reached::Node(node) => Self::Node(node),
            Reached::Store(store) => {
                let mut conditions: Vec<_> = settings.backends.iter().map(condition).collect();
                if settings.twilio.has_login() {
                    conditions.push(BackendCondition {
                        backend: CARRIER.to_owned(),
                        paused: false,
                        failing: false,
                        waits_until: None,
                    });
                }
                Self::Store(store, conditions)
            }
        }
    }

    /// The next rows that a filter admits, oldest first, as the API shows them, and where the list goes on.
    pub async fn list(
        &self,
        filter: &RowFilter,
        behind: Option<&RowPlace>,
    ) -> Result<(Vec<Value>, Option<RowPlace>), ReachError> {
        match self {
            Self::Node(node) => {
                let query = query(filter, behind);
                let (_, mut answer) = node.ask(Method::GET, "api/outbox", &query, None).await?;
                let more = node.read(answer["more"].take())?;
                Ok((node.read(answer["rows"].take())?, more))
            }
            Self::Store(store, _) => {
                let (rows, more) = admin::list(store, filter, behind).await?;
                Ok((rows.iter().map(value).collect(), more))
            }
        }
    }

    /// One row and what would be sent.
    pub async fn show(&self, id: &RowId) -> Result<Option<Value>, ReachError> {
        match self {
            Self::Node(node) => {
                let (status, answer) = node
                    .ask(Method::GET, &format!("api/outbox/{id}"), &[], None)
                    .await?;
                Ok(status.is_success().then_some(answer))
            }
            Self::Store(store, _) => Ok(admin::show(store, id).await?.as_ref().map(value)),
        }
    }

    /// Sends a row again; one that was delivered only if `again` is set.
    pub async fn retry(&self, id: &RowId, again: bool) -> Result<Acted, ReachError> {
        match self {
            Self::Node(node) => {
                let query = if again { "?again=true" } else { "" };
                acted(node, Method::POST, &format!("api/outbox/{id}/retry{query}")).await
            }
            Self::Store(store, _) => Ok(admin::retry(store, id, again, store.now(), BY).await?),
        }
    }

    /// Sends again what was set aside since a time; how many.
    pub async fn retry_since(
        &self,
        since: Timestamp,
        backend: Option<&str>,
    ) -> Result<u64, ReachError> {
        match self {
            Self::Node(node) => {
                let which = json!({ "since": since, "backend": backend });
                let (_, mut answer) = node
                    .ask(Method::POST, "api/outbox/retry", &[], Some(&which))
                    .await?;
                node.read(answer["retried"].take())
            }
            Self::Store(store, _) => {
                let retried = admin::retry_since(store, backend, since, store.now(), BY).await?;
                Ok(u64::try_from(retried).unwrap_or(u64::MAX))
            }
        }
    }

    pub async fn drop(&self, id: &RowId) -> Result<Acted, ReachError> {
        match self {
            Self::Node(node) => acted(node, Method::DELETE, &format!("api/outbox/{id}")).await,
            Self::Store(store, _) => Ok(admin::drop(store, id, BY).await?),
        }
    }

    /// Pauses a backend or resumes it; how it is then.
    pub async fn pause(&self, name: &str, pause: bool) -> Result<BackendView, ReachError> {
        match self {
            Self::Node(node) => {
                let act = if pause { "pause" } else { "resume" };
                let path = format!("api/outbox/backends/{name}/{act}");
                let (_, answer) = node.ask(Method::POST, &path, &[], None).await?;
                node.read(answer)
            }
            Self::Store(store, conditions) => {
                admin::pause(store, name, pause, BY).await?;
                let mut view = BackendView::after_pause(name, pause, conditions);
                view.paused |= pause;
                Ok(view)
            }
        }
    }

    /// How each backend does.
    pub async fn backends(&self) -> Result<Vec<BackendView>, ReachError> {
        match self {
            Self::Node(node) => {
                let (_, mut answer) = node
                    .ask(Method::GET, "api/outbox/backends", &[], None)
                    .await?;
                node.read(answer["backends"].take())
            }
            Self::Store(store, conditions) => Ok(backends::list(store, conditions.clone()).await?),
        }
    }

    /// Whether a node sends what is due now.
    pub fn is_served(&self) -> bool {
        matches!(self, Self::Node(_))
    }

    /// Ends the work, all of it written.
    pub async fn close(self) -> Result<(), ReachError> {
        match self {
            Self::Node(_) => Ok(()),
            Self::Store(store, _) => Ok(store.close().await?),
        }
    }
}

async fn acted(node: &Remote, method: Method, path: &str) -> Result<Acted, ReachError> {
    let (_, mut answer) = node.ask(method, path, &[], None).await?;
    node.read(answer["acted"].take())
}

fn query(filter: &RowFilter, behind: Option<&RowPlace>) -> Vec<(&'static str, String)> {
    let RowFilter {
        backend,
        state,
        since,
        limit,
    } = filter;
    let mut query = vec![("limit", limit.to_string())];
    query.extend(backend.clone().map(|backend| ("backend", backend)));
    query.extend(state.map(|state| ("state", state.as_str().to_owned())));
    query.extend(since.map(|since| ("since", since.to_string())));
    query.extend(behind.map(|behind| ("behind", behind.to_string())));
    query
}

fn value(shown: impl serde::Serialize) -> Value {
    serde_json::to_value(shown).expect("names are text, and nothing in it can fail")
}
