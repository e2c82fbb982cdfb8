//! URLs: how one in a document becomes one that is requested, and the one that is signed.

use reqwest::Url;

/// The address under which a call's server is reached, and the one that it is known by.
#[derive(Debug)]
pub(super) struct ServerAddress {
    /// Scheme and host of the server that is asked.
    asked: String,
    /// The public URL, without a slash at its end, where it is another.
    public: Option<String>,
}

impl ServerAddress {
    /// The address of a voice URL.
    pub(super) fn new(url: &str, public: Option<&str>) -> Self {
        let asked = origin(url).to_owned();
        let public = public.map(|public| public.trim_end_matches('/').to_owned());
        Self {
            public: public.filter(|public| *public != asked),
            asked,
        }
    }

    /// The URL that is asked for one that may be public.
    pub(super) fn asked(&self, url: String) -> String {
        match self.public.as_deref().and_then(|public| rest(&url, public)) {
            Some(rest) => format!("{}{rest}", self.asked),
            None => url,
        }
    }

    /// The URL that is signed for one that is asked. Over https the port is not part of it (Twilio, "Webhooks
    /// security").
    pub(super) fn signed(&self, url: &str) -> String {
        let mut signed = match self.public.as_deref().zip(rest(url, &self.asked)) {
            Some((public, rest)) => format!("{public}{rest}"),
            None => url.to_owned(),
        };
        if signed.starts_with("https://") {
            let host_ends = origin(&signed).len();
            let port = signed[..host_ends]
                .rfind(':')
                .filter(|at| *at > 8 && !signed[*at..host_ends].contains(']'));
            if let Some(at) = port {
                signed.replace_range(at..host_ends, "");
            }
        }
        signed
    }
}

/// What stands behind an address in a URL that begins with it.
fn rest<'a>(url: &'a str, address: &str) -> Option<&'a str> {
    url.strip_prefix(address)
        .filter(|rest| rest.is_empty() || rest.starts_with(['/', '?', '#']))
}

/// Scheme and host, port included.
pub(super) fn origin(url: &str) -> &str {
    let host = url.find("://").map_or(0, |at| at + 3);
    let ends = url[host..]
        .find(['/', '?', '#'])
        .map_or(url.len(), |at| host + at);
    &url[..ends]
}

/// Divides a URL at its fragment.
pub(super) fn split_fragment(url: &str) -> (&str, &str) {
    url.split_once('#').unwrap_or((url, ""))
}

/// The absolute URL for one as it is written in a document, fragment included; nothing if it can be none.
///
/// Most are written as they are sent: those are not taken apart, since every byte of a query counts for the signature.
pub(super) fn resolve(base: &str, written: &str) -> Option<String> {
    let written = written.trim();
    if is_plain(written) {
        if written.starts_with('/') && !written.starts_with("//") {
            return Some(format!("{}{written}", origin(base)));
        }
        let host = written
            .strip_prefix("https://")
            .or_else(|| written.strip_prefix("http://"));
        if host.is_some_and(|host| host.contains('/') && is_plain_host(host)) {
            return Some(written.to_owned());
        }
    }
    let url = Url::parse(base).ok()?.join(written).ok()?;
    let usable = matches!(url.scheme(), "http" | "https") && url.has_host();
    usable.then(|| url.into())
}

/// Whether a URL library would leave it as it is.
fn is_plain(url: &str) -> bool {
    let plain = |byte: u8| {
        byte.is_ascii_graphic()
            && !matches!(
                byte,
                b'"' | b'\'' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}'
            )
    };
    url.bytes().all(plain) && !url.contains("/.")
}

/// Whether a host is in small letters, without a user or a port that might go without saying.
fn is_plain_host(rest: &str) -> bool {
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let (name, port) = host.split_once(':').unwrap_or((host, ""));
    let legal = |byte: u8| {
        byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'.' || byte == b'-'
    };
    let is_plain_port =
        !matches!(port, "80" | "443") && port.bytes().all(|byte| byte.is_ascii_digit());
    !name.is_empty() && name.bytes().all(legal) && is_plain_port
}

/// A URL with fields in its query, behind what stands there.
pub(super) fn with_query(url: &str, fields: &[(String, String)]) -> String {
    let mut whole = String::with_capacity(url.len() + 40 * fields.len());
    whole.push_str(url);
    if fields.is_empty() {
        return whole;
    }
    let glue = match url.split_once('?') {
        None => "?",
        Some((_, query)) if query.is_empty() || query.ends_with('&') => "",
        Some(_) => "&",
    };
    whole.push_str(glue);
    let begins = whole.len();
    form_urlencoded::Serializer::for_suffix(whole, begins)
        .extend_pairs(fields)
        .finish()
}

#[cfg(test)]
mod tests {
    use super::{ServerAddress, resolve, with_query};

    const BASE: &str = "http://127.0.0.1:8080/ivr/menu?step=1";

    #[test]
    fn a_relative_url_stands_beside_the_document_that_names_it() {
        let resolve = |written| resolve(BASE, written).unwrap();
        assert_eq!(
            resolve("/voice/~3#rc=2"),
            "http://127.0.0.1:8080/voice/~3#rc=2"
        );
        assert_eq!(resolve("next"), "http://127.0.0.1:8080/ivr/next");
        assert_eq!(resolve("../up"), "http://127.0.0.1:8080/up");
        assert_eq!(resolve("?a=1"), "http://127.0.0.1:8080/ivr/menu?a=1");
        assert_eq!(resolve(" //other.test/x "), "http://other.test/x");
        assert_eq!(
            resolve("HTTPS://Other.test:443/a b"),
            "https://other.test/a%20b"
        );
        assert_eq!(resolve("https://other.test"), "https://other.test/");
        assert_eq!(
            resolve("https://other.test/a?b=%41&c='"),
            "https://other.test/a?b=%41&c=%27"
        );
    }

    #[test]
    fn what_is_no_http_url_is_none() {
        for written in ["mailto:a@b", "wss://host/", "http://", "http://[::1"] {
            assert_eq!(resolve(BASE, written), None, "{written}");
        }
    }

    #[test]
    fn the_public_url_is_asked_at_the_address_and_signed_as_itself() {
        let address = ServerAddress::new(BASE, Some("https://ivr.example:8443/base/"));
        assert_eq!(
            address.asked("https://ivr.example:8443/base/a?b".into()),
            "http://127.0.0.1:8080/a?b"
        );
        assert_eq!(
            address.asked("https://ivr.example:8443/basement".into()),
            "https://ivr.example:8443/basement"
        );
        assert_eq!(
            address.signed("http://127.0.0.1:8080/a?b"),
            "https://ivr.example/base/a?b"
        );
        assert_eq!(
            address.signed("https://other.example:444/"),
            "https://other.example/"
        );
        assert_eq!(ServerAddress::new(BASE, None).signed(BASE), BASE);
    }

    #[test]
    fn fields_go_behind_the_query_that_is_there() {
        let fields = [("From".to_owned(), "+1 2".to_owned())];
        assert_eq!(with_query("http://h/a", &fields), "http://h/a?From=%2B1+2");
        assert_eq!(with_query("http://h/a?", &fields), "http://h/a?From=%2B1+2");
        assert_eq!(
            with_query("http://h/a?b=c", &fields),
            "http://h/a?b=c&From=%2B1+2"
        );
        assert_eq!(with_query("http://h/a", &[]), "http://h/a");
    }
}
