//! The caller of a test: hears everything, and does at each question what the file says.

use std::collections::VecDeque;
use std::mem::take;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use super::hears::one_space;
use super::script::{Script, Turn};
use crate::phone::{
    CallEvent, Caller, Closing, Notice, PhoneAct, Playback, Purpose, Request, Severity, Situation,
    TimedAct, TurnReport, contact, queue,
};
use crate::written::CallerAct;

/// From a question to the first key, and from key to key.
const KEY: Duration = Duration::from_millis(500);
/// How long somebody lets it ring before hanging up.
const PATIENCE: Duration = Duration::from_secs(2);

/// The caller of a test.
pub(super) struct Actor<'a> {
    script: &'a Script,
    /// The turn that comes next.
    next: usize,
    /// Keys of the turn that are still to be pressed.
    keys: VecDeque<char>,
    /// Whether a question was put that nothing was done at.
    is_asked: bool,
    /// Whether the call is handed on.
    is_away: bool,
    /// How often the call came back since the last act from where it had been handed on.
    returns: u32,
    /// The contacts that are dialled, in order; empty texts for anybody else, and none where the server does not say.
    contacts: Vec<String>,
    /// The step that the call is at; empty where the server does not say.
    step: String,
    /// What was heard and asked since the last act.
    now: Stretch,
    words: Vec<String>,
    pub past: Vec<Stretch>,
    /// Faults that the carrier reported.
    pub notices: Vec<Notice>,
    /// The URLs of recordings that were asked for.
    pub recordings: Vec<String>,
    /// Whether the call went on after the last turn, and the caller had to hang up.
    pub is_left_over: bool,
    /// What was done that nobody listened for: the turn, and what.
    pub lost: Vec<(usize, String)>,
}

impl<'a> Actor<'a> {
    pub fn new(script: &'a Script) -> Self {
        Self {
            script,
            next: 0,
            keys: VecDeque::new(),
            is_asked: false,
            is_away: false,
            returns: 0,
            contacts: Vec::new(),
            step: String::new(),
            now: Stretch::default(),
            words: Vec::new(),
            past: Vec::new(),
            notices: Vec::new(),
            recordings: Vec::new(),
            is_left_over: false,
            lost: Vec::new(),
        }
    }

    /// Everything that was heard, stretch by stretch: one before each act, and one to the end.
    pub fn stretches(mut self) -> Vec<Stretch> {
        self.close();
        self.past
    }

    fn close(&mut self) {
        self.now.heard = one_space(&take(&mut self.words).join(" "));
        self.past.push(take(&mut self.now));
    }

    /// What the caller does at a question.
    fn answer(&mut self) -> Option<TimedAct> {
        self.is_asked = false;
        let script = self.script;
        let Some(Turn { does, .. }) = script.turns.get(self.next) else {
            self.is_left_over = !script.hangs_up() && !script.is_open();
            return Some(acted(KEY, PhoneAct::HangUp));
        };
        self.close();
        self.next += 1;
        self.returns = 0;
        match does {
            CallerAct::Silent => None,
            CallerAct::Says(words) => Some(acted(KEY, PhoneAct::Say(words.clone()))),
            CallerAct::Press(keys) => {
                self.keys = keys.chars().collect();
                self.press()
            }
        }
    }

    /// What the caller does before a question is over that does not wait: skips it, or is silent. Any other act is for the
    /// next one.
    fn close_question(&mut self, closing: Closing) -> Option<PhoneAct> {
        let act = match &self.script.turns.get(self.next)?.does {
            CallerAct::Silent => None,
            CallerAct::Press(keys) if closing.is_skipped_by(keys) => {
                closing.finish_on_key.map(PhoneAct::Press)
            }
            _ => return None,
        };
        self.close();
        self.next += 1;
        act
    }

    /// Hangs up while the call is handed on, where that comes next.
    fn leave(&self) -> Option<TimedAct> {
        let script = self.script;
        let is_next = script.hangs_up() && self.next == script.turns.len();
        (self.is_away && is_next && self.returns >= script.end.after_waits)
            .then(|| acted(PATIENCE, PhoneAct::HangUp))
    }

    fn press(&mut self) -> Option<TimedAct> {
        self.keys
            .pop_front()
            .map(|key| acted(KEY, PhoneAct::Press(key)))
    }
}

/// What was heard from one act to the next.
#[derive(Clone, Debug, Default)]
pub struct Stretch {
    /// The words, with one space between them.
    pub heard: String,
    /// The last request for TwiML.
    pub request: Option<Arc<Request>>,
    pub answer: String,
    /// The steps that the call came to, the one that it is at last, where the server says so.
    pub steps: Vec<String>,
    /// To whom the call was handed on, and the step that did so; that is empty where the server does not say.
    pub handed_on: Vec<(String, String)>,
    /// The steps that could not be done and why, where the server says so.
    pub faults: Vec<(String, String)>,
    /// The steps that read a name which is not set, and the name, where the server says so.
    pub unset: Vec<(String, String)>,
}

impl Stretch {
    /// Adds what a server reports of a turn.
    fn report(&mut self, turn: TurnReport) {
        self.steps.extend(turn.steps);
        self.faults.extend(turn.faults);
        self.unset.extend(turn.unset);
    }
}

fn acted(after: Duration, act: PhoneAct) -> TimedAct {
    TimedAct { after, act }
}

impl Caller for Actor<'_> {
    fn notice(&mut self, _: Duration, event: &CallEvent) {
        match event {
            CallEvent::Asks(request) if request.purpose == Purpose::Voice => {
                self.now.request = Some(Arc::clone(request));
            }
            CallEvent::Asks(request) if request.purpose == Purpose::Media => {
                self.recordings.push(request.url.clone());
            }
            CallEvent::Document { text, .. } => {
                self.is_asked = true;
                self.now.answer.clone_from(text);
            }
            CallEvent::Answered(response, _) => {
                let report = TurnReport::of(response);
                // Of what is asked beside the turns nothing is reported.
                if !report.steps.is_empty() {
                    self.contacts.clone_from(&report.contacts);
                }
                self.now.report(report);
                if let Some(step) = self.now.steps.last() {
                    self.step.clone_from(step);
                }
            }
            CallEvent::Waits { .. } => self.is_asked = true,
            CallEvent::Leaves { verb, to } => {
                self.is_away = true;
                let named = match verb.as_str() {
                    "Enqueue" => queue,
                    _ => contact,
                };
                for (place, to) in to.split(", ").enumerate() {
                    let to = match self.contacts.get(place).map_or("", String::as_str) {
                        "" => to.to_owned(),
                        name => named(name),
                    };
                    self.now.handed_on.push((self.step.clone(), to));
                }
            }
            CallEvent::Returns { .. } => {
                self.is_away = false;
                self.returns += 1;
            }
            CallEvent::Recorded(_) => self.returns += 1,
            CallEvent::Hears(speech) => self.words.extend(spoken(speech)),
            CallEvent::Lost(what) => self.lost.push((self.next.saturating_sub(1), what.clone())),
            CallEvent::Notices(notice)
                if notice.severity == Severity::Error && !self.notices.contains(notice) =>
            {
                self.notices.push(notice.clone());
            }
            _ => {}
        }
    }

    async fn act(&mut self, moment: &Situation) -> Option<TimedAct> {
        let acted = match moment {
            Situation::Away { .. } => self.leave(),
            // What is pressed in a queue the world says.
            _ if self.is_away => self.leave(),
            Situation::Hears {
                lasts,
                closing: Some(closing),
                ..
            } if self.keys.is_empty() => {
                return self.close_question(*closing).map(|act| acted(*lasts, act));
            }
            Situation::Hears { listens, .. } => {
                if *listens {
                    self.press()
                } else {
                    None
                }
            }
            Situation::Asked { .. } if !self.keys.is_empty() => self.press(),
            Situation::Asked { keys, .. } if !keys.is_empty() => None,
            Situation::Asked { .. } | Situation::Records { .. } => {
                if self.is_asked {
                    self.answer()
                } else {
                    None
                }
            }
        };
        acted.map(|acted| TimedAct {
            after: acted.after.min(moment.lasts() / 2),
            ..acted
        })
    }
}

/// What a stretch of speech says: its words, else which recording it is; nothing for a pause.
fn spoken(speech: &Playback) -> Option<String> {
    if !speech.text.is_empty() {
        return Some(speech.text.clone());
    }
    if speech.verb != "Play" {
        return None;
    }
    let name = speech.source.split(['?', '#']).next().unwrap_or_default();
    if name.contains('/') {
        Some(format!(
            "[audio {}]",
            name.rsplit('/').next().unwrap_or_default()
        ))
    } else {
        Some(format!("[keys {}]", speech.source))
    }
}

/// The place of the turn that was done last.
pub(super) fn place_of(script: &Script, turn: usize) -> Range<usize> {
    script
        .turns
        .get(turn)
        .map_or_else(|| script.top(), |turn| turn.does_at.clone())
}
