//! The calls that this node served last, so that a turn costs one request to the store and not two. Never the truth.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use dashmap::DashMap;
use dashmap::mapref::entry::Entry;

use crate::engine::CallSid;

/// How long a call may be idle here.
const IDLE: Duration = Duration::from_secs(600);

/// A bounded memory of calls under way, in their stored form, which is the smallest.
pub struct Cache {
    calls: DashMap<CallSid, Known>,
    count: AtomicUsize,
    limit: usize,
}

/// What a node remembers of a call.
#[derive(Clone, Debug)]
pub struct Known {
    /// The turn that it waits for.
    pub turn: u32,
    /// Its state, sealed.
    pub state: Bytes,
    /// Times that the carrier could not carry out our reply, as far as this node knows.
    pub fallbacks: u8,
    seen: Instant,
}

impl Known {
    /// A call as it was just committed or read.
    pub fn new(turn: u32, state: Bytes) -> Self {
        Self { turn, state, fallbacks: 0, seen: Instant::now() }
    }
}

impl Cache {
    /// A memory of at most so many calls.
    pub fn new(limit: usize) -> Self {
        Self { calls: DashMap::new(), count: AtomicUsize::new(0), limit }
    }

    /// What is remembered of a call.
    pub fn get(&self, sid: &CallSid) -> Option<Known> {
        self.calls.get(sid).map(|known| known.clone())
    }

    /// Remembers a call; where there is no room, only one that is here already.
    pub fn put(&self, sid: &CallSid, known: Known) {
        match self.calls.entry(sid.clone()) {
            Entry::Occupied(mut entry) => {
                let fallbacks = entry.get().fallbacks;
                entry.insert(Known { fallbacks, ..known });
            }
            Entry::Vacant(entry) => {
                if self.count.fetch_add(1, Ordering::Relaxed) < self.limit {
                    entry.insert(known);
                } else {
                    self.count.fetch_sub(1, Ordering::Relaxed);
                }
            }
        }
    }

    /// Counts a reply that the carrier could not carry out, and tells how many there were. `stored` are those that the
    /// call's state tells of: its next turn writes down what is counted here.
    pub fn count_fallback(&self, sid: &CallSid, stored: u8) -> u8 {
        let Some(mut known) = self.calls.get_mut(sid) else { return stored.saturating_add(1) };
        known.fallbacks = known.fallbacks.max(stored).saturating_add(1);
        known.fallbacks
    }

    /// How many replies of a call the carrier could not carry out, as far as this node knows.
    pub fn fallbacks(&self, sid: &CallSid) -> u8 {
        self.calls.get(sid).map_or(0, |known| known.fallbacks)
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

    #[test]
    fn a_full_memory_takes_no_more_calls_and_loses_none() {
        let cache = Cache::new(2);
        let sid = |name: &str| CallSid::parse(name).expect("it is legal");
        for name in ["a", "b", "c", "a"] {
            cache.put(&sid(name), Known::new(1, Bytes::new()));
        }
        assert_eq!(cache.len(), 2);
        assert!(cache.get(&sid("c")).is_none());
        cache.remove(&sid("a"));
        cache.remove(&sid("a"));
        cache.put(&sid("c"), Known::new(1, Bytes::new()));
        assert!(cache.get(&sid("c")).is_some());
    }

    #[test]
    fn fallbacks_are_counted_over_the_turns_of_a_call() {
        let cache = Cache::new(2);
        let sid = CallSid::parse("a").expect("it is legal");
        cache.put(&sid, Known::new(1, Bytes::new()));
        assert_eq!(cache.count_fallback(&sid, 0), 1);
        cache.put(&sid, Known::new(2, Bytes::new()));
        assert_eq!(cache.count_fallback(&sid, 0), 2);
        assert_eq!(cache.count_fallback(&sid, 5), 6);
        assert_eq!(cache.fallbacks(&sid), 6);
    }
}
