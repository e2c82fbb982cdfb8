//! `/fallback`: the carrier could not fetch or carry out a reply.

use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};

use super::app::App;
use super::held::Held;
use super::metrics::OfCode;
use super::request::{believe, webhook};
use super::turns::Asked;
use super::voice::{about, hold, open_held, target, twiml};
use crate::engine::{Fault, Input};
use crate::store;
use crate::twilio::{self, CallStatus, Webhook};

/// How many faults a call may have until it goes where `[on] error` leads.
const LIMIT: u8 = 3;

/// Lets a call go on after a fault: with the reply that it is at, or where `[on] error` leads.
pub async fn answer(request: HttpRequest, body: Bytes, app: Data<App>) -> HttpResponse {
    let form = match believe(&request, &body, &app) {
        Ok(form) => form,
        Err(refused) => return refused.response(),
    };
    let sid = match webhook(&form, &app) {
        Ok(webhook) => webhook.call_sid,
        Err(refused) => return refused.response(),
    };
    let held = open_held(&request, &sid, &app);
    let form = match &held {
        Ok(Some(held)) => held.restore(&form),
        _ => form,
    };
    let Ok(webhook) = Webhook::parse(&form) else { return twiml(app.apology("", None)) };
    let flow = flow_of(&webhook, &app);
    match go_on(&webhook, &flow, &held, &app).await {
        Ok(reply) => twiml(reply),
        Err(error) => hold(&error, &app, &form, request.path(), &sid, &flow, held.ok().flatten()),
    }
}

async fn go_on<E>(
    webhook: &Webhook<'_>,
    flow: &str,
    held: &Result<Option<Held>, E>,
    app: &App,
) -> Result<Bytes, store::Error> {
    let code = webhook.error_code.unwrap_or(0);
    if matches!(held, Ok(None)) {
        count(webhook, code, app);
    }
    let document = matches!(twilio::fault(code), twilio::Fault::Document);
    let failed = document || app.cache.count_fallback(&webhook.call_sid) >= LIMIT;
    match failed && held.is_ok() {
        true => fail(webhook, flow, code, app).await,
        false => look(webhook, flow, app).await,
    }
}

/// The reply that the call is at; a call that is not known begins, since nobody has heard anything yet.
async fn look(webhook: &Webhook<'_>, flow: &str, app: &App) -> Result<Bytes, store::Error> {
    let known = app.store.load(&webhook.call_sid).await?;
    match known {
        Some(stored) => Ok(stored.reply),
        None => app.take_turn(&asked(webhook, flow, None, Input::Begin)).await,
    }
}

/// The way of `[on] error`, from wherever the call is.
async fn fail(webhook: &Webhook<'_>, flow: &str, code: u32, app: &App) -> Result<Bytes, store::Error> {
    let Some(stored) = app.store.load(&webhook.call_sid).await? else { return Ok(app.apology(flow, None)) };
    let call = store::decode(&webhook.call_sid, &stored.state, app.store.seal())?;
    if stored.finished {
        return Ok(app.apology(flow, Some(&call)));
    }
    let asked = asked(webhook, &call.flow, Some(stored.turn), Input::Failed(Fault::Refused(code)));
    app.take_turn(&asked).await
}

fn asked<'a>(webhook: &Webhook<'_>, flow: &'a str, turn: Option<u32>, input: Input) -> Asked<'a> {
    Asked {
        sid: webhook.call_sid.clone(),
        flow,
        turn,
        input,
        ringing: webhook.call_status == Some(CallStatus::Ringing),
        look_only: false,
        about: about(webhook),
    }
}

/// The flow in whose URL the fault was, else that of the number called.
fn flow_of(webhook: &Webhook<'_>, app: &App) -> String {
    let by_number = app.flows.by_number(webhook.to.unwrap_or_default()).map(|version| version.flow.name.clone());
    let path = webhook.error_url.and_then(|url| url.split_once("/voice")).map(|(_, tail)| tail);
    let path = format!("/voice{}", path.unwrap_or_default().split(['?', '#']).next().unwrap_or_default());
    target(&path, by_number.as_deref()).map(|(flow, _)| flow.to_owned()).unwrap_or_default()
}

fn count(webhook: &Webhook<'_>, code: u32, app: &App) {
    let url = webhook.error_url.unwrap_or_default().split(['?', '#']).next().unwrap_or_default();
    tracing::error!(
        call_sid = %webhook.call_sid,
        error_code = code,
        error_url = url,
        "The carrier could not fetch or carry out a reply."
    );
    app.metrics.fallbacks.get_or_create(&OfCode { code: code.to_string() }).inc();
}
