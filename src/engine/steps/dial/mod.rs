//! `dial`: connects the caller to somebody, and goes on by the outcome.

mod callee;
mod keys;
mod outcomes;
mod plan;
mod read;
mod talk_recording;
mod whisper;

use self::callee::Callee;
pub(super) use self::outcomes::OUTCOMES;
use self::outcomes::{ANSWERED, DECLINED, FAILED, NO_ANSWER};
use self::plan::{Plan, Ring};
use self::talk_recording::TalkRecording;
use self::whisper::Whisper;
use super::super::came::{Came, SID, URL, WaitFact};
use super::super::edge::Edge;
use super::super::fault::Fault;
use super::super::hunt::{Hunt, LegEvent};
use super::super::input::Input;
use super::super::leg::{LegAnswer, LegInput};
use super::super::moment::{Moment, Then};
use super::super::outcome_ways::OutcomeWays;
use super::super::progress::Progress;
use super::super::recordings::CallerRecording;
use super::super::render::render;
use super::super::step::{Outside, Reads, Step};
use super::super::turn::{Dial as Verb, Verb as Verbs};
use super::super::value::Value;
use super::super::waits::{Away, Waits, Whispers, Whom};
use super::kind::Kind;
use crate::policy::Reach;

pub(super) const KIND: Kind = Kind {
    name: "dial",
    doc: include_str!("README.md"),
    example: include_str!("example.toml"),
    calls: include_str!("calls.toml"),
    keys: keys::keys,
    parse: read::parse,
};

#[derive(Debug)]
struct Dial {
    callees: Vec<Callee>,
    /// Whether they stand in a list.
    is_list: bool,
    plan: Plan,
    whisper: Option<Whisper>,
    manner: Manner,
    recording: Option<TalkRecording>,
    facts: Vec<WaitFact>,
    ways: OutcomeWays,
}

/// How the two are connected.
#[derive(Debug)]
struct Manner {
    time_limit: u32,
    caller_id: Option<String>,
    ring_tone: Option<String>,
    hangup_on_star: bool,
    answer_on_bridge: bool,
}

impl Dial {
    /// Where the call is while it rings and while they talk.
    fn place(&self) -> Away<'_> {
        let rings = self.plan.longest();
        Away {
            action: KIND.name,
            whom: match self.callees.as_slice() {
                [one] => match (one.contact(), one.written()) {
                    (Some((name, _)), _) => Whom::Contact(name),
                    (None, "") => Whom::Open,
                    (None, written) => Whom::Number(written),
                },
                _ => Whom::Several,
            },
            outcomes: self.ways.outcomes(),
            facts: &self.facts,
            rings,
            whispers: self.whisper.as_ref().map(|whisper| Whispers {
                words: &whisper.words,
                decides: whisper.decides(),
                times: self.plan.times(),
            }),
            holds: None,
            keeps_ringing: self.manner.answer_on_bridge,
            longest: rings.saturating_add(self.manner.time_limit),
            keeps: self.recording.map(|recording| recording.keep),
        }
    }

    /// Whether something must be remembered from one reply to the next.
    fn hunts(&self) -> bool {
        self.is_list || self.whisper.is_some()
    }

    /// Whether the carrier is to tell at once which leg was answered.
    fn ask_who_answers(&self) -> bool {
        self.callees.len() > 1 && self.plan.ring == Ring::Together
    }

    /// Rings, after it has rung so often; nothing where none of those may be reached whose turn it is.
    fn ring(
        &self,
        rung: u16,
        timeout: u32,
        moment: &mut Moment<'_>,
    ) -> Result<Option<Then>, Fault> {
        let mut callees = Vec::new();
        for leg in self.plan.next(rung) {
            let callee = self.callees.get(usize::from(leg));
            let Some((callee, leg)) = callee.zip(u8::try_from(leg).ok()) else {
                continue;
            };
            match callee.called(leg, moment)? {
                Some(called) => callees.extend(called),
                None => return Ok(Some(Then::TakeAgain)),
            }
        }
        if callees.is_empty() {
            return Ok(None);
        }
        Ok(Some(Then::Wait(Verbs::Dial(Verb {
            callees,
            timeout,
            time_limit: self.manner.time_limit,
            caller_id: self.manner.caller_id.clone(),
            ring_tone: self.manner.ring_tone.clone(),
            hangup_on_star: self.manner.hangup_on_star,
            answer_on_bridge: self.manner.answer_on_bridge && rung == 0,
            screening: self.whisper.as_ref().map(Whisper::keys),
            tells_answer: self.ask_who_answers(),
            recorded: self.recording.map(|recording| recording.who),
        }))))
    }

    /// Goes on after a ringing that ended so: rings whoever is next, else takes the way of what all of it came to.
    fn go_on(
        &self,
        moment: &mut Moment<'_>,
        came: &Came,
        (mut outcome, mut hunt): (&'static str, Option<Hunt>),
    ) -> Result<Then, Fault> {
        while let Some(hunting) = hunt.as_mut().filter(|_| outcome != ANSWERED.name) {
            hunting.met |= outcomes::bit(outcome);
            let passed = hunting.seconds(moment.now.as_millisecond());
            let Some(timeout) = self.plan.rings(hunting.rung + 1, passed) else {
                outcome = outcomes::of_all(hunting.met);
                break;
            };
            hunting.ring_next();
            let rung = hunting.rung;
            moment.call.wait_for(Progress::Hunt(hunting.clone()));
            if let Some(then) = self.ring(rung, timeout, moment)? {
                return Ok(then);
            }
            outcome = FAILED.name;
        }
        moment.call.progress = None;
        let facts = self.facts(outcome, came, hunt.as_ref());
        Self::note_recording(&facts, moment);
        moment.came(facts);
        moment.take_outcome(outcome, &self.ways)
    }

    /// How a ringing ended, by what the carrier reports and what the legs did: somebody has taken the call only if the two
    /// were connected, and by the key where one is demanded.
    fn judge(&self, came: &Came, hunt: Option<&Hunt>) -> &'static str {
        let outcome = OUTCOMES.iter().find(|outcome| outcome.name == came.outcome);
        let outcome = outcome.map_or(FAILED.name, |outcome| outcome.name);
        let declined = hunt.is_some_and(|hunt| hunt.declined);
        if outcome != ANSWERED.name {
            return outcome;
        }
        let apart = came.fact(outcomes::BRIDGED) == Some(&Value::Boolean(false));
        let demands_key = self.whisper.as_ref().is_some_and(Whisper::demands_key);
        let accepted = hunt.is_some_and(|hunt| hunt.accepted.is_some());
        match (apart || (demands_key && !accepted), declined) {
            (false, _) => ANSWERED.name,
            (true, true) => DECLINED.name,
            (true, false) => NO_ANSWER.name,
        }
    }

    /// Who took the call, as it is written.
    fn by(&self, hunt: Option<&Hunt>) -> &str {
        let leg = match (self.callees.len(), hunt) {
            (1, _) => Some(0),
            (_, None) => None,
            (_, Some(hunt)) if self.plan.ring == Ring::InTurn => {
                Some(usize::from(self.plan.next(hunt.rung).start))
            }
            (_, Some(hunt)) => hunt.accepted.or(hunt.answered).map(usize::from),
        };
        leg.and_then(|leg| self.callees.get(leg))
            .map_or("", Callee::written)
    }

    /// What comes back with an outcome.
    fn facts(&self, outcome: &'static str, came: &Came, hunt: Option<&Hunt>) -> Came {
        let is_good = outcome == ANSWERED.name;
        let known = |name| came.fact(name).cloned().unwrap_or(Value::Integer(0));
        let seconds = if is_good {
            known(outcomes::SECONDS)
        } else {
            Value::Integer(0)
        };
        let by = if is_good { self.by(hunt) } else { "" };
        let mut facts = Came::new(
            outcome,
            [
                (outcomes::SECONDS, seconds),
                (outcomes::BY, Value::Text(by.to_owned())),
                (outcomes::BRIDGED, Value::Boolean(is_good)),
                (outcomes::SIP_CODE, known(outcomes::SIP_CODE)),
            ],
        );
        if self.recording.is_some() {
            let recorded = came.recording().filter(|_| is_good);
            let (sid, url) = recorded.unwrap_or_default();
            let named = [(SID, sid), (URL, url)];
            let named = named.map(|(name, text)| (name.to_owned(), Value::Text(text.to_owned())));
            facts.facts.extend(named);
        }
        facts
    }

    /// Notes that they were recorded while they talked, so that what the carrier reports later is known.
    fn note_recording(came: &Came, moment: &mut Moment<'_>) {
        if let Some((sid, url)) = came.recording() {
            moment.call.note_recording(&CallerRecording {
                sid: sid.to_owned(),
                url: url.to_owned(),
                seconds: came.seconds(),
            });
        }
    }
}

impl Step for Dial {
    fn edges(&self) -> Vec<Edge> {
        self.ways.edges()
    }

    fn enter(&self, moment: &mut Moment<'_>) -> Result<Then, Fault> {
        moment.forbid_back();
        let hunt = self
            .hunts()
            .then(|| Hunt::begin(moment.now.as_millisecond()));
        if let Some(hunt) = &hunt {
            moment.call.wait_for(Progress::Hunt(hunt.clone()));
        }
        let timeout = self.plan.rings(0, 0).unwrap_or(self.plan.timeout);
        match self.ring(0, timeout, moment)? {
            Some(then) => Ok(then),
            // Nobody may be called: as if the carrier could not.
            None => self.go_on(moment, &self.place().bare(FAILED.name), (FAILED.name, hunt)),
        }
    }

    fn resume(&self, moment: &mut Moment<'_>, input: &Input) -> Result<Then, Fault> {
        // The carrier asks again without an outcome only when it could not dial at all.
        let away = self.place();
        let came = match input {
            Input::Came(came) => Some(away.known(came)),
            _ => None,
        };
        let came = came.filter(|came| away.admits(came));
        let came = came.unwrap_or_else(|| away.bare(FAILED.name));
        let hunt = match moment.call.progress.take().map(|progress| *progress) {
            Some(Progress::Hunt(hunt)) => Some(hunt),
            _ => None,
        };
        let outcome = self.judge(&came, hunt.as_ref());
        self.go_on(moment, &came, (outcome, hunt))
    }

    fn leg(&self, moment: &Moment<'_>, leg: u8, input: &LegInput) -> Result<LegAnswer, Fault> {
        let Some(whisper) = &self.whisper else {
            return Ok(LegAnswer::connect());
        };
        let taken_by = moment.call.hunt().and_then(|hunt| hunt.accepted);
        if taken_by.is_some_and(|other| other != leg) {
            return Ok(LegAnswer::hang_up());
        }
        match input {
            LegInput::Answered => {
                let words = render(&whisper.words, moment.scope())?;
                Ok(LegAnswer::says(whisper.ask(words)))
            }
            LegInput::Keys(keys) => Ok(match whisper.judge(keys) {
                Some(LegEvent::Declined) => LegAnswer::hang_up().with(LegEvent::Declined),
                Some(event) => LegAnswer::connect().with(event),
                None if whisper.demands_key() => LegAnswer::hang_up(),
                None => LegAnswer::connect(),
            }),
        }
    }

    fn reads(&self) -> Reads {
        let texts = self.callees.iter().flat_map(Callee::texts);
        let readings = texts.flat_map(|text| text.readings.iter().cloned());
        let whisper = self
            .whisper
            .iter()
            .flat_map(|whisper| whisper.words.readings());
        Reads::texts(readings.chain(whisper).collect())
    }

    fn asks_permit(&self) -> Option<Reach> {
        let asks = self.callees.iter().any(Callee::asks_permit);
        asks.then_some(Reach::Dial)
    }

    fn waits(&self) -> Waits<'_> {
        Waits::Away(self.place())
    }

    fn outside(&self) -> Option<Outside<'_>> {
        Some(Outside::Reaches {
            contacts: self.callees.iter().filter_map(Callee::contact).collect(),
            numbers: self
                .callees
                .iter()
                .filter_map(Callee::number_written)
                .collect(),
        })
    }
}
