//! What the world answers: `[world]` of a test call, and a file of the same keys.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use toml::de::DeTable;

use super::reader::Reader;
use crate::phone::{DialAnswer, DialAnswers, Presses, Unforeseen, World, contact, step};
use crate::twilio::DialStatus;
use crate::written::diag::{Diag, nearest};
use crate::written::number::canonical;
use crate::written::{Code, Explain, Faults, Item, Table, is_name, syntax};

/// What may become of a dialled number, in the words of flows.
pub(super) const OUTCOMES: [&str; DialStatus::ENDS.len() + 1] = {
    let mut names = [DECLINED; DialStatus::ENDS.len() + 1];
    let mut at = 0;
    while at < DialStatus::ENDS.len() {
        names[at] = DialStatus::ENDS[at].0.outcome();
        at += 1;
    }
    names
};

/// Somebody answers, and turns the call down.
const DECLINED: &str = "declined";

/// The key for whom a call is connected to.
const DIAL: &str = "dial";
/// The key below that of contacts.
const CONTACT: &str = "contact";
/// The key of how long recordings last.
const AUDIO: &str = "audio";

/// The key below `[world]` that says what comes of a verb, if it can be said.
pub(super) fn key(verb: &str) -> Option<&'static str> {
    ["Dial", "Conference"].contains(&verb).then_some(DIAL)
}

/// How long it rings where that is not said.
const RINGS: Duration = Duration::from_secs(5);
/// How long they talk where that is not said.
const TALKS: Duration = Duration::from_mins(1);

/// Reads a file that holds what stands below `[world]` in a test call.
///
/// # Errors
/// All faults at once.
pub fn read_world(file: &Arc<str>, source: &str) -> Result<World, Vec<Diag>> {
    let (text, faults) = syntax::faults(source);
    let (document, _) = DeTable::parse_recoverable(&text);
    let mut reader = Reader::new(file);
    let world = world(Table::new(document.get_ref(), document.span()), &mut reader);
    reader.tell(faults)?;
    Ok(world)
}

/// Reads `[world]`.
pub(super) fn world_of(item: Item<'_>, reader: &mut Reader) -> World {
    let Some(table) = item.table(reader, "`world` must be a table") else {
        return World::default();
    };
    world(table, reader)
}

fn world(table: Table<'_>, reader: &mut Reader) -> World {
    let mut world = World {
        unforeseen: Unforeseen::Ends,
        ..World::default()
    };
    let dial = table
        .get(DIAL)
        .and_then(|dial| dial.table(reader, "`dial` must be a table of numbers"));
    for (number, answer) in dial.map(|dial| dial.all()).unwrap_or_default() {
        if number == CONTACT {
            contacts(answer, &mut world, reader);
            continue;
        }
        let key = answer.key_span();
        if let Some(answer) = dial_answers(answer, reader)
            && world.dial.insert(canonical(number), answer).is_some()
        {
            reader
                .fault(
                    Code::DialTwice,
                    key,
                    format!("what becomes of `{number}` is said already"),
                )
                .help("two spellings of one number are the same: leave one out");
        }
    }
    steps(&table, &mut world, reader);
    let audio = table
        .get(AUDIO)
        .and_then(|audio| audio.table(reader, "`audio` must be a table of URLs"));
    for (url, lasts) in audio.map(|audio| audio.all()).unwrap_or_default() {
        world
            .audio
            .extend(recording(lasts, reader).map(|lasts| (url.to_owned(), lasts)));
    }
    table.finish(reader, "the world");
    world
}

/// What becomes of contacts, by their names.
fn contacts(item: Item<'_>, world: &mut World, reader: &mut Reader) {
    let table = item.table(reader, "`dial.contact` must be a table of contacts");
    for (name, answer) in table.map(|table| table.all()).unwrap_or_default() {
        let answer = dial_answers(answer, reader);
        world
            .dial
            .extend(answer.map(|answer| (contact(name), answer)));
    }
}

/// What becomes of whoever is dialled at a step, by the step's name.
fn steps(table: &Table<'_>, world: &mut World, reader: &mut Reader) {
    let is_answer = |item: &Item<'_>| {
        let entries = item.entries();
        let first = entries.as_ref().and_then(|entries| entries.first());
        let table = first.unwrap_or(item).value.as_table();
        table.is_some_and(|table| table.contains_key("outcome"))
    };
    let names: Vec<&str> = table.names().filter(|name| is_name(name)).collect();
    for name in names {
        let is_step = ![DIAL, AUDIO].contains(&name);
        if is_step
            && table.peek(name).as_ref().is_some_and(is_answer)
            && let Some(item) = table.get(name)
        {
            let answer = dial_answers(item, reader);
            world.dial.extend(answer.map(|answer| (step(name), answer)));
        }
    }
}

/// What becomes of a dialled number, the same each time, or a list with one for each time.
fn dial_answers(item: Item<'_>, reader: &mut Reader) -> Option<DialAnswers> {
    let Some(entries) = item.entries() else {
        return dial_answer(item, reader).map(DialAnswers::from);
    };
    if entries.is_empty() {
        let span = item.span();
        let message = "what becomes of it is not said".to_owned();
        reader
            .fault(Code::OutcomeMissing, span, message)
            .help("add `{ outcome = \"busy\" }`");
        return None;
    }
    let read: Vec<Option<DialAnswer>> = entries
        .into_iter()
        .map(|item| dial_answer(item, reader))
        .collect();
    read.into_iter().collect::<Option<_>>().map(DialAnswers)
}

/// What becomes of a dialled number.
fn dial_answer(item: Item<'_>, reader: &mut Reader) -> Option<DialAnswer> {
    let table = item.table(
        reader,
        "who is dialled must be a table, such as `{ outcome = \"busy\" }`",
    )?;
    let outcome = match table.get("outcome") {
        Some(outcome) => outcome_of(outcome, reader),
        None => {
            let names = OUTCOMES.map(|name| format!("\"{name}\"")).join(", ");
            let span = item.key_span();
            reader
                .fault(
                    Code::OutcomeMissing,
                    span,
                    "what becomes of it is not said".to_owned(),
                )
                .help(format!("add `outcome`: {names}"));
            None
        }
    };
    let after = table
        .get("after")
        .map_or(Some(RINGS), |item| time(item, reader, "`after`"));
    let talks = table.get("talks");
    if let (Some(talks), Some(outcome)) = (talks, outcome)
        && outcome != "completed"
    {
        reader
            .fault(
                Code::TalksUnanswered,
                talks.key_span(),
                "nobody talks where nobody answers".to_owned(),
            )
            .help("leave `talks` out, or write `outcome = \"answered\"`");
    }
    let talks = talks.map_or(Some(TALKS), |item| time(item, reader, "`talks`"));
    let presses = table.get("presses").map(|item| {
        let text = item.text(reader, "`presses` must be keys in quotes, such as \"1\"");
        Presses::Keys(text.unwrap_or_default().to_owned())
    });
    table.finish(reader, "who is dialled");
    let declines = outcome == Some(DECLINED);
    Some(DialAnswer {
        outcome: if declines { "completed" } else { outcome? }.to_owned(),
        after: after?,
        talks: talks?,
        presses: presses.unwrap_or(if declines {
            Presses::Decline
        } else {
            Presses::Accept
        }),
    })
}

/// How long a recording lasts; one that is silent takes no time.
fn recording(item: Item<'_>, reader: &mut Reader) -> Option<Duration> {
    match item.value.as_str() {
        Some("silent") => Some(Duration::ZERO),
        Some(_) => time(item, reader, "a recording"),
        None => {
            let seconds = item.amount(
                reader,
                "a recording must be a number of seconds, or \"silent\",",
            )?;
            Duration::try_from_secs_f64(seconds).ok()
        }
    }
}

fn outcome_of(item: Item<'_>, reader: &mut Reader) -> Option<&'static str> {
    let name = item.text(reader, "`outcome` must be text")?;
    if name == DECLINED {
        return Some(DECLINED);
    }
    let known = DialStatus::ENDS
        .iter()
        .find(|(status, _)| status.outcome() == name);
    if known.is_none() {
        let near = nearest(name, OUTCOMES);
        let help = near.map_or_else(
            || format!("there are {}", OUTCOMES.join(", ")),
            |near| format!("did you mean `{near}`?"),
        );
        reader
            .fault(
                Code::OutcomeUnknown,
                item.span(),
                format!("no outcome is named `{name}`"),
            )
            .help(help);
    }
    known.map(|(_, word)| *word)
}

fn time(item: Item<'_>, reader: &mut Reader, what: &str) -> Option<Duration> {
    item.time(reader, &format!("{what} must be a time such as \"20s\""))
}

/// The line of `[world]` that would say what comes of dialling a number.
pub(super) fn line(number: &str) -> String {
    let whom = whom(number);
    format!("{DIAL}.{whom} = {{ outcome = \"no_answer\", after = \"20s\" }}")
}

/// The key below `dial` of whoever is dialled: a number in quotes, or a contact.
pub(super) fn whom(dialled: &str) -> String {
    if dialled.strip_prefix("contact.").is_some_and(is_name) {
        dialled.to_owned()
    } else {
        format!("\"{dialled}\"")
    }
}

/// The line that would say how long a conference lasts.
pub(super) fn line_of_room(room: &str) -> String {
    format!("{DIAL}.\"{room}\" = {{ outcome = \"answered\", talks = \"60s\" }}")
}

/// The line that would stand for a recording that cannot be fetched.
pub(super) fn line_of_recording(url: &str) -> String {
    format!("audio.\"{url}\" = 5")
}

/// The bytes of `[world]` in a file, where it has one.
pub(super) fn place(source: &str) -> Option<Range<usize>> {
    let at = source
        .starts_with("[world]")
        .then_some(0)
        .or_else(|| source.find("\n[world]").map(|at| at + 1))?;
    Some(at..at + "[world]".len())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::read_world;
    use crate::written::Code;

    fn faults(source: &str) -> Vec<Code> {
        let read = read_world(&Arc::from("world.toml"), source);
        read.err()
            .unwrap_or_default()
            .into_iter()
            .map(|diag| diag.code)
            .collect()
    }

    #[test]
    fn a_number_is_the_same_however_it_is_spelt() {
        let source = "dial.\"+44 20 7946 0001\" = { outcome = \"busy\" }\ndial.\"sip:Desk@Acme.test\" = { outcome = \"failed\" }";
        let world = read_world(&Arc::from("world.toml"), source).expect("it can be read");
        for spelt in [
            "+442079460001",
            "442079460001",
            "+44 (0)20 7946 0001",
            "sip:+442079460001@acme.test",
        ] {
            assert_eq!(
                world
                    .dialled(spelt)
                    .map(|answers| answers.0[0].outcome.as_str()),
                Some("busy"),
                "{spelt}"
            );
        }
        assert!(
            world.dialled("sip:Desk@acme.test:5061").is_some()
                && world.dialled("+442079460002").is_none()
        );
    }

    #[test]
    fn a_recording_lasts_so_many_seconds_or_a_time_or_is_silent() {
        let source = "audio.\"https://a.test/b.mp3\" = 4\naudio.c = 2.5\naudio.d = \"1m\"\naudio.e = \"silent\"";
        let world = read_world(&Arc::from("world.toml"), source).expect("it can be read");
        let lasts: Vec<_> = world.audio.values().map(Duration::as_millis).collect();
        assert_eq!(lasts, [2_500, 60_000, 0, 4_000], "c, d, e, https");
        assert_eq!(faults("audio.a = \"quiet\""), [Code::ValueNotATime]);
        assert_eq!(faults("audio.a = -1"), [Code::ValueOutOfRange]);
        assert_eq!(
            faults("audio.a = true\naudio.b = [1]"),
            [Code::ValueWrongType, Code::ValueWrongType]
        );
    }
}
