//! What is read of a stranger's folder: no more of a file than shows that it is too large, and nothing outside.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::Path;

use crate::written::MAX_SOURCE;

/// The bytes of a file, and of one over [`MAX_SOURCE`] no more than what shows that it is.
///
/// # Errors
/// When it cannot be read.
pub fn read_bounded(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?
        .take(MAX_SOURCE as u64 + 1)
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Whether a path of a folder leads out of it, by a link. What leads nowhere does not lead out.
pub fn leads_out(folder: &Path, path: &Path) -> bool {
    let Ok(end) = fs::canonicalize(path) else {
        return false;
    };
    fs::canonicalize(folder).is_ok_and(|folder| !end.starts_with(folder))
}
