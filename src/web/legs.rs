//! `/leg`: a call that a dial has placed. Whoever answers hears a document of its own and decides; how the leg ended is a
//! late fact of the call that it belongs to.
//!
//! The documents are the same for the same request. Whoever is not waited for any more is hung up on.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

use super::app::App;
use super::believed::Believed;
use super::turns::protocol::TurnRef;
use super::turns::{LEG, LoadedCall, beside_url};
use super::voice::{mark_of, twiml};
use crate::engine::{CallSid, Happened, LegAnswer, LegEvent, LegInput, answer_leg};
use crate::store::{self, Committed};
use crate::twilio::{CallStatus, Form, Webhook, retry};
use crate::twiml::{self, Links};

/// How often a fact is tried that others overtake.
const TRIES: usize = 8;

/// What a request about a leg names: `/leg/{flow}/~{turn}-{nonce}/{leg}`, `…/key`, `…/status`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct LegRef {
    turn: TurnRef,
    leg: u8,
    about: About,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum About {
    /// It is answered: what is heard there?
    Answer,
    /// Keys were pressed, or none.
    Key,
    /// How it goes.
    Status,
}

/// Answers a request about a leg.
pub async fn answer(request: HttpRequest, believed: Believed, app: Data<App>) -> HttpResponse {
    let webhook = believed.webhook();
    let Some((leg, parent)) = LegRef::of(request.path()).zip(parent(believed.form())) else {
        tracing::warn!(call_sid = %webhook.call_sid, path = request.path(), "A request about a leg names no leg, or not the call that it belongs to.");
        return hang_up(&app);
    };
    if leg.about == About::Status {
        return leg.note_status(&parent, &webhook, &app).await;
    }
    match leg.answer(&parent, &webhook, &app).await {
        Ok(response) => response,
        Err(error) => {
            tracing::warn!(call_sid = %parent, leg = leg.leg, %error, "The store did not answer: whoever was called is hung up on.");
            hang_up(&app)
        }
    }
}

/// The call that placed the leg.
fn parent(form: &Form) -> Option<CallSid> {
    CallSid::parse(form.get("ParentCallSid")?).ok()
}

fn hang_up(app: &App) -> HttpResponse {
    document(&LegAnswer::hang_up(), "", app)
}

/// An answer as TwiML; keys that it asks for go to this URL.
fn document(answer: &LegAnswer, action: &str, app: &App) -> HttpResponse {
    let links = Links {
        action,
        audio: &app.address.audio,
        audio_fragment: retry::FRAGMENT,
        is_leg: true,
        ..Links::default()
    };
    twiml(twiml::render(&answer.verbs, &links).into())
}

impl LegRef {
    /// What a path names.
    fn of(path: &str) -> Option<Self> {
        let (path, about) = match path.rsplit_once('/')? {
            (path, "key") => (path, About::Key),
            (path, "status") => (path, About::Status),
            _ => (path, About::Answer),
        };
        let (path, leg) = path.strip_prefix("/leg/")?.rsplit_once('/')?;
        let (_, turn) = path.rsplit_once('/')?;
        Some(Self {
            turn: mark_of(turn)?,
            leg: leg.parse().ok()?,
            about,
        })
    }

    /// Whether the call still waits for it.
    fn is_waited_for(self, found: &LoadedCall) -> bool {
        let TurnRef { turn, nonce } = self.turn;
        !found.finished && (found.from.turn, found.call.opened.nonce) == (turn, nonce)
    }

    async fn answer(
        self,
        parent: &CallSid,
        webhook: &Webhook<'_>,
        app: &App,
    ) -> Result<HttpResponse, store::Error> {
        let input = match self.about {
            About::Key => LegInput::Keys(webhook.digits.unwrap_or_default().to_owned()),
            About::Answer | About::Status => LegInput::Answered,
        };
        for _ in 0..TRIES {
            let found = app
                .find(parent)
                .await?
                .filter(|found| self.is_waited_for(found));
            let Some(mut found) = found else { break };
            let Some(version) = app.version_of(&found.call).await? else {
                break;
            };
            let answer = answer_leg(
                &version.flow,
                &found.call,
                self.leg,
                &input,
                app.clock.now(),
            );
            let answer = match answer {
                Ok(answer) => answer,
                Err((step, fault)) => {
                    let step = &version.flow.step(step).name;
                    tracing::error!(call_sid = %parent, leg = self.leg, step, %fault, "What whoever answers hears cannot be worked out.");
                    break;
                }
            };
            let key = format!(
                "{}/{}/key{}",
                beside_url(&found.call, &app.address.prefix, LEG),
                self.leg,
                retry::FRAGMENT
            );
            let Some(event) = answer.event.clone() else {
                return Ok(document(&answer, &key, app));
            };
            if self.note(&mut found, webhook, event, app).await? {
                return Ok(document(&answer, &key, app));
            }
        }
        Ok(hang_up(app))
    }

    /// Notes what became of the leg, once; whether it is written.
    async fn note(
        self,
        found: &mut LoadedCall,
        webhook: &Webhook<'_>,
        event: LegEvent,
        app: &App,
    ) -> Result<bool, store::Error> {
        let hunt = found.call.hunt_mut();
        let is_news = hunt.is_some_and(|hunt| hunt.note(self.leg, &event));
        if !is_news {
            return Ok(true);
        }
        let what = self.happened(webhook, event);
        let appended = app.append_fact(found, self.turn.turn, what).await?;
        Ok(matches!(appended, Some(Committed::Done)))
    }

    fn happened(self, webhook: &Webhook<'_>, what: LegEvent) -> Happened {
        Happened::Leg {
            leg: self.leg,
            whom: webhook.to.unwrap_or_default().to_owned(),
            what,
        }
    }

    /// Notes how the leg goes. 503 while the store is away: the carrier may come again.
    async fn note_status(self, parent: &CallSid, webhook: &Webhook<'_>, app: &App) -> HttpResponse {
        let noted = match webhook.call_status {
            Some(CallStatus::InProgress) => self.note_answered(parent, webhook, app).await,
            Some(status) if status.is_terminal() => {
                self.note_end(parent, webhook, status, app).await
            }
            _ => Ok(()),
        };
        match noted {
            Ok(()) => HttpResponse::NoContent().finish(),
            Err(error) => {
                tracing::warn!(call_sid = %parent, leg = self.leg, %error, "What became of a leg could not be noted.");
                HttpResponse::ServiceUnavailable().finish()
            }
        }
    }

    async fn note_answered(
        self,
        parent: &CallSid,
        webhook: &Webhook<'_>,
        app: &App,
    ) -> Result<(), store::Error> {
        for _ in 0..TRIES {
            let found = app
                .find(parent)
                .await?
                .filter(|found| self.is_waited_for(found));
            let Some(mut found) = found else {
                return Ok(());
            };
            if self
                .note(&mut found, webhook, LegEvent::Answered, app)
                .await?
            {
                return Ok(());
            }
        }
        Ok(())
    }

    /// The end of a leg moves nobody: it is in the trail only, once, however often it is told.
    async fn note_end(
        self,
        parent: &CallSid,
        webhook: &Webhook<'_>,
        status: CallStatus,
        app: &App,
    ) -> Result<(), store::Error> {
        if !app.store.keeps_trails() {
            return Ok(());
        }
        let event = LegEvent::Ended {
            status: status.as_str().to_owned(),
            seconds: webhook.call_duration,
            sip: webhook
                .sip_response_code
                .and_then(|code| code.try_into().ok()),
        };
        let what = self.happened(webhook, event);
        for _ in 0..TRIES {
            let trail = app.store.trail(parent).await?;
            let events = trail.map(|trail| trail.events).unwrap_or_default();
            let is_known =
                |event: &crate::engine::Event| event.turn == self.turn.turn && event.what == what;
            let found = app.find(parent).await?;
            let Some(found) = found.filter(|_| !events.iter().any(is_known)) else {
                return Ok(());
            };
            match app
                .append_fact(&found, self.turn.turn, what.clone())
                .await?
            {
                Some(Committed::Behind(_)) => {}
                Some(Committed::Done | Committed::Gone) | None => return Ok(()),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{About, LegRef};

    #[test]
    fn a_path_names_a_leg_of_a_turn() {
        let of =
            |path| LegRef::of(path).map(|of| (of.turn.turn, of.turn.nonce.0, of.leg, of.about));
        let nonce = 0x6b1f_00a2_00c0_ffee;
        for (path, leg, about) in [
            ("/leg/desk/~3-6b1f00a200c0ffee/0", 0, About::Answer),
            ("/leg/desk/~3-6b1f00a200c0ffee/9/key", 9, About::Key),
            (
                "/leg/billing/pay/%7E3-6b1f00a200c0ffee/2/status",
                2,
                About::Status,
            ),
        ] {
            assert_eq!(of(path), Some((3, nonce, leg, about)), "{path}");
        }
        for path in [
            "/leg",
            "/leg/",
            "/leg/desk/~3-6b1f00a200c0ffee",
            "/leg/desk/~3-6b1f00a200c0ffee/x",
            "/leg/desk/~3-6b1f00a200c0ffee/300",
            "/leg/desk/3/0",
            "/leg/~3-6b1f00a200c0ffee/0/other",
        ] {
            assert_eq!(of(path), None, "{path}");
        }
    }
}
