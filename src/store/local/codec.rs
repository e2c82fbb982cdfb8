//! Records as bytes: compact, each with its format's version in the first byte.
//!
//! A call is its head and then, as they are, its state and its reply; so the head can be read or changed alone. Times
//! are whole microseconds.

use bytes::Bytes;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::engine::{CallSid, Fingerprint};
use crate::store::Error;
use crate::store::contract::{Ended, Row, RowId, RowState, Stored};
use crate::store::record::Head;

/// The version of every record written here.
const VERSION: u8 = 1;

#[derive(Serialize, Deserialize)]
struct HeadRecord {
    turn: u32,
    version: u64,
    finished: bool,
    ended: Option<i64>,
    due: i64,
    /// The bytes of the state; the rest is the reply.
    state: usize,
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

/// What is kept of a version; its recordings have a table of their own.
#[derive(Serialize, Deserialize)]
pub(super) struct Kept {
    /// When it was last in service, in microseconds.
    pub last: i64,
    /// Hashes.
    pub recordings: Vec<String>,
    /// As `engine::flow::Bundle` writes it.
    pub bundle: Vec<u8>,
}

pub(super) fn encode_call(head: &Head, state: &[u8], reply: &[u8]) -> Vec<u8> {
    let record = HeadRecord {
        turn: head.turn,
        version: head.version.0,
        finished: head.finished,
        ended: head.ended.map(|ended| ended.at.as_microsecond()),
        due: head.due.as_microsecond(),
        state: state.len(),
    };
    let mut bytes = encode(&record, 48 + state.len() + reply.len());
    bytes.extend_from_slice(state);
    bytes.extend_from_slice(reply);
    bytes
}

/// The head, the state and the reply.
pub(super) fn decode_call(bytes: &[u8]) -> Result<(Head, &[u8], &[u8]), Unreadable> {
    let (record, rest): (HeadRecord, _) = decode(bytes)?;
    let (state, reply) = rest.split_at_checked(record.state).ok_or(Unreadable("it is cut"))?;
    let head = Head {
        turn: record.turn,
        version: Fingerprint(record.version),
        finished: record.finished,
        ended: record.ended.map(time).transpose()?.map(|at| Ended { at }),
        due: time(record.due)?,
    };
    Ok((head, state, reply))
}

pub(super) fn decode_stored(bytes: &[u8]) -> Result<Stored, Unreadable> {
    let (head, state, reply) = decode_call(bytes)?;
    let (state, reply) = (Bytes::copy_from_slice(state), Bytes::copy_from_slice(reply));
    Ok(Stored { turn: head.turn, state, reply, finished: head.finished, ended: head.ended })
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
    encode(&record, 64 + row.body.len())
}

pub(super) fn decode_row(id: RowId, bytes: &[u8]) -> Result<Row, Unreadable> {
    let (record, _): (RowRecord<'_>, _) = decode(bytes)?;
    Ok(Row {
        id,
        backend: record.backend.to_owned(),
        body: Bytes::copy_from_slice(record.body),
        sensitive: record.sensitive.into_iter().map(str::to_owned).collect(),
        created: time(record.created)?,
        state: *RowState::ALL.get(usize::from(record.state)).ok_or(Unreadable("its state is not known"))?,
        attempts: record.attempts,
        next: time(record.next)?,
        ambiguous: record.ambiguous,
        last_error: record.last_error.to_owned(),
    })
}

pub(super) fn encode_kept(kept: &Kept) -> Vec<u8> {
    encode(kept, 32 + kept.bundle.len())
}

pub(super) fn decode_kept(bytes: &[u8]) -> Result<Kept, Unreadable> {
    decode(bytes).map(|(kept, _)| kept)
}

/// A row's key: the call's name, and the number in an order that bytes keep.
pub(super) fn row_key(id: &RowId) -> Vec<u8> {
    [id.sid.as_str().as_bytes(), &id.number.to_be_bytes()].concat()
}

pub(super) fn row_id(key: &[u8]) -> Result<RowId, Unreadable> {
    let (sid, number) = key.split_last_chunk().ok_or(Unreadable("its key is cut"))?;
    let sid = std::str::from_utf8(sid).ok().and_then(|sid| CallSid::parse(sid).ok());
    Ok(RowId { sid: sid.ok_or(Unreadable("its key names no call"))?, number: u32::from_be_bytes(*number) })
}

/// A record that this version cannot read, and why.
#[derive(Debug)]
pub(super) struct Unreadable(&'static str);

impl Unreadable {
    /// Says which record it is.
    pub fn of(self, what: impl ToString) -> Error {
        Error::Corrupt { what: what.to_string(), reason: self.0.to_owned() }
    }
}

fn encode(record: &impl Serialize, capacity: usize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(capacity);
    bytes.push(VERSION);
    postcard::to_extend(record, bytes).expect("a vector takes whatever is written")
}

fn decode<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<(T, &'a [u8]), Unreadable> {
    match bytes.split_first() {
        Some((&VERSION, rest)) => postcard::take_from_bytes(rest).map_err(|_| Unreadable("it is damaged")),
        Some(_) => Err(Unreadable("a newer version wrote it")),
        None => Err(Unreadable("it is empty")),
    }
}

fn time(microseconds: i64) -> Result<Timestamp, Unreadable> {
    Timestamp::from_microsecond(microseconds).map_err(|_| Unreadable("a time is out of range"))
}

#[cfg(test)]
mod tests {
    use super::{decode_call, decode_row, encode_call, encode_row, row_id, row_key};
    use crate::engine::{CallSid, Fingerprint};
    use crate::store::contract::{Ended, Row, RowId, RowState};
    use crate::store::record::Head;
    use bytes::Bytes;
    use jiff::Timestamp;

    fn head() -> Head {
        let at = Timestamp::from_microsecond(1_700_000_000_123_456).unwrap();
        Head { turn: 7, version: Fingerprint(u64::MAX), finished: false, ended: Some(Ended { at }), due: at }
    }

    fn row() -> Row {
        Row {
            id: RowId { sid: CallSid::parse("CA-1").unwrap(), number: 300 },
            backend: "crm".to_owned(),
            body: Bytes::from_static(b"\x00\xff{}"),
            sensitive: vec!["pin".to_owned(), "card".to_owned()],
            created: head().due,
            state: RowState::Uncertain,
            attempts: 3,
            next: head().due,
            ambiguous: true,
            last_error: "503".to_owned(),
        }
    }

    #[test]
    fn records_come_back_as_they_went() {
        let call = encode_call(&head(), b"state", b"reply");
        assert_eq!(decode_call(&call).unwrap(), (head(), &b"state"[..], &b"reply"[..]));
        assert_eq!(decode_row(row().id, &encode_row(&row())).unwrap(), row());
        assert_eq!(row_id(&row_key(&row().id)).unwrap(), row().id);
    }

    #[test]
    fn a_call_costs_few_bytes_beside_its_state_and_reply() {
        assert!(encode_call(&head(), b"", b"").len() <= 36);
    }

    #[test]
    fn a_damaged_record_is_told_and_never_panics() {
        let (call, row_bytes) = (encode_call(&head(), b"state", b""), encode_row(&row()));
        for cut in 0..call.len() {
            assert!(decode_call(&call[..cut]).is_err());
        }
        for cut in 0..row_bytes.len() {
            assert!(decode_row(row().id, &row_bytes[..cut]).is_err());
        }
        let mut newer = call;
        newer[0] = 2;
        assert!(decode_call(&newer).is_err());
    }
}
