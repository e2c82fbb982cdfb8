//! What a turn comes to, worked out before anything is written: no I/O, and no clock.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;

use super::CommitBase;
use super::protocol::TurnRef;
use crate::carrier::recording::RecordingTerms;
use crate::engine::{
    Call, CallSid, Delivery, Ending, Flow, Holder, Input, Opened, Outcome, Permit, Permits, Reply,
    Turn, TurnWants, Verb, advance_safely, fingerprint, is_secret,
};
use crate::hours::HoursSwitch;
use crate::outbox::CARRIER;
use crate::store::{self, Commit, History, Row, RowId, RowState, Seal, Trace};
use crate::twilio::retry;
use crate::twiml::{self, Links};
use crate::web::codes::MadeCode;
use crate::web::flows::FlowVersion;
use crate::web::{payments, placing, recording_requests, texts};

/// A turn that is to be taken.
#[derive(Clone, Debug)]
pub struct TurnPlan<'a> {
    /// The flow version that the call runs on.
    pub version: Arc<FlowVersion>,
    /// The call.
    pub call: Call,
    /// What came.
    pub input: &'a Input,
    /// Where the stored call stands.
    pub from: CommitBase,
    /// The visit that ends by it: the call that is left, on its flow version. The call then begins.
    pub leaves: Option<Box<LeftVisit>>,
}

/// A visit that is left.
#[derive(Clone, Debug)]
pub struct LeftVisit {
    /// The flow version that it runs on.
    pub version: Arc<FlowVersion>,
    /// The call.
    pub call: Call,
}

/// What a turn is worked out with, beside the call.
pub struct Terms<'a> {
    /// This node's mark on the turns that it takes.
    pub node: u32,
    /// Seals what is sensitive, and makes names.
    pub seal: &'a Seal,
    /// Stands before the path of each turn's URL.
    pub prefix: &'a str,
    /// Stands before the path of each recording.
    pub audio: &'a str,
    /// Without a sign of life until a call counts as over.
    pub silent_after: Duration,
    /// Whether trails are kept.
    pub keeps_trails: bool,
    /// The opening hours that somebody has switched, by name.
    pub switched: &'a [(String, HoursSwitch)],
    /// How long a submission waits at most for what the carrier is to tell of a recording in it.
    pub waits: Duration,
    /// What becomes of recordings; nothing where the carrier cannot be asked.
    pub recordings: Option<RecordingTerms>,
    /// The account that sends SMS; nothing where nobody is logged in there.
    pub text_account: Option<&'a str>,
    /// How long a row for a backend is leased to this node; `None` where the backend is paused.
    pub lease: &'a (dyn Fn(&str) -> Option<Duration> + Sync),
}

/// What working out a turn comes to.
#[expect(
    clippy::large_enum_variant,
    reason = "it is made once a turn and taken apart at once: a box is only a cost"
)]
pub enum Prepared<'a> {
    /// It is to be written; then what follows is done.
    Turn(Commit, CommittedTurn<'a>),
    /// It is worked out again once it is known whether a number may be reached: what is wanted, and the call that wants it.
    Wants(Box<(TurnWants, Call)>),
}

/// What is done once a turn is durable.
pub struct CommittedTurn<'a> {
    /// What is answered.
    pub reply: Bytes,
    /// The turns that were taken: that which ended a visit before, and the one that was asked for.
    pub taken: Vec<TakenTurn<'a>>,
    /// The rows that are leased to this node.
    pub leased: Vec<Row>,
    /// The call as it was written, to be remembered.
    pub state: Bytes,
    /// How often its state was written.
    pub revision: u32,
    /// Whether this node took the turn before too.
    pub stays: bool,
}

/// What a turn came to for whoever asked.
pub struct TurnReply {
    /// What is answered.
    pub bytes: Bytes,
    /// The turn that awaits what a service answers.
    pub awaits: Option<TurnRef>,
}

impl CommittedTurn<'_> {
    /// What it came to for whoever asked.
    pub(super) fn turn_reply(&self) -> TurnReply {
        let call = self.taken.last().map(|last| &last.turn.call);
        let awaits = call.filter(|call| call.awaiting().is_some() && !call.is_over());
        TurnReply {
            bytes: self.reply.clone(),
            awaits: awaits.map(|call| TurnRef {
                turn: call.turn,
                nonce: call.opened.nonce,
            }),
        }
    }
}

/// A turn that was taken.
pub struct TakenTurn<'a> {
    /// The flow version that it ran on.
    pub version: Arc<FlowVersion>,
    /// What came.
    pub input: &'a Input,
    /// What it came to.
    pub turn: Turn,
}

/// How long a node alone may ask a service for a call, unless it says that it still does.
const LEASE: Duration = Duration::from_secs(6);

/// The lease of a node that asks from now on.
pub(super) fn lease(node: u32, now: Timestamp) -> (u32, i64) {
    (node, (now + LEASE).as_millisecond())
}

/// The input that ends a visit which is left.
const MOVED: &Input = &Input::HungUp(Ending::Moved);

impl<'a> TurnPlan<'a> {
    /// Whether it may ask for permits: then it may have to be worked out more than once.
    pub fn asks_permits(&self) -> bool {
        let left = self.leaves.as_ref();
        self.version.flow.asks_permits || left.is_some_and(|left| left.version.flow.asks_permits)
    }

    /// Works the turn out. What came happened at `moment`, and is acted on `now`, which is the store's time. Of the numbers
    /// that it reaches, as many `permits` are known; of the codes that it sends, these were made.
    ///
    /// # Errors
    /// Only when it cannot be written at all, which is a bug.
    pub fn prepare(
        self,
        (moment, now): (Timestamp, Timestamp),
        (permits, codes): (&[Permit], &[MadeCode]),
        terms: &Terms<'_>,
    ) -> Result<Prepared<'a>, store::Error> {
        let Self {
            version,
            mut call,
            input,
            from,
            leaves,
        } = self;
        let (mut taken, mut written) = (
            Vec::with_capacity(1),
            Written {
                moment,
                now,
                terms,
                permits,
                codes,
                trail: Vec::new(),
                rows: Vec::new(),
            },
        );
        let stays = from.turn == 0 || call.node == terms.node;
        if let Some(left) = leaves {
            let (ended, _) = match written.take(left.version, left.call, MOVED)? {
                Ok(taken) => taken,
                Err(wanted) => return Ok(Prepared::Wants(wanted)),
            };
            call = call.after(&ended.turn.call);
            taken.push(ended);
        }
        call.node = terms.node;
        let (last, reply) = match written.take(version, call, input)? {
            Ok(taken) => taken,
            Err(wanted) => return Ok(Prepared::Wants(wanted)),
        };
        let commit = written.into_commit(&last, from, reply.clone())?;
        taken.push(last);
        let leased = commit
            .rows
            .iter()
            .filter(|row| row.state == RowState::Sending)
            .cloned()
            .collect();
        let (state, revision) = (commit.state.clone(), from.revision + 1);
        Ok(Prepared::Turn(
            commit,
            CommittedTurn {
                reply,
                taken,
                leased,
                state,
                revision,
                stays,
            },
        ))
    }
}

/// A turn that was taken and its reply; or what must be known before it can be, and the call that wants it.
type Taking<'a> = Result<(TakenTurn<'a>, Bytes), Box<(TurnWants, Call)>>;

/// What is written of the turns, one behind the other.
struct Written<'a> {
    moment: Timestamp,
    now: Timestamp,
    terms: &'a Terms<'a>,
    /// The permits that no turn has used yet.
    permits: &'a [Permit],
    /// The codes that were made for the texts which no turn has sent yet.
    codes: &'a [MadeCode],
    trail: Vec<Trace>,
    rows: Vec<Row>,
}

impl<'w> Written<'w> {
    fn take<'a>(
        &mut self,
        version: Arc<FlowVersion>,
        mut call: Call,
        input: &'a Input,
    ) -> Result<Taking<'a>, store::Error> {
        let Self {
            moment, now, terms, ..
        } = *self;
        let asks = version.flow.asks_permits;
        call.permits = asks.then(|| Box::new(Permits::asking(self.permits)));
        call.switched = switched_for(&version.flow, moment, terms.switched);
        let secret = is_secret(&version.flow, &call, input);
        let keeps = recording_requests::keeps(&version.flow, &call, input);
        let doubted = payments::in_doubt(&version.flow, &call, input, now);
        let mut turn = advance_safely(&version.flow, call, input, moment);
        let wanted = turn.call.permits.as_ref();
        if let Some(wanted) = wanted.and_then(|permits| permits.wanted()) {
            return Ok(Err(Box::new((wanted.clone(), turn.call))));
        }
        self.permits = &self.permits[turn.call.permits_used().len()..];
        self.rows.extend(doubted);
        let codes = self.codes_of(&mut turn);
        if let Some(awaiting) = turn.call.awaiting_mut() {
            awaiting.lease.get_or_insert(lease(terms.node, now));
        }
        let reply = Bytes::from(render(&turn, terms.prefix, terms.audio));
        if terms.keeps_trails {
            self.trail.push(Trace::of(
                Some(&version.flow),
                &turn,
                input,
                secret,
                moment,
                fingerprint(&reply),
                terms.seal,
            )?);
        }
        for delivery in std::mem::take(&mut turn.deliveries) {
            self.rows.push(held(delivery, &mut turn.call, now, terms));
        }
        self.place_and_text(&version.flow, &mut turn, input, codes);
        if let Some((keep, terms)) = keeps.zip(terms.recordings) {
            let asked = recording_requests::requests(&turn.call, input, keep, terms, now);
            self.rows.extend(asked);
        }
        Ok(Ok((
            TakenTurn {
                version,
                input,
                turn,
            },
            reply,
        )))
    }

    /// The rows of a call that is to be placed, and of the texts of a turn.
    fn place_and_text(&mut self, flow: &Flow, turn: &mut Turn, input: &Input, codes: &[MadeCode]) {
        let (now, terms) = (self.now, self.terms);
        let account = terms.text_account.unwrap_or_default();
        if matches!(input, Input::Place) {
            self.rows
                .extend(placing::row(&turn.call, flow, account, now));
        }
        let texts = std::mem::take(&mut turn.texts);
        if !texts.is_empty() {
            let times = (now, (terms.lease)(CARRIER));
            let by = (account, terms.seal);
            self.rows
                .extend(texts::rows(texts, &turn.call, codes, times, by));
        }
    }

    /// The codes that a turn sends; the call knows what the last one is.
    fn codes_of(&mut self, turn: &mut Turn) -> &'w [MadeCode] {
        let sent = turn.texts.iter().filter(|text| text.has_code).count();
        let (codes, later) = self.codes.split_at(sent.min(self.codes.len()));
        self.codes = later;
        if let (Some(proof), Some(last)) = (turn.call.proof_mut(), codes.last()) {
            last.note(proof);
        }
        codes
    }

    /// The one write of all turns taken, of which `last` is the last.
    fn into_commit(
        self,
        last: &TakenTurn<'_>,
        from: CommitBase,
        reply: Bytes,
    ) -> Result<Commit, store::Error> {
        let Turn {
            call, holds_for, ..
        } = &last.turn;
        let holds = holds_for.map(|seconds| Duration::from_secs(seconds.into()));
        let patience = if call.sid.is_placement() {
            placing::LONGEST
        } else {
            self.terms.silent_after
        };
        Ok(Commit {
            sid: call.sid.clone(),
            from_turn: from.turn,
            from_revision: from.revision,
            turn: call.turn,
            state: store::encode(call, &last.version.flow, self.terms.seal)?,
            reply,
            version: last.version.fingerprint(),
            finished: call.is_over(),
            due: self.now + holds.unwrap_or(patience),
            rows: self.rows,
            trail: self.trail,
        })
    }
}

/// Of what is switched, that which holds at a moment and which a flow reads.
fn switched_for(
    flow: &Flow,
    moment: Timestamp,
    switched: &[(String, HoursSwitch)],
) -> Box<[(String, HoursSwitch)]> {
    let holds = |(name, switch): &&(String, HoursSwitch)| {
        moment < switch.until && flow.hours.iter().any(|(read, _)| read == name)
    };
    switched.iter().filter(holds).cloned().collect()
}

/// The row of a delivery of a turn. One that has a recording of which the carrier has not told all waits for that, and the
/// recording knows it.
fn held(delivery: Delivery, call: &mut Call, now: Timestamp, terms: &Terms<'_>) -> Row {
    if delivery.awaits.is_empty() {
        return row(delivery, call, now, terms);
    }
    let awaits = delivery.awaits.clone();
    let (step, number) = (delivery.step.clone(), delivery.number);
    let row = row(delivery, call, now, terms);
    let is_released = terms.waits.is_zero();
    for sid in &awaits {
        let holder = Holder {
            backend: row.backend.clone(),
            step: step.clone(),
            number,
            row: row.id.key,
            is_released,
        };
        call.note_holder(sid, holder);
    }
    if is_released {
        row
    } else {
        row.held(now + terms.waits)
    }
}

/// The row of a delivery: leased to this node, which sends it at once, or waiting where its backend is paused.
pub fn row(delivery: Delivery, call: &Call, now: Timestamp, terms: &Terms<'_>) -> Row {
    let lease = (terms.lease)(&delivery.backend);
    Row {
        id: row_id(&call.sid, call, &delivery, terms.seal),
        backend: delivery.backend,
        body: Bytes::from(delivery.body),
        sensitive: delivery.sensitive,
        created: now,
        state: if lease.is_some() {
            RowState::Sending
        } else {
            RowState::Waiting
        },
        attempts: u32::from(lease.is_some()),
        next: lease.map_or(now, |lease| now + lease),
        ambiguous: false,
        last_error: String::new(),
        history: History::default(),
    }
}

/// A delivery's name: of the visit, its number, and what it says. A turn that is taken once more because the store lost
/// it gives the same name to the same selections, and another to others.
fn row_id(sid: &CallSid, call: &Call, delivery: &Delivery, seal: &Seal) -> RowId {
    let (nonce, number) = (
        call.opened.nonce.0.to_be_bytes(),
        delivery.number.to_be_bytes(),
    );
    let id = RowId::new(
        sid.clone(),
        delivery.number,
        seal.name(&[b"delivery", &nonce, &number, &delivery.meaning]),
    );
    if call.opened.rehearsal {
        id.of_rehearsal()
    } else {
        id
    }
}

/// A turn's reply as the carrier gets it. `prefix` stands before the path of each turn's URL, `audio` before that of each
/// recording.
pub fn render(turn: &Turn, prefix: &str, audio: &str) -> String {
    let Reply::Speak(verbs) = &turn.reply;
    render_verbs(&turn.call, verbs, prefix, audio)
}

/// What a caller hears as the carrier gets it, with the URLs of the turn that the call waits for.
pub fn render_verbs(call: &Call, verbs: &[Verb], prefix: &str, audio: &str) -> String {
    let Call {
        flow,
        turn: number,
        opened: Opened { nonce, .. },
        ..
    } = call;
    let action = format!("{prefix}/voice/{flow}/~{number}-{nonce}{}", retry::FRAGMENT);
    // Most turns dial nobody, and put nobody into a queue.
    let besides = |has: fn(&Verb) -> bool, route: &str| {
        if verbs.iter().any(has) {
            beside_url(call, prefix, route)
        } else {
            String::new()
        }
    };
    let leg = besides(|verb| matches!(verb, Verb::Dial(_)), LEG);
    let wait = besides(|verb| matches!(verb, Verb::Enqueue(_)), WAIT);
    let recording = besides(Verb::records, RECORDING);
    let links = Links {
        action: &action,
        leg: &leg,
        wait: &wait,
        recording: &recording,
        fragment: retry::FRAGMENT,
        is_leg: false,
        audio,
        audio_fragment: retry::FRAGMENT,
        default_voice: None,
    };
    twiml::render(verbs, &links)
}

/// The route of legs.
pub const LEG: &str = "leg";
/// The route of what is heard in a queue.
pub const WAIT: &str = "wait";
/// The route of what the carrier reports of a recording.
pub const RECORDING: &str = "recording";

/// The URL of what is asked beside the turn that a call waits for.
pub fn beside_url(call: &Call, prefix: &str, route: &str) -> String {
    let Call {
        flow,
        turn,
        opened: Opened { nonce, .. },
        ..
    } = call;
    format!("{prefix}/{route}/{flow}/~{turn}-{nonce}")
}

/// A call that ends although nobody knows its flow any more: nothing is said or done.
pub fn bury(call: Call) -> Turn {
    let at = crate::engine::At::Over {
        outcome: Outcome::Failed,
        step: call.step().unwrap_or(0),
    };
    let call = Call {
        turn: call.turn + 1,
        at,
        ..call
    };
    Turn {
        call,
        reply: Reply::Speak(Vec::new()),
        deliveries: Vec::new(),
        texts: Vec::new(),
        ways: Vec::new(),
        reached: Vec::new(),
        faults: Vec::new(),
        unset: Vec::new(),
        refused: None,
        holds_for: None,
    }
}
