//! Looking at trails: one question to each bucket's index, then one for each trail.

use bytes::Bytes;
use jiff::Timestamp;
use redis::{Value, cmd};

use super::due::{milliseconds, scored, what_came};
use super::keys::{BUCKETS, RedisKey};
use super::script::{LuaScript, ScriptCall};
use super::{LONGEST_CALL, Store};
use crate::engine::CallSid;
use crate::store::Error;
use crate::store::contract::{TrailPage, TrailPosition};
use crate::store::trail::ListedTrail;

static FIND_TRAIL: LuaScript = LuaScript::new(include_str!("find_trail.lua"));

impl Store {
    pub async fn trail(&self, sid: &CallSid) -> Result<Option<Bytes>, Error> {
        let answer = self.link.run(&find_trail(sid)).await?;
        Ok(trail_of(answer))
    }

    pub async fn trails(&self, page: &TrailPage) -> Result<Vec<ListedTrail>, Error> {
        let since = milliseconds(page.since);
        let until = page.behind.as_ref().map_or("+inf".to_owned(), |place| {
            milliseconds(place.began).to_string()
        });
        // Those of the same millisecond as the one before the page may stand in it as well.
        let limit = page.limit + 16;
        let question = |bucket| {
            let mut range = cmd("ZREVRANGEBYSCORE");
            range
                .arg(RedisKey::Calls(bucket))
                .arg(&until)
                .arg(since)
                .arg("WITHSCORES")
                .arg("LIMIT")
                .arg(0)
                .arg(limit)
                .take()
        };
        let answers = self.link.send_all(BUCKETS.map(question).collect()).await;
        let mut listed = Vec::new();
        for ((), answer) in what_came(std::iter::repeat(()).zip(answers))? {
            listed.extend(scored(answer)?.into_iter().filter_map(|(name, began)| {
                let place = TrailPosition {
                    began: Timestamp::from_millisecond(began as i64).ok()?,
                    sid: CallSid::parse(&name).ok()?,
                };
                Some((place, Bytes::new()))
            }));
        }
        self.fill(page.cut(listed)).await
    }

    /// Fetches the trails that are listed; one that has expired since stays empty.
    async fn fill(&self, mut listed: Vec<ListedTrail>) -> Result<Vec<ListedTrail>, Error> {
        let questions: Vec<_> = listed
            .iter()
            .map(|(place, _)| find_trail(&place.sid))
            .collect();
        for ((_, bytes), answer) in listed.iter_mut().zip(self.link.run_all(&questions).await) {
            *bytes = trail_of(answer?).unwrap_or_default();
        }
        Ok(listed)
    }

    /// Takes calls out of the list whose trails have expired by themselves. All at once, whatever the limit.
    pub async fn expire_trails(&self, before: Timestamp, _limit: usize) -> Result<usize, Error> {
        let gone = milliseconds(before).saturating_sub_unsigned(LONGEST_CALL);
        let question = |bucket| {
            cmd("ZREMRANGEBYSCORE")
                .arg(RedisKey::Calls(bucket))
                .arg("-inf")
                .arg(gone)
                .take()
        };
        let answers = self.link.send_all(BUCKETS.map(question).collect()).await;
        what_came(std::iter::repeat(()).zip(answers))?;
        Ok(0)
    }
}

fn find_trail(sid: &CallSid) -> ScriptCall {
    ScriptCall::new(&FIND_TRAIL, 2, 2, 128)
        .arg(RedisKey::Call(sid))
        .arg(RedisKey::Trail(sid))
}

fn trail_of(answer: Value) -> Option<Bytes> {
    match answer {
        Value::BulkString(trail) => Some(trail.into()),
        _ => None,
    }
}
