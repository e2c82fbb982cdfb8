//! `/voice`: a call comes in, or goes on.

use std::borrow::Cow;

use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue};
use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};

use super::app::App;
use super::believed::{Believed, is_rehearsal};
use super::held::{self, Held};
use super::spill::Spilled;
use super::turn_record::TurnRecord;
use super::turns::protocol::{EntryPoint, TurnRef, TurnRequest};
use super::turns::{CallRequest, Origin, opening};
use crate::engine::{AnsweredBy, Call, CallSid, Detects, Ending, Input, Nonce, Opening};
use crate::store;
use crate::twilio::{CallStatus, Form, Webhook};
use crate::written::PlacedOutcome;

/// The carrier's token for a request and its repeats. Made once, not for every request.
static TOKEN: HeaderName = HeaderName::from_static(opening::TOKEN);

/// Answers a webhook with TwiML.
pub async fn answer(request: HttpRequest, believed: Believed, app: Data<App>) -> HttpResponse {
    let response = serve(&request, &believed, &app).await;
    app.metrics
        .turn_seconds
        .observe(believed.since().elapsed().as_secs_f64());
    response
}

async fn serve(request: &HttpRequest, believed: &Believed, app: &App) -> HttpResponse {
    let (form, webhook) = (believed.form(), believed.webhook());
    match open_held(request, &webhook.call_sid, app) {
        Ok(Some(held)) => {
            let form = held.restore(form);
            let Ok(webhook) = Webhook::parse(&form) else {
                return twiml(app.apology("", None));
            };
            go_on(request, &form, &webhook, Ok(Some(held)), app).await
        }
        held => go_on(request, form, &webhook, held, app).await,
    }
}

async fn go_on(
    request: &HttpRequest,
    form: &Form,
    webhook: &Webhook<'_>,
    held: Result<Option<Held>, held::ForgedHold>,
    app: &App,
) -> HttpResponse {
    let (path, sid) = (request.path(), &webhook.call_sid);
    let number = webhook.to.unwrap_or_default();
    let by_number = || {
        app.flows
            .by_number(number)
            .map(|version| version.flow.name.clone())
    };
    let Some((flow, mark)) = target(path, by_number) else {
        tracing::error!(call_sid = %sid, to = number, "No flow serves this number: add it to the `numbers` of one.");
        return twiml(app.apology("", None));
    };
    let place = match mark {
        Some(mark) => EntryPoint::Turn(mark),
        None => EntryPoint::Start(begins(request, form, &flow, &held, app)),
    };
    let rehearsal = is_rehearsal(request, form, app);
    let mut request = asks(webhook, &flow, place, held.is_ok(), app);
    if rehearsal {
        request.origin = Some(&Origin::Rehearsal);
        came_out(&mut request);
        if let Some(by) = webhook.answered_by() {
            // Boxed, so that what is rarely done takes no room in every turn.
            Box::pin(found_out(&request, by, app)).await;
        }
    }
    match take(&request, app).await {
        Ok(reply) if rehearsal => reported(twiml(reply), sid, app),
        Ok(reply) => twiml(reply),
        Err(error) => {
            Box::pin(hold(
                &error,
                app,
                form,
                &HoldRequest {
                    path,
                    sid,
                    flow: &flow,
                    place,
                },
                held,
            ))
            .await
        }
    }
}

/// The request that begins a flow; of one that was held, as it first came.
pub fn begins(
    request: &HttpRequest,
    form: &Form,
    flow: &str,
    held: &Result<Option<Held>, held::ForgedHold>,
    app: &App,
) -> Opening {
    let first = held.as_ref().ok().and_then(|held| held.as_ref()?.opening);
    let token = || request.headers().get(&TOKEN).map(HeaderValue::as_bytes);
    first.unwrap_or_else(|| opening::of(flow, token(), form, app.store.now(), app.store.seal()))
}

/// What a webhook asks. Where the call is over and the caller did nothing, nothing moves: nobody is there to be silent.
pub fn asks<'a>(
    webhook: &'a Webhook<'a>,
    flow: &'a str,
    place: EntryPoint,
    trusted: bool,
    app: &App,
) -> CallRequest<'a> {
    let over = webhook.call_status.is_some_and(CallStatus::is_terminal);
    let input = match place {
        EntryPoint::Start(_) if webhook.is_machine() => Input::Placed(PlacedOutcome::Machine),
        EntryPoint::Start(_) => Input::Begin,
        EntryPoint::Turn(_) => app.at_its_copy(input(webhook), webhook),
    };
    let moves =
        trusted && !(over && matches!(input, Input::Silence | Input::Begin | Input::Placed(_)));
    let asked = TurnRequest {
        flow,
        place,
        moves,
        over,
        now: app.store.now(),
    };
    CallRequest {
        sid: webhook.call_sid.clone(),
        asked,
        input,
        webhook,
        origin: None,
    }
}

/// Makes of a rehearsal's first request how a call came out that we place and nobody answers. The carrier asks for no document
/// then: only our own phone tells it so.
fn came_out(request: &mut CallRequest<'_>) {
    let webhook = request.webhook;
    let status = webhook.call_status.filter(|_| webhook.is_placed());
    let outcome = status.and_then(CallStatus::placed_outcome);
    let outcome = outcome.filter(|outcome| !outcome.is_answered());
    if let (EntryPoint::Start(_), Some(outcome)) = (request.asked.place, outcome) {
        request.input = Input::Placed(outcome);
        (request.asked.moves, request.asked.over) = (true, false);
    }
}

/// Notes what a rehearsal says of who answered, where the flow has that found out while it goes on: the carrier reports it
/// apart. What cannot be noted now, the turn meets too.
async fn found_out(request: &CallRequest<'_>, by: AnsweredBy, app: &App) {
    let flow = app.flows.by_name(request.asked.flow);
    let outbound = flow.as_ref().and_then(|of| of.flow.outbound.as_deref());
    let is_meanwhile = outbound.is_some_and(|of| of.detects == Detects::Meanwhile);
    if is_meanwhile && matches!(request.asked.place, EntryPoint::Turn(_)) {
        let _ = app.note_answered_by(&request.sid, by).await;
    }
}

/// Takes the turn, and records the end of the call if the request reports it.
///
/// # Errors
/// When the store is away.
pub async fn take(request: &CallRequest<'_>, app: &App) -> Result<Bytes, store::Error> {
    let reply = app.take_turn(request).await?;
    if request.asked.over {
        app.note_end(request.webhook).await?;
    }
    Ok(reply)
}

/// The flow and the turn that a path names: `/voice`, `/voice/{flow}`, `/voice/{flow}/~{turn}-{nonce}`; the first release
/// wrote no nonce. If it names no flow, `by_number` finds one.
pub fn target(
    path: &str,
    by_number: impl FnOnce() -> Option<String>,
) -> Option<(Cow<'_, str>, Option<TurnRef>)> {
    let tail = path
        .strip_prefix("/voice")
        .filter(|tail| tail.is_empty() || tail.starts_with('/'));
    let tail = tail.unwrap_or_default().trim_matches('/');
    let (flow, last) = tail.rsplit_once('/').unwrap_or(("", tail));
    let mark = mark_of(last);
    let flow = if mark.is_some() { flow } else { tail };
    let flow = if flow.is_empty() {
        Cow::Owned(by_number()?)
    } else {
        Cow::Borrowed(flow)
    };
    Some((flow, mark))
}

/// Reads `~{turn}-{nonce}`; a proxy may percent-encode the tilde.
pub fn mark_of(text: &str) -> Option<TurnRef> {
    let mut tildes = ["~", "%7E", "%7e"].into_iter();
    tildes.find_map(|tilde| text.strip_prefix(tilde)).map(mark)
}

/// Reads `{turn}-{nonce}`. What cannot be read is a turn of no visit.
fn mark(text: &str) -> TurnRef {
    let (turn, nonce) = match text.split_once('-') {
        Some((turn, nonce)) => (turn, Nonce::parse(nonce)),
        None => (text, Some(Nonce::NONE)),
    };
    let nowhere = TurnRef {
        turn: u32::MAX,
        nonce: Nonce(u64::MAX),
    };
    turn.parse()
        .ok()
        .zip(nonce)
        .map_or(nowhere, |(turn, nonce)| TurnRef { turn, nonce })
}

/// What the caller did, or what became of the call.
pub fn input(webhook: &Webhook<'_>) -> Input {
    if let Some(came) = webhook.came() {
        if let Some(result) = webhook.unknown_queue_result() {
            tracing::warn!(call_sid = %webhook.call_sid, result, "The carrier names a result of a queue that is not known: it counts as an error.");
        }
        if let Some(result) = webhook.unknown_pay_result() {
            tracing::warn!(call_sid = %webhook.call_sid, result, "The carrier names a result of a payment that is not known: it counts as an error.");
        }
        return Input::Came(came);
    }
    match (webhook.digits, webhook.speech_result) {
        (Some(keys), _) if !keys.is_empty() => Input::Keys(keys.to_owned()),
        (_, Some(words)) if !words.is_empty() => {
            let percent = webhook.confidence.map(|sure| (sure * 100.0).round() as u8);
            Input::heard(words.to_owned(), percent)
        }
        _ => Input::Silence,
    }
}

/// What a hold's URL carries; an error if it was forged, and then nothing moves.
///
/// # Errors
/// When we did not write it.
pub fn open_held(
    request: &HttpRequest,
    sid: &CallSid,
    app: &App,
) -> Result<Option<Held>, held::ForgedHold> {
    let held = Held::open(
        request.query_string(),
        request.path(),
        sid,
        app.store.seal(),
    );
    if held.is_err() {
        tracing::warn!(call_sid = %sid, "The URL of a hold is not of our making: nothing moves.");
    }
    held
}

/// Who asks for what, while the store cannot say where the call is.
pub struct HoldRequest<'a> {
    /// The path that was asked.
    pub path: &'a str,
    /// The call.
    pub sid: &'a CallSid,
    /// The flow that it leads to.
    pub flow: &'a str,
    /// Where in it.
    pub place: EntryPoint,
}

/// Puts the caller on hold, or ends the call with calm words once that has lasted long enough.
pub async fn hold(
    error: &store::Error,
    app: &App,
    form: &Form,
    asker: &HoldRequest<'_>,
    held: Result<Option<Held>, held::ForgedHold>,
) -> HttpResponse {
    let HoldRequest {
        path,
        sid,
        flow,
        place,
    } = *asker;
    let call: Option<Call> = app
        .cache
        .get(sid)
        .and_then(|known| store::decode(sid, &known.state, app.store.seal()).ok());
    if !error.is_transient() {
        tracing::error!(call_sid = %sid, %error, "A call cannot be read or written.");
        return twiml(app.apology(flow, call.as_ref()));
    }
    tracing::warn!(call_sid = %sid, %error, "The store did not answer: the caller is held.");
    // The caller may have been put on hold by another node.
    let now = app.store.now();
    // The content of a forged URL is not sealed again: it would come back as ours.
    let opening = match place {
        EntryPoint::Start(opening) => Some(opening),
        EntryPoint::Turn(_) => None,
    };
    let held = held.map(|held| held.unwrap_or_else(|| Held::of(form, opening, now)));
    let held = match held {
        Ok(held) if !held.is_over(now) => held,
        held => {
            app.metrics.holds_given_up.inc();
            if let Ok(held) = held {
                app.spill(Spilled::of(path, form, &held, now)).await;
            }
            return twiml(app.apology(flow, call.as_ref()));
        }
    };
    app.metrics.holds.inc();
    let url = held.url(&app.address.prefix, path, sid, app.store.seal());
    twiml(app.hold(flow, call.as_ref(), &url))
}

/// The mark of a call's end that a hang-up leaves.
pub fn ending(hung_up: bool) -> Input {
    Input::HungUp(if hung_up {
        Ending::HungUp
    } else {
        Ending::Silent
    })
}

/// An answer that the carrier carries out.
pub fn twiml(document: Bytes) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((
            CONTENT_TYPE,
            HeaderValue::from_static("text/xml; charset=utf-8"),
        ))
        .insert_header((CACHE_CONTROL, HeaderValue::from_static("no-store")))
        .body(document)
}

/// An answer to a simulated carrier of ours: it says besides what the turn did.
fn reported(mut response: HttpResponse, sid: &CallSid, app: &App) -> HttpResponse {
    let record = app.recorder.take(sid);
    for (name, value) in record.iter().flat_map(TurnRecord::headers) {
        let header = HeaderName::try_from(name)
            .ok()
            .zip(HeaderValue::try_from(value).ok());
        if let Some((name, value)) = header {
            response.headers_mut().append(name, value);
        }
    }
    response
}

#[cfg(test)]
mod tests {
    use super::{Nonce, TurnRef, answer, target};

    /// The bytes of the future that a handler returns.
    fn size<A, B, C, F>(_: impl Fn(A, B, C) -> F) -> usize {
        size_of::<F>()
    }

    #[test]
    fn a_turn_waits_in_few_bytes_for_the_server_copies_them_at_every_request() {
        assert!(size(answer) <= 5304, "{} bytes", size(answer));
    }

    #[test]
    fn a_path_names_a_flow_and_perhaps_a_turn() {
        let target = |path: &'static str, by_number: Option<&str>| {
            target(path, || by_number.map(str::to_owned))
        };
        let mark = |turn, nonce| {
            Some(TurnRef {
                turn,
                nonce: Nonce(nonce),
            })
        };
        assert_eq!(target("/voice/pickup", None), Some(("pickup".into(), None)));
        let path = "/voice/pickup/~3-6b1f00a200c0ffee";
        assert_eq!(
            target(path, None),
            Some(("pickup".into(), mark(3, 0x6b1f_00a2_00c0_ffee)))
        );
        assert_eq!(
            target("/voice/billing/pay/~12", None),
            Some(("billing/pay".into(), mark(12, 0)))
        );
        assert_eq!(
            target("/voice", Some("pickup")),
            Some(("pickup".into(), None))
        );
        assert_eq!(
            target("/voice/", Some("pickup")),
            Some(("pickup".into(), None))
        );
        assert_eq!(target("/voice", None), None);
        assert_eq!(
            target("/voice/pickup/%7E3", None),
            Some(("pickup".into(), mark(3, 0)))
        );
        for nowhere in [
            "/voice/pickup/~x",
            "/voice/pickup/~3-",
            "/voice/pickup/~3-6b1f",
            "/voice/pickup/~3-+b1f00a200c0ffee",
        ] {
            assert_eq!(
                target(nowhere, None),
                Some(("pickup".into(), mark(u32::MAX, u64::MAX))),
                "{nowhere}"
            );
        }
        assert_eq!(target("/voicemail/pickup", None), None);
        assert_eq!(
            target("/status", Some("pickup")),
            Some(("pickup".into(), None))
        );
    }
}
