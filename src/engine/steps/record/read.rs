//! Reads a `record`.

use std::time::Duration;

use super::super::super::answer::RecordingTimes;
use super::super::super::ids::Slot;
use super::super::super::keys::shared::INTO;
use super::super::super::outcome_ways::OutcomeWays;
use super::super::super::prompt::Prompt;
use super::super::super::read::{Checker, Endings};
use super::super::super::step::Step;
use super::outcomes::{self, OUTCOMES};
use super::{KIND, Record, keys};
use crate::written::voices::is_language;
use crate::written::{Code, Explain, Item, Table};

/// The language that the carrier writes down (Twilio, `transcribe` of Record).
const TRANSCRIBED: &str = "en-US";
/// The carrier writes down recordings that are shorter than so many seconds (Twilio, error 13617).
const TOO_LONG: u32 = 120;

/// What stands for the times of a recording whose promise is faulty.
const UNKNOWN: RecordingTimes = RecordingTimes {
    longest: TOO_LONG - 1,
    keep: Duration::ZERO,
};

pub(super) fn parse(
    item: Item<'_>,
    table: &Table<'_>,
    check: &mut Checker,
) -> Option<Box<dyn Step>> {
    let prompt = Prompt::parse(item, check);
    let into = into(table, check);
    let finish = finish(table, check);
    let timeout = keys::TIMEOUT.find(table, check);
    let is_said = table.peek(keys::TIMEOUT.key.name).is_some();
    let transcribes = keys::TRANSCRIBE.read(table, check);
    let ways = OutcomeWays::parse(Endings::of(&OUTCOMES), table, check);
    let (slot, times) = into?;
    if let Some(item) = table
        .peek(keys::TRANSCRIBE.key.name)
        .filter(|_| transcribes)
    {
        check_transcript(item, times, check);
    }
    let ways = ways?;
    ways.warn_of_gaps(table, KIND.name, check);
    let timeout = match timeout {
        Some((timeout, _)) => timeout,
        None if is_said => return None,
        None => keys::TIMEOUT.read(table, check),
    };
    if let Some(item) = table.peek(keys::TIMEOUT.key.name).or(table.peek(INTO.name))
        && times.longest <= timeout + 1
    {
        let message = format!(
            "{timeout} s of silence end this recording, and it may last {} s: nobody can be heard in it",
            times.longest
        );
        check
            .fault(Code::RecordingAllSilence, item.span(), message)
            .help("write a shorter `timeout`, or let the recording be longer");
    }
    Some(Box::new(Record {
        prompt: prompt?,
        into: slot,
        times,
        facts: outcomes::facts(),
        finish: finish?,
        timeout,
        transcribes,
        ways,
    }))
}

/// The answer that gets the recording, and how long that may be.
fn into(table: &Table<'_>, check: &mut Checker) -> Option<(Slot, RecordingTimes)> {
    let Some(item) = table.get(INTO.name) else {
        check
            .fault(
                Code::IntoMissing,
                table.span(),
                "this recording does not say which answer it is",
            )
            .help("add `into = \"…\"`, the name of an answer");
        return None;
    };
    let slot = check.answer_of_into(item)?;
    if let Some(times) = check.recording(slot) {
        return Some((slot, times));
    }
    let answer = check.answers.get(usize::from(slot));
    if check.here.promised && answer.is_some_and(|answer| answer.kind.is_open()) {
        // A faulty promise has been reported already.
        return Some((slot, UNKNOWN));
    }
    let name = item.value.as_str().unwrap_or_default();
    let message = format!("`{name}` is no recording");
    let help = format!(
        "promise it under `[answers]`: `{name} = {{ recording = \"110s\", keep = \"30d\" }}`"
    );
    check
        .fault(Code::RecordingMisused, item.span(), message)
        .help(help);
    None
}

/// The keys that end it.
fn finish(table: &Table<'_>, check: &mut Checker) -> Option<String> {
    let Some(item) = table.get(keys::FINISH.name) else {
        return Some(keys::ANY.to_owned());
    };
    let text = item.text(check, "`finish` must be keys in quotes, such as \"#\"")?;
    let is_key = |key: char| keys::ANY.contains(key);
    if text.is_empty() || text.len() > keys::ANY.len() || !text.chars().all(is_key) {
        check
            .fault(
                Code::KeysIllegal,
                item.span(),
                format!("`{text}` are no keys that end a recording"),
            )
            .help(
                "write keys of 0-9, * and #, each once: `finish = \"#\"`; leave it out for any key",
            );
        return None;
    }
    Some(text.to_owned())
}

/// Reports a transcript that the carrier does not make.
fn check_transcript(item: Item<'_>, times: RecordingTimes, check: &mut Checker) {
    let tags: Vec<String> = check
        .languages
        .iter()
        .map(|language| language.tag.to_string())
        .collect();
    let other = tags
        .iter()
        .find(|tag| is_language(tag) && *tag != TRANSCRIBED);
    if let Some(tag) = other {
        let message = format!(
            "the carrier writes down US English only, and callers of this flow may speak `{tag}`"
        );
        check
            .fault(Code::TranscribeUnable, item.span(), message)
            .help("leave `transcribe` out: whoever gets the recording can have it written down");
    }
    if times.longest >= TOO_LONG {
        let message = format!(
            "the carrier writes down recordings of less than {TOO_LONG} s, and this one may last {} s",
            times.longest
        );
        check
            .fault(Code::TranscribeUnable, item.span(), message)
            .help("let it be shorter: `recording = \"110s\"`");
    }
}
