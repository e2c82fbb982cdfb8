//! What is due when, and how much of everything there is: in memory, owned by the writer, rebuilt by one scan at open.
//!
//! So a turn costs one write to a table. After a failed transaction the index says more than the disk does; the writer
//! then rebuilds it. Times are whole microseconds, as on disk, so that what was put in is found again.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Bound;

use jiff::Timestamp;

use crate::engine::{CallSid, Fingerprint};
use crate::store::contract::{Backlog, Row, RowFilter, RowId, RowPlace, RowState};
use crate::store::record::Head;

/// Names in the order of a time in microseconds.
type ByTime<T> = BTreeSet<(i64, T)>;

/// What the writer knows without looking at the disk.
#[derive(Default)]
pub(super) struct Index {
    /// Unfinished calls by when the sweeper looks at them.
    due: ByTime<CallSid>,
    /// Finished calls by when they finished.
    finished: ByTime<CallSid>,
    /// How many unfinished calls run on a version.
    running: HashMap<Fingerprint, u64>,
    lanes: BTreeMap<String, Lane>,
}

/// The rows of one backend.
struct Lane {
    /// Waiting and sending ones by when they are due.
    due: ByTime<RowId>,
    /// Those in each state of a row that is owed, by when they were created.
    created: [ByTime<RowId>; RowState::OWED.len()],
    backlog: Backlog,
}

impl Index {
    pub fn add_call(&mut self, sid: &CallSid, head: &Head) {
        self.list(head)
            .insert((head.due.as_microsecond(), sid.clone()));
        if let Some(version) = head.running_on() {
            *self.running.entry(version).or_default() += 1;
        }
    }

    pub fn remove_call(&mut self, sid: &CallSid, head: &Head) {
        self.list(head)
            .remove(&(head.due.as_microsecond(), sid.clone()));
        if let Some(version) = head.running_on()
            && let Some(count) = self.running.get_mut(&version)
        {
            *count -= 1;
            if *count == 0 {
                self.running.remove(&version);
            }
        }
    }

    fn list(&mut self, head: &Head) -> &mut ByTime<CallSid> {
        if head.finished {
            &mut self.finished
        } else {
            &mut self.due
        }
    }

    /// Unfinished calls that are due, soonest first.
    pub fn due_calls(&self, now: Timestamp, limit: usize) -> Vec<CallSid> {
        first(&self.due, |due| due <= now.as_microsecond(), limit)
    }

    /// Calls that finished before a time, the first first.
    pub fn finished_calls(&self, before: Timestamp, limit: usize) -> Vec<CallSid> {
        first(
            &self.finished,
            |finished| finished < before.as_microsecond(),
            limit,
        )
    }

    pub fn is_running(&self, version: Fingerprint) -> bool {
        self.running.contains_key(&version)
    }

    pub fn add_row(&mut self, row: &Row) {
        let lane = self
            .lanes
            .entry(row.backend.clone())
            .or_insert_with(|| Lane::of(&row.backend));
        lane.backlog.rows[row.state as usize] += 1;
        if is_open(row) {
            lane.due.insert((row.next.as_microsecond(), row.id.clone()));
        }
        if let Some(created) = lane.created.get_mut(row.state as usize) {
            created.insert((row.created.as_microsecond(), row.id.clone()));
        }
    }

    pub fn remove_row(&mut self, row: &Row) {
        let Some(lane) = self.lanes.get_mut(&row.backend) else {
            return;
        };
        lane.backlog.rows[row.state as usize] -= 1;
        if is_open(row) {
            lane.due
                .remove(&(row.next.as_microsecond(), row.id.clone()));
        }
        if let Some(created) = lane.created.get_mut(row.state as usize) {
            created.remove(&(row.created.as_microsecond(), row.id.clone()));
        }
        if lane.backlog.owed() == 0 {
            self.lanes.remove(&row.backend);
        }
    }

    /// A backend's rows that are due, soonest first.
    pub fn due_rows(&self, backend: &str, now: Timestamp, limit: usize) -> Vec<RowId> {
        self.lanes
            .get(backend)
            .map(|lane| first(&lane.due, |due| due <= now.as_microsecond(), limit))
            .unwrap_or_default()
    }

    /// The next rows of a list of what is owed, by when they were created.
    pub fn listed(&self, filter: &RowFilter, behind: &RowPlace, limit: usize) -> Vec<(i64, RowId)> {
        let behind = (behind.at.as_microsecond(), behind.id.clone());
        let is_wanted = |name: &String| filter.backend.as_ref().is_none_or(|only| only == name);
        let mut listed = Vec::new();
        for (_, lane) in self.lanes.iter().filter(|(name, _)| is_wanted(name)) {
            for state in RowState::OWED {
                if filter.state.is_none_or(|only| only == state) {
                    let range = (Bound::Excluded(&behind), Bound::Unbounded);
                    let rows = lane.created[state as usize].range(range);
                    listed.extend(rows.take(limit).cloned());
                }
            }
        }
        listed.sort();
        listed.truncate(limit);
        listed
    }

    pub fn backlog(&self) -> Vec<Backlog> {
        let oldest = |lane: &Lane| {
            let open = [RowState::Waiting, RowState::Sending].into_iter();
            let created = open.filter_map(|state| lane.created[state as usize].first());
            let (created, _) = created.min()?;
            Timestamp::from_microsecond(*created).ok()
        };
        self.lanes
            .values()
            .map(|lane| Backlog {
                oldest: oldest(lane),
                ..lane.backlog.clone()
            })
            .collect()
    }
}

impl Lane {
    fn of(backend: &str) -> Self {
        Self {
            due: BTreeSet::new(),
            created: Default::default(),
            backlog: Backlog::of(backend),
        }
    }
}

fn is_open(row: &Row) -> bool {
    matches!(row.state, RowState::Waiting | RowState::Sending)
}

fn first<T: Clone>(list: &ByTime<T>, wanted: impl Fn(i64) -> bool, limit: usize) -> Vec<T> {
    list.iter()
        .take_while(|(time, _)| wanted(*time))
        .take(limit)
        .map(|(_, name)| name.clone())
        .collect()
}
