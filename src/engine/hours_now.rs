//! What names of opening hours mean at one moment of a call.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};

use super::expression::{Computed, HoursPart};
use super::fault::Fault;
use crate::hours::{Hours, HoursState, HoursSwitch};

/// How a moment is stored: by the clock of the hours that it is of.
const MOMENT: &str = "%Y-%m-%dT%H:%M";

/// Opening hours as a call sees them.
#[derive(Clone, Copy)]
pub struct HoursNow<'a> {
    state: HoursState<'a>,
}

impl<'a> HoursNow<'a> {
    /// What a file says, and what somebody has switched.
    pub fn of(hours: &'a Hours, switch: Option<&'a HoursSwitch>) -> Self {
        Self {
            state: HoursState { hours, switch },
        }
    }

    /// What their clock shows.
    pub fn clock(&self, now: Timestamp) -> DateTime {
        self.state.clock(now)
    }

    /// What a part of them is; nothing where there is no such moment.
    pub fn value(&self, part: HoursPart, now: Timestamp) -> Option<Computed<'a>> {
        let moment = |at: Timestamp| {
            let clock = self.clock(at).strftime(MOMENT).to_string();
            Computed::Text(clock.into())
        };
        match part {
            HoursPart::Open => Some(Computed::Boolean(self.state.is_open(now))),
            HoursPart::Opens => self.state.opens(now).map(moment),
            HoursPart::Closes => self.state.closes(now).map(moment),
            HoursPart::Note => Some(Computed::text(self.state.note(now))),
            // Nothing without what they are asked with.
            HoursPart::OpenOn | HoursPart::OpenAt => None,
        }
    }

    /// What they answer about a day, or an hour of it.
    pub fn ask(&self, part: HoursPart, with: &[Computed<'_>]) -> Result<Computed<'static>, Fault> {
        let day: Date = read(with.first(), "a date")?;
        let is_open = match part {
            HoursPart::OpenAt => {
                let hour: Time = read(with.get(1), "a time")?;
                self.state.is_open_at(day, hour)
            }
            _ => self.state.is_open_on(day),
        };
        Ok(Computed::Boolean(is_open))
    }
}

/// A moment as it is stored.
pub fn moment(text: &str) -> Option<DateTime> {
    text.parse().ok()
}

fn read<T: std::str::FromStr>(value: Option<&Computed<'_>>, what: &str) -> Result<T, Fault> {
    let text = value.map(ToString::to_string).unwrap_or_default();
    let read = text.parse();
    read.map_err(|_| Fault::Expression(format!("`{text}` is not {what}")))
}
