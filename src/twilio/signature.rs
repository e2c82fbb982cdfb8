//! The check of `X-Twilio-Signature` (Twilio, "Webhooks security").
//!
//! What is signed is the URL that Twilio asked for, byte for byte, then, of a form-encoded body, every field: names in
//! the order of their bytes, for each name its distinct values in order, name and value joined with nothing between.
//! The signature is the Base64 of an HMAC-SHA1 over that with the auth token, or of an HMAC-SHA256 with a key that is
//! shared for this, whose name comes along. It covers no header and has no time, so
//! a request may be replayed for ever; what a replay may do is the business of who serves it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::Mac;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::{Form, PublicUrl, SignedText, Spelling, Tokens, TooManyFields, Whose};
use crate::twilio::tokens::{SharedKey, TokenKey};

/// The header that carries the signature.
pub const HEADER: &str = "x-twilio-signature";

/// The header that names another key and algorithm than the auth token and HMAC-SHA1 (a public beta of 2026).
pub const SETTINGS_HEADER: &str = "x-twilio-webhooks-signature-settings";

/// The header that stays the same over the retries of one webhook. Not signed: a hint for the log, never a key.
pub const IDEMPOTENCY_HEADER: &str = "i-twilio-idempotency-token";

/// A request as it came, before anything is believed of it.
#[derive(Clone, Copy, Debug)]
pub struct SignedRequest<'a> {
    /// Whether it is a POST. Of anything else only the URL counts, and its body is never looked at.
    pub post: bool,
    /// Path and query, the raw bytes as received, never decoded and encoded again.
    pub target: &'a [u8],
    /// `Content-Type`.
    pub content_type: Option<&'a [u8]>,
    /// The raw body.
    pub body: &'a [u8],
    /// [`HEADER`].
    pub signature: Option<&'a [u8]>,
    /// [`SETTINGS_HEADER`].
    pub settings: Option<&'a [u8]>,
}

/// What of a request is signed beside its URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Content {
    Nothing,
    Fields,
    /// A body that is no form: only its hash in the URL can vouch for it.
    Hash,
}

/// A request that its signature fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verified {
    /// Whose token signed it.
    pub whose: Whose,
    /// How the URL was written.
    pub spelling: Spelling,
}

/// Why a request is not served.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Refusal {
    /// It carries no signature.
    #[error("the request is not signed")]
    Missing,
    /// What it carries cannot be a signature.
    #[error("the signature is not the Base64 of 20 bytes")]
    Malformed,
    /// It is signed in a way that is not known here.
    #[error("the request is signed by an algorithm that is not supported")]
    Algorithm,
    /// It is signed with a shared key that is not set.
    #[error("the request is signed with a shared key that is not set (twilio.keys)")]
    Key,
    /// There is no token to check it with.
    #[error("no auth token is set for the request's account")]
    NoToken,
    /// Its body is no form, and no hash of it stands in the URL.
    #[error("the body is not form-encoded and the URL has no bodySHA256")]
    BodyUnsigned,
    /// Its body is no form, and not the one whose hash stands in the URL.
    #[error("the body is not the one that bodySHA256 stands for")]
    BodyDiffers,
    /// The signature does not fit.
    #[error("the signature does not fit the URL and fields")]
    Mismatch,
}

impl Refusal {
    /// Every reason.
    pub const ALL: [Self; 8] = [
        Self::Missing,
        Self::Malformed,
        Self::Algorithm,
        Self::Key,
        Self::NoToken,
        Self::BodyUnsigned,
        Self::BodyDiffers,
        Self::Mismatch,
    ];

    /// The name in metrics and logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Malformed => "malformed",
            Self::Algorithm => "algorithm",
            Self::Key => "unknown_key",
            Self::NoToken => "no_token",
            Self::BodyUnsigned => "body_unsigned",
            Self::BodyDiffers => "body_differs",
            Self::Mismatch => "mismatch",
        }
    }
}

impl<'a> SignedRequest<'a> {
    /// The fields that count: those of a form-encoded body, otherwise those of the query.
    ///
    /// # Errors
    /// When there are too many.
    pub fn form(&self) -> Result<Form, TooManyFields> {
        match self.content() {
            Content::Fields => Form::parse(self.body),
            Content::Nothing | Content::Hash => Form::parse(self.query()),
        }
    }

    /// The raw query, without its question mark.
    pub fn query(&self) -> &'a [u8] {
        let mark = self.target.iter().position(|byte| *byte == b'?');
        mark.map_or(&[], |at| &self.target[at + 1..])
    }

    /// Whether the fields are signed one by one, behind the URL.
    pub(super) fn signs_fields(&self) -> bool {
        self.content() == Content::Fields
    }

    fn content(&self) -> Content {
        match self.content_type {
            _ if !self.post => Content::Nothing,
            Some(kind) if is_form(kind) => Content::Fields,
            None if self.body.is_empty() => Content::Nothing,
            _ => Content::Hash,
        }
    }

    /// Whether the hash in the URL vouches for the body: lower-case hexadecimal SHA-256 over its raw bytes.
    fn check_body(&self) -> Result<(), Refusal> {
        let named = |pair: &'a [u8]| pair.strip_prefix(b"bodySHA256=");
        let told = self
            .query()
            .split(|byte| *byte == b'&')
            .find_map(named)
            .ok_or(Refusal::BodyUnsigned)?;
        let real = body_sha256(self.body);
        if bool::from(real.as_bytes().ct_eq(told)) {
            Ok(())
        } else {
            Err(Refusal::BodyDiffers)
        }
    }

    /// What refuses a request before its body and fields are read.
    ///
    /// # Errors
    /// Why it must not be served, whatever they are.
    pub fn precheck(&self, tokens: &Tokens) -> Result<(), Refusal> {
        self.signature.ok_or(Refusal::Missing)?;
        match self.scheme(tokens)? {
            Scheme::Token => self.tag::<20>().map(drop),
            Scheme::Shared(_) => self.tag::<32>().map(drop),
        }
    }

    /// How it says that it is signed. Settings without an algorithm mean the classic way (twilio-python 9.13).
    fn scheme<'t>(&self, tokens: &'t Tokens) -> Result<Scheme<'t>, Refusal> {
        let parts = || {
            self.settings
                .unwrap_or_default()
                .split(|byte| *byte == b',')
                .map(<[u8]>::trim_ascii)
        };
        let named = |name: &[u8]| {
            let mut found = parts().filter_map(|part| part.split_at_checked(name.len()));
            let value = found
                .find(|(start, rest)| start.eq_ignore_ascii_case(name) && rest.starts_with(b"="));
            value.map(|(_, rest)| rest[1..].trim_ascii())
        };
        match named(b"algorithm") {
            None => Ok(Scheme::Token),
            Some(algorithm) if algorithm.eq_ignore_ascii_case(b"HMAC_SHA1") => Ok(Scheme::Token),
            Some(algorithm) if algorithm.eq_ignore_ascii_case(b"HMAC_SHA256") => {
                let key = named(b"key").and_then(|key| std::str::from_utf8(key).ok());
                key.and_then(|key| tokens.shared(key))
                    .map(Scheme::Shared)
                    .ok_or(Refusal::Key)
            }
            Some(_) => Err(Refusal::Algorithm),
        }
    }

    /// The bytes that came.
    fn tag<const LENGTH: usize>(&self) -> Result<[u8; LENGTH], Refusal> {
        let text = self.signature.ok_or(Refusal::Missing)?;
        // As long as the longest signature, and the one byte more that reading it may need.
        let mut bytes = [0; 33];
        match STANDARD.decode_slice(text, &mut bytes) {
            Ok(length) if length == LENGTH => Ok(*bytes.first_chunk().expect("there are as many")),
            _ => Err(Refusal::Malformed),
        }
    }
}

/// How a request is signed.
enum Scheme<'t> {
    /// With an account's auth token, by HMAC-SHA1.
    Token,
    /// With a key that is shared for this, by HMAC-SHA256.
    Shared(&'t SharedKey),
}

/// Checks a request against the tokens and the public address. `form` is what [`SignedRequest::form`] gave, `signed` is
/// written of both.
///
/// The account that the fields name decides which tokens count; comparisons take the same time whatever differs.
///
/// # Errors
/// Why it must not be served.
pub fn verify(
    request: &SignedRequest,
    form: &Form,
    signed: &SignedText,
    tokens: &Tokens,
    url: &PublicUrl,
) -> Result<Verified, Refusal> {
    let check_body = || match request.content() {
        Content::Hash => request.check_body(),
        Content::Fields | Content::Nothing => Ok(()),
    };
    let candidates = || {
        url.candidates().iter().map(|candidate| {
            (
                candidate.spelling,
                [candidate.prefix.as_bytes(), signed.as_bytes()],
            )
        })
    };
    let fits = match request.scheme(tokens)? {
        Scheme::Token => {
            let (tag, keys) = (request.tag::<20>()?, tokens.of(form.get("AccountSid")));
            if keys.is_empty() {
                return Err(Refusal::NoToken);
            }
            check_body()?;
            let tried = keys
                .iter()
                .flat_map(|key| candidates().map(move |candidate| (key, candidate)));
            tried
                .into_iter()
                .find_map(|((whose, key), (spelling, parts))| {
                    key.mac(&parts)
                        .verify_slice(&tag)
                        .is_ok()
                        .then_some((*whose, spelling))
                })
        }
        Scheme::Shared(key) => {
            let tag = request.tag::<32>()?;
            check_body()?;
            candidates().find_map(|(spelling, parts)| {
                key.mac(&parts)
                    .verify_slice(&tag)
                    .is_ok()
                    .then_some((Whose::Shared, spelling))
            })
        }
    };
    fits.map(|(whose, spelling)| Verified { whose, spelling })
        .ok_or(Refusal::Mismatch)
}

/// Signs a URL, exactly as given, and the fields of a form as Twilio would; no fields for a GET or any other body.
pub fn sign(token: &str, url: &str, fields: &[(String, String)]) -> String {
    let mut pairs: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    pairs.sort_unstable();
    pairs.dedup();
    let fields = pairs.iter().flat_map(|(name, value)| [*name, *value]);
    let parts: Vec<_> = [url].into_iter().chain(fields).map(str::as_bytes).collect();
    STANDARD.encode(TokenKey::new(token).mac(&parts).finalize().into_bytes())
}

/// The hash of a body as `bodySHA256` tells it.
pub fn body_sha256(body: &[u8]) -> String {
    let hex = |half: u8| char::from(b"0123456789abcdef"[usize::from(half)]);
    Sha256::digest(body)
        .iter()
        .flat_map(|byte| [hex(byte >> 4), hex(byte & 15)])
        .collect()
}

fn is_form(content_type: &[u8]) -> bool {
    let end = content_type
        .iter()
        .position(|byte| *byte == b';')
        .unwrap_or(content_type.len());
    content_type[..end]
        .trim_ascii()
        .eq_ignore_ascii_case(b"application/x-www-form-urlencoded")
}

#[cfg(test)]
mod tests;
