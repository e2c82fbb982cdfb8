//! The stored form of a call: a version, the open part, and the sensitive answers sealed to the call's name.
//!
//! Version 4 knows neither the question that was put last nor to which step something came back; the latter is left out,
//! as no flow of that time asks for it by a step's name. Version 3 remembers moreover nothing of what was submitted and reached; version 2 has what came of a dial
//! in front of the [`Tail`]; version 1, of the first release, has no tail, and is read as if that were empty.

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::earlier::Dialled;
use super::{Error, Seal};
use crate::engine::{
    AnsweredBy, Call, CallSid, Came, Flow, KeptRecording, Opened, Progress, Sent, Slot, StepId,
    Value,
};

/// The first byte of every state; one greater than [`MORE`] is of a newer release.
const FORMAT: u8 = 5;
/// That of a call of which something is kept that few calls have, which stands behind the rest: other calls have no byte
/// for it. The newest.
const MORE: u8 = 6;
/// That of the release before, which keeps what came of the last wait alone.
const LAST_CAME: u8 = 4;
/// That of an earlier release, which lacks [`Done`] too.
const UNSENT: u8 = 3;
/// That of an earlier release, in which what came of a dial stands in front of the [`Tail`].
const DIALLED: u8 = 2;
/// That of the first release.
const FIRST: u8 = 1;

/// What stands behind the open part.
#[derive(Default, Serialize, Deserialize)]
struct Rest {
    tail: Tail,
    came: Vec<(StepId, Came)>,
    done: Done,
    question: Option<StepId>,
}

/// What is kept of few calls. New kinds come behind the others.
#[derive(Serialize, Deserialize)]
enum More {
    /// How far it is with what the call waits for.
    Progress(Box<Progress>),
    /// What the call has recorded.
    Recordings(Vec<KeptRecording>),
    /// The whole of the request that the visit began with, sealed: nobody has said what of it is secret.
    Request(Vec<u8>),
    /// Who answered a call that we placed.
    AnsweredBy(AnsweredBy),
}

/// What stands there since the second release.
#[derive(Default, Serialize, Deserialize)]
struct Tail {
    opened: Opened,
    gave_up: bool,
    fault_told: u32,
}

/// What the visit has done. What was submitted of sensitive answers is sealed instead.
#[derive(Default, Serialize, Deserialize)]
struct Done {
    sent: Vec<Sent>,
    reached: Vec<u16>,
}

/// What of a call must not be stored in the clear.
#[derive(Default, PartialEq, Serialize, Deserialize)]
struct Secret {
    values: Vec<(Slot, Value)>,
    /// By the place in the trail.
    undo: Vec<(u8, Slot, Option<Value>)>,
    sent: Vec<Sent>,
}

/// Writes a call for the store.
///
/// # Errors
/// Only when a call cannot be written at all, which is a bug.
pub fn encode(call: &Call, flow: &Flow, seal: &Seal) -> Result<Bytes, Error> {
    let corrupt = |error: postcard::Error| Error::Corrupt {
        what: format!("call {}", call.sid),
        reason: error.to_string(),
    };
    if !flow.has_secrets() {
        return Ok(open_part(call, seal).map_err(corrupt)?.into());
    }
    let mut open = call.clone();
    let secret = take_secret(&mut open, flow);
    let mut state = open_part(&open, seal).map_err(corrupt)?;
    if secret != Secret::default() {
        let secret = postcard::to_stdvec(&secret).map_err(corrupt)?;
        state.extend(seal.seal(call.sid.as_str().as_bytes(), &secret));
    }
    Ok(state.into())
}

/// What a sealed request that began a visit belongs to: it opens nowhere else.
fn place_of_request(sid: &CallSid) -> String {
    format!("{sid}/request")
}

fn open_part(call: &Call, seal: &Seal) -> postcard::Result<Vec<u8>> {
    let has_more = call.progress.is_some()
        || !call.recordings.is_empty()
        || call.request.is_some()
        || call.answered_by.is_some();
    let format = if has_more { MORE } else { FORMAT };
    let state = postcard::to_extend(call, vec![format])?;
    let Call {
        opened,
        gave_up,
        fault_told,
        came,
        sent,
        reached,
        question,
        progress,
        recordings,
        request,
        answered_by,
        ..
    } = call;
    let tail = (opened, gave_up, fault_told);
    let state = postcard::to_extend(&(tail, came, (sent, reached), question), state)?;
    if !has_more {
        return Ok(state);
    }
    let progress = progress.clone().map(More::Progress);
    let recordings = Some(recordings.to_vec()).filter(|all| !all.is_empty());
    let sealed = |request| {
        let plain = postcard::to_stdvec(request)?;
        let place = place_of_request(&call.sid);
        Ok(More::Request(seal.seal(place.as_bytes(), &plain)))
    };
    let request = request.as_deref().map(sealed).transpose()?;
    let more = progress.into_iter().chain(recordings.map(More::Recordings));
    let more = more.chain(request);
    let more = more.chain(answered_by.map(More::AnsweredBy));
    postcard::to_extend(&more.collect::<Vec<_>>(), state)
}

/// Reads a call from the store.
///
/// # Errors
/// When it is of a newer release, damaged, or sealed with a key that is not there.
pub fn decode(sid: &CallSid, state: &[u8], seal: &Seal) -> Result<Call, Error> {
    let corrupt = |reason: String| Error::Corrupt {
        what: format!("call {sid}"),
        reason,
    };
    let open = match state {
        [
            MORE | FORMAT | LAST_CAME | UNSENT | DIALLED | FIRST,
            open @ ..,
        ] => open,
        [found, ..] => {
            return Err(Error::Format {
                found: found.to_string(),
                known: MORE.to_string(),
            });
        }
        [] => return Err(corrupt("it is empty".to_owned())),
    };
    let (mut call, rest): (Call, _) =
        postcard::take_from_bytes(open).map_err(|error| corrupt(error.to_string()))?;
    let rest = read_rest(state[0], rest);
    let (rest, mut sealed) = rest.map_err(|error| corrupt(error.to_string()))?;
    let (more, behind) = read_more(state[0], sealed).map_err(|error| corrupt(error.to_string()))?;
    sealed = behind;
    for more in more {
        match more {
            More::Progress(progress) => call.progress = Some(progress),
            More::Recordings(recordings) => call.recordings = recordings.into(),
            More::AnsweredBy(by) => call.answered_by = Some(by),
            More::Request(sealed) => {
                let plain = seal.open(place_of_request(sid).as_bytes(), &sealed);
                let plain = plain
                    .ok_or_else(|| corrupt("no seal key opens its first request".to_owned()))?;
                let request = postcard::from_bytes(&plain);
                call.request = Some(request.map_err(|error| corrupt(error.to_string()))?);
            }
        }
    }
    call.sid = sid.clone();
    // Earlier releases know of a question only what leads back to it.
    let last = call.trail.last().map(|asked| asked.step);
    (call.came, call.question) = (rest.came, rest.question.or(last));
    (call.sent, call.reached) = (rest.done.sent, rest.done.reached);
    let tail = rest.tail;
    (call.opened, call.gave_up, call.fault_told) = (tail.opened, tail.gave_up, tail.fault_told);
    if !sealed.is_empty() {
        let secret = seal.open(sid.as_str().as_bytes(), sealed);
        let secret =
            secret.ok_or_else(|| corrupt("no seal key opens its sensitive answers".to_owned()))?;
        let read = match state[0] {
            MORE | FORMAT | LAST_CAME => postcard::from_bytes(&secret),
            _ => earlier_secret(&secret),
        };
        put_back(&mut call, read.map_err(|error| corrupt(error.to_string()))?);
    }
    Ok(call)
}

/// What stands behind the open part, in the format of this first byte, and what is sealed behind that.
fn read_rest(format: u8, bytes: &[u8]) -> postcard::Result<(Rest, &[u8])> {
    let (tail, done, bytes) = match format {
        FIRST => (Tail::default(), Done::default(), behind_dialled(bytes)?),
        DIALLED => {
            let (tail, bytes) = postcard::take_from_bytes(behind_dialled(bytes)?)?;
            (tail, Done::default(), bytes)
        }
        UNSENT => {
            let ((tail, _), bytes): ((Tail, Option<Came>), _) = postcard::take_from_bytes(bytes)?;
            (tail, Done::default(), bytes)
        }
        LAST_CAME => {
            let ((tail, _, done), bytes): ((Tail, Option<Came>, Done), _) =
                postcard::take_from_bytes(bytes)?;
            (tail, done, bytes)
        }
        _ => return postcard::take_from_bytes(bytes),
    };
    let rest = Rest {
        tail,
        done,
        ..Rest::default()
    };
    Ok((rest, bytes))
}

/// What is kept of few calls, in the format of this first byte, and what is sealed behind that.
fn read_more(format: u8, bytes: &[u8]) -> postcard::Result<(Vec<More>, &[u8])> {
    match format {
        MORE => postcard::take_from_bytes(bytes),
        _ => Ok((Vec::new(), bytes)),
    }
}

/// What stands behind what came of a dial, as earlier releases wrote it.
fn behind_dialled(rest: &[u8]) -> postcard::Result<&[u8]> {
    let (_, rest): (Option<Dialled>, _) = postcard::take_from_bytes(rest)?;
    Ok(rest)
}

/// What earlier releases sealed.
fn earlier_secret(secret: &[u8]) -> postcard::Result<Secret> {
    let (values, undo) = postcard::from_bytes(secret)?;
    let sent = Vec::new();
    Ok(Secret { values, undo, sent })
}

fn take_secret(call: &mut Call, flow: &Flow) -> Secret {
    let is_secret = |slot: &Slot| flow.is_sensitive(*slot);
    let mut secret = Secret {
        values: call
            .values
            .extract_if(.., |(slot, _)| is_secret(slot))
            .collect(),
        undo: Vec::new(),
        sent: call
            .sent
            .extract_if(.., |sent| is_secret(&sent.slot))
            .collect(),
    };
    for (at, asked) in (0u8..).zip(&mut call.trail) {
        let undo = asked.undo.extract_if(.., |(slot, _)| is_secret(slot));
        secret
            .undo
            .extend(undo.map(|(slot, before)| (at, slot, before)));
    }
    secret
}

fn put_back(call: &mut Call, secret: Secret) {
    call.values.extend(secret.values);
    call.sent.extend(secret.sent);
    for (at, slot, before) in secret.undo {
        if let Some(asked) = call.trail.get_mut(usize::from(at)) {
            asked.undo.push((slot, before));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::flow::Bundle;
    use crate::engine::load::load;
    use crate::engine::{About, CallerRecording, Hunt, Input, Waiting, advance};

    const FLOW: &str = r#"
        [answers]
        pin = { digits = 4, sensitive = true }
        room = { digits = 2 }
        [steps.room]
        ask = "Room?"
        into = "room"
        next = "pin"
        [steps.pin]
        ask = "PIN?"
        into = "pin"
        next = "again"
        [steps.again]
        menu = "Again?"
        keys.1 = "pin"
    "#;

    fn flow(source: &str) -> Flow {
        let source = source.to_owned();
        let bundle = Bundle {
            source,
            ..Bundle::default()
        };
        load(&bundle).expect("it is sound").flow
    }

    fn seal() -> Seal {
        Seal::from_tokens(&["a token"]).expect("a token is enough")
    }

    #[test]
    fn a_call_comes_back_as_it_was_and_its_secret_is_not_readable() {
        let flow = flow(FLOW);
        let sid = CallSid::parse("CA1").expect("it is legal");
        let mut call = Call::new(sid.clone(), &flow, About::default());
        for keys in [None, Some("42"), Some("8341"), Some("1"), Some("7777")] {
            let input = keys.map_or(Input::Begin, |keys| Input::Keys(keys.to_owned()));
            call = advance(&flow, call, &input, jiff::Timestamp::UNIX_EPOCH).call;
            let state = encode(&call, &flow, &seal()).expect("it can be written");
            for secret in [&b"8341"[..], b"7777"] {
                assert!(!state.windows(4).any(|bytes| bytes == secret));
            }
            let back = decode(&sid, &state, &seal()).expect("it can be read");
            assert_eq!(back.trail, call.trail);
            let sorted = |call: &Call| {
                let mut values = call.values.clone();
                values.sort_by_key(|(slot, _)| *slot);
                values
            };
            assert_eq!(sorted(&back), sorted(&call));
            call = back;
        }
        assert!(
            decode(
                &sid,
                &encode(&call, &flow, &seal()).expect("written"),
                &Seal::from_tokens(&["other"]).expect("a token is enough")
            )
            .is_err()
        );
    }

    #[test]
    fn a_field_of_the_first_request_is_kept_and_a_secret_one_is_not_readable() {
        let source = "[call]\ncity = \"CallerCity\"\nkey = { at = \"SipHeader_X-Key\", digits = 4, sensitive = true }\n\
                      [steps.a]\nmenu = \"{{ call.city? }}\"\nkeys.1 = \"hangup\"\n";
        let flow = flow(source);
        let sid = CallSid::parse("CA1").expect("it is legal");
        let sent = [("CallerCity", "BATH"), ("SipHeader_X-Key", "8341")];
        let found = |name: &str| sent.iter().find(|(known, _)| *known == name);
        let fields = flow.read_call(|name| found(name).map(|(_, value)| *value));
        let call = Call::new(sid.clone(), &flow, About::default()).with_fields(fields);
        let state = encode(&call, &flow, &seal()).expect("it can be written");
        let has = |text: &[u8]| state.windows(4).any(|bytes| bytes == text);
        assert!(has(b"BATH") && !has(b"8341"));
        let back = decode(&sid, &state, &seal()).expect("it can be read");
        assert_eq!(back.fields(&flow).len(), 2);
    }

    #[test]
    fn what_was_submitted_is_remembered_and_of_a_secret_not_even_its_hash_is_readable() {
        let source = FLOW.replace(
            "keys.1 = \"pin\"",
            "keys.1 = \"send\"\n[steps.send]\nsubmit = \"desk\"\nnext = \"again\"",
        );
        let flow = flow(&source);
        let sid = CallSid::parse("CA1").expect("it is legal");
        let mut call = Call::new(sid.clone(), &flow, About::default());
        for keys in [None, Some("42"), Some("8341"), Some("1")] {
            let input = keys.map_or(Input::Begin, |keys| Input::Keys(keys.to_owned()));
            call = advance(&flow, call, &input, jiff::Timestamp::UNIX_EPOCH).call;
        }
        assert_eq!(call.sent.len(), 2);
        let state = encode(&call, &flow, &seal()).expect("it can be written");
        let readable = |sent: &Sent| {
            let written = postcard::to_stdvec(sent).expect("it can be written");
            state.windows(written.len()).any(|bytes| bytes == written)
        };
        let is_pin = |sent: &&Sent| flow.names[usize::from(sent.slot)] == "pin";
        assert!(!readable(
            call.sent
                .iter()
                .find(is_pin)
                .expect("the PIN was submitted")
        ));
        assert!(readable(
            call.sent
                .iter()
                .find(|sent| !is_pin(sent))
                .expect("and the room")
        ));
        let sorted = |call: &Call| {
            let mut sent = call.sent.clone();
            sent.sort_by_key(|sent| sent.slot);
            sent
        };
        let back = decode(&sid, &state, &seal()).expect("it can be read");
        assert_eq!(sorted(&back), sorted(&call));
    }

    #[test]
    fn a_call_of_an_earlier_release_remembers_no_submission() {
        let flow = flow(FLOW);
        let sid = CallSid::parse("CA1").expect("it is legal");
        let mut call = Call::new(sid.clone(), &flow, About::default());
        for keys in [None, Some("42"), Some("8341")] {
            let input = keys.map_or(Input::Begin, |keys| Input::Keys(keys.to_owned()));
            call = advance(&flow, call, &input, jiff::Timestamp::UNIX_EPOCH).call;
        }
        let mut open = call.clone();
        let Secret { values, undo, .. } = take_secret(&mut open, &flow);
        let tail = (&open.opened, open.gave_up, open.fault_told, None::<Came>);
        let state = postcard::to_extend(&(&open, tail), vec![UNSENT]).expect("it can be written");
        let secret = postcard::to_stdvec(&(values, undo)).expect("it can be written");
        let sealed = seal().seal(sid.as_str().as_bytes(), &secret);
        let back = decode(&sid, &[state, sealed].concat(), &seal()).expect("it can be read");
        assert_eq!(back, call);
    }

    #[test]
    fn what_earlier_releases_kept_of_a_dial_is_left_out() {
        let flow = flow(FLOW);
        let sid = CallSid::parse("CA1").expect("it is legal");
        let call = Call::new(sid.clone(), &flow, About::default());
        // Something, busy, five seconds.
        let dialled = (1u8, 1u8, 5u8);
        let tail = (Opened::default(), true, 0u32);
        let state = postcard::to_extend(&(&call, dialled, tail), vec![DIALLED]);
        let back = decode(&sid, &state.expect("it can be written"), &seal());
        let was = Call {
            gave_up: true,
            ..call
        };
        assert_eq!(back.expect("it can be read"), was);
        let busy = Some(Came::new("busy", [("seconds", Value::Integer(5))]));
        let tail = (&was.opened, true, 0u32, busy, Done::default());
        let state = postcard::to_extend(&(&was, tail), vec![LAST_CAME]);
        let back = decode(&sid, &state.expect("it can be written"), &seal());
        assert_eq!(back.expect("it can be read"), was);
    }

    #[test]
    fn what_came_back_to_each_step_and_the_last_question_are_kept() {
        let flow = flow(FLOW);
        let sid = CallSid::parse("CA1").expect("it is legal");
        let mut call = Call::new(sid.clone(), &flow, About::default());
        let busy = Came::new("busy", [("seconds", Value::Integer(5))]);
        call.came = vec![(2, busy), (0, Came::new("answered", []))];
        call.question = Some(1);
        let again = encode(&call, &flow, &seal()).expect("it can be written");
        call.wait_for(Progress::Hunt(Hunt::begin(1_764_460_800_000)));
        let state = encode(&call, &flow, &seal()).expect("it can be written");
        assert_eq!(decode(&sid, &state, &seal()).expect("it can be read"), call);
        call.wait_for(Progress::Queue(Waiting {
            began: 1_764_460_800_000,
            left_by: Some('*'),
            ..Waiting::default()
        }));
        let state = encode(&call, &flow, &seal()).expect("it can be written");
        assert_eq!(decode(&sid, &state, &seal()).expect("it can be read"), call);
        call.progress = None;
        assert_eq!(decode(&sid, &again, &seal()).expect("it can be read"), call);
    }

    #[test]
    fn recordings_are_kept_beside_a_hunt_and_cost_other_calls_nothing() {
        let flow = flow(FLOW);
        let sid = CallSid::parse("CA1").expect("it is legal");
        let mut call = Call::new(sid.clone(), &flow, About::default());
        call.wait_for(Progress::Hunt(Hunt::begin(1_764_460_800_000)));
        let state = encode(&call, &flow, &seal()).expect("it can be written");
        assert_eq!(state[0], MORE);
        let recording = CallerRecording {
            sid: "RE1".to_owned(),
            url: "https://api.example.com/RE1".to_owned(),
            seconds: 14,
        };
        call.put_recording(0, recording, true);
        for _ in 0..2 {
            let state = encode(&call, &flow, &seal()).expect("it can be written");
            assert_eq!(state[0], MORE);
            assert_eq!(decode(&sid, &state, &seal()).expect("it can be read"), call);
            call.progress = None;
        }
    }

    #[test]
    fn a_first_request_is_not_readable_and_costs_other_calls_nothing() {
        let source = |json: &str| {
            format!(
                "give_up = \"hangup\"\n[steps.a]\nmenu = \"1?\"\nkeys.1 = \"tell\"\n[steps.tell]\nhttp = \"crm\"\npost = \"/calls\"\n\
                 json = \"{json}\"\non.error = \"hangup\"\nnext = \"hangup\"\n"
            )
        };
        let sid = CallSid::parse("CA1").expect("it is legal");
        let sent = || [("CallerCity", "BATH"), ("SipHeader_X-Key", "8341")].into_iter();
        let begun = |flow: &Flow| {
            let call = Call::new(sid.clone(), flow, About::default());
            let call = call.with_request(flow.read_request(sent()));
            advance(flow, call, &Input::Begin, jiff::Timestamp::UNIX_EPOCH).call
        };
        let flow_of_it = flow(&source("{{ call.request }}"));
        let call = begun(&flow_of_it);
        let state = encode(&call, &flow_of_it, &seal()).expect("it can be written");
        for secret in [&b"8341"[..], b"BATH", b"CallerCity"] {
            let mut parts = state.windows(secret.len());
            assert!(!parts.any(|bytes| bytes == secret));
        }
        let back = decode(&sid, &state, &seal()).expect("it can be read");
        assert_eq!(back, call);
        assert_eq!(back.request.expect("it is kept").0.len(), 2);
        let other = Seal::from_tokens(&["other"]).expect("a token is enough");
        assert!(decode(&sid, &state, &other).is_err());
        let flow = flow(&source("{{ call.from }}"));
        let call = begun(&flow);
        assert_eq!(call.request, None, "the flow does not send it on");
        let state = encode(&call, &flow, &seal()).expect("it can be written");
        assert_eq!(state[0], FORMAT);
    }

    #[test]
    fn a_list_is_stored_flat_whatever_a_damaged_state_says() {
        let entry = vec![(1, Value::Text("42".to_owned())), (3, Value::Boolean(true))];
        let list = Value::Entries(vec![entry, Vec::new()]);
        let stored = postcard::to_stdvec(&list).expect("it can be written");
        assert_eq!(postcard::from_bytes::<Value>(&stored), Ok(list));
        let list = Value::List(vec![Value::Text("42".to_owned()), Value::Integer(3)]);
        let stored = postcard::to_stdvec(&list).expect("it can be written");
        assert_eq!(postcard::from_bytes::<Value>(&stored), Ok(list));
        // A list of one entry with one name, which is such a list, and so on; a list of lists.
        for nested in [[4, 1, 1, 1].repeat(100_000), [6, 1].repeat(100_000)] {
            assert!(postcard::from_bytes::<Value>(&nested).is_err());
        }
    }

    #[test]
    fn other_values_are_stored_as_they_were_before_there_were_lists() {
        let stored = |value: Value| postcard::to_stdvec(&value).expect("it can be written");
        assert_eq!(stored(Value::Text("7".to_owned())), [0, 1, b'7']);
        assert_eq!(stored(Value::Integer(7)), [1, 14]);
        assert_eq!(stored(Value::Boolean(true)), [3, 1]);
    }

    #[test]
    fn of_a_list_with_a_secret_nothing_is_readable() {
        let flow = flow(
            r#"
            [answers]
            pin = { digits = 4, sensitive = true }
            pins = { list = ["pin"], count = [1, 3] }
            [steps.pin]
            ask = "PIN?"
            into = "pin"
            append = "pins"
            full = "again"
            next = "again"
            [steps.again]
            menu = "Again?"
            keys.1 = "pin"
        "#,
        );
        let sid = CallSid::parse("CA1").expect("it is legal");
        let mut call = Call::new(sid.clone(), &flow, About::default());
        for keys in [None, Some("8341"), Some("1"), Some("7777")] {
            let input = keys.map_or(Input::Begin, |keys| Input::Keys(keys.to_owned()));
            call = advance(&flow, call, &input, jiff::Timestamp::UNIX_EPOCH).call;
            let state = encode(&call, &flow, &seal()).expect("it can be written");
            for secret in [&b"8341"[..], b"7777"] {
                assert!(!state.windows(4).any(|bytes| bytes == secret));
            }
            let back = decode(&sid, &state, &seal()).expect("it can be read");
            assert_eq!(back.value(1), call.value(1), "the list");
            call = back;
        }
        assert_eq!(call.value(1).map(Value::entries), Some(2));
    }

    #[test]
    fn damage_and_newer_formats_are_told_apart_from_calls() {
        let sid = CallSid::parse("CA1").expect("it is legal");
        assert!(matches!(
            decode(&sid, &[MORE + 1, 1, 2], &seal()),
            Err(Error::Format { .. })
        ));
        for state in [&[][..], &[FORMAT], &[FORMAT, 255, 255]] {
            assert!(matches!(
                decode(&sid, state, &seal()),
                Err(Error::Corrupt { .. })
            ));
        }
    }
}
