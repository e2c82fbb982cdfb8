//! What the carrier accepts, each with its source: Twilio's documentation of the verb, or the error that it logs.

use std::ops::RangeInclusive;

/// Bytes of a whole document. Twilio refuses more than 64 kB (error 11750); whether that is 64,000 or 65,536 is not
/// said, so the smaller.
pub const DOCUMENT: usize = 64_000;

/// Characters of one `<Say>` by a Basic voice (documentation of Say; warning 13521).
pub const SAY_BASIC: usize = 4000;
/// Characters of one `<Say>` by a Polly voice, tags not counted (documentation of Say; warning 13521).
pub const SAY_POLLY: usize = 3000;
/// Characters of one `<Say>` by a Google voice, tags counted (documentation of Say; warning 13521).
pub const SAY_GOOGLE: usize = 5000;
/// Characters of one `<Say>` by a voice that we do not know, the account's default among them: the smallest of all.
pub const SAY_UNKNOWN: usize = 3000;

/// Milliseconds of one `<break>`: what Polly is said to carry out at most (unverified). Longer ones are parted.
pub const BREAK: u32 = 10_000;

/// Seconds that a `<Dial>` may ring (documentation of Dial; warning 13212).
pub const RING: RangeInclusive<u32> = 5..=600;

/// Entries of a Gather's `hints` (documentation of Gather; warning 13330).
pub const HINTS: usize = 500;
/// Characters of one entry of `hints` (documentation of Gather; warning 13330).
pub const HINT: usize = 100;
