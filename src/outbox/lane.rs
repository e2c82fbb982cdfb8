//! One backend's lane: whether its rows may be tried now, the attempt, and writing down what came of it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tokio::sync::{Notify, watch};

use super::backend::Backend;
use super::circuit::{Change, Circuit, Ending, Pass};
use super::delivery::{Courier, Outcome};
use super::schedule::{is_forgotten, judge, later, read_retry_after};
use super::surroundings::{Settled, Surroundings};
use crate::store::{self, Attempt, Row, RowState, Settlement, Store};

/// How long a backend is left alone that has too much to do and does not say for how long.
const OVERWHELMED: Duration = Duration::from_secs(5);

/// The first wait before an outcome that the store did not take is written again; it doubles.
const SETTLE_WAIT: Duration = Duration::from_millis(100);

/// The longest such wait.
const SETTLE_WAIT_MAX: Duration = Duration::from_secs(5);

/// How often an outcome is still offered to the store once the outbox is cut off.
const SETTLE_LAST_TRIES: u32 = 3;

/// How far the end of the outbox has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd)]
pub(super) enum Phase {
    /// At work.
    Running,
    /// Nothing new is attempted.
    Stopping,
    /// What is still under way is cut off.
    Cut,
}

/// One backend, and what is known of it.
pub(super) struct Lane {
    pub backend: Backend,
    pub store: Store,
    pub courier: Courier,
    pub surroundings: Surroundings,
    pub circuit: Mutex<Circuit>,
    /// Whether the store says that it is paused; true until it has said.
    pub paused: AtomicBool,
    /// Asks for a sweep at once.
    pub wake: Notify,
}

/// What is done with a row that this node holds.
pub(super) enum Gate {
    /// It is tried.
    Attempt(UnderWay),
    /// It waits here, at most for so long.
    Wait(Duration),
    PutBack,
    Forgotten,
    /// The lease is over: it is no longer ours to touch.
    Leave,
}

/// An attempt that the circuit let through, until it is over.
pub(super) struct UnderWay(Arc<Lane>);

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.circuit().leave();
    }
}

impl Lane {
    /// The store's time, by which rows are due and leases end.
    pub(super) fn now(&self) -> Timestamp {
        self.store.now()
    }

    pub(super) fn is_paused(&self) -> bool {
        self.backend.paused || self.paused.load(Ordering::Relaxed)
    }

    pub(super) fn circuit(&self) -> MutexGuard<'_, Circuit> {
        self.circuit.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks the store whether the backend is paused.
    pub(super) async fn refresh_paused(&self) -> Result<(), store::Error> {
        let paused = self.store.paused().await?.contains(&self.backend.name);
        self.paused.store(paused, Ordering::Relaxed);
        Ok(())
    }

    /// Leases what is due, as much as may be tried now.
    pub(super) async fn lease_due(&self, limit: usize) -> Result<Vec<Row>, store::Error> {
        self.refresh_paused().await?;
        let now = self.now();
        let limit = self.circuit().appetite(now).min(limit);
        if self.is_paused() || limit == 0 {
            return Ok(Vec::new());
        }
        self.store
            .lease_rows(
                &self.backend.name,
                now,
                later(now, self.backend.lease()),
                limit,
            )
            .await
    }

    /// Does with a leased row what its gate says, and writes it down. One that would have to wait is given back.
    pub(super) async fn handle(&self, row: Row, gate: Gate, mut phase: watch::Receiver<Phase>) {
        let now = self.now();
        let (settlement, attempt) = match gate {
            Gate::Leave => return,
            Gate::PutBack | Gate::Wait(_) => (Settlement::PutBack { at: now }, None),
            Gate::Forgotten => (self.park_forgotten(&row), None),
            Gate::Attempt(under_way) => {
                let (settlement, attempt) = self.attempt(&row, &mut phase).await;
                drop(under_way);
                (settlement, Some(attempt))
            }
        };
        self.settle(&row, settlement, attempt, &mut phase).await;
    }

    /// What can be done with a row now.
    pub(super) fn gate(self: &Arc<Self>, row: &Row, phase: Phase) -> Gate {
        let now = self.now();
        if now >= row.next {
            return Gate::Leave;
        }
        let spare = row.next.duration_since(later(now, self.backend.timeout));
        if phase != Phase::Running || self.is_paused() || spare.is_negative() {
            return Gate::PutBack;
        }
        if is_forgotten(row, now, self.backend.remembers) {
            return Gate::Forgotten;
        }
        match self.circuit().enter(now) {
            Pass::Go => Gate::Attempt(UnderWay(Arc::clone(self))),
            Pass::Shut => Gate::PutBack,
            Pass::Wait(wait) => {
                // A moment later than the lease has to spare, so that it is given back then.
                let spare = spare.unsigned_abs() + Duration::from_millis(1);
                Gate::Wait(wait.map_or(spare, |wait| wait.min(spare)))
            }
        }
    }

    fn park_forgotten(&self, row: &Row) -> Settlement {
        let error = "the backend may have it, and no longer remembers its id".to_owned();
        let settlement = Settlement::Park {
            state: RowState::Uncertain,
            error,
        };
        self.tell(row, &settlement, None);
        settlement
    }

    async fn attempt(
        &self,
        row: &Row,
        phase: &mut watch::Receiver<Phase>,
    ) -> (Settlement, Attempt) {
        let (began, at) = (Instant::now(), (self.surroundings.clock)());
        let outcome = tokio::select! {
            outcome = self.courier.deliver(&self.backend, row, at) => Some(outcome),
            () = cut(phase) => None,
        };
        let now = self.now();
        let settlement = match &outcome {
            Some(outcome) => judge(
                row,
                outcome,
                now,
                self.backend.remembers,
                (self.surroundings.random)(),
            ),
            None => Settlement::CutOff { at: now },
        };
        let took = began.elapsed();
        if let Some(outcome) = &outcome {
            self.note(outcome, now);
        }
        self.tell(row, &settlement, Some(took));
        let came_to = outcome
            .as_ref()
            .map_or_else(|| "cut off by our own end".to_owned(), Outcome::to_string);
        let answer = outcome.as_ref().and_then(Outcome::answer);
        (
            settlement,
            Attempt {
                at,
                took,
                came_to,
                answer,
            },
        )
    }

    fn note(&self, outcome: &Outcome, now: Timestamp) {
        let mut circuit = self.circuit();
        let backend = &self.backend.name;
        match circuit.note(ending(outcome, now), now) {
            None => {}
            Some(Change::Opened) => {
                tracing::error!(backend, last = %outcome, "Backend fails again and again: its deliveries wait, but for a probe.");
            }
            Some(Change::Closed) => {
                tracing::info!(backend, "Backend is back.");
                self.wake.notify_one();
            }
            Some(Change::Paused) => {
                let until = circuit.paused_until(now).unwrap_or(now);
                tracing::warn!(backend, last = %outcome, %until, "Backend asks to be left alone: its deliveries wait.");
            }
        }
    }

    fn tell(&self, row: &Row, settlement: &Settlement, took: Option<Duration>) {
        let backend = &self.backend.name;
        let attempts = row.attempts;
        let id = &row.id;
        let result = match settlement {
            Settlement::Delivered => {
                tracing::debug!(%id, backend, attempts, "Delivery made.");
                Settled::Delivered
            }
            Settlement::Retry { at, error, .. } => {
                tracing::warn!(%id, backend, attempts, error, next = %at, "Delivery failed; it will be tried again.");
                Settled::Failed
            }
            Settlement::Park { state, error } => {
                let state_name = state.as_str();
                tracing::error!(%id, backend, attempts, error, state = state_name, "Delivery set aside: a person decides.");
                if *state == RowState::Uncertain {
                    Settled::Uncertain
                } else {
                    Settled::Dead
                }
            }
            Settlement::CutOff { .. } => {
                tracing::info!(%id, backend, attempts, "Delivery cut off by our own end.");
                Settled::CutOff
            }
            Settlement::PutBack { .. } => return,
        };
        self.surroundings.observer.settled(backend, result, took);
    }

    /// Offers an outcome to the store until it takes it. What was not delivered is given up once the lease is over: the
    /// row is then due for everyone, under the same id.
    async fn settle(
        &self,
        row: &Row,
        settlement: Settlement,
        attempt: Option<Attempt>,
        phase: &mut watch::Receiver<Phase>,
    ) {
        let mut wait = SETTLE_WAIT;
        let mut last_tries = SETTLE_LAST_TRIES;
        loop {
            let settled = match attempt.clone() {
                Some(attempt) => {
                    self.store
                        .settle_attempt(row, settlement.clone(), attempt)
                        .await
                }
                None => self.store.settle(&row.id, settlement.clone()).await,
            };
            let Err(error) = settled else { return };
            let is_delivered = matches!(settlement, Settlement::Delivered);
            tracing::warn!(id = %row.id, %error, "Outcome of a delivery could not be written down yet.");
            if *phase.borrow() == Phase::Cut {
                last_tries -= 1;
                wait = SETTLE_WAIT;
            }
            if last_tries == 0 || (!is_delivered && self.now() >= row.next) {
                return;
            }
            tokio::select! {
                () = tokio::time::sleep(wait) => wait = (wait * 2).min(SETTLE_WAIT_MAX),
                () = cut(phase), if *phase.borrow() != Phase::Cut => {}
            }
        }
    }
}

/// What an attempt says of the backend as a whole. A wish to be left alone is one to leave all deliveries alone.
fn ending(outcome: &Outcome, now: Timestamp) -> Ending {
    let asked = outcome
        .retry_after()
        .and_then(|text| read_retry_after(text, now))
        .filter(|wait| !wait.is_zero());
    match (outcome, asked) {
        (Outcome::Answered { status: 429, .. }, asked) => {
            Ending::Pause(asked.unwrap_or(OVERWHELMED))
        }
        (Outcome::Answered { status: 503, .. }, Some(wait)) => Ending::Pause(wait),
        _ if outcome.is_alive() => Ending::Alive,
        _ => Ending::Failed,
    }
}

/// Waits until what is under way is cut off.
async fn cut(phase: &mut watch::Receiver<Phase>) {
    // An error means that nobody is left to cut anything off: the runtime ends, or the attempt goes on.
    if phase.wait_for(|phase| *phase == Phase::Cut).await.is_err() {
        std::future::pending::<()>().await;
    }
}
