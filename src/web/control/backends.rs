//! How each backend does, as an operator sees it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::outbox::{BackendCondition, CARRIER};
use crate::store::{self, Backlog, Store};

/// How a backend does, and what is owed to it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackendView {
    /// Its name.
    pub backend: String,
    /// Whether the settings know it; rows of one that they do not know stay, and nobody sends them.
    pub configured: bool,
    /// Whether its rows wait because somebody said so, in the settings or by a command.
    pub paused: bool,
    /// Whether it fails so often that it is left alone but for probes.
    pub failing: bool,
    /// Until when it has asked to be left alone.
    #[serde(default)]
    pub waits_until: Option<Timestamp>,
    /// Rows that wait to be sent.
    pub waiting: u64,
    /// Rows that are being sent.
    pub sending: u64,
    /// Rows that the backend may or may not have.
    pub uncertain: u64,
    /// Rows that the backend refused for good.
    pub dead: u64,
    /// Rows that the backend has, as far as they are kept.
    #[serde(default)]
    pub delivered: u64,
    /// When the oldest row that still waits or is being sent was created.
    pub oldest: Option<Timestamp>,
}

impl BackendView {
    fn of(condition: BackendCondition) -> Self {
        let BackendCondition {
            backend,
            paused,
            failing,
            waits_until,
        } = condition;
        Self {
            backend,
            configured: true,
            paused,
            failing,
            waits_until,
            ..Self::default()
        }
    }

    /// A backend that has just been paused or resumed; what is owed to it was not looked at. One that the settings pause
    /// stays paused.
    pub fn after_pause(name: &str, pause: bool, conditions: &[BackendCondition]) -> Self {
        match conditions
            .iter()
            .find(|condition| condition.backend == name)
        {
            Some(condition) => Self::of(condition.clone()),
            None => Self {
                backend: name.to_owned(),
                paused: pause,
                ..Self::default()
            },
        }
    }

    /// Whether there is nothing to tell of it.
    fn is_idle(&self) -> bool {
        let rows = [
            self.waiting,
            self.sending,
            self.uncertain,
            self.dead,
            self.delivered,
        ];
        rows.iter().all(|rows| *rows == 0) && !self.paused && !self.failing
    }

    fn owe(&mut self, backlog: &Backlog) {
        [
            self.waiting,
            self.sending,
            self.uncertain,
            self.dead,
            self.delivered,
        ] = backlog.rows;
        self.oldest = backlog.oldest;
    }
}

/// Every backend that is configured, paused, owed something or has something, by name; and the carrier, where something is
/// asked of it.
///
/// # Errors
/// When the store cannot be read in time.
pub async fn list(
    store: &Store,
    conditions: Vec<BackendCondition>,
) -> Result<Vec<BackendView>, store::Error> {
    let mut views: BTreeMap<String, BackendView> = conditions
        .into_iter()
        .map(|condition| (condition.backend.clone(), BackendView::of(condition)))
        .collect();
    let unknown = |name: &str| BackendView {
        backend: name.to_owned(),
        ..BackendView::default()
    };
    for name in store.paused().await? {
        views
            .entry(name.clone())
            .or_insert_with(|| unknown(&name))
            .paused = true;
    }
    for backlog in store.backlog().await? {
        let name = backlog.backend.clone();
        views
            .entry(name.clone())
            .or_insert_with(|| unknown(&name))
            .owe(&backlog);
    }
    let is_asked = |view: &BackendView| view.backend != CARRIER || !view.is_idle();
    Ok(views.into_values().filter(is_asked).collect())
}
