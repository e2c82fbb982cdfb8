//! The file: where it is, that it lasts, and that one which is gone is missed.

use std::fs;
use std::io::{self, ErrorKind};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;

use redb::backends::FileBackend;
use redb::{Database, DatabaseError, StorageError};

use super::damage::{disk, guarded};
use super::format::prepare;
use crate::store::Error;

/// The file of a database, in its folder.
pub const FILE: &str = "hookswitch.redb";
/// It says that a store was here; without it, a folder with no database is one of a first start.
pub(super) const MARKER: &str = "hookswitch.store";
/// What stands in it, for who wonders.
const MARKER_TEXT: &str = "\
A store of Hookswitch is kept here, in hookswitch.redb. While this file is here, a database that is gone or empty is
reported as lost, and no empty one is made in its place: `hookswitch store restore FILE` puts a backup there. To begin
with an empty store, delete this file, and hookswitch.redb if it is there.
";
/// The database while it is being made: one at its own name is whole.
const UNFINISHED: &str = "hookswitch.redb.new";
/// Memory for pages, in bytes.
const CACHE: usize = 128 << 20;

/// Whether a store is in a folder, or was and is lost.
pub fn is_kept(folder: &Path) -> bool {
    folder.join(FILE).exists() || folder.join(MARKER).exists()
}

/// Opens the file in a folder, every page of it checked; makes what is missing at a first start, and makes that last.
pub(super) fn open(folder: &Path) -> Result<Database, Error> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(disk)?;
    let path = folder.join(FILE);
    let database = match length(&path)? {
        Some(1..) => open_checked(&path)?,
        None if !folder.join(MARKER).exists() => make(folder)?,
        length => {
            return Err(Error::Lost {
                path,
                is_empty: length.is_some(),
            });
        }
    };
    mark(folder).map_err(disk)?;
    Ok(database)
}

fn length(path: &Path) -> Result<Option<u64>, Error> {
    match fs::metadata(path) {
        Ok(file) => Ok(Some(file.len())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(disk(error)),
    }
}

/// Opens a database that is there.
pub(super) fn open_checked(path: &Path) -> Result<Database, Error> {
    let open = || {
        let file = fs::OpenOptions::new()
            .read(true)
            .write(true)
            .open(path)
            .map_err(disk)?;
        let backend = FileBackend::new(file).map_err(|error| not_opened(error, path))?;
        let database = Database::builder()
            .set_cache_size(CACHE)
            .set_check_integrity_on_open(true)
            .create_with_backend(backend);
        prepare(database.map_err(|error| not_opened(error, path))?)
    };
    guarded(open)
}

/// Makes a database beside its place and moves it there when it is whole.
fn make(folder: &Path) -> Result<Database, Error> {
    let (unfinished, path) = (folder.join(UNFINISHED), folder.join(FILE));
    let file = fs::OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&unfinished);
    let backend =
        FileBackend::new(file.map_err(disk)?).map_err(|error| not_opened(error, &path))?;
    let database = Database::builder()
        .set_cache_size(CACHE)
        .create_with_backend(backend);
    let database = prepare(database.map_err(|error| not_opened(error, &path))?)?;
    fs::rename(&unfinished, &path).map_err(disk)?;
    Ok(database)
}

/// Leaves word that a store is here.
pub(super) fn mark(folder: &Path) -> io::Result<()> {
    let marker = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(folder.join(MARKER));
    match marker {
        Ok(mut marker) => {
            io::Write::write_all(&mut marker, MARKER_TEXT.as_bytes())?;
            marker.sync_all()?;
            sync_folders(folder)
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }
}

/// A file survives a power loss when its folder was synced, and a folder when its own was; that one may not be ours.
pub(super) fn sync_folders(folder: &Path) -> io::Result<()> {
    let folder = folder.canonicalize()?;
    fs::File::open(&folder)?.sync_all()?;
    folder
        .parent()
        .and_then(|parent| fs::File::open(parent).ok())
        .map_or(Ok(()), |parent| parent.sync_all())
}

pub(super) fn not_opened(error: DatabaseError, path: &Path) -> Error {
    match error {
        DatabaseError::DatabaseAlreadyOpen => Error::InUse(path.display().to_string()),
        DatabaseError::UpgradeRequired(found) => Error::Format {
            found: format!("redb file {found}"),
            known: "redb file 3".to_owned(),
        },
        // What does not begin as a database does, or ends too soon.
        DatabaseError::Storage(StorageError::Io(error))
            if matches!(
                error.kind(),
                ErrorKind::InvalidData | ErrorKind::UnexpectedEof
            ) =>
        {
            Error::Damaged(Box::new(error))
        }
        other => disk(other),
    }
}
