//! The tables, and the checksum that every value in them carries: eight bytes of XXH3 behind it, over the table's name,
//! the key and the value. Nothing else reads or writes a value, so that none is believed unseen.

use std::borrow::Borrow;
use std::marker::PhantomData;
use std::ops::RangeBounds;

use redb::{
    AccessGuard, Key, ReadOnlyTable, ReadTransaction, ReadableTable, TableDefinition,
    WriteTransaction,
};
use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

use super::codec::Unreadable;
use super::disk;
use crate::store::Error;

/// Call → head, state, reply.
pub(super) const CALLS: TypedTable<&str> = TypedTable::new("calls");
/// Call and key → row.
pub(super) const ROWS: TypedTable<&[u8]> = TypedTable::new("rows");
/// Fingerprint → when it was last in service, its recordings' hashes, its bundle.
pub(super) const VERSIONS: TypedTable<u64> = TypedTable::new("versions");
/// Hash → bytes.
pub(super) const RECORDINGS: TypedTable<&str> = TypedTable::new("recordings");
/// When it began and whose it is → a finished call's trail.
pub(super) const TRAILS: TypedTable<&[u8]> = TypedTable::new("trails");
/// Call → when its finished trail began.
pub(super) const BEGUN: TypedTable<&str> = TypedTable::new("begun");
/// The backends that are paused → nothing.
pub(super) const PAUSED: TypedTable<&str> = TypedTable::new("paused");
/// Opening hours → how somebody has switched them.
pub(super) const SWITCHED: TypedTable<&str> = TypedTable::new("switched");
/// When it is forgotten and name → how often something was done.
pub(super) const COUNTS: TypedTable<&[u8]> = TypedTable::new("counts");
/// Call and key → a delivered row.
pub(super) const DELIVERED: TypedTable<&[u8]> = TypedTable::new("delivered");
/// When it was delivered, then the same → its backend.
pub(super) const DELIVERED_AT: TypedTable<&[u8]> = TypedTable::new("delivered_at");
/// Backend → how many of them there are.
pub(super) const DELIVERED_COUNT: TypedTable<&str> = TypedTable::new("delivered_count");
/// What `ping` writes, and deletes at once.
pub(super) const PROBE: TypedTable<&str> = TypedTable::new("probe");
/// The format's number: the one table without checksums.
pub(super) const META: TableDefinition<&str, u64> = TableDefinition::new("meta");

/// The bytes of a checksum.
const SUM: usize = 8;

/// A table's name and the type of its keys.
pub(super) struct TypedTable<K: Key + 'static> {
    pub name: &'static str,
    key: PhantomData<K>,
}

/// A table that is open for reading.
pub(super) type ReadTable<K> = Checked<K, ReadOnlyTable<K, &'static [u8]>>;
/// A table that is open for reading and writing.
pub(super) type WriteTable<'txn, K> = Checked<K, redb::Table<'txn, K, &'static [u8]>>;

impl<K: Key + 'static> Clone for TypedTable<K> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K: Key + 'static> Copy for TypedTable<K> {}

impl<K: Key + 'static> TypedTable<K> {
    const fn new(name: &'static str) -> Self {
        Self {
            name,
            key: PhantomData,
        }
    }

    /// As redb knows it, or one that looks like it and has another name.
    pub fn definition(name: &str) -> TableDefinition<'_, K, &'static [u8]> {
        TableDefinition::new(name)
    }

    pub fn read(self, transaction: &ReadTransaction) -> Result<ReadTable<K>, Error> {
        let table = transaction
            .open_table(Self::definition(self.name))
            .map_err(disk)?;
        Ok(Checked {
            table,
            name: self.name,
            key: PhantomData,
        })
    }

    pub fn write(self, transaction: &WriteTransaction) -> Result<WriteTable<'_, K>, Error> {
        let table = transaction
            .open_table(Self::definition(self.name))
            .map_err(disk)?;
        Ok(Checked {
            table,
            name: self.name,
            key: PhantomData,
        })
    }
}

/// An open table.
pub(super) struct Checked<K, T> {
    table: T,
    name: &'static str,
    key: PhantomData<K>,
}

/// A value that was found, not looked at yet.
pub(super) struct FoundValue<'t> {
    guard: AccessGuard<'t, &'static [u8]>,
    seed: u64,
}

/// A key and its value.
pub(super) type TableEntry<'t, K> = (AccessGuard<'t, K>, FoundValue<'t>);

impl FoundValue<'_> {
    /// The value with its checksum, as it is.
    pub fn raw(&self) -> &[u8] {
        self.guard.value()
    }

    /// The value, if it is what was written.
    pub fn value(&self) -> Result<&[u8], Unreadable> {
        let (value, sum) = self
            .guard
            .value()
            .split_last_chunk::<SUM>()
            .ok_or(Unreadable("it is cut"))?;
        let is_whole = xxh3_64_with_seed(value, self.seed).to_le_bytes() == *sum;
        is_whole
            .then_some(value)
            .ok_or(Unreadable("its checksum does not fit: it is damaged"))
    }
}

impl<K: Key + 'static, T: ReadableTable<K, &'static [u8]>> Checked<K, T> {
    pub fn get<'k>(
        &self,
        key: impl Borrow<K::SelfType<'k>>,
    ) -> Result<Option<FoundValue<'_>>, Error> {
        let seed = self.seed(key.borrow());
        Ok(self
            .table
            .get(key)
            .map_err(disk)?
            .map(|guard| FoundValue { guard, seed }))
    }

    pub fn entries(
        &self,
    ) -> Result<impl DoubleEndedIterator<Item = Result<TableEntry<'_, K>, Error>>, Error> {
        let records = self.table.iter().map_err(disk)?;
        Ok(records.map(|record| record.map(|record| self.found(record)).map_err(disk)))
    }

    pub fn range<'k, R: Borrow<K::SelfType<'k>> + 'k>(
        &self,
        keys: impl RangeBounds<R> + 'k,
    ) -> Result<impl DoubleEndedIterator<Item = Result<TableEntry<'_, K>, Error>>, Error> {
        let records = self.table.range(keys).map_err(disk)?;
        Ok(records.map(|record| record.map(|record| self.found(record)).map_err(disk)))
    }

    fn found<'t>(
        &self,
        (key, guard): (AccessGuard<'t, K>, AccessGuard<'t, &'static [u8]>),
    ) -> (AccessGuard<'t, K>, FoundValue<'t>) {
        let seed = self.seed(&key.value());
        (key, FoundValue { guard, seed })
    }

    fn seed(&self, key: &K::SelfType<'_>) -> u64 {
        xxh3_64_with_seed(K::as_bytes(key).as_ref(), xxh3_64(self.name.as_bytes()))
    }
}

impl<K: Key + 'static> WriteTable<'_, K> {
    /// Writes a value behind which it puts the checksum; the one that was there before.
    pub fn insert<'k>(
        &mut self,
        key: impl Borrow<K::SelfType<'k>>,
        mut value: Vec<u8>,
    ) -> Result<Option<FoundValue<'_>>, Error> {
        let seed = self.seed(key.borrow());
        value.extend(xxh3_64_with_seed(&value, seed).to_le_bytes());
        Ok(self
            .table
            .insert(key, &value[..])
            .map_err(disk)?
            .map(|guard| FoundValue { guard, seed }))
    }

    /// Writes a value that has its checksum already; false where one was there.
    pub fn insert_raw<'k>(
        &mut self,
        key: impl Borrow<K::SelfType<'k>>,
        raw: &[u8],
    ) -> Result<bool, Error> {
        Ok(self.table.insert(key, raw).map_err(disk)?.is_none())
    }

    pub fn remove<'k>(
        &mut self,
        key: impl Borrow<K::SelfType<'k>>,
    ) -> Result<Option<FoundValue<'_>>, Error> {
        let seed = self.seed(key.borrow());
        Ok(self
            .table
            .remove(key)
            .map_err(disk)?
            .map(|guard| FoundValue { guard, seed }))
    }
}
