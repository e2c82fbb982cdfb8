//! `hookswitch import`: what others wrote, as ours.

mod parity;
mod studio;

use std::collections::HashSet;
use std::fmt::Display;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::calls::export::{Written, write};
use super::exit;
use crate::import::webhooks::{self, Imported, InvalidLog, Log};
use crate::settings::Settings;
use crate::study::Draft;
use crate::web::flows::{FlowVersion, Flows, Folders};

/// Make flows and test calls of what other systems wrote
#[derive(Debug, clap::Args)]
pub struct ImportArgs {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    Studio(studio::StudioArgs),
    /// A log of webhooks: HAR, ngrok's inspector, Twilio's Events.json, events of AWS Lambda, or forms as JSON
    ///
    /// Forms as JSON are a list, or one object per line: each the form of a request, or an object with `form` and `path`.
    /// Each call becomes a test file, and no file is overwritten. Numbers are replaced by fictional ones, and an entry that the
    /// flow calls sensitive by another that goes the same way. What is heard is what the flow says today.
    Webhooks {
        /// The log
        file: PathBuf,
        /// The flow of all calls [default: the one in each path, else the one that serves the number]
        #[arg(long, value_name = "FLOW")]
        flow: Option<String>,
        /// The folder that the files are written into
        #[arg(long, value_name = "FOLDER", default_value = "tests/calls")]
        output: PathBuf,
    },
}

/// What is read at once of a log.
const READ_AT_ONCE: usize = 256 * 1024;

/// Imports; the exit code.
pub fn run(config: &Path, arguments: &ImportArgs) -> u8 {
    let (file, flow, output) = match &arguments.what {
        What::Studio(arguments) => return studio::run(config, arguments),
        What::Webhooks { file, flow, output } => (file, flow, output),
    };
    let settings = match super::settings(config) {
        Ok(settings) => settings,
        Err(code) => return code,
    };
    let log = File::open(file).map_err(InvalidLog::Read);
    let log = match log.and_then(|log| webhooks::read(BufReader::with_capacity(READ_AT_ONCE, log)))
    {
        Ok(log) => log,
        Err(error) => {
            eprintln!("error: {}: {error}", file.display());
            return if matches!(error, InvalidLog::Read(_)) {
                exit::SURROUNDINGS
            } else {
                exit::FAULTS
            };
        }
    };
    let code = if tell(file, &log) {
        exit::WELL
    } else {
        exit::FAULTS
    };
    let runtime = match tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("error: {error}");
            return exit::SURROUNDINGS;
        }
    };
    let (flows, written) = (flows(&settings), HashSet::new());
    let mut import = Import {
        settings: &settings,
        flows,
        named: flow.as_deref(),
        log: file,
        output,
        written,
    };
    code.max(runtime.block_on(import.all(log.calls)))
}

/// Reports what in a log does not make a call; whether everything could be read.
fn tell(file: &Path, log: &Log) -> bool {
    let file = file.display();
    for unread in &log.unread {
        eprintln!("warning: {file}:{}: {}", unread.place, unread.why);
    }
    if log.more_unread > 0 {
        eprintln!(
            "warning: {file}: {} more entries cannot be read",
            log.more_unread
        );
    }
    if let Some((count, first)) = log.others {
        eprintln!(
            "note: {file}:{first}: {} for something other than a call, left out",
            counted(count, "request")
        );
    }
    if let Some((count, first)) = &log.idle {
        eprintln!(
            "note: {file}: {} in which nothing was asked, left out: {first}",
            counted(*count, "call")
        );
    }
    if log.calls.is_empty() && log.unread.is_empty() {
        eprintln!("warning: {file}: no call is in it");
    }
    log.unread.is_empty() && !log.calls.is_empty()
}

fn counted(count: usize, what: &str) -> String {
    if count == 1 {
        format!("1 {what}")
    } else {
        format!("{count} {what}s, from here on or later,")
    }
}

fn flows(settings: &Settings) -> Flows {
    let folders = Folders {
        backends: None,
        ..Folders::of(settings)
    };
    Flows::open(folders).0
}

fn warn(about: impl Display, what: impl Display) -> u8 {
    eprintln!("warning: {about}: {what}");
    exit::FAULTS
}

struct Import<'a> {
    settings: &'a Settings,
    flows: Flows,
    named: Option<&'a str>,
    log: &'a Path,
    output: &'a Path,
    /// The files that this import wrote, or would have.
    written: HashSet<PathBuf>,
}

impl Import<'_> {
    async fn all(&mut self, calls: Vec<Imported>) -> u8 {
        if let Err(error) = fs::create_dir_all(self.output) {
            eprintln!("error: {} cannot be made: {error}", self.output.display());
            return exit::SURROUNDINGS;
        }
        let mut code = exit::WELL;
        for call in calls {
            code = code.max(self.one(call).await);
        }
        code
    }

    async fn one(&mut self, call: Imported) -> u8 {
        let mut code = exit::WELL;
        for note in &call.notes {
            eprintln!("note: {}:{}: {}", self.log.display(), note.place, note.why);
        }
        for warning in &call.warnings {
            code = code.max(warn(
                format_args!("{}:{}", self.log.display(), warning.place),
                &warning.why,
            ));
        }
        let version = match self.version(&call) {
            Ok(version) => version,
            Err(which) => {
                return warn(
                    &call.sid,
                    format_args!("no flow here serves `{which}`: name it by --flow"),
                );
            }
        };
        let draft = call.draft.disguised(&version.flow);
        if let Some(lost) = lost(&call.draft, &draft) {
            code = code.max(warn(&call.sid, lost));
        }
        let written = match write(&draft, version.bundle(), self.settings).await {
            Ok(written) => written,
            Err(why) => return warn(&call.sid, format_args!("it cannot be played: {why}")),
        };
        code.max(self.keep(&self.file(&version.flow.name, &call.sid), &written))
    }

    /// The flow of a call, or what there is no flow for.
    fn version(&self, call: &Imported) -> Result<Arc<FlowVersion>, String> {
        if let Some(named) = self.named {
            return self.flows.by_name(named).ok_or_else(|| named.to_owned());
        }
        let by_path = Some(call.draft.flow.as_str()).filter(|flow| !flow.is_empty());
        let found = by_path.and_then(|flow| self.flows.by_name(flow));
        let found = found.or_else(|| {
            call.numbers
                .iter()
                .find_map(|number| self.flows.by_number(number))
        });
        let which = || {
            by_path
                .map(str::to_owned)
                .or_else(|| call.numbers.first().cloned())
                .unwrap_or_default()
        };
        found.ok_or_else(|| which().escape_debug().to_string())
    }

    /// The file of a call: named by the end of its name, or by all of it where another call here ends alike.
    fn file(&self, flow: &str, sid: &str) -> PathBuf {
        let sid: String = sid.chars().filter(char::is_ascii_alphanumeric).collect();
        let named = |end: &str| {
            self.output
                .join(format!("{}.{end}.toml", flow.replace('/', "-")))
        };
        let short = named(&sid[sid.len().saturating_sub(8)..]);
        if self.written.contains(&short) {
            named(&sid)
        } else {
            short
        }
    }

    /// Writes a file, unless it is there.
    fn keep(&mut self, file: &Path, written: &Written) -> u8 {
        self.written.insert(file.to_owned());
        match create(file, &written.text) {
            Ok(()) => println!("{}", file.display()),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                if fs::read_to_string(file).is_ok_and(|text| text == written.text) {
                    eprintln!(
                        "note: {}: it exists already, with the same content",
                        file.display()
                    );
                    return exit::WELL;
                }
                let way_out = "move it away, or name another folder by --output";
                return warn(
                    file.display(),
                    format_args!("it exists already and stays as it is: {way_out}"),
                );
            }
            Err(error) => {
                eprintln!("error: {} cannot be written: {error}", file.display());
                return exit::SURROUNDINGS;
            }
        }
        for fault in &written.faults {
            warn(file.display(), format_args!("it does not pass: {fault}"));
        }
        if written.faults.is_empty() {
            exit::WELL
        } else {
            exit::FAULTS
        }
    }
}

/// Writes a file that is not there.
fn create(file: &Path, text: &str) -> io::Result<()> {
    let mut created = OpenOptions::new().write(true).create_new(true).open(file)?;
    created
        .write_all(text.as_bytes())
        .inspect_err(|_| drop(fs::remove_file(file)))
}

/// What the flow of here does not come to, in words.
fn lost(told: &Draft, taken: &Draft) -> Option<String> {
    let acts = told.acts.len().saturating_sub(taken.acts.len());
    let waits = told.came.len().saturating_sub(taken.came.len());
    let flow = &taken.flow;
    match (acts, waits) {
        (0, 0) => None,
        (0, _) => Some(format!(
            "`{flow}` hands the call on less often than the log shows: {waits} outcomes of the log are left out"
        )),
        (_, 0) => Some(format!(
            "`{flow}` asks less than the log shows: the last {acts} acts of the log are left out"
        )),
        _ => Some(format!(
            "`{flow}` goes another way than the log: its last {acts} acts and {waits} outcomes are left out"
        )),
    }
}
