//! `hookswitch doctor`: what stands between a node and its first call, and how to mend it.

mod finding;
mod inside;
mod outside;

use std::path::Path;

use reqwest::Method;

use self::finding::{Finding, FindingVerdict};
use super::format::Format;
use super::reach::{NodeArgs, ReachError, Reached, carry_out, running_node};
use super::{exit, settings};
use crate::settings::Settings;
use crate::store::Durability;
use crate::telemetry;
use crate::web::control::{BackendView, NodeView};

/// Look for what keeps calls from being answered: token, public URL, proxy, clock, store, limits, flows, numbers
///
/// Asks the node that serves the data folder, Twilio's API if twilio.account_sid is set, and the public URL itself: with a
/// request that is signed as Twilio signs, names no call, and changes nothing.
///
/// Exit codes: 0 nothing is wrong (though there may be warnings), 1 something is wrong, 2 a setting is.
#[derive(Clone, Debug, clap::Args)]
pub struct DoctorArgs {
    /// Ask nobody but this machine
    #[arg(long)]
    offline: bool,
    /// How the result is printed: for people, or as one object per line
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

/// What is known of the node and its store.
struct Facts {
    /// The node that serves the data folder.
    node: Option<NodeView>,
    /// What it owes to whom; nothing where no node runs.
    backends: Vec<BackendView>,
    /// How durable the store is, in its name and its meaning, or why that is not known.
    level: Result<(String, String), String>,
}

/// Looks; the exit code.
pub fn run(folder: &Path, arguments: &DoctorArgs) -> u8 {
    let settings = match settings(folder) {
        Ok(settings) => settings,
        Err(code) => return code,
    };
    let findings = match carry_out(look(&settings, arguments.offline)) {
        Ok(findings) => findings,
        Err(code) => return code,
    };
    for finding in &findings {
        match arguments.format {
            Format::Json => print(&serde_json::to_string(finding).expect("texts are JSON")),
            Format::Human => print(&finding.to_string()),
        }
    }
    let of = |verdict| {
        let found = findings.iter().filter(|finding| finding.verdict == verdict);
        found.count()
    };
    let (wrong, warnings) = (of(FindingVerdict::Wrong), of(FindingVerdict::Warning));
    if matches!(arguments.format, Format::Human) {
        print(&format!("\n{wrong} wrong, {warnings} to be looked at."));
    }
    if wrong > 0 { exit::FAULTS } else { exit::WELL }
}

async fn look(settings: &Settings, offline: bool) -> Result<Vec<Finding>, ReachError> {
    let facts = Facts::gather(settings).await?;
    let mut findings = inside::look(settings, &facts);
    if !offline {
        findings.extend(outside::look(settings, facts.node.as_ref()).await);
    }
    Ok(findings)
}

impl Facts {
    async fn gather(settings: &Settings) -> Result<Self, ReachError> {
        let Some(node) = running_node(settings)? else {
            return Ok(Self {
                node: None,
                backends: Vec::new(),
                level: level(settings).await,
            });
        };
        let (_, view) = node.ask(Method::GET, "api/node", &[], None).await?;
        let view: NodeView = node.read(view)?;
        // A store that is away cannot say what is owed, and the node itself says that.
        let backends = match node
            .ask(Method::GET, "api/outbox/backends", &[], None)
            .await
        {
            Ok((_, mut answer)) => node.read(answer["backends"].take())?,
            Err(_) => Vec::new(),
        };
        Ok(Self {
            level: Ok((view.store.level.clone(), view.store.meaning.clone())),
            node: Some(view),
            backends,
        })
    }
}

/// How durable the store is that no node serves.
async fn level(settings: &Settings) -> Result<(String, String), String> {
    let shown = |level: Durability| (level.as_str().to_owned(), level.meaning().to_owned());
    match NodeArgs::default().reach(settings).await {
        Ok(Reached::Store(store)) => {
            let level = store.level();
            // Nothing was written.
            let _ = store.close().await;
            Ok(shown(level))
        }
        Ok(Reached::Node(_)) => Err("a node has just been started".to_owned()),
        Err(ReachError::Memory(_)) => Ok(shown(Durability::Memory)),
        // It is made when a node starts.
        Err(ReachError::NoStore { .. }) => Ok(shown(Durability::File)),
        Err(error) => Err(error.to_string()),
    }
}

/// A reader that has gone away changes nothing about what was found.
fn print(line: &str) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stdout(), "{}", telemetry::plain(line));
}
