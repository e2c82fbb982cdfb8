//! The format of the whole: what a new database is made with, and how one of the format before becomes one of this.
//!
//! | format | what is different |
//! |---|---|
//! | 1 | values carry no checksums; `begun` holds a number; the first of this format had neither `trails` nor `begun` |
//! | 2 | this one; the first of it had no table of delivered rows |

use redb::{
    Database, Key, ReadableTable as _, TableDefinition, TableHandle as _, Value, WriteTransaction,
};

use super::codec::encode_begun;
use super::disk;
use super::tables::{
    BEGUN, CALLS, COUNTS, DELIVERED, DELIVERED_AT, DELIVERED_COUNT, META, PAUSED, RECORDINGS, ROWS,
    SWITCHED, TRAILS, TypedTable, VERSIONS,
};
use crate::store::Error;

/// The number of the format that is written here.
const FORMAT: u64 = 2;

/// Checks the format of a database, brings one of the format before to this, or writes it into a new one, with every
/// table.
pub(super) fn prepare(database: Database) -> Result<Database, Error> {
    let transaction = database.begin_write().map_err(disk)?;
    let found = transaction
        .open_table(META)
        .map_err(disk)?
        .get("format")
        .map_err(disk)?
        .map(|format| format.value());
    match found {
        Some(FORMAT) if has_all(&transaction)? => {
            return transaction.abort().map_err(disk).map(|()| database);
        }
        Some(FORMAT) => {}
        Some(1) => add_checksums(&transaction)?,
        Some(found) => {
            return Err(Error::Format {
                found: found.to_string(),
                known: FORMAT.to_string(),
            });
        }
        None => {}
    }
    make_tables(&transaction)?;
    transaction.commit().map_err(disk)?;
    Ok(database)
}

/// Makes the tables that are not there yet.
pub(super) fn make_tables(transaction: &WriteTransaction) -> Result<(), Error> {
    transaction
        .open_table(META)
        .map_err(disk)?
        .insert("format", FORMAT)
        .map_err(disk)?;
    CALLS.write(transaction)?;
    ROWS.write(transaction)?;
    VERSIONS.write(transaction)?;
    RECORDINGS.write(transaction)?;
    PAUSED.write(transaction)?;
    SWITCHED.write(transaction)?;
    COUNTS.write(transaction)?;
    TRAILS.write(transaction)?;
    BEGUN.write(transaction)?;
    DELIVERED.write(transaction)?;
    DELIVERED_AT.write(transaction)?;
    DELIVERED_COUNT.write(transaction)?;
    Ok(())
}

/// Whether it has the tables too that the first of this format had not.
fn has_all(transaction: &WriteTransaction) -> Result<bool, Error> {
    let later = [DELIVERED.name, SWITCHED.name, COUNTS.name];
    later
        .into_iter()
        .try_fold(true, |all, table| Ok(all && has(transaction, table)?))
}

fn has(transaction: &WriteTransaction, table: &str) -> Result<bool, Error> {
    Ok(transaction
        .list_tables()
        .map_err(disk)?
        .any(|known| known.name() == table))
}

/// Writes every value again, with its checksum.
fn add_checksums(transaction: &WriteTransaction) -> Result<(), Error> {
    tracing::info!("The store is brought to a new format: each value gets a checksum.");
    rewrite::<_, &[u8]>(transaction, CALLS, <[u8]>::to_vec)?;
    rewrite::<_, &[u8]>(transaction, ROWS, <[u8]>::to_vec)?;
    rewrite::<_, &[u8]>(transaction, VERSIONS, <[u8]>::to_vec)?;
    rewrite::<_, &[u8]>(transaction, RECORDINGS, <[u8]>::to_vec)?;
    rewrite::<_, &[u8]>(transaction, TRAILS, <[u8]>::to_vec)?;
    rewrite::<_, i64>(transaction, BEGUN, encode_begun)?;
    rewrite::<_, ()>(transaction, PAUSED, |()| Vec::new())
}

fn rewrite<K, V>(
    transaction: &WriteTransaction,
    table: TypedTable<K>,
    content: fn(V::SelfType<'_>) -> Vec<u8>,
) -> Result<(), Error>
where
    K: Key + 'static,
    V: Value + 'static,
{
    let name = format!("{} of format 1", table.name);
    let (now, before) = (
        TableDefinition::<K, V>::new(table.name),
        TableDefinition::<K, V>::new(&name),
    );
    if !has(transaction, table.name)? {
        return Ok(());
    }
    transaction.rename_table(now, before).map_err(disk)?;
    let mut written = table.write(transaction)?;
    for record in transaction
        .open_table(before)
        .map_err(disk)?
        .iter()
        .map_err(disk)?
    {
        let (key, value) = record.map_err(disk)?;
        written.insert(key.value(), content(value.value()))?;
    }
    transaction.delete_table(before).map(drop).map_err(disk)
}
