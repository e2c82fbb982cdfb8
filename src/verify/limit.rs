//! How many codes may be sent that nobody enters, and over which time.

use std::time::Duration;

use serde::{Deserialize, Serialize};

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// A limit of sends. Kept in trails: new ones go to the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum SendLimit {
    /// Codes for one number in ten minutes.
    NumberTenMinutes,
    /// Codes for one number in a day.
    NumberDay,
    /// Codes for numbers that differ in their last four digits only, in an hour.
    PrefixHour,
    /// The same in a day.
    PrefixDay,
    /// Codes that one caller or customer asks for in an hour.
    SourceHour,
    /// The same in a day.
    SourceDay,
    /// Countries to which one caller or customer has codes sent in a day.
    SourceCountries,
    /// Codes for one country in an hour.
    CountryHour,
    /// The same in a day.
    CountryDay,
}

impl SendLimit {
    /// Each of them, the narrowest first.
    pub const ALL: [Self; 9] = [
        Self::NumberTenMinutes,
        Self::NumberDay,
        Self::PrefixHour,
        Self::PrefixDay,
        Self::SourceHour,
        Self::SourceDay,
        Self::SourceCountries,
        Self::CountryHour,
        Self::CountryDay,
    ];

    /// The word of figures and logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NumberTenMinutes => "number_ten_minutes",
            Self::NumberDay => "number_day",
            Self::PrefixHour => "prefix_hour",
            Self::PrefixDay => "prefix_day",
            Self::SourceHour => "source_hour",
            Self::SourceDay => "source_day",
            Self::SourceCountries => "source_countries",
            Self::CountryHour => "country_hour",
            Self::CountryDay => "country_day",
        }
    }

    /// In words that follow "no code is sent: ".
    pub fn words(self) -> &'static str {
        match self {
            Self::NumberTenMinutes => "the number got as many in ten minutes as a number may",
            Self::NumberDay => "the number got as many in a day as a number may",
            Self::PrefixHour => "numbers that begin so got as many in an hour as they may",
            Self::PrefixDay => "numbers that begin so got as many in a day as they may",
            Self::SourceHour => "whoever asks had as many sent in an hour as one may",
            Self::SourceDay => "whoever asks had as many sent in a day as one may",
            Self::SourceCountries => "whoever asks had codes sent to as many countries as one may",
            Self::CountryHour => "the country got as many in an hour as it may",
            Self::CountryDay => "the country got as many in a day as it may",
        }
    }

    /// Whether it holds even where the others are only recorded: it keeps one number from being flooded, and guessed at.
    pub fn is_always_kept(self) -> bool {
        matches!(self, Self::NumberTenMinutes | Self::NumberDay)
    }

    /// The time over which it is counted.
    pub fn window(self) -> Duration {
        Duration::from_secs(match self {
            Self::NumberTenMinutes => 10 * MINUTE,
            Self::PrefixHour | Self::SourceHour | Self::CountryHour => HOUR,
            Self::NumberDay
            | Self::PrefixDay
            | Self::SourceDay
            | Self::SourceCountries
            | Self::CountryDay => DAY,
        })
    }
}

/// What becomes of a send that is over a limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LimitMode {
    /// It is logged and counted, and the code is sent: but for one number's limits, which are always kept.
    #[default]
    Record,
    /// No code is sent.
    Deny,
}

impl LimitMode {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Record, Self::Deny];

    /// The word of settings.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Record => "record",
            Self::Deny => "deny",
        }
    }

    /// The mode of a word.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.as_str() == name)
    }
}

/// How many codes may be sent that nobody enters. Where more are entered, more may be sent: a share of those.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SendLimits {
    /// What becomes of a send that is over one.
    pub mode: LimitMode,
    /// To a number in ten minutes (Twilio Verify, error 60203).
    pub number_ten_minutes: u32,
    /// To a number in a day, which is also how often its codes may be tried in a day (ours: an account locks after as many).
    pub number_day: u32,
    /// To numbers that differ in their last four digits only, in an hour and in a day at least (ours: those of a source).
    pub prefix_hour: u32,
    /// The same in a day.
    pub prefix_day: u32,
    /// For one source in an hour at least (Authgear).
    pub source_hour: u32,
    /// The same in a day (Authgear).
    pub source_day: u32,
    /// To so many countries for one source in a day; those with a code that was entered do not count (Authgear).
    pub source_countries: u32,
    /// To a country in an hour at least (Authgear).
    pub country_hour: u32,
    /// The same in a day (Authgear).
    pub country_day: u32,
    /// Of a hundred codes that are entered, so many more may be sent and not entered (Authgear: 20).
    pub share: u32,
}

impl Default for SendLimits {
    fn default() -> Self {
        Self {
            mode: LimitMode::Record,
            number_ten_minutes: 5,
            number_day: 10,
            prefix_hour: 5,
            prefix_day: 10,
            source_hour: 5,
            source_day: 10,
            source_countries: 3,
            country_hour: 3,
            country_day: 20,
            share: 20,
        }
    }
}

/// Of what may be sent in a day, one hour may have a sixth (Authgear).
const HOUR_OF_DAY: u32 = 6;

/// What was entered, for the limits that grow with it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Entered {
    /// Within the limit's own time.
    pub now: u32,
    /// Within a day.
    pub day: u32,
    /// In the best of fourteen days.
    pub best_day: u32,
}

impl SendLimits {
    /// How many codes may be sent that nobody enters, within the time of a limit.
    pub(super) fn most(&self, limit: SendLimit, entered: Entered) -> u32 {
        let share = |of: u32| (u64::from(of) * u64::from(self.share) / 100) as u32;
        let source_day = self.source_day.max(share(entered.day));
        let prefix_day = self.prefix_day.max(share(entered.day));
        let country_day = self
            .country_day
            .max(share(entered.best_day))
            .max(share(entered.day));
        match limit {
            SendLimit::NumberTenMinutes => self.number_ten_minutes,
            SendLimit::NumberDay => self.number_day,
            SendLimit::PrefixHour => self.prefix_hour.max(prefix_day / HOUR_OF_DAY),
            SendLimit::PrefixDay => prefix_day,
            SendLimit::SourceHour => self.source_hour.max(source_day / HOUR_OF_DAY),
            SendLimit::SourceDay => source_day,
            SendLimit::SourceCountries => self.source_countries,
            SendLimit::CountryHour => {
                let hour = country_day / HOUR_OF_DAY;
                self.country_hour.max(hour).max(share(entered.now))
            }
            SendLimit::CountryDay => country_day,
        }
    }
}
