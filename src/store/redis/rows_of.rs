//! The deliveries of one call. They have no index of their own: their names are looked for in those of the call's bucket,
//! a part of 256 of all.

use std::collections::BTreeSet;

use redis::{Cmd, FromRedisValue, RedisError, cmd};

use super::Store;
use super::keys::{Bucket, RedisKey, bucket};
use super::row_fields::decode;
use super::rows::fetch;
use crate::engine::CallSid;
use crate::store::{Error, Row, RowId, RowState};

/// About how many names of an index a request looks at: few enough to hold up nobody else.
const LOOK: usize = 1_000;

/// Of one backend, the index of rows that wait or are being sent, and those behind it.
type Index<'a> = fn(Bucket, &'a str) -> RedisKey<'a>;

impl Store {
    pub async fn rows_of(&self, sid: &CallSid) -> Result<Vec<Row>, Error> {
        let backends = self.backends().await?;
        // In the order of a row's life, so that one that moves on meanwhile is met later, and none is missed.
        let indices: [Index<'_>; 4] = [
            RedisKey::Rows,
            |bucket, backend| RedisKey::State(bucket, RowState::Uncertain, backend),
            |bucket, backend| RedisKey::State(bucket, RowState::Dead, backend),
            |bucket, backend| RedisKey::State(bucket, RowState::Delivered, backend),
        ];
        let mut ids = BTreeSet::new();
        for index in indices {
            let keys = backends.iter().map(|backend| index(bucket(sid), backend));
            self.look_for(sid, keys.collect(), &mut ids).await?;
        }
        let answers = self.link.send_all(ids.iter().map(fetch).collect()).await;
        let mut rows = Vec::with_capacity(ids.len());
        for (id, answer) in ids.into_iter().zip(answers) {
            rows.extend(decode(&id, answer?)?);
        }
        Ok(rows)
    }

    /// Adds the names of a call's rows that stand in these indices.
    async fn look_for(
        &self,
        sid: &CallSid,
        indices: Vec<RedisKey<'_>>,
        ids: &mut BTreeSet<RowId>,
    ) -> Result<(), Error> {
        let mut left: Vec<_> = indices.into_iter().map(|index| (index, 0)).collect();
        while !left.is_empty() {
            let looks = left.iter().map(|(index, from)| look(*index, *from, sid));
            let answers = self.link.send_all(looks.collect()).await;
            let mut more = Vec::new();
            for ((index, _), answer) in left.into_iter().zip(answers) {
                let (next, found) = <(u64, Vec<(String, f64)>)>::from_redis_value(answer?)
                    .map_err(RedisError::from)?;
                let named = found.iter().filter_map(|(name, _)| RowId::parse(name));
                ids.extend(named.filter(|id| id.sid == *sid));
                if next != 0 {
                    more.push((index, next));
                }
            }
            left = more;
        }
        Ok(())
    }
}

/// A part of an index, from where the part before ended. No character of a call's name means anything in a pattern.
fn look(index: RedisKey<'_>, from: u64, sid: &CallSid) -> Cmd {
    let mut command = cmd("ZSCAN");
    command.arg(index).arg(from);
    command.arg("MATCH").arg(format!("{sid}-*"));
    command.arg("COUNT").arg(LOOK).take()
}
