//! Everything in this process's memory: for tests, and the reference for what the other engines do.
//!
//! Sync inside; a map's guard lives within one method and never crosses an await. Guards are taken in the order of the
//! fields, so that no two methods wait for each other.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use dashmap::{DashMap, DashSet, Entry};
use jiff::Timestamp;

use super::Error;
use super::allowance::{ActName, Allowance, CountKey, CountName, answer, kept};
use super::contract::{
    Append, Backlog, Commit, Committed, Ended, Marked, Row, RowFilter, RowId, RowPlace, RowState,
    RowUpdate, Stored, StoredVersion, Trace, TrailPage, TrailPosition,
};
use super::record::{Head, Verdict};
use super::switched::KeptSwitch;
use super::trail::{ListedTrail, StoredTrail};
use crate::engine::{CallSid, Fingerprint};

/// The engine; clones share their contents.
#[derive(Clone, Default)]
pub(super) struct Store(Arc<Maps>);

#[derive(Default)]
struct Maps {
    calls: DashMap<CallSid, Call>,
    /// Those of a call together, by what tells them apart; of no call an empty map.
    rows: DashMap<CallSid, BTreeMap<u64, Row>>,
    /// How many unfinished calls run on a version.
    running: DashMap<Fingerprint, u64>,
    versions: DashMap<Fingerprint, KeptVersion>,
    recordings: DashMap<String, Bytes>,
    paused: DashSet<String>,
    switched: DashMap<String, KeptSwitch>,
    /// Together, since an act counts several at once. What is over stands first.
    counts: Mutex<BTreeMap<CountKey, u32>>,
    /// Of calls whose flow was over once; a new visit's is with the call until it is over too.
    trails: DashMap<CallSid, StoredTrail>,
}

struct Call {
    head: Head,
    state: Bytes,
    reply: Bytes,
    trail: StoredTrail,
}

impl Call {
    fn stored(&self) -> Stored {
        let Head {
            turn,
            revision,
            finished,
            ended,
            ..
        } = self.head;
        Stored {
            turn,
            revision,
            finished,
            ended,
            state: self.state.clone(),
            reply: self.reply.clone(),
        }
    }
}

struct KeptVersion {
    bundle: Bytes,
    recordings: Vec<String>,
    last: Timestamp,
}

impl Store {
    pub async fn load(&self, sid: &CallSid) -> Result<Option<Stored>, Error> {
        Ok(self
            .0
            .calls
            .get(sid)
            .filter(|call| !call.head.is_early())
            .map(|call| call.stored()))
    }

    pub async fn commit(&self, commit: Commit, now: Timestamp) -> Result<Committed, Error> {
        let mut entry = self.0.calls.entry(commit.sid.clone());
        let before = match &entry {
            Entry::Occupied(call) => Some(call.get()),
            Entry::Vacant(_) => None,
        };
        let head = match Head::judge(before.map(|call| &call.head), &commit, now) {
            Verdict::Write(head) => head,
            Verdict::Behind => {
                return Ok(before.map_or(Committed::Gone, |call| Committed::Behind(call.stored())));
            }
            Verdict::Gone => return Ok(Committed::Gone),
        };
        let was_on = before.and_then(|call| call.head.running_on());
        let mut trail = match &mut entry {
            Entry::Occupied(call) => std::mem::take(&mut call.get_mut().trail),
            Entry::Vacant(_) => StoredTrail::default(),
        };
        commit.trail.iter().for_each(|trace| trail.append(trace));
        if head.finished && !trail.bytes.is_empty() {
            self.0
                .trails
                .entry(commit.sid)
                .or_default()
                .join(std::mem::take(&mut trail));
        }
        // The entry stays locked until the rows are there: nobody sees one without the other.
        let _call = entry.insert(Call {
            head,
            state: commit.state,
            reply: commit.reply,
            trail,
        });
        self.put_rows(commit.rows);
        self.count_running(was_on, head.running_on());
        Ok(Committed::Done)
    }

    pub async fn append(&self, append: Append) -> Result<Committed, Error> {
        let Some(mut call) = self.0.calls.get_mut(&append.sid) else {
            return Ok(Committed::Gone);
        };
        match Head::judge_late(Some(&call.head), &append) {
            Verdict::Write(head) => call.head = head,
            Verdict::Behind => return Ok(Committed::Behind(call.stored())),
            Verdict::Gone => return Ok(Committed::Gone),
        }
        call.state = append.state;
        self.trace(&append.sid, &mut call, &append.trail);
        self.put_rows(append.rows);
        Ok(Committed::Done)
    }

    /// Puts entries into the trail that a call has, wherever it lies.
    fn trace(&self, sid: &CallSid, call: &mut Call, traces: &[Trace]) {
        if !call.trail.bytes.is_empty() {
            for trace in traces {
                call.trail.append(trace);
            }
        } else if let Some(mut trail) = self.0.trails.get_mut(sid) {
            for trace in traces {
                trail.append(trace);
            }
        }
    }

    fn put_rows(&self, rows: Vec<Row>) {
        for row in rows {
            let mut of_call = self.0.rows.entry(row.id.sid.clone()).or_default();
            of_call.entry(row.id.key).or_insert(row);
        }
    }

    /// What is made of every row; nothing of those of which nothing is made.
    fn each_row<T>(&self, see: impl Fn(&Row) -> Option<T>) -> Vec<T> {
        let calls = self.0.rows.iter();
        calls.fold(Vec::new(), |mut seen, rows| {
            seen.extend(rows.values().filter_map(&see));
            seen
        })
    }

    /// Does something to a row; nothing where there is none.
    fn change_row<T>(&self, id: &RowId, change: impl FnOnce(&mut Row) -> T) -> Option<T> {
        let mut rows = self.0.rows.get_mut(&id.sid)?;
        rows.get_mut(&id.key).map(change)
    }

    /// Deletes a row if it is such a one; whether it was.
    fn remove_row(&self, id: &RowId, is_such: impl FnOnce(&Row) -> bool) -> bool {
        let Entry::Occupied(mut rows) = self.0.rows.entry(id.sid.clone()) else {
            return false;
        };
        let removes = rows.get().get(&id.key).is_some_and(is_such);
        if removes {
            rows.get_mut().remove(&id.key);
        }
        if rows.get().is_empty() {
            rows.remove();
        }
        removes
    }

    fn count_running(&self, was_on: Option<Fingerprint>, is_on: Option<Fingerprint>) {
        if was_on == is_on {
            return;
        }
        if let Some(version) = is_on {
            *self.0.running.entry(version).or_default() += 1;
        }
        if let Some(version) = was_on
            && let Some(mut count) = self.0.running.get_mut(&version)
        {
            *count -= 1;
        }
    }

    pub async fn mark_ended(
        &self,
        sid: &CallSid,
        ended: Ended,
        due: Timestamp,
        trail: Option<Trace>,
        now: Timestamp,
    ) -> Result<Marked, Error> {
        let early = || Call {
            head: Head::early(ended, now),
            state: Bytes::new(),
            reply: Bytes::new(),
            trail: StoredTrail::default(),
        };
        let mut call = self.0.calls.entry(sid.clone()).or_insert_with(early);
        let (head, marked) = call.head.marked(ended, due);
        call.head = head;
        if marked == Marked::First {
            self.trace(sid, &mut call, trail.as_slice());
        }
        Ok(marked)
    }

    pub async fn lease_calls(
        &self,
        now: Timestamp,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<CallSid>, Error> {
        let is_due = |call: &Call| !call.head.finished && call.head.due <= now;
        let due = self
            .0
            .calls
            .iter()
            .filter(|call| is_due(call))
            .map(|call| (call.head.due, call.key().clone()));
        let mut due: Vec<_> = due.collect();
        due.sort();
        let lease = |sid: &CallSid| match self.0.calls.get_mut(sid) {
            Some(mut call) if is_due(&call) => {
                call.head.due = until;
                true
            }
            _ => false,
        };
        Ok(due
            .into_iter()
            .map(|(_, sid)| sid)
            .filter(lease)
            .take(limit)
            .collect())
    }

    pub async fn lease_rows(
        &self,
        backend: &str,
        now: Timestamp,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<Row>, Error> {
        let is_due = |row: &Row| row.backend == backend && row.is_due(now);
        let mut due = self.each_row(|row| is_due(row).then(|| (row.next, row.id.clone())));
        due.sort();
        let lease = |(_, id)| {
            let take = |row: &mut Row| {
                is_due(row).then(|| {
                    row.lease(until);
                    row.clone()
                })
            };
            self.change_row(&id, take).flatten()
        };
        Ok(due.into_iter().filter_map(lease).take(limit).collect())
    }

    pub async fn settle(&self, id: &RowId, report: RowUpdate) -> Result<bool, Error> {
        let keep = report.keep;
        let done = self.change_row(id, |row| row.settle(report));
        if !keep {
            self.remove_row(id, |row| row.state == RowState::Delivered);
        }
        Ok(done.unwrap_or(false))
    }

    /// Deletes at most `limit` of the rows that were delivered before `before`.
    pub async fn expire_delivered(&self, before: Timestamp, limit: usize) -> Result<usize, Error> {
        let is_old = |row: &Row| row.state == RowState::Delivered && row.next < before;
        let old = self.each_row(|row| is_old(row).then(|| row.id.clone()));
        Ok(old
            .iter()
            .take(limit)
            .filter(|id| self.remove_row(id, is_old))
            .count())
    }

    pub async fn list_rows(
        &self,
        filter: &RowFilter,
        behind: &RowPlace,
        limit: usize,
    ) -> Result<(Vec<Row>, Option<RowPlace>), Error> {
        let mut places = BTreeSet::new();
        for rows in &self.0.rows {
            let admitted = rows.values().filter(|row| filter.admits(row));
            for place in admitted.map(Row::place).filter(|place| place > behind) {
                places.insert(place);
                if places.len() > limit + 1 {
                    places.pop_last();
                }
            }
        }
        let is_cut = places.len() > limit;
        if is_cut {
            places.pop_last();
        }
        let more = places.last().cloned().filter(|_| is_cut);
        let row = |place: RowPlace| self.change_row(&place.id, |row| row.clone());
        let rows = places.into_iter().filter_map(row);
        Ok((rows.filter(|row| filter.admits(row)).collect(), more))
    }

    pub async fn rows_of(&self, sid: &CallSid) -> Result<Vec<Row>, Error> {
        let rows = self.0.rows.get(sid);
        Ok(rows
            .map(|rows| rows.values().cloned().collect())
            .unwrap_or_default())
    }

    pub async fn row(&self, id: &RowId) -> Result<Option<Row>, Error> {
        Ok(self.change_row(id, |row| row.clone()))
    }

    pub async fn complete_row(
        &self,
        id: &RowId,
        body: &Bytes,
        at: Timestamp,
    ) -> Result<bool, Error> {
        let done = self.change_row(id, |row| row.complete(body.clone(), at));
        Ok(done.unwrap_or(false))
    }

    pub async fn retry_row(&self, id: &RowId, at: Timestamp) -> Result<bool, Error> {
        Ok(self.change_row(id, |row| row.restart(at)).is_some())
    }

    pub async fn drop_row(&self, id: &RowId) -> Result<bool, Error> {
        Ok(self.remove_row(id, |_| true))
    }

    pub async fn backlog(&self) -> Result<Vec<Backlog>, Error> {
        let mut backlogs = BTreeMap::<String, Backlog>::new();
        for rows in &self.0.rows {
            for row in rows.values() {
                let backlog = backlogs
                    .entry(row.backend.clone())
                    .or_insert_with(|| Backlog::of(&row.backend));
                backlog.count(row.state, row.created);
            }
        }
        Ok(backlogs.into_values().collect())
    }

    pub async fn pause(&self, backend: &str, pause: bool) -> Result<(), Error> {
        if pause {
            self.0.paused.insert(backend.to_owned());
        } else {
            self.0.paused.remove(backend);
        }
        Ok(())
    }

    pub async fn paused(&self) -> Result<Vec<String>, Error> {
        let mut paused: Vec<_> = self
            .0
            .paused
            .iter()
            .map(|backend| backend.clone())
            .collect();
        paused.sort();
        Ok(paused)
    }

    pub async fn switch_hours(&self, name: &str, switch: Option<&KeptSwitch>) -> Result<(), Error> {
        match switch {
            Some(switch) => drop(self.0.switched.insert(name.to_owned(), switch.clone())),
            None => drop(self.0.switched.remove(name)),
        }
        Ok(())
    }

    pub async fn switched_hours(&self) -> Result<Vec<(String, KeptSwitch)>, Error> {
        let switched = self.0.switched.iter();
        let mut switched: Vec<_> = switched
            .map(|kept| (kept.key().clone(), kept.value().clone()))
            .collect();
        switched.sort_by(|one, other| one.0.cmp(&other.0));
        Ok(switched)
    }

    pub async fn count(
        &self,
        act: ActName,
        allowances: &[Allowance],
        now: Timestamp,
    ) -> Result<Option<usize>, Error> {
        let mut counts = self.0.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = counts.get(&act.key()) {
            return Ok(answer(*known));
        }
        let is_used_up = |one: &Allowance| counts.get(&one.key()).copied().unwrap_or(0) >= one.most;
        let used_up = allowances.iter().position(is_used_up);
        if used_up.is_none() {
            for one in allowances {
                *counts.entry(one.key()).or_default() += 1;
            }
        }
        counts.insert(act.key(), kept(used_up));
        let later = counts.split_off(&(now.as_millisecond(), 0));
        *counts = later;
        Ok(used_up)
    }

    pub async fn counted(&self, names: &[CountName]) -> Result<Vec<u32>, Error> {
        let counts = self.0.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let each = names.iter();
        Ok(each
            .map(|name| counts.get(&name.key()).copied().unwrap_or(0))
            .collect())
    }

    pub async fn keep_version(&self, version: &StoredVersion, now: Timestamp) -> Result<(), Error> {
        let StoredVersion {
            fingerprint,
            bundle,
            recordings,
        } = version;
        let hashes = recordings.iter().map(|(hash, _)| hash.clone()).collect();
        // The version first: a recording that no version names may be forgotten at any time.
        self.0.versions.insert(
            *fingerprint,
            KeptVersion {
                bundle: bundle.clone(),
                recordings: hashes,
                last: now,
            },
        );
        for (hash, bytes) in recordings {
            self.0.recordings.insert(hash.clone(), bytes.clone());
        }
        Ok(())
    }

    pub async fn version(&self, fingerprint: Fingerprint) -> Result<Option<StoredVersion>, Error> {
        let kept = self.0.versions.get(&fingerprint);
        Ok(kept.map(|kept| StoredVersion {
            fingerprint,
            bundle: kept.bundle.clone(),
            recordings: Vec::new(),
        }))
    }

    pub async fn recording(&self, hash: &str) -> Result<Option<Bytes>, Error> {
        Ok(self.0.recordings.get(hash).map(|bytes| bytes.clone()))
    }

    pub async fn forget_versions(
        &self,
        in_service: &[Fingerprint],
        before: Timestamp,
    ) -> Result<usize, Error> {
        let known = self.0.versions.len();
        self.0.running.retain(|_, count| *count > 0);
        self.0.versions.retain(|fingerprint, kept| {
            in_service.contains(fingerprint)
                || kept.last >= before
                || self.0.running.contains_key(fingerprint)
        });
        let named = |hash: &String| {
            self.0
                .versions
                .iter()
                .any(|kept| kept.recordings.contains(hash))
        };
        self.0.recordings.retain(|hash, _| named(hash));
        Ok(known.saturating_sub(self.0.versions.len()))
    }

    /// Deletes at most `limit` of the calls that finished before `before`.
    pub async fn expire_finished(&self, before: Timestamp, limit: usize) -> Result<usize, Error> {
        let is_old = |call: &Call| call.head.finished && call.head.due < before;
        let old = self
            .0
            .calls
            .iter()
            .filter(|call| is_old(call))
            .map(|call| call.key().clone());
        let old: Vec<_> = old.take(limit).collect();
        Ok(old
            .iter()
            .filter_map(|sid| self.0.calls.remove_if(sid, |_, call| is_old(call)))
            .count())
    }

    pub async fn trail(&self, sid: &CallSid) -> Result<Option<Bytes>, Error> {
        // The call stays locked: its end moves its trail.
        let call = self.0.calls.get(sid);
        let mut trail = self
            .0
            .trails
            .get(sid)
            .map(|trail| trail.clone())
            .unwrap_or_default();
        trail.join(
            call.as_ref()
                .map(|call| call.trail.clone())
                .unwrap_or_default(),
        );
        Ok((!trail.bytes.is_empty()).then(|| trail.bytes.into()))
    }

    pub async fn trails(&self, page: &TrailPage) -> Result<Vec<ListedTrail>, Error> {
        let known: BTreeSet<_> = self.0.calls.iter().map(|call| call.key().clone()).collect();
        let past = self.0.trails.iter().map(|trail| trail.key().clone());
        let mut listed = Vec::new();
        for sid in known.into_iter().chain(past).collect::<BTreeSet<_>>() {
            let began = self.0.trails.get(&sid).map(|trail| trail.began());
            let began = began.or_else(|| self.0.calls.get(&sid).map(|call| call.trail.began()));
            if let (Some(began), Some(bytes)) = (began, self.trail(&sid).await?) {
                listed.push((TrailPosition { began, sid }, bytes));
            }
        }
        Ok(page.cut(listed))
    }

    /// Deletes at most `limit` of the trails whose last turn was before `before`.
    pub async fn expire_trails(&self, before: Timestamp, limit: usize) -> Result<usize, Error> {
        let is_old = |trail: &StoredTrail| trail.last < before.as_millisecond();
        let old = self
            .0
            .trails
            .iter()
            .filter(|trail| is_old(trail))
            .map(|trail| trail.key().clone());
        let old: Vec<_> = old.take(limit).collect();
        Ok(old
            .iter()
            .filter_map(|sid| self.0.trails.remove_if(sid, |_, trail| is_old(trail)))
            .count())
    }

    pub async fn ping(&self) -> Result<(), Error> {
        Ok(())
    }

    pub async fn close(&self) -> Result<(), Error> {
        Ok(())
    }
}
