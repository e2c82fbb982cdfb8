//! `/voice`: a call comes in, or goes on.

use std::borrow::Cow;

use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};
use jiff::Timestamp;

use super::app::App;
use super::believed::Believed;
use super::held::{self, Held};
use super::turns::Asked;
use crate::engine::{About, Call, CallSid, DialOutcome, Dialled, Ending, Input};
use crate::store::{self, Ended};
use crate::twilio::{CallStatus, DialStatus, Form, Webhook};
use crate::twiml;

/// Answers a webhook with TwiML.
pub async fn answer(request: HttpRequest, believed: Believed, app: Data<App>) -> HttpResponse {
    let response = serve(&request, &believed, &app).await;
    app.metrics.turn_seconds.observe(believed.since().elapsed().as_secs_f64());
    response
}

async fn serve(request: &HttpRequest, believed: &Believed, app: &App) -> HttpResponse {
    let (form, webhook) = (believed.form(), believed.webhook());
    match open_held(request, &webhook.call_sid, app) {
        Ok(Some(held)) => {
            let form = held.restore(form);
            let Ok(webhook) = Webhook::parse(&form) else { return twiml(app.apology("", None)) };
            go_on(request, &form, &webhook, Ok(Some(held)), app).await
        }
        held => go_on(request, form, &webhook, held, app).await,
    }
}

async fn go_on(
    request: &HttpRequest,
    form: &Form,
    webhook: &Webhook<'_>,
    held: Result<Option<Held>, held::Forged>,
    app: &App,
) -> HttpResponse {
    let (path, sid) = (request.path(), &webhook.call_sid);
    let number = webhook.to.unwrap_or_default();
    let by_number = || app.flows.by_number(number).map(|version| version.flow.name.clone());
    let Some((flow, turn)) = target(path, by_number) else {
        tracing::error!(call_sid = %sid, to = number, "No flow serves this number: add it to the `numbers` of one.");
        return twiml(app.apology("", None));
    };
    let asked = Asked {
        sid: sid.clone(),
        flow: &flow,
        turn,
        input: turn.map_or(Input::Begin, |_| input(webhook)),
        ringing: webhook.call_status == Some(CallStatus::Ringing),
        look_only: held.is_err(),
        over: webhook.call_status.is_some_and(CallStatus::is_terminal),
        webhook,
    };
    match take(&asked, app).await {
        Ok(reply) => twiml(reply),
        Err(error) => hold(&error, app, form, path, sid, &flow, held),
    }
}

/// Takes the turn, and notes the end of the call where the request tells it.
async fn take(asked: &Asked<'_>, app: &App) -> Result<Bytes, store::Error> {
    let reply = if asked.over && matches!(asked.input, Input::Silence | Input::Begin) {
        // Nobody is there to be silent: what was said last stays said.
        let look = Asked { look_only: true, ..asked.clone() };
        app.take_turn(&look).await?
    } else {
        app.take_turn(asked).await?
    };
    if asked.over {
        let now = app.clock.now();
        app.store.mark_ended(&asked.sid, Ended { at: now }, now + app.times.hangup_grace, None).await?;
    }
    Ok(reply)
}

/// The flow and the turn that a path names: `/voice`, `/voice/{flow}`, `/voice/{flow}/~{turn}`. Where it names no flow,
/// `by_number` is asked.
pub fn target(path: &str, by_number: impl FnOnce() -> Option<String>) -> Option<(Cow<'_, str>, Option<u32>)> {
    let tail = path.strip_prefix("/voice").filter(|tail| tail.is_empty() || tail.starts_with('/'));
    let tail = tail.unwrap_or_default().trim_matches('/');
    let (flow, last) = tail.rsplit_once('/').unwrap_or(("", tail));
    // A proxy may write the tilde as what it stands for.
    let turn = ["~", "%7E", "%7e"].into_iter().find_map(|tilde| last.strip_prefix(tilde));
    let (flow, turn) = match turn {
        Some(turn) => (flow, Some(turn.parse().unwrap_or(u32::MAX))),
        None => (tail, None),
    };
    let flow = if flow.is_empty() { Cow::Owned(by_number()?) } else { Cow::Borrowed(flow) };
    Some((flow, turn))
}

/// What the caller did, or what became of the call.
pub fn input(webhook: &Webhook<'_>) -> Input {
    if let Some(status) = webhook.dial_call_status {
        let seconds = webhook.dial_call_duration.unwrap_or(0);
        return Input::Dialled(Dialled { outcome: dial_outcome(status), seconds });
    }
    match (webhook.digits, webhook.speech_result) {
        (Some(keys), _) if !keys.is_empty() => Input::Keys(keys.to_owned()),
        (_, Some(words)) if !words.is_empty() => Input::Speech(words.to_owned()),
        _ => Input::Silence,
    }
}

fn dial_outcome(status: DialStatus) -> DialOutcome {
    match status {
        DialStatus::Completed | DialStatus::Answered => DialOutcome::Answered,
        DialStatus::Busy => DialOutcome::Busy,
        DialStatus::NoAnswer => DialOutcome::NoAnswer,
        DialStatus::Canceled => DialOutcome::Canceled,
        DialStatus::Failed | DialStatus::Unknown => DialOutcome::Failed,
    }
}

/// What a call is begun with.
pub fn about(webhook: &Webhook<'_>, now: Timestamp) -> About {
    let text = |field: Option<&str>| field.unwrap_or_default().to_owned();
    About {
        from: text(webhook.from),
        to: text(webhook.to),
        direction: text(webhook.direction),
        caller_name: text(webhook.caller_name),
        started: now.as_millisecond(),
    }
}

/// What a hold's URL carries. An error where it was made up; then nothing moves.
///
/// # Errors
/// When it is not of our making.
pub fn open_held(request: &HttpRequest, sid: &CallSid, app: &App) -> Result<Option<Held>, held::Forged> {
    let held = Held::open(request.query_string(), request.path(), sid, app.store.seal());
    if held.is_err() {
        tracing::warn!(call_sid = %sid, "The URL of a hold is not of our making: nothing moves.");
    }
    held
}

/// Puts the caller on hold, or ends the call with calm words once that has lasted long enough.
pub fn hold(
    error: &store::Error,
    app: &App,
    form: &Form,
    path: &str,
    sid: &CallSid,
    flow: &str,
    held: Result<Option<Held>, held::Forged>,
) -> HttpResponse {
    let call: Option<Call> =
        app.cache.get(sid).and_then(|known| store::decode(sid, &known.state, app.store.seal()).ok());
    if !error.is_transient() {
        tracing::error!(call_sid = %sid, %error, "A call cannot be read or written.");
        return twiml(app.apology(flow, call.as_ref()));
    }
    tracing::warn!(call_sid = %sid, %error, "The store did not answer: the caller is held.");
    let now = app.clock.now();
    // What came with a URL that was made up is not sealed anew: it would come back as ours.
    let held = held.map(|held| held.unwrap_or_else(|| Held::of(form, now)));
    let Some(held) = held.ok().filter(|held| !held.is_over(now)) else {
        app.metrics.holds_given_up.inc();
        return twiml(app.apology(flow, call.as_ref()));
    };
    app.metrics.holds.inc();
    let (voice, language) = app.voice(flow, call.as_ref());
    let url = held.url(&app.address.prefix, path, sid, app.store.seal());
    twiml(twiml::hold(held::words(&language), voice.as_deref(), &language, &url).into())
}

/// The sign of a call's end that a hang-up is.
pub fn ending(hung_up: bool) -> Input {
    Input::HungUp(if hung_up { Ending::HungUp } else { Ending::Silent })
}

/// An answer that the carrier carries out.
pub fn twiml(document: Bytes) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, HeaderValue::from_static("text/xml; charset=utf-8")))
        .insert_header((CACHE_CONTROL, HeaderValue::from_static("no-store")))
        .body(document)
}

#[cfg(test)]
mod tests {
    use super::{answer, target};

    /// The bytes of the future that a handler returns.
    fn size<A, B, C, F>(_: impl Fn(A, B, C) -> F) -> usize {
        size_of::<F>()
    }

    #[test]
    fn a_turn_waits_in_few_bytes_for_the_server_copies_them_at_every_request() {
        assert!(size(answer) <= 5120, "{} bytes", size(answer));
    }

    #[test]
    fn a_path_names_a_flow_and_perhaps_a_turn() {
        let target = |path: &'static str, by_number: Option<&str>| target(path, || by_number.map(str::to_owned));
        assert_eq!(target("/voice/pickup", None), Some(("pickup".into(), None)));
        assert_eq!(target("/voice/pickup/~3", None), Some(("pickup".into(), Some(3))));
        assert_eq!(target("/voice/billing/pay/~12", None), Some(("billing/pay".into(), Some(12))));
        assert_eq!(target("/voice", Some("pickup")), Some(("pickup".into(), None)));
        assert_eq!(target("/voice/", Some("pickup")), Some(("pickup".into(), None)));
        assert_eq!(target("/voice", None), None);
        assert_eq!(target("/voice/pickup/%7E3", None), Some(("pickup".into(), Some(3))));
        assert_eq!(target("/voice/pickup/~x", None), Some(("pickup".into(), Some(u32::MAX))));
        assert_eq!(target("/voicemail/pickup", None), None);
        assert_eq!(target("/status", Some("pickup")), Some(("pickup".into(), None)));
    }
}
