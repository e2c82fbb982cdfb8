//! From a raw request to a webhook that can be believed.

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderMap, HeaderName};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse};

use super::app::App;
use super::metrics::OfReason;
use crate::engine::CallSid;
use crate::twilio::signature::{self, Refusal};
use crate::twilio::{Form, Webhook};

/// Names that are made once, not for every request.
static SIGNATURE: HeaderName = HeaderName::from_static(signature::HEADER);
static SETTINGS: HeaderName = HeaderName::from_static(signature::SETTINGS_HEADER);

/// A request that is not served, and what is answered.
#[derive(Debug)]
pub struct Refused {
    status: StatusCode,
    words: &'static str,
}

impl Refused {
    /// The answer.
    pub fn response(&self) -> HttpResponse {
        HttpResponse::build(self.status).content_type("text/plain; charset=utf-8").body(self.words)
    }
}

/// The fields of a request whose signature fits, or that needs none.
///
/// # Errors
/// What is answered instead. Nothing has been read or moved then.
pub fn believe(request: &HttpRequest, body: &Bytes, app: &App) -> Result<Form, Refused> {
    let raw = raw(request, body);
    let form = raw.form().map_err(|_| refuse(app, "too_many_fields", StatusCode::BAD_REQUEST, "Too many fields.\n"))?;
    if app.tokens.is_empty() {
        unsigned(request, app)?;
        return Ok(form);
    }
    let Some(public) = &app.address.public else {
        return believe_anyhow(request, &raw, form, app);
    };
    match signature::verify(&raw, &form, &app.tokens, public) {
        Ok(_) => Ok(form),
        Err(refusal) => Err(forbid(&raw, &form, refusal, app, public.base())),
    }
}

/// With a token and no public URL, only a request to loopback itself can be checked: its URL is the one it names.
fn believe_anyhow(request: &HttpRequest, raw: &signature::Request<'_>, form: Form, app: &App) -> Result<Form, Refused> {
    let host = host(request.headers()).filter(|host| is_loopback(host));
    let here = host.and_then(|host| crate::twilio::PublicUrl::parse(&format!("http://{host}")).ok());
    let Some(here) = here else {
        tracing::error!(
            "A webhook cannot be checked: set HOOKSWITCH__SERVER__PUBLIC_URL to the URL that Twilio calls."
        );
        return Err(refuse(app, "no_public_url", StatusCode::FORBIDDEN, "No public URL is set.\n"));
    };
    match signature::verify(raw, &form, &app.tokens, &here) {
        Ok(_) => Ok(form),
        Err(refusal) => Err(forbid(raw, &form, refusal, app, here.base())),
    }
}

/// The webhook in a form.
///
/// # Errors
/// When it names no call.
pub fn webhook<'a>(form: &'a Form, app: &App) -> Result<Webhook<'a>, Refused> {
    Webhook::parse(form).map_err(|error| {
        tracing::warn!(%error, "A request is not a webhook of a call.");
        refuse(app, "no_call", StatusCode::BAD_REQUEST, "CallSid is missing or cannot be a call's name.\n")
    })
}

fn raw<'a>(request: &'a HttpRequest, body: &'a Bytes) -> signature::Request<'a> {
    let header = |name: &HeaderName| request.headers().get(name).map(|value| value.as_bytes());
    let target = request.uri().path_and_query().map_or("/", |target| target.as_str());
    signature::Request {
        post: request.method() == actix_web::http::Method::POST,
        target: target.as_bytes(),
        content_type: header(&header::CONTENT_TYPE),
        body,
        signature: header(&SIGNATURE),
        settings: header(&SETTINGS),
    }
}

/// Without any token, only this machine itself may talk to us, and not through a proxy or tunnel.
fn unsigned(request: &HttpRequest, app: &App) -> Result<(), Refused> {
    let headers = request.headers();
    if headers.contains_key(signature::HEADER) {
        tracing::error!(
            "A signed webhook came and there is nothing to check it with: set HOOKSWITCH__TWILIO__AUTH_TOKEN."
        );
        return Err(refuse(app, "no_token", StatusCode::FORBIDDEN, "No auth token is set: see the log.\n"));
    }
    let local = app.address.loopback && host(headers).is_some_and(is_loopback) && !is_forwarded(headers);
    if local {
        return Ok(());
    }
    tracing::error!("An unsigned webhook came from elsewhere: set HOOKSWITCH__TWILIO__AUTH_TOKEN.");
    Err(refuse(app, "unsigned", StatusCode::FORBIDDEN, "No auth token is set: see the log.\n"))
}

/// Whether a proxy or tunnel has handed the request on.
pub(super) fn is_forwarded(headers: &HeaderMap) -> bool {
    headers.keys().any(|name| name == "forwarded" || name.as_str().starts_with("x-forwarded-"))
}

/// The name and perhaps the port that the request was sent to.
pub(super) fn host(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::HOST).and_then(|host| host.to_str().ok())
}

/// Whether a `Host` names this machine itself.
pub(super) fn is_loopback(host: &str) -> bool {
    let name = match host.rfind(']') {
        Some(end) => &host[..=end],
        None => host.split(':').next().unwrap_or_default(),
    };
    name.eq_ignore_ascii_case("localhost")
        || name == "[::1]"
        || name.parse::<std::net::Ipv4Addr>().is_ok_and(|address| address.is_loopback())
}

/// A name that leads here from outside (a rebound one) is not loopback, a proxy or tunnel says so in its headers, and a
/// page of another site in a browser on this machine has another origin.
pub(super) fn is_from_here(headers: &HeaderMap) -> bool {
    let Some(host) = host(headers).filter(|host| is_loopback(host)) else { return false };
    let own = |origin: &str| origin.strip_prefix("http://").is_some_and(|origin| origin.eq_ignore_ascii_case(host));
    let origin = headers.get(header::ORIGIN).map(|origin| origin.to_str().unwrap_or_default());
    !is_forwarded(headers) && origin.is_none_or(own)
}

fn forbid(raw: &signature::Request<'_>, form: &Form, refusal: Refusal, app: &App, base: &str) -> Refused {
    // Anybody may have written it; but who looks for a call that failed looks for its name.
    let sid = form.get("CallSid").and_then(|sid| CallSid::parse(sid).ok());
    let path = String::from_utf8_lossy(raw.target.split(|byte| *byte == b'?').next().unwrap_or_default());
    tracing::warn!(
        call_sid = sid.as_ref().map(CallSid::as_str),
        reason = refusal.as_str(),
        url = format!("{base}{path}"),
        "A webhook is refused: {refusal}. `hookswitch signature --expect` tells which usual mistake explains it."
    );
    refuse(app, refusal.as_str(), StatusCode::FORBIDDEN, "The signature does not fit.\n")
}

fn refuse(app: &App, reason: &str, status: StatusCode, words: &'static str) -> Refused {
    app.metrics.refused.get_or_create(&OfReason { reason: reason.to_owned() }).inc();
    Refused { status, words }
}

#[cfg(test)]
mod tests {
    use super::is_loopback;

    #[test]
    fn only_this_machine_is_loopback() {
        for host in ["localhost", "LOCALHOST:8080", "127.0.0.1", "127.9.9.9:80", "[::1]:8080"] {
            assert!(is_loopback(host), "{host}");
        }
        for host in ["localhost.evil.example", "127.0.0.1.evil.example", "10.0.0.1", "ivr.example", "[::2]", ""] {
            assert!(!is_loopback(host), "{host}");
        }
    }
}
