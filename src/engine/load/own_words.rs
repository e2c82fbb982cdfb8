//! What Hookswitch says itself in a flow: found as prompts, and put together once, since it is said also when the call
//! cannot be read.

use std::cell::RefCell;
use std::ops::Range;

use jiff::Timestamp;

use super::super::call::{About, Call};
use super::super::flow::{Flow, GuessWords, MomentWords};
use super::super::own_prompts::{
    APOLOGY, AT, HOLD, OR_SAY_YES, OwnWords, PRESS, TODAY, TOMORROW, WAS_THAT, WEEKDAYS,
};
use super::super::prompt::Prompt;
use super::super::read::Checker;
use super::super::render::render;
use super::super::scope::Scope;
use super::super::sid::CallSid;
use crate::written::recognisers::heard_as;
use crate::written::{Code, Explain};

/// The prompts that every flow has.
pub(super) struct OwnPrompts {
    apology: Prompt,
    hold: Prompt,
    /// Only where the flow speaks moments.
    moments: Option<MomentWords>,
    /// Only where the flow listens for words.
    guesses: Option<GuessWords>,
}

impl OwnPrompts {
    /// Finds them, in every language of the flow. They read nothing of the call.
    pub(super) fn find(check: &mut Checker) -> Option<Self> {
        let apology = fixed(APOLOGY, check);
        let hold = fixed(HOLD, check);
        let moments = moment_words(check);
        let guesses = guess_words(check);
        Some(Self {
            apology: apology?,
            hold: hold?,
            moments,
            guesses,
        })
    }

    /// Tells them to their flow.
    pub(super) fn tell(self, flow: &mut Flow) {
        flow.own_words = self.words(flow);
        flow.moment_words = self.moments;
        flow.guess_words = self.guesses.map(Box::new);
    }

    /// What is said of them in each of the flow's languages.
    fn words(&self, flow: &Flow) -> Vec<OwnWords> {
        let languages = 0..u8::try_from(flow.languages.len()).unwrap_or(u8::MAX);
        let sid = CallSid::parse("CA00000000000000000000000000000000").expect("it is legal");
        let mut call = Call::new(sid, flow, About::default());
        let mut words = Vec::new();
        for language in languages {
            call.language = language;
            let scope = Scope {
                flow,
                call: &call,
                now: Timestamp::UNIX_EPOCH,
                step: flow.start,
                unset: &RefCell::default(),
            };
            // Without holes there is nothing in them that can fail.
            let said = |prompt| render(prompt, scope).unwrap_or_default();
            words.push(OwnWords {
                apology: said(&self.apology),
                hold: said(&self.hold),
            });
        }
        words
    }
}

/// The words by which moments are spoken, where the flow speaks any.
fn moment_words(check: &mut Checker) -> Option<MomentWords> {
    if !check.says_moments {
        return None;
    }
    let [mon, tue, wed, thu, fri, sat, sun] = WEEKDAYS.map(|id| fixed(id, check));
    let [today, tomorrow, at] = [TODAY, TOMORROW, AT].map(|id| fixed(id, check));
    Some(MomentWords {
        weekdays: [mon?, tue?, wed?, thu?, fri?, sat?, sun?],
        today: today?,
        tomorrow: tomorrow?,
        at: at?,
    })
}

/// The words by which callers are asked what they meant, where the flow listens for words.
fn guess_words(check: &mut Checker) -> Option<GuessWords> {
    if !check.hears_speech {
        return None;
    }
    deaf(check);
    let [was_that, press, or_say_yes] = [WAS_THAT, PRESS, OR_SAY_YES].map(|id| fixed(id, check));
    Some(GuessWords {
        was_that: was_that?,
        press: press?,
        or_say_yes: or_say_yes?,
    })
}

/// Reports languages that the carrier speaks and does not hear, where the flow listens for words.
fn deaf(check: &mut Checker) {
    if check.is_unsure_of_languages {
        return;
    }
    for place in 0..check.languages.len() {
        let tag = check.languages[place].tag.clone();
        if heard_as(&tag).is_none() {
            let at = check.language_places[place].clone();
            check
                .fault(
                    Code::SpeechLanguage,
                    at,
                    format!("the flow listens for words, and the carrier hears no `{tag}`"),
                )
                .help("ask by keys alone, without `speech` and `says`, or in a flow of its own for this language");
        }
    }
}

fn fixed(id: &str, check: &mut Checker) -> Option<Prompt> {
    let prompt = check.prompt(id, 0..0)?;
    if prompt.is_fixed() {
        return Some(prompt);
    }
    let (file, place): (_, Range<usize>) = check.place_of_prompt(id);
    let outer = std::mem::replace(&mut check.file, file);
    check
        .fault(
            Code::OwnPromptReads,
            place,
            format!("`{id}` has a hole, and is said also where nothing is known of the call"),
        )
        .help("write words without `{{ … }}`");
    check.file = outer;
    None
}

/// Reports the languages in which nothing is shipped for prompts of ours that the flow needs, and nothing written.
pub(super) fn lacking(check: &mut Checker) {
    if check.is_unsure_of_languages {
        return;
    }
    for (place, ids) in std::mem::take(&mut check.without_own_words) {
        let tag = check.languages[place].tag.clone();
        let at = check.language_places[place].clone();
        let keys: Vec<String> = ids.iter().map(|id| format!("`\"{id}\" = \"…\"`")).collect();
        check
            .fault(
                Code::OwnPromptMissing,
                at,
                format!("Hookswitch brings no words of its own in `{tag}`"),
            )
            .help(format!(
                "write them, into `{tag}.toml` of the audio manifest or `[prompts]` of the flow: {}",
                keys.join(", ")
            ));
    }
}
