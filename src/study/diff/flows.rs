//! What belongs to a flow as a whole: its numbers, languages, voices and answers.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use super::What;
use super::compare::Compare;
use crate::engine::flow::{AnswerOf, Flow};

/// Compares it.
pub fn compare(compare: &mut Compare<'_>) {
    let (old, new) = (&compare.old.loaded.flow, &compare.new.loaded.flow);
    numbers(compare, old, new);
    languages(compare, old, new);
    answers(compare, old, new);
}

fn numbers(compare: &mut Compare<'_>, old: &Flow, new: &Flow) {
    let (were, are): (HashSet<&String>, HashSet<&String>) =
        (old.numbers.iter().collect(), new.numbers.iter().collect());
    for number in new.numbers.iter().filter(|number| !were.contains(number)) {
        let at = compare.find(number, false);
        compare.note(0, Vec::new(), What::NumberNew(number.clone()), &at, false);
    }
    for number in old.numbers.iter().filter(|number| !are.contains(number)) {
        let at = compare.find(number, true);
        compare.note(0, Vec::new(), What::NumberGone(number.clone()), &at, true);
    }
}

fn languages(compare: &mut Compare<'_>, old: &Flow, new: &Flow) {
    let first = |flow: &Flow| flow.languages[0].tag.to_string();
    if first(old) != first(new) {
        let at = compare.find("language", false);
        compare.note(
            0,
            Vec::new(),
            What::First(first(old), first(new)),
            &at,
            false,
        );
    }
    for language in &new.languages {
        let at = compare.find(&language.tag, false);
        let tag = language.tag.to_string();
        let what = match old.languages.iter().find(|other| other.tag == language.tag) {
            None => What::LanguageNew(tag),
            Some(other) if other.voice == language.voice => continue,
            Some(other) => {
                let voice = |voice: &Option<Arc<str>>| voice.as_ref().map(ToString::to_string);
                What::Voice(tag, voice(&other.voice), voice(&language.voice))
            }
        };
        compare.note(0, Vec::new(), what, &at, false);
    }
    for language in old
        .languages
        .iter()
        .filter(|old| !new.languages.iter().any(|new| new.tag == old.tag))
    {
        let at = compare.find(&language.tag, true);
        compare.note(
            0,
            Vec::new(),
            What::LanguageGone(language.tag.to_string()),
            &at,
            true,
        );
    }
}

fn answers(compare: &mut Compare<'_>, old: &Flow, new: &Flow) {
    for (answer, at) in new.answers.iter().zip(&new.places.answers) {
        match old.answers.iter().find(|other| other.name == answer.name) {
            None => {
                let what = What::AnswerNew(answer.name.clone(), answer.kind.describe());
                compare.note(0, Vec::new(), what, at, false);
            }
            Some(before) => changed(compare, before, answer, at),
        }
    }
    for (answer, at) in old.answers.iter().zip(&old.places.answers) {
        if !new.answers.iter().any(|other| other.name == answer.name) {
            compare.note(
                0,
                Vec::new(),
                What::AnswerGone(answer.name.clone()),
                at,
                true,
            );
        }
    }
}

fn changed(compare: &mut Compare<'_>, old: &AnswerOf, new: &AnswerOf, at: &Range<usize>) {
    let name = || new.name.clone();
    let (was, is) = (old.kind.describe(), new.kind.describe());
    let mut note = |what| compare.note(0, Vec::new(), what, at, false);
    if was != is {
        note(What::Type(name(), was, is));
    }
    if old.optional != new.optional {
        note(What::Optional(name(), new.optional));
    }
    if old.sensitive != new.sensitive {
        note(What::Sensitive(name(), new.sensitive));
    }
}

impl Compare<'_> {
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
