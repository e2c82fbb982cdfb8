//! The calls that this node serves, so that a turn costs one request to the store and not two. Never the truth.
//!
//! A call is remembered from its first turn on, and one that comes from another node from its second turn in a row here.
//! One that other nodes serve in between is not: what is remembered would be out of date at every turn, and when the call
//! ends elsewhere nobody tells.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use dashmap::DashMap;
use dashmap::mapref::entry::{Entry, VacantEntry};

use crate::engine::CallSid;

/// How long a call may be idle here.
const IDLE: Duration = Duration::from_mins(10);

/// A bounded memory of calls under way, in their stored form, which is the smallest.
pub struct Cache {
    calls: DashMap<CallSid, CachedCall>,
    count: AtomicUsize,
    limit: usize,
}

/// What a node remembers of a call.
#[derive(Clone, Debug)]
pub struct CachedCall {
    /// The turn that it waits for.
    pub turn: u32,
    /// How often its state was written.
    pub revision: u32,
    /// Its state, sealed.
    pub state: Bytes,
    seen: Instant,
}

impl CachedCall {
    /// A call as it was just committed.
    pub fn new(turn: u32, revision: u32, state: Bytes) -> Self {
        Self {
            turn,
            revision,
            state,
            seen: Instant::now(),
        }
    }
}

impl Cache {
    /// A memory of at most so many calls.
    pub fn new(limit: usize) -> Self {
        Self {
            calls: DashMap::new(),
            count: AtomicUsize::new(0),
            limit,
        }
    }

    /// What is remembered of a call.
    pub fn get(&self, sid: &CallSid) -> Option<CachedCall> {
        self.calls.get(sid).map(|known| known.clone())
    }

    /// Remembers a call after a turn that was taken here, if it stays: that was its first turn, or the one before was
    /// taken here too. Where there is no room, only one that is here already.
    pub fn put(&self, sid: &CallSid, stays: bool, known: CachedCall) {
        if !stays {
            return;
        }
        match self.calls.entry(sid.clone()) {
            Entry::Occupied(mut entry) => {
                entry.insert(known);
            }
            Entry::Vacant(entry) => self.insert(entry, known),
        }
    }

    fn insert(&self, entry: VacantEntry<'_, CallSid, CachedCall>, known: CachedCall) {
        if self.count.fetch_add(1, Ordering::Relaxed) < self.limit {
            entry.insert(known);
        } else {
            self.count.fetch_sub(1, Ordering::Relaxed);
        }
    }

    /// Forgets a call that is over, or that the store has otherwise than this node: another serves it.
    pub fn correct(&self, sid: &CallSid, turn: u32, revision: u32, finished: bool) {
        let stays =
            |known: &CachedCall| !finished && (known.turn, known.revision) == (turn, revision);
        if self
            .calls
            .remove_if(sid, |_, known| !stays(known))
            .is_some()
        {
            self.count.fetch_sub(1, Ordering::Relaxed);
        }
    }

    /// Forgets a call that is over.
    pub fn remove(&self, sid: &CallSid) {
        if self.calls.remove(sid).is_some() {
            self.count.fetch_sub(1, Ordering::Relaxed);
        }
    }

    /// Forgets calls that have been idle for long.
    pub fn forget_idle(&self) {
        self.calls.retain(|_, known| {
            let keep = known.seen.elapsed() < IDLE;
            if !keep {
                self.count.fetch_sub(1, Ordering::Relaxed);
            }
            keep
        });
    }

    /// How many calls are remembered.
    pub fn len(&self) -> usize {
        self.count.load(Ordering::Relaxed)
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sid(name: &str) -> CallSid {
        CallSid::parse(name).expect("it is legal")
    }

    fn known(turn: u32) -> CachedCall {
        CachedCall::new(turn, turn, Bytes::from_static(b"state"))
    }

    #[test]
    fn a_full_memory_takes_no_more_calls_and_loses_none() {
        let cache = Cache::new(2);
        for name in ["a", "b", "c"] {
            cache.put(&sid(name), true, known(1));
        }
        cache.put(&sid("a"), true, known(2));
        assert_eq!(cache.len(), 2);
        assert!(cache.get(&sid("c")).is_none());
        cache.remove(&sid("a"));
        cache.remove(&sid("a"));
        cache.put(&sid("c"), true, known(1));
        assert!(cache.get(&sid("c")).is_some());
    }

    #[test]
    fn a_call_that_others_serve_in_between_is_not_remembered() {
        let cache = Cache::new(2);
        cache.put(&sid("taken-over"), false, known(4));
        cache.put(&sid("a"), true, known(1));
        cache.put(&sid("a"), true, known(2));
        cache.correct(&sid("a"), 2, 2, false);
        assert_eq!(cache.get(&sid("a")).map(|known| known.turn), Some(2));
        cache.correct(&sid("a"), 2, 3, false);
        cache.put(&sid("a"), false, known(4));
        assert_eq!(cache.len(), 0);
    }
}
