//! The node's figures over the last quarter of an hour.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use jiff::Timestamp;

/// How far back figures are kept: the longest time that a cause looks back.
const KEPT: Duration = Duration::from_mins(15);

/// The figures that causes are found in, without what all names begin with.
const NAMES: [&str; 17] = [
    "calls_total",
    "clock_ahead_seconds",
    "fallbacks_total",
    "future_turns_total",
    "holds_given_up_total",
    "lost_calls_total",
    "outbox_failing",
    "outbox_oldest_seconds",
    "outbox_paused",
    "outbox_rows",
    "refused_total",
    "service_failing",
    "step_errors_total",
    "store_away",
    "store_level",
    "turn_seconds_count",
    "turns_total",
];

/// The labels of a series.
pub type Labels = BTreeMap<String, String>;

type Sample = BTreeMap<(&'static str, Labels), f64>;

/// Samples of the last quarter of an hour, oldest first.
pub struct Window(VecDeque<(Timestamp, Sample)>);

impl Window {
    /// Of a node whose counters were all zero a moment ago.
    pub fn of_a_new_node() -> Self {
        Self(VecDeque::from([(Timestamp::now(), Sample::new())]))
    }

    /// Adds what a page of figures says.
    pub fn add(&mut self, now: Timestamp, page: &str) {
        self.0
            .push_back((now, page.lines().filter_map(series).collect()));
        let is_old = |then: &Timestamp| *then + KEPT < now;
        // The oldest one is what increases are counted from, so one that is just too old stays.
        while self.0.get(1).is_some_and(|(then, _)| is_old(then)) {
            self.0.pop_front();
        }
    }

    /// The series of a name, with their values now.
    pub fn now(&self, name: &'static str) -> Vec<(Labels, f64)> {
        let sample = self.0.back().map(|(_, sample)| sample);
        let series = sample.into_iter().flatten();
        let of_name = series.filter(|((known, _), _)| *known == name);
        of_name
            .map(|((_, labels), value)| (labels.clone(), *value))
            .collect()
    }

    /// By how much the series of a name rose in the last minutes; those that did not are left out.
    pub fn risen(&self, name: &'static str, minutes: u64) -> Vec<(Labels, f64)> {
        let Some((now, _)) = self.0.back() else {
            return Vec::new();
        };
        let since = *now - Duration::from_mins(minutes);
        let before = self.0.iter().rev().find(|(then, _)| *then <= since);
        let before = before.or(self.0.front()).map(|(_, sample)| sample);
        let was = |labels: &Labels| {
            let key = (name, labels.clone());
            before
                .and_then(|sample| sample.get(&key))
                .copied()
                .unwrap_or_default()
        };
        let series = self.now(name).into_iter();
        let series = series.map(|(labels, value)| (value - was(&labels), labels));
        series
            .filter(|(risen, _)| *risen > 0.0)
            .map(|(risen, labels)| (labels, risen))
            .collect()
    }
}

/// Reads `hookswitch_name{label="value"} 3`, if it is of a name that is looked at.
fn series(line: &str) -> Option<((&'static str, Labels), f64)> {
    let (series, value) = line.strip_prefix("hookswitch_")?.rsplit_once(' ')?;
    let (name, labels) = series.split_once('{').unwrap_or((series, ""));
    let name = NAMES.iter().find(|known| **known == name)?;
    let labels = labels.trim_end_matches('}').split("\",");
    let labels = labels.filter_map(|label| {
        let (label, value) = label.split_once("=\"")?;
        Some((label.to_owned(), value.trim_end_matches('"').to_owned()))
    });
    Some(((name, labels.collect()), value.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use jiff::Timestamp;

    use super::{Labels, Window};

    fn labels(pairs: &[(&str, &str)]) -> Labels {
        let pairs = pairs.iter();
        pairs
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn a_counter_rises_from_zero_and_what_is_long_ago_is_forgotten() {
        let mut window = Window::of_a_new_node();
        let begin = Timestamp::now();
        let at = |minutes: u64| begin + Duration::from_mins(minutes);
        let page = |errors: u32| {
            format!(
                "# TYPE x counter\nhookswitch_step_errors_total{{flow=\"a\",step=\"b\"}} {errors}\nhookswitch_other 9\n"
            )
        };
        window.add(at(0), &page(1));
        let which = labels(&[("flow", "a"), ("step", "b")]);
        assert_eq!(
            window.risen("step_errors_total", 15),
            [(which.clone(), 1.0)]
        );
        for minute in 1..40 {
            window.add(at(minute), &page(if minute < 30 { 1 } else { 3 }));
        }
        assert_eq!(
            window.risen("step_errors_total", 15),
            [(which.clone(), 2.0)]
        );
        assert_eq!(window.risen("step_errors_total", 5), []);
        assert_eq!(window.now("step_errors_total"), [(which, 3.0)]);
        assert!(window.0.len() < 20, "{}", window.0.len());
    }
}
