//! Signatures according to Standard Webhooks 1.0, which a backend can verify with any of its libraries.

use std::fmt;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretSlice};
use sha2::Sha256;

/// The fewest bytes of a secret (Standard Webhooks 1.0, "Signature scheme": 24 to 64).
pub const SECRET_MIN: usize = 24;

/// The prefix of a secret as people write it.
const PREFIX: &str = "whsec_";

/// A key shared with a backend. It never shows in debug output.
#[derive(Clone)]
pub struct Secret(Arc<SecretSlice<u8>>);

/// Why a text is not a signing secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSecret {
    /// It does not begin with `whsec_`.
    #[error("it must be `whsec_` followed by base64")]
    Prefix,
    /// What follows is not base64.
    #[error("what follows `whsec_` is not base64")]
    Base64,
    /// Too few bytes to be a secret.
    #[error("it holds {0} bytes, and at least {min} are needed", min = SECRET_MIN)]
    Short(usize),
}

impl Secret {
    /// Parses `whsec_` followed by base64 of at least [`SECRET_MIN`] bytes.
    ///
    /// # Errors
    /// When the text is anything else.
    pub fn parse(text: &str) -> Result<Self, InvalidSecret> {
        let encoded = text.strip_prefix(PREFIX).ok_or(InvalidSecret::Prefix)?;
        let bytes = STANDARD
            .decode(encoded)
            .map_err(|_| InvalidSecret::Base64)?;
        if bytes.len() < SECRET_MIN {
            return Err(InvalidSecret::Short(bytes.len()));
        }
        Ok(Self(Arc::new(bytes.into())))
    }

    /// Parses several secrets separated by commas: while one is being replaced, both the new and the old one sign.
    ///
    /// # Errors
    /// When one of them is not a secret. An empty text is an empty list.
    pub fn parse_list(text: &str) -> Result<Vec<Self>, InvalidSecret> {
        text.split(',')
            .map(str::trim)
            .filter(|secret| !secret.is_empty())
            .map(Self::parse)
            .collect()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// The value of `webhook-signature`: one `v1,…` for each secret, separated by spaces.
///
/// What is signed is `id.timestamp.body`, the timestamp in whole seconds of this attempt.
pub fn sign(secrets: &[Secret], id: &str, at: Timestamp, body: &[u8]) -> String {
    let signatures: Vec<_> = secrets
        .iter()
        .map(|secret| sign_once(secret, id, at, body))
        .collect();
    signatures.join(" ")
}

fn sign_once(secret: &Secret, id: &str, at: Timestamp, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.0.expose_secret())
        .expect("HMAC takes a key of any length");
    mac.update(format!("{id}.{}.", at.as_second()).as_bytes());
    mac.update(body);
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::{Secret, sign};
    use crate::outbox::InvalidSecret;
    use jiff::Timestamp;

    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const SIGNATURE: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

    fn sign_example(secrets: &str) -> String {
        let secrets = Secret::parse_list(secrets).expect("good secrets");
        let at = Timestamp::from_second(1_614_265_330).expect("a time");
        sign(
            &secrets,
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            at,
            br#"{"test": 2432232314}"#,
        )
    }

    #[test]
    fn the_vector_of_the_specification_comes_out() {
        assert_eq!(sign_example(SECRET), SIGNATURE);
    }

    #[test]
    fn a_fraction_of_a_second_does_not_change_the_signature() {
        let secret = [Secret::parse(SECRET).expect("a good secret")];
        let at = Timestamp::from_millisecond(1_614_265_330_999).expect("a time");
        assert_eq!(
            sign(
                &secret,
                "msg_p5jXN8AQM9LWM0D4loKWxJek",
                at,
                br#"{"test": 2432232314}"#
            ),
            SIGNATURE
        );
    }

    #[test]
    fn each_of_several_secrets_signs() {
        let both = sign_example(&format!("whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA, {SECRET}"));
        let (new, old) = both.split_once(' ').expect("two signatures");
        assert_eq!(old, SIGNATURE);
        assert!(new.starts_with("v1,") && new != old);
    }

    #[test]
    fn a_bad_secret_is_refused_for_what_it_is() {
        let parse = |text| Secret::parse(text).expect_err("a bad secret");
        assert_eq!(
            parse("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
            InvalidSecret::Prefix
        );
        assert_eq!(parse("whsec_not base64!"), InvalidSecret::Base64);
        assert_eq!(parse("whsec_c2hvcnQ="), InvalidSecret::Short(5));
        assert_eq!(parse("whsec_"), InvalidSecret::Short(0));
    }

    #[test]
    fn a_secret_shows_nothing_of_itself() {
        assert_eq!(format!("{:?}", Secret::parse(SECRET)), "Ok(***)");
    }
}
