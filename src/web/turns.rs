//! The turn protocol: which call, which turn, and whether anything moves.
//!
//! Let n be the turn that a call waits for. Asked for n it moves, and the first commit wins. Asked for n−1, an older
//! turn or one that it has not come to, it gets the reply that was committed last, and nothing moves. Where the state is
//! gone, the flow that the URL names starts again. A repeat is never answered from this node's memory.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use jiff::Timestamp;

use super::app::App;
use super::cache::Known;
use super::flows::Version;
use super::voice::about;
use crate::engine::{Call, CallSid, Delivery, Input, Outcome, Reply, Turn, advance_safely, fingerprint, is_secret};
use crate::store::{self, Commit, Committed, Row, RowId, RowState, Stored, Trace};
use crate::twilio::{Webhook, retry};
use crate::twiml::{self, Links};

/// How often a turn is tried that others overtake. Each time some other turn was committed, so this ends.
const TRIES: usize = 8;

/// What a webhook asks for.
#[derive(Clone, Debug)]
pub struct Asked<'a> {
    /// The call.
    pub sid: CallSid,
    /// The flow that the URL names.
    pub flow: &'a str,
    /// The turn that it names; `None` for the URL at which calls come in.
    pub turn: Option<u32>,
    /// What came.
    pub input: Input,
    /// Whether the call is only just ringing, so that this is its first request or a repeat of it.
    pub ringing: bool,
    /// Whether nothing may move: what came cannot be trusted, or nobody is there to be silent.
    pub look_only: bool,
    /// Whether the carrier says that the call is over: then none begins.
    pub over: bool,
    /// What the carrier said, for a call that begins.
    pub webhook: &'a Webhook<'a>,
}

/// A call, and what it would be answered if nothing moved.
pub struct Found {
    /// Its state.
    pub call: Call,
    /// The turn that it waits for.
    pub turn: u32,
    /// How often its state was written.
    pub revision: u32,
    /// The reply committed last; empty where only this node's memory was asked.
    pub reply: Bytes,
    /// Whether its flow is over.
    pub finished: bool,
}

/// The turn and the revision that a call is moved on from; both 0 for a call that is not there yet.
#[derive(Clone, Copy, Debug, Default)]
pub struct From {
    /// The turn.
    pub turn: u32,
    /// The revision.
    pub revision: u32,
}

/// What is to be done with a request.
#[expect(clippy::large_enum_variant, reason = "it is made once a turn and taken apart at once: a box is only a cost")]
enum Way<'a> {
    /// The reply committed last.
    Last(Bytes),
    /// A turn is taken.
    Move { call: Call, from: From, version: Arc<Version>, input: &'a Input },
    /// Calm words: there is no such flow, or nothing to look at.
    Sorry,
    /// The call is over, or never was, and there is nobody to answer.
    Nothing,
}

impl Found {
    fn from(&self) -> From {
        From { turn: self.turn, revision: self.revision }
    }
}

impl App {
    /// Answers a webhook of a call.
    ///
    /// # Errors
    /// When the store is away: the caller is put on hold.
    pub async fn take_turn(&self, asked: &Asked<'_>) -> Result<Bytes, store::Error> {
        let mut found = match asked.turn {
            // A call that comes in is mostly new: the commit itself finds out.
            None if !asked.look_only && self.cache.get(&asked.sid).is_none() => None,
            _ => self.remembered(asked).await?,
        };
        for _ in 0..TRIES {
            let (call, from, version, input) = match self.way(asked, found).await? {
                Way::Last(reply) => return Ok(reply),
                Way::Move { call, from, version, input } => (call, from, version, input),
                Way::Sorry => return Ok(self.apology("", None)),
                Way::Nothing => return Ok(Bytes::from_static(twiml::EMPTY.as_bytes())),
            };
            match self.commit_turn(&version, call, from, input).await? {
                (Committed::Done, reply) => return Ok(reply),
                (Committed::Behind(stored), _) => found = Some(self.read(&asked.sid, stored)?),
                (Committed::Gone, _) => {
                    self.cache.remove(&asked.sid);
                    found = None;
                }
            }
        }
        tracing::error!(call_sid = %asked.sid, "A turn was overtaken again and again.");
        Ok(self.apology("", None))
    }

    /// A call as this node remembers it, where the request moves it on; else as the store has it.
    async fn remembered(&self, asked: &Asked<'_>) -> Result<Option<Found>, store::Error> {
        let known = self.cache.get(&asked.sid).filter(|known| asked.turn == Some(known.turn) && !asked.look_only);
        if let Some(known) = known {
            let call = store::decode(&asked.sid, &known.state, self.store.seal())?;
            // The reply is not remembered: a request that moves nothing is answered by the store.
            if call.flow == asked.flow {
                let Known { turn, revision, .. } = known;
                return Ok(Some(Found { call, turn, revision, reply: Bytes::new(), finished: false }));
            }
        }
        self.find(&asked.sid).await
    }

    /// A call as the store has it.
    ///
    /// # Errors
    /// When the store is away, or what it has cannot be read.
    pub async fn find(&self, sid: &CallSid) -> Result<Option<Found>, store::Error> {
        let stored = self.store.load(sid).await?;
        stored.map(|stored| self.read(sid, stored)).transpose()
    }

    fn read(&self, sid: &CallSid, stored: Stored) -> Result<Found, store::Error> {
        let call = store::decode(sid, &stored.state, self.store.seal())?;
        // Of a call that is over nothing is remembered but its faults: the carrier may ask for its last reply for ever.
        self.cache.correct(sid, if stored.finished { u32::MAX } else { stored.turn });
        let Stored { turn, revision, reply, finished, .. } = stored;
        Ok(Found { call, turn, revision, reply, finished })
    }

    /// What the protocol says.
    async fn way<'a>(&self, asked: &'a Asked<'_>, found: Option<Found>) -> Result<Way<'a>, store::Error> {
        let Some(found) = found else { return Ok(self.begin(asked)) };
        let here = found.call.flow == asked.flow;
        match asked.turn {
            _ if asked.look_only => {
                self.metrics.repeats.inc();
            }
            None if asked.ringing || (here && !found.finished) => {
                self.metrics.repeats.inc();
            }
            None => return Ok(self.revisit(asked, &found)),
            Some(turn) if turn == found.turn && here && !found.finished => {
                let Some(version) = self.version_of(&found.call).await? else {
                    return Ok(self.begin_again(asked, &found));
                };
                let from = found.from();
                return Ok(Way::Move { call: found.call, from, version, input: &asked.input });
            }
            Some(turn) if turn > found.turn => {
                self.metrics.future_turns.inc();
                tracing::warn!(call_sid = %asked.sid, turn, waits_for = found.turn, "A turn from the future came.");
            }
            Some(_) => {
                self.metrics.repeats.inc();
            }
        }
        Ok(Way::Last(found.reply))
    }

    /// No state: a new call, or one whose state is gone; then the flow that the URL names starts again.
    fn begin(&self, asked: &Asked<'_>) -> Way<'static> {
        if asked.over {
            return Way::Nothing;
        }
        if asked.look_only {
            return Way::Sorry;
        }
        let Some(version) = self.flows.by_name(asked.flow) else {
            tracing::error!(call_sid = %asked.sid, flow = asked.flow, "There is no such flow in service.");
            return Way::Sorry;
        };
        if asked.turn.is_some() {
            self.metrics.lost_calls.inc();
            tracing::warn!(call_sid = %asked.sid, flow = asked.flow, "The state of a call is gone: it begins again.");
        }
        let call = Call::new(asked.sid.clone(), &version.flow, about(asked.webhook, self.clock.now()));
        Way::Move { call, from: From::default(), version, input: &Input::Begin }
    }

    /// The call has come back.
    fn revisit(&self, asked: &Asked<'_>, found: &Found) -> Way<'static> {
        let Some(version) = self.flows.by_name(asked.flow) else {
            tracing::error!(call_sid = %asked.sid, flow = asked.flow, "There is no such flow in service.");
            return Way::Sorry;
        };
        let call = found.call.revisit(&version.flow);
        Way::Move { call, from: found.from(), version, input: &Input::Begin }
    }

    /// The version that a call runs on is nowhere to be had: better the flow from its start than an apology.
    fn begin_again(&self, asked: &Asked<'_>, found: &Found) -> Way<'static> {
        tracing::error!(call_sid = %asked.sid, version = %found.call.version, "The call's flow version is nowhere kept.");
        self.revisit(asked, found)
    }

    /// The version that a call runs on, from here or from the store.
    ///
    /// # Errors
    /// When the store is away.
    pub async fn version_of(&self, call: &Call) -> Result<Option<Arc<Version>>, store::Error> {
        if let Some(version) = self.flows.version(call.version) {
            return Ok(Some(version));
        }
        // Boxed, so that what is rarely done takes no room in every turn.
        match Box::pin(Version::fetch(call.version, &self.store)).await {
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

    /// Moves a call on by one turn, and writes it all down before anybody hears of it.
    ///
    /// # Errors
    /// When the store is away: the turn may or may not be written.
    pub async fn commit_turn(
        &self,
        version: &Version,
        mut call: Call,
        from: From,
        input: &Input,
    ) -> Result<(Committed, Bytes), store::Error> {
        let now = to_the_millisecond(self.clock.now());
        version.keep(&self.store, now).await?;
        let sid = call.sid.clone();
        call.fallbacks = call.fallbacks.max(self.cache.fallbacks(&sid));
        let begins = matches!(input, Input::Begin);
        let stays = from.turn == 0 || call.node == self.node;
        call.node = self.node;
        let secret = is_secret(&version.flow, &call, input);
        let mut turn = advance_safely(&version.flow, call, input, now);
        let reply = self.render(&turn);
        let trail = self.trace(&turn, input, secret, now, &reply)?;
        let rows = self.rows(std::mem::take(&mut turn.deliveries), &sid, now);
        let leased = rows.iter().filter(|row| row.state == RowState::Sending).cloned().collect();
        let state = store::encode(&turn.call, &version.flow, self.store.seal())?;
        let finished = turn.call.is_over();
        let holds = turn.holds_for.map(|seconds| Duration::from_secs(seconds.into()));
        let commit = Commit {
            sid: sid.clone(),
            from_turn: from.turn,
            from_revision: from.revision,
            turn: turn.call.turn,
            state: state.clone(),
            reply: reply.clone(),
            version: version.fingerprint(),
            finished,
            due: now + holds.unwrap_or(self.times.silent_after),
            rows,
            trail: trail.into_iter().collect(),
        };
        let started = Instant::now();
        let committed = self.store.commit(commit).await;
        self.metrics.commit_seconds.observe(started.elapsed().as_secs_f64());
        let committed = committed?;
        if matches!(committed, Committed::Done) {
            match finished {
                true => self.cache.remove(&sid),
                false => self.cache.put(&sid, stays, Known::new(turn.call.turn, from.revision + 1, state)),
            }
            self.outbox.send_now(leased);
            if let Some(watch) = &self.watch {
                watch.took(&version.flow, input, &turn);
            }
            self.tell(version, &turn, begins);
        }
        Ok((committed, reply))
    }

    /// The rows of a turn: leased to this node, which sends them at once, or waiting where their backend is paused.
    fn rows(&self, deliveries: Vec<Delivery>, sid: &CallSid, now: Timestamp) -> Vec<Row> {
        let row = |delivery: Delivery| {
            let paused = self.outbox.is_paused(&delivery.backend);
            let lease = self.outbox.lease(&delivery.backend);
            Row {
                id: RowId { sid: sid.clone(), key: delivery.number.into() },
                backend: delivery.backend,
                body: Bytes::from(delivery.body),
                sensitive: delivery.sensitive,
                created: now,
                state: if paused { RowState::Waiting } else { RowState::Sending },
                attempts: u32::from(!paused),
                next: if paused { now } else { now + lease },
                ambiguous: false,
                last_error: String::new(),
            }
        };
        deliveries.into_iter().map(row).collect()
    }

    fn render(&self, turn: &Turn) -> Bytes {
        render(turn, &self.address.prefix, &self.address.audio).into()
    }

    /// What the call's trail keeps of a turn; nothing where none are kept.
    ///
    /// # Errors
    /// Only when it cannot be written at all, which is a bug.
    pub fn trace(
        &self,
        turn: &Turn,
        input: &Input,
        secret: bool,
        at: Timestamp,
        reply: &[u8],
    ) -> Result<Option<Trace>, store::Error> {
        let keeps = self.store.keeps_trails();
        keeps.then(|| Trace::of(turn, input, secret, at, fingerprint(reply), self.store.seal())).transpose()
    }

    /// Counts and logs a turn that was committed.
    fn tell(&self, version: &Version, turn: &Turn, begins: bool) {
        let (call, figures) = (&turn.call, version.figures(&self.metrics));
        figures.turns.inc();
        if begins {
            figures.calls_started.inc();
        }
        for (step, fault) in &turn.faults {
            let name = &version.flow.step(*step).name;
            tracing::error!(call_sid = %call.sid, flow = call.flow, version = %call.version, step = name, "A step could not be done: {fault}.");
            if let Some(errors) = figures.step_errors(*step) {
                errors.inc();
            }
        }
        let outcome = call.outcome();
        if outcome == Outcome::InProgress {
            return;
        }
        if let Some(ended) = figures.ended(outcome) {
            ended.inc();
        }
        let last_step = call.step().map_or("", |step| version.flow.step(step).name.as_str());
        tracing::info!(
            call_sid = %call.sid,
            flow = call.flow,
            version = %call.version,
            outcome = outcome.as_str(),
            last_step,
            turns = call.turn,
            "Call ended."
        );
    }

    /// Calm words and the end of the call, in the language of a flow where we know it.
    pub fn apology(&self, flow: &str, call: Option<&Call>) -> Bytes {
        let (voice, language) = self.voice(flow, call);
        let words = crate::engine::apology(&language);
        twiml::apology(words, voice.as_deref(), &language).into()
    }

    /// Voice and language of a call, or of a flow's beginning.
    pub fn voice(&self, flow: &str, call: Option<&Call>) -> (Option<Arc<str>>, Arc<str>) {
        let version = call.and_then(|call| self.flows.version(call.version)).or_else(|| self.flows.by_name(flow));
        let language = call.map_or(0, |call| call.language);
        match version {
            Some(version) => {
                let language = version.flow.language(language);
                (language.voice.clone(), language.tag.clone())
            }
            None => (None, "en-US".into()),
        }
    }
}

/// A turn's reply as the carrier gets it. `prefix` stands before the path of each turn's URL, `audio` before that of each
/// recording.
pub fn render(turn: &Turn, prefix: &str, audio: &str) -> String {
    let Reply::Speak(verbs) = &turn.reply;
    let action = format!("{prefix}/voice/{}/~{}{}", turn.call.flow, turn.call.turn, retry::FRAGMENT);
    let links = Links { action: &action, audio, audio_fragment: retry::FRAGMENT, default_voice: None };
    twiml::render(verbs, &links)
}

/// A time as a trail keeps it: what is worked out from a trail is worked out for the same moment.
fn to_the_millisecond(now: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
}
