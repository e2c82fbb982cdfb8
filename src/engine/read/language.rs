//! Languages and voices as authors name them: of a flow, and of a piece of a prompt.

use std::ops::Range;
use std::sync::Arc;

use super::super::language::Language;
use super::Checker;
use crate::written::voices::{
    are_one_language, is_known, is_language, languages_meant, languages_of, voice_meant,
};
use crate::written::{Code, Explain, Item};

/// Reports a voice that the carrier does not have, or that speaks another language than the one it is for.
pub fn check_voice(voice: &str, span: Range<usize>, tag: &str, check: &mut Checker) {
    if !is_known(voice) {
        let help = match voice_meant(voice) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "write a name such as `Polly.Amy-Neural` or `Google.en-GB-Wavenet-A`, or leave the key out".to_owned(),
        };
        let message = format!("the carrier has no voice `{voice}`");
        check.fault(Code::VoiceUnknown, span, message).help(help);
        return;
    }
    let spoken = languages_of(voice);
    let other = spoken.filter(|spoken| is_language(tag) && !are_one_language(spoken, tag));
    if let Some(spoken) = other {
        let message =
            format!("the voice `{voice}` speaks `{spoken}`, and this language is `{tag}`");
        check
            .fault(Code::VoiceOtherLanguage, span, message)
            .help(format!("name a voice that speaks `{tag}`, or none"));
    }
}

/// Reports a language that the carrier does not speak, with those that may be meant.
pub fn not_a_language(tag: &str, span: Range<usize>, meant: &[&str], check: &mut Checker) {
    let help = match meant {
        [] => "write a tag such as `en-GB`: the language in small letters, then the country in capitals".to_owned(),
        [one] => format!("did you mean `{one}`?"),
        [one, more @ ..] => format!("did you mean `{one}`, or `{}`?", more.join("`, `")),
    };
    let message = format!("`{tag}` is no language that the carrier speaks");
    check.fault(Code::LanguageNotATag, span, message).help(help);
}

/// The language of a piece that is not spoken in that of the call, where it has one: with the voice that it names, else
/// with that which the flow has for the language. `Err` where it names one that is none.
pub fn of_piece(
    language: Option<Item<'_>>,
    voice: Option<Item<'_>>,
    check: &mut Checker,
) -> Result<Option<Language>, ()> {
    let tag: Arc<str> = match (language, voice) {
        (None, None) => return Ok(None),
        (Some(item), _) => tag_of(item, check).ok_or(())?,
        // Another voice, in a flow of one language.
        (None, Some(_)) if check.languages.len() == 1 => Arc::clone(&check.languages[0].tag),
        (None, Some(voice)) => {
            check
                .fault(Code::SegmentUnclear, voice.span(), "a voice speaks one language, and this flow has several")
                .help("add `language = \"…\"`; the voice of a language of the flow stands above the headers or under `[languages]`");
            return Err(());
        }
    };
    let named = match voice {
        Some(item) => {
            let voice = item
                .text(check, "`voice` must be the name of a voice")
                .ok_or(())?;
            check_voice(voice, item.span(), &tag, check);
            Some(Arc::from(voice))
        }
        None => None,
    };
    let mut known = check.languages.iter().filter(|known| known.tag == tag);
    let own = known.next().and_then(|known| known.voice.clone());
    Ok(Some(Language {
        tag,
        voice: named.or(own),
    }))
}

/// The language that a piece names.
fn tag_of(item: Item<'_>, check: &mut Checker) -> Option<Arc<str>> {
    let tag = item.text(check, "`language` must be a tag such as \"es-ES\"")?;
    if !is_language(tag) {
        not_a_language(tag, item.span(), &languages_meant(tag), check);
        return None;
    }
    Some(tag.into())
}
