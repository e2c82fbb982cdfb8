//! `/fallback`: the carrier could not fetch or carry out a reply.

use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};

use super::app::App;
use super::believed::{Believed, is_rehearsal};
use super::payments::is_paying;
use super::turns::protocol::{EntryPoint, TurnRef};
use super::turns::{CallRequest, LoadedCall, Origin};
use super::voice::{HoldRequest, asks, begins, hold, open_held, target, twiml};
use crate::engine::{Fault, Happened, Input, Opening};
use crate::store::{self, Committed};
use crate::twilio::{self, Webhook};

/// How many faults a call may have until it goes where `[on] error` leads.
const LIMIT: u8 = 3;

/// Lets a call go on after a fault: with the reply that it is at, or where `[on] error` leads.
pub async fn answer(request: HttpRequest, believed: Believed, app: Data<App>) -> HttpResponse {
    let sid = believed.webhook().call_sid;
    let held = open_held(&request, &sid, &app);
    let form = match &held {
        Ok(Some(held)) => held.restore(believed.form()),
        _ => believed.form().clone(),
    };
    let Ok(webhook) = Webhook::parse(&form) else {
        return twiml(app.apology("", None));
    };
    let (flow, mark) = place_of(&webhook, &app);
    let opening = begins(&request, &form, &flow, &held, &app);
    // The token is that of this request: the one for the URL that failed had another, and may still be on its way.
    let place = mark.map_or(
        EntryPoint::Start(Opening {
            token: None,
            ..opening
        }),
        EntryPoint::Turn,
    );
    let rehearsal = is_rehearsal(&request, &form, &app);
    let prefix = &app.address.prefix;
    let fault = ReportedFault {
        webhook: &webhook,
        flow: &flow,
        place,
        token: opening.token,
        prefix,
        rehearsal,
    };
    if matches!(held, Ok(None)) {
        fault.tell(&app);
    }
    match fault.answer(held.is_ok(), &app).await {
        Ok(reply) => twiml(reply),
        Err(error) => {
            let asker = HoldRequest {
                path: request.path(),
                sid: &sid,
                flow: &flow,
                place,
            };
            Box::pin(hold(&error, &app, &form, &asker, held)).await
        }
    }
}

/// An error that the carrier reports.
struct ReportedFault<'a> {
    webhook: &'a Webhook<'a>,
    flow: &'a str,
    /// Where the URL leads that was at fault.
    place: EntryPoint,
    /// Identifies the request, if the carrier sends a token.
    token: Option<u32>,
    /// Stands before our paths.
    prefix: &'a str,
    /// Whether nobody calls.
    rehearsal: bool,
}

impl ReportedFault<'_> {
    fn code(&self) -> u32 {
        self.webhook.error_code.unwrap_or(0)
    }

    /// Logs and counts it.
    fn tell(&self, app: &App) {
        let url = self
            .webhook
            .error_url
            .unwrap_or_default()
            .split(['?', '#'])
            .next()
            .unwrap_or_default();
        tracing::error!(
            call_sid = %self.webhook.call_sid,
            error_code = self.code(),
            error_url = url,
            rehearsal = self.rehearsal,
            "The carrier could not fetch or carry out a reply."
        );
        if !self.rehearsal {
            app.metrics.fallback(self.code());
        }
    }

    async fn answer(&self, trusted: bool, app: &App) -> Result<Bytes, store::Error> {
        let Some(found) = app.find(&self.webhook.call_sid).await? else {
            // Nobody has heard anything yet, or the state is gone: the flow begins.
            let request = asks(self.webhook, self.flow, self.place, trusted, app);
            return app
                .take_turn(&CallRequest {
                    input: Input::Begin,
                    origin: self.rehearsal.then_some(&Origin::Rehearsal),
                    ..request
                })
                .await;
        };
        if !trusted || self.is_past(&found) {
            return Ok(found.reply);
        }
        let document = matches!(twilio::fault(self.code()), twilio::FallbackCause::Document);
        let found = self.note(found, app).await?;
        let pays = self.is_paid(&found, app).await?;
        if !document && found.call.fallbacks < LIMIT && !pays {
            return Ok(found.reply);
        }
        if found.finished {
            return Ok(app.apology(self.flow, Some(&found.call)));
        }
        let LoadedCall { call, from, .. } = &found;
        let place = EntryPoint::Turn(TurnRef {
            turn: from.turn,
            nonce: call.opened.nonce,
        });
        let request = asks(self.webhook, &call.flow, place, true, app);
        app.take_turn(&CallRequest {
            input: Input::Failed(Fault::Refused(self.code())),
            ..request
        })
        .await
    }

    /// Whether the carrier could not tell us how a payment ended: its document must not be carried out again.
    async fn is_paid(&self, found: &LoadedCall, app: &App) -> Result<bool, store::Error> {
        let EntryPoint::Turn(mark) = self.place else {
            return Ok(false);
        };
        if mark.turn != found.from.turn || found.finished {
            return Ok(false);
        }
        let version = app.version_of(&found.call).await?;
        Ok(version.is_some_and(|version| is_paying(&version.flow, &found.call)))
    }

    /// Whether the call has gone on since the turn whose answer was at fault: then this is a repeat, and was acted on.
    fn is_past(&self, found: &LoadedCall) -> bool {
        let url = self.webhook.error_url.unwrap_or_default();
        if !path_of(url, self.prefix).starts_with("/voice") {
            return false;
        }
        let turn = match self.place {
            EntryPoint::Turn(mark) if mark.nonce != found.call.opened.nonce => return true,
            EntryPoint::Turn(mark) => mark.turn,
            // The URL at which calls come in is the turn before the first, of the first visit.
            EntryPoint::Start(_) if found.call.visit == 1 => 0,
            EntryPoint::Start(_) => return false,
        };
        found.from.turn > turn.saturating_add(1)
    }

    /// Writes the fault down, in the call's state and in its trail; a repeat of the request is no second one.
    async fn note(&self, mut found: LoadedCall, app: &App) -> Result<LoadedCall, store::Error> {
        loop {
            let LoadedCall { call, from, .. } = &mut found;
            let turn = from.turn;
            if self.token == Some(call.fault_told) {
                return Ok(found);
            }
            call.fallbacks = call.fallbacks.saturating_add(1);
            call.fault_told = self.token.unwrap_or_default();
            let what = Happened::Fallback { code: self.code() };
            match app.append_fact(&found, turn, what).await? {
                None => return Ok(found),
                Some(Committed::Done) => {
                    found.from.revision += 1;
                    return Ok(found);
                }
                Some(Committed::Behind(_) | Committed::Gone) => {
                    match app.find(&found.call.sid).await? {
                        Some(now) => found = now,
                        None => return Ok(found),
                    }
                }
            }
        }
    }
}

/// The flow in whose URL the fault was, else that of the number called; and the turn, where the URL names one.
fn place_of(webhook: &Webhook<'_>, app: &App) -> (String, Option<TurnRef>) {
    let number = webhook.to.unwrap_or_default();
    let by_number = || {
        app.flows
            .by_number(number)
            .map(|version| version.flow.name.clone())
    };
    let path = path_of(webhook.error_url.unwrap_or_default(), &app.address.prefix);
    target(path, by_number)
        .map(|(flow, mark)| (flow.into_owned(), mark))
        .unwrap_or_default()
}

/// The path of a URL as it reaches us.
fn path_of<'a>(url: &'a str, prefix: &str) -> &'a str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let path = rest.find('/').map_or("", |at| &rest[at..]);
    let path = path.split(['?', '#']).next().unwrap_or_default();
    path.strip_prefix(prefix).unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::path_of;

    #[test]
    fn a_fault_s_url_leads_to_our_path_whatever_its_host_is_called() {
        assert_eq!(
            path_of("https://voice.example/voice/pickup/~2?held=x#rc=2", ""),
            "/voice/pickup/~2"
        );
        assert_eq!(
            path_of("https://h:8443/ivr/voice/pickup", "/ivr"),
            "/voice/pickup"
        );
        assert_eq!(path_of("https://h", ""), "");
        assert_eq!(path_of("", "/ivr"), "");
    }
}
