//! Numbers of an account (`IncomingPhoneNumbers`): where their calls go.

use reqwest::{Method, Url};
use serde::Deserialize;

use super::{Rest, RestError};

/// How many numbers a page has: so many fit into the longest answer that is read.
const PAGE: &str = "20";

/// How many pages are read: more numbers than these have nobody who looks at each.
const PAGES: usize = 100;

/// What Twilio says of a number. Texts that are not set are empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct NumberResource {
    /// Its name (`PN…`).
    pub sid: String,
    /// The number, in E.164.
    pub phone_number: String,
    /// What people call it.
    #[serde(deserialize_with = "text")]
    pub friendly_name: String,
    /// Who is asked when a call comes in.
    #[serde(deserialize_with = "text")]
    pub voice_url: String,
    /// How: `POST` or `GET`.
    #[serde(deserialize_with = "text")]
    pub voice_method: String,
    /// Who is asked when that fails.
    #[serde(deserialize_with = "text")]
    pub voice_fallback_url: String,
    /// Who is told what becomes of a call.
    #[serde(deserialize_with = "text")]
    pub status_callback: String,
    /// The application whose URLs hold in place of these (`AP…`).
    #[serde(deserialize_with = "text")]
    pub voice_application_sid: String,
    /// The SIP trunk that gets the calls in place of any URL (`TK…`).
    #[serde(deserialize_with = "text")]
    pub trunk_sid: String,
}

/// Where the calls of a number go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NumberUrls {
    /// Who is asked when a call comes in.
    pub voice: String,
    /// Who is asked when that fails.
    pub fallback: String,
    /// Who is told what becomes of a call.
    pub status: String,
}

#[derive(Deserialize)]
struct Page {
    incoming_phone_numbers: Vec<NumberResource>,
    #[serde(default, deserialize_with = "text")]
    next_page_uri: String,
}

impl Rest {
    /// The voice numbers of an account, in the order in which Twilio lists them.
    ///
    /// # Errors
    /// Any [`RestError`].
    pub async fn numbers(&self, account: &str) -> Result<Vec<NumberResource>, RestError> {
        let path = ["IncomingPhoneNumbers.json"];
        let mut query = vec![("PageSize".to_owned(), PAGE.to_owned())];
        let mut numbers = Vec::new();
        for _ in 0..PAGES {
            let fields: Vec<(&str, &str)> = query.iter().map(|(k, v)| (&**k, &**v)).collect();
            let request = self.request_about(Method::GET, account, &path, &fields)?;
            let page: Page = self.resource(request).await?;
            numbers.extend(page.incoming_phone_numbers);
            match place(&page.next_page_uri) {
                Some(next) => query = next,
                None => break,
            }
        }
        Ok(numbers)
    }

    /// Has the calls of a number go to these URLs, asked for by POST, and to no application any more. What Twilio says of it
    /// then.
    ///
    /// # Errors
    /// When there is no such number, or any other [`RestError`].
    pub async fn set_number(
        &self,
        account: &str,
        sid: &str,
        urls: &NumberUrls,
    ) -> Result<NumberResource, RestError> {
        let path = ["IncomingPhoneNumbers", &format!("{sid}.json")];
        let request = self.request(Method::POST, account, &path)?;
        let fields = [
            ("VoiceUrl", &*urls.voice),
            ("VoiceMethod", "POST"),
            ("VoiceFallbackUrl", &urls.fallback),
            ("VoiceFallbackMethod", "POST"),
            ("StatusCallback", &urls.status),
            ("StatusCallbackMethod", "POST"),
            ("VoiceApplicationSid", ""),
        ];
        self.resource(request.form(&fields)).await
    }
}

/// Where the next page begins, by the query of its URI: no URL that comes in an answer is asked as it is.
fn place(next_page_uri: &str) -> Option<Vec<(String, String)>> {
    let base = Url::parse("https://api.invalid").expect("it is a URL");
    let next = (!next_page_uri.is_empty()).then(|| base.join(next_page_uri));
    let next = next?.ok()?;
    let fields = next.query_pairs().into_owned();
    let known =
        |(name, _): &(String, String)| ["PageSize", "Page", "PageToken"].contains(&name.as_str());
    Some(fields.filter(known).collect())
}

/// Text, or nothing.
fn text<'de, D: serde::Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::place;

    #[test]
    fn the_next_page_is_named_by_its_place_alone() {
        let next = "/2010-04-01/Accounts/AC1/IncomingPhoneNumbers.json?PageSize=20&Page=1&PageToken=PAPN1&x=1";
        let fields = [("PageSize", "20"), ("Page", "1"), ("PageToken", "PAPN1")];
        let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(place(next), Some(fields.to_vec()));
        assert_eq!(place(""), None);
    }
}
