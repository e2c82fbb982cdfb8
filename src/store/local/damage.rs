//! What went wrong beneath us: a disk that does not do what it is asked, or a file that is not what was written.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use redb::{CommitError, DatabaseError, StorageError, TableError, TransactionError};

use crate::store::Error;

type Cause = Box<dyn std::error::Error + Send + Sync>;

/// A failure of the disk, or of what stands between it and us.
pub(super) fn disk(cause: impl Into<Cause>) -> Error {
    let cause = cause.into();
    if tells_of_damage(&cause) {
        Error::Damaged(cause)
    } else {
        Error::Disk(cause)
    }
}

fn tells_of_damage(cause: &Cause) -> bool {
    let storage = cause
        .downcast_ref::<StorageError>()
        .or_else(|| match cause.downcast_ref() {
            Some(DatabaseError::Storage(error)) => Some(error),
            _ => None,
        });
    let storage = storage.or_else(|| {
        match (
            cause.downcast_ref(),
            cause.downcast_ref(),
            cause.downcast_ref(),
        ) {
            (Some(TableError::Storage(error)), ..)
            | (_, Some(TransactionError::Storage(error)), _)
            | (.., Some(CommitError::Storage(error))) => Some(error),
            _ => None,
        }
    });
    matches!(storage, Some(StorageError::Corrupted(_)))
}

/// What redb says when it does not believe its eyes.
#[derive(Debug, thiserror::Error)]
#[error("it does not make sense: {0}")]
struct Panicked(String);

/// Does something with a database; redb panics where a damaged file makes no sense to it, which is an error here.
pub(super) fn guarded<T>(work: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    catch_unwind(AssertUnwindSafe(work))
        .unwrap_or_else(|panic| Err(Error::Damaged(Box::new(Panicked(words(panic.as_ref()))))))
}

fn words(panic: &(dyn Any + Send)) -> String {
    let words = panic.downcast_ref::<String>().map(String::as_str);
    words
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no words")
        .to_owned()
}
