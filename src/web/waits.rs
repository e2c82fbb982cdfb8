//! `/wait`: what a caller hears who waits in a queue, piece by piece, until somebody comes or the caller leaves.
//!
//! Nothing here ends the wait by a fault: what cannot be worked out is left out, and while the store is away there is still
//! something to hear. The documents are the same for the same request. Whoever is not waited for leaves the queue, and the
//! turn that follows says what comes then. Something is written only where it must be remembered: a lower place that the
//! caller hears, and the key by which the caller leaves.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

use super::app::App;
use super::believed::Believed;
use super::turns::protocol::TurnRef;
use super::turns::{LoadedCall, WAIT, beside_url};
use super::voice::{mark_of, twiml};
use crate::engine::{
    Call, CallSid, Happened, QueueNow, Verb, WaitAnswer, WaitAsked, Waiting, answer_wait,
};
use crate::store::{self, Committed};
use crate::twilio::{Form, retry};
use crate::twiml::{self, Links};

/// How often a fact is tried that others overtake.
const TRIES: usize = 8;

/// What a request names: `/wait/{flow}/~{turn}-{nonce}`, `…/{piece}`, `…/{piece}/key`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct WaitRef {
    turn: TurnRef,
    piece: usize,
    /// Whether keys were pressed.
    is_key: bool,
}

/// Answers a request for what is heard next.
pub async fn answer(request: HttpRequest, believed: Believed, app: Data<App>) -> HttpResponse {
    let (form, sid) = (believed.form(), &believed.webhook().call_sid);
    let Some(wait) = WaitRef::of(request.path()) else {
        tracing::warn!(call_sid = %sid, path = request.path(), "A request from a queue names no turn: the caller leaves it.");
        return document(&WaitAnswer::leave(), "", &app);
    };
    match wait.answer(sid, form, &app).await {
        Ok(response) => response,
        Err(error) => {
            tracing::warn!(call_sid = %sid, %error, "The store did not answer: the caller goes on waiting in the queue.");
            wait.without_store(sid, request.path(), form, &app)
        }
    }
}

/// An answer as TwiML; what follows in it lies below this URL.
fn document(answer: &WaitAnswer, url: &str, app: &App) -> HttpResponse {
    let piece = |piece: usize| format!("{url}/{piece}");
    // A key that means nothing goes on with the piece behind the one that it cut off.
    let key = format!("{}/key{}", piece(answer.piece), retry::FRAGMENT);
    let next = answer
        .next
        .map(|next| format!("{}{}", piece(next), retry::FRAGMENT));
    let links = Links {
        action: &key,
        audio: &app.address.audio,
        audio_fragment: retry::FRAGMENT,
        is_leg: true,
        ..Links::default()
    };
    let mut verbs = answer.verbs.clone();
    verbs.extend(next.map(Verb::Redirect));
    twiml(twiml::render(&verbs, &links).into())
}

impl WaitRef {
    /// What a path names.
    fn of(path: &str) -> Option<Self> {
        let path = path.strip_prefix("/wait/")?;
        let (path, is_key) = match path.strip_suffix("/key") {
            Some(path) => (path, true),
            None => (path, false),
        };
        let (before, last) = path.rsplit_once('/')?;
        if let (Some(turn), false) = (mark_of(last), is_key) {
            return Some(Self {
                turn,
                piece: 0,
                is_key,
            });
        }
        let (_, turn) = before.rsplit_once('/')?;
        Some(Self {
            turn: mark_of(turn)?,
            piece: last.parse().ok()?,
            is_key,
        })
    }

    /// Whether the call still waits there.
    fn is_waited_for(self, turn: u32, call: &Call) -> bool {
        (turn, call.opened.nonce) == (self.turn.turn, self.turn.nonce)
    }

    fn asked(self, form: &Form, waiting: Option<&Waiting>, app: &App) -> WaitAsked {
        let number = |name: &str| form.get(name).and_then(|value| value.parse::<u32>().ok());
        let passed = || waiting.map(|waiting| waiting.seconds(app.clock.now()));
        WaitAsked {
            piece: self.piece,
            keys: self
                .is_key
                .then(|| form.get("Digits").unwrap_or_default().to_owned()),
            queue: QueueNow {
                position: number("QueuePosition").filter(|place| *place > 0),
                waited: number("QueueTime").or_else(passed).unwrap_or_default(),
                size: number("CurrentQueueSize").filter(|size| *size > 0),
            },
        }
    }

    async fn answer(
        self,
        sid: &CallSid,
        form: &Form,
        app: &App,
    ) -> Result<HttpResponse, store::Error> {
        for _ in 0..TRIES {
            let found = app.find(sid).await?;
            let is_waited_for = |found: &LoadedCall| {
                !found.finished && self.is_waited_for(found.from.turn, &found.call)
            };
            let Some(mut found) = found.filter(is_waited_for) else {
                break;
            };
            let Some(version) = app.version_of(&found.call).await? else {
                break;
            };
            let asked = self.asked(form, found.call.waiting(), app);
            let answer = answer_wait(&version.flow, &found.call, &asked, app.clock.now());
            for fault in &answer.faults {
                tracing::error!(call_sid = %sid, flow = version.flow.name, %fault, "A part of what is heard in a queue was left out.");
            }
            let url = beside_url(&found.call, &app.address.prefix, WAIT);
            let Some(event) = answer.event else {
                return Ok(document(&answer, &url, app));
            };
            let what = Happened::Waited(event);
            let is_written = !what.tell(&mut found.call)
                || matches!(
                    app.append_fact(&found, self.turn.turn, what).await?,
                    Some(Committed::Done)
                );
            if is_written {
                return Ok(document(&answer, &url, app));
            }
        }
        tracing::warn!(call_sid = %sid, turn = self.turn.turn, "A request from a queue in which the call does not wait: the caller leaves it.");
        Ok(document(&WaitAnswer::leave(), "", app))
    }

    /// What is heard while the store is away: what this node remembers of the call, without anything that would have to be
    /// written down, else our own words and silence.
    fn without_store(self, sid: &CallSid, path: &str, form: &Form, app: &App) -> HttpResponse {
        let known = app.cache.get(sid);
        let call = known.and_then(|known| {
            let call = store::decode(sid, &known.state, app.store.seal()).ok()?;
            Some(call).filter(|call| self.is_waited_for(known.turn, call))
        });
        let version = call
            .as_ref()
            .and_then(|call| app.flows.version(call.version));
        if let (Some(call), Some(version)) = (&call, version) {
            let asked = self.asked(form, call.waiting(), app);
            let asked = WaitAsked {
                keys: None,
                queue: QueueNow {
                    position: None,
                    waited: 0,
                    ..asked.queue
                },
                ..asked
            };
            let answer = answer_wait(&version.flow, call, &asked, app.clock.now());
            let url = beside_url(call, &app.address.prefix, WAIT);
            return document(&answer, &url, app);
        }
        app.metrics.holds.inc();
        let url = format!("{}{path}{}", app.address.prefix, retry::FRAGMENT);
        twiml(app.hold("", None, &url))
    }
}

#[cfg(test)]
mod tests {
    use super::WaitRef;

    #[test]
    fn a_path_names_a_piece_of_a_turn() {
        let of =
            |path| WaitRef::of(path).map(|of| (of.turn.turn, of.turn.nonce.0, of.piece, of.is_key));
        let nonce = 0x6b1f_00a2_00c0_ffee;
        for (path, piece, is_key) in [
            ("/wait/desk/~3-6b1f00a200c0ffee", 0, false),
            ("/wait/desk/~3-6b1f00a200c0ffee/9", 9, false),
            ("/wait/billing/pay/%7E3-6b1f00a200c0ffee/2/key", 2, true),
        ] {
            assert_eq!(of(path), Some((3, nonce, piece, is_key)), "{path}");
        }
        for path in [
            "/wait",
            "/wait/",
            "/wait/desk/3",
            "/wait/desk/~3-6b1f00a200c0ffee/key",
            "/wait/desk/~3-6b1f00a200c0ffee/x",
            "/wait/desk/~3-6b1f00a200c0ffee/-1/key",
            "/wait/~3-6b1f00a200c0ffee/0/other",
        ] {
            assert_eq!(of(path), None, "{path}");
        }
    }
}
