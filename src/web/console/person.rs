//! The person on the line: what the page does and what is reported to it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::mask::{HIDDEN, Mask};
use super::page_call::PageCall;
use crate::phone::{
    CallEvent, Caller, EndedBy, Notice, PhoneAct, Playback, Purpose, Request, Severity, Situation,
    TimedAct,
};

/// How often it is looked whether somebody is still there.
const LOOK: Duration = Duration::from_secs(1);

/// Whoever sits before the page.
pub struct Person {
    line: Arc<PageCall>,
    acts: mpsc::Receiver<PhoneAct>,
    mask: Arc<Mutex<Mask>>,
    /// What stands before the path of every URL of ours.
    outside: String,
}

/// The mask of a call, which the wire and the person share.
pub fn lock(mask: &Mutex<Mask>) -> MutexGuard<'_, Mask> {
    mask.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Person {
    /// A person on a line.
    pub fn new(
        line: Arc<PageCall>,
        acts: mpsc::Receiver<PhoneAct>,
        mask: Arc<Mutex<Mask>>,
        outside: String,
    ) -> Self {
        Self {
            line,
            acts,
            mask,
            outside,
        }
    }

    async fn next_act(&mut self) -> PhoneAct {
        loop {
            tokio::select! {
                act = self.acts.recv() => return act.unwrap_or(PhoneAct::HangUp),
                () = tokio::time::sleep(LOOK) => if self.line.is_due(Instant::now()) { return PhoneAct::HangUp },
            }
        }
    }

    fn describe(&self, event: &CallEvent) -> Value {
        let mut mask = lock(&self.mask);
        match event {
            CallEvent::Asks(request) => asks(request, &mask),
            CallEvent::Answered(response, micros) => {
                json!({ "event": "answered", "status": response.status, "micros": micros, "bytes": response.body.len() })
            }
            CallEvent::Document { url, text } => {
                json!({ "event": "document", "url": mask.url(url), "text": text })
            }
            CallEvent::Hears(speech) => self.hears(speech),
            CallEvent::Waits {
                timeout,
                num_digits,
                finish_on_key,
                speech,
                dtmf,
                hints,
            } => json!({
                "event": "waits", "timeout": seconds(*timeout), "num_digits": num_digits,
                "finish_on_key": finish_on_key, "speech": speech, "dtmf": dtmf, "hints": hints,
            }),
            CallEvent::Pressed(key) => json!({ "event": "pressed", "key": mask.key(*key) }),
            CallEvent::Lost(what) => json!({ "event": "lost", "what": mask.lost(what) }),
            CallEvent::Said(words) => json!({ "event": "said", "text": mask.entry(words) }),
            CallEvent::Entered { digits, speech } => {
                json!({ "event": "entered", "digits": mask.entry(digits), "speech": mask.entry(speech) })
            }
            CallEvent::Recorded(lasts) => {
                json!({ "event": "recorded", "seconds": seconds(*lasts) })
            }
            CallEvent::Leaves { verb, to } => json!({ "event": "leaves", "verb": verb, "to": to }),
            CallEvent::Returns {
                verb,
                to,
                outcome,
                after,
            } => json!({
                "event": "returns", "verb": verb, "to": to, "outcome": outcome, "seconds": seconds(*after),
            }),
            CallEvent::Screened {
                whom,
                heard,
                pressed,
                connected,
            } => json!({
                "event": "screened", "whom": whom, "heard": heard, "pressed": pressed, "connected": connected,
            }),
            CallEvent::Beside { verb, noun, name } => {
                json!({ "event": "beside", "verb": verb, "noun": noun, "name": name })
            }
            CallEvent::Texts { to, body } => json!({ "event": "texts", "to": to, "body": body }),
            CallEvent::Notices(notice) => notices(notice, &mask),
            CallEvent::Ends(ended) => json!({
                "event": "ends", "status": ended.status, "seconds": seconds(ended.after), "by": by(&ended.by),
            }),
        }
    }

    fn hears(&self, speech: &Playback) -> Value {
        // A recording of ours is played by the page from where the page came from.
        let ours = speech
            .source
            .strip_prefix(&self.outside)
            .filter(|path| path.starts_with("/audio/"));
        let recording = ours.map(|path| path.split('#').next().unwrap_or(path));
        json!({
            "event": "hears", "verb": speech.verb, "text": speech.text, "source": speech.source,
            "recording": recording, "language": speech.language, "voice": speech.voice,
            "seconds": seconds(speech.lasts), "listens": speech.listens,
        })
    }
}

impl Caller for Person {
    fn notice(&mut self, at: Duration, event: &CallEvent) {
        let mut described = self.describe(event);
        described["at"] = seconds(at);
        self.line.tell(&described);
    }

    async fn act(&mut self, moment: &Situation) -> Option<TimedAct> {
        let began = Instant::now();
        match tokio::time::timeout(moment.lasts(), self.next_act()).await {
            Ok(act) => Some(TimedAct {
                after: began.elapsed().min(moment.lasts()),
                act,
            }),
            Err(_) => None,
        }
    }

    fn cut_off(&mut self, heard: &Playback, after: Duration) {
        let left = seconds(heard.lasts.saturating_sub(after));
        self.line
            .tell(&json!({ "event": "cut_off", "seconds_left": left }));
    }
}

/// Seconds, to the thousandth.
fn seconds(time: Duration) -> Value {
    json!(time.as_millis() as f64 / 1000.0)
}

fn asks(request: &Request, mask: &Mask) -> Value {
    let (purpose, fields) = match request.purpose {
        Purpose::Voice => ("voice", mask.fields(&request.fields)),
        Purpose::Status => ("status", mask.fields(&request.fields)),
        // Partial results of speech come here, word by word: too many ways to say a secret.
        Purpose::Callback => (
            "callback",
            request
                .fields
                .iter()
                .map(|(name, _)| (name.clone(), HIDDEN.to_owned()))
                .collect(),
        ),
        Purpose::Leg => ("leg", mask.fields(&request.fields)),
        Purpose::Media => ("media", Vec::new()),
    };
    let method = match request.method {
        crate::phone::Method::Get => "GET",
        crate::phone::Method::Post => "POST",
    };
    json!({ "event": "asks", "purpose": purpose, "method": method, "url": mask.url(&request.url), "fields": fields })
}

fn notices(notice: &Notice, mask: &Mask) -> Value {
    let severity = match notice.severity {
        Severity::Warning => "warning",
        Severity::Error => "error",
    };
    json!({
        "event": "notices", "code": notice.code, "severity": severity, "message": notice.message,
        "url": mask.url(&notice.url), "line": notice.line,
    })
}

fn by(by: &EndedBy) -> Value {
    match by {
        EndedBy::Application => json!({ "who": "application" }),
        EndedBy::Caller => json!({ "who": "caller" }),
        EndedBy::Fault(notice) => {
            json!({ "who": "fault", "code": notice.code, "message": notice.message })
        }
        EndedBy::Unforeseen(verb, what) => {
            json!({ "who": "unforeseen", "verb": verb, "what": what })
        }
    }
}
