//! A delivery as a hash: fields of one letter, times in nanoseconds since 1970.

use jiff::Timestamp;
use redis::{FromRedisValue, RedisError, Value};

use super::script::ScriptCall;
use crate::store::history::{BackendAnswer, History, decode_attempts};
use crate::store::{Error, Row, RowId, RowState};

/// Backend, data (the body), secret (names of the sensitive answers, a JSON list), created, state, attempts, next,
/// maybe (the outcome of an attempt is not known), error; and, once an attempt was made, log (the attempts) and reply (the
/// backend's answer), see `store/history.rs`. The scripts know these letters too.
pub(super) const NAMES: [&str; 11] = ["b", "d", "x", "c", "s", "a", "n", "m", "e", "l", "r"];

/// What stands for a state.
pub(super) fn letter(state: RowState) -> &'static str {
    match state {
        RowState::Waiting => "w",
        RowState::Sending => "s",
        RowState::Uncertain => "u",
        RowState::Dead => "d",
        RowState::Delivered => "y",
    }
}

/// A time as it is stored.
pub(super) fn encode_time(time: Timestamp) -> String {
    time.as_nanosecond().to_string()
}

/// Adds the fields of a new row, each behind its name.
pub(super) fn push(call: &mut ScriptCall, row: &Row) {
    let secret = if row.sensitive.is_empty() {
        String::new()
    } else {
        serde_json::to_string(&row.sensitive).expect("a list of texts is always JSON")
    };
    call.push(("b", &row.backend));
    call.push(("d", &*row.body));
    call.push(("x", secret));
    call.push(("c", encode_time(row.created)));
    call.push(("s", letter(row.state)));
    call.push(("a", row.attempts));
    call.push(("n", encode_time(row.next)));
    call.push(("m", i32::from(row.ambiguous)));
    call.push(("e", &row.last_error));
}

/// Reads what `HMGET` answers for [`NAMES`]; nothing when there is no such row.
///
/// # Errors
/// `Corrupt` when a field cannot be read.
pub(super) fn decode(id: &RowId, fields: Value) -> Result<Option<Row>, Error> {
    let fields = Vec::<Option<Vec<u8>>>::from_redis_value(fields).map_err(RedisError::from)?;
    let Ok(
        [
            Some(backend),
            body,
            secret,
            created,
            state,
            attempts,
            next,
            maybe,
            error,
            log,
            reply,
        ],
    ) = <[_; 11]>::try_from(fields)
    else {
        return Ok(None);
    };
    let row = || {
        Some(Row {
            backend: text(Some(backend))?,
            body: body?.into(),
            sensitive: secret
                .filter(|secret| !secret.is_empty())
                .map_or(Some(Vec::new()), |secret| {
                    serde_json::from_slice(&secret).ok()
                })?,
            created: time(created)?,
            state: RowState::ALL
                .into_iter()
                .find(|candidate| state.as_deref() == Some(letter(*candidate).as_bytes()))?,
            attempts: text(attempts)?.parse().ok()?,
            next: time(next)?,
            ambiguous: maybe? == b"1",
            last_error: text(error)?,
            history: History {
                attempts: decode_attempts(&log.unwrap_or_default()),
                answer: BackendAnswer::decode(&reply.unwrap_or_default()),
            },
            id: id.clone(),
        })
    };
    let corrupt = || Error::Corrupt {
        what: format!("delivery {id}"),
        reason: "a field cannot be read".to_owned(),
    };
    row().map(Some).ok_or_else(corrupt)
}

fn text(field: Option<Vec<u8>>) -> Option<String> {
    String::from_utf8(field?).ok()
}

fn time(field: Option<Vec<u8>>) -> Option<Timestamp> {
    Timestamp::from_nanosecond(text(field)?.parse().ok()?).ok()
}
