//! A call that is on: its state, its time, what is heard in it.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use super::act::{Caller, Closing, PhoneAct, Situation, TimedAct};
use super::clock::CallClock;
use super::cookies::Cookies;
use super::event::{CallEvent, EndedBy, Notice, Playback};
use super::fault::{CallEnd, LONGEST, Stop, error};
use super::form::{Field, Standard};
use super::plan::Plan;
use super::recording::Recording;
use super::server_address::ServerAddress;
use super::turn_report::TurnReport;
use super::wire::{Method, Wire};
use super::world::World;
use crate::twiml::read::Element;

/// Acts in one moment after which nobody is asked any more: no person presses keys a thousand times in one prompt.
const ACTS: u32 = 1_000;

/// A call that is on.
pub(super) struct Call<'a, W, C> {
    /// What was to be placed.
    pub(super) plan: &'a Plan,
    pub(super) clock: CallClock,
    /// How requests get out.
    pub(super) wire: &'a W,
    /// Who is on the line.
    pub(super) caller: &'a mut C,
    pub(super) world: &'a World,
    /// Where its server is.
    pub(super) address: ServerAddress,
    /// The fields of every request.
    pub(super) standard: Standard,
    /// What servers asked to be sent back.
    pub(super) cookies: Cookies,
    /// Recordings that were fetched, by URL.
    pub(super) recordings: HashMap<String, Arc<Recording>>,
    /// The document that is carried out.
    pub(super) document: Location,
    /// What its server reported of the last turn.
    pub(super) report: TurnReport,
    /// When it was answered.
    pub(super) answered: Option<Duration>,
    /// The carrier's last word, once it is over.
    pub(super) over: Option<&'static str>,
    /// Requests so far: what makes their tokens differ.
    pub(super) requests: u32,
    /// How often what becomes of somebody was asked of the world, by its key.
    pub(super) dialled: HashMap<String, usize>,
    /// What is told to servers later, and when.
    pub(super) later: Vec<LaterCallback>,
    /// What runs beside the call.
    pub(super) running: Vec<Running>,
    /// Names made up so far.
    pub(super) names: u32,
    /// Status callbacks so far.
    pub(super) told: u32,
    /// Documents since time last passed on the line.
    pub(super) circles: u32,
    /// When the caller is fetched from where they wait.
    pub(super) fetched_at: Option<Duration>,
    /// A key that the world has the caller press while waiting, as soon as one is listened for then.
    pub(super) presses: Option<(Duration, char)>,
}

/// Where a document came from.
#[derive(Clone, Debug, Default)]
pub(super) struct Location {
    /// Its URL, connection overrides included.
    pub(super) url: String,
    /// How it was asked for.
    pub(super) method: Method,
}

/// What runs beside a call.
pub(super) struct Running {
    /// The element that began it.
    pub(super) noun: Element,
    /// When it began, since the call was placed.
    pub(super) since: Duration,
}

/// Something that a server is told later.
pub(super) struct LaterCallback {
    /// When, since the call was placed.
    pub(super) at: Duration,
    /// The URL, resolved when it was written.
    pub(super) to: Location,
    /// What.
    pub(super) fields: Vec<Field>,
}

impl<'a, W: Wire, C: Caller> Call<'a, W, C> {
    pub(super) fn new(
        plan: &'a Plan,
        clock: CallClock,
        wire: &'a W,
        caller: &'a mut C,
        world: &'a World,
    ) -> Self {
        Self {
            plan,
            clock,
            wire,
            caller,
            world,
            address: ServerAddress::new(&plan.url, plan.account.signed_for.as_deref()),
            standard: Standard::new(plan),
            cookies: Cookies::default(),
            recordings: HashMap::new(),
            document: Location::default(),
            report: TurnReport::default(),
            answered: None,
            over: None,
            requests: 0,
            dialled: HashMap::new(),
            later: Vec::new(),
            running: Vec::new(),
            names: 0,
            told: 0,
            circles: 0,
            fetched_at: None,
            presses: None,
        }
    }

    pub(super) fn tell(&mut self, event: &CallEvent) {
        self.caller.notice(self.clock.elapsed(), event);
    }

    /// Tells what the carrier's debugger would.
    pub(super) fn complain(&mut self, notice: Notice) {
        self.tell(&CallEvent::Notices(notice));
    }

    /// Tells a fault and stops what is carried out.
    pub(super) fn fail(&mut self, notice: Notice) -> Stop {
        self.complain(notice.clone());
        Stop::Fault(Box::new(notice))
    }

    /// How far the call is, in the carrier's word.
    pub(super) fn status(&self) -> &'static str {
        match (self.over, self.answered) {
            (Some(word), _) => word,
            (None, Some(_)) => "in-progress",
            (None, None) if self.plan.direction.starts_with("outbound") => "in-progress",
            (None, None) => "ringing",
        }
    }

    /// The call is answered now, if it was not before.
    pub(super) fn answer(&mut self) {
        if self.answered.is_none() {
            self.answered = Some(self.clock.elapsed());
        }
    }

    /// The hexadecimal digits of a name that nothing else in the call has; the same in every repeat of the call.
    pub(super) fn name(&mut self, prefix: &str) -> String {
        use sha2::{Digest, Sha256};
        self.names += 1;
        let hash = Sha256::digest(format!("{} {prefix} {}", self.plan.sid, self.names));
        let mut name = prefix.to_owned();
        for byte in &hash[..16] {
            name.push_str(&format!("{byte:02x}"));
        }
        name
    }

    /// Lets a moment pass, until the caller acts or it is over; hanging up stops everything.
    pub(super) async fn live(&mut self, mut moment: Situation) -> Result<Option<TimedAct>, Stop> {
        let elapsed = self.clock.elapsed();
        let until = self.fetched_at.map_or(LONGEST, |at| at.min(LONGEST));
        let left = until.saturating_sub(elapsed);
        let is_cut = moment.lasts() > left;
        if is_cut {
            moment.shorten(left);
        }
        let lasts = moment.lasts();
        if is_cut && lasts.is_zero() {
            return Err(self.time_is_up());
        }
        let acted = match self.pressed_by_then(elapsed, &moment) {
            Some(acted) => Some(acted),
            None => self.caller.act(&moment).await,
        };
        let passed = acted
            .as_ref()
            .map_or(lasts, |acted| acted.after.min(moment.longest()));
        self.clock.pass(passed);
        if !passed.is_zero() {
            self.circles = 0;
        }
        match acted {
            Some(TimedAct {
                act: PhoneAct::HangUp,
                ..
            }) => Err(Stop::HungUp),
            Some(acted) => Ok(Some(acted)),
            None if is_cut => Err(self.time_is_up()),
            None => Ok(None),
        }
    }

    /// The key that the world has the caller press while this moment lasts.
    fn pressed_by_then(&mut self, elapsed: Duration, moment: &Situation) -> Option<TimedAct> {
        let (at, key) = self.presses?;
        let listens = match moment {
            Situation::Hears { listens, .. } => *listens,
            Situation::Asked { dtmf, .. } => *dtmf,
            Situation::Records { .. } | Situation::Away { .. } => false,
        };
        let after = at.saturating_sub(elapsed);
        if !listens || after > moment.lasts() {
            return None;
        }
        self.presses = None;
        let act = PhoneAct::Press(key);
        Some(TimedAct { after, act })
    }

    fn time_is_up(&mut self) -> Stop {
        if self.fetched_at.is_some_and(|at| at < LONGEST) {
            return Stop::Fetched;
        }
        self.give_up("the call has reached the longest time that an account has: 4 hours")
    }

    /// Ends a call that would go on for ever.
    pub(super) fn give_up(&mut self, why: &str) -> Stop {
        let notice = error(0, why, &self.document.url, 0);
        self.complain(notice.clone());
        Stop::Over(CallEnd {
            by: EndedBy::Fault(notice),
            status: None,
        })
    }

    /// Something is heard, while input is listened for or not. The act that cut it off, if one did.
    pub(super) async fn hear(
        &mut self,
        speech: Playback,
        closing: Option<Closing>,
        counts: impl Fn(&PhoneAct) -> bool,
    ) -> Result<Option<PhoneAct>, Stop> {
        let event = CallEvent::Hears(speech);
        self.tell(&event);
        let CallEvent::Hears(speech) = event else {
            unreachable!("it was made above")
        };
        let mut left = speech.lasts;
        for _ in 0..ACTS {
            if left.is_zero() {
                return Ok(None);
            }
            let acted = match self
                .live(Situation::Hears {
                    lasts: left,
                    listens: speech.listens,
                    closing,
                })
                .await
            {
                Ok(Some(acted)) => acted,
                Ok(None) => return Ok(None),
                Err(stop) => {
                    self.caller
                        .cut_off(&speech, speech.lasts.saturating_sub(left));
                    return Err(stop);
                }
            };
            left = left.saturating_sub(acted.after);
            if speech.listens && counts(&acted.act) {
                self.caller
                    .cut_off(&speech, speech.lasts.saturating_sub(left));
                return Ok(Some(acted.act));
            }
            self.lose(&acted.act);
        }
        self.clock.pass(left);
        Ok(None)
    }

    /// Something is heard and nobody listens.
    pub(super) async fn say(&mut self, speech: Playback) -> Result<(), Stop> {
        self.hear(speech, None, |_| false).await.map(|_| ())
    }

    /// Nobody listens for a time, unless for one key that ends it.
    pub(super) async fn away(&mut self, lasts: Duration, key: Option<char>) -> Result<bool, Stop> {
        let mut left = lasts;
        for _ in 0..ACTS {
            if left.is_zero() {
                return Ok(false);
            }
            match self.live(Situation::Away { lasts: left }).await? {
                None => return Ok(false),
                Some(TimedAct {
                    act: PhoneAct::Press(pressed),
                    ..
                }) if Some(pressed) == key => return Ok(true),
                Some(acted) => left = left.saturating_sub(acted.after),
            }
        }
        self.clock.pass(left);
        Ok(false)
    }

    /// A key or words that nobody listened for.
    pub(super) fn lose(&mut self, act: &PhoneAct) {
        let lost = match act {
            PhoneAct::Press(key) => key.to_string(),
            PhoneAct::Say(said) => said.words.clone(),
            PhoneAct::HangUp => return,
        };
        self.tell(&CallEvent::Lost(lost));
    }
}
