//! A call as one Redis string: a hash of fields would cost 250 bytes more a call.
//!
//! | bytes | what |
//! |---|---|
//! | 0 | `n` the call is on, `o` its flow is over, `e` nothing but its end is known |
//! | 1–4 | the turn that it waits for |
//! | 5–12 | the fingerprint of its flow version |
//! | 13–20 | the first sign of its end, in nanoseconds since 1970; 0 for none |
//! | 21–24 | the revision |
//! | 25–32 | when it is due, in milliseconds since 1970: at its place in the index of what is due it may stand earlier |
//! | 33–40 | a stamp of the commit that wrote it: so a commit that ran twice knows its own work |
//! | 41 | how the reply is packed: `=` not at all, `1` as LZ4 with [`TYPICAL`] |
//! | 42–45 | the length of the state |
//! | 46– | the state, then the reply |
//!
//! Numbers are big-endian. What a turn compares stands first and in one piece ([`base_of`]). `record.lua` and the scripts that
//! begin with it know these places. The release before wrote `l` for `n`, `f` for `o`, and behind the mark the stamp, the
//! packing, the length and the revision. The first release wrote `L` and `F`, and no revision.

use std::borrow::Cow;
use std::io::Write;

use bytes::Bytes;
use jiff::Timestamp;
use lz4_flex::block::{compress_prepend_size_with_dict, decompress_with_dict, uncompressed_size};
use redis::{RedisWrite, ToRedisArgs};

use crate::engine::{CallSid, Fingerprint};
use crate::store::{Commit, Ended, Error, Stored};

/// Bytes before the state.
const HEAD: usize = 46;

/// No longer reply is packed, and none that says it is longer is unpacked: a carrier takes 64 kB.
const LONGEST_REPLY: usize = 1 << 20;

/// What replies have in common, the commonest last: packing refers to it, and halves them in about a microsecond.
/// Stored replies depend on every byte of it, so that another text is another way of packing, with another sign.
const TYPICAL: &[u8] = concat!(
    r##"<Reject reason="rejected"/><Play digits="<break time="500ms"/><say-as interpret-as="telephone"></say-as>"##,
    r##"<Dial action="/voice/~#ct=2000&amp;rt=4000&amp;tt=14000&amp;rc=2&amp;rp=ct,rt,5xx" method="POST" timeout="30" "##,
    r##"timeLimit="14400" callerId="+1"><Number>+1</Number></Dial><Pause length="1"/><Pause length="2"/>"##,
    r##"<Play>https:///audio/.mp3#rc=2</Play><Play>https:///audio/.wav#rc=2</Play><Hangup/></Response>"##,
    r##"" input="dtmf speech" timeout="5" finishOnKey="#" speechTimeout="auto" language="en-US" hints=""##,
    r##"<?xml version="1.0" encoding="UTF-8"?><Response><Say voice="Polly.Joanna" language="en-US">Thank you. Goodbye."##,
    r##"</Say><Gather action="https:///voice/~#ct=2000&amp;rt=4000&amp;tt=14000&amp;rc=2&amp;rp=ct,rt,5xx" method="POST" "##,
    r##"input="dtmf" timeout="5" numDigits="1" finishOnKey=""><Say voice="Polly.Amy" language="en-GB">Please enter your , "##,
    r##"then press the hash key. For , press 1. For , press 2. To hear this again, press star.</Say></Gather>"##,
    r##"<Redirect method="POST">https:///voice/~#ct=2000&amp;rt=4000&amp;tt=14000&amp;rc=2&amp;rp=ct,rt,5xx</Redirect>"##,
    r##"</Response>"##,
)
.as_bytes();

/// A commit's record, written straight into the command; the script adds an earlier mark.
pub(super) struct Record<'a> {
    commit: &'a Commit,
    stamp: u64,
    packing: u8,
    reply: Cow<'a, [u8]>,
}

impl<'a> Record<'a> {
    /// The record of a commit, with a stamp that no other commit has.
    pub fn new(commit: &'a Commit, stamp: u64) -> Self {
        let packed = (commit.reply.len() <= LONGEST_REPLY)
            .then(|| compress_prepend_size_with_dict(&commit.reply, TYPICAL));
        let (packing, reply) = match packed.filter(|packed| packed.len() < commit.reply.len()) {
            Some(packed) => (b'1', Cow::Owned(packed)),
            None => (b'=', Cow::Borrowed(&*commit.reply)),
        };
        Self {
            commit,
            stamp,
            packing,
            reply,
        }
    }

    /// How many bytes it takes.
    pub fn len(&self) -> usize {
        HEAD + self.commit.state.len() + self.reply.len()
    }
}

impl ToRedisArgs for Record<'_> {
    fn write_redis_args<W: ?Sized + RedisWrite>(&self, out: &mut W) {
        let commit = self.commit;
        let length = u32::try_from(commit.state.len()).expect("a state is far shorter than 4 GiB");
        let mut head = [0; HEAD];
        let sign = if commit.finished { b'o' } else { b'n' };
        let due = u64::try_from(commit.due.as_millisecond()).unwrap_or(0);
        head[..BASE].copy_from_slice(&base(
            sign,
            commit.turn,
            commit.version,
            commit.from_revision + 1,
        ));
        head[25..33].copy_from_slice(&due.to_be_bytes());
        head[33..41].copy_from_slice(&self.stamp.to_be_bytes());
        head[41] = self.packing;
        head[42..46].copy_from_slice(&length.to_be_bytes());
        let mut argument = out.writer_for_next_arg();
        for part in [&head[..], &commit.state, &self.reply] {
            argument
                .write_all(part)
                .expect("a write to memory cannot fail");
        }
    }
}

/// Bytes of what a turn compares.
const BASE: usize = 25;

/// How the record of a call begins that is on, at the place that a commit was worked out from, with no sign of its end.
pub(super) fn base_of(commit: &Commit) -> [u8; BASE] {
    base(b'n', commit.from_turn, commit.version, commit.from_revision)
}

fn base(sign: u8, turn: u32, version: Fingerprint, revision: u32) -> [u8; BASE] {
    let mut base = [0; BASE];
    base[0] = sign;
    base[1..5].copy_from_slice(&turn.to_be_bytes());
    base[5..13].copy_from_slice(&version.0.to_be_bytes());
    base[21..25].copy_from_slice(&revision.to_be_bytes());
    base
}

/// The record of a call that is known only by its end; the script adds the mark.
pub(super) fn early() -> [u8; HEAD] {
    let mut head = [0; HEAD];
    head[0] = b'e';
    head
}

/// A mark as it stands in a record; never all zeros.
pub(super) fn encode_mark(ended: Ended) -> [u8; 8] {
    let nanoseconds = i64::try_from(ended.at.as_nanosecond()).unwrap_or(i64::MAX);
    (if nanoseconds == 0 { 1 } else { nanoseconds }).to_be_bytes()
}

/// Reads a record; `None` where nothing but the call's end is known.
///
/// # Errors
/// `Corrupt` when it is not one.
pub(super) fn decode(sid: &CallSid, record: Vec<u8>) -> Result<Option<Stored>, Error> {
    if record.first() == Some(&b'e') {
        return Ok(None);
    }
    try_decode(&Bytes::from(record))
        .map(Some)
        .ok_or_else(|| Error::Corrupt {
            what: format!("call {sid}"),
            reason: "not a call's record".to_owned(),
        })
}

/// Where the parts of a record begin that have not always stood in one place.
struct Places {
    revision: Option<usize>,
    packing: usize,
    length: usize,
    state: usize,
}

const PLACES: Places = Places {
    revision: Some(21),
    packing: 41,
    length: 42,
    state: HEAD,
};

/// The same, as the release before wrote them.
const EARLIER_PLACES: Places = Places {
    revision: Some(34),
    packing: 29,
    length: 30,
    state: 38,
};

/// The same, as the first release wrote them.
const FIRST_PLACES: Places = Places {
    revision: None,
    packing: 29,
    length: 30,
    state: 34,
};

fn try_decode(record: &Bytes) -> Option<Stored> {
    let (finished, places) = match record.first()? {
        b'L' => (false, &FIRST_PLACES),
        b'F' => (true, &FIRST_PLACES),
        b'n' => (false, &PLACES),
        b'o' => (true, &PLACES),
        b'l' => (false, &EARLIER_PLACES),
        b'f' => (true, &EARLIER_PLACES),
        _ => return None,
    };
    let revision = match places.revision {
        None => 0,
        Some(at) => u32::from_be_bytes(field(record, at)?),
    };
    let turn = u32::from_be_bytes(field(record, 1)?);
    let mark = i64::from_be_bytes(field(record, 13)?);
    let length = u32::from_be_bytes(field(record, places.length)?);
    let reply_at = places.state.checked_add(usize::try_from(length).ok()?)?;
    if record.len() < reply_at {
        return None;
    }
    let ended = match mark {
        0 => None,
        nanoseconds => Some(Ended {
            at: Timestamp::from_nanosecond(nanoseconds.into()).ok()?,
        }),
    };
    let reply = match record[places.packing] {
        b'=' => record.slice(reply_at..),
        b'1' => unpack(&record[reply_at..])?.into(),
        _ => return None,
    };
    Some(Stored {
        turn,
        revision,
        state: record.slice(places.state..reply_at),
        reply,
        finished,
        ended,
    })
}

fn unpack(packed: &[u8]) -> Option<Vec<u8>> {
    let (length, packed) = uncompressed_size(packed).ok()?;
    if length > LONGEST_REPLY {
        return None;
    }
    decompress_with_dict(packed, length, TYPICAL)
        .ok()
        .filter(|reply| reply.len() == length)
}

fn field<const N: usize>(record: &[u8], at: usize) -> Option<[u8; N]> {
    record.get(at..at + N)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use jiff::Timestamp;
    use redis::ToRedisArgs;

    use super::{HEAD, LONGEST_REPLY, Record, base_of, decode, unpack};
    use crate::engine::{CallSid, Fingerprint};
    use crate::store::{Commit, Error};

    const REPLY: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response><Say>We are closed.</Say><Hangup/></Response>";
    /// [`REPLY`], as the first version packed it.
    const PACKED: &[u8] = b"]\x00\x00\x00\x0f/\x02!\xe4>We are closed\xcb\x00\t\xeb\x02`ponse>";

    fn commit() -> Commit {
        Commit {
            sid: CallSid::parse("CA1").unwrap(),
            from_turn: 1,
            from_revision: 4,
            turn: 2,
            state: Bytes::from_static(b"state"),
            reply: Bytes::from_static(b"<Response/>"),
            version: Fingerprint(7),
            finished: true,
            due: Timestamp::UNIX_EPOCH,
            rows: Vec::new(),
            trail: Vec::new(),
        }
    }

    #[test]
    fn a_record_reads_back_as_it_was_written() {
        let commit = commit();
        let record = Record::new(&commit, 9);
        let mut written = record.to_redis_args();
        assert_eq!(written[0].len(), record.len());
        let stored = decode(&commit.sid, written.remove(0)).unwrap().unwrap();
        assert_eq!(
            (stored.turn, stored.revision, stored.finished, stored.ended),
            (2, 5, true, None)
        );
        assert_eq!((stored.state, stored.reply), (commit.state, commit.reply));
    }

    #[test]
    fn replies_of_any_kind_and_length_come_back() {
        let random: Vec<u8> = (0..3_000_u32)
            .map(|index| (index.wrapping_mul(2_654_435_761) >> 24) as u8)
            .collect();
        for reply in [
            vec![],
            vec![0],
            random,
            vec![b'x'; LONGEST_REPLY],
            vec![b'x'; LONGEST_REPLY + 1],
        ] {
            let commit = Commit {
                reply: reply.into(),
                ..commit()
            };
            let stored = decode(
                &commit.sid,
                Record::new(&commit, 9).to_redis_args().remove(0),
            )
            .unwrap()
            .unwrap();
            assert!(stored.reply == commit.reply, "{} bytes", commit.reply.len());
        }
    }

    #[test]
    fn what_an_earlier_version_packed_is_still_read() {
        assert_eq!(unpack(PACKED).unwrap(), REPLY.as_bytes());
        assert_eq!(unpack(&PACKED[..PACKED.len() - 1]), None);
    }

    #[test]
    fn what_releases_before_wrote_is_still_read() {
        let commit = commit();
        let now = Record::new(&commit, 9).to_redis_args().remove(0);
        let first = [b"F", &now[1..21], &now[33..46], &now[HEAD..]].concat();
        let revision = &now[21..25];
        let before = [b"f", &first[1..34], revision, &now[HEAD..]].concat();
        for (record, revision) in [(first, 0), (before, 5)] {
            let stored = decode(&commit.sid, record).unwrap().unwrap();
            assert_eq!(
                (stored.turn, stored.revision, stored.finished),
                (2, revision, true)
            );
            assert_eq!(
                (&stored.state, &stored.reply),
                (&commit.state, &commit.reply)
            );
        }
    }

    #[test]
    fn what_the_next_turn_compares_is_how_this_one_begins() {
        let commit = Commit {
            finished: false,
            ..commit()
        };
        let next = Commit {
            from_turn: commit.turn,
            from_revision: commit.from_revision + 1,
            ..commit.clone()
        };
        let record = Record::new(&commit, 9).to_redis_args().remove(0);
        assert!(record.starts_with(&base_of(&next)));
    }

    #[test]
    fn a_record_cut_short_or_foreign_is_corrupt_and_no_panic() {
        let commit = commit();
        let written = Record::new(&commit, 9).to_redis_args().remove(0);
        for length in 0..written.len() - commit.reply.len() {
            let result = decode(&commit.sid, written[..length].to_vec());
            assert!(matches!(result, Err(Error::Corrupt { .. })), "{length}");
        }
        assert!(decode(&commit.sid, vec![b'?'; 80]).is_err());
        assert!(decode(&commit.sid, vec![0xff; 80]).is_err());
    }
}
