//! The running outbox: one task per backend, so that one that is down does not slow the others.

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
use super::client::DeliveryClient;
use super::lane::{Admission, Lane, Phase};
use super::surroundings::Surroundings;
use super::{Error, admin};
use crate::store::{self, Backlog, Row, Store};

/// How many rows of fresh commits wait in memory for a backend; the rest wait in the store.
const QUEUE: usize = 1_024;

/// The running outbox. Clones share it. Dropped without [`Outbox::stop`], it ends as if the process were killed.
#[derive(Clone)]
pub struct Outbox {
    inner: Arc<Inner>,
}

struct Inner {
    store: Store,
    lanes: BTreeMap<String, LaneHandle>,
    phase: watch::Sender<Phase>,
    tasks: Mutex<Vec<JoinHandle<()>>>,
}

struct LaneHandle {
    lane: Arc<Lane>,
    queue: mpsc::Sender<Row>,
}

/// The condition of a backend, for metrics and the console.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackendCondition {
    /// Its name.
    pub backend: String,
    /// Whether it was paused, in the settings or by a command.
    pub paused: bool,
    /// Whether it fails so often that it gets nothing but probes.
    pub failing: bool,
    /// Until when it has asked not to be called.
    pub waits_until: Option<Timestamp>,
}

impl Outbox {
    /// Starts one task per backend on the current runtime.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn start(
        store: Store,
        backends: Vec<Backend>,
        surroundings: &Surroundings,
    ) -> Result<Self, Error> {
        let client = DeliveryClient::build()?;
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
                client: client.clone(),
                surroundings: surroundings.clone(),
                circuit,
                paused: AtomicBool::new(true),
                wake: Notify::new(),
            });
            let (queue, fresh) = mpsc::channel(QUEUE);
            tasks.push(tokio::spawn(
                LaneTask::new(lane.clone(), fresh, watching.clone()).run(),
            ));
            lanes.insert(name, LaneHandle { lane, queue });
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

    /// Sends rows that a commit has just written, leased to this node ([`Outbox::lease`]) and with unsealed bodies.
    /// Returns at once. Rows that do not fit in the queue are found by a sweep once their lease is over.
    pub fn send_now(&self, rows: Vec<Row>) {
        for row in rows {
            let Some(handle) = self.inner.lanes.get(&row.backend) else {
                tracing::warn!(id = %row.id, backend = row.backend, "Delivery waits: its backend is not configured.");
                continue;
            };
            if let Err(error) = handle.queue.try_send(row) {
                tracing::debug!(%error, "Delivery waits for the next sweep.");
            }
        }
    }

    /// Tries one backend's due rows now, as a sweep would, and waits until the results are written. Returns the number
    /// of rows; 0 for a backend that is not configured.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn try_due(&self, backend: &str) -> Result<usize, store::Error> {
        let Some(handle) = self.inner.lanes.get(backend) else {
            return Ok(0);
        };
        let lane = &handle.lane;
        let rows = lane.lease_due(lane.backend.concurrency).await?;
        let taken = rows.len();
        let attempt = |row: Row| {
            let phase = self.inner.phase.subscribe();
            let admission = lane.admit(&row, *phase.borrow());
            lane.handle(row, admission, phase)
        };
        join_all(rows.into_iter().map(attempt)).await;
        Ok(taken)
    }

    /// Pauses or resumes a backend, as [`admin::pause`] does, and on this node at once. A backend paused in the settings
    /// stays paused.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn pause(&self, backend: &str, pause: bool, by: &str) -> Result<(), store::Error> {
        admin::pause(&self.inner.store, backend, pause, by).await?;
        if let Some(LaneHandle { lane, .. }) = self.inner.lanes.get(backend) {
            lane.paused.store(pause, Ordering::Relaxed);
            lane.wake.notify_one();
        }
        Ok(())
    }

    /// Sweeps every backend now, because somebody has changed rows.
    pub fn wake(&self) {
        for handle in self.inner.lanes.values() {
            handle.lane.wake.notify_one();
        }
    }

    /// Whether a backend is paused, so that a commit need not lease its rows to a node.
    pub fn is_paused(&self, backend: &str) -> bool {
        self.inner
            .lanes
            .get(backend)
            .is_some_and(|handle| handle.lane.is_paused())
    }

    /// How long a commit leases a row for this backend to this node.
    pub fn lease(&self, backend: &str) -> Duration {
        self.inner
            .lanes
            .get(backend)
            .map_or(LEASE, |handle| handle.lane.backend.lease())
    }

    /// The condition of each configured backend, by name.
    pub fn conditions(&self) -> Vec<BackendCondition> {
        let condition = |(name, LaneHandle { lane, .. }): (&String, &LaneHandle)| {
            let circuit = lane.circuit();
            let (failing, waits_until) = (circuit.is_open(), circuit.paused_until(lane.now()));
            BackendCondition {
                backend: name.clone(),
                paused: lane.is_paused(),
                failing,
                waits_until,
            }
        };
        self.inner.lanes.iter().map(condition).collect()
    }

    /// Stops: makes no new attempts, gives back the rows held here, and lets attempts under way finish within `grace`.
    /// Those that do not are cut off, which does not count as an attempt. Takes a few seconds longer if the store is
    /// unavailable.
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

/// Rows of backends that are no longer configured stay in the store, and nobody sends them.
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

/// What a subtask has done.
enum Done {
    /// A row was handled.
    Row,
    /// A sweep took these rows.
    Sweep(Vec<Row>),
}

/// The task of one backend, from start to stop.
struct LaneTask {
    lane: Arc<Lane>,
    fresh: mpsc::Receiver<Row>,
    phase: watch::Receiver<Phase>,
    /// Rows leased to this node that wait for room.
    held: VecDeque<Row>,
    under_way: JoinSet<Done>,
    sweeping: bool,
    next_sweep: Instant,
}

impl LaneTask {
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
        // Fresh rows wait until it is known whether the backend is paused.
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

    /// Handles as many held rows as possible. Returns how long the first remaining one can wait; those behind it were
    /// leased later.
    fn begin_held(&mut self) -> Option<Duration> {
        let reached = *self.phase.borrow();
        while let Some(row) = self.held.pop_front() {
            let admission = self.lane.admit(&row, reached);
            if let Admission::Wait(wait) = admission {
                self.held.push_front(row);
                return Some(wait);
            }
            let (lane, phase) = (self.lane.clone(), self.phase.clone());
            self.under_way.spawn(async move {
                lane.handle(row, admission, phase).await;
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
                tracing::error!(backend = self.lane.backend.name, %error, "A task of the outbox panicked: this is a bug.");
                Vec::new()
            }
        };
        // Only a sweep that finds nothing shows that there is no more.
        let wait = if rows.is_empty() {
            self.until_sweep()
        } else {
            Duration::ZERO
        };
        self.held.extend(rows);
        self.sweeping = false;
        self.next_sweep = Instant::now() + wait;
    }

    /// The time to the next sweep when nothing is due; not longer than the pause that the backend asked for.
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

    /// Gives back the held rows and waits for the attempts under way.
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
