//! A phone for tests: does with the engine what a carrier and the shell do, and saves and loads the call between turns.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use crate::engine::flow::{Bundle, FlowFile};
use crate::engine::load::load;
use crate::engine::steps;
use crate::engine::{
    About, Audio, Call, CallSid, Came, Delivery, Dial, Ending, Entry, Event, Flow, Gather,
    Happened, Input, LegAnswer, LegInput, Machine, Outcome, Reply, Sender, Start, TextMessage,
    Trail, Turn, Value, Verb, WaitAnswer, WaitAsked, Words, advance, answer_leg, answer_wait,
};
use crate::study::retrace;
use crate::written::diag::line_and_column;

/// The sid of every call of a test.
pub const SID: &str = "CA00000000000000000000000000000001";

/// Who calls.
const FROM: &str = "+442079460001";

/// A moment, so many seconds after the one at which every call begins.
pub fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_795_428_900 + seconds).expect("it is in range")
}

/// A flow that stands alone.
pub fn bundle(source: &str) -> Bundle {
    Bundle {
        name: "test".into(),
        file: "test.toml".into(),
        source: source.to_owned(),
        flows: others(),
        ..Bundle::default()
    }
}

/// The flows that examples of actions go through.
pub fn others() -> Arc<BTreeMap<String, FlowFile>> {
    let named = steps::KINDS
        .iter()
        .flat_map(|kind| steps::beside(kind.name));
    let all = named.map(|(name, source)| {
        let file = format!("{name}.toml");
        (
            (*name).to_owned(),
            FlowFile {
                file: file.into(),
                source: (*source).into(),
            },
        )
    });
    Arc::new(all.collect())
}

/// What a flow's faults and warnings are, a line each: `line:column code message`.
pub fn faults(source: &str) -> Vec<String> {
    let diags = load(&bundle(source)).map_or_else(|diags| diags, |loaded| loaded.warnings);
    let line = |diag: &crate::written::diag::Diag| {
        let (line, column) = line_and_column(source, diag.at.span.start);
        format!("{line}:{column} {} {}", diag.code, diag.message)
    };
    diags.iter().map(line).collect()
}

/// A flow that must load.
#[track_caller]
pub fn flow(bundle: &Bundle) -> Flow {
    let Ok(loaded) = load(bundle) else {
        panic!(
            "the flow does not load:\n{}\n{}",
            faults(&bundle.source).join("\n"),
            bundle.source
        );
    };
    let mut flow = loaded.flow;
    flow.senders
        .insert("desk".to_owned(), Sender::Service("MG1".to_owned()));
    let notes = Machine::Transcription("https://notes.example.com/words".to_owned());
    let ear = Machine::Stream("wss://ear.example.com/".to_owned());
    flow.connectors
        .insert("stripe".to_owned(), "Stripe_Live".to_owned());
    let assistant = Machine::Relay("wss://assistant.example.com/calls".to_owned());
    for (name, machine) in [("notes", notes), ("ear", ear), ("assistant", assistant)] {
        flow.machines.insert(name.to_owned(), machine);
    }
    flow
}

/// A call as it is stored and read again.
pub fn stored(call: &Call) -> Call {
    let bytes = postcard::to_allocvec(call).expect("a call can be written");
    let read: Call = postcard::from_bytes(&bytes).expect("a call can be read");
    let Call {
        sid,
        question,
        came,
        opened,
        gave_up,
        fault_told,
        sent,
        reached,
        progress,
        recordings,
        request,
        ..
    } = call.clone();
    Call {
        sid,
        question,
        came,
        opened,
        gave_up,
        fault_told,
        sent,
        reached,
        progress,
        recordings,
        request,
        ..read
    }
}

/// A caller in the middle of a call.
pub struct Phone {
    /// The flow that the call runs on.
    pub flow: Flow,
    /// What the last turn came to.
    pub turn: Turn,
    /// All that was to be delivered so far.
    pub deliveries: Vec<Delivery>,
    /// All that was sent by SMS so far.
    pub texts: Vec<TextMessage>,
    /// Seconds since the call came in.
    pub seconds: i64,
    /// Every turn so far, and what a trail keeps of it.
    pub taken: Vec<(Entry, Turn)>,
    /// What became of legs.
    pub events: Vec<Event>,
}

impl Phone {
    /// Calls a flow that stands alone.
    #[track_caller]
    pub fn call(source: &str) -> Self {
        Self::call_flow(flow(&bundle(source)))
    }

    /// Calls a flow.
    pub fn call_flow(flow: Flow) -> Self {
        Self::call_sent(flow, &[])
    }

    /// Calls a flow that stands alone, from a number or an address; the usual one where none is given.
    #[track_caller]
    pub fn call_from(source: &str, from: Option<&str>) -> Self {
        Self::begin(flow(&bundle(source)), from.unwrap_or(FROM), &[])
    }

    /// Calls a flow, and the carrier sends these fields of its own.
    pub fn call_sent(flow: Flow, sent: &[(&str, &str)]) -> Self {
        Self::begin(flow, FROM, sent)
    }

    fn begin(flow: Flow, from: &str, sent: &[(&str, &str)]) -> Self {
        let about = About {
            from: from.to_owned(),
            to: "+442079460123".to_owned(),
            direction: "inbound".to_owned(),
            caller_name: String::new(),
            started: at(0).as_millisecond(),
        };
        let call = Call::new(CallSid::parse(SID).expect("it is legal"), &flow, about);
        let found = |name: &str| sent.iter().find(|(known, _)| *known == name);
        let fields = flow.read_call(|name| found(name).map(|(_, value)| *value));
        let call = call
            .with_fields(fields)
            .with_request(flow.read_request(sent.iter().copied()));
        let turn = advance(&flow, call, &Input::Begin, at(0));
        let mut phone = Self {
            flow,
            turn,
            deliveries: Vec::new(),
            texts: Vec::new(),
            seconds: 0,
            taken: Vec::new(),
            events: Vec::new(),
        };
        phone.took(&Input::Begin);
        phone
    }

    /// One turn, a second later.
    pub fn input(&mut self, input: &Input) -> &mut Self {
        self.seconds += 1;
        let call = stored(&self.turn.call);
        assert_eq!(call, self.turn.call, "a call comes back as it was stored");
        self.turn = advance(&self.flow, call, input, at(self.seconds));
        self.took(input);
        self
    }

    fn took(&mut self, input: &Input) {
        self.deliveries.extend(self.turn.deliveries.iter().cloned());
        self.texts.extend(self.turn.texts.iter().cloned());
        let entry = Entry::of(&self.flow, &self.turn, input, false, at(self.seconds), 0);
        self.taken.push((entry, self.turn.clone()));
    }

    /// Works the call out again from its trail; the number of the first turn that comes out otherwise.
    pub fn retraced_otherwise(&self) -> Option<u32> {
        let sid = self.turn.call.sid.clone();
        let trail = Trail {
            sid,
            entries: self.taken.iter().map(|(entry, _)| entry.clone()).collect(),
            events: self.events.clone(),
        };
        let again = retrace(&trail, |version| {
            (version == self.flow.fingerprint).then_some(&self.flow)
        });
        let mut pairs = again.iter().zip(&self.taken);
        let other = pairs.find(|(again, (_, turn))| {
            again
                .moment
                .as_ref()
                .is_none_or(|moment| moment.turn != *turn)
        });
        other.map(|(_, (entry, _))| entry.turn)
    }

    /// Presses keys.
    #[track_caller]
    pub fn press(&mut self, keys: &str) -> &mut Self {
        let entry = self.entry(keys).unwrap_or_else(|fault| panic!("{fault}"));
        self.input(&entry)
    }

    /// What keys come to that the carrier waits for; the key that ends an entry is not part of it.
    ///
    /// # Errors
    /// When it waits for none, or for fewer.
    pub fn entry(&self, keys: &str) -> Result<Input, String> {
        let gather = self
            .gather()
            .ok_or_else(|| format!("nobody waits for a key: {}", self.heard()))?;
        let end = gather.finish_on_key.and_then(|end| keys.find(end));
        let entry = &keys[..end.unwrap_or(keys.len())];
        let most = gather.num_digits.map_or(usize::MAX, |most| most as usize);
        match entry {
            "" => Ok(Input::Silence),
            entry if entry.len() > most => {
                Err(format!("only {most} keys of {keys} would be taken"))
            }
            entry => Ok(Input::Keys(entry.to_owned())),
        }
    }

    /// Says words.
    pub fn say(&mut self, words: &str) -> &mut Self {
        self.input(&Input::Speech(words.to_owned()))
    }

    /// Does nothing until the time is over.
    pub fn wait(&mut self) -> &mut Self {
        self.input(&Input::Silence)
    }

    /// A dialled number has come to its end.
    #[track_caller]
    pub fn dialled(&mut self, outcome: &str) -> &mut Self {
        assert!(
            matches!(self.verbs().last(), Some(Verb::Dial(_))),
            "nobody is dialled: {}",
            self.heard()
        );
        self.input(&dialled(outcome))
    }

    /// What whoever is called hears at a leg, or what comes of their keys; what they decide is noted as the shell does.
    pub fn leg(&mut self, leg: u8, input: &LegInput) -> LegAnswer {
        let call = &mut self.turn.call;
        let answer = answer_leg(&self.flow, call, leg, input, at(self.seconds));
        let answer = answer.expect("the words can be worked out");
        if let (Some(what), Some(hunt)) = (&answer.event, call.hunt_mut()) {
            hunt.note(leg, what);
            self.events.push(Event {
                at: at(self.seconds).as_millisecond(),
                turn: call.turn,
                what: Happened::Leg {
                    leg,
                    whom: String::new(),
                    what: what.clone(),
                },
            });
        }
        answer
    }

    /// What the caller hears who waits in a queue; what must be remembered is noted as the shell does.
    pub fn wait_asked(&mut self, asked: &WaitAsked) -> WaitAnswer {
        let call = &mut self.turn.call;
        let answer = answer_wait(&self.flow, call, asked, at(self.seconds));
        if let Some(event) = answer.event {
            let what = Happened::Waited(event);
            if what.tell(call) {
                self.events.push(Event {
                    at: at(self.seconds).as_millisecond(),
                    turn: call.turn,
                    what,
                });
            }
        }
        answer
    }

    /// Hangs up.
    pub fn hang_up(&mut self) -> &mut Self {
        self.input(&Input::HungUp(Ending::HungUp))
    }

    /// Hears a text, among others.
    #[track_caller]
    pub fn hears(&mut self, part: &str) -> &mut Self {
        let heard = self.heard();
        assert!(heard.contains(part), "{part:?} is not heard in {heard:?}");
        self
    }

    /// Hears this and nothing else.
    #[track_caller]
    pub fn hears_only(&mut self, whole: &str) -> &mut Self {
        assert_eq!(self.heard(), whole);
        self
    }

    /// How the call stands.
    #[track_caller]
    pub fn ends(&mut self, outcome: Outcome) -> &mut Self {
        assert_eq!(self.turn.call.outcome(), outcome, "{}", self.heard());
        self
    }

    /// The verbs of the last reply.
    pub fn verbs(&self) -> &[Verb] {
        let Reply::Speak(verbs) = &self.turn.reply;
        verbs
    }

    /// What the carrier waits for, if it waits for the caller.
    pub fn gather(&self) -> Option<&Gather> {
        match self.verbs().last() {
            Some(Verb::Gather(gather)) => Some(gather),
            _ => None,
        }
    }

    /// The step that the call is at, or was at last.
    pub fn step(&self) -> &str {
        self.turn
            .call
            .step()
            .map_or("", |step| &self.flow.step(step).name)
    }

    /// What a name of the flow holds.
    pub fn value(&self, name: &str) -> Option<String> {
        let slot = self
            .flow
            .names
            .iter()
            .position(|other| other == name)
            .expect("the flow has this name");
        self.turn
            .call
            .value(u16::try_from(slot).expect("it is small"))
            .map(ToString::to_string)
    }

    /// The answers of the last delivery.
    pub fn sent(&self) -> serde_json::Value {
        let body = &self
            .deliveries
            .last()
            .expect("something was delivered")
            .body;
        let body: serde_json::Value = serde_json::from_str(body).expect("a body is JSON");
        body["data"]["answers"].clone()
    }

    /// What is heard, as one text; what is not speech stands in brackets.
    pub fn heard(&self) -> String {
        heard(self.verbs())
    }
}

/// What verbs come to, as one text.
pub fn heard(verbs: &[Verb]) -> String {
    let parts = verbs.iter().map(|verb| match verb {
        Verb::Say(say) => say.words.iter().map(word).collect(),
        Verb::Play(Audio::Recording(path)) => format!("[play {path}]"),
        Verb::Play(Audio::Url(url)) => format!("[play {url}]"),
        Verb::Digits(keys) => format!("[digits {keys}]"),
        Verb::Pause(seconds) => format!("[pause {seconds}s]"),
        Verb::Gather(gather) => heard(&gather.prompts),
        Verb::Dial(dial) => format!("[dial {}]", called(dial)),
        Verb::Enqueue(queue) => format!("[queue {}]", queue.name),
        Verb::Leave => "[leave]".to_owned(),
        Verb::Refer(refer) => format!("[refer {}]", refer.to),
        Verb::Record(_) => "[record]".to_owned(),
        Verb::Connect(connect) => {
            let to = match &connect.to {
                Machine::Relay(at) | Machine::Stream(at) | Machine::Agent(at) => at,
                Machine::Transcription(at) => at,
            };
            let greet = connect.greet.as_deref().unwrap_or_default();
            let gives = connect.gives.iter();
            let gives: Vec<_> = gives.map(|(name, text)| format!("{name}={text}")).collect();
            format!(
                "[connect {} {to} \"{greet}\" {}]",
                connect.to.kind(),
                gives.join(" ")
            )
        }
        Verb::Pay(pay) => format!(
            "[pay {} {} by {}{}]",
            pay.amount,
            pay.currency,
            pay.connector,
            pay.about
                .as_deref()
                .map(|about| format!(" for {about}"))
                .unwrap_or_default()
        ),
        Verb::Start(Start::Recording { dual: true }) => "[start recording dual]".to_owned(),
        Verb::Start(Start::Recording { dual: false }) => "[start recording]".to_owned(),
        Verb::Start(Start::Transcription { to, language }) => {
            format!("[start transcription {to} {language}]")
        }
        Verb::Start(Start::Stream { to }) => format!("[start stream {to}]"),
        Verb::Stop(what) => format!("[stop {}]", what.as_str()),
        Verb::Again => "[again]".to_owned(),
        Verb::Redirect(url) => format!("[redirect {url}]"),
        Verb::Reject { busy: true } => "[reject busy]".to_owned(),
        Verb::Reject { busy: false } => "[reject]".to_owned(),
        Verb::Hangup => "[hangup]".to_owned(),
    });
    parts
        .filter(|part: &String| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

fn word(words: &Words) -> String {
    match words {
        Words::Text(text) => text.clone(),
        Words::Break(millis) => format!("[pause {millis}ms]"),
        Words::As { how, text } => format!("[{text} as {how}]"),
    }
}

/// What comes of a dial: who is reached talks for a minute.
pub fn dialled(outcome: &str) -> Input {
    let seconds = Value::Integer(if outcome == "answered" { 60 } else { 0 });
    Input::Came(Came::new(outcome, [("seconds", seconds)]))
}

/// Who is called.
fn called(dial: &Dial) -> String {
    let callees = dial.callees.iter();
    let names: Vec<&str> = callees.map(|callee| callee.at.as_str()).collect();
    names.join(", ")
}
