//! What the carrier reports to servers about a call, without caring what they answer.

use std::time::Duration;

use super::act::Caller;
use super::call::{Call, Location};
use super::event::{Ended, Severity};
use super::fault::warning;
use super::form::{Field, field};
use super::wire::{Method, Purpose, Wire};
use crate::twiml::read::Element;

impl<W: Wire, C: Caller> Call<'_, W, C> {
    /// Tells what is due until `until`, in order.
    pub(super) async fn tell_later(&mut self, until: Duration) {
        self.later.sort_by_key(|told| told.at);
        let due = self
            .later
            .iter()
            .take_while(|told| told.at <= until)
            .count();
        let due: Vec<_> = self.later.drain(..due).collect();
        for told in due {
            let left = told.at.saturating_sub(self.clock.elapsed());
            if self.over.is_some() {
                self.clock.pass(left);
            }
            self.call_back(Purpose::Callback, &told.to, told.fields)
                .await;
        }
    }

    /// Tells a server something. What goes wrong is a warning.
    pub(super) async fn call_back(&mut self, purpose: Purpose, at: &Location, fields: Vec<Field>) {
        match self.ask(purpose, at, fields).await {
            Err(mut notice) => {
                notice.severity = Severity::Warning;
                if notice.message.starts_with("the server answered") {
                    notice.code = 15_003;
                }
                self.complain(notice);
            }
            Ok(answer) => {
                let kind = answer.response.header("content-type").unwrap_or_default();
                let is_silent = answer.response.body.is_empty() || kind.contains("xml");
                if !is_silent {
                    let message = format!(
                        "a callback was answered with `{kind}`: answer 204, or an empty <Response/>"
                    );
                    self.complain(warning(12_300, message, &answer.at.url, 0));
                }
            }
        }
    }

    /// Tells a URL that an element names in one attribute, with the method that it names in another.
    pub(super) async fn call_back_to(
        &mut self,
        element: &Element,
        name: &str,
        method: &str,
        fields: Vec<Field>,
    ) {
        let Some(written) = element
            .attribute(name)
            .filter(|written| !written.trim().is_empty())
        else {
            return;
        };
        match self.resolve(written, element.line) {
            Ok(url) => {
                let at = Location {
                    url,
                    method: method_of(element, method, Method::Post),
                };
                self.call_back(Purpose::Callback, &at, fields).await;
            }
            Err(mut notice) => {
                notice.severity = Severity::Warning;
                self.complain(notice);
            }
        }
    }

    /// The status callback of the number called: once, at the end.
    pub(super) async fn tell_end(&mut self, ended: &Ended) {
        let Some(status) = &self.plan.status else {
            return;
        };
        let at = Location {
            url: status.url.clone(),
            method: status.method,
        };
        let talked = self.answered.map_or(Duration::ZERO, |answered| {
            ended.after.saturating_sub(answered)
        });
        let mut further = self.progress(talked, self.told);
        self.told += 1;
        further.push(field("Duration", talked.as_secs().div_ceil(60).to_string()));
        let fields = self.standard.with(&ended.status, further);
        self.call_back(Purpose::Status, &at, fields).await;
    }

    /// The moment as the carrier writes it: RFC 2822, UTC.
    pub(super) fn date(&self) -> String {
        self.now()
            .strftime("%a, %d %b %Y %H:%M:%S +0000")
            .to_string()
    }

    /// The fields of a callback that reports how far a call is.
    pub(super) fn progress(&self, talked: Duration, number: u32) -> Vec<Field> {
        vec![
            field("CallDuration", talked.as_secs().to_string()),
            field("Timestamp", self.date()),
            field("CallbackSource", "call-progress-events"),
            field("SequenceNumber", number.to_string()),
        ]
    }
}

/// The method that an attribute names.
pub(super) fn method_of(element: &Element, name: &str, default: Method) -> Method {
    match element.attribute(name).map(str::trim) {
        Some(word) if word.eq_ignore_ascii_case("get") => Method::Get,
        Some(word) if word.eq_ignore_ascii_case("post") => Method::Post,
        _ => default,
    }
}
