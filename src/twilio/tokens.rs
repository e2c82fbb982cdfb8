//! The auth tokens, prepared for the signature check.

use std::collections::HashMap;
use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::Sha256;

/// A key made ready to sign: cloned for every check, so that it is hashed only once.
#[derive(Clone)]
pub(super) struct Prepared<M>(M);

/// An auth token.
pub(super) type TokenKey = Prepared<Hmac<Sha1>>;

/// A key that is shared for signatures alone.
pub(super) type SharedKey = Prepared<Hmac<Sha256>>;

impl<M: Mac + KeyInit + Clone> Prepared<M> {
    pub(super) fn new(token: &str) -> Self {
        Self(
            <M as KeyInit>::new_from_slice(token.as_bytes())
                .expect("HMAC takes a key of any length"),
        )
    }

    /// What it makes of these parts, one behind the other.
    pub(super) fn mac(&self, parts: &[&[u8]]) -> M {
        let mut mac = self.0.clone();
        for part in parts {
            mac.update(part);
        }
        mac
    }
}

/// Whose token a request was signed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// The main account's.
    Main,
    /// The one that the main account had before, while it is being changed.
    Old,
    /// A subaccount's.
    Subaccount,
    /// Nobody's: a key that is shared for signatures.
    Shared,
}

impl Whose {
    /// The name in metrics and logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Main => "main",
            Self::Old => "old",
            Self::Subaccount => "subaccount",
            Self::Shared => "shared",
        }
    }
}

/// The auth tokens that requests may be signed with: the main one, the one before it, and those of subaccounts, which
/// sign with their own.
#[derive(Clone, Default)]
pub struct Tokens {
    main: Vec<(Whose, TokenKey)>,
    /// By `AccountSid` in lower case. No key: the account is configured with an empty token, and nothing is accepted.
    accounts: HashMap<String, Vec<(Whose, TokenKey)>>,
    /// The `AccountSid` of the main account in lower case, where it is set.
    owner: Option<String>,
    /// Shared keys by their name in lower case.
    shared: HashMap<String, SharedKey>,
}

impl Tokens {
    /// Prepares tokens. An empty or blank one counts as not set, for anyone could sign with it.
    ///
    /// Accounts are pairs of `AccountSid` and token. SIDs are compared without regard to case, since names of settings
    /// from the environment are lower-cased.
    pub fn new<'a>(
        main: Option<&str>,
        old: Option<&str>,
        accounts: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Self {
        let prepare =
            |whose, token: &str| (!token.trim().is_empty()).then(|| (whose, TokenKey::new(token)));
        let main = [(Whose::Main, main), (Whose::Old, old)];
        let account = |(sid, token): (&str, &str)| {
            (
                sid.to_ascii_lowercase(),
                prepare(Whose::Subaccount, token).into_iter().collect(),
            )
        };
        Self {
            main: main
                .into_iter()
                .filter_map(|(whose, token)| prepare(whose, token?))
                .collect(),
            accounts: accounts.into_iter().map(account).collect(),
            owner: None,
            shared: HashMap::new(),
        }
    }

    /// The main account's `AccountSid`, where it is known: with the main token, only its requests are served then.
    pub fn owned_by(self, account: Option<&str>) -> Self {
        Self {
            owner: account.map(str::to_ascii_lowercase),
            ..self
        }
    }

    /// With keys that are shared for signatures, by name and secret. A blank one counts as not set.
    pub fn sharing<'a>(self, keys: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let set = keys
            .into_iter()
            .filter(|(_, secret)| !secret.trim().is_empty());
        Self {
            shared: set
                .map(|(name, secret)| (name.to_ascii_lowercase(), SharedKey::new(secret)))
                .collect(),
            ..self
        }
    }

    /// The shared key of a name.
    pub(super) fn shared(&self, name: &str) -> Option<&SharedKey> {
        self.shared.get(&name.to_ascii_lowercase())
    }

    /// Whether a request of this account may be served. One that names none is not, where accounts are set.
    pub fn serves(&self, account: Option<&str>) -> bool {
        let Some(account) = account.map(str::to_ascii_lowercase) else {
            return self.owner.is_none() && self.accounts.is_empty();
        };
        self.owner.as_ref().is_none_or(|owner| *owner == account)
            || self.accounts.contains_key(&account)
    }

    /// Whether no token is set at all, so that no signature can be checked.
    pub fn is_empty(&self) -> bool {
        self.main.is_empty() && self.shared.is_empty() && self.accounts.values().all(Vec::is_empty)
    }

    /// The tokens that a request naming this `AccountSid` may be signed with.
    pub(super) fn of(&self, account: Option<&str>) -> &[(Whose, TokenKey)] {
        let named = match account {
            Some(sid) if !self.accounts.is_empty() => self.accounts.get(&sid.to_ascii_lowercase()),
            _ => None,
        };
        named.unwrap_or(&self.main)
    }
}

/// Tells how many there are, never what they are.
impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens")
            .field("main", &self.main.len())
            .field("accounts", &self.accounts.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::{Tokens, Whose};

    #[test]
    fn a_blank_token_is_no_token() {
        assert!(Tokens::default().is_empty());
        assert!(Tokens::new(Some(""), Some(" \n"), [("AC1", "")]).is_empty());
        assert!(!Tokens::new(None, None, [("AC1", "x")]).is_empty());
        assert!(!Tokens::new(None, Some("x"), []).is_empty());
    }

    #[test]
    fn a_subaccount_with_a_blank_token_does_not_fall_back_to_the_main_one() {
        let tokens = Tokens::new(Some("main"), None, [("AC1", "")]);
        assert!(tokens.of(Some("AC1")).is_empty());
        assert_eq!(tokens.of(Some("AC2"))[0].0, Whose::Main);
    }

    #[test]
    fn only_accounts_that_are_set_are_served_where_any_is() {
        let any = Tokens::new(Some("main"), None, []);
        assert!(any.serves(None) && any.serves(Some("AC1")));
        let own = Tokens::new(Some("main"), None, []).owned_by(Some("ACa"));
        assert!(own.serves(Some("ACA")) && !own.serves(Some("ACb")) && !own.serves(None));
        let both = Tokens::new(Some("main"), None, [("ACb", "x")]).owned_by(Some("ACa"));
        assert!(both.serves(Some("ACa")) && both.serves(Some("ACb")) && !both.serves(Some("ACc")));
        let unnamed = Tokens::new(Some("main"), None, [("ACb", "x")]);
        assert!(
            unnamed.serves(Some("ACa")) && unnamed.serves(Some("ACb")) && !unnamed.serves(None)
        );
    }

    #[test]
    fn debug_output_holds_no_token() {
        let shown = format!("{:?}", Tokens::new(Some("12345"), None, [("AC1", "67890")]));
        assert_eq!(shown, "Tokens { main: 1, accounts: 1, .. }");
    }
}
