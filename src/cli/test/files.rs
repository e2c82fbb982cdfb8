//! Which files are played.

use std::io;
use std::path::{Path, PathBuf};

use crate::audio::{leads_out, read_bounded};
use crate::cli::exit;
use crate::written::text_of;

/// The files that paths name, those of folders by their names in order; an error is printed, and is an exit code.
pub fn find(paths: &[PathBuf], filter: Option<&str>) -> Result<Vec<String>, u8> {
    let mut files = Vec::new();
    for path in paths {
        if let Err(error) = list(path, &mut files) {
            eprintln!("{} cannot be read: {error}", path.display());
            return Err(exit::SURROUNDINGS);
        }
    }
    let mut files: Vec<String> = files
        .into_iter()
        .map(|path| path.display().to_string())
        .collect();
    files.sort();
    files.dedup();
    if files.is_empty() {
        let folders: Vec<_> = paths
            .iter()
            .map(|path| path.display().to_string())
            .collect();
        eprintln!(
            "there are no calls (files that end with .toml) in {}",
            folders.join(", ")
        );
        return Err(exit::SURROUNDINGS);
    }
    let all = files.len();
    files.retain(|file| filter.is_none_or(|text| file.contains(text)));
    if files.is_empty() {
        eprintln!(
            "none of {all} files holds `{}` in its path",
            filter.unwrap_or_default()
        );
        return Err(exit::SURROUNDINGS);
    }
    Ok(files)
}

fn list(path: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    if !std::fs::metadata(path)?.is_dir() {
        files.push(path.to_owned());
        return Ok(());
    }
    let folder = path;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let (path, hidden) = (
            entry.path(),
            entry.file_name().to_string_lossy().starts_with('.'),
        );
        // A link to a folder is not followed: it may lead back here.
        let is_folder = entry.file_type()?.is_dir();
        if leads_out(folder, &path) {
            eprintln!(
                "warning: {} is left out: it is a link out of its folder",
                path.display()
            );
            continue;
        }
        if !hidden
            && (is_folder
                || path.extension().is_some_and(|ending| ending == "toml") && !path.is_dir())
        {
            list(&path, files)?;
        }
    }
    Ok(())
}

/// The text of a file that people write.
///
/// # Errors
/// When it cannot be read, or is no text.
pub fn read(file: &Path) -> io::Result<String> {
    text_of(read_bounded(file)?).map_err(io::Error::other)
}
