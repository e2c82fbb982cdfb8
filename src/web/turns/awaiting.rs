//! Calls that await what a service answers.
//!
//! The turn that comes to such a step is committed as any other, with what it awaits in the call's state, so that the request
//! is written down before it is made. The node that committed it makes the request and appends the answer to the state, found
//! there by the turn that asks, on any node. If it is there soon enough, the same webhook takes the next turn and answers
//! with what follows; else the caller hears that it lasts, and asks for the next turn again and again: nothing moves until the
//! answer is there or the time is over.

use std::sync::Arc;
use std::time::Duration;

use actix_web::web::Data;
use bytes::Bytes;
use futures_util::future::BoxFuture;
use tokio::sync::futures::Notified;
use tokio::time::{Instant, sleep, timeout};

use super::prepare::{TurnPlan, lease};
use super::protocol::TurnRef;
use super::{CommitBase, LoadedCall, render_verbs};
use crate::engine::{
    At, Call, CallSid, Came, Flow, HELD, Input, ServiceAnswer, ServiceMethod, ServiceRequest,
    Value, awaited_answer, awaited_request, hold_again,
};
use crate::store::{self, Committed};
use crate::web::app::App;
use crate::web::asker::Asker;

/// How often a turn is tried that others overtake.
const TRIES: usize = 8;
/// How long a webhook waits in all, however many services it asks one after the other: with the store's own time it stays
/// below three seconds.
const ALL_TURNS: Duration = Duration::from_secs(2);
/// How often an answer is looked for that another node is to append.
const LOOKS: Duration = Duration::from_millis(200);
/// How often it says so.
const RENEWS: Duration = Duration::from_secs(3);
/// How long an answer may be late and is still taken from the service, to be counted.
const LATE: Duration = Duration::from_secs(5);

/// How a call stands that awaits an answer.
enum Standing {
    /// The answer is there, or will never be.
    Came(Came),
    /// Somebody asks.
    Asked,
    /// Whoever asked is gone.
    Orphaned,
}

impl LoadedCall {
    /// Whether it awaits the answer of this turn.
    fn awaits(&self, turn: TurnRef) -> bool {
        let here = (self.from.turn, self.call.opened.nonce);
        !self.finished && self.call.awaiting().is_some() && here == (turn.turn, turn.nonce)
    }

    /// One that was just written, and awaits an answer.
    fn asked(call: Call, revision: u32) -> Self {
        let turn = call.turn;
        Self {
            call,
            from: CommitBase { turn, revision },
            reply: Bytes::new(),
            finished: false,
        }
    }

    /// Until when a node alone may ask.
    fn lease(&mut self, node: u32, now: jiff::Timestamp) {
        if let Some(awaiting) = self.call.awaiting_mut() {
            awaiting.lease = Some(lease(node, now));
        }
    }
}

/// The service that a call awaits, and the milliseconds that it waits at most.
fn awaited<'f>(flow: &'f Flow, call: &Call) -> (&'f str, i64) {
    let At::Step(step) = call.at else {
        return ("", 0);
    };
    let away = flow.step(step).action.away();
    away.map_or(("", 0), |away| {
        (away.whom.written(), i64::from(away.longest) * 1_000)
    })
}

/// What came, with whether the caller has heard meanwhile that it lasts.
fn held(mut came: Came, is_held: bool) -> Input {
    came.facts.push((HELD.to_owned(), Value::Boolean(is_held)));
    Input::Came(came)
}

/// Waits for an answer that is awaited here, or until it is worth looking for one that another node appends.
async fn wait(told: Option<Notified<'_>>, left: Duration) {
    match told {
        Some(told) => {
            let _ = timeout(left, told).await;
        }
        None => sleep(left.min(LOOKS)).await,
    }
}

/// Lets the asker of a node ask for its calls.
pub fn ask_for(app: &Data<App>) {
    let Asker::Sockets(asker) = &app.asker else {
        return;
    };
    let app = Arc::downgrade(&app.clone().into_inner());
    asker.ask_by(move |call: Call, revision: u32| -> BoxFuture<'static, ()> {
        let app = app.upgrade();
        Box::pin(async move {
            if let Some(app) = app {
                app.ask_service(LoadedCall::asked(call, revision)).await;
            }
        })
    });
}

impl App {
    /// Goes on in the same webhook if the answer comes soon enough; else the reply that was committed says that it lasts.
    pub(super) async fn in_turn(
        &self,
        sid: &CallSid,
        turn: TurnRef,
        reply: Bytes,
    ) -> Result<Bytes, store::Error> {
        let answer = self.answer_awaiting(sid, turn, Some(reply.clone())).await;
        answer.or_else(|error| {
            tracing::warn!(call_sid = %sid, %error, "The store did not answer while an answer was awaited.");
            Ok(reply)
        })
    }

    /// Answers a request for a turn that awaits an answer. `first` is the reply of the turn that was taken just now and came
    /// to the step: nobody has heard it yet.
    ///
    /// # Errors
    /// When the store is away.
    pub(super) async fn answer_awaiting(
        &self,
        sid: &CallSid,
        mut turn: TurnRef,
        mut first: Option<Bytes>,
    ) -> Result<Bytes, store::Error> {
        let (began, mut since) = (Instant::now(), Instant::now());
        let mut tries = 0;
        while tries < TRIES {
            let under_way = self.asker.under_way(sid);
            let told = under_way.as_ref().map(|known| known.notified());
            let Some(mut found) = self.find(sid).await? else {
                break;
            };
            if !found.awaits(turn) {
                return Ok(found.reply);
            }
            let Some(version) = self.version_of(&found.call).await? else {
                break;
            };
            let flow = &version.flow;
            match self.standing(flow, &found.call, under_way.is_some(), first.is_some()) {
                Standing::Came(came) => {
                    let input = held(came, first.is_none());
                    let plan = TurnPlan {
                        version,
                        call: found.call,
                        input: &input,
                        from: found.from,
                        leaves: None,
                    };
                    match self.commit_turn(plan, self.clock.now()).await? {
                        (Committed::Done, reply) => match reply.awaits {
                            None => return Ok(reply.bytes),
                            Some(next) => {
                                (turn, first) = (next, Some(reply.bytes));
                                (since, tries) = (Instant::now(), 0);
                            }
                        },
                        (Committed::Behind(_) | Committed::Gone, _) => tries += 1,
                    }
                }
                Standing::Orphaned => {
                    self.take_over(&mut found, flow).await?;
                    tries += 1;
                }
                Standing::Asked => {
                    let most = (began + ALL_TURNS).saturating_duration_since(Instant::now());
                    let left = self.patience(flow, &found.call, since).min(most);
                    if left.is_zero() {
                        return Ok(first.unwrap_or_else(|| self.hold_on(flow, &found.call)));
                    }
                    wait(told, left).await;
                }
            }
        }
        tracing::error!(call_sid = %sid, "A call that awaits an answer cannot go on.");
        Ok(self.apology("", None))
    }

    /// How long a webhook waits now which has waited for the service since then.
    fn patience(&self, flow: &Flow, call: &Call, since: Instant) -> Duration {
        if matches!(self.asker, Asker::World(_)) {
            return Duration::ZERO;
        }
        let (service, limit) = awaited(flow, call);
        let until = since + self.asker.in_turn(service);
        let left = until.saturating_duration_since(Instant::now());
        left.min(self.time_left(call, limit))
    }

    /// How long it is until a call waits no longer.
    fn time_left(&self, call: &Call, limit: i64) -> Duration {
        let passed = call
            .awaiting()
            .map_or(limit, |awaiting| awaiting.millis(self.clock.now()));
        Duration::from_millis(u64::try_from(limit - passed).unwrap_or_default())
    }

    fn standing(&self, flow: &Flow, call: &Call, is_under_way: bool, is_first: bool) -> Standing {
        let Some(awaiting) = call.awaiting() else {
            return Standing::Asked;
        };
        if let Some(came) = &awaiting.came {
            return Standing::Came(came.clone());
        }
        let (service, limit) = awaited(flow, call);
        let passed = awaiting.millis(self.clock.now());
        if let Asker::World(world) = &self.asker {
            let patience = if is_first {
                self.asker.in_turn(service)
            } else {
                Duration::ZERO
            };
            let passed =
                Duration::from_millis(u64::try_from(passed).unwrap_or_default()) + patience;
            if let Some(came) = world.answer(flow, call, passed) {
                return Standing::Came(came);
            }
        }
        if passed >= limit {
            let came = awaited_answer(flow, call, &ServiceAnswer::TimeLimit);
            return Standing::Came(came.unwrap_or_else(|| Came::new("error", [])));
        }
        let now = self.store.now().as_millisecond();
        let is_leased = awaiting.lease.is_some_and(|(_, until)| now < until);
        let is_asked = is_under_way || is_leased || matches!(self.asker, Asker::World(_));
        if is_asked {
            Standing::Asked
        } else {
            Standing::Orphaned
        }
    }

    /// The hold's document once more.
    fn hold_on(&self, flow: &Flow, call: &Call) -> Bytes {
        let verbs = hold_again(flow, call, self.clock.now());
        render_verbs(call, &verbs, &self.address.prefix, &self.address.audio).into()
    }

    /// Whoever asked is gone, and nobody knows whether the service was asked: asks again where that does no harm.
    async fn take_over(&self, found: &mut LoadedCall, flow: &Flow) -> Result<(), store::Error> {
        let Asker::Sockets(asker) = &self.asker else {
            return Ok(());
        };
        let request = awaited_request(flow, &found.call).ok().flatten();
        let repeats = |request: &ServiceRequest| {
            let service = asker.services.get(&request.service);
            service.map_or(request.method == ServiceMethod::Get, |service| {
                service.repeats(request.method)
            })
        };
        let again = request.as_ref().is_some_and(repeats);
        tracing::warn!(call_sid = %found.call.sid, again, "The node that asked a service for a call is gone.");
        let failed = awaited_answer(flow, &found.call, &ServiceAnswer::Failed);
        if again {
            found.lease(self.node, self.store.now());
        } else if let Some(awaiting) = found.call.awaiting_mut() {
            awaiting.came = failed;
        }
        let appended = self.append_with_rows(found, None, Vec::new()).await?;
        if again && matches!(appended, Some(Committed::Done)) {
            self.begin_asking(&found.call, found.from.revision + 1);
        }
        Ok(())
    }

    /// Asks the service that a call awaits, and appends the answer to the call.
    async fn ask_service(&self, mut found: LoadedCall) {
        let Asker::Sockets(asker) = &self.asker else {
            return;
        };
        let Ok(Some(version)) = self.version_of(&found.call).await else {
            return;
        };
        let flow = &version.flow;
        let answer = match awaited_request(flow, &found.call) {
            Ok(Some(request)) => {
                let key = self.key(&found.call, flow, &request);
                let (_, limit) = awaited(flow, &found.call);
                let limit = self.time_left(&found.call, limit) + LATE;
                let asking = asker.services.ask(&request, &key, limit);
                let mut asking = std::pin::pin!(asking);
                loop {
                    tokio::select! {
                        answer = &mut asking => break answer,
                        () = sleep(RENEWS) => self.renew(&mut found).await,
                    }
                }
            }
            _ => ServiceAnswer::Failed,
        };
        if let Some(came) = awaited_answer(flow, &found.call, &answer) {
            self.note_answer(found, &came).await;
        }
    }

    /// A request's name: of the visit, the turn, the step and what is asked. A turn that is taken once more because the store
    /// lost it gives the same name to the same request.
    fn key(&self, call: &Call, flow: &Flow, request: &ServiceRequest) -> String {
        let step = call.step().map_or("", |step| flow.step(step).name.as_str());
        let said = format!("{request:?}");
        let (nonce, turn) = (call.opened.nonce.0.to_be_bytes(), call.turn.to_be_bytes());
        let name = [
            b"request",
            &nonce[..],
            &turn,
            step.as_bytes(),
            said.as_bytes(),
        ];
        format!("{}-{:016x}", call.sid, self.store.seal().name(&name))
    }

    /// Says that this node still asks.
    async fn renew(&self, found: &mut LoadedCall) {
        found.lease(self.node, self.store.now());
        let appended = self.append_with_rows(found, None, Vec::new()).await;
        // Whoever has gone on, or has taken over, is found out by the answer.
        if let Ok(Some(Committed::Done)) = appended {
            found.from.revision += 1;
        }
    }

    /// Appends an answer to the call that awaits it. One that comes too late finds nobody.
    async fn note_answer(&self, mut found: LoadedCall, came: &Came) {
        let sid = found.call.sid.clone();
        let turn = TurnRef {
            turn: found.from.turn,
            nonce: found.call.opened.nonce,
        };
        let until = Instant::now() + LATE;
        loop {
            if !found.awaits(turn) {
                break;
            }
            if let Some(awaiting) = found.call.awaiting_mut() {
                if awaiting.came.is_some() {
                    return;
                }
                awaiting.came = Some(came.clone());
            }
            let stored = match self.append_with_rows(&found, None, Vec::new()).await {
                Ok(Some(Committed::Done)) => return,
                Ok(Some(Committed::Behind(_))) => self.find(&sid).await,
                Ok(Some(Committed::Gone) | None) => break,
                Err(error) => Err(error),
            };
            match stored {
                Ok(Some(stored)) => found = stored,
                Ok(None) => break,
                Err(error) if Instant::now() < until => {
                    tracing::warn!(call_sid = %sid, %error, "What a service answered could not be noted yet.");
                    sleep(LOOKS).await;
                    if let Some(awaiting) = found.call.awaiting_mut() {
                        awaiting.came = None;
                    }
                }
                Err(error) => {
                    tracing::error!(call_sid = %sid, %error, "What a service answered could not be noted.");
                    return;
                }
            }
        }
        self.metrics.late_answers.inc();
        tracing::info!(call_sid = %sid, "A service answered when the call had gone on already.");
    }
}
