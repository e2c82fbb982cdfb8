//! What can be done within one write transaction: the contract's writes, on the tables and on the index.

use bytes::Bytes;
use jiff::Timestamp;
use redb::{Key, ReadableTable, Table, TableDefinition, Value, WriteTransaction};

use super::codec::{
    Kept, decode_call, decode_kept, decode_row, decode_stored, decode_trail, encode_call, encode_kept, encode_row,
    encode_trail, row_key, trail_key, trail_place,
};
use super::disk;
use super::index::Index;
use crate::engine::{CallSid, Fingerprint};
use crate::store::Error;
use crate::store::contract::{
    Append, Backlog, Commit, Committed, Ended, Marked, Row, RowId, Settlement, Stored, Trace, Version,
};
use crate::store::record::{Head, Verdict};
use crate::store::trail::Kept as Trail;

/// Call → head, state, reply.
pub(super) const CALLS: TableDefinition<&str, &[u8]> = TableDefinition::new("calls");
/// Call and what tells it apart → row.
pub(super) const ROWS: TableDefinition<&[u8], &[u8]> = TableDefinition::new("rows");
/// Fingerprint → when it was last in service, its recordings' hashes, its bundle.
pub(super) const VERSIONS: TableDefinition<u64, &[u8]> = TableDefinition::new("versions");
/// Hash → bytes.
pub(super) const RECORDINGS: TableDefinition<&str, &[u8]> = TableDefinition::new("recordings");
/// When it began and whose it is → a finished call's trail.
pub(super) const TRAILS: TableDefinition<&[u8], &[u8]> = TableDefinition::new("trails");
/// Call → when its finished trail began.
pub(super) const BEGUN: TableDefinition<&str, i64> = TableDefinition::new("begun");
/// The backends that are paused.
pub(super) const PAUSED: TableDefinition<&str, ()> = TableDefinition::new("paused");
/// The format's number, and what `ping` writes.
pub(super) const META: TableDefinition<&str, u64> = TableDefinition::new("meta");

/// A write transaction under way. Tables are opened when they are first needed: most turns need one.
pub(super) struct Turns<'txn> {
    transaction: &'txn WriteTransaction,
    index: &'txn mut Index,
    calls: Option<Table<'txn, &'static str, &'static [u8]>>,
    rows: Option<Table<'txn, &'static [u8], &'static [u8]>>,
    changed: bool,
}

fn opened<'a, 'txn, K: Key, V: Value>(
    slot: &'a mut Option<Table<'txn, K, V>>,
    transaction: &'txn WriteTransaction,
    definition: TableDefinition<'_, K, V>,
) -> Result<&'a mut Table<'txn, K, V>, Error> {
    match slot {
        Some(table) => Ok(table),
        None => Ok(slot.insert(transaction.open_table(definition).map_err(disk)?)),
    }
}

impl<'txn> Turns<'txn> {
    pub fn new(transaction: &'txn WriteTransaction, index: &'txn mut Index) -> Self {
        Self { transaction, index, calls: None, rows: None, changed: false }
    }

    /// Whether there is anything to be made durable.
    pub fn changed(&self) -> bool {
        self.changed
    }

    fn calls(&mut self) -> Result<&mut Table<'txn, &'static str, &'static [u8]>, Error> {
        opened(&mut self.calls, self.transaction, CALLS)
    }

    fn rows(&mut self) -> Result<&mut Table<'txn, &'static [u8], &'static [u8]>, Error> {
        opened(&mut self.rows, self.transaction, ROWS)
    }

    fn open<K: Key, V: Value>(&mut self, definition: TableDefinition<'_, K, V>) -> Result<Table<'txn, K, V>, Error> {
        self.transaction.open_table(definition).map_err(disk)
    }

    pub fn commit(&mut self, commit: &Commit, now: Timestamp) -> Result<Committed, Error> {
        let (before, mut trail) = self.head_and_trail(&commit.sid)?.unzip();
        let head = match Head::judge(before.as_ref(), commit, now) {
            Verdict::Write(head) => head,
            Verdict::Behind => return Ok(self.stored(&commit.sid)?.map_or(Committed::Gone, Committed::Behind)),
            Verdict::Gone => return Ok(Committed::Gone),
        };
        let mut trail = trail.take().unwrap_or_default();
        commit.trail.iter().for_each(|trace| trail.append(trace));
        if head.finished && !trail.bytes.is_empty() {
            self.put_trail(&commit.sid, std::mem::take(&mut trail))?;
        }
        self.put_call(&commit.sid, before, &head, &encode_call(&head, &commit.state, &commit.reply, &trail))?;
        self.add_rows(&commit.rows)?;
        Ok(Committed::Done)
    }

    pub fn append(&mut self, append: &Append) -> Result<Committed, Error> {
        let sid = &append.sid;
        let Some((before, _, reply, mut trail)) = self.call(sid)? else { return Ok(Committed::Gone) };
        let head = match Head::judge_late(Some(&before), append) {
            Verdict::Write(head) => head,
            Verdict::Behind => return Ok(self.stored(sid)?.map_or(Committed::Gone, Committed::Behind)),
            Verdict::Gone => return Ok(Committed::Gone),
        };
        self.trace(sid, &mut trail, &append.trail)?;
        self.put_call(sid, Some(before), &head, &encode_call(&head, &append.state, &reply, &trail))?;
        self.add_rows(&append.rows)?;
        Ok(Committed::Done)
    }

    fn add_rows(&mut self, rows: &[Row]) -> Result<(), Error> {
        for row in rows {
            if self.row(&row.id)?.is_none() {
                self.put_row(row)?;
            }
        }
        Ok(())
    }

    /// Puts entries into the trail that a call has, wherever it lies.
    fn trace(&mut self, sid: &CallSid, trail: &mut Trail, traces: &[Trace]) -> Result<(), Error> {
        if traces.is_empty() {
            return Ok(());
        }
        if !trail.bytes.is_empty() {
            traces.iter().for_each(|trace| trail.append(trace));
            return Ok(());
        }
        if self.open(BEGUN)?.get(sid.as_str()).map_err(disk)?.is_none() {
            return Ok(());
        }
        let mut later = Trail::default();
        traces.iter().for_each(|trace| later.append(trace));
        self.put_trail(sid, later)
    }

    pub fn mark_ended(
        &mut self,
        sid: &CallSid,
        ended: Ended,
        due: Timestamp,
        trace: Option<&Trace>,
    ) -> Result<Marked, Error> {
        let Some((before, state, reply, mut trail)) = self.call(sid)? else {
            let head = Head::early(ended, Timestamp::now());
            self.put_call(sid, None, &head, &encode_call(&head, &[], &[], &Trail::default()))?;
            return Ok(Marked::Early);
        };
        let (head, marked) = before.marked(ended, due);
        if marked == Marked::First {
            self.trace(sid, &mut trail, trace.map(std::slice::from_ref).unwrap_or_default())?;
        }
        self.put_call(sid, Some(before), &head, &encode_call(&head, &state, &reply, &trail))?;
        Ok(marked)
    }

    pub fn lease_calls(&mut self, now: Timestamp, until: Timestamp, limit: usize) -> Result<Vec<CallSid>, Error> {
        let due = self.index.due_calls(now, limit);
        for sid in &due {
            self.change_head(sid, |head| Some(Head { due: until, ..head }))?;
        }
        Ok(due)
    }

    pub fn sweep_finished(&mut self, before: Timestamp, limit: usize) -> Result<usize, Error> {
        let old = self.index.finished_calls(before, limit);
        for sid in &old {
            if let Some(head) = self.head(sid)? {
                self.changed = true;
                self.calls()?.remove(sid.as_str()).map_err(disk)?;
                self.index.remove_call(sid, &head);
            }
        }
        Ok(old.len())
    }

    fn head(&mut self, sid: &CallSid) -> Result<Option<Head>, Error> {
        let Some(record) = self.calls()?.get(sid.as_str()).map_err(disk)? else { return Ok(None) };
        decode_call(record.value()).map(|record| Some(record.head)).map_err(|reason| reason.of(sid))
    }

    /// A call's head, state, reply and trail.
    fn call(&mut self, sid: &CallSid) -> Result<Option<(Head, Bytes, Bytes, Trail)>, Error> {
        let Some(record) = self.calls()?.get(sid.as_str()).map_err(disk)? else { return Ok(None) };
        let record = decode_call(record.value()).map_err(|reason| reason.of(sid))?;
        let copy = Bytes::copy_from_slice;
        Ok(Some((record.head, copy(record.state), copy(record.reply), record.trail())))
    }

    fn head_and_trail(&mut self, sid: &CallSid) -> Result<Option<(Head, Trail)>, Error> {
        let Some(record) = self.calls()?.get(sid.as_str()).map_err(disk)? else { return Ok(None) };
        let record = decode_call(record.value()).map_err(|reason| reason.of(sid))?;
        Ok(Some((record.head, record.trail())))
    }

    /// Moves the trail of a call whose flow is over to where it is kept for longer, behind that of earlier visits.
    fn put_trail(&mut self, sid: &CallSid, later: Trail) -> Result<(), Error> {
        self.changed = true;
        let (mut trails, mut begun) = (self.open(TRAILS)?, self.open(BEGUN)?);
        let mut trail = Trail::default();
        if let Some(began) = begun.get(sid.as_str()).map_err(disk)?.map(|began| began.value())
            && let Some(earlier) = trails.get(&trail_key(began, sid.as_str())[..]).map_err(disk)?
        {
            trail = decode_trail(began, earlier.value()).map_err(|reason| reason.of(sid))?;
        }
        trail.join(later);
        begun.insert(sid.as_str(), trail.began).map_err(disk)?;
        trails.insert(&trail_key(trail.began, sid.as_str())[..], &encode_trail(&trail)[..]).map_err(disk)?;
        Ok(())
    }

    pub fn sweep_trails(&mut self, before: Timestamp, limit: usize) -> Result<usize, Error> {
        let before = before.as_millisecond();
        let (mut trails, mut begun) = (self.open(TRAILS)?, self.open(BEGUN)?);
        let mut old = Vec::new();
        for record in trails.range::<&[u8]>(..&trail_key(before, "")[..]).map_err(disk)? {
            let (key, record) = record.map_err(disk)?;
            // One that cannot be read has nothing to wait for.
            if decode_trail(0, record.value()).map_or(true, |trail| trail.last < before) {
                old.push(key.value().to_vec());
            }
            if old.len() == limit {
                break;
            }
        }
        for key in &old {
            self.changed = true;
            trails.remove(&key[..]).map_err(disk)?;
            if let Ok((_, sid)) = trail_place(key) {
                begun.remove(sid.as_str()).map_err(disk)?;
            }
        }
        Ok(old.len())
    }

    fn stored(&mut self, sid: &CallSid) -> Result<Option<Stored>, Error> {
        let record = self.calls()?.get(sid.as_str()).map_err(disk)?;
        let Some(record) = record else { return Ok(None) };
        decode_stored(record.value()).map_err(|reason| reason.of(sid))
    }

    /// Changes a call's head and leaves the rest; false when it is not there or the change declines.
    fn change_head(&mut self, sid: &CallSid, change: impl FnOnce(Head) -> Option<Head>) -> Result<bool, Error> {
        let (before, head, bytes) = {
            let Some(record) = self.calls()?.get(sid.as_str()).map_err(disk)? else { return Ok(false) };
            let record = decode_call(record.value()).map_err(|reason| reason.of(sid))?;
            let Some(head) = change(record.head) else { return Ok(false) };
            (record.head, head, encode_call(&head, record.state, record.reply, &record.trail()))
        };
        self.put_call(sid, Some(before), &head, &bytes)?;
        Ok(true)
    }

    fn put_call(&mut self, sid: &CallSid, before: Option<Head>, head: &Head, bytes: &[u8]) -> Result<(), Error> {
        self.changed = true;
        self.calls()?.insert(sid.as_str(), bytes).map_err(disk)?;
        if let Some(before) = before {
            self.index.remove_call(sid, &before);
        }
        self.index.add_call(sid, head);
        Ok(())
    }

    pub fn lease_rows(
        &mut self,
        backend: &str,
        now: Timestamp,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<Row>, Error> {
        let due = self.index.due_rows(backend, now, limit);
        let mut rows = Vec::with_capacity(due.len());
        for id in due {
            if let Some(mut row) = self.row(&id)? {
                row.lease(until);
                self.put_row(&row)?;
                rows.push(row);
            }
        }
        Ok(rows)
    }

    pub fn settle(&mut self, id: &RowId, settlement: Settlement) -> Result<bool, Error> {
        let Some(mut row) = self.row(id)? else { return Ok(false) };
        if row.settle(settlement) {
            self.put_row(&row)?
        } else {
            self.remove_row(id)?
        }
        Ok(true)
    }

    pub fn retry_row(&mut self, id: &RowId, at: Timestamp) -> Result<bool, Error> {
        let Some(mut row) = self.row(id)? else { return Ok(false) };
        row.restart(at);
        self.put_row(&row)?;
        Ok(true)
    }

    pub fn drop_row(&mut self, id: &RowId) -> Result<bool, Error> {
        let known = self.row(id)?.is_some();
        if known {
            self.remove_row(id)?;
        }
        Ok(known)
    }

    pub fn backlog(&mut self) -> Vec<Backlog> {
        self.index.backlog()
    }

    fn row(&mut self, id: &RowId) -> Result<Option<Row>, Error> {
        let record = self.rows()?.get(&row_key(id)[..]).map_err(disk)?;
        record.map(|record| decode_row(id.clone(), record.value()).map_err(|reason| reason.of(id))).transpose()
    }

    fn put_row(&mut self, row: &Row) -> Result<(), Error> {
        self.changed = true;
        let bytes = encode_row(row);
        let before = self.rows()?.insert(&row_key(&row.id)[..], &bytes[..]).map_err(disk)?;
        let before = before.and_then(|before| decode_row(row.id.clone(), before.value()).ok());
        if let Some(before) = before {
            self.index.remove_row(&before);
        }
        self.index.add_row(row);
        Ok(())
    }

    fn remove_row(&mut self, id: &RowId) -> Result<(), Error> {
        self.changed = true;
        let before = self.rows()?.remove(&row_key(id)[..]).map_err(disk)?;
        let before = before.and_then(|before| decode_row(id.clone(), before.value()).ok());
        if let Some(before) = before {
            self.index.remove_row(&before);
        }
        Ok(())
    }

    pub fn pause(&mut self, backend: &str, pause: bool) -> Result<(), Error> {
        self.changed = true;
        let mut paused = self.open(PAUSED)?;
        if pause { paused.insert(backend, ()).map(drop) } else { paused.remove(backend).map(drop) }.map_err(disk)
    }

    pub fn keep_version(&mut self, version: &Version, now: Timestamp) -> Result<(), Error> {
        self.changed = true;
        let mut stored = self.open(RECORDINGS)?;
        for (hash, bytes) in &version.recordings {
            // The name is the content's hash: what is there is the same.
            if stored.get(hash.as_str()).map_err(disk)?.is_none() {
                stored.insert(hash.as_str(), &bytes[..]).map_err(disk)?;
            }
        }
        let recordings = version.recordings.iter().map(|(hash, _)| hash.clone()).collect();
        let kept = Kept { last: now.as_microsecond(), recordings, bundle: version.bundle.to_vec() };
        self.open(VERSIONS)?.insert(version.fingerprint.0, &encode_kept(&kept)[..]).map_err(disk)?;
        Ok(())
    }

    pub fn forget_versions(&mut self, in_service: &[Fingerprint], before: Timestamp) -> Result<usize, Error> {
        let mut versions = self.open(VERSIONS)?;
        let (mut old, mut named) = (Vec::new(), Vec::new());
        for record in versions.iter().map_err(disk)? {
            let (key, record) = record.map_err(disk)?;
            let version = Fingerprint(key.value());
            let kept = decode_kept(record.value()).map_err(|reason| reason.of(version))?;
            let is_needed = in_service.contains(&version) || self.index.is_running(version);
            if is_needed || kept.last >= before.as_microsecond() {
                named.extend(kept.recordings);
            } else {
                old.push((version, kept.recordings));
            }
        }
        let mut recordings = self.open(RECORDINGS)?;
        for (version, hashes) in &old {
            self.changed = true;
            versions.remove(version.0).map_err(disk)?;
            for hash in hashes.iter().filter(|hash| !named.contains(hash)) {
                recordings.remove(hash.as_str()).map_err(disk)?;
            }
        }
        Ok(old.len())
    }

    /// Writes something, to learn whether it can be made durable.
    pub fn ping(&mut self) -> Result<(), Error> {
        self.changed = true;
        let mut meta = self.open(META)?;
        let pings = meta.get("pings").map_err(disk)?.map_or(0, |pings| pings.value());
        meta.insert("pings", pings.wrapping_add(1)).map(drop).map_err(disk)
    }
}

/// Copies what a guard shows, so that it outlives the transaction.
pub(super) fn copied(guard: redb::AccessGuard<'_, &'static [u8]>) -> Bytes {
    Bytes::copy_from_slice(guard.value())
}
