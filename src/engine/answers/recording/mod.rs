//! `recording`: what the caller says. No caller enters it: a step with `record` fills it.

mod keys;

use std::ops::Range;
use std::sync::Arc;

use super::kind::{Kind, by_itself};
use crate::engine::answer::{Answer, RecordingTimes};
use crate::engine::expression::Type;
use crate::engine::keys::shared::KEEP;
use crate::engine::value::Value;
use crate::written::{Code, Explain, Faults, Item, Table};

pub(super) const KIND: Kind = Kind {
    name: "recording",
    doc: include_str!("README.md"),
    example: include_str!("example.toml"),
    calls: include_str!("calls.toml"),
    key: keys::KEY,
    bare: false,
    is_entered: false,
    is_secret: false,
    beside: &[KEEP.key.required()],
    parse,
    spoken_by: by_itself,
};

#[derive(Debug)]
struct Recorded(RecordingTimes);

fn parse(
    item: Option<Item<'_>>,
    at: Range<usize>,
    promise: Option<&Table<'_>>,
    check: &mut dyn Faults,
) -> Option<Arc<dyn Answer>> {
    let (low, high) = keys::LONGEST;
    let what = "`recording` must be how long it may be, such as \"110s\"";
    let longest = item.map(|item| item.seconds(check, what, low..=high));
    let keep = promise.and_then(|promise| KEEP.find(promise, check));
    let is_said = promise.is_some_and(|promise| promise.peek(KEEP.key.name).is_some());
    if !is_said {
        let message = "nothing says how long this recording is kept".to_owned();
        check
            .fault(Code::RecordingNotKept, at, message)
            .help("write `{ recording = \"110s\", keep = \"30d\" }`");
    }
    let is_sensitive = |promise: &&Table<'_>| {
        let sensitive = promise.peek("sensitive");
        sensitive.is_some_and(|item| item.value.as_bool() == Some(true))
    };
    if let Some(item) = promise
        .filter(is_sensitive)
        .and_then(|promise| promise.peek("sensitive"))
    {
        let message = "a recording cannot be kept from the carrier, who makes it".to_owned();
        check
            .fault(Code::RecordingMisused, item.key_span(), message)
            .help("leave `sensitive` out, and let callers enter what is secret by an `ask`");
    }
    let (keep, _) = keep?;
    let longest = longest??;
    Some(Arc::new(Recorded(RecordingTimes { longest, keep })))
}

impl Answer for Recorded {
    fn describe(&self) -> String {
        format!("a recording of {} s at most", self.0.longest)
    }

    fn type_of(&self) -> Type {
        Type::Recording
    }

    fn length(&self) -> (u32, u32) {
        (0, 0)
    }

    fn example(&self) -> String {
        String::new()
    }

    fn check(&self, _: &str) -> Option<Value> {
        None
    }

    fn accepts(&self, value: &Value) -> bool {
        matches!(value, Value::Recording(_))
    }

    fn recording(&self) -> Option<RecordingTimes> {
        Some(self.0)
    }
}
