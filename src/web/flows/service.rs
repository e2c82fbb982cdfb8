//! What goes into service of the flows that were read.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use bytes::Bytes;

use super::folder::{Source, Sources};
use super::{Current, Faulty, FlowVersion};
use crate::audio::Recording;
use crate::engine::load::Loaded;
use crate::written::number::canonical;

/// What goes into service, given what was there before. Takes the flows and recordings, and adds the flows' faults to the
/// others.
pub(super) fn serve(sources: &mut Sources, before: &Current) -> Current {
    let mut current = Current {
        recordings: std::mem::take(&mut sources.recordings),
        ..Current::default()
    };
    let flows = std::mem::take(&mut sources.flows);
    let names: HashSet<String> = flows.iter().map(|source| source.name.clone()).collect();
    for Source { name, loaded } in flows {
        let old = before.by_name.get(&name);
        match loaded {
            Ok(loaded) => {
                sources.faults.extend(loaded.warnings.iter().cloned());
                let same = old
                    .filter(|old| old.fingerprint() == loaded.flow.fingerprint)
                    .map(Arc::clone);
                let version =
                    same.unwrap_or_else(|| Arc::new(version(loaded, &current.recordings)));
                current.by_name.insert(name, version);
            }
            Err(diags) => {
                sources.faults.extend(diags.iter().cloned());
                current
                    .by_name
                    .extend(old.map(|old| (name.clone(), Arc::clone(old))));
                current.out.push(Faulty {
                    name,
                    diags,
                    kept: old.is_some(),
                });
            }
        }
    }
    if sources.is_partial {
        let missing = before
            .by_name
            .iter()
            .filter(|(name, _)| !names.contains(*name));
        current
            .by_name
            .extend(missing.map(|(name, version)| (name.clone(), Arc::clone(version))));
    }
    let lines = current.by_name.iter();
    for (name, version) in lines.filter(|(_, version)| !version.flow.needs_args()) {
        current.by_number.extend(
            version
                .flow
                .numbers
                .iter()
                .map(|number| (canonical(number), name.clone())),
        );
    }
    sources.faults.sort_by_key(|diag| diag.severity);
    current.faults.clone_from(&sources.faults);
    current
}

fn version(loaded: Loaded, recordings: &HashMap<Arc<str>, Recording>) -> FlowVersion {
    let bytes = |path: &str| -> Option<(String, Bytes)> {
        recordings
            .get(path)
            .map(|recording| (path.to_owned(), recording.bytes.clone()))
    };
    let played = loaded.bundle.recordings().filter_map(bytes).collect();
    FlowVersion::new(loaded.flow, loaded.bundle, played)
}
