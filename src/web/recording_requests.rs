//! What is asked of the carrier about recordings: written down with the turn that gets one, so that it is copied and erased
//! whatever the carrier reports of it later, or never does.

use jiff::Timestamp;

use super::app::App;
use crate::carrier::recording::{NewRecording, RecordingName, RecordingTerms};
use crate::carrier::{Carrier, CarrierRequest};
use crate::engine::{Call, CallSid, Flow, Input, KeptRecording, RecordingStatus, Value};
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
            let url = came.facts.iter_mut().find(|(fact, _)| fact == "url");
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

/// The recordings that answers have got.
fn answered(call: &Call) -> impl Iterator<Item = &KeptRecording> {
    let kept = call.recordings.iter();
    kept.filter(|kept| kept.answer.is_some())
}

/// The names of the recordings that answers have got.
pub fn known(call: &Call) -> Vec<String> {
    answered(call)
        .map(|kept| kept.recording.sid.clone())
        .collect()
}

/// The rows about the recordings that a call has got by an input since it knew those `before`.
pub fn requests(
    flow: &Flow,
    call: &Call,
    input: &Input,
    (before, terms): (&[String], Option<RecordingTerms>),
    now: Timestamp,
) -> Vec<Row> {
    let Some(terms) = terms.filter(|_| !call.opened.rehearsal) else {
        return Vec::new();
    };
    let is_new = |kept: &&KeptRecording| !before.contains(&kept.recording.sid);
    let of = |kept: &KeptRecording| {
        let answer = flow.answer(kept.answer?)?;
        let account = account_in(&kept.recording.url)?;
        let recording = NewRecording {
            name: name(account, &call.sid, &kept.recording.sid),
            keep: answer.kind.recording()?.keep,
            awaits_words: kept.transcribes && kept.transcript.is_none(),
            is_complete: kept.status == Some(RecordingStatus::Completed),
        };
        Some(terms.rows(&recording, now))
    };
    let mut rows: Vec<Row> = answered(call)
        .filter(is_new)
        .filter_map(of)
        .flatten()
        .collect();
    let silent = silent(flow, call, input);
    rows.extend(silent.into_iter().flat_map(|silent| {
        let terms = RecordingTerms {
            copies: false,
            ..terms
        };
        terms.rows(&silent, now)
    }));
    rows
}

/// A recording that came and that no answer got, since nothing is heard in it. The carrier keeps it all the same, so it is
/// erased when the flow's longest time for any is over.
fn silent(flow: &Flow, call: &Call, input: &Input) -> Option<NewRecording> {
    let Input::Came(came) = input else {
        return None;
    };
    let (Some(Value::Text(sid)), Some(Value::Text(url))) = (came.fact("sid"), came.fact("url"))
    else {
        return None;
    };
    if answered(call).any(|kept| kept.recording.sid == *sid) {
        return None;
    }
    let answers = flow.answers.iter();
    let keep = answers.filter_map(|answer| answer.kind.recording());
    Some(NewRecording {
        name: name(account_in(url)?, &call.sid, sid),
        keep: keep.map(|times| times.keep).max()?,
        awaits_words: false,
        is_complete: false,
    })
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
