//! A receiver of deliveries, as the operator configured it.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use reqwest::Url;

use super::performer::Performer;
use super::signing::Secret;
use super::{Error, InvalidSecret};
use crate::written::is_name;

/// How long a backend is assumed to remember the ids that it has seen, by default.
pub const REMEMBERS: Duration = Duration::from_hours(24);

/// How many attempts to one backend may be under way at once, by default.
pub const CONCURRENCY: usize = 16;

/// How long an attempt may take from beginning to end, by default.
pub const TIMEOUT: Duration = Duration::from_secs(15);

/// The longest timeout of an attempt.
pub const TIMEOUT_MAX: Duration = Duration::from_mins(1);

/// The shortest lease of a row.
pub const LEASE: Duration = Duration::from_secs(30);

/// The name of the lane of what is asked of the carrier. No backend can have it.
pub const CARRIER: &str = "@carrier";

/// How many requests to the carrier may be under way at once on a node.
const CARRIER_CONCURRENCY: usize = 4;

/// A receiver of deliveries.
#[derive(Clone)]
pub struct Backend {
    /// Its name, as rows refer to it.
    pub name: String,
    /// Where deliveries go.
    pub target: DeliveryTarget,
    /// The signing secrets: several while one is being replaced, none if the operator gave none.
    pub secrets: Vec<Secret>,
    /// How long it remembers the ids that it has seen: a repeat within that time has no second effect.
    pub remembers: Duration,
    /// Whether it is paused in the settings.
    pub paused: bool,
    /// How many attempts may be under way at once.
    pub concurrency: usize,
    /// How long an attempt may take from beginning to end. What is carried out here may take longer: its row is held
    /// meanwhile.
    pub timeout: Duration,
    /// How many attempts this node may begin in a second; unlimited if not set.
    pub pace: Option<f64>,
}

/// Where deliveries go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeliveryTarget {
    /// Nowhere: they are logged and count as delivered (`log:`).
    Log,
    /// By POST to an http or https URL.
    Post(Url),
    /// To whoever carries them out here: they are requests, to the carrier.
    Perform(Performer),
}

impl Backend {
    /// Parses a backend from its name, its URL (`log:`, http or https, any host: backends are the operator's own) and its
    /// secrets (comma-separated, may be empty). Everything else has its default.
    ///
    /// # Errors
    /// When the name, the URL or a secret cannot be used.
    pub fn parse(name: &str, url: &str, secrets: &str) -> Result<Self, Error> {
        if !is_name(name) {
            return Err(Error::Name(name.to_owned()));
        }
        let refuse_secret = |source: InvalidSecret| Error::Secret {
            backend: name.to_owned(),
            source,
        };
        Ok(Self {
            name: name.to_owned(),
            target: DeliveryTarget::parse(url).map_err(|reason| Error::Url {
                backend: name.to_owned(),
                reason,
            })?,
            secrets: Secret::parse_list(secrets).map_err(refuse_secret)?,
            remembers: REMEMBERS,
            paused: false,
            concurrency: CONCURRENCY,
            timeout: TIMEOUT,
            pace: None,
        })
    }

    /// The lane of what is asked of the carrier. Whoever carries it out makes sure that a repeat has no second effect.
    pub fn carrier(performer: Performer) -> Self {
        Self {
            name: CARRIER.to_owned(),
            target: DeliveryTarget::Perform(performer),
            secrets: Vec::new(),
            remembers: Duration::MAX,
            paused: false,
            concurrency: CARRIER_CONCURRENCY,
            timeout: TIMEOUT,
            pace: None,
        }
    }

    /// How long a row for it is leased to a node: at least twice what an attempt may take.
    pub fn lease(&self) -> Duration {
        LEASE.max(self.timeout * 2)
    }

    /// What the operator should know about it at start, in sentences.
    pub fn warnings(&self) -> Vec<&'static str> {
        let DeliveryTarget::Post(url) = &self.target else {
            return Vec::new();
        };
        let mut warnings = Vec::new();
        if url.scheme() == "http" && !is_loopback(url) {
            warnings.push("Deliveries leave this host over plain http: anyone on the path can read and change them.");
        }
        if self.secrets.is_empty() {
            warnings.push("Deliveries are not signed: the backend has no secret.");
        }
        warnings
    }
}

impl fmt::Debug for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            name,
            target,
            secrets,
            remembers,
            paused,
            concurrency,
            timeout,
            pace,
        } = self;
        f.debug_struct("Backend")
            .field("name", name)
            .field("target", &format_args!("{target}"))
            .field("secrets", secrets)
            .field("remembers", remembers)
            .field("paused", paused)
            .field("concurrency", concurrency)
            .field("timeout", timeout)
            .field("pace", pace)
            .finish()
    }
}

impl DeliveryTarget {
    fn parse(text: &str) -> Result<Self, String> {
        if text == "log:" {
            return Ok(Self::Log);
        }
        let url = Url::parse(text).map_err(|error| error.to_string())?;
        match url.scheme() {
            "http" | "https" => Ok(Self::Post(url)),
            scheme => Err(format!("`{scheme}:` is neither http nor https, nor `log:`")),
        }
    }
}

/// The scheme and host alone: user, password, path and query may be secrets.
impl fmt::Display for DeliveryTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Log => f.write_str("log:"),
            Self::Post(url) => f.write_str(&url.origin().ascii_serialization()),
            Self::Perform(_) => f.write_str("the carrier"),
        }
    }
}

fn is_loopback(url: &Url) -> bool {
    let host = url
        .host_str()
        .unwrap_or_default()
        .trim_start_matches('[')
        .trim_end_matches(']');
    host == "localhost"
        || host
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::{Backend, DeliveryTarget};

    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    fn reason(name: &str, url: &str, secret: &str) -> String {
        Backend::parse(name, url, secret)
            .expect_err("a bad backend")
            .to_string()
    }

    #[test]
    fn plain_http_and_private_addresses_are_the_operators_to_choose() {
        for url in [
            "http://10.0.0.7:9000/hook",
            "https://crm.example/ivr?token=1",
            "http://[::1]:1/",
            "log:",
        ] {
            Backend::parse("crm", url, SECRET).expect("a good backend");
        }
    }

    #[test]
    fn a_backend_that_cannot_be_used_is_refused_with_a_reason() {
        assert!(reason("CRM", "log:", "").contains("`CRM` is not a backend's name"));
        assert!(reason("", "log:", "").contains("name"));
        assert!(reason("9c", "log:", "").contains("name"));
        assert!(reason("crm", "/hook", "").contains("URL of backend `crm`"));
        assert!(reason("crm", "ftp://host/", "").contains("`ftp:` is neither"));
        assert!(
            reason("crm", "https://host/", "whsec_c2hvcnQ=").contains("5 bytes, and at least 24")
        );
    }

    #[test]
    fn what_may_be_a_secret_is_not_shown() {
        let backend = Backend::parse(
            "crm",
            "https://user:pass@crm.example/s3cr3t?token=abc",
            SECRET,
        )
        .expect("a backend");
        let shown = format!("{backend:?}");
        assert!(shown.contains("https://crm.example"), "{shown}");
        assert!(
            !["user", "pass", "s3cr3t", "abc", "MfKQ"]
                .iter()
                .any(|secret| shown.contains(secret)),
            "{shown}"
        );
    }

    #[test]
    fn plain_http_to_another_host_and_a_missing_secret_warn() {
        let warnings = |url, secret| {
            Backend::parse("crm", url, secret)
                .expect("a backend")
                .warnings()
                .len()
        };
        assert_eq!(warnings("https://crm.example/", SECRET), 0);
        assert_eq!(warnings("http://127.0.0.1:1/", SECRET), 0);
        assert_eq!(warnings("http://localhost/", SECRET), 0);
        assert_eq!(warnings("http://[::1]/", SECRET), 0);
        assert_eq!(warnings("http://crm.example/", SECRET), 1);
        assert_eq!(warnings("http://crm.example/", ""), 2);
        assert_eq!(warnings("log:", ""), 0);
        assert_eq!(
            Backend::parse("crm", "log:", "").expect("a backend").target,
            DeliveryTarget::Log
        );
    }
}
