//! Words, held against each other.

use super::compare::{Compare, Rank};
use super::facts::Facts;
use super::said::{Piece, recordings, words};
use super::{Change, What, Words};
use crate::engine::diag::Place;
use crate::engine::flow::AnswerOf;
use crate::written::Item;

/// Words before and now, and the recordings.
#[derive(PartialEq, Eq, Hash)]
pub struct Said {
    language: String,
    old: Option<String>,
    new: Option<String>,
    recordings: (Vec<String>, Vec<String>),
}

/// Who says them: each step with the key by which it does; and where they stand.
pub struct Speakers {
    rank: Rank,
    steps: Vec<String>,
    keys: Vec<Vec<String>>,
    at: Place,
    gone: bool,
}

impl<'a> Compare<'a> {
    /// A prompt of a step, in each language that both versions speak.
    pub fn prompt(
        &mut self,
        rank: Rank,
        step: &Facts<'a>,
        key: &[String],
        old: Option<Item<'a>>,
        new: Option<Item<'a>>,
    ) {
        let key = if key == [step.action] { &[] } else { key };
        for language in self.languages() {
            let before = old
                .map(|item| self.old.speech.of_item(item, &language))
                .unwrap_or_default();
            let now = new
                .map(|item| self.new.speech.of_item(item, &language))
                .unwrap_or_default();
            self.say(
                rank,
                (Some(step.name), key.to_vec()),
                &language,
                &before,
                &now,
            );
        }
    }

    /// The languages that both speak.
    fn languages(&self) -> Vec<String> {
        let old = &self.old.loaded.flow.languages;
        let new = self.new.loaded.flow.languages.iter();
        let both = new.filter(|language| old.iter().any(|other| other.tag == language.tag));
        both.map(|language| language.tag.to_string()).collect()
    }

    /// What values of answers are spoken by.
    pub fn spoken(&mut self) {
        for language in self.languages() {
            for answer in &self.new.loaded.flow.answers {
                let before = self
                    .old
                    .loaded
                    .flow
                    .answers
                    .iter()
                    .find(|other| other.name == answer.name);
                for value in answer.kind.values() {
                    let id = format!("{}.{value}", answer.name);
                    let has = |answer: &AnswerOf| answer.spoken.iter().any(|(of, _)| *of == value);
                    if !before.is_some_and(|before| before.kind.values().contains(&value)) {
                        continue;
                    }
                    let was = before
                        .filter(|before| has(before))
                        .map(|_| self.old.speech.of_id(&id, &language));
                    let is = Some(answer)
                        .filter(|answer| has(answer))
                        .map(|_| self.new.speech.of_id(&id, &language));
                    self.say(
                        0,
                        (None, vec![id.clone()]),
                        &language,
                        &was.unwrap_or_default(),
                        &is.unwrap_or_default(),
                    );
                }
            }
        }
    }

    fn say(
        &mut self,
        rank: Rank,
        speaker: (Option<&str>, Vec<String>),
        language: &str,
        old: &[Piece],
        new: &[Piece],
    ) {
        let text = |pieces: &[Piece]| (!pieces.is_empty()).then(|| words(pieces));
        let recordings = (recordings(old), recordings(new));
        let said = Said {
            language: language.to_owned(),
            old: text(old),
            new: text(new),
            recordings,
        };
        if said.old == said.new && said.recordings.0 == said.recordings.1 {
            return;
        }
        let differs = |(one, other): (&Piece, &Piece)| {
            one.text != other.text || one.recording != other.recording
        };
        let first = new
            .iter()
            .zip(old)
            .position(differs)
            .unwrap_or(old.len().min(new.len()));
        let gone = new.is_empty();
        let place = if gone {
            old.first()
        } else {
            new.get(first).or(new.last())
        };
        let Some(at) = place.map(|piece| piece.at.clone()) else {
            return;
        };
        let speakers = || Speakers {
            rank,
            steps: Vec::new(),
            keys: Vec::new(),
            at,
            gone,
        };
        let speakers = self.said.entry(said).or_insert_with(speakers);
        speakers.steps.extend(speaker.0.map(str::to_owned));
        speakers.keys.push(speaker.1);
    }
}

/// What is said other than before, as changes with their rank.
pub fn told(compare: &mut Compare<'_>) -> Vec<(Rank, Change)> {
    let several = compare.new.loaded.flow.languages.len() > 1;
    let change = |(said, speakers): (Said, Speakers)| {
        let Said {
            language,
            old,
            new,
            recordings: (before, now),
        } = said;
        let Speakers {
            rank,
            steps,
            keys,
            at,
            gone,
        } = speakers;
        let recordings = (before != now).then_some((before, now));
        let what = What::Words(Words {
            keys,
            language: several.then_some(language),
            old,
            new,
            recordings,
        });
        (
            rank,
            Change {
                steps,
                what,
                at,
                gone,
            },
        )
    };
    std::mem::take(&mut compare.said)
        .into_iter()
        .map(change)
        .collect()
}
