//! `Enqueue`: the caller waits, hears what the queue's own documents say, and is fetched or leaves.

use std::time::Duration;

use super::AfterVerb;
use crate::phone::act::Caller;
use crate::phone::call::{Call, Location};
use crate::phone::callback::method_of;
use crate::phone::event::{CallEvent, EndedBy};
use crate::phone::fault::{CallEnd, LONGEST, Stop};
use crate::phone::fetch::Fetch;
use crate::phone::form::{Field, field};
use crate::phone::wire::{Method, Wire};
use crate::phone::world::{DialAnswer, Presses, Unforeseen, VerbOutcome, queue};
use crate::twiml::read::Element;

/// What the document of a queue may contain (Twilio, documentation of Enqueue).
const ALLOWED: [&str; 7] = [
    "Play", "Say", "Pause", "Hangup", "Redirect", "Leave", "Gather",
];

/// What becomes of a caller who waits.
struct Wait {
    /// How long it takes until somebody fetches the caller.
    lasts: Duration,
    /// How long they talk then.
    talks: Duration,
    /// The carrier's word for the end, where the caller neither leaves nor hangs up.
    result: String,
    /// The caller's place at first.
    position: u32,
    /// The key that the caller presses at this time, if any.
    presses: Option<(Duration, char)>,
    /// Further fields of the action request.
    fields: Vec<Field>,
}

impl Wait {
    /// One of which the world says its fields.
    fn of_fields(outcome: VerbOutcome) -> Self {
        let is_result = |(name, _): &Field| name == "QueueResult";
        let result = outcome.fields.iter().find(|field| is_result(field));
        Self {
            lasts: outcome.after,
            talks: Duration::ZERO,
            result: result.map_or_else(|| "bridged".to_owned(), |(_, result)| result.clone()),
            position: 1,
            presses: None,
            fields: outcome
                .fields
                .into_iter()
                .filter(|field| !is_result(field))
                .collect(),
        }
    }

    /// One in the words of a flow; `leaving` is the key by which the server says that the caller leaves.
    fn of_world(answer: &DialAnswer, leaving: Option<char>) -> Self {
        let key = match &answer.presses {
            Presses::Keys(keys) => keys.chars().next(),
            Presses::Accept | Presses::Decline => leaving,
        };
        let (lasts, result) = match answer.outcome.as_str() {
            "talked" => (answer.after, "bridged"),
            "full" => (Duration::ZERO, "queue-full"),
            "left" | "time_limit" => (LONGEST, "error"),
            _ => (answer.after, "error"),
        };
        let leaves = answer.outcome == "left";
        Self {
            lasts,
            talks: if answer.outcome == "talked" {
                answer.talks
            } else {
                Duration::ZERO
            },
            result: result.to_owned(),
            position: answer.position.max(1),
            presses: key.filter(|_| leaves).map(|key| (answer.after, key)),
            fields: Vec::new(),
        }
    }

    /// The caller's place after a time: those in front are fetched one after the other.
    fn position(&self, waited: Duration) -> u32 {
        let left = self.lasts.saturating_sub(waited).as_secs_f64();
        let all = self.lasts.as_secs_f64();
        if all <= 0.0 || self.lasts == LONGEST {
            return self.position;
        }
        let before = f64::from(self.position - 1) * (left / all);
        1 + before.ceil() as u32
    }
}

impl<W: Wire, C: Caller> Call<'_, W, C> {
    pub(super) async fn verb_enqueue(&mut self, verb: &Element) -> Result<AfterVerb, Stop> {
        let queue = match verb.attribute("workflowSid") {
            Some(workflow) => workflow.trim().to_owned(),
            None => verb.text(),
        };
        let wait = self.queued(&queue)?;
        self.tell(&CallEvent::Leaves {
            verb: "Enqueue".to_owned(),
            to: queue.clone(),
        });
        let begun = self.clock.elapsed();
        let sid = self.name("QU");
        let here = self.document.clone();
        let is_let_in = !wait.lasts.is_zero();
        let before = self.fetched_at.replace(begun + wait.lasts);
        self.presses = wait.presses.map(|(after, key)| (begun + after, key));
        let waited = self.wait_in_queue(verb, &sid, &wait).await;
        self.presses = None;
        self.fetched_at = before;
        self.document = here;
        let after = self.clock.elapsed().saturating_sub(begun);
        let waited = match waited {
            Err(Stop::Fetched) => match self.away(wait.talks, None).await {
                Ok(_) => Err(Stop::Fetched),
                Err(stop) => Err(stop),
            },
            waited => waited,
        };
        let result = match &waited {
            Ok(()) => "leave",
            Err(Stop::HungUp | Stop::Over(_)) => "hangup",
            Err(Stop::Fetched) => wait.result.as_str(),
            Err(Stop::Fault(_)) => "system-error",
        };
        let outcome = result.to_owned();
        self.tell(&CallEvent::Returns {
            verb: "Enqueue".to_owned(),
            to: queue,
            outcome: outcome.clone(),
            after: self.clock.elapsed().saturating_sub(begun),
        });
        let mut fields = vec![field("QueueResult", outcome)];
        if is_let_in {
            fields.push(field("QueueSid", sid));
            fields.push(field("QueueTime", after.as_secs().to_string()));
        }
        fields.extend(wait.fields);
        match waited {
            Ok(()) | Err(Stop::Fetched | Stop::Fault(_)) => self.action_or_next(verb, fields),
            Err(Stop::HungUp) => self.last_action(verb, fields).await,
            Err(stop) => Err(stop),
        }
    }

    /// What becomes of a caller who waits in a queue: what the world says of the step, else of the queue, by the flow's
    /// name of it or by the carrier's.
    fn queued(&mut self, name: &str) -> Result<Wait, Stop> {
        let of_flow = self.report.contact(0);
        let keys = [queue(of_flow), queue(name)];
        let known = self.world.handed_on(&keys, &self.report);
        let answer = known.and_then(|(key, answers)| {
            let before = self.dialled.entry(key.to_owned()).or_default();
            *before += 1;
            answers.at(*before - 1)
        });
        if let Some(answer) = answer {
            return Ok(Wait::of_world(answer, self.report.leaving));
        }
        let nobody = [field("QueueResult", "queue-full")];
        let named = if of_flow.is_empty() {
            name.to_owned()
        } else {
            keys[0].clone()
        };
        self.others("Enqueue", name, &named, &nobody)
            .map(Wait::of_fields)
    }

    /// Carries out the queue's documents, again and again, until the caller leaves or is fetched.
    async fn wait_in_queue(&mut self, verb: &Element, sid: &str, wait: &Wait) -> Result<(), Stop> {
        let written = verb.attribute("waitUrl").map(str::trim).unwrap_or_default();
        if wait.lasts.is_zero() {
            return Err(Stop::Fetched);
        }
        if written.is_empty() {
            self.away(wait.lasts, None).await?;
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
        let mut asked = None;
        loop {
            let waited = self.clock.elapsed().saturating_sub(begun);
            // Where a document leads on itself, the carrier sends its usual fields and no more.
            let next = asked.take().unwrap_or_else(|| Fetch {
                at: first.clone(),
                fields: queue_fields(sid, waited, wait).into(),
                is_fallback: false,
            });
            self.circles += 1;
            if self.circles > crate::phone::fault::CIRCLES {
                return Err(self.give_up(
                    "the queue's documents go in circles and no time passes on the line",
                ));
            }
            let mut document = self.document(next).await?;
            self.keep_allowed(&mut document.verbs);
            asked = match Box::pin(self.carry_out(&document.verbs)).await? {
                AfterVerb::Leave => return Ok(()),
                AfterVerb::Fetch(ask) => Some(ask),
                AfterVerb::Next => None,
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

    /// What the world says to a verb; where it says nothing, this is what was met.
    pub(super) fn others(
        &mut self,
        verb: &str,
        to: &str,
        met: &str,
        nobody: &[(String, String)],
    ) -> Result<VerbOutcome, Stop> {
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
                by: EndedBy::Unforeseen(verb.to_owned(), met.to_owned()),
                status: None,
            })),
        }
    }
}

/// What a request for the queue's document says of the queue.
fn queue_fields(sid: &str, waited: Duration, wait: &Wait) -> [Field; 6] {
    let position = wait.position(waited);
    let waited = waited.as_secs().to_string();
    [
        field("QueueSid", sid),
        field("QueuePosition", position.to_string()),
        field("QueueTime", waited.clone()),
        field("AvgQueueTime", waited),
        field("CurrentQueueSize", wait.position.to_string()),
        field("MaxQueueSize", "1000"),
    ]
}
