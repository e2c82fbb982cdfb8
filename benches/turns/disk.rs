//! The store on disk beside its database alone: the same bytes, as many at a time as the store's writer gathers.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::future::join_all;
use hookswitch::engine::{CallSid, Fingerprint};
use hookswitch::store::{Commit, Committed, Options, Seal, Store, Trace};
use jiff::Timestamp;
use redb::backends::FileBackend;
use redb::{Database, Durability, StorageBackend, TableDefinition};
use serde_json::json;

use super::call::TURNS;
use super::{Fault, USAGE};

/// Calls under way at once: as many as the generator has connections.
const CALLERS: usize = 64;
/// Bytes of a state and of a reply, as the measured flow has them.
const STATE: usize = 150;
const REPLY: usize = 900;
/// Bytes of the first and of every other entry of a trail.
const TRAIL_BEGIN: usize = 70;
const TRAIL: usize = 30;
const TABLE: TableDefinition<&str, &[u8]> = TableDefinition::new("calls");

/// `disk`: commits a second of `local:` and of redb alone; a line of JSON on stdout.
pub fn run(words: &[&str]) -> Result<(), Fault> {
    let [folder, seconds] = words else {
        return Err(USAGE.into());
    };
    let (folder, seconds) = (
        tempfile::tempdir_in(folder)?,
        Duration::from_secs_f64(seconds.parse()?),
    );
    let syncs = Arc::new(AtomicU64::new(0));
    let store = store(&folder.path().join("store"), seconds, &syncs)?;
    // redb syncs once a commit.
    let group = (store / syncs.load(Ordering::Relaxed).max(1) as f64)
        .round()
        .max(1.0);
    let alone = alone(&folder.path().join("alone"), seconds, group as usize)?;
    let each = |commits: f64| commits / seconds.as_secs_f64();
    println!(
        "{}",
        json!({ "server": "disk", "group": group, "store": each(store), "alone": each(alone) })
    );
    Ok(())
}

/// Commits turns of calls through the contract for so long, and returns how many.
fn store(path: &Path, seconds: Duration, syncs: &Arc<AtomicU64>) -> Result<f64, Fault> {
    let options = Options {
        url: "local:".to_owned(),
        seal: Seal::from_tokens(&["a token"])?,
        deadline: Duration::from_secs(30),
        keep_finished: Duration::from_hours(1),
        keep_trail: Duration::from_hours(7 * 24),
        keep_delivered: Duration::ZERO,
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let (file, counted) = (path.to_owned(), Arc::clone(syncs));
    runtime.block_on(async {
        let open =
            move || Database::builder().create_with_backend(Counting::open(&file, &counted)?);
        let store = Store::with_database(options, open).await?;
        syncs.store(0, Ordering::Relaxed);
        let until = Instant::now() + seconds;
        let commits = join_all((0..CALLERS).map(|caller| play(&store, caller, until))).await;
        let total = commits
            .into_iter()
            .sum::<Result<u64, hookswitch::store::Error>>()?;
        let counted = syncs.load(Ordering::Relaxed);
        store.close().await?;
        syncs.store(counted, Ordering::Relaxed);
        Ok(total as f64)
    })
}

async fn play(
    store: &Store,
    caller: usize,
    until: Instant,
) -> Result<u64, hookswitch::store::Error> {
    let (state, reply) = (
        Bytes::from(vec![b's'; STATE]),
        Bytes::from(vec![b'r'; REPLY]),
    );
    for turns in 0.. {
        if Instant::now() > until {
            return Ok(turns);
        }
        // As much as the measured flow leaves behind.
        let trail = if turns.is_multiple_of(TURNS as u64) {
            TRAIL_BEGIN
        } else {
            TRAIL
        };
        let (call, turn) = (turns / TURNS as u64, (turns % TURNS as u64) as u32);
        let commit = Commit {
            sid: CallSid::parse(&name(caller, call)).expect("it is legal"),
            from_turn: turn,
            from_revision: turn,
            turn: turn + 1,
            state: state.clone(),
            reply: reply.clone(),
            version: Fingerprint(1),
            finished: turn as usize + 1 == TURNS,
            due: Timestamp::now(),
            rows: Vec::new(),
            trail: (trail > 0)
                .then(|| Trace {
                    at: Timestamp::now(),
                    entry: vec![b't'; trail].into(),
                })
                .into_iter()
                .collect(),
        };
        if !matches!(store.commit(commit).await?, Committed::Done) {
            return Err(hookswitch::store::Error::Closed);
        }
    }
    Ok(0)
}

/// Writes the same records with redb alone, so many a transaction.
fn alone(path: &Path, seconds: Duration, group: usize) -> Result<f64, Fault> {
    let database = Database::create(path)?;
    let record = vec![b'r'; STATE + REPLY + 36];
    let (until, mut commits) = (Instant::now() + seconds, 0);
    while Instant::now() < until {
        let mut transaction = database.begin_write()?;
        transaction.set_durability(Durability::Immediate)?;
        let mut table = transaction.open_table(TABLE)?;
        for _ in 0..group {
            let (caller, turns) = (commits % CALLERS as u64, commits / CALLERS as u64);
            table.insert(
                name(caller as usize, turns / TURNS as u64).as_str(),
                &record[..],
            )?;
            commits += 1;
        }
        drop(table);
        transaction.commit()?;
    }
    Ok(commits as f64)
}

/// A call's name, as scattered as the carrier's are.
fn name(caller: usize, call: u64) -> String {
    let mixed = (call * CALLERS as u64 + caller as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    format!("CA{mixed:016x}{:016x}", !mixed)
}

/// A file that counts its syncs.
#[derive(Debug)]
struct Counting {
    file: FileBackend,
    syncs: Arc<AtomicU64>,
}

impl Counting {
    fn open(path: &PathBuf, syncs: &Arc<AtomicU64>) -> Result<Self, redb::DatabaseError> {
        let file = std::fs::OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path);
        let file = FileBackend::new(file.map_err(redb::StorageError::from)?)?;
        Ok(Self {
            file,
            syncs: Arc::clone(syncs),
        })
    }
}

impl StorageBackend for Counting {
    fn len(&self) -> std::io::Result<u64> {
        self.file.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> std::io::Result<()> {
        self.file.read(offset, out)
    }

    fn set_len(&self, len: u64) -> std::io::Result<()> {
        self.file.set_len(len)
    }

    fn sync_data(&self) -> std::io::Result<()> {
        self.syncs.fetch_add(1, Ordering::Relaxed);
        self.file.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> std::io::Result<()> {
        self.file.write(offset, data)
    }

    fn close(&self) -> std::io::Result<()> {
        self.file.close()
    }
}
