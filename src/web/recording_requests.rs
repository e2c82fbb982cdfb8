//! What is asked of the carrier about recordings: written down with the turn that gets one, so that it is copied and erased
//! whatever the carrier reports of it later, or never does.

use std::time::Duration;

use jiff::Timestamp;

use super::app::App;
use crate::carrier::recording::{NewRecording, RecordingName, RecordingTerms};
use crate::carrier::{Carrier, CarrierRequest};
use crate::engine::came::URL;
use crate::engine::{Call, CallSid, Flow, Input, KeptRecording, RecordingStatus, StepId, Value};
use crate::store::{self, Row};
use crate::twilio::Webhook;

impl App {
    /// What becomes of recordings here; nothing where no login of the carrier is set.
    pub fn recording_terms(&self) -> Option<RecordingTerms> {
        let carrier = self.carrier.as_ref()?;
        Some(RecordingTerms {
            copies: carrier.archive().is_some(),
            wait: self.times.recordings_wait,
        })
    }

    /// What came, with the address of a recording's copy in place of that at the carrier, where it is copied.
    pub fn at_its_copy(&self, mut input: Input, webhook: &Webhook<'_>) -> Input {
        let archive = self.carrier.as_ref().and_then(Carrier::archive);
        let named = webhook.account_sid.zip(webhook.recording());
        let (Some(archive), Some((account, sid))) = (archive, named) else {
            return input;
        };
        if let Input::Came(came) = &mut input {
            let name = name(account, &webhook.call_sid, sid);
            let url = came.facts.iter_mut().find(|(fact, _)| fact == URL);
            if let Some((_, url)) = url {
                *url = Value::Text(archive.address(&name));
            }
        }
        input
    }

    /// Lets a recording be copied now that it is complete. If this is lost, it is copied a little later.
    ///
    /// # Errors
    /// When the store is away.
    pub async fn copy_now(&self, webhook: &Webhook<'_>, sid: &str) -> Result<(), store::Error> {
        let copies = self.recording_terms().is_some_and(|terms| terms.copies);
        let Some(account) = webhook.account_sid.filter(|_| copies) else {
            return Ok(());
        };
        let copy = CarrierRequest::CopyRecording(name(account, &webhook.call_sid, sid));
        if self.store.retry_row(&copy.id(), self.store.now()).await? {
            self.outbox.wake();
        }
        Ok(())
    }
}

fn name(account: &str, call: &CallSid, sid: &str) -> RecordingName {
    RecordingName {
        account: account.to_owned(),
        call: call.clone(),
        recording: sid.to_owned(),
    }
}

/// How long the carrier keeps, at most, what an input brings of a recording to the step that the call waits at; nothing where
/// it brings none.
pub fn keeps(flow: &Flow, call: &Call, input: &Input) -> Option<Duration> {
    let Input::Came(came) = input else {
        return None;
    };
    came.recording()?;
    kept_at(flow, call.step()?)
}

/// How long the carrier keeps what a step records, at most.
fn kept_at(flow: &Flow, step: StepId) -> Option<Duration> {
    flow.step(step).action.away()?.keeps
}

/// The rows about the recording that a turn has brought. One in which nothing is heard is not copied: the carrier keeps it all
/// the same, so it is erased when its time is over.
pub fn requests(
    call: &Call,
    input: &Input,
    keep: Duration,
    terms: RecordingTerms,
    now: Timestamp,
) -> Vec<Row> {
    let Input::Came(came) = input else {
        return Vec::new();
    };
    let named = came.recording().filter(|_| !call.opened.rehearsal);
    let named = named.and_then(|(sid, url)| Some((sid, account_in(url)?)));
    let Some((sid, account)) = named else {
        return Vec::new();
    };
    let kept = call.recording(sid);
    let is_heard = kept.is_some_and(KeptRecording::is_heard);
    let terms = RecordingTerms {
        copies: terms.copies && is_heard,
        ..terms
    };
    let recording = NewRecording {
        name: name(account, &call.sid, sid),
        keep,
        awaits_words: kept.is_some_and(|kept| kept.transcribes && kept.transcript.is_none()),
        is_complete: kept.is_some_and(|kept| kept.status == Some(RecordingStatus::Completed)),
    };
    terms.rows(&recording, now)
}

/// The rows about a recording of which the carrier tells before a turn has brought it: that it is erased, since perhaps none ever
/// does. A caller who hangs up on somebody else may have no turn any more, and no turn brings what was recorded beside the
/// call, which is copied too. Where it is not known which step has recorded it, the longest time of its flow counts.
pub fn unbrought(
    flow: &Flow,
    call: &Call,
    (account, sid): (&str, &str),
    (terms, is_beside): (RecordingTerms, bool),
    now: Timestamp,
) -> Vec<Row> {
    let is_brought = call.recording(sid).is_some_and(KeptRecording::is_heard);
    if is_brought || call.opened.rehearsal {
        return Vec::new();
    }
    if is_beside {
        let keeps = flow.steps.iter().filter_map(|step| step.action.keeps());
        let recording = keeps.max().map(|keep| NewRecording {
            name: name(account, &call.sid, sid),
            keep,
            awaits_words: false,
            is_complete: true,
        });
        let rows = recording.map(|recording| terms.rows(&recording, now));
        return rows.unwrap_or_default();
    }
    let here = call.step().and_then(|step| kept_at(flow, step));
    let all = flow
        .steps
        .iter()
        .filter_map(|step| step.action.away()?.keeps);
    let Some(keep) = here.or_else(|| all.max()) else {
        return Vec::new();
    };
    let recording = NewRecording {
        name: name(account, &call.sid, sid),
        keep,
        awaits_words: false,
        is_complete: true,
    };
    vec![terms.erasure(&recording, now)]
}

/// The account in a recording's address: at the carrier behind `Accounts`, in a copy's before call and recording. The
/// request that brought it was signed.
fn account_in(url: &str) -> Option<&str> {
    match url.split_once("/Accounts/") {
        Some((_, rest)) => rest.split('/').next(),
        None => url.rsplit('/').nth(2),
    }
}

#[cfg(test)]
mod tests {
    use super::account_in;

    #[test]
    fn the_account_is_read_from_either_address() {
        for url in [
            "https://api.twilio.com/2010-04-01/Accounts/AC1/Recordings/RE1",
            "s3://bucket/calls/AC1/CA1/RE1.wav",
            "file:///var/lib/calls/AC1/CA1/RE1.wav",
        ] {
            assert_eq!(account_in(url), Some("AC1"), "{url}");
        }
        assert_eq!(account_in("RE1"), None);
    }
}
