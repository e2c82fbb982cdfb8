//! Messages: sending an SMS, and finding one that may have been sent.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use reqwest::Method;
use serde::Deserialize;

use super::moment::moment;
use super::{Rest, RestError};

/// How many messages are looked through for one: those to its number in a day or two.
const LOOKED_THROUGH: &str = "100";

/// An SMS to be sent.
#[derive(Clone, Copy, Debug)]
pub struct NewMessage<'a> {
    /// To whom, in E.164.
    pub to: &'a str,
    /// From whom: a number of the account in E.164, or a messaging service by its sid.
    pub from: MessageSender<'a>,
    /// What it says, 1,600 characters at most.
    pub body: &'a str,
    /// Where Twilio reports what becomes of it.
    pub status_callback: Option<&'a str>,
}

/// Who a message comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageSender<'a> {
    /// A number, in E.164.
    Number(&'a str),
    /// A messaging service: `MG…`.
    Service(&'a str),
}

/// What Twilio says of a message.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct MessageResource {
    /// Its name (`SM…`).
    pub sid: String,
    /// Where it stands, by Twilio's word: `queued`, `sent`, `delivered`, …
    pub status: String,
    /// What it says.
    #[serde(default)]
    pub body: String,
    /// To whom.
    #[serde(default)]
    pub to: String,
    /// When Twilio made it.
    #[serde(default, deserialize_with = "moment")]
    pub date_created: Option<Timestamp>,
}

impl Rest {
    /// Sends an SMS. Twilio has no idempotency key for it: asked twice, it sends two.
    ///
    /// # Errors
    /// When it is refused, or any other [`RestError`]; one that [`RestError::is_ambiguous`] may have sent it.
    pub async fn send_message(
        &self,
        account: &str,
        message: &NewMessage<'_>,
    ) -> Result<MessageResource, RestError> {
        let request = self.request(Method::POST, account, &["Messages.json"])?;
        let from = match message.from {
            MessageSender::Number(number) => ("From", number),
            MessageSender::Service(sid) => ("MessagingServiceSid", sid),
        };
        let callback = message.status_callback.map(|url| ("StatusCallback", url));
        let fields = [("To", message.to), from, ("Body", message.body)];
        let fields: Vec<(&str, &str)> = fields.into_iter().chain(callback).collect();
        self.resource(request.form(&fields)).await
    }

    /// A message to a number that says just this and was made at a time or later, if Twilio has one.
    ///
    /// # Errors
    /// Any [`RestError`]: then nobody knows.
    pub async fn find_message(
        &self,
        account: &str,
        to: &str,
        body: &str,
        since: Timestamp,
    ) -> Result<Option<MessageResource>, RestError> {
        #[derive(Deserialize)]
        struct Page {
            messages: Vec<MessageResource>,
        }
        let day = since.to_zoned_datetime(TimeZone::UTC).date().to_string();
        let query = [
            ("To", to),
            ("DateSent>", &*day),
            ("PageSize", LOOKED_THROUGH),
        ];
        let path = ["Messages.json"];
        let request = self.request_about(Method::GET, account, &path, &query)?;
        let page: Page = self.resource(request).await?;
        let is_it = |message: &MessageResource| {
            let is_late = message.date_created.is_none_or(|made| made >= since);
            message.to == to && message.body == body && is_late
        };
        Ok(page.messages.into_iter().find(is_it))
    }
}

#[cfg(test)]
mod tests {
    use super::MessageResource;

    #[test]
    fn times_are_read_as_twilio_writes_them() {
        let read = |date: &str| {
            let text =
                format!(r#"{{"sid":"SM1","status":"queued","date_created":{date},"body":"a"}}"#);
            let message: MessageResource = serde_json::from_str(&text).expect("it is a message");
            message.date_created.map(|made| made.to_string())
        };
        assert_eq!(
            read("\"Mon, 30 Nov 2026 11:00:05 +0000\"").as_deref(),
            Some("2026-11-30T11:00:05Z")
        );
        for none in ["null", "\"yesterday\"", "\"\""] {
            assert_eq!(read(none), None, "{none}");
        }
    }
}
