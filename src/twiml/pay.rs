//! A payment as TwiML.

use super::document::Document;
use super::verbs;
use super::write::Keep;
use crate::engine::{Pay, PayPrompt};

impl Document<'_> {
    /// Documentation also speaks of going on with the next verb after the last attempt, so the next turn is asked for by a
    /// Redirect too.
    pub(super) fn pay(&mut self, pay: &Pay, keep: Keep) {
        let flag = |yes| if yes { "true" } else { "false" };
        let (attempts, timeout) = (pay.attempts.to_string(), pay.timeout.to_string());
        let cards = pay.cards.join(" ");
        let fixed = [
            ("action", self.links.action),
            ("input", "dtmf"),
            ("paymentMethod", "credit-card"),
            ("paymentConnector", pay.connector.as_str()),
            ("chargeAmount", pay.amount.as_str()),
            ("currency", pay.currency.as_str()),
            ("maxAttempts", attempts.as_str()),
            ("timeout", timeout.as_str()),
            ("securityCode", flag(pay.security_code)),
            ("postalCode", flag(pay.postal_code)),
        ];
        let optional = [
            ("description", pay.about.as_deref()),
            ("language", pay.language.as_deref()),
            ("validCardTypes", (!cards.is_empty()).then_some(&*cards)),
        ];
        let optional = optional
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?)));
        self.start(verbs::PAY, fixed.into_iter().chain(optional));
        for prompt in &pay.prompts {
            self.pay_prompt(prompt, keep);
        }
        self.end(verbs::PAY);
        self.redirect(self.links.action);
    }

    fn pay_prompt(&mut self, prompt: &PayPrompt, keep: Keep) {
        let attempts: Vec<String> = prompt.at.attempts.iter().map(u32::to_string).collect();
        let lists = [
            ("for", prompt.at.asked.join(" ")),
            ("attempt", attempts.join(" ")),
            ("errorType", prompt.at.wrong.join(" ")),
            ("cardType", prompt.at.cards.join(" ")),
        ];
        let lists = lists.iter().filter(|(_, list)| !list.is_empty());
        self.start(
            verbs::PROMPT,
            lists.map(|(name, list)| (*name, list.as_str())),
        );
        for verb in prompt
            .says
            .iter()
            .filter(|verb| verbs::nests_in_gather(verb))
        {
            self.verb(verb, keep);
        }
        self.end(verbs::PROMPT);
    }
}
