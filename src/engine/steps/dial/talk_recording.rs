//! What is recorded while they talk, and how long that is kept.

use std::time::Duration;

use super::super::super::keys::shared::KEEP;
use super::super::super::read::Checker;
use super::super::super::turn::TalkTrack;
use super::callee::Callee;
use super::keys;
use crate::written::{Code, Explain, Item, Table};

/// A talk that is recorded. The recording begins when somebody answers (Twilio, `record` of Dial) and ends with the dial, so no
/// question to the caller and no sensitive entry can be in it: what whoever answers hears before the two are connected is
/// words, and no words may say a sensitive answer.
#[derive(Clone, Copy, Debug)]
pub(super) struct TalkRecording {
    /// Whose words.
    pub who: TalkTrack,
    /// How long the carrier keeps it at most.
    pub keep: Duration,
}

impl TalkRecording {
    /// Reads `recorded` and `keep`; `None` where there are none. `callees` are those who are called, as far as they can be
    /// read.
    pub fn parse(callees: &[Callee], table: &Table<'_>, check: &mut Checker) -> Option<Self> {
        let item = table.get(keys::RECORDED.name);
        let keep = KEEP.find(table, check);
        let is_kept = table.peek(KEEP.key.name);
        match (item, is_kept) {
            (None, Some(keep)) => {
                check
                    .fault(
                        Code::DialKeyIdle,
                        keep.key_span(),
                        "`keep` says nothing: nothing is recorded".to_owned(),
                    )
                    .help("say who is, `recorded = \"both\"`, or leave it out");
            }
            (Some(item), None) => {
                check
                    .fault(
                        Code::RecordingNotKept,
                        item.span(),
                        "nothing says how long this recording is kept".to_owned(),
                    )
                    .help("add `keep = \"30d\"`");
            }
            (None, None) | (Some(_), Some(_)) => {}
        }
        let item = item?;
        let who = who(item, check);
        if callees.iter().any(Callee::is_conference) {
            check
                .fault(
                    Code::RecordingMisused,
                    item.span(),
                    "a conference is not recorded by those who come into it".to_owned(),
                )
                .help("leave `recorded` out");
        }
        let (keep, _) = keep?;
        Some(Self { who: who?, keep })
    }
}

fn who(item: Item<'_>, check: &mut Checker) -> Option<TalkTrack> {
    let who = match item.value.as_str() {
        Some("both") => TalkTrack::Both,
        Some("caller") => TalkTrack::Caller,
        Some("agent") => TalkTrack::Agent,
        _ => {
            check
                .fault(
                    Code::ValueWrongType,
                    item.span(),
                    "`recorded` is `both`, `caller` or `agent`".to_owned(),
                )
                .help("write `recorded = \"both\"`");
            return None;
        }
    };
    Some(who)
}
