//! What must hold of an element as a whole.

use super::kind::{SCHEMA, SURPRISING};
use super::warnings::{Warnings, shown};
use crate::twiml::Family;
use crate::twiml::element::{Child, Element};

/// The verbs that lead away from a document for good.
const LEAVES: &[&str] = &["Redirect", "Hangup", "Reject", "Leave"];

pub(super) fn response(warnings: &mut Warnings<'_>, response: &Element) {
    let mut left: Option<&Element> = None;
    for (index, verb) in response.elements().enumerate() {
        if let Some(left) = left {
            let (before, on) = (&left.name, left.line);
            warnings.warn(SURPRISING, verb.line, || {
                format!(
                    "`<{}>` is never reached: `<{before}>` on line {on} leaves the document",
                    verb.name
                )
            });
            return;
        }
        if verb.name == "Reject" && index > 0 {
            warnings.warn(SURPRISING, verb.line, || {
                "`<Reject>` refuses no call that was answered: put it first".to_owned()
            });
        }
        left = LEAVES.contains(&verb.name.as_str()).then_some(verb);
    }
}

pub(super) fn say(warnings: &mut Warnings<'_>, say: &Element) {
    let family = Family::of(say.attribute("voice"));
    let (cost, spoken) = cost(say, family);
    if !spoken {
        warnings.warn(13520, say.line, || "a `<Say>` says nothing".to_owned());
    }
    if cost > family.limit() {
        let limit = family.limit();
        warnings.warn(13521, say.line, || {
            format!(
                "a `<Say>` of {cost} characters: {} takes {limit}",
                family.told()
            )
        });
    }
    if family == Family::Basic
        && let Some(tag) = say.elements().next()
    {
        warnings.warn(13520, tag.line, || {
            format!("`<{}>` in a `<Say>` by a voice without SSML", tag.name)
        });
    }
}

/// What a Say counts, and whether there is anything in it to be spoken.
fn cost(say: &Element, family: Family) -> (usize, bool) {
    let mut total = (0, false);
    for child in &say.children {
        match child {
            Child::Text(text) => {
                total = (
                    total.0 + family.cost_of(text),
                    total.1 || !text.trim().is_empty(),
                );
            }
            Child::Element(tag) => {
                let attributes: usize = tag
                    .attributes
                    .iter()
                    .map(|(name, value)| name.len() + value.len() + 4)
                    .sum();
                let inner = cost(tag, family);
                let tags = family.tag_cost("<></>".len() + 2 * tag.name.len() + attributes);
                total = (
                    total.0 + inner.0 + tags,
                    total.1 || inner.1 || tag.name == "break",
                );
            }
        }
    }
    total
}

pub(super) fn play(warnings: &mut Warnings<'_>, play: &Element) {
    if play.attribute("digits").is_none() && play.text().is_empty() {
        warnings.warn(SCHEMA, play.line, || {
            "a `<Play>` names no recording".to_owned()
        });
    }
}

pub(super) fn gather_play(warnings: &mut Warnings<'_>, element: &Element) {
    if element.attribute("digits").is_some() {
        warnings.warn(13320, element.line, || {
            "keys cannot be sounded within a `<Gather>`".to_owned()
        });
    }
    play(warnings, element);
}

pub(super) fn gather(warnings: &mut Warnings<'_>, gather: &Element) {
    if gather
        .attribute("finishOnKey")
        .is_some_and(|keys| keys.chars().count() > 1)
    {
        warnings.warn(13311, gather.line, || {
            "`finishOnKey` of `<Gather>` is one key at most".to_owned()
        });
    }
    let model = gather
        .attribute("speechModel")
        .filter(|model| !matches!(*model, "" | "default"));
    if gather.attribute("speechTimeout") == Some("auto") && model.is_some() {
        warnings.warn(13335, gather.line, || {
            "`speechTimeout=\"auto\"` does not go with a `speechModel`: write seconds".to_owned()
        });
    }
}

/// The most that are dialled at once.
const AT_ONCE: usize = 10;

pub(super) fn dial(warnings: &mut Warnings<'_>, dial: &Element) {
    let text = own_text(dial);
    let nouns = dial.elements().count();
    if nouns == 0 {
        phone(warnings, dial, &text);
        return;
    }
    if !text.is_empty() {
        warnings.warn(SCHEMA, dial.line, || {
            format!(
                "`{}` stands beside elements in `<Dial>`: it is one or the other",
                shown(&text)
            )
        });
    }
    let count = |name: &str| dial.elements().filter(|noun| noun.name == name).count();
    if count("Conference") > 0 && nouns > count("Conference") {
        warnings.warn(13000, dial.line, || {
            "a `<Conference>` cannot be dialled together with others".to_owned()
        });
    }
    if nouns > AT_ONCE {
        warnings.warn(SCHEMA, dial.line, || {
            format!("a `<Dial>` reaches {AT_ONCE} at most, and here are {nouns}")
        });
    }
}

pub(super) fn number(warnings: &mut Warnings<'_>, number: &Element) {
    phone(warnings, number, &number.text());
}

fn phone(warnings: &mut Warnings<'_>, element: &Element, text: &str) {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let plain = text
        .chars()
        .all(|one| one.is_ascii_digit() || "+-. ()".contains(one));
    if text.is_empty() {
        warnings.warn(13223, element.line, || {
            format!("`<{}>` dials nobody", element.name)
        });
    } else if !plain || !(3..=15).contains(&digits) || text.rfind('+').is_some_and(|at| at > 0) {
        warnings.warn(13223, element.line, || {
            format!(
                "`{}` is no telephone number: write it as +442079460000",
                shown(text)
            )
        });
    }
}

pub(super) fn client(warnings: &mut Warnings<'_>, client: &Element) {
    if client.text().chars().count() > 256 {
        warnings.warn(SCHEMA, client.line, || {
            "a client's name has 256 characters at most".to_owned()
        });
    }
}

pub(super) fn sip(warnings: &mut Warnings<'_>, sip: &Element) {
    let uri = sip
        .elements()
        .find(|child| child.name == "Uri")
        .map_or_else(|| own_text(sip), Element::text);
    let (address, headers) = uri.split_once('?').unwrap_or((&uri, ""));
    let schemed = ["sip:", "sips:"].iter().any(|scheme| {
        address
            .get(..scheme.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    });
    if !schemed || address.contains(char::is_whitespace) {
        warnings.warn(13243, sip.line, || {
            format!(
                "`{}` is no SIP address: write it as sip:alice@example.com",
                shown(&uri)
            )
        });
    } else if address.len() >= 255 {
        warnings.warn(13243, sip.line, || {
            "a SIP address has fewer than 255 characters".to_owned()
        });
    }
    if headers.len() >= 1024 {
        warnings.warn(13253, sip.line, || {
            "the headers of a SIP address have fewer than 1024 characters".to_owned()
        });
    }
}

pub(super) fn conference(warnings: &mut Warnings<'_>, conference: &Element) {
    if conference.text().is_empty() {
        warnings.warn(13237, conference.line, || {
            "a `<Conference>` has no name".to_owned()
        });
    }
}

pub(super) fn dial_queue(warnings: &mut Warnings<'_>, queue: &Element) {
    if queue.text().is_empty() && queue.attribute("reservationSid").is_none() {
        warnings.warn(14212, queue.line, || "a `<Queue>` has no name".to_owned());
    }
}

/// The most characters of a queue's name.
const QUEUE_NAME: usize = 64;

pub(super) fn enqueue(warnings: &mut Warnings<'_>, enqueue: &Element) {
    let name = own_text(enqueue);
    let routed = enqueue.attribute("workflowSid").is_some() || enqueue.elements().next().is_some();
    if name.is_empty() && !routed {
        warnings.warn(14204, enqueue.line, || {
            "an `<Enqueue>` names no queue".to_owned()
        });
    }
    if name.chars().count() > QUEUE_NAME {
        warnings.warn(14205, enqueue.line, || {
            format!("a queue's name has {QUEUE_NAME} characters at most")
        });
    }
}

/// The text of an element itself.
fn own_text(element: &Element) -> String {
    let texts = element.children.iter().filter_map(|child| match child {
        Child::Text(text) => Some(text.as_str()),
        Child::Element(_) => None,
    });
    texts.collect::<String>().trim().to_owned()
}
