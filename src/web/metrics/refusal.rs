//! Why requests are not served.

use crate::twilio::signature;

/// Why a request is not served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It has more fields than any webhook.
    TooManyFields,
    /// It names no call.
    NoCall,
    /// It is signed, and no token is set.
    NoToken,
    /// It is signed, and nobody has said for which URL.
    NoPublicUrl,
    /// It is not signed, no token is set, and it comes from elsewhere.
    Unsigned,
    /// Its body did not come in time.
    Slow,
    /// Its body is larger than any webhook's.
    TooLarge,
    /// Its body broke off.
    Broken,
    /// Its account is not served here.
    Account,
    /// Its fields are signed, but cut where the carrier does not cut them.
    Recut,
    /// It is not signed as it must be.
    Signature(signature::Refusal),
}

impl Refusal {
    /// Every reason.
    pub fn all() -> impl Iterator<Item = Self> {
        let own = [
            Self::TooManyFields,
            Self::NoCall,
            Self::NoToken,
            Self::NoPublicUrl,
            Self::Unsigned,
            Self::Slow,
            Self::TooLarge,
            Self::Broken,
            Self::Account,
            Self::Recut,
        ];
        own.into_iter()
            .chain(signature::Refusal::ALL.map(Self::Signature))
    }

    /// The name in metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TooManyFields => "too_many_fields",
            Self::NoCall => "no_call",
            Self::NoToken => signature::Refusal::NoToken.as_str(),
            Self::NoPublicUrl => "no_public_url",
            Self::Unsigned => "unsigned",
            Self::Slow => "slow",
            Self::TooLarge => "too_large",
            Self::Broken => "broken",
            Self::Account => "account",
            Self::Recut => "recut",
            Self::Signature(refusal) => refusal.as_str(),
        }
    }
}
