//! Every order of every message of a call, on two nodes, with losses: a small world of a carrier, its caller, two nodes
//! that remember, and a store, moved by chance. What is decided is decided by the code that serves; the rest is as small
//! as it can be. The caller submits a key at each of two questions.
//!
//! `HOOKSWITCH_LONG=1` plays a million orders.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::super::{
    CallPosition, Decision, EntryPoint, KnownCall, REMEMBERED, TurnRef, TurnRequest, decide,
    remember,
};
use crate::engine::{Nonce, Opening};

/// What is broken on purpose, to show that the invariants see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Broken {
    Nothing,
    /// Requests carry no token, and no two are alike.
    Token,
    /// A delivery's name is its number.
    NamelessVisits,
    /// An end that is reported before the call begins is not kept.
    EarlyEnds,
    /// A turn is taken by whoever names its number.
    Nonces,
    /// A visit that is left is dropped.
    Leaving,
}

/// What the store has of the call.
#[derive(Clone, Debug, Default)]
struct Record {
    turn: u32,
    nonce: Nonce,
    by: Vec<Opening>,
    /// Questions that were answered in this visit: two end it.
    answered: u32,
    deliveries: u32,
    finished: bool,
    reply: Option<TurnRef>,
}

/// A request of the carrier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Message {
    Start { token: u32 },
    Keys { turn: u32, nonce: u64, key: u32 },
    Ended,
}

/// A copy of a request under way in a node, which may have read the store already.
#[derive(Clone, Debug)]
struct Copy {
    message: Message,
    node: usize,
    read: Option<Option<Record>>,
    /// Whether the carrier waits for its answer.
    awaited: bool,
}

struct World {
    chance: fastrand::Rng,
    broken: Broken,
    /// Whether the store may lose what it had.
    loses: bool,
    lost: bool,
    record: Option<Record>,
    /// What the record was before its last commit.
    before: Option<Record>,
    ended: bool,
    /// What each node remembers.
    caches: [Option<Record>; 2],
    copies: Vec<Copy>,
    sent: Vec<Message>,
    tokens: u32,
    nonces: u64,
    keys: u32,
    /// Where the caller is: the turn that the last answer led to.
    at: Option<TurnRef>,
    hung_up: bool,
    /// Delivery → what it says: the visit's first request and the key.
    delivered: BTreeMap<(u64, u32, u32), BTreeSet<(Nonce, u32)>>,
    /// How often each key was submitted under another name.
    submitted: BTreeMap<u32, BTreeSet<(u64, u32, u32)>>,
    begun: BTreeMap<u32, u32>,
    visits: BTreeSet<Nonce>,
    visits_ended: BTreeMap<Nonce, u32>,
}

impl World {
    fn new(seed: u64, broken: Broken) -> Self {
        let mut chance = fastrand::Rng::with_seed(seed);
        let loses = chance.bool();
        let (record, before, caches) = (None, None, [None, None]);
        let mut world = Self {
            chance,
            broken,
            loses,
            lost: false,
            record,
            before,
            ended: false,
            caches,
            copies: Vec::new(),
            sent: Vec::new(),
            tokens: 0,
            nonces: 0,
            keys: 0,
            at: None,
            hung_up: false,
            delivered: BTreeMap::new(),
            submitted: BTreeMap::new(),
            begun: BTreeMap::new(),
            visits: BTreeSet::new(),
            visits_ended: BTreeMap::new(),
        };
        world.start();
        world
    }

    /// The carrier asks for the beginning: the call comes in, or somebody moves it there.
    fn start(&mut self) {
        self.tokens += 1;
        let token = self.tokens;
        self.copies.iter_mut().for_each(|copy| copy.awaited = false);
        self.at = None;
        self.send(Message::Start { token }, true);
    }

    fn send(&mut self, message: Message, awaited: bool) {
        self.sent.push(message);
        self.copies.push(Copy {
            message,
            node: self.chance.usize(..2),
            read: None,
            awaited,
        });
    }

    fn play(&mut self) -> Result<(), String> {
        for _ in 0..self.chance.usize(10..40) {
            self.step();
        }
        self.hang_up();
        while !self.copies.is_empty() {
            self.advance();
        }
        self.sweep();
        self.judge()
    }

    /// One thing happens.
    fn step(&mut self) {
        match self.chance.u32(..20) {
            // No more visits than are remembered: they begin within the seconds in which a carrier tries again.
            0 if !self.hung_up && (self.tokens as usize) < REMEMBERED => self.start(),
            1 => self.repeat(),
            2 if self.loses => self.lose(),
            3 if self.chance.u32(..3) == 0 => self.hang_up(),
            4 if self.ended => self.sweep(),
            5..=8 => self.press(),
            _ => self.advance(),
        }
    }

    fn press(&mut self) {
        if let Some(TurnRef { turn, nonce }) = self.at.take().filter(|_| !self.hung_up) {
            self.keys += 1;
            self.send(
                Message::Keys {
                    turn,
                    nonce: nonce.0,
                    key: self.keys,
                },
                true,
            );
        }
    }

    /// The carrier did not hear the answer, or the network brings a request once more.
    fn repeat(&mut self) {
        if let Some(message) = self.chance.choice(self.sent.clone()) {
            self.copies.push(Copy {
                message,
                node: self.chance.usize(..2),
                read: None,
                awaited: false,
            });
        }
    }

    fn hang_up(&mut self) {
        if !self.hung_up {
            self.hung_up = true;
            self.send(Message::Ended, false);
        }
    }

    /// A failover: the last commit is gone, or the whole call.
    fn lose(&mut self) {
        self.lost = true;
        self.record = if self.chance.bool() {
            self.before.take()
        } else {
            None
        };
    }

    /// Somebody acts on an end that was reported.
    fn sweep(&mut self) {
        if let Some(record) = self
            .record
            .as_mut()
            .filter(|record| self.ended && !record.finished)
        {
            record.finished = true;
            record.turn += 1;
            *self.visits_ended.entry(record.nonce).or_default() += 1;
        }
    }

    /// Some copy goes on: it reads, or it commits what it worked out.
    fn advance(&mut self) {
        if self.copies.is_empty() {
            return;
        }
        let place = self.chance.usize(..self.copies.len());
        let copy = self.copies[place].clone();
        if copy.message == Message::Ended {
            self.copies.remove(place);
            let kept = self.record.is_some() || self.broken != Broken::EarlyEnds;
            self.ended |= kept;
            return;
        }
        match copy.read.clone() {
            None => self.copies[place].read = Some(self.read(&copy)),
            Some(found) => {
                if let Some(answer) = self.commit(&copy, found) {
                    self.copies.remove(place);
                    if copy.awaited && !self.hung_up {
                        self.at = answer;
                    }
                } else {
                    self.copies[place].read = Some(self.record.clone());
                }
            }
        }
    }

    /// What this node remembers, where that moves the call on; else what the store has.
    fn read(&self, copy: &Copy) -> Option<Record> {
        let known = self.caches[copy.node].as_ref();
        match known.filter(|known| self.decide(copy.message, Some(known)) == Decision::Move) {
            Some(known) => Some(known.clone()),
            None => self.record.clone(),
        }
    }

    fn place(&self, message: Message) -> EntryPoint {
        match message {
            Message::Start { token } if self.broken == Broken::Token => {
                EntryPoint::Start(Opening {
                    token: None,
                    form: token ^ ((self.nonces as u32) << 16),
                    at: 0,
                })
            }
            Message::Start { token } => EntryPoint::Start(Opening {
                token: Some(token),
                form: 0,
                at: 0,
            }),
            Message::Keys { turn, nonce, .. } => EntryPoint::Turn(TurnRef {
                turn,
                nonce: Nonce(nonce),
            }),
            Message::Ended => unreachable!("an end asks for no answer"),
        }
    }

    fn decide(&self, message: Message, record: Option<&Record>) -> Decision {
        let place = match (self.place(message), record) {
            (EntryPoint::Turn(mark), Some(record)) if self.broken == Broken::Nonces => {
                EntryPoint::Turn(TurnRef {
                    nonce: record.nonce,
                    ..mark
                })
            }
            (place, _) => place,
        };
        let asked = TurnRequest {
            flow: "f",
            place,
            moves: true,
            over: false,
            now: Timestamp::UNIX_EPOCH,
        };
        let known = record.map_or(KnownCall::Nothing, |record| {
            let Record {
                turn,
                nonce,
                by,
                finished,
                ..
            } = record;
            KnownCall::Call(CallPosition {
                flow: "f",
                turn: *turn,
                nonce: *nonce,
                by,
                finished: *finished,
            })
        });
        decide(&asked, &known)
    }

    /// Does what is decided; the answer, or nothing where the store has gone on in the meantime.
    fn commit(&mut self, copy: &Copy, found: Option<Record>) -> Option<Option<TurnRef>> {
        let decision = self.decide(copy.message, found.as_ref());
        let next = match decision {
            Decision::Begin { .. } => self.visit(copy.message, None),
            Decision::Visit { .. } => self.visit(copy.message, found.as_ref()),
            Decision::Move => self.key(copy.message, found.as_ref().expect("it moves")),
            _ => return Some(found.and_then(|record| record.reply)),
        };
        if self
            .record
            .as_ref()
            .map(|record| (record.turn, record.nonce))
            != found.as_ref().map(|found| (found.turn, found.nonce))
        {
            return None;
        }
        if let (Decision::Visit { leaves: true }, Some(left)) = (decision, &found)
            && self.broken != Broken::Leaving
        {
            *self.visits_ended.entry(left.nonce).or_default() += 1;
        }
        self.count(copy.message, decision, &next);
        let reply = next.reply;
        self.caches[copy.node] = (!next.finished).then(|| next.clone());
        self.before = self.record.replace(next);
        Some(reply)
    }

    /// A visit begins.
    fn visit(&mut self, message: Message, before: Option<&Record>) -> Record {
        self.nonces += 1;
        let (turn, deliveries) =
            before.map_or((0, 0), |before| (before.turn + 1, before.deliveries));
        let (turn, nonce) = (turn + 1, Nonce(self.nonces));
        let by = before.map(|before| &before.by[..]).unwrap_or_default();
        let by = match self.place(message) {
            EntryPoint::Start(opening) => remember(by, opening),
            EntryPoint::Turn(_) => by.to_vec(),
        };
        Record {
            turn,
            nonce,
            by,
            deliveries,
            reply: Some(TurnRef { turn, nonce }),
            ..Record::default()
        }
    }

    /// A question is answered.
    fn key(&self, message: Message, found: &Record) -> Record {
        assert!(matches!(message, Message::Keys { .. }));
        let (turn, answered) = (found.turn + 1, found.answered + 1);
        let finished = answered == 2;
        let reply = (!finished).then_some(TurnRef {
            turn,
            nonce: found.nonce,
        });
        Record {
            turn,
            answered,
            finished,
            reply,
            deliveries: found.deliveries + 1,
            ..found.clone()
        }
    }

    /// Notes what a commit did.
    fn count(&mut self, message: Message, decision: Decision, next: &Record) {
        self.visits.insert(next.nonce);
        match message {
            Message::Keys { key, .. } if decision == Decision::Move => {
                let visit = if self.broken == Broken::NamelessVisits {
                    0
                } else {
                    next.nonce.0
                };
                let meaning = if self.broken == Broken::NamelessVisits {
                    0
                } else {
                    key
                };
                let name = (visit, next.deliveries, meaning);
                self.delivered
                    .entry(name)
                    .or_default()
                    .insert((next.nonce, key));
                self.submitted.entry(key).or_default().insert(name);
                if next.finished {
                    *self.visits_ended.entry(next.nonce).or_default() += 1;
                }
            }
            Message::Start { token } => *self.begun.entry(token).or_default() += 1,
            _ => {}
        }
    }

    /// What holds whatever the order.
    fn judge(&self) -> Result<(), String> {
        if let Some((name, says)) = self.delivered.iter().find(|(_, says)| says.len() > 1) {
            return Err(format!("delivery {name:?} says {says:?}"));
        }
        if let Some((key, names)) = self.submitted.iter().find(|(_, names)| names.len() > 1) {
            return Err(format!("key {key} was submitted as {names:?}"));
        }
        if self.lost {
            return Ok(());
        }
        if let Some((token, visits)) = self.begun.iter().find(|(_, visits)| **visits > 1) {
            return Err(format!("request {token} began {visits} visits"));
        }
        for nonce in &self.visits {
            let ends = self.visits_ended.get(nonce).copied().unwrap_or_default();
            if ends != 1 {
                return Err(format!("visit {nonce} ended {ends} times"));
            }
        }
        Ok(())
    }
}

fn orders() -> u64 {
    if std::env::var_os("HOOKSWITCH_LONG").is_some_and(|value| value == "1") {
        1_000_000
    } else {
        20_000
    }
}

fn first_fault(broken: Broken, orders: u64) -> Option<String> {
    (0..orders).find_map(|seed| {
        World::new(seed, broken)
            .play()
            .err()
            .map(|fault| format!("seed {seed}: {fault}"))
    })
}

#[test]
fn in_every_order_each_message_counts_once() {
    assert_eq!(first_fault(Broken::Nothing, orders()), None);
}

#[test]
fn what_is_broken_on_purpose_is_seen() {
    let all = [
        Broken::Token,
        Broken::NamelessVisits,
        Broken::EarlyEnds,
        Broken::Nonces,
        Broken::Leaving,
    ];
    for broken in all {
        let fault = first_fault(broken, 20_000);
        assert!(fault.is_some(), "{broken:?} is not seen");
    }
}
