//! What names mean at one moment of a call.

use std::borrow::Cow;
use std::cell::RefCell;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::answered_by::AnsweredBy;
use super::call::Call;
use super::expression::{Clock, Computed, Fact, HoursAt, Name, QueuePart, Values};
use super::fault::Fault;
use super::flow::Flow;
use super::hours_now::HoursNow;
use super::ids::{Slot, StepId};
use super::text_message::CODE_MARK;

/// What names mean at one moment of a call.
#[derive(Clone, Copy)]
pub struct Scope<'a> {
    /// The flow.
    pub flow: &'a Flow,
    /// The call.
    pub call: &'a Call,
    /// The moment.
    pub now: Timestamp,
    /// The step that the call is at.
    pub step: StepId,
    /// Collects the names that are read and not set.
    pub unset: &'a RefCell<Vec<(StepId, Slot)>>,
}

impl Scope<'_> {
    fn note_unset(&self, slot: Slot) {
        let mut unset = self.unset.borrow_mut();
        if !unset.contains(&(self.step, slot)) {
            unset.push((self.step, slot));
        }
    }

    /// Opening hours, as they are at this moment of the call.
    pub fn hours(&self, at: HoursAt) -> Option<HoursNow<'_>> {
        let (name, hours) = self.flow.hours(at)?;
        let mut switched = self.call.switched.iter();
        let switch = switched.find(|(switched, _)| switched == name);
        Some(HoursNow::of(hours, switch.map(|(_, switch)| switch)))
    }

    /// What the carrier says of the queue that the caller waits in.
    fn queue(&self, part: QueuePart) -> Option<u32> {
        let waiting = self.call.waiting()?;
        let now = waiting.now?;
        let told = waiting.told.map(|told| told.position);
        match part {
            // Of a document that leads on itself the carrier says nothing: the place is the one that was told last.
            QueuePart::Position => now.position.or(told),
            QueuePart::Waited => Some(now.waited),
            QueuePart::Size => now.size,
        }
    }

    fn clock(&self, clock: Clock) -> String {
        let zone = match clock {
            Clock::Utc => TimeZone::UTC,
            Clock::Date | Clock::Time | Clock::Weekday => self.flow.zone_at(self.step).clone(),
        };
        let now = self.now.to_zoned_datetime(zone);
        let format = match clock {
            Clock::Date => "%Y-%m-%d",
            Clock::Time => "%H:%M",
            Clock::Weekday => "%A",
            Clock::Utc => "%Y-%m-%dT%H:%M:%SZ",
        };
        now.strftime(format).to_string()
    }
}

impl Values for Scope<'_> {
    fn need(&self, name: Name) -> Option<Computed<'_>> {
        let value = self.read(name);
        let slot = match name {
            Name::Slot(slot) | Name::Outcome(slot) | Name::Fact(slot) => Some(slot),
            Name::Call(_) | Name::Now(_) | Name::Hours(..) | Name::Queue(_) | Name::Code => None,
        };
        if let Some(slot) = slot.filter(|_| value.is_none()) {
            self.note_unset(slot);
        }
        value
    }

    fn read(&self, name: Name) -> Option<Computed<'_>> {
        let about = &self.call.about;
        Some(match name {
            Name::Slot(slot) => match self.call.value(slot) {
                Some(value) => value.into(),
                None if self.flow.is_list(slot) => Computed::Entries(0),
                None => return None,
            },
            Name::Call(Fact::Sid) => Computed::text(self.call.sid.as_str()),
            Name::Call(Fact::From) => Computed::text(&about.from),
            Name::Call(Fact::To) => Computed::text(&about.to),
            Name::Call(Fact::Party) => Computed::text(about.party()),
            Name::Call(Fact::AnsweredBy) => {
                Computed::text(self.call.answered_by.map_or("", AnsweredBy::as_str))
            }
            Name::Call(Fact::Line) => Computed::text(self.flow.line(about.line())),
            Name::Call(Fact::Direction) => Computed::text(&about.direction),
            Name::Call(Fact::CallerName) => Computed::text(&about.caller_name),
            Name::Call(Fact::Language) => {
                Computed::text(&self.flow.language(self.call.language).tag)
            }
            Name::Call(Fact::Attempt) => Computed::Integer(
                i64::from(self.call.misses.no_input) + i64::from(self.call.misses.no_match) + 1,
            ),
            Name::Call(Fact::Request) => Computed::Fields(&self.call.request.as_ref()?.0),
            Name::Call(Fact::Flow) => Computed::text(&self.call.flow),
            Name::Now(clock) => Computed::Text(Cow::Owned(self.clock(clock))),
            Name::Outcome(slot) => {
                let fact = self.flow.fact(slot)?;
                Computed::text(&self.call.came_to(fact.step)?.outcome)
            }
            Name::Fact(slot) => {
                let fact = self.flow.fact(slot)?;
                self.call.came_to(fact.step)?.fact(&fact.name)?.into()
            }
            Name::Hours(at, part) => return self.hours(at)?.value(part, self.now),
            Name::Queue(part) => Computed::Integer(self.queue(part)?.into()),
            Name::Code => Computed::Text(Cow::Owned(CODE_MARK.to_string())),
        })
    }

    fn ask(&self, name: Name, with: &[Computed<'_>]) -> Result<Option<Computed<'_>>, Fault> {
        match name {
            Name::Hours(at, part) => match self.hours(at) {
                Some(hours) => hours.ask(part, with).map(Some),
                None => Ok(None),
            },
            _ => Ok(None),
        }
    }
}
