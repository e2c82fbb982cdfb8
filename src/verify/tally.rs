//! What is counted of codes: sends, and those of them that were entered, by part of a limit's time.

use jiff::Timestamp;

use super::CodeUse;
use super::limit::SendLimit;

/// A time is counted in so many parts, and the one under way: what is as old as a limit's time is forgotten at the end of its
/// part, never before.
pub(super) const PARTS: i64 = 6;

/// The days whose best is remembered.
pub(super) const DAYS: i64 = 14;

/// How many of the last digits of a number are no part of its prefix: a block of ten thousand is rented as one.
const BLOCK: usize = 4;

const DAY_MS: i64 = 86_400_000;

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Tallied {
    /// Codes that were sent.
    Sent,
    /// Those of them that were entered, or became unnecessary because a later one was.
    Entered,
    /// The same by day, for the best of them.
    EnteredDay,
    /// That a number's code was entered by this source: others cannot lock it out there.
    Known,
    /// Codes of a number that were compared.
    Checked,
}

impl Tallied {
    /// The word that its name in the store is made of.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Entered => "entered",
            Self::EnteredDay => "entered_day",
            Self::Known => "known",
            Self::Checked => "checked",
        }
    }
}

/// Something that is counted: of what, for which limit, and until when it is remembered. Two that are equal are one count.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CodeTally {
    /// What is counted.
    pub what: Tallied,
    /// For which limit.
    pub limit: SendLimit,
    /// Of which number, source, country, …
    pub of: String,
    /// When it is forgotten: this also tells its part of the time from others.
    pub until: Timestamp,
}

/// What is counted of one thing for one limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Gauge {
    pub limit: SendLimit,
    pub of: String,
}

impl Gauge {
    fn part_ms(&self) -> i64 {
        self.limit.window().as_millis() as i64 / PARTS
    }

    /// The part of a moment, `ago` parts before.
    pub fn tally(&self, what: Tallied, at: Timestamp, ago: i64) -> CodeTally {
        let part = self.part_ms();
        let end = (at.as_millisecond().div_euclid(part) + 1 - ago) * part;
        self.until(what, end + part * PARTS)
    }

    /// That of a day of UTC, `ago` days before.
    pub fn day(&self, what: Tallied, at: Timestamp, ago: i64, days: i64) -> CodeTally {
        let end = (at.as_millisecond().div_euclid(DAY_MS) + 1 - ago) * DAY_MS;
        self.until(what, end + days * DAY_MS)
    }

    /// That of a fortnight, `ago` fortnights before.
    pub fn fortnight(&self, what: Tallied, at: Timestamp, ago: i64) -> CodeTally {
        let fortnight = DAYS * DAY_MS;
        let end = (at.as_millisecond().div_euclid(fortnight) + 1 - ago) * fortnight;
        self.until(what, end + fortnight)
    }

    fn until(&self, what: Tallied, ms: i64) -> CodeTally {
        CodeTally {
            what,
            limit: self.limit,
            of: self.of.clone(),
            until: Timestamp::from_millisecond(ms).unwrap_or(Timestamp::MAX),
        }
    }
}

/// The gauge of what a number and a source have together.
pub(super) fn pair(asked: &CodeUse<'_>) -> Gauge {
    Gauge {
        limit: SendLimit::NumberDay,
        of: format!("{} {}", asked.number, asked.source),
    }
}

/// What is counted of a code. `is_known`: whether the source has entered a code of this number before.
pub(super) fn gauges(asked: &CodeUse<'_>, is_known: bool) -> Vec<Gauge> {
    let number = asked.number;
    let prefix = &number[..number.len().saturating_sub(BLOCK)];
    let own = if is_known {
        pair(asked).of
    } else {
        number.to_owned()
    };
    let of = |limit| match limit {
        SendLimit::NumberTenMinutes | SendLimit::NumberDay => own.clone(),
        SendLimit::PrefixHour | SendLimit::PrefixDay => prefix.to_owned(),
        SendLimit::SourceHour | SendLimit::SourceDay | SendLimit::SourceCountries => {
            asked.source.to_owned()
        }
        SendLimit::CountryHour | SendLimit::CountryDay => asked.country.to_owned(),
    };
    let counted = SendLimit::ALL.into_iter();
    let counted = counted.filter(|limit| *limit != SendLimit::SourceCountries);
    counted
        .map(|limit| Gauge {
            limit,
            of: of(limit),
        })
        .collect()
}
