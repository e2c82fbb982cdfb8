//! `http`: a service is asked while the caller waits, and the call goes on by what it answers.

mod body;
mod keys;
mod outcomes;
mod read;

use std::ops::Range;
use std::sync::Arc;

use serde_json::Value as Json;

use self::body::GivenFields;
pub(super) use self::outcomes::OUTCOMES;
use self::outcomes::{ERROR, FAILED, GOOD, MISFIT, REFUSED, STATUS, TIME_LIMIT};
use super::super::awaiting::HELD;
use super::super::came::{Came, WaitFact};
use super::super::edge::Edge;
use super::super::expression::Reading;
use super::super::fault::Fault;
use super::super::give::GivenValue;
use super::super::ids::Slot;
use super::super::input::Input;
use super::super::moment::{Moment, Then};
use super::super::outcome_ways::OutcomeWays;
use super::super::prompt::Prompt;
use super::super::service::{ServiceAnswer, ServiceBody, ServiceMethod, ServiceRequest};
use super::super::step::{Outside, Reads, Step};
use super::super::template::{Template, query};
use super::super::value::Value;
use super::super::waits::{Away, HoldPiece, Holds, Waits, Whom};
use super::kind::Kind;
use super::take::Take;

pub(super) const KIND: Kind = Kind {
    name: "http",
    doc: include_str!("README.md"),
    example: include_str!("example.toml"),
    calls: include_str!("calls.toml"),
    keys: keys::keys,
    parse: read::parse,
};

/// Seconds for which the caller still hears that it lasts when the time is over: what is heard is not cut off.
const LAST_HOLD: u32 = 5;

#[derive(Debug)]
struct Http {
    /// The service, by its name in the settings.
    service: String,
    /// The bytes of its name.
    at: Range<usize>,
    method: ServiceMethod,
    path: Template,
    query: GivenFields,
    sends: Sends,
    /// The sensitive fields of the first request, where the whole of that goes along.
    secrets: Vec<Slot>,
    takes: Vec<Take>,
    facts: Vec<WaitFact>,
    /// Seconds that the caller waits at most.
    time_limit: u32,
    /// What is heard where it lasts, where the flow says it.
    hold: Option<HoldPiece>,
    ways: OutcomeWays,
}

/// What goes along with a request.
#[derive(Debug)]
enum Sends {
    Nothing,
    Json(GivenValue),
    Form(GivenFields),
}

impl Sends {
    fn readings(&self) -> Vec<Arc<Reading>> {
        match self {
            Self::Nothing => Vec::new(),
            Self::Json(json) => json.readings(),
            Self::Form(form) => form.readings(),
        }
    }

    fn has_request(&self) -> bool {
        match self {
            Self::Nothing => false,
            Self::Json(json) => json.has_request(),
            Self::Form(form) => form.has_request(),
        }
    }
}

impl Http {
    fn place(&self) -> Away<'_> {
        Away {
            action: KIND.name,
            whom: Whom::Service(&self.service),
            outcomes: self.ways.outcomes(),
            facts: &self.facts,
            rings: self.time_limit + LAST_HOLD,
            whispers: None,
            holds: self.hold.as_ref().map(|piece| Holds {
                pieces: std::slice::from_ref(piece),
                every: None,
                says: None,
            }),
            keeps_ringing: false,
            longest: self.time_limit,
            keeps: None,
        }
    }

    fn words(&self) -> Option<&Prompt> {
        self.hold.as_ref().map(|piece| &piece.words)
    }

    fn ask(&self, moment: &Moment<'_>) -> Result<ServiceRequest, Fault> {
        let values = moment.scope();
        let mut path = self.path.fill_url(&values)?;
        for (name, value) in self.query.fill(&values)? {
            path.push(if path.contains('?') { '&' } else { '?' });
            path.push_str(&query(&name, &value));
        }
        let body = match &self.sends {
            Sends::Nothing => ServiceBody::Nothing,
            Sends::Json(json) => ServiceBody::Json(json.json(&values)?.to_string()),
            Sends::Form(form) => ServiceBody::Form(form.fill(&values)?),
        };
        let readings = self.sends.readings();
        let mut reads = readings.iter().flat_map(|reading| &reading.places);
        Ok(ServiceRequest {
            service: self.service.clone(),
            method: self.method,
            path,
            body,
            is_secret: !self.secrets.is_empty()
                || reads.any(|(slot, _)| moment.flow.is_sensitive(*slot)),
            time_limit: self.time_limit,
        })
    }

    /// What is taken out of a good answer; nothing where something does not fit.
    fn take(&self, json: Option<&Json>) -> Option<Vec<(String, Value)>> {
        let value = |take: &Take| Some((take.name.clone(), take.value(json)?));
        self.takes.iter().map(value).collect()
    }

    /// What came back, with nothing left out that always does; of a good end about which nothing else is known, values that
    /// fit.
    fn whole(&self, came: &Came) -> Came {
        let mut facts = vec![
            (
                STATUS.to_owned(),
                came.fact(STATUS).cloned().unwrap_or(Value::Integer(0)),
            ),
            (HELD.to_owned(), Value::Boolean(is_held(came))),
        ];
        if came.outcome == GOOD.name {
            let value = |take: &Take| {
                let value = came.fact(&take.name).or(take.default.as_ref()).cloned();
                Some((take.name.clone(), value.or_else(|| take.of.sample())?))
            };
            facts.extend(self.takes.iter().filter_map(value));
        }
        Came {
            outcome: came.outcome.clone(),
            facts,
        }
    }
}

/// Whether the caller has heard that it lasts: unless it is said otherwise.
fn is_held(came: &Came) -> bool {
    came.fact(HELD) != Some(&Value::Boolean(false))
}

impl Step for Http {
    fn edges(&self) -> Vec<Edge> {
        self.ways.edges()
    }

    fn enter(&self, moment: &mut Moment<'_>) -> Result<Then, Fault> {
        // What cannot be worked out is a fault of the step, and nothing is asked.
        self.ask(moment)?;
        if !self.method.is_safe() {
            moment.forbid_back();
        }
        moment.await_answer(self.words())
    }

    fn resume(&self, moment: &mut Moment<'_>, input: &Input) -> Result<Then, Fault> {
        let away = self.place();
        let came = match input {
            Input::Came(came) if away.admits(came) => came.clone(),
            _ => away.bare(ERROR.name),
        };
        moment.end_awaiting(is_held(&came));
        let came = self.whole(&came);
        let outcome = came.outcome.clone();
        moment.came(came);
        moment.take_outcome(&outcome, &self.ways)
    }

    fn request(&self, moment: &Moment<'_>) -> Result<Option<ServiceRequest>, Fault> {
        self.ask(moment).map(Some)
    }

    fn answered(&self, answer: &ServiceAnswer) -> Came {
        let (status, json) = match answer {
            ServiceAnswer::TimeLimit => return Came::new(TIME_LIMIT.name, []),
            ServiceAnswer::Failed => return Came::new(ERROR.name, []),
            ServiceAnswer::Answered { status, json } => (*status, json.as_ref()),
        };
        let name = status.to_string();
        let own = self.place().outcome(&name);
        let status = (STATUS.to_owned(), Value::Integer(status.into()));
        let (outcome, taken) = match (own, name.as_bytes()) {
            (Some(own), _) => (own.name, None),
            (None, [b'2', ..]) => match self.take(json) {
                Some(taken) => (GOOD.name, Some(taken)),
                None => (MISFIT.name, None),
            },
            (None, [b'4', ..]) => (REFUSED.name, None),
            (None, [b'5', ..]) => (FAILED.name, None),
            (None, _) => (ERROR.name, None),
        };
        let taken = taken.unwrap_or_default();
        Came {
            outcome: outcome.to_owned(),
            facts: [status].into_iter().chain(taken).collect(),
        }
    }

    fn hold(&self, moment: &mut Moment<'_>) -> Result<(), Fault> {
        moment.say_hold(self.words())
    }

    fn reads(&self) -> Reads {
        let mut texts = self.path.readings.clone();
        texts.extend(self.query.readings());
        texts.extend(self.sends.readings());
        texts.extend(self.words().into_iter().flat_map(Prompt::readings));
        Reads::texts(texts)
    }

    fn waits(&self) -> Waits<'_> {
        Waits::Away(self.place())
    }

    fn outside(&self) -> Option<Outside<'_>> {
        let readings = self.sends.readings();
        let reads = readings.iter().flat_map(|reading| &reading.places);
        Some(Outside::Asks {
            service: &self.service,
            at: self.at.clone(),
            changes: !self.method.is_safe(),
            sends: reads
                .map(|(slot, _)| slot)
                .chain(&self.secrets)
                .copied()
                .collect(),
        })
    }
}
