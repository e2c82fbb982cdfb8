//! Looking at trails: one question to each bucket's index, then one for each trail.

use bytes::Bytes;
use jiff::Timestamp;
use redis::{Value, cmd};

use super::Store;
use super::due::{milliseconds, scored, what_came};
use super::keys::{BUCKETS, RedisKey};
use crate::engine::CallSid;
use crate::store::Error;
use crate::store::contract::{TrailPage, TrailPosition};
use crate::store::trail::ListedTrail;

impl Store {
    pub async fn trail(&self, sid: &CallSid) -> Result<Option<Bytes>, Error> {
        self.fetch(RedisKey::Trail(sid)).await
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
        let questions = listed
            .iter()
            .map(|(place, _)| cmd("GET").arg(RedisKey::Trail(&place.sid)).take())
            .collect();
        for ((_, bytes), answer) in listed.iter_mut().zip(self.link.send_all(questions).await) {
            if let Value::BulkString(trail) = answer? {
                *bytes = trail.into();
            }
        }
        Ok(listed)
    }

    /// Nothing: trails expire by themselves.
    pub async fn expire_trails(&self, _before: Timestamp, _limit: usize) -> Result<usize, Error> {
        Ok(0)
    }
}
