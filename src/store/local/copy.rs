//! A copy of everything that there is, in a database of its own: table by table, within one read transaction, so that it
//! is of one moment though calls go on.

use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use redb::backends::FileBackend;
use redb::{Database, Key, ReadTransaction, WriteTransaction};

use super::damage::{disk, guarded};
use super::file::sync_folders;
use super::format::make_tables;
use super::inspect::{MayContinue, count_name, row_name, trail_name};
use super::tables::{
    BEGUN, CALLS, COUNTS, PAUSED, RECORDINGS, ROWS, SWITCHED, TRAILS, TableEntry, TypedTable,
    VERSIONS,
};
use crate::engine::Fingerprint;
use crate::store::Error;
use crate::store::inspection::{Inspection, Tally};

/// What is done with a value that is not what was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Damaged {
    /// It is copied as it is, so that it stays known to be damaged.
    Kept,
    /// It is left out, and so is what cannot be reached.
    LeftOut,
}

/// Copies everything into a file that is not there yet: it has its name once it is whole and on the disk.
pub(super) fn copy_to(
    path: &Path,
    transaction: &ReadTransaction,
    damaged: Damaged,
    leave: MayContinue<'_>,
) -> Result<Inspection, Error> {
    let unwritable = |source| Error::Write {
        path: path.to_owned(),
        source,
    };
    // The name is ours from here on, so that nothing of anybody is overwritten.
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .map_err(unwritable)?;
    let part = part_of(path);
    let copied = write_part(&part, transaction, damaged, leave).and_then(|found| {
        fs::rename(&part, path)
            .and_then(|()| sync_folders(&folder_of(path)))
            .map_err(unwritable)?;
        Ok(found)
    });
    if copied.is_err() {
        // Whoever cannot write may not be able to delete either.
        let _ = (fs::remove_file(&part), fs::remove_file(path));
    }
    copied
}

fn part_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".part");
    name.into()
}

fn folder_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(folder) if folder != Path::new("") => folder.to_owned(),
        _ => ".".into(),
    }
}

fn write_part(
    part: &Path,
    transaction: &ReadTransaction,
    damaged: Damaged,
    leave: MayContinue<'_>,
) -> Result<Inspection, Error> {
    let unwritable = |source: io::Error| Error::Write {
        path: part.to_owned(),
        source,
    };
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(part);
    let backend = FileBackend::new(file.map_err(unwritable)?).map_err(disk)?;
    let target = Database::builder()
        .create_with_backend(backend)
        .map_err(disk)?;
    let found = copy(transaction, &target, damaged, leave)?;
    target.close().map_err(disk)?;
    Ok(found)
}

fn copy(
    transaction: &ReadTransaction,
    target: &Database,
    damaged: Damaged,
    leave: MayContinue<'_>,
) -> Result<Inspection, Error> {
    let writing = target.begin_write().map_err(disk)?;
    make_tables(&writing)?;
    let mut copy = Copy {
        from: transaction,
        to: &writing,
        damaged,
        leave,
        found: Inspection::default(),
    };
    copy.table(CALLS, |sid| (*sid).to_owned())?;
    copy.table(ROWS, row_name)?;
    copy.table(RECORDINGS, |hash| (*hash).to_owned())?;
    copy.table(VERSIONS, |version| Fingerprint(*version).to_string())?;
    copy.table(TRAILS, trail_name)?;
    copy.table(BEGUN, |sid| (*sid).to_owned())?;
    copy.table(PAUSED, |backend| (*backend).to_owned())?;
    copy.table(SWITCHED, |hours| (*hours).to_owned())?;
    copy.table(COUNTS, count_name)?;
    let found = copy.found;
    writing.commit().map_err(disk)?;
    Ok(found)
}

struct Copy<'a> {
    from: &'a ReadTransaction,
    to: &'a WriteTransaction,
    damaged: Damaged,
    leave: MayContinue<'a>,
    found: Inspection,
}

impl Copy<'_> {
    fn table<K: Key + 'static>(
        &mut self,
        table: TypedTable<K>,
        name: impl for<'k> Fn(&K::SelfType<'k>) -> String,
    ) -> Result<(), Error> {
        let mut tally = Tally {
            table: table.name.to_owned(),
            values: 0,
            bytes: 0,
        };
        let (mut to, found, leave, damaged) = (
            table.write(self.to)?,
            &mut self.found,
            self.leave,
            self.damaged,
        );
        let mut take = |(key, value): &TableEntry<'_, K>| {
            leave()?;
            if let Err(reason) = value.value() {
                found.note(table.name, name(&key.value()), &reason.0);
                if damaged == Damaged::LeftOut {
                    return Ok(());
                }
            }
            if to.insert_raw(key.value(), value.raw())? {
                tally.count(value);
            }
            Ok(())
        };
        let copied = guarded(|| {
            for record in table.read(self.from)?.entries()? {
                take(&record?)?;
            }
            Ok(())
        });
        let copied = match copied {
            Err(error @ Error::Damaged(_)) if damaged == Damaged::LeftOut => {
                guarded(|| from_the_end(table, self.from, &mut take)).ok();
                self.found.note(table.name, String::new(), &error);
                Ok(())
            }
            other => other,
        };
        self.found.tables.push(tally);
        copied
    }
}

/// Takes what can be reached from a table's other end; what was taken from the first end is only taken again.
fn from_the_end<K: Key + 'static>(
    table: TypedTable<K>,
    from: &ReadTransaction,
    take: &mut dyn FnMut(&TableEntry<'_, K>) -> Result<(), Error>,
) -> Result<(), Error> {
    for record in table.read(from)?.entries()?.rev() {
        take(&record?)?;
    }
    Ok(())
}
