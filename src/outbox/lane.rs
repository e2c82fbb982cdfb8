//! A backend's lane: decides whether a row may be tried now, makes the attempt and writes its result.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tokio::sync::{Notify, watch};

use super::backend::{Backend, DeliveryTarget};
use super::circuit::{AttemptEnd, Circuit, CircuitChange, Pass};
use super::client::DeliveryClient;
use super::outcome::AttemptOutcome;
use super::schedule::{is_forgotten, judge, later, read_retry_after};
use super::surroundings::{DeliveryResult, Surroundings};
use crate::store::{self, Attempt, Row, RowState, Settlement, Store};

/// How long an overloaded backend is left alone if it does not say how long.
const OVERWHELMED: Duration = Duration::from_secs(5);

/// The first wait before a result that the store refused is written again; it doubles.
const SETTLE_WAIT: Duration = Duration::from_millis(100);

/// The longest such wait.
const SETTLE_WAIT_MAX: Duration = Duration::from_secs(5);

/// How many more times a result is offered to the store once attempts are cut off.
const SETTLE_LAST_TRIES: u32 = 3;

/// How far the outbox has stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd)]
pub(super) enum Phase {
    /// Not stopping.
    Running,
    /// Nothing new is attempted.
    Stopping,
    /// Attempts under way are cut off.
    Cut,
}

/// One backend and its current condition.
pub(super) struct Lane {
    pub backend: Backend,
    pub store: Store,
    pub client: DeliveryClient,
    pub surroundings: Surroundings,
    pub circuit: Mutex<Circuit>,
    /// Whether it is paused according to the store; true until the store has been asked.
    pub paused: AtomicBool,
    /// Asks for a sweep at once.
    pub wake: Notify,
}

/// What is to be done with a row that this node holds.
pub(super) enum Admission {
    /// Try it.
    Attempt(UnderWay),
    /// Keep it here, at most this long.
    Wait(Duration),
    PutBack,
    Forgotten,
    /// Leave it alone: the lease is over.
    Leave,
}

/// An attempt that the circuit has let through; dropped when it is over.
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

    /// Leases as many due rows as may be tried now.
    pub(super) async fn lease_due(&self, limit: usize) -> Result<Vec<Row>, store::Error> {
        self.refresh_paused().await?;
        let now = self.now();
        let limit = self.circuit().batch_size(now).min(limit);
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

    /// Acts on the admission of a leased row and writes the result. A row that would have to wait is given back.
    pub(super) async fn handle(
        &self,
        row: Row,
        admission: Admission,
        mut phase: watch::Receiver<Phase>,
    ) {
        let now = self.now();
        let (settlement, attempt) = match admission {
            Admission::Leave => return,
            Admission::PutBack | Admission::Wait(_) => (Settlement::PutBack { at: now }, None),
            Admission::Forgotten => (self.park_forgotten(&row), None),
            Admission::Attempt(under_way) => {
                let completed = if row.is_held() {
                    self.completed(&row).await
                } else {
                    None
                };
                if row.is_held() && completed.is_none() {
                    (Settlement::PutBack { at: row.next }, None)
                } else {
                    let row = completed.as_ref().unwrap_or(&row);
                    let (settlement, attempt) = self.attempt(row, &mut phase).await;
                    drop(under_way);
                    (settlement, Some(attempt))
                }
            }
        };
        // What was given back was not attempted.
        let attempt = attempt.filter(|_| !matches!(settlement, Settlement::PutBack { .. }));
        self.settle(&row, settlement, attempt, &mut phase).await;
    }

    /// A row that has waited, with its body for good; nothing where that cannot be had now.
    async fn completed(&self, row: &Row) -> Option<Row> {
        let completer = &self.surroundings.completer;
        let completed = completer.complete(row.clone(), self.store.clone()).await;
        completed
            .inspect_err(|error| {
                tracing::warn!(id = %row.id, %error, "A delivery that has waited cannot be completed yet.");
            })
            .ok()
    }

    /// Decides what can be done with a row now.
    pub(super) fn admit(self: &Arc<Self>, row: &Row, phase: Phase) -> Admission {
        let now = self.now();
        if now >= row.next {
            return Admission::Leave;
        }
        let spare = row.next.duration_since(later(now, self.backend.timeout));
        if phase != Phase::Running || self.is_paused() || spare.is_negative() {
            return Admission::PutBack;
        }
        if is_forgotten(row, now, self.backend.remembers) {
            return Admission::Forgotten;
        }
        match self.circuit().enter(now) {
            Pass::Go => Admission::Attempt(UnderWay(Arc::clone(self))),
            Pass::Shut => Admission::PutBack,
            Pass::Wait(wait) => {
                // Just past the time that the lease can spare, so that the row is given back then.
                let spare = spare.unsigned_abs() + Duration::from_millis(1);
                Admission::Wait(wait.map_or(spare, |wait| wait.min(spare)))
            }
        }
    }

    fn park_forgotten(&self, row: &Row) -> Settlement {
        let error = "the backend may have it, and no longer remembers its id".to_owned();
        let settlement = Settlement::Park {
            state: RowState::Uncertain,
            error,
        };
        self.report(row, &settlement, None);
        settlement
    }

    async fn attempt(
        &self,
        row: &Row,
        phase: &mut watch::Receiver<Phase>,
    ) -> (Settlement, Attempt) {
        let (began, at) = (Instant::now(), (self.surroundings.clock)());
        let outcome = tokio::select! {
            outcome = self.client.deliver(&self.backend, row, at) => Some(outcome),
            outcome = self.hold(row) => Some(outcome),
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
        self.report(row, &settlement, Some(took));
        let came_to = outcome.as_ref().map_or_else(
            || "cut off by our own shutdown".to_owned(),
            AttemptOutcome::to_string,
        );
        let answer = outcome.as_ref().and_then(AttemptOutcome::answer);
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

    /// Holds a row for as long as what it asks for is carried out here, which may be longer than a lease: so nobody begins it
    /// as well, and what a node that died was about waits for one lease. Ends where the row is not owed any more.
    async fn hold(&self, row: &Row) -> AttemptOutcome {
        if !matches!(self.backend.target, DeliveryTarget::Perform(_)) {
            return std::future::pending().await;
        }
        loop {
            tokio::time::sleep(self.surroundings.hold_every).await;
            let until = later(self.now(), self.backend.lease());
            let held = self.store.settle(&row.id, Settlement::Held { until }).await;
            match held {
                Ok(true) => {}
                Ok(false) => {
                    let error = "it is not owed any more".to_owned();
                    return AttemptOutcome::Unknown { error };
                }
                Err(error) => {
                    tracing::warn!(id = %row.id, %error, "A row that is being carried out could not be held.");
                }
            }
        }
    }

    fn note(&self, outcome: &AttemptOutcome, now: Timestamp) {
        let mut circuit = self.circuit();
        let backend = &self.backend.name;
        match circuit.note(ending(outcome, now), now) {
            None => {}
            Some(CircuitChange::Opened) => {
                tracing::error!(backend, last = %outcome, "Backend keeps failing: its deliveries wait, except for probes.");
            }
            Some(CircuitChange::Closed) => {
                tracing::info!(backend, "Backend is back.");
                self.wake.notify_one();
            }
            Some(CircuitChange::Paused) => {
                let until = circuit.paused_until(now).unwrap_or(now);
                tracing::warn!(backend, last = %outcome, %until, "Backend asks for a pause: its deliveries wait.");
            }
        }
    }

    fn report(&self, row: &Row, settlement: &Settlement, took: Option<Duration>) {
        let backend = &self.backend.name;
        let attempts = row.attempts;
        let id = &row.id;
        let result = match settlement {
            Settlement::Delivered => {
                tracing::debug!(%id, backend, attempts, "Delivery made.");
                DeliveryResult::Delivered
            }
            Settlement::Retry { at, error, .. } => {
                tracing::warn!(%id, backend, attempts, error, next = %at, "Delivery failed; it will be tried again.");
                DeliveryResult::Failed
            }
            Settlement::Park { state, error } => {
                let state_name = state.as_str();
                tracing::error!(%id, backend, attempts, error, state = state_name, "Delivery set aside: a person decides.");
                if *state == RowState::Uncertain {
                    DeliveryResult::Uncertain
                } else {
                    DeliveryResult::Dead
                }
            }
            Settlement::CutOff { .. } => {
                tracing::info!(%id, backend, attempts, "Delivery cut off by our own shutdown.");
                DeliveryResult::CutOff
            }
            Settlement::PutBack { at } => {
                tracing::debug!(%id, backend, until = %at, "Delivery given back.");
                return;
            }
            Settlement::Held { .. } => return,
        };
        self.surroundings.observer.settled(backend, result, took);
    }

    /// Offers a result to the store until it is written. A result other than `Delivered` is given up once the lease is
    /// over: any node may then try the row, under the same id.
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
            tracing::warn!(id = %row.id, %error, "The result of a delivery could not be written yet.");
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

/// What an attempt says about the backend as a whole: a `Retry-After` pauses all its deliveries.
fn ending(outcome: &AttemptOutcome, now: Timestamp) -> AttemptEnd {
    let asked = outcome
        .retry_after()
        .and_then(|text| read_retry_after(text, now))
        .filter(|wait| !wait.is_zero());
    match (outcome, asked) {
        (AttemptOutcome::Answered { status: 429, .. }, asked) => {
            AttemptEnd::Pause(asked.unwrap_or(OVERWHELMED))
        }
        (AttemptOutcome::Answered { status: 503, .. }, Some(wait)) => AttemptEnd::Pause(wait),
        _ if outcome.is_alive() => AttemptEnd::Alive,
        _ => AttemptEnd::Failed,
    }
}

/// Waits until attempts are cut off.
async fn cut(phase: &mut watch::Receiver<Phase>) {
    // An error means that nobody is left to cut attempts off: the runtime ends, or the attempt goes on.
    if phase.wait_for(|phase| *phase == Phase::Cut).await.is_err() {
        std::future::pending::<()>().await;
    }
}
