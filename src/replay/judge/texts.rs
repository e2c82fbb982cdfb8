//! Compares what was sent by SMS with the file.

use serde_json::Value;

use super::{Failure, Failures};
use crate::replay::hears::written;
use crate::replay::script::Texted;
use crate::written::{Code, Explain};

/// What was sent by SMS.
struct SentText<'a> {
    to: &'a str,
    from: &'a str,
    words: &'a str,
}

impl<'a> SentText<'a> {
    /// What the carrier is asked for; nothing for what is no SMS.
    fn of(body: &'a Value) -> Option<Self> {
        (body["type"] == "text.send").then(|| Self {
            to: body["to"].as_str().unwrap_or_default(),
            from: body["from"].as_str().unwrap_or_default(),
            words: body["words"].as_str().unwrap_or_default(),
        })
    }

    /// As an author would write it.
    fn told(&self) -> String {
        let quoted = |text: &str| toml::Value::from(text).to_string();
        format!(
            "to = {}, words = {}",
            quoted(self.to),
            quoted(&written(self.words))
        )
    }
}

impl Failures<'_> {
    /// Each SMS, in the order in which they were sent.
    pub(super) fn texts(&mut self, asked: &[&Value]) {
        let script = self.script;
        let sent: Vec<SentText<'_>> = asked.iter().filter_map(|body| SentText::of(body)).collect();
        for (nth, wanted) in script.texted.iter().enumerate() {
            match sent.get(nth) {
                Some(sent) => self.text(wanted, sent),
                None => {
                    let message = "no SMS was sent";
                    let diag = script.fault(Code::TextedMissing, wanted.at.clone(), message);
                    self.note(diag, self.last());
                }
            }
        }
        if script.open {
            return;
        }
        for sent in sent.iter().skip(script.texted.len()) {
            let (place, more) = match script.texted.last() {
                Some(last) => (last.at.clone(), "one more SMS"),
                None => (script.top(), "an SMS"),
            };
            let diag = script.fault(Code::TextedUnforeseen, place, format!("{more} was sent"));
            let help = format!("if that is right, add [[texted]] with {}", sent.told());
            self.note(diag.help(help), self.last());
        }
    }

    fn text(&mut self, wanted: &Texted, sent: &SentText<'_>) {
        let script = self.script;
        let numbers = [
            (&wanted.to, sent.to, "to"),
            (&wanted.from, sent.from, "from"),
        ];
        for (wanted, sent, word) in numbers {
            if let Some((number, at)) = wanted
                && number != sent
            {
                let message = format!("the SMS went {word} another number");
                let diag = script.fault(Code::TextedDiffers, at.clone(), message);
                self.note(diag.help(format!("it went {word} {sent}")), self.last());
            }
        }
        let Some(hears) = &wanted.words else { return };
        if let Some(difference) = hears.wanted.difference(sent.words) {
            let diag = script.fault(
                Code::TextedDiffers,
                hears.at.clone(),
                "the SMS says something else",
            );
            self.all.push(Failure {
                diag,
                difference: Some(difference),
                stretch: self.stretch(self.last()),
            });
        }
    }
}
