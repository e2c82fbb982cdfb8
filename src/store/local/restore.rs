//! Putting a backup in the place of a store that nobody serves.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use redb::backends::FileBackend;
use redb::{Database, ReadableDatabase as _};

use super::copy::{Damaged, copy_to};
use super::damage::{disk, guarded};
use super::file::{FILE, mark, not_opened, open_checked, sync_folders};
use super::format::prepare;
use super::inspect::inspect;
use crate::store::Error;
use crate::store::inspection::Inspection;

/// The backup while it is looked at.
const CANDIDATE: &str = "hookswitch.redb.restoring";
/// What can be read of it, where that is asked for.
const READABLE: &str = "hookswitch.redb.readable";

/// What became of a backup that was to be restored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Restored {
    /// It is in its place.
    Done {
        /// What is in it.
        found: Inspection,
        /// Where the database is now that was there before.
        aside: Option<PathBuf>,
    },
    /// It is damaged, and everything is as it was.
    Refused(Inspection),
}

/// Puts a backup in its place in a folder: verified, the database that is there kept aside, nothing overwritten.
/// With `readable`, the backup may be damaged, and what can be read of it is taken.
///
/// # Errors
/// When a process serves the folder, or the backup cannot be read or is none.
pub fn restore(folder: &Path, backup: &Path, readable: bool) -> Result<Restored, Error> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(disk)?;
    let _ours = lock(&folder.join(FILE))?;
    let mut candidate = Candidate::copied(backup, folder)?;
    let found = if readable {
        candidate.keep_readable(folder)
    } else {
        candidate.inspect()
    }?;
    if !readable && !found.is_sound() {
        return Ok(Restored::Refused(found));
    }
    // From here on a database that is not there is missed, should this end in the middle.
    mark(folder).map_err(disk)?;
    let aside = set_aside(folder)?;
    fs::rename(&candidate.path, folder.join(FILE)).map_err(disk)?;
    sync_folders(folder).map_err(disk)?;
    Ok(Restored::Done { found, aside })
}

/// The lock that whoever serves a database holds; nothing where none is.
fn lock(path: &Path) -> Result<Option<File>, Error> {
    let file = match OpenOptions::new().read(true).write(true).open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        opened => opened.map_err(disk)?,
    };
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Err(Error::InUse(path.display().to_string())),
        Err(TryLockError::Error(error)) => Err(disk(error)),
    }
}

fn set_aside(folder: &Path) -> Result<Option<PathBuf>, Error> {
    let path = folder.join(FILE);
    if !path.exists() {
        return Ok(None);
    }
    let aside = folder.join(format!(
        "before-restore-{}",
        Timestamp::now().strftime("%Y-%m-%dT%H-%M-%S%.3fZ")
    ));
    fs::DirBuilder::new()
        .mode(0o700)
        .create(&aside)
        .map_err(disk)?;
    fs::rename(&path, aside.join(FILE)).map_err(disk)?;
    sync_folders(&aside).map_err(disk)?;
    Ok(Some(aside))
}

/// A copy of a backup beside the place where it is to be: opening a database writes to it, and a backup is left alone.
/// It goes with this value, unless it was moved to its place.
struct Candidate {
    path: PathBuf,
}

impl Drop for Candidate {
    fn drop(&mut self) {
        // Mostly it is not there any more.
        let _ = fs::remove_file(&self.path);
    }
}

impl Candidate {
    fn copied(backup: &Path, folder: &Path) -> Result<Self, Error> {
        let unreadable = |source| Error::Read {
            path: backup.to_owned(),
            source,
        };
        let mut from = File::open(backup).map_err(unreadable)?;
        let candidate = Self {
            path: folder.join(CANDIDATE),
        };
        let to = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&candidate.path);
        let mut to = to.map_err(disk)?;
        if io::copy(&mut from, &mut to).map_err(unreadable)? == 0 {
            return Err(unreadable(io::Error::new(
                io::ErrorKind::InvalidData,
                "it is empty",
            )));
        }
        to.sync_all().map_err(disk)?;
        Ok(candidate)
    }

    /// Looks at every page and every value.
    fn inspect(&self) -> Result<Inspection, Error> {
        guarded(|| {
            let database = open_checked(&self.path)?;
            let found = inspect(&database.begin_read().map_err(disk)?, &|| Ok(()))?;
            database.close().map_err(disk)?;
            Ok(found)
        })
    }

    /// Becomes a database of what can be read in it.
    fn keep_readable(&mut self, folder: &Path) -> Result<Inspection, Error> {
        let readable = Self {
            path: folder.join(READABLE),
        };
        // What an attempt before left that was cut off.
        let _ = fs::remove_file(&readable.path);
        let found = guarded(|| {
            let file = OpenOptions::new()
                .read(true)
                .write(true)
                .open(&self.path)
                .map_err(disk)?;
            let backend = FileBackend::new(file).map_err(disk)?;
            let database = Database::builder().create_with_backend(backend);
            let database = prepare(database.map_err(|error| not_opened(error, &self.path))?)?;
            let transaction = database.begin_read().map_err(disk)?;
            copy_to(&readable.path, &transaction, Damaged::LeftOut, &|| Ok(()))
        })?;
        *self = readable;
        Ok(found)
    }
}
