//! Takes a request through the turn protocol: the stored call is fetched, `protocol` decides, `prepare` computes the
//! turn, one commit makes it durable, and only then is it answered.
//!
//! A repeat is never answered from this node's memory. A call that awaits what a service answers is `awaiting`'s.

mod after;
mod awaiting;
pub mod opening;
mod prepare;
pub mod protocol;

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use jiff::Timestamp;

use self::prepare::{CommittedTurn, LeftVisit, Prepared, Terms};
use self::protocol::{
    CallPosition, Decision, EntryPoint, KnownCall, RepeatReason, TurnRef, TurnRequest, decide,
};
use super::app::App;
use super::cache;
use super::codes::JudgedCode;
use super::flows::FlowVersion;
use super::permits::{self, JudgedNumber};
use crate::engine::{
    About, Call, CallSid, Delivery, Flow, Input, Nonce, Opened, Opening, OwnWords, Permit, Slot,
    TurnWants, Value,
};
use crate::hours::HoursSwitch;
use crate::store::{self, Commit, Committed, Row, Stored};
use crate::twilio::{Webhook, retry};
use crate::twiml::{self, Links};
use crate::written::carrier_fields::ARG;

pub use awaiting::ask_for;
pub use prepare::{LEG, TurnPlan, TurnReply, WAIT, beside_url, bury, render, render_verbs};

/// How often a turn is tried that others overtake. Each time some other turn was committed, so this ends.
const TRIES: usize = 8;

/// A request, believed and read.
#[derive(Clone, Debug)]
pub struct CallRequest<'a> {
    /// The call.
    pub sid: CallSid,
    /// What it asks.
    pub asked: TurnRequest<'a>,
    /// What came.
    pub input: Input,
    /// What the carrier said, for a call that begins.
    pub webhook: &'a Webhook<'a>,
    /// Where the call comes from, where that is not just anybody.
    pub origin: Option<&'a Origin>,
}

/// Where a call comes from that is not just anybody's.
#[derive(Clone, Debug)]
pub enum Origin {
    /// From nobody: a rehearsal.
    Rehearsal,
    /// From us: it was placed, and is given something.
    Placed(GivenArgs),
}

impl<'a> CallRequest<'a> {
    /// Whether nobody calls.
    fn is_rehearsal(&self) -> bool {
        matches!(self.origin, Some(Origin::Rehearsal))
    }

    /// What it is given, where we placed it.
    fn given(&self) -> Option<&'a GivenArgs> {
        match self.origin {
            Some(Origin::Placed(given)) => Some(given),
            _ => None,
        }
    }
}

/// What a call that we placed is given.
#[derive(Clone, Debug)]
pub struct GivenArgs {
    /// The flow version that it was taken for.
    pub version: Arc<FlowVersion>,
    /// What it is given, by the slots of that version.
    pub fields: Vec<(Slot, Value)>,
}

/// A call, and what it would be answered if nothing moved.
pub struct LoadedCall {
    /// Its state.
    pub call: Call,
    /// Where it stands in the store.
    pub from: CommitBase,
    /// The reply committed last; empty where only this node's memory was asked.
    pub reply: Bytes,
    /// Whether its flow is over.
    pub finished: bool,
}

/// The turn and the revision that a call is moved on from; both 0 for a call that is not there yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CommitBase {
    /// The turn.
    pub turn: u32,
    /// The revision.
    pub revision: u32,
}

/// What was judged while a turn was worked out.
#[derive(Default)]
struct Judgements {
    numbers: Vec<JudgedNumber>,
    codes: Vec<JudgedCode>,
}

/// What a decision comes to.
#[expect(
    clippy::large_enum_variant,
    reason = "it is made once a turn and taken apart at once: a box is only a cost"
)]
enum NextAction<'a> {
    Take(TurnPlan<'a>),
    Answer(Bytes),
}

impl LoadedCall {
    fn standing(&self) -> CallPosition<'_> {
        let Call {
            flow,
            opened: Opened { nonce, by, .. },
            ..
        } = &self.call;
        CallPosition {
            flow,
            turn: self.from.turn,
            nonce: *nonce,
            by,
            finished: self.finished,
        }
    }
}

impl App {
    /// Answers a webhook of a call.
    ///
    /// # Errors
    /// When the store is away: the caller is put on hold.
    pub async fn take_turn(&self, request: &CallRequest<'_>) -> Result<Bytes, store::Error> {
        let mut found = match request.asked.place {
            // A call that comes in is mostly new: the commit itself finds out.
            EntryPoint::Start(_)
                if request.asked.moves && self.cache.get(&request.sid).is_none() =>
            {
                None
            }
            _ => self.remembered(request).await?,
        };
        for _ in 0..TRIES {
            let plan = match self.step(request, found).await? {
                NextAction::Answer(reply) => return Ok(reply),
                NextAction::Take(plan) => plan,
            };
            let (turn, reply) = match self.commit_turn(plan, self.clock.now()).await? {
                (Committed::Done, TurnReply { bytes, awaits }) => match awaits {
                    None => return Ok(bytes),
                    Some(turn) => (turn, bytes),
                },
                (Committed::Behind(stored), _) => {
                    found = Some(self.read(&request.sid, stored)?);
                    continue;
                }
                (Committed::Gone, _) => {
                    self.cache.remove(&request.sid);
                    found = None;
                    continue;
                }
            };
            // Boxed, so that what is rarely done takes no room in every turn.
            return Box::pin(self.in_turn(&request.sid, turn, reply)).await;
        }
        tracing::error!(call_sid = %request.sid, "A turn was overtaken again and again.");
        Ok(self.apology("", None))
    }

    /// A call as this node remembers it, where the request moves it on; else as the store has it.
    async fn remembered(
        &self,
        request: &CallRequest<'_>,
    ) -> Result<Option<LoadedCall>, store::Error> {
        let EntryPoint::Turn(mark) = request.asked.place else {
            return self.find(&request.sid).await;
        };
        let known = self
            .cache
            .get(&request.sid)
            .filter(|known| mark.turn == known.turn && request.asked.moves);
        if let Some(cache::CachedCall {
            turn,
            revision,
            state,
            ..
        }) = known
        {
            let call = store::decode(&request.sid, &state, self.store.seal())?;
            let found = LoadedCall {
                call,
                from: CommitBase { turn, revision },
                reply: Bytes::new(),
                finished: false,
            };
            // The reply is not remembered: a request that moves nothing is answered by the store.
            if decide(&request.asked, &KnownCall::Call(found.standing())) == Decision::Move {
                return Ok(Some(found));
            }
        }
        self.find(&request.sid).await
    }

    /// A call as the store has it.
    ///
    /// # Errors
    /// When the store is away, or what it has cannot be read.
    pub async fn find(&self, sid: &CallSid) -> Result<Option<LoadedCall>, store::Error> {
        let stored = self.store.load(sid).await?;
        stored.map(|stored| self.read(sid, stored)).transpose()
    }

    fn read(&self, sid: &CallSid, stored: Stored) -> Result<LoadedCall, store::Error> {
        let Stored {
            turn,
            revision,
            state,
            reply,
            finished,
            ..
        } = stored;
        let call = store::decode(sid, &state, self.store.seal())?;
        self.cache.correct(sid, turn, revision, finished);
        Ok(LoadedCall {
            call,
            from: CommitBase { turn, revision },
            reply,
            finished,
        })
    }

    /// What the protocol says, made ready to be done.
    async fn step<'a>(
        &self,
        request: &'a CallRequest<'_>,
        found: Option<LoadedCall>,
    ) -> Result<NextAction<'a>, store::Error> {
        let CallRequest { sid, asked, .. } = request;
        let decision = match &found {
            Some(found) => decide(asked, &KnownCall::Call(found.standing())),
            None => decide(asked, &self.nothing_found(request).await?),
        };
        match (decision, found) {
            (Decision::Begin { lost }, _) => Ok(self.begin(request, lost)),
            (Decision::Visit { leaves }, Some(found)) => self.revisit(request, found, leaves).await,
            (Decision::Move, Some(found)) if is_asked_again(request, &found) => {
                let turn = TurnRef {
                    turn: found.from.turn,
                    nonce: found.call.opened.nonce,
                };
                let answer = Box::pin(self.answer_awaiting(sid, turn, None)).await;
                answer.map(NextAction::Answer)
            }
            (Decision::Move, Some(found)) => {
                if let Some(version) = self.version_of(&found.call).await? {
                    let LoadedCall { call, from, .. } = found;
                    Ok(NextAction::Take(TurnPlan {
                        version,
                        call,
                        input: &request.input,
                        from,
                        leaves: None,
                    }))
                } else {
                    // Better the flow from its start than an apology.
                    tracing::error!(call_sid = %sid, version = %found.call.version, "The call's flow version is nowhere kept.");
                    self.revisit(request, found, false).await
                }
            }
            (Decision::Repeat(repeat), Some(found)) => {
                Ok(NextAction::Answer(self.repeat(request, repeat, found)))
            }
            (Decision::Nothing, _) => Ok(NextAction::Answer(Bytes::from_static(
                twiml::EMPTY.as_bytes(),
            ))),
            _ => Ok(NextAction::Answer(self.apology("", None))),
        }
    }

    /// The store has no state of the call: it is new, or over for long, or lost.
    async fn nothing_found(
        &self,
        request: &CallRequest<'_>,
    ) -> Result<KnownCall<'static>, store::Error> {
        if let EntryPoint::Start(_) = request.asked.place {
            return Ok(KnownCall::Nothing);
        }
        let trail = Box::pin(self.store.trail(&request.sid)).await?;
        let past = trail.as_ref().and_then(|trail| trail.entries.last());
        Ok(match past {
            Some(last) if last.outcome != crate::engine::Outcome::InProgress => KnownCall::Past,
            _ => KnownCall::Nothing,
        })
    }

    fn repeat(&self, request: &CallRequest<'_>, repeat: RepeatReason, found: LoadedCall) -> Bytes {
        match repeat {
            RepeatReason::Ahead => {
                self.metrics.future_turns.inc();
                let waits_for = found.from.turn;
                tracing::warn!(call_sid = %request.sid, waits_for, "A turn came to which the call has not come: the store has lost turns.");
            }
            RepeatReason::Foreign => {
                self.metrics.repeats.inc();
                tracing::info!(call_sid = %request.sid, "A turn of another visit or flow came: nothing moves.");
            }
            RepeatReason::Again | RepeatReason::Untrusted => {
                self.metrics.repeats.inc();
            }
        }
        found.reply
    }

    /// A new call, or one whose state is gone: then the flow that the URL names begins again.
    fn begin<'a>(&self, request: &'a CallRequest<'_>, lost: bool) -> NextAction<'a> {
        let CallRequest { sid, asked, .. } = request;
        let Some(version) = self.in_service(request) else {
            return NextAction::Answer(self.apology("", None));
        };
        if lost {
            self.metrics.lost_calls.inc();
            tracing::warn!(call_sid = %sid, flow = asked.flow, "The state of a call is gone: it begins again.");
        }
        let call = Call::new(
            sid.clone(),
            &version.flow,
            about(request.webhook, self.clock.now()),
        );
        let call = Call {
            opened: self.opened(&[], request),
            ..begun(call, request, &version.flow)
        };
        NextAction::Take(TurnPlan {
            version,
            call,
            input: begins_with(request),
            from: CommitBase::default(),
            leaves: None,
        })
    }

    /// The call has come back.
    async fn revisit<'a>(
        &self,
        request: &'a CallRequest<'_>,
        found: LoadedCall,
        leaves: bool,
    ) -> Result<NextAction<'a>, store::Error> {
        let Some(version) = self.in_service(request) else {
            return Ok(NextAction::Answer(self.apology("", None)));
        };
        let LoadedCall {
            call: before, from, ..
        } = found;
        let call = Call {
            opened: self.opened(&before.opened.by, request),
            ..begun(before.revisit(&version.flow), request, &version.flow)
        };
        let left = if leaves {
            Box::pin(self.version_of(&before)).await?
        } else {
            None
        };
        let leaves = left.map(|version| {
            Box::new(LeftVisit {
                version,
                call: before,
            })
        });
        Ok(NextAction::Take(TurnPlan {
            version,
            call,
            input: begins_with(request),
            from,
            leaves,
        }))
    }

    fn in_service(&self, request: &CallRequest<'_>) -> Option<Arc<FlowVersion>> {
        if let Some(given) = request.given() {
            return Some(Arc::clone(&given.version));
        }
        let version = self.flows.by_name(request.asked.flow);
        // A flow that others go through is no line, nor is one that is given something with a call that we place.
        let version = version.filter(|found| request.is_rehearsal() || !found.flow.needs_args());
        if version.is_none() {
            tracing::error!(call_sid = %request.sid, flow = request.asked.flow, "There is no such flow in service.");
        }
        version
    }

    fn opened(&self, before: &[Opening], request: &CallRequest<'_>) -> Opened {
        let now = self.store.now();
        let nonce = Nonce::new(now.as_second(), (self.random)());
        let by = match request.asked.place {
            EntryPoint::Start(opening) => protocol::remember(before, opening),
            EntryPoint::Turn(_) => before.to_vec(),
        };
        Opened {
            nonce,
            by,
            rehearsal: request.is_rehearsal(),
        }
    }

    /// The version that a call runs on, from here or from the store.
    ///
    /// # Errors
    /// When the store is away.
    pub async fn version_of(&self, call: &Call) -> Result<Option<Arc<FlowVersion>>, store::Error> {
        if let Some(version) = self.flows.version(call.version) {
            return Ok(Some(version));
        }
        // Boxed, so that what is rarely done takes no room in every turn.
        match Box::pin(FlowVersion::fetch(call.version, &self.store, |flow| {
            self.flows.folders().tell(flow);
        }))
        .await
        {
            Ok(Some(version)) => {
                tracing::info!(flow = call.flow, version = %call.version, "A flow version was fetched for calls on it.");
                let version = Arc::new(version);
                self.flows.add(Arc::clone(&version));
                Ok(Some(version))
            }
            Ok(None) => Ok(None),
            Err(error @ store::Error::Corrupt { .. }) => {
                tracing::error!(%error, "A flow version cannot be used.");
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Moves a call on by one turn, and writes it all down before anybody hears of it. `moment` is when what came happened.
    ///
    /// # Errors
    /// When the store is away: the turn may or may not be written.
    pub async fn commit_turn(
        &self,
        plan: TurnPlan<'_>,
        moment: Timestamp,
    ) -> Result<(Committed, TurnReply), store::Error> {
        let now = self.store.now();
        plan.version.keep(&self.store, now).await?;
        let lease =
            |backend: &str| (!self.outbox.is_paused(backend)).then(|| self.outbox.lease(backend));
        let switched = self.switched.now();
        let moment = to_the_millisecond(moment);
        let terms = self.terms(&lease, &switched);
        let (commit, after, judged) = if plan.asks_permits() {
            // Boxed, so that what few turns do takes no room in every turn.
            Box::pin(self.prepare_judged(plan, (moment, now), &terms)).await?
        } else {
            match plan.prepare((moment, now), (&[], &[]), &terms)? {
                Prepared::Turn(commit, after) => (commit, after, Judgements::default()),
                Prepared::Wants(wanted) => return Err(permits::unasked(&wanted.0)),
            }
        };
        let started = Instant::now();
        let committed = self.store.commit(commit).await;
        self.metrics
            .commit_seconds
            .observe(started.elapsed().as_secs_f64());
        let committed = committed?;
        let reply = after.turn_reply();
        if matches!(committed, Committed::Done) {
            self.note_judged(&judged.numbers);
            self.note_codes(&judged.codes);
            self.after_commit(after);
        }
        Ok((committed, reply))
    }

    /// Works out a turn that may reach numbers: again and again, until it is known of each whether it may be reached.
    async fn prepare_judged<'a>(
        &self,
        plan: TurnPlan<'a>,
        times: (Timestamp, Timestamp),
        terms: &Terms<'_>,
    ) -> Result<(Commit, CommittedTurn<'a>, Judgements), store::Error> {
        let (mut permits, mut made, mut judged) = (Vec::new(), Vec::new(), Judgements::default());
        loop {
            match plan.clone().prepare(times, (&permits, &made), terms)? {
                Prepared::Turn(commit, after) => return Ok((commit, after, judged)),
                Prepared::Wants(wanted) => match *wanted {
                    (TurnWants::Number(wanted), call) => {
                        let number = self.judge_number(&call, permits.len(), wanted).await?;
                        permits.push(number.permit);
                        judged.numbers.push(number);
                    }
                    (TurnWants::Code(wanted), call) => {
                        let mut code = self.judge_code(&call, permits.len(), wanted).await?;
                        permits.push(Permit::Code(code.answer));
                        made.extend(code.made.take());
                        judged.codes.push(code);
                    }
                },
            }
        }
    }

    /// What turns are worked out with.
    fn terms<'a>(
        &'a self,
        lease: &'a (dyn Fn(&str) -> Option<Duration> + Sync),
        switched: &'a [(String, HoursSwitch)],
    ) -> Terms<'a> {
        Terms {
            node: self.node,
            seal: self.store.seal(),
            prefix: &self.address.prefix,
            audio: &self.address.audio,
            silent_after: self.times.silent_after,
            keeps_trails: self.store.keeps_trails(),
            switched,
            waits: self.times.recordings_wait,
            recordings: self.recording_terms(),
            text_account: self.text_account.as_deref(),
            lease,
        }
    }

    /// The row of a delivery that no turn makes, leased to this node as that of a turn is.
    pub fn new_row(&self, delivery: Delivery, call: &Call) -> Row {
        let lease =
            |backend: &str| (!self.outbox.is_paused(backend)).then(|| self.outbox.lease(backend));
        let terms = self.terms(&lease, &[]);
        prepare::row(delivery, call, self.store.now(), &terms)
    }

    /// Calm words and the end of the call, in the language of a flow where we know it.
    pub fn apology(&self, flow: &str, call: Option<&Call>) -> Bytes {
        let links = self.links_of_own_words();
        let document = |words: &OwnWords| twiml::apology(&words.apology, &links);
        self.with_own_words(flow, call, document).into()
    }

    /// A few words for a caller who has to wait, and the same request again, at a URL.
    pub fn hold(&self, flow: &str, call: Option<&Call>, url: &str) -> Bytes {
        let links = self.links_of_own_words();
        let document = |words: &OwnWords| twiml::hold(&words.hold, url, &links);
        self.with_own_words(flow, call, document).into()
    }

    /// Makes a document with our own words in the language of a call, or of a flow's beginning.
    fn with_own_words(
        &self,
        flow: &str,
        call: Option<&Call>,
        document: impl Fn(&OwnWords) -> String,
    ) -> String {
        let version = call
            .and_then(|call| self.flows.version(call.version))
            .or_else(|| self.flows.by_name(flow));
        let language = call.map_or(0, |call| call.language);
        match version {
            Some(version) => document(version.flow.own_words(language)),
            None => document(&OwnWords::of_no_flow()),
        }
    }

    fn links_of_own_words(&self) -> Links<'_> {
        Links {
            audio: &self.address.audio,
            audio_fragment: retry::FRAGMENT,
            ..Links::default()
        }
    }
}

/// Whether a turn is only asked for again that awaits an answer: what the caller does meanwhile moves nothing.
fn is_asked_again(request: &CallRequest<'_>, found: &LoadedCall) -> bool {
    let is_told = matches!(request.input, Input::Failed(_) | Input::HungUp(_));
    found.call.awaiting().is_some() && !is_told
}

/// A time as a trail keeps it: what is worked out from a trail is worked out for the same moment.
fn to_the_millisecond(now: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
}

/// What begins a visit; a call whose state is gone begins again, whatever came.
fn begins_with<'a>(request: &'a CallRequest<'_>) -> &'a Input {
    match request.asked.place {
        EntryPoint::Start(_) => &request.input,
        EntryPoint::Turn(_) => &Input::Begin,
    }
}

/// A call with what its flow reads of the request that begins a visit, and sends on of it. Only a rehearsal gives it what a
/// carrier does not send; a call that we placed has what it was given.
fn begun(call: Call, request: &CallRequest<'_>, flow: &Flow) -> Call {
    let form = request.webhook.form;
    let is_meant = |name: &str| request.is_rehearsal() || !name.starts_with(ARG);
    let fields = flow.read_call(|name| {
        let value = form.get(name).filter(|value| !value.is_empty());
        value.filter(|_| is_meant(name))
    });
    let given = request
        .given()
        .into_iter()
        .flat_map(|given| given.fields.clone());
    call.with_fields(fields.into_iter().chain(given).collect())
        .with_request(flow.read_request(form.iter()))
}

/// What a call is begun with.
fn about(webhook: &Webhook<'_>, now: Timestamp) -> About {
    let text = |field: Option<&str>| field.unwrap_or_default().to_owned();
    About {
        from: text(webhook.from),
        to: text(webhook.to),
        direction: text(webhook.direction),
        caller_name: text(webhook.caller_name),
        started: now.as_millisecond(),
    }
}
