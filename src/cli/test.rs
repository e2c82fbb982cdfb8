//! `hookswitch test`: plays test calls, and compares what happens with what they say.

mod cover;
pub(super) mod draw;
pub(super) mod files;
mod job;
mod junit;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use secrecy::SecretString;

use super::method::VoiceMethod;
use super::{diagnostics, exit, stage};
use crate::engine::diag::Severity;
use crate::phone::Account;
use crate::replay::Destination;
use crate::web::flows::{Directory, Flows, Folders};
use crate::web::in_process::Coverage;

use job::{FileResult, TestOutcome};

/// Play test calls, and report where they go another way
///
/// Without --url everything runs in this process, against the flows of the folder: no server, no store, no network, and
/// time jumps. Exit codes: 0 all calls went as written, 1 some did not or cannot be read as a call, 2 usage, 3 no such
/// file, or no server.
#[derive(Debug, Args)]
pub struct TestArgs {
    /// Files of calls, or folders of them
    #[arg(default_value = "tests/calls")]
    paths: Vec<PathBuf>,
    /// Only files whose path contains this text
    #[arg(long, value_name = "TEXT")]
    filter: Option<String>,
    /// How many calls are played at once [default: the number of processors]
    #[arg(long, value_name = "N")]
    jobs: Option<std::num::NonZero<usize>>,
    /// Write what was heard into each `hears` that differs
    #[arg(long)]
    bless: bool,
    /// Write the results as JUnit XML
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// The flows' folder [default: that of the settings]
    #[arg(long, value_name = "FOLDER")]
    flows: Option<PathBuf>,
    /// The audio manifest's folder [default: that of the settings]
    #[arg(long, value_name = "FOLDER")]
    audio: Option<PathBuf>,
    /// List the steps and edges of each flow that no call took
    #[arg(long)]
    coverage: bool,
    /// Fail if the calls take less of some flow
    #[arg(long, value_name = "PERCENT", requires = "coverage", value_parser = clap::value_parser!(u8).range(0..=100))]
    coverage_limit: Option<u8>,
    /// Write what the calls took, as JSON
    #[arg(long, value_name = "FILE")]
    coverage_json: Option<PathBuf>,
    /// Play the calls against a server; `{flow}` in the URL stands for the flow's name. What is submitted is not seen then
    #[arg(long, value_name = "URL", conflicts_with_all = ["coverage", "coverage_json", "flows", "audio"])]
    url: Option<String>,
    /// The method of the first request to the URL
    #[arg(long, value_enum, ignore_case = true, default_value_t = VoiceMethod::Post, requires = "url")]
    method: VoiceMethod,
    /// The server's fallback URL
    #[arg(long, value_name = "URL", requires = "url")]
    fallback: Option<String>,
    /// The server's URL for status callbacks
    #[arg(long, value_name = "URL", requires = "url")]
    status: Option<String>,
    /// The auth token that requests to the server are signed with
    #[arg(long, value_name = "TOKEN", requires = "url")]
    token: Option<SecretString>,
    /// The URL that signatures are made for, if the server is known by another
    #[arg(long, value_name = "URL", requires = "token")]
    public_url: Option<String>,
}

/// Where the calls are played.
enum Ground {
    /// In this process.
    Here(Arc<Flows>),
    /// At a server.
    There,
}

/// Plays the calls; the exit code.
pub fn run(config: &Path, arguments: &TestArgs) -> u8 {
    let result = play(config, arguments);
    result.unwrap_or_else(|code| code)
}

fn play(config: &Path, arguments: &TestArgs) -> Result<u8, u8> {
    let files = files::find(&arguments.paths, arguments.filter.as_deref())?;
    let (ground, flows_well) = ground(config, arguments)?;
    let coverage = (arguments.coverage || arguments.coverage_json.is_some())
        .then(|| Arc::new(Coverage::default()));
    let line = line(arguments);
    let plan = job::TestRun {
        files: &files,
        ground: &ground,
        line: &line,
        coverage: coverage.as_ref(),
        bless: arguments.bless,
    };
    let done = job::play_all(&plan, arguments.jobs).map_err(|error| {
        eprintln!("{error}");
        exit::SURROUNDINGS
    })?;
    print!("{}", crate::telemetry::plain(&draw::results(&done)));
    if let Some(file) = &arguments.junit {
        write(file, &junit::document(&done))?;
    }
    let mut code = exit_code(&done);
    if let (Some(coverage), Ground::Here(flows)) = (&coverage, &ground) {
        code = code.max(cover::tell(&coverage.of(flows), arguments)?);
    }
    println!("{}", draw::count(&done));
    Ok(if flows_well {
        code
    } else {
        code.max(exit::FAULTS)
    })
}

/// What the calls are played on, and whether every flow is in service.
fn ground(config: &Path, arguments: &TestArgs) -> Result<(Ground, bool), u8> {
    if arguments.url.is_some() {
        return Ok((Ground::There, true));
    }
    let (flows, audio, hours) = match (&arguments.flows, &arguments.audio) {
        // Nothing of the settings is asked for, which may not be right.
        (Some(flows), Some(audio)) => (flows.clone(), audio.clone(), config.join("hours")),
        (flows, audio) => {
            let settings = super::settings(config)?;
            (
                flows.clone().unwrap_or(settings.flows.dir),
                audio.clone().unwrap_or(settings.audio.dir),
                settings.hours.dir,
            )
        }
    };
    let (flows, report) = Flows::open(Folders {
        flows,
        audio,
        hours,
        backends: None,
        prices: None,
        directory: Directory::default(),
    });
    let errors: Vec<_> = report
        .sources
        .faults
        .into_iter()
        .filter(|diag| diag.severity == Severity::Error)
        .collect();
    eprint!(
        "{}",
        diagnostics::draw(&errors, &report.sources.texts, false)
    );
    if report.sources.is_partial {
        return Err(exit::SURROUNDINGS);
    }
    Ok((Ground::Here(Arc::new(flows)), errors.is_empty()))
}

fn line(arguments: &TestArgs) -> Destination {
    let here = stage::line();
    let Some(url) = &arguments.url else {
        return here;
    };
    Destination {
        url: url.clone(),
        method: arguments.method.into(),
        fallback: arguments.fallback.clone(),
        status: arguments.status.clone(),
        account: Account {
            token: arguments.token.clone(),
            signed_for: arguments.public_url.clone(),
            ..here.account
        },
    }
}

fn exit_code(done: &[FileResult]) -> u8 {
    let code = |done: &FileResult| match &done.outcome {
        TestOutcome::Passed | TestOutcome::Blessed => exit::WELL,
        TestOutcome::Failed(_) | TestOutcome::Faulty(_) => exit::FAULTS,
        TestOutcome::Broken(_) => exit::SURROUNDINGS,
    };
    done.iter().map(code).max().unwrap_or(exit::WELL)
}

fn write(file: &Path, text: &str) -> Result<(), u8> {
    std::fs::write(file, text).map_err(|error| {
        eprintln!("{} cannot be written: {error}", file.display());
        exit::SURROUNDINGS
    })
}
