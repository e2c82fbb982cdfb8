//! One version of a flow: compiled, with what it was compiled from.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use jiff::Timestamp;

use crate::engine::flow::Bundle;
use crate::engine::load::load;
use crate::engine::{Fingerprint, Flow};
use crate::store::{Error, Store};
use crate::web::metrics::{FlowFigures, Metrics};

/// A flow that calls run on.
#[derive(Debug)]
pub struct FlowVersion {
    /// The flow.
    pub flow: Flow,
    bundle: Bundle,
    recordings: Vec<(String, Bytes)>,
    kept: AtomicBool,
    figures: OnceLock<FlowFigures>,
}

impl FlowVersion {
    /// A version that was loaded here, with the recordings that it plays: path below `/audio/` and bytes.
    pub fn new(flow: Flow, bundle: Bundle, recordings: Vec<(String, Bytes)>) -> Self {
        Self {
            flow,
            bundle,
            recordings,
            kept: AtomicBool::new(false),
            figures: OnceLock::new(),
        }
    }

    /// Its permanent name.
    pub fn fingerprint(&self) -> Fingerprint {
        self.flow.fingerprint
    }

    /// What it was made of.
    pub fn bundle(&self) -> &Bundle {
        &self.bundle
    }

    /// What is counted of it. Asked for when the version comes into service, so that all of it is there, at nothing,
    /// before the first call.
    pub fn figures(&self, metrics: &Metrics) -> &FlowFigures {
        self.figures.get_or_init(|| metrics.of_flow(&self.flow))
    }

    /// Makes sure that the store has the version before the first call on it.
    ///
    /// # Errors
    /// When the store cannot.
    pub async fn keep(&self, store: &Store, now: Timestamp) -> Result<(), Error> {
        if self.kept.load(Ordering::Acquire) {
            return Ok(());
        }
        // Boxed, so that what is done once takes no room in every turn.
        Box::pin(self.keep_again(store, now)).await
    }

    /// Records in the store that the version is still in service.
    ///
    /// # Errors
    /// When the store cannot take it.
    pub async fn keep_again(&self, store: &Store, now: Timestamp) -> Result<(), Error> {
        let bundle = serde_json::to_vec(&self.bundle)
            .map_err(|error| corrupt(self.fingerprint(), &error))?;
        let recordings = self.recordings.clone();
        let version = crate::store::StoredVersion {
            fingerprint: self.fingerprint(),
            bundle: bundle.into(),
            recordings,
        };
        store.keep_version(&version, now).await?;
        self.kept.store(true, Ordering::Release);
        Ok(())
    }

    /// Fetches and compiles a version that this node does not know, which `names` tells what its names
    /// stand for; `None` if the store does not know it either.
    ///
    /// # Errors
    /// When the store cannot be read, or what it keeps cannot be compiled by this release.
    pub async fn fetch(
        fingerprint: Fingerprint,
        store: &Store,
        names: impl FnOnce(&mut Flow),
    ) -> Result<Option<Self>, Error> {
        let Some(kept) = store.version(fingerprint).await? else {
            return Ok(None);
        };
        let compiled =
            tokio::task::spawn_blocking(move || Self::compile(fingerprint, &kept.bundle)).await;
        let mut compiled = compiled.unwrap_or_else(|error| Err(corrupt(fingerprint, &error)))?;
        names(&mut compiled.flow);
        Ok(Some(compiled))
    }

    fn compile(fingerprint: Fingerprint, bundle: &[u8]) -> Result<Self, Error> {
        let bundle: Bundle =
            serde_json::from_slice(bundle).map_err(|error| corrupt(fingerprint, &error))?;
        let loaded = load(&bundle).map_err(|diags| {
            let first = diags
                .first()
                .map_or_else(String::new, |diag| diag.message.clone());
            corrupt(
                fingerprint,
                &format!("this release cannot compile it: {first}"),
            )
        })?;
        let mut flow = loaded.flow;
        // Another release may hash in another way; the calls on it know this name.
        flow.fingerprint = fingerprint;
        let kept = AtomicBool::new(true);
        Ok(Self {
            flow,
            bundle: loaded.bundle,
            recordings: Vec::new(),
            kept,
            figures: OnceLock::new(),
        })
    }
}

fn corrupt(fingerprint: Fingerprint, reason: &dyn std::fmt::Display) -> Error {
    Error::Corrupt {
        what: format!("flow version {fingerprint}"),
        reason: reason.to_string(),
    }
}
