//! Whom an SMS goes to and who it comes from, as steps say it.

use std::ops::Range;

use super::expression::Reading;
use super::fault::Fault;
use super::moment::Moment;
use super::read::{Checker, number_literal};
use super::step::Outside;
use super::template::Template;
use super::text_message::Sender;
use crate::written::number::is_e164;
use crate::written::{Code, Explain, Item, is_name};

/// Who gets an SMS.
#[derive(Debug)]
pub struct Recipient {
    to: Whom,
    at: Range<usize>,
}

#[derive(Debug)]
enum Whom {
    /// Whoever calls, or was called.
    Party,
    Contact(String),
    Number(Template),
}

impl Recipient {
    /// Reads `to`: whoever calls where nothing is said, of an action that stands at `action`.
    pub fn parse(to: Option<Item<'_>>, action: Item<'_>, check: &mut Checker) -> Option<Self> {
        let Some(item) = to else {
            let (to, at) = (Whom::Party, action.span());
            return Some(Self { to, at });
        };
        let what =
            "`to` must be a number in quotes, such as \"+447400123456\", or a contact's name";
        let text = item.text(check, what)?;
        let at = item.span();
        if is_name(text) {
            let to = Whom::Contact(check.full_name(text));
            return Some(Self { to, at });
        }
        if !text.contains("{{") {
            number_literal(item, check)?;
        }
        let to = Template::told(text, item.span(), check).map(Whom::Number)?;
        Some(Self { to, at })
    }

    /// The number, and whether somebody chose it beforehand; nothing where it is no number.
    ///
    /// # Errors
    /// When it cannot be worked out.
    pub fn number(&self, moment: &Moment<'_>) -> Result<Option<(String, bool)>, Fault> {
        let (number, is_written) = match &self.to {
            Whom::Party => (moment.call.about.party().to_owned(), false),
            Whom::Contact(name) => {
                let number = moment.flow.contacts.get(name).cloned();
                (number.ok_or_else(|| Fault::NoContact(name.clone()))?, true)
            }
            Whom::Number(text) => (text.fill(&moment.scope())?, text.as_literal().is_some()),
        };
        Ok(is_e164(&number).then_some((number, is_written)))
    }

    /// What it reads.
    pub fn readings(&self) -> impl Iterator<Item = std::sync::Arc<Reading>> + '_ {
        let text = match &self.to {
            Whom::Number(text) => Some(text),
            Whom::Party | Whom::Contact(_) => None,
        };
        text.into_iter()
            .flat_map(|text| text.readings.iter().cloned())
    }

    /// Whom it reaches.
    pub fn outside(&self) -> Outside<'_> {
        let contact = match &self.to {
            Whom::Contact(name) => Some((name.as_str(), self.at.clone())),
            _ => None,
        };
        let number = match &self.to {
            Whom::Number(text) => text.as_literal().map(|text| (text, self.at.clone())),
            _ => None,
        };
        Outside::Reaches {
            contacts: contact.into_iter().collect(),
            numbers: number.into_iter().collect(),
        }
    }
}

/// Who an SMS comes from, as the settings name it, and the bytes of the name; the number called where there is none.
#[derive(Debug)]
pub struct NamedSender(Option<(String, Range<usize>)>);

impl NamedSender {
    /// Reads `from`.
    pub fn parse(from: Option<Item<'_>>, check: &mut Checker) -> Option<Self> {
        let Some(item) = from else {
            return Some(Self(None));
        };
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
        Some(Self(Some((text.to_owned(), item.span()))))
    }

    /// Who it is; nothing where nobody is known that could send it.
    pub fn find(&self, moment: &Moment<'_>) -> Option<Sender> {
        match &self.0 {
            Some((name, _)) => moment.flow.senders.get(name).cloned(),
            None => {
                let line = moment.call.about.line();
                is_e164(line).then(|| Sender::Number(line.to_owned()))
            }
        }
    }

    /// Its name, and where that stands.
    pub fn name(&self) -> Option<(&str, Range<usize>)> {
        let (name, at) = self.0.as_ref()?;
        Some((name, at.clone()))
    }
}
