//! Who may give commands: on the control socket whoever may open its file, on the admin listener who has the token.

use std::net::IpAddr;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderMap};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, HttpResponse};
use secrecy::SecretString;
use serde_json::json;

use super::placements::PATH;
use crate::web::guesses::{Guess, Guesses, bearer, is_token};
use crate::web::origin::is_from_here;

/// Where commands come in.
#[derive(Clone, Debug)]
pub enum CommandAccess {
    /// The control socket, which the file system guards.
    Socket,
    /// The operator's page, which the console's own guard lets in.
    Page,
    /// The admin listener; without a token it is on loopback, as the settings make sure.
    Listener {
        /// Who has it may come in.
        token: Option<SecretString>,
        /// Who has this one may have calls placed, and nothing else.
        of_calls: Option<SecretString>,
        /// Wrong ones.
        guesses: Data<Guesses>,
    },
}

/// Why a request is not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Refusal {
    /// It does not carry the token.
    Token,
    /// Too many wrong tokens came, from where it comes or in all.
    TooMany,
    /// No token is set, and it does not come from this machine, or from another site in a browser on it.
    Elsewhere,
}

impl CommandAccess {
    /// Who acted, for audit lines.
    pub fn by(&self) -> &'static str {
        match self {
            Self::Socket => "control socket",
            Self::Page => "operator's page",
            Self::Listener { .. } => "admin API",
        }
    }

    /// Who acted and why, for the audit lines of what is done to many rows at once.
    pub fn by_because(&self, why: &str) -> String {
        match why.trim() {
            "" => self.by().to_owned(),
            why => format!("{}, because: {why}", self.by()),
        }
    }

    /// Whether what a request brings is not the token by which everything may be asked.
    fn is_not_for_all(&self, headers: &HeaderMap) -> bool {
        let Self::Listener {
            token: Some(token), ..
        } = self
        else {
            return true;
        };
        bearer(headers).is_none_or(|given| !is_token(given, token))
    }

    fn admit(&self, headers: &HeaderMap, peer: Option<IpAddr>, path: &str) -> Result<(), Refusal> {
        match self {
            Self::Socket => Ok(()),
            Self::Listener {
                of_calls: Some(token),
                guesses,
                ..
            } if is_about_calls(path) && self.is_not_for_all(headers) => {
                let given = bearer(headers).ok_or(Refusal::Token)?;
                match guesses.look(peer, given, token) {
                    Guess::Right => Ok(()),
                    Guess::Wrong => Err(Refusal::Token),
                    Guess::TooMany => Err(Refusal::TooMany),
                }
            }
            Self::Listener {
                token: Some(token),
                guesses,
                ..
            } => {
                let given = bearer(headers).ok_or(Refusal::Token)?;
                match guesses.look(peer, given, token) {
                    Guess::Right => Ok(()),
                    Guess::Wrong => Err(Refusal::Token),
                    Guess::TooMany => Err(Refusal::TooMany),
                }
            }
            Self::Listener { token: None, .. } if is_from_here(headers) => Ok(()),
            Self::Page | Self::Listener { token: None, .. } => Err(Refusal::Elsewhere),
        }
    }
}

/// Whether a path is one of those of calls that we place.
fn is_about_calls(path: &str) -> bool {
    let rest = path.strip_prefix(PATH);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

impl Refusal {
    fn answer(self) -> HttpResponse {
        match self {
            Self::Token => HttpResponse::Unauthorized()
                .insert_header((header::WWW_AUTHENTICATE, "Bearer"))
                .json(json!({ "error": "the token is missing or wrong" })),
            Self::TooMany => HttpResponse::TooManyRequests()
                .insert_header((header::RETRY_AFTER, "60"))
                .json(json!({ "error": "too many wrong tokens: wait a minute" })),
            Self::Elsewhere => HttpResponse::build(StatusCode::FORBIDDEN).json(
                json!({ "error": "no admin.token is set, so only this machine itself may ask" }),
            ),
        }
    }
}

/// Lets a request in, or answers in its place.
pub async fn guard(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let admitted = match request.app_data::<Data<CommandAccess>>() {
        Some(door) => door.admit(
            request.headers(),
            request.peer_addr().map(|peer| peer.ip()),
            request.path(),
        ),
        None => Err(Refusal::Elsewhere),
    };
    match admitted {
        Ok(()) => Ok(next.call(request).await?.map_into_boxed_body()),
        Err(refusal) => {
            let peer = request
                .peer_addr()
                .map(|address| address.ip().to_string())
                .unwrap_or_default();
            tracing::warn!(peer, path = request.path(), reason = ?refusal, "A request to the admin API is refused.");
            Ok(request.into_response(refusal.answer()))
        }
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};

    use super::{CommandAccess, Data, Guesses, Refusal};

    fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
        let header = |(name, value): &(&str, &str)| {
            (
                HeaderName::try_from(*name).expect("a name"),
                HeaderValue::from_str(value).expect("a value"),
            )
        };
        pairs.iter().map(header).collect()
    }

    fn listener(token: Option<&str>) -> CommandAccess {
        CommandAccess::Listener {
            token: token.map(Into::into),
            of_calls: None,
            guesses: Data::new(Guesses::default()),
        }
    }

    #[test]
    fn only_the_whole_token_opens() {
        let door = listener(Some("secret"));
        for right in ["Bearer secret", "bearer secret", "Bearer  secret"] {
            assert_eq!(
                door.admit(&headers(&[("authorization", right)]), None, "/api/outbox"),
                Ok(()),
                "{right}"
            );
        }
        for wrong in [
            "Bearer secre",
            "Bearer secrets",
            "Bearer ",
            "secret",
            "Basic secret",
            "",
        ] {
            assert_eq!(
                door.admit(&headers(&[("authorization", wrong)]), None, "/api/outbox"),
                Err(Refusal::Token),
                "{wrong}"
            );
        }
        assert_eq!(
            door.admit(&headers(&[("host", "localhost")]), None, "/api/outbox"),
            Err(Refusal::Token)
        );
    }

    #[test]
    fn without_a_token_only_this_machine_itself_comes_in() {
        let door = listener(None);
        let local = ("host", "127.0.0.1:8081");
        let right = [
            vec![local],
            vec![local, ("origin", "http://127.0.0.1:8081")],
            vec![("host", "localhost:8081")],
        ];
        for right in right {
            assert_eq!(
                door.admit(&headers(&right), None, "/api/outbox"),
                Ok(()),
                "{right:?}"
            );
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
            assert_eq!(
                door.admit(&headers(&wrong), None, "/api/outbox"),
                Err(Refusal::Elsewhere),
                "{wrong:?}"
            );
        }
    }
}
