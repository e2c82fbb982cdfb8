//! `Connect`, `Pay`, `Refer`, `Sms`: something else takes over for a time, or gets a message.

use super::AfterVerb;
use crate::phone::act::Caller;
use crate::phone::call::Call;
use crate::phone::event::CallEvent;
use crate::phone::fault::{Stop, error};
use crate::phone::form::{Field, field};
use crate::phone::wire::Wire;
use crate::phone::world::{VerbOutcome, refer};
use crate::twiml::read::Element;

impl<W: Wire, C: Caller> Call<'_, W, C> {
    pub(super) async fn verb_connect(&mut self, verb: &Element) -> Result<AfterVerb, Stop> {
        let noun = verb
            .elements()
            .next()
            .map(|noun| noun.name.clone())
            .unwrap_or_default();
        if noun.is_empty() {
            self.warn(verb, "names nothing to connect to: it is skipped");
            return Ok(AfterVerb::Next);
        }
        let fields = self.hand_over(verb, &noun, Vec::new(), "ended").await?;
        self.action_or_next(verb, fields)
    }

    pub(super) async fn verb_pay(&mut self, verb: &Element) -> Result<AfterVerb, Stop> {
        let connector = verb
            .attribute("paymentConnector")
            .unwrap_or("Default")
            .trim()
            .to_owned();
        let nobody = vec![field("Result", "payment-connector-error")];
        let fields = self.hand_over(verb, &connector, nobody, "Result").await?;
        self.action(verb, fields)
    }

    /// Only a call that came over SIP can be referred.
    pub(super) async fn verb_refer(&mut self, verb: &Element) -> Result<AfterVerb, Stop> {
        if !self.plan.from.starts_with("sip:") {
            let notice = error(
                13_801,
                "only a SIP call can be referred",
                &self.document.url,
                verb.line,
            );
            return Err(self.fail(notice));
        }
        let nobody = vec![
            field("ReferCallStatus", "failed"),
            field("ReferSipResponseCode", "404"),
        ];
        let fields = self
            .hand_over(verb, &verb.text(), nobody, "ReferCallStatus")
            .await?;
        self.action_or_next(verb, fields)
    }

    /// What becomes of it. Of a transfer the world may speak in the words of flows.
    fn foreseen(&mut self, verb: &str, to: &str, nobody: &[Field]) -> Result<VerbOutcome, Stop> {
        if verb != "Refer" {
            return self.others(verb, to, to, nobody);
        }
        let known = self.world.handed_on(&[refer(to)], &self.report);
        let answer = known.and_then(|(key, answers)| {
            let before = self.dialled.entry(key.to_owned()).or_default();
            *before += 1;
            answers.at(*before - 1)
        });
        match answer {
            None => self.others(verb, to, &refer(to), nobody),
            Some(answer) => Ok(VerbOutcome {
                after: answer.after,
                fields: referred(answer.outcome == "referred"),
            }),
        }
    }

    /// The call is away for as long as the world says; the fields that it came back with.
    async fn hand_over(
        &mut self,
        verb: &Element,
        to: &str,
        nobody: Vec<Field>,
        told: &str,
    ) -> Result<Vec<Field>, Stop> {
        let answer = self.foreseen(&verb.name, to, &nobody)?;
        self.tell(&CallEvent::Leaves {
            verb: verb.name.clone(),
            to: to.to_owned(),
        });
        let begun = self.clock.elapsed();
        let gone = self.away(answer.after, None).await;
        let after = self.clock.elapsed().saturating_sub(begun);
        let outcome = answer
            .fields
            .iter()
            .find(|(name, _)| name == told)
            .map_or("ended", |(_, value)| value.as_str());
        let outcome = if gone.is_err() { "hangup" } else { outcome }.to_owned();
        self.tell(&CallEvent::Returns {
            verb: verb.name.clone(),
            to: to.to_owned(),
            outcome,
            after,
        });
        gone.map(|_| answer.fields)
    }

    pub(super) async fn verb_sms(&mut self, verb: &Element) -> Result<AfterVerb, Stop> {
        let to = verb
            .attribute("to")
            .unwrap_or(&self.plan.from)
            .trim()
            .to_owned();
        self.tell(&CallEvent::Texts {
            to,
            body: verb.text(),
        });
        let sid = self.name("SM");
        let fields = vec![field("SmsSid", sid), field("SmsStatus", "sent")];
        let told = self.standard.with(self.status(), fields.clone());
        self.call_back_to(verb, "statusCallback", "", told).await;
        self.action_or_next(verb, fields)
    }
}

/// What the carrier reports of a transfer: that the caller's telephone system took it, and how whom it called answered.
fn referred(is_answered: bool) -> Vec<Field> {
    let (status, code) = if is_answered {
        ("completed", "200")
    } else {
        ("failed", "486")
    };
    vec![
        field("ReferCallStatus", status),
        field("ReferSipResponseCode", "202"),
        field("NotifySipResponseCode", code),
    ]
}
