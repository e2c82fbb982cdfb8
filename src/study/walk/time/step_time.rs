//! How long each step may keep a caller: the step is done as in a call, and what it says and waits for is measured.

use std::cell::RefCell;
use std::time::Duration;

use jiff::Timestamp;

use super::super::map::Map;
use super::super::misses::counts;
use super::question_time::{MAX_ENTRY, QuestionTime};
use super::said::Said;
use super::side::Side;
use crate::engine::answer::Answer;
use crate::engine::call::{About, At, Call, Misses};
use crate::engine::edge::{By, Edge};
use crate::engine::expression::Shape;
use crate::engine::flow::{Flow, Language};
use crate::engine::ids::{Slot, StepId};
use crate::engine::input::Input;
use crate::engine::moment::{Moment, Then};
use crate::engine::progress::Progress;
use crate::engine::prompt::Prompt;
use crate::engine::question::{EntryRefusal, Miss};
use crate::engine::render::{GuessedWords, render, render_guess};
use crate::engine::scope::Scope;
use crate::engine::sid::CallSid;
use crate::engine::turn::{Gather, Say, Verb, Words};
use crate::engine::value::Value;
use crate::engine::waiting::{QueueNow, Waiting};
use crate::engine::waits::{Away, Takes, Waits};
use crate::twiml::{Heard, Pace};

/// The most values of a name that an expression is tried with.
const MAX_TRIED: usize = 16;

/// What a key may come behind a piece that is heard in a queue.
const LATE_KEY: Duration = Duration::from_secs(1);

/// How long a step may keep a caller.
#[derive(Clone, Debug, Default)]
pub struct StepTime {
    /// What is said on coming there.
    pub said: Said,
    /// What is waited for, and how the reply ends.
    pub then: AfterSpeech,
    /// Whether it turns the call away, which can be done only before it is answered.
    pub turns_away: bool,
    /// How long each piece lasts that is heard by a caller who waits in a queue.
    pub pieces: Vec<Duration>,
}

/// What a step does after it has spoken.
#[derive(Clone, Debug, Default)]
pub enum AfterSpeech {
    /// Goes on.
    #[default]
    GoesOn,
    /// Asks.
    Asks(QuestionTime),
    /// Waits, handed on, so long at most until it is known whether somebody is there.
    Waits(Duration),
    /// Ends the call.
    Ends,
}

/// How long each step may keep a caller.
#[derive(Debug)]
pub struct StepTimes {
    /// With the values and in the language that take longest, or shortest.
    pub all: Vec<StepTime>,
    /// With the same values, in the language that calls begin in.
    pub first: Vec<StepTime>,
    /// The apology.
    pub apology: Heard,
    /// The keys of its own that each step has.
    pub options: Vec<usize>,
}

impl StepTimes {
    /// Does every step, in every language, for the longest calls or the shortest.
    pub fn measure(flow: &Flow, pace: &dyn Pace, side: Side) -> Self {
        let times = |language: u8| -> Vec<StepTime> {
            let mut actor = Actor::new(flow, pace, language, side);
            (0..flow.steps.len() as StepId)
                .map(|step| actor.step_time(step))
                .collect()
        };
        let first = times(0);
        let (mut all, mut sorry) = (first.clone(), apologised(flow, pace, 0));
        for language in 1..u8::try_from(flow.languages.len()).unwrap_or(u8::MAX) {
            all.iter_mut()
                .zip(&times(language))
                .for_each(|(step_time, other)| step_time.merge(other, side));
            sorry.merge(&apologised(flow, pace, language), side);
        }
        Self {
            all,
            first,
            apology: sorry,
            options: flow
                .steps
                .iter()
                .map(|step| step.action.options())
                .collect(),
        }
    }

    /// The menu with the most keys of its own among those that a call comes to.
    pub fn fullest_menu(&self, map: &Map<'_>) -> Option<(StepId, usize)> {
        let mut steps: Vec<StepId> = map.moments.iter().map(|moment| moment.step).collect();
        steps.sort_unstable();
        let counted = steps
            .into_iter()
            .map(|step| (step, self.options[usize::from(step)]));
        counted
            .filter(|(_, options)| *options > 0)
            .rev()
            .max_by_key(|(_, options)| *options)
    }
}

impl StepTime {
    /// How long it keeps a caller at most who takes a way then.
    pub fn longest(&self, by: &By) -> Duration {
        let said = self.said.whole.lasts;
        match &self.then {
            AfterSpeech::Asks(question) => question.longest(said, by),
            AfterSpeech::Waits(ring) => said + *ring,
            AfterSpeech::GoesOn | AfterSpeech::Ends => said,
        }
    }

    fn merge(&mut self, other: &Self, side: Side) {
        self.said.merge(&other.said, side);
        for (own, other) in self.pieces.iter_mut().zip(&other.pieces) {
            *own = (*own).max(*other);
        }
        if let (AfterSpeech::Asks(own), AfterSpeech::Asks(others)) = (&mut self.then, &other.then) {
            let own = own.silent.iter_mut().chain(&mut own.wrong);
            let other = others.silent.iter().chain(&others.wrong);
            own.zip(other)
                .for_each(|(said, other)| said.merge(other, side));
        }
    }
}

/// The apology in a language.
fn apologised(flow: &Flow, pace: &dyn Pace, language: u8) -> Heard {
    let mut heard = Heard::default();
    for verb in &flow.own_words(language).apology {
        heard.add(&pace.heard(verb));
    }
    heard
}

fn say(language: &Language, text: String) -> Verb {
    let words = vec![Words::Text(text)];
    Verb::Say(Say {
        voice: language.voice.clone(),
        language: language.tag.clone(),
        words,
    })
}

/// A call that nobody makes, at its beginning.
pub fn nobody(flow: &Flow) -> Call {
    let sid = CallSid::parse("CA00000000000000000000000000000000").expect("it is one");
    let number = |number: &str| number.to_owned();
    let (from, to) = (number("+442079460001"), number("+442079460000"));
    Call::new(
        sid,
        flow,
        About {
            from,
            to,
            direction: "inbound".to_owned(),
            ..About::default()
        },
    )
}

/// A call in which everything is set, that comes to one step after the other.
struct Actor<'a> {
    flow: &'a Flow,
    pace: &'a dyn Pace,
    side: Side,
    call: Call,
    /// What each name can hold, as far as it is known.
    values: Vec<Vec<Value>>,
    /// Names that are read and not set: nobody asks here.
    unset: RefCell<Vec<(StepId, Slot)>>,
}

impl<'a> Actor<'a> {
    fn new(flow: &'a Flow, pace: &'a dyn Pace, language: u8, side: Side) -> Self {
        let mut call = nobody(flow);
        call.language = language;
        // What is said in a queue can be said.
        call.wait_for(Progress::Queue(Waiting {
            now: Some(QueueNow {
                position: Some(10),
                waited: 600,
                size: Some(10),
            }),
            ..Waiting::default()
        }));
        let mut actor = Self {
            flow,
            pace,
            side,
            call,
            values: Vec::new(),
            unset: RefCell::default(),
        };
        for (slot, set) in set_anywhere(flow).into_iter().enumerate() {
            let slot = slot as Slot;
            let values = flow.declared(slot).map_or(set, |of| values(&*of.kind));
            let extreme = actor.extreme(slot, &values);
            actor.call.values.extend(extreme.map(|value| (slot, value)));
            actor.values.push(values);
        }
        actor
    }

    /// The value of a name that takes longest, or shortest, to say.
    fn extreme(&self, slot: Slot, values: &[Value]) -> Option<Value> {
        let spoken = |value: &&Value| self.spoken(slot, value);
        let extreme = match self.side {
            Side::Longest => values.iter().rev().max_by_key(spoken),
            Side::Shortest => values.iter().min_by_key(spoken),
        };
        extreme.cloned()
    }

    fn spoken(&self, slot: Slot, value: &Value) -> Duration {
        let stored = value.to_string();
        let declared = self.flow.declared(slot);
        let prompt = declared.and_then(|of| of.spoken.iter().find(|(value, _)| *value == stored));
        let verbs = prompt.and_then(|(_, prompt)| render(prompt, self.scope()).ok());
        let verbs = verbs.unwrap_or_else(|| {
            let language = self.flow.language(self.call.language);
            let text = declared.map_or(stored, |of| of.kind.speak(value, &language.tag));
            vec![say(language, text)]
        });
        verbs.iter().map(|verb| self.pace.heard(verb).lasts).sum()
    }

    fn scope(&self) -> Scope<'_> {
        Scope {
            flow: self.flow,
            call: &self.call,
            now: Timestamp::UNIX_EPOCH,
            step: self.flow.start,
            unset: &self.unset,
        }
    }

    /// Does a step: with the values that take longest, or shortest, to say, and as often as names in it can hold others,
    /// since what an expression comes to may be longer for another one.
    fn step_time(&mut self, step: StepId) -> StepTime {
        let mut step_time = self.done(step);
        for reading in self.flow.step(step).action.readings() {
            if matches!(reading.shape, Shape::Name(_)) {
                continue;
            }
            for (slot, _) in &reading.places {
                let values = self
                    .values
                    .get(usize::from(*slot))
                    .cloned()
                    .unwrap_or_default();
                let before = self.call.value(*slot).cloned();
                for value in values.into_iter().take(MAX_TRIED) {
                    self.call.put(*slot, Some(value));
                    step_time.merge(&self.done(step), self.side);
                }
                self.call.put(*slot, before);
            }
        }
        step_time
    }

    /// Does a step once. One that cannot be done like this says nothing.
    fn done(&mut self, step: StepId) -> StepTime {
        let action = &self.flow.step(step).action;
        if let Some(away) = action.away() {
            return self.handed_on(step, &away);
        }
        if !action.needs_caller() {
            let then = if action.edges().is_empty() {
                AfterSpeech::Ends
            } else {
                AfterSpeech::GoesOn
            };
            return StepTime { then, ..silent() };
        }
        let (spoken, then) = self.at(step, Misses::default(), None);
        let said = Said::of(&spoken, self.pace);
        let turns_away = matches!(then, Some(Then::End(Verb::Reject { .. })));
        let then = match then {
            Some(Then::Ask(gather)) => AfterSpeech::Asks(self.question(step, &spoken, &gather)),
            Some(Then::End(_)) => AfterSpeech::Ends,
            // A step that cannot be done leads to the same places as one that can.
            _ if action.edges().is_empty() => AfterSpeech::Ends,
            _ => AfterSpeech::GoesOn,
        };
        StepTime {
            said,
            then,
            turns_away,
            pieces: Vec::new(),
        }
    }

    /// What the caller hears before the call is handed on, and how long that may last.
    fn handed_on(&self, step: StepId, away: &Away<'_>) -> StepTime {
        let before = self.flow.step(step).action.heard_before();
        let words = before
            .into_iter()
            .flat_map(|words| render(words, self.scope()).unwrap_or_default());
        let words: Vec<_> = words.map(|verb| (verb, false)).collect();
        StepTime {
            said: Said::of(&words, self.pace),
            then: AfterSpeech::Waits(self.until_answered(away)),
            turns_away: false,
            pieces: self.pieces(away),
        }
    }

    /// How long it may take until it is known whether somebody is there: ringing, and what is whispered to whoever answers,
    /// who then may take as long as possible.
    fn until_answered(&self, away: &Away<'_>) -> Duration {
        let rings = Duration::from_secs(away.rings.into());
        let whispered = away.whispers.map(|whispers| {
            let words = render(whispers.words, self.scope()).unwrap_or_default();
            let heard = words.iter().map(|verb| self.pace.heard(verb).lasts);
            let decides = Duration::from_secs(whispers.decides.into());
            (heard.sum::<Duration>() + decides) * whispers.times.into()
        });
        // The time is looked at between two pieces, and the place may be told in front of one.
        let told = away.holds.and_then(|holds| Some(self.lasts(holds.says?)));
        let piece = self.pieces(away).into_iter().max();
        let holds = piece.map(|piece| piece + told.unwrap_or_default() + LATE_KEY);
        rings + whispered.unwrap_or_default() + holds.unwrap_or_default()
    }

    /// How long each piece lasts that is heard in a queue.
    fn pieces(&self, away: &Away<'_>) -> Vec<Duration> {
        let pieces = away.holds.map_or(&[][..], |holds| holds.pieces);
        pieces
            .iter()
            .map(|piece| self.lasts(&piece.words))
            .collect()
    }

    fn lasts(&self, words: &Prompt) -> Duration {
        let words = render(words, self.scope()).unwrap_or_default();
        words.iter().map(|verb| self.pace.heard(verb).lasts).sum()
    }

    fn question(&mut self, step: StepId, spoken: &[(Verb, bool)], gather: &Gather) -> QuestionTime {
        let flow = self.flow;
        let action = &flow.step(step).action;
        let attempts = action.attempts();
        let (silence_counts, wrong_counts) = (
            counts(flow, step, Miss::NoInput),
            counts(flow, step, Miss::NoMatch),
        );
        let mut missed = |is_counted: bool, input: &Input, misses: fn(u8) -> Misses| -> Vec<Said> {
            let times = 0..if is_counted {
                attempts.saturating_sub(1)
            } else {
                0
            };
            let spoken: Vec<_> = times
                .map(|before| self.at(step, misses(before), Some(input)).0)
                .collect();
            spoken
                .iter()
                .map(|spoken| Said::of(spoken, self.pace))
                .collect()
        };
        let silent = missed(silence_counts, &Input::Silence, |no_input| Misses {
            no_input,
            no_match: 0,
        });
        // Words are no answer to a question that does not listen for these.
        let wrong = missed(wrong_counts, &Input::Speech(String::new()), |no_match| {
            Misses {
                no_input: 0,
                no_match,
            }
        });
        let (wrong, refused) = self.with_refusals(step, spoken, wrong);
        let keys = action.edges().into_iter().filter_map(|edge| match edge.by {
            By::Keys(keys) => Some(keys.len() as u32),
            _ => None,
        });
        let entry = action
            .entry_length()
            .unwrap_or_else(|| (1, keys.max().unwrap_or(1)));
        QuestionTime {
            attempts: attempts.into(),
            timeout: Duration::from_secs(gather.timeout.into()),
            num_digits: gather.num_digits,
            finishes: gather.finish_on_key.is_some(),
            entry,
            silence_counts,
            wrong_counts,
            silent,
            wrong,
            refused,
            guesses: self.guesses(step),
            first_key: self.first_key(step, spoken),
            bytes: self.pace.heard(&Verb::Gather(gather.clone())).bytes,
        }
    }

    /// How long it takes at most to find out by questions what a caller has perhaps said.
    fn guesses(&self, step: StepId) -> Duration {
        let action = &self.flow.step(step).action;
        let Waits::Keys(asked) = action.waits() else {
            return Duration::ZERO;
        };
        let Some(words) = self
            .flow
            .guess_words
            .as_ref()
            .filter(|_| asked.guesses() > 0)
        else {
            return Duration::ZERO;
        };
        let lasts = |about: GuessedWords<'_>, key: &str| {
            let verbs = render_guess(words, about, key, self.scope()).unwrap_or_default();
            let heard = verbs.iter().map(|verb| self.pace.heard(verb).lasts);
            heard.sum::<Duration>()
        };
        let longest = match asked.takes {
            Takes::Keys { own, .. } => {
                let spoken = own.iter().map(|key| {
                    let written = key.words_in(self.call.language).next();
                    let written = written.map_or(&key.keys, |words| &words.written);
                    lasts(GuessedWords::Key(written), &key.keys)
                });
                spoken.max()
            }
            Takes::Entry { kind, .. } => {
                let value = kind.check(&kind.example());
                let about = asked.into.zip(value);
                about.map(|(slot, value)| lasts(GuessedWords::Entry(slot, &value), "1"))
            }
        };
        let waits = Duration::from_secs(asked.question.timeout().into());
        longest.map_or(Duration::ZERO, |longest| {
            (longest + waits) * asked.guesses()
        })
    }

    /// What is said after each wrong entry, where one that is refused gets more words than any other; then with the place
    /// of the condition.
    fn with_refusals(
        &self,
        step: StepId,
        question: &[(Verb, bool)],
        wrong: Vec<Said>,
    ) -> (Vec<Said>, Option<usize>) {
        let action = &self.flow.step(step).action;
        let again = if action.reprompts() { question } else { &[] };
        let said = |refusal: &EntryRefusal| {
            let words = render(&refusal.say, self.scope()).unwrap_or_default();
            let words = words.into_iter().map(|verb| (verb, true));
            let spoken: Vec<_> = words.chain(again.iter().cloned()).collect();
            Said::of(&spoken, self.pace)
        };
        let refused = action.refusals().iter().map(said);
        let longest = refused.enumerate().max_by_key(|(_, said)| said.whole.lasts);
        let is_longest = |said: &Said| {
            let mut others = wrong.iter();
            others.all(|other| other.whole.lasts < said.whole.lasts)
        };
        match (longest, self.side) {
            (Some((place, said)), Side::Longest) if is_longest(&said) => {
                (vec![said; wrong.len()], Some(place))
            }
            _ => (wrong, None),
        }
    }

    /// What is said when the call comes to a step, or when an input comes to it there.
    fn at(
        &mut self,
        step: StepId,
        misses: Misses,
        input: Option<&Input>,
    ) -> (Vec<(Verb, bool)>, Option<Then>) {
        let action = &self.flow.step(step).action;
        let language = self.call.language;
        let is_change = |Edge { does, .. }: &Edge| {
            !does.sets.is_empty() || does.appends.is_some() || !does.forgets.is_empty()
        };
        let changes = !action.asks() && action.edges().iter().any(is_change);
        let before = changes.then(|| self.call.values.clone());
        self.call.at = At::Step(step);
        self.call.misses = misses;
        let mut moment = Moment::new(self.flow, &mut self.call, step, Timestamp::UNIX_EPOCH);
        let then = match input {
            None => action.enter(&mut moment),
            Some(input) => action.resume(&mut moment, input),
        };
        let spoken = moment.spoken;
        self.call.language = language;
        if let Some(values) = before {
            self.call.values = values;
        }
        (spoken, then.ok())
    }

    /// How long a question is heard until it has named a key of its own, where its text has that as a number.
    fn first_key(&self, step: StepId, spoken: &[(Verb, bool)]) -> Duration {
        let edges = self.flow.step(step).action.edges();
        let keys: Vec<&str> = edges
            .iter()
            .filter_map(|edge| match &edge.by {
                By::Keys(keys) => Some(keys.as_str()),
                _ => None,
            })
            .collect();
        let mut so_far = Duration::ZERO;
        for (verb, _) in spoken {
            if let Verb::Say(say) = verb
                && let Some(say) = until_key(say, &keys)
            {
                return so_far + self.pace.heard(&Verb::Say(say)).lasts;
            }
            so_far += self.pace.heard(verb).lasts;
        }
        so_far
    }
}

/// The values of an answer where they are few, else some that a caller may have entered.
fn values(kind: &dyn Answer) -> Vec<Value> {
    if let Some((_, most)) = kind.count() {
        let list = |entries: usize| Value::Entries(vec![Vec::new(); entries]);
        return (1..=most.min(MAX_TRIED)).map(list).collect();
    }
    let few = kind.values().into_iter().map(|value| match value.parse() {
        Ok(yes) if kind.accepts(&Value::Boolean(yes)) => Value::Boolean(yes),
        _ => Value::Text(value),
    });
    let few: Vec<Value> = few.collect();
    if few.is_empty() { entries(kind) } else { few }
}

/// What a caller may have entered: the example, and as many keys as may be.
fn entries(kind: &dyn Answer) -> Vec<Value> {
    let (fewest, most) = kind.length();
    let run = |number: u32| "1".repeat(number.min(MAX_ENTRY) as usize);
    [kind.example(), run(fewest), run(most)]
        .iter()
        .filter_map(|keys| kind.check(keys))
        .collect()
}

/// A step at which nothing is said, so that what comes before and after it is one.
fn silent() -> StepTime {
    StepTime {
        said: Said {
            nests: true,
            ..Said::default()
        },
        then: AfterSpeech::GoesOn,
        turns_away: false,
        pieces: Vec::new(),
    }
}

/// What is said up to the first of some keys, itself included.
fn until_key(say: &Say, keys: &[&str]) -> Option<Say> {
    let place = |text: &str| {
        let mut from = 0;
        text.split(|letter: char| !(letter.is_alphanumeric() || "*#".contains(letter)))
            .find_map(|word| {
                let end = from + word.len();
                from = end + text[end..].chars().next().map_or(0, char::len_utf8);
                keys.contains(&word).then_some(end)
            })
    };
    for (at, words) in say.words.iter().enumerate() {
        let (Words::Text(text) | Words::As { text, .. }) = words else {
            continue;
        };
        if let Some(end) = place(text) {
            let mut words = say.words[..at].to_vec();
            words.push(Words::Text(text[..end].to_owned()));
            return Some(Say {
                words,
                ..say.clone()
            });
        }
    }
    None
}

/// The constants that each name is set to anywhere.
fn set_anywhere(flow: &Flow) -> Vec<Vec<Value>> {
    let mut values = vec![Vec::new(); flow.names.len()];
    let edges = flow.steps.iter().flat_map(|step| step.action.edges());
    for (slot, value) in edges.chain(flow.edges()).flat_map(|edge| edge.does.sets) {
        if let (Some(values), Some(value)) = (values.get_mut(usize::from(slot)), value)
            && !values.contains(&value)
        {
            values.push(value);
        }
    }
    values
}
