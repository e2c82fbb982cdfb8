//! `/fallback`: the carrier could not fetch or carry out a reply.

use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};

use super::app::App;
use super::believed::Believed;
use super::held::{Forged, Held};
use super::turns::{Asked, Found};
use super::voice::{hold, open_held, target, twiml};
use crate::engine::{Fault, Input};
use crate::store;
use crate::twilio::{self, CallStatus, Webhook};

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
    let Ok(webhook) = Webhook::parse(&form) else { return twiml(app.apology("", None)) };
    let flow = flow_of(&webhook, &app);
    match go_on(&webhook, &flow, &held, &app).await {
        Ok(reply) => twiml(reply),
        Err(error) => hold(&error, &app, &form, request.path(), &sid, &flow, held),
    }
}

async fn go_on(
    webhook: &Webhook<'_>,
    flow: &str,
    held: &Result<Option<Held>, Forged>,
    app: &App,
) -> Result<Bytes, store::Error> {
    let code = webhook.error_code.unwrap_or(0);
    if matches!(held, Ok(None)) {
        count(webhook, code, app);
    }
    let sid = &webhook.call_sid;
    let Some(found) = app.find(sid).await? else {
        // Nobody has heard anything yet, or the state is gone: the flow begins.
        return app.take_turn(&Asked { look_only: held.is_err(), ..asked(webhook, flow, None, Input::Begin) }).await;
    };
    let document = matches!(twilio::fault(code), twilio::Fault::Document);
    let failed = document || app.cache.count_fallback(sid, found.call.fallbacks) >= LIMIT;
    if !failed || held.is_err() || is_past(webhook, &found, app) {
        return Ok(found.reply);
    }
    if found.finished {
        return Ok(app.apology(flow, Some(&found.call)));
    }
    let input = Input::Failed(Fault::Refused(code));
    app.take_turn(&asked(webhook, &found.call.flow, Some(found.turn), input)).await
}

/// Whether the call has gone on since the turn whose answer was at fault: then this is a repeat, and was acted on.
fn is_past(webhook: &Webhook<'_>, found: &Found, app: &App) -> bool {
    let url = webhook.error_url.filter(|url| !url.is_empty());
    let path = url.map(|url| path_of(url, &app.address.prefix)).filter(|path| path.starts_with("/voice"));
    // Where the path names no flow, the number called does, and here any will do.
    let turn = match path.and_then(|path| target(path, || Some(found.call.flow.clone()))) {
        Some((_, Some(turn))) => turn,
        // The URL at which calls come in is the turn before the first, of the first visit.
        Some((_, None)) if found.call.visit == 1 => 0,
        _ => return false,
    };
    found.turn > turn.saturating_add(1)
}

fn asked<'a>(webhook: &'a Webhook<'a>, flow: &'a str, turn: Option<u32>, input: Input) -> Asked<'a> {
    Asked {
        sid: webhook.call_sid.clone(),
        flow,
        turn,
        input,
        ringing: webhook.call_status == Some(CallStatus::Ringing),
        look_only: false,
        over: webhook.call_status.is_some_and(CallStatus::is_terminal),
        webhook,
    }
}

/// The flow in whose URL the fault was, else that of the number called.
fn flow_of(webhook: &Webhook<'_>, app: &App) -> String {
    let number = webhook.to.unwrap_or_default();
    let by_number = || app.flows.by_number(number).map(|version| version.flow.name.clone());
    let path = path_of(webhook.error_url.unwrap_or_default(), &app.address.prefix);
    target(path, by_number).map(|(flow, _)| flow.into_owned()).unwrap_or_default()
}

/// The path of a URL as it reaches us.
fn path_of<'a>(url: &'a str, prefix: &str) -> &'a str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let path = rest.find('/').map_or("", |at| &rest[at..]);
    let path = path.split(['?', '#']).next().unwrap_or_default();
    path.strip_prefix(prefix).unwrap_or(path)
}

fn count(webhook: &Webhook<'_>, code: u32, app: &App) {
    let url = webhook.error_url.unwrap_or_default().split(['?', '#']).next().unwrap_or_default();
    tracing::error!(
        call_sid = %webhook.call_sid,
        error_code = code,
        error_url = url,
        "The carrier could not fetch or carry out a reply."
    );
    app.metrics.fallback(code);
}

#[cfg(test)]
mod tests {
    use super::path_of;

    #[test]
    fn a_fault_s_url_leads_to_our_path_whatever_its_host_is_called() {
        assert_eq!(path_of("https://voice.example/voice/pickup/~2?held=x#rc=2", ""), "/voice/pickup/~2");
        assert_eq!(path_of("https://h:8443/ivr/voice/pickup", "/ivr"), "/voice/pickup");
        assert_eq!(path_of("https://h", ""), "");
        assert_eq!(path_of("", "/ivr"), "");
    }
}
