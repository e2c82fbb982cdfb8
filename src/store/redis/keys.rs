//! The names of all keys, and which bucket a call belongs to.

use std::fmt;
use std::ops::RangeInclusive;

use redis::{RedisWrite, ToRedisArgs};

use crate::engine::{CallSid, Fingerprint};
use crate::store::allowance::CountKey;
use crate::store::{RowId, RowState};

/// A hash tag's number.
pub(super) type Bucket = u8;

/// The hash tags that the calls are spread over. Their count is stored in `hs:format`: another is another store.
pub(super) const BUCKETS: RangeInclusive<Bucket> = 0..=255;

/// The bucket of a call: FNV-1a over its name, folded to eight bits. Stable for ever.
pub(super) fn bucket(sid: &CallSid) -> Bucket {
    let hash = sid.as_str().bytes().fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    hash.to_be_bytes()
        .iter()
        .fold(0, |folded, byte| folded ^ byte)
}

/// A key's name. The head of `store/redis.rs` says what each one holds.
#[derive(Clone, Copy)]
pub(super) enum RedisKey<'a> {
    Format,
    Paused,
    Switched,
    Backends,
    /// A count, by when it is forgotten and its name.
    Count(CountKey),
    Probe(Bucket),
    Call(&'a CallSid),
    Due(Bucket),
    Live(Bucket),
    Trail(&'a CallSid),
    Calls(Bucket),
    Row(&'a RowId),
    Rows(Bucket, &'a str),
    State(Bucket, RowState, &'a str),
    /// What every key of a bucket begins with, for scripts that learn a row's backend from the row.
    Prefix(Bucket),
    Kept,
    Version(Fingerprint),
    Plays(Fingerprint),
    Recording(&'a str),
    /// What every key of the versions begins with.
    Versions,
}

impl fmt::Display for RedisKey<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Format => f.write_str("hs:format"),
            Self::Paused => f.write_str("hs:paused"),
            Self::Switched => f.write_str("hs:switched"),
            Self::Backends => f.write_str("hs:backends"),
            Self::Count((until, name)) => write!(f, "hs:{{counts}}:{until}-{name:016x}"),
            Self::Probe(bucket) => write!(f, "hs:{{b{bucket:03}}}:probe"),
            Self::Call(sid) => write!(f, "hs:{{b{:03}}}:call:{sid}", bucket(sid)),
            Self::Due(bucket) => write!(f, "hs:{{b{bucket:03}}}:due"),
            Self::Live(bucket) => write!(f, "hs:{{b{bucket:03}}}:live"),
            Self::Trail(sid) => write!(f, "hs:{{b{:03}}}:trail:{sid}", bucket(sid)),
            Self::Calls(bucket) => write!(f, "hs:{{b{bucket:03}}}:calls"),
            Self::Row(id) => write!(f, "hs:{{b{:03}}}:row:{id}", bucket(&id.sid)),
            Self::Rows(bucket, backend) => write!(f, "hs:{{b{bucket:03}}}:rows:{backend}"),
            Self::State(bucket, state, backend) => {
                write!(f, "hs:{{b{bucket:03}}}:{}:{backend}", state.as_str())
            }
            Self::Prefix(bucket) => write!(f, "hs:{{b{bucket:03}}}:"),
            Self::Kept => f.write_str("hs:{versions}:kept"),
            Self::Version(fingerprint) => write!(f, "hs:{{versions}}:version:{fingerprint}"),
            Self::Plays(fingerprint) => write!(f, "hs:{{versions}}:plays:{fingerprint}"),
            Self::Recording(hash) => write!(f, "hs:{{versions}}:recording:{hash}"),
            Self::Versions => f.write_str("hs:{versions}:"),
        }
    }
}

impl ToRedisArgs for RedisKey<'_> {
    fn write_redis_args<W: ?Sized + RedisWrite>(&self, out: &mut W) {
        out.write_arg_fmt(self);
    }
}

#[cfg(test)]
mod tests {
    use super::{RedisKey, bucket};
    use crate::engine::CallSid;
    use crate::store::RowId;

    fn sid(text: &str) -> CallSid {
        CallSid::parse(text).unwrap()
    }

    #[test]
    fn a_calls_bucket_never_changes() {
        assert_eq!(bucket(&sid("CA00000000000000000000000000000001")), 47);
        assert_eq!(bucket(&sid("a")), 0xe4 ^ 0x0c ^ 0x29 ^ 0x2c);
    }

    #[test]
    fn calls_spread_evenly_over_the_buckets() {
        let mut counts = [0_u32; 256];
        for number in 0..25_600_u64 {
            let spread = u128::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
            counts[usize::from(bucket(&sid(&format!("CA{spread:032x}"))))] += 1;
        }
        assert!(
            counts.iter().all(|&count| (50..200).contains(&count)),
            "{counts:?}"
        );
    }

    #[test]
    fn a_call_and_its_deliveries_share_a_hash_tag() {
        let id = RowId::parse("CA00000000000000000000000000000001-3").unwrap();
        assert_eq!(
            RedisKey::Call(&id.sid).to_string(),
            "hs:{b047}:call:CA00000000000000000000000000000001"
        );
        assert_eq!(
            RedisKey::Row(&id).to_string(),
            "hs:{b047}:row:CA00000000000000000000000000000001-3"
        );
        assert_eq!(RedisKey::Rows(7, "crm").to_string(), "hs:{b007}:rows:crm");
    }
}
