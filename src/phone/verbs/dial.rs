//! `Dial`: somebody else is called, and the caller hears the ringing and talks.

use std::time::Duration;

use super::legs::{Callee, Leg};
use super::recorded::Recorded;
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
    /// The legs that ring, or that somebody is on.
    open: Vec<usize>,
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
            open: Vec::new(),
        };
        let stop = self.connect(verb, &legs, ring, &mut told).await.err();
        let after = self.clock.elapsed().saturating_sub(begun);
        self.tell(&CallEvent::Returns {
            verb: "Dial".to_owned(),
            to,
            outcome: told.status.clone(),
            after,
        });
        for at in std::mem::take(&mut told.open) {
            let (status, talked) = if at == told.leg {
                (told.status.as_str(), told.talked.unwrap_or_default())
            } else {
                ("canceled", Duration::ZERO)
            };
            self.tell_leg(&legs[at], "completed", status, talked).await;
        }
        let leg = &legs[told.leg];
        let mut fields = self.dial_fields(leg, &told);
        if let Some(recorded) = self.talk_recorded(verb, told.talked) {
            fields.push(field("RecordingUrl", self.recording_url(&recorded.sid)));
            self.tell_recorded(verb, &recorded, &leg.answer.report);
            let now = self.clock.elapsed();
            self.tell_later(now).await;
        }
        match stop {
            None => self.action_or_next(verb, fields),
            Some(Stop::HungUp) => self.last_action(verb, fields).await,
            Some(stop) => Err(stop),
        }
    }

    /// Who is dialled, and what the world says to it.
    fn legs(&mut self, targets: Vec<Callee>, ring: Duration) -> Result<Vec<Leg>, Stop> {
        let mut legs = Vec::new();
        for (place, target) in targets.into_iter().enumerate() {
            let world = self.world;
            let known = world.dialled_in(&target.name, place, &self.report);
            let answer = known.and_then(|(key, answers)| {
                let before = self.dialled.entry(key.to_owned()).or_default();
                *before += 1;
                answers.at(*before - 1)
            });
            let answer = match (answer, world.unforeseen) {
                (Some(answer), _) => answer.clone(),
                (None, Unforeseen::NobodyThere) => DialAnswer {
                    outcome: "no-answer".to_owned(),
                    after: ring,
                    ..DialAnswer::default()
                },
                (None, Unforeseen::Ends) => {
                    let whom = match self.report.contact(place) {
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

    /// Rings and lets them talk. What is known so far stays in `told` if the caller hangs up meanwhile. The first to
    /// answer ends the ringing, whatever comes of that.
    async fn connect(
        &mut self,
        verb: &Element,
        legs: &[Leg],
        ring: Duration,
        told: &mut Outcome,
    ) -> Result<(), Stop> {
        let one_by_one = is_true(verb, "sequential");
        let rounds: Vec<Vec<usize>> = if one_by_one {
            (0..legs.len()).map(|at| vec![at]).collect()
        } else {
            vec![(0..legs.len()).collect()]
        };
        for round in rounds {
            let (at, after) = decides(legs, &round, ring);
            self.ring(legs, round, told).await;
            told.leg = at;
            "canceled".clone_into(&mut told.status);
            self.away(after, None).await?;
            let is_answered = legs[at].is_answered(ring);
            self.end_others(legs, (at, is_answered), (after, ring), told)
                .await;
            if is_answered {
                return self.talk(verb, &legs[at], told).await;
            }
            told.status = legs[at].missed(ring);
        }
        Ok(())
    }

    /// They begin to ring.
    async fn ring(&mut self, legs: &[Leg], round: Vec<usize>, told: &mut Outcome) {
        for at in &round {
            for event in ["initiated", "ringing"] {
                self.tell_leg(&legs[*at], event, event, Duration::ZERO)
                    .await;
            }
        }
        told.open = round;
    }

    /// Those who do not answer are over: by themselves, or because somebody else was faster.
    async fn end_others(
        &mut self,
        legs: &[Leg],
        (winner, is_answered): (usize, bool),
        (after, ring): (Duration, Duration),
        told: &mut Outcome,
    ) {
        let over = told
            .open
            .extract_if(.., |at| !(is_answered && *at == winner));
        for at in over.collect::<Vec<_>>() {
            let leg = &legs[at];
            let gave_up = !is_answered || (!leg.answer.is_answered() && leg.answer.after <= after);
            let status = if gave_up {
                leg.missed(ring)
            } else {
                "canceled".to_owned()
            };
            self.tell_leg(leg, "completed", &status, Duration::ZERO)
                .await;
        }
    }

    /// Somebody has answered: the call may be screened, then they talk.
    async fn talk(&mut self, verb: &Element, leg: &Leg, told: &mut Outcome) -> Result<(), Stop> {
        "completed".clone_into(&mut told.status);
        self.tell_leg(leg, "answered", "in-progress", Duration::ZERO)
            .await;
        if !self.screen(leg).await? {
            return Ok(());
        }
        self.answer();
        told.talked = Some(Duration::ZERO);
        let limit = Duration::from_secs(whole(verb, "timeLimit").unwrap_or(14_400));
        let star = is_true(verb, "hangupOnStar").then_some('*');
        let begun = self.clock.elapsed();
        let talked = self.away(leg.answer.talks.min(limit), star).await;
        told.talked = Some(self.clock.elapsed().saturating_sub(begun));
        talked.map(|_| ())
    }

    /// The fields of the action request.
    fn dial_fields(&self, leg: &Leg, told: &Outcome) -> Vec<Field> {
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
        fields
    }

    /// The talk, if it is recorded.
    fn talk_recorded(&mut self, verb: &Element, talked: Option<Duration>) -> Option<Recorded> {
        let lasts = talked.filter(|_| is_recorded(verb))?;
        let word = |name| verb.attribute(name).map(str::trim);
        let is_dual = word("record").is_some_and(|record| record.ends_with("-dual"));
        Some(Recorded {
            sid: self.name("RE"),
            lasts,
            source: "DialVerb",
            track: word("recordingTrack").unwrap_or("both").to_owned(),
            channels: if is_dual { "2" } else { "1" },
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

/// Whether what is said is recorded.
pub(super) fn is_recorded(verb: &Element) -> bool {
    verb.attribute("record")
        .is_some_and(|word| !matches!(word.trim(), "do-not-record" | "false"))
}

/// Who decides what becomes of those who ring together, and when: the first to answer, else the last to give up.
fn decides(legs: &[Leg], round: &[usize], ring: Duration) -> (usize, Duration) {
    let times = || {
        round
            .iter()
            .map(|at| (*at, legs[*at].answer.after.min(ring)))
    };
    let first = times()
        .filter(|(at, _)| legs[*at].is_answered(ring))
        .min_by_key(|(_, after)| *after);
    first
        .or_else(|| times().max_by_key(|(_, after)| *after))
        .unwrap_or((0, ring))
}
