//! The one thread that writes: it takes whatever has come, does it in one transaction, and answers when that is durable.
//!
//! While one group is being synced the next one gathers, so the cost of a sync is shared by all who wait for it.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use redb::{Database, Durability, ReadableDatabase as _};
use tokio::sync::{mpsc, oneshot, watch};

use super::codec::{decode_call, decode_row, row_id};
use super::damage::{disk, guarded};
use super::index::Index;
use super::tables::{CALLS, ROWS};
use super::turns::Turns;
use crate::engine::CallSid;
use crate::store::Error;
use crate::store::contract::{RowId, RowState};

/// How many requests share a transaction at most.
const GROUP: usize = 512;

/// Opens the database: at the start, and again after it failed, for redb refuses everything after a failure.
pub(super) type Opener = Box<dyn Fn() -> Result<Database, Error> + Send>;

/// The open database, shared with the readers; nothing while it is being opened again and after the end.
pub(super) type Shared = Arc<RwLock<Option<Database>>>;

/// What comes to the writer.
pub(super) enum Message {
    /// Something to be done.
    Job(Box<dyn Job>),
    /// No more will come.
    Close,
}

/// Something to be done in a transaction that others share, and somebody who waits for it.
pub(super) trait Job: Send {
    /// Does it. An error is one of the disk, and the end of the transaction.
    fn run(&mut self, turns: &mut Turns<'_>) -> Result<(), Error>;
    /// Answers, once it is durable or has failed.
    fn answer(self: Box<Self>, fault: Option<&WriteError>);
    /// Whether nobody waits for it any more.
    fn is_abandoned(&self) -> bool;
}

/// A job, and its result until it can be reported.
pub(super) struct Task<W, T> {
    work: Option<W>,
    outcome: Option<Result<T, Error>>,
    reply: oneshot::Sender<Result<T, Error>>,
}

impl<W, T> Task<W, T> {
    pub fn new(work: W, reply: oneshot::Sender<Result<T, Error>>) -> Self {
        Self {
            work: Some(work),
            outcome: None,
            reply,
        }
    }
}

impl<W, T: Send> Job for Task<W, T>
where
    W: FnOnce(&mut Turns<'_>) -> Result<T, Error> + Send,
{
    fn run(&mut self, turns: &mut Turns<'_>) -> Result<(), Error> {
        match self.work.take().map(|work| work(turns)) {
            Some(Err(error @ (Error::Disk(_) | Error::Damaged(_)))) => Err(error),
            outcome => {
                self.outcome = outcome;
                Ok(())
            }
        }
    }

    fn answer(self: Box<Self>, fault: Option<&WriteError>) {
        let outcome = match fault {
            Some(fault) => Err(Error::Disk(Box::new(fault.clone()))),
            None => self.outcome.unwrap_or(Err(Error::Closed)),
        };
        // Who no longer waits does not want to know.
        self.reply.send(outcome).ok();
    }

    fn is_abandoned(&self) -> bool {
        self.reply.is_closed()
    }
}

/// Why a transaction failed, for each who waited for it.
#[derive(Clone, Debug)]
pub(super) struct WriteError(Arc<dyn std::error::Error + Send + Sync>);

impl From<Error> for WriteError {
    fn from(error: Error) -> Self {
        match error {
            Error::Disk(cause) => Self(cause.into()),
            other => Self(Arc::new(other)),
        }
    }
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for WriteError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source()
    }
}

/// What the thread owns.
pub(super) struct Writer {
    open: Opener,
    database: Shared,
    /// Who looks for long gives way while this is true.
    wanted: Arc<AtomicBool>,
    index: Index,
    /// The last transaction failed: neither the database nor the index can be trusted.
    broken: bool,
    /// Dropped when the thread ends, which is how others learn of it.
    _alive: watch::Sender<()>,
}

impl Writer {
    /// Opens the database and reads what is due.
    pub fn new(open: Opener, alive: watch::Sender<()>) -> Result<Self, Error> {
        let database = Shared::default();
        let mut writer = Self {
            open,
            database,
            wanted: Arc::default(),
            index: Index::default(),
            broken: true,
            _alive: alive,
        };
        let leased = writer.heal()?;
        guarded(|| writer.end_leases(&leased))?;
        Ok(writer)
    }

    pub fn database(&self) -> Shared {
        self.database.clone()
    }

    pub fn wanted(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.wanted)
    }

    /// Works until everybody who could ask is gone, or somebody closes the store.
    pub fn run(mut self, mut messages: mpsc::Receiver<Message>) {
        let mut waiting = Vec::with_capacity(GROUP);
        while messages.blocking_recv_many(&mut waiting, GROUP) > 0 {
            let mut jobs = Vec::with_capacity(waiting.len());
            for message in waiting.drain(..) {
                match message {
                    Message::Job(job) if job.is_abandoned() => {}
                    Message::Job(job) => jobs.push(job),
                    Message::Close => messages.close(),
                }
            }
            self.serve(jobs);
        }
        self.close();
    }

    /// Does a group and answers it.
    fn serve(&mut self, mut jobs: Vec<Box<dyn Job>>) {
        // A panic within redb must not end the store: the file is opened again, as after any failure.
        let fault = guarded(|| self.try_group(&mut jobs))
            .err()
            .map(WriteError::from);
        if let Some(fault) = &fault {
            self.broken = true;
            tracing::error!(error = %fault, requests = jobs.len(), "Store on disk could not be written.");
        }
        for job in jobs {
            job.answer(fault.as_ref());
        }
        if self.broken {
            // Readers need an open database too. If it cannot be opened now, the next group tries again.
            if let Err(error) = self.heal() {
                tracing::error!(%error, help = error.help(), "Store on disk cannot be opened again.");
            }
        }
    }

    fn try_group(&mut self, jobs: &mut [Box<dyn Job>]) -> Result<(), Error> {
        if self.broken {
            self.heal()?;
        }
        let mut transaction = self.read(|database| database.begin_write().map_err(disk))?;
        transaction
            .set_durability(Durability::Immediate)
            .map_err(disk)?;
        let mut turns = Turns::new(&transaction, &mut self.index);
        for job in jobs {
            job.run(&mut turns)?;
        }
        let changed = turns.changed();
        drop(turns);
        // What was only looked at is durable already: it was committed before this transaction began.
        if changed {
            transaction.commit().map_err(disk)
        } else {
            transaction.abort().map_err(disk)
        }
    }

    fn read<T>(&self, ask: impl FnOnce(&Database) -> Result<T, Error>) -> Result<T, Error> {
        let database = self.database.read().unwrap_or_else(PoisonError::into_inner);
        database.as_ref().map_or(Err(Error::Closed), ask)
    }

    /// Makes due what the process before was sending when it ended: nobody else serves this store, so nobody still is.
    fn end_leases(&mut self, leased: &[RowId]) -> Result<(), Error> {
        let transaction = self.read(|database| database.begin_write().map_err(disk))?;
        let mut turns = Turns::new(&transaction, &mut self.index);
        turns.end_leases(leased)?;
        let changed = turns.changed();
        drop(turns);
        if changed {
            transaction.commit().map_err(disk)
        } else {
            transaction.abort().map_err(disk)
        }
    }

    /// Opens the database again and reads the index from it: a commit that failed may yet be there.
    /// Returns what is being sent.
    fn heal(&mut self) -> Result<Vec<RowId>, Error> {
        let database = Arc::clone(&self.database);
        self.wanted.store(true, Ordering::Relaxed);
        let mut database = database.write().unwrap_or_else(PoisonError::into_inner);
        self.wanted.store(false, Ordering::Relaxed);
        // The old one first: it holds the file's lock.
        drop(database.take());
        guarded(|| {
            let opened = (self.open)()?;
            let (index, leased) = scan(&opened)?;
            self.index = index;
            *database = Some(opened);
            self.broken = false;
            Ok(leased)
        })
    }

    fn close(self) {
        self.wanted.store(true, Ordering::Relaxed);
        let database = self
            .database
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        // Whatever was answered is durable; what fails here costs the next start some time, no more.
        if let Some(Err(error)) = database.map(Database::close) {
            tracing::warn!(%error, "Store on disk did not close cleanly; it will be repaired when it is opened.");
        }
    }
}

/// Reads everything once: the index, and what is being sent. What cannot be read is left where it is and reported.
fn scan(database: &Database) -> Result<(Index, Vec<RowId>), Error> {
    let (mut index, mut leased) = (Index::default(), Vec::new());
    let transaction = database.begin_read().map_err(disk)?;
    for record in CALLS.read(&transaction)?.entries()? {
        let (key, record) = record?;
        if let (Ok(sid), Ok(record)) = (
            CallSid::parse(key.value()),
            record.value().and_then(decode_call),
        ) {
            index.add_call(&sid, &record.head);
        } else {
            tracing::error!(call_sid = key.value(), "Stored call cannot be read.");
        }
    }
    for record in ROWS.read(&transaction)?.entries()? {
        let (key, record) = record?;
        match row_id(key.value()).and_then(|id| decode_row(id, record.value()?)) {
            Ok(row) => {
                index.add_row(&row);
                leased.extend((row.state == RowState::Sending).then_some(row.id));
            }
            Err(_) => {
                tracing::error!(key = ?String::from_utf8_lossy(key.value()), "Stored delivery cannot be read.");
            }
        }
    }
    Ok((index, leased))
}
