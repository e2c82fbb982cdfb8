//! Where test calls are played in this process, for the commands that write and play them: a node, and the calls to it,
//! many at once where there are many.

use std::io;
use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use sha2::{Digest, Sha256};

use crate::engine::flow::Bundle;
use crate::engine::load::load;
use crate::phone::{Account, Method};
use crate::replay::{self, AfterCall, Destination, Played, Script};
use crate::store;
use crate::twilio::retry;
use crate::web::InProcess;
use crate::web::flows::{FlowVersion, Flows, Folders};
use crate::web::in_process::{self, SentDelivery};

/// Why nothing could be played.
#[derive(Debug, thiserror::Error)]
pub enum StageError {
    #[error("a job cannot be started: {0}")]
    Runtime(#[from] io::Error),
    /// The node in this process.
    #[error("{0}")]
    Node(#[from] in_process::Error),
}

/// Where calls to a node in this process are placed.
pub fn line() -> Destination {
    let own = |path: &str| format!("{}{path}{}", InProcess::BASE, retry::FRAGMENT);
    let account = Account {
        sid: format!("AC{:032}", 0),
        token: None,
        signed_for: None,
    };
    Destination {
        url: own("/voice/{flow}"),
        method: Method::Post,
        fallback: Some(own("/fallback")),
        status: Some(own("/status")),
        account,
    }
}

/// A node that serves one flow, with the recordings of the folders.
///
/// # Errors
/// When a part of it cannot be set up.
pub async fn node(bundle: &Bundle, folders: Folders) -> Result<InProcess, String> {
    let mut loaded = load(bundle).map_err(|diags| {
        diags
            .first()
            .map(|diag| diag.message.clone())
            .unwrap_or_default()
    })?;
    folders.tell(&mut loaded.flow);
    let flows = Flows::only(
        folders,
        FlowVersion::new(loaded.flow, loaded.bundle, Vec::new()),
    );
    InProcess::start(Arc::new(flows), None)
        .await
        .map_err(|error: in_process::Error| error.to_string())
}

/// Plays a call under a name to its end.
///
/// # Errors
/// When the node's store cannot be read.
pub async fn play(
    script: &Script,
    node: &InProcess,
    sid: &str,
) -> Result<(Played, AfterCall), store::Error> {
    let played = replay::play(script, &line(), node, sid).await;
    let at = script
        .at
        .checked_add(played.ended.after)
        .unwrap_or(script.at);
    let in_process::CallResult { sent, did } = node.end(sid, at).await?;
    let sent = sent
        .into_iter()
        .map(|SentDelivery { backend, body, .. }| (backend, body))
        .collect();
    Ok((
        played,
        AfterCall {
            sent,
            steps: did.steps,
            faults: did.faults,
            unset: did.unset,
        },
    ))
}

/// A name that a file's call always has, so that two runs are the same.
pub fn sid(script: &Script) -> String {
    let hash = Sha256::digest(script.file.as_bytes());
    let hash: String = hash[..16]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("CA{hash}")
}

/// Does `count` jobs, some at once: `start` makes what a job works with, `one` does the one at a place.
/// The results are in the order of the jobs.
///
/// # Errors
/// When a job cannot be set up.
pub fn each<W, T: Send, E: From<io::Error> + Send>(
    count: usize,
    jobs: Option<NonZero<usize>>,
    start: impl AsyncFn() -> Result<W, E> + Sync,
    one: impl AsyncFn(&W, usize) -> T + Sync,
) -> Result<Vec<T>, E> {
    let jobs = jobs
        .or_else(|| std::thread::available_parallelism().ok())
        .map_or(1, NonZero::get);
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<(usize, T)>> = Mutex::new(Vec::with_capacity(count));
    let job = || -> Result<(), E> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        runtime.block_on(async {
            let with = start().await?;
            loop {
                let at = next.fetch_add(1, Ordering::Relaxed);
                if at >= count {
                    return Ok(());
                }
                let one = one(&with, at).await;
                done.lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push((at, one));
            }
        })
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..jobs.min(count)).map(|_| scope.spawn(job)).collect();
        let joined = threads
            .into_iter()
            .map(|thread| thread.join().expect("a job does not panic"));
        joined.collect::<Result<(), _>>()
    })?;
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(at, _)| *at);
    Ok(done.into_iter().map(|(_, done)| done).collect())
}
