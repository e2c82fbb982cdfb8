//! The acts on recordings, whoever carries them out: a running node, or this process on a store that no node serves.

use std::path::Path;

use futures_util::StreamExt as _;
use reqwest::Method;
use tokio::io::AsyncWriteExt as _;

use crate::carrier::Carrier;
use crate::carrier::admin::{self, RecordingDetail, RecordingView};
use crate::cli::reach::{ReachError, Reached, Remote};
use crate::settings::Settings;
use crate::store::Store;
use crate::web::server;

/// Who acted, for the audit lines of this process.
const BY: &str = "command line";

/// Where the acts are done.
pub enum RecordingAccess {
    /// At a node.
    Node(Remote),
    /// In the store itself, with the carrier of the settings.
    Store(Store, Option<Carrier>),
}

impl RecordingAccess {
    /// Access through what was reached.
    pub fn new(reached: Reached, settings: &Settings) -> Result<Self, ReachError> {
        Ok(match reached {
            Reached::Node(node) => Self::Node(node),
            Reached::Store(store) => {
                let carrier = server::carrier(settings).map_err(ReachError::Open)?;
                Self::Store(store, carrier)
            }
        })
    }

    /// The recordings that are known.
    pub async fn list(&self) -> Result<Vec<RecordingView>, ReachError> {
        match self {
            Self::Node(node) => {
                let (_, mut answer) = node.ask(Method::GET, "api/recordings", &[], None).await?;
                node.read(answer["recordings"].take())
            }
            Self::Store(store, carrier) => Ok(admin::list(store, carrier.as_ref()).await?),
        }
    }

    /// One of them.
    pub async fn show(&self, sid: &str) -> Result<Option<RecordingDetail>, ReachError> {
        match self {
            Self::Node(node) => {
                let (_, mut answer) = node.ask(Method::GET, &path(sid), &[], None).await?;
                node.read(answer["recording"].take())
            }
            Self::Store(store, carrier) => Ok(admin::show(store, carrier.as_ref(), sid).await?),
        }
    }

    /// Writes the sound of one into a file; how many bytes it has. `None` where nothing is known of it.
    pub async fn fetch(&self, sid: &str, to: &Path) -> Result<Option<u64>, ReachError> {
        match self {
            Self::Node(node) => node.save(&format!("{}/sound", path(sid)), to).await,
            Self::Store(store, carrier) => {
                let Some(mut parts) = admin::fetch(store, carrier.as_ref(), sid).await? else {
                    return Ok(None);
                };
                let unwritten = |source| ReachError::File {
                    path: to.to_owned(),
                    source,
                };
                let mut file = tokio::fs::File::create(to).await.map_err(unwritten)?;
                let mut bytes = 0;
                while let Some(part) = parts.next().await {
                    let part = part?;
                    bytes += part.len() as u64;
                    file.write_all(&part).await.map_err(unwritten)?;
                }
                file.flush().await.map_err(unwritten)?;
                Ok(Some(bytes))
            }
        }
    }

    /// Erases one; false where nothing is known of it.
    pub async fn erase(&self, sid: &str) -> Result<bool, ReachError> {
        match self {
            Self::Node(node) => {
                let (_, mut answer) = node.ask(Method::DELETE, &path(sid), &[], None).await?;
                node.read(answer["erased"].take())
            }
            Self::Store(store, carrier) => {
                let erased = admin::erase(store, carrier.as_ref(), sid, BY).await?;
                Ok(erased.is_some())
            }
        }
    }

    pub async fn close(self) -> Result<(), ReachError> {
        match self {
            Self::Node(_) => Ok(()),
            Self::Store(store, _) => Ok(store.close().await?),
        }
    }
}

/// The path of a recording in a node's API, whatever was typed.
fn path(sid: &str) -> String {
    let sid = percent_encoding::utf8_percent_encode(sid, percent_encoding::NON_ALPHANUMERIC);
    format!("api/recordings/{sid}")
}
