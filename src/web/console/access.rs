//! Who may open the console: this machine itself where a node serves unsigned requests, else who has the admin token.
//!
//! A page of another site that is open in the same browser must not place calls: what moves anything needs our own
//! origin. No header of ours lets another origin read an answer.

use std::net::IpAddr;
use std::time::Duration;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::web::{Data, Form};
use actix_web::{Error, HttpRequest, HttpResponse};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};
use sha2::Sha256;

use crate::web::guesses::{Guess, Guesses, bearer};
use crate::web::origin::{host, is_from_here};

/// The cookie of who has logged in.
const COOKIE: &str = "hookswitch_console";
/// How long a log-in holds.
const SESSION: Duration = Duration::from_hours(12);
/// How long a wrong token is thought about.
const THINKING: Duration = Duration::from_millis(400);

/// What every answer of the console carries: nothing inline, nothing from elsewhere, in nobody's frame.
const HEADERS: [(&str, &str); 6] = [
    (
        "content-security-policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; \
         connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    // Not `no-referrer`: a form would then be sent with the origin `null`.
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
];

/// Who may come in.
#[derive(Clone, Debug)]
pub enum PageAccess {
    /// Whoever sits at this machine, as for unsigned requests.
    Here {
        /// Whether they may give operators' commands too.
        operates: bool,
    },
    /// Who has logged in with the token, or carries it.
    Token {
        /// The token.
        token: SecretString,
        /// Wrong ones.
        guesses: Data<Guesses>,
    },
}

impl PageAccess {
    /// Whether somebody has to log in here.
    pub fn asks(&self) -> bool {
        matches!(self, Self::Token { .. })
    }

    /// Whether who comes in may give operators' commands.
    pub fn operates(&self) -> bool {
        match self {
            Self::Here { operates } => *operates,
            Self::Token { .. } => true,
        }
    }

    /// Whether who asks may come in.
    pub fn knows(&self, headers: &HeaderMap, peer: Option<IpAddr>) -> bool {
        match self {
            Self::Here { .. } => is_from_here(headers),
            Self::Token { token, guesses } => {
                has_session(headers, token, Timestamp::now())
                    || bearer(headers)
                        .is_some_and(|given| guesses.look(peer, given, token) == Guess::Right)
            }
        }
    }

    /// What is open to who has not logged in: the form, its looks, and the log-in itself.
    fn is_open(&self, path: &str) -> bool {
        self.asks()
            && [
                "/",
                "/operator",
                "/console/login",
                "/console/console.css",
                "/console/icon.svg",
            ]
            .contains(&path)
    }
}

/// Lets a request in, or answers in its place; either way with the headers that keep the page to itself.
///
/// # Errors
/// As what is asked for.
pub async fn guard(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let door = request.app_data::<Data<PageAccess>>().cloned();
    let refused = match door {
        Some(door) => refusal(&door, &request),
        None => Some(StatusCode::FORBIDDEN),
    };
    let mut response = match refused {
        None => next.call(request).await?.map_into_boxed_body(),
        Some(status) => {
            tracing::warn!(path = request.path(), %status, "A request to the console is refused.");
            request.into_response(
                HttpResponse::build(status)
                    .content_type("text/plain; charset=utf-8")
                    .body(words(status)),
            )
        }
    };
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        );
    }
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    Ok(response)
}

fn refusal(door: &PageAccess, request: &ServiceRequest) -> Option<StatusCode> {
    let headers = request.headers();
    if request.method() != Method::GET && !is_own_page(headers) {
        return Some(StatusCode::FORBIDDEN);
    }
    let peer = request.peer_addr().map(|peer| peer.ip());
    match (
        door.is_open(request.path()) || door.knows(headers, peer),
        door,
    ) {
        (true, _) => None,
        (false, PageAccess::Here { .. }) => Some(StatusCode::FORBIDDEN),
        (false, PageAccess::Token { .. }) => Some(StatusCode::UNAUTHORIZED),
    }
}

fn words(status: StatusCode) -> &'static str {
    match status {
        StatusCode::UNAUTHORIZED => "Log in at / first.\n",
        _ => "The console is open to this machine itself and to its own page only.\n",
    }
}

/// Whether a request comes from our own page, or from no page at all. Browsers name the origin of every POST.
fn is_own_page(headers: &HeaderMap) -> bool {
    let text = |name: HeaderName| {
        headers
            .get(name)
            .map(|value| value.to_str().unwrap_or_default())
    };
    let own = |origin: &str| {
        let place = origin.split_once("://").map(|(_, place)| place);
        place
            .is_some_and(|place| host(headers).is_some_and(|host| host.eq_ignore_ascii_case(place)))
    };
    let same = |site: &str| site == "same-origin" || site == "none";
    text(header::ORIGIN).is_none_or(own)
        && text(HeaderName::from_static("sec-fetch-site")).is_none_or(same)
}

/// The value of a cookie that holds until `end`, in seconds since 1970: the time, and a proof that who had the token
/// made it. It needs no memory, survives a restart, and ends with the token.
fn session(token: &SecretString, end: i64) -> String {
    format!(
        "{end}.{}",
        URL_SAFE_NO_PAD.encode(proof(token, end).finalize().into_bytes())
    )
}

fn proof(token: &SecretString, end: i64) -> Hmac<Sha256> {
    let key = token.expose_secret().as_bytes();
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(format!("hookswitch console session until {end}").as_bytes());
    mac
}

fn has_session(headers: &HeaderMap, token: &SecretString, now: Timestamp) -> bool {
    let cookies = headers
        .get_all(header::COOKIE)
        .filter_map(|value| value.to_str().ok());
    let mut ours = cookies
        .flat_map(|value| value.split(';'))
        .filter_map(|cookie| cookie.trim().split_once('='));
    ours.any(|(name, value)| name == COOKIE && is_session(value, token, now))
}

fn is_session(value: &str, token: &SecretString, now: Timestamp) -> bool {
    let Some((end, given)) = value.split_once('.') else {
        return false;
    };
    let (Ok(end), Ok(given)) = (end.parse::<i64>(), URL_SAFE_NO_PAD.decode(given)) else {
        return false;
    };
    end > now.as_second() && proof(token, end).verify_slice(&given).is_ok()
}

/// The form's one field.
#[derive(serde::Deserialize)]
pub struct Login {
    token: String,
}

/// Who has the token gets the cookie.
pub async fn log_in(
    request: HttpRequest,
    door: Data<PageAccess>,
    form: Form<Login>,
) -> HttpResponse {
    let PageAccess::Token { token, guesses } = door.get_ref() else {
        return back(None, "/");
    };
    let peer = request.peer_addr().map(|address| address.ip());
    if guesses.look(peer, form.token.trim(), token) != Guess::Right {
        let peer = peer.map(|peer| peer.to_string()).unwrap_or_default();
        tracing::warn!(
            peer,
            "A log-in to the console with a wrong token is refused."
        );
        tokio::time::sleep(THINKING).await;
        return HttpResponse::Unauthorized()
            .content_type("text/html; charset=utf-8")
            .body(include_str!("assets/login.html").replace("hidden", ""));
    }
    tracing::info!(
        audit = "console login",
        "Somebody has logged in to the console."
    );
    let seconds = SESSION.as_secs();
    let end = Timestamp::now()
        .as_second()
        .saturating_add_unsigned(seconds);
    let cookie = format!(
        "{COOKIE}={}; Max-Age={seconds}; {}",
        session(token, end),
        attributes(request.headers())
    );
    let from = request.headers().get(header::REFERER);
    let operates = from.is_some_and(|from| from.as_bytes().ends_with(b"/operator"));
    back(Some(cookie), if operates { "/operator" } else { "/" })
}

/// Takes the cookie back.
pub async fn log_out(request: HttpRequest) -> HttpResponse {
    let cookie = format!("{COOKIE}=; Max-Age=0; {}", attributes(request.headers()));
    back(Some(cookie), "/")
}

fn attributes(headers: &HeaderMap) -> String {
    // A proxy with TLS says so; without one, a cookie for https only would never come back.
    let https = headers
        .get("x-forwarded-proto")
        .is_some_and(|scheme| scheme.as_bytes() == b"https");
    format!(
        "Path=/; HttpOnly; SameSite=Strict{}",
        if https { "; Secure" } else { "" }
    )
}

fn back(cookie: Option<String>, to: &str) -> HttpResponse {
    let mut response = HttpResponse::SeeOther();
    response.insert_header((header::LOCATION, to));
    if let Some(cookie) = cookie {
        response.insert_header((header::SET_COOKIE, cookie));
    }
    response.finish()
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
    use jiff::Timestamp;
    use secrecy::SecretString;

    use super::{COOKIE, has_session, is_own_page, session};

    fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
        let header = |(name, value): &(&str, &str)| {
            (
                HeaderName::try_from(*name).expect("a name"),
                HeaderValue::from_str(value).expect("a value"),
            )
        };
        pairs.iter().map(header).collect()
    }

    #[test]
    fn a_session_holds_until_its_end_and_for_its_token_only() {
        let (token, other) = (SecretString::from("secret"), SecretString::from("other"));
        let now = Timestamp::from_second(1000).expect("a time");
        let cookie = |value: String| headers(&[("cookie", &format!("a=b; {COOKIE}={value}; c=d"))]);
        assert!(has_session(&cookie(session(&token, 1001)), &token, now));
        assert!(
            !has_session(&cookie(session(&token, 1000)), &token, now),
            "it is over"
        );
        assert!(
            !has_session(&cookie(session(&other, 1001)), &token, now),
            "another token's"
        );
        let later = session(&token, 1001).replace("1001.", "9999.");
        assert!(!has_session(&cookie(later), &token, now), "made longer");
        for wrong in ["", "1001", "1001.", ".", "x.y"] {
            assert!(
                !has_session(&cookie(wrong.to_owned()), &token, now),
                "{wrong}"
            );
        }
    }

    #[test]
    fn only_our_own_page_moves_anything() {
        let host = ("host", "127.0.0.1:8080");
        for right in [
            vec![host],
            vec![host, ("origin", "http://127.0.0.1:8080")],
            vec![
                host,
                ("origin", "http://127.0.0.1:8080"),
                ("sec-fetch-site", "same-origin"),
            ],
        ] {
            assert!(is_own_page(&headers(&right)), "{right:?}");
        }
        for wrong in [
            vec![host, ("origin", "https://evil.example")],
            vec![host, ("origin", "http://127.0.0.1:3000")],
            vec![host, ("origin", "null")],
            vec![host, ("sec-fetch-site", "cross-site")],
            vec![host, ("sec-fetch-site", "same-site")],
            vec![("origin", "http://127.0.0.1:8080")],
        ] {
            assert!(!is_own_page(&headers(&wrong)), "{wrong:?}");
        }
    }
}
