//! `hookswitch calls`: which calls there were, and what one did, turn by turn.

pub(super) mod access;
mod deliveries;
pub(super) mod export;
mod story;
mod table;

use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use jiff::Timestamp;

use self::access::CallAccess;
use super::format::Format;
use super::reach::{NodeArgs, ReachError, carry_out};
use super::since::parse_since;
use super::{exit, settings};
use crate::engine::{CallSid, NumberPattern, Outcome};
use crate::settings::Settings;
use crate::store::CallFilter;
use crate::telemetry;
use crate::web::calls::CallQuery;

/// What is logged where no node runs and this process opens the store itself.
const LOGGED: &str = "warn";

/// Look up calls, and what each of them did
///
/// Asks the node that serves the data folder; if none does, reads the store itself.
#[derive(Clone, Debug, clap::Args)]
pub struct CallsArgs {
    #[command(subcommand)]
    act: Act,
    #[command(flatten)]
    place: NodeArgs,
    /// How the result is printed: for people, or as one object per line
    #[arg(long, global = true, value_enum, default_value_t = Format::Human)]
    format: Format,
}

#[derive(Clone, Debug, clap::Subcommand)]
enum Act {
    /// List calls, newest first
    List(Box<ListArgs>),
    /// Show what a call did, turn by turn, sensitive answers masked
    Show {
        /// Its name, as `list` shows it
        #[arg(value_parser = parse_sid)]
        sid: CallSid,
    },
    /// Write a call as a test file
    ///
    /// Numbers are replaced by fictional ones and sensitive entries by others of the same length, so it can be kept with the
    /// flows. What is heard in it is what the call's flow version said.
    Export {
        /// Its name, as `list` shows it
        #[arg(value_parser = parse_sid)]
        sid: CallSid,
        /// The file that is written [default: the terminal]
        #[arg(long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
}

#[derive(Clone, Debug, clap::Args)]
struct ListArgs {
    /// Only those that came to this flow
    #[arg(long, value_name = "FLOW")]
    flow: Option<String>,
    /// Only those that came in since: RFC 3339, or how long ago, such as 2h
    #[arg(long, value_name = "TIME", value_parser = parse_since)]
    since: Option<Timestamp>,
    /// Only those that came in until: RFC 3339, or how long ago
    #[arg(long, value_name = "TIME", value_parser = parse_since)]
    until: Option<Timestamp>,
    /// Only those from this number, as you would dial it, or from numbers that contain it
    #[arg(long, value_name = "NUMBER", allow_hyphen_values = true, value_parser = NumberPattern::parse)]
    from: Option<NumberPattern>,
    /// Only those to this number, written in the same way
    #[arg(long, value_name = "NUMBER", allow_hyphen_values = true, value_parser = NumberPattern::parse)]
    to: Option<NumberPattern>,
    /// Only those with this outcome
    #[arg(long, value_name = "OUTCOME", value_parser = outcome_parser())]
    outcome: Option<Outcome>,
    /// Only those that are at this step, or ended there
    #[arg(long, value_name = "STEP")]
    step: Option<String>,
    /// Only those that reached this milestone of their flow
    #[arg(long, value_name = "MILESTONE")]
    reached: Option<String>,
    /// Rehearsals too: calls of the page with the telephone, of `dial`, `load` and `test --url`
    #[arg(long)]
    rehearsals: bool,
    /// At most this many; 0 for all
    #[arg(long, value_name = "N", default_value_t = 100)]
    limit: usize,
}

impl From<ListArgs> for CallQuery {
    fn from(arguments: ListArgs) -> Self {
        let ListArgs {
            flow,
            since,
            until,
            from,
            to,
            outcome,
            step,
            reached,
            rehearsals,
            limit,
        } = arguments;
        Self {
            filter: CallFilter {
                flow,
                since,
                until,
                from,
                to,
                outcome,
                steps: None,
                entered: None,
                rehearsals,
                limit,
            },
            step,
            reached,
        }
    }
}

fn parse_sid(text: &str) -> Result<CallSid, String> {
    CallSid::parse(text).map_err(|error| error.to_string())
}

fn outcome_parser() -> impl clap::builder::TypedValueParser<Value = Outcome> {
    let names = PossibleValuesParser::new(Outcome::ALL.map(Outcome::as_str));
    names.map(|name| Outcome::named(&name).expect("it is one of these"))
}

/// Runs the subcommand and gives its exit code.
pub fn run(folder: &Path, arguments: &CallsArgs) -> u8 {
    let settings = match settings(folder) {
        Ok(settings) => settings,
        Err(code) => return code,
    };
    carry_out(work(&settings, arguments)).unwrap_or_else(|code| code)
}

async fn work(settings: &Settings, arguments: &CallsArgs) -> Result<u8, ReachError> {
    // A call that is played again delivers nothing, and nobody needs to hear that.
    let logged = if matches!(arguments.act, Act::Export { .. }) {
        "error"
    } else {
        LOGGED
    };
    if let Err(error) = telemetry::init(settings.log.format, logged) {
        eprintln!("warning: {error}");
    }
    let access = CallAccess::new(arguments.place.reach(settings).await?, settings)?;
    let code = match &arguments.act {
        Act::List(wanted) => list(&access, (**wanted).clone().into(), arguments.format).await,
        Act::Show { sid } => show(&access, sid, arguments.format).await,
        Act::Export { sid, output } => {
            export::export(&access, sid, output.as_deref(), settings).await
        }
    };
    let closed = access.close().await;
    let code = code?;
    closed.map(|()| code)
}

async fn list(
    access: &CallAccess,
    mut wanted: CallQuery,
    format: Format,
) -> Result<u8, ReachError> {
    let (limit, rehearsals) = (wanted.filter.limit, wanted.filter.rehearsals);
    // One more than is shown, to know whether there are more.
    wanted.filter.limit = if limit == 0 {
        0
    } else {
        limit.saturating_add(1)
    };
    let mut calls = access.list(&wanted).await?;
    let is_cut = limit > 0 && calls.len() > limit;
    if is_cut {
        calls.truncate(limit);
    }
    match format {
        Format::Json => calls.iter().for_each(|call| print(&json(call))),
        Format::Human if calls.is_empty() => {
            print("No such call is known.");
            if !rehearsals {
                eprintln!("Calls of the page, of `dial` and `load` are listed with --rehearsals.");
            }
        }
        Format::Human => print(table::draw(&calls).trim_end()),
    }
    if is_cut {
        eprintln!("There are more: --limit 0 shows all.");
    }
    Ok(exit::WELL)
}

async fn show(access: &CallAccess, sid: &CallSid, format: Format) -> Result<u8, ReachError> {
    let Some(detail) = access.show(sid).await? else {
        eprintln!("error: nothing is kept of a call {sid} (any more)");
        return Ok(exit::FAULTS);
    };
    match format {
        Format::Json => print(&json(&detail)),
        Format::Human => print(story::tell(&detail).trim_end()),
    }
    Ok(exit::WELL)
}

fn json(shown: &impl serde::Serialize) -> String {
    serde_json::to_string(shown).expect("names are text, and nothing in it can fail")
}

/// A reader that has gone away, such as `head -1`, is not an error.
fn print(line: &str) {
    let _ = writeln!(std::io::stdout(), "{}", telemetry::plain(line));
}
