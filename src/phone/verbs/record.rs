//! `Record`: a beep, and a message.

use std::time::Duration;

use super::recorded::{Recorded, seconds};
use super::{AfterVerb, is_true, whole};
use crate::phone::act::{Caller, PhoneAct, Situation, TimedAct};
use crate::phone::call::Call;
use crate::phone::clock::CallClock;
use crate::phone::event::{CallEvent, EndedBy};
use crate::phone::fault::{CallEnd, Stop};
use crate::phone::form::{Field, field};
use crate::phone::spoken;
use crate::phone::wire::Wire;
use crate::phone::world::{RecordAnswer, RecordEnd, TOLD, Unforeseen};
use crate::twiml::read::Element;
use crate::written::Utterance;

/// The keys that end a recording where nothing else is said.
const KEYS: &str = "1234567890*#";

/// Messages and keys of one recording.
const ACTS: u32 = 1_000;

/// A message that was recorded.
#[derive(Default)]
struct Message {
    lasts: Duration,
    /// The silence at its end.
    silence: Duration,
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

/// How long a recording is that is kept: silence at its end is cut off, unless the verb wants it, which the action does not
/// know yet (Twilio, documentation of Record: `trim`).
fn kept(verb: &Element, message: &Message) -> Duration {
    match verb.attribute("trim") {
        Some("do-not-trim") => message.lasts,
        _ => message.lasts.saturating_sub(message.silence),
    }
}

impl<W: Wire, C: Caller> Call<'_, W, C> {
    /// What the world says is recorded, else what the caller does. Of a caller who does nothing silence from the start is no
    /// message: the next verb is carried out (Twilio, older documentation of Record). Of the world it is one as long as the
    /// silence that ends it, and the action is asked (Twilio, documentation of Record): whoever plays both meets both.
    pub(super) async fn verb_record(&mut self, verb: &Element) -> Result<AfterVerb, Stop> {
        let mut message = Message::default();
        let world = self.world_records(verb)?;
        let stop = match &world {
            Some(answer) => self.record_world(verb, answer, &mut message).await.err(),
            None => self.record(verb, &mut message).await.err(),
        };
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
        self.tell_message(verb, &sid, &message, world.as_ref());
        let now = self.clock.elapsed();
        self.tell_later(now).await;
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

    /// What the world says is recorded here. A test has to say it; anywhere else the caller speaks.
    fn world_records(&mut self, verb: &Element) -> Result<Option<RecordAnswer>, Stop> {
        let Some(at) = self.report.steps.last().cloned() else {
            return Ok(None);
        };
        let world = self.world;
        let known = world.recorded_in(&self.report).and_then(|(key, all)| {
            let before = self.dialled.entry(key.to_owned()).or_default();
            *before += 1;
            all.get(*before - 1).or(all.last())
        });
        match (known, world.unforeseen) {
            (Some(answer), _) => Ok(Some(answer.clone())),
            (None, Unforeseen::NobodyThere) => Ok(None),
            (None, Unforeseen::Ends) => {
                let by = EndedBy::Unforeseen(verb.name.clone(), at);
                Err(Stop::Over(CallEnd { by, status: None }))
            }
        }
    }

    /// Records what the world says.
    async fn record_world(
        &mut self,
        verb: &Element,
        answer: &RecordAnswer,
        message: &mut Message,
    ) -> Result<(), Stop> {
        let silence = Duration::from_secs(whole(verb, "timeout").unwrap_or(5));
        let keys = verb.attribute("finishOnKey").unwrap_or(KEYS).to_owned();
        let ends = match answer.ends {
            RecordEnd::Key(key) if !keys.contains(key) => RecordEnd::Silence,
            ends => ends,
        };
        let silence = match ends {
            RecordEnd::Silence => silence,
            RecordEnd::Key(_) | RecordEnd::HangUp => Duration::ZERO,
        };
        let lasts = (answer.speaks + silence).min(longest(verb));
        message.words.clone_from(&answer.says);
        let (begun, ended) = (self.clock.elapsed(), self.away(lasts, None).await);
        message.lasts = self.clock.elapsed().saturating_sub(begun);
        message.silence = message.lasts.saturating_sub(answer.speaks);
        if ended.is_err() {
            "hangup".clone_into(&mut message.digits);
        }
        ended?;
        if !answer.says.is_empty() {
            self.tell(&CallEvent::Said(answer.says.clone()));
        }
        match ends {
            RecordEnd::Silence => Ok(()),
            RecordEnd::Key(key) => {
                self.tell(&CallEvent::Pressed(key));
                message.digits = key.to_string();
                Ok(())
            }
            RecordEnd::HangUp => {
                "hangup".clone_into(&mut message.digits);
                Err(Stop::HungUp)
            }
        }
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
                    act: PhoneAct::Say(Utterance { words, .. }),
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

    /// The callbacks of a recording and of its transcription, which come later.
    fn tell_message(
        &mut self,
        verb: &Element,
        sid: &str,
        message: &Message,
        world: Option<&RecordAnswer>,
    ) {
        let report = world
            .map(|answer| answer.report.clone())
            .unwrap_or_default();
        let recorded = Recorded {
            sid: sid.to_owned(),
            lasts: kept(verb, message),
            source: "RecordVerb",
            track: "inbound".to_owned(),
            channels: "1",
        };
        self.tell_recorded(verb, &recorded, &report);
        if is_true(verb, "transcribe") && report.status.as_deref() == Some("completed") {
            let fields = self.transcript_fields(sid, message);
            let told = report.told + report.told.min(TOLD);
            self.tell_url(verb, "transcribeCallback", told, fields);
        }
    }

    fn transcript_fields(&mut self, sid: &str, message: &Message) -> Vec<Field> {
        let transcription = self.name("TR");
        let base = format!(
            "https://api.twilio.com/2010-04-01/Accounts/{}",
            self.plan.account.sid
        );
        let status = if message.words.is_empty() {
            "failed"
        } else {
            "completed"
        };
        let further = vec![
            field("TranscriptionSid", transcription.as_str()),
            field("TranscriptionText", message.words.as_str()),
            field("TranscriptionStatus", status),
            field(
                "TranscriptionUrl",
                format!("{base}/Transcriptions/{transcription}"),
            ),
            field("RecordingSid", sid),
            field("RecordingUrl", self.recording_url(sid)),
        ];
        self.standard.with(self.status(), further)
    }
}
