//! How little and how much a setting may be, and why not less or more. What lies beyond would end calls, lose what a repeat
//! is known by, or take what no machine has.

use std::time::Duration;

use super::section::Bounds;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 3600);
/// Longer than anybody plans.
const YEARS: Duration = Duration::from_secs(3650 * 24 * 3600);

pub(super) const WORKERS: Bounds<usize> = Bounds {
    least: (0, ""),
    most: (
        256,
        "write 0 for one a core, or at most 256: more threads than cores only wait for each other",
    ),
};

pub(super) const CONNECTIONS: Bounds<usize> = Bounds {
    least: (
        64,
        "write at least 64: with fewer, a few slow connections keep every caller out",
    ),
    most: (
        1_000_000,
        "write at most 1000000: each takes a file and 16 kB of memory",
    ),
};

pub(super) const HANGUP_GRACE: Bounds<Duration> = Bounds {
    least: (
        Duration::from_millis(1),
        "write at least 1ms: a last turn that is on its way would be lost",
    ),
    most: (
        DAY,
        "write at most 24h: so long, nobody would hear of a caller who has hung up",
    ),
};

pub(super) const SILENT_AFTER: Bounds<Duration> = Bounds {
    least: (
        MINUTE,
        "write at least 1m: a caller who listens and thinks would lose the call",
    ),
    most: (
        YEARS,
        "write at most 3650d: a call whose end nobody tells would never end",
    ),
};

pub(super) const KEEP_FINISHED: Bounds<Duration> = Bounds {
    least: (
        SECOND,
        "write at least 1s: a repeat of the last request would begin the call again",
    ),
    most: (YEARS, "write at most 3650d"),
};

pub(super) const KEEP_TRAIL: Bounds<Duration> = Bounds {
    least: (Duration::ZERO, ""),
    most: (YEARS, "write at most 3650d"),
};

pub(super) const KEEP_DELIVERED: Bounds<Duration> = Bounds {
    least: (Duration::ZERO, ""),
    most: (YEARS, "write at most 3650d"),
};

pub(super) const CACHED: Bounds<usize> = Bounds {
    least: (0, ""),
    most: (
        100_000_000,
        "write at most 100000000: each call takes about a kilobyte of memory",
    ),
};

pub(super) const REMEMBERED: Bounds<Duration> = Bounds {
    least: (
        SECOND,
        "write at least 1s: a backend that remembers no ids cannot tell a repeat, so nothing would be tried twice",
    ),
    most: (YEARS, "write at most 3650d"),
};

pub(super) const CONCURRENT: Bounds<usize> = Bounds {
    least: (1, "write at least 1: with none, nothing would be delivered"),
    most: (
        1_000,
        "write at most 1000: each is a connection to the backend",
    ),
};

pub(super) const ATTEMPT: Bounds<Duration> = Bounds {
    least: (
        SECOND,
        "write at least 1s: a backend that is only far away would seem to be silent",
    ),
    most: (
        MINUTE,
        "write at most 60s: who does not answer within a minute is taken not to answer",
    ),
};

pub(super) const PACE: Bounds<f64> = Bounds {
    least: (
        0.1,
        "write at least 0.1 attempts a second, or pause the backend",
    ),
    most: (
        10_000.0,
        "write at most 10000 attempts a second, or leave it out",
    ),
};
