//! The flow that a command is about: named as in the folder of the flows, or a file.

use std::path::Path;

use super::{diagnostics, exit};
use crate::engine::diag::{Diag, Severity, nearest};
use crate::engine::load::Loaded;
use crate::web::flows::{Folders, Sources, read_folder, read_paths};
use crate::written::Code;

/// The flow that is meant; what is wrong with it is printed.
///
/// # Errors
/// The exit code.
pub fn find(flow: &str, folders: &Folders) -> Result<Loaded, u8> {
    let path = Path::new(flow);
    let is_file = path.extension().is_some_and(|ending| ending == "toml");
    let mut sources = if is_file {
        read_paths(folders, &[path.to_owned()]).map_err(|(path, error)| {
            eprintln!("error: {} cannot be read: {error}", path.display());
            exit::SURROUNDINGS
        })?
    } else {
        read_folder(folders)
    };
    let place = sources
        .flows
        .iter()
        .position(|source| is_file || source.name == flow);
    let Some(place) = place else {
        return Err(unknown(flow, folders, &sources));
    };
    match sources.flows.swap_remove(place).loaded {
        Ok(loaded) => Ok(loaded),
        Err(diags) => Err(refuse(&diags, &sources)),
    }
}

fn unknown(flow: &str, folders: &Folders, sources: &Sources) -> u8 {
    if sources.is_partial {
        return refuse(&sources.faults, sources);
    }
    eprintln!(
        "error: no flow named `{flow}` in {}",
        folders.flows.display()
    );
    let names = || sources.flows.iter().map(|source| source.name.as_str());
    match nearest(flow, names()) {
        Some(near) => eprintln!("help: did you mean `{near}`?"),
        None => eprintln!("help: there are {}", names().collect::<Vec<_>>().join(", ")),
    }
    exit::SURROUNDINGS
}

fn refuse(diags: &[Diag], sources: &Sources) -> u8 {
    let errors: Vec<Diag> = diags
        .iter()
        .filter(|diag| diag.severity == Severity::Error)
        .cloned()
        .collect();
    eprint!("{}", diagnostics::draw(&errors, &sources.texts, false));
    if errors
        .iter()
        .any(|diag| [Code::FileUnreadable, Code::FlowsFolder].contains(&diag.code))
    {
        exit::SURROUNDINGS
    } else {
        exit::FAULTS
    }
}
