//! From a file to a call, or all of its faults.

use std::sync::Arc;

use jiff::Timestamp;
use toml::de::{DeTable, DeValue};

use super::brackets::Mended;
use super::end::end;
use super::hears::hears;
use super::reader::{Reader, named};
use super::script::{Script, Turn};
use super::submitted::submitted;
use super::texted::texted;
use super::world::world_of;
use crate::written::PlacedOutcome;
use crate::written::carrier_fields::{ARG, by_key};
use crate::written::diag::{Diag, Place};
use crate::written::{
    CallerAct, Code, Explain, Faults, Item, MAX_SOURCE, Table, Utterance, syntax,
};

/// Who calls where the file does not say: a number that nobody has (Ofcom keeps 020 7946 0000 to 0999 for fiction).
const FROM: &str = "+442079460001";
/// The number called where the file does not say.
const TO: &str = "+442079460123";
/// When, where the file does not say: a Monday in working hours.
const AT: &str = "2026-11-23T10:15:00Z";

/// The keys of a telephone.
const KEYS: &str = "0123456789*#ABCD";

/// Reads a test call.
///
/// # Errors
/// All faults at once, in the order of the file.
pub fn read(file: &Arc<str>, source: String) -> Result<Script, Vec<Diag>> {
    if source.len() > MAX_SOURCE {
        let at = Place {
            file: file.clone(),
            span: 0..0,
        };
        let diag = Diag::new(
            Code::CallTooLarge,
            at,
            format!("this file has more than {MAX_SOURCE} bytes"),
        );
        return Err(vec![
            diag.help("a call is a conversation: make several of it"),
        ]);
    }
    if let Some(mended) = Mended::of(&source) {
        return Err(faults_of_mended(file, &mended));
    }
    let script = document(file, &source)?;
    Ok(Script {
        file: file.clone(),
        source,
        ..script
    })
}

fn document(file: &Arc<str>, source: &str) -> Result<Script, Vec<Diag>> {
    let (text, faults) = syntax::faults(source);
    let (document, _) = DeTable::parse_recoverable(&text);
    let mut reader = Reader::new(file);
    let script = script(Table::new(document.get_ref(), document.span()), &mut reader);
    reader.tell(faults)?;
    Ok(script.expect("what cannot be read is a fault"))
}

/// The faults of a file with single brackets where there should be double ones: each name once, and what else is wrong.
fn faults_of_mended(file: &Arc<str>, mended: &Mended) -> Vec<Diag> {
    let mut diags = document(file, &mended.text).err().unwrap_or_default();
    for diag in &mut diags {
        diag.at.span = mended.place(&diag.at.span);
    }
    for (name, headers) in &mended.headers {
        let what = if name == "turn" {
            "a turn stands in double brackets, as there may be several"
        } else if name == "texted" {
            "an SMS stands in double brackets, as there may be several"
        } else {
            "what a backend gets stands in double brackets where there is more than one"
        };
        let others = match headers.len() - 1 {
            0 => String::new(),
            1 => ", and once more below".to_owned(),
            more => format!(", and {more} times more below"),
        };
        let at = Place {
            file: file.clone(),
            span: headers[0].clone(),
        };
        let diag = Diag::new(Code::TomlSyntax, at, what);
        diags.push(diag.help(format!("write `[[{name}]]`{others}")));
    }
    diags.sort_by_key(|diag| diag.at.span.start);
    diags
}

fn script(top: Table<'_>, reader: &mut Reader) -> Option<Script> {
    let text = |key: &str, reader: &mut Reader| {
        let text = top
            .get(key)
            .and_then(|item| item.text(reader, &format!("`{key}` must be text")));
        text.map(str::to_owned)
    };
    let flow = text("flow", reader);
    if top.peek("flow").is_none() {
        flow_is_missing(reader);
    }
    let placed = top.get("placed").and_then(|item| placed(item, reader));
    // Of a call that we place, they are called.
    let (from, to) = match placed {
        None => (FROM, TO),
        Some(_) => (TO, FROM),
    };
    let from = text("from", reader).unwrap_or_else(|| from.to_owned());
    let to = text("to", reader).unwrap_or_else(|| to.to_owned());
    let caller_name = text("caller_name", reader);
    let mut fields = found(&top, "fields", fields, reader);
    if let Some(item) = top.get("args") {
        fields.extend(args(item, reader));
    }
    let open = top
        .get("open")
        .and_then(|item| item.boolean(reader, "`open` must be true or false"))
        .unwrap_or(false);
    let at = moment(top.get("at"), reader);
    let turns = found(&top, "turn", turns, reader);
    let end = found(&top, "end", end, reader);
    let submitted = found(&top, "submitted", submitted, reader);
    let texted = found(&top, "texted", texted, reader);
    let world = found(&top, "world", world_of, reader);
    top.finish(reader, "a test call");
    let (file, source) = (Arc::from(""), String::new());
    let (flow, at) = (flow?, at?);
    Some(Script {
        file,
        source,
        flow,
        open,
        from,
        to,
        at,
        placed,
        caller_name,
        fields,
        turns,
        end,
        submitted,
        texted,
        world,
    })
}

/// What stands under a key, else nothing.
fn found<'a, T: Default>(
    top: &Table<'a>,
    key: &str,
    read: fn(Item<'a>, &mut Reader) -> T,
    reader: &mut Reader,
) -> T {
    top.get(key)
        .map(|item| read(item, reader))
        .unwrap_or_default()
}

/// Reads what the carrier sends beside what other keys say.
fn fields(item: Item<'_>, reader: &mut Reader) -> Vec<(String, String)> {
    let what =
        "`fields` must be a table of what the carrier sends: `fields = { CallerCountry = \"GB\" }`";
    let table = item.table(reader, what);
    let mut fields = Vec::new();
    for (name, item) in table.map(|table| table.all()).unwrap_or_default() {
        let help = match by_key(name) {
            None => None,
            Some("") => Some(format!(
                "take it out: whoever places the call says `{name}`"
            )),
            Some(key) => Some(format!("write `{key} = \"…\"` above the first `[…]`")),
        };
        if let Some(help) = help {
            let message = format!("`{name}` is not said here");
            reader
                .fault(Code::KeyMisplaced, item.key_span(), message)
                .help(help);
        }
        let value = item.text(reader, "what the carrier sends is text: put it in quotes");
        fields.extend(value.map(|value| (name.to_owned(), value.to_owned())));
    }
    fields
}

/// Reads how a call comes out that we place.
fn placed(item: Item<'_>, reader: &mut Reader) -> Option<PlacedOutcome> {
    let all = PlacedOutcome::ALL.map(PlacedOutcome::as_str).join(", ");
    let what = format!("`placed` must be how a call comes out that we place: {all}");
    let outcome = PlacedOutcome::named(item.text(reader, &what)?);
    if outcome.is_none() {
        item.wrong(reader, &what);
    }
    outcome
}

/// Reads what a flow is given by another one, or with a call that we place: sent with the call, as only a rehearsal does.
fn args(item: Item<'_>, reader: &mut Reader) -> Vec<(String, String)> {
    let what = "`args` must be a table of what the flow is given: `args = { why = \"…\" }`";
    let table = item.table(reader, what);
    let mut args = Vec::new();
    for (name, item) in table.map(|table| table.all()).unwrap_or_default() {
        let plain = match item.value {
            DeValue::String(text) => Some(text.to_string()),
            DeValue::Integer(number) => Some(number.as_str().to_owned()),
            DeValue::Boolean(yes) => Some(yes.to_string()),
            _ => None,
        };
        if plain.is_none() {
            item.wrong(
                reader,
                "what a flow is given must be text, a whole number, true or false",
            );
        }
        args.extend(plain.map(|value| (format!("{ARG}{name}"), value)));
    }
    args
}

fn flow_is_missing(reader: &mut Reader) {
    let message = "which flow is called is not said".to_owned();
    reader
        .fault(Code::FlowMissing, 0..0, message)
        .help("add `flow = \"…\"` above everything else: the name of a flow file without `.toml`");
}

fn moment(item: Option<Item<'_>>, reader: &mut Reader) -> Option<Timestamp> {
    let Some(item) = item else {
        return AT.parse().ok();
    };
    let DeValue::Datetime(written) = item.value else {
        item.wrong(
            reader,
            "`at` must be a moment, such as 2026-11-23T10:15:00Z",
        );
        return None;
    };
    let at = written.to_string().parse().ok();
    if at.is_none() {
        reader
            .fault(
                Code::AtNotAMoment,
                item.span(),
                "this does not say which moment is meant".to_owned(),
            )
            .help("write date, time and zone: 2026-11-23T10:15:00Z, or +02:00 instead of Z");
    }
    at
}

fn turns(item: Item<'_>, reader: &mut Reader) -> Vec<Turn> {
    let Some(entries) = item.list(reader, "a turn stands below `[[turn]]`, in double brackets")
    else {
        return Vec::new();
    };
    entries
        .into_iter()
        .filter_map(|entry| turn(entry, reader))
        .collect()
}

/// What is said: words, or a table that also says how sure the recogniser is of them.
fn says(item: Item<'_>, reader: &mut Reader) -> Option<CallerAct> {
    let Some(table) = item.as_table() else {
        let words = item.text(reader, "`says` must be text, or { words, confidence }");
        return words.map(|words| CallerAct::Says(words.into()));
    };
    let words = table.get("words");
    let words = words.and_then(|item| item.text(reader, "`words` must be text"));
    let sure = table.get("confidence");
    let sure = sure.and_then(|item| confidence(item, reader));
    table.finish(reader, "`says`");
    Some(CallerAct::Says(Utterance {
        words: words?.to_owned(),
        percent: sure,
    }))
}

/// How sure a recogniser is, from 0 to 1, in percent.
fn confidence(item: Item<'_>, reader: &mut Reader) -> Option<u8> {
    let what = "`confidence` must be a number from 0 to 1";
    let sure = item.amount(reader, what)?;
    if sure > 1.0 {
        item.wrong(reader, what);
        return None;
    }
    Some((sure * 100.0).round() as u8)
}

fn turn(item: Item<'_>, reader: &mut Reader) -> Option<Turn> {
    let table = item.table(reader, "a turn must be a table")?;
    let span = item.span();
    let step = table
        .get("step")
        .and_then(|item| named(item, reader, "`step` must be the name of a step"));
    let hears = table.get("hears").and_then(|item| hears(item, reader));
    let press = table.get("press").map(|item| (item, press(item, reader)));
    let says = table.get("says").map(|item| (item, says(item, reader)));
    let silent = table.get("silent").map(|item| (item, silent(item, reader)));
    let acts: Vec<_> = [press, says, silent].into_iter().flatten().collect();
    table.finish(reader, "a turn");
    match acts.as_slice() {
        [(act, does)] => Some(Turn {
            at: span,
            step,
            hears,
            does: does.clone()?,
            does_at: act.span(),
        }),
        [] => {
            reader
                .fault(Code::TurnNoAct, span, "what the caller does is not said".to_owned())
                .help("add `press = \"1\"`, `says = \"yes\"` or `silent = true`; what is heard last stands in `[end]`");
            None
        }
        [_, (second, _), ..] => {
            let message = "a caller does one thing in a turn".to_owned();
            reader
                .fault(Code::TurnTwoActs, second.key_span(), message)
                .help("leave one of `press`, `says` and `silent` out, or make a turn of each");
            None
        }
    }
}

fn press(item: Item<'_>, reader: &mut Reader) -> Option<CallerAct> {
    let keys = item.text(reader, "`press` must be text, such as \"1\" or \"30#\"")?;
    if keys.is_empty() || !keys.chars().all(|key| KEYS.contains(key)) {
        reader
            .fault(
                Code::PressIllegal,
                item.span(),
                format!("`{keys}` cannot be pressed on a telephone"),
            )
            .help("0 to 9, * and #, one after another; who presses nothing is `silent = true`");
        return None;
    }
    Some(CallerAct::Press(keys.to_owned()))
}

fn silent(item: Item<'_>, reader: &mut Reader) -> Option<CallerAct> {
    if item.boolean(reader, "`silent` must be true")? {
        Some(CallerAct::Silent)
    } else {
        reader
            .fault(
                Code::SilentFalse,
                item.span(),
                "a caller who is not silent does something".to_owned(),
            )
            .help("write `press` or `says` instead");
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(source: &str) -> Vec<Code> {
        let read = read(&Arc::from("call.toml"), source.to_owned());
        read.err()
            .unwrap_or_default()
            .into_iter()
            .map(|diag| diag.code)
            .collect()
    }

    #[test]
    fn a_call_that_says_only_its_flow_has_a_caller_a_number_and_a_moment() {
        let script =
            read(&Arc::from("call.toml"), "flow = \"pickup\"".to_owned()).expect("it is whole");
        assert_eq!(
            (
                script.flow.as_str(),
                script.from.as_str(),
                script.to.as_str()
            ),
            ("pickup", FROM, TO)
        );
        assert_eq!(script.at.to_string(), AT);
        assert!(script.turns.is_empty() && !script.hangs_up());
    }

    #[test]
    fn a_moment_has_a_zone() {
        assert_eq!(
            faults("flow = \"a\"\nat = 2026-11-23T10:15:00"),
            [Code::AtNotAMoment]
        );
        let script = read(
            &Arc::from("a"),
            "flow = \"a\"\nat = 2026-11-23T10:15:00+02:00".to_owned(),
        )
        .expect("it is whole");
        assert_eq!(script.at.to_string(), "2026-11-23T08:15:00Z");
    }

    #[test]
    fn all_faults_come_at_once_in_the_order_of_the_file() {
        let source =
            "[[turn]]\nhear = \"a\"\npress = \"x\"\nsays = \"y\"\n[[turn]]\n[end]\nby = \"flwo\"";
        assert_eq!(
            faults(source),
            [
                Code::FlowMissing,
                Code::KeyUnknown,
                Code::PressIllegal,
                Code::TurnTwoActs,
                Code::TurnNoAct,
                Code::EndByUnknown
            ]
        );
    }
}
