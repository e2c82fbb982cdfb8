//! `hookswitch outbox`: what backends are still to get, and what a person does about it.

mod access;
mod table;

use std::io::Write as _;
use std::path::Path;

use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use jiff::Timestamp;
use serde_json::json;

use self::access::OutboxAccess;
use self::table::RowTable;
use super::format::Format;
use super::reach::{NodeArgs, ReachError, carry_out};
use super::since::parse_since;
use super::{exit, settings};
use crate::engine::diag::nearest;
use crate::outbox::CARRIER;
use crate::outbox::admin::Acted;
use crate::settings::Settings;
use crate::store::{RowFilter, RowId, RowState};
use crate::telemetry;
use crate::written::is_name;

/// What is logged where no node runs and this process opens the store itself: faults, and who did what.
const LOGGED: &str = "warn,hookswitch::outbox::admin=info";

/// Look at what backends are still to get, send it again, drop it, pause a backend
///
/// What the carrier is still to be asked for is among it, as a backend of the name `@carrier`.
/// Works through the node that serves the data folder; if none does, on the store itself.
#[derive(Clone, Debug, clap::Args)]
pub struct OutboxArgs {
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
    /// List deliveries still to be made, oldest first; with `--state delivered` those that were made
    List {
        /// Only of this backend
        #[arg(long, value_name = "BACKEND", value_parser = parse_backend)]
        backend: Option<String>,
        /// Only in this state
        #[arg(long, value_name = "STATE", value_parser = state_parser())]
        state: Option<RowState>,
        /// Only those created since: RFC 3339, or how long ago, such as 2h
        #[arg(long, value_name = "TIME", value_parser = parse_since)]
        since: Option<Timestamp>,
        /// At most this many; 0 for all
        #[arg(long, value_name = "N", default_value_t = 100)]
        limit: usize,
    },
    /// Show a delivery: its attempts, the backend's answer and what would be sent, sensitive answers masked
    Show {
        /// Its id, as `list` shows it
        #[arg(value_parser = parse_id)]
        id: RowId,
    },
    /// Send deliveries again now, under the same ids
    Retry {
        /// Their ids
        #[arg(value_name = "ID", value_parser = parse_id, required_unless_present = "since", conflicts_with = "since")]
        ids: Vec<RowId>,
        /// All that were set aside (uncertain or dead) and created since: RFC 3339, or how long ago, such as 2h
        #[arg(long, value_name = "TIME", value_parser = parse_since)]
        since: Option<Timestamp>,
        /// Of these, only a backend's
        #[arg(long, value_name = "BACKEND", value_parser = parse_backend, requires = "since", conflicts_with = "ids")]
        backend: Option<String>,
        /// Delivered ones too: their backend gets them once more, and does what they say twice unless it knows their ids
        #[arg(long, requires = "ids")]
        again: bool,
    },
    /// Delete deliveries without making them
    Drop {
        /// Their ids
        #[arg(value_name = "ID", value_parser = parse_id, required = true)]
        ids: Vec<RowId>,
    },
    /// Let a backend's deliveries wait, on every node and past a restart
    Pause {
        /// The backend
        #[arg(value_parser = parse_backend)]
        name: String,
    },
    /// Let a backend's deliveries go on
    Resume {
        /// The backend
        #[arg(value_parser = parse_backend)]
        name: String,
    },
}

fn parse_id(text: &str) -> Result<RowId, &'static str> {
    RowId::parse(text).ok_or("a delivery's id is a CallSid, `-` and a number")
}

fn parse_backend(text: &str) -> Result<String, &'static str> {
    let right = is_name(text) || text == CARRIER;
    right
        .then(|| text.to_owned())
        .ok_or("a backend's name is a letter a-z, then letters a-z, digits and `_`")
}

fn state_parser() -> impl clap::builder::TypedValueParser<Value = RowState> {
    let names = PossibleValuesParser::new(RowState::ALL.map(RowState::as_str));
    names.map(|name| RowState::named(&name).expect("it is one of these"))
}

/// Runs the subcommand and gives its exit code.
pub fn run(folder: &Path, arguments: &OutboxArgs) -> u8 {
    let settings = match settings(folder) {
        Ok(settings) => settings,
        Err(code) => return code,
    };
    carry_out(work(&settings, arguments)).unwrap_or_else(|code| code)
}

async fn work(settings: &Settings, arguments: &OutboxArgs) -> Result<u8, ReachError> {
    // A node keeps its own log of who did what; where none runs, this process does.
    if let Err(error) = telemetry::init(settings.log.format, LOGGED) {
        eprintln!("warning: {error}");
    }
    let access = OutboxAccess::new(arguments.place.reach(settings).await?, settings);
    if !access.is_served() {
        eprintln!("No node runs here: this works on the store itself.");
    }
    let teller = Teller {
        access: &access,
        format: arguments.format,
    };
    let code = teller.act(&arguments.act).await;
    let closed = access.close().await;
    let code = code?;
    closed.map(|()| code)
}

/// Does an act and prints its result.
struct Teller<'d> {
    access: &'d OutboxAccess,
    format: Format,
}

impl Teller<'_> {
    async fn act(&self, act: &Act) -> Result<u8, ReachError> {
        match act {
            Act::List {
                backend,
                state,
                since,
                limit,
            } => {
                let filter = RowFilter {
                    backend: backend.clone(),
                    state: *state,
                    since: *since,
                    limit: *limit,
                };
                self.list(filter).await
            }
            Act::Show { id } => self.show(id).await,
            Act::Retry {
                since: Some(since),
                backend,
                ..
            } => self.retry_since(*since, backend.as_deref()).await,
            Act::Retry { ids, again, .. } => self.retry(ids, *again).await,
            Act::Drop { ids } => self.drop(ids).await,
            Act::Pause { name } => self.pause(name, true).await,
            Act::Resume { name } => self.pause(name, false).await,
        }
    }

    /// Prints page by page, so that a long list is never in memory.
    async fn list(&self, mut filter: RowFilter) -> Result<u8, ReachError> {
        let is_limited = filter.limit > 0;
        let (mut behind, mut table) = (None, RowTable::default());
        let is_cut = loop {
            let (mut rows, more) = self.access.list(&filter, behind.as_ref()).await?;
            let is_cut = is_limited && (rows.len() > filter.limit || more.is_some());
            if is_limited {
                rows.truncate(filter.limit);
                filter.limit -= rows.len();
            }
            let is_heard = match self.format {
                Format::Json => rows.iter().all(|row| prints(&row.to_string())),
                Format::Human if rows.is_empty() => true,
                Format::Human => prints(table.draw(&rows, Timestamp::now()).trim_end()),
            };
            let is_done = more.is_none() || (is_limited && filter.limit == 0);
            if is_done || !is_heard {
                break is_cut && is_heard;
            }
            behind = more;
        };
        if matches!(self.format, Format::Human) {
            self.end_for_people(table.is_empty(), &filter).await?;
        }
        if is_cut {
            eprintln!("There are more: --limit 0 shows all.");
        }
        Ok(exit::WELL)
    }

    async fn end_for_people(&self, is_empty: bool, filter: &RowFilter) -> Result<(), ReachError> {
        let is_whole = filter.backend.is_none() && filter.state.is_none() && filter.since.is_none();
        if is_empty {
            print(match filter.state {
                _ if is_whole => "Nothing is waiting to be delivered.",
                Some(RowState::Delivered) => "No such delivery is kept.",
                _ => "No such delivery is waiting.",
            });
        }
        let notes = table::notes(&self.access.backends().await?);
        if !notes.is_empty() {
            print(&format!("\n{}", notes.join("\n")));
        }
        Ok(())
    }

    async fn show(&self, id: &RowId) -> Result<u8, ReachError> {
        let Some(detail) = self.access.show(id).await? else {
            eprintln!("error: {}", words(Acted::NoSuchRow, ""));
            return Ok(exit::FAULTS);
        };
        match self.format {
            Format::Human => print(&format!("{detail:#}")),
            Format::Json => print(&detail.to_string()),
        }
        Ok(exit::WELL)
    }

    async fn retry(&self, ids: &[RowId], again: bool) -> Result<u8, ReachError> {
        let mut code = exit::WELL;
        for id in ids {
            let done = if self.access.is_served() {
                "is sent again now"
            } else {
                "is sent again when a node runs"
            };
            code = code.max(self.tell(id, self.access.retry(id, again).await?, done));
        }
        Ok(code)
    }

    async fn retry_since(&self, since: Timestamp, backend: Option<&str>) -> Result<u8, ReachError> {
        let retried = self.access.retry_since(since, backend).await?;
        let when = if self.access.is_served() {
            "now"
        } else {
            "when a node runs"
        };
        match self.format {
            Format::Json => print(&json!({ "retried": retried }).to_string()),
            Format::Human if retried == 1 => print(&format!("1 delivery is sent again {when}.")),
            Format::Human => print(&format!("{retried} deliveries are sent again {when}.")),
        }
        Ok(exit::WELL)
    }

    async fn drop(&self, ids: &[RowId]) -> Result<u8, ReachError> {
        let mut code = exit::WELL;
        for id in ids {
            code = code.max(self.tell(id, self.access.drop(id).await?, "is dropped"));
        }
        Ok(code)
    }

    async fn pause(&self, name: &str, pause: bool) -> Result<u8, ReachError> {
        if !self.is_known(name).await? {
            return Ok(exit::USAGE);
        }
        let view = self.access.pause(name, pause).await?;
        match self.format {
            Format::Json => print(&json!({ "backend": name, "paused": view.paused }).to_string()),
            Format::Human if pause => {
                print(&format!("Backend `{name}` is paused: its deliveries wait."));
            }
            Format::Human if view.paused => {}
            Format::Human => print(&format!(
                "Backend `{name}` is resumed: its deliveries go on."
            )),
        }
        if !view.configured {
            eprintln!("warning: no backend `{name}` is configured.");
        } else if !pause && view.paused {
            eprintln!(
                "warning: backend `{name}` stays paused: the settings say so (backends.{name}.paused)."
            );
        }
        Ok(exit::WELL)
    }

    /// Whether there is a backend of a name: one that is configured, paused, or owed something. If not, it is said which are.
    async fn is_known(&self, name: &str) -> Result<bool, ReachError> {
        let views = self.access.backends().await?;
        let mut known = views.iter().map(|view| view.backend.as_str());
        if name == CARRIER || known.any(|known| known == name) {
            return Ok(true);
        }
        eprintln!("error: no backend is named `{name}`, and nothing is owed to one of that name");
        let names: Vec<&str> = views.iter().map(|view| view.backend.as_str()).collect();
        match nearest(name, names.iter().copied()) {
            Some(near) => eprintln!("help: did you mean `{near}`?"),
            None if names.is_empty() => {}
            None => eprintln!("help: there are {}", names.join(", ")),
        }
        Ok(false)
    }

    fn tell(&self, id: &RowId, acted: Acted, done: &str) -> u8 {
        match self.format {
            Format::Json => print(&json!({ "id": id.to_string(), "acted": acted }).to_string()),
            Format::Human => print(&format!("{id} {}", words(acted, done))),
        }
        if acted == Acted::Done {
            exit::WELL
        } else {
            exit::FAULTS
        }
    }
}

fn words(acted: Acted, done: &str) -> &str {
    match acted {
        Acted::Done => done,
        Acted::NoSuchRow => "there is no such delivery (any more)",
        Acted::BeingSent => "is being sent at this moment: nothing was done",
        Acted::Delivered => "is delivered: --again sends it once more",
    }
}

/// A reader that has gone away, such as `head -1`, changes nothing about what was done.
fn print(line: &str) {
    prints(line);
}

/// Prints; false when nobody reads it any more.
fn prints(line: &str) -> bool {
    writeln!(std::io::stdout(), "{}", telemetry::plain(line)).is_ok()
}
