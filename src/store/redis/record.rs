//! A call as one Redis string: a hash of fields would cost 250 bytes more a call.
//!
//! | bytes | what |
//! |---|---|
//! | 0 | `L` the call is on, `F` its flow is over |
//! | 1–4 | the turn that it waits for |
//! | 5–12 | the fingerprint of its flow version |
//! | 13–20 | the first sign of its end, in nanoseconds since 1970; 0 for none |
//! | 21–28 | a stamp of the commit that wrote it: so a commit that ran twice knows its own work |
//! | 29–32 | the length of the state |
//! | 33– | the state, then the reply |
//!
//! Numbers are big-endian. `commit.lua` and `mark_ended.lua` know the places of the first five.

use std::io::Write;

use bytes::Bytes;
use jiff::Timestamp;
use redis::{RedisWrite, ToRedisArgs};

use crate::engine::CallSid;
use crate::store::{Commit, Ended, Error, Stored};

/// Bytes before the state.
const HEAD: usize = 33;

/// A commit's record, written straight into the command; the script adds an earlier mark.
pub(super) struct Record<'a> {
    pub commit: &'a Commit,
    /// No other commit's.
    pub stamp: u64,
}

impl Record<'_> {
    /// How many bytes it takes.
    pub fn len(&self) -> usize {
        HEAD + self.commit.state.len() + self.commit.reply.len()
    }
}

impl ToRedisArgs for Record<'_> {
    fn write_redis_args<W: ?Sized + RedisWrite>(&self, out: &mut W) {
        let commit = self.commit;
        let length = u32::try_from(commit.state.len()).expect("a state is far shorter than 4 GiB");
        let mut head = [0; HEAD];
        head[0] = if commit.finished { b'F' } else { b'L' };
        head[1..5].copy_from_slice(&commit.turn.to_be_bytes());
        head[5..13].copy_from_slice(&commit.version.0.to_be_bytes());
        head[21..29].copy_from_slice(&self.stamp.to_be_bytes());
        head[29..33].copy_from_slice(&length.to_be_bytes());
        let mut argument = out.writer_for_next_arg();
        for part in [&head[..], &commit.state, &commit.reply] {
            argument.write_all(part).expect("a write to memory cannot fail");
        }
    }
}

/// A mark as it stands in a record; never all zeros.
pub(super) fn encode_mark(ended: Ended) -> [u8; 8] {
    let nanoseconds = i64::try_from(ended.at.as_nanosecond()).unwrap_or(i64::MAX);
    (if nanoseconds == 0 { 1 } else { nanoseconds }).to_be_bytes()
}

/// Reads a record.
///
/// # Errors
/// `Corrupt` when it is not one.
pub(super) fn decode(sid: &CallSid, record: Vec<u8>) -> Result<Stored, Error> {
    try_decode(Bytes::from(record))
        .ok_or_else(|| Error::Corrupt { what: format!("call {sid}"), reason: "not a call's record".to_owned() })
}

fn try_decode(record: Bytes) -> Option<Stored> {
    let finished = match record.first()? {
        b'L' => false,
        b'F' => true,
        _ => return None,
    };
    let turn = u32::from_be_bytes(field(&record, 1)?);
    let mark = i64::from_be_bytes(field(&record, 13)?);
    let length = u32::from_be_bytes(field(&record, 29)?);
    let reply_at = HEAD.checked_add(usize::try_from(length).ok()?)?;
    if record.len() < reply_at {
        return None;
    }
    let ended = match mark {
        0 => None,
        nanoseconds => Some(Ended { at: Timestamp::from_nanosecond(nanoseconds.into()).ok()? }),
    };
    Some(Stored { turn, state: record.slice(HEAD..reply_at), reply: record.slice(reply_at..), finished, ended })
}

fn field<const N: usize>(record: &[u8], at: usize) -> Option<[u8; N]> {
    record.get(at..at + N)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use jiff::Timestamp;
    use redis::ToRedisArgs;

    use super::{Record, decode};
    use crate::engine::{CallSid, Fingerprint};
    use crate::store::{Commit, Error};

    fn commit() -> Commit {
        Commit {
            sid: CallSid::parse("CA1").unwrap(),
            from_turn: 1,
            turn: 2,
            state: Bytes::from_static(b"state"),
            reply: Bytes::from_static(b"<Response/>"),
            version: Fingerprint(7),
            finished: true,
            due: Timestamp::UNIX_EPOCH,
            rows: Vec::new(),
        }
    }

    #[test]
    fn a_record_reads_back_as_it_was_written() {
        let commit = commit();
        let record = Record { commit: &commit, stamp: 9 };
        let mut written = record.to_redis_args();
        assert_eq!(written[0].len(), record.len());
        let stored = decode(&commit.sid, written.remove(0)).unwrap();
        assert_eq!((stored.turn, stored.finished, stored.ended), (2, true, None));
        assert_eq!((stored.state, stored.reply), (commit.state, commit.reply));
    }

    #[test]
    fn a_record_cut_short_or_foreign_is_corrupt_and_no_panic() {
        let commit = commit();
        let written = Record { commit: &commit, stamp: 9 }.to_redis_args().remove(0);
        for length in 0..written.len() - commit.reply.len() {
            let result = decode(&commit.sid, written[..length].to_vec());
            assert!(matches!(result, Err(Error::Corrupt { .. })), "{length}");
        }
        assert!(decode(&commit.sid, vec![b'?'; 80]).is_err());
        assert!(decode(&commit.sid, vec![0xff; 80]).is_err());
    }
}
