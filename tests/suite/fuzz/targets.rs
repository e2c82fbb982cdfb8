//! What holds for any text that a stranger hands in: a function a kind of text. It takes bytes, and panics where
//! something does not hold. Nothing here knows who makes the bytes, so that any fuzzer can call it.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;
use std::sync::{Arc, LazyLock};

use hookswitch::audio::Manifest;
use hookswitch::cli::diagnostics::draw;
use hookswitch::engine::diag::{Diag, Place, Severity, line_and_column};
use hookswitch::engine::flow::{Bundle, Catalogue, Entry};
use hookswitch::engine::load::load;
use hookswitch::engine::{About, Call, CallSid, Came, Ending, Flow, Input, Value, advance};
use hookswitch::hours::HoursState;
use hookswitch::import::hours::{ical, osm};
use hookswitch::import::studio::export::Export;
use hookswitch::import::studio::player::{Answer, Execution, Others, Wait};
use hookswitch::import::studio::translate::{Around, translate};
use hookswitch::import::webhooks::{self, Position};
use hookswitch::picture::{Graph, dot, mermaid};
use hookswitch::replay::{Wanted, read};
use hookswitch::study::walk::walk;
use hookswitch::twiml::CarrierPace;
use hookswitch::twiml::limits::DOCUMENT;
use hookswitch::web::turns::render;
use hookswitch::written::Code;
use jiff::Timestamp;

/// A function that takes a text, and panics where something does not hold.
pub type Target = fn(&[u8]);

/// All of them, by the names of their corpora.
pub const TARGETS: [(&str, Target); 9] = [
    ("flow", flow),
    ("manifest", manifest),
    ("test-call", test_call),
    ("template", template),
    ("expression", expression),
    ("webhook-log", webhook_log),
    ("hours", hours),
    ("foreign-hours", foreign_hours),
    ("studio", studio),
];

/// An export of Studio: whatever is read becomes a file of TOML, and comes to an end when it is played.
fn studio(bytes: &[u8]) {
    let Ok(export) = Export::read(&String::from_utf8_lossy(bytes)) else {
        return;
    };
    let made = translate(&export, "line", &Around::default());
    for text in [&made.flow, &made.settings] {
        let (_, faults) = toml::de::DeTable::parse_recoverable(text);
        assert!(faults.is_empty(), "{faults:?} in {text}");
    }
    let mut execution = Execution::begin(&export, Others::new(), "+442079460001", "+442079460123");
    let (mut deeds, mut asked) = (Vec::new(), 0);
    while execution.run(&mut deeds) != Wait::End {
        asked += 1;
        assert!(asked <= 1_000, "it asks for ever");
        execution.answer(Answer::Keys(asked.to_string()));
    }
}

/// A file of opening hours: every fault at a place in it, and whatever is read has a state at any moment.
fn hours(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    match hookswitch::hours::read(&Arc::from("hours.toml"), text) {
        Ok(hours) => {
            let state = HoursState::of(&hours);
            for moment in [Timestamp::MIN, Timestamp::UNIX_EPOCH, Timestamp::MAX] {
                let was = state.is_open(moment);
                if let Some((at, open)) = state.changes(moment).next() {
                    assert!(at > moment && open != was && state.is_open(at) == open);
                }
            }
        }
        Err(diags) => {
            assert!(!diags.is_empty());
            let lies_in = |diag: &Diag| text.get(diag.at.span.clone()).is_some();
            assert!(diags.iter().all(lies_in), "{diags:?}");
        }
    }
}

/// Opening hours as others write them: whatever is read is a file of hours, or ranges of it overlap.
fn foreign_hours(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Ok(draft) = osm(&text, "Europe/London", &(2026..=2028)) {
        let read = hookswitch::hours::read(&Arc::from("hours.toml"), &draft.text);
        let faults = read.err().unwrap_or_default();
        assert!(
            faults.iter().all(|diag| diag.code == Code::HoursOverlap),
            "{faults:?}"
        );
    }
    if let Ok(draft) = ical(&text, &(2026..=2028)) {
        let source = format!("zone = \"Europe/London\"\n{}", draft.text);
        let read = hookswitch::hours::read(&Arc::from("hours.toml"), &source);
        assert!(read.is_ok(), "{source}: {read:?}");
    }
}

/// Turns of a call of a flow that loads.
const TURNS: i64 = 48;
/// The most prompts of a manifest that one flow says.
const PROMPTS: usize = 50;
/// Keys that a caller presses, among them many that a menu has.
const KEYS: &str = "111222333445566778899000**##ABCD";
/// Names of every kind, for texts and expressions to read: set, perhaps unset, secret, of an answer and of a variable.
const NAMES: &str = r#"
give_up = "say"
[answers]
kind   = { one_of = ["letter", "parcel"] }
weight = { integer = [1, 30], optional = true }
hour   = { time = true, optional = true }
pin    = { digits = 4, sensitive = true, optional = true }
[steps.kind]
menu   = "1 or 2?"
into   = "kind"
keys.1 = { value = "letter", set = { note = "a" }, next = "weight" }
keys.2 = { value = "parcel", next = "say" }
[steps.weight]
ask  = "How heavy?"
into = "weight"
next = "hour"
[steps.hour]
ask  = "When?"
into = "hour"
next = "pin"
[steps.pin]
ask  = "Your PIN?"
into = "pin"
next = "say"
"#;

/// The most calls of a log that a flow takes.
const LOGGED: usize = 8;

/// A flow of all those names.
static NAMED: LazyLock<Flow> = LazyLock::new(|| {
    let source = format!("{NAMES}[steps.say]\nsay = \"Goodbye.\"\nnext = \"hangup\"\n");
    load(&alone(source)).expect("it is a flow").flow
});

/// The prompts of the samples.
static SAMPLES: LazyLock<Vec<Catalogue>> = LazyLock::new(|| {
    let sources = [
        ("en-GB", include_str!("../../../audio-manifest/en-GB.toml")),
        ("bg-BG", include_str!("../../../audio-manifest/bg-BG.toml")),
    ];
    let manifest = |(language, source): (&str, &str)| {
        Manifest::parse(language, Path::new(language), source.to_owned())
    };
    sources.map(manifest).iter().map(catalogue).collect()
});

/// A flow file.
pub fn flow(bytes: &[u8]) {
    let source = String::from_utf8_lossy(bytes).into_owned();
    put_to_use(
        &Bundle {
            name: "flow".into(),
            file: "flow.toml".into(),
            source,
            catalogues: SAMPLES.clone(),
            ..Bundle::default()
        },
        None,
    );
}

/// An audio manifest, and a flow that says its prompts.
pub fn manifest(bytes: &[u8]) {
    let source = String::from_utf8_lossy(bytes).into_owned();
    let manifest = Manifest::parse("en-GB", Path::new("en-GB.toml"), source);
    let text = &manifest.source;
    for fault in &manifest.faults {
        told(
            &Diag::new(fault.code, place("en-GB.toml", &fault.span), &fault.message),
            text,
        );
    }
    let named = manifest.entries.iter();
    let named = named.map(|(id, entry)| (id.as_str(), &entry.span));
    let played = manifest.recordings.iter();
    let played = played.map(|named| (named.written.as_str(), &named.span));
    for (what, span) in named.chain(played) {
        assert!(
            text.get(span.clone()).is_some(),
            "`{what}` stands at {span:?}"
        );
    }
    let ids = manifest
        .entries
        .keys()
        .take(PROMPTS)
        .map(|id| toml::Value::String(format!("@{id}")));
    let says = toml::Value::Array(ids.collect());
    let source = format!("language = \"en-GB\"\n[steps.say]\nsay = {says}\nnext = \"hangup\"\n");
    let catalogues = vec![catalogue(&manifest)];
    put_to_use(
        &Bundle {
            name: "flow".into(),
            file: "flow.toml".into(),
            source,
            catalogues,
            ..Bundle::default()
        },
        Some(text),
    );
}

/// A test call, and what it would say of some words.
pub fn test_call(bytes: &[u8]) {
    let source = String::from_utf8_lossy(bytes).into_owned();
    match read(&Arc::from("call.toml"), source.clone()) {
        Err(diags) => {
            assert!(!diags.is_empty(), "what is refused is told why");
            for diag in &diags {
                told(diag, &source);
            }
        }
        Ok(script) => {
            let hears = script
                .turns
                .iter()
                .filter_map(|turn| turn.hears.as_ref())
                .chain(&script.end.hears);
            for hears in hears {
                assert!(source.get(hears.at.clone()).is_some(), "{:?}", hears.at);
                for heard in ["", "Welcome. For a letter press 1.", "Натиснете 1. …"] {
                    differs(&hears.wanted, heard);
                }
            }
            script
                .turns
                .iter()
                .for_each(|turn| assert!(source.get(turn.does_at.clone()).is_some()));
        }
    }
}

/// A text with holes, where it is said, set, sent and part of a URL.
pub fn template(bytes: &[u8]) {
    let text = toml::Value::String(String::from_utf8_lossy(bytes).into_owned());
    let url = toml::Value::String(format!(
        "https://example.test/{}",
        String::from_utf8_lossy(bytes)
    ));
    let source = format!(
        "{NAMES}[steps.say]\nsay = {text}\nset = {{ told = {text} }}\nnext = \"told\"\n\
         [steps.told]\nmenu = [{text}, {{ pause = \"500ms\" }}, \"{{{{ told }}}}\"]\nkeys.1 = \"away\"\nkeys.2 = \"kind\"\n\
         [steps.away]\nredirect = {url}\n"
    );
    put_to_use(&alone(source), None);
}

/// An expression, as a condition and as a value.
pub fn expression(bytes: &[u8]) {
    let code = String::from_utf8_lossy(bytes);
    let (when, value) = (
        toml::Value::String(code.to_string()),
        toml::Value::String(format!("{{{{ {code} }}}}")),
    );
    let source = format!(
        "{NAMES}[steps.say]\nbranch = [{{ when = {when}, next = \"set\" }}, {{ next = \"set\" }}]\n\
         [steps.set]\nset = {{ value = {value} }}\nnext = \"told\"\n\
         [steps.told]\nmenu = \"{{{{ value }}}}\"\nkeys.1 = \"kind\"\nkeys.2 = \"bye\"\n\
         [steps.bye]\nsay = {value}\nnext = \"hangup\"\n"
    );
    put_to_use(&alone(source), None);
}

/// A log of webhooks: every remark is of a place in it and can be shown, and every call can be taken by a flow.
pub fn webhook_log(bytes: &[u8]) {
    let Ok(log) = webhooks::read(bytes) else {
        return;
    };
    let remarks = log
        .calls
        .iter()
        .flat_map(|call| call.warnings.iter().chain(&call.notes))
        .chain(&log.unread);
    for remark in remarks {
        assert!(
            !remark.why.is_empty() && !remark.why.contains(char::is_control),
            "{:?}",
            remark.why
        );
        let (Position::Line(at) | Position::Entry(at)) = remark.place;
        assert!(
            (1..=bytes.len() + 1).contains(&at),
            "{:?} of {} bytes",
            remark.place,
            bytes.len()
        );
    }
    for call in log.calls.iter().take(LOGGED) {
        let taken = call.draft.disguised(&NAMED);
        assert!(
            taken.acts.len() <= call.draft.acts.len() && taken.came.len() <= call.draft.came.len()
        );
    }
}

fn alone(source: String) -> Bundle {
    Bundle {
        name: "flow".into(),
        file: "flow.toml".into(),
        source,
        ..Bundle::default()
    }
}

fn place(file: &str, span: &Range<usize>) -> Place {
    Place {
        file: file.into(),
        span: span.clone(),
    }
}

/// A manifest's prompts as flows use them.
fn catalogue(manifest: &Manifest) -> Catalogue {
    let entry = |entry: &hookswitch::audio::ManifestEntry| Entry {
        words: entry.words.clone(),
        at: (entry.span.start, entry.span.end),
        ..Entry::default()
    };
    let entries = manifest
        .entries
        .iter()
        .map(|(id, own)| (id.clone(), entry(own)));
    let file = Arc::from(format!("{}.toml", manifest.language));
    Catalogue {
        language: manifest.language.clone(),
        file,
        entries: Arc::new(entries.collect()),
    }
}

/// A flow is refused in words, or it can be walked, drawn and called. `manifest` is the text that faults in prompts
/// point into, where it is the one in question.
fn put_to_use(bundle: &Bundle, manifest: Option<&str>) {
    let tell = |diags: &[Diag]| {
        for diag in diags {
            match (*diag.at.file == *bundle.file, manifest) {
                (true, _) => told(diag, &bundle.source),
                (false, Some(text)) => told(diag, text),
                (false, None) => {}
            }
        }
    };
    match load(bundle) {
        Err(diags) => {
            assert!(
                diags.iter().any(|diag| diag.severity == Severity::Error),
                "what is refused is told why"
            );
            tell(&diags);
        }
        Ok(loaded) => {
            tell(&loaded.warnings);
            tell(&walk(
                &loaded.flow,
                &bundle.file,
                &CarrierPace::new(|_: &str| None),
                None,
            ));
            let again = load(&loaded.bundle).expect("what a flow was made of makes it again");
            assert_eq!(again.flow.fingerprint, loaded.flow.fingerprint);
            let graph = Graph::new(&loaded.flow, &loaded.bundle);
            assert!(!dot(&graph).is_empty() && !mermaid(&graph).is_empty());
            call(&loaded.flow, &mut chance(&bundle.source));
        }
    }
}

/// A fault has a page, stands in its text on the borders of characters, and can be drawn.
#[track_caller]
fn told(diag: &Diag, text: &str) {
    let of_calls = *diag.at.file == *"call.toml";
    assert!(
        of_calls || diag.code.page().is_some(),
        "{} has no page",
        diag.code
    );
    for (place, _) in diag
        .also
        .iter()
        .filter(|(place, _)| place.file == diag.at.file)
    {
        assert!(text.get(place.span.clone()).is_some(), "{diag:?}");
    }
    assert!(text.get(diag.at.span.clone()).is_some(), "{diag:?}");
    assert!(!diag.message.is_empty());
    line_and_column(text, diag.at.span.end);
    let texts = BTreeMap::from([(diag.at.file.clone(), text.to_owned())]);
    assert!(draw(std::slice::from_ref(diag), &texts, false).contains(diag.code.name()));
}

/// Where words differ from what was wanted is a place in both.
fn differs(wanted: &Wanted, heard: &str) {
    let Some(difference) = wanted.difference(heard) else {
        return;
    };
    if let Some((at_wanted, at_heard)) = difference.at {
        assert!(
            at_wanted <= difference.wanted.chars().count()
                && at_heard <= difference.heard.chars().count()
        );
    }
}

/// Chance that is the same for the same text.
fn chance(text: &str) -> fastrand::Rng {
    fastrand::Rng::with_seed(text.bytes().fold(14_695_981_039_346_656_037, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(1_099_511_628_211)
    }))
}

/// A call goes on or ends, and the carrier can read every answer.
fn call(flow: &Flow, chance: &mut fastrand::Rng) {
    let moment = |second| Timestamp::from_second(1_795_428_900 + second).expect("it is in range");
    let sid = CallSid::parse("CA00000000000000000000000000000001").expect("it is legal");
    let about = About {
        from: "+442079460001".to_owned(),
        started: moment(0).as_millisecond(),
        ..About::default()
    };
    let mut call = Call::new(sid, flow, about);
    let mut input = Input::Begin;
    for second in 0..TURNS {
        let turn = advance(flow, call, &input, moment(second));
        let document = render(&turn, "", "/audio/");
        assert!(document.len() <= DOCUMENT, "{} bytes", document.len());
        if let Err(error) = roxmltree::Document::parse(&document) {
            panic!("{error}:\n{document}");
        }
        if turn.call.is_over() {
            break;
        }
        call = turn.call;
        input = self::input(chance);
    }
}

/// What comes: mostly a key or two.
fn input(chance: &mut fastrand::Rng) -> Input {
    let mut key = || char::from(KEYS.as_bytes()[chance.usize(..KEYS.len())]);
    let (one, four) = (
        key().to_string(),
        [key(), key(), key(), key()].iter().collect(),
    );
    match chance.u8(..20) {
        0..=9 => Input::Keys(one),
        10..=13 => Input::Keys(four),
        14 | 15 => Input::Silence,
        16 => Input::Speech(
            if chance.bool() {
                "parcel"
            } else {
                "<&\u{0}>\u{FFFE}]]>"
            }
            .to_owned(),
        ),
        17 | 18 => {
            let outcomes = [
                "answered",
                "busy",
                "no_answer",
                "failed",
                "canceled",
                "lost",
            ];
            let seconds = Value::Integer(chance.u32(..).into());
            Input::Came(Came::new(
                outcomes[chance.usize(..outcomes.len())],
                [("seconds", seconds)],
            ))
        }
        _ if chance.u8(..8) == 0 => Input::HungUp(Ending::HungUp),
        _ => Input::Keys(String::new()),
    }
}
