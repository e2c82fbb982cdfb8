//! A call as somebody could make it again: what was done, without anybody's data.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::engine::advance::{Turn, advance_safely};
use crate::engine::answer::Answer;
use crate::engine::call::{About, At, Call};
use crate::engine::came::Came;
use crate::engine::flow::Flow;
use crate::engine::ids::Slot;
use crate::engine::input::{Ending, Input};
use crate::engine::permit::Permits;
use crate::engine::sid::CallSid;
use crate::engine::trail::{Begun, Entry, Happened, Trail, is_secret};
use crate::engine::turn::{Reply, Verb};
use crate::engine::value::Value;
use crate::engine::waits::{Away, Whom};
use crate::written::PlacedOutcome;
use crate::written::carrier_fields::by_key;
use crate::written::number::{canonical, is_e164};
use crate::written::{CallerAct, Utterance};

/// Numbers that nobody has (Ofcom keeps 020 7946 0000 to 0999 for fiction): who calls, and who is called where the flow
/// names no number.
const FROM: &str = "+442079460001";
const TO: &str = "+442079460123";
/// A call that no carrier placed.
const SID: &str = "CA00000000000000000000000000000000";
/// What a caller is called where the carrier gave a name.
const NAME: &str = "A CALLER";
/// Entries that are tried in place of a sensitive one: these first, since dates and times are rarely hit by chance.
const LIKELY: [&str; 4] = ["20000229", "1200", "19991231", "0830"];
/// The most entries that are tried in place of a sensitive one.
const MOST_TRIES: u32 = 2_000;
/// The most texts that are tried in place of a sensitive field of the first request.
const MOST_FIELDS: u32 = 100;

/// What was done in a call's first visit. Sensitive entries are replaced by others of the same length that take the same
/// ways, and both numbers by some that nobody has.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Draft {
    /// The flow.
    pub flow: String,
    /// Who calls.
    pub from: String,
    /// The number called.
    pub to: String,
    /// The caller's name, where the carrier gave one.
    pub caller_name: Option<String>,
    /// What else the carrier sent, by its names: of what the flow reads, where the flow is known. Empty for what it did not
    /// send.
    #[serde(default)]
    pub fields: Vec<(String, String)>,
    /// How a call came out that we placed; nothing of one that came in.
    #[serde(default)]
    pub placed: Option<PlacedOutcome>,
    /// When the call came in.
    pub at: Timestamp,
    /// What the caller did, question by question.
    pub acts: Vec<CallerAct>,
    /// What came of handing the call on, in order.
    pub came: Vec<Came>,
    /// Whether the flow did not end the call.
    pub hangs_up: bool,
    /// How often the call came back after the last act from where it had been handed on.
    #[serde(default)]
    pub after_waits: u32,
    /// Which part of the call is not in it, in words.
    pub left_out: Option<String>,
}

/// The flow's number that was called, as the flow writes it; a fictional one where it has none.
fn called(flow: &Flow, to: &str) -> String {
    let to = canonical(to);
    flow.numbers
        .iter()
        .find(|number| canonical(number) == to)
        .map_or_else(|| TO.to_owned(), String::clone)
}

impl Draft {
    /// The draft of a call, as far as it ran on this flow version.
    pub fn of(trail: &Trail, flow: &Flow) -> Option<Self> {
        let first = trail.entries.first()?;
        let begun = first.begun.as_ref()?;
        let about = &begun.about;
        let is_placed = about.is_placed();
        let ours = called(flow, about.line());
        let (from, to) = if is_placed {
            (ours, FROM.to_owned())
        } else {
            (FROM.to_owned(), ours)
        };
        let mut draft = Self {
            flow: flow.name.clone(),
            from,
            to,
            caller_name: (!about.caller_name.is_empty()).then(|| NAME.to_owned()),
            fields: Vec::new(),
            placed: is_placed.then_some(PlacedOutcome::Answered),
            at: first.at,
            acts: Vec::new(),
            came: Vec::new(),
            hangs_up: true,
            after_waits: 0,
            left_out: None,
        };
        draft.fill(trail, flow, begun);
        Some(draft)
    }

    /// The same call as this flow takes it, for a call without a trail: sensitive entries are replaced, as in [`Self::of`],
    /// and what the flow does not come to is left out.
    pub fn disguised(&self, flow: &Flow) -> Self {
        let retaken = CallSid::parse(SID)
            .ok()
            .and_then(|sid| Self::of(&self.trail(sid, flow), flow));
        retaken.map_or_else(
            || self.clone(),
            |retaken| Self {
                caller_name: self.caller_name.clone(),
                ..retaken
            },
        )
    }

    /// The trail that would have been kept if this flow had taken it.
    fn trail(&self, sid: CallSid, flow: &Flow) -> Trail {
        let about = About {
            from: self.from.clone(),
            to: self.to.clone(),
            started: self.at.as_millisecond(),
            direction: self.placed.map_or("", |_| "outbound-api").to_owned(),
            ..About::default()
        };
        let sent = |name: &str| match by_key(name) {
            Some("from") => Some(self.from.as_str()),
            Some("to") => Some(self.to.as_str()),
            Some("caller_name") => self.caller_name.as_deref(),
            _ => {
                let mut fields = self.fields.iter();
                let sent = fields.find(|(known, value)| known == name && !value.is_empty());
                sent.map(|(_, value)| value.as_str())
            }
        };
        let fields = flow.read_call(sent);
        let mut call = Call::new(sid.clone(), flow, about).with_fields(fields);
        let (mut acts, mut came) = (self.acts.iter(), self.came.iter());
        let first = match self.placed {
            None | Some(PlacedOutcome::Answered) => Input::Begin,
            Some(outcome) => Input::Placed(outcome),
        };
        let (mut entries, mut next) = (Vec::new(), Some(first));
        while let Some(input) = next {
            let secret = is_secret(flow, &call, &input);
            let turn = advance_safely(flow, call, &input, self.at);
            entries.push(Entry::of(flow, &turn, &input, secret, self.at, 0));
            let Reply::Speak(verbs) = &turn.reply;
            next = match verbs.last() {
                Some(Verb::Gather(gather)) => {
                    acts.next().map(|act| input_of(act, gather.finish_on_key))
                }
                _ => away(flow, &turn.call)
                    .and_then(|_| came.next())
                    .map(|came| Input::Came(came.clone())),
            };
            call = turn.call;
        }
        Trail {
            sid,
            entries,
            events: Vec::new(),
        }
    }

    fn fill(&mut self, trail: &Trail, flow: &Flow, begun: &Begun) {
        let about = &begun.about;
        let disguised = About {
            from: self.from.clone(),
            to: self.to.clone(),
            caller_name: self.caller_name.clone().unwrap_or_default(),
            ..about.clone()
        };
        let mut pair = Pair {
            flow,
            real: begun.given(Call::new(trail.sid.clone(), flow, about.clone())),
            draft: Call::new(trail.sid.clone(), flow, disguised),
            known: Vec::new(),
        };
        let at = trail.entries.first().map_or(self.at, |first| first.at);
        let fields = pair.fields(&begun.fields, at);
        self.fields = flow.write_call(&fields);
        pair.draft = pair.draft.with_fields(fields);
        let mut asked: Option<Turn> = None;
        for (place, entry) in trail.entries.iter().enumerate() {
            let is_next = entry.turn == pair.real.turn + 1;
            let Some(input) = entry
                .input
                .as_ref()
                .filter(|_| is_next && (place == 0 || entry.begun.is_none()))
            else {
                self.left_out = Some(format!("what came from turn {} on", entry.turn));
                return;
            };
            let is_last = place + 1 == trail.entries.len();
            if is_last && leaves(trail, away(flow, &pair.real), input) {
                return;
            }
            let input = pair.disguise(entry, input);
            let asks =
                away(flow, &pair.real).is_some_and(|away| matches!(away.whom, Whom::Service(_)));
            if !self.note(&input, asked.as_ref(), asks) {
                return;
            }
            let turn = pair.take(entry, &input);
            self.hangs_up = !turn.call.is_over();
            asked = Some(turn);
        }
    }

    /// Notes what was done; whether the call goes on. A call that asks a service is not handed on for that.
    fn note(&mut self, input: &Input, asked: Option<&Turn>, asks_service: bool) -> bool {
        match input {
            Input::Begin | Input::Place => {}
            Input::Placed(outcome) => self.placed = Some(*outcome),
            Input::Reached => return false,
            Input::Keys(keys) => self.act(CallerAct::Press(ended(keys, asked))),
            Input::Speech(words) => self.act(CallerAct::Says(words.clone().into())),
            Input::Heard(words, percent) => self.act(CallerAct::Says(Utterance {
                words: words.clone(),
                percent: Some(*percent),
            })),
            Input::Silence => self.act(CallerAct::Silent),
            Input::Came(came) => {
                self.came.push(came.clone());
                self.after_waits += u32::from(!asks_service);
            }
            Input::HungUp(Ending::HungUp | Ending::Silent) => return false,
            Input::HungUp(Ending::Moved) => {
                self.left_out = Some("what came after the call was moved away".to_owned());
                return false;
            }
            Input::Failed(fault) => {
                self.left_out = Some(format!("a fault, and what came after it: {fault}"));
                return false;
            }
        }
        true
    }

    fn act(&mut self, act: CallerAct) {
        self.acts.push(act);
        self.after_waits = 0;
    }
}

/// The input that an act becomes, where this key ends an entry.
fn input_of(act: &CallerAct, end: Option<char>) -> Input {
    match act {
        CallerAct::Press(keys) => {
            let entry = end
                .and_then(|end| keys.strip_suffix(end))
                .filter(|entry| !entry.is_empty());
            Input::Keys(entry.unwrap_or(keys).to_owned())
        }
        CallerAct::Says(said) => Input::heard(said.words.clone(), said.percent),
        CallerAct::Silent => Input::Silence,
    }
}

/// Where a call is, if it waits at a step that hands it on.
fn away<'f>(flow: &'f Flow, call: &Call) -> Option<Away<'f>> {
    match call.at {
        At::Step(step) => flow.step(step).action.away(),
        At::Start | At::Over { .. } => None,
    }
}

/// Whether what came last is that the caller left while the call was handed on: the carrier reports that as an outcome,
/// and that the call is over.
fn leaves(trail: &Trail, away: Option<Away<'_>>, input: &Input) -> bool {
    let is_over = trail
        .events
        .iter()
        .any(|event| matches!(event.what, Happened::Ended { .. }));
    let (Some(away), Input::Came(came)) = (away, input) else {
        return false;
    };
    is_over
        && away
            .outcome(&came.outcome)
            .is_some_and(|outcome| outcome.is_left)
}

/// Keys, and the key that ends the entry where nothing else does.
fn ended(keys: &str, asked: Option<&Turn>) -> String {
    let gather = asked.and_then(|turn| {
        let Reply::Speak(verbs) = &turn.reply;
        verbs.iter().find_map(|verb| match verb {
            Verb::Gather(gather) => Some(gather),
            _ => None,
        })
    });
    let length = u32::try_from(keys.chars().count()).unwrap_or(u32::MAX);
    match gather {
        Some(gather) if gather.num_digits != Some(length) => {
            keys.chars().chain(gather.finish_on_key).collect()
        }
        _ => keys.to_owned(),
    }
}

/// The call as it was, and as the draft has it.
struct Pair<'a> {
    flow: &'a Flow,
    real: Call,
    draft: Call,
    /// Sensitive entries, and what stands for each.
    known: Vec<(String, String)>,
}

impl Pair<'_> {
    /// What stands for the fields that the call began with: themselves, except for what is sensitive, and for numbers and
    /// names of people.
    fn fields(&self, real: &[(Slot, Value)], at: Timestamp) -> Vec<(Slot, Value)> {
        let begin = |call: &Call, fields: Vec<(Slot, Value)>| {
            let call = call.clone().with_fields(fields);
            advance_safely(self.flow, call, &Input::Begin, at)
        };
        let was = advance_safely(self.flow, self.real.clone(), &Input::Begin, at);
        let mut fields: Vec<(Slot, Value)> = Vec::new();
        for (slot, value) in real {
            let Some(field) = self.flow.call_field(*slot) else {
                continue;
            };
            let about = &self.draft.about;
            let others = match by_key(&field.at) {
                Some("from") => vec![about.from.clone()],
                Some("to") => vec![about.to.clone()],
                Some("caller_name") => vec![about.caller_name.clone()],
                _ if field.of.sensitive => other_values(&*field.of.kind, value),
                _ if is_e164(&value.to_string()) => vec![about.from.clone()],
                _ => vec![value.to_string()],
            };
            let read = |text: &str| {
                let all = self
                    .flow
                    .read_call(|name| (name == field.at).then_some(text));
                all.into_iter().find(|(other, _)| other == slot)
            };
            let legal: Vec<_> = others.iter().filter_map(|text| read(text)).collect();
            let same = |other: &&(Slot, Value)| {
                let with = fields.iter().cloned().chain([(*other).clone()]);
                same_way(&begin(&self.draft, with.collect()), &was)
            };
            let other = legal.iter().find(same).or(legal.first()).cloned();
            fields.extend(other);
        }
        fields
    }

    /// What stands for an input: itself, unless it was meant for a sensitive answer.
    fn disguise(&mut self, entry: &Entry, input: &Input) -> Input {
        match input {
            // A key alone that is no digit tells nothing, and nothing else does the same.
            Input::Keys(keys) if entry.secret && keys != "*" => {
                Input::Keys(self.other(entry, keys, Input::Keys))
            }
            Input::Speech(words) if entry.secret => {
                Input::Speech(self.other(entry, words, Input::Speech))
            }
            Input::Heard(words, percent) if entry.secret => {
                Input::Heard(self.other(entry, words, Input::Speech), *percent)
            }
            _ => input.clone(),
        }
    }

    /// Something of the same shape that the flow takes in the same way.
    fn other(&mut self, entry: &Entry, secret: &str, input: fn(String) -> Input) -> String {
        if let Some((_, other)) = self.known.iter().find(|(known, _)| known == secret) {
            return other.clone();
        }
        let real = self.really(entry, &input(secret.to_owned()));
        let fits = |other: &String| {
            let taken = advance_safely(
                self.flow,
                self.draft.clone(),
                &input(other.clone()),
                entry.at,
            );
            other != secret && same_way(&taken, &real)
        };
        let likely = LIKELY
            .iter()
            .map(ToString::to_string)
            .filter(|likely| likely.len() == secret.len());
        let other = likely
            .chain(self.code(secret))
            .chain((0..MOST_TRIES).map(|nth| shaped(secret, nth)))
            .find(fits);
        let other = other.unwrap_or_else(|| shaped("0", MOST_TRIES).repeat(secret.chars().count()));
        self.known.push((secret.to_owned(), other.clone()));
        other
    }

    /// The code of this length where the call waits for one: all zeros, where nobody is texted.
    fn code(&self, secret: &str) -> Option<String> {
        let At::Step(step) = self.draft.at else {
            return None;
        };
        let takes = self.flow.step(step).action.takes_secret();
        takes.then(|| "0".repeat(secret.chars().count()))
    }

    /// What an input came to in the call that is drafted, with what was known of numbers and codes then.
    fn really(&self, entry: &Entry, input: &Input) -> Turn {
        let real = Call {
            permits: Permits::kept(&entry.permits),
            ..self.real.clone()
        };
        advance_safely(self.flow, real, input, entry.at)
    }

    fn take(&mut self, entry: &Entry, input: &Input) -> Turn {
        let real = entry.input.as_ref().unwrap_or(input);
        self.real = self.really(entry, real).call;
        let turn = advance_safely(self.flow, self.draft.clone(), input, entry.at);
        self.draft = turn.call.clone();
        turn
    }
}

fn same_way(one: &Turn, other: &Turn) -> bool {
    let misses = |turn: &Turn| (turn.call.misses.no_input, turn.call.misses.no_match);
    one.ways == other.ways && misses(one) == misses(other) && one.refused == other.refused
}

/// What can stand for a sensitive value: others of its type where they are few, else texts of the same shape.
fn other_values(kind: &dyn Answer, value: &Value) -> Vec<String> {
    let text = value.to_string();
    let shaped = (0..MOST_FIELDS).map(|nth| shaped(&text, nth));
    let values = kind.values().into_iter().chain(shaped);
    values.filter(|other| *other != text).collect()
}

/// A text of the same shape: other digits for digits, other letters for letters. It comes from a number, never from the
/// text itself.
fn shaped(text: &str, nth: u32) -> String {
    let place = |place: usize| {
        Sha256::digest([nth.to_be_bytes(), (place as u32).to_be_bytes()].concat())[0]
    };
    let other = |(at, c): (usize, char)| match c {
        _ if c.is_ascii_digit() => char::from(b'0' + place(at) % 10),
        _ if c.is_alphabetic() => char::from(b'a' + place(at) % 26),
        _ => c,
    };
    text.chars().enumerate().map(other).collect()
}
