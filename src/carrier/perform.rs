//! Carries requests out, and tells the outbox what came of each.

use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use jiff::Timestamp;

use super::recording::{Archive, CopyError, EraseError, RecordingName, copy, erase};
use super::request::{CarrierRequest, RecordingErasure};
use super::text::{Sent, TextRequest, send};
use crate::outbox::{AttemptOutcome, Perform};
use crate::store::Row;
use crate::twilio::rest::{Erased, Rest, RestError};
use crate::verify::LIFE;

/// How soon it is looked again whether a recording is copied, at first; the wait grows with the time that it takes.
const LOOK_AGAIN: Duration = Duration::from_secs(15);

/// How long after it was asked for a message or a call is on the carrier's list at the latest.
pub const LISTED: Duration = Duration::from_secs(10);

/// The longest such wait.
const LOOK_AGAIN_MAX: Duration = Duration::from_hours(6);

/// Carries out what is asked of the carrier.
#[derive(Clone, Debug)]
pub struct Carrier {
    rest: Rest,
    archive: Option<Archive>,
    /// Stands before the path of what the carrier reports; nothing where it cannot reach us.
    public: Option<String>,
}

impl Carrier {
    /// With the carrier's API, and the place where copies of recordings are kept, if there is one.
    pub fn new(rest: Rest, archive: Option<Archive>) -> Self {
        Self {
            rest,
            archive,
            public: None,
        }
    }

    /// The same, reached by the carrier at this URL.
    #[must_use]
    pub fn reached_at(self, public: Option<String>) -> Self {
        Self { public, ..self }
    }

    /// The carrier's API.
    pub fn rest(&self) -> &Rest {
        &self.rest
    }

    /// What stands before the path of what the carrier asks for; nothing where it cannot reach us.
    pub fn public(&self) -> Option<&str> {
        self.public.as_deref()
    }

    /// The place where copies of recordings are kept.
    pub fn archive(&self) -> Option<&Archive> {
        self.archive.as_ref()
    }

    async fn text(&self, row: &Row, text: &TextRequest, now: Timestamp) -> AttemptOutcome {
        if row.id.is_rehearsal() {
            tracing::info!(sid = %text.call, step = text.step, "An SMS of a call that nobody made is not sent.");
            return done();
        }
        if row.is_fleeting() && row.created.checked_add(LIFE).is_ok_and(|over| over < now) {
            tracing::warn!(call_sid = %text.call, step = text.step, "A code is too old to be sent.");
            return AttemptOutcome::Refused {
                error: "the code in it holds no more".to_owned(),
            };
        }
        // What was asked a moment ago may not be on the carrier's list yet.
        let last = row.history.attempts.last().map(|attempt| attempt.at);
        let looks = last.map_or(now, |last| last.checked_add(LISTED).unwrap_or(now));
        if row.ambiguous && now < looks {
            return AttemptOutcome::NotYet {
                until: looks,
                why: "the carrier may have it, and need not list it yet".to_owned(),
            };
        }
        let callback = self.public.as_ref();
        let callback = callback.map(|public| format!("{public}/text/{}", row.id));
        let asked = (row.created, row.ambiguous);
        match send(&self.rest, text, callback.as_deref(), asked).await {
            Ok(sent) => {
                let (message, again) = match &sent {
                    Sent::Now(message) => (message, false),
                    Sent::Before(message) => (message, true),
                };
                let (sid, status) = (&message.sid, &message.status);
                tracing::info!(call_sid = %text.call, step = text.step, sid, status, again, "SMS handed to the carrier.");
                AttemptOutcome::Answered {
                    status: 201,
                    retry_after: None,
                    body: Bytes::from(format!("{sid} {status}")),
                }
            }
            Err(error) => {
                let outcome = outcome_of_call(&error);
                if let AttemptOutcome::Refused { error } = &outcome {
                    tracing::warn!(call_sid = %text.call, step = text.step, error, "The carrier refuses an SMS.");
                }
                outcome
            }
        }
    }

    async fn copy(&self, name: &RecordingName) -> AttemptOutcome {
        let Some(archive) = &self.archive else {
            return not_done("no place for copies is set (recordings.copy)");
        };
        match copy(&self.rest, archive, name).await {
            Ok(kept) => {
                tracing::info!(sid = %name.call, recording = name.recording, bytes = kept.bytes, "Recording copied.");
                done()
            }
            Err(CopyError::Carrier(error)) => outcome_of(&error),
            Err(error @ (CopyError::Foreign | CopyError::Nothing)) => AttemptOutcome::Refused {
                error: error.to_string(),
            },
            Err(error) => not_done(&error.to_string()),
        }
    }

    async fn erase(
        &self,
        erasure: &RecordingErasure,
        created: Timestamp,
        now: Timestamp,
    ) -> AttemptOutcome {
        let RecordingErasure {
            name,
            keep_until,
            once_copied,
        } = erasure;
        let unless_copied = once_copied.then_some(*keep_until);
        match erase(&self.rest, self.archive.as_ref(), name, unless_copied, now).await {
            Ok(erased) => {
                let again = erased == Erased::Before;
                tracing::info!(sid = %name.call, recording = name.recording, again, "Recording erased at the carrier.");
                done()
            }
            Err(EraseError::NotCopied) => AttemptOutcome::NotYet {
                until: look_again(created, now).min(*keep_until),
                why: "it is not copied yet".to_owned(),
            },
            Err(EraseError::Carrier(error)) => outcome_of(&error),
            Err(error) => not_done(&error.to_string()),
        }
    }
}

impl Perform for Carrier {
    fn perform<'a>(&'a self, row: &'a Row, now: Timestamp) -> BoxFuture<'a, AttemptOutcome> {
        async move {
            match CarrierRequest::read(&row.body) {
                Some(CarrierRequest::CopyRecording(name)) => self.copy(&name).await,
                Some(CarrierRequest::EraseRecording(erasure)) => {
                    self.erase(&erasure, row.created, now).await
                }
                Some(CarrierRequest::SendText(text)) => self.text(row, &text, now).await,
                // Whether it may be placed now, only a node knows: it carries this out itself.
                Some(CarrierRequest::PlaceCall(_)) => not_done("no node places calls here"),
                Some(CarrierRequest::DoubtPayment(_)) => AttemptOutcome::Refused {
                    error: "nobody but the provider knows whether this was paid".to_owned(),
                },
                // A later release may have written it: it must not be lost.
                None => not_done("this release does not know such a request"),
            }
        }
        .boxed()
    }
}

fn done() -> AttemptOutcome {
    AttemptOutcome::Answered {
        status: 200,
        retry_after: None,
        body: Bytes::new(),
    }
}

fn not_done(error: &str) -> AttemptOutcome {
    AttemptOutcome::NotDone {
        error: error.to_owned(),
        is_alive: true,
    }
}

/// What an error of the API means for an SMS or a call: it cannot be had by asking again what was refused, and where the
/// carrier may have it, it is looked for first.
pub fn outcome_of_call(error: &RestError) -> AttemptOutcome {
    match error {
        RestError::Refused(_) | RestError::NotFound(_) => AttemptOutcome::Refused {
            error: error.to_string(),
        },
        error if error.is_ambiguous() => AttemptOutcome::Unknown {
            error: error.to_string(),
        },
        error => outcome_of(error),
    }
}

/// What an error of the API means for the row.
fn outcome_of(error: &RestError) -> AttemptOutcome {
    let answered = |status, retry_after: &Option<String>| AttemptOutcome::Answered {
        status,
        retry_after: retry_after.clone(),
        body: Bytes::from(error.to_string()),
    };
    match error {
        RestError::TooMany { retry_after, .. } => answered(429, retry_after),
        RestError::Failing {
            refusal,
            retry_after,
        } => answered(refusal.status, retry_after),
        RestError::Refused(refusal) | RestError::NotFound(refusal) => {
            answered(refusal.status, &None)
        }
        RestError::NoSid(_) => AttemptOutcome::Refused {
            error: error.to_string(),
        },
        RestError::NotSent(error) => AttemptOutcome::NotSent {
            error: error.clone(),
        },
        RestError::NoAnswer(error) => AttemptOutcome::Unknown {
            error: error.clone(),
        },
        // An operator may set the login right: until then everything waits.
        RestError::Denied(_) => AttemptOutcome::NotDone {
            error: error.to_string(),
            is_alive: false,
        },
        RestError::NoLogin(_)
        | RestError::NotCompleted(_)
        | RestError::TooLong(_)
        | RestError::NotUnderstood(_) => not_done(&error.to_string()),
    }
}

/// When to look again for something that has been waited for since `created`: after a quarter of that time.
fn look_again(created: Timestamp, now: Timestamp) -> Timestamp {
    let waited = Duration::try_from(now.duration_since(created)).unwrap_or_default();
    let wait = (waited / 4).clamp(LOOK_AGAIN, LOOK_AGAIN_MAX);
    now.checked_add(wait).unwrap_or(now)
}

#[cfg(test)]
mod tests {
    use jiff::{SignedDuration, Timestamp};

    use super::look_again;

    #[test]
    fn what_is_waited_for_is_looked_at_ever_less_often() {
        let created = Timestamp::UNIX_EPOCH;
        let wait = |waited| {
            let now = created + SignedDuration::from_secs(waited);
            look_again(created, now).duration_since(now).as_secs()
        };
        assert_eq!(
            [0, 60, 400, 86_400, 864_000].map(wait),
            [15, 15, 100, 21_600, 21_600]
        );
    }
}
