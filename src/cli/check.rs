//! `hookswitch check`: every fault of flows, their prompts and the ways through them, before a caller hears it.

mod annotate;
mod calls;
mod sarif;
mod time;

use std::collections::{BTreeMap, HashSet};
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

use serde_json::json;

use super::{diagnostics, exit, settings};
use crate::engine::diag::{Diag, Severity, line_and_column, nearest};
use crate::settings::{FaultLevel, Settings};
use crate::web::flows::{Folders, Sources, read_folder, read_paths};
use crate::written::Code;

/// Find every fault of flows before a caller hears it
///
/// Exits with 0 if there are none, or only warnings and notes; with 1 if there are errors.
#[derive(Clone, Debug, clap::Args)]
pub struct CheckArgs {
    /// Flow files, or folders of them [default: the folder of the settings]
    paths: Vec<PathBuf>,
    /// How faults are reported
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    /// Explain a code instead, or list all with `all`
    #[arg(long, value_name = "CODE", conflicts_with_all = ["paths", "calls"])]
    explain: Option<String>,
    /// Write the shortest call that shows each fault of a way as a test file into this folder
    #[arg(long, value_name = "DIR")]
    calls: Option<PathBuf>,
    /// Also report how long calls take: the shortest, a typical and the longest one, the first key, the fullest menu
    #[arg(long, conflicts_with = "explain")]
    time: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// The line, a caret, and a way out
    Human,
    /// One object per line
    Json,
    /// Annotations of a pull request on GitHub
    Github,
    /// SARIF 2.1.0
    Sarif,
}

/// A fault with line and column, counted from 1.
struct PlacedDiag<'a> {
    diag: &'a Diag,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
}

/// Runs the subcommand and gives its exit code.
pub fn run(folder: &Path, arguments: &CheckArgs) -> u8 {
    if let Some(code) = &arguments.explain {
        return explain(code);
    }
    if arguments.time && !matches!(arguments.format, Format::Human | Format::Json) {
        eprintln!(
            "error: --time is reported for people and as JSON\nhelp: leave `--format` out, or write `--format json`"
        );
        return exit::USAGE;
    }
    let settings = match settings(folder) {
        Ok(settings) => settings,
        Err(code) => return code,
    };
    if let Err(message) = levels_known(&settings.levels) {
        eprintln!("{message}");
        return exit::USAGE;
    }
    super::deep(|| check(&settings, arguments))
}

fn explain(code: &str) -> u8 {
    let page = Code::named(code).and_then(Code::page);
    let text = match page {
        Some(page) => page.to_owned(),
        None if code == "all" => Code::of_flows().map(|code| format!("{code}\n")).collect(),
        None => {
            let near = nearest(code, Code::of_flows().map(Code::name));
            let help = near.map_or_else(
                || "`--explain all` lists them".to_owned(),
                |near| format!("did you mean `{near}`?"),
            );
            eprintln!("error: no code named `{code}`\nhelp: {help}");
            return exit::USAGE;
        }
    };
    print(text.trim_end());
    exit::WELL
}

fn levels_known(levels: &BTreeMap<String, FaultLevel>) -> Result<(), String> {
    for (code, level) in levels {
        let Some(known) = Code::of_flows().find(|known| known.name() == code) else {
            let near = nearest(code, Code::of_flows().map(Code::name));
            let help = near.map_or_else(
                || "`check --explain all` lists them".to_owned(),
                |near| format!("did you mean `{near}`?"),
            );
            return Err(format!(
                "error: check.levels.{code}: no such code\nhelp: {help}"
            ));
        };
        if known.keeps_out() && *level != FaultLevel::Deny {
            return Err(format!(
                "error: check.levels.{code}: a flow with this fault cannot go into service\nhelp: remove the line, and fix the flow"
            ));
        }
    }
    Ok(())
}

fn check(settings: &Settings, arguments: &CheckArgs) -> u8 {
    let folders = Folders::of(settings);
    let sources = if arguments.paths.is_empty() {
        // A folder that is not there is no fault of a flow.
        if let Err(error) = std::fs::read_dir(&folders.flows) {
            eprintln!("error: {}: {error}", folders.flows.display());
            return exit::SURROUNDINGS;
        }
        read_folder(&folders)
    } else {
        match read_paths(&folders, &arguments.paths) {
            Ok(sources) => sources,
            Err((path, error)) => {
                eprintln!("error: {}: {error}", path.display());
                return exit::SURROUNDINGS;
            }
        }
    };
    let count = sources.flows.len();
    if count == 0 && sources.faults.is_empty() {
        eprintln!("{}", no_flows(&folders, arguments));
        return exit::FAULTS;
    }
    let found = faults(&sources, &settings.levels);
    let printed = tell(arguments.format, &found, &sources, count).and_then(|()| {
        match (arguments.time, arguments.format) {
            (false, _) => Ok(()),
            (true, Format::Json) => {
                time::objects(&mut io::stdout().lock(), &sources, folders.prices.as_ref())
            }
            (true, _) => time::draw(&mut io::stdout().lock(), &sources, folders.prices.as_ref()),
        }
    });
    if let Some(folder) = &arguments.calls {
        match calls::write(folder, &found, &sources) {
            Ok(0) => {}
            Ok(count) => eprintln!("{}", left_out(count)),
            Err(error) => {
                eprintln!("error: {}: {error}", folder.display());
                return exit::SURROUNDINGS;
            }
        }
    }
    match printed {
        // Whoever reads has heard enough.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            eprintln!("error: {error}");
            exit::SURROUNDINGS
        }
        _ if found.iter().any(|diag| diag.severity == Severity::Error) => exit::FAULTS,
        _ => exit::WELL,
    }
}

fn no_flows(folders: &Folders, arguments: &CheckArgs) -> String {
    let folder = arguments.paths.first().unwrap_or(&folders.flows);
    format!(
        "error: {}: no flow is here\nhelp: a flow is a file such as `welcome.toml`; `hookswitch new` writes one to begin with",
        folder.display()
    )
}

/// All faults, with the severity that the settings give them, in the order of the files.
fn faults(sources: &Sources, levels: &BTreeMap<String, FaultLevel>) -> Vec<Diag> {
    let of_flows = sources.flows.iter().flat_map(|flow| match &flow.loaded {
        Ok(loaded) => &loaded.warnings,
        Err(faults) => faults,
    });
    let (mut all, mut seen) = (Vec::new(), HashSet::new());
    for diag in sources.faults.iter().chain(of_flows) {
        let mut diag = diag.clone();
        match levels.get(diag.code.name()) {
            Some(FaultLevel::Allow) => continue,
            Some(FaultLevel::Note) => diag.severity = Severity::Note,
            // What no call was found for stays a note.
            _ if diag.severity == Severity::Note => {}
            Some(FaultLevel::Warn) => diag.severity = Severity::Warning,
            Some(FaultLevel::Deny) => diag.severity = Severity::Error,
            None => {}
        }
        // A fault of a manifest's prompt is found by every flow that uses it.
        let key = (
            diag.at.file.clone(),
            diag.at.span.start,
            diag.at.span.end,
            diag.code,
            diag.message.clone(),
        );
        if seen.insert(key) {
            all.push(diag);
        }
    }
    all
}

fn tell(format: Format, found: &[Diag], sources: &Sources, flows: usize) -> io::Result<()> {
    let mut out = io::stdout().lock();
    let placed = || found.iter().map(|diag| place(diag, sources));
    match format {
        Format::Human => {
            let drawn = diagnostics::draw(found, &sources.texts, out.is_terminal());
            writeln!(out, "{drawn}{}", summary(found, flows))
        }
        Format::Json => placed().try_for_each(|placed| {
            let PlacedDiag {
                diag, line, column, ..
            } = placed;
            let object = json!({
                "code": diag.code.name(),
                "severity": severity(diag),
                "file": &*diag.at.file,
                "line": line,
                "column": column,
                "message": diag.message,
                "help": diag.help,
            });
            writeln!(out, "{object}")
        }),
        Format::Github => {
            placed().try_for_each(|placed| writeln!(out, "{}", annotate::command(&placed)))
        }
        Format::Sarif => writeln!(out, "{:#}", sarif::log(placed())),
    }
}

fn severity(diag: &Diag) -> &'static str {
    match diag.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

fn place<'a>(diag: &'a Diag, sources: &Sources) -> PlacedDiag<'a> {
    let text = sources
        .texts
        .get(&diag.at.file)
        .map(String::as_str)
        .unwrap_or_default();
    let (line, column) = line_and_column(text, diag.at.span.start);
    let (end_line, end_column) = line_and_column(text, diag.at.span.end.max(diag.at.span.start));
    PlacedDiag {
        diag,
        line,
        column,
        end_line,
        end_column,
    }
}

fn summary(found: &[Diag], flows: usize) -> String {
    let count = |number: usize, what: &str| {
        format!("{number} {what}{}", if number == 1 { "" } else { "s" })
    };
    let of = |severity| {
        found
            .iter()
            .filter(|diag| diag.severity == severity)
            .count()
    };
    let notes = match of(Severity::Note) {
        0 => String::new(),
        notes => format!(", {}", count(notes, "note")),
    };
    format!(
        "{}: {}, {}{notes}",
        count(flows, "flow"),
        count(of(Severity::Error), "error"),
        count(of(Severity::Warning), "warning")
    )
}

/// What is reported of faults that no file shows.
fn left_out(count: usize) -> String {
    let faults = if count == 1 {
        "1 fault has".to_owned()
    } else {
        format!("{count} faults have")
    };
    format!(
        "{faults} no file: only an error of the carrier, or a number that a test cannot know, would show it"
    )
}

fn print(text: &str) {
    let _ = writeln!(io::stdout(), "{text}");
}
