//! What can be done within one write transaction: the contract's writes, on the tables and on the index.

use bytes::Bytes;
use jiff::Timestamp;
use redb::{Key, WriteTransaction};

use super::codec::{
    VersionRecord, decode_call, decode_kept, decode_row, decode_stored, decode_trail, encode_begun,
    encode_call, encode_kept, encode_row, encode_trail, row_key, trail_key, trail_place,
};
use super::index::Index;
use super::tables::{
    BEGUN, CALLS, PAUSED, PROBE, RECORDINGS, ROWS, SWITCHED, TRAILS, TypedTable, VERSIONS,
    WriteTable,
};
use super::{disk, trails};
use crate::engine::{CallSid, Fingerprint};
use crate::store::Error;
use crate::store::contract::{
    Append, Backlog, Commit, Committed, Ended, Marked, Row, RowFilter, RowId, RowPlace, RowState,
    RowUpdate, Stored, StoredVersion, Trace,
};
use crate::store::record::{Head, Verdict};
use crate::store::trail::StoredTrail as Trail;

/// How much `ping` writes, in bytes.
const PROBE_LENGTH: usize = 64 << 10;

/// A write transaction under way. Tables are opened when they are first needed: most turns need one.
pub(super) struct Turns<'txn> {
    transaction: &'txn WriteTransaction,
    index: &'txn mut Index,
    calls: Option<WriteTable<'txn, &'static str>>,
    rows: Option<WriteTable<'txn, &'static [u8]>>,
    pub(super) changed: bool,
}

fn opened<'a, 'txn, K: Key + 'static>(
    slot: &'a mut Option<WriteTable<'txn, K>>,
    transaction: &'txn WriteTransaction,
    table: TypedTable<K>,
) -> Result<&'a mut WriteTable<'txn, K>, Error> {
    match slot {
        Some(table) => Ok(table),
        None => Ok(slot.insert(table.write(transaction)?)),
    }
}

impl<'txn> Turns<'txn> {
    pub fn new(transaction: &'txn WriteTransaction, index: &'txn mut Index) -> Self {
        Self {
            transaction,
            index,
            calls: None,
            rows: None,
            changed: false,
        }
    }

    /// Whether there is anything to be made durable.
    pub fn changed(&self) -> bool {
        self.changed
    }

    fn calls(&mut self) -> Result<&mut WriteTable<'txn, &'static str>, Error> {
        opened(&mut self.calls, self.transaction, CALLS)
    }

    fn rows(&mut self) -> Result<&mut WriteTable<'txn, &'static [u8]>, Error> {
        opened(&mut self.rows, self.transaction, ROWS)
    }

    /// Notes that there is something to be made durable.
    pub(super) fn touch(&mut self) {
        self.changed = true;
    }

    pub(super) fn open<K: Key + 'static>(
        &mut self,
        table: TypedTable<K>,
    ) -> Result<WriteTable<'txn, K>, Error> {
        table.write(self.transaction)
    }

    pub fn commit(&mut self, commit: &Commit, now: Timestamp) -> Result<Committed, Error> {
        let (before, mut trail) = self.head_and_trail(&commit.sid)?.unzip();
        let head = match Head::judge(before.as_ref(), commit, now) {
            Verdict::Write(head) => head,
            Verdict::Behind => {
                return Ok(self
                    .stored(&commit.sid)?
                    .map_or(Committed::Gone, Committed::Behind));
            }
            Verdict::Gone => return Ok(Committed::Gone),
        };
        let mut trail = trail.take().unwrap_or_default();
        for trace in &commit.trail {
            trail.append(trace);
        }
        if head.finished && !trail.bytes.is_empty() {
            self.put_trail(&commit.sid, std::mem::take(&mut trail))?;
        }
        self.put_call(
            &commit.sid,
            before,
            &head,
            encode_call(&head, &commit.state, &commit.reply, &trail),
        )?;
        self.add_rows(&commit.rows)?;
        Ok(Committed::Done)
    }

    pub fn append(&mut self, append: &Append) -> Result<Committed, Error> {
        let sid = &append.sid;
        let Some((before, _, reply, mut trail)) = self.call(sid)? else {
            return Ok(Committed::Gone);
        };
        let head = match Head::judge_late(Some(&before), append) {
            Verdict::Write(head) => head,
            Verdict::Behind => {
                return Ok(self.stored(sid)?.map_or(Committed::Gone, Committed::Behind));
            }
            Verdict::Gone => return Ok(Committed::Gone),
        };
        self.trace(sid, &mut trail, &append.trail)?;
        self.put_call(
            sid,
            Some(before),
            &head,
            encode_call(&head, &append.state, &reply, &trail),
        )?;
        self.add_rows(&append.rows)?;
        Ok(Committed::Done)
    }

    fn add_rows(&mut self, rows: &[Row]) -> Result<(), Error> {
        for row in rows {
            if self.row(&row.id)?.is_none() && self.delivered(&row.id)?.is_none() {
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
            for trace in traces {
                trail.append(trace);
            }
            return Ok(());
        }
        if self.open(BEGUN)?.get(sid.as_str())?.is_none() {
            return Ok(());
        }
        let mut later = Trail::default();
        for trace in traces {
            later.append(trace);
        }
        self.put_trail(sid, later)
    }

    pub fn mark_ended(
        &mut self,
        sid: &CallSid,
        ended: Ended,
        due: Timestamp,
        trace: Option<&Trace>,
        now: Timestamp,
    ) -> Result<Marked, Error> {
        let Some((before, state, reply, mut trail)) = self.call(sid)? else {
            let head = Head::early(ended, now);
            self.put_call(
                sid,
                None,
                &head,
                encode_call(&head, &[], &[], &Trail::default()),
            )?;
            return Ok(Marked::Early);
        };
        let (head, marked) = before.marked(ended, due);
        if marked == Marked::First {
            self.trace(
                sid,
                &mut trail,
                trace.map(std::slice::from_ref).unwrap_or_default(),
            )?;
        }
        self.put_call(
            sid,
            Some(before),
            &head,
            encode_call(&head, &state, &reply, &trail),
        )?;
        Ok(marked)
    }

    pub fn lease_calls(
        &mut self,
        now: Timestamp,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<CallSid>, Error> {
        let due = self.index.due_calls(now, limit);
        for sid in &due {
            self.change_head(sid, |head| Some(Head { due: until, ..head }))?;
        }
        Ok(due)
    }

    pub fn expire_finished(&mut self, before: Timestamp, limit: usize) -> Result<usize, Error> {
        let old = self.index.finished_calls(before, limit);
        for sid in &old {
            if let Some(head) = self.head(sid)? {
                self.changed = true;
                self.calls()?.remove(sid.as_str())?;
                self.index.remove_call(sid, &head);
            }
        }
        Ok(old.len())
    }

    fn head(&mut self, sid: &CallSid) -> Result<Option<Head>, Error> {
        let Some(record) = self.calls()?.get(sid.as_str())? else {
            return Ok(None);
        };
        record
            .value()
            .and_then(decode_call)
            .map(|record| Some(record.head))
            .map_err(|reason| reason.of(sid))
    }

    /// A call's head, state, reply and trail.
    fn call(&mut self, sid: &CallSid) -> Result<Option<(Head, Bytes, Bytes, Trail)>, Error> {
        let Some(record) = self.calls()?.get(sid.as_str())? else {
            return Ok(None);
        };
        let record = record
            .value()
            .and_then(decode_call)
            .map_err(|reason| reason.of(sid))?;
        let copy = Bytes::copy_from_slice;
        Ok(Some((
            record.head,
            copy(record.state),
            copy(record.reply),
            record.trail(),
        )))
    }

    fn head_and_trail(&mut self, sid: &CallSid) -> Result<Option<(Head, Trail)>, Error> {
        let Some(record) = self.calls()?.get(sid.as_str())? else {
            return Ok(None);
        };
        let record = record
            .value()
            .and_then(decode_call)
            .map_err(|reason| reason.of(sid))?;
        Ok(Some((record.head, record.trail())))
    }

    /// Moves the trail of a call whose flow is over to where it is kept for longer, behind that of earlier visits.
    fn put_trail(&mut self, sid: &CallSid, later: Trail) -> Result<(), Error> {
        self.changed = true;
        let (mut trails, mut begun) = (self.open(TRAILS)?, self.open(BEGUN)?);
        let mut trail = match trails::earlier(&begun, &trails, sid) {
            Ok(earlier) => earlier.unwrap_or_default(),
            // What is damaged must not keep the call from its end.
            Err(error @ Error::Corrupt { .. }) => {
                tracing::error!(call_sid = %sid, %error, "The trail of earlier visits is given up.");
                Trail::default()
            }
            Err(error) => return Err(error),
        };
        trail.join(later);
        begun.insert(sid.as_str(), encode_begun(trail.began))?;
        trails.insert(
            &trail_key(trail.began, sid.as_str())[..],
            encode_trail(&trail),
        )?;
        Ok(())
    }

    pub fn expire_trails(&mut self, before: Timestamp, limit: usize) -> Result<usize, Error> {
        let before = before.as_millisecond();
        let (mut trails, mut begun) = (self.open(TRAILS)?, self.open(BEGUN)?);
        let mut old = Vec::new();
        for record in trails.range::<&[u8]>(..&trail_key(before, "")[..])? {
            let (key, record) = record?;
            // One that cannot be read has nothing to wait for.
            let trail = record.value().and_then(|trail| decode_trail(0, trail));
            if trail.map_or(true, |trail| trail.last < before) {
                old.push(key.value().to_vec());
            }
            if old.len() == limit {
                break;
            }
        }
        for key in &old {
            self.changed = true;
            trails.remove(&key[..])?;
            if let Ok((_, sid)) = trail_place(key) {
                begun.remove(sid.as_str())?;
            }
        }
        Ok(old.len())
    }

    fn stored(&mut self, sid: &CallSid) -> Result<Option<Stored>, Error> {
        let Some(record) = self.calls()?.get(sid.as_str())? else {
            return Ok(None);
        };
        record
            .value()
            .and_then(decode_stored)
            .map_err(|reason| reason.of(sid))
    }

    /// Changes a call's head and leaves the rest; false when it is not there or the change declines.
    fn change_head(
        &mut self,
        sid: &CallSid,
        change: impl FnOnce(Head) -> Option<Head>,
    ) -> Result<bool, Error> {
        let (before, head, bytes) = {
            let Some(record) = self.calls()?.get(sid.as_str())? else {
                return Ok(false);
            };
            let record = record
                .value()
                .and_then(decode_call)
                .map_err(|reason| reason.of(sid))?;
            let Some(head) = change(record.head) else {
                return Ok(false);
            };
            (
                record.head,
                head,
                encode_call(&head, record.state, record.reply, &record.trail()),
            )
        };
        self.put_call(sid, Some(before), &head, bytes)?;
        Ok(true)
    }

    fn put_call(
        &mut self,
        sid: &CallSid,
        before: Option<Head>,
        head: &Head,
        bytes: Vec<u8>,
    ) -> Result<(), Error> {
        self.changed = true;
        self.calls()?.insert(sid.as_str(), bytes)?;
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

    /// Makes due at once whatever is being sent; that it was stays written, so that it becomes ambiguous.
    pub fn end_leases(&mut self, leased: &[RowId]) -> Result<(), Error> {
        for id in leased {
            if let Some(row) = self.row(id)? {
                self.put_row(&Row {
                    next: row.created.min(row.next),
                    ..row
                })?;
            }
        }
        Ok(())
    }

    pub fn settle(&mut self, id: &RowId, report: RowUpdate) -> Result<bool, Error> {
        let keep = report.keep;
        let owed = self.row(id)?;
        let is_owed = owed.is_some();
        let Some(mut row) = owed.map_or_else(|| self.delivered(id), |row| Ok(Some(row)))? else {
            return Ok(false);
        };
        row.settle(report);
        if row.state != RowState::Delivered {
            self.put_row(&row)?;
            return Ok(true);
        }
        if is_owed {
            self.remove_row(id)?;
        }
        if keep {
            self.put_delivered(&row)?;
        } else {
            self.remove_delivered(id)?;
        }
        Ok(is_owed)
    }

    pub fn complete_row(&mut self, id: &RowId, body: &Bytes, at: Timestamp) -> Result<bool, Error> {
        let Some(mut row) = self.row(id)? else {
            return Ok(false);
        };
        let done = row.complete(body.clone(), at);
        if done {
            self.put_row(&row)?;
        }
        Ok(done)
    }

    pub fn retry_row(&mut self, id: &RowId, at: Timestamp) -> Result<bool, Error> {
        let owed = self.row(id)?;
        let Some(mut row) = owed.map_or_else(|| self.delivered(id), |row| Ok(Some(row)))? else {
            return Ok(false);
        };
        if row.state == RowState::Delivered {
            self.remove_delivered(id)?;
        }
        row.restart(at);
        self.put_row(&row)?;
        Ok(true)
    }

    pub fn drop_row(&mut self, id: &RowId) -> Result<bool, Error> {
        if self.row(id)?.is_some() {
            self.remove_row(id)?;
            return Ok(true);
        }
        self.remove_delivered(id)
    }

    pub fn backlog(&mut self) -> Result<Vec<Backlog>, Error> {
        let mut backlogs = self.index.backlog();
        self.count_delivered(&mut backlogs)?;
        Ok(backlogs)
    }

    /// The next of the owed rows that a filter admits, and where to go on.
    pub fn list_rows(
        &mut self,
        filter: &RowFilter,
        behind: &RowPlace,
        limit: usize,
    ) -> Result<(Vec<Row>, Option<RowPlace>), Error> {
        let mut listed = self.index.listed(filter, behind, limit + 1);
        let is_cut = listed.len() > limit;
        listed.truncate(limit);
        let place = |(at, id): &(i64, RowId)| {
            let at = Timestamp::from_microsecond(*at).ok()?;
            let id = id.clone();
            Some(RowPlace { at, id })
        };
        let more = listed.last().filter(|_| is_cut).and_then(place);
        let mut rows = Vec::with_capacity(listed.len());
        for (_, id) in &listed {
            // One that cannot be read must not hide the others.
            let row = self.row(id).or_else(|error| match error {
                Error::Corrupt { .. } => Ok(None),
                error => Err(error),
            })?;
            rows.extend(row.filter(|row| filter.admits(row)));
        }
        Ok((rows, more))
    }

    fn row(&mut self, id: &RowId) -> Result<Option<Row>, Error> {
        let record = self.rows()?.get(&row_key(id)[..])?;
        let row = record.map(|record| record.value().and_then(|row| decode_row(id.clone(), row)));
        row.transpose().map_err(|reason| reason.of(id))
    }

    fn put_row(&mut self, row: &Row) -> Result<(), Error> {
        self.changed = true;
        let before = self
            .rows()?
            .insert(&row_key(&row.id)[..], encode_row(row))?;
        let before = before.and_then(|before| {
            before
                .value()
                .and_then(|bytes| decode_row(row.id.clone(), bytes))
                .ok()
        });
        if let Some(before) = before {
            self.index.remove_row(&before);
        }
        self.index.add_row(row);
        Ok(())
    }

    fn remove_row(&mut self, id: &RowId) -> Result<(), Error> {
        self.changed = true;
        let before = self.rows()?.remove(&row_key(id)[..])?;
        let before = before.and_then(|before| {
            before
                .value()
                .and_then(|bytes| decode_row(id.clone(), bytes))
                .ok()
        });
        if let Some(before) = before {
            self.index.remove_row(&before);
        }
        Ok(())
    }

    pub fn pause(&mut self, backend: &str, pause: bool) -> Result<(), Error> {
        self.changed = true;
        let mut paused = self.open(PAUSED)?;
        if pause {
            paused.insert(backend, Vec::new()).map(drop)
        } else {
            paused.remove(backend).map(drop)
        }
    }

    pub fn switch_hours(&mut self, name: &str, switch: Option<Vec<u8>>) -> Result<(), Error> {
        self.changed = true;
        let mut switched = self.open(SWITCHED)?;
        match switch {
            Some(switch) => switched.insert(name, switch).map(drop),
            None => switched.remove(name).map(drop),
        }
    }

    pub fn keep_version(&mut self, version: &StoredVersion, now: Timestamp) -> Result<(), Error> {
        self.changed = true;
        let mut stored = self.open(RECORDINGS)?;
        for (hash, bytes) in &version.recordings {
            // The name is the content's hash: what is there is the same.
            if stored.get(hash.as_str())?.is_none() {
                stored.insert(hash.as_str(), bytes.to_vec())?;
            }
        }
        let recordings = version
            .recordings
            .iter()
            .map(|(hash, _)| hash.clone())
            .collect();
        let kept = VersionRecord {
            last: now.as_microsecond(),
            recordings,
            bundle: version.bundle.to_vec(),
        };
        self.open(VERSIONS)?
            .insert(version.fingerprint.0, encode_kept(&kept))?;
        Ok(())
    }

    pub fn forget_versions(
        &mut self,
        in_service: &[Fingerprint],
        before: Timestamp,
    ) -> Result<usize, Error> {
        let mut versions = self.open(VERSIONS)?;
        let (mut old, mut named) = (Vec::new(), Vec::new());
        for record in versions.entries()? {
            let (key, record) = record?;
            let version = Fingerprint(key.value());
            let kept = record
                .value()
                .and_then(decode_kept)
                .map_err(|reason| reason.of(&version))?;
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
            versions.remove(version.0)?;
            for hash in hashes.iter().filter(|hash| !named.contains(hash)) {
                recordings.remove(hash.as_str())?;
            }
        }
        Ok(old.len())
    }

    /// Takes as much room as a turn may, which a disk that is full does not give.
    pub fn fill_probe(&mut self) -> Result<(), Error> {
        self.changed = true;
        self.open(PROBE)?
            .insert("probe", vec![0x5a; PROBE_LENGTH])
            .map(drop)
    }

    /// Gives the room back.
    pub fn drop_probe(&mut self) -> Result<(), Error> {
        self.changed = true;
        self.transaction
            .delete_table(TypedTable::<&str>::definition(PROBE.name))
            .map(drop)
            .map_err(disk)
    }
}
