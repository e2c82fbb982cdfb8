//! Whoever carries out rows that are no posts to a backend.

use std::fmt;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use jiff::Timestamp;

use super::outcome::AttemptOutcome;
use crate::store::Row;

/// Carries out what rows ask for. A row may come more than once, whatever became of it before: a repeat must do no harm.
pub trait Perform: Send + Sync {
    /// Does what a row asks for, once.
    fn perform<'a>(&'a self, row: &'a Row, now: Timestamp) -> BoxFuture<'a, AttemptOutcome>;
}

/// Someone who carries out rows. Clones are the same one.
#[derive(Clone)]
pub struct Performer(Arc<dyn Perform>);

impl Performer {
    /// Makes someone known to the outbox.
    pub fn new(performer: impl Perform + 'static) -> Self {
        Self(Arc::new(performer))
    }

    pub(super) fn perform<'a>(
        &'a self,
        row: &'a Row,
        now: Timestamp,
    ) -> BoxFuture<'a, AttemptOutcome> {
        self.0.perform(row, now)
    }
}

impl PartialEq for Performer {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Performer {}

impl fmt::Debug for Performer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Performer")
    }
}
