//! The languages of a flow, and their voices.

use std::ops::Range;
use std::sync::Arc;

use super::super::keys::top::{LANGUAGE, LANGUAGES, PROMPTS, TOP_VALUES, VOICE};
use super::super::language::Language;
use super::super::read::{Checker, check_voice, is_key_of_steps, not_a_language};
use crate::written::voices::{LANGUAGES as LANGUAGE_TAGS, is_language, languages_meant};
use crate::written::{Code, Explain, Item, Table};

/// The voice of a language, which should be one of the carrier's, and speak it.
fn voice(table: &Table<'_>, tag: &str, check: &mut Checker) -> Option<Arc<str>> {
    let (voice, span) = VOICE.find(table, check)?;
    check_voice(&voice, span, tag, check);
    Some(voice.into())
}

/// A language that the carrier does not speak: reported once, and read as the one that was meant.
fn language_tag(tag: &str, span: Range<usize>, top: &Table<'_>, check: &mut Checker) -> Arc<str> {
    if is_language(tag) {
        return tag.into();
    }
    let meant = languages_meant(tag);
    let meant = if meant.is_empty() {
        languages_of_prompts(top, check)
    } else {
        meant
    };
    not_a_language(tag, span, &meant, check);
    match meant.as_slice() {
        [one] => (*one).into(),
        _ => {
            check.is_unsure_of_languages = true;
            tag.into()
        }
    }
}

/// Languages that the flow's own prompts have words in, and the flow does not name.
fn languages_of_prompts(top: &Table<'_>, check: &Checker) -> Vec<&'static str> {
    let Some(prompts) = top
        .peek(PROMPTS.name)
        .and_then(|item| item.value.as_table())
    else {
        return Vec::new();
    };
    let others = top
        .peek(LANGUAGES.name)
        .and_then(|item| item.value.as_table());
    let is_new = |tag: &&&str| others.is_none_or(|others| !others.contains_key(**tag));
    let words = prompts
        .values()
        .filter_map(|words| words.get_ref().as_table());
    let mut tags: Vec<&str> = Vec::new();
    for tag in words.take(20).flat_map(|words| words.keys()) {
        let known = LANGUAGE_TAGS
            .iter()
            .find(|known| **known == tag.get_ref().as_ref());
        tags.extend(
            known
                .filter(|tag| {
                    is_new(tag) && !check.languages.iter().any(|known| *known.tag == ***tag)
                })
                .filter(|known| !tags.contains(known))
                .copied(),
        );
    }
    tags
}

pub(super) fn languages(top: &Table<'_>, check: &mut Checker) {
    let as_table = top
        .peek(LANGUAGE.key.name)
        .filter(|item| item.value.is_table());
    let tag = if let Some(item) = as_table.and_then(|_| top.get(LANGUAGE.key.name)) {
        let message = "`language` is the tag of the first language, and no table";
        check
            .fault(Code::ValueWrongType, item.key_span(), message)
            .help("did you mean `[languages]`? the first one stands above the headers: `language = \"en-GB\"`");
        check.is_unsure_of_languages = true;
        "en-GB".into()
    } else {
        let tag: String = LANGUAGE.read(top, check);
        let at = top.peek(LANGUAGE.key.name).map_or(0..0, |item| item.span());
        language_tag(&tag, at, top, check)
    };
    let first = voice(top, &tag, check);
    let at = top.peek(LANGUAGE.key.name).map_or(0..0, |item| item.span());
    check.language_places.push(at);
    check.languages.push(Language { tag, voice: first });
    let written = top.get(LANGUAGES.name);
    let Some(others) = written.and_then(|item| item.table(check, "`languages` must be a table"))
    else {
        return;
    };
    other_languages(&others, written, top, check);
}

/// The languages beside the first.
fn other_languages(
    others: &Table<'_>,
    written: Option<Item<'_>>,
    top: &Table<'_>,
    check: &mut Checker,
) {
    let all = others.all();
    if all.len() >= usize::from(u8::MAX) {
        let place = written.map_or(0..0, |item| item.key_span());
        let message = format!("this flow speaks {} languages", all.len() + 1);
        check
            .fault(Code::LanguagesTooMany, place, message)
            .help("at most 255");
        return;
    }
    for (tag, item) in all {
        if TOP_VALUES.contains(&tag) {
            check.misplaced(tag, item.key_span(), "`[languages]`");
            continue;
        }
        if is_key_of_steps(tag) {
            check.misplaced_in_step(tag, item.key_span(), "`[languages]`");
            continue;
        }
        let Some(table) = item.table(check, "a language must be a table: `{ voice = \"…\" }`")
        else {
            continue;
        };
        let tag = language_tag(tag, item.key_span(), top, check);
        let voice = voice(&table, &tag, check);
        table.finish(check, "a language");
        match check
            .languages
            .iter_mut()
            .find(|language| language.tag == tag)
        {
            Some(first) => first.voice = voice.or(first.voice.take()),
            None => {
                check.language_places.push(item.key_span());
                check.languages.push(Language { tag, voice });
            }
        }
    }
}
