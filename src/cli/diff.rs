//! `hookswitch diff`: what changes for callers, in their terms.

mod calls;
mod draw;
mod handed_on;
mod marked;
mod revision;
mod side;
mod unloaded;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, IsTerminal, Write};
use std::num::NonZero;
use std::path::{Path, PathBuf};

use self::revision::RevisionError;
use self::side::{Side, SideError};
use self::unloaded::unloaded;
use super::{diagnostics, exit, settings};
use crate::engine::diag::{Diag, Severity};
use crate::engine::load::Loaded;
use crate::settings::Settings;
use crate::study::diff::{self, Diff};
use crate::web::flows::Sources;

/// Show what changes for callers between two versions of flows
///
/// OLD and NEW are flow files, folders of them, whole projects, or git revisions, with a path after a colon as git writes
/// it (`HEAD~1`, `main:flows/pickup.toml`). What exists as a path is a path. Exits with 0, whatever changes; with 1 if a
/// flow does not load on one side, which is shown first.
#[derive(Clone, Debug, clap::Args)]
pub struct DiffArgs {
    /// The old version
    old: String,
    /// The new version [default: the working folder]
    new: Option<String>,
    /// Only the flow of this name
    #[arg(long, value_name = "NAME")]
    flow: Option<String>,
    /// Play the calls of a folder on both, and list those that now differ
    #[arg(long, value_name = "DIR")]
    calls: Option<PathBuf>,
    /// How many calls are played at once [default: the number of processors]
    #[arg(long, value_name = "N", requires = "calls")]
    jobs: Option<NonZero<usize>>,
    /// How changes are reported
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    /// Exit with 1 if anything changes for callers
    #[arg(long)]
    exit_code: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// One line per change, with old and new words below
    Human,
    /// One object per line
    Json,
    /// A list, for the comment of a pull request
    Markdown,
}

/// What changes in one flow.
struct Compared {
    name: String,
    diff: Diff,
    /// Whether the two are written alike, byte for byte.
    is_same: bool,
}

/// Runs the subcommand and gives its exit code.
pub fn run(folder: &Path, arguments: &DiffArgs) -> u8 {
    let settings = match settings(folder) {
        Ok(settings) => settings,
        Err(code) => return code,
    };
    super::deep(|| told(arguments, &settings).unwrap_or_else(|code| code))
}

fn told(arguments: &DiffArgs, settings: &Settings) -> Result<u8, u8> {
    let read = |named: Option<&str>| Side::read(named, settings).map_err(|error| refuse(&error));
    let (mut old, mut new) = (read(Some(&arguments.old))?, read(arguments.new.as_deref())?);
    narrow(&mut old, &mut new, arguments)?;
    let faulty = faults(&old.sources) | faults(&new.sources);
    let shared = shared_name(&old, &new).map(str::to_owned);
    let unloaded = unloaded(&old, &new, shared.as_deref());
    let compared = compare(&old, &new, shared.as_deref());
    let texts = draw::Texts::new(&old.sources.texts, &new.sources.texts);
    let changes = compared
        .iter()
        .map(|compared| compared.diff.changes.len())
        .sum::<usize>();
    let mut out = draw::unloaded(&unloaded, arguments.format);
    if unloaded.is_empty() || compared.iter().any(|flow| !flow.is_same) {
        let colour = is_terminal(arguments);
        out.push_str(&draw::flows(&compared, arguments.format, &texts, colour));
    }
    let mut code = if faulty { exit::FAULTS } else { exit::WELL };
    let mut differ = changes > 0;
    if let Some(folder) = &arguments.calls {
        let compared = calls::Compared {
            diffs: compared
                .into_iter()
                .map(|compared| (compared.name, compared.diff))
                .collect(),
            unloaded: &unloaded,
        };
        let calls = calls::play(folder, arguments.jobs, old, new, &compared)?;
        out.push_str(&draw::calls(&calls, arguments.format));
        differ |= calls.differ() > 0;
        if !calls.faulty.is_empty() {
            code = exit::FAULTS;
        }
    }
    match io::stdout().lock().write_all(out.as_bytes()) {
        // A reader that stops early, such as `head`, has what it wants.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            eprintln!("error: {error}");
            Err(exit::SURROUNDINGS)
        }
        _ if arguments.exit_code && differ => Ok(exit::FAULTS),
        _ => Ok(code),
    }
}

fn is_terminal(arguments: &DiffArgs) -> bool {
    arguments.format == Format::Human && io::stdout().is_terminal()
}

fn refuse(error: &SideError) -> u8 {
    eprintln!("error: {error}");
    let help = match error {
        SideError::Revision(RevisionError::Unknown(..)) => {
            "`git log --oneline` lists revisions; in a shallow clone, fetch the one you mean first"
        }
        SideError::Revision(RevisionError::NoGit(_)) => "install git, or name two folders instead",
        SideError::Revision(RevisionError::Outside(_)) => "run it in the folder of the project",
        SideError::Empty(_) => {
            "name a flow file, a folder of them, or a project with such a folder"
        }
        _ => return exit::SURROUNDINGS,
    };
    eprintln!("help: {help}");
    exit::SURROUNDINGS
}

/// Leaves the flows that are compared: those of a name, or the one of a file.
fn narrow(old: &mut Side, new: &mut Side, arguments: &DiffArgs) -> Result<(), u8> {
    let only = |side: &Side| {
        side.sources
            .flows
            .first()
            .map(|flow| flow.name.clone())
            .filter(|_| side.is_file)
    };
    let (was, is) = (only(old), only(new));
    match (was, is) {
        (Some(_), Some(_)) => return Ok(()),
        (Some(name), None) => new.sources.flows.retain(|flow| flow.name == name),
        (None, Some(name)) => old.sources.flows.retain(|flow| flow.name == name),
        (None, None) => {}
    }
    let Some(name) = &arguments.flow else {
        return Ok(());
    };
    old.sources.flows.retain(|flow| flow.name == *name);
    new.sources.flows.retain(|flow| flow.name == *name);
    if old.sources.flows.is_empty() && new.sources.flows.is_empty() {
        eprintln!(
            "error: no flow named `{name}` on either side\nhelp: leave out `--flow` to see all of them"
        );
        return Err(exit::SURROUNDINGS);
    }
    Ok(())
}

/// Reports what keeps flows from being compared; whether there was any.
fn faults(sources: &Sources) -> bool {
    let of_flows: Vec<&Diag> = sources
        .flows
        .iter()
        .filter_map(|flow| flow.loaded.as_ref().err())
        .flatten()
        .collect();
    let mut errors: Vec<Diag> = Vec::new();
    for diag in sources
        .faults
        .iter()
        .chain(of_flows.iter().copied())
        .filter(|diag| diag.severity == Severity::Error)
    {
        if !errors.contains(diag) {
            errors.push(diag.clone());
        }
    }
    eprint!("{}", diagnostics::draw(&errors, &sources.texts, false));
    !of_flows.is_empty()
}

/// Flows by their names; nothing where one is faulty.
type ByName<'a> = BTreeMap<&'a str, Option<&'a Loaded>>;

/// The flows of a side, under the name that they share with those of the other where each is one file.
fn by_name<'a>(side: &'a Side, shared: Option<&'a str>) -> ByName<'a> {
    let flows = side.sources.flows.iter();
    flows
        .map(|flow| (shared.unwrap_or(&flow.name), flow.loaded.as_ref().ok()))
        .collect()
}

/// The one name of two files, whatever they are called.
fn shared_name<'a>(old: &Side, new: &'a Side) -> Option<&'a str> {
    let first = new.sources.flows.first();
    first
        .filter(|_| old.is_file && new.is_file)
        .map(|flow| flow.name.as_str())
}

/// Compares flows of one name, and two files whatever they are called.
fn compare(old: &Side, new: &Side, shared: Option<&str>) -> Vec<Compared> {
    let (before, now) = (by_name(old, shared), by_name(new, shared));
    let names: BTreeSet<&str> = before.keys().chain(now.keys()).copied().collect();
    let pair = |name: &str| {
        let diff = match (before.get(name), now.get(name)) {
            (Some(Some(old)), Some(Some(new))) => diff::diff(old, new),
            (Some(Some(old)), None) => Diff {
                changes: vec![diff::only(old, true)],
                ..Diff::default()
            },
            (None, Some(Some(new))) => Diff {
                changes: vec![diff::only(new, false)],
                ..Diff::default()
            },
            _ => return None,
        };
        let prints = |side: &ByName<'_>| side.get(name)?.map(|flow| flow.flow.fingerprint);
        Some(Compared {
            name: name.to_owned(),
            diff,
            is_same: prints(&before) == prints(&now),
        })
    };
    names.into_iter().filter_map(pair).collect()
}
