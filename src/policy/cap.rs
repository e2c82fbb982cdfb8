//! How often numbers may be reached: what is counted, and until when.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::NumberUse;

/// How many of the last digits of a number are no part of its prefix: a block of ten thousand is rented as one.
const BLOCK: usize = 4;

/// The seconds of a day of UTC.
const DAY: i64 = 86_400;

/// How long what a call has reached is remembered: longer than any call lasts.
const LONGEST_CALL: SignedDuration = SignedDuration::from_hours(48);

/// What is counted. Kept in trails: new ones go to the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum CapKind {
    /// What one call reaches.
    Call,
    /// What one caller reaches in a day.
    Caller,
    /// How often one number is reached in a day.
    Number,
    /// The same of all numbers that differ in their last four digits only.
    Prefix,
    /// What all calls reach in a day.
    Day,
}

/// How often numbers may be reached, dialled and texted each; nothing where it is not counted. A day is one of UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Caps {
    /// In one call.
    pub call: Option<u32>,
    /// By one caller in a day. Callers without a number count as one.
    pub caller: Option<u32>,
    /// One number in a day.
    pub number: Option<u32>,
    /// Numbers that differ in their last four digits only, in a day.
    pub prefix: Option<u32>,
    /// All in a day.
    pub day: Option<u32>,
}

/// The call that reaches somebody, and when.
#[derive(Clone, Copy, Debug)]
pub struct UsedBy<'a> {
    /// What names the call.
    pub call: &'a str,
    /// When it began.
    pub began: Timestamp,
    /// The caller's number, or what stands for it.
    pub caller: &'a str,
    /// Now.
    pub now: Timestamp,
}

/// Something that is counted before a number is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CountedCap {
    /// Which cap it is.
    pub kind: CapKind,
    /// Of what.
    pub of: String,
    /// How often it may be, until then.
    pub most: u32,
    /// When it is forgotten: the same for all that count together.
    pub until: Timestamp,
}

impl Caps {
    /// What is counted, the narrowest first.
    pub(super) fn counted(&self, wanted: &NumberUse<'_>, reached: &UsedBy<'_>) -> Vec<CountedCap> {
        let until = end_of_day(reached.now);
        let call_until = reached.began.checked_add(LONGEST_CALL).unwrap_or(until);
        let number = wanted.number;
        let prefix = &number[..number.len().saturating_sub(BLOCK)];
        let caps = [
            (CapKind::Call, self.call, reached.call, call_until),
            (CapKind::Caller, self.caller, reached.caller, until),
            (CapKind::Number, self.number, number, until),
            (CapKind::Prefix, self.prefix, prefix, until),
            (CapKind::Day, self.day, "", until),
        ];
        let counted = caps.into_iter().filter_map(|(kind, most, of, until)| {
            Some(CountedCap {
                kind,
                of: of.to_owned(),
                most: most?,
                until,
            })
        });
        counted.collect()
    }
}

/// When the day is over that a moment is in, by UTC.
fn end_of_day(now: Timestamp) -> Timestamp {
    let day = now.as_second().div_euclid(DAY) + 1;
    Timestamp::from_second(day * DAY).unwrap_or(now)
}
