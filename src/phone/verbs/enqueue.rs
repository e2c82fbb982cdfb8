//! `Enqueue`: the caller waits, hears what the queue's own documents say, and is fetched or leaves.

use std::time::Duration;

use super::AfterVerb;
use crate::phone::act::Caller;
use crate::phone::call::{Call, Location};
use crate::phone::callback::method_of;
use crate::phone::event::CallEvent;
use crate::phone::fault::Stop;
use crate::phone::fetch::Fetch;
use crate::phone::form::{Field, field};
use crate::phone::wire::{Method, Wire};
use crate::phone::world::VerbOutcome;
use crate::twiml::read::Element;

/// What the document of a queue may contain (Twilio, documentation of Enqueue).
const ALLOWED: [&str; 7] = [
    "Play", "Say", "Pause", "Hangup", "Redirect", "Leave", "Gather",
];

impl<W: Wire, C: Caller> Call<'_, W, C> {
    pub(super) async fn verb_enqueue(&mut self, verb: &Element) -> Result<AfterVerb, Stop> {
        let queue = match verb.attribute("workflowSid") {
            Some(workflow) => workflow.trim().to_owned(),
            None => verb.text(),
        };
        let nobody = [field("QueueResult", "queue-full")];
        let answer = self.others("Enqueue", &queue, &nobody)?;
        self.tell(&CallEvent::Leaves {
            verb: "Enqueue".to_owned(),
            to: queue.clone(),
        });
        let begun = self.clock.elapsed();
        let sid = self.name("QU");
        let here = self.document.clone();
        let before = self.fetched_at.replace(begun + answer.after);
        let waited = self.wait_in_queue(verb, &sid, answer.after).await;
        self.fetched_at = before;
        self.document = here;
        let after = self.clock.elapsed().saturating_sub(begun);
        let told = answer.fields.iter().find(|(name, _)| name == "QueueResult");
        let result = match &waited {
            Ok(()) => "leave",
            Err(Stop::HungUp) => "hangup",
            Err(Stop::Fetched) => told.map_or("bridged", |(_, result)| result.as_str()),
            Err(Stop::Over(_)) => "hangup",
            Err(Stop::Fault(_)) => "system-error",
        };
        let outcome = result.to_owned();
        self.tell(&CallEvent::Returns {
            verb: "Enqueue".to_owned(),
            to: queue,
            outcome: outcome.clone(),
            after,
        });
        let mut fields = vec![
            field("QueueResult", outcome),
            field("QueueSid", sid),
            field("QueueTime", after.as_secs().to_string()),
        ];
        fields.extend(
            answer
                .fields
                .into_iter()
                .filter(|(name, _)| name != "QueueResult"),
        );
        match waited {
            Ok(()) | Err(Stop::Fetched | Stop::Fault(_)) => self.action_or_next(verb, fields),
            Err(Stop::HungUp) => self.last_action(verb, fields).await,
            Err(stop) => Err(stop),
        }
    }

    /// Carries out the queue's documents, again and again, until the caller leaves or is fetched.
    async fn wait_in_queue(
        &mut self,
        verb: &Element,
        sid: &str,
        lasts: Duration,
    ) -> Result<(), Stop> {
        let written = verb.attribute("waitUrl").map(str::trim).unwrap_or_default();
        if lasts.is_zero() {
            return Err(Stop::Fetched);
        }
        if written.is_empty() {
            self.away(lasts, None).await?;
            return Err(Stop::Fetched);
        }
        let begun = self.clock.elapsed();
        let url = self
            .resolve(written, verb.line)
            .map_err(|notice| self.fail(notice))?;
        let first = Location {
            url,
            method: method_of(verb, "waitUrlMethod", Method::Post),
        };
        let again = Fetch {
            at: first,
            fields: Vec::new(),
            is_fallback: false,
        };
        let mut next = again.clone();
        loop {
            let waited = self.clock.elapsed().saturating_sub(begun);
            next.fields.extend(queue_fields(sid, waited));
            self.circles += 1;
            if self.circles > crate::phone::fault::CIRCLES {
                return Err(self.give_up(
                    "the queue's documents go in circles and no time passes on the line",
                ));
            }
            let mut document = self.document(next).await?;
            self.keep_allowed(&mut document.verbs);
            next = match Box::pin(self.carry_out(&document.verbs)).await? {
                AfterVerb::Leave => return Ok(()),
                AfterVerb::Fetch(ask) => ask,
                AfterVerb::Next => again.clone(),
            };
        }
    }

    /// Leaves the verbs that the document of a queue may contain, and complains about the others.
    fn keep_allowed(&mut self, verbs: &mut Vec<Element>) {
        verbs.retain(|verb| {
            let is_allowed = ALLOWED.contains(&verb.name.as_str());
            if !is_allowed {
                self.warn(
                    verb,
                    "is not allowed in the document of a queue: it is skipped",
                );
            }
            is_allowed
        });
    }

    /// What the world says to a verb.
    pub(super) fn others(
        &mut self,
        verb: &str,
        to: &str,
        nobody: &[(String, String)],
    ) -> Result<VerbOutcome, Stop> {
        use crate::phone::event::EndedBy;
        use crate::phone::fault::CallEnd;
        use crate::phone::world::Unforeseen;
        let world = self.world;
        match (
            world.others.get(&(verb.to_owned(), to.to_owned())),
            world.unforeseen,
        ) {
            (Some(answer), _) => Ok(answer.clone()),
            (None, Unforeseen::NobodyThere) => Ok(VerbOutcome {
                after: Duration::ZERO,
                fields: nobody.to_vec(),
            }),
            (None, Unforeseen::Ends) => Err(Stop::Over(CallEnd {
                by: EndedBy::Unforeseen(verb.to_owned(), to.to_owned()),
                status: None,
            })),
        }
    }
}

/// What a request for the queue's document says of the queue.
fn queue_fields(sid: &str, waited: Duration) -> [Field; 6] {
    let waited = waited.as_secs().to_string();
    [
        field("QueueSid", sid),
        field("QueuePosition", "1"),
        field("QueueTime", waited.clone()),
        field("AvgQueueTime", waited),
        field("CurrentQueueSize", "1"),
        field("MaxQueueSize", "1000"),
    ]
}
