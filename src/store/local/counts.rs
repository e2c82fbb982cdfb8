//! Allowances. A key begins with the time when it is forgotten, so that what is over stands first.

use jiff::Timestamp;
use redb::ReadTransaction;

use super::codec::{count_key, decode_count};
use super::tables::COUNTS;
use super::turns::Turns;
use crate::store::Error;
use crate::store::allowance::{ActName, Allowance, CountKey, answer, kept};

/// How many that are over go when another is counted: more than one act can leave behind.
const TIDIED: usize = 16;

/// How often each of these was counted.
pub fn counted(transaction: &ReadTransaction, keys: &[CountKey]) -> Result<Vec<u32>, Error> {
    let counts = COUNTS.read(transaction)?;
    let count = |key: &CountKey| {
        let found = counts.get(&count_key(*key)[..])?;
        let count = found.map(|found| found.value().and_then(decode_count));
        let count = count.transpose().map_err(|reason| reason.of(&"a count"))?;
        Ok(count.unwrap_or(0))
    };
    keys.iter().map(count).collect()
}

impl Turns<'_> {
    pub fn count_act(
        &mut self,
        act: ActName,
        allowances: &[Allowance],
        now: Timestamp,
    ) -> Result<Option<usize>, Error> {
        if let Some(known) = self.counted(act.key())? {
            return Ok(answer(known));
        }
        let counts: Vec<u32> = allowances
            .iter()
            .map(|one| Ok(self.counted(one.key())?.unwrap_or(0)))
            .collect::<Result<_, Error>>()?;
        let mut pairs = counts.iter().zip(allowances);
        let used_up = pairs.position(|(count, one)| *count >= one.most);
        if used_up.is_none() {
            for (count, one) in counts.iter().zip(allowances) {
                self.set_count(one.key(), count.saturating_add(1))?;
            }
        }
        self.set_count(act.key(), kept(used_up))?;
        self.tidy_counts(now)?;
        Ok(used_up)
    }

    fn counted(&mut self, key: CountKey) -> Result<Option<u32>, Error> {
        let counts = self.open(COUNTS)?;
        let found = counts.get(&count_key(key)[..])?;
        let count = found.map(|found| found.value().and_then(decode_count));
        count.transpose().map_err(|reason| reason.of(&"a count"))
    }

    fn set_count(&mut self, key: CountKey, count: u32) -> Result<(), Error> {
        self.changed = true;
        let mut counts = self.open(COUNTS)?;
        counts
            .insert(&count_key(key)[..], count.to_be_bytes().to_vec())
            .map(drop)
    }

    /// Deletes some of those that are over.
    fn tidy_counts(&mut self, now: Timestamp) -> Result<(), Error> {
        let mut counts = self.open(COUNTS)?;
        let over = count_key((now.as_millisecond(), 0));
        let mut keys = Vec::new();
        for record in counts.range(..&over[..])?.take(TIDIED) {
            keys.push(record?.0.value().to_vec());
        }
        for key in keys {
            counts.remove(&key[..])?;
        }
        Ok(())
    }
}
