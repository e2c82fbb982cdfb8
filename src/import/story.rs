//! The requests of one call, read as what its caller did.

mod turn_request;

use std::collections::HashSet;

use jiff::{SignedDuration, Timestamp};

use self::turn_request::{Cause, TurnRequest};
use super::entries::Position;
use super::format::LoggedRequest;
use crate::study::Draft;

/// Numbers that nobody has, in place of who called and who was called.
const FROM: &str = "+442079460001";
const TO: &str = "+442079460123";
/// When a call came in if the log has no time for it: a Monday in working hours.
const AT: i64 = 1_795_428_900;
/// What is said about a call that begins again.
const MOVED: &str = "the call was moved to another beginning";
/// How long the carrier goes on trying a request: its ceiling for one, all attempts together.
const RETRIED: SignedDuration = SignedDuration::from_secs(15);

/// A call that was found in a log.
#[derive(Clone, Debug, PartialEq)]
pub struct Imported {
    pub sid: String,
    /// The numbers there that the flow may serve, the likelier one first.
    pub numbers: Vec<String>,
    /// What was done. Its flow is the one that the first URL names (`/voice/{flow}`), else empty.
    pub draft: Draft,
    /// What is not in the draft, or may be wrong with it.
    pub warnings: Vec<Remark>,
    /// What was counted as a repeat, although the carrier did not say so.
    pub notes: Vec<Remark>,
}

/// Something to be reported about a place in a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    pub place: Position,
    pub why: String,
}

/// A call while its requests are read.
pub(super) struct Story {
    sid: String,
    /// The numbers that the flow may serve, the likelier one first.
    numbers: Vec<String>,
    asked: Vec<TurnRequest>,
}

/// What a call came to.
pub(super) enum Recovered {
    /// What was done in it.
    Call(Box<Imported>),
    /// Its beginning is missing.
    Cut(Remark),
    /// Nothing was asked in it: a call that nobody took, a leg of another call.
    Nothing,
}

impl Story {
    pub fn new(sid: &str) -> Self {
        Self {
            sid: sid.to_owned(),
            numbers: Vec::new(),
            asked: Vec::new(),
        }
    }

    /// Takes a request of this call. One that only reports counts for nothing but its numbers.
    pub fn take(&mut self, place: Position, request: &LoggedRequest) {
        if self.numbers.is_empty() {
            let number = |name: &str| request.fields.get(name).map(str::to_owned);
            let (to, from) = (number("To"), number("From"));
            let is_placed = request
                .fields
                .get("Direction")
                .is_some_and(|word| word.starts_with("outbound"));
            self.numbers = if is_placed { [from, to] } else { [to, None] }
                .into_iter()
                .flatten()
                .collect();
        }
        self.asked.extend(TurnRequest::of(place, request));
    }

    /// What was done, in order, as far as it can be known.
    pub fn tell(mut self) -> Recovered {
        self.put_in_order();
        // A log may contain anything, and this is shown in a terminal.
        self.sid = self.sid.escape_debug().to_string();
        let Some(first) = self.asked.first() else {
            return Recovered::Nothing;
        };
        if let Some(why) = first.is_late() {
            let why = format!("the log begins in the middle of {}: {why}", self.sid);
            return Recovered::Cut(Remark {
                place: first.place,
                why,
            });
        }
        let mut teller = Teller::new(
            &self.sid,
            first,
            self.asked.iter().any(|asked| asked.turn.is_some()),
        );
        for asked in &self.asked[1..] {
            if !teller.go_on(asked) {
                break;
            }
        }
        let Teller {
            draft,
            warnings,
            notes,
            ..
        } = teller;
        Recovered::Call(Box::new(Imported {
            sid: self.sid,
            numbers: self.numbers,
            draft,
            warnings,
            notes,
        }))
    }

    /// By time where each request has one; some logs begin with what came last.
    fn put_in_order(&mut self) {
        let times: Option<Vec<Timestamp>> = self.asked.iter().map(|asked| asked.at).collect();
        let Some(times) = times else { return };
        if times.first() > times.last() {
            self.asked.reverse();
        }
        self.asked.sort_by_key(|asked| asked.at);
    }
}

/// Puts a call together, request by request.
struct Teller<'a> {
    draft: Draft,
    warnings: Vec<Remark>,
    notes: Vec<Remark>,
    first: &'a TurnRequest,
    last: &'a TurnRequest,
    /// The turn that came last, where paths name turns.
    turn: u32,
    /// Whether paths name turns.
    has_turns: bool,
    tokens: HashSet<&'a str>,
}

impl<'a> Teller<'a> {
    fn new(sid: &str, first: &'a TurnRequest, has_turns: bool) -> Self {
        let draft = Draft {
            placed: None,
            flow: first.flow.clone().unwrap_or_default(),
            from: FROM.to_owned(),
            to: TO.to_owned(),
            caller_name: None,
            fields: first.fields.clone(),
            at: first
                .at
                .or_else(|| Timestamp::from_second(AT).ok())
                .unwrap_or_default(),
            acts: Vec::new(),
            came: Vec::new(),
            hangs_up: true,
            after_waits: 0,
            left_out: None,
        };
        let tokens = first.token.as_deref().into_iter().collect();
        let (warnings, notes) = (Vec::new(), Vec::new());
        let mut teller = Self {
            draft,
            warnings,
            notes,
            first,
            last: first,
            turn: 0,
            has_turns,
            tokens,
        };
        if first.is_inbound && !first.is_ringing {
            let why = format!(
                "{sid} may begin before the log does: its first request here says that it was answered"
            );
            teller.warnings.push(Remark {
                place: first.place,
                why,
            });
        }
        teller
    }

    /// Takes the next request; whether more can be known.
    fn go_on(&mut self, asked: &'a TurnRequest) -> bool {
        if self.is_repeat(asked) {
            return true;
        }
        if asked.turn.is_some() && self.last.turn.is_some() && asked.visit != self.last.visit {
            return self.end(asked, MOVED);
        }
        match asked.turn {
            Some(turn) if turn <= self.turn => return true,
            Some(turn) if turn > self.turn + 1 => {
                return self.end(
                    asked,
                    &format!("the log has no turn {} of it", self.turn + 1),
                );
            }
            Some(turn) => self.turn = turn,
            None if asked.is_start() => {
                if let Some(goes_on) = self.begin_again(asked) {
                    return goes_on;
                }
            }
            None => {}
        }
        self.last = asked;
        self.note(asked)
    }

    /// What comes of a request that brings nothing and names no turn: whether the call goes on, where it is no act.
    fn begin_again(&mut self, asked: &TurnRequest) -> Option<bool> {
        if asked.is_ringing || self.has_turns && self.turn == 0 {
            self.draft.flow = asked
                .flow
                .clone()
                .unwrap_or_else(|| std::mem::take(&mut self.draft.flow));
            return Some(true);
        }
        self.has_turns.then(|| self.end(asked, MOVED))
    }

    /// Whether it came before: by its token, where the carrier gave one, else by its form.
    fn is_repeat(&mut self, asked: &'a TurnRequest) -> bool {
        if let Some(token) = asked.token.as_deref()
            && !self.tokens.insert(token)
        {
            return true;
        }
        let is_same = |other: &TurnRequest| {
            other.form == asked.form && (other.token.is_none() || asked.token.is_none())
        };
        let soon = |other: &TurnRequest| {
            let between = asked.at?.duration_since(other.at?);
            Some(between <= RETRIED)
        };
        let other = if is_same(self.last) {
            self.last
        } else {
            self.first
        };
        if asked.turn.is_some() || !is_same(other) || soon(other) != Some(true) {
            return false;
        }
        let why = format!(
            "counted as {} once more: the same form, within {} s",
            other.place.named(),
            RETRIED.as_secs()
        );
        self.notes.push(Remark {
            place: asked.place,
            why,
        });
        true
    }

    fn note(&mut self, asked: &TurnRequest) -> bool {
        match &asked.what {
            Cause::Act(act) => self.draft.acts.push(act.clone()),
            Cause::Came { left: true, .. } => return false,
            Cause::Came { came, .. } => self.draft.came.push(came.clone()),
            Cause::Recorded => {
                let why =
                    "a recording was made, which a test call cannot say: it is left out".to_owned();
                self.warnings.push(Remark {
                    place: asked.place,
                    why,
                });
            }
            Cause::Failed(code) => {
                return self.end(asked, &format!("the carrier met error {code}"));
            }
        }
        true
    }

    /// Nothing more can be known about the call.
    fn end(&mut self, asked: &TurnRequest, why: &str) -> bool {
        let why = format!("{why}: what came from here on is left out");
        self.warnings.push(Remark {
            place: asked.place,
            why,
        });
        false
    }
}
