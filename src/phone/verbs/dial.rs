//! `Dial`: somebody else is called, and the caller hears the ringing and talks.

use std::time::Duration;

use super::legs::{Callee, Leg};
use super::{AfterVerb, is_true, whole};
use crate::phone::act::Caller;
use crate::phone::call::Call;
use crate::phone::event::{CallEvent, EndedBy};
use crate::phone::fault::{CallEnd, Stop};
use crate::phone::fetch::Fetch;
use crate::phone::form::{Field, field};
use crate::phone::wire::{Purpose, Wire};
use crate::phone::world::{DialAnswer, Unforeseen, contact};
use crate::twiml::read::Element;

/// What became of a `Dial`.
struct Outcome {
    status: String,
    /// How long they talked, where they did.
    talked: Option<Duration>,
    leg: usize,
}

impl<W: Wire, C: Caller> Call<'_, W, C> {
    pub(super) async fn verb_dial(&mut self, verb: &Element) -> Result<AfterVerb, Stop> {
        let targets = Callee::all(verb);
        if let Some(room) = targets.iter().find(|target| target.noun == "Conference") {
            return self.join(verb, room).await;
        }
        let ring = Duration::from_secs(whole(verb, "timeout").unwrap_or(30).clamp(5, 600));
        let legs = self.legs(targets, ring)?;
        if legs.is_empty() {
            self.warn(verb, "names nobody: it is skipped");
            return Ok(AfterVerb::Next);
        }
        let to = legs
            .iter()
            .map(|leg| leg.target.name.as_str())
            .collect::<Vec<_>>()
            .join(", ");
        self.tell(&CallEvent::Leaves {
            verb: "Dial".to_owned(),
            to: to.clone(),
        });
        let begun = self.clock.elapsed();
        let mut told = Outcome {
            status: "no-answer".to_owned(),
            talked: None,
            leg: 0,
        };
        let stop = self.connect(verb, &legs, ring, &mut told).await.err();
        let after = self.clock.elapsed().saturating_sub(begun);
        self.tell(&CallEvent::Returns {
            verb: "Dial".to_owned(),
            to,
            outcome: told.status.clone(),
            after,
        });
        let leg = &legs[told.leg];
        self.tell_leg(
            leg,
            "completed",
            &told.status,
            told.talked.unwrap_or_default(),
        )
        .await;
        let fields = self.dial_fields(verb, leg, &told);
        match stop {
            None => self.action_or_next(verb, fields),
            Some(Stop::HungUp) => self.last_action(verb, fields).await,
            Some(stop) => Err(stop),
        }
    }

    /// Who is dialled, and what the world says to it.
    fn legs(&mut self, targets: Vec<Callee>, ring: Duration) -> Result<Vec<Leg>, Stop> {
        let mut legs = Vec::new();
        for target in targets {
            let world = self.world;
            let answer = match (
                world.dialled_in(&target.name, &self.report),
                world.unforeseen,
            ) {
                (Some(answer), _) => answer.clone(),
                (None, Unforeseen::NobodyThere) => DialAnswer {
                    outcome: "no-answer".to_owned(),
                    after: ring,
                    talks: Duration::ZERO,
                },
                (None, Unforeseen::Ends) => {
                    let whom = match self.report.contact.as_str() {
                        "" => target.name,
                        name => contact(name),
                    };
                    let by = EndedBy::Unforeseen("Dial".to_owned(), whom);
                    return Err(Stop::Over(CallEnd { by, status: None }));
                }
            };
            let sid = self.name("CA");
            legs.push(Leg {
                target,
                answer,
                sid,
            });
        }
        Ok(legs)
    }

    /// Rings and lets them talk. What is known so far stays in `told` if the caller hangs up meanwhile.
    async fn connect(
        &mut self,
        verb: &Element,
        legs: &[Leg],
        ring: Duration,
        told: &mut Outcome,
    ) -> Result<(), Stop> {
        for leg in legs {
            self.tell_leg(leg, "initiated", "initiated", Duration::ZERO)
                .await;
            self.tell_leg(leg, "ringing", "ringing", Duration::ZERO)
                .await;
        }
        let (at, after) = if is_true(verb, "sequential") {
            one_by_one(legs, ring)
        } else {
            at_once(legs, ring)
        };
        let leg = &legs[at];
        told.leg = at;
        let is_answered = leg.is_answered(ring);
        told.status = "canceled".to_owned();
        self.away(after, None).await?;
        if !is_answered {
            told.status = if leg.answer.after > ring {
                "no-answer".to_owned()
            } else {
                leg.answer.outcome.clone()
            };
            return Ok(());
        }
        self.answer();
        self.whisper(leg).await;
        told.status = "completed".to_owned();
        told.talked = Some(Duration::ZERO);
        self.tell_leg(leg, "answered", "in-progress", Duration::ZERO)
            .await;
        let limit = Duration::from_secs(whole(verb, "timeLimit").unwrap_or(14_400));
        let star = is_true(verb, "hangupOnStar").then_some('*');
        let begun = self.clock.elapsed();
        let talked = self.away(leg.answer.talks.min(limit), star).await;
        told.talked = Some(self.clock.elapsed().saturating_sub(begun));
        talked.map(|_| ())
    }

    /// The fields of the action request.
    fn dial_fields(&mut self, verb: &Element, leg: &Leg, told: &Outcome) -> Vec<Field> {
        let mut fields = vec![field("DialCallStatus", told.status.as_str())];
        fields.push(field("DialCallSid", leg.sid.as_str()));
        if let Some(talked) = told.talked {
            fields.push(field("DialCallDuration", talked.as_secs().to_string()));
        }
        fields.push(field(
            "DialBridged",
            if told.talked.is_some() {
                "true"
            } else {
                "false"
            },
        ));
        match leg.target.noun.as_str() {
            "Sip" => {
                let code = match told.status.as_str() {
                    "completed" => "200",
                    "busy" => "486",
                    "no-answer" => "480",
                    "canceled" => "487",
                    _ => "404",
                };
                fields.push(field("DialSipCallId", format!("{}@phone", leg.sid)));
                fields.push(field("DialSipResponseCode", code));
            }
            "Queue" => {
                let result = if told.talked.is_some() {
                    "bridged"
                } else {
                    "error"
                };
                fields.push(field("DequeueResult", result));
                fields.push(field("DequeuedCallSid", leg.sid.as_str()));
                fields.push(field(
                    "DequeuedCallQueueTime",
                    leg.answer.after.as_secs().to_string(),
                ));
                fields.push(field(
                    "DequeuedCallDuration",
                    told.talked.unwrap_or_default().as_secs().to_string(),
                ));
            }
            _ => {}
        }
        if told.talked.is_some() {
            fields.extend(self.recorded(verb));
        }
        fields
    }

    /// Where the talk is to be found, if it is recorded.
    pub(super) fn recorded(&mut self, verb: &Element) -> Option<Field> {
        let records = verb
            .attribute("record")
            .is_some_and(|word| !matches!(word.trim(), "do-not-record" | "false"));
        records.then(|| {
            let sid = self.name("RE");
            field("RecordingUrl", self.recording_url(&sid))
        })
    }

    /// A verb's action is asked although the caller is gone; what comes back is not carried out.
    pub(super) async fn last_action(
        &mut self,
        verb: &Element,
        fields: Vec<Field>,
    ) -> Result<AfterVerb, Stop> {
        self.over = Some("completed");
        if let AfterVerb::Fetch(Fetch { at, fields, .. }) = self.action_or_next(verb, fields)? {
            let fields = self.standard.with(self.status(), fields);
            if let Err(notice) = self.ask(Purpose::Voice, &at, fields).await {
                self.complain(notice);
            }
        }
        Err(Stop::HungUp)
    }
}

/// All ring together: the first to answer wins; else the last to give up decides.
fn at_once(legs: &[Leg], ring: Duration) -> (usize, Duration) {
    let times = || {
        legs.iter()
            .enumerate()
            .map(|(at, leg)| (at, leg.answer.after.min(ring)))
    };
    let first = times()
        .filter(|(at, _)| legs[*at].is_answered(ring))
        .min_by_key(|(_, after)| *after);
    first
        .or_else(|| times().max_by_key(|(_, after)| *after))
        .unwrap_or((0, ring))
}

/// One rings after the other.
fn one_by_one(legs: &[Leg], ring: Duration) -> (usize, Duration) {
    let mut passed = Duration::ZERO;
    for (at, leg) in legs.iter().enumerate() {
        passed += leg.answer.after.min(ring);
        if leg.is_answered(ring) {
            return (at, passed);
        }
    }
    (legs.len().saturating_sub(1), passed)
}
