//! From a raw request to a webhook that can be believed: an argument of a route, so that no route can leave it out.

use std::cell::Cell;
use std::convert::Infallible;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::web::{Bytes, BytesMut, Data};
use actix_web::{FromRequest, HttpRequest, HttpResponse, ResponseError};
use futures_util::StreamExt as _;
use futures_util::future::LocalBoxFuture;
use tokio::time::timeout;

use super::app::App;
use super::metrics;
use super::origin::{host, is_local, is_loopback};
use crate::engine::CallSid;
use crate::twilio::signature::{self, Refusal};
use crate::twilio::{Form, PublicUrl, SignedText, Webhook, cut, rehearsal};

/// The largest body of a webhook, in bytes: Twilio's are a few kilobytes.
const MAX_BODY: usize = 64 * 1024;
/// How long a body may take.
const BODY_TIME: Duration = Duration::from_secs(5);

/// Names that are made once, not for every request.
static SIGNATURE: HeaderName = HeaderName::from_static(signature::HEADER);
static SETTINGS: HeaderName = HeaderName::from_static(signature::SETTINGS_HEADER);
static REHEARSAL: HeaderName = HeaderName::from_static(rehearsal::HEADER);

/// A webhook whose signature fits, or that needs none, and that names a call. Nothing else makes one.
#[derive(Debug)]
pub struct Believed {
    form: Form,
    since: Instant,
}

impl Believed {
    /// Its fields.
    pub fn form(&self) -> &Form {
        &self.form
    }

    /// Its fields by name and type.
    pub fn webhook(&self) -> Webhook<'_> {
        Webhook::parse(&self.form).expect("it was made of a form that names a call")
    }

    /// When its body had come.
    pub fn since(&self) -> Instant {
        self.since
    }
}

/// A webhook whose signature fits, or that needs none, about whatever it names: the carrier reports a message without naming
/// the call that it came from. Nothing else makes one.
#[derive(Debug)]
pub struct Signed(Form);

impl Signed {
    /// Its fields.
    pub fn form(&self) -> &Form {
        &self.0
    }
}

impl FromRequest for Signed {
    type Error = Refused;
    type Future = LocalBoxFuture<'static, Result<Self, Refused>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, mut payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let app = request
                .app_data::<Data<App>>()
                .expect("every route of a node has its node");
            match read_and_believe(&request, &mut payload, app, false).await {
                Ok((form, _)) => Ok(Self(form)),
                Err(refused) => Err(refused.with_unread(payload)),
            }
        })
    }
}

impl FromRequest for Believed {
    type Error = Refused;
    type Future = LocalBoxFuture<'static, Result<Self, Refused>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, mut payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let app = request
                .app_data::<Data<App>>()
                .expect("every route of a node has its node");
            match read_and_believe(&request, &mut payload, app, true).await {
                Ok((form, since)) => Ok(Self { form, since }),
                Err(refused) => Err(refused.with_unread(payload)),
            }
        })
    }
}

/// What cannot be believed whatever its body says is refused before any of the body is read.
async fn read_and_believe(
    request: &HttpRequest,
    payload: &mut Payload,
    app: &App,
    names_call: bool,
) -> Result<(Form, Instant), Refused> {
    if app.tokens.is_empty() {
        unsigned(request, app)?;
    } else if let Err(refusal) = raw(request, &[]).precheck(&app.tokens) {
        return Err(forbid(request, None, refusal, app));
    }
    let body = read(request, payload, app).await?;
    let since = Instant::now();
    let form = believe(request, &body, app, names_call)?;
    Ok((form, since))
}

/// The body, which has its time and its size.
async fn read(request: &HttpRequest, payload: &mut Payload, app: &App) -> Result<Bytes, Refused> {
    let too_large = || {
        refuse(
            app,
            metrics::Refusal::TooLarge,
            StatusCode::PAYLOAD_TOO_LARGE,
            "The body is over 64 kB.\n",
        )
    };
    let announced = request
        .headers()
        .get(header::CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse().ok());
    if announced.is_some_and(|length: usize| length > MAX_BODY) {
        return Err(too_large());
    }
    let reading = async {
        let mut body = BytesMut::new();
        while let Some(chunk) = payload.next().await {
            let chunk = chunk.map_err(|_| {
                refuse(
                    app,
                    metrics::Refusal::Broken,
                    StatusCode::BAD_REQUEST,
                    "The body broke off.\n",
                )
            })?;
            if body.len() + chunk.len() > MAX_BODY {
                return Err(too_large());
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body.freeze())
    };
    let slow = || {
        refuse(
            app,
            metrics::Refusal::Slow,
            StatusCode::REQUEST_TIMEOUT,
            "The body did not come in time.\n",
        )
    };
    timeout(BODY_TIME, reading)
        .await
        .unwrap_or_else(|_| Err(slow()))
}

/// A request that is not served, and what is answered.
#[derive(thiserror::Error)]
#[error("{words}")]
pub struct Refused {
    status: StatusCode,
    words: &'static str,
    /// What was not read of it. It is kept until the answer is written: the server closes the connection then, where it
    /// would otherwise wait for the end of a body that need not have one.
    unread: Cell<Option<Payload>>,
}

impl Refused {
    fn with_unread(self, payload: Payload) -> Self {
        Self {
            unread: Cell::new(Some(payload)),
            ..self
        }
    }
}

impl fmt::Debug for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Refused")
            .field("status", &self.status)
            .field("words", &self.words)
            .finish_non_exhaustive()
    }
}

impl ResponseError for Refused {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    fn error_response(&self) -> HttpResponse {
        let body = Answer {
            words: Some(self.words),
            _unread: self.unread.take(),
        };
        HttpResponse::build(self.status)
            .content_type("text/plain; charset=utf-8")
            .body(BoxBody::new(body))
    }
}

/// The words of a refusal, beside what was not read of the request.
struct Answer {
    words: Option<&'static str>,
    _unread: Option<Payload>,
}

impl MessageBody for Answer {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        BodySize::Sized(self.words.map_or(0, |words| words.len() as u64))
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Infallible>>> {
        Poll::Ready(
            self.words
                .take()
                .map(|words| Ok(Bytes::from_static(words.as_bytes()))),
        )
    }
}

/// The fields of a request whose signature fits, or that needs none, and that names a call where it must.
fn believe(
    request: &HttpRequest,
    body: &[u8],
    app: &App,
    names_call: bool,
) -> Result<Form, Refused> {
    let raw = raw(request, body);
    let too_many = |_| {
        refuse(
            app,
            metrics::Refusal::TooManyFields,
            StatusCode::BAD_REQUEST,
            "Too many fields.\n",
        )
    };
    let form = raw.form().map_err(too_many)?;
    if !app.tokens.is_empty() {
        signed(request, &raw, &form, app, names_call)?;
    }
    let sid = form.get("CallSid").map(CallSid::parse);
    if names_call && !matches!(sid, Some(Ok(_))) {
        tracing::warn!(
            "A request is not a webhook of a call: its CallSid is missing or cannot be a call's name."
        );
        return Err(no_call(app));
    }
    Ok(form)
}

/// Whether a simulated carrier of ours sent a request that is believed, and nobody calls.
pub fn is_rehearsal(request: &HttpRequest, form: &Form, app: &App) -> bool {
    let (sid, account) = (
        form.get("CallSid").unwrap_or_default(),
        form.get("AccountSid"),
    );
    let mark = request.headers().get(&REHEARSAL);
    mark.is_some_and(|mark| rehearsal::is_mark(mark.as_bytes(), sid, account, &app.tokens))
}

fn no_call(app: &App) -> Refused {
    refuse(
        app,
        metrics::Refusal::NoCall,
        StatusCode::BAD_REQUEST,
        "CallSid is missing or cannot be a call's name.\n",
    )
}

/// Whether the signature fits, and the fields are those of a webhook of ours, cut where they were signed.
fn signed(
    request: &HttpRequest,
    raw: &signature::SignedRequest<'_>,
    form: &Form,
    app: &App,
    names_call: bool,
) -> Result<(), Refused> {
    let here = match &app.address.public {
        Some(_) => None,
        None => Some(named_here(request, app)?),
    };
    let public = app
        .address
        .public
        .as_ref()
        .or(here.as_ref())
        .expect("one of the two is there");
    let text = SignedText::of(raw, form);
    signature::verify(raw, form, &text, &app.tokens, public)
        .map_err(|refusal| forbid(request, Some(form), refusal, app))?;
    let account = form.get("AccountSid").filter(|account| !account.is_empty());
    let cut = if names_call {
        cut::check(form, &text)
    } else {
        cut::check_message(form, &text)
    };
    match cut {
        Ok(()) if app.tokens.serves(account) => Ok(()),
        Ok(()) => {
            tracing::warn!(
                account,
                "A webhook of an account that is not set is refused: see twilio.account_sid."
            );
            Err(refuse(
                app,
                metrics::Refusal::Account,
                StatusCode::FORBIDDEN,
                "This account is not served here.\n",
            ))
        }
        Err(cut::Recut::Field("CallSid")) => {
            tracing::warn!(
                "A signed request is not a webhook of a call: its CallSid is missing or none of Twilio's."
            );
            Err(no_call(app))
        }
        Err(recut) => {
            tracing::warn!(
                call_sid = form.get("CallSid").unwrap_or_default(),
                "A signed request is refused: {recut}."
            );
            Err(refuse(
                app,
                metrics::Refusal::Recut,
                StatusCode::FORBIDDEN,
                "The fields are not as Twilio writes them.\n",
            ))
        }
    }
}

/// With a token and no public URL, only a request to loopback itself can be checked: its URL is the one it names.
fn named_here(request: &HttpRequest, app: &App) -> Result<PublicUrl, Refused> {
    let host = host(request.headers()).filter(|host| is_loopback(host));
    host.and_then(|host| PublicUrl::parse(&format!("http://{host}")).ok()).ok_or_else(|| {
        tracing::error!(
            "A webhook cannot be checked: set HOOKSWITCH__SERVER__PUBLIC_URL to the URL that Twilio calls."
        );
        refuse(app, metrics::Refusal::NoPublicUrl, StatusCode::FORBIDDEN, "No public URL is set.\n")
    })
}

fn raw<'a>(request: &'a HttpRequest, body: &'a [u8]) -> signature::SignedRequest<'a> {
    let header = |name: &HeaderName| request.headers().get(name).map(HeaderValue::as_bytes);
    let target = request
        .uri()
        .path_and_query()
        .map_or("/", |target| target.as_str());
    signature::SignedRequest {
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
    if request.headers().contains_key(signature::HEADER) {
        tracing::error!(
            "A signed webhook came and there is nothing to check it with: set HOOKSWITCH__TWILIO__AUTH_TOKEN."
        );
        return Err(refuse(
            app,
            metrics::Refusal::NoToken,
            StatusCode::FORBIDDEN,
            "No auth token is set: see the log.\n",
        ));
    }
    if app.address.is_loopback() && is_local(request) {
        return Ok(());
    }
    tracing::error!(
        "An unsigned webhook came from elsewhere, through a proxy or from a page of another site: set \
         HOOKSWITCH__TWILIO__AUTH_TOKEN."
    );
    Err(refuse(
        app,
        metrics::Refusal::Unsigned,
        StatusCode::FORBIDDEN,
        "No auth token is set: see the log.\n",
    ))
}

fn forbid(request: &HttpRequest, form: Option<&Form>, refusal: Refusal, app: &App) -> Refused {
    // Anybody may have written it; but whoever looks for a failed call searches for its name.
    let sid = form
        .and_then(|form| form.get("CallSid"))
        .and_then(|sid| CallSid::parse(sid).ok());
    let base = app
        .address
        .public
        .as_ref()
        .map_or_else(String::new, |public| public.base().to_owned());
    tracing::warn!(
        call_sid = sid.as_ref().map(CallSid::as_str),
        reason = refusal.as_str(),
        settings = request
            .headers()
            .get(&SETTINGS)
            .map(|settings| String::from_utf8_lossy(settings.as_bytes()).into_owned()),
        url = format!("{base}{}", request.uri().path()),
        "A webhook is refused: {refusal}. `hookswitch signature --expect` finds which common mistake explains it."
    );
    refuse(
        app,
        metrics::Refusal::Signature(refusal),
        StatusCode::FORBIDDEN,
        "The signature does not fit.\n",
    )
}

fn refuse(app: &App, reason: metrics::Refusal, status: StatusCode, words: &'static str) -> Refused {
    app.metrics.refused(reason);
    Refused {
        status,
        words,
        unread: Cell::new(None),
    }
}
