//! Plays the files, some at once.

use std::num::NonZero;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::Ground;
use super::files::read;
use crate::cli::stage::{self, Error};
use crate::engine::diag::{Diag, nearest};
use crate::phone::{By, Http};
use crate::replay::{self, Failure, Left, Line, Played, Script};
use crate::web::InProcess;
use crate::web::flows::Flows;
use crate::web::in_process::Coverage;
use crate::written::{Code, Explain};

/// What is to be played, and where.
pub struct Plan<'a> {
    /// The files.
    pub files: &'a [String],
    /// Where.
    pub ground: &'a Ground,
    /// Where calls are placed that are played at a server.
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

/// Plays all files, in so many jobs; what came of each, in their order.
///
/// # Errors
/// When a job cannot be set up.
pub fn play_all(plan: &Plan<'_>, jobs: Option<NonZero<usize>>) -> Result<Vec<Done>, Error> {
    let one = async |wire: &Wire<'_>, at: usize| play_file(&plan.files[at], plan, wire).await;
    stage::each(
        plan.files.len(),
        jobs,
        async || Wire::start(plan).await,
        one,
    )
}

/// How a job asks.
enum Wire<'a> {
    Here(InProcess, &'a Flows),
    There(Http),
}

impl<'a> Wire<'a> {
    async fn start(plan: &Plan<'a>) -> Result<Self, Error> {
        Ok(match plan.ground {
            Ground::Here(flows) => Self::Here(
                InProcess::start(flows.clone(), plan.coverage.cloned()).await?,
                flows,
            ),
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
    match read(Path::new(file)) {
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
    match stage::play(script, node, &stage::sid(script)).await {
        Ok((played, left)) => judge(script, &played, Some(&left), plan.bless),
        Err(error) => Outcome::Broken(error.to_string()),
    }
}

async fn there(script: &Script, plan: &Plan<'_>, http: &Http) -> Outcome {
    let sid = format!("CA{:016x}{:016x}", random(), random());
    let played = replay::play(script, plan.line, http, &sid).await;
    // Nobody there: that says nothing about the call.
    let unreached = played
        .stretches
        .iter()
        .all(|stretch| stretch.answer.is_empty());
    if let (true, By::Fault(notice)) = (unreached, &played.ended.by) {
        return Outcome::Broken(format!(
            "the call could not begin: {} ({})",
            notice.message, notice.url
        ));
    }
    judge(script, &played, None, plan.bless)
}

fn judge(script: &Script, played: &Played, left: Option<&Left>, bless: bool) -> Outcome {
    let mut failures = replay::judge(script, played, left);
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

fn no_flow(script: &Script, flows: &Flows) -> Diag {
    let current = flows.current();
    let diag = script.fault(
        Code::FlowUnknown,
        script.top(),
        format!("no flow named `{}` is in service", script.flow),
    );
    match nearest(&script.flow, current.by_name.keys().map(String::as_str)) {
        Some(near) => diag.help(format!("did you mean `{near}`?")),
        None => diag.help(format!(
            "there are {}",
            current
                .by_name
                .keys()
                .cloned()
                .collect::<Vec<_>>()
                .join(", ")
        )),
    }
}

fn random() -> u64 {
    getrandom::u64().unwrap_or_else(|_| u64::from(std::process::id()))
}
