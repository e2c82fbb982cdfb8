//! One supposition of what was signed.

use crate::twilio::signature::sign;
use crate::twilio::{Form, InvalidPublicUrl, PublicUrl};

/// A token, a URL in its parts, and fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SigningInput {
    pub(super) token: String,
    /// `http` or `https`.
    pub(super) scheme: String,
    /// `user:password` of the URL, which Twilio leaves out before it signs.
    pub(super) user: Option<String>,
    /// Whether the user is signed all the same.
    pub(super) with_user: bool,
    /// Host and, where it was given, port.
    pub(super) host: String,
    pub(super) target: String,
    pub(super) fields: Vec<(String, String)>,
}

impl SigningInput {
    /// Takes apart what was given, and says which parts Twilio does not sign.
    pub(super) fn new(
        token: String,
        url: &str,
        fields: &[(String, String)],
    ) -> Result<(Self, Vec<String>), InvalidPublicUrl> {
        let mut notes = Vec::new();
        let (url, fragment) = url
            .split_once('#')
            .map_or((url, None), |(url, fragment)| (url, Some(fragment)));
        if let Some(fragment) = fragment {
            notes.push(format!(
                "left out `#{fragment}`: Twilio neither sends nor signs what follows a `#`"
            ));
        }
        let (scheme, rest) = url.split_once("://").ok_or(InvalidPublicUrl::Scheme)?;
        let (authority, target) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        let (user, host) = authority
            .rsplit_once('@')
            .map_or((None, authority), |(user, host)| (Some(user), host));
        if user.is_some() {
            notes.push(
                "left out the user and password: Twilio leaves them out before it signs".to_owned(),
            );
        }
        let target = if target.starts_with('/') {
            target.to_owned()
        } else {
            format!("/{target}")
        };
        let case = Self {
            token,
            scheme: scheme.to_ascii_lowercase(),
            user: user.map(str::to_owned),
            with_user: false,
            host: host.to_owned(),
            target,
            fields: fields.to_vec(),
        };
        PublicUrl::parse(&case.address())?;
        Ok((case, notes))
    }

    /// Scheme, host and port.
    pub(super) fn address(&self) -> String {
        let user = self
            .user
            .as_deref()
            .filter(|_| self.with_user)
            .map(|user| format!("{user}@"))
            .unwrap_or_default();
        format!("{}://{user}{}", self.scheme, self.host)
    }

    pub(super) fn url(&self) -> String {
        format!("{}{}", self.address(), self.target)
    }

    pub(super) fn path(&self) -> &str {
        self.target
            .split_once('?')
            .map_or(&self.target, |(path, _)| path)
    }

    pub(super) fn query(&self) -> Option<&str> {
        self.target.split_once('?').map(|(_, query)| query)
    }

    /// The fields of the query, decoded. More than a request may have count as none.
    pub(super) fn query_fields(&self) -> Vec<(String, String)> {
        let form = Form::parse(self.query().unwrap_or_default().as_bytes()).unwrap_or_default();
        form.iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    }

    /// The same with another path or query.
    pub(super) fn at(&self, path: &str, query: Option<&str>) -> Self {
        let target = query.map_or_else(|| path.to_owned(), |query| format!("{path}?{query}"));
        Self {
            target,
            ..self.clone()
        }
    }

    /// The URL that was signed, its port written or not, if this is what was signed.
    pub(super) fn signed_url(&self, signature: &str) -> Option<String> {
        let address = PublicUrl::parse(&self.address()).ok()?;
        let urls = address
            .candidates()
            .iter()
            .map(|candidate| format!("{}{}", candidate.prefix, self.target));
        urls.into_iter()
            .find(|url| sign(&self.token, url, &self.fields) == signature)
    }
}
