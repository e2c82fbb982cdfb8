//! `hookswitch health`: whether the node beside it does its work, for whoever restarts what does not.

use std::path::Path;

use reqwest::Method;

use super::reach::{ReachError, carry_out, running_node};
use super::{exit, settings};
use crate::web::control::NodeView;

/// Ask the node that serves the data folder whether it answers, and serves a flow
///
/// A store that is away is no reason to restart a node, which holds its callers.
///
/// Exit codes: 0 it does, 1 it serves no flow, 3 no node answers.
#[derive(Clone, Debug, clap::Args)]
pub struct HealthArgs {}

/// Asks; the exit code.
pub fn run(folder: &Path, _: &HealthArgs) -> u8 {
    let settings = match settings(folder) {
        Ok(settings) => settings,
        Err(code) => return code,
    };
    let asked = async {
        let Some(node) = running_node(&settings)? else {
            return Ok::<_, ReachError>(None);
        };
        let (_, view) = node.ask(Method::GET, "api/node", &[], None).await?;
        node.read::<NodeView>(view).map(Some)
    };
    match carry_out(asked) {
        Err(code) => code,
        Ok(None) => {
            eprintln!("error: no node serves {}", settings.data.dir.display());
            exit::SURROUNDINGS
        }
        Ok(Some(node)) if node.flows.is_empty() => {
            eprintln!("error: the node at {} serves no flow", node.listens);
            exit::FAULTS
        }
        Ok(Some(node)) => {
            println!(
                "The node at {} serves {} flows.",
                node.listens,
                node.flows.len()
            );
            exit::WELL
        }
    }
}
