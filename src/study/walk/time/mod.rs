//! The caller's time: how long calls take, how soon a caller hears what to press, and what it costs.
//!
//! **Calls.** Every call counts that ends by itself and goes back once at most: those with `back`, `repeat`, a caller who
//! hangs up or a carrier that fails do not. A way back is one to a step that the call has been at.
//!
//! - The **shortest** call cuts off every prompt that a key may cut off, with the shortest entry that is legal; a caller
//!   who must give up does so by wrong keys, or by the key alone that ends an entry; nobody lets it ring.
//! - The **longest** call hears everything, misses every question as often as it may be missed and goes on then, each
//!   miss being the one that takes longest; entries are the longest that are legal, and end by silence where the number
//!   of their keys does not end them; where the call is handed on, it rings as long as it may.
//! - The **typical** call is one that goes well: at each question the caller hears everything and goes the good way
//!   (`good_way`, the line that `graph` draws), with an example of what may be entered. It is played by the engine, so that
//!   conditions come out as they do; where that is another way, the call goes on from there as well as it can. It ends
//!   where there is no such way.
//!
//! A key takes half a second, as in test calls; talking to somebody takes no time, since nobody can know how much. A hole
//! in a text lasts as long as the longest (shortest) of its values: all values of an answer if they are few, else an
//! example, the shortest and the longest entry; for a variable, all that the flow writes into it. An expression is tried
//! with each of these, one name at a time. If there are several languages, the slowest (fastest) counts; the typical call
//! is in the one that calls begin in.
//!
//! **The first key.** How long a caller who knows nothing hears, from the beginning of the call, until the first
//! question has named a key of its own; to the end of its prompt where no key is heard as such: an `ask`, a recording, a
//! number in words. If there are several first questions, or ways to one, the slowest counts.
//!
//! **Words and size.** From one wait (a question, or the call handed on) to the next, or to the end, everything that is
//! heard is one reply: its words are counted together, and so are its bytes.

mod budgets;
mod path;
mod question_time;
mod said;
mod side;
mod step_time;
mod stretch;
mod sweep;
mod typical;

#[cfg(test)]
mod tests;

use std::time::Duration;

use self::path::path;
pub(super) use self::side::Side;
pub(super) use self::step_time::StepTimes;
use self::stretch::Stretches;
use self::sweep::{Sweep, order_of};
use super::map::Map;
use crate::engine::diag::ExampleStep;
use crate::engine::flow::Flow;
use crate::engine::ids::StepId;
use crate::engine::prompt::Prompt;
use crate::study::order::DepthOrder;
use crate::twiml::Pace;

/// How long a caller takes from a question, or a key, to the next key, as in a test call.
const KEY: Duration = Duration::from_millis(500);

/// What calls cost.
#[derive(Clone, Debug, PartialEq)]
pub struct Prices {
    /// What all prices are in, such as `EUR`.
    pub currency: String,
    /// A minute of the caller's leg, started.
    pub minute: f64,
    /// A minute of a leg on which somebody answered, started.
    pub answered_minute: f64,
    /// A hundred characters that a neural voice says.
    pub neural_hundred: f64,
    /// A segment of an SMS.
    pub sms_segment: f64,
}

/// How a call ends. If several fit, the last of this list counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ending {
    /// The flow ends it, or leaves for other TwiML, and nothing was handed over.
    Nothing,
    /// What was answered until then was handed over, as it was.
    Partial,
    /// Everything that is promised was handed over.
    Submitted,
    /// Somebody was reached.
    Person,
    /// An apology: the flow knew no way for a caller out of attempts.
    Apology,
}

impl Ending {
    /// Every ending.
    pub const ALL: [Self; 5] = [
        Self::Submitted,
        Self::Partial,
        Self::Person,
        Self::Nothing,
        Self::Apology,
    ];

    /// Its name, for machines.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Partial => "partial",
            Self::Submitted => "submitted",
            Self::Person => "person",
            Self::Apology => "apology",
        }
    }
}

/// One call.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Length {
    /// How long it takes.
    pub lasts: Duration,
    /// The steps that it comes to, in order.
    pub steps: Vec<StepId>,
    /// The step that takes most of it, and how long; unknown for a typical call.
    pub slowest: Option<(StepId, Duration)>,
    /// Requests that it makes, the first one included.
    pub turns: u32,
    /// What the carrier sends with its start, of what the flow reads, by its names; empty for what it does not send.
    pub fields: Vec<(String, String)>,
    /// What is done in it.
    pub acts: Vec<ExampleStep>,
    /// Characters that a neural voice says.
    pub neural: u64,
    /// How often the call was handed on and somebody answered.
    pub answered: u32,
    /// Segments of the SMS that are sent in it.
    pub segments: usize,
}

impl Prices {
    /// An amount as people read it: as many places as it needs, from two to four.
    pub fn told(&self, amount: f64) -> String {
        let text = format!("{amount:.4}");
        let rest = text.trim_end_matches('0');
        let places = rest.rsplit('.').next().map_or(0, str::len).max(2);
        format!("{amount:.places$} {}", self.currency)
    }
}

impl Length {
    /// What it costs: minutes of each leg as they are started, a talk counting as one, and each segment of an SMS.
    pub fn cost(&self, prices: &Prices) -> f64 {
        let minutes = self.lasts.as_millis().div_ceil(60_000).max(1) as f64;
        let neural = self.neural as f64 / 100.0;
        minutes * prices.minute
            + f64::from(self.answered) * prices.answered_minute
            + neural * prices.neural_hundred
            + self.segments as f64 * prices.sms_segment
    }

    /// With the SMS of its steps, in the language in which each is longest.
    fn with_texts(mut self, flow: &Flow) -> Self {
        let texts = self.steps.iter();
        let texts = texts.filter_map(|step| flow.step(*step).action.texts());
        self.segments = texts.map(Prompt::most_parts).sum();
        self
    }
}

/// The shortest and the longest call that end in one way.
#[derive(Clone, Debug, PartialEq)]
pub struct Span {
    /// How they end.
    pub ending: Ending,
    /// The shortest.
    pub shortest: Length,
    /// The longest.
    pub longest: Length,
}

/// How much of their callers' time calls on a flow take.
#[derive(Clone, Debug, PartialEq)]
pub struct Time {
    /// By how calls end, in the order of [`Ending::ALL`]; only the ways that there are.
    pub spans: Vec<Span>,
    /// The typical call, and how it ends.
    pub typical: (Length, Ending),
    /// Until the first key is named, and by which question; none where the flow does not begin with a question.
    pub first_key: Option<(StepId, Duration)>,
    /// The menu with the most keys of its own, and how many.
    pub fullest_menu: Option<(StepId, usize)>,
    /// The step at which the most words were heard in one go, and how many.
    pub most_words: Option<(StepId, u64)>,
    /// The step whose reply is largest, and its bytes.
    pub largest: Option<(StepId, u64)>,
    /// Whether the flow was too large for its conditions to be distinguished, so that calls may be counted that cannot be.
    pub is_rough: bool,
}

impl Time {
    /// The longest of all calls.
    pub fn longest(&self) -> Option<&Length> {
        self.spans
            .iter()
            .map(|span| &span.longest)
            .max_by_key(|length| length.lasts)
    }

    /// The shortest of all calls.
    pub fn shortest(&self) -> Option<&Length> {
        self.spans
            .iter()
            .map(|span| &span.shortest)
            .min_by_key(|length| length.lasts)
    }
}

/// Works out what calls on a flow take.
pub fn time(flow: &Flow, pace: &dyn Pace) -> Time {
    let map = Map::draw(flow);
    let times = StepTimes::measure(flow, pace, Side::Longest);
    let order = order_of(&map);
    let stretches = Stretches::of(&map, &times, &order);
    of_map(&map, &times, &order, &stretches, pace)
}

fn of_map(
    map: &Map<'_>,
    times: &StepTimes,
    order: &DepthOrder,
    stretches: &Stretches,
    pace: &dyn Pace,
) -> Time {
    let lengths = |times: &StepTimes, side| {
        let sweep = Sweep::over(map, times, order, side);
        Ending::ALL.map(|ending| {
            sweep
                .has(ending)
                .then(|| path(&sweep, ending).with_texts(map.flow))
        })
    };
    let shortest = lengths(
        &StepTimes::measure(map.flow, pace, Side::Shortest),
        Side::Shortest,
    );
    let both = shortest.into_iter().zip(lengths(times, Side::Longest));
    let spans = Ending::ALL
        .into_iter()
        .zip(both)
        .filter_map(|(ending, (shortest, longest))| {
            Some(Span {
                ending,
                shortest: shortest?,
                longest: longest?,
            })
        });
    let (typical, ending) = typical::play(map, pace);
    Time {
        spans: spans.collect(),
        typical: (typical.with_texts(map.flow), ending),
        first_key: stretches.first_key(),
        fullest_menu: times.fullest_menu(map),
        most_words: stretches.most_words(),
        largest: stretches.largest(),
        is_rough: map.stopped_at.is_some(),
    }
}

/// Half words as people count them.
fn words(half_words: u64) -> u64 {
    half_words.div_ceil(2)
}

/// A time as people read it: `8.4 s`, `1 min 20 s`, `1 h 2 min`.
pub fn told(lasts: Duration) -> String {
    let (seconds, minutes) = (lasts.as_millis().div_ceil(1_000), lasts.as_secs() / 60);
    match () {
        () if lasts < Duration::from_secs(10) && lasts.subsec_millis() >= 50 => {
            format!("{:.1} s", lasts.as_secs_f64())
        }
        () if seconds < 60 => format!("{seconds} s"),
        () if minutes < 60 && seconds % 60 == 0 => format!("{} min", seconds / 60),
        () if minutes < 60 => format!("{} min {} s", seconds / 60, seconds % 60),
        () if minutes % 60 == 0 => format!("{} h", minutes / 60),
        () => format!("{} h {} min", minutes / 60, minutes % 60),
    }
}
