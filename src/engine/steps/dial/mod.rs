//! `dial`: connects the caller to a number, and goes on by the outcome.

mod keys;

use std::borrow::Cow;
use std::ops::Range;

use super::super::came::{WaitFact, WaitOutcome};
use super::super::edge::{By, Edge};
use super::super::expression::Type;
use super::super::fault::Fault;
use super::super::input::Input;
use super::super::keys::shared::NEXT;
use super::super::moment::{Moment, Then};
use super::super::read::{Checker, Given, Receiver};
use super::super::step::{Outside, Reads, Step};
use super::super::template::Template;
use super::super::turn::{Dial as Verb, Verb as Verbs};
use super::super::waits::{Away, Waits, Whom};
use super::super::way::Way;
use super::kind::Kind;
use crate::written::number::{canonical, is_e164};
use crate::written::{Code, Explain, Item, Table, is_name};

pub(super) const KIND: Kind = Kind {
    name: "dial",
    doc: include_str!("README.md"),
    example: include_str!("example.toml"),
    calls: include_str!("calls.toml"),
    keys: keys::keys,
    parse,
};

/// How it can end.
pub(super) static OUTCOMES: [WaitOutcome; 5] = [
    WaitOutcome {
        name: "answered",
        is_good: true,
        is_plain: true,
        is_person: true,
        is_left: false,
        group: None,
    },
    unanswered("busy"),
    WaitOutcome {
        is_plain: true,
        ..unanswered("no_answer")
    },
    unanswered(FAILED),
    WaitOutcome {
        is_left: true,
        ..unanswered("canceled")
    },
];

/// What the carrier reports where it could not dial at all.
const FAILED: &str = "failed";
const UNANSWERED: &str = "unanswered";
const SECONDS: &str = "seconds";

/// What comes back.
static FACTS: [WaitFact; 1] = [WaitFact {
    name: Cow::Borrowed(SECONDS),
    of: Type::Integer {
        low: 0,
        high: i64::MAX,
    },
}];

const fn unanswered(name: &'static str) -> WaitOutcome {
    WaitOutcome {
        name,
        is_good: false,
        is_plain: false,
        is_person: false,
        is_left: false,
        group: Some(UNANSWERED),
    }
}

/// Whom it calls.
#[derive(Debug)]
enum Callee {
    /// A number, which may have holes.
    Number(Template),
    /// A contact: its name, and the bytes of that.
    Contact(String, Range<usize>),
}

#[derive(Debug)]
struct Dial {
    callee: Callee,
    timeout: u32,
    time_limit: u32,
    caller_id: Option<String>,
    /// The way of each of [`OUTCOMES`]; `next` where it has none of its own.
    on: [Option<Way>; 5],
    unanswered: Option<Way>,
    next: Option<Way>,
}

fn parse(item: Item<'_>, table: &Table<'_>, check: &mut Checker) -> Option<Box<dyn Step>> {
    let callee = callee(item, check);
    let caller_id = table
        .get(keys::CALLER_ID.name)
        .and_then(|item| number_literal(item, check).map(str::to_owned));
    let timeout = keys::TIMEOUT.read(table, check);
    let time_limit = keys::TIME_LIMIT.read(table, check);
    let on = table
        .get(keys::ON.name)
        .and_then(|item| item.table(check, "`on` must be a table of outcomes"));
    let mut ways: [Option<Way>; 5] = Default::default();
    let mut unanswered = None;
    let mut sound = true;
    if let Some(on) = on {
        let mut way = |name: &str, check: &mut Checker| {
            let way = on
                .get(name)
                .map(|item| Way::parse_item(item, check, &format!("`on.{name}`")));
            sound &= !matches!(way, Some(None));
            way.flatten()
        };
        for (place, outcome) in OUTCOMES.iter().enumerate() {
            ways[place] = way(outcome.name, check);
        }
        unanswered = way(UNANSWERED, check);
        on.finish(check, "`on`");
    }
    let covered =
        ways[0].is_some() && (unanswered.is_some() || ways[1..].iter().all(Option::is_some));
    let next = if table.peek(NEXT.name).is_some() || (!covered && sound) {
        Some(Way::parse(table, check, "this step")?)
    } else {
        None
    };
    let dial = Dial {
        callee: callee?,
        timeout,
        time_limit,
        caller_id,
        on: ways,
        unanswered,
        next,
    };
    sound.then(|| Box::new(dial) as Box<dyn Step>)
}

fn callee(item: Item<'_>, check: &mut Checker) -> Option<Callee> {
    let what = "`dial` must be a number in quotes, such as \"+442079460000\", or a contact's name";
    let text = item.text(check, what)?;
    if is_name(text) {
        return Some(Callee::Contact(text.to_owned(), item.span()));
    }
    if !text.contains("{{") {
        number_literal(item, check)?;
        if check
            .numbers
            .iter()
            .any(|own| canonical(own) == canonical(text))
        {
            let message = format!("`{text}` is a number of this flow: it calls itself");
            check
                .fault(Code::DialOwnNumber, item.span(), message)
                .help("dial the number of a person; to begin again lead `next` to the first step");
        }
    }
    let template = Template::told(text, item.span(), check)?;
    check.sets(Receiver::Dial, Given::of(&template), item.span());
    Some(Callee::Number(template))
}

fn number_literal<'a>(item: Item<'a>, check: &mut Checker) -> Option<&'a str> {
    let text = item.text(
        check,
        "this must be a number in quotes, such as \"+442079460000\"",
    )?;
    if !is_e164(text) {
        check
            .fault(
                Code::NumberNotE164,
                item.span(),
                format!("`{text}` is not a number that can be dialled"),
            )
            .help(number_help(text));
        return None;
    }
    Some(text)
}

fn number_help(text: &str) -> &'static str {
    if text.chars().any(|sign| sign.is_ascii_digit()) {
        "write it as \"+\", country code and number, no spaces: \"+442079460000\""
    } else {
        "a number is \"+\", country code and number, no spaces: \"+442079460000\"; a contact's name is made of a-z, 0-9 and `_`"
    }
}

impl Dial {
    /// Where the call is while it rings and while they talk.
    fn place(&self) -> Away<'_> {
        Away {
            action: KIND.name,
            whom: match &self.callee {
                Callee::Number(number) => number.as_literal().map_or(Whom::Open, Whom::Number),
                Callee::Contact(name, _) => Whom::Contact(name),
            },
            outcomes: &OUTCOMES,
            facts: &FACTS,
            rings: self.timeout,
            longest: self.timeout.saturating_add(self.time_limit),
        }
    }

    /// The way of an outcome, and its name.
    fn way(&self, outcome: &str) -> Option<(String, &Way)> {
        let place = OUTCOMES.iter().position(|other| other.name == outcome)?;
        let unanswered = self.unanswered.as_ref();
        let group = unanswered.filter(|_| OUTCOMES[place].group.is_some());
        let own = self.on[place].as_ref();
        own.map(|way| (format!("on.{outcome}"), way))
            .or(group.map(|way| (format!("on.{UNANSWERED}"), way)))
            .or(self.next.as_ref().map(|way| ("next".to_owned(), way)))
    }
}

impl Step for Dial {
    fn edges(&self) -> Vec<Edge> {
        let takes = |outcome: &WaitOutcome, way: &Way| {
            self.way(outcome.name)
                .is_some_and(|(_, other)| std::ptr::eq(other, way))
        };
        let taken = |way: &Way| {
            By::Outcome(
                OUTCOMES
                    .iter()
                    .filter(|outcome| takes(outcome, way))
                    .collect(),
            )
        };
        let named = OUTCOMES.iter().zip(&self.on).filter_map(|(outcome, way)| {
            let way = way.as_ref()?;
            Some(way.edge(&format!("on.{}", outcome.name), taken(way)))
        });
        let rest = [("on.unanswered", &self.unanswered), ("next", &self.next)];
        let rest = rest.into_iter().filter_map(|(name, way)| {
            let way = way.as_ref()?;
            Some(way.edge(name, taken(way)))
        });
        named.chain(rest).collect()
    }

    fn enter(&self, moment: &mut Moment<'_>) -> Result<Then, Fault> {
        moment.forbid_back();
        let (number, contact) = match &self.callee {
            Callee::Number(number) => (number.fill(&moment.scope())?, None),
            Callee::Contact(name, _) => match moment.flow.contacts.get(name) {
                Some(number) => (number.clone(), Some(name.clone())),
                None => return Err(Fault::NoContact(name.clone())),
            },
        };
        if !is_e164(&number) {
            return Err(Fault::Misfit {
                name: "dial".to_owned(),
                value: number,
            });
        }
        Ok(Then::Wait(Verbs::Dial(Verb {
            number,
            contact,
            timeout: self.timeout,
            time_limit: self.time_limit,
            caller_id: self.caller_id.clone(),
        })))
    }

    fn resume(&self, moment: &mut Moment<'_>, input: &Input) -> Result<Then, Fault> {
        // The carrier asks again without an outcome only when it could not dial at all.
        let away = self.place();
        let came = match input {
            Input::Came(came) if away.admits(came) => came.clone(),
            _ => away.bare(FAILED),
        };
        let way = self.way(&came.outcome);
        moment.came(came);
        match way {
            Some((on, way)) => moment.take(on, way),
            None => Ok(Then::GiveUp),
        }
    }

    fn reads(&self) -> Reads {
        match &self.callee {
            Callee::Number(number) => Reads::texts(number.readings.clone()),
            Callee::Contact(..) => Reads::default(),
        }
    }

    fn waits(&self) -> Waits<'_> {
        Waits::Away(self.place())
    }

    fn outside(&self) -> Option<Outside<'_>> {
        Some(Outside::Reaches {
            contact: match &self.callee {
                Callee::Number(_) => None,
                Callee::Contact(name, at) => Some((name, at.clone())),
            },
        })
    }
}
