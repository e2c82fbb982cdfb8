//! The nouns of `Dial`, and what is reported of each leg.

use std::time::Duration;

use crate::phone::act::Caller;
use crate::phone::call::Call;
use crate::phone::form::{Field, field};
use crate::phone::wire::Wire;
use crate::phone::world::DialAnswer;
use crate::twiml::read::{Child, Element};
use crate::written::number::plain;

/// Somebody who is dialled.
#[derive(Clone, Debug)]
pub(super) struct Callee {
    /// The noun; `Number` for plain text.
    pub(super) noun: String,
    /// A number, URI, identity, room.
    pub(super) name: String,
    /// As it stands in the document; nothing for plain text.
    pub(super) element: Option<Element>,
}

/// One attempt at somebody.
#[derive(Clone, Debug)]
pub(super) struct Leg {
    pub(super) target: Callee,
    /// What the world says.
    pub(super) answer: DialAnswer,
    /// The name of the leg's own call.
    pub(super) sid: String,
}

impl Callee {
    /// Everyone that a `Dial` names.
    pub(super) fn all(verb: &Element) -> Vec<Self> {
        let mut all: Vec<Self> = verb
            .elements()
            .map(Self::of)
            .filter(|target| !target.name.is_empty())
            .collect();
        let text: String = verb
            .children
            .iter()
            .filter_map(|child| match child {
                Child::Text(text) => Some(text.as_str()),
                Child::Element(_) => None,
            })
            .collect();
        if all.is_empty() && !text.trim().is_empty() {
            all.push(Self {
                noun: "Number".to_owned(),
                name: plain(&text).into_owned(),
                element: None,
            });
        }
        all
    }

    fn of(noun: &Element) -> Self {
        let nested = ["Identity", "ApplicationSid", "Uri"];
        let inner = noun
            .elements()
            .find(|inner| nested.contains(&inner.name.as_str()));
        let text = inner.map_or_else(|| noun.text(), Element::text);
        let name = if noun.name == "Number" {
            plain(&text).into_owned()
        } else {
            text
        };
        Self {
            noun: noun.name.clone(),
            name,
            element: Some(noun.clone()),
        }
    }
}

impl Leg {
    /// The carrier's word for a leg that nobody answers.
    pub(super) fn missed(&self, ring: Duration) -> String {
        if self.answer.after > ring || self.answer.is_answered() {
            return "no-answer".to_owned();
        }
        self.answer.outcome.clone()
    }

    /// Whether somebody answers in time.
    pub(super) fn is_answered(&self, ring: Duration) -> bool {
        self.answer.is_answered() && self.answer.after <= ring
    }
}

impl<W: Wire, C: Caller> Call<'_, W, C> {
    /// The fields of requests that are about a leg.
    pub(super) fn leg_fields(&self, leg: &Leg, status: &str, further: Vec<Field>) -> Vec<Field> {
        let mut fields = vec![
            field("CallSid", leg.sid.as_str()),
            field("ParentCallSid", self.plan.sid.as_str()),
            field("Direction", "outbound-dial"),
            field("To", leg.target.name.as_str()),
            field("Called", leg.target.name.as_str()),
            field("CallStatus", status),
        ];
        fields.extend(further);
        self.standard.with(status, fields)
    }

    /// A noun's status callback, for the events that it asks for.
    pub(super) async fn tell_leg(
        &mut self,
        leg: &Leg,
        event: &str,
        status: &str,
        talked: Duration,
    ) {
        let Some(noun) = leg.target.element.as_ref() else {
            return;
        };
        let wanted = noun.attribute("statusCallbackEvent").unwrap_or("completed");
        if noun.attribute("statusCallback").is_none()
            || !wanted.split_whitespace().any(|word| word == event)
        {
            return;
        }
        let number = ["initiated", "ringing", "answered", "completed"]
            .iter()
            .position(|known| *known == event);
        let mut further = self.progress(talked, u32::try_from(number.unwrap_or(0)).unwrap_or(0));
        if event != "completed" {
            further.retain(|(name, _)| name != "CallDuration");
        }
        let fields = self.leg_fields(leg, status, further);
        self.call_back_to(noun, "statusCallback", "statusCallbackMethod", fields)
            .await;
    }
}

#[cfg(test)]
mod tests {
    use super::Callee;
    use crate::twiml::read::read;

    fn names(markup: &str) -> Vec<(String, String)> {
        let document =
            read(format!("<Response><Dial>{markup}</Dial></Response>").as_bytes()).unwrap();
        Callee::all(&document.verbs[0])
            .into_iter()
            .map(|target| (target.noun, target.name))
            .collect()
    }

    #[test]
    fn whoever_is_dialled_is_known_by_name() {
        let name = |markup| names(markup).remove(0).1;
        assert_eq!(
            names(" +44 (20) 7946-0000 "),
            [("Number".to_owned(), "+442079460000".to_owned())]
        );
        assert_eq!(name("<Number>555-010-2568</Number>"), "5550102568");
        assert_eq!(
            name("<Client><Identity>joey</Identity><Parameter name=\"a\" value=\"b\"/></Client>"),
            "joey"
        );
        assert_eq!(
            name("<Sip>sip:a-b@example.test</Sip>"),
            "sip:a-b@example.test"
        );
        assert_eq!(name("<Conference> Room 1 </Conference>"), "Room 1");
        assert_eq!(names("<Number>1</Number><Client>b</Client>").len(), 2);
        assert_eq!(names("").len(), 0);
    }
}
