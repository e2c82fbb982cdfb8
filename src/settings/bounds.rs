//! How little and how much a setting may be, and why not less or more. What lies beyond would end calls, lose what a repeat
//! is known by, or take what no machine has.

use std::time::Duration;

/// A setting that has bounds: all that its reader knows of it.
pub(super) struct Bounded<T> {
    /// Its name within its table.
    pub(super) key: &'static str,
    /// The least, and what is said of less.
    pub(super) least: (T, &'static str),
    /// The most, and what is said of more.
    pub(super) most: (T, &'static str),
    /// What holds where it is not set. Those of tables that are always there stand in `config/default.toml` instead.
    pub(super) default: Option<T>,
}

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 3600);
/// Longer than anybody plans.
const YEARS: Duration = Duration::from_secs(3650 * 24 * 3600);

pub(super) const WORKERS: Bounded<usize> = Bounded {
    key: "workers",
    least: (0, ""),
    most: (
        256,
        "write 0 for one a core, or at most 256: more threads than cores only wait for each other",
    ),
    default: None,
};

pub(super) const CONNECTIONS: Bounded<usize> = Bounded {
    key: "connections",
    least: (
        64,
        "write at least 64: with fewer, a few slow connections keep every caller out",
    ),
    most: (
        1_000_000,
        "write at most 1000000: each takes a file and 16 kB of memory",
    ),
    default: None,
};

pub(super) const HANGUP_GRACE: Bounded<Duration> = Bounded {
    key: "hangup_grace",
    least: (
        Duration::from_millis(1),
        "write at least 1ms: a last turn that is on its way would be lost",
    ),
    most: (
        DAY,
        "write at most 24h: so long, nobody would hear of a caller who has hung up",
    ),
    default: None,
};

pub(super) const SILENT_AFTER: Bounded<Duration> = Bounded {
    key: "silent_after",
    least: (
        MINUTE,
        "write at least 1m: a caller who listens and thinks would lose the call",
    ),
    most: (
        YEARS,
        "write at most 3650d: a call whose end nobody tells would never end",
    ),
    default: None,
};

pub(super) const KEEP_FINISHED: Bounded<Duration> = Bounded {
    key: "keep_finished",
    least: (
        SECOND,
        "write at least 1s: a repeat of the last request would begin the call again",
    ),
    most: (YEARS, "write at most 3650d"),
    default: None,
};

pub(super) const KEEP_TRAIL: Bounded<Duration> = Bounded {
    key: "keep_trail",
    least: (Duration::ZERO, ""),
    most: (YEARS, "write at most 3650d"),
    default: None,
};

pub(super) const KEEP_DELIVERED: Bounded<Duration> = Bounded {
    key: "keep_delivered",
    least: (Duration::ZERO, ""),
    most: (YEARS, "write at most 3650d"),
    default: None,
};

pub(super) const CACHED: Bounded<usize> = Bounded {
    key: "cached",
    least: (0, ""),
    most: (
        100_000_000,
        "write at most 100000000: each call takes about a kilobyte of memory",
    ),
    default: None,
};

pub(super) const REMEMBERS: Bounded<Duration> = Bounded {
    key: "remembers",
    least: (
        SECOND,
        "write at least 1s: a backend that remembers no ids cannot tell a repeat, so nothing would be tried twice",
    ),
    most: (YEARS, "write at most 3650d"),
    default: Some(DAY),
};

pub(super) const CONCURRENCY: Bounded<usize> = Bounded {
    key: "concurrency",
    least: (1, "write at least 1: with none, nothing would be delivered"),
    most: (
        1_000,
        "write at most 1000: each is a connection to the backend",
    ),
    default: Some(16),
};

pub(super) const TIMEOUT: Bounded<Duration> = Bounded {
    key: "timeout",
    least: (
        SECOND,
        "write at least 1s: a backend that is only far away would seem to be silent",
    ),
    most: (
        MINUTE,
        "write at most 60s: who does not answer within a minute is taken not to answer",
    ),
    default: Some(Duration::from_secs(15)),
};

pub(super) const PACE: Bounded<f64> = Bounded {
    key: "pace",
    least: (
        0.1,
        "write at least 0.1 attempts a second, or pause the backend",
    ),
    most: (
        10_000.0,
        "write at most 10000 attempts a second, or leave it out",
    ),
    default: None,
};
