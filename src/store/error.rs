//! What can go wrong in a store, for the operator.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

/// A store that could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It did not answer in time.
    #[error("the store did not answer within {0:?}")]
    Deadline(Duration),
    /// Redis refused or could not be reached.
    #[error("redis: {0}")]
    Redis(#[from] ::redis::RedisError),
    /// The file on disk could not be used.
    #[error("the store on disk: {0}")]
    Disk(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The file on disk is not what was written.
    #[error("the store on disk is damaged: {0}")]
    Damaged(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A store was kept there, and its file is not what it was.
    #[error("the store {} is {}", path.display(), if *is_empty { "empty: what was in it is lost" } else { "gone" })]
    Lost {
        /// The file.
        path: PathBuf,
        /// Whether it is there, with nothing in it.
        is_empty: bool,
    },
    /// A file that is to be written cannot be.
    #[error("{} cannot be written: {source}", path.display())]
    Write {
        /// Which file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A file that is to be read cannot be.
    #[error("{} cannot be read: {source}", path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// What is asked is for stores on disk.
    #[error("{0} is no store on disk")]
    NotOnDisk(String),
    /// The writer of the file on disk has ended.
    #[error("the store is closed")]
    Closed,
    /// Another process serves this store.
    #[error("the store {0} is in use by another process")]
    InUse(String),
    /// The URL names no store.
    #[error("`{url}` is not a store: {reason}")]
    Url {
        /// As given.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// It was written by a newer version, or with other settings.
    #[error("the store has format {found}, this version reads {known}")]
    Format {
        /// What stands in the store.
        found: String,
        /// What is understood here.
        known: String,
    },
    /// It may lose calls on its own account.
    #[error("{0}")]
    Unsafe(String),
    /// A record that cannot be read.
    #[error("{what} cannot be read: {reason}")]
    Corrupt {
        /// Which record.
        what: String,
        /// Why.
        reason: String,
    },
}

impl Error {
    /// Whether the same request may well succeed in a moment.
    pub fn is_transient(&self) -> bool {
        matches!(
            self,
            Self::Deadline(_) | Self::Redis(_) | Self::Disk(_) | Self::Closed
        )
    }

    /// What the operator can do about it.
    pub fn help(&self) -> Option<&'static str> {
        match self {
            Self::InUse(_) => Some("one process serves a store on disk; for several take Redis."),
            Self::Damaged(_) => Some(
                "`hookswitch store restore FILE` puts a backup in its place and keeps the damaged one aside; with \
                 --readable and the damaged file itself, whatever of it can still be read.",
            ),
            Self::Lost { is_empty: true, .. } => Some(
                "`hookswitch store restore FILE` puts a backup in its place. To begin with an empty store, delete it, \
                 and hookswitch.store beside it.",
            ),
            Self::Lost {
                is_empty: false, ..
            } => Some(
                "is a disk not mounted? `hookswitch store restore FILE` puts a backup in its place. To begin with an \
                 empty store, delete hookswitch.store there.",
            ),
            Self::NotOnDisk(_) => {
                Some("Redis has its own tools: BGSAVE, redis-check-aof, redis-check-rdb.")
            }
            _ => None,
        }
    }
}
