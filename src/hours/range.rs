//! A range of opening, in the minutes of the day on which it begins.

use std::fmt;

/// The minutes of a day.
pub(super) const DAY: u16 = 24 * 60;

/// From when to when somebody is open, in minutes from the midnight before. The end is not part of it, and may lie on
/// the next day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct OpenRange {
    from: u16,
    to: u16,
}

impl OpenRange {
    /// Reads `08:00-12:30`; an end that is no later than the beginning is on the next day.
    pub fn parse(text: &str) -> Option<Self> {
        let (from, to) = text.split_once('-')?;
        Self::between(minute(from)?, minute(to)?)
    }

    /// From one minute of a day to another, which may be midnight; nothing where they are the same.
    pub fn between(from: u16, to: u16) -> Option<Self> {
        if from >= DAY || to > DAY || from == to {
            return None;
        }
        let to = if to < from { to + DAY } else { to };
        Some(Self { from, to })
    }

    /// The first minute.
    pub fn from(self) -> u16 {
        self.from
    }

    /// The first minute behind it; more than a day has where it ends on the next.
    pub fn to(self) -> u16 {
        self.to
    }

    /// Whether a minute is in it, counted from the same midnight.
    pub(super) fn has(self, minute: u16) -> bool {
        (self.from..self.to).contains(&minute)
    }
}

/// As a file of hours writes it.
impl fmt::Display for OpenRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (from, to) = (self.from, self.to);
        let to = if to > DAY { to - DAY } else { to };
        let (hours, minutes) = (from / 60, from % 60);
        write!(f, "{hours:02}:{minutes:02}-{:02}:{:02}", to / 60, to % 60)
    }
}

/// Ranges of a day in words: `08:00-12:30, 13:30-17:30`, or that it is closed.
pub fn ranges_text(open: &[OpenRange]) -> String {
    if open.is_empty() {
        return "closed".to_owned();
    }
    let all: Vec<String> = open.iter().map(ToString::to_string).collect();
    all.join(", ")
}

/// The minute of a time: two digits, a colon, two digits; `24:00` is the end of the day.
fn minute(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once(':')?;
    let two = |part: &str| {
        let is_two = part.len() == 2 && part.bytes().all(|digit| digit.is_ascii_digit());
        is_two.then(|| part.parse::<u16>().ok()).flatten()
    };
    let (hour, minute) = (two(hour)?, two(minute)?);
    (minute < 60 && hour * 60 + minute <= DAY).then_some(hour * 60 + minute)
}

/// What was probably meant by a text that is no range: `8 - 12.30`, `08:00–12:30`, `9 to 17`.
pub(super) fn meant(text: &str) -> Option<OpenRange> {
    let text = text.replace(['–', '—', '−'], "-").replace(" to ", "-");
    let (from, to) = text.split_once('-')?;
    let time = |part: &str| {
        let part = part.trim().to_lowercase().replace(['.', 'h'], ":");
        let (part, noon) = match (part.strip_suffix("am"), part.strip_suffix("pm")) {
            (Some(time), _) => (time.trim(), Some(0)),
            (_, Some(time)) => (time.trim(), Some(12)),
            _ => (part.as_str(), None),
        };
        let (hour, rest) = part.split_once(':').unwrap_or((part, "00"));
        let rest = if rest.is_empty() { "00" } else { rest };
        let mut hour: u16 = hour.parse().ok()?;
        if let Some(noon) = noon {
            hour = hour.checked_rem(12)? + noon;
        }
        minute(&format!("{hour:02}:{rest:0>2}"))
    };
    OpenRange::between(time(from)?, time(to)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_two_times() {
        let read = |text| OpenRange::parse(text).map(|range| (range.from, range.to));
        assert_eq!(read("08:00-12:30"), Some((480, 750)));
        assert_eq!(read("00:00-24:00"), Some((0, 1440)));
        assert_eq!(read("22:00-02:00"), Some((1320, 1560)));
        assert_eq!(read("22:00-00:00"), Some((1320, 1440)));
        assert_eq!(read("22:00-24:00"), Some((1320, 1440)));
        for text in [
            "8:00-12:30",
            "08:00",
            "08:00 - 12:30",
            "08:00-24:01",
            "24:00-02:00",
            "09:00-09:00",
            "08:60-09:00",
            "",
            "-",
            "08:00–12:30",
            "00:00-00:00",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn a_range_reads_as_it_is_written() {
        for text in ["08:00-12:30", "00:00-24:00", "22:00-02:00", "22:00-24:00"] {
            assert_eq!(OpenRange::parse(text).expect("a range").to_string(), text);
        }
    }

    #[test]
    fn what_was_meant_is_found() {
        let meant = |text| meant(text).map(|range| range.to_string());
        assert_eq!(meant("8 - 12.30").as_deref(), Some("08:00-12:30"));
        assert_eq!(meant("8:00–17:30").as_deref(), Some("08:00-17:30"));
        assert_eq!(meant("9am to 5pm").as_deref(), Some("09:00-17:00"));
        assert_eq!(meant("9").as_deref(), None);
        assert_eq!(meant("9-99").as_deref(), None);
    }
}
