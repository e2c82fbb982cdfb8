//! Deliveries: taking those that are due, settling, counting.

use std::collections::BTreeSet;

use bytes::Bytes;
use jiff::Timestamp;
use redis::{Cmd, FromRedisValue, RedisError, Value, cmd};

use super::Store;
use super::due::{Due, milliseconds, what_came};
use super::keys::{BUCKETS, Bucket, RedisKey, bucket};
use super::row_fields::{NAMES, decode, encode_time, letter};
use super::script::{LuaScript, ScriptCall, Text};
use crate::store::contract::{HELD, RowUpdate};
use crate::store::history::{Attempt, BackendAnswer};
use crate::store::record::SENT_AGAIN;
use crate::store::{Backlog, Error, Row, RowId, RowState, Settlement};

static LEASE: LuaScript = LuaScript::new(include_str!("lease_rows.lua"));
static CHANGE: LuaScript = LuaScript::new(include_str!("change_row.lua"));
static COMPLETE: LuaScript = LuaScript::new(include_str!("complete_row.lua"));
static BACKLOG: LuaScript = LuaScript::new(include_str!("backlog.lua"));

/// How a row changes.
#[derive(Default)]
struct Change<'a> {
    /// Empty deletes it.
    state: &'static str,
    due: Option<Timestamp>,
    attempts: &'static str,
    ambiguous: bool,
    error: Option<&'a str>,
    /// As they are stored.
    attempt: Vec<u8>,
    answer: Bytes,
}

impl<'a> Change<'a> {
    /// What a settlement changes. A delivered row is kept with the time of its delivery, or deleted if there is none.
    fn of(settlement: &'a Settlement, delivered: Option<Timestamp>) -> Self {
        match settlement {
            Settlement::Delivered => delivered.map_or_else(Self::default, |at| Self {
                state: letter(RowState::Delivered),
                due: Some(at),
                ..Self::default()
            }),
            Settlement::Retry {
                at,
                ambiguous,
                error,
            } => Self {
                state: "w",
                due: Some(*at),
                ambiguous: *ambiguous,
                error: Some(error),
                ..Self::default()
            },
            Settlement::CutOff { at } => Self {
                state: "w",
                due: Some(*at),
                attempts: "back",
                ambiguous: true,
                ..Self::default()
            },
            Settlement::PutBack { at } => Self {
                state: "w",
                due: Some(*at),
                attempts: "back",
                ..Self::default()
            },
            Settlement::Held { until } => Self {
                state: letter(RowState::Sending),
                due: Some(*until),
                ..Self::default()
            },
            Settlement::Park { state, error } => Self {
                state: letter(*state),
                error: Some(error),
                ..Self::default()
            },
        }
    }
}

impl Store {
    pub async fn lease_rows(
        &self,
        backend: &str,
        now: Timestamp,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<Row>, Error> {
        let due = Due::peek(
            &self.link,
            |bucket| RedisKey::Rows(bucket, backend),
            now,
            limit,
        )
        .await?;
        let leases = due.by_bucket();
        let calls: Vec<_> = leases
            .iter()
            .map(|(bucket, names)| lease(backend, *bucket, names, now, until))
            .collect();
        let mut rows = Vec::new();
        for ((), answer) in what_came(std::iter::repeat(()).zip(self.link.run_all(&calls).await))? {
            for (name, fields) in
                Vec::<(String, Value)>::from_redis_value(answer).map_err(RedisError::from)?
            {
                if let Some(Ok(row)) = RowId::parse(&name).map(|id| decode(&id, fields)) {
                    rows.extend(row);
                } else {
                    // It stays leased and is reported again: a row that cannot be read must not hold up the others.
                    tracing::error!(row = name, backend, "Delivery cannot be read.");
                }
            }
        }
        due.arrange(&mut rows, |row| row.id.to_string());
        Ok(rows)
    }

    pub async fn settle(&self, id: &RowId, report: RowUpdate) -> Result<bool, Error> {
        let RowUpdate {
            settlement,
            attempt,
            now,
            keep,
        } = report;
        let ended = attempt.as_ref().map_or(now, Attempt::ended);
        let change = Change::of(&settlement, keep.then_some(ended));
        let answer = attempt
            .as_ref()
            .and_then(|attempt| attempt.answer.as_ref())
            .map(BackendAnswer::encode);
        let attempt = attempt.as_ref().map(Attempt::encode).unwrap_or_default();
        self.change_row(
            id,
            &Change {
                attempt,
                answer: answer.unwrap_or_default(),
                ..change
            },
        )
        .await
    }

    pub async fn retry_row(&self, id: &RowId, at: Timestamp) -> Result<bool, Error> {
        let again = Change {
            state: "w",
            due: Some(at),
            attempts: "reset",
            error: Some(SENT_AGAIN),
            ..Change::default()
        };
        self.change_row(id, &again).await
    }

    pub async fn complete_row(
        &self,
        id: &RowId,
        body: &Bytes,
        at: Timestamp,
    ) -> Result<bool, Error> {
        let answer = self
            .link
            .send(cmd("HGET").arg(RedisKey::Row(id)).arg("b"))
            .await?;
        let backend = Option::<String>::from_redis_value(answer).map_err(RedisError::from)?;
        let Some(backend) = backend else {
            return Ok(false);
        };
        let call = ScriptCall::new(&COMPLETE, 2, 7, 256 + body.len())
            .arg(RedisKey::Row(id))
            .arg(RedisKey::Rows(bucket(&id.sid), &backend))
            .arg(&HELD[..])
            .arg(&body[..])
            .arg(Text(id))
            .arg(milliseconds(at))
            .arg(encode_time(at));
        Ok(self.link.run(&call).await? == Value::Int(1))
    }

    pub async fn drop_row(&self, id: &RowId) -> Result<bool, Error> {
        self.change_row(id, &Change::default()).await
    }

    async fn change_row(&self, id: &RowId, change: &Change<'_>) -> Result<bool, Error> {
        let Some(indices) = self.indices_on_cluster(id).await? else {
            return Ok(false);
        };
        let error = change.error.unwrap_or_default();
        let keep = self.keep_delivered.as_millis().max(1) as u64;
        let bytes =
            256 + 64 * indices.len() + error.len() + change.attempt.len() + change.answer.len();
        let keys = 1 + indices.len();
        let call = ScriptCall::new(&CHANGE, keys, 11 + keys, bytes).arg(RedisKey::Row(id));
        let call = indices
            .into_iter()
            .fold(call, ScriptCall::arg)
            .arg(RedisKey::Prefix(bucket(&id.sid)))
            .arg(Text(id))
            .arg(change.state)
            .arg(change.due.map(encode_time).unwrap_or_default())
            .arg(change.attempts)
            .arg(i32::from(change.ambiguous))
            .arg(i32::from(change.error.is_some()))
            .arg(error)
            .arg(&change.attempt[..])
            .arg(&change.answer[..])
            .arg(keep);
        Ok(self.link.run(&call).await? == Value::Int(1))
    }

    /// The keys that a change of the row may write beside it, for a cluster: while a slot moves, a script runs only where all
    /// keys are that it names, and one that wrote an index that has gone already would leave it in two places, which ends
    /// the move. A server alone needs none. `None` if there is no such row.
    async fn indices_on_cluster(&self, id: &RowId) -> Result<Option<Vec<String>>, Error> {
        if !self.link.is_cluster() {
            return Ok(Some(Vec::new()));
        }
        let answer = self
            .link
            .send(cmd("HGET").arg(RedisKey::Row(id)).arg("b"))
            .await?;
        let backend = Option::<String>::from_redis_value(answer).map_err(RedisError::from)?;
        Ok(backend.map(|backend| {
            let bucket = bucket(&id.sid);
            let states = RowState::ALL.map(|state| RedisKey::State(bucket, state, &backend));
            let due = RedisKey::Rows(bucket, &backend);
            std::iter::once(due)
                .chain(states)
                .map(|key| key.to_string())
                .collect()
        }))
    }

    /// Nothing: delivered rows expire by themselves.
    pub async fn expire_delivered(
        &self,
        _before: Timestamp,
        _limit: usize,
    ) -> Result<usize, Error> {
        Ok(0)
    }

    pub async fn row(&self, id: &RowId) -> Result<Option<Row>, Error> {
        decode(id, self.link.send(&fetch(id)).await?)
    }

    pub async fn backlog(&self) -> Result<Vec<Backlog>, Error> {
        let backends = self.backends().await?;
        let kept_since = Timestamp::now()
            .checked_sub(self.keep_delivered)
            .map_or(0, milliseconds);
        let count = |backend, bucket| {
            let keys = RowState::ALL.map(|state| RedisKey::State(bucket, state, backend));
            let call = keys
                .into_iter()
                .fold(ScriptCall::new(&BACKLOG, 5, 7, 256), ScriptCall::arg);
            call.arg(Text(format_args!("{}row:", RedisKey::Prefix(bucket))))
                .arg(kept_since)
        };
        let mut backlogs = Vec::new();
        for backend in &backends {
            let calls: Vec<_> = BUCKETS.map(|bucket| count(backend, bucket)).collect();
            let mut backlog = Backlog::of(backend);
            for answer in self.link.run_all(&calls).await {
                add(&mut backlog, answer?)?;
            }
            if backlog.rows.iter().any(|rows| *rows > 0) {
                backlogs.push(backlog);
            }
        }
        Ok(backlogs)
    }

    /// Every backend that ever had a row, by name.
    pub(super) async fn backends(&self) -> Result<Vec<String>, Error> {
        let answer = self
            .link
            .send(cmd("SMEMBERS").arg(RedisKey::Backends))
            .await?;
        let mut backends =
            BTreeSet::<String>::from_redis_value(answer).map_err(RedisError::from)?;
        backends.extend(self.known_backends());
        Ok(backends.into_iter().collect())
    }
}

fn lease(
    backend: &str,
    bucket: Bucket,
    names: &[&str],
    now: Timestamp,
    until: Timestamp,
) -> ScriptCall {
    let indices = [
        RedisKey::Rows(bucket, backend),
        RedisKey::State(bucket, RowState::Waiting, backend),
        RedisKey::State(bucket, RowState::Sending, backend),
    ];
    let call = ScriptCall::new(
        &LEASE,
        3 + names.len(),
        6 + 2 * names.len(),
        256 + 100 * names.len(),
    );
    let mut call = indices.into_iter().fold(call, ScriptCall::arg);
    for name in names {
        call.push(Text(format_args!("{}row:{name}", RedisKey::Prefix(bucket))));
    }
    let call = call
        .arg(milliseconds(now))
        .arg(milliseconds(until))
        .arg(encode_time(until));
    names.iter().fold(call, ScriptCall::arg)
}

pub(super) fn fetch(id: &RowId) -> Cmd {
    cmd("HMGET").arg(RedisKey::Row(id)).arg(&NAMES).take()
}

fn add(backlog: &mut Backlog, answer: Value) -> Result<(), Error> {
    let (waiting, sending, uncertain, dead, delivered, oldest) =
        <(u64, u64, u64, u64, u64, String)>::from_redis_value(answer).map_err(RedisError::from)?;
    for (sum, count) in backlog
        .rows
        .iter_mut()
        .zip([waiting, sending, uncertain, dead, delivered])
    {
        *sum += count;
    }
    let oldest = oldest
        .parse()
        .ok()
        .and_then(|time| Timestamp::from_nanosecond(time).ok());
    backlog.oldest = [backlog.oldest, oldest].into_iter().flatten().min();
    Ok(())
}
