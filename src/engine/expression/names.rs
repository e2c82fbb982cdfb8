//! What expressions and texts are compiled against, and what they are worked out with: names, nothing else of a flow or
//! a call.

use std::ops::Range;
use std::sync::Arc;

use super::Compiled;
use super::computed::Computed;
use super::reading::Reading;
use crate::engine::fault::Fault;
use crate::engine::ids::Slot;
use crate::written::Faults;
use crate::written::diag::Place;

/// A name that an expression reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Name {
    /// An answer or a variable.
    Slot(Slot),
    /// A fact of the call.
    Call(Fact),
    /// The clock.
    Now(Clock),
    /// How a step's wait ended, by the slot of the fact.
    Outcome(Slot),
    /// Another fact that came back to a step.
    Fact(Slot),
    /// Something of opening hours.
    Hours(HoursAt, HoursPart),
    /// Something of the queue that the caller waits in.
    Queue(QueuePart),
    /// The code that an SMS brings: `verify.code`.
    Code,
}

/// Opening hours that a flow reads, by their place among them.
pub type HoursAt = u16;

/// A part of opening hours: `hours.office.*`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HoursPart {
    /// Whether it is open now.
    Open,
    /// When it opens next.
    Opens,
    /// When it closes next.
    Closes,
    /// Why the day is as it is.
    Note,
    /// Whether it opens on a day.
    OpenOn,
    /// Whether it is open at an hour of a day.
    OpenAt,
}

/// A part of the queue that the caller waits in: `queue.*`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueuePart {
    /// The caller's place, from 1.
    Position,
    /// Seconds that the caller has waited.
    Waited,
    /// How many wait.
    Size,
}

/// A fact of the call: `call.*`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fact {
    Sid,
    From,
    To,
    /// The other side, whoever called.
    Party,
    /// Who answered a call that we placed; empty until the carrier has told.
    AnsweredBy,
    /// The name of the number that is ours.
    Line,
    Direction,
    CallerName,
    Language,
    Attempt,
    Flow,
    /// The whole of the request that it began with, which only stands alone as something that is sent.
    Request,
}

/// A part of the moment: `now.*`, in the flow's zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    Date,
    Time,
    Weekday,
    /// The moment itself, which is the same in every zone.
    Utc,
}

impl Clock {
    /// What the weekday is, from Monday.
    pub const WEEKDAYS: [&str; 7] = [
        "Monday",
        "Tuesday",
        "Wednesday",
        "Thursday",
        "Friday",
        "Saturday",
        "Sunday",
    ];
}

const FACTS: [(&str, Fact); 11] = [
    ("sid", Fact::Sid),
    ("from", Fact::From),
    ("to", Fact::To),
    ("party", Fact::Party),
    ("answered_by", Fact::AnsweredBy),
    ("line", Fact::Line),
    ("direction", Fact::Direction),
    ("caller_name", Fact::CallerName),
    ("language", Fact::Language),
    ("attempt", Fact::Attempt),
    ("flow", Fact::Flow),
];
const CLOCKS: [(&str, Clock); 4] = [
    ("date", Clock::Date),
    ("time", Clock::Time),
    ("weekday", Clock::Weekday),
    ("utc", Clock::Utc),
];

const QUEUE_PARTS: [(&str, QueuePart); 3] = [
    ("position", QueuePart::Position),
    ("waited", QueuePart::Waited),
    ("size", QueuePart::Size),
];

const HOURS_PARTS: [(&str, HoursPart); 6] = [
    ("open", HoursPart::Open),
    ("opens", HoursPart::Opens),
    ("closes", HoursPart::Closes),
    ("note", HoursPart::Note),
    ("open_on", HoursPart::OpenOn),
    ("open_at", HoursPart::OpenAt),
];

impl HoursPart {
    /// The part of a name.
    pub fn named(name: &str) -> Option<Self> {
        let found = HOURS_PARTS.iter().find(|(known, _)| *known == name);
        found.map(|(_, part)| *part)
    }

    /// What it is asked with, between brackets; nothing for a value.
    pub fn arguments(self) -> &'static [&'static str] {
        match self {
            Self::OpenOn => &["day"],
            Self::OpenAt => &["day", "hour"],
            Self::Open | Self::Opens | Self::Closes | Self::Note => &[],
        }
    }

    /// All of them, as they are written.
    pub fn usages() -> impl Iterator<Item = String> {
        HOURS_PARTS
            .iter()
            .map(|(name, part)| match part.arguments() {
                [] => (*name).to_owned(),
                arguments => format!("{name}({})", arguments.join(", ")),
            })
    }

    /// The names of all of them.
    pub fn names() -> impl Iterator<Item = &'static str> {
        HOURS_PARTS.iter().map(|(name, _)| *name)
    }
}

/// The part of opening hours that a dotted name means, if it means one.
pub(super) fn hours_part(name: &str) -> Option<HoursPart> {
    let (_, part) = name.strip_prefix("hours.")?.split_once('.')?;
    HoursPart::named(part)
}

/// Where an expression stands, as far as its check depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stands {
    /// In `when`.
    Condition,
    /// In a text that is spoken.
    Spoken,
    /// In any other text.
    Told,
    /// In a text for somebody who may get sensitive answers.
    Given,
    /// Alone as something that is sent as JSON, where a list stays a list.
    Sent(Sensitive),
}

impl Stands {
    /// The same for a hole that has text beside it.
    pub(in crate::engine) fn amid_text(self) -> Self {
        match self {
            Self::Sent(Sensitive::Allowed) => Self::Given,
            Self::Sent(Sensitive::Refused) => Self::Told,
            other => other,
        }
    }
}

/// Whether sensitive answers may be read where an expression stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sensitive {
    /// They may: nobody learns the result.
    Allowed,
    /// They may not: the result is spoken, sent or stored in the clear.
    Refused,
}

/// The names of a flow while it is loaded, and where faults in expressions and texts are noted.
pub trait Names: Faults {
    /// What a dotted name means. `None` if nothing, or if it may not be read here; the fault is noted then.
    fn resolve(&mut self, name: &str, span: Range<usize>, sensitive: Sensitive) -> Option<Name>;

    /// The whole first request, where it stands alone in what is sent. `None` if it may not be sent there; the fault is noted
    /// then.
    fn request(&mut self, span: Range<usize>, sensitive: Sensitive) -> Option<Name>;

    /// The slot of a name that may be unset: an answer, a variable, or what came back to a step.
    fn unsettable(&self, name: Name) -> Option<Slot>;

    /// The slot of a name that is a list of entries.
    fn list(&self, name: Name) -> Option<Slot>;

    /// A place in the file that is being read.
    fn place(&self, span: Range<usize>) -> Place;

    /// The bytes of a part of a text that stands at a place: those alone where the text is written as it reads, else
    /// the whole place.
    fn part(&self, whole: &Range<usize>, text: &str, part: Range<usize>) -> Range<usize>;

    /// Counts one more expression of the flow; returns how many there are.
    fn count_expression(&mut self) -> usize;

    /// Notes an expression to be checked when the types of all names are known.
    fn check_later(&mut self, later: Later);
}

/// An expression whose types are still to be checked.
#[derive(Debug)]
pub struct Later {
    /// The expression.
    pub compiled: Arc<Compiled>,
    /// What it reads.
    pub reading: Arc<Reading>,
    /// Where it stands in the file that is being read.
    pub at: Range<usize>,
    /// In what it stands.
    pub stands: Stands,
    /// Whether it is only asked where the one noted before it does not hold.
    pub follows: bool,
}

/// What names hold at one moment of a call.
pub trait Values {
    /// What a name holds; `None` if it is not set.
    fn read(&self, name: Name) -> Option<Computed<'_>>;

    /// The same for a name that is wanted: if it is not set, that is noted.
    fn need(&self, name: Name) -> Option<Computed<'_>>;

    /// What a name answers that is asked with values.
    ///
    /// # Errors
    /// When a value is not what the name is asked with.
    fn ask(&self, name: Name, with: &[Computed<'_>]) -> Result<Option<Computed<'_>>, Fault>;
}

/// The meaning of a field of `call`, `now`, `queue` or `verify`; the names of all fields if there is no such field, `None` for any other
/// group.
pub fn built_in(group: &str, field: &str) -> Option<Result<Name, Vec<&'static str>>> {
    match group {
        "call" => Some(find(&FACTS, field, Name::Call)),
        "now" => Some(find(&CLOCKS, field, Name::Now)),
        "queue" => Some(find(&QUEUE_PARTS, field, Name::Queue)),
        "verify" => Some(find(&[("code", ())], field, |()| Name::Code)),
        _ => None,
    }
}

fn find<T: Copy>(
    list: &[(&'static str, T)],
    field: &str,
    make: fn(T) -> Name,
) -> Result<Name, Vec<&'static str>> {
    let found = list.iter().find(|(name, _)| *name == field);
    found
        .map(|(_, part)| make(*part))
        .ok_or_else(|| list.iter().map(|(name, _)| *name).collect())
}
