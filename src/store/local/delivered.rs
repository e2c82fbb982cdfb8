//! Rows that their backend has: in tables of their own, so that what is owed is all that is read at the start and held in
//! the index. Found by name, and by when they were delivered, which is also how they are listed and go.

use std::ops::Bound;

use jiff::Timestamp;
use redb::ReadTransaction;

use super::codec::{Unreadable, decode_row, encode_row, row_id, row_key, time_key, time_of};
use super::tables::{DELIVERED, DELIVERED_AT, DELIVERED_COUNT};
use super::turns::Turns;
use crate::store::Error;
use crate::store::contract::{Backlog, Row, RowFilter, RowId, RowPlace, RowState};

impl Turns<'_> {
    /// A delivered row.
    pub(super) fn delivered(&mut self, id: &RowId) -> Result<Option<Row>, Error> {
        let table = self.open(DELIVERED)?;
        let row = table
            .get(&row_key(id)[..])?
            .map(|row| decode_row(id.clone(), row.value()?));
        row.transpose().map_err(|reason| reason.of(id))
    }

    /// Writes a delivered row, whether it is there already or not.
    pub(super) fn put_delivered(&mut self, row: &Row) -> Result<(), Error> {
        self.remove_delivered(&row.id)?;
        self.touch();
        let key = row_key(&row.id);
        self.open(DELIVERED)?.insert(&key[..], encode_row(row))?;
        self.open(DELIVERED_AT)?
            .insert(&time_key(row.next, &key)[..], row.backend.clone().into())?;
        self.count(&row.backend, 1)
    }

    /// Deletes a delivered row; false when there is none.
    pub(super) fn remove_delivered(&mut self, id: &RowId) -> Result<bool, Error> {
        let Some(row) = self.delivered(id)? else {
            return Ok(false);
        };
        self.touch();
        let key = row_key(id);
        self.open(DELIVERED)?.remove(&key[..])?;
        self.open(DELIVERED_AT)?
            .remove(&time_key(row.next, &key)[..])?;
        self.count(&row.backend, -1)?;
        Ok(true)
    }

    fn count(&mut self, backend: &str, by: i64) -> Result<(), Error> {
        let mut counts = self.open(DELIVERED_COUNT)?;
        let count = counts
            .get(backend)?
            .map(|count| read_count(count.value()?))
            .transpose();
        let count = count
            .map_err(|reason| reason.of(backend))?
            .unwrap_or_default()
            .saturating_add_signed(by);
        match count {
            0 => counts.remove(backend)?,
            _ => counts.insert(backend, count.to_be_bytes().into())?,
        };
        Ok(())
    }

    /// Deletes at most `limit` of the rows that were delivered before `before`.
    pub fn expire_delivered(&mut self, before: Timestamp, limit: usize) -> Result<usize, Error> {
        let mut old = Vec::new();
        for record in self
            .open(DELIVERED_AT)?
            .range(..&time_key(before, &[])[..])?
            .take(limit)
        {
            old.push(record?.0.value().to_vec());
        }
        for key in &old {
            let id = row_id(time_of(key).1).map_err(|reason| reason.of("a delivered row"))?;
            self.remove_delivered(&id)?;
        }
        Ok(old.len())
    }

    /// Adds the counts of delivered rows to what is owed.
    pub(super) fn count_delivered(&mut self, backlogs: &mut Vec<Backlog>) -> Result<(), Error> {
        for record in self.open(DELIVERED_COUNT)?.entries()? {
            let (backend, count) = record?;
            let backend = backend.value();
            let count = count
                .value()
                .and_then(read_count)
                .map_err(|reason| reason.of(backend))?;
            let place = backlogs.binary_search_by(|backlog| backlog.backend.as_str().cmp(backend));
            let place = place.unwrap_or_else(|place| {
                backlogs.insert(place, Backlog::of(backend));
                place
            });
            backlogs[place].rows[RowState::Delivered as usize] = count;
        }
        Ok(())
    }
}

fn read_count(bytes: &[u8]) -> Result<u64, Unreadable> {
    bytes
        .try_into()
        .map(u64::from_be_bytes)
        .map_err(|_| Unreadable("it is no count"))
}

/// The next delivered rows that a filter admits, in the order in which they were delivered, and where to go on.
pub(super) fn list(
    transaction: &ReadTransaction,
    filter: &RowFilter,
    behind: &RowPlace,
    limit: usize,
) -> Result<(Vec<Row>, Option<RowPlace>), Error> {
    let delivered = DELIVERED.read(transaction)?;
    let behind = time_key(behind.at, &row_key(&behind.id));
    let range = (Bound::Excluded(&behind[..]), Bound::Unbounded);
    let mut rows = Vec::new();
    for record in DELIVERED_AT.read(transaction)?.range::<&[u8]>(range)? {
        let (key, backend) = record?;
        let is_wanted = |backend: &[u8]| {
            filter
                .backend
                .as_ref()
                .is_none_or(|only| only.as_bytes() == backend)
        };
        if !backend.value().is_ok_and(is_wanted) {
            continue;
        }
        let (_, key) = time_of(key.value());
        // One that cannot be read must not hide the others.
        let found = delivered.get(key)?;
        let row = found.and_then(|row| decode_row(row_id(key).ok()?, row.value().ok()?).ok());
        let Some(row) = row.filter(|row| filter.admits(row)) else {
            continue;
        };
        if rows.len() == limit {
            let more = rows.last().map(Row::place);
            return Ok((rows, more));
        }
        rows.push(row);
    }
    Ok((rows, None))
}
