//! Plays the files, some at once.

use std::num::NonZero;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::Ground;
use super::files::read;
use crate::cli::stage::{self, StageError};
use crate::engine::diag::{Diag, nearest};
use crate::phone::{EndedBy, Http};
use crate::replay::{self, AfterCall, Destination, Failure, Played, Script};
use crate::web::InProcess;
use crate::web::flows::Flows;
use crate::web::in_process::Coverage;
use crate::written::{Code, Explain};

/// What is to be played, and where.
pub struct TestRun<'a> {
    pub files: &'a [String],
    pub ground: &'a Ground,
    /// Where calls are placed that are played at a server.
    pub line: &'a Destination,
    /// Who notes what they take.
    pub coverage: Option<&'a Arc<Coverage>>,
    /// Whether what was heard is written into the files.
    pub bless: bool,
}

pub struct FileResult {
    pub file: String,
    /// Its text, if it could be read.
    pub source: String,
    /// The flow that it calls, if it could be read as a call.
    pub flow: String,
    /// What came of it.
    pub outcome: TestOutcome,
    /// How long it took.
    pub took: Duration,
}

/// What came of a file.
pub enum TestOutcome {
    /// The call went as written.
    Passed,
    /// What was heard was written into the file; all else was as written.
    Blessed,
    Failed(Vec<Failure>),
    /// The file cannot be read as a call.
    Faulty(Vec<Diag>),
    /// The surroundings are at fault: the file, the server.
    Broken(String),
}

/// Plays all files, in this many jobs; their results, in order.
///
/// # Errors
/// When a job cannot be set up.
pub fn play_all(
    plan: &TestRun<'_>,
    jobs: Option<NonZero<usize>>,
) -> Result<Vec<FileResult>, StageError> {
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
    async fn start(plan: &TestRun<'a>) -> Result<Self, StageError> {
        Ok(match plan.ground {
            Ground::Here(flows) => Self::Here(
                InProcess::start(flows.clone(), plan.coverage.cloned()).await?,
                flows,
            ),
            Ground::There => Self::There(Http::new()),
        })
    }
}

async fn play_file(file: &str, plan: &TestRun<'_>, wire: &Wire<'_>) -> FileResult {
    let began = Instant::now();
    let mut done = FileResult {
        file: file.to_owned(),
        source: String::new(),
        flow: String::new(),
        outcome: TestOutcome::Passed,
        took: Duration::ZERO,
    };
    match read(Path::new(file)) {
        Err(error) => done.outcome = TestOutcome::Broken(format!("cannot be read: {error}")),
        Ok(source) => {
            done.source.clone_from(&source);
            match replay::read(&Arc::from(file), source) {
                Err(diags) => done.outcome = TestOutcome::Faulty(diags),
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

async fn here(script: &Script, plan: &TestRun<'_>, node: &InProcess, flows: &Flows) -> TestOutcome {
    if flows.by_name(&script.flow).is_none() {
        return TestOutcome::Faulty(vec![no_flow(script, flows)]);
    }
    match stage::play(script, node, &stage::sid(script)).await {
        Ok((played, left)) => judge(script, &played, Some(&left), plan.bless),
        Err(error) => TestOutcome::Broken(error.to_string()),
    }
}

async fn there(script: &Script, plan: &TestRun<'_>, http: &Http) -> TestOutcome {
    let sid = format!("CA{:016x}{:016x}", random(), random());
    let played = replay::play(script, plan.line, http, &sid).await;
    // Nobody there: that says nothing about the call.
    let unreached = played
        .stretches
        .iter()
        .all(|stretch| stretch.answer.is_empty());
    if let (true, EndedBy::Fault(notice)) = (unreached, &played.ended.by) {
        return TestOutcome::Broken(format!(
            "the call could not begin: {} ({})",
            notice.message, notice.url
        ));
    }
    judge(script, &played, None, plan.bless)
}

fn judge(script: &Script, played: &Played, left: Option<&AfterCall>, bless: bool) -> TestOutcome {
    let mut failures = replay::judge(script, played, left);
    if failures.is_empty() {
        return TestOutcome::Passed;
    }
    if bless && let Some(text) = replay::bless(script, played) {
        if let Err(error) = std::fs::write(&*script.file, text) {
            return TestOutcome::Broken(format!("cannot be written: {error}"));
        }
        failures.retain(|failure| failure.difference.is_none());
        if failures.is_empty() {
            return TestOutcome::Blessed;
        }
    }
    TestOutcome::Failed(failures)
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
