//! Reads what a question says of speech.

use super::super::guess::Sure;
use super::super::keys::shared::{SPEECH, SURE};
use super::Checker;
use crate::written::{Code, Explain, Item, Table};

/// Whether a question listens for words, and how sure of them the recogniser must be.
pub fn hearing(table: &Table<'_>, says: bool, check: &mut Checker) -> (bool, Option<Sure>) {
    let written = table.get(SPEECH.key.name);
    let listens = written.map(|_| SPEECH.read(table, check));
    if let (Some(item), Some(false), true) = (written, listens, says) {
        check
            .fault(
                Code::SpeechIgnored,
                item.span(),
                "words stand for keys here, and nobody listens for them",
            )
            .help("leave `speech` out, or every `says`");
    }
    let hears = listens.unwrap_or(says);
    check.hears_speech |= hears;
    let Some(item) = table.get(SURE.name) else {
        return (hears, None);
    };
    if !hears {
        check
            .fault(
                Code::SpeechIgnored,
                item.key_span(),
                "`sure` is about words, and nobody listens for them here",
            )
            .help("add `speech = true`");
    }
    (hears, sure(item, check))
}

fn sure(item: Item<'_>, check: &mut Checker) -> Option<Sure> {
    let what = "`sure` must be two numbers from 0 to 1, the lower one first";
    let entries = item.entries().unwrap_or_default();
    let [low, high] = entries.as_slice() else {
        item.wrong(check, what);
        return None;
    };
    let (low, high) = (low.amount(check, what)?, high.amount(check, what)?);
    if low > high || high > 1.0 {
        check
            .fault(
                Code::BoundsWrong,
                item.span(),
                "these are not bounds of `sure`",
            )
            .help("write `sure = [0.4, 0.7]`: from 0 to 1, the lower one first");
        return None;
    }
    let percent = |share: f64| (share * 100.0).round() as u8;
    Some(Sure {
        low: percent(low),
        high: percent(high),
    })
}
