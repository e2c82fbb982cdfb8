//! `dial`: connects the caller to a number, and goes on by what came of it.

mod keys;

use super::super::advance::Fault;
use super::super::flow::check::Checker;
use super::super::flow::written::{Item, Table};
use super::super::input::{DialOutcome, Dialled, Input};
use super::super::schema::shared::NEXT;
use super::super::step::{By, Edge, Kind, Moment, Outside, Reads, Step, Then};
use super::super::template::Template;
use super::super::turn::{Dial as Verb, Verb as Verbs};
use super::super::waits::{Away, WaitOutcome, Waits};
use super::super::way::Way;
use crate::written::number::is_e164;
use crate::written::{Code, Explain};

pub(super) const KIND: Kind = Kind {
    name: "dial",
    doc: include_str!("README.md"),
    example: include_str!("example.toml"),
    calls: include_str!("calls.toml"),
    keys: keys::keys,
    parse,
};

/// How it can end, in the order of [`DialOutcome::ALL`].
static OUTCOMES: [WaitOutcome; 5] = [
    WaitOutcome {
        name: "answered",
        is_good: true,
        is_plain: true,
        is_person: true,
        group: None,
    },
    unanswered("busy"),
    WaitOutcome {
        is_plain: true,
        ..unanswered("no_answer")
    },
    unanswered("failed"),
    unanswered("canceled"),
];

const fn unanswered(name: &'static str) -> WaitOutcome {
    WaitOutcome {
        name,
        is_good: false,
        is_plain: false,
        is_person: false,
        group: Some("unanswered"),
    }
}

#[derive(Debug)]
struct Dial {
    number: Template,
    timeout: u32,
    time_limit: u32,
    caller_id: Option<String>,
    /// The way of each outcome, in the order of [`DialOutcome::ALL`]; `next` where it has none of its own.
    on: [Option<Way>; 5],
    unanswered: Option<Way>,
    next: Option<Way>,
}

fn parse(item: Item<'_>, table: &Table<'_>, check: &mut Checker) -> Option<Box<dyn Step>> {
    let number = number(
        item,
        check,
        "`dial` must be a number in quotes, such as \"+442079460000\"",
    );
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
        for (place, outcome) in DialOutcome::ALL.iter().enumerate() {
            ways[place] = way(outcome.as_str(), check);
        }
        unanswered = way("unanswered", check);
        on.finish(check, "`on`");
    }
    let covered =
        ways[0].is_some() && (unanswered.is_some() || ways[1..].iter().all(Option::is_some));
    let next = match table.peek(NEXT.name).is_some() || (!covered && sound) {
        true => Some(Way::parse(table, check, "this step")?),
        false => None,
    };
    let dial = Dial {
        number: number?,
        timeout,
        time_limit,
        caller_id,
        on: ways,
        unanswered,
        next,
    };
    sound.then(|| Box::new(dial) as Box<dyn Step>)
}

fn number(item: Item<'_>, check: &mut Checker, what: &str) -> Option<Template> {
    let text = item.text(check, what)?;
    if !text.contains("{{") {
        number_literal(item, check)?;
    }
    Template::parse(text, item.span(), check)
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
            .help("write it as \"+\", country code and number, no spaces: \"+442079460000\"");
        return None;
    }
    Some(text)
}

impl Dial {
    /// The way of an outcome, and its name.
    fn way(&self, outcome: DialOutcome) -> Option<(String, &Way)> {
        let place = DialOutcome::ALL
            .iter()
            .position(|other| *other == outcome)?;
        let unanswered = self
            .unanswered
            .as_ref()
            .filter(|_| outcome != DialOutcome::Answered);
        let own = self.on[place].as_ref();
        own.map(|way| (format!("on.{}", outcome.as_str()), way))
            .or(unanswered.map(|way| ("on.unanswered".to_owned(), way)))
            .or(self.next.as_ref().map(|way| ("next".to_owned(), way)))
    }
}

impl Step for Dial {
    fn edges(&self) -> Vec<Edge> {
        let named = DialOutcome::ALL.iter().zip(&self.on);
        let taken = |way: &Way| {
            let all = DialOutcome::ALL.into_iter().zip(&OUTCOMES);
            let takes = |outcome| {
                self.way(outcome)
                    .is_some_and(|(_, other)| std::ptr::eq(other, way))
            };
            By::Outcome(
                all.filter(|(outcome, _)| takes(*outcome))
                    .map(|(_, outcome)| outcome)
                    .collect(),
            )
        };
        let named = named.filter_map(|(outcome, way)| {
            let way = way.as_ref()?;
            Some(way.edge(&format!("on.{}", outcome.as_str()), taken(way)))
        });
        let rest = [("on.unanswered", &self.unanswered), ("next", &self.next)];
        named
            .chain(rest.into_iter().filter_map(|(name, way)| {
                let way = way.as_ref()?;
                Some(way.edge(name, taken(way)))
            }))
            .collect()
    }

    fn enter(&self, moment: &mut Moment<'_>) -> Result<Then, Fault> {
        moment.forbid_back();
        let number = self.number.fill(moment.scope())?;
        if !is_e164(&number) {
            return Err(Fault::Misfit {
                name: "dial".to_owned(),
                value: number,
            });
        }
        Ok(Then::Wait(Verbs::Dial(Verb {
            number,
            timeout: self.timeout,
            time_limit: self.time_limit,
            caller_id: self.caller_id.clone(),
        })))
    }

    fn resume(&self, moment: &mut Moment<'_>, input: &Input) -> Result<Then, Fault> {
        // The carrier asks again without an outcome only when it could not dial at all.
        let dialled = match input {
            Input::Dialled(dialled) => *dialled,
            _ => Dialled {
                outcome: DialOutcome::Failed,
                seconds: 0,
            },
        };
        moment.call.dialled = Some(dialled);
        match self.way(dialled.outcome) {
            Some((on, way)) => way.take(on, moment),
            None => Ok(Then::GiveUp),
        }
    }

    fn reads(&self) -> Reads {
        Reads::texts(self.number.readings.clone())
    }

    fn waits(&self) -> Waits<'_> {
        Waits::Away(Away {
            action: KIND.name,
            whom: self.number.as_literal().unwrap_or_default(),
            outcomes: &OUTCOMES,
            rings: self.timeout,
            longest: self.timeout.saturating_add(self.time_limit),
        })
    }

    fn outside(&self) -> Option<Outside<'_>> {
        Some(Outside::Reaches)
    }
}
