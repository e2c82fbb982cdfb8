//! What belongs to a flow as a whole: its numbers, languages, voices and answers.

use std::collections::HashSet;
use std::ops::Range;

use super::comparison::Comparison;
use super::{AnswerChange, FlowChange, What};
use crate::engine::flow::{AnswerOf, Flow, Language};

impl Comparison<'_> {
    /// Compares it.
    pub fn flow(&mut self) {
        let (old, new) = (&self.old.loaded.flow, &self.new.loaded.flow);
        self.numbers(old, new);
        self.languages(old, new);
        self.answers(old, new);
        self.hours(old, new);
        self.subflows();
    }

    fn note_flow(&mut self, change: FlowChange, at: &Range<usize>, gone: bool) {
        self.note(0, Vec::new(), What::Flow(change), at, gone);
    }

    fn note_answer(&mut self, name: &str, change: AnswerChange, at: &Range<usize>, gone: bool) {
        let what = What::Answer(name.to_owned(), change);
        self.note(0, Vec::new(), what, at, gone);
    }

    fn numbers(&mut self, old: &Flow, new: &Flow) {
        let (were, are): (HashSet<&String>, HashSet<&String>) =
            (old.numbers.iter().collect(), new.numbers.iter().collect());
        for number in new.numbers.iter().filter(|number| !were.contains(number)) {
            let at = self.find(number, false);
            self.note_flow(FlowChange::NumberNew(number.clone()), &at, false);
        }
        for number in old.numbers.iter().filter(|number| !are.contains(number)) {
            let at = self.find(number, true);
            self.note_flow(FlowChange::NumberGone(number.clone()), &at, true);
        }
    }

    fn languages(&mut self, old: &Flow, new: &Flow) {
        let first = |flow: &Flow| flow.languages[0].tag.to_string();
        if first(old) != first(new) {
            let at = self.find("language", false);
            self.note_flow(FlowChange::First(first(old), first(new)), &at, false);
        }
        for language in &new.languages {
            let before = old.languages.iter().find(|old| old.tag == language.tag);
            if let Some(change) = language_change(before, language) {
                let at = self.find(&language.tag, false);
                self.note_flow(change, &at, false);
            }
        }
        let is_gone = |old: &&Language| !new.languages.iter().any(|new| new.tag == old.tag);
        for language in old.languages.iter().filter(is_gone) {
            let at = self.find(&language.tag, true);
            let tag = language.tag.to_string();
            self.note_flow(FlowChange::LanguageGone(tag), &at, true);
        }
    }

    fn answers(&mut self, old: &Flow, new: &Flow) {
        for (answer, at) in new.own_answers() {
            match old.answers.iter().find(|other| other.name == answer.name) {
                None => {
                    let change = AnswerChange::New(answer.kind.describe());
                    self.note_answer(&answer.name, change, at, false);
                }
                Some(before) => self.answer(before, answer, at),
            }
        }
        for (answer, at) in old.own_answers() {
            if !new.answers.iter().any(|other| other.name == answer.name) {
                self.note_answer(&answer.name, AnswerChange::Gone, at, true);
            }
        }
    }

    fn answer(&mut self, old: &AnswerOf, new: &AnswerOf, at: &Range<usize>) {
        let (was, is) = (old.kind.describe(), new.kind.describe());
        if was != is {
            self.note_answer(&new.name, AnswerChange::Type(was, is), at, false);
        }
        if old.optional != new.optional {
            let change = AnswerChange::Optional(new.optional);
            self.note_answer(&new.name, change, at, false);
        }
        if old.sensitive != new.sensitive {
            let change = AnswerChange::Sensitive(new.sensitive);
            self.note_answer(&new.name, change, at, false);
        }
    }

    /// Where a word stands first outside a comment, for what has no place of its own.
    fn find(&self, word: &str, gone: bool) -> Range<usize> {
        let source = &if gone { self.old } else { self.new }.loaded.bundle.source;
        let mut from = 0;
        for line in source.split_inclusive('\n') {
            let written = line.split('#').next().unwrap_or_default();
            if let Some(at) = written.find(word) {
                return from + at..from + at + word.len();
            }
            from += line.len();
        }
        0..0
    }
}

/// How a language differs from what it was; nothing if it does not.
fn language_change(old: Option<&Language>, new: &Language) -> Option<FlowChange> {
    let tag = new.tag.to_string();
    let Some(old) = old else {
        return Some(FlowChange::LanguageNew(tag));
    };
    let voice = |language: &Language| language.voice.as_ref().map(ToString::to_string);
    (old.voice != new.voice).then(|| FlowChange::Voice(tag, voice(old), voice(new)))
}
