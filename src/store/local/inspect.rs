//! Looking at every value that there is, within one read transaction: what it finds is of one moment.

use std::collections::BTreeSet;

use redb::{Key, ReadTransaction};

use super::codec::{
    Unreadable, decode_begun, decode_call, decode_count, decode_kept, decode_row, decode_switch,
    decode_trail, row_id, trail_key, trail_place,
};
use super::damage::guarded;
use super::tables::{
    BEGUN, CALLS, COUNTS, FoundValue, PAUSED, RECORDINGS, ROWS, SWITCHED, TRAILS, TypedTable,
    VERSIONS,
};
use crate::engine::{CallSid, Fingerprint};
use crate::store::Error;
use crate::store::inspection::{Inspection, Tally};
use crate::store::trail;

/// Asked before each value whether the look may go on: the writer may want the database for itself.
pub(super) type MayContinue<'a> = &'a dyn Fn() -> Result<(), Error>;

/// Looks at everything.
pub(super) fn inspect(
    transaction: &ReadTransaction,
    leave: MayContinue<'_>,
) -> Result<Inspection, Error> {
    let mut look = Look {
        transaction,
        leave,
        found: Inspection::default(),
    };
    look.at(
        CALLS,
        |sid| (*sid).to_owned(),
        |sid, call| sid_of(sid).and_then(|_| decode_call(call).map(drop)),
    )?;
    look.at(ROWS, row_name, |key, row| {
        row_id(key).and_then(|id| decode_row(id, row)).map(drop)
    })?;
    versions(&mut look)?;
    let mut trails = BTreeSet::new();
    look.at(TRAILS, trail_name, |key, bytes| {
        let (began, sid) = trail_place(key)?;
        let kept = decode_trail(began, bytes)?;
        trail::decode(&sid, &kept.bytes, None)
            .map_err(|_| Unreadable("an entry of it cannot be read"))?;
        trails.insert(key.to_vec());
        Ok(())
    })?;
    look.at(
        BEGUN,
        |sid| (*sid).to_owned(),
        |sid, began| {
            let is_there = trails.contains(&trail_key(decode_begun(began)?, sid));
            is_there
                .then_some(())
                .ok_or(Unreadable("its trail is missing"))
        },
    )?;
    look.at(PAUSED, |backend| (*backend).to_owned(), |_, _| Ok(()))?;
    look.at(
        SWITCHED,
        |hours| (*hours).to_owned(),
        |_, bytes| decode_switch(bytes).map(drop),
    )?;
    look.at(COUNTS, count_name, |_, count| decode_count(count).map(drop))?;
    Ok(look.found)
}

/// Flow versions, each with its recordings.
fn versions(look: &mut Look<'_>) -> Result<(), Error> {
    let mut hashes = BTreeSet::new();
    look.at(
        RECORDINGS,
        |hash| (*hash).to_owned(),
        |hash, _| {
            hashes.insert(hash.to_owned());
            Ok(())
        },
    )?;
    look.at(
        VERSIONS,
        |version| Fingerprint(*version).to_string(),
        |_, kept| {
            let has_all = decode_kept(kept)?
                .recordings
                .iter()
                .all(|hash| hashes.contains(hash));
            has_all
                .then_some(())
                .ok_or(Unreadable("a recording of it is missing"))
        },
    )
}

fn sid_of(name: &str) -> Result<CallSid, Unreadable> {
    CallSid::parse(name).map_err(|_| Unreadable("its key names no call"))
}

pub(super) fn row_name(key: &&[u8]) -> String {
    row_id(key).map_or_else(
        |_| String::from_utf8_lossy(key).into_owned(),
        |id| id.to_string(),
    )
}

/// A count tells nobody what it counts.
pub(super) fn count_name(key: &&[u8]) -> String {
    key.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(super) fn trail_name(key: &&[u8]) -> String {
    trail_place(key).map_or_else(
        |_| String::from_utf8_lossy(key).into_owned(),
        |(_, sid)| sid.to_string(),
    )
}

struct Look<'a> {
    transaction: &'a ReadTransaction,
    leave: MayContinue<'a>,
    found: Inspection,
}

impl Look<'_> {
    /// Looks at a table. Where a part of it cannot be reached, that is noted, and the next one has its turn.
    fn at<K: Key + 'static>(
        &mut self,
        table: TypedTable<K>,
        name: impl for<'k> Fn(&K::SelfType<'k>) -> String,
        mut check: impl for<'k> FnMut(K::SelfType<'k>, &[u8]) -> Result<(), Unreadable>,
    ) -> Result<(), Error> {
        let mut tally = Tally {
            table: table.name.to_owned(),
            values: 0,
            bytes: 0,
        };
        let (found, leave) = (&mut self.found, self.leave);
        let looked = guarded(|| {
            for record in table.read(self.transaction)?.entries()? {
                leave()?;
                let (key, value) = record?;
                tally.count(&value);
                if let Err(Unreadable(reason)) =
                    value.value().and_then(|value| check(key.value(), value))
                {
                    found.note(table.name, name(&key.value()), &reason);
                }
            }
            Ok(())
        });
        self.found.tables.push(tally);
        match looked {
            Err(error @ Error::Damaged(_)) => self.found.note(table.name, String::new(), &error),
            other => other?,
        }
        Ok(())
    }
}

impl Tally {
    pub(super) fn count(&mut self, value: &FoundValue<'_>) {
        self.values += 1;
        self.bytes += value.raw().len() as u64;
    }
}
