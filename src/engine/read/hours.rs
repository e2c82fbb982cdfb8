//! Opening hours that a flow reads: `hours.office.open`. A file is read when the flow names it first.

use std::ops::Range;
use std::sync::Arc;

use super::super::expression::{HoursAt, HoursPart, Name};
use super::Checker;
use crate::hours::{Hours, read};
use crate::written::diag::nearest;
use crate::written::{Code, Explain};

/// What names of opening hours begin with.
pub const HOURS: &str = "hours";

/// Where hours are written down.
const FOLDER: &str = "config/hours";

impl Checker<'_> {
    /// What `hours.<rest>` means.
    pub(super) fn hours_part(
        &mut self,
        name: &str,
        rest: &str,
        span: Range<usize>,
    ) -> Option<Name> {
        let (whose, part) = rest.split_once('.').unwrap_or((rest, ""));
        let Some(at) = self.hours_named(whose) else {
            let help = self.hours_like(whose);
            let message = match whose {
                "" => "`hours` alone is no value".to_owned(),
                whose => format!("no hours are named `{whose}`"),
            };
            self.fault(Code::HoursUnknown, span, message).help(help);
            return None;
        };
        let Some(part) = HoursPart::named(part) else {
            let near = nearest(part, HoursPart::names());
            let help = near.map_or_else(
                || {
                    let all: Vec<String> = HoursPart::usages().collect();
                    format!("`hours.{whose}` has {}", all.join(", "))
                },
                |near| format!("did you mean `hours.{whose}.{near}`?"),
            );
            self.fault(Code::NameUnknown, span, format!("`{name}` is not known"))
                .help(help);
            return None;
        };
        self.decides_nothing(at, part, span);
        Some(Name::Hours(at, part))
    }

    /// The place of hours that a flow names by themselves, outside of any expression.
    pub(in crate::engine) fn hours_of(
        &mut self,
        name: &str,
        span: Range<usize>,
    ) -> Option<HoursAt> {
        let at = self.hours_named(name);
        if at.is_none() {
            let help = self.hours_like(name);
            let message = format!("no hours are named `{name}`");
            self.fault(Code::HoursUnknown, span, message).help(help);
        }
        at
    }

    /// The place of hours among those that the flow reads.
    fn hours_named(&mut self, name: &str) -> Option<HoursAt> {
        let known = self.hours.iter().position(|(known, _)| known == name);
        let at = known.unwrap_or(self.hours.len());
        if known.is_none() {
            let bundle = self.bundle;
            let file = bundle.hours.iter().find(|file| file.name == name)?;
            let hours = match read(&file.file, &file.source) {
                Ok(hours) => Some(Arc::new(hours)),
                Err(diags) => {
                    self.diags.extend(diags);
                    None
                }
            };
            self.hours.push((name.to_owned(), hours));
        }
        HoursAt::try_from(at).ok()
    }

    /// Which hours may be meant that nobody has written down.
    fn hours_like(&self, name: &str) -> String {
        let known = || self.bundle.hours.iter().map(|file| file.name.as_str());
        if let Some(near) = self.near(name, known()) {
            return format!("did you mean `hours.{near}`?");
        }
        let known: Vec<String> = known().map(|name| format!("`{name}`")).collect();
        match (known.as_slice(), name) {
            ([], "") => format!(
                "hours stand in a file of their own: `{FOLDER}/office.toml` is `hours.office.open`"
            ),
            ([], name) => format!("write them down in `{FOLDER}/{name}.toml`"),
            (known, _) => format!("there are {} in `{FOLDER}`", known.join(", ")),
        }
    }

    /// Warns of what hours say that never change.
    fn decides_nothing(&mut self, at: HoursAt, part: HoursPart, span: Range<usize>) {
        let (name, hours) = &self.hours[usize::from(at)];
        let Some(open) = hours.as_ref().and_then(|hours| hours.never_changes()) else {
            return;
        };
        let how = if open {
            "open day and night"
        } else {
            "never open"
        };
        let what = match part {
            HoursPart::Open | HoursPart::OpenOn | HoursPart::OpenAt => "this decides nothing",
            HoursPart::Opens | HoursPart::Closes => "there is no such moment",
            HoursPart::Note => return,
        };
        let message = format!("`{name}` is {how}: {what}");
        self.fault(Code::HoursNeverChange, span, message)
            .help("give its file weekdays and ranges, such as `mon-fri = \"08:00-17:30\"`");
    }

    /// Whether hours open and close again and again.
    pub(super) fn always_changes(&self, at: HoursAt) -> bool {
        let hours = self.hours.get(usize::from(at));
        let hours = hours.and_then(|(_, hours)| hours.as_ref());
        hours.is_none_or(|hours| hours.always_changes())
    }

    /// The hours that the flow reads, where all of their files are sound.
    pub(in crate::engine) fn take_hours(&mut self) -> Option<Vec<(String, Arc<Hours>)>> {
        let hours = std::mem::take(&mut self.hours).into_iter();
        hours.map(|(name, hours)| Some((name, hours?))).collect()
    }
}
