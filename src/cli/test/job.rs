//! Plays the files, some at once: a thread with a node and a runtime of its own for each job.

use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};

use super::Ground;
use crate::audio::read_bounded;
use crate::engine::diag::{Diag, nearest};
use crate::phone::{By, Http};
use crate::replay::{self, Failure, Line, Played, Script};
use crate::store;
use crate::web::InProcess;
use crate::web::flows::Flows;
use crate::web::in_process::{self, Coverage, Sent};

/// What is to be played, and where.
pub struct Plan<'a> {
    /// The files.
    pub files: &'a [String],
    /// Where.
    pub ground: &'a Ground,
    /// Where calls are placed.
    pub line: &'a Line,
    /// Who notes what they take.
    pub coverage: Option<&'a Arc<Coverage>>,
    /// Whether what was heard is written into the files.
    pub bless: bool,
}

/// A file, done.
pub struct Done {
    /// The file.
    pub file: String,
    /// Its text, if it could be read.
    pub source: String,
    /// The flow that it calls, if it could be read as a call.
    pub flow: String,
    /// What came of it.
    pub outcome: Outcome,
    /// How long it took.
    pub took: Duration,
}

/// What came of a file.
pub enum Outcome {
    /// The call went as written.
    Passed,
    /// What was heard was written into the file; all else was as written.
    Blessed,
    /// It did not.
    Failed(Vec<Failure>),
    /// The file cannot be read as a call.
    Faulty(Vec<Diag>),
    /// The surroundings are at fault: the file, the server.
    Broken(String),
}

/// Why nothing could be played.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A thread's runtime.
    #[error("a job cannot be started: {0}")]
    Runtime(#[from] std::io::Error),
    /// The node in this process.
    #[error("{0}")]
    Node(#[from] in_process::Error),
}

/// Plays all files, in so many jobs; what came of each, in their order.
///
/// # Errors
/// When a job cannot be set up.
pub fn play_all(plan: &Plan<'_>, jobs: usize) -> Result<Vec<Done>, Error> {
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<(usize, Done)>> = Mutex::new(Vec::with_capacity(plan.files.len()));
    let job = || -> Result<(), Error> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            let wire = Wire::start(plan).await?;
            loop {
                let at = next.fetch_add(1, Ordering::Relaxed);
                let Some(file) = plan.files.get(at) else { return Ok(()) };
                let one = play_file(file, plan, &wire).await;
                done.lock().unwrap_or_else(PoisonError::into_inner).push((at, one));
            }
        })
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..jobs.min(plan.files.len())).map(|_| scope.spawn(job)).collect();
        let joined = threads.into_iter().map(|thread| thread.join().expect("a job does not panic"));
        joined.collect::<Result<(), _>>()
    })?;
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(at, _)| *at);
    Ok(done.into_iter().map(|(_, done)| done).collect())
}

/// How a job asks.
enum Wire<'a> {
    Here(InProcess, &'a Flows),
    There(Http),
}

impl<'a> Wire<'a> {
    async fn start(plan: &Plan<'a>) -> Result<Self, Error> {
        Ok(match plan.ground {
            Ground::Here(flows) => Self::Here(InProcess::start(flows.clone(), plan.coverage.cloned()).await?, flows),
            Ground::There => Self::There(Http::new()),
        })
    }
}

async fn play_file(file: &str, plan: &Plan<'_>, wire: &Wire<'_>) -> Done {
    let began = Instant::now();
    let mut done = Done {
        file: file.to_owned(),
        source: String::new(),
        flow: String::new(),
        outcome: Outcome::Passed,
        took: Duration::ZERO,
    };
    let text = read_bounded(Path::new(file)).and_then(|bytes| String::from_utf8(bytes).map_err(io::Error::other));
    match text {
        Err(error) => done.outcome = Outcome::Broken(format!("cannot be read: {error}")),
        Ok(source) => {
            done.source.clone_from(&source);
            match replay::read(&Arc::from(file), source) {
                Err(diags) => done.outcome = Outcome::Faulty(diags),
                Ok(script) => {
                    done.flow.clone_from(&script.flow);
                    done.outcome = match wire {
                        Wire::Here(node, flows) => here(&script, plan, node, flows).await,
                        Wire::There(http) => there(&script, plan, http).await,
                    };
                }
            }
        }
    }
    done.took = began.elapsed();
    done
}

async fn here(script: &Script, plan: &Plan<'_>, node: &InProcess, flows: &Flows) -> Outcome {
    if flows.by_name(&script.flow).is_none() {
        return Outcome::Faulty(vec![no_flow(script, flows)]);
    }
    let sid = sid(script);
    let played = replay::play(script, plan.line, node, &sid).await;
    let at = script.at.checked_add(played.ended.after).unwrap_or(script.at);
    match node.end(&sid, at).await {
        Ok(sent) => judge(script, &played, Some(sent), plan.bless),
        Err(error) => broken(&error),
    }
}

async fn there(script: &Script, plan: &Plan<'_>, http: &Http) -> Outcome {
    let sid = format!("CA{:016x}{:016x}", random(), random());
    let played = replay::play(script, plan.line, http, &sid).await;
    // Nobody there: that says nothing about the call.
    let unreached = played.stretches.iter().all(|stretch| stretch.answer.is_empty());
    if let (true, By::Fault(notice)) = (unreached, &played.ended.by) {
        return Outcome::Broken(format!("the call could not begin: {} ({})", notice.message, notice.url));
    }
    judge(script, &played, None, plan.bless)
}

fn judge(script: &Script, played: &Played, sent: Option<Vec<Sent>>, bless: bool) -> Outcome {
    let sent = sent.map(|sent| sent.into_iter().map(|sent| (sent.backend, sent.body)).collect::<Vec<_>>());
    let mut failures = replay::judge(script, played, sent.as_deref());
    if failures.is_empty() {
        return Outcome::Passed;
    }
    if bless && let Some(text) = replay::bless(script, played) {
        if let Err(error) = std::fs::write(&*script.file, text) {
            return Outcome::Broken(format!("cannot be written: {error}"));
        }
        failures.retain(|failure| failure.difference.is_none());
        if failures.is_empty() {
            return Outcome::Blessed;
        }
    }
    Outcome::Failed(failures)
}

fn broken(error: &store::Error) -> Outcome {
    Outcome::Broken(error.to_string())
}

fn no_flow(script: &Script, flows: &Flows) -> Diag {
    let current = flows.current();
    let diag = script.fault("flow-unknown", script.top(), format!("no flow named `{}` is in service", script.flow));
    match nearest(&script.flow, current.by_name.keys().map(String::as_str)) {
        Some(near) => diag.help(format!("did you mean `{near}`?")),
        None => diag.help(format!("there are {}", current.by_name.keys().cloned().collect::<Vec<_>>().join(", "))),
    }
}

/// A name that a file's call always has, so that two runs are the same.
fn sid(script: &Script) -> String {
    let hash = Sha256::digest(script.file.as_bytes());
    let hash: String = hash[..16].iter().map(|byte| format!("{byte:02x}")).collect();
    format!("CA{hash}")
}

fn random() -> u64 {
    getrandom::u64().unwrap_or_else(|_| u64::from(std::process::id()))
}
