//! One service: where it is, how it knows us, and how it is asked.

use std::net::IpAddr;
use std::time::Duration;

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Certificate, Client, Method, RequestBuilder, Url, redirect};
use secrecy::{ExposeSecret, SecretString};
use tokio::time::Instant;

use super::address::{Addresses, Resolver};
use super::gate::Gate;
use super::{AskEnd, ServiceObserver, answer};
use crate::engine::{ServiceAnswer, ServiceBody, ServiceMethod, ServiceRequest};
use crate::outbox::describe;
use crate::twilio::signature;

/// How long a connection may take, TLS included.
const CONNECT_LIMIT: Duration = Duration::from_secs(3);
/// How long an idle connection is kept: less than the 5 s after which common servers close theirs.
const IDLE_LIMIT: Duration = Duration::from_secs(4);
/// How long it takes until a request is made once more, the first time and the second.
const AGAIN: [Duration; 2] = [Duration::from_millis(100), Duration::from_millis(400)];
/// The header that names a request (draft-ietf-httpapi-idempotency-key-header).
const KEY: &str = "idempotency-key";

/// What the settings say of a service.
#[derive(Clone, Debug)]
pub struct ServiceTerms {
    /// Its name.
    pub name: String,
    /// Where it is: http or https, perhaps with a path.
    pub url: String,
    /// The token that it knows us by: `Authorization: Bearer …`.
    pub secret: Option<SecretString>,
    /// Further headers, by their names.
    pub headers: Vec<(String, SecretString)>,
    /// Whether it may be at an inner address, and be asked without TLS.
    pub private: bool,
    /// How many requests a node may have under way at once.
    pub at_once: usize,
    /// Whether it knows a request that comes again by its key, for as long as a caller waits.
    pub remembers: bool,
    /// How long a turn waits for it before the caller hears that it lasts.
    pub in_turn: Duration,
    /// The token that requests are signed with as the carrier signs its own.
    pub signs: Option<SecretString>,
    /// Whether it may get sensitive answers.
    pub trusted: bool,
}

/// Why a service cannot be asked as the settings say.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// Its URL.
    #[error("services.{name}.url cannot be used: {why}")]
    Url {
        /// The service.
        name: String,
        /// Why.
        why: String,
    },
    /// A header.
    #[error(
        "services.{name}.headers.{header} cannot be sent: it is no header, or one that is set for every request"
    )]
    Header {
        /// The service.
        name: String,
        /// The header.
        header: String,
    },
    /// TLS.
    #[error("the client for services cannot be set up: {0}")]
    Client(#[source] reqwest::Error),
}

/// A service that can be asked.
#[derive(Debug)]
pub struct Service {
    terms: ServiceTerms,
    base: Url,
    headers: HeaderMap,
    addresses: Addresses,
    client: Client,
    gate: Gate,
}

/// What one request came to.
enum Attempt {
    Answered(ServiceAnswer),
    /// It cannot have come to the service.
    NotSent(String),
    /// Nobody knows whether the service has done what was asked.
    Unknown(String),
    /// The service answered what cannot be used, and would do so again.
    Unusable(String),
}

impl Service {
    /// One that the system's resolver finds.
    ///
    /// # Errors
    /// When the settings cannot be used.
    pub fn new(terms: ServiceTerms) -> Result<Self, ServiceError> {
        Self::found_by(terms, Resolver::system(), None)
    }

    /// One that another resolver finds; `root` vouches for its certificate too.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn found_by(
        terms: ServiceTerms,
        resolver: Resolver,
        root: Option<Certificate>,
    ) -> Result<Self, ServiceError> {
        let addresses = Addresses::new(resolver, terms.private);
        let base = base(&terms, &addresses)?;
        let headers = headers(&terms)?;
        let mut client = Client::builder()
            .no_proxy()
            .redirect(redirect::Policy::none())
            .referer(false)
            .user_agent(concat!("hookswitch/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT_LIMIT)
            .pool_idle_timeout(IDLE_LIMIT)
            .dns_resolver(std::sync::Arc::new(addresses.clone()));
        if let Some(root) = root {
            client = client.tls_certs_merge([root]);
        }
        Ok(Self {
            gate: Gate::new(terms.at_once),
            client: client.build().map_err(ServiceError::Client)?,
            terms,
            base,
            headers,
            addresses,
        })
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.terms.name
    }

    /// How long a turn waits for it before the caller hears that it lasts.
    pub fn in_turn(&self) -> Duration {
        self.terms.in_turn
    }

    /// Whether a request may be made again although it may have been carried out already.
    pub fn repeats(&self, method: ServiceMethod) -> bool {
        method.is_safe() || self.terms.remembers
    }

    /// Makes a request until there is an answer or the time is over; see [`super::Services::ask`].
    pub(super) async fn ask(
        &self,
        request: &ServiceRequest,
        key: &str,
        limit: Duration,
        observer: Option<&dyn ServiceObserver>,
    ) -> (ServiceAnswer, AskEnd) {
        let service = self.name();
        let url = match self.url(request) {
            Ok(url) => url,
            Err(why) => {
                tracing::error!(service, key, why, "A service is not asked.");
                return (ServiceAnswer::Failed, AskEnd::Refused);
            }
        };
        let until = Instant::now() + limit;
        let mut again = AGAIN.iter();
        loop {
            let Ok(entered) = tokio::time::timeout_at(until, self.gate.enter()).await else {
                tracing::warn!(
                    service,
                    key,
                    "A service was not asked in time: too many requests to it are under way."
                );
                return (ServiceAnswer::TimeLimit, AskEnd::TimeLimit);
            };
            let Some(under_way) = entered else {
                tracing::warn!(
                    service,
                    key,
                    "A service is not asked: it has failed too often."
                );
                return (ServiceAnswer::Failed, AskEnd::Refused);
            };
            let attempt = self.attempt(request, url.clone(), key);
            let Ok(attempt) = tokio::time::timeout_at(until, attempt).await else {
                under_way.ended(service, false, observer);
                tracing::warn!(service, key, "A service did not answer in time.");
                return (ServiceAnswer::TimeLimit, AskEnd::TimeLimit);
            };
            under_way.ended(service, attempt.is_alive(), observer);
            let may_repeat = match &attempt {
                Attempt::Answered(_) | Attempt::Unknown(_) => self.repeats(request.method),
                Attempt::NotSent(_) => true,
                Attempt::Unusable(_) => false,
            };
            let wait = again.next().filter(|_| may_repeat && attempt.is_passing());
            match wait {
                Some(wait) if Instant::now() + *wait < until => tokio::time::sleep(*wait).await,
                _ => return attempt.told(service, key),
            }
        }
    }

    /// Where a request goes.
    fn url(&self, request: &ServiceRequest) -> Result<Url, &'static str> {
        if request.is_secret && !self.terms.trusted {
            return Err("a sensitive answer would go to it, and `trusted` is not set");
        }
        let path = request.path.split('?').next().unwrap_or_default();
        if !path.starts_with('/') || path.split('/').any(leads_elsewhere) {
            return Err("its path leads elsewhere");
        }
        let whole = format!(
            "{}{}",
            self.base.as_str().trim_end_matches('/'),
            request.path
        );
        let url = Url::parse(&whole).map_err(|_| "its URL cannot be read")?;
        let is_there = url.origin() == self.base.origin() && url.fragment().is_none();
        is_there.then_some(url).ok_or("its URL leads elsewhere")
    }

    async fn attempt(&self, request: &ServiceRequest, mut url: Url, key: &str) -> Attempt {
        let method = match request.method {
            ServiceMethod::Get => Method::GET,
            ServiceMethod::Post => Method::POST,
            ServiceMethod::Put => Method::PUT,
            ServiceMethod::Delete => Method::DELETE,
        };
        let signed = self.sign(&mut url, &request.body);
        let builder = self.client.request(method, url);
        let mut builder = builder.headers(self.headers.clone()).header(KEY, key);
        if let Some(signature) = signed {
            builder = builder.header(signature::HEADER, signature);
        }
        let response = match with_body(builder, &request.body).send().await {
            Ok(response) => response,
            Err(error) if error.is_connect() || error.is_builder() => {
                return Attempt::NotSent(describe(error));
            }
            Err(error) => return Attempt::Unknown(describe(error)),
        };
        let peer = response.remote_addr().map(|address| address.ip());
        if let Some(Err(error)) = peer.map(|peer| self.addresses.judge(peer)) {
            return Attempt::Unusable(error.to_string());
        }
        let status = response.status();
        if status.is_redirection() || status.is_informational() {
            return Attempt::Unusable(format!(
                "answered {}, which is not followed",
                status.as_u16()
            ));
        }
        let is_json = answer::is_json(&response);
        // Of an answer that is not good, the status is all that counts.
        if !status.is_success() {
            let status = status.as_u16();
            let _ = answer::body(response).await;
            return Attempt::Answered(ServiceAnswer::Answered { status, json: None });
        }
        match answer::body(response).await {
            Ok(Some(body)) => Attempt::Answered(ServiceAnswer::Answered {
                status: status.as_u16(),
                json: is_json.then(|| answer::json(&body)).flatten(),
            }),
            Ok(None) => Attempt::Unusable("the answer is longer than what is read".to_owned()),
            Err(why) => Attempt::Unknown(format!("answered {}, then: {why}", status.as_u16())),
        }
    }

    /// Signs a request as the carrier signs its own, where the service asks for that: the signature. The hash of a body that
    /// is no form stands in the URL, which is signed (Twilio, Webhooks security, `bodySHA256`).
    fn sign(&self, url: &mut Url, body: &ServiceBody) -> Option<String> {
        let token = self.terms.signs.as_ref()?;
        if let ServiceBody::Json(json) = body {
            let hash = signature::body_sha256(json.as_bytes());
            url.query_pairs_mut().append_pair("bodySHA256", &hash);
        }
        let fields = match body {
            ServiceBody::Form(fields) => fields.as_slice(),
            ServiceBody::Json(_) | ServiceBody::Nothing => &[],
        };
        Some(signature::sign(token.expose_secret(), url.as_str(), fields))
    }
}

impl Attempt {
    /// Whether the service works.
    fn is_alive(&self) -> bool {
        match self {
            Self::Answered(ServiceAnswer::Answered { status, .. }) => *status < 500,
            Self::Unusable(_) => true,
            Self::Answered(_) | Self::NotSent(_) | Self::Unknown(_) => false,
        }
    }

    /// Whether it may go better at once.
    fn is_passing(&self) -> bool {
        match self {
            Self::Answered(ServiceAnswer::Answered { status, .. }) => {
                matches!(status, 502..=504)
            }
            Self::Answered(_) | Self::Unusable(_) => false,
            Self::NotSent(_) | Self::Unknown(_) => true,
        }
    }

    /// What it came to in the end.
    fn told(self, service: &str, key: &str) -> (ServiceAnswer, AskEnd) {
        match self {
            Self::Answered(answer) => (answer, AskEnd::Answered),
            Self::NotSent(error) => {
                tracing::warn!(service, key, error, "A service could not be asked.");
                (ServiceAnswer::Failed, AskEnd::Failed)
            }
            Self::Unknown(error) | Self::Unusable(error) => {
                tracing::warn!(
                    service,
                    key,
                    error,
                    "A service gave no answer that can be used."
                );
                (ServiceAnswer::Failed, AskEnd::Failed)
            }
        }
    }
}

fn with_body(builder: RequestBuilder, body: &ServiceBody) -> RequestBuilder {
    match body {
        ServiceBody::Nothing => builder,
        ServiceBody::Json(json) => builder
            .header(CONTENT_TYPE, "application/json")
            .body(json.clone()),
        ServiceBody::Form(fields) => builder.form(fields),
    }
}

/// Whether a part of a path is one that URLs take for the folder itself or the one above, however it is spelt.
fn leads_elsewhere(part: &str) -> bool {
    let part = part.to_ascii_lowercase().replace("%2e", ".");
    part.contains('\\') || matches!(part.as_str(), "." | "..")
}

fn base(terms: &ServiceTerms, addresses: &Addresses) -> Result<Url, ServiceError> {
    let refuse = |why: String| ServiceError::Url {
        name: terms.name.clone(),
        why,
    };
    let url = Url::parse(terms.url.trim()).map_err(|error| refuse(error.to_string()))?;
    let is_bare = url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    if !is_bare {
        return Err(refuse(
            "it may have a path, and nothing behind that, nor a user".to_owned(),
        ));
    }
    match url.scheme() {
        "https" => {}
        "http" if terms.private => {}
        "http" => {
            let why = "it is plain http, which only a service with `private = true` may have";
            return Err(refuse(why.to_owned()));
        }
        _ => return Err(refuse("it is not http or https".to_owned())),
    }
    let host = url.host_str().unwrap_or_default();
    if host.is_empty() {
        return Err(refuse("it has no host".to_owned()));
    }
    // The resolver is not asked about an address that is written out.
    let literal = host
        .trim_matches(['[', ']'])
        .trim_end_matches('.')
        .parse::<IpAddr>();
    if let Ok(address) = literal {
        let judged = addresses.judge(address);
        judged.map_err(|error| {
            refuse(format!(
                "{error}; `private = true` says that an inner address is meant"
            ))
        })?;
    }
    Ok(url)
}

/// The headers of every request.
fn headers(terms: &ServiceTerms) -> Result<HeaderMap, ServiceError> {
    /// Set by the program for each request.
    const OURS: [&str; 9] = [
        "host",
        "content-length",
        "content-type",
        "transfer-encoding",
        "connection",
        "te",
        "upgrade",
        KEY,
        signature::HEADER,
    ];
    let mut headers = HeaderMap::new();
    let secret = |text: &str| {
        let mut value = HeaderValue::from_str(text).ok()?;
        value.set_sensitive(true);
        Some(value)
    };
    let refuse = |header: &str| ServiceError::Header {
        name: terms.name.clone(),
        header: header.to_owned(),
    };
    if let Some(token) = &terms.secret {
        let value = secret(&format!("Bearer {}", token.expose_secret()));
        headers.insert(AUTHORIZATION, value.ok_or_else(|| refuse("authorization"))?);
    }
    for (name, value) in &terms.headers {
        let header = HeaderName::try_from(name.replace('_', "-")).ok();
        let header = header.filter(|header| !OURS.contains(&header.as_str()));
        let pair = header.zip(secret(value.expose_secret()));
        let (header, value) = pair.ok_or_else(|| refuse(name))?;
        headers.insert(header, value);
    }
    Ok(headers)
}
