//! Which alarms are on: what of the causes is news. Pure.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;

use super::cause::AlarmCause;

/// Something to tell: that an alarm is on, still on, or over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlarmNotice {
    /// What is wrong.
    pub cause: AlarmCause,
    /// Since when.
    pub since: Timestamp,
    /// Since when it is over, if it is.
    pub ended: Option<Timestamp>,
}

/// The alarms that are on.
pub struct AlarmLedger {
    repeat: Duration,
    on: BTreeMap<String, OpenAlarm>,
}

struct OpenAlarm {
    cause: AlarmCause,
    since: Timestamp,
    /// When somebody was told last; nobody was as long as it may pass by itself.
    told: Option<Timestamp>,
}

impl AlarmLedger {
    /// With no alarm on; one that stays on is told again after `repeat`.
    pub fn new(repeat: Duration) -> Self {
        Self {
            repeat,
            on: BTreeMap::new(),
        }
    }

    /// Takes in what is wrong now: what somebody is to be told.
    pub fn look(&mut self, causes: Vec<AlarmCause>, now: Timestamp) -> Vec<AlarmNotice> {
        let causes: BTreeMap<String, AlarmCause> = causes
            .into_iter()
            .map(|cause| (key(&cause), cause))
            .collect();
        let mut notices = Vec::new();
        self.on.retain(|key, open| {
            let stays = causes.contains_key(key);
            if !stays && open.told.is_some() {
                notices.push(open.notice(Some(now)));
            }
            stays
        });
        for (key, cause) in causes {
            let open = self.on.entry(key).or_insert_with(|| OpenAlarm {
                cause,
                since: now,
                told: None,
            });
            let is_due = match open.told {
                None => now >= open.since + open.cause.lasting,
                Some(told) => now >= told + self.repeat,
            };
            if is_due {
                open.told = Some(now);
                notices.push(open.notice(None));
            }
        }
        notices
    }
}

impl OpenAlarm {
    fn notice(&self, ended: Option<Timestamp>) -> AlarmNotice {
        AlarmNotice {
            cause: self.cause.clone(),
            since: self.since,
            ended,
        }
    }
}

/// What makes two causes the same one.
fn key(cause: &AlarmCause) -> String {
    let labels = cause.labels.iter();
    let labels: String = labels
        .map(|(name, value)| format!(" {name}={value}"))
        .collect();
    format!("{}{labels}", cause.name)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use jiff::Timestamp;

    use super::{AlarmCause, AlarmLedger};

    #[test]
    fn a_cause_is_told_once_again_after_hours_and_when_it_is_over() {
        let mut ledger = AlarmLedger::new(Duration::from_hours(4));
        let begin = Timestamp::UNIX_EPOCH;
        let at = |minutes: u64| begin + Duration::from_mins(minutes);
        let on = || vec![AlarmCause::trial()];
        let told = |notices: Vec<super::AlarmNotice>| {
            let over = notices.iter().map(|notice| notice.ended.is_some());
            over.collect::<Vec<_>>()
        };
        assert_eq!(told(ledger.look(on(), at(0))), [false]);
        assert_eq!(told(ledger.look(on(), at(1))), [false; 0]);
        assert_eq!(told(ledger.look(on(), at(239))), [false; 0]);
        assert_eq!(told(ledger.look(on(), at(240))), [false]);
        assert_eq!(told(ledger.look(on(), at(241))), [false; 0]);
        assert_eq!(told(ledger.look(vec![], at(242))), [true]);
        assert_eq!(told(ledger.look(vec![], at(243))), [false; 0]);
        assert_eq!(told(ledger.look(on(), at(244))), [false]);
    }

    #[test]
    fn what_passes_by_itself_wakes_nobody() {
        let mut ledger = AlarmLedger::new(Duration::from_hours(4));
        let slow = || AlarmCause {
            lasting: Duration::from_mins(1),
            ..AlarmCause::trial()
        };
        let at = |seconds: u64| Timestamp::UNIX_EPOCH + Duration::from_secs(seconds);
        assert_eq!(ledger.look(vec![slow()], at(0)), []);
        assert_eq!(ledger.look(vec![slow()], at(59)), []);
        assert_eq!(ledger.look(vec![], at(60)), []);
        assert_eq!(ledger.look(vec![slow()], at(70)), []);
        assert_eq!(ledger.look(vec![slow()], at(130)).len(), 1);
    }
}
