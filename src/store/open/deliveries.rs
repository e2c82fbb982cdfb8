//! Deliveries as everyone sees them: their bodies, and what backends answered, sealed where they hold what is sensitive.

use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;

use super::{EXPIRE_BATCH, Engine, Store, within};
use crate::engine::CallSid;
use crate::store::Error;
use crate::store::contract::{
    Backlog, HELD, Row, RowFilter, RowId, RowPage, RowPlace, RowUpdate, Settlement,
};
use crate::store::history::{Attempt, BackendAnswer};

/// How many rows are looked at at once: few enough to be had within the deadline.
const PAGE: usize = 1_000;

impl Store {
    /// Seals what is to be written.
    pub(super) fn seal_rows(&self, rows: &mut [Row]) {
        for row in rows.iter_mut().filter(|row| !row.sensitive.is_empty()) {
            let sealed = self.seal_body(&row.id, row.json());
            row.body = if row.is_held() {
                [&HELD[..], &sealed].concat().into()
            } else {
                sealed.into()
            };
        }
    }

    fn seal_body(&self, id: &RowId, body: &[u8]) -> Vec<u8> {
        self.seal().seal(place(id).as_bytes(), body)
    }

    /// Gives a row that waits the body that it has waited for, once, and makes it due at `at`. False where it does not
    /// wait, and then nothing changes.
    ///
    /// # Errors
    /// As [`Store::load`].
    pub async fn complete_row(
        &self,
        row: &Row,
        body: String,
        at: Timestamp,
    ) -> Result<bool, Error> {
        let id = &row.id;
        let body: Bytes = if row.sensitive.is_empty() {
            body.into()
        } else {
            self.seal_body(id, body.as_bytes()).into()
        };
        ask!(self, engine => engine.complete_row(id, &body, at))
    }

    /// A backend's rows, soonest first, that are to be tried now. Until `until` nobody else gets them. One that was
    /// leased before and not settled was cut off: it stays at its attempts and becomes ambiguous.
    ///
    /// A row that no seal key opens is put off until `until`, and says so. None for a node whose clock is off
    /// ([`Store::may_lease`]), nor where the store's time has moved forward at once: until what may be under way is over.
    ///
    /// # Errors
    /// As [`Store::load`].
    pub async fn lease_rows(
        &self,
        backend: &str,
        now: Timestamp,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<Row>, Error> {
        let lease = Duration::try_from(until.duration_since(now)).unwrap_or_default();
        if !self.may_lease()
            || (self.is_shared() && self.since_leap().is_some_and(|since| since < lease))
        {
            return Ok(Vec::new());
        }
        let leased = ask!(self, engine => engine.lease_rows(backend, now, until, limit))?;
        let mut rows = Vec::with_capacity(leased.len());
        for mut row in leased {
            if self.open_row(&mut row) {
                rows.push(row);
            } else {
                self.put_off(&row, until).await?;
            }
        }
        Ok(rows)
    }

    /// Writes the settlement of a row without an attempt. False when no such row is owed.
    ///
    /// # Errors
    /// As [`Store::load`].
    pub async fn settle(&self, id: &RowId, settlement: Settlement) -> Result<bool, Error> {
        let keep = !self.inner.options.keep_delivered.is_zero();
        self.report(id, settlement, None, keep).await
    }

    /// Writes down an attempt, and what it came to. False when the row is no longer owed; if it was
    /// delivered meanwhile, the attempt is still recorded.
    ///
    /// # Errors
    /// As [`Store::load`].
    pub async fn settle_attempt(
        &self,
        row: &Row,
        settlement: Settlement,
        attempt: Attempt,
    ) -> Result<bool, Error> {
        let mut attempt = attempt;
        if let Some(answer) = attempt
            .answer
            .as_mut()
            .filter(|_| !row.sensitive.is_empty())
        {
            answer.body = self
                .seal()
                .seal(answer_place(&row.id).as_bytes(), &answer.body)
                .into();
        }
        let keep = !self.inner.options.keep_delivered.is_zero() && !row.is_fleeting();
        let settlement = match settlement {
            // Nobody is to decide on what must not be kept.
            Settlement::Park { .. } if row.is_fleeting() => Settlement::Delivered,
            settlement => settlement,
        };
        self.report(&row.id, settlement, Some(attempt), keep).await
    }

    async fn report(
        &self,
        id: &RowId,
        settlement: Settlement,
        attempt: Option<Attempt>,
        keep: bool,
    ) -> Result<bool, Error> {
        let report = RowUpdate {
            settlement,
            attempt,
            now: self.now(),
            keep,
        };
        ask!(self, engine => engine.settle(id, report))
    }

    /// The next rows that a filter admits, oldest first; delivered ones in the order in which they were delivered. At most
    /// as many as the filter says, and about a thousand: `more` says where the list goes on. One that no seal key opens has
    /// no body, and says so.
    ///
    /// # Errors
    /// As [`Store::load`].
    pub async fn page(
        &self,
        filter: &RowFilter,
        behind: Option<&RowPlace>,
    ) -> Result<RowPage, Error> {
        let begin = filter.begin();
        let behind = behind.map_or(&begin, |behind| behind.max(&begin));
        let limit = match filter.limit {
            0 => PAGE,
            limit => limit.min(PAGE),
        };
        let (mut rows, more) = ask!(self, engine => engine.list_rows(filter, behind, limit))?;
        for row in &mut rows {
            self.open_row(row);
        }
        Ok(RowPage { rows, more })
    }

    /// The rows of a call, owed and delivered, in the order in which it committed them. One that no seal key opens has no
    /// body, and says so.
    ///
    /// # Errors
    /// As [`Store::load`].
    pub async fn rows_of(&self, sid: &CallSid) -> Result<Vec<Row>, Error> {
        let mut rows = ask!(self, engine => engine.rows_of(sid))?;
        rows.sort_by(|one, other| (one.created, &one.id).cmp(&(other.created, &other.id)));
        for row in &mut rows {
            self.open_row(row);
        }
        Ok(rows)
    }

    /// One row. If no seal key opens it, it has no body, and says so.
    ///
    /// # Errors
    /// As [`Store::load`].
    pub async fn row(&self, id: &RowId) -> Result<Option<Row>, Error> {
        let mut row = ask!(self, engine => engine.row(id))?;
        if let Some(row) = &mut row {
            self.open_row(row);
        }
        Ok(row)
    }

    /// Owes a row again, whatever its state: waiting, due at `at`, no attempts counted. A delivered one is owed again,
    /// as one that the backend may have. False when there is no such row.
    ///
    /// # Errors
    /// As [`Store::load`].
    pub async fn retry_row(&self, id: &RowId, at: Timestamp) -> Result<bool, Error> {
        ask!(self, engine => engine.retry_row(id, at))
    }

    /// Deletes a row in whatever state it is. False when there is no such row.
    ///
    /// # Errors
    /// As [`Store::load`].
    pub async fn drop_row(&self, id: &RowId) -> Result<bool, Error> {
        ask!(self, engine => engine.drop_row(id))
    }

    /// What is owed to each backend, and what is kept of what it has, by name; backends without any rows are left out.
    ///
    /// # Errors
    /// As [`Store::load`].
    pub async fn backlog(&self) -> Result<Vec<Backlog>, Error> {
        ask!(self, engine => engine.backlog())
    }

    /// Deletes the rows that were delivered longer ago than [`Options::keep_delivered`], and returns how many. An engine
    /// that lets them expire by itself has nothing to do.
    ///
    /// # Errors
    /// As [`Store::load`].
    pub async fn expire_delivered(&self, now: Timestamp) -> Result<usize, Error> {
        let before = now
            .checked_sub(self.inner.options.keep_delivered)
            .unwrap_or(Timestamp::MIN);
        let mut expired = 0;
        loop {
            let batch = ask!(self, engine => engine.expire_delivered(before, EXPIRE_BATCH))?;
            expired += batch;
            if batch < EXPIRE_BATCH {
                return Ok(expired);
            }
        }
    }

    /// Opens a row's body; false when no key does: what cannot be read is taken away, and the row says so.
    fn open_row(&self, row: &mut Row) -> bool {
        if row.sensitive.is_empty() {
            return true;
        }
        if let Some(BackendAnswer { body, .. }) = &mut row.history.answer {
            *body = self
                .seal()
                .open(answer_place(&row.id).as_bytes(), body)
                .unwrap_or_default()
                .into();
        }
        let body = self.seal().open(place(&row.id).as_bytes(), row.json());
        let opened = body.is_some();
        let body = body.unwrap_or_default();
        row.body = if row.is_held() {
            [&HELD[..], &body].concat().into()
        } else {
            body.into()
        };
        if !opened {
            row.last_error = "sealed with a key that is not set here".to_owned();
        }
        opened
    }

    /// Gives a leased row back: a node that has the key may come, or this one be started with it.
    async fn put_off(&self, row: &Row, until: Timestamp) -> Result<(), Error> {
        tracing::error!(row = %row.id, backend = row.backend, "Delivery is sealed with a key that is not set.");
        // Not an attempt: a key that is missing for a day must not use up the row's schedule.
        self.settle(&row.id, Settlement::PutBack { at: until })
            .await
            .map(drop)
    }
}

/// What a row's body is sealed to: it opens in no other row.
fn place(id: &RowId) -> String {
    id.to_string()
}

/// What the backend's answer to it is sealed to.
fn answer_place(id: &RowId) -> String {
    format!("{id}/answer")
}
