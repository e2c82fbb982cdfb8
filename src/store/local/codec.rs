//! Records as bytes: compact, each with its format's version in the first byte.
//!
//! A call is its head and then, as they are, its state, its reply and its trail; so the head can be read or changed
//! alone. Times are whole microseconds, those of trails milliseconds.

use std::ops::Range;

use bytes::Bytes;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::engine::{CallSid, Fingerprint};
use crate::store::Error;
use crate::store::allowance::CountKey;
use crate::store::contract::{Ended, Row, RowId, RowState, Stored};
use crate::store::history::{BackendAnswer, History, decode_attempts, encode_attempts};
use crate::store::record::Head;
use crate::store::switched::KeptSwitch;
use crate::store::trail::StoredTrail as Trail;

/// The version of every record written here, but for those of calls.
const VERSION: u8 = 1;
/// The version of a call that the first release wrote, without a trail and with one: read, and not written any more.
const FIRST: u8 = 1;
const FIRST_WITH_TRAIL: u8 = 2;
/// The version of a call, without a trail and with one.
const CALL: u8 = 3;
const CALL_WITH_TRAIL: u8 = 4;
/// The format version of a row that has had an attempt.
const WITH_HISTORY: u8 = 2;

#[derive(Serialize, Deserialize)]
struct HeadRecord {
    turn: u32,
    version: u64,
    finished: bool,
    ended: Option<i64>,
    due: i64,
    /// The bytes of the state; what follows is the reply.
    state: usize,
}

/// Stands behind the head of a call with a trail, which is the end of its record.
#[derive(Serialize, Deserialize)]
struct TrailRecord {
    /// The bytes of the reply; the rest are the trail's.
    reply: usize,
    began: i64,
    last: i64,
}

/// Stands behind the head of a call that this release wrote.
#[derive(Default, Serialize, Deserialize)]
struct RevisionRecord {
    revision: u32,
}

/// A call's record, taken apart.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct CallRecord<'a> {
    pub head: Head,
    pub state: &'a [u8],
    pub reply: &'a [u8],
    began: i64,
    last: i64,
    entries: &'a [u8],
}

impl CallRecord<'_> {
    /// The trail of a call that is on.
    pub fn trail(&self) -> Trail {
        Trail {
            began: self.began,
            last: self.last,
            bytes: self.entries.to_vec(),
        }
    }
}

#[derive(Serialize, Deserialize)]
struct RowRecord<'a> {
    state: u8,
    attempts: u32,
    next: i64,
    created: i64,
    ambiguous: bool,
    backend: &'a str,
    last_error: &'a str,
    sensitive: Vec<&'a str>,
    body: &'a [u8],
}

/// Follows the record of a row that has had an attempt, as `store/history.rs` writes them.
#[derive(Serialize, Deserialize)]
struct HistoryRecord<'a> {
    attempts: &'a [u8],
    answer: &'a [u8],
}

/// What is kept of a version; its recordings have a table of their own.
#[derive(Serialize, Deserialize)]
pub(super) struct VersionRecord {
    /// When it was last in service, in microseconds.
    pub last: i64,
    /// Hashes.
    pub recordings: Vec<String>,
    /// As `engine::flow::Bundle` writes it.
    pub bundle: Vec<u8>,
}

pub(super) fn encode_call(head: &Head, state: &[u8], reply: &[u8], trail: &Trail) -> Vec<u8> {
    let record = HeadRecord {
        turn: head.turn,
        version: head.version.0,
        finished: head.finished,
        ended: head.ended.map(|ended| ended.at.as_microsecond()),
        due: head.due.as_microsecond(),
        state: state.len(),
    };
    let mut bytes = encode(&record, 72 + state.len() + reply.len() + trail.bytes.len());
    bytes[0] = if trail.bytes.is_empty() {
        CALL
    } else {
        CALL_WITH_TRAIL
    };
    let revision = RevisionRecord {
        revision: head.revision,
    };
    bytes = postcard::to_extend(&revision, bytes).expect("a vector takes whatever is written");
    if !trail.bytes.is_empty() {
        let record = TrailRecord {
            reply: reply.len(),
            began: trail.began,
            last: trail.last,
        };
        bytes = postcard::to_extend(&record, bytes).expect("a vector takes whatever is written");
    }
    bytes.extend_from_slice(state);
    bytes.extend_from_slice(reply);
    bytes.extend_from_slice(&trail.bytes);
    bytes
}

/// The parts of a call's record.
pub(super) fn decode_call(bytes: &[u8]) -> Result<CallRecord<'_>, Unreadable> {
    let (version, content) = bytes.split_first().ok_or(Unreadable("it is empty"))?;
    if !matches!(*version, FIRST | FIRST_WITH_TRAIL | CALL | CALL_WITH_TRAIL) {
        return Err(Unreadable("a newer version wrote it"));
    }
    let (record, rest): (HeadRecord, _) = take(content)?;
    let (RevisionRecord { revision }, rest) = match *version {
        CALL | CALL_WITH_TRAIL => take(rest)?,
        _ => (RevisionRecord::default(), rest),
    };
    let (trail_record, rest) = match *version {
        FIRST_WITH_TRAIL | CALL_WITH_TRAIL => {
            take::<TrailRecord>(rest).map(|(record, rest)| (Some(record), rest))?
        }
        _ => (None, rest),
    };
    let (state, rest) = rest
        .split_at_checked(record.state)
        .ok_or(Unreadable("it is cut"))?;
    let length = trail_record
        .as_ref()
        .map_or(rest.len(), |record| record.reply);
    let (reply, entries) = rest
        .split_at_checked(length)
        .ok_or(Unreadable("it is cut"))?;
    let (began, last) = trail_record.map_or((0, 0), |record| (record.began, record.last));
    let head = Head {
        turn: record.turn,
        revision,
        version: Fingerprint(record.version),
        finished: record.finished,
        ended: record.ended.map(time).transpose()?.map(|at| Ended { at }),
        due: time(record.due)?,
    };
    Ok(CallRecord {
        head,
        state,
        reply,
        began,
        last,
        entries,
    })
}

/// A finished trail: when its last turn was taken, then its entries. When it began is in its key.
pub(super) fn encode_trail(trail: &Trail) -> Vec<u8> {
    [&trail.last.to_be_bytes(), &trail.bytes[..]].concat()
}

pub(super) fn decode_trail(began: i64, bytes: &[u8]) -> Result<Trail, Unreadable> {
    let (last, entries) = bytes.split_first_chunk().ok_or(Unreadable("it is cut"))?;
    Ok(Trail {
        began,
        last: i64::from_be_bytes(*last),
        bytes: entries.to_vec(),
    })
}

/// When a finished trail began.
pub(super) fn encode_begun(began: i64) -> Vec<u8> {
    began.to_be_bytes().to_vec()
}

pub(super) fn decode_begun(bytes: &[u8]) -> Result<i64, Unreadable> {
    bytes
        .try_into()
        .map(i64::from_be_bytes)
        .map_err(|_| Unreadable("it is no time"))
}

/// A count's key: when it is forgotten, in an order that bytes keep, and its name.
pub(super) fn count_key((until, name): CountKey) -> [u8; 16] {
    let until = u64::try_from(until).unwrap_or(0);
    let key = u128::from(until) << 64 | u128::from(name);
    key.to_be_bytes()
}

pub(super) fn decode_count(bytes: &[u8]) -> Result<u32, Unreadable> {
    bytes
        .try_into()
        .map(u32::from_be_bytes)
        .map_err(|_| Unreadable("it is no count"))
}

/// What is kept of switched opening hours.
pub(super) fn decode_switch(bytes: &[u8]) -> Result<KeptSwitch, Unreadable> {
    KeptSwitch::decode(bytes).ok_or(Unreadable("it is no switch of opening hours"))
}

/// A finished trail's key: when it began, in an order that bytes keep, and the call's name.
pub(super) fn trail_key(began: i64, sid: &str) -> Vec<u8> {
    let began = u64::try_from(began).unwrap_or(0);
    [&began.to_be_bytes(), sid.as_bytes()].concat()
}

/// When a trail began and whose it is.
pub(super) fn trail_place(key: &[u8]) -> Result<(i64, CallSid), Unreadable> {
    let (began, sid) = key
        .split_first_chunk()
        .ok_or(Unreadable("its key is cut"))?;
    let sid = std::str::from_utf8(sid)
        .ok()
        .and_then(|sid| CallSid::parse(sid).ok());
    let began = i64::try_from(u64::from_be_bytes(*began)).unwrap_or(i64::MAX);
    Ok((began, sid.ok_or(Unreadable("its key names no call"))?))
}

/// A call; `None` where nothing but its end is known.
pub(super) fn decode_stored(bytes: &[u8]) -> Result<Option<Stored>, Unreadable> {
    let CallRecord {
        head, state, reply, ..
    } = decode_call(bytes)?;
    let (state, reply) = (Bytes::copy_from_slice(state), Bytes::copy_from_slice(reply));
    let Head {
        turn,
        revision,
        finished,
        ended,
        ..
    } = head;
    Ok((!head.is_early()).then_some(Stored {
        turn,
        revision,
        state,
        reply,
        finished,
        ended,
    }))
}

pub(super) fn encode_row(row: &Row) -> Vec<u8> {
    let record = RowRecord {
        state: row.state as u8,
        attempts: row.attempts,
        next: row.next.as_microsecond(),
        created: row.created.as_microsecond(),
        ambiguous: row.ambiguous,
        backend: &row.backend,
        last_error: &row.last_error,
        sensitive: row.sensitive.iter().map(String::as_str).collect(),
        body: &row.body,
    };
    let History { attempts, answer } = &row.history;
    let attempts = encode_attempts(attempts);
    let answer = answer
        .as_ref()
        .map(BackendAnswer::encode)
        .unwrap_or_default();
    let mut bytes = encode(&record, 72 + row.body.len() + attempts.len() + answer.len());
    if !attempts.is_empty() {
        bytes[0] = WITH_HISTORY;
        let record = HistoryRecord {
            attempts: &attempts,
            answer: &answer,
        };
        bytes = postcard::to_extend(&record, bytes).expect("a vector takes whatever is written");
    }
    bytes
}

pub(super) fn decode_row(id: RowId, bytes: &[u8]) -> Result<Row, Unreadable> {
    let (version, content) = bytes.split_first().ok_or(Unreadable("it is empty"))?;
    if !matches!(*version, VERSION | WITH_HISTORY) {
        return Err(Unreadable("a newer version wrote it"));
    }
    let (record, rest): (RowRecord<'_>, _) = take(content)?;
    let history = match *version {
        WITH_HISTORY => take::<HistoryRecord<'_>>(rest)?.0,
        _ => HistoryRecord {
            attempts: &[],
            answer: &[],
        },
    };
    Ok(Row {
        id,
        backend: record.backend.to_owned(),
        body: Bytes::copy_from_slice(record.body),
        sensitive: record.sensitive.into_iter().map(str::to_owned).collect(),
        created: time(record.created)?,
        state: *RowState::ALL
            .get(usize::from(record.state))
            .ok_or(Unreadable("its state is not known"))?,
        attempts: record.attempts,
        next: time(record.next)?,
        ambiguous: record.ambiguous,
        last_error: record.last_error.to_owned(),
        history: History {
            attempts: decode_attempts(history.attempts),
            answer: BackendAnswer::decode(history.answer),
        },
    })
}

pub(super) fn encode_kept(kept: &VersionRecord) -> Vec<u8> {
    encode(kept, 32 + kept.bundle.len())
}

pub(super) fn decode_kept(bytes: &[u8]) -> Result<VersionRecord, Unreadable> {
    decode(bytes).map(|(kept, _)| kept)
}

/// A key that begins with a time, in an order that bytes keep, before another key.
pub(super) fn time_key(time: Timestamp, key: &[u8]) -> Vec<u8> {
    let time = u64::try_from(time.as_microsecond()).unwrap_or(0);
    [&time.to_be_bytes(), key].concat()
}

/// The time that such a key begins with, in microseconds, and the other key.
pub(super) fn time_of(key: &[u8]) -> (u64, &[u8]) {
    key.split_first_chunk()
        .map_or((0, key), |(time, key)| (u64::from_be_bytes(*time), key))
}

/// A row's key: the call's name, a zero, and eight bytes that tell the row apart. A number, by which the first release
/// named rows, stands behind the call's name as four bytes.
pub(super) fn row_key(id: &RowId) -> Vec<u8> {
    let sid = id.sid.as_str().as_bytes();
    match u32::try_from(id.key) {
        Ok(number) => [sid, &number.to_be_bytes()].concat(),
        Err(_) => [sid, &[0], &id.key.to_be_bytes()].concat(),
    }
}

/// What the keys of all rows of a call lie between: the first byte of every number, below 2^24, is zero too.
pub(super) fn row_keys(sid: &CallSid) -> Range<Vec<u8>> {
    let key = |end: u8| [sid.as_str().as_bytes(), &[end]].concat();
    key(0)..key(1)
}

pub(super) fn row_id(key: &[u8]) -> Result<RowId, Unreadable> {
    let end = key
        .iter()
        .position(|byte| *byte == 0)
        .unwrap_or(key.len().saturating_sub(4));
    let (sid, rest) = key.split_at(end);
    let sid = std::str::from_utf8(sid)
        .ok()
        .and_then(|sid| CallSid::parse(sid).ok());
    let key = match *rest {
        [a, b, c, d] => u32::from_be_bytes([a, b, c, d]).into(),
        [0, ref key @ ..] => key
            .try_into()
            .map(u64::from_be_bytes)
            .map_err(|_| Unreadable("its key is cut"))?,
        _ => return Err(Unreadable("its key is cut")),
    };
    Ok(RowId {
        sid: sid.ok_or(Unreadable("its key names no call"))?,
        key,
    })
}

/// A record that this version cannot read, and why.
#[derive(Debug)]
pub(super) struct Unreadable(pub &'static str);

impl Unreadable {
    /// Says which record it is.
    pub fn of(self, what: &(impl ToString + ?Sized)) -> Error {
        Error::Corrupt {
            what: what.to_string(),
            reason: self.0.to_owned(),
        }
    }
}

fn encode(record: &impl Serialize, capacity: usize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(capacity);
    bytes.push(VERSION);
    postcard::to_extend(record, bytes).expect("a vector takes whatever is written")
}

fn decode<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<(T, &'a [u8]), Unreadable> {
    match bytes.split_first() {
        Some((&VERSION, rest)) => take(rest),
        Some(_) => Err(Unreadable("a newer version wrote it")),
        None => Err(Unreadable("it is empty")),
    }
}

fn take<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<(T, &'a [u8]), Unreadable> {
    postcard::take_from_bytes(bytes).map_err(|_| Unreadable("it is damaged"))
}

fn time(microseconds: i64) -> Result<Timestamp, Unreadable> {
    Timestamp::from_microsecond(microseconds).map_err(|_| Unreadable("a time is out of range"))
}

#[cfg(test)]
mod tests {
    use super::{
        CallRecord, Trail, decode_call, decode_row, decode_trail, encode_call, encode_row,
        encode_trail, row_id, row_key, trail_key, trail_place,
    };
    use crate::engine::{CallSid, Fingerprint};
    use crate::store::contract::{Ended, Row, RowId, RowState};
    use crate::store::history::{Attempt, BackendAnswer, History};
    use crate::store::record::Head;
    use bytes::Bytes;
    use jiff::Timestamp;
    use std::time::Duration;

    fn head() -> Head {
        let at = Timestamp::from_microsecond(1_700_000_000_123_456).unwrap();
        Head {
            turn: 7,
            revision: 9,
            version: Fingerprint(u64::MAX),
            finished: false,
            ended: Some(Ended { at }),
            due: at,
        }
    }

    fn row() -> Row {
        Row {
            id: RowId {
                sid: CallSid::parse("CA-1").unwrap(),
                key: 300,
            },
            backend: "crm".to_owned(),
            body: Bytes::from_static(b"\x00\xff{}"),
            sensitive: vec!["pin".to_owned(), "card".to_owned()],
            created: head().due,
            state: RowState::Uncertain,
            attempts: 3,
            next: head().due,
            ambiguous: true,
            last_error: "503".to_owned(),
            history: History::default(),
        }
    }

    /// One that has had an attempt.
    fn tried() -> Row {
        let answer = Some(BackendAnswer {
            status: 503,
            body: Bytes::from_static(b"later"),
        });
        let attempt = Attempt {
            at: head().due,
            took: Duration::from_millis(9),
            came_to: "answered 503".to_owned(),
            answer: None,
        };
        Row {
            history: History {
                attempts: vec![attempt],
                answer,
            },
            ..row()
        }
    }

    #[test]
    fn records_come_back_as_they_went() {
        for entries in [&b""[..], b"trail"] {
            let (began, last) = if entries.is_empty() { (0, 0) } else { (5, 6) };
            let trail = Trail {
                began,
                last,
                bytes: entries.to_vec(),
            };
            let call = encode_call(&head(), b"state", b"reply", &trail);
            let (state, reply) = (&b"state"[..], &b"reply"[..]);
            assert_eq!(
                decode_call(&call).unwrap(),
                CallRecord {
                    head: head(),
                    state,
                    reply,
                    began,
                    last,
                    entries
                }
            );
            assert_eq!(decode_trail(began, &encode_trail(&trail)).unwrap(), trail);
        }
        assert_eq!(
            trail_place(&trail_key(77, "CA-1")).unwrap(),
            (77, row().id.sid)
        );
        assert_eq!(decode_row(row().id, &encode_row(&row())).unwrap(), row());
        assert_eq!(
            decode_row(row().id, &encode_row(&tried())).unwrap(),
            tried()
        );
        for key in [0, 300, u32::MAX.into(), 1 << 32, u64::MAX] {
            let id = RowId { key, ..row().id };
            assert_eq!(row_id(&row_key(&id)).unwrap(), id);
        }
    }

    #[test]
    fn a_call_costs_few_bytes_beside_its_state_and_reply() {
        assert!(encode_call(&head(), b"", b"", &Trail::default()).len() <= 36);
    }

    #[test]
    fn a_damaged_record_is_told_and_never_panics() {
        let (call, row_bytes) = (
            encode_call(
                &head(),
                b"state",
                b"",
                &Trail {
                    bytes: vec![1],
                    ..Trail::default()
                },
            ),
            encode_row(&row()),
        );
        // What is cut off a trail itself is found where its entries are read.
        for cut in 0..call.len() - 1 {
            assert!(decode_call(&call[..cut]).is_err());
        }
        for row_bytes in [row_bytes, encode_row(&tried())] {
            for cut in 0..row_bytes.len() {
                assert!(decode_row(row().id, &row_bytes[..cut]).is_err());
            }
        }
        let mut newer = call;
        newer[0] = 5;
        assert!(decode_call(&newer).is_err());
    }
}
