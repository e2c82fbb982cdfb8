//! How many requests to a service are under way at once, and when it is left alone.

use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use tokio::sync::Notify;

use super::ServiceObserver;
use crate::outbox::circuit::{AttemptEnd, Circuit, CircuitChange, Pass};

/// Lets requests to one service through.
#[derive(Debug)]
pub(super) struct Gate {
    circuit: Mutex<Circuit>,
    left: Notify,
}

/// A request that is under way. It must say how it ended; one that is dropped before says nothing of the service.
#[derive(Debug)]
pub(super) struct UnderWay<'g> {
    gate: &'g Gate,
}

impl Gate {
    pub fn new(at_once: usize) -> Self {
        Self {
            circuit: Mutex::new(Circuit::new(at_once, None)),
            left: Notify::new(),
        }
    }

    /// Waits until a request may be made; `None` while the service is left alone.
    pub async fn enter(&self) -> Option<UnderWay<'_>> {
        loop {
            let left = self.left.notified();
            match self.with(|circuit| circuit.enter(Timestamp::now())) {
                Pass::Go => return Some(UnderWay { gate: self }),
                Pass::Shut => return None,
                Pass::Wait(_) => left.await,
            }
        }
    }

    fn with<T>(&self, act: impl FnOnce(&mut Circuit) -> T) -> T {
        // Nothing in it panics halfway.
        act(&mut self.circuit.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl UnderWay<'_> {
    /// It has ended: whether the service works.
    pub fn ended(self, service: &str, is_alive: bool, observer: Option<&dyn ServiceObserver>) {
        let end = if is_alive {
            AttemptEnd::Alive
        } else {
            AttemptEnd::Failed
        };
        let change = self
            .gate
            .with(|circuit| circuit.note(end, Timestamp::now()));
        let is_open = match change {
            Some(CircuitChange::Opened) => {
                tracing::warn!(
                    service,
                    "A service fails at nearly every request: it is left alone, except for a probe from time to time."
                );
                true
            }
            Some(CircuitChange::Closed) => {
                tracing::info!(service, "A service works again.");
                false
            }
            Some(CircuitChange::Paused) | None => return,
        };
        if let Some(observer) = observer {
            observer.circuit(service, is_open);
        }
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.gate.with(Circuit::leave);
        // Each who waits looks again: the circuit may have opened.
        self.gate.left.notify_waiters();
    }
}
