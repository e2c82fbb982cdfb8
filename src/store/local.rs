//! On disk, in one file of redb: survives `kill -9` and power loss, and needs no server. The default.
//!
//! `local:DIR` is the file `DIR/hookswitch.redb`. One process at a time serves it. Tables:
//!
//! | table | key → value | lifetime, and who deletes |
//! |---|---|---|
//! | `calls` | call → turn, revision, due time, mark, version, state, reply, and the trail until the call is over | `expire_finished`, some time after the call is over |
//! | `trails` | when it began and call → the trail of a call that is over | `expire_trails`, longer after that |
//! | `begun` | call → when its trail began | with the trail |
//! | `rows` | call and key → row | when it is delivered, or a person drops it |
//! | `delivered` | the same → row that its backend has | `expire_delivered`, or a person drops it |
//! | `delivered_at` | when it was delivered, then the same → backend | with the row |
//! | `delivered_count` | backend → how many | with the last of them |
//! | `versions` | fingerprint → last in service, recordings' hashes, bundle | `forget_versions` |
//! | `recordings` | hash → bytes | with the last version that names it |
//! | `paused` | backend → nothing | when it is resumed |
//! | `switched` | hours → how somebody has switched them | when they are switched back |
//! | `counts` | when it is forgotten and name → how often something was done | `count`, some time after that |
//! | `meta` | `format` → number | never |
//!
//! Behind every value but those of `meta` stands a checksum over it, its key and its table ([`tables`]): what was changed
//! by anybody but us is an error where it is read. Opening checks those of redb's pages too, all of them. A database of
//! the format before becomes one of this when it is opened, in one transaction ([`format`]).
//!
//! Beside the database stands `hookswitch.store`: it says that a store is here, so that a database that is gone or empty
//! is not mistaken for a first start ([`file`]).
//!
//! Everything is written by one thread ([`writer`]), which shares one sync among all who wait for it. What is due when
//! is not on disk but in that thread's memory ([`index`]). Reads look at the last transaction that is durable.
//!
//! A trail lies in its call's record as long as the call is on, so that a turn is one write to one table; the turn that
//! ends the call moves it to where it can be found by time.

mod codec;
mod copy;
mod counts;
mod damage;
mod delivered;
mod file;
mod format;
mod index;
mod inspect;
mod restore;
mod tables;
mod trails;
mod turns;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use jiff::Timestamp;
use redb::{Database, DatabaseError, ReadTransaction, ReadableDatabase as _};
use tokio::sync::{mpsc, oneshot, watch};

use self::codec::{
    decode_kept, decode_row, decode_stored, decode_switch, row_id, row_key, row_keys,
};
use self::copy::Damaged;
use self::damage::{disk, guarded};
pub use self::file::{FILE, is_kept};
pub use self::restore::{Restored, restore};
use self::tables::{CALLS, DELIVERED, PAUSED, RECORDINGS, ROWS, SWITCHED, TableEntry, VERSIONS};
use self::turns::Turns;
use self::writer::{Message, Opener, Shared, Task, Writer};
use super::Error;
use super::allowance::{ActName, Allowance, CountKey, CountName};
use super::contract::{
    Append, Backlog, Commit, Committed, Ended, Marked, Row, RowFilter, RowId, RowPlace, RowState,
    RowUpdate, Stored, StoredVersion, Trace, TrailPage,
};
use super::inspection::Inspection;
use super::switched::KeptSwitch;
use super::trail::ListedTrail;
use crate::engine::{CallSid, Fingerprint};

/// Requests that may wait for the writer; more wait for a place, until their deadline.
const QUEUE: usize = 4_096;

/// The engine.
pub(super) struct Store {
    messages: mpsc::Sender<Message>,
    database: Shared,
    /// The writer wants the database for itself: who looks for long gives way.
    wanted: Arc<AtomicBool>,
    /// Closed when the writer has ended.
    ended: watch::Receiver<()>,
}

impl Store {
    /// Opens the store in a folder, which is made (mode 0700) if it is missing.
    pub async fn open(folder: &Path) -> Result<Self, Error> {
        let folder = folder.to_owned();
        Self::start(Box::new(move || file::open(&folder))).await
    }

    /// Opens a store wherever `open` keeps it; it is asked again after a failure.
    pub async fn with_database(
        open: impl Fn() -> Result<Database, DatabaseError> + Send + 'static,
    ) -> Result<Self, Error> {
        let name = PathBuf::from("given");
        Self::start(Box::new(move || {
            format::prepare(open().map_err(|error| file::not_opened(error, &name))?)
        }))
        .await
    }

    async fn start(open: Opener) -> Result<Self, Error> {
        let (alive, ended) = watch::channel(());
        let writer = tokio::task::spawn_blocking(move || Writer::new(open, alive))
            .await
            .map_err(disk)??;
        let (database, wanted) = (writer.database(), writer.wanted());
        let (messages, receiver) = mpsc::channel(QUEUE);
        let thread = std::thread::Builder::new().name("store writer".to_owned());
        thread.spawn(move || writer.run(receiver)).map_err(disk)?;
        Ok(Self {
            messages,
            database,
            wanted,
            ended,
        })
    }

    /// Has something done by the writer; the answer comes when it is durable.
    async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Turns<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let (reply, answer) = oneshot::channel();
        let job = Message::Job(Box::new(Task::new(work, reply)));
        self.messages.send(job).await.map_err(|_| Error::Closed)?;
        answer.await.unwrap_or(Err(Error::Closed))
    }

    /// Looks at what is durable, beside the async workers: the disk may have to be read.
    async fn read<T: Send + 'static>(
        &self,
        look: impl FnOnce(&ReadTransaction) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let database = self.database.clone();
        let looked = tokio::task::spawn_blocking(move || {
            let database = database
                .read()
                .unwrap_or_else(std::sync::PoisonError::into_inner);
            let database = database.as_ref().ok_or(Error::Closed)?;
            guarded(|| look(&database.begin_read().map_err(disk)?))
        });
        looked.await.map_err(disk)?
    }

    pub async fn load(&self, sid: &CallSid) -> Result<Option<Stored>, Error> {
        let sid = sid.clone();
        self.read(move |transaction| {
            let calls = CALLS.read(transaction)?;
            let Some(record) = calls.get(sid.as_str())? else {
                return Ok(None);
            };
            record
                .value()
                .and_then(decode_stored)
                .map_err(|reason| reason.of(&sid))
        })
        .await
    }

    pub async fn commit(&self, commit: Commit, now: Timestamp) -> Result<Committed, Error> {
        self.write(move |turns| turns.commit(&commit, now)).await
    }

    pub async fn append(&self, append: Append) -> Result<Committed, Error> {
        self.write(move |turns| turns.append(&append)).await
    }

    pub async fn mark_ended(
        &self,
        sid: &CallSid,
        ended: Ended,
        due: Timestamp,
        trail: Option<Trace>,
        now: Timestamp,
    ) -> Result<Marked, Error> {
        let sid = sid.clone();
        self.write(move |turns| turns.mark_ended(&sid, ended, due, trail.as_ref(), now))
            .await
    }

    pub async fn lease_calls(
        &self,
        now: Timestamp,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<CallSid>, Error> {
        self.write(move |turns| turns.lease_calls(now, until, limit))
            .await
    }

    pub async fn lease_rows(
        &self,
        backend: &str,
        now: Timestamp,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<Row>, Error> {
        let backend = backend.to_owned();
        self.write(move |turns| turns.lease_rows(&backend, now, until, limit))
            .await
    }

    pub async fn settle(&self, id: &RowId, report: RowUpdate) -> Result<bool, Error> {
        let id = id.clone();
        self.write(move |turns| turns.settle(&id, report)).await
    }

    /// Deletes at most `limit` of the rows that were delivered before `before`.
    pub async fn expire_delivered(&self, before: Timestamp, limit: usize) -> Result<usize, Error> {
        self.write(move |turns| turns.expire_delivered(before, limit))
            .await
    }

    pub async fn list_rows(
        &self,
        filter: &RowFilter,
        behind: &RowPlace,
        limit: usize,
    ) -> Result<(Vec<Row>, Option<RowPlace>), Error> {
        let (filter, behind) = (filter.clone(), behind.clone());
        if filter.state == Some(RowState::Delivered) {
            let list = move |read: &ReadTransaction| delivered::list(read, &filter, &behind, limit);
            return self.read(list).await;
        }
        self.write(move |turns| turns.list_rows(&filter, &behind, limit))
            .await
    }

    pub async fn rows_of(&self, sid: &CallSid) -> Result<Vec<Row>, Error> {
        let sid = sid.clone();
        self.read(move |transaction| {
            let (owed, delivered) = (ROWS.read(transaction)?, DELIVERED.read(transaction)?);
            let keys = row_keys(&sid);
            let mut rows = Vec::new();
            for table in [owed, delivered] {
                for record in table.range(&keys.start[..]..&keys.end[..])? {
                    let (key, record) = record?;
                    // One that cannot be read must not hide the others.
                    let row = row_id(key.value()).and_then(|id| decode_row(id, record.value()?));
                    rows.extend(row.ok());
                }
            }
            Ok(rows)
        })
        .await
    }

    pub async fn row(&self, id: &RowId) -> Result<Option<Row>, Error> {
        let id = id.clone();
        self.read(move |transaction| {
            let key = row_key(&id);
            let (rows, delivered) = (ROWS.read(transaction)?, DELIVERED.read(transaction)?);
            let found = match rows.get(&key[..])? {
                Some(owed) => Some(owed),
                None => delivered.get(&key[..])?,
            };
            let row = found.map(|row| decode_row(id.clone(), row.value()?));
            row.transpose().map_err(|reason| reason.of(&id))
        })
        .await
    }

    pub async fn complete_row(
        &self,
        id: &RowId,
        body: &Bytes,
        at: Timestamp,
    ) -> Result<bool, Error> {
        let (id, body) = (id.clone(), body.clone());
        self.write(move |turns| turns.complete_row(&id, &body, at))
            .await
    }

    pub async fn retry_row(&self, id: &RowId, at: Timestamp) -> Result<bool, Error> {
        let id = id.clone();
        self.write(move |turns| turns.retry_row(&id, at)).await
    }

    pub async fn drop_row(&self, id: &RowId) -> Result<bool, Error> {
        let id = id.clone();
        self.write(move |turns| turns.drop_row(&id)).await
    }

    #[expect(
        clippy::redundant_closure_for_method_calls,
        reason = "the method alone is not general enough over the lifetime of a transaction"
    )]
    pub async fn backlog(&self) -> Result<Vec<Backlog>, Error> {
        self.write(|turns| turns.backlog()).await
    }

    pub async fn pause(&self, backend: &str, pause: bool) -> Result<(), Error> {
        let backend = backend.to_owned();
        self.write(move |turns| turns.pause(&backend, pause)).await
    }

    pub async fn paused(&self) -> Result<Vec<String>, Error> {
        self.read(|transaction| {
            let paused = PAUSED.read(transaction)?;
            paused
                .entries()?
                .map(|record| Ok(record?.0.value().to_owned()))
                .collect()
        })
        .await
    }

    pub async fn switch_hours(&self, name: &str, switch: Option<&KeptSwitch>) -> Result<(), Error> {
        let (name, switch) = (name.to_owned(), switch.map(KeptSwitch::encode));
        self.write(move |turns| turns.switch_hours(&name, switch))
            .await
    }

    pub async fn counted(&self, names: &[CountName]) -> Result<Vec<u32>, Error> {
        let keys: Vec<CountKey> = names.iter().map(CountName::key).collect();
        self.read(move |transaction| counts::counted(transaction, &keys))
            .await
    }

    pub async fn switched_hours(&self) -> Result<Vec<(String, KeptSwitch)>, Error> {
        self.read(|transaction| {
            let switched = SWITCHED.read(transaction)?;
            let entries = switched.entries()?;
            let read = |record: Result<TableEntry<'_, &str>, Error>| {
                let (name, found) = record?;
                let name = name.value().to_owned();
                let switch = found.value().and_then(decode_switch);
                let switch = switch.map_err(|reason| reason.of(&name))?;
                Ok((name, switch))
            };
            entries.map(read).collect()
        })
        .await
    }

    pub async fn count(
        &self,
        act: ActName,
        allowances: &[Allowance],
        now: Timestamp,
    ) -> Result<Option<usize>, Error> {
        let allowances = allowances.to_vec();
        self.write(move |turns| turns.count_act(act, &allowances, now))
            .await
    }

    pub async fn keep_version(&self, version: &StoredVersion, now: Timestamp) -> Result<(), Error> {
        let version = version.clone();
        self.write(move |turns| turns.keep_version(&version, now))
            .await
    }

    pub async fn version(&self, fingerprint: Fingerprint) -> Result<Option<StoredVersion>, Error> {
        self.read(move |transaction| {
            let versions = VERSIONS.read(transaction)?;
            let Some(record) = versions.get(fingerprint.0)? else {
                return Ok(None);
            };
            let kept = record
                .value()
                .and_then(decode_kept)
                .map_err(|reason| reason.of(&fingerprint))?;
            Ok(Some(StoredVersion {
                fingerprint,
                bundle: kept.bundle.into(),
                recordings: Vec::new(),
            }))
        })
        .await
    }

    pub async fn recording(&self, hash: &str) -> Result<Option<Bytes>, Error> {
        let hash = hash.to_owned();
        self.read(move |transaction| {
            let recordings = RECORDINGS.read(transaction)?;
            let Some(recording) = recordings.get(hash.as_str())? else {
                return Ok(None);
            };
            recording
                .value()
                .map(|bytes| Some(Bytes::copy_from_slice(bytes)))
                .map_err(|reason| reason.of(&hash))
        })
        .await
    }

    pub async fn forget_versions(
        &self,
        in_service: &[Fingerprint],
        before: Timestamp,
    ) -> Result<usize, Error> {
        let in_service = in_service.to_owned();
        self.write(move |turns| turns.forget_versions(&in_service, before))
            .await
    }

    /// Deletes at most `limit` of the calls that finished before `before`.
    pub async fn expire_finished(&self, before: Timestamp, limit: usize) -> Result<usize, Error> {
        self.write(move |turns| turns.expire_finished(before, limit))
            .await
    }

    pub async fn trail(&self, sid: &CallSid) -> Result<Option<Bytes>, Error> {
        let sid = sid.clone();
        self.read(move |transaction| trails::of(transaction, &sid))
            .await
    }

    pub async fn trails(&self, page: &TrailPage) -> Result<Vec<ListedTrail>, Error> {
        let page = page.clone();
        self.read(move |transaction| trails::list(transaction, &page))
            .await
    }

    /// Deletes at most `limit` of the trails whose last turn was before `before`.
    pub async fn expire_trails(&self, before: Timestamp, limit: usize) -> Result<usize, Error> {
        self.write(move |turns| turns.expire_trails(before, limit))
            .await
    }

    pub async fn verify(&self) -> Result<Inspection, Error> {
        let wanted = Arc::clone(&self.wanted);
        self.read(move |transaction| inspect::inspect(transaction, &|| give_way(&wanted)))
            .await
    }

    /// Writes a copy of one moment into a file that is not there yet.
    pub async fn back_up(&self, to: &Path) -> Result<Inspection, Error> {
        let (to, wanted) = (to.to_owned(), Arc::clone(&self.wanted));
        self.read(move |transaction| {
            copy::copy_to(&to, transaction, Damaged::Kept, &|| give_way(&wanted))
        })
        .await
    }

    #[expect(
        clippy::redundant_closure_for_method_calls,
        reason = "the method alone is not general enough over the lifetime of a transaction"
    )]
    pub async fn ping(&self) -> Result<(), Error> {
        self.write(|turns| turns.fill_probe()).await?;
        self.write(|turns| turns.drop_probe()).await
    }

    /// Ends the writer when all that came before is done, and gives the file free.
    pub async fn close(&self) -> Result<(), Error> {
        // Nobody takes it when the store is closed already.
        self.messages.send(Message::Close).await.ok();
        // An error is what is waited for: the writer's end has gone.
        self.ended.clone().changed().await.ok();
        Ok(())
    }
}

/// Ends a long look when the writer waits for it.
fn give_way(wanted: &AtomicBool) -> Result<(), Error> {
    if wanted.load(Ordering::Relaxed) {
        Err(Error::Closed)
    } else {
        Ok(())
    }
}
