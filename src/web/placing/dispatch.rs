//! Asking the carrier for a call: once, whatever became of the answer.
//!
//! A row is owed until it is known how its try came out. Each time that it is due, what is known already is looked at first,
//! then what the carrier knows; a call is placed only where both say that there is none.

use std::sync::{Arc, OnceLock, Weak};
use std::time::Duration;

use actix_web::web::Data;
use bytes::Bytes;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use jiff::Timestamp;

use super::may_place::MayPlace;
use super::tries::{Noted, TryNews, since};
use crate::carrier::call::{PlacedCall, find, place};
use crate::carrier::{Carrier, CarrierRequest, LISTED, outcome_of_call};
use crate::engine::{CallSid, PlacedTry};
use crate::outbox::{AttemptOutcome, Perform};
use crate::store::{self, Row};
use crate::twilio::CallStatus;
use crate::twilio::rest::{CallResource, RestError};
use crate::web::app::App;
use crate::web::turns::LoadedCall;
use crate::written::PlacedOutcome;

/// How long after a call must have ended the carrier is asked how it did, where it has not told.
const UNTOLD: Duration = Duration::from_secs(15);

/// Carries out what is asked of the carrier: calls by itself, all else as [`Carrier`] does.
pub struct Dispatcher {
    carrier: Carrier,
    /// The node, which is made after the outbox that this is part of.
    app: Arc<OnceLock<Weak<App>>>,
}

impl Dispatcher {
    /// One that asks a carrier; and what says to which node it belongs.
    pub fn new(carrier: Carrier) -> (Self, impl FnOnce(&Data<App>)) {
        let app = Arc::new(OnceLock::new());
        let dispatcher = Self {
            carrier,
            app: Arc::clone(&app),
        };
        let belongs = move |node: &Data<App>| {
            let _ = app.set(Arc::downgrade(&node.clone().into_inner()));
        };
        (dispatcher, belongs)
    }
}

impl Perform for Dispatcher {
    fn perform<'a>(&'a self, row: &'a Row, now: Timestamp) -> BoxFuture<'a, AttemptOutcome> {
        let Some(CarrierRequest::PlaceCall(call)) = CarrierRequest::read(&row.body) else {
            return self.carrier.perform(row, now);
        };
        async move {
            let Some(app) = self.app.get().and_then(Weak::upgrade) else {
                return not_done("the node is starting or ending");
            };
            let attempt = Attempt {
                app: &app,
                carrier: &self.carrier,
                row,
                call: &call,
            };
            attempt
                .carry_out()
                .await
                .unwrap_or_else(|error| not_done(&error.to_string()))
        }
        .boxed()
    }
}

/// One attempt at a row.
struct Attempt<'a> {
    app: &'a App,
    carrier: &'a Carrier,
    row: &'a Row,
    call: &'a PlacedCall,
}

impl Attempt<'_> {
    async fn carry_out(&self) -> Result<AttemptOutcome, store::Error> {
        let Some(found) = self.app.find(&self.call.call).await? else {
            return Ok(refused("nothing is known of the placement any more"));
        };
        let Some(one) = self.standing(&found) else {
            return Ok(refused("the placement knows no such try"));
        };
        if found.finished || one.outcome.is_some() {
            // What follows may not have been done, if a node ended in between.
            return self.came_out(None, one.outcome, "").await;
        }
        if let Some(sid) = &one.sid {
            return self.ask(sid).await;
        }
        if self.row.ambiguous {
            let now = self.app.store.now();
            let last = self.row.history.attempts.last().map(|attempt| attempt.at);
            let listed = last.map_or(now, |last| last.checked_add(LISTED).unwrap_or(now));
            if now < listed {
                return Ok(AttemptOutcome::NotYet {
                    until: listed,
                    why: "the carrier may have placed it, and need not list it yet".to_owned(),
                });
            }
            let asked = since(self.row);
            match find(self.carrier.rest(), self.call, asked, &known(&found)).await {
                Ok(all) => {
                    for placed in all {
                        // Whoever was called just now, and for no other row, is not called again.
                        if self.app.claim_call(&self.row.id, &placed.sid).await? {
                            tracing::info!(placement = %self.call.call, call_sid = placed.sid, "A call was found whose answer never came.");
                            return self.placed(&placed).await;
                        }
                    }
                }
                Err(error) => return Ok(outcome_of_call(&error)),
            }
        }
        self.place(&found).await
    }

    /// The try, as the placement knows it.
    fn standing<'f>(&self, found: &'f LoadedCall) -> Option<&'f PlacedTry> {
        let nth = self.call.nth() as usize;
        found.call.placing()?.tries.get(nth.checked_sub(1)?)
    }

    /// Places it, where that may be done now.
    async fn place(&self, found: &LoadedCall) -> Result<AttemptOutcome, store::Error> {
        let (app, call) = (self.app, &found.call);
        let version = app.version_of(call).await?;
        let (Some(version), Some(placing)) = (version, call.placing()) else {
            return Ok(not_done("the flow version is nowhere kept"));
        };
        match app.may_place(call, placing, &version.flow).await? {
            MayPlace::Now => {}
            MayPlace::Later(until, why) => {
                let why = why.to_owned();
                return Ok(AttemptOutcome::NotYet { until, why });
            }
            MayPlace::Never(why) => {
                return self.came_out(None, Some(PlacedOutcome::Failed), why).await;
            }
        }
        let Some(public) = self.carrier.public() else {
            return Ok(not_done(
                "the carrier cannot reach this node (server.public_url)",
            ));
        };
        match place(self.carrier.rest(), self.call, &self.row.id, public).await {
            Ok(placed) => {
                app.placing.note(true);
                tracing::info!(placement = %call.sid, call_sid = placed.sid, nth = self.call.nth(), "Call placed.");
                // If that is not noted, the carrier may have the call for all we know.
                let noted = self.claimed(&placed).await;
                Ok(noted.unwrap_or_else(|error| AttemptOutcome::Unknown {
                    error: error.to_string(),
                }))
            }
            Err(error) => self.not_placed(&error).await,
        }
    }

    /// What an error of the API means: what is refused is a try that failed.
    async fn not_placed(&self, error: &RestError) -> Result<AttemptOutcome, store::Error> {
        let outcome = outcome_of_call(error);
        let AttemptOutcome::Refused { error } = &outcome else {
            return Ok(outcome);
        };
        tracing::warn!(placement = %self.call.call, error, "The carrier does not place a call.");
        if self.app.placing.note(false) {
            tracing::error!(
                "The carrier has refused many calls in a row: this node places none for ten minutes."
            );
        }
        self.came_out(None, Some(PlacedOutcome::Failed), error)
            .await
    }

    /// Asks the carrier how a call is, where it has said nothing.
    async fn ask(&self, sid: &CallSid) -> Result<AttemptOutcome, store::Error> {
        match self
            .carrier
            .rest()
            .call(&self.call.account, sid.as_str())
            .await
        {
            Ok(placed) => self.placed(&placed).await,
            Err(RestError::NotFound(_)) => {
                let why = "the carrier does not know the call any more";
                let sid = Some(sid.clone());
                self.came_out(sid, Some(PlacedOutcome::Failed), why).await
            }
            Err(error) => Ok(outcome_of_call(&error)),
        }
    }

    /// The same of a call that the carrier has just placed, which is this row's and no other's.
    async fn claimed(&self, placed: &CallResource) -> Result<AttemptOutcome, store::Error> {
        self.app.claim_call(&self.row.id, &placed.sid).await?;
        self.placed(placed).await
    }

    /// Notes a call that the carrier has, and how it came out if it is over.
    async fn placed(&self, placed: &CallResource) -> Result<AttemptOutcome, store::Error> {
        let Ok(sid) = CallSid::parse(&placed.sid) else {
            return Ok(not_done("the carrier gives the call a name that is none"));
        };
        let status = CallStatus::parse(&placed.status);
        let outcome = match status {
            CallStatus::InProgress => Some(PlacedOutcome::Answered),
            status => status.placed_outcome(),
        };
        if outcome.is_some() {
            return self.came_out(Some(sid), outcome, "").await;
        }
        self.note(Some(sid), None, "").await?;
        let rings = Duration::from_secs(self.call.rings.into()) + UNTOLD;
        let now = self.app.store.now();
        Ok(AttemptOutcome::NotYet {
            until: now.checked_add(rings).unwrap_or(now),
            why: format!("the call is {}", placed.status),
        })
    }

    /// Notes how the try came out, and that nothing is owed for it any more.
    async fn came_out(
        &self,
        sid: Option<CallSid>,
        outcome: Option<PlacedOutcome>,
        why: &str,
    ) -> Result<AttemptOutcome, store::Error> {
        let words = match (self.note(sid, outcome, why).await?, outcome) {
            (Noted::Unknown, _) => "nothing is known of the placement any more".to_owned(),
            (_, None) => "the placement is over".to_owned(),
            (_, Some(outcome)) => outcome.as_str().to_owned(),
        };
        Ok(AttemptOutcome::Answered {
            status: 200,
            retry_after: None,
            body: Bytes::from(words),
        })
    }

    async fn note(
        &self,
        sid: Option<CallSid>,
        outcome: Option<PlacedOutcome>,
        why: &str,
    ) -> Result<Noted, store::Error> {
        let news = TryNews {
            nth: self.call.nth(),
            sid,
            outcome,
            why: why.to_owned(),
        };
        self.app.note_try(&self.call.call, &news).await
    }
}

/// The calls that are known for other tries of a placement.
fn known(found: &LoadedCall) -> Vec<CallSid> {
    let tries = found.call.placing().map(|placing| placing.tries.iter());
    let sids = tries
        .into_iter()
        .flatten()
        .filter_map(|one| one.sid.clone());
    sids.collect()
}

fn not_done(error: &str) -> AttemptOutcome {
    AttemptOutcome::NotDone {
        error: error.to_owned(),
        is_alive: true,
    }
}

fn refused(error: &str) -> AttemptOutcome {
    AttemptOutcome::Refused {
        error: error.to_owned(),
    }
}
