//! `record`: the caller says something, which is recorded, and the call goes on by what came of it.

mod keys;
mod outcomes;
mod read;

pub(super) use self::outcomes::OUTCOMES;
use self::outcomes::{EMPTY, ERROR, KEY, RECORDED, SECONDS};
use super::super::answer::RecordingTimes;
use super::super::came::{Came, HUNG_UP, SID, URL, WaitFact};
use super::super::edge::{By, Edge};
use super::super::fault::Fault;
use super::super::ids::Slot;
use super::super::input::Input;
use super::super::moment::{Moment, Then};
use super::super::outcome_ways::OutcomeWays;
use super::super::prompt::Prompt;
use super::super::recordings::{CallerRecording, RecordingStatus};
use super::super::step::{Reads, Step};
use super::super::turn::{Record as Recorded, Verb};
use super::super::value::Value;
use super::super::waits::{Away, Waits, Whom};
use super::kind::Kind;

pub(super) const KIND: Kind = Kind {
    name: "record",
    doc: include_str!("README.md"),
    example: include_str!("example.toml"),
    calls: include_str!("calls.toml"),
    keys: keys::keys,
    parse: read::parse,
};

#[derive(Debug)]
struct Record {
    prompt: Prompt,
    /// The answer that gets the recording.
    into: Slot,
    times: RecordingTimes,
    facts: Vec<WaitFact>,
    /// The keys that end it.
    finish: String,
    /// Seconds of silence that end it; 0 for none.
    timeout: u32,
    transcribes: bool,
    ways: OutcomeWays,
}

impl Record {
    /// Where the call is while it is recorded.
    fn place(&self) -> Away<'_> {
        Away {
            action: KIND.name,
            whom: Whom::Open,
            outcomes: self.ways.outcomes(),
            facts: &self.facts,
            rings: self.times.longest,
            whispers: None,
            holds: None,
            keeps_ringing: false,
            longest: self.times.longest,
            keeps: Some(self.times.keep),
        }
    }

    /// What came of it: the carrier reports that something was recorded, however silent it is.
    fn judge(&self, came: &Came, moment: &Moment<'_>) -> &'static str {
        let outcome = OUTCOMES.iter().find(|outcome| outcome.name == came.outcome);
        let outcome = outcome.map_or(ERROR.name, |outcome| outcome.name);
        let is_there = outcome == RECORDED.name;
        let Some(Value::Text(sid)) = came.fact(SID).filter(|_| is_there) else {
            return outcome;
        };
        let told = moment.call.recording(sid).and_then(|known| known.status);
        match told {
            Some(RecordingStatus::Absent) => EMPTY.name,
            Some(RecordingStatus::Failed) => ERROR.name,
            _ if self.is_silent(came) => EMPTY.name,
            _ => RECORDED.name,
        }
    }

    /// Whether what was recorded is no longer than the silence that ended it and a second. The carrier counts that silence
    /// when it reports the length (Twilio, `RecordingDuration` of Record's action).
    fn is_silent(&self, came: &Came) -> bool {
        let pressed = came.fact(KEY) != Some(&Value::Text(String::new()));
        let silence = if pressed || came.has_left() {
            0
        } else {
            self.timeout
        };
        came.seconds() <= silence + 1
    }

    /// Stores what was recorded.
    fn store(&self, came: &Came, moment: &mut Moment<'_>) {
        let (sid, url) = came.recording().unwrap_or_default();
        let recording = CallerRecording {
            sid: sid.to_owned(),
            url: url.to_owned(),
            seconds: came.seconds(),
        };
        moment
            .call
            .put_recording(self.into, recording, self.transcribes);
    }
}

/// What came back, with nothing left out.
fn whole(outcome: &'static str, came: &Came) -> Came {
    let or = |name: &str, default| came.fact(name).cloned().unwrap_or(default);
    let empty = || Value::Text(String::new());
    Came::new(
        outcome,
        [
            (SECONDS, or(SECONDS, Value::Integer(0))),
            (KEY, or(KEY, empty())),
            (HUNG_UP, or(HUNG_UP, Value::Boolean(false))),
            (SID, or(SID, empty())),
            (URL, or(URL, empty())),
        ],
    )
}

impl Step for Record {
    fn edges(&self) -> Vec<Edge> {
        let mut edges = self.ways.edges();
        for edge in &mut edges {
            if matches!(&edge.by, By::Outcome(outcomes) if outcomes.contains(&&RECORDED)) {
                edge.does.into = Some((self.into, None));
            }
        }
        edges
    }

    fn enter(&self, moment: &mut Moment<'_>) -> Result<Then, Fault> {
        moment.say(&self.prompt, false)?;
        Ok(Then::Wait(Verb::Record(Recorded {
            timeout: self.timeout,
            finish: self.finish.clone(),
            longest: self.times.longest,
            transcribes: self.transcribes,
        })))
    }

    fn resume(&self, moment: &mut Moment<'_>, input: &Input) -> Result<Then, Fault> {
        // Where the carrier goes on without telling of a recording, nobody has said anything.
        let away = self.place();
        let came = match input {
            Input::Came(came) if away.admits(came) => came.clone(),
            Input::Silence => away.bare(EMPTY.name),
            _ => away.bare(ERROR.name),
        };
        let outcome = self.judge(&came, moment);
        if outcome == RECORDED.name {
            self.store(&came, moment);
        }
        moment.came(whole(outcome, &came));
        moment.take_outcome(outcome, &self.ways)
    }

    fn heard_before(&self) -> Vec<&Prompt> {
        vec![&self.prompt]
    }

    fn waits(&self) -> Waits<'_> {
        Waits::Away(self.place())
    }

    fn reads(&self) -> Reads {
        Reads::texts(self.prompt.readings())
    }
}
