//! The outbox at work: one task a backend, so that a dead one slows no other.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::join_all;
use jiff::Timestamp;
use tokio::sync::{Notify, mpsc, watch};
use tokio::task::{JoinError, JoinHandle, JoinSet};
use tokio::time::Instant;

use super::backend::{Backend, LEASE};
use super::circuit::Circuit;
use super::delivery::Courier;
use super::lane::{Gate, Lane, Phase};
use super::surroundings::Surroundings;
use super::{Error, admin};
use crate::store::{self, Backlog, Row, Store};

/// How many rows of fresh commits wait in memory for a backend; what does not fit waits in the store.
const QUEUE: usize = 1_024;

/// The outbox at work. Clones are the same outbox; dropped without [`Outbox::stop`], it ends as a killed process would.
#[derive(Clone)]
pub struct Outbox {
    inner: Arc<Inner>,
}

struct Inner {
    store: Store,
    lanes: BTreeMap<String, Entrance>,
    phase: watch::Sender<Phase>,
    tasks: Mutex<Vec<JoinHandle<()>>>,
}

struct Entrance {
    lane: Arc<Lane>,
    queue: mpsc::Sender<Row>,
}

/// How a backend does, for metrics and the console.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// Its name.
    pub backend: String,
    /// Whether its rows wait because somebody said so, in the settings or by a command.
    pub paused: bool,
    /// Whether it fails so often that it is left alone but for probes.
    pub failing: bool,
    /// Until when it has asked to be left alone.
    pub waits_until: Option<Timestamp>,
}

impl Outbox {
    /// Begins the work: one task a backend, on the runtime that this is called on.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn start(
        store: Store,
        backends: Vec<Backend>,
        surroundings: Surroundings,
    ) -> Result<Self, Error> {
        let courier = Courier::build()?;
        let (phase, watching) = watch::channel(Phase::Running);
        let mut lanes = BTreeMap::new();
        let mut tasks = Vec::new();
        for backend in backends {
            warn_of(&backend);
            let name = backend.name.clone();
            let circuit = Mutex::new(Circuit::new(backend.concurrency, backend.pace));
            let lane = Arc::new(Lane {
                backend,
                store: store.clone(),
                courier: courier.clone(),
                surroundings: surroundings.clone(),
                circuit,
                paused: AtomicBool::new(true),
                wake: Notify::new(),
            });
            let (queue, fresh) = mpsc::channel(QUEUE);
            tasks.push(tokio::spawn(
                Shift::new(lane.clone(), fresh, watching.clone()).run(),
            ));
            lanes.insert(name, Entrance { lane, queue });
        }
        tasks.push(tokio::spawn(warn_of_orphans(
            store.clone(),
            lanes.keys().cloned().collect(),
        )));
        Ok(Self {
            inner: Arc::new(Inner {
                store,
                lanes,
                phase,
                tasks: Mutex::new(tasks),
            }),
        })
    }

    /// Sends rows that a commit has just written, leased to this node ([`Outbox::lease`]), their bodies not sealed.
    /// Returns at once. What finds no room is left to a sweep when its lease is over.
    pub fn send_now(&self, rows: Vec<Row>) {
        for row in rows {
            let Some(entrance) = self.inner.lanes.get(&row.backend) else {
                tracing::warn!(id = %row.id, backend = row.backend, "Delivery waits: its backend is not configured.");
                continue;
            };
            if let Err(error) = entrance.queue.try_send(row) {
                tracing::debug!(%error, "Delivery is left to a sweep.");
            }
        }
    }

    /// Tries what is due of one backend now, as a sweep would, and waits until all is written down. Returns how many
    /// rows it took up; none for a backend that is not configured.
    ///
    /// # Errors
    /// When the store does not say what is due.
    pub async fn try_due(&self, backend: &str) -> Result<usize, store::Error> {
        let Some(entrance) = self.inner.lanes.get(backend) else {
            return Ok(0);
        };
        let lane = &entrance.lane;
        let rows = lane.lease_due(lane.backend.concurrency).await?;
        let taken = rows.len();
        let handle = |row: Row| {
            let phase = self.inner.phase.subscribe();
            let gate = lane.gate(&row, *phase.borrow());
            lane.handle(row, gate, phase)
        };
        join_all(rows.into_iter().map(handle)).await;
        Ok(taken)
    }

    /// Pauses a backend or resumes it, as [`admin::pause`] does, and on this node at once. One that the settings pause
    /// stays paused.
    ///
    /// # Errors
    /// When the store does not take it.
    pub async fn pause(&self, backend: &str, pause: bool, by: &str) -> Result<(), store::Error> {
        admin::pause(&self.inner.store, backend, pause, by).await?;
        if let Some(Entrance { lane, .. }) = self.inner.lanes.get(backend) {
            lane.paused.store(pause, Ordering::Relaxed);
            lane.wake.notify_one();
        }
        Ok(())
    }

    /// Looks for due rows of every backend now, and not at the next sweep: somebody has changed some.
    pub fn wake(&self) {
        for entrance in self.inner.lanes.values() {
            entrance.lane.wake.notify_one();
        }
    }

    /// Whether rows of a backend wait for a person, so that a commit need not lease them to anybody.
    pub fn is_paused(&self, backend: &str) -> bool {
        self.inner
            .lanes
            .get(backend)
            .is_some_and(|entrance| entrance.lane.is_paused())
    }

    /// How long a row for a backend is this node's alone once a commit has written it.
    pub fn lease(&self, backend: &str) -> Duration {
        self.inner
            .lanes
            .get(backend)
            .map_or(LEASE, |entrance| entrance.lane.backend.lease())
    }

    /// How each configured backend does, by name.
    pub fn conditions(&self) -> Vec<Condition> {
        let condition = |(name, Entrance { lane, .. }): (&String, &Entrance)| {
            let circuit = lane.circuit();
            let (failing, waits_until) = (circuit.is_open(), circuit.paused_until(lane.now()));
            Condition {
                backend: name.clone(),
                paused: lane.is_paused(),
                failing,
                waits_until,
            }
        };
        self.inner.lanes.iter().map(condition).collect()
    }

    /// Ends the work: nothing new is attempted, what is held is given back, and what is under way has `grace` to end;
    /// then it is cut off, which does not count as an attempt. Takes a few seconds longer if the store is away.
    pub async fn stop(&self, grace: Duration) {
        self.inner.phase.send_replace(Phase::Stopping);
        let mut tasks = std::mem::take(
            &mut *self
                .inner
                .tasks
                .lock()
                .unwrap_or_else(PoisonError::into_inner),
        );
        let ended = tokio::time::timeout(grace, join_all(tasks.iter_mut())).await;
        self.inner.phase.send_replace(Phase::Cut);
        if ended.is_err() {
            join_all(tasks.into_iter().filter(|task| !task.is_finished())).await;
        }
    }
}

fn warn_of(backend: &Backend) {
    for warning in backend.warnings() {
        tracing::warn!(backend = backend.name, url = %backend.target, "{warning}");
    }
}

/// Rows of backends that are not configured (any more) stay, and nobody sends them.
async fn warn_of_orphans(store: Store, configured: Vec<String>) {
    match store.backlog().await {
        Err(error) => tracing::warn!(%error, "The backlog could not be read at start."),
        Ok(backlogs) => {
            let is_orphaned =
                |backlog: &&Backlog| backlog.owed() > 0 && !configured.contains(&backlog.backend);
            for backlog in backlogs.iter().filter(is_orphaned) {
                let rows = backlog.owed();
                tracing::warn!(
                    backend = backlog.backend,
                    rows,
                    "Deliveries wait for a backend that is not configured."
                );
            }
        }
    }
}

/// What a task of a backend's shift came to.
enum Done {
    /// A row was handled.
    Row,
    /// A sweep took these rows.
    Sweep(Vec<Row>),
}

/// The work on one backend, from start to end.
struct Shift {
    lane: Arc<Lane>,
    fresh: mpsc::Receiver<Row>,
    phase: watch::Receiver<Phase>,
    /// Rows that this node holds and that wait for room.
    held: VecDeque<Row>,
    under_way: JoinSet<Done>,
    sweeping: bool,
    next_sweep: Instant,
}

impl Shift {
    fn new(lane: Arc<Lane>, fresh: mpsc::Receiver<Row>, phase: watch::Receiver<Phase>) -> Self {
        let Surroundings {
            sweep_every,
            random,
            ..
        } = &lane.surroundings;
        let next_sweep = Instant::now() + sweep_every.mul_f64(random());
        let (held, under_way) = (VecDeque::new(), JoinSet::new());
        Self {
            lane,
            fresh,
            phase,
            held,
            under_way,
            sweeping: false,
            next_sweep,
        }
    }

    async fn run(mut self) {
        let lane = self.lane.clone();
        // Fresh rows wait until it is known whether they may go.
        if let Err(error) = lane.refresh_paused().await {
            tracing::warn!(backend = lane.backend.name, %error, "Backend waits: the store does not say if it is paused.");
        }
        loop {
            let wait = self.begin_held();
            let sweeps = self.held.is_empty() && !self.sweeping && !lane.circuit().is_full();
            tokio::select! {
                changed = self.phase.changed() => match changed {
                    Ok(()) => return self.finish().await,
                    Err(_) => return,
                },
                Some(row) = self.fresh.recv(), if self.held.len() < QUEUE => self.held.push_back(row),
                Some(done) = self.under_way.join_next() => self.note(done),
                () = tokio::time::sleep_until(self.next_sweep), if sweeps => self.begin_sweep(),
                () = tokio::time::sleep(wait.unwrap_or_default()), if wait.is_some() => {}
                () = lane.wake.notified() => self.next_sweep = Instant::now(),
            }
        }
    }

    /// Does with the rows that are held what can be done now. Returns how long the first of those that are left can
    /// wait: those behind it were leased later.
    fn begin_held(&mut self) -> Option<Duration> {
        let reached = *self.phase.borrow();
        while let Some(row) = self.held.pop_front() {
            let gate = self.lane.gate(&row, reached);
            if let Gate::Wait(wait) = gate {
                self.held.push_front(row);
                return Some(wait);
            }
            let (lane, phase) = (self.lane.clone(), self.phase.clone());
            self.under_way.spawn(async move {
                lane.handle(row, gate, phase).await;
                Done::Row
            });
        }
        None
    }

    fn begin_sweep(&mut self) {
        self.sweeping = true;
        let lane = self.lane.clone();
        self.under_way.spawn(async move {
            let rows = lane.lease_due(usize::MAX).await.unwrap_or_else(|error| {
                tracing::warn!(backend = lane.backend.name, %error, "What is due could not be read.");
                Vec::new()
            });
            Done::Sweep(rows)
        });
    }

    fn note(&mut self, done: Result<Done, JoinError>) {
        let rows = match done {
            Ok(Done::Row) => return,
            Ok(Done::Sweep(rows)) => rows,
            Err(error) => {
                tracing::error!(backend = self.lane.backend.name, %error, "A task of the outbox broke: this is a bug.");
                Vec::new()
            }
        };
        // Only a sweep that finds nothing knows that there is no more.
        let wait = if rows.is_empty() {
            self.until_sweep()
        } else {
            Duration::ZERO
        };
        self.held.extend(rows);
        self.sweeping = false;
        self.next_sweep = Instant::now() + wait;
    }

    /// How long to the next sweep where nothing is due; no longer than the backend has asked for.
    fn until_sweep(&self) -> Duration {
        let Surroundings {
            sweep_every,
            random,
            ..
        } = &self.lane.surroundings;
        let now = self.lane.now();
        let pause = self
            .lane
            .circuit()
            .paused_until(now)
            .map(|until| until.duration_since(now).unsigned_abs());
        let wait = sweep_every.mul_f64(0.8 + 0.4 * random());
        pause.map_or(wait, |pause| wait.min(pause))
    }

    /// Gives back what is held, and waits for what is under way.
    async fn finish(mut self) {
        self.fresh.close();
        while let Ok(row) = self.fresh.try_recv() {
            self.held.push_back(row);
        }
        loop {
            self.begin_held();
            match self.under_way.join_next().await {
                Some(done) => self.note(done),
                None => return,
            }
        }
    }
}
