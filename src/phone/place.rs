//! A call from its first request to its end.

use std::time::Duration;

use super::act::Caller;
use super::call::{Call, Location};
use super::clock::CallClock;
use super::event::{CallEvent, Ended, EndedBy, Notice, Playback, Severity};
use super::fault::{CIRCLES, CallEnd, Stop};
use super::fetch::Fetch;
use super::form::field;
use super::plan::Plan;
use super::spoken;
use super::verbs::AfterVerb;
use super::wire::Wire;
use super::world::{Unforeseen, World};

/// What the caller hears when the application fails and no fallback helps.
const APOLOGY: &str = "We are sorry. An application error has occurred. Goodbye.";

/// Places a call and carries it out to its end. Never fails: what goes wrong ends the call as it would at the carrier.
pub async fn place<W: Wire, C: Caller>(
    plan: &Plan,
    clock: CallClock,
    wire: &W,
    caller: &mut C,
    world: &World,
) -> Ended {
    wire.meets(&plan.sid, &world.services);
    let mut call = Call::new(plan, clock, wire, caller, world);
    let over = call.run().await;
    call.end(over).await
}

impl<W: Wire, C: Caller> Call<'_, W, C> {
    /// Asks for documents and carries them out, until something ends the call.
    async fn run(&mut self) -> CallEnd {
        let mut ask = Fetch::plain(self.plan.url.clone(), self.plan.method);
        loop {
            let is_fallback = ask.is_fallback;
            let stop = match self.turn(ask).await {
                Ok(AfterVerb::Fetch(next)) => {
                    ask = next;
                    continue;
                }
                Ok(AfterVerb::Next | AfterVerb::Leave) => return CallEnd::by_application(),
                Err(stop) => stop,
            };
            match stop {
                Stop::HungUp | Stop::Fetched => {
                    return CallEnd {
                        by: EndedBy::Caller,
                        status: None,
                    };
                }
                Stop::Over(over) => return over,
                Stop::Fault(notice) => match self.fallback(&notice).filter(|_| !is_fallback) {
                    Some(next) => ask = next,
                    None => return self.apologise(*notice).await,
                },
            }
        }
    }

    /// One document: asked for and carried out.
    async fn turn(&mut self, ask: Fetch) -> Result<AfterVerb, Stop> {
        self.circles += 1;
        if self.circles > CIRCLES {
            return Err(self.give_up(
                "the call goes in circles: 1,000 documents came and no time passed on the line",
            ));
        }
        let now = self.clock.elapsed();
        self.tell_later(now).await;
        let document = self.document(ask).await?;
        self.asked()?;
        self.carry_out(&document.verbs).await
    }

    /// Whether the server asked a service that nobody has foreseen.
    fn asked(&mut self) -> Result<(), Stop> {
        let Some(service) = self.report.unforeseen.take() else {
            return Ok(());
        };
        match self.world.unforeseen {
            Unforeseen::NobodyThere => {
                let message = format!(
                    "nobody said what the service {service} answers: it counts as an error; say otherwise with --world FILE"
                );
                self.complain(Notice {
                    code: 0,
                    severity: Severity::Warning,
                    message,
                    url: String::new(),
                    line: 0,
                });
                Ok(())
            }
            Unforeseen::Ends => Err(Stop::Over(CallEnd {
                by: EndedBy::Unforeseen("http".to_owned(), service),
                status: None,
            })),
        }
    }

    /// The fallback URL, where there is one.
    fn fallback(&self, notice: &Notice) -> Option<Fetch> {
        let fallback = self.plan.fallback.as_ref()?;
        let at = Location {
            url: fallback.url.clone(),
            method: fallback.method,
        };
        let code = if notice.code == 0 {
            String::new()
        } else {
            notice.code.to_string()
        };
        let fields = vec![
            field("ErrorCode", code),
            field("ErrorUrl", notice.url.as_str()),
        ];
        Some(Fetch {
            at,
            fields,
            is_fallback: true,
        })
    }

    /// The carrier's own words, and the end.
    async fn apologise(&mut self, notice: Notice) -> CallEnd {
        self.answer();
        let words_a_minute = self.words_a_minute();
        let speech = Playback {
            verb: "Say".to_owned(),
            text: APOLOGY.to_owned(),
            language: "en-US".to_owned(),
            lasts: spoken::lasts(APOLOGY, words_a_minute),
            ..Playback::default()
        };
        // The call ends here whether they are heard to their end or not.
        let _ = self.say(speech).await;
        CallEnd {
            by: EndedBy::Fault(notice),
            status: None,
        }
    }

    /// The last word: the status callback, then the end is reported.
    async fn end(mut self, over: CallEnd) -> Ended {
        let after = self.clock.elapsed();
        let usual = if self.answered.is_some() || over.by != EndedBy::Caller {
            "completed"
        } else {
            "no-answer"
        };
        let status = over.status.unwrap_or(usual);
        self.over = Some(status);
        let ended = Ended {
            by: over.by,
            status: status.to_owned(),
            after,
        };
        self.stop_all();
        self.tell_end(&ended).await;
        self.tell_later(Duration::MAX).await;
        self.tell(&CallEvent::Ends(ended.clone()));
        ended
    }

    /// How fast a voice speaks.
    pub(super) fn words_a_minute(&self) -> u32 {
        self.plan
            .words_a_minute
            .unwrap_or(Plan::WORDS_A_MINUTE)
            .max(1)
    }
}
