//! Reads a `dial`.

use super::super::super::outcome_ways::{OutcomeWays, Rest};
use super::super::super::read::{Checker, Endings, number_literal};
use super::super::super::step::Step;
use super::callee::Callee;
use super::outcomes::{self, DECLINED};
use super::plan::{Plan, Ring};
use super::talk_recording::TalkRecording;
use super::whisper::Whisper;
use super::{Dial, Manner, keys};
use crate::written::diag::nearest;
use crate::written::{Code, Explain, Item, Table};

/// The most who are called by one step, which is as many as the carrier calls at once.
const MOST: usize = 10;

/// The outcome that never comes without a key by which the call can be turned down.
const NEVER: [(&str, &str); 1] = [(DECLINED.name, keys::DECLINE.name)];

pub(super) fn parse(
    item: Item<'_>,
    table: &Table<'_>,
    check: &mut Checker,
) -> Option<Box<dyn Step>> {
    let callees = callees(item, check);
    let manner = Manner::parse(table, check);
    let whisper = Whisper::parse(table, check);
    let is_list = item.entries().is_some();
    let plan = plan(is_list, callees.as_ref().map_or(1, Vec::len), table, check);
    let can_decline = whisper.as_ref().is_some_and(Whisper::can_decline);
    let endings = Endings {
        rest: Rest::Next,
        never: if can_decline { &[] } else { &NEVER },
        ..Endings::of(outcomes::possible(can_decline))
    };
    let ways = OutcomeWays::parse(endings, table, check);
    let recording = TalkRecording::parse(callees.as_deref().unwrap_or_default(), table, check);
    let (callees, ways) = (callees?, ways?);
    let dial = Dial {
        facts: outcomes::facts(callees.iter().map(Callee::written), recording.is_some()),
        recording,
        callees,
        is_list,
        plan,
        whisper,
        manner,
        ways,
    };
    check_legs(&dial, table, check);
    Some(Box::new(dial))
}

/// Who is called: one, or those of a list.
fn callees(item: Item<'_>, check: &mut Checker) -> Option<Vec<Callee>> {
    let entries = item.entries();
    let Some(entries) = entries else {
        return Some(vec![Callee::parse(item, check)?]);
    };
    let count = entries.len();
    let (message, help) = match count {
        0 => (
            "nobody is called: the list is empty".to_owned(),
            "name a contact: `dial = [\"desk\"]`",
        ),
        1..=MOST => (String::new(), ""),
        _ => (
            format!("{count} are called, and {MOST} can be"),
            "part them into two steps, and lead `on.unanswered` of the first to the second",
        ),
    };
    if !message.is_empty() {
        check
            .fault(Code::CalleesIllegal, item.span(), message)
            .help(help);
        return None;
    }
    let read: Vec<Option<Callee>> = entries
        .into_iter()
        .map(|entry| Callee::parse(entry, check))
        .collect();
    let callees: Vec<Callee> = read.into_iter().collect::<Option<_>>()?;
    if let Some(alone) = callees.iter().find(|callee| !callee.is_leg()) {
        check
            .fault(
                Code::CalleesIllegal,
                alone.span(),
                "nobody else can ring beside a conference or a queue".to_owned(),
            )
            .help("dial it alone, in a step of its own");
        return None;
    }
    Some(callees)
}

/// The order and the times.
fn plan(is_list: bool, callees: usize, table: &Table<'_>, check: &mut Checker) -> Plan {
    let ring = match table.get(keys::RING.name) {
        None => Ring::Together,
        Some(item) => match item.value.as_str() {
            Some("together") => Ring::Together,
            Some("in_turn") => Ring::InTurn,
            _ => {
                check
                    .fault(
                        Code::ValueWrongType,
                        item.span(),
                        "`ring` is `together` or `in_turn`".to_owned(),
                    )
                    .help("write `ring = \"in_turn\"` for one after the other");
                Ring::Together
            }
        },
    };
    let within = keys::WITHIN.find(table, check).map(|(within, _)| within);
    let rounds = keys::ROUNDS.read(table, check);
    if !is_list {
        for key in [keys::RING, keys::WITHIN.key, keys::ROUNDS.key] {
            if let Some(item) = table.peek(key.name) {
                let message = format!("`{}` says nothing where one is called", key.name);
                check
                    .fault(Code::DialKeyIdle, item.key_span(), message)
                    .help("call several, `dial = [\"amy\", \"bo\"]`, or leave it out");
            }
        }
    }
    Plan {
        ring,
        callees: u16::try_from(callees).unwrap_or(u16::MAX),
        rounds: u16::try_from(rounds).unwrap_or(1),
        timeout: keys::TIMEOUT.read(table, check),
        within: within.filter(|_| is_list),
    }
}

impl Manner {
    fn parse(table: &Table<'_>, check: &mut Checker) -> Self {
        let caller_id = table
            .get(keys::CALLER_ID.name)
            .and_then(|item| number_literal(item, check).map(str::to_owned));
        Self {
            time_limit: keys::TIME_LIMIT.read(table, check),
            caller_id,
            ring_tone: table
                .get(keys::RING_TONE.name)
                .and_then(|item| tone(item, check)),
            hangup_on_star: keys::HANGUP_ON_STAR.read(table, check),
            answer_on_bridge: keys::ANSWER_ON_BRIDGE.read(table, check),
        }
    }
}

/// The country of a ring tone.
fn tone(item: Item<'_>, check: &mut Checker) -> Option<String> {
    let text = item.text(check, "`ring_tone` must be a country, such as \"uk\"")?;
    if !keys::TONES.contains(&text) {
        let help = nearest(text, keys::TONES).map_or_else(
            || format!("there are {}", keys::TONES.join(", ")),
            |near| format!("did you mean `{near}`?"),
        );
        check
            .fault(
                Code::ValueWrongType,
                item.span(),
                format!("the carrier has no ring tone `{text}`"),
            )
            .help(help);
        return None;
    }
    Some(text.to_owned())
}

/// Reports what makes no sense with those who are called.
fn check_legs(dial: &Dial, table: &Table<'_>, check: &mut Checker) {
    let is_leg = dial.callees.iter().all(Callee::is_leg);
    for key in [keys::WHISPER, keys::ACCEPT, keys::DECLINE] {
        if let Some(item) = table.peek(key.name).filter(|_| !is_leg) {
            let message = format!(
                "`{}` says nothing: nobody answers a conference or a queue",
                key.name
            );
            check
                .fault(Code::DialKeyIdle, item.key_span(), message)
                .help("leave it out");
        }
    }
    let demands_key = dial.whisper.as_ref().is_some_and(Whisper::demands_key);
    let at_once = dial.plan.ring == Ring::Together && dial.callees.len() > 1;
    if let Some(item) = table
        .peek(keys::ACCEPT.name)
        .filter(|_| demands_key && at_once)
    {
        check
            .fault(
                Code::AcceptTogether,
                item.key_span(),
                "the first to answer ends the ringing of all, even a mailbox that presses nothing"
                    .to_owned(),
            )
            .help("call them one after the other: `ring = \"in_turn\"`");
    }
}
