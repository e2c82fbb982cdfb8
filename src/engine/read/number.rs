//! Reads telephone numbers.

use super::Checker;
use crate::written::number::is_e164;
use crate::written::{Code, Explain, Item};

/// A number that is written out.
pub fn number_literal<'a>(item: Item<'a>, check: &mut Checker) -> Option<&'a str> {
    let text = item.text(
        check,
        "this must be a number in quotes, such as \"+442079460000\"",
    )?;
    if !is_e164(text) {
        check
            .fault(
                Code::NumberNotE164,
                item.span(),
                format!("`{text}` is not a number that can be dialled"),
            )
            .help(number_help(text));
        return None;
    }
    Some(text)
}

fn number_help(text: &str) -> &'static str {
    if text.starts_with("sip:") || text.starts_with("sips:") {
        "write a SIP address as `dial = { sip = \"sip:…\" }`"
    } else if text.chars().any(|sign| sign.is_ascii_digit()) {
        "write it as \"+\", country code and number, no spaces: \"+442079460000\""
    } else {
        "a number is \"+\", country code and number, no spaces: \"+442079460000\"; a contact's name is made of a-z, 0-9 and `_`"
    }
}
