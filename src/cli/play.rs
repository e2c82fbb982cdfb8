//! Calls played in this process, many at once: a thread with a node and a runtime of its own for each job.

use std::io;
use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use sha2::{Digest, Sha256};

use crate::phone::Account;
use crate::replay::{self, Line, Played, Script};
use crate::store;
use crate::twilio::retry;
use crate::web::InProcess;
use crate::web::in_process::{self, Left};

/// Why nothing could be played.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A thread's runtime.
    #[error("a job cannot be started: {0}")]
    Runtime(#[from] io::Error),
    /// The node in this process.
    #[error("{0}")]
    Node(#[from] in_process::Error),
}

/// Where calls are placed on a node in this process.
pub fn line() -> Line {
    let own = |path: &str| format!("{}{path}{}", InProcess::BASE, retry::FRAGMENT);
    Line {
        url: own("/voice/{flow}"),
        fallback: Some(own("/fallback")),
        status: Some(own("/status")),
        account: Account { sid: format!("AC{:032}", 0), token: None, signed_for: None },
    }
}

/// Plays a call on a node in this process, and takes what is left of it.
///
/// # Errors
/// When the node's store cannot be read.
pub async fn here(script: &Script, node: &InProcess, sid: &str) -> Result<(Played, Left), store::Error> {
    let played = replay::play(script, &line(), node, sid).await;
    let at = script.at.checked_add(played.ended.after).unwrap_or(script.at);
    let left = node.end(sid, at).await?;
    Ok((played, left))
}

/// A name that a file's call always has, so that two runs are the same.
pub fn sid(script: &Script) -> String {
    let hash = Sha256::digest(script.file.as_bytes());
    let hash: String = hash[..16].iter().map(|byte| format!("{byte:02x}")).collect();
    format!("CA{hash}")
}

/// Does one thing for each of so many, some at once: `start` makes what a job works with, `one` does the one at a place.
/// What came of each stands in its place.
///
/// # Errors
/// When a job cannot be set up.
pub fn each<W, T: Send, E: From<io::Error> + Send>(
    count: usize,
    jobs: Option<NonZero<usize>>,
    start: impl AsyncFn() -> Result<W, E> + Sync,
    one: impl AsyncFn(&W, usize) -> T + Sync,
) -> Result<Vec<T>, E> {
    let jobs = jobs.or_else(|| std::thread::available_parallelism().ok()).map_or(1, NonZero::get);
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<(usize, T)>> = Mutex::new(Vec::with_capacity(count));
    let job = || -> Result<(), E> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            let with = start().await?;
            loop {
                let at = next.fetch_add(1, Ordering::Relaxed);
                if at >= count {
                    return Ok(());
                }
                let one = one(&with, at).await;
                done.lock().unwrap_or_else(PoisonError::into_inner).push((at, one));
            }
        })
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..jobs.min(count)).map(|_| scope.spawn(job)).collect();
        let joined = threads.into_iter().map(|thread| thread.join().expect("a job does not panic"));
        joined.collect::<Result<(), _>>()
    })?;
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(at, _)| *at);
    Ok(done.into_iter().map(|(_, done)| done).collect())
}
