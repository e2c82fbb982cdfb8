//! Decides what an attempt means for its row: delivered, retried later, or set aside for a person. Pure.

use std::time::Duration;

use jiff::{Timestamp, fmt::rfc2822};

use super::backend::TIMEOUT_MAX;
use super::outcome::AttemptOutcome;
use crate::store::{Row, RowState, Settlement};

/// How long a row waits before each attempt, counted from the failure before (Standard Webhooks 1.0: 75 h 35 min 5 s).
pub const STEPS: [Duration; 10] = [
    Duration::ZERO,
    Duration::from_secs(5),
    Duration::from_mins(5),
    Duration::from_mins(30),
    Duration::from_hours(2),
    Duration::from_hours(5),
    Duration::from_hours(10),
    Duration::from_hours(14),
    Duration::from_hours(20),
    Duration::from_hours(24),
];

/// How far a wait may stray from its step, either way, so that rows that failed together do not come back together.
const JITTER: f64 = 0.2;

/// How many attempts a row has, of any kind, before the refusal of a request (most of 4xx) is taken as final.
const REFUSALS: u32 = 3;

/// The longest wait that a backend can ask for with `Retry-After`.
const RETRY_AFTER_MAX: Duration = Duration::from_hours(24);

/// How long before a backend forgets an id the last attempt is due: a sweep may be a little late, and an attempt takes
/// time.
const FORGETTING_MARGIN: Duration = Duration::from_secs(45 + TIMEOUT_MAX.as_secs());

/// Decides what an attempt means.
///
/// `row` is the row as it was when the attempt began: its `attempts` counts this one. `remembers` is how long the backend
/// remembers ids. `random` is in `0.0..1.0`.
///
/// | outcome | meaning |
/// |---|---|
/// | 2xx | delivered |
/// | 410, 422 | refused for good |
/// | other 4xx | refused for good at the third attempt, else the schedule |
/// | 408, 409, 429, any other answer | the schedule; never before `Retry-After`, which is bounded to a day |
/// | not reached | the schedule; the backend cannot have it |
/// | no whole answer, 504 | the schedule; the backend may have it |
/// | not done | the schedule |
/// | refused | refused for good |
/// | not yet | given back until then; it was no attempt |
///
/// A row that the backend may have is never due after the backend has forgotten its id, for a repeat could then have
/// its effect twice. The attempt that would fall outside is pulled forward to just inside (not before `Retry-After`);
/// after that the row is set aside as uncertain.
pub fn judge(
    row: &Row,
    outcome: &AttemptOutcome,
    now: Timestamp,
    remembers: Duration,
    random: f64,
) -> Settlement {
    match outcome {
        AttemptOutcome::Answered {
            status: 200..=299, ..
        } => Settlement::Delivered,
        AttemptOutcome::Answered { status, .. } if is_refusal(*status, row.attempts) => {
            Settlement::Park {
                state: RowState::Dead,
                error: outcome.to_string(),
            }
        }
        AttemptOutcome::Refused { .. } => Settlement::Park {
            state: RowState::Dead,
            error: outcome.to_string(),
        },
        AttemptOutcome::NotYet { until, .. } => Settlement::PutBack { at: *until },
        _ => schedule(row, outcome, now, remembers, random),
    }
}

/// Whether the backend may have this row and has forgotten its id by now, so that it must not be sent again.
///
/// A person who restarts such a row takes responsibility for it: it gets one attempt.
pub fn is_forgotten(row: &Row, now: Timestamp, remembers: Duration) -> bool {
    row.ambiguous && !is_restarted(row) && now > later(row.created, remembers)
}

/// Only a row that a person has restarted is at its first attempt and has an earlier failure: a row that was cut off or
/// given back keeps the count of its failed attempts.
fn is_restarted(row: &Row) -> bool {
    row.attempts <= 1 && !row.last_error.is_empty()
}

/// `at` plus `wait`, capped at the largest timestamp.
pub(super) fn later(at: Timestamp, wait: Duration) -> Timestamp {
    at.checked_add(wait).unwrap_or(Timestamp::MAX)
}

fn is_refusal(status: u16, attempts: u32) -> bool {
    match status {
        410 | 422 => true,
        408 | 409 | 429 => false,
        400..=499 => attempts >= REFUSALS,
        _ => false,
    }
}

fn schedule(
    row: &Row,
    outcome: &AttemptOutcome,
    now: Timestamp,
    remembers: Duration,
    random: f64,
) -> Settlement {
    let ambiguous = row.ambiguous || outcome.is_unknown();
    let asked = outcome
        .retry_after()
        .and_then(|text| read_retry_after(text, now))
        .unwrap_or_default();
    let Some(&step) = usize::try_from(row.attempts)
        .ok()
        .and_then(|next| STEPS.get(next))
    else {
        let state = if ambiguous {
            RowState::Uncertain
        } else {
            RowState::Dead
        };
        return Settlement::Park {
            state,
            error: format!("{outcome}; that was the last attempt"),
        };
    };
    let planned = later(now, jitter(step, random).max(asked));
    let last = if ambiguous {
        last_attempt(row.created, remembers)
    } else {
        Timestamp::MAX
    };
    let at = planned.min(last);
    if at < planned && at <= later(now, asked) {
        let error = format!(
            "{outcome}; the backend may have it, and by the next attempt it would not remember its id"
        );
        return Settlement::Park {
            state: RowState::Uncertain,
            error,
        };
    }
    Settlement::Retry {
        at,
        ambiguous: outcome.is_unknown(),
        error: outcome.to_string(),
    }
}

fn last_attempt(created: Timestamp, remembers: Duration) -> Timestamp {
    later(created, remembers.saturating_sub(FORGETTING_MARGIN))
}

fn jitter(step: Duration, random: f64) -> Duration {
    step.mul_f64(1.0 - JITTER + 2.0 * JITTER * random.clamp(0.0, 1.0))
}

/// RFC 9110 §10.2.3: whole seconds, or a date (of the three forms only the one that is not obsolete).
pub(super) fn read_retry_after(text: &str, now: Timestamp) -> Option<Duration> {
    let text = text.trim();
    let wait = if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        Duration::from_secs(text.parse().unwrap_or(u64::MAX))
    } else {
        let date = rfc2822::parse(text).ok()?.timestamp();
        Duration::try_from(date.duration_since(now)).unwrap_or_default()
    };
    Some(wait.min(RETRY_AFTER_MAX))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use bytes::Bytes;
    use jiff::{SignedDuration, Timestamp};

    use super::{STEPS, is_forgotten, jitter, judge, read_retry_after};
    use crate::outbox::outcome::AttemptOutcome;
    use crate::outbox::tests::row;
    use crate::store::{Row, RowState, Settlement};

    const DAY: Duration = Duration::from_hours(24);

    fn answer(status: u16) -> AttemptOutcome {
        AttemptOutcome::Answered {
            status,
            retry_after: None,
            body: Bytes::new(),
        }
    }

    fn answer_after(status: u16, retry_after: &str) -> AttemptOutcome {
        AttemptOutcome::Answered {
            status,
            retry_after: Some(retry_after.into()),
            body: Bytes::new(),
        }
    }

    fn unknown() -> AttemptOutcome {
        AttemptOutcome::Unknown {
            error: "connection reset".into(),
        }
    }

    fn unreached() -> AttemptOutcome {
        AttemptOutcome::NotSent {
            error: "connection refused".into(),
        }
    }

    fn tried(attempts: u32) -> Row {
        Row {
            attempts,
            ..row("crm")
        }
    }

    /// Judges at `age` after the row was created, with no jitter.
    fn judged(row: &Row, outcome: &AttemptOutcome, age: Duration) -> Settlement {
        judge(row, outcome, row.created + age, DAY, 0.5)
    }

    #[track_caller]
    fn wait(row: &Row, outcome: &AttemptOutcome, age: Duration) -> (SignedDuration, bool) {
        match judged(row, outcome, age) {
            Settlement::Retry { at, ambiguous, .. } => {
                (at.duration_since(row.created + age), ambiguous)
            }
            other => panic!("not a retry: {other:?}"),
        }
    }

    #[track_caller]
    fn parked(row: &Row, outcome: &AttemptOutcome, age: Duration) -> RowState {
        match judged(row, outcome, age) {
            Settlement::Park { state, .. } => state,
            other => panic!("not parked: {other:?}"),
        }
    }

    #[test]
    fn only_2xx_is_a_delivery() {
        for status in [200, 201, 202, 204, 299] {
            assert!(
                matches!(
                    judged(&tried(1), &answer(status), Duration::ZERO),
                    Settlement::Delivered
                ),
                "{status}"
            );
        }
        for status in [
            101, 199, 300, 301, 302, 307, 308, 400, 408, 409, 429, 500, 503, 599, 999,
        ] {
            assert_eq!(
                wait(&tried(1), &answer(status), Duration::ZERO),
                (SignedDuration::from_secs(5), false),
                "{status}"
            );
        }
    }

    #[test]
    fn gone_and_a_reused_key_are_final_at_once() {
        for status in [410, 422] {
            assert_eq!(
                parked(&tried(1), &answer(status), Duration::ZERO),
                RowState::Dead
            );
        }
    }

    #[test]
    fn other_refusals_are_final_at_the_third_attempt() {
        for status in [400, 401, 403, 404, 413, 451] {
            wait(&tried(2), &answer(status), Duration::ZERO);
            assert_eq!(
                parked(&tried(3), &answer(status), Duration::ZERO),
                RowState::Dead
            );
        }
        for status in [408, 409, 429] {
            wait(&tried(9), &answer(status), Duration::ZERO);
        }
    }

    #[test]
    fn the_waits_are_those_of_the_standard_and_come_to_75_hours() {
        let waits = (1..10).map(|attempts| wait(&tried(attempts), &answer(500), Duration::ZERO).0);
        let steps = STEPS[1..]
            .iter()
            .map(|&step| SignedDuration::try_from(step).expect("short"));
        assert_eq!(waits.collect::<Vec<_>>(), steps.collect::<Vec<_>>());
        assert_eq!(
            STEPS.iter().sum::<Duration>(),
            Duration::from_secs(75 * 3600 + 35 * 60 + 5)
        );
    }

    #[test]
    fn jitter_stays_within_a_fifth() {
        let step = Duration::from_secs(100);
        assert_eq!(jitter(step, 0.0), Duration::from_secs(80));
        assert_eq!(jitter(step, 0.5), step);
        assert_eq!(jitter(step, 1.0), Duration::from_mins(2));
        assert_eq!(jitter(step, f64::INFINITY), Duration::from_mins(2));
    }

    #[test]
    fn the_tenth_failure_is_the_last() {
        assert_eq!(
            parked(&tried(10), &answer(503), Duration::ZERO),
            RowState::Dead
        );
        assert_eq!(
            parked(&tried(10), &unknown(), Duration::ZERO),
            RowState::Uncertain
        );
        assert_eq!(
            parked(&tried(u32::MAX), &unreached(), Duration::ZERO),
            RowState::Dead
        );
        let earlier = Row {
            ambiguous: true,
            ..tried(10)
        };
        assert_eq!(
            parked(&earlier, &unreached(), Duration::ZERO),
            RowState::Uncertain
        );
    }

    #[test]
    fn retry_after_puts_off_but_never_hurries() {
        let secs = SignedDuration::from_secs;
        assert_eq!(
            wait(&tried(1), &answer_after(503, "120"), Duration::ZERO).0,
            secs(120)
        );
        assert_eq!(
            wait(&tried(1), &answer_after(429, " 120 "), Duration::ZERO).0,
            secs(120)
        );
        assert_eq!(
            wait(&tried(2), &answer_after(503, "1"), Duration::ZERO).0,
            secs(300)
        );
        assert_eq!(
            wait(
                &tried(1),
                &answer_after(503, "99999999999999999999999"),
                Duration::ZERO
            )
            .0,
            secs(86_400)
        );
        assert_eq!(
            wait(&tried(1), &answer_after(503, "soon"), Duration::ZERO).0,
            secs(5)
        );
    }

    #[test]
    fn retry_after_may_be_a_date() {
        let now: Timestamp = "1994-11-06T08:49:07Z".parse().expect("a time");
        assert_eq!(
            read_retry_after("Sun, 06 Nov 1994 08:49:37 GMT", now),
            Some(Duration::from_secs(30))
        );
        assert_eq!(
            read_retry_after("Sun, 06 Nov 1994 08:48:37 GMT", now),
            Some(Duration::ZERO)
        );
        assert_eq!(
            read_retry_after("Mon, 06 Nov 2034 08:48:37 GMT", now),
            Some(DAY)
        );
        assert_eq!(read_retry_after("", now), None);
        assert_eq!(read_retry_after("-5", now), None);
    }

    #[test]
    fn an_outcome_that_nobody_knows_is_told() {
        assert!(wait(&tried(1), &unknown(), Duration::ZERO).1);
        assert!(wait(&tried(1), &answer(504), Duration::ZERO).1);
        assert!(!wait(&tried(1), &unreached(), Duration::ZERO).1);
    }

    #[test]
    fn the_last_ambiguous_attempt_is_pulled_into_the_time_that_the_backend_remembers() {
        let row = Row {
            ambiguous: true,
            ..tried(7)
        };
        let age = Duration::from_hours(18);
        assert_eq!(
            wait(&row, &unreached(), age).0,
            SignedDuration::from_secs(6 * 3600 - 105)
        );
        assert_eq!(
            parked(&row, &unreached(), DAY - Duration::from_secs(104)),
            RowState::Uncertain
        );
        assert_eq!(parked(&row, &unknown(), DAY * 2), RowState::Uncertain);
        assert_eq!(
            wait(&tried(7), &unreached(), DAY * 2).0,
            SignedDuration::from_hours(14)
        );
    }

    #[test]
    fn a_backend_that_puts_us_off_until_it_has_forgotten_leaves_the_row_uncertain() {
        let row = Row {
            ambiguous: true,
            ..tried(2)
        };
        assert_eq!(
            parked(&row, &answer_after(503, "7200"), Duration::from_hours(23)),
            RowState::Uncertain
        );
    }

    #[test]
    fn only_what_the_backend_may_have_is_forgotten() {
        let row = Row {
            ambiguous: true,
            ..tried(2)
        };
        assert!(!is_forgotten(&row, row.created + DAY, DAY));
        assert!(is_forgotten(
            &row,
            row.created + DAY + Duration::from_secs(1),
            DAY
        ));
        assert!(!is_forgotten(&tried(2), row.created + DAY * 3, DAY));
        assert!(!is_forgotten(&row, row.created + DAY * 3, Duration::MAX));
    }

    #[test]
    fn a_person_who_starts_a_forgotten_row_anew_gets_one_attempt() {
        let restarted = Row {
            ambiguous: true,
            last_error: "answered 503".into(),
            ..tried(1)
        };
        assert!(!is_forgotten(&restarted, restarted.created + DAY * 3, DAY));
        assert_eq!(
            parked(&restarted, &unreached(), DAY * 3),
            RowState::Uncertain
        );
        let cut_off = Row {
            last_error: String::new(),
            ..restarted.clone()
        };
        assert!(is_forgotten(&cut_off, cut_off.created + DAY * 3, DAY));
        assert!(is_forgotten(
            &Row {
                attempts: 2,
                ..restarted
            },
            cut_off.created + DAY * 3,
            DAY
        ));
    }
}
