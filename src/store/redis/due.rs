//! What is due, over all buckets: one question to each, then one script to each that has something.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use redis::{FromRedisValue, RedisError, RedisResult, Value, cmd};

use super::Store;
use super::keys::{BUCKETS, Bucket, RedisKey};
use super::link::Link;
use super::script::{LuaScript, ScriptCall, Text};
use crate::engine::CallSid;
use crate::store::Error;

static LEASE: LuaScript = LuaScript::new(concat!(
    include_str!("record.lua"),
    include_str!("lease_calls.lua")
));

/// A time as an index counts it.
pub(super) fn milliseconds(time: Timestamp) -> i64 {
    time.as_millisecond()
}

/// Names that are due, soonest first, and their buckets.
pub(super) struct Due(Vec<(Bucket, String)>);

impl Due {
    /// Asks every bucket's index for what is due at `now`, and keeps the `limit` soonest of all.
    ///
    /// # Errors
    /// When no bucket answers. Those of a cluster's node that is away wait until it is back.
    pub async fn peek<'a>(
        link: &Link,
        index: impl Fn(Bucket) -> RedisKey<'a>,
        now: Timestamp,
        limit: usize,
    ) -> Result<Self, Error> {
        let now = milliseconds(now);
        let question = |bucket| {
            let mut range = cmd("ZRANGEBYSCORE");
            range
                .arg(index(bucket))
                .arg("-inf")
                .arg(now)
                .arg("WITHSCORES")
                .arg("LIMIT")
                .arg(0)
                .arg(limit)
                .take()
        };
        let answers = link.send_all(BUCKETS.map(question).collect()).await;
        let mut found = Vec::new();
        for (bucket, answer) in what_came(BUCKETS.zip(answers))? {
            found.extend(
                scored(answer)?
                    .into_iter()
                    .map(|(name, due)| (due, bucket, name)),
            );
        }
        found.sort_by(|one, other| one.0.total_cmp(&other.0).then_with(|| one.2.cmp(&other.2)));
        found.truncate(limit);
        Ok(Self(
            found
                .into_iter()
                .map(|(_, bucket, name)| (bucket, name))
                .collect(),
        ))
    }

    /// The names by bucket.
    pub fn by_bucket(&self) -> BTreeMap<Bucket, Vec<&str>> {
        let mut buckets = BTreeMap::<_, Vec<_>>::new();
        for (bucket, name) in &self.0 {
            buckets.entry(*bucket).or_default().push(name.as_str());
        }
        buckets
    }

    /// Brings what was taken into the order in which it was due.
    pub fn arrange<T>(&self, taken: &mut [T], name: impl Fn(&T) -> String) {
        let places: HashMap<_, _> = self
            .0
            .iter()
            .enumerate()
            .map(|(place, (_, name))| (name.as_str(), place))
            .collect();
        taken.sort_by_cached_key(|one| places.get(name(one).as_str()).copied());
    }
}

impl Store {
    pub async fn lease_calls(
        &self,
        now: Timestamp,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<CallSid>, Error> {
        let mut all = Vec::new();
        // Those that have gone on are put back, and do not hold up the others.
        loop {
            let due = Due::peek(&self.link, RedisKey::Due, now, limit - all.len()).await?;
            let calls: Vec<_> = due
                .by_bucket()
                .iter()
                .map(|(bucket, names)| lease(*bucket, names, now, until))
                .collect();
            let answers = self.link.run_all(&calls).await;
            let came = what_came(std::iter::repeat(()).zip(answers))?;
            let is_whole = came.len() == calls.len();
            let mut taken = Vec::new();
            for ((), answer) in came {
                let names = Vec::<String>::from_redis_value(answer).map_err(RedisError::from)?;
                taken.extend(names.iter().filter_map(|name| CallSid::parse(name).ok()));
            }
            due.arrange(&mut taken, CallSid::to_string);
            let is_last = !is_whole || due.0.len() < limit - all.len();
            all.extend(taken);
            if is_last || all.len() >= limit {
                return Ok(all);
            }
        }
    }
}

fn lease(bucket: Bucket, names: &[&str], now: Timestamp, until: Timestamp) -> ScriptCall {
    let call = ScriptCall::new(
        &LEASE,
        1 + names.len(),
        3 + 2 * names.len(),
        64 + 100 * names.len(),
    )
    .arg(RedisKey::Due(bucket));
    let call = names.iter().fold(call, |call, name| {
        call.arg(Text(format_args!(
            "{}call:{name}",
            RedisKey::Prefix(bucket)
        )))
    });
    names.iter().fold(
        call.arg(milliseconds(now)).arg(milliseconds(until)),
        ScriptCall::arg,
    )
}

/// Names and what an index says of them.
pub(super) fn scored(answer: Value) -> Result<Vec<(String, f64)>, Error> {
    Ok(Vec::<(String, f64)>::from_redis_value(answer).map_err(RedisError::from)?)
}

/// The answers that came. Of a cluster a part may be away: that holds up nothing else.
///
/// # Errors
/// When none came at all.
pub(super) fn what_came<T>(
    answers: impl Iterator<Item = (T, RedisResult<Value>)>,
) -> Result<Vec<(T, Value)>, Error> {
    let (mut came, mut failed) = (Vec::new(), None);
    for (what, answer) in answers {
        match answer {
            Ok(answer) => came.push((what, answer)),
            Err(error) => failed = Some(error),
        }
    }
    match failed {
        Some(error) if came.is_empty() => Err(error.into()),
        Some(error) => {
            tracing::warn!(%error, "A part of Redis did not answer a sweep.");
            Ok(came)
        }
        None => Ok(came),
    }
}
