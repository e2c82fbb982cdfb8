//! `refer`: the caller's own telephone system calls somebody else in place of this line.

mod keys;
mod outcomes;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

pub(super) use self::outcomes::OUTCOMES;
use self::outcomes::REFUSED;
use super::super::came::WaitFact;
use super::super::edge::Edge;
use super::super::fault::Fault;
use super::super::input::Input;
use super::super::moment::{Moment, Then};
use super::super::outcome_ways::OutcomeWays;
use super::super::read::{Checker, Endings, sip_address};
use super::super::step::{Outside, Reads, Step};
use super::super::template::Template;
use super::super::turn::{Refer as Referred, Verb};
use super::super::waits::{Away, Waits, Whom};
use super::kind::Kind;
use crate::written::number::is_sip_address;
use crate::written::{Code, Explain, Item, Table};

pub(super) const KIND: Kind = Kind {
    name: "refer",
    doc: include_str!("README.md"),
    example: include_str!("example.toml"),
    calls: include_str!("calls.toml"),
    keys: keys::keys,
    parse,
};

/// Seconds until it is known at the latest what came of it: as long as somebody lets it ring.
const LONGEST: u32 = 60;

/// The most characters of an address with its headers (Twilio, documentation of SIP headers).
const LONGEST_ADDRESS: usize = 1_024;

#[derive(Debug)]
struct Refer {
    to: Template,
    headers: Vec<(String, Template)>,
    facts: Vec<WaitFact>,
    ways: OutcomeWays,
}

fn parse(item: Item<'_>, table: &Table<'_>, check: &mut Checker) -> Option<Box<dyn Step>> {
    let what = "`refer` must be a SIP address, such as \"sip:desk@pbx.example.com\"";
    let to = sip_address(item, what, check);
    let headers = headers(table, check);
    let ways = OutcomeWays::parse(Endings::of(&OUTCOMES), table, check)?;
    ways.warn_of_gaps(table, KIND.name, check);
    Some(Box::new(Refer {
        to: to?,
        headers: headers?,
        facts: outcomes::facts(),
        ways,
    }))
}

fn headers(table: &Table<'_>, check: &mut Checker) -> Option<Vec<(String, Template)>> {
    let Some(item) = table.get(keys::HEADERS.name) else {
        return Some(Vec::new());
    };
    let headers = item.table(check, "`headers` must be a table of headers and texts")?;
    let mut all = Some(Vec::new());
    for (name, item) in headers.all() {
        let is_letter = |letter: char| letter.is_ascii_alphanumeric() || letter == '-';
        if !name.starts_with(|first: char| first.is_ascii_alphabetic())
            || !name.chars().all(is_letter)
        {
            check
                .fault(
                    Code::CalleeName,
                    item.key_span(),
                    format!("`{name}` is no header of SIP"),
                )
                .help("a header is made of letters, digits and `-`, such as `X-Account`");
            all = None;
            continue;
        }
        let text = item.text(check, "a header must be text");
        let text = text.and_then(|text| Template::told(text, item.span(), check));
        all = all.zip(text).map(|(mut all, text)| {
            all.push((name.to_owned(), text));
            all
        });
    }
    all
}

impl Refer {
    /// The address, with its headers.
    fn address(&self, moment: &Moment<'_>) -> Result<String, Fault> {
        let scope = moment.scope();
        let mut address = self.to.fill(&scope)?;
        let mut is_right = is_sip_address(&address);
        for (name, text) in &self.headers {
            let text = text.fill(&scope)?;
            address.push(if address.contains('?') { '&' } else { '?' });
            address.push_str(name);
            address.push('=');
            address.extend(utf8_percent_encode(&text, NON_ALPHANUMERIC));
        }
        is_right &= address.len() <= LONGEST_ADDRESS;
        if is_right {
            return Ok(address);
        }
        Err(Fault::Misfit {
            name: KIND.name.to_owned(),
            value: address,
        })
    }

    fn place(&self) -> Away<'_> {
        Away {
            action: KIND.name,
            whom: match self.to.as_literal() {
                Some(address) => Whom::Number(address),
                None => Whom::Open,
            },
            outcomes: self.ways.outcomes(),
            facts: &self.facts,
            rings: LONGEST,
            whispers: None,
            holds: None,
            keeps_ringing: false,
            longest: LONGEST,
            keeps: None,
        }
    }
}

impl Step for Refer {
    fn edges(&self) -> Vec<Edge> {
        self.ways.edges()
    }

    fn enter(&self, moment: &mut Moment<'_>) -> Result<Then, Fault> {
        moment.forbid_back();
        // The carrier would end the document with error 13801.
        if !moment.call.about.party().starts_with("sip:") {
            moment.came(self.place().bare(REFUSED.name));
            return moment.take_outcome(REFUSED.name, &self.ways);
        }
        let to = self.address(moment)?;
        Ok(Then::Wait(Verb::Refer(Referred { to })))
    }

    fn resume(&self, moment: &mut Moment<'_>, input: &Input) -> Result<Then, Fault> {
        let away = self.place();
        let told = match input {
            Input::Came(came) if away.admits(came) => Some(came),
            _ => None,
        };
        let outcome = told.map_or(REFUSED.name, |came| &came.outcome);
        // What nobody has answered is 0.
        let mut came = away.bare(outcome);
        for (name, value) in &mut came.facts {
            if let Some(code) = told.and_then(|told| told.fact(name)) {
                value.clone_from(code);
            }
        }
        moment.came(came);
        moment.take_outcome(outcome, &self.ways)
    }

    fn reads(&self) -> Reads {
        let headers = self.headers.iter().map(|(_, text)| text);
        let texts = std::iter::once(&self.to).chain(headers);
        Reads::texts(
            texts
                .flat_map(|text| text.readings.iter().cloned())
                .collect(),
        )
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
}
