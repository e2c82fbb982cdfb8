//! `Gather`: prompts that are heard while keys and words are listened for.

use std::collections::VecDeque;
use std::time::Duration;

use super::say::{pause, rounds};
use super::{AfterVerb, is_true, whole};
use crate::phone::act::{Caller, Closing, PhoneAct, Situation, TimedAct};
use crate::phone::call::{Call, Location};
use crate::phone::callback::method_of;
use crate::phone::clock::CallClock;
use crate::phone::event::{CallEvent, Playback};
use crate::phone::fault::Stop;
use crate::phone::form::{Field, field};
use crate::phone::spoken;
use crate::phone::wire::{Method, Purpose, Wire};
use crate::twiml::read::Element;
use crate::written::Utterance;

/// The silence after words that ends them where `speechTimeout` is `auto`: what a recogniser takes for the end.
const AUTO: Duration = Duration::from_secs(1);

/// The longest that words are listened to (Twilio, documentation of Gather).
const SPEECH: Duration = Duration::from_mins(1);

/// How sure the recogniser is of what is said, in percent, where nobody says it.
const SURE: u8 = 90;

/// The most keys and words of one Gather that are taken: no person enters more.
const KEYS: usize = 1_000;

/// What a `Gather` listens for.
pub(super) struct Rules {
    dtmf: bool,
    speech: bool,
    /// Whether words stop the prompts.
    barge_in: bool,
    timeout: Duration,
    speech_timeout: Duration,
    num_digits: Option<u32>,
    finish_on_key: Option<char>,
}

#[derive(Default)]
struct Entry {
    digits: String,
    said: Option<Utterance>,
    /// The key that ended it.
    finished_on: Option<char>,
}

impl Rules {
    pub(super) fn of(verb: &Element) -> Self {
        let input = verb.attribute("input").unwrap_or("dtmf");
        let speech = input.split_whitespace().any(|word| word == "speech");
        let timeout = Duration::from_secs(whole(verb, "timeout").unwrap_or(5));
        let speech_timeout = match verb.attribute("speechTimeout").map(str::trim) {
            Some("auto") => AUTO,
            Some(seconds) => seconds.parse().map_or(timeout, Duration::from_secs),
            None => timeout,
        };
        Self {
            dtmf: !speech || input.split_whitespace().any(|word| word == "dtmf"),
            speech,
            barge_in: verb
                .attribute("bargeIn")
                .is_none_or(|word| word.trim() != "false"),
            timeout,
            speech_timeout,
            num_digits: whole(verb, "numDigits")
                .and_then(|digits| u32::try_from(digits).ok())
                .filter(|digits| *digits > 0),
            finish_on_key: finish_key(verb.attribute("finishOnKey")),
        }
    }

    /// Whether anything counts once the prompts were heard: a Gather of no seconds is over with them.
    fn waits(&self) -> bool {
        !self.timeout.is_zero()
    }

    /// How long it waits for a key.
    pub(super) fn timeout(&self) -> Duration {
        self.timeout
    }

    /// What is entered by somebody who presses these keys, as long as any are left.
    pub(super) fn entered(&self, keys: &mut VecDeque<char>) -> String {
        let mut entry = Entry::default();
        while let Some(key) = keys.pop_front() {
            if self.press(key, &mut entry) {
                break;
            }
        }
        entry.digits
    }

    fn closing(&self) -> Option<Closing> {
        (!self.waits() && self.dtmf).then_some(Closing {
            finish_on_key: self.finish_on_key,
        })
    }

    /// Whether an act counts while prompts are heard.
    fn stops_prompts(&self, act: &PhoneAct) -> bool {
        match act {
            PhoneAct::Press(_) => self.dtmf,
            PhoneAct::Say(_) => self.speech && self.barge_in,
            PhoneAct::HangUp => false,
        }
    }

    /// Whether it counts once they were heard.
    fn takes(&self, act: &PhoneAct, entry: &Entry) -> bool {
        match act {
            PhoneAct::Press(_) => self.dtmf,
            // Whichever comes first wins.
            PhoneAct::Say(_) => self.speech && entry.digits.is_empty(),
            PhoneAct::HangUp => false,
        }
    }

    /// Adds a key; whether the entry is over with it.
    fn press(&self, key: char, entry: &mut Entry) -> bool {
        if self.finish_on_key == Some(key) {
            entry.finished_on = Some(key);
            return true;
        }
        entry.digits.push(key);
        let count = entry.digits.chars().count();
        count >= KEYS
            || self
                .num_digits
                .is_some_and(|digits| count >= digits as usize)
    }
}

/// The finish key: `#` where none is said, none where it is empty, `#` too where it is no key.
fn finish_key(written: Option<&str>) -> Option<char> {
    let Some(written) = written else {
        return Some('#');
    };
    let mut characters = written.chars();
    match (characters.next(), characters.next()) {
        (None, _) => None,
        (Some(key), None) if key.is_ascii_digit() || matches!(key, '#' | '*') => Some(key),
        _ => Some('#'),
    }
}

impl<W: Wire, C: Caller> Call<'_, W, C> {
    pub(super) async fn verb_gather(&mut self, verb: &Element) -> Result<AfterVerb, Stop> {
        let rules = Rules::of(verb);
        let prompts = self.prompts(verb).await?;
        let mut entry = Entry::default();
        let first = self.prompt(prompts, &rules).await?;
        let is_over = match first {
            Some(act) => self.take(act, &rules, &mut entry, verb).await?,
            None => false,
        };
        if !is_over && rules.waits() {
            self.wait(&rules, &mut entry, verb).await?;
        }
        let is_empty = entry.digits.is_empty() && entry.said.is_none();
        if rules.waits() || !is_empty {
            let speech = entry.said.as_ref().map(|said| said.words.clone());
            let speech = speech.unwrap_or_default();
            self.tell(&CallEvent::Entered {
                digits: entry.digits.clone(),
                speech,
            });
        }
        if is_empty && !is_true(verb, "actionOnEmptyResult") {
            return Ok(AfterVerb::Next);
        }
        self.action(verb, fields(entry, &rules, verb))
    }

    /// What is nested, in order and as often as it is heard. All recordings are fetched before the first is heard.
    async fn prompts(&mut self, verb: &Element) -> Result<Vec<(Playback, u64)>, Stop> {
        let mut prompts = Vec::new();
        for nested in verb.elements() {
            let speech = match nested.name.as_str() {
                "Say" => self.spoken(nested, true),
                "Play" => self.played(nested, true).await?,
                "Pause" => pause(nested, true),
                _ => continue,
            };
            if !speech.lasts.is_zero() {
                prompts.push((speech, rounds(nested)));
            }
        }
        Ok(prompts)
    }

    /// The prompts are heard until one is cut off; by what.
    async fn prompt(
        &mut self,
        prompts: Vec<(Playback, u64)>,
        rules: &Rules,
    ) -> Result<Option<PhoneAct>, Stop> {
        let last = prompts.len().saturating_sub(1);
        for (at, (speech, rounds)) in prompts.into_iter().enumerate() {
            for round in 1..=rounds {
                let closing = rules.closing().filter(|_| at == last && round == rounds);
                if let Some(act) = self
                    .hear(speech.clone(), closing, |act| rules.stops_prompts(act))
                    .await?
                {
                    return Ok(Some(act));
                }
            }
        }
        Ok(None)
    }

    /// Waits for what is missing.
    async fn wait(&mut self, rules: &Rules, entry: &mut Entry, verb: &Element) -> Result<(), Stop> {
        let hints = verb
            .attribute("hints")
            .unwrap_or_default()
            .split(',')
            .map(str::trim);
        self.tell(&CallEvent::Waits {
            timeout: rules.timeout,
            num_digits: rules.num_digits,
            finish_on_key: rules.finish_on_key,
            speech: rules.speech,
            dtmf: rules.dtmf,
            hints: hints
                .filter(|hint| !hint.is_empty())
                .map(str::to_owned)
                .collect(),
        });
        let mut left = rules.timeout;
        for _ in 0..KEYS {
            let moment = Situation::Asked {
                lasts: left,
                keys: entry.digits.clone(),
                speech: rules.speech && entry.digits.is_empty(),
                dtmf: rules.dtmf,
                num_digits: rules.num_digits,
                finish_on_key: rules.finish_on_key,
            };
            let Some(TimedAct { after, act }) = self.live(moment).await? else {
                return Ok(());
            };
            if !rules.takes(&act, entry) {
                self.lose(&act);
                left = left.saturating_sub(after);
                continue;
            }
            if self.take(act, rules, entry, verb).await? {
                return Ok(());
            }
            left = rules.timeout;
        }
        Ok(())
    }

    /// Takes what counts; whether the entry is over with it.
    async fn take(
        &mut self,
        act: PhoneAct,
        rules: &Rules,
        entry: &mut Entry,
        verb: &Element,
    ) -> Result<bool, Stop> {
        match act {
            PhoneAct::Press(key) => {
                self.tell(&CallEvent::Pressed(key));
                Ok(rules.press(key, entry))
            }
            PhoneAct::Say(said) => {
                self.tell(&CallEvent::Said(said.words.clone()));
                self.listen(&said.words, rules, verb).await?;
                entry.said = Some(said);
                Ok(true)
            }
            PhoneAct::HangUp => Ok(false),
        }
    }

    /// Words take their time, and the silence that ends them.
    async fn listen(&mut self, words: &str, rules: &Rules, verb: &Element) -> Result<(), Stop> {
        let said = match self.clock {
            CallClock::Real(_) => Duration::ZERO,
            CallClock::Jumping(_) => spoken::lasts(words, self.words_a_minute()),
        };
        self.away(said.min(SPEECH), None).await?;
        if let Some(written) = verb
            .attribute("partialResultCallback")
            .filter(|written| !written.is_empty())
        {
            let further = vec![
                field("UnstableSpeechResult", words),
                field("StableSpeechResult", ""),
                field("Stability", "0.9"),
                field("SequenceNumber", "0"),
            ];
            match self.resolve(written, verb.line) {
                Ok(url) => {
                    let at = Location {
                        url,
                        method: method_of(verb, "partialResultCallbackMethod", Method::Post),
                    };
                    let fields = self.standard.with(self.status(), further);
                    self.call_back(Purpose::Callback, &at, fields).await;
                }
                Err(notice) => self.complain(notice),
            }
        }
        self.away(rules.speech_timeout, None).await.map(|_| ())
    }
}

/// The fields of the action request. Which ones an empty entry has is not documented: here `Digits` is there and empty
/// where keys are listened for.
fn fields(entry: Entry, rules: &Rules, verb: &Element) -> Vec<Field> {
    let mut fields = Vec::with_capacity(4);
    match entry.said {
        Some(said) => {
            let sure = f64::from(said.percent.unwrap_or(SURE)) / 100.0;
            fields.push(field("SpeechResult", said.words));
            fields.push(field("Confidence", sure.to_string()));
            fields.push(field(
                "Language",
                verb.attribute("language").unwrap_or("en-US"),
            ));
        }
        None if rules.dtmf => {
            fields.push(field("Digits", entry.digits));
            fields.push(field(
                "FinishedOnKey",
                entry.finished_on.map(String::from).unwrap_or_default(),
            ));
            fields.push(field("msg", "Gather End"));
        }
        None => {}
    }
    fields
}
