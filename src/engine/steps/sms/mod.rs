//! `sms`: sends an SMS. It never waits for what becomes of it.

mod keys;
mod length;

use std::ops::Range;

use super::super::came::WaitOutcome;
use super::super::edge::{By, Edge};
use super::super::fault::Fault;
use super::super::flow::own_name;
use super::super::moment::{Moment, Then};
use super::super::permit::Permit;
use super::super::prompt::{Prompt, Segment};
use super::super::read::{Checker, number_literal};
use super::super::render::write;
use super::super::step::{Outside, Reads, Step};
use super::super::template::Template;
use super::super::text_message::{LONGEST_TEXT, Sender, TextMessage};
use super::super::way::Way;
use super::kind::Kind;
use crate::policy::Reach;
use crate::written::number::is_e164;
use crate::written::{Code, Explain, Item, Table, is_name};

pub(super) const KIND: Kind = Kind {
    name: "sms",
    doc: include_str!("README.md"),
    example: include_str!("example.toml"),
    calls: include_str!("calls.toml"),
    keys: keys::keys,
    parse,
};

/// That nothing is sent.
const REFUSED: WaitOutcome = WaitOutcome::trouble(
    "refused",
    "Nothing is sent: the policy does not allow it, or it is no number, or nobody could send it.",
)
.plain();

/// Who gets it.
#[derive(Debug)]
enum Recipient {
    /// Whoever calls, or was called.
    Party,
    Contact(String),
    Number(Template),
}

#[derive(Debug)]
struct Sms {
    words: Prompt,
    to: Recipient,
    to_at: Range<usize>,
    from: Option<(String, Range<usize>)>,
    refused: Option<Way>,
    next: Way,
}

fn parse(item: Item<'_>, table: &Table<'_>, check: &mut Checker) -> Option<Box<dyn Step>> {
    let words = Prompt::parse(item, check).filter(|words| can_be_sent(words, item, check));
    let to = table.get(keys::TO.name);
    let to_at = to.map_or_else(|| item.span(), |to| to.span());
    let to = to.map_or(Some(Recipient::Party), |to| recipient(to, check));
    let from = match table.get(keys::FROM.name) {
        Some(from) => Some((sender(from, check)?, from.span())),
        None => None,
    };
    let refused = refused(table, check);
    let next = Way::parse(table, check, "this step");
    Some(Box::new(Sms {
        words: words?,
        to: to?,
        to_at,
        from,
        refused: refused?,
        next: next?,
    }))
}

/// Whether it is nothing but words.
fn can_be_sent(words: &Prompt, item: Item<'_>, check: &mut Checker) -> bool {
    let languages = u8::try_from(check.languages.len()).unwrap_or(u8::MAX);
    let segments = (0..languages).flat_map(|language| words.segments(language));
    let mut others = segments.filter_map(|segment| match **segment {
        Segment::Recording(_) | Segment::Url(_) => Some("a recording"),
        Segment::Digits(_) => Some("keys that are sounded"),
        Segment::Text(_) | Segment::As { .. } | Segment::In { .. } | Segment::Pause(_) => None,
    });
    let Some(what) = others.next() else {
        return length::is_right(words, item, check);
    };
    check
        .fault(
            Code::SmsNotText,
            item.span(),
            format!("{what} cannot be sent by SMS"),
        )
        .help("write a prompt of its own for it, in words");
    false
}

fn recipient(item: Item<'_>, check: &mut Checker) -> Option<Recipient> {
    let what = "`to` must be a number in quotes, such as \"+447400123456\", or a contact's name";
    let text = item.text(check, what)?;
    if is_name(text) {
        return Some(Recipient::Contact(check.full_name(text)));
    }
    if !text.contains("{{") {
        number_literal(item, check)?;
    }
    Template::told(text, item.span(), check).map(Recipient::Number)
}

fn sender(item: Item<'_>, check: &mut Checker) -> Option<String> {
    let text = item.text(check, "`from` must be the name of a sender of the settings")?;
    if !is_name(text) {
        check
            .fault(
                Code::CalleeName,
                item.span(),
                format!("`{text}` cannot name a sender"),
            )
            .help("name a sender of the settings: `[senders]` `desk = \"+…\"`, and here `from = \"desk\"`");
        return None;
    }
    Some(text.to_owned())
}

/// The way where nothing is sent, if it has one of its own; nothing where it is faulty.
fn refused(table: &Table<'_>, check: &mut Checker) -> Option<Option<Way>> {
    let Some(item) = table.get(keys::ON.name) else {
        return Some(None);
    };
    let on = item.table(check, "`on` must be a table of outcomes")?;
    let way = on
        .get(REFUSED.name)
        .map(|item| Way::parse_item(item, check, "`on.refused`"));
    on.finish(check, "`on`");
    match way {
        Some(way) => way.map(Some),
        None => Some(None),
    }
}

impl Sms {
    /// Who gets it, and whether somebody chose the number beforehand; nothing where it is no number.
    fn recipient(&self, moment: &Moment<'_>) -> Result<Option<(String, bool)>, Fault> {
        let (number, is_written) = match &self.to {
            Recipient::Party => (moment.call.about.party().to_owned(), false),
            Recipient::Contact(name) => {
                let number = moment.flow.contacts.get(name).cloned();
                (number.ok_or_else(|| Fault::NoContact(name.clone()))?, true)
            }
            Recipient::Number(text) => (text.fill(&moment.scope())?, text.as_literal().is_some()),
        };
        Ok(is_e164(&number).then_some((number, is_written)))
    }

    /// Who it comes from; nothing where nobody is known that could send it.
    fn sender(&self, moment: &Moment<'_>) -> Option<Sender> {
        match &self.from {
            Some((name, _)) => moment.flow.senders.get(name).cloned(),
            None => {
                let line = moment.call.about.line();
                is_e164(line).then(|| Sender::Number(line.to_owned()))
            }
        }
    }

    /// What is sent; nothing where it is not to be.
    fn message(&self, moment: &mut Moment<'_>) -> Result<Sending, Fault> {
        let to = self.recipient(moment)?;
        let Some(((to, is_written), from)) = to.zip(self.sender(moment)) else {
            return Ok(Sending::Refused);
        };
        if moment.flow.barred.contains(&to) {
            return Ok(Sending::Refused);
        }
        match moment.permit(Reach::Text, &to, is_written) {
            Some(Permit::Granted) => {}
            Some(Permit::Refused(_)) => return Ok(Sending::Refused),
            None => return Ok(Sending::Unknown),
        }
        let words = write(&self.words, moment.scope())?;
        if words.is_empty() || words.chars().count() > LONGEST_TEXT {
            return Err(Fault::Misfit {
                name: KIND.name.to_owned(),
                value: words,
            });
        }
        Ok(Sending::Text(TextMessage {
            step: moment.flow.step(moment.step).name.clone(),
            to,
            from,
            words,
        }))
    }
}

/// What becomes of it.
enum Sending {
    Text(TextMessage),
    Refused,
    /// It is not known yet whether it may be sent.
    Unknown,
}

impl Step for Sms {
    fn edges(&self) -> Vec<Edge> {
        let refused = self.refused.as_ref();
        let refused = refused.map(|way| way.edges("on.refused", &By::Outcome(vec![&REFUSED])));
        let next = self.next.edges("next", &By::Itself);
        refused.into_iter().flatten().chain(next).collect()
    }

    fn enter(&self, moment: &mut Moment<'_>) -> Result<Then, Fault> {
        moment.forbid_back();
        match (self.message(moment)?, &self.refused) {
            (Sending::Unknown, _) => Ok(Then::TakeAgain),
            (Sending::Refused, Some(way)) => moment.take("on.refused", way),
            (Sending::Refused, None) => moment.take("next", &self.next),
            (Sending::Text(message), _) => {
                moment.send(message);
                moment.take("next", &self.next)
            }
        }
    }

    fn reads(&self) -> Reads {
        let mut readings = self.words.readings();
        if let Recipient::Number(text) = &self.to {
            readings.extend(text.readings.iter().cloned());
        }
        Reads::texts(readings)
    }

    fn asks_permit(&self) -> Option<Reach> {
        Some(Reach::Text)
    }

    fn texts(&self) -> Option<&Prompt> {
        Some(&self.words)
    }

    fn sender(&self) -> Option<(&str, Range<usize>)> {
        let (name, at) = self.from.as_ref()?;
        Some((own_name(name), at.clone()))
    }

    fn needs_caller(&self) -> bool {
        false
    }

    fn outside(&self) -> Option<Outside<'_>> {
        let contact = match &self.to {
            Recipient::Contact(name) => Some((name.as_str(), self.to_at.clone())),
            _ => None,
        };
        let number = match &self.to {
            Recipient::Number(text) => text.as_literal().map(|text| (text, self.to_at.clone())),
            _ => None,
        };
        Some(Outside::Reaches {
            contacts: contact.into_iter().collect(),
            numbers: number.into_iter().collect(),
        })
    }
}
