//! What the world answers: `[world]` of a test call, and a file of the same keys.

pub(super) mod bots;
pub(super) mod payments;
pub(super) mod records;
pub(super) mod services;

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use toml::de::DeTable;

use super::reader::Reader;
use crate::phone::{
    DialAnswer, DialAnswers, Presses, Unforeseen, World, bot, contact, pay, queue, refer, service,
    step,
};
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

/// What may become of a caller who waits in a queue.
pub(super) const OF_QUEUES: [&str; 5] = ["talked", "full", "left", "time_limit", "error"];

/// What may become of a transfer.
pub(super) const OF_TRANSFERS: [&str; 2] = ["referred", "refused"];

/// What may become of a code by SMS, beside what others can meet too.
pub(super) const OF_CODES: [&str; 1] = ["expired"];

/// The key for queues that callers wait in.
const QUEUE: &str = "queue";
/// The key for transfers.
const REFER: &str = "refer";

/// The key for what takes payments.
const PAY: &str = "pay";

/// The key for services.
pub(super) const SERVICES: &str = services::KEY;

/// Somebody answers, and turns the call down.
const DECLINED: &str = "declined";

/// Somebody has come to a caller who waited in a queue.
const TALKED: &str = "talked";

/// The key for whom a call is connected to.
const DIAL: &str = "dial";
/// The key below that of contacts.
const CONTACT: &str = "contact";
/// The key of how long recordings last.
const AUDIO: &str = "audio";

/// The key below `[world]` that says what comes of a verb, if it can be said.
pub(super) fn key(verb: &str) -> Option<&'static str> {
    match verb {
        "Dial" | "Conference" => Some(DIAL),
        "Enqueue" => Some(QUEUE),
        "Refer" => Some(REFER),
        "Pay" => Some(PAY),
        "Connect" => Some(bots::BOT),
        "http" => Some(services::KEY),
        _ => None,
    }
}

/// What comes of it below this key where nothing is known.
pub(super) fn nobody(key: &str) -> &'static str {
    match key {
        QUEUE | services::KEY => "error",
        REFER => "refused",
        PAY => "connector",
        bots::BOT => "unreachable",
        _ => "no_answer",
    }
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
        if let Some(answer) = dial_answers(answer, &OUTCOMES, reader)
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
    handed_on(&table, (QUEUE, &OF_QUEUES), queue, &mut world, reader);
    handed_on(&table, (REFER, &OF_TRANSFERS), refer, &mut world, reader);
    let payments = table
        .get(PAY)
        .and_then(|item| item.table(reader, "`pay` must be a table of connectors"));
    for (to, item) in payments.map(|payments| payments.all()).unwrap_or_default() {
        let answers = payments::answers(item, reader);
        world.dial.extend(answers.map(|answers| (pay(to), answers)));
    }
    for (name, item) in services::by_name(&table, reader) {
        let replies = services::replies(item, reader);
        world
            .services
            .extend(replies.map(|replies| (service(name), replies)));
    }
    let bots = table
        .get(bots::BOT)
        .and_then(|item| item.table(reader, "`bot` must be a table of machines"));
    for (name, item) in bots.map(|bots| bots.all()).unwrap_or_default() {
        let answers = bots::answers(item, reader);
        world
            .bots
            .extend(answers.map(|answers| (bot(name), answers)));
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

/// What becomes of callers who wait in a queue, or are transferred, by the queue's name or the address.
fn handed_on(
    table: &Table<'_>,
    (name, outcomes): (&str, &[&'static str]),
    key: fn(&str) -> String,
    world: &mut World,
    reader: &mut Reader,
) {
    let what = format!("`{name}` must be a table");
    let all = table.get(name).and_then(|item| item.table(reader, &what));
    for (to, answer) in all.map(|all| all.all()).unwrap_or_default() {
        let answers = dial_answers(answer, outcomes, reader);
        world.dial.extend(answers.map(|answers| (key(to), answers)));
    }
}

/// What becomes of contacts, by their names.
fn contacts(item: Item<'_>, world: &mut World, reader: &mut Reader) {
    let table = item.table(reader, "`dial.contact` must be a table of contacts");
    for (name, answer) in table.map(|table| table.all()).unwrap_or_default() {
        let answer = dial_answers(answer, &OUTCOMES, reader);
        world
            .dial
            .extend(answer.map(|answer| (contact(name), answer)));
    }
}

/// What becomes of whoever is dialled at a step, or what is recorded there, by the step's name.
fn steps(table: &Table<'_>, world: &mut World, reader: &mut Reader) {
    let is_answer = |item: &Item<'_>| {
        let entries = item.entries();
        let first = entries.as_ref().and_then(|entries| entries.first());
        let table = first.unwrap_or(item).value.as_table();
        table.is_some_and(|table| table.contains_key("outcome"))
    };
    // A step of a flow that is gone through stands behind the one that goes through it: `number/look`.
    let is_path = |name: &&str| name.split('/').all(is_name);
    let names: Vec<&str> = table.names().filter(is_path).collect();
    for name in names {
        let is_step = ![DIAL, AUDIO, QUEUE, REFER, PAY, bots::BOT, services::HTTP].contains(&name);
        if is_step && let Some(item) = table.peek(name) {
            let (is_reply, is_only) = services::is_reply(&item);
            if is_reply {
                if is_only {
                    let _ = table.get(name);
                }
                let replies = services::replies(item, reader);
                world
                    .services
                    .extend(replies.map(|replies| (step(name), replies)));
            }
            if is_only {
                continue;
            }
        }
        if is_step && let Some(item) = table.peek(name).filter(records::is_record) {
            let read = table
                .get(name)
                .and_then(|item| records::records(item, reader));
            world.records.extend(read.map(|all| (step(name), all)));
            if !records::is_any(&item) {
                continue;
            }
        }
        if is_step && let Some(item) = table.peek(name).filter(services::is_of_code) {
            let _ = table.get(name);
            let replies = services::of_code(item, reader);
            world
                .services
                .extend(replies.map(|replies| (step(name), replies)));
            // A transfer can be refused too.
            if services::has(&item, "expired") {
                continue;
            }
        }
        if is_step
            && table.peek(name).as_ref().is_some_and(is_answer)
            && let Some(item) = table.get(name)
        {
            let answer = dial_answers(item, &all_outcomes(), reader);
            world.dial.extend(answer.map(|answer| (step(name), answer)));
        }
    }
}

/// What becomes of a dialled number, the same each time, or a list with one for each time.
fn dial_answers(
    item: Item<'_>,
    outcomes: &[&'static str],
    reader: &mut Reader,
) -> Option<DialAnswers> {
    let Some(entries) = item.entries() else {
        return dial_answer(item, outcomes, reader).map(DialAnswers::from);
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
        .map(|item| dial_answer(item, outcomes, reader))
        .collect();
    read.into_iter().collect::<Option<_>>().map(DialAnswers)
}

/// What becomes of a dialled number.
fn dial_answer(
    item: Item<'_>,
    outcomes: &[&'static str],
    reader: &mut Reader,
) -> Option<DialAnswer> {
    let table = item.table(
        reader,
        "who is dialled must be a table, such as `{ outcome = \"busy\" }`",
    )?;
    let outcome = match table.get("outcome") {
        Some(outcome) => outcome_of(outcome, outcomes, reader),
        None => {
            let names = outcomes.iter().map(|name| format!("\"{name}\""));
            let names = names.collect::<Vec<_>>().join(", ");
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
    let talks = talks(&table, outcome, reader);
    let presses = table.get("presses").map(|item| {
        let text = item.text(reader, "`presses` must be keys in quotes, such as \"1\"");
        Presses::Keys(text.unwrap_or_default().to_owned())
    });
    let position = table
        .get("position")
        .and_then(|item| place_of(item, reader));
    let report = records::report(&table, reader);
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
        position: position.unwrap_or_default(),
        report: report?,
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

/// How long they talk, where somebody is reached.
fn talks(table: &Table<'_>, outcome: Option<&str>, reader: &mut Reader) -> Option<Duration> {
    let talks = table.get("talks");
    if let (Some(talks), Some(outcome)) = (talks, outcome)
        && !["completed", TALKED].contains(&outcome)
    {
        reader
            .fault(
                Code::TalksUnanswered,
                talks.key_span(),
                "nobody talks where nobody answers".to_owned(),
            )
            .help("leave `talks` out, or write `outcome = \"answered\"`");
    }
    talks.map_or(Some(TALKS), |item| time(item, reader, "`talks`"))
}

/// The caller's place in a queue.
fn place_of(item: Item<'_>, reader: &mut Reader) -> Option<u32> {
    let place = item
        .as_integer()
        .and_then(|place| u32::try_from(place).ok());
    if place.is_none() {
        item.wrong(reader, "`position` must be a whole number, such as 3");
    }
    place
}

/// Every outcome that a step can meet.
fn all_outcomes() -> Vec<&'static str> {
    let all = OUTCOMES.iter().chain(&OF_QUEUES).chain(&OF_TRANSFERS);
    all.chain(&payments::OUTCOMES).copied().collect()
}

/// The carrier's word for an outcome of a dial; any other as it is.
fn outcome_of(
    item: Item<'_>,
    outcomes: &[&'static str],
    reader: &mut Reader,
) -> Option<&'static str> {
    let name = item.text(reader, "`outcome` must be text")?;
    let others = OF_QUEUES.iter().chain(&OF_TRANSFERS).chain([&DECLINED]);
    let others = others.chain(&payments::OUTCOMES);
    let other = others.copied().find(|other| *other == name);
    if let Some(other) = other.filter(|other| outcomes.contains(other)) {
        return Some(other);
    }
    let known = DialStatus::ENDS
        .iter()
        .find(|(status, _)| outcomes.contains(&name) && status.outcome() == name);
    if known.is_none() {
        let near = nearest(name, outcomes.iter().copied());
        let help = near.map_or_else(
            || format!("there are {}", outcomes.join(", ")),
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
    let mut prefixes = ["queue.", "refer.", "pay."].into_iter();
    let bare = prefixes.find_map(|prefix| dialled.strip_prefix(prefix));
    match bare {
        Some(name) if is_name(name) => name.to_owned(),
        Some(name) => format!("\"{name}\""),
        None if dialled.strip_prefix("contact.").is_some_and(is_name) => dialled.to_owned(),
        None => format!("\"{dialled}\""),
    }
}

/// The line that would say what comes of waiting in a queue.
pub(super) fn line_of_queue(to: &str) -> String {
    format!(
        "{QUEUE}.{} = {{ outcome = \"talked\", after = \"60s\" }}",
        whom(to)
    )
}

/// The line that would say what comes of a transfer.
pub(super) fn line_of_transfer(to: &str) -> String {
    format!("{REFER}.{} = {{ outcome = \"referred\" }}", whom(to))
}

/// The line that would say what comes of a payment.
pub(super) fn line_of_payment(to: &str) -> String {
    format!("{PAY}.{} = {{ outcome = \"paid\" }}", whom(to))
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
    fn queues_and_transfers_end_in_the_words_of_flows_and_not_in_those_of_a_dial() {
        let source = "queue.desk = { outcome = \"talked\", after = \"40s\", talks = \"2m\", position = 3 }\n\
                      refer.\"sip:a@b.test\" = { outcome = \"refused\" }\nwait = { outcome = \"left\", presses = \"2\" }";
        let world = read_world(&Arc::from("world.toml"), source).expect("it can be read");
        let outcomes = world.dial.iter();
        let outcomes = outcomes.map(|(key, answers)| (key.as_str(), answers.0[0].outcome.as_str()));
        assert_eq!(
            outcomes.collect::<Vec<_>>(),
            [
                ("queue.desk", "talked"),
                ("refer.sip:a@b.test", "refused"),
                ("step.wait", "left")
            ]
        );
        assert_eq!(world.dial["queue.desk"].0[0].position, 3);
        for (source, code) in [
            ("queue.desk = { outcome = \"busy\" }", Code::OutcomeUnknown),
            (
                "dial.\"+12\" = { outcome = \"talked\" }",
                Code::OutcomeUnknown,
            ),
            (
                "refer.\"sip:a@b\" = { outcome = \"left\" }",
                Code::OutcomeUnknown,
            ),
            ("queue.desk = { after = \"5s\" }", Code::OutcomeMissing),
            (
                "queue.desk = { outcome = \"full\", talks = \"5s\" }",
                Code::TalksUnanswered,
            ),
            (
                "queue.desk = { outcome = \"full\", position = \"x\" }",
                Code::ValueWrongType,
            ),
        ] {
            assert_eq!(faults(source), [code], "{source}");
        }
    }

    #[test]
    fn of_a_talk_that_is_recorded_it_can_be_said_what_the_carrier_reports_and_when() {
        let source = "dial.\"+12\" = [{ outcome = \"answered\" }, { outcome = \"answered\", status = \"absent\", told = \"40s\" }, \
                      { outcome = \"answered\", status = \"never\" }]";
        let world = read_world(&Arc::from("world.toml"), source).expect("it can be read");
        let answers = world.dialled("+12").expect("it is known");
        let reports = answers.0.iter().map(|answer| {
            let report = &answer.report;
            (report.status.as_deref(), report.told.as_secs())
        });
        assert_eq!(
            reports.collect::<Vec<_>>(),
            [(Some("completed"), 2), (Some("absent"), 40), (None, 2)]
        );
        let wrong = "dial.\"+12\" = { outcome = \"answered\", status = \"lost\", told = \"soon\" }";
        assert_eq!(faults(wrong), [Code::OutcomeUnknown, Code::ValueNotATime]);
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
