//! Asking servers: connection overrides, retries, redirects, cookies, signatures, and what the carrier thinks of it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::ExposeSecret;

use super::act::Caller;
use super::call::{Call, Location};
use super::clock::CallClock;
use super::cookies::{ReceivedAt, moment};
use super::event::{CallEvent, Notice};
use super::fault::{code, error};
use super::form::Field;
use super::retry::Overrides;
use super::server_address::{origin, resolve, split_fragment, with_query};
use super::turn_report::TurnReport;
use super::wire::{Method, Purpose, Request, Response, Wire, WireError};
use crate::twilio::rehearsal;
use crate::twilio::signature::sign;

/// HTTP redirects that are followed (Twilio, error 11215).
const REDIRECTS: u32 = 10;

/// What is to be asked for.
#[derive(Clone, Debug)]
pub(super) struct Fetch {
    pub(super) at: Location,
    /// The fields of this kind of request, beside those of every one.
    pub(super) fields: Vec<Field>,
    /// Whether it is the fallback URL that is asked.
    pub(super) is_fallback: bool,
}

impl Fetch {
    /// Asks for a document with the usual fields only.
    pub(super) fn plain(url: String, method: Method) -> Self {
        Self {
            at: Location { url, method },
            fields: Vec::new(),
            is_fallback: false,
        }
    }
}

/// An answer, and where it came from in the end.
pub(super) struct Fetched {
    /// The URL after all redirects, connection overrides included.
    pub(super) at: Location,
    pub(super) response: Response,
}

impl<W: Wire, C: Caller> Call<'_, W, C> {
    /// Sends a request and follows redirects, until a server says something else. A status of 4xx or 5xx is a fault.
    pub(super) async fn ask(
        &mut self,
        purpose: Purpose,
        at: &Location,
        fields: Vec<Field>,
    ) -> Result<Fetched, Notice> {
        let written = self.address.asked(at.url.clone());
        let (bare, fragment) = split_fragment(&written);
        let overrides = Overrides::parse(fragment)
            .map_err(|(code, message)| error(code, message, &written, 0))?;
        self.requests += 1;
        let token = format!("{}-{}", self.plan.sid, self.requests);
        let mut left = overrides.total;
        let mut request = self.request(purpose, bare, at.method, fields, &token);
        for _ in 0..=REDIRECTS {
            let (sent, response) = self.insist(request, &overrides, &mut left).await?;
            self.keep_cookies(&sent.url, &response);
            match response.status {
                301 | 302 | 303 | 307 | 308 => {
                    request = self.redirected(&sent, &response, &token)?;
                }
                status @ 400.. => {
                    return Err(error(
                        11_200,
                        format!("the server answered with status {status}"),
                        &sent.url,
                        0,
                    ));
                }
                _ => {
                    let url = match sent.method {
                        Method::Get => without_fields(&sent, at, bare),
                        Method::Post => sent.url.clone(),
                    };
                    let url = if fragment.is_empty() {
                        url
                    } else {
                        format!("{url}#{fragment}")
                    };
                    return Ok(Fetched {
                        at: Location {
                            url,
                            method: sent.method,
                        },
                        response,
                    });
                }
            }
        }
        Err(error(
            11_215,
            format!("more than {REDIRECTS} redirects"),
            &request.url,
            0,
        ))
    }

    /// Keeps what a server wants sent back.
    fn keep_cookies(&mut self, url: &str, response: &Response) {
        let date = response
            .header("date")
            .and_then(moment)
            .unwrap_or_else(|| self.now());
        let came = ReceivedAt {
            at: self.clock.elapsed(),
            date,
        };
        for (_, cookie) in response
            .headers
            .iter()
            .filter(|(name, _)| name == "set-cookie")
        {
            self.cookies.keep(url, cookie, came);
        }
    }

    /// A request, signed.
    fn request(
        &self,
        purpose: Purpose,
        url: &str,
        method: Method,
        fields: Vec<Field>,
        token: &str,
    ) -> Request {
        let url = match method {
            Method::Get => with_query(url, &fields),
            Method::Post => url.to_owned(),
        };
        let (url, credentials) = without_user(url);
        let mut request = Request {
            purpose,
            method,
            headers: Vec::with_capacity(4),
            fields,
            at: self.plan.at,
            patience: (0, 0),
            url,
        };
        if let Some(credentials) = credentials {
            request.headers.push((
                "authorization".to_owned(),
                format!("Basic {}", STANDARD.encode(credentials)),
            ));
        }
        if let Some(cookies) = self.cookies.header(&request.url, self.clock.elapsed()) {
            request.headers.push(("cookie".to_owned(), cookies));
        }
        if purpose != Purpose::Media {
            request
                .headers
                .push(("i-twilio-idempotency-token".to_owned(), token.to_owned()));
            let key = self
                .plan
                .account
                .token
                .as_ref()
                .map(ExposeSecret::expose_secret);
            request.headers.push((
                rehearsal::HEADER.to_owned(),
                rehearsal::mark(key, &self.plan.sid),
            ));
            if let Some(key) = key {
                let signed: &[Field] = if method == Method::Post {
                    &request.fields
                } else {
                    &[]
                };
                let signature = sign(key, &self.address.signed(&request.url), signed);
                request
                    .headers
                    .push(("x-twilio-signature".to_owned(), signature));
            }
        }
        request
    }

    /// The request that a redirect asks for: 301, 302 and 303 become GET and lose the fields (Twilio, "TwiML voice").
    fn redirected(
        &self,
        before: &Request,
        response: &Response,
        token: &str,
    ) -> Result<Request, Notice> {
        let written = response.header("location").unwrap_or_default();
        let bad = |message: String| error(11_216, message, &before.url, 0);
        if written.is_empty() {
            return Err(bad("a redirect that does not say where to".to_owned()));
        }
        let url = resolve(&before.url, written)
            .ok_or_else(|| bad(format!("a redirect to `{written}`")))?;
        let url = self.address.asked(url);
        let bare = split_fragment(&url).0;
        let keeps = matches!(response.status, 307 | 308) && before.method == Method::Post;
        let (method, fields) = if keeps {
            (Method::Post, before.fields.clone())
        } else {
            (Method::Get, Vec::new())
        };
        Ok(self.request(before.purpose, bare, method, fields, token))
    }

    /// Makes a request, again if the overrides say so; gives it back with the answer.
    async fn insist(
        &mut self,
        mut request: Request,
        overrides: &Overrides,
        left: &mut u32,
    ) -> Result<(Arc<Request>, Response), Notice> {
        let mut tries = 0;
        loop {
            request.patience = (overrides.connect.min(*left), overrides.read.min(*left));
            let (sent, outcome, took) = self.once(request).await;
            *left = left.saturating_sub(took);
            let again = match &outcome {
                Ok(response) => overrides.after.status(response.status),
                Err(WireError::ReadTimeout) => overrides.after.read || overrides.after.all,
                Err(WireError::Protocol(_)) => overrides.after.all,
                Err(WireError::Url(_)) => false,
                Err(_) => overrides.after.connect || overrides.after.all,
            };
            if again && tries < overrides.retries && *left > 0 {
                tries += 1;
                request = Arc::unwrap_or_clone(sent);
                continue;
            }
            return match outcome {
                Ok(response) => Ok((sent, response)),
                Err(broken) => Err(error(code(&broken), broken.to_string(), &sent.url, 0)),
            };
        }
    }

    /// Makes a request once, and reports it; how long it took in milliseconds.
    async fn once(
        &mut self,
        mut request: Request,
    ) -> (Arc<Request>, Result<Response, WireError>, u32) {
        request.at = self.now();
        let patience = request.patience;
        let request = Arc::new(request);
        self.tell(&CallEvent::Asks(Arc::clone(&request)));
        let begun = Instant::now();
        let outcome = self.wire.send(&request).await;
        let micros = u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX);
        let real = u32::try_from(micros / 1000).unwrap_or(u32::MAX);
        match outcome {
            Ok(response) => {
                let event = CallEvent::Answered(response, micros);
                self.tell(&event);
                let CallEvent::Answered(response, _) = event else {
                    unreachable!("it was made above")
                };
                if request.purpose == Purpose::Voice {
                    self.report = TurnReport::of(&response);
                }
                (request, Ok(response), real)
            }
            Err(broken) => {
                let took = self.lose_patience(&broken, patience).max(real);
                (request, Err(broken), took)
            }
        }
    }

    /// The time that an answer that never came takes on the line. A real clock knows already.
    fn lose_patience(&mut self, broken: &WireError, (connect, read): (u32, u32)) -> u32 {
        let waited = match broken {
            WireError::ConnectTimeout => connect,
            WireError::ReadTimeout => read,
            _ => 0,
        };
        if let CallClock::Jumping(_) = self.clock {
            self.clock.pass(Duration::from_millis(waited.into()));
        }
        waited
    }

    /// The moment on the clock of the call.
    pub(super) fn now(&self) -> jiff::Timestamp {
        self.plan
            .at
            .checked_add(self.clock.elapsed())
            .unwrap_or(self.plan.at)
    }

    /// The absolute URL for one of the document that is carried out.
    pub(super) fn resolve(&self, written: &str, line: u32) -> Result<String, Notice> {
        self.resolve_from(&self.document.url, written, line)
    }

    /// The same, in a document of this URL.
    pub(super) fn resolve_from(
        &self,
        base: &str,
        written: &str,
        line: u32,
    ) -> Result<String, Notice> {
        resolve(base, written).ok_or_else(|| {
            error(
                11_100,
                format!("`{written}` is no URL that can be asked"),
                base,
                line,
            )
        })
    }
}

/// The URL of a document that was asked for by GET: as it was written, not with the fields behind it.
fn without_fields(request: &Request, at: &Location, bare: &str) -> String {
    let is_first = at.method == Method::Get && request.url.starts_with(bare);
    if is_first {
        bare.to_owned()
    } else {
        request.url.clone()
    }
}

/// Takes the user and password out of a URL: they go into a header and are not signed (Twilio, "Webhooks security").
fn without_user(mut url: String) -> (String, Option<String>) {
    let place = origin(&url);
    let Some(at) = place.find('@') else {
        return (url, None);
    };
    let begins = place.find("://").map_or(0, |at| at + 3);
    let user = percent_encoding::percent_decode_str(&url[begins..at])
        .decode_utf8_lossy()
        .into_owned();
    url.replace_range(begins..=at, "");
    (url, Some(user))
}
