//! Calls: placing one, finding one that may have been placed, and what is done to one from outside.

use jiff::Timestamp;
use reqwest::Method;
use serde::Deserialize;
use serde_json::Value;

use super::moment::moment;
use super::{Rest, RestError};

/// How many calls are looked through for one: the last ones to its number.
const LOOKED_THROUGH: &str = "100";

/// What becomes of a call that is on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallUpdate {
    /// It ends.
    HangUp,
    /// It goes on with the document at a URL, asked for by POST.
    GoOnAt(String),
    /// It goes on with this document. URLs in it must be absolute.
    GoOnWith(String),
}

/// A call to be placed.
#[derive(Clone, Copy, Debug)]
pub struct NewCall<'a> {
    /// Whom to call, in E.164.
    pub to: &'a str,
    /// A number of the account, or one that it has verified, in E.164.
    pub from: &'a str,
    /// Where the first document is, asked for by POST; also where it is asked for again when that fails.
    pub url: &'a str,
    /// Where Twilio reports how the call ended.
    pub status_callback: &'a str,
    /// Seconds that it rings, from 5 to 600.
    pub rings: u32,
    /// What is found out of whoever answers, in Twilio's word: `Enable` or `DetectMessageEnd`.
    pub machine_detection: Option<&'a str>,
    /// Where Twilio reports that, where the first document does not wait for it (`AsyncAmd`).
    pub detection_callback: Option<&'a str>,
}

/// What Twilio says of a call.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct CallResource {
    /// Its name (`CA…`).
    pub sid: String,
    /// How far it is, by Twilio's word: `queued`, `ringing`, `in-progress`, `completed`, `busy`, …
    pub status: String,
    /// Who was called.
    #[serde(default)]
    pub to: String,
    /// From which number.
    #[serde(default)]
    pub from: String,
    /// `outbound-api` for one that was placed so.
    #[serde(default)]
    pub direction: String,
    /// When Twilio made it.
    #[serde(default, deserialize_with = "moment")]
    pub date_created: Option<Timestamp>,
    /// Who answered, where that was to be found out.
    #[serde(default)]
    pub answered_by: Option<String>,
}

impl Rest {
    /// Places a call. Twilio has no idempotency key for it: asked twice, it calls twice.
    ///
    /// # Errors
    /// When it is refused, or any other [`RestError`]; one that [`RestError::is_ambiguous`] may have placed it.
    pub async fn place_call(
        &self,
        account: &str,
        call: &NewCall<'_>,
    ) -> Result<CallResource, RestError> {
        let request = self.request(Method::POST, account, &["Calls.json"])?;
        let rings = call.rings.to_string();
        let detection = call
            .machine_detection
            .map(|mode| ("MachineDetection", mode));
        let fields = [
            ("To", call.to),
            ("From", call.from),
            ("Url", call.url),
            ("FallbackUrl", call.url),
            ("StatusCallback", call.status_callback),
            ("Timeout", &*rings),
        ];
        let meanwhile = call.detection_callback.map(|url| {
            [
                ("AsyncAmd", "true"),
                ("AsyncAmdStatusCallback", url),
                ("AsyncAmdStatusCallbackMethod", "POST"),
            ]
        });
        let fields: Vec<(&str, &str)> = fields
            .into_iter()
            .chain(detection)
            .chain(meanwhile.into_iter().flatten())
            .collect();
        self.resource(request.form(&fields)).await
    }

    /// What Twilio says of a call.
    ///
    /// # Errors
    /// When there is no such call, or any other [`RestError`].
    pub async fn call(&self, account: &str, sid: &str) -> Result<CallResource, RestError> {
        let path = ["Calls", &format!("{sid}.json")];
        self.resource(self.request(Method::GET, account, &path)?)
            .await
    }

    /// The calls that were placed to a number from another at a time or later, the newest first. They are found however far
    /// they are: a call that is queued has no time at which it began.
    ///
    /// # Errors
    /// Any [`RestError`]: then nobody knows.
    pub async fn calls_placed(
        &self,
        account: &str,
        (to, from): (&str, &str),
        since: Timestamp,
    ) -> Result<Vec<CallResource>, RestError> {
        #[derive(Deserialize)]
        struct Page {
            calls: Vec<CallResource>,
        }
        let query = [("To", to), ("From", from), ("PageSize", LOOKED_THROUGH)];
        let request = self.request_about(Method::GET, account, &["Calls.json"], &query)?;
        let Page { mut calls } = self.resource(request).await?;
        calls.retain(|call| {
            let is_late = call.date_created.is_none_or(|made| made >= since);
            let is_placed = call.direction.is_empty() || call.direction == "outbound-api";
            call.to == to && call.from == from && is_placed && is_late
        });
        Ok(calls)
    }

    /// Interrupts a call that is on. Its next request is about what it was given.
    ///
    /// # Errors
    /// When there is no such call, or it is over, or any other [`RestError`].
    pub async fn update_call(
        &self,
        account: &str,
        sid: &str,
        update: &CallUpdate,
    ) -> Result<(), RestError> {
        let field = match update {
            CallUpdate::HangUp => ("Status", "completed"),
            CallUpdate::GoOnAt(url) => ("Url", url.as_str()),
            CallUpdate::GoOnWith(document) => ("Twiml", document.as_str()),
        };
        let path = ["Calls", &format!("{sid}.json")];
        let request = self.request(Method::POST, account, &path)?;
        let _: Value = self.resource(request.form(&[field])).await?;
        Ok(())
    }
}
