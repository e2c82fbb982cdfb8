//! A fault in what an author wrote: plain data with a stable code, a place and a way out.

use std::borrow::BorrowMut;
use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use super::act::CallerAct;
use super::code::Code;

/// How bad a fault is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The flow cannot go into service.
    Error,
    /// It can, but somebody should look.
    Warning,
    /// It may be one, and no call was found that shows it.
    Note,
}

/// A place in a file: bytes from its beginning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file, as the author knows it.
    pub file: Arc<str>,
    /// The bytes meant; may be empty.
    pub span: Range<usize>,
}

/// One fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diag {
    /// What kind of fault it is.
    pub code: Code,
    /// How bad it is: as its code says, or as the settings want it.
    pub severity: Severity,
    /// Where it is.
    pub at: Place,
    /// What is wrong, lower case, names in backticks.
    pub message: String,
    /// What would be right.
    pub help: Option<String>,
    /// A second place that belongs to it, and what it is.
    pub also: Option<(Place, String)>,
    /// The shortest call that shows it, where it takes a call to see it.
    pub call: Option<Example>,
}

/// A call that shows a fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    /// What the carrier sends with its start, of what the flow reads, by its names; empty for what it does not send.
    pub fields: Vec<(String, String)>,
    /// How a call comes to it: what is done, step by step.
    pub acts: Vec<ExampleStep>,
    /// What is done then, so that it can be seen.
    pub then: Vec<ExampleStep>,
    /// What is seen.
    pub shows: Shows,
    /// When the call is made, where that matters, as a test call says it.
    pub at: Option<String>,
}

/// What a call shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shows {
    /// A step that cannot be done.
    Failure,
    /// A name that is read and not set.
    Unset,
    /// That it goes on.
    NoEnd,
    /// That a backend gets an answer.
    Survivor {
        /// The backend.
        backend: String,
        /// The answer.
        answer: String,
    },
    /// That an answer is still set, and in no entry of its list, when a backend gets the list.
    LeftOver {
        /// The backend.
        backend: String,
        /// The answer.
        answer: String,
    },
    /// That it does not come to this step.
    NotReached(String),
    /// That it takes longer than so many seconds, whoever it is handed on to letting it ring as long as may be.
    Longer(u64),
    /// What it costs, which no test tells.
    Cost,
    /// That it comes to this step.
    Comes(String),
}

/// What happens at one step of such a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExampleStep {
    /// The step, which waits for it.
    pub step: String,
    /// What happens.
    pub event: StepEvent,
}

/// What happens at a step that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StepEvent {
    /// The caller answers, or does not.
    Acts(CallerAct),
    /// What the call waits for while it is handed on comes to an end.
    Came {
        /// The key below `[world]` of a test call that says so; nothing where only a call knows whom it reaches out to.
        key: Option<String>,
        /// How it ends, in the flow's word.
        outcome: &'static str,
        /// Whether that is what the author wishes for.
        is_good: bool,
    },
    /// The carrier cannot carry out what it was told.
    Refused,
    /// The caller hangs up.
    HangUp,
    /// The caller hangs up while the call is handed on, and the carrier asks for nothing more. Mostly it does ask, and the
    /// call first goes the way of an outcome.
    HangUpAway,
}

impl StepEvent {
    /// The caller does nothing until the time is over.
    pub const SILENT: Self = Self::Acts(CallerAct::Silent);

    /// The caller presses these keys.
    pub fn press(keys: impl Into<String>) -> Self {
        Self::Acts(CallerAct::Press(keys.into()))
    }
}

impl Diag {
    /// A fault at a place, as bad as its code says.
    pub fn new(code: Code, at: Place, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: code.severity(),
            at,
            message: message.into(),
            help: None,
            also: None,
            call: None,
        }
    }
}

/// What is added to a fault, be it still at hand or noted already.
pub trait Explain: BorrowMut<Diag> + Sized {
    /// With a way out.
    fn help(mut self, help: impl Into<String>) -> Self {
        self.borrow_mut().help = Some(help.into());
        self
    }

    /// With a second place, and what it is.
    fn also(mut self, at: Place, label: impl Into<String>) -> Self {
        self.borrow_mut().also = Some((at, label.into()));
        self
    }

    /// With a call that shows it.
    fn shown_by(mut self, call: Example) -> Self {
        self.borrow_mut().call = Some(call);
        self
    }
}

impl Explain for Diag {}
impl Explain for &mut Diag {}

/// The most faults of a file that are told: nobody reads more before mending some.
pub const MOST: usize = 200;

/// The first faults of a file, errors before warnings where there are too many, and how many more there are.
pub fn bounded(mut diags: Vec<Diag>) -> Vec<Diag> {
    let Some(left @ 1..) = diags.len().checked_sub(MOST) else {
        return diags;
    };
    let errors = diags
        .iter()
        .filter(|diag| diag.severity == Severity::Error)
        .count();
    let (mut errors, mut warnings) = (MOST.min(errors), MOST.saturating_sub(errors));
    diags.retain(|diag| {
        let room = if diag.severity == Severity::Error {
            &mut errors
        } else {
            &mut warnings
        };
        let fits = *room > 0;
        *room = room.saturating_sub(1);
        fits
    });
    let last = diags
        .last()
        .map(|diag| diag.at.clone())
        .expect("so many are left");
    diags.push(
        Diag::new(
            Code::FaultsTooMany,
            last,
            format!("{left} more are not told"),
        )
        .help("mend these first"),
    );
    diags
}

/// Faults of a name: where a line has the name twice, it is one mistake.
const OF_NAMES: [Code; 5] = [
    Code::FilterUnknown,
    Code::NameMayBeUnset,
    Code::NameUnknown,
    Code::SensitiveTold,
    Code::TestUnknown,
];

/// The faults of a file without those of a name that its line has already.
pub fn once_a_line(diags: Vec<Diag>, file: &str, text: &str) -> Vec<Diag> {
    let mut seen = HashSet::new();
    let ends: Vec<usize> = text.match_indices('\n').map(|(at, _)| at).collect();
    let mut is_new = |diag: &Diag| {
        let line = ends.partition_point(|end| *end < diag.at.span.start);
        *diag.at.file != *file
            || !OF_NAMES.contains(&diag.code)
            || seen.insert((line, diag.code, diag.message.clone()))
    };
    diags.into_iter().filter(|diag| is_new(diag)).collect()
}

/// The line and column, both from 1 and counted in characters, of a byte of a text.
pub fn line_and_column(text: &str, offset: usize) -> (usize, usize) {
    let before = &text.as_bytes()[..offset.min(text.len())];
    let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
    let start = before
        .iter()
        .rposition(|byte| *byte == b'\n')
        .map_or(0, |at| at + 1);
    (
        line,
        String::from_utf8_lossy(&before[start..]).chars().count() + 1,
    )
}

/// The known name that is nearest to a mistyped one, if any is near enough to be meant; never the very same.
///
/// Another case, `-`, `_` and spaces make no difference. The first letter of a short name is seldom mistyped, so that
/// `end` is not taken for `send`.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = (name.chars().count() / 3).max(1);
    let folded = folded(name);
    known
        .into_iter()
        .filter(|other| *other != name)
        .map(|other| {
            let is_same = self::folded(other) == folded;
            let distance = if is_same {
                0
            } else {
                strsim::damerau_levenshtein(name, other)
            };
            (distance, other)
        })
        .filter(|(distance, other)| {
            *distance <= limit && (*distance == 0 || begin_alike(name, other))
        })
        .min()
        .map(|(_, other)| other)
}

/// A name without what people mix up: its case, and what parts its words.
fn folded(name: &str) -> String {
    let letters = name
        .chars()
        .filter(|letter| !matches!(letter, '-' | '_' | ' '));
    letters.flat_map(char::to_lowercase).collect()
}

/// Whether two names begin with the same letter, or with two that are swapped, or are long.
fn begin_alike(name: &str, other: &str) -> bool {
    let mut letters = name.chars().map(|letter| letter.to_ascii_lowercase());
    let mut others = other.chars().map(|letter| letter.to_ascii_lowercase());
    let (first, second) = (letters.next(), letters.next());
    let (other_first, other_second) = (others.next(), others.next());
    name.chars().count() > 4
        || first == other_first
        || (first, second) == (other_second, other_first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_count_from_one_in_characters() {
        assert_eq!(line_and_column("a\nüb", 0), (1, 1));
        assert_eq!(line_and_column("a\nüb", 4), (2, 2));
        assert_eq!(line_and_column("", 9), (1, 1));
    }

    #[test]
    fn what_a_line_has_twice_is_reported_once() {
        let text = "{{ a }} {{ a }}\n{{ a }}";
        let diag = |file: &str, at: usize, message: &str| {
            let at = Place {
                file: file.into(),
                span: at..at + 1,
            };
            Diag::new(Code::NameUnknown, at, message)
        };
        let all = vec![
            diag("a", 3, "a"),
            diag("a", 11, "a"),
            diag("a", 11, "b"),
            diag("a", 19, "a"),
            diag("b", 11, "a"),
        ];
        let kept = once_a_line(all.clone(), "a", text);
        assert_eq!(kept, [&all[..1], &all[2..]].concat());
    }

    #[test]
    fn of_too_many_faults_errors_are_told_first_and_the_others_counted() {
        let diag = |nth: usize| {
            let at = Place {
                file: "a".into(),
                span: nth..nth,
            };
            if nth.is_multiple_of(4) {
                Diag::new(Code::TargetUnknown, at, "e")
            } else {
                Diag::new(Code::NameMayBeUnset, at, "w")
            }
        };
        let few: Vec<Diag> = (0..MOST).map(diag).collect();
        assert_eq!(bounded(few.clone()), few);
        let told = bounded((0..2 * MOST).map(diag).collect());
        assert_eq!(told.len(), MOST + 1);
        assert_eq!(
            told.iter()
                .filter(|diag| diag.code == Code::TargetUnknown)
                .count(),
            MOST / 2
        );
        assert!(told[..MOST].is_sorted_by_key(|diag| diag.at.span.start));
        assert_eq!(told[MOST].message, format!("{MOST} more are not told"));
        let told = bounded((0..8 * MOST).map(diag).collect());
        assert!(
            told[..MOST]
                .iter()
                .all(|diag| diag.code == Code::TargetUnknown)
        );
    }

    #[test]
    fn the_nearest_name_is_offered_only_when_it_is_near() {
        assert_eq!(nearest("wieght", ["hour", "weight"]), Some("weight"));
        assert_eq!(nearest("zzz", ["hour", "weight"]), None);
        assert_eq!(nearest("end", ["send", "hour"]), None);
        assert_eq!(nearest("hour", ["hour", "hours"]), Some("hours"));
        assert_eq!(nearest("Hang up", ["hangup", "back"]), Some("hangup"));
        assert_eq!(nearest("aks", ["ask", "say"]), Some("ask"));
    }
}
