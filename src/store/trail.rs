//! The stored form of a trail: entries one behind the other, each with its format and its length, so that nodes of
//! several releases can write one trail. What was meant for a sensitive answer is sealed to its call and turn.
//!
//! | bytes | what |
//! |---|---|
//! | 0 | the format: 4 a turn, 5 the opening hours that were switched and a turn, 6 the permits to reach numbers and what 5 has, 2 and 1 a turn as earlier releases wrote it, 3 an event; an entry of another one is passed over |
//! | 1– | the length of the rest: one byte, or several where it is 128 or more (LEB128) |
//! | then | of a turn, postcard: turn, time in milliseconds, what the visit began with, outcome, step, what came, ways, faults, fingerprint of the TwiML |
//! | then | only where a visit begins of whose first request the flow reads something: that, postcard, and what is secret of it, sealed |
//! | then | only where the flow sends that request on: the whole of it, sealed |

use bytes::Bytes;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::begun::{Fields, opened_request, sealed_request};
use super::contract::{Trace, TrailPage, TrailPosition};
use super::earlier::EarlierInput;
use super::{Error, Seal};
use crate::engine::{
    About, Begun, CallSid, Entry, Event, Fault, Fingerprint, Flow, Input, Nonce, On, Outcome,
    Permit, StepId, Taken, Trail, Turn, edge::Target,
};
use crate::hours::HoursSwitch;

/// The format of a turn.
const TURN: u8 = 4;
/// The same behind the opening hours that somebody had switched.
const SWITCHED: u8 = 5;
/// The same behind the permits to reach numbers.
const PERMITTED: u8 = 6;
/// That of the release before, whose ways have no names.
const UNNAMED: u8 = 2;
/// That of the first release, whose visits have no name either.
const FIRST: u8 = 1;
/// The format of an event.
const EVENT: u8 = 3;
/// Bytes before the content of an entry that is shorter than 128.
const HEAD: usize = 2;

/// An entry as it is stored. It is written from references, in the same order.
#[derive(Deserialize)]
struct Written<B, I, W> {
    turn: u32,
    at: i64,
    begun: Option<B>,
    outcome: Outcome,
    step: Option<StepId>,
    input: Stored<I>,
    ways: Vec<W>,
    faults: Vec<(StepId, Fault)>,
    reply: [u8; 4],
}

/// A way as the releases before wrote it: from which step, and where it led.
#[derive(Deserialize)]
struct UnnamedWay(StepId, Target);

impl From<UnnamedWay> for Taken {
    fn from(UnnamedWay(from, to): UnnamedWay) -> Self {
        let on = On::Unknown;
        Self { from, on, to }
    }
}

/// Names the first way of a turn where what came tells it, for one of a release that kept no names.
fn name_first(ways: &mut [Taken], input: Option<&Input>) {
    let on = match input {
        Some(Input::Begin) => On::Start,
        Some(Input::HungUp(_)) => On::Hangup,
        _ => return,
    };
    if let Some(first) = ways.first_mut().filter(|way| way.on == On::Unknown) {
        first.on = on;
    }
}

/// What a visit began with, as the first release wrote it.
#[derive(Deserialize)]
struct FirstBegun {
    flow: String,
    version: Fingerprint,
    about: About,
}

impl From<FirstBegun> for Begun {
    fn from(
        FirstBegun {
            flow,
            version,
            about,
        }: FirstBegun,
    ) -> Self {
        Self {
            flow,
            version,
            about,
            nonce: Nonce::NONE,
            rehearsal: false,
            fields: Vec::new(),
            request: None,
        }
    }
}

/// What came, as it is stored.
#[derive(Deserialize)]
enum Stored<I> {
    Open(I),
    Sealed(Vec<u8>),
}

/// What came, to be written.
#[derive(Serialize)]
enum Keep<'a> {
    Open(&'a Input),
    Sealed(Vec<u8>),
}

impl Trace {
    /// What is kept of a turn. `reply` is the fingerprint of its TwiML; what came is sealed if it is `secret`.
    ///
    /// # Errors
    /// Only when it cannot be written at all, which is a bug.
    pub fn of(
        flow: Option<&Flow>,
        turn: &Turn,
        input: &Input,
        secret: bool,
        at: Timestamp,
        reply: u32,
        seal: &Seal,
    ) -> Result<Self, Error> {
        let call = &turn.call;
        let corrupt = |error: postcard::Error| corrupt(&call.sid, &error);
        let input_kept = if secret {
            let plain = postcard::to_stdvec(input).map_err(corrupt)?;
            Keep::Sealed(seal.seal(place(&call.sid, call.turn).as_bytes(), &plain))
        } else {
            Keep::Open(input)
        };
        let begun = Begun::of(flow, call, input);
        let written = (
            (
                call.turn,
                at.as_millisecond(),
                &begun,
                call.outcome(),
                call.step(),
            ),
            (input_kept, &turn.ways, &turn.faults, reply.to_be_bytes()),
        );
        let begun = begun.as_ref();
        let begun = begun.filter(|begun| !begun.fields.is_empty() || begun.request.is_some());
        let around = (call.permits_used(), &*call.switched);
        let entry = match begun.zip(flow) {
            None => turn_entry(around, if secret { 128 } else { 64 }, &written),
            Some((begun, flow)) => {
                Fields::of(begun, flow, &call.sid, call.turn, seal).and_then(|fields| {
                    match sealed_request(begun, &call.sid, call.turn, seal)? {
                        None => turn_entry(around, 256, &(written, fields)),
                        Some(request) => turn_entry(around, 2_048, &(written, fields, request)),
                    }
                })
            }
        };
        let entry = entry.map_err(corrupt)?;
        Ok(Self {
            at,
            entry: entry.into(),
        })
    }

    /// What is kept of an event.
    ///
    /// # Errors
    /// Only when it cannot be written at all, which is a bug.
    pub fn of_event(sid: &CallSid, event: &Event) -> Result<Self, Error> {
        let entry = entry(EVENT, 32, event).map_err(|error| corrupt(sid, &error))?;
        Ok(Self {
            at: Timestamp::from_millisecond(event.at).unwrap_or_default(),
            entry: entry.into(),
        })
    }
}

/// The entry of a turn, behind the permits and the opening hours that held for it.
fn turn_entry(
    (permits, switched): (&[Permit], &[(String, HoursSwitch)]),
    capacity: usize,
    turn: &impl Serialize,
) -> postcard::Result<Vec<u8>> {
    if !permits.is_empty() {
        entry(PERMITTED, capacity, &(permits, switched, turn))
    } else if switched.is_empty() {
        entry(TURN, capacity, turn)
    } else {
        entry(SWITCHED, capacity, &(switched, turn))
    }
}

/// An entry: its format, its length, and what it says.
fn entry(format: u8, capacity: usize, content: &impl Serialize) -> postcard::Result<Vec<u8>> {
    let mut entry = Vec::with_capacity(capacity);
    entry.extend([format, 0]);
    let mut entry = postcard::to_extend(content, entry)?;
    let mut length = [0; 10];
    let length = postcard::to_slice(&(entry.len() - HEAD), &mut length)?;
    entry.splice(1..HEAD, length.iter().copied());
    Ok(entry)
}

/// What a sealed input belongs to: it opens nowhere else.
fn place(sid: &CallSid, turn: u32) -> String {
    format!("{sid}/{turn}")
}

fn corrupt(sid: &CallSid, reason: &dyn std::fmt::Display) -> Error {
    Error::Corrupt {
        what: format!("trail of call {sid}"),
        reason: reason.to_string(),
    }
}

/// The entries: the format of each, and what it says.
fn contents(mut trail: &[u8]) -> impl Iterator<Item = (u8, &[u8])> {
    std::iter::from_fn(move || {
        let (format, rest) = trail.split_first()?;
        let (length, rest): (usize, _) = postcard::take_from_bytes(rest).ok()?;
        // What is cut is the last: a store writes an entry whole or not at all.
        let (content, rest) = rest.split_at_checked(length)?;
        trail = rest;
        Some((*format, content))
    })
}

fn read<'a, B, I, W>(sid: &CallSid, content: &'a [u8], seal: Option<&Seal>) -> Result<Entry, Error>
where
    B: Deserialize<'a> + Into<Begun>,
    I: Deserialize<'a> + Into<Input>,
    W: Deserialize<'a> + Into<Taken>,
{
    let (written, rest): (Written<B, I, W>, _) =
        postcard::take_from_bytes(content).map_err(|error| corrupt(sid, &error))?;
    let (fields, rest): (Fields, &[u8]) = if rest.is_empty() {
        Default::default()
    } else {
        postcard::take_from_bytes(rest).map_err(|error| corrupt(sid, &error))?
    };
    let fields = fields.opened(sid, written.turn, seal);
    let request = opened_request(rest, sid, written.turn, seal);
    let at = Timestamp::from_millisecond(written.at).map_err(|error| corrupt(sid, &error))?;
    let secret = matches!(written.input, Stored::Sealed(_));
    let input = match written.input {
        Stored::Open(input) => Some(input.into()),
        Stored::Sealed(sealed) => {
            let plain =
                seal.and_then(|seal| seal.open(place(sid, written.turn).as_bytes(), &sealed));
            plain.and_then(|plain| postcard::from_bytes(&plain).ok())
        }
    };
    let Written {
        turn,
        begun,
        outcome,
        step,
        ways,
        faults,
        reply,
        ..
    } = written;
    let begun: Option<Begun> = begun.map(Into::into);
    // Without them it is not known what came.
    let input = input.filter(|_| fields.is_some() && request.is_some());
    let begun = begun.map(|begun| Begun {
        fields: fields.unwrap_or_default(),
        request: request.flatten(),
        ..begun
    });
    let reply = u32::from_be_bytes(reply);
    let mut ways: Vec<Taken> = ways.into_iter().map(Into::into).collect();
    name_first(&mut ways, input.as_ref());
    Ok(Entry {
        turn,
        at,
        begun,
        input,
        secret,
        ways,
        faults,
        reply,
        outcome,
        step,
        switched: Vec::new(),
        permits: Vec::new(),
    })
}

/// Reads a turn, and before it the opening hours that were switched then.
fn read_switched(sid: &CallSid, content: &[u8], seal: Option<&Seal>) -> Result<Entry, Error> {
    let (switched, turn) =
        postcard::take_from_bytes(content).map_err(|error| corrupt(sid, &error))?;
    Ok(Entry {
        switched,
        ..read::<Begun, Input, Taken>(sid, turn, seal)?
    })
}

/// Reads a turn, and before it the permits to reach numbers and the opening hours that held for it.
fn read_permitted(sid: &CallSid, content: &[u8], seal: Option<&Seal>) -> Result<Entry, Error> {
    let (permits, rest) =
        postcard::take_from_bytes(content).map_err(|error| corrupt(sid, &error))?;
    Ok(Entry {
        permits,
        ..read_switched(sid, rest, seal)?
    })
}

/// Reads a trail. Without a seal, what is sealed stays so.
///
/// # Errors
/// When an entry of this format cannot be read.
pub(super) fn decode(sid: &CallSid, trail: &[u8], seal: Option<&Seal>) -> Result<Trail, Error> {
    let (mut entries, mut events) = (Vec::new(), Vec::new());
    for (format, content) in contents(trail) {
        match format {
            TURN => entries.push(read::<Begun, Input, Taken>(sid, content, seal)?),
            SWITCHED => entries.push(read_switched(sid, content, seal)?),
            PERMITTED => entries.push(read_permitted(sid, content, seal)?),
            UNNAMED => entries.push(read::<Begun, EarlierInput, UnnamedWay>(sid, content, seal)?),
            FIRST => entries.push(read::<FirstBegun, EarlierInput, UnnamedWay>(
                sid, content, seal,
            )?),
            EVENT => {
                events.push(postcard::from_bytes(content).map_err(|error| corrupt(sid, &error))?);
            }
            _ => {}
        }
    }
    Ok(Trail {
        sid: sid.clone(),
        entries,
        events,
    })
}

/// A trail, or a part of one, as an engine keeps it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct StoredTrail {
    /// When it began, in milliseconds since 1970.
    pub began: i64,
    /// When its last turn was taken.
    pub last: i64,
    /// Its entries.
    pub bytes: Vec<u8>,
}

impl StoredTrail {
    /// Puts an entry behind the others.
    pub fn append(&mut self, trace: &Trace) {
        let at = trace.at.as_millisecond();
        if self.bytes.is_empty() {
            (self.began, self.last) = (at, at);
        }
        // A clock that was set back makes no trail older.
        self.last = self.last.max(at);
        self.bytes.extend_from_slice(&trace.entry);
    }

    /// Puts a later part behind this one.
    pub fn join(&mut self, later: Self) {
        if self.bytes.is_empty() {
            *self = later;
        } else if !later.bytes.is_empty() {
            self.last = self.last.max(later.last);
            self.bytes.extend(later.bytes);
        }
    }

    /// When it began.
    pub fn began(&self) -> Timestamp {
        Timestamp::from_millisecond(self.began).unwrap_or_default()
    }
}

/// A trail in the list of all: its place, and its bytes; none where it has gone since.
pub(super) type ListedTrail = (TrailPosition, Bytes);

impl TrailPage {
    /// Brings trails into the order of the list, and cuts out the page.
    pub(super) fn cut(&self, mut listed: Vec<ListedTrail>) -> Vec<ListedTrail> {
        listed.retain(|(place, _)| {
            place.began >= self.since && self.behind.as_ref().is_none_or(|behind| place < behind)
        });
        listed.sort_by(|(one, _), (other, _)| other.cmp(one));
        listed.truncate(self.limit);
        listed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::flow::Bundle;
    use crate::engine::load::load;
    use crate::engine::{Call, Came, Value, advance};

    const FLOW: &str = "[steps.a]\nmenu = \"One?\"\nkeys.1 = \"a\"\n";

    fn seal() -> Seal {
        Seal::from_tokens(&["a token"]).expect("a token is enough")
    }

    fn sid() -> CallSid {
        CallSid::parse("CA1").expect("it is legal")
    }

    /// Entries of a call on which these came, and as they are stored.
    fn entries(inputs: &[(Input, bool)]) -> (Vec<Entry>, Vec<u8>) {
        let flow = load(&Bundle {
            source: FLOW.to_owned(),
            ..Bundle::default()
        })
        .expect("it is sound")
        .flow;
        let at = Timestamp::from_millisecond(1_800_000_000_123).expect("it is in range");
        let mut call = Call::new(
            sid(),
            &flow,
            About {
                from: "+442079460001".to_owned(),
                ..About::default()
            },
        );
        let (mut entries, mut bytes) = (Vec::new(), Vec::new());
        for (input, secret) in inputs {
            let turn = advance(&flow, call, input, at);
            bytes.extend(
                Trace::of(Some(&flow), &turn, input, *secret, at, 7, &seal())
                    .expect("it can be written")
                    .entry,
            );
            entries.push(Entry::of(&flow, &turn, input, *secret, at, 7));
            call = turn.call;
        }
        (entries, bytes)
    }

    fn keys(keys: &str) -> Input {
        Input::Keys(keys.to_owned())
    }

    #[test]
    fn a_trail_comes_back_as_it_went_and_what_is_secret_only_with_the_key() {
        let long = "x".repeat(300);
        let fault = Input::Failed(Fault::Refused(12_200));
        let inputs = [
            (Input::Begin, false),
            (keys("1"), false),
            (keys("4711"), true),
            (keys(&long), false),
            (fault, false),
        ];
        let (entries, bytes) = entries(&inputs);
        assert_eq!(
            decode(&sid(), &bytes, Some(&seal()))
                .expect("it can be read")
                .entries,
            entries
        );
        assert!(!bytes.windows(4).any(|window| window == b"4711"));
        let other = Seal::from_tokens(&["other"]).expect("a token is enough");
        for seal in [None, Some(&other)] {
            let read = decode(&sid(), &bytes, seal)
                .expect("it can be read")
                .entries;
            assert_eq!(
                (&read[2].input, read[2].secret, &read[2].ways),
                (&None, true, &entries[2].ways)
            );
        }
        let elsewhere = CallSid::parse("CA2").expect("it is legal");
        assert_eq!(
            decode(&elsewhere, &bytes, Some(&seal()))
                .expect("it can be read")
                .entries[2]
                .input,
            None
        );
    }

    #[test]
    fn what_a_visit_began_with_comes_back_and_what_is_secret_of_it_only_with_the_key() {
        let source = format!(
            "[call]\ncity = \"CallerCity\"\npin = {{ at = \"SipHeader_X-Pin\", digits = 4, sensitive = true }}\n{FLOW}"
        );
        let bundle = Bundle {
            source,
            ..Bundle::default()
        };
        let flow = load(&bundle).expect("it is sound").flow;
        let at = Timestamp::from_millisecond(1_800_000_000_123).expect("it is in range");
        let sent = [("CallerCity", "BATH"), ("SipHeader_X-Pin", "4711")];
        let begun = |sent: &[(&str, &str)]| {
            let found = |name: &str| sent.iter().find(|(known, _)| *known == name);
            let fields = flow.read_call(|name| found(name).map(|(_, value)| *value));
            let call = Call::new(sid(), &flow, About::default()).with_fields(fields);
            let turn = advance(&flow, call, &Input::Begin, at);
            let trace = Trace::of(Some(&flow), &turn, &Input::Begin, false, at, 7, &seal());
            let entry = Entry::of(&flow, &turn, &Input::Begin, false, at, 7);
            (trace.expect("it can be written").entry, entry)
        };
        let (bytes, entry) = begun(&sent);
        let read = |bytes: &[u8], seal: Option<&Seal>| {
            decode(&sid(), bytes, seal).expect("it can be read").entries
        };
        assert_eq!(read(&bytes, Some(&seal())), std::slice::from_ref(&entry));
        assert!(!bytes.windows(4).any(|window| window == b"4711"));
        // Without the key it is not known what came.
        assert_eq!(read(&bytes, None)[0].input, None);
        // What is not secret needs no key, and nothing of it is nothing more to store.
        let (open, entry) = begun(&sent[..1]);
        assert_eq!(read(&open, None), [entry]);
        let (none, _) = begun(&[]);
        assert_eq!(none.len(), read_as_before(&none));
    }

    #[test]
    fn the_whole_first_request_comes_back_only_with_the_key() {
        let source = FLOW.to_owned()
            + "[steps.tell]\nhttp = \"crm\"\npost = \"/calls\"\nform = \"{{ call.request }}\"\non.error = \"hangup\"\nnext = \"hangup\"\n";
        let bundle = Bundle {
            source,
            ..Bundle::default()
        };
        let flow = load(&bundle).expect("it is sound").flow;
        let at = Timestamp::from_millisecond(1_800_000_000_123).expect("it is in range");
        let request = flow.read_request([("CallerCity", "BATH")].into_iter());
        let call = Call::new(sid(), &flow, About::default()).with_request(request);
        let turn = advance(&flow, call, &Input::Begin, at);
        let trace = Trace::of(Some(&flow), &turn, &Input::Begin, false, at, 7, &seal());
        let bytes = trace.expect("it can be written").entry;
        assert!(!bytes.windows(4).any(|window| window == b"BATH"));
        let read = |seal: Option<&Seal>| {
            decode(&sid(), &bytes, seal)
                .expect("it can be read")
                .entries
        };
        let entry = Entry::of(&flow, &turn, &Input::Begin, false, at, 7);
        assert_eq!(read(Some(&seal())), [entry]);
        assert_eq!(read(None)[0].input, None, "it is not known what came");
    }

    /// How many bytes an entry has that an earlier release reads.
    fn read_as_before(bytes: &[u8]) -> usize {
        let (_, content) = contents(bytes).next().expect("there is one");
        let (_, rest): (Written<Begun, Input, Taken>, _) =
            postcard::take_from_bytes(content).expect("it can be read");
        bytes.len() - rest.len()
    }

    #[test]
    fn a_turn_of_a_few_keys_takes_few_bytes() {
        let (_, begun) = entries(&[(Input::Begin, false)]);
        let (_, both) = entries(&[(Input::Begin, false), (keys("1"), false)]);
        assert!(
            both.len() - begun.len() <= 28,
            "{} bytes",
            both.len() - begun.len()
        );
    }

    #[test]
    fn hours_that_were_switched_are_kept_with_the_turn() {
        let (_, plain) = entries(&[(Input::Begin, false)]);
        let flow = load(&Bundle {
            source: FLOW.to_owned(),
            ..Bundle::default()
        })
        .expect("it is sound")
        .flow;
        let at = Timestamp::from_millisecond(1_800_000_000_123).expect("it is in range");
        let storm = HoursSwitch {
            open: false,
            until: at,
            note: "storm".to_owned(),
        };
        let call = Call {
            switched: Box::new([("office".to_owned(), storm)]),
            ..Call::new(sid(), &flow, About::default())
        };
        let turn = advance(&flow, call, &Input::Begin, at);
        let trace = Trace::of(Some(&flow), &turn, &Input::Begin, false, at, 7, &seal());
        let entry = trace.expect("it can be written").entry;
        let trail = decode(&sid(), &[&entry[..], &plain].concat(), None).expect("it can be read");
        assert_eq!(
            trail.entries[0],
            Entry::of(&flow, &turn, &Input::Begin, false, at, 7)
        );
        assert!(!trail.entries[0].switched.is_empty() && trail.entries[1].switched.is_empty());
    }

    #[test]
    fn what_an_earlier_release_kept_of_a_turn_is_read() {
        // What came: open, a dial, nobody answered, no seconds of talk.
        let came = (0u8, 4u8, 2u8, 0u8);
        let ways = [(0, Target::Step(7)), (7, Target::Hangup)];
        let faults = Vec::<(StepId, Fault)>::new();
        let head = (3u32, 1_800_000_000_123i64, None::<Begun>);
        let stood = (Outcome::Completed, Some(7u16));
        let written = (head, stood, came, ways.to_vec(), faults, 7u32.to_be_bytes());
        let bytes = entry(UNNAMED, 64, &written).expect("it can be written");
        let trail = decode(&sid(), &bytes, None).expect("it can be read");
        let nobody = Came::new("no_answer", [("seconds", Value::Integer(0))]);
        let unknown = |(from, to)| Taken {
            from,
            on: On::Unknown,
            to,
        };
        let [kept] = trail.entries.as_slice() else {
            panic!("{} turns", trail.entries.len());
        };
        assert_eq!(kept.input, Some(Input::Came(nobody)));
        assert_eq!(kept.ways, ways.map(unknown));
        assert_eq!((kept.turn, kept.step, kept.reply), (3, Some(7), 7));
    }

    #[test]
    fn entries_of_another_release_are_passed_over_and_damage_never_panics() {
        let (entries, bytes) = entries(&[(Input::Begin, false), (keys("1"), false)]);
        let newer = [&[9, 3, 1, 2, 3], &bytes[..], &[9, 1, 0]].concat();
        assert_eq!(
            decode(&sid(), &newer, None)
                .expect("it can be read")
                .entries,
            entries
        );
        for cut in 0..bytes.len() {
            assert!(decode(&sid(), &bytes[..cut], None).is_ok_and(|trail| trail.entries.len() < 2));
        }
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 0xff;
            let _ = decode(&sid(), &damaged, None);
        }
    }
}
