//! How the words of two versions differ.

use indexmap::IndexMap;

use super::comparison::Rank;
use super::facts::{Facts, Version};
use super::said::{Piece, recordings, words};
use super::{Change, What, Words};
use crate::engine::answer::Answer;
use crate::engine::diag::Place;
use crate::engine::flow::AnswerOf;
use crate::engine::own_prompts::{APOLOGY, HOLD};
use crate::written::Item;

/// Words before and now, and the recordings.
#[derive(PartialEq, Eq, Hash)]
struct Said {
    language: String,
    old: Option<String>,
    new: Option<String>,
    recordings: (Vec<String>, Vec<String>),
}

/// Who says them: each step with the key by which it does; and where they stand.
struct Speakers {
    rank: Rank,
    steps: Vec<String>,
    keys: Vec<Vec<String>>,
    at: Place,
    gone: bool,
}

/// The words that differ. Prompts are shared, so each change of words is kept once, with everybody who says them.
pub struct Prompts<'a> {
    old: &'a Version<'a>,
    new: &'a Version<'a>,
    differ: IndexMap<Said, Speakers>,
}

impl<'a> Prompts<'a> {
    /// Those of two versions; none yet.
    pub fn new(old: &'a Version<'a>, new: &'a Version<'a>) -> Self {
        Self {
            old,
            new,
            differ: IndexMap::new(),
        }
    }

    /// The prompts of a step.
    pub fn of_step(&mut self, rank: Rank, old: &Facts<'a>, new: &Facts<'a>) {
        for (key, item) in &new.own.prompts {
            let before = old.own.prompts.get(key).copied();
            self.prompt(rank, new, key, before, Some(*item));
        }
        let gone = old
            .own
            .prompts
            .iter()
            .filter(|(key, _)| !new.own.prompts.contains_key(*key));
        for (key, item) in gone {
            self.prompt(rank, new, key, Some(*item), None);
        }
    }

    /// A prompt of a step, in each language that both versions speak.
    fn prompt(
        &mut self,
        rank: Rank,
        step: &Facts<'a>,
        key: &[String],
        old: Option<Item<'a>>,
        new: Option<Item<'a>>,
    ) {
        let key = if key == [step.action] { &[] } else { key };
        for language in self.languages() {
            let said = |version: &Version<'a>, item: Option<Item<'a>>| {
                item.map(|item| version.speech.of_item(item, &language))
                    .unwrap_or_default()
            };
            let (before, now) = (said(self.old, old), said(self.new, new));
            let speaker = (Some(step.name), key.to_vec());
            self.say(rank, speaker, &language, &before, &now);
        }
    }

    /// The languages that both speak.
    fn languages(&self) -> Vec<String> {
        let old = &self.old.loaded.flow.languages;
        let new = self.new.loaded.flow.languages.iter();
        let both = new.filter(|language| old.iter().any(|other| other.tag == language.tag));
        both.map(|language| language.tag.to_string()).collect()
    }

    /// What is said by no step: the apology, and the words of a hold.
    pub fn of_none(&mut self) {
        for language in self.languages() {
            for id in [APOLOGY, HOLD] {
                let was = self.old.speech.of_own(id, &language);
                let is = self.new.speech.of_own(id, &language);
                self.say(0, (None, vec![id.to_owned()]), &language, &was, &is);
            }
        }
    }

    /// What values of answers are spoken by.
    pub fn of_values(&mut self) {
        for language in self.languages() {
            for (answer, _) in self.new.loaded.flow.own_answers() {
                let old = &self.old.loaded.flow.answers;
                if let Some(before) = old.iter().find(|other| other.name == answer.name) {
                    self.values(&language, before, answer);
                }
            }
        }
    }

    /// The values that an answer had and still has.
    fn values(&mut self, language: &str, old: &AnswerOf, new: &AnswerOf) {
        let had = old.kind.values();
        for value in new.kind.values().iter().filter(|value| had.contains(value)) {
            let said = |version: &Version<'a>, kind: &dyn Answer| {
                let speech = &version.speech;
                match (speech.of_value(&new.name, value), kind.own_prompt(value)) {
                    (Some(item), _) => speech.of_item(item, language),
                    (None, Some(id)) => speech.of_own(id, language),
                    (None, None) => Vec::new(),
                }
            };
            let (was, is) = (said(self.old, &*old.kind), said(self.new, &*new.kind));
            let key = vec![new.name.clone(), value.clone()];
            self.say(0, (None, key), language, &was, &is);
        }
    }

    fn say(
        &mut self,
        rank: Rank,
        (step, key): (Option<&str>, Vec<String>),
        language: &str,
        old: &[Piece],
        new: &[Piece],
    ) {
        let text = |pieces: &[Piece]| (!pieces.is_empty()).then(|| words(pieces));
        let said = Said {
            language: language.to_owned(),
            old: text(old),
            new: text(new),
            recordings: (recordings(old), recordings(new)),
        };
        if said.old == said.new && said.recordings.0 == said.recordings.1 {
            return;
        }
        let Some(at) = first_difference(old, new) else {
            return;
        };
        let speakers = || Speakers {
            rank,
            steps: Vec::new(),
            keys: Vec::new(),
            at,
            gone: new.is_empty(),
        };
        let speakers = self.differ.entry(said).or_insert_with(speakers);
        speakers.steps.extend(step.map(str::to_owned));
        speakers.keys.push(key);
    }

    /// What differs, as changes with their rank.
    pub fn changes(self) -> impl Iterator<Item = (Rank, Change)> {
        let several = self.new.loaded.flow.languages.len() > 1;
        self.differ
            .into_iter()
            .map(move |(said, speakers)| change(said, speakers, several))
    }
}

/// Where the first piece stands that differs: in the new version, or in the old one where nothing is said any more.
fn first_difference(old: &[Piece], new: &[Piece]) -> Option<Place> {
    if new.is_empty() {
        return old.first().map(|piece| piece.at.clone());
    }
    let differs =
        |(one, other): (&Piece, &Piece)| one.text != other.text || one.recording != other.recording;
    let first = new.iter().zip(old).position(differs);
    let first = first.unwrap_or(old.len().min(new.len()));
    let piece = new.get(first).or(new.last());
    piece.map(|piece| piece.at.clone())
}

/// Words that differ, as a change; `several` is whether the flow speaks more than one language.
fn change(said: Said, speakers: Speakers, several: bool) -> (Rank, Change) {
    let (before, now) = said.recordings;
    let what = What::Words(Words {
        keys: speakers.keys,
        language: several.then_some(said.language),
        old: said.old,
        new: said.new,
        recordings: (before != now).then_some((before, now)),
    });
    let change = Change {
        steps: speakers.steps,
        what,
        at: speakers.at,
        gone: speakers.gone,
    };
    (speakers.rank, change)
}
