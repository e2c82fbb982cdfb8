//! How the values of settings are written.

use std::net::SocketAddr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::Url;

/// Reads an address with a port; `localhost` is IPv4's.
pub(super) fn address(text: &str) -> Option<SocketAddr> {
    let text = text.trim();
    match text.strip_prefix("localhost:") {
        Some(port) => Some(([127, 0, 0, 1], port.parse::<u16>().ok()?).into()),
        None => text.parse().ok(),
    }
}

/// Reads our public URL: http or https, a host, perhaps a path, and nothing else. It is kept as written, since
/// signatures are over its bytes; only slashes at its end go.
pub(super) fn public_url(text: &str) -> Option<String> {
    let text = text.trim();
    let url = Url::parse(text).ok()?;
    let bare = url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    (is_web(&url) && text.contains("://") && bare).then(|| text.trim_end_matches('/').to_owned())
}

/// Reads a backend's URL: http, https, or `log:`.
pub(super) fn backend_url(text: &str) -> Option<String> {
    let text = text.trim();
    (text == "log:" || Url::parse(text).is_ok_and(|url| is_web(&url) && url.fragment().is_none()))
        .then(|| text.to_owned())
}

fn is_web(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https") && url.has_host()
}

/// Whether what is sent to a URL could be read on its way: plain http to another machine.
pub(super) fn is_open(text: &str) -> bool {
    let Ok(url) = Url::parse(text) else {
        return false;
    };
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let loopback = host == "localhost"
        || host
            .parse()
            .is_ok_and(|ip: std::net::IpAddr| ip.is_loopback());
    url.scheme() == "http" && !loopback
}

/// What [`is_store`] takes, for people.
pub(super) const STORES: &str =
    "write local:FOLDER, redis://…, rediss://…, redis+cluster://…, redis+sentinel://… or memory:";

/// Whether there is such a store.
pub(super) fn is_store(url: &str) -> bool {
    let redis = [
        "redis",
        "rediss",
        "redis+cluster",
        "rediss+cluster",
        "redis+sentinel",
        "rediss+sentinel",
    ];
    match url.split_once(':') {
        Some(("memory", "")) => true,
        Some(("local", folder)) => !folder.is_empty(),
        Some((scheme, rest)) => redis.contains(&scheme) && rest.len() > 2 && rest.starts_with("//"),
        None => false,
    }
}

/// Whether a text is base64 of 32 bytes.
pub(super) fn is_seal_key(text: &str) -> bool {
    STANDARD.decode(text).is_ok_and(|bytes| bytes.len() == 32)
}

/// Whether a text is a secret of the Standard Webhooks specification, which asks for 24 to 64 bytes.
pub(super) fn is_webhook_secret(text: &str) -> bool {
    let Some(key) = text.strip_prefix("whsec_") else {
        return false;
    };
    STANDARD
        .decode(key)
        .is_ok_and(|bytes| (24..=64).contains(&bytes.len()))
}

/// A text without what may be a secret in it, should it be a URL: user, password and query.
pub(super) fn masked(text: &str) -> String {
    let Some((scheme, rest)) = text.split_once("://") else {
        return text.to_owned();
    };
    let (place, hidden) = rest
        .find(['?', '#'])
        .map_or((rest, ""), |at| (&rest[..at], "?…"));
    let place = place
        .rsplit_once('@')
        .map_or_else(|| place.to_owned(), |(_, place)| format!("…@{place}"));
    format!("{scheme}://{place}{hidden}")
}

/// What [`is_admin_token`] takes, for people.
pub(super) const ADMIN_TOKEN: &str =
    "write at least 16 characters without spaces, such as what `openssl rand -hex 16` prints";

/// Whether a text can be the admin token: what is shorter can be guessed.
pub(super) fn is_admin_token(text: &str) -> bool {
    is_token(text) && text.chars().count() >= 16
}

/// Whether a text can be a token: something, with no space in or around it.
pub(super) fn is_token(text: &str) -> bool {
    !text.is_empty() && !text.contains(char::is_whitespace)
}

/// The one spelling of an account's SID: `AC` and lower case as Twilio writes it, any other in lower case.
pub(super) fn account(sid: &str) -> String {
    let lower = sid.to_lowercase();
    match lower.strip_prefix("ac") {
        Some(hex) if hex.len() == 32 && hex.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
            format!("AC{hex}")
        }
        _ => lower,
    }
}

/// Whether a backend may be called so: `[a-z][a-z0-9_]*`.
pub(super) fn is_backend(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase())
        && name
            .bytes()
            .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'))
}

/// The name of a currency: three letters.
pub(super) fn currency(text: &str) -> Option<String> {
    let is_one = text.len() == 3 && text.bytes().all(|letter| letter.is_ascii_alphabetic());
    is_one.then(|| text.to_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::{address, backend_url, is_open, is_store, masked, public_url};

    #[test]
    fn addresses_have_a_port() {
        assert!(address("0.0.0.0:80").is_some_and(|address| !address.ip().is_loopback()));
        assert!(address("localhost:8080").is_some_and(|address| address.ip().is_loopback()));
        assert!(address("[::1]:8080").is_some());
        assert_eq!(address("127.0.0.1"), None);
        assert_eq!(address("localhost:99999"), None);
    }

    #[test]
    fn urls_are_absolute_and_bare() {
        assert_eq!(
            public_url("https://ivr.example/a/").as_deref(),
            Some("https://ivr.example/a")
        );
        for wrong in [
            "ivr.example",
            "/voice",
            "ftp://a",
            "https://",
            "https://a?b",
            "https://a#b",
            "https://u:p@a",
            "https:a",
        ] {
            assert_eq!(public_url(wrong), None, "{wrong}");
        }
        assert!(
            backend_url("log:").is_some() && backend_url("http://10.0.0.7:9/hook?x=1").is_some()
        );
        assert!(backend_url("log").is_none() && backend_url("orders").is_none());
        assert!(
            is_open("http://a.example")
                && !is_open("https://a.example")
                && !is_open("http://[::1]:9")
                && !is_open("log:")
        );
    }

    #[test]
    fn what_may_be_a_secret_in_a_url_is_not_shown() {
        assert_eq!(
            masked("ftp://u:p@host:1/a/b?token=x#y"),
            "ftp://…@host:1/a/b?…"
        );
        assert_eq!(masked("ftp://host/a@b"), "ftp://…@b");
        assert_eq!(
            (masked("http://host/a"), masked("a text?")),
            ("http://host/a".into(), "a text?".into())
        );
    }

    #[test]
    fn only_known_stores_are_taken() {
        for right in [
            "local:data",
            "memory:",
            "redis://h",
            "rediss://u:p@h:1/0",
            "redis+sentinel://h1,h2/name",
        ] {
            assert!(is_store(right), "{right}");
        }
        for wrong in [
            "data",
            "local:",
            "memory:x",
            "redis:",
            "redis://",
            "postgres://h",
        ] {
            assert!(!is_store(wrong), "{wrong}");
        }
    }
}
