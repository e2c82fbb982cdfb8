//! `Connect`, `Pay`, `Refer`, `Sms`: something else takes over for a time, or gets a message.

use super::AfterVerb;
use crate::phone::act::Caller;
use crate::phone::call::Call;
use crate::phone::event::CallEvent;
use crate::phone::fault::{Stop, error};
use crate::phone::form::{Field, field};
use crate::phone::wire::Wire;
use crate::phone::world::{BotAnswer, VerbOutcome, bot, pay, refer, step};
use crate::twiml::read::{Child, Element};

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
        self.greet(verb).await?;
        let to = self.named(&noun).to_owned();
        let nobody = vec![
            field("SessionStatus", "failed"),
            field("ErrorCode", "64102"),
        ];
        let fields = self.hand_over(verb, &to, nobody, "SessionStatus").await?;
        self.action_or_next(verb, fields)
    }

    /// The caller hears the words with which a machine is introduced.
    async fn greet(&mut self, verb: &Element) -> Result<(), Stop> {
        let machine = verb.elements().next();
        let Some(greeting) = machine.and_then(|noun| noun.attribute("welcomeGreeting")) else {
            return Ok(());
        };
        let greeting = Element {
            name: "Say".to_owned(),
            attributes: Vec::new(),
            children: vec![Child::Text(greeting.to_owned())],
            line: verb.line,
        };
        Box::pin(self.carry_out(&[greeting])).await?;
        Ok(())
    }

    /// How the machine ends the talk, where the world says it in the words of flows.
    fn bot_answer(&mut self) -> Option<VerbOutcome> {
        let of_step = self.report.steps.last().map(|name| step(name));
        let of_bot = bot(self.report.contact(0));
        let world = self.world;
        let mut keys = of_step.into_iter().chain([of_bot]);
        let (key, answers) = keys.find_map(|key| {
            let answers = world.bots.get(&key)?;
            Some((key, answers))
        })?;
        let before = self.dialled.entry(key).or_default();
        *before += 1;
        let answer = answers.get(*before - 1).or(answers.last())?;
        Some(VerbOutcome {
            after: answer.after,
            fields: session(answer),
        })
    }

    /// The caller hears what is asked for at the first attempt, and then what the world says comes of it.
    pub(super) async fn verb_pay(&mut self, verb: &Element) -> Result<AfterVerb, Stop> {
        let connector = verb
            .attribute("paymentConnector")
            .unwrap_or("Default")
            .trim()
            .to_owned();
        for prompt in verb.elements().filter(|prompt| is_at_first(prompt)) {
            let heard: Vec<Element> = prompt.elements().cloned().collect();
            Box::pin(self.carry_out(&heard)).await?;
        }
        let nobody = paid("connector");
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

    /// The flow's name of a connector or a machine where the server says it, else the carrier's.
    fn named<'a>(&'a self, to: &'a str) -> &'a str {
        match self.report.contact(0) {
            "" => to,
            name => name,
        }
    }

    /// What becomes of it. Of a transfer and a payment the world may speak in the words of flows.
    fn foreseen(&mut self, verb: &str, to: &str, nobody: &[Field]) -> Result<VerbOutcome, Stop> {
        let (named, fields): (_, fn(&str) -> Vec<Field>) = match verb {
            "Refer" => (refer(to), referred),
            "Pay" => (pay(self.named(to)), paid),
            "Connect" => {
                let answer = self.bot_answer();
                return answer.map_or_else(|| self.others(verb, to, to, nobody), Ok);
            }
            _ => return self.others(verb, to, to, nobody),
        };
        let keys = [named.clone(), pay(to)];
        let known = self.world.handed_on(&keys, &self.report);
        let answer = known.and_then(|(key, answers)| {
            let before = self.dialled.entry(key.to_owned()).or_default();
            *before += 1;
            answers.at(*before - 1)
        });
        match answer {
            None => self.others(verb, to, &named, nobody),
            Some(answer) => Ok(VerbOutcome {
                after: answer.after,
                fields: fields(&answer.outcome),
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
fn referred(outcome: &str) -> Vec<Field> {
    let (status, code) = if outcome == "referred" {
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

/// What the carrier reports of a payment. Of the card it tells no more than the last four digits.
fn paid(outcome: &str) -> Vec<Field> {
    let result = match outcome {
        "paid" => "success",
        "too_many" => "too-many-failed-attempts",
        "stopped" => "caller-interrupted-with-star",
        "invalid" => "validation-error",
        "error" => "internal-error",
        _ => "payment-connector-error",
    };
    let mut fields = vec![
        field("Result", result),
        field("PaymentMethod", "credit-card"),
    ];
    match outcome {
        "paid" => fields.extend([
            field("PaymentConfirmationCode", "test_confirmation"),
            field("PaymentCardNumber", "xxxxxxxxxxxx4242"),
            field("PaymentCardType", "visa"),
            field("SecurityCode", "***"),
        ]),
        "connector" => fields.extend([
            field("PayErrorCode", "64008"),
            field("ConnectorError", "card_declined"),
        ]),
        _ => {}
    }
    fields
}

/// Whether a prompt is heard at the first attempt with any card.
fn is_at_first(prompt: &Element) -> bool {
    let attempt = prompt.attribute("attempt").unwrap_or("1");
    attempt.split_whitespace().any(|attempt| attempt == "1")
        && prompt.attribute("errorType").is_none()
        && prompt.attribute("cardType").is_none()
}

/// What the carrier reports of a talk with a machine.
fn session(answer: &BotAnswer) -> Vec<Field> {
    if answer.status.is_empty() {
        return Vec::new();
    }
    let mut fields = vec![
        field("SessionId", "VX00000000000000000000000000000001"),
        field("SessionStatus", answer.status.as_str()),
        field("SessionDuration", answer.after.as_secs().to_string()),
    ];
    fields.extend(
        answer
            .handoff
            .as_ref()
            .map(|handoff| field("HandoffData", handoff.as_str())),
    );
    if answer.code != 0 {
        fields.push(field("ErrorCode", answer.code.to_string()));
    }
    fields
}
