//! A node in this process on which test calls are played, for the commands that write and play them.

use std::sync::Arc;

use crate::engine::flow::{Bundle, load};
use crate::phone::Account;
use crate::replay::{self, Left, Line, Played, Script};
use crate::store;
use crate::twilio::retry;
use crate::web::InProcess;
use crate::web::flows::{Flows, Folders, Version};
use crate::web::in_process::{self, Sent};

/// Where calls to a node in this process are placed.
pub fn line() -> Line {
    let own = |path: &str| format!("{}{path}{}", InProcess::BASE, retry::FRAGMENT);
    let account = Account { sid: format!("AC{:032}", 0), token: None, signed_for: None };
    Line { url: own("/voice/{flow}"), fallback: Some(own("/fallback")), status: Some(own("/status")), account }
}

/// A node that serves one flow, with the recordings of the folders.
///
/// # Errors
/// When a part of it cannot be set up.
pub async fn node(bundle: &Bundle, folders: Folders) -> Result<InProcess, String> {
    let loaded = load(bundle).map_err(|diags| diags.first().map(|diag| diag.message.clone()).unwrap_or_default())?;
    let flows = Flows::only(folders, Version::new(loaded.flow, loaded.bundle, Vec::new()));
    InProcess::start(Arc::new(flows), None).await.map_err(|error: in_process::Error| error.to_string())
}

/// Plays a call under a name to its end.
///
/// # Errors
/// When the node's store cannot be read.
pub async fn play(script: &Script, node: &InProcess, sid: &str) -> Result<(Played, Left), store::Error> {
    let played = replay::play(script, &line(), node, sid).await;
    let at = script.at.checked_add(played.ended.after).unwrap_or(script.at);
    let in_process::Left { sent, did } = node.end(sid, at).await?;
    let sent = sent.into_iter().map(|Sent { backend, body }| (backend, body)).collect();
    Ok((played, Left { sent, steps: did.steps, faults: did.faults, unset: did.unset }))
}
