//! The verbs, a file each, and what comes after one.

mod beside;
mod conference;
mod dial;
mod enqueue;
mod gather;
mod hand_over;
mod legs;
mod play;
mod record;
mod recorded;
mod say;
mod screen;

use super::act::Caller;
use super::call::{Call, Location};
use super::callback::method_of;
use super::fault::{CallEnd, Stop, warning};
use super::fetch::Fetch;
use super::form::Field;
use super::wire::{Method, Wire};
use crate::twiml::read::Element;

/// What comes after a verb.
#[derive(Clone, Debug)]
pub(super) enum AfterVerb {
    Next,
    Fetch(Fetch),
    /// The verb after the `Enqueue` that this document belongs to.
    Leave,
}

impl<W: Wire, C: Caller> Call<'_, W, C> {
    /// Carries out verbs one after another until one leads elsewhere. At their end the call ends, unless the document
    /// belongs to something else.
    pub(super) async fn carry_out(&mut self, verbs: &[Element]) -> Result<AfterVerb, Stop> {
        for verb in verbs {
            self.pick_up(verb);
            match self.verb(verb).await? {
                AfterVerb::Next => {}
                then => return Ok(then),
            }
        }
        Ok(AfterVerb::Next)
    }

    /// Any first verb answers the call, except `Reject`, which must come first, `Pause`, which delays that, `Redirect`,
    /// over which it goes on ringing, and a `Dial` that says so (Twilio, "TwiML for Programmable Voice" and "SIP and TwiML
    /// interaction").
    fn pick_up(&mut self, verb: &Element) {
        let waits = verb.name == "Dial"
            && verb
                .attribute("answerOnBridge")
                .is_some_and(|word| word.trim() == "true");
        if !waits
            && is_known(&verb.name)
            && !matches!(verb.name.as_str(), "Reject" | "Pause" | "Redirect")
        {
            self.answer();
        }
    }

    async fn verb(&mut self, verb: &Element) -> Result<AfterVerb, Stop> {
        match verb.name.as_str() {
            "Say" => self.verb_say(verb).await,
            "Play" => self.verb_play(verb).await,
            "Pause" => self.verb_pause(verb).await,
            "Gather" => self.verb_gather(verb).await,
            "Record" => self.verb_record(verb).await,
            "Dial" => self.verb_dial(verb).await,
            // A queue's own documents are carried out within it: the circle needs a box.
            "Enqueue" => Box::pin(self.verb_enqueue(verb)).await,
            "Connect" => self.verb_connect(verb).await,
            "Pay" => self.verb_pay(verb).await,
            "Refer" => self.verb_refer(verb).await,
            "Sms" => self.verb_sms(verb).await,
            "Redirect" => self.verb_redirect(verb),
            "Reject" => Err(self.verb_reject(verb)),
            "Hangup" => Err(Stop::Over(CallEnd::by_application())),
            "Leave" => Ok(AfterVerb::Leave),
            "Echo" => self.verb_echo().await,
            "Start" => Ok(self.verb_start(verb)),
            "Stop" => Ok(self.verb_stop(verb)),
            _ => {
                self.warn(verb, "is no verb: it is skipped");
                Ok(AfterVerb::Next)
            }
        }
    }

    /// Says something of a verb for which the carrier has no code.
    fn warn(&mut self, verb: &Element, what: &str) {
        let message = format!("<{}> {what}", verb.name);
        self.complain(warning(0, message, &self.document.url, verb.line));
    }

    /// The document that a verb's `action` names, or the current one where the verb goes there by itself.
    fn action(&mut self, verb: &Element, fields: Vec<Field>) -> Result<AfterVerb, Stop> {
        let at = self.action_url(verb)?.unwrap_or_else(|| self.current(verb));
        Ok(AfterVerb::Fetch(Fetch {
            at,
            fields,
            is_fallback: false,
        }))
    }

    /// The document that a verb's `action` names, else the next verb.
    fn action_or_next(&mut self, verb: &Element, fields: Vec<Field>) -> Result<AfterVerb, Stop> {
        let at = self.action_url(verb)?;
        Ok(at.map_or(AfterVerb::Next, |at| {
            AfterVerb::Fetch(Fetch {
                at,
                fields,
                is_fallback: false,
            })
        }))
    }

    fn action_url(&mut self, verb: &Element) -> Result<Option<Location>, Stop> {
        let Some(written) = verb
            .attribute("action")
            .filter(|written| !written.trim().is_empty())
        else {
            return Ok(None);
        };
        match self.resolve(written, verb.line) {
            Ok(url) => Ok(Some(Location {
                url,
                method: method_of(verb, "method", Method::Post),
            })),
            Err(notice) => Err(self.fail(notice)),
        }
    }

    fn current(&self, verb: &Element) -> Location {
        Location {
            url: self.document.url.clone(),
            method: method_of(verb, "method", Method::Post),
        }
    }

    fn verb_redirect(&mut self, verb: &Element) -> Result<AfterVerb, Stop> {
        let method = method_of(verb, "method", Method::Post);
        let written = verb.text();
        if written.is_empty() {
            return Ok(AfterVerb::Fetch(Fetch::plain(
                self.document.url.clone(),
                method,
            )));
        }
        match self.resolve(&written, verb.line) {
            Ok(url) => Ok(AfterVerb::Fetch(Fetch::plain(url, method))),
            Err(notice) => Err(self.fail(notice)),
        }
    }

    fn verb_reject(&mut self, verb: &Element) -> Stop {
        if self.answered.is_some() {
            self.warn(
                verb,
                "comes too late: the call is answered, and ends as if hung up",
            );
            return Stop::Over(CallEnd::by_application());
        }
        let is_busy = verb
            .attribute("reason")
            .is_some_and(|reason| reason.trim() == "busy");
        let status = if is_busy { "busy" } else { "no-answer" };
        Stop::Over(CallEnd {
            status: Some(status),
            ..CallEnd::by_application()
        })
    }

    async fn verb_echo(&mut self) -> Result<AfterVerb, Stop> {
        self.away(super::fault::LONGEST, None).await?;
        Ok(AfterVerb::Next)
    }
}

fn is_known(name: &str) -> bool {
    const VERBS: [&str; 19] = [
        "Connect", "Dial", "Echo", "Enqueue", "Gather", "Hangup", "Leave", "Pause", "Pay", "Play",
        "Record", "Redirect", "Refer", "Reject", "Say", "Sms", "Start", "Stop", "Queue",
    ];
    VERBS.contains(&name)
}

/// A whole number in an attribute, where it is one.
fn whole(element: &Element, name: &str) -> Option<u64> {
    element.attribute(name)?.trim().parse().ok()
}

/// Whether an attribute says yes.
fn is_true(element: &Element, name: &str) -> bool {
    element
        .attribute(name)
        .is_some_and(|word| word.trim() == "true")
}
