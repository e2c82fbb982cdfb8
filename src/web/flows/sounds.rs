//! The recordings that a flow names itself, found in the folder of the manifests.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use toml::de::{DeTable, DeValue};

use crate::audio::{Library, ManifestFault};
use crate::engine::flow::{Sound, Unplayable};

/// The key that names a recording.
const AUDIO: &str = "audio";

/// The recordings that flows can play: those of the manifests, and those that they name themselves.
pub(super) fn sounds(library: &Library) -> (BTreeMap<String, Sound>, BTreeMap<String, Unplayable>) {
    let (mut sounds, mut unplayable) = (BTreeMap::new(), BTreeMap::new());
    for (written, known) in &library.sounds {
        match known {
            Ok(path) => {
                let (path, text) = (Arc::clone(path), None);
                sounds.insert(written.clone(), Sound { path, text });
            }
            Err(ManifestFault {
                code,
                message,
                help,
                ..
            }) => {
                let fault = Unplayable {
                    code: *code,
                    message: message.clone(),
                    help: help.clone(),
                };
                unplayable.insert(written.clone(), fault);
            }
        }
    }
    (sounds, unplayable)
}

/// Finds the recordings that a flow names itself.
pub(super) fn name_sounds(source: &str, library: &mut Library, folder: &Path) {
    for written in named_recordings(source) {
        // Its fault is told where the flow names it.
        let _ = library.sound(folder, &written);
    }
}

/// What a flow may name as a recording of ours, wherever it stands: what the flow does not play harms nobody.
fn named_recordings(source: &str) -> Vec<String> {
    // Reading a file as TOML is a good part of what checking it costs. Other letters for `audio` have a backslash.
    if !source.contains(AUDIO) && !source.contains('\\') {
        return Vec::new();
    }
    let (document, _) = DeTable::parse_recoverable(source);
    let mut open: Vec<&DeValue<'_>> = document
        .get_ref()
        .values()
        .map(toml::Spanned::get_ref)
        .collect();
    let mut named = Vec::new();
    while let Some(value) = open.pop() {
        match value {
            DeValue::Array(list) => open.extend(list.iter().map(toml::Spanned::get_ref)),
            DeValue::Table(table) => {
                let audio = table
                    .get(AUDIO)
                    .and_then(|value| value.get_ref().as_str())
                    .filter(|path| !path.contains("://") && !path.contains("{{"));
                named.extend(audio.map(str::to_owned));
                open.extend(table.values().map(toml::Spanned::get_ref));
            }
            _ => {}
        }
    }
    named
}
