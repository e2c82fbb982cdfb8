//! What to read and to count before a code is sent, or compared.

use std::time::Duration;

use jiff::Timestamp;

use super::CodeUse;
use super::code::{CHECKS, LIFE};
use super::limit::{Entered, LimitMode, SendLimit, SendLimits};
use super::tally::{CodeTally, DAYS, Gauge, PARTS, Tallied, gauges, pair};

/// Something that is counted before a code is sent, and how far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SendAllowance {
    /// The limit.
    pub limit: SendLimit,
    /// What is counted.
    pub tally: CodeTally,
    /// How far.
    pub most: u32,
}

/// What the counts mean for a send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SendJudgement {
    /// What is counted at once: the send may be if all have room.
    pub allowances: Vec<SendAllowance>,
    /// The first limit that it is over, be it kept or only recorded.
    pub over: Option<SendLimit>,
}

/// What to read and to count before a code is sent.
#[derive(Clone, Debug)]
pub struct SendPlan {
    limits: SendLimits,
    gauges: Vec<Gauge>,
    country: Gauge,
    countries: Gauge,
    at: Timestamp,
}

/// What is read of one gauge.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    /// Sent and not entered in the parts before the one under way.
    before: u32,
    /// Entered in those, and in the one under way.
    entered: u32,
    entered_now: u32,
    sent_now: u32,
}

impl SendPlan {
    /// What says whether the source has entered a code of this number before.
    pub fn known(asked: &CodeUse<'_>) -> [CodeTally; 2] {
        let pair = pair(asked);
        [0, 1].map(|ago| pair.fortnight(Tallied::Known, asked.at, ago))
    }

    /// Of a code that is to be sent; `is_known` where one of [`Self::known`] is counted.
    pub fn new(asked: &CodeUse<'_>, is_known: bool, limits: SendLimits) -> Self {
        let gauge = |limit, of: &str| Gauge {
            limit,
            of: of.to_owned(),
        };
        Self {
            limits,
            gauges: gauges(asked, is_known),
            country: gauge(SendLimit::CountryDay, asked.country),
            countries: gauge(SendLimit::SourceCountries, asked.source),
            at: asked.at,
        }
    }

    /// The counts that it depends on.
    pub fn reads(&self) -> Vec<CodeTally> {
        let of_gauge = |gauge: &Gauge| {
            let parts = (0..=PARTS).flat_map(|ago| {
                [Tallied::Sent, Tallied::Entered].map(|what| gauge.tally(what, self.at, ago))
            });
            parts.collect::<Vec<_>>()
        };
        let days = (0..DAYS).map(|ago| self.country.day(Tallied::EnteredDay, self.at, ago, DAYS));
        let gauges = self.gauges.iter().flat_map(of_gauge);
        gauges
            .chain(days)
            .chain([self.entered_countries()])
            .collect()
    }

    /// The countries of the source that one code was entered from, today.
    fn entered_countries(&self) -> CodeTally {
        self.countries.day(Tallied::Entered, self.at, 0, 0)
    }

    /// What names that the source has codes sent to this country today: it is counted once a day.
    pub fn country_name(&self) -> CodeTally {
        let both = Gauge {
            limit: SendLimit::SourceCountries,
            of: format!("{} {}", self.country.of, self.countries.of),
        };
        both.day(Tallied::Sent, self.at, 0, 0)
    }

    /// What that counts: the countries of the source. `counts` are those of [`Self::reads`].
    pub fn country_allowance(&self, counts: &[u32]) -> SendAllowance {
        let entered = counts.last().copied().unwrap_or_default();
        let limit = SendLimit::SourceCountries;
        let most = self.limits.most(limit, Entered::default());
        SendAllowance {
            limit,
            tally: self.countries.day(Tallied::Sent, self.at, 0, 0),
            most: most.saturating_add(entered),
        }
    }

    /// What the counts of [`Self::reads`] mean, in their order.
    pub fn judge(&self, counts: &[u32]) -> SendJudgement {
        let each = 2 * (PARTS as usize + 1);
        let of_gauges: Vec<Counts> = counts
            .chunks_exact(each)
            .take(self.gauges.len())
            .map(Counts::of)
            .collect();
        let days = counts.iter().skip(each * self.gauges.len());
        let best_day = days.take(DAYS as usize).copied().max().unwrap_or_default();
        let entered_in = |limit: SendLimit| {
            let mut pairs = self.gauges.iter().zip(&of_gauges);
            let found = pairs.find(|(gauge, _)| gauge.limit == limit);
            found.map_or(0, |(_, counts)| counts.entered)
        };
        let mut over = None;
        let mut allowances = Vec::with_capacity(self.gauges.len());
        for (gauge, counts) in self.gauges.iter().zip(&of_gauges) {
            let limit = gauge.limit;
            let entered = Entered {
                now: counts.entered,
                day: entered_in(day_of(limit)),
                best_day,
            };
            let most = self.limits.most(limit, entered);
            let most = most
                .saturating_add(counts.entered_now)
                .saturating_sub(counts.before);
            if counts.sent_now >= most {
                over = over.or(Some(limit));
            }
            let is_kept = limit.is_always_kept() || self.limits.mode == LimitMode::Deny;
            allowances.push(SendAllowance {
                limit,
                tally: gauge.tally(Tallied::Sent, self.at, 0),
                most: if is_kept { most } else { u32::MAX },
            });
        }
        SendJudgement { allowances, over }
    }

    /// What is counted once a code was entered, for each code that was sent until then: `asked.at` is when that was.
    pub fn entered(asked: &CodeUse<'_>, is_known: bool) -> Vec<CodeTally> {
        let gauges = gauges(asked, is_known);
        let each = gauges.iter();
        each.map(|gauge| gauge.tally(Tallied::Entered, asked.at, 0))
            .collect()
    }

    /// What is counted moreover, once for all that were sent.
    pub fn entered_once(&self, asked: &CodeUse<'_>) -> [CodeTally; 2] {
        [
            self.country.day(Tallied::EnteredDay, self.at, 0, DAYS),
            pair(asked).fortnight(Tallied::Known, self.at, 0),
        ]
    }

    /// What is counted once a day: that the source has entered a code of this country. The first names it.
    pub fn entered_country(&self) -> [CodeTally; 2] {
        let name = CodeTally {
            what: Tallied::Entered,
            ..self.country_name()
        };
        [name, self.entered_countries()]
    }
}

/// The limit of a day whose entered codes let a limit grow.
fn day_of(limit: SendLimit) -> SendLimit {
    match limit {
        SendLimit::NumberTenMinutes | SendLimit::NumberDay => SendLimit::NumberDay,
        SendLimit::PrefixHour | SendLimit::PrefixDay => SendLimit::PrefixDay,
        SendLimit::SourceHour | SendLimit::SourceDay | SendLimit::SourceCountries => {
            SendLimit::SourceDay
        }
        SendLimit::CountryHour | SendLimit::CountryDay => SendLimit::CountryDay,
    }
}

impl Counts {
    /// Of pairs of what was sent and what was entered, the part under way first.
    fn of(counts: &[u32]) -> Self {
        let mut all = Self::default();
        for (ago, pair) in counts.chunks_exact(2).enumerate() {
            let [sent, entered] = [pair[0], pair[1]];
            all.entered = all.entered.saturating_add(entered);
            if ago == 0 {
                (all.sent_now, all.entered_now) = (sent, entered);
            } else {
                all.before = all.before.saturating_add(sent.saturating_sub(entered));
            }
        }
        all
    }
}

/// What to read and to count before a code is compared.
#[derive(Clone, Debug)]
pub struct CheckPlan {
    gauge: Gauge,
    most: u32,
    at: Timestamp,
}

impl CheckPlan {
    /// Of a code that was sent at `asked.at` and is compared at `now`.
    pub fn new(asked: &CodeUse<'_>, is_known: bool, now: Timestamp, limits: &SendLimits) -> Self {
        let gauge = gauges(asked, is_known).into_iter();
        let mut gauge = gauge.filter(|gauge| gauge.limit == SendLimit::NumberDay);
        Self {
            gauge: gauge.next().unwrap_or_else(|| pair(asked)),
            most: limits.number_day,
            at: now,
        }
    }

    /// The counts that it depends on: what was entered and compared until now.
    pub fn reads(&self) -> Vec<CodeTally> {
        let parts = (0..=PARTS).flat_map(|ago| {
            [Tallied::Checked, Tallied::Entered].map(|what| self.gauge.tally(what, self.at, ago))
        });
        parts.collect()
    }

    /// What is counted, and how far: codes of the number that were compared. One that is right gives back as many as were
    /// used up.
    pub fn allowance(&self, counts: &[u32]) -> (CodeTally, u32) {
        let (mut before, mut entered) = (0_u32, 0_u32);
        for (ago, pair) in counts.chunks_exact(2).enumerate() {
            before = before.saturating_add(if ago == 0 { 0 } else { pair[0] });
            entered = entered.saturating_add(pair[1]);
        }
        let most = self.most.saturating_mul(entered.saturating_add(1));
        let tally = self.gauge.tally(Tallied::Checked, self.at, 0);
        (tally, most.saturating_sub(before))
    }

    /// How often a code may be tried, and until when that is counted: of a code that was sent at a moment. Longer than it
    /// holds, whatever clocks say.
    pub fn of_code(sent: Timestamp) -> (u32, Timestamp) {
        let counted = LIFE + Duration::from_hours(1);
        (CHECKS, sent.checked_add(counted).unwrap_or(Timestamp::MAX))
    }
}
