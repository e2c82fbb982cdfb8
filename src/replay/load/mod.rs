//! Many callers at once, at a constant rate: what a server does under load, and whether it stays right.
//!
//! Calls begin on a schedule that does not wait for answers, and latency is counted from when a request was due: a server that
//! stalls cannot hide it by keeping its callers from asking (coordinated omission).

mod call;
mod pool;
mod random_caller;
mod tally;
mod wire;

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use fastrand::Rng;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::play::Destination;
use super::script::Script;
use pool::Pool;

pub use tally::{CallResult, Tally};

/// How often progress is reported.
const TELL_EVERY: Duration = Duration::from_millis(200);
/// How long calls under way have once no more begin.
const GRACE: Duration = Duration::from_secs(30);

/// What is to be done to a server.
#[derive(Clone, Debug)]
pub struct Load {
    /// Where calls are placed.
    pub line: Destination,
    /// The ways that callers go, in turn. None: each presses random keys that the prompts mention.
    pub scripts: Vec<Script>,
    /// The flow that random callers call: `{flow}` in the line's URL.
    pub flow: String,
    /// The numbers that callers without a script call from and to.
    pub from_to: (String, String),
    /// Calls begun per second.
    pub rate: f64,
    /// How long calls are begun.
    pub lasts: Duration,
    /// The most calls at a time: one that is due when all callers are busy begins late, and its wait counts.
    pub callers: usize,
    pub trouble: Disturbances,
    /// The seed of the random numbers: the same seed makes the same calls.
    pub seed: u64,
}

/// What happens beside well-behaved calls, as shares from 0 to 1.
#[derive(Clone, Copy, Debug, Default)]
pub struct Disturbances {
    /// Callers who hang up, stay silent, press wrong keys and type ahead.
    pub impatient: f64,
    /// Requests that are sent a second time right after their answer.
    pub duplicates: f64,
    /// Requests of an earlier turn that are sent once more before the next one.
    pub late: f64,
}

/// What all calls of a run share.
struct Run {
    load: Load,
    pool: Pool,
    tally: RefCell<Tally>,
}

/// Places the calls and waits for their ends. `tell` hears every moment how it goes. To be run on a
/// [`tokio::task::LocalSet`] of a runtime with one thread.
pub async fn run(load: Load, tell: impl Fn(&Tally)) -> Tally {
    let callers = Arc::new(Semaphore::new(load.callers.max(1)));
    let mut rng = Rng::with_seed(load.seed);
    let run = Rc::new(Run {
        load,
        pool: Pool::default(),
        tally: RefCell::new(Tally::default()),
    });
    let begun = Instant::now();
    let mut calls = JoinSet::new();
    let mut told = begun;
    for number in 0..run.load.number_of_calls() {
        let due = begun + run.load.due(number);
        tokio::time::sleep_until(due).await;
        let Ok(caller) = Arc::clone(&callers).acquire_owned().await else {
            break;
        };
        let (run, rng) = (Rc::clone(&run), rng.fork());
        let call = call::LoadCall {
            number,
            due: due.into_std(),
            rng,
        };
        if due.elapsed() > Duration::from_millis(5) {
            run.tally.borrow_mut().begun_late += 1;
        }
        let shared = Rc::clone(&run);
        calls.spawn_local(async move {
            call.go(&shared).await;
            drop(caller);
        });
        while calls.try_join_next().is_some() {}
        if told.elapsed() >= TELL_EVERY {
            told = Instant::now();
            tell(&run.tally.borrow());
        }
    }
    let rest = async { while calls.join_next().await.is_some() {} };
    let is_done = tokio::time::timeout(GRACE, rest).await.is_ok();
    let mut tally = run.tally.borrow().clone();
    if !is_done {
        tally.count(CallResult::Unfinished, calls.len() as u64);
    }
    tally.took = begun.elapsed();
    tell(&tally);
    tally
}

impl Load {
    /// How many calls begin.
    pub fn number_of_calls(&self) -> u64 {
        (self.rate * self.lasts.as_secs_f64()).round().max(1.0) as u64
    }

    /// When a call begins, from the start.
    fn due(&self, number: u64) -> Duration {
        Duration::from_secs_f64(number as f64 / self.rate)
    }
}
