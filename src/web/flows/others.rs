//! The flows that a flow can go through: those of its folder, whichever of them is looked at.

use std::collections::BTreeMap;
use std::path::Path;
use std::{fs, io};

use crate::audio::{leads_out, read_bounded};
use crate::engine::flow::FlowFile;
use crate::written::text_of;

/// How deep flow folders may nest.
const MAX_DEPTH: usize = 8;

/// The flows of a folder, and those of a list of names and paths, by name. What cannot be read is reported where it is
/// looked at by itself.
pub(super) fn flows(folder: &Path, listed: &[(String, String)]) -> BTreeMap<String, FlowFile> {
    let mut files = Vec::new();
    let _ = list(folder, "", 0, &mut files);
    files.retain(|(_, path)| !leads_out(folder, Path::new(path)));
    files.extend(listed.iter().cloned());
    let named = files.into_iter().filter(|(name, _)| is_flow_name(name));
    let read = |(name, path): (String, String)| {
        let source = text_of(read_bounded(Path::new(&path)).ok()?).ok()?;
        let file = FlowFile {
            file: path.into(),
            source: source.into(),
        };
        Some((name, file))
    };
    named.filter_map(read).collect()
}

/// Flow files below a folder, with their names, sorted.
pub(super) fn list(
    folder: &Path,
    prefix: &str,
    depth: usize,
    files: &mut Vec<(String, String)>,
) -> io::Result<()> {
    let mut entries = fs::read_dir(folder)?.collect::<io::Result<Vec<_>>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let file_name = entry.file_name().to_string_lossy().into_owned();
        // Hidden ones, and those that editors put beside a file which is open.
        if file_name.starts_with(['.', '~', '#']) {
            continue;
        }
        let path = entry.path();
        if path.is_dir() {
            if depth < MAX_DEPTH {
                list(&path, &format!("{prefix}{file_name}/"), depth + 1, files)?;
            }
        } else if let Some((stem, ending)) = file_name.rsplit_once('.')
            && ending.eq_ignore_ascii_case("toml")
        {
            files.push((format!("{prefix}{stem}"), path.display().to_string()));
        }
    }
    Ok(())
}

/// Each part of a flow's name is `[a-z0-9][a-z0-9_-]*`.
pub(super) fn is_flow_name(name: &str) -> bool {
    name.split('/').all(|part| {
        part.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
            && part
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-')
    })
}
