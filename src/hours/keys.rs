//! The keys of a file of hours, told to editors; the reader takes their names from here.

use serde_json::Value;

use crate::written::keys::{Definition, Key, Names, Shape, document};

/// A range of opening, or that there is none.
const OPEN: &str = "^([0-2][0-9]:[0-5][0-9]-[0-2][0-9]:[0-5][0-9]|closed)$";
/// A date, or several in a row.
const DATES: &str = "^[0-9]{4}-[0-9]{2}-[0-9]{2}([.][.][0-9]{4}-[0-9]{2}-[0-9]{2})?$";
/// A weekday, or several in a row.
const WEEKDAYS: &str = "^(mon|tue|wed|thu|fri|sat|sun)(-(mon|tue|wed|thu|fri|sat|sun))?$";

/// A range, or several.
const RANGES: Shape = Shape::Either(&[Shape::Form(OPEN), Shape::List(&Shape::Form(OPEN))]);

/// The zone of the clock on the wall.
pub(super) const ZONE: Key = Key::new(
    "zone",
    Shape::Text,
    "The zone of the clock on the wall, by its name in the time zone database. The clock is put forward and back as it is \
     there.",
    "zone = \"Europe/London\"",
)
.required();

/// Days without hours.
pub(super) const CLOSED: Key = Key::new(
    "closed",
    Shape::Either(&[Shape::Form(DATES), Shape::List(&Shape::Form(DATES))]),
    "Dates on which it does not open, whatever the weekday; several in a row with two dots between the first and the last.",
    "closed = [\"2026-12-25..2026-12-26\"]",
);

/// Days with hours of their own.
pub(super) const DAYS: Key = Key::new(
    "days",
    Shape::Names(Names {
        form: DATES,
        sample: "2026-12-24",
        of: &Shape::Either(&[
            Shape::Form(OPEN),
            Shape::List(&Shape::Form(OPEN)),
            Shape::Table(DATED),
        ]),
        fixed: &[],
        some: false,
    }),
    "Dates with hours of their own, whatever the weekday.",
    "days.\"2026-12-24\" = \"08:00-12:00\"",
);

/// The last day for which the dates are known.
pub(super) const UNTIL: Key = Key::new(
    "until",
    Shape::Form("^[0-9]{4}-[0-9]{2}-[0-9]{2}$"),
    "The last day for which `closed` and `days` are known. `check` reports it 60 days before.",
    "until = \"2027-12-31\"",
);

/// That a date is closed.
pub(super) const DATED_CLOSED: Key = Key::new(
    "closed",
    Shape::True,
    "It does not open on this date.",
    "closed = true",
);

/// When a date is open.
pub(super) const DATED_OPEN: Key = Key::new(
    "open",
    RANGES,
    "When it is open on this date.",
    "open = [\"08:00-12:00\"]",
);

/// Why a date is as it is.
pub(super) const DATED_NOTE: Key = Key::new(
    "note",
    Shape::Text,
    "Why, in words that flows may say: `hours.office.note`.",
    "note = \"New Year\"",
);

const DATED: &[Key] = &[DATED_CLOSED, DATED_OPEN, DATED_NOTE];

/// All but the weekdays.
pub(super) const KEYS: &[Key] = &[ZONE, CLOSED, DAYS, UNTIL];

/// The JSON Schema of a file of hours.
pub fn schema() -> Value {
    let week = Names {
        form: WEEKDAYS,
        sample: "mon-fri",
        of: &RANGES,
        fixed: KEYS,
        some: true,
    };
    document(
        "Opening hours",
        "When somebody is open: by weekday (`mon`, `mon-fri`), and on dates that differ. Flows read them by the file's \
         name: `hours.office.open`.",
        Shape::Names(week).schema(),
        Vec::<Definition>::new(),
    )
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A line of TOML for each key, and the reader's word for where it stands.
    pub fn examples() -> Vec<String> {
        let dated = DATED.iter().filter(|key| key.name != DATED_OPEN.name);
        let dated = dated.map(|key| key.example).collect::<Vec<_>>().join(", ");
        let top = KEYS.iter().filter(|key| key.name != ZONE.name);
        top.map(|key| key.example.to_owned())
            .chain([
                format!("days.\"2027-01-01\" = {{ {dated} }}"),
                format!("days.\"2027-01-02\" = {{ {} }}", DATED_OPEN.example),
            ])
            .collect()
    }
}
