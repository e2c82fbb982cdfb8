//! `pay`: the caller pays by card. The carrier asks for its numbers and tells them to the provider; none of them comes here.

mod amount;
mod keys;
mod outcomes;
mod prompts;
mod read;
mod words;

pub(super) use self::outcomes::OUTCOMES;
use self::outcomes::{CARD, CODE, CONFIRMATION, ERROR, INVALID, TOO_MANY};
use self::prompts::PaySaid;
use super::super::came::{Came, WaitFact};
use super::super::edge::Edge;
use super::super::fault::Fault;
use super::super::input::Input;
use super::super::moment::{Moment, Then};
use super::super::outcome_ways::OutcomeWays;
use super::super::prompt::Prompt;
use super::super::render::render;
use super::super::step::{Outside, Reads, Step};
use super::super::template::Template;
use super::super::turn::{Pay as Payment, PayPrompt, Verb};
use super::super::value::Value;
use super::super::waits::{Away, Waits, Whom};
use super::kind::Kind;

pub(super) const KIND: Kind = Kind {
    name: "pay",
    doc: include_str!("README.md"),
    example: include_str!("example.toml"),
    calls: include_str!("calls.toml"),
    keys: keys::keys,
    parse: read::parse,
};

/// The languages in which the carrier asks by itself (Twilio, `language` of Pay).
const LANGUAGES: [&str; 16] = [
    "de-DE", "en-AU", "en-CA", "en-GB", "en-IE", "en-IN", "en-NZ", "en-PH", "en-US", "en-ZA",
    "es-ES", "es-MX", "es-US", "fr-CA", "fr-FR", "it-IT",
];

/// Seconds in which a number is heard being asked for, and entered.
const ENTRY: u32 = 25;
/// Seconds in which the provider answers at the latest.
const PROCESSING: u32 = 60;

#[derive(Debug)]
struct Pay {
    amount: Template,
    currency: String,
    /// The digits of the currency's smaller unit.
    digits: usize,
    about: Option<Template>,
    /// Who takes it, by the name in the settings.
    connector: String,
    attempts: u32,
    /// Seconds of silence.
    timeout: u32,
    /// The kinds of card that are taken; the carrier's own list where there are none.
    cards: Vec<&'static str>,
    security_code: bool,
    postal_code: bool,
    said: Vec<PaySaid>,
    facts: Vec<WaitFact>,
    ways: OutcomeWays,
}

impl Pay {
    /// What the caller is asked for, in our word and the carrier's.
    fn asked(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let (security, postal) = (self.security_code, self.postal_code);
        let all = words::ASKED.into_iter().zip(words::ASKED_THERE);
        all.filter(move |(ours, _)| match *ours {
            "security_code" => security,
            "postal_code" => postal,
            _ => true,
        })
    }

    fn place(&self) -> Away<'_> {
        let fields = self.asked().count() as u32 - 1;
        let longest = fields * self.attempts * (self.timeout + ENTRY) + PROCESSING;
        Away {
            action: KIND.name,
            whom: Whom::Named(&self.connector),
            outcomes: self.ways.outcomes(),
            facts: &self.facts,
            rings: longest,
            whispers: None,
            holds: None,
            keeps_ringing: false,
            longest,
            keeps: None,
        }
    }

    /// What is charged; nothing where that cannot be.
    fn payment(&self, moment: &Moment<'_>) -> Result<Option<Payment>, Fault> {
        let scope = moment.scope();
        let Some(amount) = amount::written(&self.amount.fill(&scope)?, self.digits) else {
            return Ok(None);
        };
        let about = self.about.as_ref().map(|about| about.fill(&scope));
        let language = &moment.flow.language(moment.call.language).tag;
        let mut prompts = Vec::with_capacity(self.said.len());
        for said in &self.said {
            prompts.push(PayPrompt {
                at: said.at.clone(),
                says: render(&said.words, moment.scope())?,
            });
        }
        let connectors = &moment.flow.connectors;
        Ok(Some(Payment {
            name: self.connector.clone(),
            connector: connectors
                .get(&self.connector)
                .unwrap_or(&self.connector)
                .clone(),
            amount,
            currency: self.currency.to_ascii_lowercase(),
            about: about.transpose()?,
            attempts: self.attempts,
            timeout: self.timeout,
            language: LANGUAGES.contains(&&**language).then(|| language.clone()),
            cards: self.cards.clone(),
            security_code: self.security_code,
            postal_code: self.postal_code,
            prompts,
        }))
    }

    fn go_on(&self, moment: &mut Moment<'_>, came: Came) -> Result<Then, Fault> {
        let outcome = came.outcome.clone();
        moment.came(came);
        moment.take_outcome(&outcome, &self.ways)
    }
}

/// What came back, with nothing left out.
fn whole(outcome: &str, came: Option<&Came>) -> Came {
    let or = |name: &str, default| {
        let told = came.and_then(|came| came.fact(name)).cloned();
        told.unwrap_or(default)
    };
    let empty = || Value::Text(String::new());
    Came::new(
        outcome,
        [
            (CONFIRMATION, or(CONFIRMATION, empty())),
            (CARD, or(CARD, empty())),
            (CODE, or(CODE, Value::Integer(0))),
        ],
    )
}

impl Step for Pay {
    fn edges(&self) -> Vec<Edge> {
        self.ways.edges()
    }

    fn enter(&self, moment: &mut Moment<'_>) -> Result<Then, Fault> {
        moment.forbid_back();
        match self.payment(moment)? {
            Some(payment) => Ok(Then::Wait(Verb::Pay(Box::new(payment)))),
            None => self.go_on(moment, whole(INVALID.name, None)),
        }
    }

    fn resume(&self, moment: &mut Moment<'_>, input: &Input) -> Result<Then, Fault> {
        let away = self.place();
        let came = match input {
            Input::Came(came) if away.admits(came) => whole(&came.outcome, Some(came)),
            // The carrier goes on by itself after the last attempt, without telling a result.
            Input::Silence => whole(TOO_MANY.name, None),
            _ => whole(ERROR.name, None),
        };
        self.go_on(moment, came)
    }

    fn reads(&self) -> Reads {
        let mut texts = self.amount.readings.clone();
        texts.extend(self.about.iter().flat_map(|about| about.readings.clone()));
        let words = self.said.iter().map(|said| &said.words);
        texts.extend(words.flat_map(Prompt::readings));
        Reads::texts(texts)
    }

    fn heard_before(&self) -> Vec<&Prompt> {
        let first = self.said.iter().filter(|said| said.at.is_at_first());
        first.map(|said| &said.words).collect()
    }

    fn waits(&self) -> Waits<'_> {
        Waits::Away(self.place())
    }

    fn outside(&self) -> Option<Outside<'_>> {
        Some(Outside::Reaches {
            contacts: Vec::new(),
            numbers: Vec::new(),
        })
    }

    fn charges(&self) -> bool {
        true
    }
}
