//! Who we are to Twilio: the login of each account that is ours.

use std::collections::HashMap;

use secrecy::SecretString;

/// The logins of the accounts that are ours.
#[derive(Clone, Debug, Default)]
pub struct Logins {
    /// The main account in lower case, where it is set: with its login, no other account is asked about then.
    owner: Option<String>,
    /// The main account's token.
    token: Option<SecretString>,
    /// An API key of the main account, by its SID (`SK…`): it goes before the token.
    key: Option<(String, SecretString)>,
    /// The tokens of subaccounts, by their SID in lower case.
    accounts: HashMap<String, SecretString>,
}

/// What a request about an account is sent with.
pub(super) struct Login<'l> {
    pub user: &'l str,
    pub secret: &'l SecretString,
}

impl Logins {
    /// The main account's token, its SID if that is known, and the SIDs and tokens of subaccounts.
    pub fn new<'a>(
        token: Option<&SecretString>,
        owner: Option<&str>,
        accounts: impl IntoIterator<Item = (&'a str, &'a SecretString)>,
    ) -> Self {
        let account =
            |(sid, token): (&str, &SecretString)| (sid.to_ascii_lowercase(), token.clone());
        Self {
            owner: owner.map(str::to_ascii_lowercase),
            token: token.cloned(),
            key: None,
            accounts: accounts.into_iter().map(account).collect(),
        }
    }

    /// With an API key of the main account, which is asked with in place of its token.
    pub fn with_key(self, sid: &str, secret: &SecretString) -> Self {
        let key = Some((sid.to_owned(), secret.clone()));
        Self { key, ..self }
    }

    /// What to ask with about an account. `None` where it is not ours: its SID may have come from anywhere.
    pub(super) fn of<'l>(&'l self, account: &'l str) -> Option<Login<'l>> {
        let name = account.to_ascii_lowercase();
        if let Some(secret) = self.accounts.get(&name) {
            let user = account;
            return Some(Login { user, secret });
        }
        if self.owner.as_ref().is_some_and(|owner| *owner != name) {
            return None;
        }
        if let Some((user, secret)) = &self.key {
            return Some(Login { user, secret });
        }
        let secret = self.token.as_ref()?;
        let user = account;
        Some(Login { user, secret })
    }
}

#[cfg(test)]
mod tests {
    use secrecy::{ExposeSecret, SecretString};

    use super::Logins;

    fn shown(logins: &Logins, account: &str) -> Option<String> {
        let login = logins.of(account)?;
        Some(format!("{}:{}", login.user, login.secret.expose_secret()))
    }

    #[test]
    fn each_account_has_its_own_login_and_a_foreign_one_none() {
        let (main, sub) = (SecretString::from("main"), SecretString::from("sub"));
        let logins = Logins::new(Some(&main), Some("ACa"), [("acb", &sub)]);
        assert_eq!(shown(&logins, "ACa").as_deref(), Some("ACa:main"));
        assert_eq!(shown(&logins, "ACb").as_deref(), Some("ACb:sub"));
        assert_eq!(shown(&logins, "ACc"), None);
        let keyed = logins.with_key("SK1", &SecretString::from("key"));
        assert_eq!(shown(&keyed, "ACa").as_deref(), Some("SK1:key"));
        assert_eq!(shown(&keyed, "ACb").as_deref(), Some("ACb:sub"));
        assert_eq!(shown(&keyed, "ACc"), None);
        assert_eq!(shown(&Logins::default(), "ACa"), None);
    }

    #[test]
    fn what_is_shown_for_people_holds_no_secret() {
        let logins = Logins::new(Some(&"s3cr3t".into()), None, []);
        let logins = logins.with_key("SK1", &"s3cr3t".into());
        assert!(!format!("{logins:?}").contains("s3cr3t"));
    }
}
