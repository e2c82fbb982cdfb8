//! `hookswitch recordings`: recordings of callers: what becomes of each, and what a person does about it.

mod access;
mod table;

use std::path::{Path, PathBuf};

use serde_json::json;

use self::access::RecordingAccess;
use super::format::Format;
use super::reach::{NodeArgs, ReachError, carry_out};
use super::{exit, settings};
use crate::carrier::admin::RecordingView;
use crate::engine::diag::nearest;
use crate::settings::Settings;
use crate::telemetry;

/// What is logged where no node runs and this process does the work itself: faults, and who did what.
const LOGGED: &str = "warn,hookswitch::carrier::admin=info";

/// Look at recordings, fetch one, erase one
///
/// Works through the node that serves the data folder; if none does, on the store itself. A recording is known as long as
/// something is asked of the carrier about it, and as long after as deliveries are kept.
#[derive(Clone, Debug, clap::Args)]
pub struct RecordingsArgs {
    #[command(subcommand)]
    act: RecordingsAct,
    #[command(flatten)]
    place: NodeArgs,
    /// How the result is printed: for people, or as one object per line
    #[arg(long, global = true, value_enum, default_value_t = Format::Human)]
    format: Format,
}

/// What is done about recordings.
#[derive(Clone, Debug, clap::Subcommand)]
enum RecordingsAct {
    /// List recordings: whether each is copied, and when it is erased at the carrier
    List {
        /// Only those of this call
        #[arg(long, value_name = "CALL")]
        call: Option<String>,
    },
    /// Show a recording: its copy, and what is asked of the carrier about it
    Show {
        /// Its name, as `list` shows it
        #[arg(value_name = "RECORDING")]
        sid: String,
    },
    /// Write the sound of a recording into a file, of its copy or else from the carrier
    Fetch {
        /// Its name, as `list` shows it
        #[arg(value_name = "RECORDING")]
        sid: String,
        /// The file [default: the recording's name and .wav]
        #[arg(long, value_name = "FILE")]
        to: Option<PathBuf>,
    },
    /// Erase a recording at the carrier, and its copy
    Erase {
        /// Its name, as `list` shows it
        #[arg(value_name = "RECORDING")]
        sid: String,
    },
}

/// Does what is asked; the exit code.
pub fn run(folder: &Path, arguments: &RecordingsArgs) -> u8 {
    let settings = match settings(folder) {
        Ok(settings) => settings,
        Err(code) => return code,
    };
    carry_out(work(&settings, arguments)).unwrap_or_else(|code| code)
}

async fn work(settings: &Settings, arguments: &RecordingsArgs) -> Result<u8, ReachError> {
    // A node keeps its own log of who did what; where none runs, this process does.
    if let Err(error) = telemetry::init(settings.log.format, LOGGED) {
        eprintln!("warning: {error}");
    }
    let access = RecordingAccess::new(arguments.place.reach(settings).await?, settings)?;
    let code = act(&access, &arguments.act, arguments.format).await;
    let closed = access.close().await;
    let code = code?;
    closed.map(|()| code)
}

async fn act(
    access: &RecordingAccess,
    act: &RecordingsAct,
    format: Format,
) -> Result<u8, ReachError> {
    match act {
        RecordingsAct::List { call } => list(access, call.as_deref(), format).await,
        RecordingsAct::Show { sid } => show(access, sid, format).await,
        RecordingsAct::Fetch { sid, to } => {
            let to = to.clone();
            let to = to.unwrap_or_else(|| PathBuf::from(format!("{sid}.wav")));
            match access.fetch(sid, &to).await? {
                Some(bytes) => {
                    let file = to.display().to_string();
                    tell(
                        format,
                        &json!({ "recording": sid, "file": file, "bytes": bytes }),
                        &format!("{sid} is in {file} ({bytes} bytes)."),
                    );
                    Ok(exit::WELL)
                }
                None => unknown(access, sid).await,
            }
        }
        RecordingsAct::Erase { sid } => {
            if !access.erase(sid).await? {
                return unknown(access, sid).await;
            }
            let value = json!({ "recording": sid, "erased": true });
            tell(format, &value, &format!("{sid} is erased."));
            Ok(exit::WELL)
        }
    }
}

async fn list(
    access: &RecordingAccess,
    call: Option<&str>,
    format: Format,
) -> Result<u8, ReachError> {
    let mut views = access.list().await?;
    views.retain(|view| call.is_none_or(|call| view.name.call.as_str() == call));
    match format {
        Format::Json => {
            for view in &views {
                print(&serde_json::to_string(view).expect("names and times are JSON"));
            }
        }
        Format::Human if views.is_empty() => print("No recordings are known."),
        Format::Human => print(table::draw(&views).trim_end()),
    }
    Ok(exit::WELL)
}

async fn show(access: &RecordingAccess, sid: &str, format: Format) -> Result<u8, ReachError> {
    let Some(detail) = access.show(sid).await? else {
        return unknown(access, sid).await;
    };
    match format {
        Format::Json => print(&serde_json::to_string(&detail).expect("names and times are JSON")),
        Format::Human => print(table::detail(&detail).trim_end()),
    }
    Ok(exit::WELL)
}

/// Says that nothing is known of a recording, and which is.
async fn unknown(access: &RecordingAccess, sid: &str) -> Result<u8, ReachError> {
    eprintln!("error: nothing is known of a recording `{sid}`");
    let views = access.list().await?;
    let names = || views.iter().map(name);
    match nearest(sid, names()) {
        Some(near) => eprintln!("help: did you mean `{near}`?"),
        None => eprintln!("help: hookswitch recordings list shows those that are known"),
    }
    Ok(exit::USAGE)
}

fn name(view: &RecordingView) -> &str {
    &view.name.recording
}

fn tell(format: Format, value: &serde_json::Value, words: &str) {
    match format {
        Format::Json => print(&value.to_string()),
        Format::Human => print(words),
    }
}

/// A reader that has gone away changes nothing about what was done.
fn print(line: &str) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stdout(), "{}", telemetry::plain(line));
}
