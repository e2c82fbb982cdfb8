//! How the values of settings are written.

use std::net::SocketAddr;
use std::path::PathBuf;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::Url;
use secrecy::SecretString;

use super::Sender;
use super::ServiceSign;
use crate::telemetry::{Format, filter};
use crate::written::number::{is_e164, is_sip_address};

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

/// Reads a service's URL: http or https, a host, perhaps a path, and nothing else.
pub(super) fn service_url(text: &str) -> Option<String> {
    public_url(text)
}

/// Reads what a machine is.
pub(super) fn machine_kind(text: &str) -> Option<String> {
    let kinds = ["relay", "stream", "agent", "transcription"];
    kinds.contains(&text).then(|| text.to_owned())
}

/// Reads a line of text.
pub(super) fn line_of_text(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty() && !text.contains(char::is_control)).then(|| text.to_owned())
}

/// Reads the URL of a socket: wss, a host, perhaps a path (Twilio, `url` of Stream and ConversationRelay).
pub(super) fn socket(text: &str) -> Option<String> {
    let text = text.trim();
    let url = Url::parse(text).ok()?;
    let is_bare = url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
    (url.scheme() == "wss" && url.has_host() && is_bare).then(|| text.to_owned())
}

/// Reads the name of a connector of the carrier's.
pub(super) fn connector(text: &str) -> Option<String> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
    ((1..=64).contains(&text.len()) && text.bytes().all(is_plain)).then(|| text.to_owned())
}

/// Reads a URL that may hold a secret anywhere.
pub(super) fn web(text: &str) -> Option<SecretString> {
    let text = text.trim();
    Url::parse(text)
        .is_ok_and(|url| is_web(&url))
        .then(|| text.into())
}

/// Reads the URL of a mail server.
pub(super) fn smtp(text: &str) -> Option<SecretString> {
    let text = text.trim();
    let url = Url::parse(text).ok()?;
    let is_mail = matches!(url.scheme(), "smtp" | "smtps") && url.has_host();
    is_mail.then(|| text.into())
}

/// Reads an address of mails, perhaps with a name before it.
pub(super) fn mail(text: &str) -> Option<String> {
    let address: lettre::message::Mailbox = text.trim().parse().ok()?;
    Some(address.to_string())
}

/// Reads addresses of mails with commas between.
pub(super) fn mails(text: &str) -> Option<String> {
    let addresses: lettre::message::Mailboxes = text.trim().parse().ok()?;
    (addresses.iter().count() > 0).then(|| addresses.to_string())
}

/// Reads the value of a header: one line of plain characters (RFC 9110 §5.5).
pub(super) fn header(text: &str) -> Option<SecretString> {
    let is_plain = |byte: u8| (b' '..=b'~').contains(&byte);
    (!text.trim().is_empty() && text.bytes().all(is_plain)).then(|| text.trim().into())
}

/// Reads how requests to a service are signed.
pub(super) fn service_sign(text: &str) -> Option<ServiceSign> {
    (text == "twilio").then_some(ServiceSign::Twilio)
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

/// What [`store`] takes, for people.
pub(super) const STORES: &str =
    "write local:FOLDER, redis://…, rediss://…, redis+cluster://…, redis+sentinel://… or memory:";

/// Whether there is such a store.
fn is_store(url: &str) -> bool {
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

/// Reads the URL of a store, which may hold a password.
pub(super) fn store(text: &str) -> Option<SecretString> {
    is_store(text).then(|| text.into())
}

/// Reads a key for sealing: base64 of 32 bytes.
pub(super) fn seal_key(text: &str) -> Option<SecretString> {
    let bytes = STANDARD.decode(text).ok()?;
    (bytes.len() == 32).then(|| text.into())
}

/// Reads a secret of the Standard Webhooks specification, which asks for 24 to 64 bytes.
pub(super) fn webhook_secret(text: &str) -> Option<SecretString> {
    let key = STANDARD.decode(text.strip_prefix("whsec_")?).ok()?;
    (24..=64).contains(&key.len()).then(|| text.into())
}

/// What [`admin_token`] takes, for people.
pub(super) const ADMIN_TOKEN: &str =
    "write at least 16 characters without spaces, such as what `openssl rand -hex 16` prints";

/// Reads the admin token: what is shorter can be guessed.
pub(super) fn admin_token(text: &str) -> Option<SecretString> {
    token(text).filter(|_| text.chars().count() >= 16)
}

/// Reads a token: something, with no space in or around it.
pub(super) fn token(text: &str) -> Option<SecretString> {
    is_word(text).then(|| text.into())
}

/// Reads the SID of our account.
pub(super) fn account_sid(text: &str) -> Option<String> {
    is_word(text).then(|| text.to_owned())
}

/// Reads who an SMS comes from: a number, or a messaging service.
pub(super) fn sender(text: &str) -> Option<Sender> {
    if is_e164(text) {
        return Some(Sender::Number(text.to_owned()));
    }
    let sid = text.strip_prefix("MG").unwrap_or_default();
    let is_sid = sid.len() == 32 && sid.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_sid.then(|| Sender::Service(text.to_owned()))
}

/// Reads the words of an SMS that brings a code.
pub(super) fn words_with_code(text: &str) -> Option<String> {
    let is_right = text.contains("{{ verify.code }}") && text.chars().count() <= 1_000;
    is_right.then(|| text.to_owned())
}

/// Reads the name of a site.
pub(super) fn host(text: &str) -> Option<String> {
    let is_part = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    };
    let is_host = text.contains('.') && text.len() <= 253 && text.split('.').all(is_part);
    is_host.then(|| text.to_owned())
}

/// Reads a name, with no space in or around it.
pub(super) fn word(text: &str) -> Option<String> {
    is_word(text).then(|| text.to_owned())
}

/// Reads a secret that may hold anything.
pub(super) fn some_secret(text: &str) -> Option<SecretString> {
    (!text.trim().is_empty()).then(|| text.into())
}

/// What [`copies`] takes, for people.
pub(super) const COPIES: &str =
    "write s3://BUCKET/PREFIX, gs://BUCKET/PREFIX, az://CONTAINER/PREFIX or file:FOLDER";

/// Reads where copies of recordings are kept. Users and passwords have settings of their own.
pub(super) fn copies(text: &str) -> Option<String> {
    let text = text.trim();
    let is_bucket = || {
        let url = Url::parse(text).ok()?;
        let is_bare = url.query().is_none() && url.fragment().is_none();
        let is_open = url.username().is_empty() && url.password().is_none();
        let is_known = matches!(url.scheme(), "s3" | "gs" | "az") && url.has_host();
        (is_bare && is_open && is_known).then_some(())
    };
    let is_folder = text.strip_prefix("file:").is_some_and(|folder| {
        let folder = folder.strip_prefix("//").unwrap_or(folder);
        !folder.is_empty()
    });
    (is_folder || is_bucket().is_some()).then(|| text.to_owned())
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && !text.contains(char::is_whitespace)
}

/// Reads the path of a folder.
pub(super) fn folder(text: &str) -> Option<PathBuf> {
    (!text.is_empty()).then(|| PathBuf::from(text))
}

/// Reads a telephone number in E.164.
pub(super) fn number(text: &str) -> Option<String> {
    is_e164(text).then(|| text.to_owned())
}

/// Reads a number that is called, or a SIP address.
pub(super) fn line(text: &str) -> Option<String> {
    (is_e164(text) || is_sip_address(text)).then(|| text.to_owned())
}

/// Reads what a queue is called at the carrier (Twilio, error 14205).
pub(super) fn queue(text: &str) -> Option<String> {
    let is_right = !text.trim().is_empty() && text.chars().count() <= 64;
    (is_right && !text.chars().any(char::is_control)).then(|| text.to_owned())
}

/// Whether a flow can have this name: that of its file below the folder of flows, without its ending.
pub(super) fn is_flow(name: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    name.split('/').all(|part| {
        part.bytes().next().is_some_and(is_letter)
            && part
                .bytes()
                .all(|byte| is_letter(byte) || byte == b'_' || byte == b'-')
    })
}

/// Reads the format of the log.
pub(super) fn format(text: &str) -> Option<Format> {
    match text {
        "human" => Some(Format::Human),
        "json" => Some(Format::Json),
        _ => None,
    }
}

/// Reads what is logged.
pub(super) fn log_level(text: &str) -> Option<String> {
    filter(text).map(|_| text.to_owned())
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

/// The name of a currency: three letters.
pub(super) fn currency(text: &str) -> Option<String> {
    let is_one = text.len() == 3 && text.bytes().all(|letter| letter.is_ascii_alphabetic());
    is_one.then(|| text.to_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::{address, backend_url, is_open, is_store, public_url};

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
