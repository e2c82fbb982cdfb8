//! `hookswitch store`: whether a store on disk is what was written, a copy of it, and a copy put in its place.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use reqwest::Method;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use super::format::Format;
use super::reach::{NodeArgs, ReachError, Reached, Remote, carry_out};
use super::{exit, settings};
use crate::settings::Settings;
use crate::store::{self, Inspection, Restored, Store};
use crate::telemetry;
use crate::web::server;

/// What is logged where no node runs and this process opens the store itself.
const LOGGED: &str = "warn";

/// Verify a store on disk, back it up, restore a backup
///
/// Works through the node that serves the data folder; if none does, on the store itself. For `local:` only: Redis
/// has its own tools.
#[derive(Clone, Debug, clap::Args)]
pub struct StoreArgs {
    #[command(subcommand)]
    act: Act,
    #[command(flatten)]
    place: NodeArgs,
    /// How the result is printed: for people, or as one JSON object
    #[arg(long, global = true, value_enum, default_value_t = Format::Human)]
    format: Format,
}

#[derive(Clone, Debug, clap::Subcommand)]
enum Act {
    /// Check that every value is what was written, and makes sense
    ///
    /// If no node serves the store, also every page of its file. Exits with 1 if anything is damaged.
    Verify,
    /// Write a consistent copy, while calls go on
    Backup {
        /// The file that is written; it must not exist yet
        #[arg(value_name = "FILE")]
        to: PathBuf,
    },
    /// Put a backup in the place of the store
    ///
    /// No node may serve the store. The backup is verified first; the existing database is kept, in a folder
    /// beside it.
    Restore {
        /// The backup; it is left as it is
        #[arg(value_name = "FILE")]
        from: PathBuf,
        /// Take what can be read of a damaged backup, or of a damaged store's own file
        #[arg(long)]
        readable: bool,
    },
}

/// Runs the subcommand and gives its exit code.
pub fn run(folder: &Path, arguments: &StoreArgs) -> u8 {
    let settings = match settings(folder) {
        Ok(settings) => settings,
        Err(code) => return code,
    };
    carry_out(work(&settings, arguments)).unwrap_or_else(|code| code)
}

async fn work(settings: &Settings, arguments: &StoreArgs) -> Result<u8, ReachError> {
    if let Err(error) = telemetry::init(settings.log.format, LOGGED) {
        eprintln!("warning: {error}");
    }
    let StoreArgs { act, place, format } = arguments;
    match act {
        Act::Verify => match verify(place, settings).await {
            Ok(found) => Ok(tell(&found, *format, "All of it is as it was written.")),
            Err(ReachError::Open(server::Error::Store(
                error @ (store::Error::Damaged(_) | store::Error::Lost { .. }),
            ))) => Ok(tell_damage(&error, *format)),
            Err(error) => Err(error),
        },
        Act::Backup { to } => {
            let found = back_up(place, settings, to).await?;
            if !found.is_sound() {
                eprintln!(
                    "warning: {} is written, and damaged as the store is",
                    to.display()
                );
            }
            Ok(tell(
                &found,
                *format,
                &format!("{} is written.", to.display()),
            ))
        }
        Act::Restore { from, readable } => {
            place.refuse_node(settings)?;
            let restored = store::restore(settings.store.url.expose_secret(), from, *readable)?;
            Ok(tell_restored(&restored, from, *format))
        }
    }
}

async fn verify(place: &NodeArgs, settings: &Settings) -> Result<Inspection, ReachError> {
    match place.reach(settings).await? {
        Reached::Node(node) => read(
            &node,
            node.ask(Method::GET, "api/store/verify", &[], None)
                .await?
                .1,
        ),
        Reached::Store(store) => closing(&store, store.verify().await).await,
    }
}

async fn back_up(
    place: &NodeArgs,
    settings: &Settings,
    to: &Path,
) -> Result<Inspection, ReachError> {
    match place.reach(settings).await? {
        Reached::Node(node) => {
            let to = std::path::absolute(to).map_err(|source| store::Error::Write {
                path: to.to_owned(),
                source,
            })?;
            let body = json!({ "to": to });
            read(
                &node,
                node.ask(Method::POST, "api/store/backup", &[], Some(&body))
                    .await?
                    .1,
            )
        }
        Reached::Store(store) => closing(&store, store.back_up(to).await).await,
    }
}

fn read(node: &Remote, mut answer: Value) -> Result<Inspection, ReachError> {
    node.read(answer["found"].take())
}

async fn closing(
    store: &Store,
    found: Result<Inspection, store::Error>,
) -> Result<Inspection, ReachError> {
    let closed = store.close().await;
    let found = found?;
    closed?;
    Ok(found)
}

/// Prints what was found, and `well` if all of it is sound.
fn tell(found: &Inspection, format: Format, well: &str) -> u8 {
    if format == Format::Json {
        print(&serde_json::to_string(found).expect("names are text, and nothing in it can fail"));
    } else {
        show(found);
        if found.is_sound() {
            print(well);
        }
    }
    if found.is_sound() {
        exit::WELL
    } else {
        exit::FAULTS
    }
}

fn show(found: &Inspection) {
    for table in &found.tables {
        print(&format!(
            "{:<11}{:>10} values{:>14} bytes",
            table.table, table.values, table.bytes
        ));
    }
    for damage in &found.damaged {
        eprintln!(
            "damaged: {} {}: {}",
            damage.table, damage.key, damage.reason
        );
    }
    if found.more_damaged > 0 {
        eprintln!("damaged: {} more", found.more_damaged);
    }
}

/// Reports a store that does not even open.
fn tell_damage(error: &store::Error, format: Format) -> u8 {
    if format == Format::Json {
        print(&json!({ "error": error.to_string() }).to_string());
    }
    eprintln!("error: {error}");
    if let Some(help) = error.help() {
        eprintln!("help: {help}");
    }
    exit::FAULTS
}

fn tell_restored(restored: &Restored, from: &Path, format: Format) -> u8 {
    match restored {
        Restored::Refused(found) => {
            tell(found, format, "");
            eprintln!(
                "error: {} is damaged, and nothing was changed",
                from.display()
            );
            eprintln!("help: --readable takes what can be read of it.");
            exit::FAULTS
        }
        Restored::Done { found, aside } => {
            tell(found, format, "");
            if format == Format::Human {
                print(&format!("{} is in its place.", from.display()));
                if let Some(aside) = aside {
                    print(&format!("What was there before is in {}.", aside.display()));
                }
            }
            exit::WELL
        }
    }
}

/// A reader that has gone away is no fault.
fn print(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}
