//! Calls and deliveries in Redis: one server, a cluster, or a primary watched by sentinels.
//!
//! Every key of one call, and of the deliveries that come of it, carries the hash tag of the call's bucket, so that a
//! turn is one script in one slot. `{b017}` stands for a bucket, `{b000}` to `{b255}`.
//!
//! | key | type | holds | written by | lives until |
//! |---|---|---|---|---|
//! | `hs:format` | string | format version and count of buckets; another one refuses to start | the first start | for ever |
//! | `hs:paused` | set | backends that are paused | `pause` | `pause` takes it out |
//! | `hs:switched` | hash | opening hours → how somebody has switched them, as JSON | `switch_hours` | `switch_hours` takes it out |
//! | `hs:{counts}:<until>-<name>` | string | how often something was done that may be done only so often; or what an act was answered | `count` | until then |
//! | `hs:backends` | set | every backend that ever had a row, so that rows of one no longer configured are found | `commit`, before the first row | for ever |
//! | `hs:{b017}:probe` | string | nothing: whether a server takes writes | `ping`, in one bucket of each server | a minute |
//! | `hs:{b017}:call:<sid>` | list, string | of a call that is on: its record, see `redis/record.rs`, and the entries of its trail behind it; else only the record | `commit`, `append`, `mark_ended` | no expiry while the call is on; then `CALLS__KEEP_FINISHED` |
//! | `hs:{b017}:due` | sorted set | calls that are on, by when the sweeper looks at them: no later than they are due | `commit`, `mark_ended`, `lease_calls` | the commit that finishes the call |
//! | `hs:{b017}:live` | hash | fingerprint → how many calls are on | `commit` | the commit that finishes the last call |
//! | `hs:{b017}:trail:<sid>` | string | the trail of a call that is over, see `store/trail.rs` | `commit`, `append`, `mark_ended` | `CALLS__KEEP_TRAIL` after the last turn |
//! | `hs:{b017}:calls` | sorted set | calls that have a trail, by when it began | `commit`, before a trail's first entry | `expire_trails`, a day after the trail at the latest |
//! | `hs:{b017}:row:<sid>-<key>` | hash | a delivery, see `redis/row_fields.rs` | `commit`, `append`, `lease_rows`, `complete_row`, `settle`, `retry_row` | no expiry while it is owed; then `OUTBOX__KEEP_DELIVERED`; `drop_row` |
//! | `hs:{b017}:rows:<backend>` | sorted set | rows waiting or being sent, by when they are due | the same | the row is parked, delivered or dropped |
//! | `hs:{b017}:waiting:<backend>`, `sending`, `uncertain`, `dead` | sorted set | rows by state, by when they were created | the same | the row changes its state or goes |
//! | `hs:{b017}:delivered:<backend>` | sorted set | rows that the backend has, by when it said so | `settle` | `OUTBOX__KEEP_DELIVERED` after the last one; older ones go when another is delivered |
//! | `hs:{versions}:kept` | sorted set | fingerprints by when they were in service last | `keep_version` | `forget_versions` |
//! | `hs:{versions}:version:<fingerprint>` | string | what the fingerprint stands for | `keep_version` | `forget_versions` |
//! | `hs:{versions}:plays:<fingerprint>` | set | hashes of the recordings that it plays | `keep_version` | `forget_versions` |
//! | `hs:{versions}:recording:<hash>` | string | a recording | `keep_version` | the last version that plays it goes |
//!
//! Sorted sets count milliseconds since 1970. Nothing but finished calls, trails, delivered rows and counts expires: a Redis that
//! may evict live keys is refused. Scripts need Redis 6.2; `change_row` (on a server alone), `backlog` and `forget_version` name keys that
//! they learn on the way, always in the slot of the keys that they were given.
//!
//! Every write may run twice, because a lost answer says nothing about the request: scripts compare before they write,
//! and a commit finds its own stamp in the record.

mod address;
mod cluster;
mod counts;
mod due;
mod inspect;
mod keys;
mod lane;
mod lanes;
mod link;
mod list;
mod record;
mod row_fields;
mod rows;
mod rows_of;
mod script;
mod source;
mod trails;
mod versions;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

use ::redis::{FromRedisValue, RedisError, Value, cmd};
use jiff::Timestamp;

use self::address::RedisAddress;
use self::due::milliseconds;
use self::keys::{RedisKey, bucket};
use self::link::Link;
use self::record::Record;
use self::script::{LuaScript, ScriptCall, Text};
use super::clock::ServerTime;
use super::contract::HealthPart;
use super::contract::{
    Append, Commit, Committed, Durability, Ended, Marked, Row, RowState, Stored, Trace,
};
use super::switched::KeptSwitch;
use super::{Error, Options};
use crate::engine::CallSid;

static BEGIN: LuaScript = LuaScript::new(include_str!("redis/begin.lua"));
static TURN: LuaScript = LuaScript::new(include_str!("redis/turn.lua"));
static COMMIT: LuaScript = LuaScript::new(concat!(
    include_str!("redis/record.lua"),
    include_str!("redis/commit.lua"),
    include_str!("redis/put_rows.lua")
));
static FIND_CALL: LuaScript = LuaScript::new(concat!(
    include_str!("redis/record.lua"),
    include_str!("redis/find_call.lua")
));
static APPEND: LuaScript = LuaScript::new(concat!(
    include_str!("redis/record.lua"),
    include_str!("redis/append.lua"),
    include_str!("redis/put_rows.lua")
));
static MARK_ENDED: LuaScript = LuaScript::new(concat!(
    include_str!("redis/record.lua"),
    include_str!("redis/mark_ended.lua")
));

/// The part of the façade's deadline that an answer may take: a lost one is then reported from here, with its cause.
const ANSWER: f64 = 0.8;

/// How long what `ping` writes stays, in milliseconds.
const PROBE: u64 = 60_000;

/// How much longer than a trail its place in the list of all is kept: longer than a call lasts. In milliseconds.
const LONGEST_CALL: u64 = 24 * 3_600 * 1_000;

/// The engine.
pub(super) struct Store {
    link: Link,
    level: Mutex<Durability>,
    keep_finished: Duration,
    keep_trail: Duration,
    keep_delivered: Duration,
    /// The next commit's stamp; begins at random, so that no other node's are the same.
    stamp: AtomicU64,
    /// Backends that this node has written into `hs:backends`.
    backends: RwLock<BTreeSet<String>>,
}

impl Store {
    /// Connects, compares the format, and refuses a Redis that may lose calls on its own account.
    ///
    /// # Errors
    /// `Url` for one that cannot be read, `Redis` when it cannot be reached, `Format`, `Unsafe`.
    pub async fn open(options: &Options) -> Result<Self, Error> {
        let Options {
            deadline,
            keep_finished,
            keep_trail,
            keep_delivered,
            ..
        } = *options;
        let address = RedisAddress::parse(&options.url)?;
        if address.is_encrypted() {
            // Fails only where the program has chosen one already, which is as good.
            let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        }
        let link = Link::open(address, deadline.mul_f64(ANSWER)).await?;
        inspect::check_format(&link).await?;
        let level = Mutex::new(inspect::accept(&inspect::judge(&link).await?)?);
        let stamp =
            getrandom::u64().map_err(|error| RedisError::from(std::io::Error::from(error)))?;
        let (stamp, backends) = (AtomicU64::new(stamp), RwLock::default());
        Ok(Self {
            link,
            level,
            keep_finished,
            keep_trail,
            keep_delivered,
            stamp,
            backends,
        })
    }

    /// What this Redis's word is worth, as it said when it was asked last.
    pub fn level(&self) -> Durability {
        *self.level.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks Redis again how it is set.
    pub async fn review(&self) -> Result<(), Error> {
        let level = inspect::judge(&self.link).await?.level();
        let before = std::mem::replace(
            &mut *self.level.lock().unwrap_or_else(PoisonError::into_inner),
            level,
        );
        if level != before {
            let (level, before, meaning) = (level.as_str(), before.as_str(), level.meaning());
            tracing::error!(
                level,
                before,
                meaning,
                "Redis was set otherwise while it is in use."
            );
        }
        Ok(())
    }

    /// The part of the store that a call is kept in: of a cluster, its bucket.
    pub fn part(&self, sid: &CallSid) -> HealthPart {
        if self.link.is_cluster() {
            bucket(sid)
        } else {
            0
        }
    }

    pub async fn load(&self, sid: &CallSid) -> Result<Option<Stored>, Error> {
        let call = ScriptCall::new(&FIND_CALL, 1, 1, 64).arg(RedisKey::Call(sid));
        match self.link.run(&call).await? {
            Value::Nil => Ok(None),
            Value::BulkString(record) => record::decode(sid, record),
            other => Err(strange(sid, &other)),
        }
    }

    pub async fn commit(&self, commit: Commit, _now: Timestamp) -> Result<Committed, Error> {
        let stamp = self.next_stamp();
        let answer = match self.common_call(&commit, stamp) {
            Some(call) => CommonAnswer::of(&self.link.run(&call).await?),
            None => CommonAnswer::NotDone,
        };
        // Boxed, so that the ways that are rarely gone take no room in every turn.
        match answer {
            CommonAnswer::Done => Ok(Committed::Done),
            CommonAnswer::NotListed => Box::pin(self.list_trail(commit)).await,
            CommonAnswer::NotDone => Box::pin(self.commit_any(commit, stamp)).await,
        }
    }

    /// Writes a turn of any kind.
    async fn commit_any(&self, commit: Commit, stamp: u64) -> Result<Committed, Error> {
        self.know_backends(&commit.rows).await?;
        let call = self.commit_call(&commit, stamp);
        committed(&commit.sid, self.link.run(&call).await?)
    }

    /// How most turns are written, at a fraction of the price; nothing for one that only `commit.lua` can write.
    fn common_call(&self, commit: &Commit, stamp: u64) -> Option<ScriptCall> {
        if commit.finished || !commit.rows.is_empty() {
            return None;
        }
        let record = Record::new(commit, stamp);
        let bytes = 192 + record.len() + size_of_trail(&commit.trail);
        let entries = entries(&commit.trail);
        if commit.from_turn > 0 {
            let call = ScriptCall::new(&TURN, 1, 4, bytes)
                .arg(RedisKey::Call(&commit.sid))
                .arg(&record::base_of(commit)[..])
                .arg(record)
                .arg(entries);
            return Some(call);
        }
        let (bucket, began) = (bucket(&commit.sid), commit.trail.first());
        let call = ScriptCall::new(&BEGIN, 5, 10, 192 + bytes)
            .arg(RedisKey::Call(&commit.sid))
            .arg(RedisKey::Due(bucket))
            .arg(RedisKey::Live(bucket))
            .arg(RedisKey::Trail(&commit.sid))
            .arg(RedisKey::Calls(bucket))
            .arg(record)
            .arg(milliseconds(commit.due))
            .arg(Text(commit.version))
            .arg(entries)
            .arg(began.map_or(0, |trace| milliseconds(trace.at)));
        Some(call)
    }

    /// Lists a call that has a trail only now: no trail was kept of its turns before.
    async fn list_trail(&self, commit: Commit) -> Result<Committed, Error> {
        let began = commit.trail.first();
        let mut add = cmd("ZADD");
        add.arg(RedisKey::Calls(bucket(&commit.sid)))
            .arg(began.map_or(0, |trace| milliseconds(trace.at)))
            .arg(commit.sid.as_str());
        self.link.send(&add).await?;
        Ok(Committed::Done)
    }

    pub async fn append(&self, append: Append) -> Result<Committed, Error> {
        self.know_backends(&append.rows).await?;
        let (sid, rows) = (&append.sid, append.rows.len());
        let bytes = 192 + append.state.len() + size(&append.rows) + size_of_trail(&append.trail);
        let mut call = ScriptCall::new(&APPEND, 2 + 3 * rows, 6 + 24 * rows, bytes)
            .arg(RedisKey::Call(sid))
            .arg(RedisKey::Trail(sid));
        push_row_keys(&mut call, sid, &append.rows);
        call.push(append.from_revision);
        call.push(&self.next_stamp().to_be_bytes()[..]);
        call.push(&append.state[..]);
        call.push(entries(&append.trail));
        push_rows(&mut call, &append.rows);
        committed(sid, self.link.run(&call).await?)
    }

    fn next_stamp(&self) -> u64 {
        self.stamp.fetch_add(1, Ordering::Relaxed)
    }

    fn commit_call(&self, commit: &Commit, stamp: u64) -> ScriptCall {
        let record = Record::new(commit, stamp);
        let bucket = bucket(&commit.sid);
        let rows = commit.rows.len();
        let bytes = 384 + record.len() + size(&commit.rows) + size_of_trail(&commit.trail);
        let mut call = ScriptCall::new(&COMMIT, 5 + 3 * rows, 14 + 24 * rows, bytes)
            .arg(RedisKey::Call(&commit.sid))
            .arg(RedisKey::Due(bucket))
            .arg(RedisKey::Live(bucket))
            .arg(RedisKey::Trail(&commit.sid))
            .arg(RedisKey::Calls(bucket));
        push_row_keys(&mut call, &commit.sid, &commit.rows);
        call.push(commit.from_turn);
        call.push(commit.from_revision);
        call.push(record);
        call.push(milliseconds(commit.due));
        call.push(Text(commit.version));
        call.push(self.keep_finished.as_millis().max(1) as u64);
        self.push_trail(&mut call, commit);
        push_rows(&mut call, &commit.rows);
        call
    }

    fn push_trail(&self, call: &mut ScriptCall, commit: &Commit) {
        call.push(entries(&commit.trail));
        call.push(self.keep_trail.as_millis().max(1) as u64);
        call.push(
            commit
                .trail
                .first()
                .map_or(0, |trace| milliseconds(trace.at)),
        );
    }

    /// Writes a backend's name down before its first row, in a slot of its own: a name without rows harms nothing.
    async fn know_backends(&self, rows: &[Row]) -> Result<(), Error> {
        for row in rows {
            let known = self
                .backends
                .read()
                .unwrap_or_else(PoisonError::into_inner)
                .contains(&row.backend);
            if !known {
                self.link
                    .send(cmd("SADD").arg(RedisKey::Backends).arg(&row.backend))
                    .await?;
                self.backends
                    .write()
                    .unwrap_or_else(PoisonError::into_inner)
                    .insert(row.backend.clone());
            }
        }
        Ok(())
    }

    fn known_backends(&self) -> BTreeSet<String> {
        self.backends
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub async fn mark_ended(
        &self,
        sid: &CallSid,
        ended: Ended,
        due: Timestamp,
        trail: Option<Trace>,
        _now: Timestamp,
    ) -> Result<Marked, Error> {
        let call = ScriptCall::new(&MARK_ENDED, 3, 8, 384)
            .arg(RedisKey::Call(sid))
            .arg(RedisKey::Due(bucket(sid)))
            .arg(RedisKey::Trail(sid))
            .arg(&record::encode_mark(ended)[..])
            .arg(milliseconds(due))
            .arg(entries(trail.as_slice()))
            .arg(&record::early()[..])
            .arg(self.keep_finished.as_millis().max(1) as u64);
        match self.link.run(&call).await? {
            Value::Int(0) => Ok(Marked::Early),
            Value::Int(1) => Ok(Marked::Again),
            Value::Int(2) => Ok(Marked::First),
            other => Err(strange(sid, &other)),
        }
    }

    pub async fn pause(&self, backend: &str, pause: bool) -> Result<(), Error> {
        let verb = if pause { "SADD" } else { "SREM" };
        self.link
            .send(cmd(verb).arg(RedisKey::Paused).arg(backend))
            .await?;
        Ok(())
    }

    pub async fn paused(&self) -> Result<Vec<String>, Error> {
        let paused = self
            .link
            .send(cmd("SMEMBERS").arg(RedisKey::Paused))
            .await?;
        let paused = BTreeSet::<String>::from_redis_value(paused).map_err(RedisError::from)?;
        Ok(paused.into_iter().collect())
    }

    pub async fn switch_hours(&self, name: &str, switch: Option<&KeptSwitch>) -> Result<(), Error> {
        let verb = if switch.is_some() { "HSET" } else { "HDEL" };
        let mut request = cmd(verb);
        request.arg(RedisKey::Switched).arg(name);
        if let Some(switch) = switch {
            request.arg(switch.encode());
        }
        self.link.send(&request).await?;
        Ok(())
    }

    pub async fn switched_hours(&self) -> Result<Vec<(String, KeptSwitch)>, Error> {
        let switched = self
            .link
            .send(cmd("HGETALL").arg(RedisKey::Switched))
            .await?;
        let switched = BTreeMap::<String, Vec<u8>>::from_redis_value(switched);
        let switched = switched.map_err(RedisError::from)?.into_iter();
        let read = |(name, bytes): (String, Vec<u8>)| {
            let switch = KeptSwitch::decode(&bytes).ok_or_else(|| Error::Corrupt {
                what: format!("the switch of `{name}`"),
                reason: "it is no switch".to_owned(),
            })?;
            Ok((name, switch))
        };
        switched.map(read).collect()
    }

    /// Nothing: finished calls expire by themselves.
    pub async fn expire_finished(&self, _before: Timestamp, _limit: usize) -> Result<usize, Error> {
        Ok(0)
    }

    /// What time it is by Redis; of several servers, by the one in the middle, so that all nodes agree.
    pub async fn time(&self) -> Result<ServerTime, Error> {
        let asked = Instant::now();
        let answers = self.link.ask_each(cmd("TIME")).await?;
        let took = asked.elapsed();
        let mut times = Vec::with_capacity(answers.len());
        for answer in answers {
            let (seconds, micros) =
                <(i64, i64)>::from_redis_value(answer).map_err(RedisError::from)?;
            times.extend(Timestamp::from_microsecond(
                seconds.saturating_mul(1_000_000).saturating_add(micros),
            ));
        }
        times.sort_unstable();
        let strange = || Error::Corrupt {
            what: "the time".to_owned(),
            reason: "redis does not tell it".to_owned(),
        };
        let time = *times.get(times.len() / 2).ok_or_else(strange)?;
        Ok(ServerTime { time, asked, took })
    }

    pub async fn ping(&self) -> Result<(), Error> {
        let probe = |bucket| {
            cmd("SET")
                .arg(RedisKey::Probe(bucket))
                .arg("")
                .arg("PX")
                .arg(PROBE)
                .take()
        };
        for written in self
            .link
            .send_all(self.link.buckets().map(probe).collect())
            .await
        {
            written?;
        }
        Ok(())
    }

    /// Nothing waits to be written: what was answered is with Redis.
    pub async fn close(&self) -> Result<(), Error> {
        Ok(())
    }
}

/// What the scripts of most turns answer.
#[derive(Clone, Copy)]
enum CommonAnswer {
    Done,
    /// It is done, and the call has a trail from now on that is not listed yet.
    NotListed,
    NotDone,
}

impl CommonAnswer {
    fn of(answer: &Value) -> Self {
        match answer {
            Value::Int(1) => Self::Done,
            Value::Int(3) => Self::NotListed,
            _ => Self::NotDone,
        }
    }
}

fn committed(sid: &CallSid, answer: Value) -> Result<Committed, Error> {
    match answer {
        Value::Int(1) => Ok(Committed::Done),
        Value::Int(0) => Ok(Committed::Gone),
        Value::BulkString(record) => {
            Ok(record::decode(sid, record)?.map_or(Committed::Gone, Committed::Behind))
        }
        other => Err(strange(sid, &other)),
    }
}

fn push_row_keys(call: &mut ScriptCall, sid: &CallSid, rows: &[Row]) {
    let bucket = bucket(sid);
    for row in rows {
        call.push(RedisKey::Row(&row.id));
        call.push(RedisKey::Rows(bucket, &row.backend));
        call.push(RedisKey::State(bucket, row.state, &row.backend));
    }
}

fn push_rows(call: &mut ScriptCall, rows: &[Row]) {
    for row in rows {
        call.push(Text(&row.id));
        match row.state {
            RowState::Waiting | RowState::Sending => call.push(milliseconds(row.next)),
            RowState::Uncertain | RowState::Dead | RowState::Delivered => call.push(""),
        }
        call.push(milliseconds(row.created));
        row_fields::push(call, row);
    }
}

/// The bytes that rows take in a command.
fn size(rows: &[Row]) -> usize {
    rows.iter().map(|row| 512 + row.body.len()).sum()
}

fn size_of_trail(trail: &[Trace]) -> usize {
    trail.iter().map(|trace| trace.entry.len()).sum()
}

/// A trail's entries, one behind the other.
fn entries(trail: &[Trace]) -> Cow<'_, [u8]> {
    match trail {
        [] => Cow::Borrowed(&[]),
        [trace] => Cow::Borrowed(&trace.entry),
        traces => Cow::Owned(
            traces
                .iter()
                .flat_map(|trace| trace.entry.iter().copied())
                .collect(),
        ),
    }
}

fn strange(sid: &CallSid, value: &Value) -> Error {
    Error::Corrupt {
        what: format!("call {sid}"),
        reason: format!("redis answers {value:?}"),
    }
}
