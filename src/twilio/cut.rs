//! Whether the fields of a signed request end where Twilio ended them.
//!
//! What is signed is the URL, names and values with nothing between, so the same signature fits the same letters cut in
//! other places: `CallStatus=in-progress` as `CallStatusin-progress=`, the turn of the URL moved into the name of the
//! first field, a value that goes on over the fields behind it, the result of a dialled leg told as that of the call. Who
//! has one signed request could so make others of it. Three rules leave no cut that matters:
//!
//! - What decides which call is meant and how it does (`AccountSid`, `CallSid`, `CallStatus` and the names that end in
//!   them) has values of a known form. Wherever the signed text shows such a name with such a value behind it, a name
//!   must end between the two.
//! - The names that decide anything stand once, and no other name begins with them.
//! - A name begins as names do, so that nothing of a path can stand before it.
//!
//! What is left can take away what a caller entered in a turn, which nobody gains by: a turn is taken once.

use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::{Form, SignedText};

/// The names that decide what a request does, by what they begin with.
const DECISIVE: [&str; 8] = [
    "AccountSid",
    "CallSid",
    "CallStatus",
    "DialCallStatus",
    "Digits",
    "SpeechResult",
    "MessageSid",
    "MessageStatus",
];

/// Every word for how far a call is, or a leg that it dialled.
const STATUSES: [&[u8]; 10] = [
    b"queued",
    b"initiated",
    b"ringing",
    b"in-progress",
    b"answered",
    b"completed",
    b"busy",
    b"failed",
    b"no-answer",
    b"canceled",
];

/// The names whose place is known by their values, made ready to be searched for.
static PLACED: LazyLock<[Finder<'static>; 3]> =
    LazyLock::new(|| ["CallSid", "AccountSid", "CallStatus"].map(Finder::new));

/// The length of the name of a call or an account: two letters and 32 hexadecimal digits.
const SID: usize = 34;

/// Why a signed request is not served.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Recut {
    /// A field's name is none that Twilio sends.
    #[error("the name of a field is none that Twilio sends")]
    Name,
    /// A name that decides something stands twice.
    #[error("{0} stands in it twice")]
    Twice(&'static str),
    /// The name of the call is missing, or the value of a field cannot be one of Twilio's.
    #[error("{0} is missing, or not as Twilio writes it")]
    Field(&'static str),
    /// A field begins or ends elsewhere than where it was signed.
    #[error("{0} does not stand where it was signed")]
    Moved(&'static str),
}

/// Looks at a request that its signature fits: its fields, and what is signed of it.
///
/// # Errors
/// When its fields are not as Twilio writes them.
pub fn check(form: &Form, signed: &SignedText) -> Result<(), Recut> {
    check_names(form)?;
    check_values(form)?;
    check_places(signed)
}

/// The same of what is reported of a message, which names no call: what decides is which message, and what became of it.
///
/// # Errors
/// As [`check`].
pub fn check_message(form: &Form, signed: &SignedText) -> Result<(), Recut> {
    check_names(form)?;
    let is_message = |value: &str| {
        value.len() == SID && (is_sid(value.as_bytes(), *b"SM") || is_sid(value.as_bytes(), *b"MM"))
    };
    let is_account = |value: &str| value.len() == SID && is_sid(value.as_bytes(), *b"AC");
    if form.get("CallSid").is_some() {
        return Err(Recut::Field("CallSid"));
    }
    if !form.get("MessageSid").is_some_and(is_message) {
        return Err(Recut::Field("MessageSid"));
    }
    if !form.get("AccountSid").is_none_or(is_account) {
        return Err(Recut::Field("AccountSid"));
    }
    check_places(signed)
}

fn check_names(form: &Form) -> Result<(), Recut> {
    let mut seen = [false; DECISIVE.len()];
    for (name, _) in form.iter() {
        let first = name.as_bytes().first();
        let begins = first.is_some_and(|first| first.is_ascii_alphabetic() || *first == b'_');
        if !begins || name.bytes().any(|byte| byte.is_ascii_control()) {
            return Err(Recut::Name);
        }
        let decisive = DECISIVE.iter().zip(&mut seen).find(|(decisive, _)| {
            decisive.as_bytes().first() == first && name.starts_with(**decisive)
        });
        let Some((decisive, seen)) = decisive else {
            continue;
        };
        if name.len() > decisive.len() {
            return Err(Recut::Name);
        }
        if std::mem::replace(seen, true) {
            return Err(Recut::Twice(decisive));
        }
    }
    Ok(())
}

fn check_values(form: &Form) -> Result<(), Recut> {
    let sid = |letters, value: &str| value.len() == SID && is_sid(value.as_bytes(), letters);
    let word = |value: &str| {
        value
            .bytes()
            .all(|byte| byte.is_ascii_alphabetic() || b"-_".contains(&byte))
    };
    let right = [
        (
            "CallSid",
            form.get("CallSid").is_some_and(|value| sid(*b"CA", value)),
        ),
        (
            "AccountSid",
            form.get("AccountSid")
                .is_none_or(|value| sid(*b"AC", value)),
        ),
        (
            "CallStatus",
            // What the carrier reports of a recording has none (Twilio, "recordingStatusCallback").
            form.get("CallStatus")
                .is_none_or(|value| !value.is_empty() && word(value)),
        ),
        (
            "DialCallStatus",
            form.get("DialCallStatus").is_none_or(word),
        ),
    ];
    match right.iter().find(|(_, right)| !right) {
        Some((name, _)) => Err(Recut::Field(name)),
        None => Ok(()),
    }
}

/// Whether every decisive name that the signed text shows with a value behind it is a name, or the end of one, that ends
/// there.
fn check_places(signed: &SignedText) -> Result<(), Recut> {
    let text = signed.as_bytes();
    let stands = |end: usize| {
        let name = signed.name_that_ends(end);
        name.is_some_and(|name| name.iter().all(u8::is_ascii_alphabetic))
    };
    let moved = |name: &Finder<'_>, is_value: fn(&[u8]) -> bool| {
        let mut ends = name.find_iter(text).map(|at| at + name.needle().len());
        ends.any(|end| is_value(&text[end..]) && !stands(end))
    };
    let is_status = |value: &[u8]| STATUSES.iter().any(|status| value.starts_with(status));
    let [call, account, status] = &*PLACED;
    if moved(call, |value| is_sid(value, *b"CA")) {
        Err(Recut::Moved("CallSid"))
    } else if moved(account, |value| is_sid(value, *b"AC")) {
        Err(Recut::Moved("AccountSid"))
    } else if moved(status, is_status) {
        Err(Recut::Moved("CallStatus"))
    } else {
        Ok(())
    }
}

/// Whether a text begins with two letters and 32 hexadecimal digits.
fn is_sid(text: &[u8], letters: [u8; 2]) -> bool {
    text.starts_with(&letters)
        && text
            .get(2..SID)
            .is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
}

#[cfg(test)]
mod tests;
