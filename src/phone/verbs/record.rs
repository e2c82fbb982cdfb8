//! `Record`: a beep, and a message.

use std::time::Duration;

use super::{AfterVerb, is_true, whole};
use crate::phone::act::{Caller, PhoneAct, Situation, TimedAct};
use crate::phone::call::Call;
use crate::phone::clock::CallClock;
use crate::phone::event::CallEvent;
use crate::phone::fault::Stop;
use crate::phone::form::{Field, field};
use crate::phone::spoken;
use crate::phone::wire::Wire;
use crate::twiml::read::Element;

/// The keys that end a recording where nothing else is said.
const KEYS: &str = "1234567890*#";

/// Messages and keys of one recording.
const ACTS: u32 = 1_000;

/// A message that was recorded.
#[derive(Default)]
struct Message {
    lasts: Duration,
    words: String,
    /// The key that ended it, or `hangup`.
    digits: String,
}

/// The longest time that is recorded.
fn longest(verb: &Element) -> Duration {
    let usual = if is_true(verb, "transcribe") {
        120
    } else {
        3_600
    };
    let written = whole(verb, "maxLength").filter(|length| *length > 0);
    Duration::from_secs(written.unwrap_or(usual))
}

impl<W: Wire, C: Caller> Call<'_, W, C> {
    /// Silence from the start is no message: the next verb is carried out (Twilio, documentation of Record).
    pub(super) async fn verb_record(&mut self, verb: &Element) -> Result<AfterVerb, Stop> {
        let mut message = Message::default();
        let stop = self.record(verb, &mut message).await.err();
        match stop {
            None | Some(Stop::HungUp) => {}
            Some(stop) => return Err(stop),
        }
        if message.lasts.is_zero() && message.digits.is_empty() {
            return Ok(AfterVerb::Next);
        }
        self.tell(&CallEvent::Recorded(message.lasts));
        let sid = self.name("RE");
        let fields = self.record_fields(&sid, &message);
        self.tell_recording(verb, &sid, &message).await;
        if stop.is_none() {
            return self.action(verb, fields);
        }
        if verb.attribute("action").is_some() {
            return self.last_action(verb, fields).await;
        }
        let url = self.document.url.clone();
        let here = Element {
            attributes: vec![("action".to_owned(), url)],
            ..verb.clone()
        };
        self.last_action(&here, fields).await
    }

    /// Records until silence, a key, the longest time or hanging up.
    async fn record(&mut self, verb: &Element, message: &mut Message) -> Result<(), Stop> {
        let longest = longest(verb);
        let silence = Some(whole(verb, "timeout").unwrap_or(5))
            .filter(|silence| *silence > 0)
            .map(Duration::from_secs);
        let keys = verb.attribute("finishOnKey").unwrap_or(KEYS).to_owned();
        for _ in 0..ACTS {
            let left = longest.saturating_sub(message.lasts);
            if left.is_zero() {
                return Ok(());
            }
            let begun = self.clock.elapsed();
            let acted = self
                .live(Situation::Records {
                    lasts: left,
                    silence,
                })
                .await;
            let took = self.clock.elapsed().saturating_sub(begun);
            match acted {
                Ok(None) => return Ok(()),
                Ok(Some(TimedAct {
                    after,
                    act: PhoneAct::Press(key),
                })) => {
                    message.lasts += after;
                    if keys.contains(key) {
                        self.tell(&CallEvent::Pressed(key));
                        message.digits = key.to_string();
                        return Ok(());
                    }
                    self.lose(&PhoneAct::Press(key));
                }
                Ok(Some(TimedAct {
                    after,
                    act: PhoneAct::Say(words),
                })) => {
                    let said = self.speak(&words, left.saturating_sub(after)).await?;
                    message.lasts += after + said;
                    message.words.push_str(&words);
                    self.tell(&CallEvent::Said(words));
                }
                Ok(Some(_)) => {}
                Err(Stop::HungUp) => {
                    message.lasts += took;
                    message.digits = "hangup".to_owned();
                    return Err(Stop::HungUp);
                }
                Err(stop) => return Err(stop),
            }
        }
        Ok(())
    }

    /// Words take their time, unless time passes by itself.
    async fn speak(&mut self, words: &str, most: Duration) -> Result<Duration, Stop> {
        let lasts = spoken::lasts(words, self.words_a_minute()).min(most);
        if let CallClock::Jumping(_) = self.clock {
            self.away(lasts, None).await?;
        }
        Ok(lasts)
    }

    fn record_fields(&self, sid: &str, message: &Message) -> Vec<Field> {
        vec![
            field("RecordingUrl", self.recording_url(sid)),
            field("RecordingSid", sid),
            field("RecordingDuration", seconds(message.lasts)),
            field("Digits", message.digits.as_str()),
        ]
    }

    /// Where a recording lies: nowhere, but it looks so.
    pub(super) fn recording_url(&self, sid: &str) -> String {
        format!(
            "https://api.twilio.com/2010-04-01/Accounts/{}/Recordings/{sid}",
            self.plan.account.sid
        )
    }

    /// The callbacks of a recording and of its transcription. Of these, the first has not the usual fields.
    async fn tell_recording(&mut self, verb: &Element, sid: &str, message: &Message) {
        let wanted = verb
            .attribute("recordingStatusCallbackEvent")
            .unwrap_or("completed");
        if wanted.split_whitespace().any(|event| event == "completed") {
            let fields = vec![
                field("AccountSid", self.plan.account.sid.as_str()),
                field("CallSid", self.plan.sid.as_str()),
                field("RecordingSid", sid),
                field("RecordingUrl", self.recording_url(sid)),
                field("RecordingStatus", "completed"),
                field("RecordingDuration", seconds(message.lasts)),
                field("RecordingChannels", "1"),
                field("RecordingStartTime", self.date()),
                field("RecordingSource", "RecordVerb"),
                field("RecordingTrack", "inbound"),
            ];
            self.call_back_to(
                verb,
                "recordingStatusCallback",
                "recordingStatusCallbackMethod",
                fields,
            )
            .await;
        }
        if is_true(verb, "transcribe") {
            let transcription = self.name("TR");
            let base = format!(
                "https://api.twilio.com/2010-04-01/Accounts/{}",
                self.plan.account.sid
            );
            let further = vec![
                field("TranscriptionSid", transcription.as_str()),
                field("TranscriptionText", message.words.as_str()),
                field(
                    "TranscriptionStatus",
                    if message.words.is_empty() {
                        "failed"
                    } else {
                        "completed"
                    },
                ),
                field(
                    "TranscriptionUrl",
                    format!("{base}/Transcriptions/{transcription}"),
                ),
                field("RecordingSid", sid),
                field("RecordingUrl", self.recording_url(sid)),
            ];
            let fields = self.standard.with(self.status(), further);
            self.call_back_to(verb, "transcribeCallback", "", fields)
                .await;
        }
    }
}

/// Whole seconds, as the carrier reports them: what has begun counts.
fn seconds(lasts: Duration) -> String {
    lasts.as_secs_f64().ceil().to_string()
}
