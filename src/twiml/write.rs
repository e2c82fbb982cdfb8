//! Verbs in, a document out.

use super::document::{Document, Links, NONE};
use super::{limits, say, text, verbs};
use crate::engine::{
    Address, Audio, Callee, Conference, Dial, Enqueue, Gather, Meanwhile, QueueAt, Record, Speech,
    TalkTrack, Verb,
};

/// Writes what the caller hears as TwiML.
///
/// What XML cannot hold is left out of every text. A text that is longer than its voice can say becomes several Says.
/// A document over [`limits::DOCUMENT`] is made to fit by cutting its longest texts, all to the same length, so that
/// every verb stays whole; if the verbs alone are too much, those that are only heard are left out.
pub fn render(verbs: &[Verb], links: &Links<'_>) -> String {
    let whole = write(verbs, links, usize::MAX, Keep::All);
    if whole.len() <= limits::DOCUMENT {
        whole
    } else {
        shorten(verbs, links)
    }
}

/// Finds the longest texts that fit, by halving.
fn shorten(verbs: &[Verb], links: &Links<'_>) -> String {
    let mut best = None;
    let (mut fits, mut over) = (0, limits::DOCUMENT);
    while over - fits > 1 {
        let cap = fits.midpoint(over);
        let document = write(verbs, links, cap, Keep::All);
        if document.len() <= limits::DOCUMENT {
            fits = cap;
            best = Some(document);
        } else {
            over = cap;
        }
    }
    best.unwrap_or_else(|| write(verbs, links, 0, Keep::Needed))
}

/// Which verbs are written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Keep {
    All,
    /// Only those without which the call would go elsewhere.
    Needed,
}

fn write(list: &[Verb], links: &Links<'_>, cap: usize, keep: Keep) -> String {
    let mut document = Document::new(*links, cap, guess(list));
    document.start(verbs::RESPONSE, NONE);
    for verb in list {
        document.verb(verb, keep);
    }
    document.end(verbs::RESPONSE);
    document.finish()
}

/// Room for most documents: about 120 bytes a verb, and a text of usual length.
fn guess(list: &[Verb]) -> usize {
    let nested: usize = list
        .iter()
        .map(|verb| {
            if let Verb::Gather(gather) = verb {
                gather.prompts.len() + 3
            } else {
                1
            }
        })
        .sum();
    256 + nested * 192
}

impl Document<'_> {
    pub(super) fn verb(&mut self, verb: &Verb, keep: Keep) {
        if keep == Keep::Needed && verbs::is_only_heard(verb) {
            return;
        }
        match verb {
            Verb::Say(words) => say::write(self, words),
            Verb::Play(audio) => self.play(audio),
            Verb::Digits(keys) => self.digits(keys),
            Verb::Pause(seconds) => self.pause(*seconds),
            Verb::Gather(gather) => self.gather(gather, keep),
            Verb::Dial(dial) => self.dial(dial),
            Verb::Enqueue(queue) => self.enqueue(queue),
            Verb::Leave => self.empty(verbs::LEAVE, NONE),
            Verb::Refer(refer) => self.refer(&refer.to),
            Verb::Record(record) => self.record(record),
            Verb::Connect(connect) => self.connect(connect),
            Verb::Pay(pay) => self.pay(pay, keep),
            Verb::Start(start) => self.begin(start),
            Verb::Stop(what) => self.stop(*what),
            Verb::Again => self.redirect(self.links.action),
            Verb::Redirect(url) => self.redirect(url),
            Verb::Reject { busy } => {
                self.empty(
                    verbs::REJECT,
                    [("reason", if *busy { "busy" } else { "rejected" })],
                );
            }
            Verb::Hangup => self.empty(verbs::HANGUP, NONE),
        }
    }

    fn play(&mut self, audio: &Audio) {
        self.start(verbs::PLAY, NONE);
        match audio {
            Audio::Recording(path) => {
                let Links {
                    audio,
                    audio_fragment,
                    ..
                } = self.links;
                for part in [audio, path, audio_fragment] {
                    self.text(part);
                }
            }
            Audio::Url(url) => self.text(url),
        }
        self.end(verbs::PLAY);
    }

    /// Any other character makes the carrier refuse them all (error 13430).
    fn digits(&mut self, keys: &str) {
        let known: String = keys
            .chars()
            .filter(|key| matches!(key, '0'..='9' | 'A'..='D' | '#' | '*' | 'w' | 'W'))
            .collect();
        self.empty(verbs::PLAY, [("digits", known.as_str())]);
    }

    /// A Gather that hears nothing falls through, so the next turn is asked for by a Redirect; a leg goes on to what follows.
    fn gather(&mut self, gather: &Gather, keep: Keep) {
        let input = if gather.speech.is_some() {
            "dtmf speech"
        } else {
            "dtmf"
        };
        let timeout = gather.timeout.max(1).to_string();
        let keys = gather.num_digits.map(|number| number.max(1).to_string());
        let mut buffer = [0; 4];
        let finish = gather
            .finish_on_key
            .filter(|key| matches!(key, '0'..='9' | '#' | '*'));
        let finish = finish.map_or("", |key| key.encode_utf8(&mut buffer));
        let hints = gather
            .speech
            .as_ref()
            .map(|speech| self.hints(speech))
            .unwrap_or_default();
        let mut attributes = vec![
            ("action", self.links.action),
            ("method", "POST"),
            ("input", input),
        ];
        attributes.push(("timeout", &timeout));
        attributes.extend(keys.as_deref().map(|keys| ("numDigits", keys)));
        attributes.push(("finishOnKey", finish));
        if let Some(speech) = &gather.speech {
            attributes.push(("speechTimeout", "auto"));
            attributes.push(("language", &speech.language));
            attributes.extend(Some(("hints", hints.as_str())).filter(|_| !hints.is_empty()));
        }
        self.start(verbs::GATHER, attributes);
        for verb in gather
            .prompts
            .iter()
            .filter(|verb| verbs::nests_in_gather(verb))
        {
            self.verb(verb, keep);
        }
        self.end(verbs::GATHER);
        if !self.links.is_leg {
            self.redirect(self.links.action);
        }
    }

    /// A comma parts two hints, so that none can hold one. Those that do not fit are left out, the last first.
    fn hints(&self, speech: &Speech) -> String {
        let mut list = String::new();
        for hint in speech.hints.iter().take(limits::HINTS) {
            let words = text::strip(hint);
            let words: Vec<&str> = words
                .split(|c: char| c.is_whitespace() || c == ',')
                .filter(|w| !w.is_empty())
                .collect();
            let hint: String = words.join(" ").chars().take(limits::HINT).collect();
            if hint.is_empty() {
                continue;
            }
            // An attribute escapes quotes too, to six bytes.
            if (list.len() + hint.len() + 1).saturating_mul(6) > self.cap
                && weighed(&list) + weighed(&hint) + 1 > self.cap
            {
                break;
            }
            if !list.is_empty() {
                list.push(',');
            }
            list.push_str(&hint);
        }
        list
    }

    fn dial(&mut self, dial: &Dial) {
        let timeout = dial
            .timeout
            .clamp(*limits::RING.start(), *limits::RING.end())
            .to_string();
        let limit = dial.time_limit.max(1).to_string();
        let fixed = [
            ("action", self.links.action),
            ("method", "POST"),
            ("timeout", &timeout),
            ("timeLimit", &limit),
        ];
        let optional = [
            ("callerId", dial.caller_id.as_deref()),
            ("ringTone", dial.ring_tone.as_deref()),
            ("hangupOnStar", dial.hangup_on_star.then_some("true")),
            ("answerOnBridge", dial.answer_on_bridge.then_some("true")),
        ];
        let optional = optional
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?)));
        let status = dial.recorded.map(|_| self.recording_status());
        let recorded = dial.recorded.zip(status.as_deref()).map(|(who, status)| {
            let (record, track) = match who {
                TalkTrack::Both => ("record-from-answer-dual", "both"),
                TalkTrack::Caller => ("record-from-answer", "inbound"),
                TalkTrack::Agent => ("record-from-answer", "outbound"),
            };
            let told = told_of_recording(status);
            [("record", record), ("recordingTrack", track)]
                .into_iter()
                .chain(told)
        });
        let recorded = recorded.into_iter().flatten();
        self.start(
            verbs::DIAL,
            fixed.into_iter().chain(optional).chain(recorded),
        );
        for callee in &dial.callees {
            self.callee(callee, dial);
        }
        self.end(verbs::DIAL);
    }

    /// The URL at which the carrier tells how a recording ended.
    pub(super) fn recording_status(&self) -> String {
        format!("{}{}", self.links.recording, self.links.fragment)
    }

    /// Older documentation has a silent recording fall through, so the next turn is asked for by a Redirect too.
    fn record(&mut self, record: &Record) {
        let (timeout, longest) = (
            record.timeout.to_string(),
            record.longest.max(2).to_string(),
        );
        let (recording, fragment) = (self.links.recording, self.links.fragment);
        let status = self.recording_status();
        let transcript = format!("{recording}/transcript{fragment}");
        let fixed = [
            ("action", self.links.action),
            ("method", "POST"),
            ("timeout", &timeout),
            ("finishOnKey", &record.finish),
            ("maxLength", &longest),
        ];
        let fixed = fixed.into_iter().chain(told_of_recording(&status));
        let words = [
            ("transcribe", "true"),
            ("transcribeCallback", transcript.as_str()),
        ];
        let words = words.into_iter().filter(|_| record.transcribes);
        self.empty(verbs::RECORD, fixed.chain(words));
        self.redirect(self.links.action);
    }

    /// Somebody who is called. How a leg ends is always told; that one was answered only where it is asked for.
    fn callee(&mut self, callee: &Callee, dial: &Dial) {
        let leg = format!("{}/{}", self.links.leg, callee.leg);
        let (url, status) = (
            format!("{leg}{}", self.links.fragment),
            format!("{leg}/status{}", self.links.fragment),
        );
        let mut leg = vec![];
        if dial.screening.is_some() {
            leg.extend([("url", url.as_str()), ("method", "POST")]);
        }
        leg.extend([
            ("statusCallback", status.as_str()),
            ("statusCallbackMethod", "POST"),
        ]);
        leg.extend(
            dial.tells_answer
                .then_some(("statusCallbackEvent", "answered completed")),
        );
        match &callee.at {
            Address::Number { number, send } => {
                leg.extend(send.as_deref().map(|keys| ("sendDigits", keys)));
                self.noun(verbs::NUMBER, leg, number);
            }
            Address::Sip(address) => self.noun(verbs::SIP, leg, address),
            Address::Client(name) => self.noun(verbs::CLIENT, leg, name),
            Address::Queue(name) => self.noun(verbs::QUEUE, NONE, name),
            Address::Conference(room) => self.conference(room),
        }
    }

    fn conference(&mut self, room: &Conference) {
        let at_most = room.at_most.clamp(2, 250).to_string();
        let mut attributes = vec![
            (
                "startConferenceOnEnter",
                if room.start { "true" } else { "false" },
            ),
            (
                "endConferenceOnExit",
                if room.end { "true" } else { "false" },
            ),
            ("muted", if room.muted { "true" } else { "false" }),
            ("beep", if room.beep { "true" } else { "false" }),
            ("maxParticipants", at_most.as_str()),
        ];
        attributes.extend(room.hold.as_deref().map(|url| ("waitUrl", url)));
        self.noun(verbs::CONFERENCE, attributes, &room.name);
    }

    fn noun<'t>(
        &mut self,
        noun: &'static str,
        attributes: impl IntoIterator<Item = (&'t str, &'t str)>,
        text: &str,
    ) {
        self.start(noun, attributes);
        self.text(text);
        self.end(noun);
    }

    /// Behind it stands the turn that its action leads to, in case that the carrier goes on there once the caller has left.
    fn enqueue(&mut self, queue: &Enqueue) {
        let wait = match &queue.meanwhile {
            Meanwhile::Music => None,
            Meanwhile::Ours => Some(format!("{}{}", self.links.wait, self.links.fragment)),
            Meanwhile::Theirs(url) => Some(url.clone()),
        };
        let mut attributes = vec![("action", self.links.action), ("method", "POST")];
        attributes.extend(wait.as_deref().map(|url| ("waitUrl", url)));
        attributes.extend(wait.as_ref().map(|_| ("waitUrlMethod", "POST")));
        match &queue.at {
            QueueAt::Queue(name) => self.noun(verbs::ENQUEUE, attributes, name),
            QueueAt::Workflow {
                sid,
                about,
                priority,
            } => {
                attributes.push(("workflowSid", sid));
                self.start(verbs::ENQUEUE, attributes);
                let priority = priority.map(|priority| priority.to_string());
                let priority = priority.as_deref().map(|priority| ("priority", priority));
                self.noun(verbs::TASK, priority, about);
                self.end(verbs::ENQUEUE);
            }
        }
        self.redirect(self.links.action);
    }

    fn refer(&mut self, to: &str) {
        let attributes = [("action", self.links.action), ("method", "POST")];
        self.start(verbs::REFER, attributes);
        self.noun(verbs::SIP, NONE, to);
        self.end(verbs::REFER);
    }

    pub(super) fn redirect(&mut self, url: &str) {
        self.start(verbs::REDIRECT, [("method", "POST")]);
        self.text(url);
        self.end(verbs::REDIRECT);
    }
}

/// The carrier tells how a recording ended, and that there is none, only where it is asked to.
pub(super) fn told_of_recording(status: &str) -> [(&'static str, &str); 3] {
    [
        ("recordingStatusCallback", status),
        ("recordingStatusCallbackMethod", "POST"),
        ("recordingStatusCallbackEvent", "completed absent"),
    ]
}

/// The bytes of an attribute's value as they are written.
fn weighed(value: &str) -> usize {
    quick_xml::escape::escape(value).len()
}

#[cfg(test)]
mod tests;
