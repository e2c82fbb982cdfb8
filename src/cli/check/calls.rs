//! The shortest call that shows a fault, as a test file.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;

use super::{PlacedDiag, place};
use crate::engine::diag::Diag;
use crate::engine::load::Loaded;
use crate::replay::example;
use crate::web::flows::Sources;

/// Writes a test file for each fault that a call shows; how many faults of a way no call can show.
///
/// # Errors
/// When the folder or a file cannot be written.
pub(super) fn write(folder: &Path, found: &[Diag], sources: &Sources) -> io::Result<usize> {
    fs::create_dir_all(folder)?;
    let loaded = sources
        .flows
        .iter()
        .filter_map(|flow| flow.loaded.as_ref().ok());
    let flows: BTreeMap<&Arc<str>, &Loaded> =
        loaded.map(|loaded| (&loaded.bundle.file, loaded)).collect();
    let mut written: BTreeMap<String, usize> = BTreeMap::new();
    let mut left_out = 0;
    for diag in found.iter().filter(|diag| diag.call.is_some()) {
        // A fault in a prompt of the manifest is found by the first flow that uses it.
        let Some(loaded) = flows
            .get(&diag.at.file)
            .or_else(|| flows.values().find(|loaded| has(loaded, diag)))
        else {
            continue;
        };
        let name = &loaded.flow.name;
        let stem = format!("{}.{}", name.replace('/', "-"), diag.code);
        let count = written.entry(stem.clone()).or_default();
        let number = if *count == 0 {
            String::new()
        } else {
            format!("-{}", *count + 1)
        };
        let file = folder.join(format!("{stem}{number}.toml"));
        let PlacedDiag { line, .. } = place(diag, sources);
        let at = format!("{}:{line}", diag.at.file);
        match example(name, diag, &at, &file.display().to_string()) {
            Some(text) => {
                *count += 1;
                fs::write(file, text)?;
            }
            None => left_out += 1,
        }
    }
    Ok(left_out)
}

/// Whether a fault is one of a flow's, whatever severity the settings give it.
fn has(loaded: &Loaded, diag: &Diag) -> bool {
    loaded
        .warnings
        .iter()
        .any(|other| (other.code, &other.at) == (diag.code, &diag.at))
}
