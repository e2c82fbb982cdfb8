//! What may be done only so often until a time, such as numbers that are texted: counted before it is done.

use jiff::Timestamp;

/// Something that may be done only so often until a time. Who counts gives the name, which tells nothing of what is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// What is counted, by a keyed hash.
    pub name: u64,
    /// When it is forgotten. Whatever counts together says the same.
    pub until: Timestamp,
    /// How often.
    pub most: u32,
}

/// The name of a count, to be read: when it is forgotten, and what is counted, by a keyed hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CountName {
    /// When it is forgotten.
    pub until: Timestamp,
    /// The hash.
    pub name: u64,
}

impl CountName {
    pub(super) fn key(&self) -> CountKey {
        (self.until.as_millisecond(), self.name)
    }
}

/// What is done, by a keyed hash: counted once, however often it is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ActName {
    /// The hash.
    pub name: u64,
    /// When it is forgotten.
    pub until: Timestamp,
}

/// The place of a count among all: when it is forgotten, in milliseconds, and its name.
pub(super) type CountKey = (i64, u64);

impl Allowance {
    pub(super) fn key(&self) -> CountKey {
        (self.until.as_millisecond(), self.name)
    }
}

impl ActName {
    pub(super) fn key(&self) -> CountKey {
        (self.until.as_millisecond(), self.name)
    }
}

/// What is kept of an act: 0 where it was within all, else the place of the one that was used up, from 1.
pub(super) fn kept(used_up: Option<usize>) -> u32 {
    used_up.map_or(0, |place| u32::try_from(place + 1).unwrap_or(u32::MAX))
}

/// The reverse of [`kept`].
pub(super) fn answer(kept: u32) -> Option<usize> {
    (kept as usize).checked_sub(1)
}
