//! From an answer to the verbs that it stands for.

use super::act::Caller;
use super::call::Call;
use super::event::CallEvent;
use super::fault::{Stop, error, warning};
use super::fetch::{Fetch, Fetched};
use super::recording::{self, Recording};
use super::wire::{Purpose, Response, Wire};
use crate::twiml::limits;
use crate::twiml::read::{Child, Document, Element, read};

/// Bytes of a document that the carrier certainly refuses (error 11750). From [`limits::DOCUMENT`] on it may.
pub(super) const TOO_LARGE: usize = 65_536;

impl<W: Wire, C: Caller> Call<'_, W, C> {
    /// Asks for a document; from here on it is the one that relative URLs start from.
    pub(super) async fn document(&mut self, ask: Fetch) -> Result<Document, Stop> {
        let Fetch { at, fields, .. } = ask;
        let fields = self.standard.with(self.status(), fields);
        let answer = match self.ask(Purpose::Voice, &at, fields).await {
            Ok(answer) => answer,
            Err(notice) => return Err(self.fail(notice)),
        };
        self.open(answer)
    }

    /// Reads an answer by its content type (Twilio, "Twilio's request to your application").
    fn open(&mut self, answer: Fetched) -> Result<Document, Stop> {
        let Fetched { at, response } = answer;
        self.document = at;
        let refusal = self.refusal(&response);
        if let Some((code, message)) = refusal {
            let notice = error(code, message, &self.document.url, 0);
            return Err(self.fail(notice));
        }
        let kind = recording::essence(response.header("content-type").unwrap_or_default());
        if recording::is_played(&kind) {
            return self.play_answer(&kind, &response);
        }
        let text = String::from_utf8_lossy(&response.body).into_owned();
        let url = split_off_fragment(&self.document.url);
        let event = CallEvent::Document { url, text };
        self.tell(&event);
        let CallEvent::Document { text, .. } = event else {
            unreachable!("it was made above")
        };
        match read(&response.body) {
            Ok(mut document) => {
                for complaint in std::mem::take(&mut document.warnings) {
                    self.complain(warning(
                        complaint.code,
                        complaint.message,
                        &self.document.url,
                        complaint.line,
                    ));
                }
                Ok(document)
            }
            Err(_) if kind == "text/plain" => Ok(read_aloud(text)),
            Err(complaint) => {
                let notice = error(
                    complaint.code,
                    complaint.message,
                    &self.document.url,
                    complaint.line,
                );
                Err(self.fail(notice))
            }
        }
    }

    /// Why an answer cannot be read at all.
    fn refusal(&mut self, response: &Response) -> Option<(u32, String)> {
        let size = response.body.len();
        let kind = recording::essence(response.header("content-type").unwrap_or_default());
        if recording::is_played(&kind) {
            return None;
        }
        if size > TOO_LARGE {
            return Some((11_750, "the document is larger than 64 kB".to_owned()));
        }
        if size > limits::DOCUMENT {
            let message = format!(
                "the document has {size} bytes: the carrier takes 64 kB, and does not say whether that is more"
            );
            self.complain(warning(11_750, message, &self.document.url.clone(), 0));
        }
        let chunked = response
            .header("transfer-encoding")
            .is_some_and(|coding| coding.contains("chunked"));
        if size == 0 && chunked {
            return Some((11_770, "the answer is empty, in chunks".to_owned()));
        }
        let Some(kind) = response
            .header("content-type")
            .filter(|kind| !kind.trim().is_empty())
        else {
            return Some((12_300, "the answer has no content type".to_owned()));
        };
        if !matches!(
            recording::essence(kind).as_str(),
            "text/xml" | "application/xml" | "text/html" | "text/plain"
        ) {
            return Some((
                12_300,
                format!("the content type `{kind}` is neither TwiML nor audio that is played"),
            ));
        }
        (size == 0).then(|| (12_100, "the answer is empty".to_owned()))
    }

    /// An answer that is a recording itself: it is played, then the call ends.
    fn play_answer(&mut self, kind: &str, response: &Response) -> Result<Document, Stop> {
        let url = split_off_fragment(&self.document.url);
        let recording =
            Recording::judge(&url, kind, response).map_err(|notice| self.fail(notice))?;
        self.recordings.insert(url.clone(), recording.into());
        Ok(alone("Play", url))
    }
}

fn split_off_fragment(url: &str) -> String {
    super::server_address::split_fragment(url).0.to_owned()
}

/// Plain text that is no TwiML is read aloud, then the call ends.
fn read_aloud(text: String) -> Document {
    alone("Say", text)
}

fn alone(verb: &str, text: String) -> Document {
    let children = vec![Child::Text(text)];
    let element = Element {
        name: verb.to_owned(),
        attributes: Vec::new(),
        children,
        line: 1,
    };
    Document {
        verbs: vec![element],
        warnings: Vec::new(),
    }
}
