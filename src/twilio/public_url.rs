//! The address that Twilio knows us by, and the ways in which it may have been written when it was signed.

/// The public address of this server, parsed once from the setting `SERVER__PUBLIC_URL`.
///
/// Twilio signs the URL that it asked for, which a proxy may have changed on its way to us. So the check is made over
/// this address and the path and query that we see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl {
    base: String,
    path_at: usize,
    candidates: Vec<Candidate>,
}

/// One way in which the address may have been signed: all that stands before the path that we see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Candidate {
    pub(crate) spelling: Spelling,
    pub(crate) prefix: String,
}

/// How the signed URL differs from the address as it was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spelling {
    /// Not at all (a user and password apart, which are left out before signing, as Twilio documents it).
    AsGiven,
    /// Its port is gone. Twilio documents this for calls over https.
    PortRemoved,
    /// The default port, 80 or 443, is added.
    PortAdded,
    /// The user and password stand in it after all, as in the tests of Twilio's own libraries.
    WithUser,
}

impl Spelling {
    /// The name in metrics and logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AsGiven => "as_given",
            Self::PortRemoved => "port_removed",
            Self::PortAdded => "port_added",
            Self::WithUser => "with_user",
        }
    }
}

/// A text that cannot be a public address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPublicUrl {
    /// It begins with neither `http://` nor `https://`.
    #[error("it must begin with https:// or http://")]
    Scheme,
    /// It names no host, or one that cannot be.
    #[error("it names no host")]
    Host,
    /// The port is no number from 1 to 65535.
    #[error("its port is not a number from 1 to 65535")]
    Port,
    /// It has a query or a fragment, or holds white space.
    #[error("it may have a path, but no `?`, `#` or white space")]
    Extra,
}

impl PublicUrl {
    /// Reads `scheme://host[:port][/path]`. A path is put before the one that we see; a slash at its end is dropped.
    ///
    /// # Errors
    /// When it is no such address.
    pub fn parse(text: &str) -> Result<Self, InvalidPublicUrl> {
        let (scheme, rest) = text.split_once("://").ok_or(InvalidPublicUrl::Scheme)?;
        let (scheme, default_port) = match scheme.to_ascii_lowercase().as_str() {
            "https" => ("https", 443),
            "http" => ("http", 80),
            _ => return Err(InvalidPublicUrl::Scheme),
        };
        if rest.contains(|c: char| c == '?' || c == '#' || c.is_whitespace() || c.is_control()) {
            return Err(InvalidPublicUrl::Extra);
        }
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let (user, place) = authority
            .rsplit_once('@')
            .map_or((None, authority), |(user, place)| (Some(user), place));
        let (host, port) = split_port(place)?;
        let path = path.trim_end_matches('/');
        let authorities = spellings(scheme, host, port, default_port, user);
        let candidate = |(spelling, authority)| Candidate {
            spelling,
            prefix: format!("{scheme}://{authority}{path}"),
        };
        let base = format!("{scheme}://{place}{path}");
        Ok(Self {
            path_at: base.len() - path.len(),
            base,
            candidates: authorities.into_iter().map(candidate).collect(),
        })
    }

    /// The address without user, password and a slash at its end: our absolute URLs begin with it.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// The path that is put before the one that we see; mostly empty.
    pub fn path(&self) -> &str {
        &self.base[self.path_at..]
    }

    /// What may have been signed, the most likely first.
    pub(crate) fn candidates(&self) -> &[Candidate] {
        &self.candidates
    }
}

/// Divides `host[:port]`, an IPv6 address in brackets included.
fn split_port(place: &str) -> Result<(&str, Option<u16>), InvalidPublicUrl> {
    let host_ends = place.rfind(']').map_or(0, |at| at + 1);
    let colon = place[host_ends..].find(':').map(|at| at + host_ends);
    let (host, port) = colon.map_or((place, None), |at| (&place[..at], Some(&place[at + 1..])));
    if host.is_empty() || (host_ends > 0 && host_ends != host.len()) {
        return Err(InvalidPublicUrl::Host);
    }
    let number = |port: &str| match port.parse() {
        Ok(number) if number > 0 && port.bytes().all(|byte| byte.is_ascii_digit()) => Ok(number),
        _ => Err(InvalidPublicUrl::Port),
    };
    Ok((host, port.map(number).transpose()?))
}

/// The ways to write the authority, the most likely first. Twilio documents that a port is dropped over https and kept
/// over http; its back end varies, so that its own libraries try both, and so do we.
fn spellings(
    scheme: &str,
    host: &str,
    port: Option<u16>,
    default_port: u16,
    user: Option<&str>,
) -> Vec<(Spelling, String)> {
    let mut all = match port {
        None => vec![
            (Spelling::AsGiven, host.to_owned()),
            (Spelling::PortAdded, format!("{host}:{default_port}")),
        ],
        Some(port) => vec![
            (Spelling::AsGiven, format!("{host}:{port}")),
            (Spelling::PortRemoved, host.to_owned()),
        ],
    };
    if scheme == "https" && port.is_some() {
        all.reverse();
    }
    if let Some(user) = user {
        let with_user: Vec<_> = all
            .iter()
            .map(|(_, place)| (Spelling::WithUser, format!("{user}@{place}")))
            .collect();
        all.extend(with_user);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::{InvalidPublicUrl, PublicUrl};

    #[track_caller]
    fn assert_prefixes(text: &str, expected: &[&str]) {
        let url = PublicUrl::parse(text).unwrap();
        let prefixes: Vec<_> = url
            .candidates()
            .iter()
            .map(|candidate| candidate.prefix.as_str())
            .collect();
        assert_eq!(prefixes, expected);
    }

    #[test]
    fn an_address_without_a_port_is_tried_with_its_default_port_too() {
        assert_prefixes(
            "https://example.com",
            &["https://example.com", "https://example.com:443"],
        );
        assert_prefixes(
            "http://example.com/",
            &["http://example.com", "http://example.com:80"],
        );
    }

    #[test]
    fn an_address_with_a_port_is_tried_without_it_too() {
        assert_prefixes("https://h:8443", &["https://h", "https://h:8443"]);
        assert_prefixes("https://h:443", &["https://h", "https://h:443"]);
        assert_prefixes("http://h:8080", &["http://h:8080", "http://h"]);
        assert_prefixes("http://[::1]:8080", &["http://[::1]:8080", "http://[::1]"]);
    }

    #[test]
    fn a_path_is_put_before_the_one_that_we_see() {
        assert_prefixes(
            "HTTPS://Host/ivr/",
            &["https://Host/ivr", "https://Host:443/ivr"],
        );
        let url = PublicUrl::parse("https://host:1/ivr/").unwrap();
        assert_eq!((url.base(), url.path()), ("https://host:1/ivr", "/ivr"));
    }

    #[test]
    fn a_user_and_password_are_left_out_and_tried_last() {
        assert_prefixes(
            "https://u:p@h",
            &[
                "https://h",
                "https://h:443",
                "https://u:p@h",
                "https://u:p@h:443",
            ],
        );
        assert_eq!(
            PublicUrl::parse("https://u:p@h").unwrap().base(),
            "https://h"
        );
    }

    #[test]
    fn what_is_no_address_is_refused() {
        let refused = |text| PublicUrl::parse(text).unwrap_err();
        assert_eq!(refused("example.com"), InvalidPublicUrl::Scheme);
        assert_eq!(refused("ftp://example.com"), InvalidPublicUrl::Scheme);
        for text in [
            "https://",
            "https:///voice",
            "https://:443",
            "https://[::1",
            "https://u@",
        ] {
            assert!(
                matches!(
                    refused(text),
                    InvalidPublicUrl::Host | InvalidPublicUrl::Port
                ),
                "{text}"
            );
        }
        for text in [
            "https://h:",
            "https://h:0",
            "https://h:65536",
            "https://h:+1",
            "https://h:x",
        ] {
            assert_eq!(refused(text), InvalidPublicUrl::Port, "{text}");
        }
        for text in ["https://h?a", "https://h/#b", "https://h /", "https://h\n"] {
            assert_eq!(refused(text), InvalidPublicUrl::Extra, "{text}");
        }
    }
}
