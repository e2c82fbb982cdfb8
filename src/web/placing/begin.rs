//! `/placed`: somebody has answered a call that we placed, or it has come to its end, or the carrier has found out who answered.
//!
//! Each names the row of the try, so the first two say that the carrier has the call, whatever became of our own request.

use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};

use super::answered_by;
use super::tries::{Noted, TryNews, nth_of};
use crate::carrier::call::{ANSWERED, ROUTE, STATUS};
use crate::engine::{Call, CallSid};
use crate::store::{self, RowId};
use crate::twilio::{CallStatus, Form, Webhook};
use crate::web::app::App;
use crate::web::believed::Believed;
use crate::web::fallback;
use crate::web::held::{self, Held};
use crate::web::turns::protocol::EntryPoint;
use crate::web::turns::{CallRequest, GivenArgs, Origin};
use crate::web::voice::{self, HoldRequest};
use crate::written::PlacedOutcome;

/// What a request about a call that was placed is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum About {
    /// Somebody has answered: what is heard?
    Start,
    /// Its end.
    End,
    /// Who has answered.
    Answered,
}

/// The row that a path names, and what it is about.
fn target(path: &str) -> Option<(RowId, About)> {
    let tail = path.strip_prefix(ROUTE)?.strip_prefix('/')?;
    let (row, about) = match tail.split_once('/') {
        None => (tail, About::Start),
        Some((row, STATUS)) => (row, About::End),
        Some((row, ANSWERED)) => (row, About::Answered),
        Some(_) => return None,
    };
    Some((RowId::parse(row)?, about))
}

/// Takes what the carrier asks for or reports.
pub async fn answer(request: HttpRequest, believed: Believed, app: Data<App>) -> HttpResponse {
    let Some((row, about)) = target(request.path()) else {
        tracing::error!(
            path = request.path(),
            "A request about a call that was placed names none."
        );
        return voice::twiml(app.apology("", None));
    };
    match about {
        About::Start => {}
        About::End => return ended(&row, &believed, &app).await,
        About::Answered => return answered_by::answer(&believed, &app).await,
    }
    // A later reply that was at fault: the call has begun, and is found by its name.
    if believed.webhook().error_code.is_some() {
        let known = app.find(&believed.webhook().call_sid).await;
        if matches!(known, Ok(Some(_))) {
            return fallback::answer(request, believed, app).await;
        }
    }
    let since = believed.since();
    let response = begun(&request, &row, &believed, &app).await;
    app.metrics
        .turn_seconds
        .observe(since.elapsed().as_secs_f64());
    response
}

/// Somebody has answered: the call begins.
async fn begun(request: &HttpRequest, row: &RowId, believed: &Believed, app: &App) -> HttpResponse {
    let (form, sid) = (believed.form(), believed.webhook().call_sid);
    match voice::open_held(request, &sid, app) {
        Ok(Some(held)) => {
            let form = held.restore(form);
            begin(request, row, &form, Ok(Some(held)), app).await
        }
        held => begin(request, row, form, held, app).await,
    }
}

async fn begin(
    request: &HttpRequest,
    row: &RowId,
    form: &Form,
    held: Result<Option<Held>, held::ForgedHold>,
    app: &App,
) -> HttpResponse {
    let Ok(webhook) = Webhook::parse(form) else {
        return voice::twiml(app.apology("", None));
    };
    let opening = voice::begins(request, form, &row.to_string(), &held, app);
    let place = EntryPoint::Start(opening);
    let answered = take(row, &webhook, (place, held.is_ok()), app).await;
    match answered {
        Ok(reply) => voice::twiml(reply),
        Err(error) => {
            let asker = HoldRequest {
                path: request.path(),
                sid: &webhook.call_sid,
                flow: "",
                place,
            };
            Box::pin(voice::hold(&error, app, form, &asker, held)).await
        }
    }
}

/// Notes that the call is on, and takes its first turn.
async fn take(
    row: &RowId,
    webhook: &Webhook<'_>,
    (place, trusted): (EntryPoint, bool),
    app: &App,
) -> Result<Bytes, store::Error> {
    let outcome = if webhook.is_machine() {
        PlacedOutcome::Machine
    } else {
        PlacedOutcome::Answered
    };
    let noted = note(row, &webhook.call_sid, Some(outcome), app).await?;
    let call_sid = &webhook.call_sid;
    let placement = match noted {
        Noted::Done(placement) => placement,
        Noted::Twice => {
            tracing::error!(%call_sid, placement = %row.sid, "A second call was placed for one try: it ends at once.");
            app.metrics.placed("twice");
            return Ok(Bytes::from_static(HANG_UP.as_bytes()));
        }
        Noted::Unknown => {
            tracing::error!(%call_sid, placement = %row.sid, "A call was placed of which nothing is known any more.");
            return Ok(app.apology("", None));
        }
    };
    let Some(version) = app.version_of(&placement).await? else {
        tracing::error!(%call_sid, placement = %row.sid, version = %placement.version, "The flow version of a call that was placed is nowhere kept.");
        return Ok(app.apology(&placement.flow, None));
    };
    let given = Origin::Placed(GivenArgs {
        fields: placement.fields(&version.flow),
        version,
    });
    let asked = CallRequest {
        origin: Some(&given),
        ..voice::asks(webhook, &placement.flow, place, trusted, app)
    };
    voice::take(&asked, app).await
}

/// Ends a call that nobody may have twice.
const HANG_UP: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response><Hangup/></Response>";

/// The call has come to its end. 503 while the store is away: the carrier may come again, and if it does not, it is asked.
async fn ended(row: &RowId, believed: &Believed, app: &App) -> HttpResponse {
    let webhook = believed.webhook();
    let status = webhook.call_status.unwrap_or(CallStatus::Unknown);
    let noted = async {
        let outcome = status.placed_outcome();
        if outcome.is_some() {
            note(row, &webhook.call_sid, outcome, app).await?;
        }
        if status == CallStatus::Completed {
            app.note_end(&webhook).await?;
        }
        Ok::<(), store::Error>(())
    };
    match noted.await {
        Ok(()) => HttpResponse::NoContent().finish(),
        Err(error) => {
            tracing::warn!(call_sid = %webhook.call_sid, placement = %row.sid, %error, "The end of a call that was placed could not be noted.");
            HttpResponse::ServiceUnavailable().finish()
        }
    }
}

/// Notes what the carrier says of the try of a row, and that the row is no longer owed.
async fn note(
    row: &RowId,
    sid: &CallSid,
    outcome: Option<PlacedOutcome>,
    app: &App,
) -> Result<Noted, store::Error> {
    let placement: Option<Call> = app.find(&row.sid).await?.map(|found| found.call);
    let Some(nth) = placement.as_ref().and_then(|call| nth_of(call, row)) else {
        return Ok(Noted::Unknown);
    };
    let news = TryNews {
        nth,
        sid: Some(sid.clone()),
        outcome,
        why: String::new(),
    };
    app.claim_call(row, sid.as_str()).await?;
    let noted = app.note_try(&row.sid, &news).await?;
    if matches!(noted, Noted::Done(_)) {
        app.settle_try(row).await?;
    }
    Ok(noted)
}

#[cfg(test)]
mod tests {
    use super::{About, target};

    #[test]
    fn a_path_names_a_row_and_what_of_its_call_is_meant() {
        let row = "PL00000000000000000000000000000001-80000123456789ab";
        let of = |path: &str| target(path).map(|(row, about)| (row.to_string(), about));
        let start = format!("/placed/{row}");
        assert_eq!(of(&start), Some((row.to_owned(), About::Start)));
        let end = format!("/placed/{row}/status");
        assert_eq!(of(&end), Some((row.to_owned(), About::End)));
        let answered = format!("/placed/{row}/answered");
        assert_eq!(of(&answered), Some((row.to_owned(), About::Answered)));
        for other in [
            "/placed",
            "/placed/",
            "/placed/x",
            &format!("/placed/{row}/x"),
        ] {
            assert_eq!(of(other), None, "{other}");
        }
    }
}
