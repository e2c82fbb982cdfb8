//! Callers on hold while the store is away: a few words, two seconds, and the same request again.
//!
//! A `<Redirect>` carries the standard fields only, so everything else that the request brought (keys, words, what a
//! dial or recording came to) travels in the URL, sealed: a store that is away cannot say whether it is secret.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::engine::{CallSid, Opening};
use crate::store::Seal;
use crate::twilio::{Form, retry};
use crate::written::carrier_fields::is_own;

/// How long a caller is held before calm words end the call, in seconds.
pub const LIMIT: i64 = 60;

/// The name of the query's field.
pub const FIELD: &str = "held";

/// Fields that a redirect would lose.
const LOST: [&str; 18] = [
    "Digits",
    "SpeechResult",
    "Confidence",
    "DialCallStatus",
    "DialCallSid",
    "DialCallDuration",
    "DialBridged",
    "RecordingUrl",
    "RecordingSid",
    "RecordingDuration",
    "QueueResult",
    "QueueTime",
    "ReferCallStatus",
    "ReferSipResponseCode",
    "NotifySipResponseCode",
    "ErrorCode",
    "ErrorUrl",
    "CallStatus",
];

/// The longest value that is carried, in bytes: a URL has to stay within what carriers and proxies take.
const LONGEST: usize = 600;

/// How many bytes are carried of what others than the carrier send with a call's start, which a redirect may lose too.
const OWN_LENGTH: usize = 2_000;

/// A request that waits for the store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// When the caller was put on hold first, in milliseconds since 1970.
    pub since: i64,
    /// The fields that a redirect loses.
    pub fields: Vec<(String, String)>,
    /// The request that began the flow: the redirect that follows it is not another one.
    pub opening: Option<Opening>,
}

impl Held {
    /// What a request brought, for its first time on hold.
    pub fn of(form: &Form, opening: Option<Opening>, now: Timestamp) -> Self {
        let mut left = OWN_LENGTH;
        let mut is_own = |name: &str, value: &str| {
            let length = name.len() + value.len();
            let fits = opening.is_some() && is_own(name) && length <= left;
            left -= if fits { length } else { 0 };
            fits
        };
        let carried = form
            .iter()
            .filter(|(name, value)| LOST.contains(name) || is_own(name, value));
        let fields = carried
            .map(|(name, value)| (name.to_owned(), cut(value).to_owned()))
            .collect();
        Self {
            since: now.as_millisecond(),
            fields,
            opening,
        }
    }

    /// Whether the caller has waited long enough.
    pub fn is_over(&self, now: Timestamp) -> bool {
        now.as_millisecond() - self.since >= LIMIT * 1000
    }

    /// The URL that leads back to the same request. It fits this call and this path only.
    pub fn url(&self, prefix: &str, path: &str, sid: &CallSid, seal: &Seal) -> String {
        let plain = postcard::to_stdvec(self).unwrap_or_default();
        let sealed = URL_SAFE_NO_PAD.encode(seal.seal(&place(path, sid), &plain));
        format!("{prefix}{path}?{FIELD}={sealed}{}", retry::FRAGMENT)
    }

    /// Reads what the URL carries, if anything; an error if it was forged.
    ///
    /// # Errors
    /// When it was forged, or belongs to another call or request.
    pub fn open(
        query: &str,
        path: &str,
        sid: &CallSid,
        seal: &Seal,
    ) -> Result<Option<Self>, ForgedHold> {
        let Some(text) = query.split('&').find_map(|pair| pair.strip_prefix("held=")) else {
            return Ok(None);
        };
        let sealed = URL_SAFE_NO_PAD.decode(text).map_err(|_| ForgedHold)?;
        let plain = seal.open(&place(path, sid), &sealed).ok_or(ForgedHold)?;
        postcard::from_bytes(&plain)
            .map(Some)
            .map_err(|_| ForgedHold)
    }

    /// The form as it first came: the present fields, and those that the redirect lost.
    pub fn restore(&self, form: &Form) -> Form {
        let now = form
            .iter()
            .filter(|(name, _)| !self.has(name) && (!LOST.contains(name) || *name == "CallStatus"));
        let then = self
            .fields
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()));
        // Together they are at most two forms, and each was let in.
        Form::from_pairs(now.chain(then)).unwrap_or_default()
    }

    fn has(&self, name: &str) -> bool {
        self.fields.iter().any(|(other, _)| other == name)
    }
}

/// A hold's URL that we did not write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the URL of a hold is not of our making")]
pub struct ForgedHold;

fn place(path: &str, sid: &CallSid) -> Vec<u8> {
    [b"held ", path.as_bytes(), b" ", sid.as_str().as_bytes()].concat()
}

fn cut(value: &str) -> &str {
    &value[..value.floor_char_boundary(LONGEST)]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seal() -> Seal {
        Seal::from_tokens(&["12345"]).expect("a token is enough")
    }

    fn sid(name: &str) -> CallSid {
        CallSid::parse(name).expect("it is legal")
    }

    fn query(url: &str) -> String {
        let (_, query) = url.split_once('?').expect("a hold has a query");
        query
            .split('#')
            .next()
            .expect("there is a first part")
            .to_owned()
    }

    #[test]
    fn what_a_redirect_loses_comes_back_and_is_not_readable_on_the_way() {
        let first = Form::parse(b"CallSid=CA1&Digits=8341&CallStatus=in-progress&From=%2B1")
            .expect("few fields");
        let held = Held::of(&first, None, Timestamp::UNIX_EPOCH);
        let url = held.url("/p", "/voice/pickup/~2", &sid("CA1"), &seal());
        assert!(url.starts_with("/p/voice/pickup/~2?held=") && !url.contains("8341"));
        let back = Held::open(&query(&url), "/voice/pickup/~2", &sid("CA1"), &seal());
        let back = back.expect("it is ours").expect("it is there");
        let second =
            Form::parse(b"CallSid=CA1&From=%2B1&CallStatus=completed").expect("few fields");
        let restored = back.restore(&second);
        assert_eq!(restored.get("Digits"), Some("8341"));
        assert_eq!(restored.get("CallStatus"), Some("in-progress"));
        assert_eq!(restored.get("CallSid"), Some("CA1"));
    }

    #[test]
    fn what_others_send_with_the_start_of_a_call_is_carried_as_far_as_it_fits_a_url() {
        let long = "x".repeat(OWN_LENGTH);
        let body = format!(
            "CallSid=CA1&CallerCountry=GB&SipHeader_X-Account=12345678&loyalty=gold&notes={long}"
        );
        let first = Form::parse(body.as_bytes()).expect("few fields");
        let opening = Some(Opening::default());
        let held = Held::of(&first, opening, Timestamp::UNIX_EPOCH);
        let second = Form::parse(b"CallSid=CA1&loyalty=gold").expect("few fields");
        let restored = held.restore(&second);
        assert_eq!(restored.get("SipHeader_X-Account"), Some("12345678"));
        let all: Vec<_> = restored
            .iter()
            .filter(|(name, _)| *name == "loyalty")
            .collect();
        assert_eq!(all, [("loyalty", "gold")]);
        assert_eq!(restored.get("notes"), None);
        // Of a later turn nothing is read.
        let later = Held::of(&first, None, Timestamp::UNIX_EPOCH);
        assert_eq!(later.restore(&second).get("SipHeader_X-Account"), None);
    }

    #[test]
    fn a_hold_fits_no_other_call_request_or_key() {
        let held = Held {
            since: 0,
            fields: vec![("Digits".into(), "1".into())],
            opening: None,
        };
        let url = held.url("", "/voice/pickup/~2", &sid("CA1"), &seal());
        let query = query(&url);
        assert_eq!(
            Held::open(&query, "/voice/pickup/~2", &sid("CA2"), &seal()),
            Err(ForgedHold)
        );
        assert_eq!(
            Held::open(&query, "/voice/pickup/~3", &sid("CA1"), &seal()),
            Err(ForgedHold)
        );
        let other = Seal::from_tokens(&["other"]).expect("a token is enough");
        assert_eq!(
            Held::open(&query, "/voice/pickup/~2", &sid("CA1"), &other),
            Err(ForgedHold)
        );
        assert_eq!(
            Held::open("held=AAAA", "/voice/pickup/~2", &sid("CA1"), &seal()),
            Err(ForgedHold)
        );
        assert_eq!(
            Held::open("held=%%%", "/voice/pickup/~2", &sid("CA1"), &seal()),
            Err(ForgedHold)
        );
    }

    #[test]
    fn a_hold_is_over_after_a_minute() {
        let held = Held {
            since: 1_000,
            fields: Vec::new(),
            opening: None,
        };
        let at = |millis| Timestamp::from_millisecond(millis).expect("it is in range");
        assert!(!held.is_over(at(60_999)));
        assert!(held.is_over(at(61_000)));
    }
}
