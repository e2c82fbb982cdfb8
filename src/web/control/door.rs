//! Who may give commands: on the control socket whoever may open its file, on the admin listener who has the token.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderMap};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, HttpResponse};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use crate::web::origin::is_from_here;

/// Where commands come in.
#[derive(Clone, Debug)]
pub enum Door {
    /// The control socket, which the file system guards.
    Socket,
    /// The admin listener; without a token it is on loopback, as the settings make sure.
    Listener {
        /// Who has it may come in.
        token: Option<SecretString>,
    },
}

/// Why a request is not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Refusal {
    /// It does not carry the token.
    Token,
    /// No token is set, and it does not come from this machine, or from another site in a browser on it.
    Elsewhere,
}

impl Door {
    /// Who acted, for audit lines.
    pub fn by(&self) -> &'static str {
        match self {
            Self::Socket => "control socket",
            Self::Listener { .. } => "admin API",
        }
    }

    fn admit(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        match self {
            Self::Socket => Ok(()),
            Self::Listener { token: Some(token) } if has_token(headers, token) => Ok(()),
            Self::Listener { token: Some(_) } => Err(Refusal::Token),
            Self::Listener { token: None } if is_from_here(headers) => Ok(()),
            Self::Listener { token: None } => Err(Refusal::Elsewhere),
        }
    }
}

impl Refusal {
    fn answer(self) -> HttpResponse {
        match self {
            Self::Token => HttpResponse::Unauthorized()
                .insert_header((header::WWW_AUTHENTICATE, "Bearer"))
                .json(json!({ "error": "the token is missing or wrong" })),
            Self::Elsewhere => HttpResponse::build(StatusCode::FORBIDDEN)
                .json(json!({ "error": "no admin.token is set, so only this machine itself may ask" })),
        }
    }
}

/// Lets a request in, or answers in its place.
pub async fn guard(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let admitted = match request.app_data::<Data<Door>>() {
        Some(door) => door.admit(request.headers()),
        None => Err(Refusal::Elsewhere),
    };
    match admitted {
        Ok(()) => Ok(next.call(request).await?.map_into_boxed_body()),
        Err(refusal) => {
            let peer = request.peer_addr().map(|address| address.ip().to_string()).unwrap_or_default();
            tracing::warn!(peer, path = request.path(), reason = ?refusal, "A request to the admin API is refused.");
            Ok(request.into_response(refusal.answer()))
        }
    }
}

/// Digests are compared, so that the time tells neither the token nor its length.
fn has_token(headers: &HeaderMap, token: &SecretString) -> bool {
    let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).and_then(bearer);
    let digest = |text: &str| Sha256::digest(text.as_bytes());
    given.is_some_and(|given| digest(given).ct_eq(&digest(token.expose_secret())).into())
}

fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};

    use super::{Door, Refusal};

    fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
        let header = |(name, value): &(&str, &str)| {
            (HeaderName::try_from(*name).expect("a name"), HeaderValue::from_str(value).expect("a value"))
        };
        pairs.iter().map(header).collect()
    }

    #[test]
    fn only_the_whole_token_opens() {
        let door = Door::Listener { token: Some("secret".into()) };
        for right in ["Bearer secret", "bearer secret", "Bearer  secret"] {
            assert_eq!(door.admit(&headers(&[("authorization", right)])), Ok(()), "{right}");
        }
        for wrong in ["Bearer secre", "Bearer secrets", "Bearer ", "secret", "Basic secret", ""] {
            assert_eq!(door.admit(&headers(&[("authorization", wrong)])), Err(Refusal::Token), "{wrong}");
        }
        assert_eq!(door.admit(&headers(&[("host", "localhost")])), Err(Refusal::Token));
    }

    #[test]
    fn without_a_token_only_this_machine_itself_comes_in() {
        let door = Door::Listener { token: None };
        let local = ("host", "127.0.0.1:8081");
        let right = [vec![local], vec![local, ("origin", "http://127.0.0.1:8081")], vec![("host", "localhost:8081")]];
        for right in right {
            assert_eq!(door.admit(&headers(&right)), Ok(()), "{right:?}");
        }
        let wrong = [
            vec![],
            vec![("host", "rebound.example")],
            vec![local, ("x-forwarded-for", "192.0.2.1")],
            vec![local, ("forwarded", "for=192.0.2.1")],
            vec![local, ("origin", "https://evil.example")],
            vec![local, ("origin", "http://127.0.0.1:3000")],
            vec![local, ("origin", "null")],
        ];
        for wrong in wrong {
            assert_eq!(door.admit(&headers(&wrong)), Err(Refusal::Elsewhere), "{wrong:?}");
        }
    }
}
