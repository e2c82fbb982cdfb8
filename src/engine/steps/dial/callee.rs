//! Who is called: a contact, a number, a SIP address, an app, a conference, a queue.

use std::ops::Range;

use super::super::super::fault::Fault;
use super::super::super::flow::{QueueName, own_name};
use super::super::super::moment::Moment;
use super::super::super::permit::Permit;
use super::super::super::read::{Checker, Given, Receiver, is_url, number_literal, sip_address};
use super::super::super::template::Template;
use super::super::super::turn::{Address, Callee as Called, Conference as Room};
use super::keys;
use crate::policy::Reach;
use crate::written::number::{canonical, is_e164, is_sip_address};
use crate::written::{Code, Explain, Item, Table, is_name};

/// What must stand where a SIP address does.
const SIP: &str = "`sip` must be an address, such as \"sip:desk@pbx.example.com\"";

/// Somebody who is called.
#[derive(Debug)]
pub(super) struct Callee {
    whom: Whom,
    /// Keys that are sounded once it is answered.
    send: Option<String>,
    /// The bytes of what names it.
    at: Range<usize>,
}

#[derive(Debug)]
enum Whom {
    /// A number, which may have holes.
    Number(Template),
    /// A contact, by its name.
    Contact(String),
    Sip(Template),
    Client(Template),
    Conference(Box<Conference>),
    Queue(Template),
}

#[derive(Debug)]
struct Conference {
    name: Template,
    start: bool,
    end: bool,
    muted: bool,
    beep: bool,
    hold: Option<Template>,
    at_most: u32,
}

impl Callee {
    /// Reads a number or a contact's name, or a table that says who.
    pub fn parse(item: Item<'_>, check: &mut Checker) -> Option<Self> {
        match item.as_table() {
            Some(table) => Self::of_table(item, table, check),
            None => Self::of_text(item, check),
        }
    }

    fn of_text(item: Item<'_>, check: &mut Checker) -> Option<Self> {
        let what =
            "`dial` must be a number in quotes, such as \"+442079460000\", or a contact's name";
        let text = item.text(check, what)?;
        let whom = if is_name(text) {
            Whom::Contact(check.full_name(text))
        } else {
            Whom::Number(number(text, item, check)?)
        };
        Some(Self {
            whom,
            send: None,
            at: item.span(),
        })
    }

    fn of_table(item: Item<'_>, table: Table<'_>, check: &mut Checker) -> Option<Self> {
        let kinds: Vec<&str> = keys::CALLEES
            .iter()
            .map(|key| key.name)
            .filter(|name| table.peek(name).is_some())
            .collect();
        let [kind] = kinds[..] else {
            for kind in kinds {
                let _ = table.get(kind);
            }
            table.finish(check, "who is called");
            unclear(item, check);
            return None;
        };
        let of = table.get(kind)?;
        let callee = match kind {
            kind if kind == keys::TO.name => Self::of_text(of, check),
            "sip" => sip_address(of, SIP, check)
                .map(Whom::Sip)
                .map(|whom| Self::at(whom, of)),
            "client" => named(of, check)
                .map(Whom::Client)
                .map(|whom| Self::at(whom, of)),
            "queue" => named(of, check)
                .map(Whom::Queue)
                .map(|whom| Self::at(whom, of)),
            _ => conference(of, &table, check).map(|whom| Self::at(whom, of)),
        };
        let send = (kind == keys::TO.name)
            .then(|| table.get(keys::SEND.name))
            .flatten()
            .and_then(|item| sounded(item, check));
        table.finish(check, "who is called");
        Some(Self { send, ..callee? })
    }

    fn at(whom: Whom, of: Item<'_>) -> Self {
        Self {
            whom,
            send: None,
            at: of.span(),
        }
    }

    /// Whether a call of its own is placed, so that others can ring beside it.
    pub fn is_leg(&self) -> bool {
        !matches!(self.whom, Whom::Conference(_) | Whom::Queue(_))
    }

    /// Whether the caller comes into a room, and whoever else is there.
    pub fn is_conference(&self) -> bool {
        matches!(self.whom, Whom::Conference(_))
    }

    /// As it is written; empty where only a call knows.
    pub fn written(&self) -> &str {
        match &self.whom {
            Whom::Contact(name) => own_name(name),
            Whom::Number(text) | Whom::Sip(text) | Whom::Client(text) | Whom::Queue(text) => {
                text.as_literal().unwrap_or_default()
            }
            Whom::Conference(room) => room.name.as_literal().unwrap_or_default(),
        }
    }

    /// The contact that it is, and the bytes of its name.
    pub fn contact(&self) -> Option<(&str, Range<usize>)> {
        match &self.whom {
            Whom::Contact(name) => Some((name, self.at.clone())),
            _ => None,
        }
    }

    /// The number that is written out, and its bytes.
    pub fn number_written(&self) -> Option<(&str, Range<usize>)> {
        match &self.whom {
            Whom::Number(text) => Some((text.as_literal()?, self.at.clone())),
            _ => None,
        }
    }

    /// Whether it is a number that only a call knows.
    pub fn asks_permit(&self) -> bool {
        matches!(&self.whom, Whom::Number(text) if text.as_literal().is_none())
    }

    /// The texts of its name.
    pub fn texts(&self) -> Vec<&Template> {
        match &self.whom {
            Whom::Contact(_) => Vec::new(),
            Whom::Number(text) | Whom::Sip(text) | Whom::Client(text) | Whom::Queue(text) => {
                vec![text]
            }
            Whom::Conference(room) => std::iter::once(&room.name).chain(&room.hold).collect(),
        }
    }

    /// The bytes of what names it.
    pub fn span(&self) -> Range<usize> {
        self.at.clone()
    }

    /// Whom the carrier is to call; nobody where the number may not be reached, and nothing where that is not known yet.
    ///
    /// # Errors
    /// When a hole cannot be worked out, or it is nobody who can be called.
    pub fn called(
        &self,
        leg: u8,
        moment: &mut Moment<'_>,
    ) -> Result<Option<Option<Called>>, Fault> {
        let (at, contact) = match &self.whom {
            Whom::Contact(name) => {
                let number = moment.flow.contacts.get(name);
                let number = number.ok_or_else(|| Fault::NoContact(name.clone()))?;
                if moment.flow.barred.contains(number) {
                    return Ok(Some(None));
                }
                (
                    self.number(number.clone())?,
                    Some(own_name(name).to_owned()),
                )
            }
            Whom::Number(text) => {
                let at = self.number(text.fill(&moment.scope())?)?;
                let Address::Number { number, .. } = &at else {
                    return Ok(Some(None));
                };
                if moment.flow.barred.contains(number) {
                    return Ok(Some(None));
                }
                if text.as_literal().is_none() {
                    match moment.permit(Reach::Dial, number, false) {
                        Some(Permit::Granted) => {}
                        Some(Permit::Refused(_) | Permit::Code(_)) => return Ok(Some(None)),
                        None => return Ok(None),
                    }
                }
                (at, None)
            }
            Whom::Sip(text) => {
                let address = text.fill(&moment.scope())?;
                (Address::Sip(fits(address, is_sip_address)?), None)
            }
            Whom::Client(text) => (Address::Client(named_now(text, moment)?), None),
            Whom::Queue(text) => (Address::Queue(queue_now(text, moment)?), None),
            Whom::Conference(room) => (Address::Conference(room.joined(moment)?), None),
        };
        Ok(Some(Some(Called { leg, at, contact })))
    }

    fn number(&self, number: String) -> Result<Address, Fault> {
        Ok(Address::Number {
            number: fits(number, is_e164)?,
            send: self.send.clone(),
        })
    }
}

impl Conference {
    fn joined(&self, moment: &Moment<'_>) -> Result<Room, Fault> {
        let hold = self.hold.as_ref();
        Ok(Room {
            name: named_now(&self.name, moment)?,
            start: self.start,
            end: self.end,
            muted: self.muted,
            beep: self.beep,
            hold: hold.map(|url| url.fill_url(&moment.scope())).transpose()?,
            at_most: self.at_most,
        })
    }
}

/// Reports a table that does not say who is called, or says it twice.
fn unclear(item: Item<'_>, check: &mut Checker) {
    let named = keys::CALLEES.iter().map(|key| format!("`{}`", key.name));
    let named: Vec<String> = named.collect();
    let message = format!("who is called is said by one of {}", named.join(", "));
    let help = "write it as in `{ to = \"desk\", send = \"12\" }`, `{ sip = \"sip:desk@pbx.example.com\" }` or \
                `{ client = \"front\" }`";
    check
        .fault(Code::CalleeUnclear, item.span(), message)
        .help(help);
}

/// A number, which may have holes.
fn number(text: &str, item: Item<'_>, check: &mut Checker) -> Option<Template> {
    if !text.contains("{{") {
        number_literal(item, check)?;
        if check
            .here
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
    Some(template)
}

/// Keys that are sounded.
fn sounded(item: Item<'_>, check: &mut Checker) -> Option<String> {
    let text = item.text(check, "`send` must be keys in quotes, such as \"12\"")?;
    let is_key = |letter: char| letter.is_ascii_digit() || "*#wW".contains(letter);
    if text.is_empty() || text.len() > MOST_SOUNDED || !text.chars().all(is_key) {
        check
            .fault(Code::KeysIllegal, item.span(), format!("`{text}` cannot be sounded"))
            .help(format!("write 0-9, * and #, `w` for half a second, `W` for a second; {MOST_SOUNDED} at most"));
        return None;
    }
    Some(text.to_owned())
}

/// The name of an app's user, a conference or a queue, which may have holes.
fn named(item: Item<'_>, check: &mut Checker) -> Option<Template> {
    let text = item.text(check, "this must be a name")?;
    if !text.contains("{{") && !is_plain_name(text) {
        check
            .fault(
                Code::CalleeName,
                item.span(),
                format!("`{text}` is not a name that the carrier takes"),
            )
            .help(format!(
                "a name is made of letters, digits, `-`, `_`, `.` and blanks, {LONGEST} at most"
            ));
        return None;
    }
    Template::told(text, item.span(), check)
}

fn conference(item: Item<'_>, table: &Table<'_>, check: &mut Checker) -> Option<Whom> {
    let name = named(item, check);
    let hold = table.get(keys::HOLD.name).and_then(|item| {
        let text = item.text(check, "`hold` must be the URL of a document")?;
        is_url(text, item, "begin it with `https://` and a host", check)
            .then(|| Template::told(text, item.span(), check))
            .flatten()
    });
    let room = Conference {
        start: keys::START.read(table, check),
        end: keys::END.read(table, check),
        muted: keys::MUTED.read(table, check),
        beep: keys::BEEP.read(table, check),
        at_most: keys::AT_MOST.read(table, check),
        hold,
        name: name?,
    };
    Some(Whom::Conference(Box::new(room)))
}

/// The most keys that are sounded.
const MOST_SOUNDED: usize = 32;

/// The most characters of a name.
const LONGEST: usize = 128;

/// Whether the carrier takes this for a name, and nothing in it means anything elsewhere.
fn is_plain_name(text: &str) -> bool {
    let is_plain = |letter: char| letter.is_alphanumeric() || "-_. ".contains(letter);
    !text.trim().is_empty() && text.chars().count() <= LONGEST && text.chars().all(is_plain)
}

/// A name as it is now. One that a caller has entered decides nothing but which one it is.
fn named_now(text: &Template, moment: &Moment<'_>) -> Result<String, Fault> {
    fits(text.fill(&moment.scope())?, is_plain_name)
}

/// What a queue is called at the carrier. The callers of a workflow are handed out by the carrier itself.
fn queue_now(text: &Template, moment: &Moment<'_>) -> Result<String, Fault> {
    let name = named_now(text, moment)?;
    match moment.flow.queues.get(&name) {
        None => Ok(name),
        Some(QueueName::Queue(there)) => Ok(there.clone()),
        Some(QueueName::Workflow(_)) => Err(Fault::Workflow(name)),
    }
}

fn fits(value: String, is_right: impl Fn(&str) -> bool) -> Result<String, Fault> {
    if is_right(&value) {
        return Ok(value);
    }
    Err(Fault::Misfit {
        name: "dial".to_owned(),
        value,
    })
}
