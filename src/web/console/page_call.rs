//! A call of the page: what has happened in it, who listens, and how long it may last.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::sync::{mpsc, watch};

use crate::phone::PhoneAct;

/// How long a call goes on that nobody listens to: a page may be loaded again, a connection may break.
const GONE: Duration = Duration::from_secs(20);
/// How long a call goes on in which nobody does anything.
const IDLE: Duration = Duration::from_mins(10);
/// How long a call may last.
pub const LONGEST: Duration = Duration::from_hours(1);
/// How long a call that is over can still be listened to.
const KEPT: Duration = Duration::from_mins(2);
/// The most bytes of events kept for a call, so that a flow that never stops talking cannot fill the memory.
const MOST: usize = 8 * 1024 * 1024;
/// Acts that wait for the call to listen.
const ACTS: usize = 64;

/// A call of the page.
pub struct PageCall {
    log: Mutex<Log>,
    news: watch::Sender<usize>,
    acts: mpsc::Sender<PhoneAct>,
}

/// What a call has come to.
struct Log {
    events: Vec<String>,
    bytes: usize,
    listeners: usize,
    /// When the last one left, or the call began.
    alone: Instant,
    /// When somebody did something last.
    acted: Instant,
    began: Instant,
    over: Option<Instant>,
}

/// Why an act is not carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActRefused {
    /// The call is over.
    Over,
    /// More is waiting than anybody can press.
    Busy,
}

impl PageCall {
    /// A call that begins, and what will be done in it.
    pub fn new(now: Instant) -> (Self, mpsc::Receiver<PhoneAct>) {
        let (acts, receiver) = mpsc::channel(ACTS);
        let log = Log {
            events: Vec::new(),
            bytes: 0,
            listeners: 0,
            alone: now,
            acted: now,
            began: now,
            over: None,
        };
        (
            Self {
                log: Mutex::new(log),
                news: watch::Sender::new(0),
                acts,
            },
            receiver,
        )
    }

    fn log(&self) -> MutexGuard<'_, Log> {
        // What is in there is whole between any two lines.
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds an event, unless the call is over.
    pub fn tell(&self, event: &Value) {
        let text = event.to_string();
        let mut log = self.log();
        if log.over.is_some() || log.bytes > MOST {
            return;
        }
        log.bytes += text.len();
        log.events.push(text);
        self.news.send_replace(log.events.len());
    }

    /// The call is over.
    pub fn close(&self, now: Instant) {
        let mut log = self.log();
        log.over.get_or_insert(now);
        self.news.send_replace(log.events.len());
    }

    /// The events after a number, each with its number from 1, and whether the call is over.
    pub fn events(&self, from: usize) -> (Vec<(usize, String)>, bool) {
        let log = self.log();
        let events = log
            .events
            .iter()
            .enumerate()
            .skip(from)
            .map(|(at, text)| (at + 1, text.clone()));
        (events.collect(), log.over.is_some())
    }

    /// Changes with every event, and at the end.
    pub fn news(&self) -> watch::Receiver<usize> {
        self.news.subscribe()
    }

    /// Does something in the call.
    ///
    /// # Errors
    /// When nobody is there to notice.
    pub fn act(&self, act: PhoneAct, now: Instant) -> Result<(), ActRefused> {
        let mut log = self.log();
        if log.over.is_some() {
            return Err(ActRefused::Over);
        }
        log.acted = now;
        self.acts.try_send(act).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => ActRefused::Busy,
            mpsc::error::TrySendError::Closed(_) => ActRefused::Over,
        })
    }

    /// Somebody listens.
    pub fn come(&self) {
        self.log().listeners += 1;
    }

    /// Somebody listens no longer.
    pub fn leave(&self, now: Instant) {
        let mut log = self.log();
        log.listeners = log.listeners.saturating_sub(1);
        log.alone = now;
    }

    /// Whether the call is to be hung up: nobody is there, nobody does anything, or it has lasted long enough.
    pub fn is_due(&self, now: Instant) -> bool {
        let log = self.log();
        let since = |then: Instant| now.saturating_duration_since(then);
        let gone = log.listeners == 0 && since(log.alone) >= GONE;
        gone || since(log.acted) >= IDLE || since(log.began) >= LONGEST || log.bytes > MOST
    }

    /// Whether it goes on.
    pub fn is_on(&self) -> bool {
        self.log().over.is_none()
    }

    /// Whether nothing of it is needed any more.
    pub fn is_done(&self, now: Instant) -> bool {
        let log = self.log();
        log.listeners == 0
            && log
                .over
                .is_some_and(|over| now.saturating_duration_since(over) >= KEPT)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_call_ends_when_nobody_listens_for_a_while() {
        let now = Instant::now();
        let (line, _acts) = PageCall::new(now);
        assert!(!line.is_due(now + GONE / 2));
        assert!(line.is_due(now + GONE), "the page never came");
        line.come();
        assert!(!line.is_due(now + GONE));
        line.leave(now + GONE);
        assert!(!line.is_due(now + GONE + GONE / 2));
        assert!(line.is_due(now + GONE + GONE));
    }

    #[test]
    fn a_call_ends_when_nobody_does_anything_and_after_an_hour_anyway() {
        let now = Instant::now();
        let (line, mut acts) = PageCall::new(now);
        line.come();
        assert!(line.is_due(now + IDLE));
        let mut at = now;
        while at + IDLE / 2 < now + LONGEST {
            at += IDLE / 2;
            assert!(!line.is_due(at));
            assert_eq!(line.act(PhoneAct::Press('1'), at), Ok(()));
            assert_eq!(acts.try_recv(), Ok(PhoneAct::Press('1')));
        }
        assert!(line.is_due(now + LONGEST));
    }

    #[test]
    fn what_was_missed_is_told_again_and_nothing_after_the_end() {
        let now = Instant::now();
        let (line, _acts) = PageCall::new(now);
        for number in 0..3 {
            line.tell(&json!(number));
        }
        line.close(now);
        line.tell(&json!("late"));
        assert_eq!(
            line.events(1),
            (vec![(2, "1".to_owned()), (3, "2".to_owned())], true)
        );
        assert_eq!(line.act(PhoneAct::HangUp, now), Err(ActRefused::Over));
        assert!(!line.is_done(now) && line.is_done(now + KEPT));
    }

    #[test]
    fn more_keys_than_anybody_can_press_are_refused() {
        let now = Instant::now();
        let (line, _acts) = PageCall::new(now);
        let pressed = (0..=ACTS)
            .filter(|_| line.act(PhoneAct::Press('1'), now).is_ok())
            .count();
        assert_eq!(pressed, ACTS);
        assert_eq!(line.act(PhoneAct::Press('1'), now), Err(ActRefused::Busy));
    }
}
