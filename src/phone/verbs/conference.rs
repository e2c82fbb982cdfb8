//! A `Dial` of a `Conference`: a room and no number. Whoever comes joins at once, so nothing is busy, rings in vain or fails,
//! and there is no second call that would have a name or a length.

use std::time::Duration;

use super::dial::is_recorded;
use super::legs::Callee;
use super::{AfterVerb, is_true, whole};
use crate::phone::act::Caller;
use crate::phone::call::Call;
use crate::phone::event::{CallEvent, EndedBy};
use crate::phone::fault::{CallEnd, Stop};
use crate::phone::form::field;
use crate::phone::wire::Wire;
use crate::phone::world::Unforeseen;
use crate::twiml::read::Element;

/// How long somebody stays in a room that nothing is known about.
const ALONE: Duration = Duration::from_mins(1);

impl<W: Wire, C: Caller> Call<'_, W, C> {
    pub(super) async fn join(&mut self, verb: &Element, room: &Callee) -> Result<AfterVerb, Stop> {
        let stays = self.stays(verb, room)?;
        self.answer();
        self.tell(&CallEvent::Leaves {
            verb: "Conference".to_owned(),
            to: room.name.clone(),
        });
        let begun = self.clock.elapsed();
        let limit = Duration::from_secs(whole(verb, "timeLimit").unwrap_or(14_400));
        let star = is_true(verb, "hangupOnStar").then_some('*');
        let stop = self.away(stays.min(limit), star).await.err();
        let after = self.clock.elapsed().saturating_sub(begun);
        let outcome = "answered".to_owned();
        self.tell(&CallEvent::Returns {
            verb: "Conference".to_owned(),
            to: room.name.clone(),
            outcome,
            after,
        });
        let mut fields = vec![
            field("DialCallStatus", "answered"),
            field("DialBridged", "true"),
        ];
        if is_recorded(verb) {
            let sid = self.name("RE");
            fields.push(field("RecordingUrl", self.recording_url(&sid)));
        }
        match stop {
            None => self.action_or_next(verb, fields),
            Some(Stop::HungUp) => self.last_action(verb, fields).await,
            Some(stop) => Err(stop),
        }
    }

    /// How long the caller is in the room: waiting for the others, and talking.
    fn stays(&mut self, verb: &Element, room: &Callee) -> Result<Duration, Stop> {
        let world = self.world;
        let answer = world.dialled_in(&room.name, 0, &self.report);
        let answer = answer.and_then(|(_, answers)| answers.at(0));
        match (answer, world.unforeseen) {
            (Some(answer), _) => {
                if !answer.is_answered() {
                    let outcome = &answer.outcome;
                    self.warn(
                        verb,
                        &format!(
                            "joins a conference, which is never `{outcome}`: the caller is in it"
                        ),
                    );
                }
                Ok(answer.after.saturating_add(answer.talks))
            }
            (None, Unforeseen::NobodyThere) => Ok(ALONE),
            (None, Unforeseen::Ends) => {
                let by = EndedBy::Unforeseen("Conference".to_owned(), room.name.clone());
                Err(Stop::Over(CallEnd { by, status: None }))
            }
        }
    }
}
