//! `sms`: sends an SMS. It never waits for what becomes of it.

mod keys;

use std::ops::Range;

use super::super::came::WaitOutcome;
use super::super::edge::{By, Edge};
use super::super::fault::Fault;
use super::super::flow::own_name;
use super::super::moment::{Moment, Then};
use super::super::permit::Permit;
use super::super::prompt::Prompt;
use super::super::read::Checker;
use super::super::render::write;
use super::super::step::{Outside, Reads, Step};
use super::super::text_address::{NamedSender, Recipient};
use super::super::text_message::{LONGEST_TEXT, TextMessage};
use super::super::way::Way;
use super::kind::Kind;
use crate::policy::Reach;
use crate::written::{Item, Table};

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

#[derive(Debug)]
struct Sms {
    words: Prompt,
    to: Recipient,
    from: NamedSender,
    refused: Option<Way>,
    next: Way,
}

fn parse(item: Item<'_>, table: &Table<'_>, check: &mut Checker) -> Option<Box<dyn Step>> {
    let words = Prompt::of_text(item, check);
    let to = Recipient::parse(table.get(keys::TO.name), item, check);
    let from = NamedSender::parse(table.get(keys::FROM.name), check)?;
    let refused = refused(table, check);
    let next = Way::parse(table, check, "this step");
    Some(Box::new(Sms {
        words: words?,
        to: to?,
        from,
        refused: refused?,
        next: next?,
    }))
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
    /// What is sent; nothing where it is not to be.
    fn message(&self, moment: &mut Moment<'_>) -> Result<Sending, Fault> {
        let to = self.to.number(moment)?;
        let Some(((to, is_written), from)) = to.zip(self.from.find(moment)) else {
            return Ok(Sending::Refused);
        };
        if moment.flow.barred.contains(&to) {
            return Ok(Sending::Refused);
        }
        match moment.permit(Reach::Text, &to, is_written) {
            Some(Permit::Granted) => {}
            Some(Permit::Refused(_) | Permit::Code(_)) => return Ok(Sending::Refused),
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
            has_code: false,
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
        readings.extend(self.to.readings());
        Reads::texts(readings)
    }

    fn asks_permit(&self) -> Option<Reach> {
        Some(Reach::Text)
    }

    fn texts(&self) -> Option<&Prompt> {
        Some(&self.words)
    }

    fn sender(&self) -> Option<(&str, Range<usize>)> {
        let (name, at) = self.from.name()?;
        Some((own_name(name), at))
    }

    fn needs_caller(&self) -> bool {
        false
    }

    fn outside(&self) -> Option<Outside<'_>> {
        Some(self.to.outside())
    }
}
