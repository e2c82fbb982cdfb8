//! The store on disk under power loss: what was acknowledged is there whole, and nothing is there by half.
//!
//! The disk is simulated: a sync makes everything before it last; of what was written since, a power loss keeps any
//! subset of its 512-byte sectors. The moment of the loss and the subset are drawn from a seed.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use hookswitch::store::{
    Commit, Committed, Error, Row, RowFilter, RowId, Settlement, Store, Stored,
};
use redb::{Database, StorageBackend};

use crate::store::{AllRows as _, at, options, row, sid, turn};

const SEEDS: u64 = 200;
const SECTOR: usize = 512;
const CALLS: usize = 8;
/// Turns of each call in a round.
const TURNS: u32 = 12;
/// Power losses a seed.
const ROUNDS: usize = 2;

/// SplitMix64.
#[derive(Debug)]
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }
}

/// What was written and not synced.
#[derive(Debug)]
enum Unsynced {
    Length(usize),
    Bytes(usize, Vec<u8>),
}

#[derive(Debug)]
struct Platter {
    /// What survives.
    durable: Vec<u8>,
    /// What a reader sees.
    current: Vec<u8>,
    unsynced: Vec<Unsynced>,
    /// Writes and syncs until the power fails.
    left: u64,
    /// The negative control: a disk that says that it synced.
    lies: bool,
    random: Random,
}

fn put(bytes: &mut Vec<u8>, offset: usize, data: &[u8]) {
    bytes.resize(bytes.len().max(offset + data.len()), 0);
    bytes[offset..offset + data.len()].copy_from_slice(data);
}

impl Platter {
    fn tick(&mut self) -> io::Result<()> {
        self.left = self.left.saturating_sub(1);
        self.check()
    }

    fn check(&self) -> io::Result<()> {
        if self.left == 0 {
            Err(io::Error::other("the power is off"))
        } else {
            Ok(())
        }
    }

    fn sync(&mut self) {
        if !self.lies {
            self.unsynced.clear();
            self.durable.clone_from(&self.current);
        }
    }

    /// Loses what was not synced, but for the sectors that happen to have been written.
    fn lose(&mut self) {
        for write in std::mem::take(&mut self.unsynced) {
            match write {
                Unsynced::Length(length) if self.random.below(2) == 0 => {
                    self.durable.resize(length, 0);
                }
                Unsynced::Length(_) => {}
                Unsynced::Bytes(offset, data) => self.lose_sectors(offset, &data),
            }
        }
        self.current.clone_from(&self.durable);
    }

    fn lose_sectors(&mut self, offset: usize, data: &[u8]) {
        let mut from = 0;
        while from < data.len() {
            let to = data.len().min(from + SECTOR - (offset + from) % SECTOR);
            if self.random.below(2) == 0 {
                put(&mut self.durable, offset + from, &data[from..to]);
            }
            from = to;
        }
    }
}

#[derive(Clone, Debug)]
struct Disk(Arc<Mutex<Platter>>);

impl Disk {
    fn new(seed: u64) -> Self {
        let (durable, current, unsynced) = (Vec::new(), Vec::new(), Vec::new());
        let platter = Platter {
            durable,
            current,
            unsynced,
            left: u64::MAX,
            lies: false,
            random: Random(seed),
        };
        Self(Arc::new(Mutex::new(platter)))
    }

    fn with<T>(&self, act: impl FnOnce(&mut Platter) -> T) -> T {
        act(&mut self.0.lock().unwrap())
    }

    /// Lets the power fail after some writes and syncs.
    fn fail_soon(&self) {
        self.with(|platter| platter.left = 1 + platter.random.below(300));
    }

    /// Ends the power if it has not ended, and gives it back.
    fn cycle(&self) {
        self.with(|platter| {
            platter.lose();
            (platter.left, platter.lies) = (u64::MAX, false);
        });
    }

    async fn open(&self) -> Result<Store, Error> {
        let disk = self.clone();
        Store::with_database(options("local:simulated".to_owned()), move || {
            disk.with(|platter| platter.check())?;
            Database::builder().create_with_backend(disk.clone())
        })
        .await
    }
}

impl StorageBackend for Disk {
    fn len(&self) -> io::Result<u64> {
        self.with(|platter| platter.check().map(|()| platter.current.len() as u64))
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let offset = usize::try_from(offset).unwrap();
        self.with(|platter| {
            platter.check()?;
            let bytes = platter
                .current
                .get(offset..offset + out.len())
                .ok_or(io::ErrorKind::UnexpectedEof)?;
            out.copy_from_slice(bytes);
            Ok(())
        })
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        let length = usize::try_from(len).unwrap();
        self.with(|platter| {
            platter.tick()?;
            platter.current.resize(length, 0);
            platter.unsynced.push(Unsynced::Length(length));
            Ok(())
        })
    }

    fn sync_data(&self) -> io::Result<()> {
        self.with(|platter| {
            platter.tick()?;
            platter.sync();
            Ok(())
        })
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let offset = usize::try_from(offset).unwrap();
        self.with(|platter| {
            // What is being written when the power fails may be there in part.
            platter
                .unsynced
                .push(Unsynced::Bytes(offset, data.to_vec()));
            platter.tick()?;
            put(&mut platter.current, offset, data);
            Ok(())
        })
    }
}

/// What the client of one call knows.
#[derive(Clone, Debug, Default)]
struct Known {
    /// The last turn that was acknowledged; the next one may have been written too.
    turn: u32,
    /// Rows whose delivery was written down.
    delivered: BTreeSet<u32>,
    /// A row whose delivery may have been written down.
    maybe_delivered: Option<u32>,
}

fn call(number: usize) -> String {
    format!("CA{number}")
}

fn bytes(what: &str, name: &str, turn: u32) -> Bytes {
    // Long enough to cross sectors and pages.
    Bytes::from(format!("{what} {name} {turn} ").repeat(20 + usize::try_from(turn).unwrap() % 200))
}

/// Every second turn owes something.
fn owed(name: &str, turn: u32) -> Option<Row> {
    turn.is_multiple_of(2).then(|| Row {
        body: bytes("row", name, turn),
        ..row(name, turn, "crm")
    })
}

/// Plays a call until it has had its turns or the store fails.
async fn play(store: Store, name: String, mut known: Known) -> Known {
    for _ in 0..TURNS {
        let turn_now = known.turn + 1;
        let (state, reply) = (
            bytes("state", &name, turn_now),
            bytes("reply", &name, turn_now),
        );
        let rows = owed(&name, turn_now).into_iter().collect();
        let commit = Commit {
            state,
            reply,
            rows,
            due: at(i64::from(turn_now)),
            ..turn(&name, known.turn)
        };
        match store.commit(commit).await {
            Ok(Committed::Done) => known.turn = turn_now,
            Ok(other) => panic!("{name} is the only one on its call: {other:?}"),
            Err(_) => return known,
        }
        if turn_now.is_multiple_of(4) {
            let number = turn_now - 2;
            known.maybe_delivered = Some(number);
            let id = RowId {
                sid: sid(&name),
                key: number.into(),
            };
            if store.settle(&id, Settlement::Delivered).await.is_err() {
                return known;
            }
            known.delivered.insert(number);
            known.maybe_delivered = None;
        }
    }
    known
}

/// The turns that a call's trail tells of, and whether it tells of no other.
async fn trail_length(store: &Store, name: &str) -> Result<u32, String> {
    let trail = store
        .trail(&sid(name))
        .await
        .map_err(|error| error.to_string())?;
    let turns: Vec<_> = trail
        .into_iter()
        .flat_map(|trail| trail.entries)
        .map(|entry| entry.turn)
        .collect();
    let length = u32::try_from(turns.len()).map_err(|error| error.to_string())?;
    if turns.iter().copied().eq(1..=length) {
        Ok(length)
    } else {
        Err(format!("the trail of {name} is {turns:?}"))
    }
}

/// Holds what is stored against what a client knows; returns what it knows then.
fn check(
    name: &str,
    known: &Known,
    stored: Option<&Stored>,
    rows: &BTreeMap<u32, &Row>,
) -> Result<Known, String> {
    let turn = stored.map_or(0, |stored| stored.turn);
    if turn != known.turn && turn != known.turn + 1 {
        return Err(format!(
            "{name} is at turn {turn}, acknowledged was {}",
            known.turn
        ));
    }
    if let Some(stored) = stored
        && (stored.state != bytes("state", name, turn)
            || stored.reply != bytes("reply", name, turn))
    {
        return Err(format!(
            "{name} is at turn {turn} with the state or reply of another"
        ));
    }
    let mut delivered = known.delivered.clone();
    for number in (1..=turn).filter(|number| owed(name, *number).is_some()) {
        match rows.get(&number) {
            Some(_) if delivered.contains(&number) => {
                return Err(format!("{name}-{number} was delivered"));
            }
            Some(row) if row.body != bytes("row", name, number) => {
                return Err(format!("{name}-{number} is damaged"));
            }
            Some(_) => {}
            None if delivered.contains(&number) => {}
            None if known.maybe_delivered == Some(number) => drop(delivered.insert(number)),
            None => return Err(format!("{name}-{number} is lost")),
        }
    }
    match rows.keys().next_back() {
        Some(number) if *number > turn => Err(format!(
            "{name}-{number} belongs to a turn that is not there"
        )),
        _ => Ok(Known {
            turn,
            delivered,
            maybe_delivered: None,
        }),
    }
}

async fn check_all(store: &Store, known: &mut [Known]) -> Result<(), String> {
    let rows = store
        .rows(&RowFilter::default())
        .await
        .map_err(|error| error.to_string())?;
    for (number, known) in known.iter_mut().enumerate() {
        let name = call(number);
        let stored = store
            .load(&sid(&name))
            .await
            .map_err(|error| error.to_string())?;
        let rows = rows
            .iter()
            .filter(|row| row.id.sid == sid(&name))
            .map(|row| (row.id.key as u32, row))
            .collect();
        *known = check(&name, known, stored.as_ref(), &rows)?;
        let traced = trail_length(store, &name).await?;
        if traced != known.turn {
            return Err(format!(
                "{name} is at turn {}, its trail tells of {traced}",
                known.turn
            ));
        }
    }
    let counted: u64 = store
        .backlog()
        .await
        .map_err(|error| error.to_string())?
        .iter()
        .map(|owed| owed.rows[1])
        .sum();
    if counted == rows.len() as u64 {
        Ok(())
    } else {
        Err(format!("{counted} rows counted of {}", rows.len()))
    }
}

/// Plays, loses power and looks, some times over. How many turns were acknowledged, or what is wrong.
async fn survive(seed: u64, lies: bool) -> Result<u32, String> {
    let disk = Disk::new(seed);
    let mut known = vec![Known::default(); CALLS];
    for round in 0..ROUNDS {
        let in_opening = !lies && seed.is_multiple_of(8) && round == 1;
        if in_opening {
            disk.fail_soon();
        }
        if let Ok(store) = disk.open().await {
            disk.with(|platter| platter.lies = lies);
            disk.fail_soon();
            let calls = known.iter().enumerate();
            let calls = calls.map(|(number, known)| {
                tokio::spawn(play(store.clone(), call(number), known.clone()))
            });
            let calls: Vec<_> = calls.collect();
            for (call, known) in calls.into_iter().zip(&mut known) {
                *known = call.await.map_err(|error| error.to_string())?;
            }
            disk.with(|platter| platter.left = 0);
            store.close().await.map_err(|error| error.to_string())?;
        } else if !in_opening {
            return Err("the store does not open".to_owned());
        }
        disk.cycle();
        let store = disk
            .open()
            .await
            .map_err(|error| format!("the store does not open: {error}"))?;
        check_all(&store, &mut known).await?;
        store.close().await.map_err(|error| error.to_string())?;
    }
    Ok(known.iter().map(|known| known.turn).sum())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_survives_a_power_loss_whole() {
    let mut acknowledged = 0;
    for seed in 0..SEEDS {
        acknowledged += survive(seed, false)
            .await
            .unwrap_or_else(|wrong| panic!("seed {seed}: {wrong}"));
    }
    let all = u32::try_from(SEEDS).unwrap() * u32::try_from(CALLS * ROUNDS).unwrap() * TURNS;
    assert!(
        acknowledged > all / 20 && acknowledged < all,
        "{acknowledged} of {all}: the power fails at no good time"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_that_does_not_sync_is_caught() {
    for seed in 0..SEEDS {
        if survive(seed, true).await.is_err() {
            return;
        }
    }
    panic!("nothing was lost without a sync: this test proves nothing");
}
