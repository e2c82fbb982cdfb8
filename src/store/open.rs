//! The store as everyone sees it: an engine behind the contract, with a deadline and sealed rows.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use jiff::Timestamp;

use self::health::Health;
use super::allowance::{ActName, Allowance, CountName};
use super::contract::{
    Append, Commit, Committed, Durability, Ended, Marked, Stored, StoredVersion,
};
use super::inspection::Inspection;
use super::local::Restored;
use super::switched::KeptSwitch;
use super::{Error, Options, Seal, StoreClock, Trace, local, memory, redis};
use crate::engine::{CallSid, Fingerprint};

/// How many finished calls one transaction deletes: few enough that no turn waits for it.
const EXPIRE_BATCH: usize = 1_000;

/// Where calls live between webhooks. Cheap to clone; clones are the same store.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    engine: Engine,
    options: Options,
    health: Health,
    clock: Arc<StoreClock>,
}

enum Engine {
    Memory(memory::Store),
    Local(local::Store),
    Redis(redis::Store),
}

/// Asks the engine, whichever it is, and waits no longer than the deadline.
macro_rules! ask {
    ($store:expr, $engine:ident => $question:expr) => {{
        let deadline = $store.inner.options.deadline;
        match &$store.inner.engine {
            Engine::Memory($engine) => within(deadline, $question).await,
            Engine::Local($engine) => within(deadline, $question).await,
            Engine::Redis($engine) => within(deadline, $question).await,
        }
    }};
}

mod deliveries;
mod health;
mod time;
mod trails;

/// No `async fn`: it would hold the question twice, and every turn copies it.
fn within<T>(
    deadline: Duration,
    question: impl Future<Output = Result<T, Error>>,
) -> impl Future<Output = Result<T, Error>> {
    tokio::time::timeout(deadline, question)
        .map(move |done| done.unwrap_or(Err(Error::Deadline(deadline))))
}

impl Store {
    /// Opens the store that the URL names.
    ///
    /// # Errors
    /// When the URL names no store, or the store cannot be used: in use, of a newer format, not to be reached.
    pub async fn open(options: Options) -> Result<Self, Error> {
        Self::open_beside(options, StoreClock::even()).await
    }

    /// The same with a clock of one's own.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub async fn open_beside(options: Options, clock: StoreClock) -> Result<Self, Error> {
        let engine = match options.url.split_once(':') {
            Some(("memory", "")) => Engine::Memory(memory::Store::default()),
            Some(("local", folder)) if !folder.is_empty() => {
                Engine::Local(local::Store::open(Path::new(folder)).await?)
            }
            Some((scheme, _)) if scheme.starts_with("redis") => {
                Engine::Redis(redis::Store::open(&options).await?)
            }
            _ => {
                let reason = "there are `memory:`, `local:DIR` and `redis://…`".to_owned();
                return Err(Error::Url {
                    url: without_password(&options.url),
                    reason,
                });
            }
        };
        Self::assemble(engine, options, clock).await
    }

    /// A store of the kind that `local:` is, in a database that somebody else opens: on other storage than a file. It is
    /// opened again after a failure.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub async fn with_database(
        options: Options,
        open: impl Fn() -> Result<redb::Database, redb::DatabaseError> + Send + 'static,
    ) -> Result<Self, Error> {
        let engine = Engine::Local(local::Store::with_database(open).await?);
        Self::assemble(engine, options, StoreClock::even()).await
    }

    /// What the store's word is worth.
    pub fn level(&self) -> Durability {
        match &self.inner.engine {
            Engine::Memory(_) => Durability::Memory,
            Engine::Local(_) => Durability::File,
            Engine::Redis(engine) => engine.level(),
        }
    }

    /// Whether the store is at the other end of a network, so that this node's own disk may be used while it is away.
    pub fn is_remote(&self) -> bool {
        matches!(self.inner.engine, Engine::Redis(_))
    }

    /// What seals sensitive answers, in the rows and elsewhere.
    pub fn seal(&self) -> &Seal {
        &self.inner.options.seal
    }

    /// The URL, its password hidden.
    pub fn describe(&self) -> String {
        without_password(&self.inner.options.url)
    }

    /// The call as it was committed last.
    ///
    /// # Errors
    /// When the store cannot be read in time.
    pub async fn load(&self, sid: &CallSid) -> Result<Option<Stored>, Error> {
        ask!(self, engine => engine.load(sid))
    }

    /// Writes a turn, all of it or nothing, if the call still waits for the turn that it comes from. Committing the
    /// same turn twice is harmless: the second is [`Committed::Behind`] with what the first wrote.
    ///
    /// # Errors
    /// When the store does not say in time that it is durable: it may or may not be.
    pub async fn commit(&self, mut commit: Commit) -> Result<Committed, Error> {
        self.seal_rows(&mut commit.rows);
        let part = self.part(&commit.sid);
        let committed = ask!(self, engine => engine.commit(commit, self.now()));
        self.note(part, committed)
    }

    /// Writes a late fact, all of it or nothing, if the call's state is still the one that it was worked out from. A call
    /// whose flow is over takes it too, as long as it is kept. Appending the same twice is harmless: the second is
    /// [`Committed::Behind`] with what the first wrote.
    ///
    /// # Errors
    /// As [`Store::commit`].
    pub async fn append(&self, mut append: Append) -> Result<Committed, Error> {
        self.seal_rows(&mut append.rows);
        let part = self.part(&append.sid);
        let appended = ask!(self, engine => engine.append(append));
        self.note(part, appended)
    }

    /// Notes a sign that the call is over, beside its state. The first sign stays, and with it what the trail keeps of it;
    /// the sweeper looks at a call that is on at `due` unless it would sooner.
    ///
    /// # Errors
    /// As [`Store::load`].
    pub async fn mark_ended(
        &self,
        sid: &CallSid,
        ended: Ended,
        due: Timestamp,
        trail: Option<Trace>,
    ) -> Result<Marked, Error> {
        let marked = ask!(self, engine => engine.mark_ended(sid, ended, due, trail, self.now()));
        self.note_refusal(marked)
    }

    /// Calls, soonest first, that something must be done about, because nothing came. Until `until` nobody else gets them.
    /// None for a node whose clock is off ([`Store::may_lease`]).
    ///
    /// # Errors
    /// As [`Store::load`].
    pub async fn lease_calls(
        &self,
        now: Timestamp,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<CallSid>, Error> {
        if !self.may_lease() {
            return Ok(Vec::new());
        }
        ask!(self, engine => engine.lease_calls(now, until, limit))
    }

    /// Pauses a backend, or resumes it, for every node and past a restart.
    ///
    /// # Errors
    /// As [`Store::load`].
    pub async fn pause(&self, backend: &str, pause: bool) -> Result<(), Error> {
        ask!(self, engine => engine.pause(backend, pause))
    }

    /// The backends that are paused, by name.
    ///
    /// # Errors
    /// As [`Store::load`].
    pub async fn paused(&self) -> Result<Vec<String>, Error> {
        ask!(self, engine => engine.paused())
    }

    /// Keeps how somebody has switched opening hours, for every node and past a restart; nothing: they are as their file
    /// says again.
    ///
    /// # Errors
    /// As [`Store::load`].
    pub async fn switch_hours(&self, name: &str, switch: Option<&KeptSwitch>) -> Result<(), Error> {
        ask!(self, engine => engine.switch_hours(name, switch))
    }

    /// The opening hours that are switched, by name. One whose time is over may still be there.
    ///
    /// # Errors
    /// As [`Store::load`].
    pub async fn switched_hours(&self) -> Result<Vec<(String, KeptSwitch)>, Error> {
        ask!(self, engine => engine.switched_hours())
    }

    /// Counts an act, all that it counts or nothing: the place of the allowance that is used up, or none. The same act gets
    /// the same answer, from every node, and is counted once.
    ///
    /// # Errors
    /// As [`Store::load`].
    pub async fn count(
        &self,
        act: ActName,
        allowances: &[Allowance],
    ) -> Result<Option<usize>, Error> {
        let deadline = self.inner.options.deadline;
        let now = self.now();
        match &self.inner.engine {
            Engine::Memory(engine) => within(deadline, engine.count(act, allowances, now)).await,
            Engine::Local(engine) => within(deadline, engine.count(act, allowances, now)).await,
            Engine::Redis(engine) => within(deadline, engine.count(act, allowances)).await,
        }
    }

    /// How often each of these was counted, in their order; none of what is forgotten, or was never counted.
    ///
    /// # Errors
    /// As [`Store::load`].
    pub async fn counted(&self, names: &[CountName]) -> Result<Vec<u32>, Error> {
        ask!(self, engine => engine.counted(names))
    }

    /// Keeps what a fingerprint stands for, and notes that it was in service at `now`. Doing so again is harmless.
    ///
    /// # Errors
    /// As [`Store::load`].
    pub async fn keep_version(&self, version: &StoredVersion, now: Timestamp) -> Result<(), Error> {
        let kept = ask!(self, engine => engine.keep_version(version, now));
        self.note_refusal(kept)
    }

    /// What a fingerprint stands for, without the recordings.
    ///
    /// # Errors
    /// As [`Store::load`].
    pub async fn version(&self, fingerprint: Fingerprint) -> Result<Option<StoredVersion>, Error> {
        ask!(self, engine => engine.version(fingerprint))
    }

    /// A recording, by its hash.
    ///
    /// # Errors
    /// As [`Store::load`].
    pub async fn recording(&self, hash: &str) -> Result<Option<Bytes>, Error> {
        ask!(self, engine => engine.recording(hash))
    }

    /// Forgets the versions that no unfinished call runs on, that are not in service, and that were kept last before
    /// `before`; with the last version that names it goes a recording. Returns how many versions went.
    ///
    /// # Errors
    /// As [`Store::load`].
    pub async fn forget_versions(
        &self,
        in_service: &[Fingerprint],
        before: Timestamp,
    ) -> Result<usize, Error> {
        ask!(self, engine => engine.forget_versions(in_service, before))
    }

    /// Deletes the calls that finished longer ago than [`Options::keep_finished`], and returns how many. An engine that
    /// lets them expire by itself has nothing to do.
    ///
    /// # Errors
    /// As [`Store::load`].
    pub async fn expire_finished(&self, now: Timestamp) -> Result<usize, Error> {
        let before = now
            .checked_sub(self.inner.options.keep_finished)
            .unwrap_or(Timestamp::MIN);
        let mut expired = 0;
        loop {
            let batch = ask!(self, engine => engine.expire_finished(before, EXPIRE_BATCH))?;
            expired += batch;
            if batch < EXPIRE_BATCH {
                return Ok(expired);
            }
        }
    }

    /// Asks whether the store can be written now.
    ///
    /// # Errors
    /// When it cannot.
    pub async fn ping(&self) -> Result<(), Error> {
        ask!(self, engine => engine.ping())
    }

    /// Looks at everything that is there, without a deadline: whether it is what was written, and makes sense.
    ///
    /// # Errors
    /// When it is no store on disk, or the store cannot be looked at.
    pub async fn verify(&self) -> Result<Inspection, Error> {
        self.on_disk()?.verify().await
    }

    /// Writes a copy of one moment into a file that is not there yet, without a deadline, while others write.
    ///
    /// # Errors
    /// When it is no store on disk, the file is there already, or it cannot be written.
    pub async fn back_up(&self, to: &Path) -> Result<Inspection, Error> {
        self.on_disk()?.back_up(to).await
    }

    fn on_disk(&self) -> Result<&local::Store, Error> {
        match &self.inner.engine {
            Engine::Local(engine) => Ok(engine),
            Engine::Memory(_) | Engine::Redis(_) => Err(Error::NotOnDisk(self.describe())),
        }
    }

    /// Waits for what is under way, without a deadline, and closes the store: later requests fail.
    ///
    /// # Errors
    /// When something could not be written at last.
    pub async fn close(&self) -> Result<(), Error> {
        match &self.inner.engine {
            Engine::Memory(engine) => engine.close().await,
            Engine::Local(engine) => engine.close().await,
            Engine::Redis(engine) => engine.close().await,
        }
    }
}

/// Puts a backup in the place of a store on disk: verified, what is there kept aside, nothing overwritten. With
/// `readable`, what can be read of a damaged one.
///
/// # Errors
/// When the URL names no store on disk, a process serves it, or the backup cannot be read or is none.
pub fn restore(url: &str, backup: &Path, readable: bool) -> Result<Restored, Error> {
    match url.split_once(':') {
        Some(("local", folder)) if !folder.is_empty() => {
            local::restore(Path::new(folder), backup, readable)
        }
        _ => Err(Error::NotOnDisk(without_password(url))),
    }
}

/// Hides what stands between the user's name and the last `@`: a password may hold any character.
fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    match rest.rsplit_once('@') {
        Some((user, host)) => {
            let name = user.split(':').next().unwrap_or_default();
            format!("{scheme}://{name}:***@{host}")
        }
        None => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Options, Store, without_password};
    use crate::engine::{CallSid, Fingerprint};
    use crate::store::{Commit, RowFilter};
    use jiff::Timestamp;

    /// Workers run these on any thread: this compiles or it does not.
    #[expect(dead_code, reason = "checked by the compiler, never run")]
    fn every_future_can_move_between_threads(
        store: &Store,
        options: Options,
        commit: Commit,
        sid: &CallSid,
    ) {
        fn sendable(_: impl Send) {}
        let now = Timestamp::UNIX_EPOCH;
        sendable(Store::open(options));
        sendable((
            store.load(sid),
            store.commit(commit),
            store.lease_calls(now, now, 1),
        ));
        sendable((
            store.lease_rows("", now, now, 1),
            store.page(&RowFilter::default(), None),
            store.backlog(),
        ));
        sendable((
            store.forget_versions(&[Fingerprint(0)], now),
            store.expire_finished(now),
            store.close(),
        ));
    }

    #[test]
    fn a_described_url_shows_no_password() {
        let cases = [
            ("memory:", "memory:"),
            ("local:data", "local:data"),
            ("redis://10.0.0.1:6379/2", "redis://10.0.0.1:6379/2"),
            ("redis://:secret@host", "redis://:***@host"),
            (
                "rediss://ivr:se/cr@et:1@host:6380",
                "rediss://ivr:***@host:6380",
            ),
        ];
        for (url, described) in cases {
            assert_eq!(without_password(url), described);
        }
    }
}
