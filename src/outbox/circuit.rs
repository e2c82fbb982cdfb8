//! Decides how many attempts a backend gets at once: its full share while it works, even with occasional failures; a
//! probe from time to time while everything fails; none while it asks for a pause; and few at first after either.

use std::collections::VecDeque;
use std::time::Duration;

use jiff::Timestamp;

use super::schedule::later;

/// How many of the last attempts are looked at.
const WINDOW: usize = 20;

/// Fewer attempts than this decide nothing.
const FEWEST: usize = 10;

/// The share of failures, in percent, at which a backend counts as down. One that answers every tenth attempt is worth
/// trying: what it takes is delivered, and what it does not take has a schedule of its own.
const DOWN: usize = 95;

/// How long after a failure one attempt is let through, to see whether the backend is back.
const PROBE_EVERY: Duration = Duration::from_secs(30);

/// The longest pause that a backend can ask for. A row that it refused may wait longer by its own schedule.
const PAUSE_MAX: Duration = Duration::from_hours(1);

/// How far attempts that began late may catch up with their pace.
const CATCH_UP: Duration = Duration::from_millis(100);

/// For how long a sweep takes rows, where there is a pace.
const PACED_AHEAD: Duration = Duration::from_secs(10);

/// How many rows a sweep takes for each attempt that may be under way: enough to keep all busy until the next sweep.
const SWEPT_PER_ATTEMPT: usize = 4;

/// The circuit of one backend.
#[derive(Debug)]
pub struct Circuit {
    /// How many attempts may be under way when all is well.
    concurrency: usize,
    /// The shortest time from one attempt to the next.
    gap: Duration,
    /// How many may be under way now: few after an outage, then one more with each success.
    room: usize,
    under_way: usize,
    /// When the next attempt may begin by the pace.
    slot: Timestamp,
    /// How the last attempts ended, the newest last: whether the backend was alive.
    ended: VecDeque<bool>,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Closed,
    /// Everything fails; `since` it opened or was last probed.
    Open {
        since: Timestamp,
    },
    /// The backend asked for a pause.
    Paused {
        since: Timestamp,
        until: Timestamp,
    },
}

/// Whether an attempt may begin now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pass {
    /// Yes; it counts as under way from now on.
    Go,
    /// Soon: when another ends, or after this long.
    Wait(Option<Duration>),
    /// Not for a while.
    Shut,
}

/// How an attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttemptEnd {
    /// The backend works: it accepted the delivery, or refused it for its content.
    Alive,
    /// The backend does not work.
    Failed,
    /// The backend asks for a pause of this length.
    Pause(Duration),
}

/// What the end of an attempt changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CircuitChange {
    /// Only probes go through from now on.
    Opened,
    /// It works again.
    Closed,
    /// It asks for a pause.
    Paused,
}

impl Circuit {
    /// The circuit of a backend with at most `concurrency` attempts at once and, if there is a pace, that many a second.
    pub fn new(concurrency: usize, pace: Option<f64>) -> Self {
        let concurrency = concurrency.max(1);
        let gap = pace
            .and_then(|pace| Duration::try_from_secs_f64(1.0 / pace).ok())
            .unwrap_or_default();
        let (slot, ended) = (Timestamp::MIN, VecDeque::with_capacity(WINDOW));
        Self {
            concurrency,
            gap,
            room: concurrency,
            under_way: 0,
            slot,
            ended,
            state: State::Closed,
        }
    }

    /// Whether only probes are attempted.
    pub fn is_open(&self) -> bool {
        matches!(self.state, State::Open { .. })
    }

    /// The end of the pause that the backend asked for.
    pub fn paused_until(&self, now: Timestamp) -> Option<Timestamp> {
        match self.state {
            State::Paused { since, until } if since <= now && now < until => Some(until),
            _ => None,
        }
    }

    /// Whether as many attempts are under way as allowed.
    pub fn is_full(&self) -> bool {
        self.under_way >= self.room
    }

    /// Whether an attempt may begin now. If so, call [`Circuit::leave`] once it is over. In an open circuit the attempt is
    /// a probe, and the next one is let through [`PROBE_EVERY`] later.
    pub fn enter(&mut self, now: Timestamp) -> Pass {
        if self.is_shut(now) {
            return Pass::Shut;
        }
        if self.is_full() {
            return Pass::Wait(None);
        }
        let wait = self.until_slot(now);
        if !wait.is_zero() {
            return Pass::Wait(Some(wait));
        }
        if let State::Open { since } = &mut self.state {
            *since = now;
        }
        self.slot = later(
            self.slot
                .max(now.checked_sub(CATCH_UP).unwrap_or(now))
                .min(now),
            self.gap,
        );
        self.under_way += 1;
        Pass::Go
    }

    /// An attempt is over.
    pub fn leave(&mut self) {
        self.under_way = self.under_way.saturating_sub(1);
    }

    /// How many rows are worth taking from the store now.
    pub fn batch_size(&self, now: Timestamp) -> usize {
        if self.is_shut(now) {
            return 0;
        }
        if self.is_open() {
            return 1;
        }
        let many = if self.room < self.concurrency {
            self.room
        } else {
            self.room.saturating_mul(SWEPT_PER_ATTEMPT)
        };
        match self.gap {
            Duration::ZERO => many,
            gap => many.min(PACED_AHEAD.div_duration_f64(gap) as usize).max(1),
        }
    }

    /// Records how an attempt ended.
    pub fn note(&mut self, ending: AttemptEnd, now: Timestamp) -> Option<CircuitChange> {
        match ending {
            AttemptEnd::Alive => self.succeed(now),
            AttemptEnd::Failed => self.fail(now),
            AttemptEnd::Pause(wait) => self.pause(wait, now),
        }
    }

    fn succeed(&mut self, now: Timestamp) -> Option<CircuitChange> {
        if self.is_open() {
            self.ended.clear();
            (self.state, self.room) = (State::Closed, 1);
            return Some(CircuitChange::Closed);
        }
        self.remember(true);
        if self.paused_until(now).is_none() {
            self.room = (self.room + 1).min(self.concurrency);
        }
        None
    }

    fn fail(&mut self, now: Timestamp) -> Option<CircuitChange> {
        self.remember(false);
        let failures = self.ended.iter().filter(|alive| !**alive).count();
        let is_down = self.ended.len() >= FEWEST && failures * 100 >= self.ended.len() * DOWN;
        if !is_down || self.is_open() || self.paused_until(now).is_some() {
            return None;
        }
        self.state = State::Open { since: now };
        Some(CircuitChange::Opened)
    }

    /// The longest requested pause holds. A backend that asks for one is alive, so an open circuit becomes a paused one.
    fn pause(&mut self, wait: Duration, now: Timestamp) -> Option<CircuitChange> {
        let until = later(now, wait.min(PAUSE_MAX));
        let before = self.paused_until(now);
        if before.is_none() {
            self.ended.clear();
        }
        self.state = State::Paused {
            since: now,
            until: before.map_or(until, |before| before.max(until)),
        };
        self.room = 1;
        before.is_none().then_some(CircuitChange::Paused)
    }

    fn remember(&mut self, alive: bool) {
        if self.ended.len() == WINDOW {
            self.ended.pop_front();
        }
        self.ended.push_back(alive);
    }

    /// A clock that was set back keeps nothing shut.
    fn is_shut(&self, now: Timestamp) -> bool {
        match self.state {
            State::Closed => false,
            State::Open { since } => since <= now && now < later(since, PROBE_EVERY),
            State::Paused { .. } => self.paused_until(now).is_some(),
        }
    }

    /// How long it is until the pace lets the next attempt begin; never longer than one gap.
    fn until_slot(&self, now: Timestamp) -> Duration {
        let wait = Duration::try_from(self.slot.duration_since(now)).unwrap_or_default();
        if wait > self.gap {
            Duration::ZERO
        } else {
            wait
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use jiff::{SignedDuration, Timestamp};

    use super::{AttemptEnd, Circuit, CircuitChange, Pass};

    fn at(millisecond: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_millis(millisecond)
    }

    fn second(second: i64) -> Timestamp {
        at(second * 1_000)
    }

    /// `+` an attempt that succeeds, `-` one that fails, one after the other; what they changed.
    fn play(circuit: &mut Circuit, endings: &str, now: Timestamp) -> Vec<CircuitChange> {
        let ending = |sign| {
            if sign == '+' {
                AttemptEnd::Alive
            } else {
                AttemptEnd::Failed
            }
        };
        endings
            .chars()
            .filter_map(|sign| circuit.note(ending(sign), now))
            .collect()
    }

    fn opened() -> Circuit {
        let mut circuit = Circuit::new(16, None);
        assert_eq!(
            play(&mut circuit, &"-".repeat(10), second(0)),
            [CircuitChange::Opened]
        );
        circuit
    }

    /// How many attempts begin at once.
    fn begins(circuit: &mut Circuit, now: Timestamp) -> usize {
        let begun = (0..100)
            .take_while(|_| circuit.enter(now) == Pass::Go)
            .count();
        (0..begun).for_each(|_| circuit.leave());
        begun
    }

    #[test]
    fn it_opens_when_next_to_nothing_works_and_not_before() {
        let half = "+-".repeat(500);
        let third = "--+".repeat(500);
        let tenth = format!("{}+", "-".repeat(9)).repeat(100);
        let runs = format!("{}{}", "-".repeat(9), "+".repeat(9)).repeat(100);
        for (endings, opens) in [
            ("", false),
            ("-----", false),
            ("---------", false),
            ("----------", true),
            ("+---------", false),
            (half.as_str(), false),
            (third.as_str(), false),
            (tenth.as_str(), false),
            (runs.as_str(), false),
            ("++++++++++++++++++++------------------", false),
            ("++++++++++++++++++++-------------------", true),
            ("+-------------------", true),
        ] {
            let mut circuit = Circuit::new(16, None);
            let changes = play(&mut circuit, endings, second(0));
            assert_eq!(
                (circuit.is_open(), changes.len()),
                (opens, usize::from(opens)),
                "{endings}"
            );
            assert_eq!(
                begins(&mut circuit, second(0)),
                if opens { 0 } else { 16 },
                "{endings}"
            );
        }
    }

    #[test]
    fn one_probe_is_let_through_every_half_minute() {
        let mut circuit = opened();
        for (moment, passes) in [
            (0, false),
            (29, false),
            (30, true),
            (30, false),
            (59, false),
            (60, true),
        ] {
            assert_eq!(
                circuit.enter(second(moment)) == Pass::Go,
                passes,
                "{moment} s"
            );
            circuit.leave();
        }
        assert_eq!(
            (
                circuit.batch_size(second(89)),
                circuit.batch_size(second(90))
            ),
            (0, 1)
        );
    }

    #[test]
    fn after_an_outage_it_begins_with_one_and_grows_with_each_success() {
        let mut circuit = opened();
        assert_eq!(play(&mut circuit, "+", second(31)), [CircuitChange::Closed]);
        for (endings, room) in [
            ("", 1),
            ("+", 2),
            ("++", 4),
            ("-", 4),
            ("++++", 8),
            ("-+-+", 10),
            ("+++++++++", 16),
        ] {
            assert_eq!(play(&mut circuit, endings, second(31)), []);
            assert_eq!(
                (begins(&mut circuit, second(31)), circuit.is_full()),
                (room, false),
                "{endings}"
            );
            assert_eq!(
                circuit.batch_size(second(31)),
                if room < 16 { room } else { 64 }
            );
        }
    }

    #[test]
    fn a_backend_that_asks_to_be_left_alone_is_until_then() {
        let mut circuit = Circuit::new(16, None);
        assert_eq!(
            circuit.note(AttemptEnd::Pause(Duration::from_secs(7)), second(0)),
            Some(CircuitChange::Paused)
        );
        // What was under way ends: a longer wish holds, a shorter one does not, a success ends nothing.
        assert_eq!(
            circuit.note(AttemptEnd::Pause(Duration::from_secs(9)), second(1)),
            None
        );
        assert_eq!(
            circuit.note(AttemptEnd::Pause(Duration::from_secs(1)), second(2)),
            None
        );
        assert_eq!(play(&mut circuit, "+", second(3)), []);
        assert_eq!(play(&mut circuit, &"-".repeat(20), second(3)), []);
        assert_eq!(circuit.paused_until(second(3)), Some(second(10)));
        assert_eq!(
            (circuit.enter(at(9_999)), circuit.batch_size(at(9_999))),
            (Pass::Shut, 0)
        );
        assert_eq!(
            (
                begins(&mut circuit, second(10)),
                circuit.batch_size(second(10))
            ),
            (1, 1)
        );
    }

    #[test]
    fn a_wish_of_days_is_asked_about_after_an_hour() {
        let mut circuit = opened();
        circuit.note(AttemptEnd::Pause(Duration::from_hours(24)), second(0));
        assert!(!circuit.is_open());
        assert_eq!(
            (
                begins(&mut circuit, second(3_599)),
                begins(&mut circuit, second(3_600))
            ),
            (0, 1)
        );
    }

    #[test]
    fn attempts_begin_at_their_pace() {
        let mut circuit = Circuit::new(16, Some(10.0));
        let mut begun = Vec::new();
        for moment in 0..1_000 {
            if circuit.enter(at(moment)) == Pass::Go {
                begun.push(moment);
                circuit.leave();
            }
        }
        assert_eq!(
            begun.len(),
            11,
            "a tenth of a second may be caught up with: {begun:?}"
        );
        assert!(
            begun[2..].windows(2).all(|pair| pair[1] - pair[0] == 100),
            "{begun:?}"
        );
        assert_eq!(circuit.enter(at(1_000)), Pass::Go);
        assert_eq!(
            circuit.enter(at(1_020)),
            Pass::Wait(Some(Duration::from_millis(80)))
        );
        assert_eq!(Circuit::new(16, Some(2.0)).batch_size(at(0)), 20);
        assert_eq!(Circuit::new(16, Some(0.01)).batch_size(at(0)), 1);
    }

    #[test]
    fn what_is_full_waits_for_an_end() {
        let mut circuit = Circuit::new(2, None);
        assert_eq!(
            [(); 3].map(|()| circuit.enter(at(0))),
            [Pass::Go, Pass::Go, Pass::Wait(None)]
        );
        circuit.leave();
        assert_eq!(circuit.enter(at(0)), Pass::Go);
    }

    #[test]
    fn a_clock_set_back_keeps_nothing_shut() {
        let mut circuit = opened();
        assert_eq!(circuit.enter(second(10)), Pass::Shut);
        assert_eq!(circuit.enter(second(-3_600)), Pass::Go);
        let mut paused = Circuit::new(16, Some(1.0));
        assert_eq!(paused.enter(second(0)), Pass::Go);
        paused.note(AttemptEnd::Pause(Duration::from_secs(9)), second(0));
        paused.leave();
        assert_eq!(paused.enter(second(-3_600)), Pass::Go);
    }
}
